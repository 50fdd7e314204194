"""Writing checked rows into the register: person, household, membership, permit, licences of other departments.

A row is judged against the register as a whole before any of it is written. Rows come in with the heads of households
last, so that a household may change its head within one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from vc.cards.definition import CARDS, CardSet

from .columns import columns
from .consequences import following
from .date_rules import long_term_flags
from .register import HEAD
from .tables import Base, Household, LicenceRecord, Membership, Person, ResidencePermit

__all__ = ["Faults", "Row", "RowStore"]

_CHUNK = 400

_NEW_PERSON = ("ethnic_group", "registered_division", "registered_address")
_NEW_PERMIT = ("residence_division", "residence_address", "permit_issue_date", "endorsed_on", "endorsed_until")


@dataclass(slots=True)
class Row:
    """A row whose cells are good: fact -> value. ``household_facts`` is what the whole file says of its household."""

    number: int
    headers: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    household_facts: dict[str, Any] = field(default_factory=dict)


Faults = list[tuple[str, str]]
"""What is wrong with a row: fact (or "" for the whole row) and code."""


class RowStore:
    """Saves rows in one session."""

    def __init__(self, session: Session, now: datetime, cards: CardSet = CARDS) -> None:
        self._session = session
        self._cards = cards
        self._now = now

    def save_all(self, rows: Sequence[Row]) -> Iterator[tuple[Row, str | Faults]]:
        """Save each row; yields it with ``imported``, ``updated``, ``unchanged``, or with what is wrong."""
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            people, households, permits = self._people(chunk), self._households(chunk), self._permits(chunk)
            for row in chunk:
                yield row, self._save(row, people, households, permits)
            self._session.flush()
            self._session.expunge_all()

    # --- what the register holds -----------------------------------------------------------------------------------

    def _people(self, rows: Sequence[Row]) -> dict[str, Person]:
        numbers = [row.values["citizen_identity_number"] for row in rows]
        query = (
            select(Person)
            .where(Person.citizen_identity_number.in_(numbers))
            .options(
                selectinload(Person.membership).selectinload(Membership.household),
                selectinload(Person.permit),
                selectinload(Person.licences),
            )
        )
        return {person.citizen_identity_number: person for person in self._session.scalars(query)}

    def _households(self, rows: Sequence[Row]) -> dict[str, Household]:
        numbers = {row.values["household_number"] for row in rows if "household_number" in row.values}
        query = (
            select(Household).where(Household.household_number.in_(numbers)).options(selectinload(Household.members))
        )
        return {household.household_number: household for household in self._session.scalars(query)}

    def _permits(self, rows: Sequence[Row]) -> dict[str, str]:
        numbers = {row.values["residence_permit_number"] for row in rows if "residence_permit_number" in row.values}
        query = (
            select(ResidencePermit.residence_permit_number, Person.citizen_identity_number)
            .join(Person, ResidencePermit.person_id == Person.id)
            .where(ResidencePermit.residence_permit_number.in_(numbers))
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    # --- one row ---------------------------------------------------------------------------------------------------

    def _save(
        self, row: Row, people: dict[str, Person], households: dict[str, Household], permits: dict[str, str]
    ) -> str | Faults:
        values = row.values
        number = values["citizen_identity_number"]
        person = people.get(number)
        household = households.get(values.get("household_number", ""))
        faults = _against_person(values, person) + _against_household(row, person, household)
        faults += _against_permit(values, person, permits, self._cards) + _against_validity(values, person, self._cards)
        if faults:
            return faults
        by_home = _by_home(values, self._cards)
        new = person is None
        changed = new
        if person is None:
            person = people[number] = Person(facts={}, life_status="living", **by_home["person"], updated_at=self._now)
            person.membership, person.permit, person.licences = None, None, []
            self._session.add(person)
        else:
            changed = self._assign(person, by_home["person"])
        changed |= self._merge_facts(person, by_home["facts"])
        changed |= self._save_membership(row, person, household, households)
        for followed, facts in following(person):
            changed |= self._assign(followed, facts)
        changed |= self._save_permit(person, by_home["permit"], permits)
        for card_type, facts in by_home["licences"].items():
            changed |= self._save_licence(person, card_type, facts)
        return "imported" if new else "updated" if changed else "unchanged"

    def _assign(self, target: Base, values: dict[str, Any]) -> bool:
        changed = {name: value for name, value in values.items() if getattr(target, name) != value}
        for name, value in changed.items():
            setattr(target, name, value)
        if changed and hasattr(target, "updated_at"):
            target.updated_at = self._now
        return bool(changed)

    def _merge_facts(self, target: Person | LicenceRecord, facts: dict[str, Any]) -> bool:
        merged = _stated({**target.facts, **facts})
        if merged == target.facts:
            return False
        target.facts, target.updated_at = merged, self._now
        return True

    def _save_membership(
        self, row: Row, person: Person, household: Household | None, households: dict[str, Household]
    ) -> bool:
        number = row.values.get("household_number")
        if number is None:
            return False
        relationship = row.values["relationship_to_head"]
        address = {name: getattr(person, name) for name in ("registered_division", "registered_address")}
        if household is None:
            household = Household(
                household_number=number, **row.household_facts, **address, address_changes=None, updated_at=self._now
            )
            self._session.add(household)
            households[number] = household
            changed = True
        else:
            changed = self._assign(household, dict(row.household_facts))
        if relationship == HEAD and any(isinstance(held, Membership) for held in self._session.dirty):
            # The old head's row first: one household has one head at any time (a unique index).
            self._session.flush()
        if person.membership is None:
            person.membership = Membership(household=household, relationship_to_head=relationship)
            self._session.add(person.membership)
            return True
        if person.membership.household is not household:
            person.membership.household = household
            changed = True
        return self._assign(person.membership, {"relationship_to_head": relationship}) or changed

    def _save_permit(self, person: Person, values: dict[str, Any], permits: dict[str, str]) -> bool:
        if not values:
            return False
        if "residence_permit_number" in values:
            permits[values["residence_permit_number"]] = person.citizen_identity_number
        if person.permit is not None:
            return self._assign(person.permit, values)
        person.permit = ResidencePermit(**values, updated_at=self._now)
        self._session.add(person.permit)
        return True

    def _save_licence(self, person: Person, card_type: str, facts: dict[str, Any]) -> bool:
        for licence in person.licences:
            if licence.card_type == card_type:
                return self._merge_facts(licence, facts)
        person.licences.append(LicenceRecord(card_type=card_type, facts=_stated(facts), updated_at=self._now))
        return True


def _against_person(values: dict[str, Any], person: Person | None) -> Faults:
    return [(fact, "cell.required") for fact in _NEW_PERSON if fact not in values] if person is None else []


def _against_household(row: Row, person: Person | None, household: Household | None) -> Faults:
    if "household_number" not in row.values:
        return []
    if household is None:
        return [] if "household_type" in row.household_facts else [("household_type", "household.type")]
    if row.values["relationship_to_head"] != HEAD:
        return []
    others = [member for member in household.members if person is None or member.person_id != person.id]
    taken = any(member.relationship_to_head == HEAD for member in others)
    return [("relationship_to_head", "household.head")] if taken else []


def _against_permit(values: dict[str, Any], person: Person | None, permits: dict[str, str], cards: CardSet) -> Faults:
    stated = _by_home(values, cards)["permit"]
    if not stated:
        return []
    owner = permits.get(values.get("residence_permit_number", ""))
    if owner is not None and owner != values["citizen_identity_number"]:
        return [("residence_permit_number", "permit.taken")]
    held = person.permit if person is not None else None
    if held is None:
        needed = ("residence_permit_number", *_NEW_PERMIT)
        return [(fact, "permit.incomplete") for fact in needed if fact not in values]
    dates = {
        name: values.get(name, getattr(held, name)) for name in ("permit_issue_date", "endorsed_on", "endorsed_until")
    }
    if not dates["permit_issue_date"] <= dates["endorsed_on"] <= dates["endorsed_until"]:
        return [("endorsed_on", "date.order")]
    return []


def _against_validity(values: dict[str, Any], person: Person | None, cards: CardSet) -> Faults:
    """A card that is valid long-term can't stop being so without a last day."""
    return [
        (until, "validity.none")
        for until, flag in long_term_flags(cards).items()
        if values.get(flag) is False and until not in values and person is not None and _held(person, flag, cards)
    ]


