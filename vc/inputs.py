"""Documents as callers give them: JSON bytes or text, or objects that were parsed already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from .parsing import LIMITS, count_members, loads_with_text
from .problems import Problem, ProblemError

__all__ = ["JSON_STARTS", "read_document", "read_with_text"]

JSON_STARTS: Final[frozenset[str | bytes]] = frozenset(
    ("", "{", "[", '"', " ", "\t", "\r", "\n", "\ufeff", b"", b"{", b"[", b'"', b" ", b"\t", b"\r", b"\n", b"\xef")
)
"""The first character or byte of JSON text, and of what reports of bad JSON are made for. No envelope begins so."""

_PLAIN = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def read_document(document: object) -> dict[str, Any]:
    """The JSON object that ``document`` is: UTF-8 bytes, text, or a mapping.

    A dict of JSON values is returned as it is (treat it as read-only); other mappings are copied into plain dicts. The
    limits are those of ``vc.parsing``; what JSON can't hold is refused. Raises ProblemError (``parse.*``), and nothing
    else for any value.
    """
    return read_with_text(document)[0]


def read_with_text(document: object) -> tuple[dict[str, Any], bytes]:
    """As ``read_document``, and the object as orjson writes it."""
    if document.__class__ is not dict:
        if isinstance(document, bytes | str):
            return loads_with_text(document)
        if isinstance(document, bytearray | memoryview):
            return loads_with_text(bytes(document))
        if not isinstance(document, Mapping):
            detail = f"a {type(document).__name__} is neither JSON bytes or text nor a JSON object"
            raise ProblemError(Problem("parse.form", detail))
    try:
        text = orjson.dumps(document, option=_PLAIN)
    except (TypeError, RecursionError):
        return _copied(document)
    if len(text) > LIMITS.size:
        raise ProblemError(Problem("parse.limit", f"{len(text):,} bytes as JSON; at most {LIMITS.size:,} are read"))
    count_members(document, text)
    return document, text  # type: ignore[return-value]


def _copied(document: Mapping[Any, Any]) -> tuple[dict[str, Any], bytes]:
    """A mapping of other classes than JSON's own, as if it had been sent."""
    try:
        text = orjson.dumps(document, default=_ordinary)
    except (TypeError, RecursionError) as error:
        if _WIDE in str(error):
            return loads_with_text(_with_wide_integers(document))
        detail = f"the object can't be written as JSON: {error}"
        raise ProblemError(Problem("parse.form", detail[:300])) from None
    return loads_with_text(text)


_WIDE: Final = "Integer exceeds 64-bit range"
"""What orjson says of one. Where a double holds it exactly it is read as that double, as it is in text."""


def _with_wide_integers(document: Mapping[Any, Any]) -> str:
    """The object as JSON text. Raises ProblemError."""
    import json

    try:
        return json.dumps(document, default=_ordinary)
    except (TypeError, ValueError, RecursionError) as error:
        detail = f"the object can't be written as JSON: {error}"
        raise ProblemError(Problem("parse.form", detail[:300])) from None


def _ordinary(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} is no JSON value")
