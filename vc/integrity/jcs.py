"""JSON Canonicalization Scheme (RFC 8785): the fast library where it is sound, the exact one for the rest."""

from __future__ import annotations

import re
from typing import Any

import orjson
import rfc8785

from ..problems import Problem, ProblemError

__all__ = ["jcs"]

# orjson agrees with RFC 8785 but for: numbers that are no small integers (ECMAScript writes them otherwise), names with
# characters outside the BMP (sorted by code point, not by UTF-16 unit), and null, which may have been a NaN. A match of
# this pattern inside a string only costs the slower way; there is no such value that it misses.
_UNSURE = re.compile(rb"(?:^|\":|[\[,])-?(?:[0-9]+[.eE]|[0-9]{15})|[\xf0-\xf4]|null")

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
        if _UNSURE.search(text) is None:
            return text
    except TypeError:
        pass
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError, ValueError, RecursionError, AttributeError) as error:
        detail = f"the document can't be canonicalised with JCS (RFC 8785): {type(error).__name__}"
        raise ProblemError(Problem("proof.transformation", detail)) from None
