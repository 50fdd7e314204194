"""Applications for cards: from a name and a number to a device that may receive them.

    awaiting-proof   --prove-->   awaiting-device   --issue-->   issued, or refused when no card could be made
                                        any of them, after its time: expired

An application is for one kind of card or for all that a department issues. What the register holds is looked at only
after the applicant is proved. The device then signs a challenge with its key (a presentation without credentials); a
challenge is good for one issuance and for minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vc.cards.definition import CARDS, CardDefinition
from vc.cards.identifiers import citizen_identity_number
from vc.problems import ProblemError

from .audit import Act
from .database import Database
from .environment import Clock, Random, rfc3339, storable, token
from .errors import HoldError, NotFoundError, ProofingError, StateError
from .holds import about_phone, check_holds
from .proofing import IdentityProofing, ProofingRequest
from .register import find_person, missing_facts, subject_digest
from .tables import Application, ApplicationCard, AuthorityRecord, CardKind, Person

__all__ = ["REPLACEMENT", "SIGN_IN", "ApplicationState", "ApplicationView", "Applications", "CardOutcome"]

_PROOF_WINDOW = timedelta(minutes=30)
_DEVICE_WINDOW = timedelta(hours=1)
_CHALLENGE_LIFETIME = timedelta(minutes=10)
_MAX_NAME = 60

SIGN_IN = "sign-in"
"""The selector of an application for no card: it proves who somebody is, and ends with that (``issuer.portal``)."""
REPLACEMENT = "replacement"
"""The selector of an application for the cards of another device (``selected``), which the new one replaces."""


class ApplicationState(StrEnum):
    """Where an application stands."""

    AWAITING_PROOF = "awaiting-proof"
    AWAITING_DEVICE = "awaiting-device"
    ISSUED = "issued"
    REFUSED = "refused"
    EXPIRED = "expired"
    CLOSED = "closed"
    """It was for signing in only (``issuer.portal``)."""


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """One card of an application: ``pending``, ``issued`` (with the credential's reference), ``refused`` (with why)."""

    card_type: str
    state: str
    reason: str | None
    credential: str | None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application as the applicant sees it.

    ``reference`` is unguessable: whoever knows it may go on with the application. ``challenge`` and ``domain`` are
    what the device signs, until ``challenge_expires``.
    """

    reference: str
    state: ApplicationState
    selector: str
    selected: str
    expires: datetime
    cards: tuple[CardOutcome, ...] = ()
    challenge: str | None = None
    domain: str | None = None
    challenge_expires: datetime | None = None
    offered: bool = False
    """It is collected by its symbol, which is not enough: see ``issuer.offers``."""
    opened_by: str | None = None
    asking: str | None = None
    admitted_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The application as JSON."""
        result: dict[str, Any] = {
            "application": self.reference,
            "state": self.state.value,
            self.selector: self.selected,
            "expires": rfc3339(self.expires),
            "cards": [
                {"type": card.card_type, "state": card.state, "reason": card.reason, "credential": card.credential}
                for card in self.cards
            ],
        }
        if self.challenge is not None and self.challenge_expires is not None:
            result |= {
                "challenge": self.challenge,
                "domain": self.domain,
                "challengeExpires": rfc3339(self.challenge_expires),
            }
        return result


class Applications:
    """The applications of one authority, up to the device's challenge. Issuance takes over from there."""

    def __init__(
        self,
        database: Database,
        proofing: IdentityProofing,
        *,
        domain: str,
        clock: Clock,
        random: Random,
        cards: Mapping[str, CardDefinition] = CARDS,
    ) -> None:
        self._database = database
        self._proofing = proofing
        self._domain = domain
        self._clock = clock
        self._random = random
        self._cards = cards

    def apply(
        self, name: str, number: str, *, kind: str | None = None, department: str | None = None
    ) -> ApplicationView:
        """Apply for the card of ``kind`` or for all cards of ``department``; begins the proof of who applies.

        The answer is the same whether or not such a resident exists. Raises StateError (``application.selection``) for
        a kind or department that this authority does not issue, ProofingError for a malformed name or number,
        RateLimitError after too many tries.
        """
        if (kind is None) == (department is None):
            raise StateError(
                "application.selection", "请指定证照种类或部门之一", "name either a kind of card or a department"
            )
        selector, selected = ("kind", kind or "") if kind is not None else ("department", department or "")
        return self._open(name, number, selector, selected)

    def account(self, name: str, number: str) -> str:
        """A keyed digest of a name and number, malformed or not."""
        with self._database.reading() as session:
            pepper = session.execute(select(AuthorityRecord.pepper)).scalar_one()
        return f"resident/{subject_digest(pepper, name, _standard_number(number) or number[:64])}"

    def open_sign_in(self, name: str, number: str, *, device: str | None = None) -> ApplicationView:
        """Begin to prove who somebody is, for no card. Raises ProofingError, RateLimitError as ``apply`` does.

        The limits of a ``device`` that is known for this person are its own.
        """
        return self._open(name, number, SIGN_IN, "portal", device)

    def finish_sign_in(self, reference: str, evidence: str) -> int:
        """Prove who signs in; returns the person's id, once. Raises as ``prove`` does."""
        request = self._proofing_request(reference, signing_in=True)
        if not self._proofing.check(request, evidence):
            raise ProofingError("proofing.failed", "身份核验未通过", "the applicant's identity was not proved")

        def close(session: Session) -> int:
            session.execute(select(Application).where(Application.reference == reference).with_for_update())
            application = self._get(session, reference, ApplicationState.AWAITING_PROOF)
            if application.person_id is None:
                raise ProofingError("proofing.failed", "身份核验未通过", "the applicant's identity was not proved")
            application.state = ApplicationState.CLOSED
            Act(session, self._clock(), "applicant").note("resident.signed_in", f"person:{application.person_id}")
            return application.person_id

        return self._database.run(close)

    def _open(self, name: str, number: str, selector: str, selected: str, device: str | None = None) -> ApplicationView:
        standard = _standard_number(number)
        if not name.strip() or len(name) > _MAX_NAME or standard is None:
            raise ProofingError(
                "proofing.form", "姓名或公民身份号码格式不正确", "the name or the citizen identity number is malformed"
            )
        now = self._clock()

        def store(session: Session) -> tuple[Application, ProofingRequest]:
            if selector != SIGN_IN:
                self._selected_types(session, selector, selected)
            person = find_person(session, name, standard)
            pepper = session.execute(select(AuthorityRecord.pepper)).scalar_one()
            application = Application(
                reference=token(self._random),
                person_id=person.id if person else None,
                subject=subject_digest(pepper, name, standard) + (f"/device/{device}" if device else ""),
                selector=selector,
                selected=selected,
                state=ApplicationState.AWAITING_PROOF,
                created_at=now,
                expires_at=now + _PROOF_WINDOW,
            )
            session.add(application)
            session.flush()
            Act(session, now, "applicant").note(
                "application.opened", f"application:{application.id}", **{selector: selected}
            )
            return application, _proofing_request(application)

        application, request = self._database.run(store)
        self._proofing.start(request)
        return self.show(application.reference)

    def open_proved(
        self,
        act: Act,
        person: Person,
        selector: str,
        selected: str,
        types: Sequence[str] = (),
        *,
        officer: str | None = None,
    ) -> str:
        """Open an application for somebody who is proved already, in the caller's transaction; returns its reference.

        ``selector`` is ``kind``, ``department``, or ``replacement`` with the ``types`` of cards to replace. ``officer``
        is who opens it at the desk. It becomes an offer (``issuer.offers``). Raises StateError
        (``application.selection``), NotFoundError for a person who is not living.
        """
        if person.life_status != "living":
            raise NotFoundError("person.unknown", "登记中没有此人", "there is no such person in the register")
        types = types or self._selected_types(act.session, selector, selected)
        pepper = act.session.execute(select(AuthorityRecord.pepper)).scalar_one()
        application = Application(
            reference=token(self._random),
            person_id=person.id,
            # Codes of offers have limits of their own: strangers at the sign-in don't use them up.
            subject=f"{subject_digest(pepper, person.name, person.citizen_identity_number)}/offer",
            selector=selector,
            selected=selected,
            state=ApplicationState.AWAITING_PROOF,
            opened_by=officer,
            offered=True,
            created_at=act.at,
            expires_at=act.at + _PROOF_WINDOW,
        )
        act.session.add(application)
        act.session.flush()
        act.note("application.opened", f"application:{application.id}", **{selector: selected})
        self._settle(act, application, person, types)
        return application.reference

    def view(self, application: Application) -> ApplicationView:
        """An application's row as the applicant sees it."""
        return self._view(application)

    def resend(self, reference: str) -> ApplicationView:
        """Begin the proof of an application again (a new code). Raises NotFoundError, StateError, RateLimitError."""
        with self._database.reading() as session:
            application = self._get(session, reference, ApplicationState.AWAITING_PROOF)
            request = _proofing_request(application)
        self._proofing.start(request)
        return self.show(reference)

    def prove(self, reference: str, evidence: str) -> ApplicationView:
        """Prove who applies; afterwards the cards are settled and the device's challenge is set.

        Raises ProofingError (``proofing.failed``) when the evidence does not prove it, RateLimitError, NotFoundError,
        StateError.
        """
        request = self._proofing_request(reference)
        if not self._proofing.check(request, evidence):
            raise ProofingError("proofing.failed", "身份核验未通过", "the applicant's identity was not proved")
        self._database.run(lambda session: self._proved(session, reference))
        return self.show(reference)

    def challenge(self, reference: str) -> ApplicationView:
        """Set a new challenge for the device: the last one ran out, or the answer with the cards was lost.

        Raises NotFoundError, StateError.
        """
        states = (ApplicationState.AWAITING_DEVICE, ApplicationState.ISSUED)
        self._database.run(lambda session: self._set_challenge(self._get(session, reference, *states)))
        return self.show(reference)

    def show(self, reference: str) -> ApplicationView:
        """The application. Raises NotFoundError."""
        with self._database.reading() as session:
            return self._view(self._find(session, reference))

    def say_holds(self, reference: str) -> None:
        """Raises HoldError with what to do, when an application was refused for a hold that still stands."""
        with self._database.reading() as session:
            application = self._find(session, reference)
            for card in application.cards:
                if card.reason == "card.held" and application.person_id is not None:
                    check_holds(session, application.person_id, card.card_type)

    def find(self, session: Session, reference: str) -> Application:
        """The application's row. Raises NotFoundError."""
        return self._find(session, reference)

    def locked(self, session: Session, reference: str, *states: ApplicationState) -> Application:
        """The application's row in one of these states, locked until the transaction ends.

        Raises NotFoundError, StateError.
        """
        self._find(session, reference)
        query = select(Application).where(Application.reference == reference).with_for_update()
        session.execute(query.execution_options(populate_existing=True))
        return self._get(session, reference, *states)

    def proofing_request(self, application: Application) -> ProofingRequest:
        """What to prove for an application."""
        return _proofing_request(application)

    def awaiting_device(self, session: Session, reference: str) -> Application:
        """The proved application to issue for (locked until the transaction ends), its challenge set and in time.

        Also one that was issued already, so that its device can collect again. Raises NotFoundError, StateError.
        """
        application = self.locked(session, reference, ApplicationState.AWAITING_DEVICE, ApplicationState.ISSUED)
        if application.challenge is None or application.challenge_expires is None:
            raise StateError("application.challenge", "请先获取新的挑战值", "ask for a new challenge first")
        if application.challenge_expires <= self._clock():
            raise StateError("application.challenge", "挑战值已过期", "the challenge has expired: ask for a new one")
        return application

    # --- inside ----------------------------------------------------------------------------------------------------

    def _proofing_request(self, reference: str, *, signing_in: bool = False) -> ProofingRequest:
        with self._database.reading() as session:
            application = self._get(session, reference, ApplicationState.AWAITING_PROOF)
            if (application.selector == SIGN_IN) != signing_in:
                raise NotFoundError("application.unknown", "没有这个申请", "there is no such application")
            return _proofing_request(application)

    def _proved(self, session: Session, reference: str) -> None:
        session.execute(select(Application).where(Application.reference == reference).with_for_update())
        application = self._get(session, reference, ApplicationState.AWAITING_PROOF)
        person = application.person
        if person is None or person.life_status != "living":
            raise ProofingError("proofing.failed", "身份核验未通过", "the applicant's identity was not proved")
        types = self._selected_types(session, application.selector, application.selected)
        self._settle(Act(session, self._clock(), "applicant"), application, person, types)

    def _settle(self, act: Act, application: Application, person: Person, types: Sequence[str]) -> None:
        """Who applies is proved: say which cards there can be, and set the device's challenge."""
        session = act.session
        replaced = application.selected if application.selector == REPLACEMENT else None
        for card_type in types:
            reason = "register.no_record" if missing_facts(person, self._cards[card_type]) else None
            try:
                check_holds(session, person.id, card_type, passes=lambda hold: about_phone(hold, replaced))
            except HoldError as error:
                reason = error.code
            session.add(
                ApplicationCard(
                    application_id=application.id,
                    card_type=card_type,
                    state="refused" if reason else "pending",
                    reason=reason,
                )
            )
        application.state = ApplicationState.AWAITING_DEVICE
        application.expires_at = act.at + _DEVICE_WINDOW
        self._set_challenge(application)
        session.flush()
        session.refresh(application, ["cards"])
        if all(card.state == "refused" for card in application.cards):
            application.state, application.challenge = ApplicationState.REFUSED, None
        act.note("application.proved", f"application:{application.id}")

    def _set_challenge(self, application: Application) -> None:
        application.challenge = token(self._random, 32)
        application.challenge_expires = self._clock() + _CHALLENGE_LIFETIME

    def _selected_types(self, session: Session, selector: str, selected: str) -> list[str]:
        if not storable(selected):
            selected = ""
        column = CardKind.kind if selector == "kind" else CardKind.department
        query = select(CardKind.card_type).where(column == selected, CardKind.enabled.is_(True))
        types = [card_type for card_type in self._cards if card_type in set(session.scalars(query))]
        if not types:
            raise StateError(
                "application.selection",
                "本机关不签发该种类或部门的证照",
                "this authority issues no card of that kind or department",
            )
        return types

    def _find(self, session: Session, reference: str) -> Application:
        query = select(Application).where(Application.reference == reference)
        found = session.scalars(query).one_or_none() if storable(reference) else None
        if found is None:
            raise NotFoundError("application.unknown", "没有这个申请", "there is no such application")
        return found

    def _get(self, session: Session, reference: str, *states: ApplicationState) -> Application:
        application = self._find(session, reference)
        state = self._state(application)
        if state not in states:
            raise StateError(
                "application.state",
                f"申请处于“{state.value}”状态，不能进行此操作",
                f"the application is {state.value}: this is not possible now",
            )
        return application

    def _state(self, application: Application) -> ApplicationState:
        if application.expires_at <= self._clock():
            return ApplicationState.EXPIRED
        return ApplicationState(application.state)

    def _view(self, application: Application) -> ApplicationView:
        state = self._state(application)
        challenge = application.challenge if state is not ApplicationState.EXPIRED else None
        return ApplicationView(
            reference=application.reference,
            state=state,
            selector=application.selector,
            selected=application.selected,
            expires=application.expires_at,
            cards=tuple(
                CardOutcome(
                    card.card_type, card.state, card.reason, card.credential.reference if card.credential else None
                )
                for card in application.cards
            ),
            challenge=challenge,
            domain=self._domain if challenge else None,
            challenge_expires=application.challenge_expires if challenge else None,
            offered=application.offered,
            opened_by=application.opened_by,
            asking=application.asking,
            admitted_by=application.admitted_by,
        )


def _standard_number(number: str) -> str | None:
    try:
        return citizen_identity_number(number)
    except ProblemError:
        return None


def _proofing_request(application: Application) -> ProofingRequest:
    person = application.person
    return ProofingRequest(
        application_id=application.id,
        reference=application.reference,
        subject=application.subject,
        registered=person is not None and person.life_status == "living",
        phone=person.phone if person else None,
    )
