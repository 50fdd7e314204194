"""Numbers with check characters: citizen identity number (GB 11643-1999) and e-licence identifier (GB/T 36904-2018).

    IdentityNumber.parse("510199200002290018")    strict: the standard form of 18 characters, nothing else
    citizen_identity_number("510199000229001")    reads 15 digits and a lower-case x, gives the standard form
    LicenceIdentifier.parse("1.2.156.3005.2....")

Errors are ProblemError (a ValueError) and never repeat the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from vc.problems import Problem, ProblemError

from .codes import division

__all__ = [
    "LICENCE_ROOT",
    "PLACEHOLDER_ISSUERS",
    "IdentityNumber",
    "LicenceIdentifier",
    "check_identity_number",
    "check_licence_identifier",
    "citizen_identity_number",
    "division_warning",
    "identity_check_character",
    "licence_check_character",
]

_NUMBER: Final = re.compile(r"[1-9][0-9]{16}[0-9X]\Z")
_OLD_NUMBER: Final = re.compile(r"[1-9][0-9]{14}\Z")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"

LICENCE_ROOT: Final = "1.2.156.3005.2"
"""The object identifier under which e-licence identifiers stand (GB/T 36904)."""

PLACEHOLDER_ISSUERS: Final = {"510000": "00510000FAKE00002L", "500000": "00500000FAKE00003K"}
"""Issuers' codes for the demonstration, by province. Not unified social credit codes: no body registers with ``00``."""

_LICENCE: Final = re.compile(
    re.escape(LICENCE_ROOT) + r"\.([0-9A-Z]{21})\.([0-9A-Z]{18})\.([0-9A-Z]{1,40})\.([0-9]{3})\.([0-9A-Z])\Z"
)
_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A citizen identity number in its standard form, and what it says.

    ``division`` is the division of the first registration (it may be retired by now), ``sex`` a GB/T 2261.1 code.
    """

    text: str

    @property
    def division(self) -> str:
        """The six digits of GB/T 2260 in front."""
        return self.text[:6]

    @property
    def birth_date(self) -> date:
        """The birth date in the number."""
        return date(int(self.text[6:10]), int(self.text[10:12]), int(self.text[12:14]))

    @property
    def sex(self) -> str:
        """``1`` (male) for an odd sequence number, ``2`` (female) for an even one."""
        return "1" if int(self.text[16]) % 2 else "2"

    @classmethod
    def parse(cls, text: object, *, pointer: str = "") -> IdentityNumber:
        """Read the standard form strictly: 17 digits and a check character, X in upper case.

        Raises ProblemError: ``identity_number.form``, ``.date`` or ``.check``.
        """
        problems = check_identity_number(text, pointer=pointer)
        if problems:
            raise ProblemError(*problems)
        return cls(str(text))


def citizen_identity_number(text: object, *, pointer: str = "") -> str:
    """The standard form of a number as people write it: 15 digits (born in the 1900s) and a lower-case x are read.

    Spaces around it are dropped. Raises ProblemError as ``IdentityNumber.parse``.
    """
    if isinstance(text, str) and len(text) <= 40:
        text = text.strip().replace("x", "X")
        if _OLD_NUMBER.match(text):
            long_form = f"{text[:6]}19{text[6:]}"
            text = long_form + identity_check_character(long_form)
    return IdentityNumber.parse(text, pointer=pointer).text


def check_identity_number(text: object, *, pointer: str = "") -> list[Problem]:
    """What is wrong with a number in standard form; empty when nothing is. Whether its division exists is not asked."""
    if not isinstance(text, str) or not _NUMBER.match(text) or text[14:17] == "000":
        return [Problem("identity_number.form", "17 digits and a check character are needed, X in upper case", pointer)]
    problems = []
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        problems.append(Problem("identity_number.date", "digits 7 to 14 are no calendar date", pointer))
    if identity_check_character(text[:17]) != text[17]:
        problems.append(Problem("identity_number.check", "the check character does not fit the digits", pointer))
    return problems


def division_warning(number: str, *, pointer: str = "") -> Problem | None:
    """A warning when the division in a valid number is not a present county-level one, as far as the list knows.

    Retired codes are right in the numbers of people registered before the change, so this is never an error. Provinces
    that the list does not cover give no warning.
    """
    level = division(number[:6]).level
    if level in {"county", "elsewhere"}:
        return None
    details = {
        "retired": "the division is a retired one: right for people registered before it changed",
        "unallocated": "the division was never allocated: a synthetic number",
    }
    return Problem("identity_number.division", details.get(level, "the division is not in the list"), pointer)


def identity_check_character(digits: str) -> str:
    """The check character for the 17 leading digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """An e-licence identifier (GB/T 36904).

    ``type_code`` has 21 characters (the defining body's code, 18, and a serial, 3), ``issuer_code`` 18, ``serial`` up
    to 40 digits and upper-case letters; ``version`` counts from 1 and goes up at each update.
    """

    type_code: str
    issuer_code: str
    serial: str
    version: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.version <= 999 or not _LICENCE.match(str(self)):
            raise ProblemError(Problem("licence_identifier.form", "a part has a form that is not allowed"))

    def __str__(self) -> str:
        parts = (self.type_code, self.issuer_code, self.serial, f"{self.version:03}")
        return ".".join((LICENCE_ROOT, *parts, licence_check_character("".join(parts))))

    def next_version(self) -> LicenceIdentifier:
        """The identifier of the updated licence. Raises ProblemError after version 999."""
        return replace(self, version=self.version + 1)

    @classmethod
    def parse(cls, text: object, *, pointer: str = "") -> LicenceIdentifier:
        """Read an identifier. Raises ProblemError: ``licence_identifier.form`` or ``.check``."""
        problems = check_licence_identifier(text, pointer=pointer)
        if problems:
            raise ProblemError(*problems)
        _, type_code, issuer_code, serial, version, _ = _split(str(text))
        return cls(type_code, issuer_code, serial, int(version))


def check_licence_identifier(text: object, *, pointer: str = "") -> list[Problem]:
    """What is wrong with an e-licence identifier; empty when nothing is."""
    if not isinstance(text, str) or not _LICENCE.match(text):
        detail = f"{LICENCE_ROOT}. and type (21), issuer (18), serial, version (3), check character are needed"
        return [Problem("licence_identifier.form", detail, pointer)]
    _, *parts, check = _split(text)
    if licence_check_character("".join(parts)) != check:
        return [Problem("licence_identifier.check", "the check character does not fit", pointer)]
    return []


def licence_check_character(text: str) -> str:
    """The check character of digits and upper-case letters (ISO 7064 MOD 37,36). Raises ValueError for others."""
    product = 36
    for character in text:
        product = (product + _ALPHANUMERIC.index(character)) % 36 or 36
        product = product * 2 % 37
    return _ALPHANUMERIC[(37 - product) % 36]


def _split(text: str) -> list[str]:
    return [LICENCE_ROOT, *text[len(LICENCE_ROOT) + 1 :].split(".")]
