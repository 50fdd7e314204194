"""What officers do at the authority's desk: find people, correct the register, open applications, act on cards.

Each method is one transaction with the officer as the actor, and checks the officer's role itself. Looking somebody up
is noted in the audit log, too; what was looked for and what was found are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vc.cards.calendar import day_of
from vc.cards.definition import CardSet
from vc.cards.identifiers import citizen_identity_number
from vc.problems import ProblemError

from . import lifecycle
from .applications import ApplicationState, ApplicationView
from .audit import Act, AuditReport
from .columns import columns
from .date_rules import long_term_flags
from .errors import IssuerError, NotFoundError, StateError
from .hold_rules import LiftedBy
from .holdings import person_row
from .holds import HoldView, hold_of
from .import_rows import RowStore
from .imports import RowProblem, read_texts
from .offers import admit_by_officer
from .officers import OfficerView, Permission
from .person_pages import FIXED, PersonPage, PersonRow, person_page, person_row_of, texts_of
from .register_events import set_life_status
from .tables import Application, CredentialRecord, Device, Person

if TYPE_CHECKING:
    from .authority import Authority

__all__ = ["ApplicationRow", "Correction", "Desk", "ForbiddenError"]

_PAGE = 50
_T = TypeVar("_T")


class ForbiddenError(IssuerError):
    """The officer's role does not include this."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction did: the facts that changed, or what was wrong with it (nothing is then changed)."""

    changed: tuple[str, ...] = ()
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application in the desk's list."""

    id: int
    view: ApplicationView = field(repr=False)
    created: Any
    person: PersonRow | None


