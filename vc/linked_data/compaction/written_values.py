"""How texts, numbers and booleans are written where RDF would take several spellings for one literal."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

from ..jsonld.faults import Fault
from ..jsonld.plan import XSD
from ..rdf.literal import is_rounded, native

__all__ = [
    "BOOLEANS",
    "NUMBERS",
    "TEXTS",
    "Finding",
    "alone_differs",
    "is_native",
    "json_numbers",
    "native_written",
    "text_written",
]

_XSD: Final = (XSD, XSD.replace("http:", "https:"))
"""Published contexts write the namespace in both ways."""
_SCHEMA: Final = ("https://schema.org/", "http://schema.org/")


def _each(starts: tuple[str, ...], names: str) -> list[str]:
    return [start + name for start in starts for name in names.split()]


BOOLEANS: Final = frozenset([*_each(_XSD, "boolean"), *_each(_SCHEMA, "Boolean")])
"""Datatypes whose values are written as JSON booleans."""
NUMBERS: Final = frozenset(
    [
        *_each(_XSD, "decimal double float integer long int short byte nonNegativeInteger positiveInteger"),
        *_each(_XSD, "nonPositiveInteger negativeInteger unsignedLong unsignedInt unsignedShort unsignedByte"),
        *_each(_SCHEMA, "Float Integer Number"),
    ]
)
"""Datatypes whose values are written as JSON numbers or as their texts."""


TEXTS: Final = frozenset(
    (
        "https://w3id.org/vc/status-list#statusListIndex",
        "https://www.w3.org/ns/credentials/status#statusListIndex",
    )
)
"""Properties whose numbers are texts by their specifications, 0 too (Bitstring Status List 2.1)."""


class Finding(NamedTuple):
    """A code of vc.problems, and what is to be written."""

    code: str
    detail: str


def alone_differs(value: Any) -> bool:
    """Whether a value alone and an array with it alone are true and false by turns in languages that software has."""
    return value.__class__ in (bool, int, float) or value in ("", "0", {})


def text_written(text: str, datatype: str | None) -> Finding | None:
    """What is wrong with a text under a term of this datatype: it may not be another value where truth is asked for.

    Numbers are published as texts as well (the index of a status, say); but 0 is false, and its text is not.
    """
    if datatype in BOOLEANS and text in ("true", "false"):
        return Finding("reading.value", f"the text {text!r} is the same statement as {text}, which is another value")
    if datatype in NUMBERS and text in _ZEROS:
        return Finding("reading.value", f"the text {text!r} is the same statement as 0, which is another value")
    return None


_ZEROS: Final = ("0", "0.0E0")
"""How 0 stands in statements, where a term has the datatype of an integer or of a double."""


def is_native(datatype: str, text: str) -> bool:
    """Whether a text of a datatype is the same literal as a JSON text, number or boolean."""
    if datatype == XSD + "string":
        return True
    if datatype == XSD + "boolean":
        return text in ("true", "false")
    if datatype not in (XSD + "integer", XSD + "double"):
        return False
    try:
        number = float(text)
        return native(int(number) if number.is_integer() else number, None, "") == f'"{text}"^^<{datatype}>'
    except (Fault, OverflowError, ValueError):
        return False


def native_written(value: Any, datatype: str | None) -> Finding | None:
    """What is wrong with a number or boolean under a term of this datatype."""
    is_boolean = value.__class__ is bool
    if datatype is not None and datatype not in (BOOLEANS if is_boolean else NUMBERS):
        return Finding("reading.value", f"values of type {datatype} are written as text here")
    return None if is_boolean else _number(value)


def _number(value: Any) -> Finding | None:
    """What is wrong with the spelling of a number."""
    if value.__class__ is not float:
        return None
    if is_rounded(value):
        return Finding(
            "reading.dropped", f"{value!r} has more digits than are signed: write {float(f'{value:.15E}')!r}"
        )
    return _zero(value)


def _zero(value: float) -> Finding | None:
    """Other spellings of a number are the same number wherever JSON is read; minus zero is another."""
    if value == 0 and math.copysign(1, value) < 0:
        return Finding("reading.number", "minus zero is written 0")
    return None


def json_numbers(value: Any) -> Finding | None:
    """What is wrong with the spelling of the numbers in a JSON literal, all whose digits are signed."""
    pending = [value]
    while pending:
        item = pending.pop()
        if item.__class__ is dict:
            pending.extend(item.values())
        elif item.__class__ is list:
            pending.extend(item)
        elif item.__class__ is float:
            found = _zero(item)
            if found is not None:
                return found
    return None
