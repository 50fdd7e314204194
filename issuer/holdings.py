"""What a person holds: their cards and devices, as the resident and the desk see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from vc.cards.formats import JSON_LD

from .holds import HoldView, holds_of
from .lifecycle import open_causes
from .register import missing_facts
from .tables import CardKind, CredentialRecord, Device, Person

if TYPE_CHECKING:
    from vc.cards.definition import CardDefinition

__all__ = ["Claimable", "DeviceView", "HeldCard", "claimable", "devices_of", "held_cards"]


@dataclass(frozen=True, slots=True)
class Claimable:
    """A kind of card: whether the register supports it, how many valid ones there are, and what stands against it."""

    card: CardDefinition
    supported: bool
    held: int
    hold: HoldView | None = None
    """What the authority holds the card back for."""


@dataclass(frozen=True, slots=True)
class HeldCard:
    """One issued card. ``document`` is empty once it is revoked."""

    reference: str
    card_type: str
    version: int
    state: str
    """active, suspended, revoked or expired."""
    causes: tuple[str, ...]
    reason: str | None
    issued: datetime
    valid_until: datetime
    device_id: int
    document: Mapping[str, Any] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One phone. ``cards`` is how many unrevoked cards it has."""

    id: int
    did: str
    state: str
    since: datetime
    lost_at: datetime | None
    cards: int

    @property
    def short(self) -> str:
        """A name for people: the end of the key's identifier."""
        return self.did[-8:]


def claimable(session: Session, person: Person, cards: Mapping[str, CardDefinition], now: datetime) -> list[Claimable]:
    """Every kind of card that the authority issues, for this person."""
    enabled = set(session.scalars(select(CardKind.card_type).where(CardKind.enabled.is_(True))))
    held: dict[str, int] = {}
    for card in held_cards(session, person.id, now):
        if card.state in ("active", "suspended"):
            held[card.card_type] = held.get(card.card_type, 0) + 1
    holds = {hold.card_type: hold for hold in reversed(holds_of(session, person.id))}
    return [
        Claimable(card, not missing_facts(person, card), held.get(card.type, 0), holds.get(card.type))
        for card in cards.values()
        if card.type in enabled
    ]


def held_cards(session: Session, person_id: int, now: datetime) -> list[HeldCard]:
    """The person's cards, the newest first; those that a newer version took the place of are left out."""
    query = (
        select(CredentialRecord)
        .where(CredentialRecord.person_id == person_id)
        .order_by(CredentialRecord.id.desc())
        .limit(200)
    )
    records = [record for record in session.scalars(query) if record.revocation_reason != "superseded"]
    return [_held(session, record, now) for record in records]


def devices_of(session: Session, person_id: int) -> list[DeviceView]:
    """The person's devices, the newest first."""
    query = select(Device).where(Device.person_id == person_id).order_by(Device.id.desc()).limit(50)
    counted = select(CredentialRecord.device_id).where(
        CredentialRecord.person_id == person_id, CredentialRecord.state != "revoked"
    )
    on = list(session.scalars(counted))
    return [
        DeviceView(device.id, device.did, device.state, device.created_at, device.lost_at, on.count(device.id))
        for device in session.scalars(query)
    ]


def person_row(session: Session, person_id: int) -> Person | None:
    """A person with what their cards are made from."""
    return session.get(
        Person,
        person_id,
        options=[selectinload(Person.membership), selectinload(Person.permit), selectinload(Person.licences)],
    )


def _held(session: Session, record: CredentialRecord, now: datetime) -> HeldCard:
    state = "expired" if record.state != "revoked" and record.valid_until <= now else record.state
    return HeldCard(
        reference=record.reference,
        card_type=record.card_type,
        version=record.licence_version,
        state=state,
        causes=tuple(sorted(open_causes(session, record))),
        reason=record.revocation_reason,
        issued=record.issued_at,
        valid_until=record.valid_until,
        device_id=record.device_id,
        document=json.loads(record.form(JSON_LD) or "{}"),
    )
