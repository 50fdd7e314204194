"""Literals in canonical N-Quads (RDFC-1.0 appendix A; JSON-LD 1.1 API section 8.2.2)."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import orjson

from ..jsonld.faults import invalid
from ..jsonld.plan import XSD

__all__ = [
    "JSON_TAIL",
    "is_quoted_well",
    "is_quoted_well_utf8",
    "is_rounded",
    "json_text",
    "native",
    "quote",
    "quote_exactly",
]

JSON_TAIL: Final = "^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>"
_BOOLEAN: Final = f"^^<{XSD}boolean>"
_INTEGER: Final = f"^^<{XSD}integer>"
_DOUBLE_IRI: Final = XSD + "double"
_DOUBLE: Final = f"^^<{XSD}double>"

quote = orjson.dumps
"""A string between quotes, as UTF-8; a lone surrogate raises orjson.JSONEncodeError.

JSON and canonical N-Quads differ in control characters, DEL, U+FFFE and U+FFFF: see ``is_quoted_well``.
"""


def is_quoted_well(text: str) -> bool:
    """Whether text made with ``quote`` is right for canonical N-Quads; if not, ``quote_exactly`` is needed."""
    if ("\\" in text and "\\u00" in text) or "\x7f" in text:
        return False
    return text.isascii() or not ("\ufffe" in text or "\uffff" in text)


def is_quoted_well_utf8(text: bytes) -> bool:
    """The same for UTF-8; False also for other characters of the block that U+FFFE is in."""
    if (b"\\" in text and b"\\u00" in text) or b"\x7f" in text:
        return False
    return not (b"\xef" in text and b"\xef\xbf" in text)


_ESCAPES = {chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)}
_ESCAPES.update({"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"})
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\\ufffe\uffff]')


def quote_exactly(text: str) -> bytes:
    """A string between quotes, escaped as canonical N-Quads asks, as UTF-8."""
    return f'"{_ESCAPED.sub(lambda match: _ESCAPES[match[0]], text)}"'.encode()


def native(value: Any, datatype: str | None, tail: str) -> str:
    """The literal for a JSON number or boolean, coerced to ``datatype`` (``tail`` is the same, ready to write).

    Integral numbers below 1e21 are integers, others doubles in canonical form with 15 digits after the point.
    Raises Fault for a number that is not finite or that a double can't hold exactly.
    """
    if value is True or value is False:
        return f'"{"true" if value else "false"}"{_BOOLEAN if datatype is None else tail}'
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        raise invalid("loading document failed", f"{type(value).__name__} is no JSON value") from None
    if not math.isfinite(number) or number != value:
        raise invalid("loading document failed", "a number that JSON implementations read differently")
    if datatype != _DOUBLE_IRI and number.is_integer() and abs(number) < 1e21:
        return f'"{int(number)}"{_INTEGER if datatype is None else tail}'
    return f'"{_canonical_double(number)}"{_DOUBLE if datatype is None else tail}'


def is_rounded(value: Any) -> bool:
    """Whether a number's literal has fewer digits than the number, so that another number has the same literal."""
    return value.__class__ is float and float(f"{value:.15E}") != value


def _canonical_double(number: float) -> str:
    digits, _, exponent = f"{number:.15E}".partition("E")
    digits = digits.rstrip("0")
    return f"{digits}0E{int(exponent)}" if digits.endswith(".") else f"{digits}E{int(exponent)}"


def json_text(value: Any) -> str:
    """A JSON literal's text: RFC 8785 (JCS). Raises Fault."""
    import rfc8785

    try:
        return rfc8785.dumps(value).decode()
    except (rfc8785.CanonicalizationError, RecursionError, TypeError, ValueError) as error:
        raise invalid("invalid JSON literal", str(error) or type(error).__name__) from None
