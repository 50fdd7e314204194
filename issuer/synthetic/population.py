"""A synthetic population register: households of families that fit together, and what their cards say.

The numbers carry a division that was never allocated (510199, 500199), so no real person can have one; check characters
are right. The same seed, count and day give the same people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from vc.cards.calendar import add_years, age_on, validity_years
from vc.cards.codes import divisions_in
from vc.cards.definition import CARDS
from vc.cards.identifiers import identity_check_character

from .draw import Draw
from .families import MALE, Member, collective, family
from .names import given_name, occupation
from .places import CITIES, NUMBER_PREFIXES, Place, agency, place

__all__ = ["Population", "generate"]

_PERMIT_CITIES = ((7, "510100"), (2, "510700"), (1, "511100"))
_LONGEST_CARD = 20


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody, one row (fact -> value) each, household by household. Facts are those that card definitions name."""

    people: Sequence[Mapping[str, Any]]

    def register(self, province: str) -> list[dict[str, Any]]:
        """The rows that the register of a province (``510000``) holds.

        Its own residents with household and identity card; and people registered elsewhere to whom it gave a residence
        permit, without those.
        """
        rows = []
        for person in self.people:
            home = person["registered_division"][:2] == province[:2]
            permit = str(person.get("residence_division", ""))[:2] == province[:2]
            if home or permit:
                hidden = (() if home else _HOME_ONLY) + (() if permit else _PERMIT)
                rows.append({fact: value for fact, value in person.items() if fact not in hidden})
        return rows


def generate(count: int, *, seed: int | str, today: date) -> Population:
    """At least ``count`` people as of ``today``, in whole households (so a few more)."""
    maker = _Maker(Draw(seed), today)
    while len(maker.people) < count:
        maker.household()
    return Population(maker.people)


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
_HOME_ONLY = (
    "household_number",
    "household_type",
    "relationship_to_head",
    "registration_authority",
    "registration_authority_division",
    "household_issue_date",
    "registration_date",
    "card_issuing_agency",
    "card_issuing_agency_division",
    "card_valid_from",
    "card_valid_until",
    "card_valid_long_term",
    "moved_to_city_date",
    "moved_to_city_from",
    "moved_to_city_reason",
    "moved_to_address_date",
    "moved_to_address_from",
    "moved_to_address_reason",
)


