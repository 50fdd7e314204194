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
    "Finding",
    "alone_differs",
    "datatype_name",
    "json_numbers",
    "native_written",
    "text_written",
]

_SCHEMA: Final = ("https://schema.org/", "http://schema.org/")
BOOLEANS: Final = frozenset([XSD + "boolean", *(start + "Boolean" for start in _SCHEMA)])
"""Datatypes whose values are written as JSON booleans."""
NUMBERS: Final = frozenset(
    [
        *(
            XSD + name
            for name in (
                "byte",
                "decimal",
                "double",
                "float",
                "int",
                "integer",
                "long",
                "negativeInteger",
                "nonNegativeInteger",
                "nonPositiveInteger",
                "positiveInteger",
                "short",
                "unsignedByte",
                "unsignedInt",
                "unsignedLong",
                "unsignedShort",
            )
        ),
        *(start + name for start in _SCHEMA for name in ("Float", "Integer", "Number")),
    ]
)
"""Datatypes whose values are written as JSON numbers, where a number gives that literal."""


class Finding(NamedTuple):
    """A code of vc.problems, and what is to be written."""

    code: str
    detail: str


def alone_differs(value: Any) -> bool:
    """Whether a value alone and an array with it alone are true and false by turns in languages that software has."""
    return value.__class__ in (bool, int, float) or value in ("", "0", {})


def text_written(text: str, datatype: str | None) -> Finding | None:
    """What is wrong with a text under a term of this datatype."""
    if datatype is None:
        return None
    name = datatype_name(datatype, text)
    if name is None or datatype == XSD + "string":
        return None
    return Finding(
        "reading.value", f"the text {text[:40]!r} is the same statement as {name}: write {name} as a {datatype}"
    )


def datatype_name(datatype: str, text: str) -> str | None:
    """The JSON value that is the same literal as a text of a datatype, if it is to be written so."""
    if datatype in BOOLEANS:
        return text if text in ("true", "false") else None
    if datatype == XSD + "string":
        return text
    if datatype not in NUMBERS:
        return None
    try:
        number = float(text)
        value: Any = int(number) if number.is_integer() else number
        same = native(value, datatype, "") == f'"{text}"'
    except (Fault, OverflowError, ValueError):
        return None
    return str(value) if same else None


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
