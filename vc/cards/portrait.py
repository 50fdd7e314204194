"""Portraits: the claim holds a digest (CID 1.0 section 2.4, multihash sha2-256); the bytes travel beside it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from did import multibase
from vc.problems import Problem

__all__ = ["JPEG", "MAX_PORTRAIT", "check_portrait", "digest_multibase", "matches_digest", "portrait_claim"]

JPEG: Final = "image/jpeg"
MAX_PORTRAIT: Final = 128 * 1024
"""Bytes of a portrait that are accepted at most."""

_SHA2_256: Final = b"\x12\x20"
_JPEG_START: Final = b"\xff\xd8\xff"


def digest_multibase(content: bytes) -> str:
    """The digest of ``content``: multihash sha2-256 in base58btc (``z...``)."""
    return multibase.encode(_SHA2_256 + hashlib.sha256(content).digest(), "z")


def matches_digest(content: bytes, digest: object) -> bool:
    """Whether ``digest`` (multibase ``z`` or ``u`` of a sha2-256 multihash) is that of ``content``. Never raises."""
    if not isinstance(digest, str) or len(digest) > 64:
        return False
    try:
        expected = multibase.decode(digest)
    except ValueError:
        return False
    return hmac.compare_digest(expected, _SHA2_256 + hashlib.sha256(content).digest())


def portrait_claim(content: bytes, media_type: str = JPEG) -> dict[str, str]:
    """The value of the claim ``portrait`` for these bytes. Raises ValueError when they are no JPEG or too large."""
    reason = _unfit(content, media_type)
    if reason:
        raise ValueError(reason)
    return {"digestMultibase": digest_multibase(content), "mediaType": media_type}


def check_portrait(
    claim: object, content: bytes | None, *, pointer: str = "/credentialSubject/portrait"
) -> list[Problem]:
    """What is wrong with the bytes ``content`` as the portrait that ``claim`` stands for; empty when nothing is.

    ``claim`` is the disclosed value of ``portrait`` (untrusted form), ``content`` None when no bytes came along.
    """
    if not isinstance(claim, Mapping):
        return [Problem("portrait.form", "the claim has no digest of a portrait", pointer)]
    if content is None:
        return [Problem("portrait.missing", "the portrait's bytes did not come with the presentation", pointer)]
    if not matches_digest(content, _member(claim, "digestMultibase")):
        return [Problem("portrait.digest", "the bytes have another digest than the claim", pointer)]
    reason = _unfit(content, _member(claim, "mediaType"))
    return [Problem("portrait.form", reason, pointer)] if reason else []


def _member(claim: Mapping[Any, Any], name: str) -> object:
    return claim.get(name)


def _unfit(content: bytes, media_type: object) -> str:
    if media_type != JPEG:
        return f"a portrait is {JPEG}"
    if not content.startswith(_JPEG_START):
        return "the bytes are not a JPEG picture"
    if len(content) > MAX_PORTRAIT:
        return f"a portrait has {MAX_PORTRAIT} bytes at most"
    return ""