@dataclass(slots=True)
class _Maker:
    draw: Draw
    today: date
    people: list[dict[str, Any]] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    households: int = 0

    def household(self) -> None:
        """Add one household."""
        draw = self.draw
        self.households += 1
        home = place(draw, draw.weighted(CITIES))
        together = self.households % 40 == 0
        members = collective(draw, self.today, draw.between(6, 10)) if together else family(draw, self.today)
        shared = {
            "household_number": f"{home.division}{self.households:06d}",
            "household_type": "collective" if together else "family",
            "registered_division": home.division,
            "registered_address": home.address,
            "registration_authority": home.station,
            "registration_authority_division": home.division,
        }
        native = draw.pick(divisions_in(home.province + "0000"))
        rows = [{**shared, **self.person(member, home, native)} for member in members]
        issued = draw.day(max(row["registration_date"] for row in rows), self.today)
        for row in rows:
            row["household_issue_date"] = issued
        self.people += rows

    def person(self, member: Member, home: Place, native: str) -> dict[str, Any]:
        """The facts of one member."""
        draw, age = self.draw, age_on(member.birth, self.today)
        facts: dict[str, Any] = {
            "citizen_identity_number": self.number(member, home.province),
            "name": member.name,
            "sex": member.sex,
            "ethnic_group": member.ethnic_group,
            "birth_date": member.birth,
            "relationship_to_head": member.relationship,
            "marital_status": member.marital_status,
            "birth_place": self.birth_place(member, home),
            "native_place": native,
            "height_cm": _height(draw, member.sex, age),
        }
        if draw.chance(0.6):
            facts["blood_type"] = draw.weighted(((30, "A"), (25, "B"), (10, "AB"), (35, "O")))
        if age >= 12:
            facts["education_level"] = _education(draw, age)
        if age >= 14:
            # 0 never begins a subscriber's number.
            facts["phone"] = f"028-0{draw.between(0, 9_999_999):07d}"
        if age >= 18:
            facts |= self.grown_up(member, age)
        facts |= self.registration(member, age)
        if age >= 16 or (age >= 1 and draw.chance(0.3)):
            facts |= self.card(member, home, age)
        if 18 <= age <= 65 and draw.chance(0.12):
            facts |= self.permit(home)
        return facts

    def number(self, member: Member, province: str) -> str:
        """An identity number that nobody else has."""
        while True:
            sequence = self.draw.between(0, 498) * 2 + (1 if member.sex == MALE else 2)
            digits = f"{NUMBER_PREFIXES[province]}{member.birth:%Y%m%d}{sequence:03d}"
            number = digits + identity_check_character(digits)
            if number not in self.numbers:
                self.numbers.add(number)
                return number

    def birth_place(self, member: Member, home: Place) -> str:
        """A division; before March 1997 people of Chongqing were born in a division that is retired now."""
        if home.province == "50" and member.birth < date(1997, 3, 14):
            return self.draw.pick(("510202", "510203", "510211", "512301"))
        return home.division if self.draw.chance(0.7) else self.draw.pick(divisions_in(home.province + "0000"))

    def grown_up(self, member: Member, age: int) -> dict[str, Any]:
        """Occupation, military service, now and then a former name."""
        draw = self.draw
        facts: dict[str, Any] = {}
        job, workplace = ("退休人员", "") if age >= 60 else ("学生", "示例大学") if age < 22 else occupation(draw)
        facts["occupation"] = job
        if workplace:
            facts["workplace"] = workplace
        if member.sex == MALE:
            facts["military_service_status"] = draw.weighted(((9, "未服兵役"), (1, "退出现役")))
        if draw.chance(0.03):
            facts["former_names"] = [member.surname + given_name(draw, member.sex, {member.given})]
        return facts

    def registration(self, member: Member, age: int) -> dict[str, Any]:
        """When the member was registered here: soon after birth, or at a move."""
        draw = self.draw
        if age < 18 or draw.chance(0.6):
            return {"registration_date": min(member.birth + timedelta(days=draw.between(3, 30)), self.today)}
        moved = draw.day(add_years(member.birth, 18), self.today)
        origin = place(draw, draw.weighted(CITIES)).address
        reason = draw.pick(("购房", "工作调动", "夫妻投靠", "投靠子女", "升学"))
        where = "city" if draw.chance(0.4) else "address"
        return {
            "registration_date": moved,
            f"moved_to_{where}_date": moved,
            f"moved_to_{where}_from": origin,
            f"moved_to_{where}_reason": reason,
        }

    def card(self, member: Member, home: Place, age: int) -> dict[str, Any]:
        """A resident identity card that is valid today, for as long as the age at its issue says."""
        first = add_years(member.birth, 16) if age >= 16 else add_years(member.birth, 1)
        earliest = max(first, add_years(self.today, -_LONGEST_CARD), date(2004, 3, 29))
        facts = {"card_issuing_agency": agency(home.division), "card_issuing_agency_division": home.division}
        for attempt in range(30):
            issued = self.draw.day(earliest, self.today) if attempt < 29 else self.today
            years = validity_years(member.birth, issued, _VALIDITY)
            if years is None:
                return {**facts, "card_valid_from": issued, "card_valid_long_term": True}
            until = add_years(issued, years)
            if until > self.today + timedelta(days=180):
                break
        return {**facts, "card_valid_from": issued, "card_valid_until": until}

    def permit(self, home: Place) -> dict[str, Any]:
        """A residence permit of Sichuan in another prefecture than the one of registration, endorsed every year."""
        draw = self.draw
        city = draw.weighted([(w, c) for w, c in _PERMIT_CITIES if c[:4] != home.division[:4]])
        dwelling = place(draw, city)
        issued = draw.day(add_years(self.today, -4), self.today - timedelta(days=30))
        endorsed = add_years(issued, age_on(issued, self.today))
        return {
            "residence_permit_number": f"{dwelling.division}{self.households:06d}{len(self.numbers):06d}",
            "residence_division": dwelling.division,
            "residence_address": dwelling.address,
            "permit_issuing_agency": agency(dwelling.division),
            "permit_issuing_agency_division": dwelling.division,
            "permit_issue_date": issued,
            "endorsed_on": endorsed,
            "endorsed_until": add_years(endorsed, 1) - timedelta(days=1),
            "continuous_residence_since": issued - timedelta(days=draw.between(190, 900)),
        }


_VALIDITY: Sequence[Sequence[int]] = next(
    rule["years"] for rule in CARDS["ResidentIdentityCardCredential"].rules if rule["rule"] == "validityByAge"
)


def _education(draw: Draw, age: int) -> str:
    if age < 16:
        return "80"
    if age < 19:
        return "70"
    if age < 23:
        return draw.weighted(((6, "60"), (3, "40"), (1, "70")))
    if age < 45:
        return draw.weighted(((1, "10"), (6, "20"), (5, "30"), (2, "40"), (2, "60"), (2, "70")))
    return draw.weighted(((1, "20"), (2, "30"), (2, "40"), (4, "60"), (7, "70"), (4, "80")))


def _height(draw: Draw, sex: str, age: int) -> int:
    adult = draw.between(163, 182) if sex == MALE else draw.between(153, 170)
    return adult if age >= 17 else min(adult, 52 + round(age * 6.5) + draw.between(-3, 3))
