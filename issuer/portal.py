"""What residents do by themselves: sign in, apply, see their cards and phones, report a phone lost, enrol a new one.

Signing in proves who somebody is (real name, number, one-time code) by an application for no card, which ends with it.
Everything else takes the id of the person who signed in, and touches only what is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import lifecycle
from .applications import REPLACEMENT, ApplicationState, ApplicationView
from .audit import Act
from .environment import storable
from .errors import NotFoundError, StateError
from .holdings import Claimable, DeviceView, HeldCard, claimable, devices_of, held_cards, person_row
from .issuance import Updated, UpdateKind
from .tables import Application, CredentialRecord, Device, Person

if TYPE_CHECKING:
    from .authority import Authority

__all__ = ["Portal", "Resident"]

_RECENT = 30
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Resident:
    """Who signed in. ``number`` is masked; the repr shows neither."""

    id: int
    name: str
    number: str

    def __repr__(self) -> str:
        return f"Resident(id={self.id})"


class Portal:
    """The residents' side of one authority."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    # --- signing in ------------------------------------------------------------------------------------------------

    def account(self, name: str, number: str) -> str:
        """What stands for who signs in with this name and number: a keyed digest, whoever they are."""
        return self._authority.applications.account(name, number)

    def sign_in(self, name: str, number: str, *, device: str | None = None) -> str:
        """Begin: a code goes to the registered phone. Returns a reference, whoever asks.

        ``device`` names the browser if it signed in to this account before: its tries are its own, and a stranger who
        uses up those of everybody else does not lock it out. Raises ProofingError for a malformed name or number,
        RateLimitError.
        """
        return self._authority.applications.open_sign_in(name, number, device=device).reference

    def resend(self, reference: str) -> None:
        """Send a new code. Raises NotFoundError, StateError, RateLimitError."""
        self._authority.applications.resend(reference)

    def confirm(self, reference: str, code: str) -> Resident:
        """The resident whose code this is; the reference is used up.

        Raises ProofingError (``proofing.failed``), RateLimitError, NotFoundError, StateError.
        """
        return self.resident(self._authority.applications.finish_sign_in(reference, code))

    def resident(self, person_id: int) -> Resident:
        """Who signed in earlier. Raises NotFoundError when there is no such living person any more."""
        with self._authority.database.reading() as session:
            return _resident(_living(session, person_id))

    # --- cards -----------------------------------------------------------------------------------------------------

    def claimable(self, person_id: int) -> list[Claimable]:
        """Every kind of card, and which the register supports for this person."""
        with self._authority.database.reading() as session:
            return claimable(session, _living(session, person_id), self._authority.cards, self._authority.clock())

    def cards(self, person_id: int) -> list[HeldCard]:
        """The person's cards, the newest first."""
        with self._authority.database.reading() as session:
            return held_cards(session, person_id, self._authority.clock())

    def portrait(self, person_id: int) -> bytes | None:
        """The person's own portrait (JPEG), if the register has one."""
        with self._authority.database.reading() as session:
            person = session.get(Person, person_id)
            return person.portrait.data if person is not None and person.portrait is not None else None

    def apply(self, person_id: int, *, kind: str | None = None, department: str | None = None) -> ApplicationView:
        """Apply for a kind of card or for all of a department. Raises StateError, NotFoundError."""
        selector, selected = ("kind", kind) if kind is not None else ("department", department or "")

        def work(act: Act) -> str:
            person = _living(act.session, person_id)
            return self._authority.applications.open_proved(act, person, selector, selected or "")

        return self._authority.application(self._authority.act("applicant", work))

    def applications(self, person_id: int) -> list[ApplicationView]:
        """The person's applications, the newest first."""
        with self._authority.database.reading() as session:
            query = (
                select(Application)
                .where(Application.person_id == person_id, Application.state != ApplicationState.CLOSED)
                .where(Application.state != ApplicationState.AWAITING_PROOF)
                .order_by(Application.id.desc())
                .limit(_RECENT)
            )
            return [self._authority.applications.view(application) for application in session.scalars(query)]

    def application(self, person_id: int, reference: str) -> ApplicationView:
        """One of the person's applications. Raises NotFoundError."""
        with self._authority.database.reading() as session:
            query = select(Application).where(Application.reference == reference, Application.person_id == person_id)
            found = session.scalars(query).one_or_none() if storable(reference) else None
            if found is None or found.state in (ApplicationState.CLOSED, ApplicationState.AWAITING_PROOF):
                raise NotFoundError("application.unknown", "没有这个申请", "there is no such application")
            return self._authority.applications.view(found)

    def send_code(self, person_id: int, reference: str) -> None:
        """Send a new code for collecting one of the person's applications. Raises NotFoundError, RateLimitError."""
        self.application(person_id, reference)
        self._authority.offers.send(reference)

    def update(self, person_id: int, credential: str) -> UpdateKind:
        """Bring one of the person's cards in line with the register; the wallet collects a new version.

        Raises NotFoundError, StateError, CardError.
        """

        def work(act: Act) -> UpdateKind:
            record = _own_credential(act.session, person_id, credential)
            lifecycle.device_of(act.session, record.device.did)
            locked = lifecycle.credential_of(act.session, credential)
            updated: Updated = self._authority.issuance.update(act, locked)
            return updated.kind

        return self._authority.act("resident", work)

    # --- devices ---------------------------------------------------------------------------------------------------

    def devices(self, person_id: int) -> list[DeviceView]:
        """The person's devices, the newest first."""
        with self._authority.database.reading() as session:
            return devices_of(session, person_id)

    def report_lost(self, person_id: int, device_id: int) -> int:
        """A phone is lost: all its cards are suspended at once; returns how many. Raises NotFoundError, StateError."""
        return self._on_device(person_id, device_id, lambda act, device: len(lifecycle.report_lost(act, device)))

    def confirm_lost(self, person_id: int, device_id: int) -> int:
        """A phone will not come back: every card on it is revoked. Raises NotFoundError, StateError."""
        return self._on_device(person_id, device_id, lambda act, device: len(lifecycle.retire_device(act, device)))

    def replace(self, person_id: int, device_id: int) -> ApplicationView:
        """Enrol a new phone in place of another: an application for the cards that the old one has.

        The old phone's cards are revoked when the new ones are issued. Raises NotFoundError, StateError
        (``device.state``, ``device.empty``).
        """

        def open_application(act: Act, device: Device) -> str:
            if device.state == "retired":
                raise StateError("device.state", "设备已注销", "the device is retired already")
            query = select(CredentialRecord.card_type).where(
                CredentialRecord.device_id == device.id, CredentialRecord.state != "revoked"
            )
            held = set(act.session.scalars(query))
            types = [card_type for card_type in self._authority.cards if card_type in held]
            if not types:
                raise StateError("device.empty", "该设备上没有可迁移的证照", "there are no cards on this device")
            person = _living(act.session, person_id)
            applications = self._authority.applications
            return applications.open_proved(act, person, REPLACEMENT, str(device.id), types)

        return self._authority.application(self._on_device(person_id, device_id, open_application))

    def _on_device(self, person_id: int, device_id: int, change: Callable[[Act, Device], _T]) -> _T:
        def work(act: Act) -> _T:
            query = select(Device.did).where(Device.id == device_id, Device.person_id == person_id)
            did = act.session.scalars(query).one_or_none()
            if did is None:
                raise NotFoundError("device.unknown", "没有登记这个设备", "no such device is registered")
            return change(act, lifecycle.device_of(act.session, did))

        return self._authority.act("resident", work)


def _living(session: Session, person_id: int) -> Person:
    person = person_row(session, person_id)
    if person is None or person.life_status != "living":
        raise NotFoundError("person.unknown", "登记中没有此人", "there is no such person in the register")
    return person


def _resident(person: Person) -> Resident:
    number = person.citizen_identity_number
    return Resident(person.id, person.name, f"{number[:3]}***********{number[-4:]}")


def _own_credential(session: Session, person_id: int, reference: str) -> CredentialRecord:
    query = select(CredentialRecord).where(
        CredentialRecord.reference == reference, CredentialRecord.person_id == person_id
    )
    found = session.scalars(query).one_or_none() if storable(reference) else None
    if found is None:
        raise NotFoundError("credential.unknown", "没有这个凭证", "there is no such credential")
    return found
