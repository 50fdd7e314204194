"""A person as the desk sees them: the register's entries as texts, cards, devices, household."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from vc.cards.definition import CARDS, CardSet
from vc.cards.display import text_of

from .columns import COMPUTED, Column, columns
from .holdings import Claimable, DeviceView, HeldCard, claimable, devices_of, held_cards
from .holds import HoldView, holds_of
from .tables import Person

if TYPE_CHECKING:
    pass

__all__ = ["FIXED", "Entry", "PersonPage", "PersonRow", "person_page", "person_row_of", "texts_of"]

FIXED = frozenset({"citizen_identity_number", "life_status", "household_number", "relationship_to_head"})
"""What a correction does not touch: other numbers and households need more than one entry."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person found. The repr shows no personal data."""

    id: int
    name: str = field(repr=False)
    number: str = field(repr=False)
    address: str = field(repr=False)
    life_status: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of the register about a person, as text that a correction may replace."""

    fact: str
    column: Column
    text: str = field(repr=False)
    editable: bool

    def reading(self, language: str) -> str:
        """The text with the names of codes."""
        if self.column.field.codes is None or not self.text:
            return self.text
        return text_of(self.column.field, self.text, language)


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything that the desk sees of a person."""

    person: PersonRow
    phone: str | None = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    cards: tuple[HeldCard, ...]
    devices: tuple[DeviceView, ...]
    claimable: tuple[Claimable, ...]
    household: tuple[PersonRow, ...]
    holds: tuple[HoldView, ...] = ()


def person_page(session: Session, person: Person, cards: CardSet, now: datetime) -> PersonPage:
    """The whole page of a person."""
    texts = texts_of(person, cards)
    household = person.membership.household.members if person.membership is not None else []
    return PersonPage(
        person=person_row_of(person),
        phone=person.phone,
        entries=tuple(
            Entry(fact, columns(cards)[fact], text, editable=fact not in FIXED) for fact, text in texts.items()
        ),
        cards=tuple(held_cards(session, person.id, now)),
        devices=tuple(devices_of(session, person.id)),
        claimable=tuple(claimable(session, person, cards, now)),
        household=tuple(person_row_of(member.person) for member in household if member.person_id != person.id),
        holds=tuple(holds_of(session, person.id)),
    )


def person_row_of(person: Person) -> PersonRow:
    """A person in a list."""
    return PersonRow(
        person.id, person.name, person.citizen_identity_number, person.registered_address, person.life_status
    )


def texts_of(person: Person, cards: CardSet = CARDS) -> dict[str, str]:
    """Every fact that a correction could state, as the text that an import would have."""
    values: dict[str, Any] = {}
    for fact, column in columns(cards).items():
        if fact in COMPUTED or column.field.datatype == "node":
            continue
        source: Any = None
        match column.home:
            case "person":
                source = getattr(person, fact, None)
            case "household":
                source = getattr(person.membership.household, fact, None) if person.membership is not None else _ABSENT
            case "membership":
                source = getattr(person.membership, fact, None) if person.membership is not None else _ABSENT
            case "permit":
                source = getattr(person.permit, fact, None) if person.permit is not None else _ABSENT
            case "facts":
                source = person.facts.get(fact)
            case card_type:
                licence = next((held for held in person.licences if held.card_type == card_type), None)
                source = licence.facts.get(fact) if licence is not None else _ABSENT
        if source is not _ABSENT:
            values[fact] = source
    return {fact: _text(value) for fact, value in values.items()}


_ABSENT = object()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if value is True or value is False:
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)