def _held(person: Person, fact: str, cards: CardSet) -> Any:
    home = columns(cards)[fact].home
    if home == "person":
        return getattr(person, fact)
    return next((licence.facts.get(fact) for licence in person.licences if licence.card_type == home), None)


def _by_home(values: dict[str, Any], cards: CardSet) -> dict[str, Any]:
    """The values by where they are kept. In JSON columns a date is its text."""
    homes: dict[str, Any] = {"person": {}, "permit": {}, "facts": {}, "licences": {}}
    for fact, value in values.items():
        home = columns(cards)[fact].home
        if home in ("person", "permit"):
            homes[home][fact] = value
        elif home == "facts":
            homes["facts"][fact] = _json(value)
        elif home not in ("household", "membership"):
            homes["licences"].setdefault(home, {})[fact] = _json(value)
    # A last day and long-term validity exclude each other: stating one ends the other.
    for until, flag in long_term_flags(cards).items():
        home = columns(cards)[until].home
        kept = homes["person"] if home == "person" else homes["licences"].get(home, {})
        if values.get(flag):
            kept[until] = None
        elif until in values:
            kept[flag] = None
    return homes


def _stated(facts: dict[str, Any]) -> dict[str, Any]:
    return {fact: value for fact, value in facts.items() if value is not None}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