class Desk:
    """The officers' side of one authority."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    # --- the register ----------------------------------------------------------------------------------------------

    def search(self, officer: OfficerView, words: str) -> list[PersonRow]:
        """People by whole number, or by the beginning of a name; at most 50. An empty text finds nobody."""
        words = words.strip()
        number = _number(words)

        def work(act: Act) -> list[PersonRow]:
            if not words:
                return []
            query = select(Person).order_by(Person.name, Person.id).limit(_PAGE)
            if number is not None:
                query = query.where(Person.citizen_identity_number == number)
            else:
                query = query.where(Person.name.startswith(words[:60], autoescape=True))
            found = [person_row_of(person) for person in act.session.scalars(query)]
            act.note("register.searched", found=len(found))
            return found

        return self._do(officer, Permission.REGISTER, work)

    def person(self, officer: OfficerView, person_id: int) -> PersonPage:
        """Everything about a person. Raises NotFoundError."""

        def work(act: Act) -> PersonPage:
            person = _person(act.session, person_id)
            act.note("register.viewed", f"person:{person.id}")
            return person_page(act.session, person, self._authority.cards, act.at)

        return self._do(officer, Permission.REGISTER, work)

    def portrait(self, officer: OfficerView, person_id: int) -> bytes | None:
        """A person's portrait (JPEG)."""
        _allow(officer, Permission.REGISTER)
        with self._authority.database.reading() as session:
            person = _person(session, person_id)
            return person.portrait.data if person.portrait is not None else None

    def correct(self, officer: OfficerView, person_id: int, texts: Mapping[str, str]) -> Correction:
        """Correct entries: fact -> text, read and checked as an import's cells are; all of them or none.

        Blank texts change nothing. The audit log names the facts that changed. Raises NotFoundError, StateError.
        """

        def work(act: Act) -> Correction:
            person = _person(act.session, person_id)
            before = texts_of(person, self._authority.cards)
            wanted = {
                fact: text.strip()
                for fact, text in texts.items()
                if fact in before and fact not in FIXED and text.strip() and text.strip() != before[fact]
            }
            if not wanted:
                return Correction()
            if "phone" in wanted:
                _allow(officer, Permission.CONTACT)
            row = {
                "citizen_identity_number": person.citizen_identity_number,
                "name": person.name,
                **_needed(wanted, before, self._authority.cards),
                **wanted,
            }
            parsed = read_texts(row, today=day_of(act.at), cards=self._authority.cards)
            problems = list(parsed.problems)
            for saved, outcome in RowStore(act.session, act.at).save_all([] if problems else parsed.rows):
                if not isinstance(outcome, str):
                    problems += [RowProblem(1, saved.headers.get(fact, fact), code) for fact, code in outcome]
            if problems:
                raise _CorrectionRefused(tuple(problems))
            act.note("register.corrected", f"person:{person_id}", facts=sorted(wanted))
            return Correction(tuple(sorted(wanted)))

        try:
            return self._do(officer, Permission.CORRECT, work)
        except _CorrectionRefused as refused:
            return Correction(problems=refused.problems)

    def set_life_status(self, officer: OfficerView, person_id: int, status: str) -> int:
        """Note a death or an emigration: all cards are revoked. Returns how many. Raises as the register does."""

        def work(act: Act) -> int:
            return len(set_life_status(act, _person(act.session, person_id).citizen_identity_number, status))

        return self._do(officer, Permission.REVOKE, work)

    # --- applications and issuance ---------------------------------------------------------------------------------

    def applications(self, officer: OfficerView, state: str | None = None) -> list[ApplicationRow]:
        """The newest applications, of one state or of any."""
        _allow(officer, Permission.APPLICATIONS)
        with self._authority.database.reading() as session:
            query = select(Application).where(Application.state != ApplicationState.CLOSED)
            query = query.where(Application.selector != "sign-in").order_by(Application.id.desc())
            if state is not None:
                query = query.where(Application.state == state)
            return [
                ApplicationRow(
                    application.id,
                    self._authority.applications.view(application),
                    application.created_at,
                    person_row_of(application.person) if application.person is not None else None,
                )
                for application in session.scalars(query.limit(2 * _PAGE))
            ]

    def issue(
        self, officer: OfficerView, person_id: int, *, kind: str | None = None, department: str | None = None
    ) -> ApplicationView:
        """Open an application for somebody who stands at the desk and whom the officer has identified.

        The cards are issued to the device that collects them with the offer, once the person gave the code that goes
        to their phone, or another officer admitted the device. Raises NotFoundError, StateError.
        """
        selector, selected = ("kind", kind) if kind is not None else ("department", department or "")

        def work(act: Act) -> str:
            person = _person(act.session, person_id)
            applications = self._authority.applications
            return applications.open_proved(act, person, selector, selected or "", officer=officer.actor)

        return self._authority.application(self._do(officer, Permission.ISSUE, work))

    def offer(self, officer: OfficerView, reference: str) -> ApplicationView:
        """An application that waits for its device, to show its offer. Raises NotFoundError."""
        _allow(officer, Permission.ISSUE)
        return self._authority.application(reference)

    def admit(self, officer: OfficerView, reference: str, device: str) -> None:
        """A second officer, with the person before them, admits the device (its did:key) that wants the cards.

        Raises NotFoundError, StateError (OfferError for the officer who opened the application).
        """

        def work(act: Act) -> None:
            application = self._authority.applications.locked(act.session, reference, ApplicationState.AWAITING_DEVICE)
            admit_by_officer(act, application, device)

        self._do(officer, Permission.ISSUE, work)

    # --- holds -----------------------------------------------------------------------------------------------------

    def place_hold(self, officer: OfficerView, person_id: int, card_type: str, note: str = "") -> HoldView:
        """Hold back a kind of card by the authority's decision. Raises NotFoundError, StateError."""

        def work(act: Act) -> HoldView:
            person = _person(act.session, person_id)
            return lifecycle.place_by_authority(act, person, card_type, self._authority.cards, note)

        return self._do(officer, Permission.SUSPEND, work)

    def lift_hold(self, officer: OfficerView, hold_id: int) -> int:
        """Lift a hold, if the officer may; returns the person's id. Raises NotFoundError, StateError."""

        def work(act: Act) -> int:
            hold = hold_of(act.session, hold_id)
            lifecycle.lift_hold(act, hold, allow=lambda lifted_by: _allow_lifting(officer, lifted_by))
            return hold.person_id

        return self._do(officer, Permission.SUSPEND, work)

    # --- cards and devices -----------------------------------------------------------------------------------------

    def suspend(self, officer: OfficerView, credential: str, cause: str) -> int:
        """Suspend a card; returns the person's id. Raises NotFoundError, StateError."""
        return self._on_card(
            officer, Permission.SUSPEND, credential, lambda act, record: lifecycle.suspend(act, record, cause)
        )

    def resume(self, officer: OfficerView, credential: str, cause: str | None = None) -> int:
        """Lift a cause of suspension; returns the person's id. Raises NotFoundError, StateError."""
        return self._on_card(
            officer,
            Permission.SUSPEND,
            credential,
            lambda act, record: lifecycle.resume(
                act, record, cause, allow=lambda lifted_by: _allow_lifting(officer, lifted_by)
            ),
        )

    def revoke(self, officer: OfficerView, credential: str, reason: str) -> int:
        """Revoke a card for good; returns the person's id. Raises NotFoundError, StateError."""
        return self._on_card(
            officer, Permission.REVOKE, credential, lambda act, record: lifecycle.revoke(act, record, reason)
        )

    def report_lost(self, officer: OfficerView, device_id: int) -> int:
        """A phone is lost; returns the person's id. Raises NotFoundError, StateError."""
        return self._on_device(officer, device_id, lifecycle.report_lost)

    def report_found(self, officer: OfficerView, device_id: int) -> int:
        """A lost phone is back, and its owner identified; returns the person's id. Raises NotFoundError, StateError."""
        return self._on_device(officer, device_id, lifecycle.report_found)

    # --- figures and the audit log -----------------------------------------------------------------------------------

    def figures(self, officer: OfficerView) -> dict[str, int]:
        """Today's numbers for the desk's first page: no personal data."""
        with self._authority.database.reading() as session:

            def number(query: Any) -> int:
                return int(session.execute(query).scalar_one())

            states = select(func.count()).select_from(CredentialRecord)
            waiting = select(func.count()).where(
                Application.state == ApplicationState.AWAITING_DEVICE, Application.expires_at > self._authority.clock()
            )
            return {
                "people": number(select(func.count()).select_from(Person)),
                "waiting": number(waiting),
                "active": number(states.where(CredentialRecord.state == "active")),
                "suspended": number(states.where(CredentialRecord.state == "suspended")),
                "revoked": number(states.where(CredentialRecord.state == "revoked")),
                "lost": number(select(func.count()).select_from(Device).where(Device.state == "lost")),
            }

    def audit_entries(self, officer: OfficerView, *, limit: int = 200) -> list[dict[str, Any]]:
        """The newest entries of the audit log, the newest first."""
        _allow(officer, Permission.AUDIT)
        return list(reversed(self._authority.audit_entries(limit=limit)))

    def verify_audit(self, officer: OfficerView, *, expected: tuple[int, str] | None = None) -> AuditReport:
        """Check the audit log's chain, and that it still holds a head noted earlier; the check is noted in it."""

        def work(act: Act) -> None:
            act.note("audit.verified", intact=report.intact, count=report.count)

        _allow(officer, Permission.AUDIT)
        report = self._authority.verify_audit(expected=expected)
        self._authority.act(officer.actor, work)
        return report

    def note(self, officer: OfficerView, event: str) -> None:
        """Note an event about the officer, such as signing out."""
        self._authority.act(officer.actor, lambda act: act.note(event, officer.actor))

    # --- inside ----------------------------------------------------------------------------------------------------

    def _do(self, officer: OfficerView, permission: Permission, work: Callable[[Act], _T]) -> _T:
        _allow(officer, permission)
        return self._authority.act(officer.actor, work)

    def _on_card(
        self,
        officer: OfficerView,
        permission: Permission,
        credential: str,
        change: Callable[[Act, CredentialRecord], object],
    ) -> int:
        def work(act: Act) -> int:
            # The device first, as everywhere: two transactions then never wait for each other in a ring.
            lifecycle.device_of(act.session, lifecycle.credential_of(act.session, credential).device.did)
            record = lifecycle.credential_of(act.session, credential)
            change(act, record)
            return record.person_id

        return self._do(officer, permission, work)

    def _on_device(self, officer: OfficerView, device_id: int, change: Callable[[Act, Device], object]) -> int:
        def work(act: Act) -> int:
            device = act.session.get(Device, device_id)
            if device is None:
                raise NotFoundError("device.unknown", "没有登记这个设备", "no such device is registered")
            locked = lifecycle.device_of(act.session, device.did)
            change(act, locked)
            return locked.person_id

        return self._do(officer, Permission.SUSPEND, work)


