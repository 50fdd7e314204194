"""The population register: who somebody is, and what it holds for a card.

A card definition names the register's facts (``source``); ``facts`` gathers them from a person's rows. The licences of
other departments bring theirs in ``LicenceRecord``, so a new card needs no code here.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vc.cards.definition import CardDefinition

from .tables import Application, CredentialRecord, Device, Household, Membership, Person, ResidencePermit

__all__ = [
    "DECLARED",
    "HEAD",
    "counts",
    "facts",
    "find_person",
    "in_region",
    "missing_facts",
    "normal_name",
    "subject_digest",
]

HEAD = "02"
"""GB/T 4761: head of household."""

DECLARED = frozenset({"licence_identifier"})
"""Facts of cards that the issuer makes, no register holds."""

_PERSON = (
    "citizen_identity_number",
    "name",
    "sex",
    "ethnic_group",
    "birth_date",
    "registered_division",
    "registered_address",
    "card_issuing_agency",
    "card_issuing_agency_division",
    "card_valid_from",
    "card_valid_until",
    "card_valid_long_term",
)
_HOUSEHOLD = (
    "household_number",
    "household_type",
    "registration_authority",
    "registration_authority_division",
    "household_issue_date",
    "address_changes",
)
_HOUSEHOLD_ADDRESS = ("registered_division", "registered_address")
_PERMIT = (
    "residence_permit_number",
    "residence_division",
    "residence_address",
    "permit_issuing_agency",
    "permit_issuing_agency_division",
    "permit_issue_date",
    "endorsed_on",
    "endorsed_until",
    "continuous_residence_since",
)


def normal_name(text: str) -> str:
    """A name as the register compares it: NFC, no outer blanks, one form of the middle dot."""
    text = unicodedata.normalize("NFC", text).strip()
    return text.replace("•", "·").replace("・", "·").replace("‧", "·")


def subject_digest(pepper: bytes, name: str, number: str) -> str:
    """What stands for a name and number in limits and logs: a keyed digest, not the number."""
    return hmac.new(
        pepper, f"{number}\0{normal_name(name)}".encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()


def find_person(session: Session, name: str, number: str) -> Person | None:
    """The living resident with this number (standard form) and name, or None."""
    person = session.scalars(select(Person).where(Person.citizen_identity_number == number)).one_or_none()
    if person is None or person.life_status != "living":
        return None
    same = hmac.compare_digest(normal_name(person.name).encode(), normal_name(name).encode("utf-8", "surrogatepass"))
    return person if same else None


def facts(person: Person, definition: CardDefinition) -> dict[str, Any]:
    """What the register holds on a person for this card: fact name -> value (text, date, number, list), none empty."""
    found: dict[str, Any] = dict(person.facts)
    found |= {name: getattr(person, name) for name in _PERSON}
    if person.portrait is not None:
        found |= {"portrait_digest": person.portrait.digest, "portrait_media_type": person.portrait.media_type}
    if person.membership is not None:
        found["relationship_to_head"] = person.membership.relationship_to_head
        found |= _household_facts(person.membership.household)
        if definition.subject_type == "Household":
            household = person.membership.household
            found |= {name: getattr(household, name) for name in _HOUSEHOLD_ADDRESS}
    if person.permit is not None:
        found |= {name: getattr(person.permit, name) for name in _PERMIT}
    for licence in person.licences:
        if licence.card_type == definition.type:
            found |= licence.facts
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _household_facts(household: Household) -> dict[str, Any]:
    found = {name: getattr(household, name) for name in _HOUSEHOLD}
    heads = [member.person.name for member in household.members if member.relationship_to_head == HEAD]
    # A booklet has exactly one head; without one there is no household card.
    found["head_name"] = heads[0] if len(heads) == 1 else None
    found["member_count"] = sum(member.person.life_status == "living" for member in household.members)
    return found


def sources(definition: CardDefinition) -> Mapping[str, bool]:
    """The facts that a card's definition names, and whether the card can't be made without them."""
    named: dict[str, bool] = {}
    for claim in definition.claims.values():
        if isinstance(claim.source, str):
            named[claim.source] = named.get(claim.source, False) or claim.required
        elif claim.source is not None:
            required = {field.term for field in claim.fields if field.required}
            for field, fact in claim.source.items():
                named[fact] = named.get(fact, False) or (claim.required and field in required)
    return named


def missing_facts(person: Person, definition: CardDefinition) -> list[str]:
    """The facts that the card needs and the register does not hold."""
    held = facts(person, definition)
    return [
        name for name, needed in sources(definition).items() if needed and name not in held and name not in DECLARED
    ]


def in_region(division: str, region: str) -> bool:
    """Whether a division lies in a region: ``510104`` in ``510100`` and in ``510000``."""
    return division.startswith(region.rstrip("0") if len(region.rstrip("0")) % 2 == 0 else region.rstrip("0") + "0")


def counts(session: Session) -> dict[str, int]:
    """How many rows the register and the issuance hold. Numbers only."""
    tables = {
        "people": Person,
        "households": Household,
        "memberships": Membership,
        "residencePermits": ResidencePermit,
        "devices": Device,
        "applications": Application,
        "credentials": CredentialRecord,
    }
    return {
        name: session.execute(select(func.count()).select_from(table)).scalar_one() for name, table in tables.items()
    }
