"""What an issuer hands to a wallet as a file: credentials, with their portraits beside them.

    {"credential": {...}, "attachments": {"<digestMultibase>": {"mediaType": "image/jpeg", "data": "<base64url>"}},
     "envelopes": {"<format>": "<the same card in that format, as text>"}}

A file may also hold a bare credential, or ``{"cards": [...]}`` with several of the above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from did import multibase
from vc.cards.formats import FORMATS
from vc.cards.portrait import JPEG, MAX_PORTRAIT, matches_digest
from vc.parsing import loads
from vc.problems import Problem, ProblemError

from .cards import MAX_CARDS

__all__ = ["CardFile", "read_card_files"]


@dataclass(frozen=True, slots=True)
class CardFile:
    """One credential as it came, its attachments (bytes that fit their digests), and the card in the other
    formats that are known here: name -> text."""

    credential: dict[str, Any] = field(repr=False)
    attachments: tuple[bytes, ...] = field(repr=False, default=())
    forms: Mapping[str, str] = field(repr=False, default_factory=dict)


def read_card_files(data: bytes) -> list[CardFile]:
    """The cards of a file (untrusted).

    Raises ProblemError: ``parse.*`` for the JSON, ``message.form`` and ``message.attachment`` for the rest.
    """
    document = loads(data)
    entries = document.get("cards", [document])
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_CARDS:
        raise _refuse("message.form", f"cards must be an array of 1 to {MAX_CARDS} cards", "/cards")
    several = "cards" in document
    return [_read(entry, f"/cards/{index}" if several else "") for index, entry in enumerate(entries)]


def _read(entry: object, place: str) -> CardFile:
    if not isinstance(entry, dict):
        raise _refuse("message.form", "a card must be an object", place)
    if "credential" not in entry:
        return CardFile(entry)
    credential, attachments = entry["credential"], entry.get("attachments", {})
    if not isinstance(credential, dict):
        raise _refuse("message.form", "the credential must be an object", f"{place}/credential")
    if not isinstance(attachments, dict):
        raise _refuse("message.form", "attachments must be an object", f"{place}/attachments")
    kept = tuple(_attachment(digest, entry, place) for digest, entry in attachments.items())
    return CardFile(credential, kept, _forms(entry.get("envelopes", {}), f"{place}/envelopes"))


def _forms(envelopes: object, place: str) -> dict[str, str]:
    """The card in the formats that are known here; others are left aside."""
    if not isinstance(envelopes, Mapping):
        raise _refuse("message.form", "envelopes must be an object", place)
    found = {known.name: envelopes[known.name] for known in FORMATS.beside() if known.name in envelopes}
    for name, text in found.items():
        if not isinstance(text, str):
            raise _refuse("message.form", f"a card as {name} is a text", f"{place}/{name}")
    return found


def _attachment(digest: str, entry: object, place: str) -> bytes:
    pointer = f"{place}/attachments/{digest[:80].replace('~', '~0').replace('/', '~1')}"
    data = entry.get("data") if isinstance(entry, Mapping) and entry.get("mediaType") == JPEG else None
    if not isinstance(data, str) or len(data) > MAX_PORTRAIT * 4 // 3 + 4:
        raise _refuse("message.form", f"an attachment is a {JPEG} of {MAX_PORTRAIT} bytes at most", pointer)
    try:
        content = multibase.decode_base64url(data)
    except ValueError:
        raise _refuse("message.form", "data must be base64url without padding", pointer) from None
    if not matches_digest(content, digest):
        raise _refuse("message.attachment", "the bytes have another digest", pointer)
    return content


def _refuse(code: str, detail: str, pointer: str) -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
