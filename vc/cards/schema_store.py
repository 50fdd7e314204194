"""The JSON Schemas of the installed cards, by URL; checked by digest when they are read, never fetched."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

__all__ = ["SchemaDigestError", "registered_schema", "schema_urls"]

_FOLDER = Path(__file__).parent / "schemas"


class SchemaDigestError(Exception):
    """The bytes of an installed schema are not the pinned ones."""


def schema_urls() -> frozenset[str]:
    """The URLs of all installed schemas."""
    return frozenset(_pinned())


def registered_schema(url: str) -> bytes | None:
    """The schema behind a URL, or None when it is none of the cards'. Raises SchemaDigestError naming the URL."""
    return _read(url) if url in _pinned() else None


@cache
def _read(url: str) -> bytes:
    digest, path = _pinned()[url]
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise SchemaDigestError(f"the schema {url} is not the one that was installed: its bytes were changed")
    return content


@cache
def _pinned() -> dict[str, tuple[str, Path]]:
    entries = json.loads((_FOLDER / "manifest.json").read_bytes())["schemas"]
    return {entry["url"]: (entry["sha256"], _FOLDER / entry["file"]) for entry in entries}
