"""What follows from claims and what must hold between them: the derived claims, and the rules that definitions name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from vc.problems import Problem

from .calendar import add_years, age_reached, parse_date, validity_years
from .codes import prefecture_of, province_of
from .definition import CardDefinition, ClaimDefinition
from .identifiers import IdentityNumber, check_identity_number

__all__ = ["DERIVATIONS", "RULES", "check_derived", "check_household", "check_rules", "date_at", "derived_claims"]

Claims = Mapping[str, Any]


def derived_claims(card: CardDefinition, claims: Claims, on: date) -> dict[str, Any]:
    """The claims that follow from others on the day of issue: term -> value. What does not hold is left out."""
    found = {}
    for claim in card.claims.values():
        if claim.derive is not None:
            value = _derive(claim, claims, on)
            if value is not None:
                found[claim.term] = value
    return found


def check_derived(card: CardDefinition, claims: Claims, on: date) -> list[Problem]:
    """``card.inconsistent`` for each derived claim that is stated differently from what follows on the day ``on``.

    A derived claim whose source is not disclosed can't be compared and passes.
    """
    problems = []
    for claim in card.claims.values():
        if claim.derive is None or claim.term not in claims:
            continue
        source = next((term for term in claim.derive["from"] if term in card.claims), "")
        if source in claims and _derive(claim, claims, on) != claims[claim.term]:
            problems.append(Problem("card.inconsistent", f"it does not follow from {source}", claim.pointer))
    return problems


def check_rules(card: CardDefinition, claims: Claims, *, complete: bool = True) -> list[Problem]:
    """The problems that the definition's rules find among the claims that are there and have the right form.

    ``complete``: the claims are all that the card states, not a disclosure of some.
    """
    problems: list[Problem] = []
    for rule in card.rules:
        problems += RULES[rule["rule"]](rule, claims, complete)
    return problems


def check_household(household: Claims, members: Iterable[Claims]) -> list[Problem]:
    """Do the claims of a household's page and of its members' pages fit together (cards.md section 4.2)?

    ``card.household``: exactly one head (relationship 02), whose name the household's page states; one household
    number; the number of members; no non-relative (99) in a family household.
    """
    members = list(members)
    details = []
    heads = [member for member in members if member.get("relationshipToHead") == "02"]
    if len(heads) != 1:
        details.append(("/headOfHousehold", "a household has exactly one head"))
    elif heads[0].get("name") != (household.get("headOfHousehold") or {}).get("name"):
        details.append(("/headOfHousehold", "the head's name is another on the member's page"))
    if any(member.get("householdNumber") != household.get("householdNumber") for member in members):
        details.append(("/householdNumber", "a member has another household number"))
    if household.get("memberCount") != len(members):
        details.append(("/memberCount", "the number of members is another"))
    if household.get("householdType") == "family" and any(m.get("relationshipToHead") == "99" for m in members):
        details.append(("/householdType", "a family household has no members that are not relatives"))
    return [Problem("card.household", detail, f"/credentialSubject{pointer}") for pointer, detail in details]


def date_at(claims: Claims, path: str) -> date | None:
    """The date of a claim (``cardValidUntil``) or of a node's member (``endorsement/endorsedUntil``), or None."""
    value: Any = claims
    for part in path.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    return parse_date(value)


# --- derived claims --------------------------------------------------------------------------------------------------


def _derive(claim: ClaimDefinition, claims: Claims, on: date) -> Any:
    assert claim.derive is not None
    return DERIVATIONS[claim.derive["rule"]](claim.derive, claims, on)


def _age_over(rule: Mapping[str, Any], claims: Claims, on: date) -> bool | None:
    birth = date_at(claims, rule["from"][0])
    return True if birth is not None and age_reached(birth, rule["years"]) <= on else None


def _division(rule: Mapping[str, Any], claims: Claims, _: date) -> str | None:
    part = {"province": province_of, "prefecture": prefecture_of}[rule["rule"]]
    for term in rule["from"]:
        node = claims.get(term)
        code = node.get("administrativeDivision") if isinstance(node, Mapping) else None
        if isinstance(code, str) and len(code) == 6:
            return part(code)
    return None


DERIVATIONS: Mapping[str, Callable[[Mapping[str, Any], Claims, date], Any]] = {
    "ageOver": _age_over,
    "province": _division,
    "prefecture": _division,
}
"""How a claim follows from others, by the name that definitions use."""


# --- rules -----------------------------------------------------------------------------------------------------------


def _number_agrees(rule: Mapping[str, Any], claims: Claims, _: bool) -> list[Problem]:
    """Birth date and sex are those of the citizen identity number."""
    text = claims.get(rule["number"])
    if check_identity_number(text):
        return []  # Absent, or reported with the values.
    number = IdentityNumber(str(text))
    problems = []
    birth = rule.get("birthDate", "")
    if birth in claims and claims[birth] != number.birth_date.isoformat():
        problems.append(_inconsistent(birth, "the birth date is not that of the identity number"))
    sex = rule.get("sex", "")
    if sex in claims and claims[sex] != number.sex:
        problems.append(_inconsistent(sex, "the sex is not that of the identity number"))
    return problems


def _until_or_long_term(rule: Mapping[str, Any], claims: Claims, complete: bool) -> list[Problem]:
    """A card ends on a day or is valid long-term: one of the two, and not before it begins."""
    ends, long_term = rule["until"] in claims, claims.get(rule["longTerm"]) is True
    begin = date_at(claims, rule["from"])
    if ends == long_term and (ends or complete):
        return [_validity(rule["until"], "a card has either an end or long-term validity")]
    end = date_at(claims, rule["until"])
    backwards = end is not None and begin is not None and end < begin
    return [_validity(rule["until"], "it ends before it begins")] if backwards else []


def _validity_by_age(rule: Mapping[str, Any], claims: Claims, _: bool) -> list[Problem]:
    """The validity is the one for the holder's age on the day of issue."""
    birth, begin = date_at(claims, rule["birthDate"]), date_at(claims, rule["from"])
    if birth is None or begin is None or (rule["until"] not in claims and rule["longTerm"] not in claims):
        return []
    if begin < birth:
        return [_validity(rule["from"], "the card was issued before the holder's birth")]
    years = validity_years(birth, begin, rule["years"])
    if years is None:
        fits = claims.get(rule["longTerm"]) is True and rule["until"] not in claims
        return [] if fits else [_validity(rule["until"], "for the age at issue the card is valid long-term")]
    fits = date_at(claims, rule["until"]) == add_years(begin, years)
    return [] if fits else [_validity(rule["until"], f"for the age at issue the card is valid for {years} years")]


def _in_order(rule: Mapping[str, Any], claims: Claims, _: bool) -> list[Problem]:
    """These dates do not run backwards."""
    dated = [(path, day) for path in rule["dates"] if (day := date_at(claims, path)) is not None]
    return [
        _inconsistent(later, f"it is before {earlier}")
        for (earlier, first), (later, second) in pairwise(dated)
        if second < first
    ]


def _inconsistent(path: str, detail: str) -> Problem:
    return Problem("card.inconsistent", detail, f"/credentialSubject/{path}")


def _validity(path: str, detail: str) -> Problem:
    return Problem("card.validity", detail, f"/credentialSubject/{path}")


RULES: Mapping[str, Callable[[Mapping[str, Any], Claims, bool], list[Problem]]] = {
    "numberAgrees": _number_agrees,
    "untilOrLongTerm": _until_or_long_term,
    "validityByAge": _validity_by_age,
    "inOrder": _in_order,
}
"""The rules that definitions may name."""
