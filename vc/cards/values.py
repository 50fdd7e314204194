"""Are a card's values of the right form? One check for each datatype, code list and format of the definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from vc.problems import Problem

from .calendar import parse_date
from .codes import codes, division
from .definition import CardDefinition, ClaimDefinition, FieldDefinition
from .identifiers import check_identity_number, check_licence_identifier
from .json_schema import PATTERNS

__all__ = ["check_values"]

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_DIVISION = re.compile(r"[1-9][0-9]{5}\Z")
_FORMS = {name: re.compile(pattern[:-1] + r"\Z") for name, pattern in PATTERNS.items()}


def check_values(card: CardDefinition, claims: Mapping[str, Any], *, complete: bool = True) -> list[Problem]:
    """What is wrong with the claims by themselves; empty when nothing is.

    ``complete`` also asks for every claim that an issuer must state (``card.claim_missing``). Other codes:
    ``card.claim_unknown``, ``card.claim_value``, ``card.code_unknown``, and those of the identifiers. Pointers are into
    the credential.
    """
    problems = [
        Problem("card.claim_unknown", f"{card.type} has no such claim", _pointer(term))
        for term in claims
        if term not in card.claims
    ]
    for claim in card.claims.values():
        if claim.term in claims:
            problems += _check_claim(claim, claims[claim.term])
        elif complete and claim.required:
            problems.append(Problem("card.claim_missing", f"{claim.label.en} is needed", claim.pointer))
    return problems


def _check_claim(claim: ClaimDefinition, value: object) -> list[Problem]:
    if not claim.many:
        return _check_one(claim, value, claim.pointer)
    if not isinstance(value, list) or not 1 <= len(value) <= 100:
        return [Problem("card.claim_value", "an array of 1 to 100 entries is needed", claim.pointer)]
    problems = []
    for index, entry in enumerate(value):
        problems += _check_one(claim, entry, f"{claim.pointer}/{index}")
    return problems


def _check_one(claim: ClaimDefinition, value: object, pointer: str) -> list[Problem]:
    if not claim.fields:
        return _check_field(claim, value, pointer)
    if not isinstance(value, Mapping):
        return [Problem("card.claim_value", "an object is needed", pointer)]
    known = {field.term for field in claim.fields}
    problems = [
        Problem("card.claim_unknown", f"{claim.term} has no such member", f"{pointer}/{_escaped(term)}")
        for term in value
        if term not in known
    ]
    for field in claim.fields:
        place = f"{pointer}/{field.term}"
        if field.term in value:
            problems += _check_field(field, value[field.term], place, level=claim.level)
        elif field.required:
            problems.append(Problem("card.claim_missing", f"{field.label.en} is needed", place))
    return problems


def _check_field(field: FieldDefinition, value: object, pointer: str, level: str | None = None) -> list[Problem]:
    if field.codes is not None:
        return _check_code(field, value, pointer, level)
    if field.format in _FORMATS:
        return _FORMATS[field.format](value, pointer=pointer)
    detail = _DATATYPES[field.datatype](field, value)
    return [Problem("card.claim_value", detail, pointer)] if detail else []


def _check_code(field: FieldDefinition, value: object, pointer: str, level: str | None) -> list[Problem]:
    if not isinstance(value, str):
        return [Problem("card.claim_value", "a code is a text", pointer)]
    if field.codes != "divisions":
        known = value in codes(field.codes or "")
        return [] if known else [Problem("card.code_unknown", f"not a code of the list {field.codes}", pointer)]
    if not _DIVISION.match(value):
        return [Problem("card.claim_value", "a division has six digits", pointer)]
    detail = _unfit_division(value, level or field.level, retired=field.retired)
    return [Problem("card.code_unknown", detail, pointer)] if detail else []


def _unfit_division(code: str, wanted: str | None, *, retired: bool) -> str:
    level = division(code).level
    if level == "elsewhere":  # The list does not cover the province: only the form can be judged.
        level = "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
    if level == "retired" and retired:
        return ""
    if level not in {"province", "prefecture", "county"}:
        return f"the division is {level}: not a present one"
    # A municipality stands at province level and is its own prefecture.
    fits = wanted is None or level == wanted or (wanted == "prefecture" and code == "500000")
    return "" if fits else f"a division of {wanted} level is needed"


def _string(field: FieldDefinition, value: object) -> str:
    if not isinstance(value, str):
        return "a text is needed"
    if field.values and value not in field.values:
        return f"one of these is needed: {', '.join(field.values)}"
    if not value or value != value.strip() or len(value) > field.max_length or _CONTROL.search(value):
        return f"1 to {field.max_length} printable characters without outer blanks are needed"
    return ""


def _date(_: FieldDefinition, value: object) -> str:
    return "" if parse_date(value) is not None else "a calendar date such as 2026-01-31 is needed"


def _year_month(_: FieldDefinition, value: object) -> str:
    fits = isinstance(value, str) and _FORMS["yearMonth"].match(value) and not value.startswith("0000")
    return "" if fits else "a year and month such as 2026-01 is needed"


def _boolean(field: FieldDefinition, value: object) -> str:
    if not isinstance(value, bool):
        return "true or false is needed"
    return "" if field.only in (None, value) else "this claim is true or absent, never false"


def _integer(field: FieldDefinition, value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "a whole number is needed"
    low = field.minimum if field.minimum is not None else -(2**53) + 1
    high = field.maximum if field.maximum is not None else 2**53 - 1
    return "" if low <= value <= high else f"a whole number from {low} to {high} is needed"


def _multibase(field: FieldDefinition, value: object) -> str:
    fits = isinstance(value, str) and len(value) <= field.max_length and _FORMS["multibase"].match(value)
    return "" if fits else "a multibase value is needed"


_DATATYPES: Mapping[str, Callable[[FieldDefinition, object], str]] = {
    "string": _string,
    "date": _date,
    "yearMonth": _year_month,
    "boolean": _boolean,
    "integer": _integer,
    "multibase": _multibase,
}


def _vehicle(value: object, *, pointer: str) -> list[Problem]:
    if isinstance(value, str) and _FORMS["vehicleIdentificationNumber"].match(value):
        return []
    return [Problem("card.claim_value", "17 characters without I, O and Q are needed", pointer)]


_FORMATS: Mapping[str | None, Callable[..., list[Problem]]] = {
    "citizenIdentityNumber": check_identity_number,
    "licenceIdentifier": check_licence_identifier,
    "vehicleIdentificationNumber": _vehicle,
}


def _pointer(term: object) -> str:
    return f"/credentialSubject/{_escaped(term)}"


def _escaped(term: object) -> str:
    return str(term)[:80].replace("~", "~0").replace("/", "~1")
