"""JSON Canonicalization Scheme (RFC 8785): a quick way by orjson where that is sound, the exact one for the rest."""

from __future__ import annotations

import re
from typing import Any

import orjson

from ..json_text import cut, structure_of
from ..problems import Problem, ProblemError

__all__ = ["jcs", "jcs_of_doubles"]

_EXACT = 2**53 - 1
_DEPTH = 200

# orjson agrees with RFC 8785 but for: numbers that are no small integers (ECMAScript writes them otherwise), names with
# characters outside the BMP (sorted by code point, not by UTF-16 unit), and null, which may have been a NaN.
_UNSURE_NUMBER = re.compile(rb"[0-9][.eE]|[0-9]{15}")
_OUTSIDE_BMP = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")

_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)


def jcs(value: Any) -> bytes:
    """The canonical UTF-8 text of a JSON value.

    Raises ProblemError (``proof.transformation``) for what I-JSON can't hold: NaN, infinity, lone surrogates, integers
    beyond 2**53, names that are no strings, nesting without end.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
        if _is_sure(text):
            return text
    except TypeError:
        pass
    import rfc8785

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError, ValueError, RecursionError, AttributeError) as error:
        detail = f"the document can't be canonicalised with JCS (RFC 8785): {type(error).__name__}"
        raise ProblemError(Problem("proof.transformation", detail)) from None


def jcs_of_doubles(value: Any) -> bytes:
    """As ``jcs``, where an integer beyond 2**53 that a double holds exactly is that double.

    1e20 is 100000000000000000000 for whom a JavaScript relay stands between, and Python reads that as an integer.
    """
    try:
        return jcs(value)
    except ProblemError:
        return jcs(_with_doubles(value, 0))


def _with_doubles(value: Any, depth: int) -> Any:
    kind = value.__class__
    if depth > _DEPTH:
        return value
    if kind is dict:
        return {name: _with_doubles(item, depth + 1) for name, item in value.items()}
    if kind is list:
        return [_with_doubles(item, depth + 1) for item in value]
    if kind is int and abs(value) > _EXACT and value.bit_length() <= 1024:
        try:
            return float(value) if int(float(value)) == value else value
        except OverflowError:
            return value
    return value


def _is_sure(text: bytes) -> bool:
    """Whether orjson's text is the canonical one. False also where that can't be told."""
    tokens = cut(text)
    if tokens is None:
        return False
    structure = structure_of(tokens)
    has_numbers = structure.translate(None, b"0123456789") != structure
    if b"null" in structure or (has_numbers and _UNSURE_NUMBER.search(structure) is not None):
        return False
    return text.isascii() or not any(byte in text for byte in _OUTSIDE_BMP)
