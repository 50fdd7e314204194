"""From what was given to the documents in it: opened by whichever way of securing takes them."""

from __future__ import annotations

from typing import Any, Final

from ..checks.expectations import Expectations
from ..checks.record import Record
from ..checks.secured import MAX_CREDENTIALS, Opener, SecuredDocument
from ..envelope.opening import open_envelope
from ..inputs import JSON_STARTS, read_with_text
from ..integrity.secured import open_document_with_proofs
from ..problems import Problem, ProblemError

__all__ = ["OPENERS", "open_contained", "open_given"]

OPENERS: Final[tuple[Opener, ...]] = (open_envelope, open_document_with_proofs)
"""The ways in which a document may be secured, asked in this order. Another one is another entry."""

_BLANK: Final[frozenset[str | bytes]] = frozenset((" ", "\t", "\r", "\n", b" ", b"\t", b"\r", b"\n"))
"""What may stand before a document, and is no part of it."""
_CREDENTIALS: Final = "/verifiableCredential"


def open_given(
    document: object, record: Record, expected: Expectations, openers: tuple[Opener, ...]
) -> tuple[SecuredDocument, bytes] | None:
    """The document, and its JSON text as orjson writes it (none for what is no JSON). None when it can't be read."""
    if isinstance(document, bytearray):
        document = bytes(document)
    text = b""
    try:
        if isinstance(document, str | bytes) and document[:1] in _BLANK:
            document = document.lstrip(" \t\r\n") if isinstance(document, str) else document.lstrip(b" \t\r\n")
        if isinstance(document, str | bytes) and document[:1] not in JSON_STARTS:
            top = _opened(document, "", expected, openers, False)
        else:
            parsed, text = read_with_text(document)
            top = _opened(parsed, "", expected, openers, False)
    except ProblemError as error:
        record.failed("parse", "", error.problems)
        return None
    record.passed("parse", "")
    return top, text


def open_contained(
    document: dict[str, Any], record: Record, expected: Expectations, openers: tuple[Opener, ...]
) -> tuple[list[SecuredDocument], dict[str, Any]]:
    """The credentials of a presentation; and the presentation with those that stood closed in it laid open."""
    value = document.get("verifiableCredential")
    if value is None:
        return [], document
    many = isinstance(value, list)
    values: list[Any] = value if isinstance(value, list) else [value]
    if len(values) > MAX_CREDENTIALS:
        detail = f"the presentation has {len(values)} credentials; at most {MAX_CREDENTIALS} are verified"
        record.failed("credentials", _CREDENTIALS, [Problem("parse.limit", detail, _CREDENTIALS)])
        return [], document
    credentials: list[SecuredDocument] = []
    laid_open: dict[int, dict[str, Any]] = {}
    for index, item in enumerate(values):
        where = f"{_CREDENTIALS}/{index}" if many else _CREDENTIALS
        try:
            if not isinstance(item, dict):
                detail = "a credential in a presentation is an object: one with a proof, or an enveloped one"
                raise ProblemError(Problem("parse.form", detail, where))
            opened = _opened(item, where, expected, openers, True)
        except ProblemError as error:
            record.failed("credentials", where, error.problems)
            continue
        credentials.append(opened)
        if opened.document is not item:
            laid_open[index] = opened.document
    if not laid_open:
        return credentials, document
    shown = [laid_open.get(index, item) for index, item in enumerate(values)]
    return credentials, {**document, "verifiableCredential": shown if many else shown[0]}


def _opened(
    document: Any, pointer: str, expected: Expectations, openers: tuple[Opener, ...], contained: bool
) -> SecuredDocument:
    """Raises ProblemError."""
    for opener in openers:
        found = opener(document, pointer, expected, contained)
        if found is not None:
            return found
    raise ProblemError(Problem("parse.form", "not a form that can be verified", pointer))