class _CorrectionRefused(StateError):
    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        super().__init__("register.correction", "更正内容有误", "the correction is not acceptable")
        self.problems = problems


def _allow(officer: OfficerView, permission: Permission) -> None:
    if not officer.may(permission):
        raise ForbiddenError("officer.forbidden", "您的角色没有此权限", "your role does not include this")


def _allow_lifting(officer: OfficerView, lifted_by: LiftedBy) -> None:
    _allow(officer, Permission.REVOKE if lifted_by is LiftedBy.SUPERVISOR else Permission.SUSPEND)


def _person(session: Session, person_id: int) -> Person:
    person = person_row(session, person_id)
    if person is None:
        raise NotFoundError("person.unknown", "登记中没有此人", "there is no such person in the register")
    return person


def _number(words: str) -> str | None:
    try:
        return citizen_identity_number(words)
    except ProblemError:
        return None


def _needed(wanted: Mapping[str, str], before: Mapping[str, str], cards: CardSet) -> dict[str, str]:
    """What goes along with the wanted facts: a household's number for its facts, other dates to compare dates with."""
    homes = {columns(cards)[fact].home for fact in wanted}
    along = {"household_number", "relationship_to_head"} if "household" in homes else set()
    along |= {
        fact for fact in before if columns(cards)[fact].home in homes and columns(cards)[fact].field.datatype == "date"
    }
    # A last day is not held against the long-term validity that takes its place.
    along -= {until for until, flag in long_term_flags(cards).items() if flag in wanted}
    return {fact: before[fact] for fact in along if before.get(fact)}
