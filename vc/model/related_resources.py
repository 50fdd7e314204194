"""Integrity of related resources (VCDM 2.0 section 5.3): digests in a document are compared with the resources."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from contexts import ContextRegistry
from did import multibase

from .findings import Findings, one_or_more
from .identifiers import is_url

__all__ = ["Resources", "check_digest", "check_related_resources", "digest_matches", "registered"]

Resources = Callable[[str], bytes | None]
"""Where the bytes behind a URL come from: None when they are not at hand. It must not touch the network."""

_SRI = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?[\x21-\x7e]*)?")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(?:\s*;.*)?")
# Multihash codes (multicodec table): varint prefix with length -> hash.
_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512", b"\xcd\xa6\x01\x20": "sm3"}
_STRENGTH = ("sm3", "sha256", "sha384", "sha512")
"""Weakest first: of two that are equally long the one that everybody has decides."""
_LONGEST = 1024


def registered(contexts: ContextRegistry) -> Resources:
    """The registered contexts as resources."""
    return lambda url: contexts.raw(url) if url in contexts else None


def check_related_resources(
    found: Findings, value: object, pointer: str, resources: Resources, accepted: Mapping[str, Collection[str]]
) -> None:
    """``relatedResource``: objects with a unique URL and a digest that fits the resource where that is at hand."""
    seen: set[str] = set()
    for node, place in one_or_more(found, value, pointer, "model.related_resource", "a related resource"):
        url = node.get("id")
        if not isinstance(url, str) or not is_url(url):
            found.report("model.related_resource", place, "a related resource needs an id that is a URL")
            url = None
        elif url in seen:
            found.report("model.related_resource", place + "/id", "a resource may be listed once only")
        else:
            seen.add(url)
        media_type = node.get("mediaType", "a/b")
        if not isinstance(media_type, str) or _MEDIA_TYPE.fullmatch(media_type) is None:
            found.report("model.related_resource", place + "/mediaType", "mediaType must be a media type")
        if "digestSRI" not in node and "digestMultibase" not in node:
            found.report("model.related_resource", place, "a related resource needs digestSRI or digestMultibase")
        check_digest(found, node, place, resources, accepted)


def check_digest(
    found: Findings, node: dict[str, Any], pointer: str, resources: Resources, accepted: Mapping[str, Collection[str]]
) -> None:
    """The digests of an object that has an ``id``: well-formed, and equal to the resource's where that is at hand."""
    url = node.get("id")
    if not isinstance(url, str):
        return
    for member in ("digestSRI", "digestMultibase"):
        if member not in node:
            continue
        digests = node[member] if isinstance(node[member], list) else [node[member]]
        place = f"{pointer}/{member}"
        if digests and all(isinstance(digest, str) and digest in accepted.get(url, ()) for digest in digests):
            continue
        if not digests or any(_parse(member, digest) is None for digest in digests):
            detail = f"{member} must hold digests of a known hash (SHA-2, 256 bits or more; SM3)"
            found.report("model.digest", place, detail)
            continue
        content = resources(url)
        if content is not None and not digest_matches(member, digests, content):
            found.report("model.digest_mismatch", place, "the digest is not that of the resource")


def digest_matches(member: str, digests: list[str], content: bytes) -> bool:
    """Do well-formed ``digests`` of the kind ``member`` (``digestSRI`` or ``digestMultibase``) fit the bytes?

    Of several digests those of the strongest hash decide, and one of them must fit (SRI section 3.3.4).
    """
    parsed = [pair for pair in (_parse(member, digest) for digest in digests) if pair is not None]
    if not parsed:
        return False
    strongest = max((name for name, _ in parsed), key=_STRENGTH.index)
    if strongest not in hashlib.algorithms_available:
        return False
    actual = hashlib.new(strongest, content).digest()
    return any(name == strongest and hmac.compare_digest(value, actual) for name, value in parsed)


def _parse(member: str, digest: object) -> tuple[str, bytes] | None:
    """The hash name and the value of one digest; None when it is malformed or of an unknown hash."""
    if not isinstance(digest, str) or len(digest) > _LONGEST:
        return None
    try:
        return _parse_sri(digest) if member == "digestSRI" else _parse_multihash(digest)
    except (ValueError, binascii.Error):
        return None


def _parse_sri(digest: str) -> tuple[str, bytes] | None:
    match = _SRI.fullmatch(digest)
    if match is None:
        return None
    text = match[2].rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    value = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    return (match[1], value) if len(value) == hashlib.new(match[1]).digest_size else None


def _parse_multihash(digest: str) -> tuple[str, bytes] | None:
    data = multibase.decode(digest)
    for head, name in _MULTIHASH.items():
        if data.startswith(head):
            return (name, data[len(head) :]) if len(data) == len(head) + head[-1] else None
    return None
