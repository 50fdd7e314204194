"""An issuing authority: its register, its applications, its cards and their status, behind one class.

Each method is one transaction (``prove`` is two: a try is counted before it is judged). What it refuses is an
IssuerError with a stable code. Time, randomness, the channel for one-time codes and the resolver are passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from contexts import CONTEXTS
from did import CheckedSigner, Resolver, Signer
from vc.cards.calendar import day_of
from vc.cards.codes import division
from vc.cards.context_document import register_contexts
from vc.cards.definition import CARDS, CardSet
from vc.cards.identifiers import PLACEHOLDER_ISSUERS

from . import audit, lifecycle
from .applications import Applications, ApplicationState, ApplicationView
from .audit import Act, AuditReport
from .database import Database
from .environment import Clock, Random, storable, system_clock, system_random
from .errors import CardError, NotFoundError, RegisterError
from .forms import check_forms
from .handover import hand_over
from .holds import HoldView, hold_of, hold_view, holds_of
from .imports import ImportReport, Progress, read_people, save_people
from .issuance import Issuance, Updated
from .offers import Offers
from .possession import device_of_presentation
from .proofing import Channel, IdentityProofing, OneTimeCodeProofing
from .register import counts
from .register_events import person_by_number, set_life_status, set_portrait
from .sheets import Limits
from .status_indexes import LIST_SIZE
from .status_lists import PublishedList, StatusLists
from .status_purposes import PURPOSES, StatusMessages
from .tables import AuthorityRecord, CardKind, CredentialRecord, Device
from .views import CredentialView, IssuedCard, credential_view, issued_card

__all__ = ["Authority", "CredentialView", "IssuedCard"]

_T = TypeVar("_T")


class Authority:
    """One authority with its own DID and keys, for one region.

    ``database`` is a path or URL (or a Database, which stays the caller's to close), ``signer`` speaks for the
    authority's DID, ``region`` is a division of GB/T 2260 (``510000``), ``base_url`` is where status lists are
    published; ``purposes`` and ``messages`` are those of the cards' status entries; ``cards`` are the kinds it issues;
    ``certificates`` (DER, the signer's first) are for formats that name keys by such. ``channel`` delivers one-time
    codes; ``proofing`` replaces that way of proofing altogether. Use as a context manager or call ``close``.

    ``clock``, ``random``, ``resolver``, ``applications``, ``offers`` and ``issuance`` are for those who act in
    transactions of their own (``act``): ``issuer.portal``, ``issuer.desk``. Raises RegisterError when the database is
    unusable or another authority's.
    """

    def __init__(
        self,
        database: str | Path | Database,
        signer: Signer,
        *,
        name: str,
        region: str,
        base_url: str,
        channel: Channel | None = None,
        proofing: IdentityProofing | None = None,
        issuer_code: str | None = None,
        clock: Clock = system_clock,
        random: Random = system_random,
        resolver: Resolver | None = None,
        cryptosuite: str = "ecdsa-sd-2023",
        cards: CardSet = CARDS,
        certificates: Sequence[bytes] = (),
        ttl: timedelta = timedelta(minutes=15),
        validity: timedelta = timedelta(hours=24),
        list_size: int = LIST_SIZE,
        purposes: tuple[str, ...] = PURPOSES,
        messages: StatusMessages | None = None,
        on_step: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.name = name
        self.region = region
        self.base_url = base_url.rstrip("/")
        # Its key lives long: a faulty signature of it is never handed out.
        signer = CheckedSigner(signer)
        self.signer = signer
        self.certificates = tuple(certificates)
        self.clock = clock
        self.random = random
        self.resolver = resolver or Resolver()
        issuer_code = issuer_code or _issuer_code(region)
        self._owns_database = not isinstance(database, Database)
        self.database = database if isinstance(database, Database) else Database(database)
        try:
            self._claim_database(cards)
            if proofing is None:
                proofing = OneTimeCodeProofing(self.database, channel or _NoChannel(), clock=clock, random=random)
            self.applications = Applications(
                self.database, proofing, domain=self.base_url, clock=clock, random=random, cards=cards
            )
            self.offers = Offers(self.applications, proofing, self.act)
            self.issuance = Issuance(
                signer=signer,
                base_url=self.base_url,
                region=region,
                issuer_code=issuer_code,
                random=random,
                cryptosuite=cryptosuite,
                list_size=list_size,
                purposes=purposes,
                messages=messages,
                cards=cards,
                contexts=CONTEXTS if cards is CARDS else register_contexts(cards),
                certificates=self.certificates,
                on_step=on_step,
            )
            self._status_lists = StatusLists(
                self.database,
                signer,
                base_url=self.base_url,
                clock=clock,
                random=random,
                ttl=ttl,
                validity=validity,
                size=list_size,
                on_step=on_step,
            )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Authority:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database, if this class opened it."""
        if self._owns_database:
            self.database.close()

    @property
    def did(self) -> str:
        """The authority's DID."""
        return self.signer.did

    @property
    def cards(self) -> CardSet:
        """The kinds of card that the authority knows."""
        return self.issuance.cards

    def act(self, actor: str, work: Callable[[Act], _T]) -> _T:
        """Do ``work`` in one transaction as ``actor``; its notes go into the audit log with it."""
        return self.database.run(lambda session: work(Act(session, self.clock(), actor)))

    # --- the register ----------------------------------------------------------------------------------------------

    def import_file(
        self,
        source: str | Path | bytes,
        *,
        encoding: str | None = None,
        limits: Limits | None = None,
        actor: str = "operator",
        progress: Progress | None = None,
    ) -> ImportReport:
        """Import people from a CSV or XLSX file (a path, or its bytes); see ``issuer.imports``.

        Raises ImportFileError when the file can't be read as a whole, OSError when it can't be opened.
        """
        limits = limits or Limits()
        if isinstance(source, bytes):
            data = source
        else:
            with Path(source).open("rb") as file:
                data = file.read(limits.size + 1)
        parsed = read_people(data, encoding=encoding, limits=limits, today=day_of(self.clock()), cards=self.cards)
        return self.act(actor, lambda act: save_people(act, parsed, progress=progress))

    def set_portrait(self, number: str, content: bytes, *, actor: str = "operator") -> bool:
        """Set the portrait (JPEG bytes) of a person by citizen number; False when it is the same already.

        Raises NotFoundError, CardError (``portrait.form``) for bytes that are no acceptable portrait.
        """
        return self.act(actor, lambda act: set_portrait(act, number, content))

    def set_life_status(self, number: str, status: str, *, actor: str = "operator") -> list[str]:
        """Register that a person is ``living``, ``deceased`` or ``emigrated``; cards of who is not living are revoked.

        Returns the references of the revoked credentials. Raises NotFoundError, RegisterError.
        """
        return self.act(actor, lambda act: set_life_status(act, number, status))

    def counts(self) -> dict[str, int]:
        """How many people, households, applications, credentials... there are."""
        with self.database.reading() as session:
            return counts(session)

    def is_registered(self, number: str) -> bool:
        """Whether there is a person with this citizen number. Raises NotFoundError for a malformed number."""
        with self.database.reading() as session:
            try:
                return person_by_number(session, number) is not None
            except NotFoundError as error:
                if error.code == "person.number":
                    raise
                return False

    # --- applications ----------------------------------------------------------------------------------------------

    def apply(
        self, name: str, number: str, *, kind: str | None = None, department: str | None = None
    ) -> ApplicationView:
        """Apply for a kind of card or for all of a department; see ``Applications.apply``."""
        return self.applications.apply(name, number, kind=kind, department=department)

    def resend(self, reference: str) -> ApplicationView:
        """Send a new one-time code."""
        return self.applications.resend(reference)

    def prove(self, reference: str, evidence: str) -> ApplicationView:
        """Prove who applies (a one-time code); the answer has the challenge for the device."""
        return self.applications.prove(reference, evidence)

    def challenge(self, reference: str) -> ApplicationView:
        """A new challenge for the device."""
        return self.applications.challenge(reference)

    def application(self, reference: str) -> ApplicationView:
        """The application as it stands."""
        return self.applications.show(reference)

    def issue(
        self,
        reference: str,
        presentation: bytes | str | Mapping[str, Any],
        *,
        envelopes: Collection[str] = (),
        code: str | None = None,
    ) -> list[IssuedCard]:
        """Issue the cards of a proved application to the device that signed its challenge.

        ``presentation`` (untrusted) is a presentation without credentials, made by the device's key with the
        application's challenge and domain. ``envelopes``: what the device wants each card in beside its JSON-LD form
        (names of ``vc.cards.formats``). ``code`` is what a device that is not known yet brings for an offer
        (``issuer.offers``). Called again for an issued application (with a new challenge), the same device gets the
        same cards again.

        Raises DeviceError when possession is not proved, OfferError when the device is not admitted, NotFoundError,
        StateError, CardError when no card of the application could be issued.
        """
        wanted = check_forms(envelopes, self.signer, self.certificates)
        view = self.applications.show(reference)
        if view.state is ApplicationState.REFUSED:
            self.applications.say_holds(reference)
        # Outside the transaction: a signature check holds no locks. What it proved is compared again inside.
        device_did = device_of_presentation(
            presentation,
            challenge=view.challenge or "",
            domain=self.base_url,
            resolver=self.resolver,
            now=self.clock(),
        )
        self.offers.admit(reference, device_did, code)
        issued, refused = self.act(
            "applicant",
            lambda act: hand_over(
                act,
                self.applications.awaiting_device(act.session, reference),
                view.challenge,
                device_did,
                self.issuance,
                wanted,
            ),
        )
        if not issued:
            raise refused or CardError("register.no_record", "没有可签发的证照", "there is no card to issue")
        return issued

    # --- the life of credentials -----------------------------------------------------------------------------------

    def update(self, credential: str, *, actor: str = "holder") -> tuple[Updated, IssuedCard | None]:
        """Bring a credential in line with the register; the new version comes along when there is one.

        Raises NotFoundError, StateError, CardError.
        """

        def work(act: Act) -> tuple[Updated, IssuedCard | None]:
            record = self._locked_with_device(act.session, credential)
            updated = self.issuance.update(act, record)
            return updated, issued_card(updated.credential) if updated.credential is not record else None

        return self.act(actor, work)

    def suspend(self, credential: str, cause: str = "holder-request", *, actor: str = "operator") -> CredentialView:
        """Suspend a credential. Raises NotFoundError, StateError."""
        return self._change(credential, actor, lambda act, record: lifecycle.suspend(act, record, cause))

    def resume(self, credential: str, cause: str | None = None, *, actor: str = "operator") -> CredentialView:
        """Lift a suspension. Raises NotFoundError, StateError."""
        return self._change(credential, actor, lambda act, record: lifecycle.resume(act, record, cause))

    def revoke(self, credential: str, reason: str = "holder-request", *, actor: str = "operator") -> CredentialView:
        """Revoke a credential for good. Raises NotFoundError, StateError."""
        return self._change(credential, actor, lambda act, record: lifecycle.revoke(act, record, reason))

    def place_hold(self, number: str, card_type: str, *, note: str = "", actor: str = "operator") -> HoldView:
        """Hold back a kind of card from a person by the authority's decision; their cards of it are suspended.

        Raises NotFoundError, StateError (``application.selection``) for a kind that is not known.
        """
        return self.act(
            actor,
            lambda act: lifecycle.place_by_authority(
                act, person_by_number(act.session, number), card_type, self.cards, note
            ),
        )

    def lift_hold(self, hold: int, *, actor: str = "operator") -> HoldView:
        """Lift a hold, with the suspensions that it was made with. Raises NotFoundError, StateError."""

        def work(act: Act) -> HoldView:
            found = hold_of(act.session, hold)
            lifecycle.lift_hold(act, found)
            return hold_view(found)

        return self.act(actor, work)

    def holds(self, number: str) -> list[HoldView]:
        """The holds that stand on a person, by citizen number. Raises NotFoundError."""
        with self.database.reading() as session:
            return holds_of(session, person_by_number(session, number).id)

    def offer_refresh(self, credential: str, *, actor: str = "operator") -> CredentialView:
        """Say in its status that an updated credential is available. Raises NotFoundError, StateError."""
        return self._change(credential, actor, lifecycle.offer_refresh)

    def set_message(self, credential: str, value: int, *, actor: str = "operator") -> CredentialView:
        """Choose the message in a credential's status by its number. Raises NotFoundError, StateError."""
        return self._change(credential, actor, lambda act, record: lifecycle.set_message(act, record, value))

    def report_lost(self, device: str, *, actor: str = "holder") -> list[CredentialView]:
        """A device is lost: all its cards are suspended at once. Raises NotFoundError, StateError."""
        return self._change_device(device, actor, lifecycle.report_lost)

    def report_found(self, device: str, *, actor: str = "operator") -> list[CredentialView]:
        """A lost device is back; returns the cards in use again. Raises NotFoundError, StateError."""
        return self._change_device(device, actor, lifecycle.report_found)

    def confirm_lost(self, device: str, *, actor: str = "holder") -> list[CredentialView]:
        """The holder confirms the loss: all cards of the device are revoked. Raises NotFoundError, StateError."""
        return self._change_device(device, actor, lifecycle.retire_device)

    def credential(self, reference: str) -> CredentialView:
        """A credential's record. Raises NotFoundError."""
        with self.database.reading() as session:
            return credential_view(session, _credential(session, reference))

    def credentials(self, *, device: str | None = None, number: str | None = None) -> list[CredentialView]:
        """The credentials of a device or of a person (by citizen number), oldest first. Raises NotFoundError."""
        with self.database.reading() as session:
            query = select(CredentialRecord).order_by(CredentialRecord.id)
            if device is not None:
                if not storable(device):
                    return []
                query = query.join(Device, CredentialRecord.device_id == Device.id).where(Device.did == device)
            if number is not None:
                query = query.where(CredentialRecord.person_id == person_by_number(session, number).id)
            return [credential_view(session, record) for record in session.scalars(query)]

    # --- status and audit ------------------------------------------------------------------------------------------

    @property
    def status_lists(self) -> StatusLists:
        """The authority's status lists: to publish those that are due, to serve them."""
        return self._status_lists

    def publish(self, directory: str | Path | None = None) -> list[PublishedList]:
        """Sign all status lists anew, and write them to a directory when one is given."""
        return self._status_lists.publish(None if directory is None else Path(directory))

    def publish_status_list(self, purpose: str, number: int = 1) -> PublishedList:
        """Sign one status list anew. Raises NotFoundError."""
        return self._status_lists.publish_one(purpose, number)

    def verify_audit(self, *, expected: tuple[int, str] | None = None) -> AuditReport:
        """Check the audit log's chain, and against a head noted earlier."""
        with self.database.reading() as session:
            return audit.verify(session, expected=expected)

    def audit_head(self) -> tuple[int, str]:
        """Sequence number and digest at the end of the audit log, to note elsewhere."""
        with self.database.reading() as session:
            return audit.head(session)

    def audit_entries(self, *, subject: str | None = None, limit: int = 100) -> Sequence[dict[str, Any]]:
        """The newest audit entries, oldest first."""
        with self.database.reading() as session:
            return audit.entries(session, subject=subject, limit=limit)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _claim_database(self, cards: CardSet) -> None:
        def claim(act: Act) -> None:
            record = act.session.scalars(select(AuthorityRecord)).one_or_none()
            if record is None:
                act.session.add(
                    AuthorityRecord(
                        id=1,
                        did=self.did,
                        name=self.name,
                        region=self.region,
                        base_url=self.base_url,
                        pepper=self.random(32),
                        created_at=act.at,
                    )
                )
                act.note("authority.created", region=self.region, did=self.did)
            elif record.did != self.did:
                raise RegisterError(
                    "register.authority",
                    "数据库属于另一签发机关",
                    f"the database belongs to another authority ({record.did})",
                )
            elif record.base_url != self.base_url:
                # The cards that were issued name their status lists under the old URL.
                raise RegisterError(
                    "register.base_url",
                    f"数据库的发布地址是 {record.base_url}",
                    f"the database publishes under {record.base_url}",
                )
            known = set(act.session.scalars(select(CardKind.card_type)))
            for card in cards.values():
                if card.type not in known:
                    act.session.add(CardKind(card_type=card.type, kind=card.kind, department=card.department_id))

        self.act("authority", claim)

    def _locked_with_device(self, session: Session, reference: str) -> CredentialRecord:
        # The device first, as everywhere: two transactions then never wait for each other in a ring.
        lifecycle.device_of(session, _credential(session, reference).device.did)
        return lifecycle.credential_of(session, reference)

    def _change(self, reference: str, actor: str, change: Callable[[Act, CredentialRecord], object]) -> CredentialView:
        def work(act: Act) -> CredentialView:
            record = self._locked_with_device(act.session, reference)
            change(act, record)
            return credential_view(act.session, record)

        return self.act(actor, work)

    def _change_device(
        self, device: str, actor: str, change: Callable[[Act, Device], list[CredentialRecord]]
    ) -> list[CredentialView]:
        def work(act: Act) -> list[CredentialView]:
            changed = change(act, lifecycle.device_of(act.session, device))
            return [credential_view(act.session, record) for record in changed]

        return self.act(actor, work)


class _NoChannel:
    """For an authority that only imports and publishes: nobody can be proved."""

    def deliver(self, delivery: object) -> None:
        raise RegisterError("proofing.channel", "未配置验证码通道", "no channel for one-time codes is set up")


def _issuer_code(region: str) -> str:
    code = PLACEHOLDER_ISSUERS.get(region[:2] + "0000")
    if code is None or division(region).level not in ("province", "prefecture", "county"):
        raise RegisterError("authority.region", "该地区没有签发机构代码", "there is no issuer's code for this region")
    return code


def _credential(session: Session, reference: str) -> CredentialRecord:
    query = select(CredentialRecord).where(CredentialRecord.reference == reference)
    found = session.scalars(query).one_or_none() if storable(reference) else None
    if found is None:
        raise NotFoundError("credential.unknown", "没有这个凭证", "there is no such credential")
    return found
