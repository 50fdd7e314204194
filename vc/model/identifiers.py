"""What counts as a URL and as a type in the data model (VCDM 2.0 sections 4.4 and 4.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

__all__ = ["CREDENTIALS_V1", "CREDENTIALS_V2", "identifier_of", "is_url", "subject_of", "types_of"]

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"

_CACHED_LENGTH = 256
# Any absolute IRI: a scheme, then no character that RFC 3987 keeps out (space, controls, <>"{}|\^`), whole escapes.
# A private-use or unpaired code point is left to the JSON-LD engine.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[^\x00-\x20\x7f-\xa0<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})+")
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-](?:[/?#].*)?")
_HTTP = re.compile(r"https?://(?:[^/?#@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]]+)(?::[0-9]{0,5})?(?:[/?#].*)?", re.I)
_BY_SCHEME = {"did": _DID, "http": _HTTP, "https": _HTTP}


def is_url(value: object) -> bool:
    """True for an absolute URL: it has a scheme, no forbidden character, and the parts that its scheme needs.

    DIDs and DID URLs, ``urn:`` names and ``data:`` URLs are URLs here. Relative references are not. What the URL
    standard takes for a URL is one, so ``urn:`` may be followed by anything (RFC 8141 asks for a namespace).
    """
    if not isinstance(value, str):
        return False
    return _is_url(value) if len(value) <= _CACHED_LENGTH else _is_url.__wrapped__(value)


@lru_cache(maxsize=4096)
def _is_url(value: str) -> bool:
    if _IRI.fullmatch(value) is None:
        return False
    rule = _BY_SCHEME.get(value[: value.index(":")].lower())
    return rule is None or rule.fullmatch(value) is not None


def types_of(node: object) -> tuple[str, ...]:
    """The values of ``type`` of a JSON object, one or many; empty when there is none or it is of another form."""
    value = node.get("type") if isinstance(node, dict) else None
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        for item in value:
            if not isinstance(item, str) or not item:
                return ()
        return tuple(value)
    return ()


def subject_of(credential: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The subject of a credential (untrusted form) that has one, alone or in an array; else None."""
    value = credential.get("credentialSubject")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, Mapping) else None


def identifier_of(value: object) -> str | None:
    """The URL in a property that holds a URL or an object with an ``id`` (``issuer``, ``holder``); else None."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and is_url(value) else None
