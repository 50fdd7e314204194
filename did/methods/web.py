"""did:web (CCG did:web Method Specification): the document is a file on a web server, under TLS.

Nothing proves its history: whoever controls the server controls the DID. Prefer did:webvh for issuers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..documents import check
from ..errors import (
    DidError,
    DidNotFound,
    DidUnavailable,
    FeatureNotSupported,
    FetchRefused,
    InvalidDid,
    InvalidDidDocument,
)
from ..public_keys import PublicKey
from ..resolution import FetchRequest, Resolution, Steps
from ..strict_json import loads
from ..urls import parse_did
from ..usable import usable_part
from .web_location import WebLocation, encode_component, parse_location

__all__ = ["ANY_MEDIA_TYPE", "METHOD", "create", "deactivate", "did_for", "document_for", "location", "update"]

_PREFIX: Final = "did:web:"
_MEDIA_TYPES: Final = (
    "application/did",
    "application/did+ld+json",
    "application/did+json",
    "application/ld+json",
    "application/json",
)
_GENERAL_MEDIA_TYPES: Final = ("text/plain", "application/octet-stream", "text/json", "")
"""What usual hosts of static files say of a did.json: taken under the policy ANY_MEDIA_TYPE only."""
ANY_MEDIA_TYPE: Final = "did-web-general-media-types"
"""The policy (``did.Resolver(policies=...)``) that takes documents served as plain text, as bytes, or as nothing.
The document is read as JSON and checked as ever; the metadata says how it was served.
"""
_BOM: Final = b"\xef\xbb\xbf"
_MAX_DOCUMENT: Final = 512 * 1024


def location(did: str) -> WebLocation:
    """Where the document of a did:web is. Raises InvalidDid."""
    if parse_did(did).method != "web":
        raise InvalidDid("not a did:web", did)
    return parse_location(did[len(_PREFIX) :], did)


def did_for(host: str, *segments: str, port: int | None = None) -> str:
    """The did:web of a host and a path: ``did_for("police.example", "sichuan")``. Raises InvalidDid."""
    parts = [encode_component(host) + ("" if port is None else f"%3A{port}"), *map(encode_component, segments)]
    did = _PREFIX + ":".join(parts)
    location(did)
    return did


def document_for(
    did: str,
    keys: Mapping[str, PublicKey],
    *,
    purposes: Mapping[str, Iterable[str]] | None = None,
    services: Iterable[Mapping[str, Any]] = (),
    also_known_as: Iterable[str] = (),
) -> dict[str, Any]:
    """A DID document with Multikey methods. ``keys``: fragment (``key-1``) -> public key.

    ``purposes``: fragment -> relationships; by default a key is listed for assertionMethod and authentication. A
    fragment with none is kept in the document, and may not be used for anything.
    """
    purposes = purposes or {}
    methods = [
        {"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": key.to_multikey()}
        for name, key in keys.items()
    ]
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
    }
    for name in keys:
        for purpose in purposes.get(name, ("assertionMethod", "authentication")):
            document.setdefault(purpose, []).append(f"{did}#{name}")
    if listed := list(also_known_as):
        document["alsoKnownAs"] = listed
    if offered := [dict(service) for service in services]:
        document["service"] = offered
    check(document, did)
    return document


def create(document: Mapping[str, Any]) -> dict[str, bytes]:
    """The file to publish for a document: its path on the server -> its bytes. Raises InvalidDid(Document)."""
    did = document.get("id")
    if not isinstance(did, str):
        raise InvalidDidDocument("a DID document has an id")
    place = location(did)
    check(document, did)
    return {place.path("did.json"): json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"}


def update(old: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, bytes]:
    """As ``create``, for a document that takes the place of ``old``; the DID must stay."""
    if old.get("id") != document.get("id"):
        raise InvalidDid("a did:web can't be moved: another path is another DID", str(old.get("id")))
    return create(document)


def deactivate(did: str) -> list[str]:
    """The paths of the files to remove from the server. A did:web without its file is deactivated."""
    return [location(did).path("did.json")]


class _WebMethod:
    name = "web"

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        """Fetch the document. ``httpLoopback`` (of the resolver) allows http for ``localhost``."""
        place = location(did)
        if options.get("versionId") is not None or options.get("versionTime") is not None:
            raise FeatureNotSupported("did:web keeps no history: versionId and versionTime can't be resolved", did)
        http = bool(options.get("httpLoopback")) and place.is_loopback_name
        try:
            response = yield FetchRequest(
                place.url("did.json", http=http), (*_MEDIA_TYPES, *_GENERAL_MEDIA_TYPES), _MAX_DOCUMENT
            )
        except DidUnavailable as error:
            raise _with_hint(error, place, did) from None
        if response.status in (404, 410):
            raise _with_hint(DidNotFound("the server has no document for this DID", did), place, did)
        if response.status != 200:
            raise DidUnavailable(f"the server answered with status {response.status}", did)
        metadata: dict[str, Any] = {"contentType": "application/did"}
        if response.media_type in _GENERAL_MEDIA_TYPES:
            if ANY_MEDIA_TYPE not in options.get("policies", ()):
                raise FetchRefused(
                    f"the document is served as {response.media_type or 'no media type'!r}; wanted is one of "
                    f"{', '.join(_MEDIA_TYPES)} (the policy {ANY_MEDIA_TYPE} would allow it)",
                    did,
                )
            metadata["servedAs"] = response.media_type
        document, left_out = usable_part(loads(response.body.removeprefix(_BOM)), did)
        return Resolution(did, document, {}, {**metadata, **left_out}, response.ttl)


def _with_hint(error: DidError, place: WebLocation, did: str) -> DidError:
    """The error, and what a port that was not percent-encoded means."""
    port = place.segments[0] if place.segments else ""
    if not (port.isascii() and port.isdigit() and len(port) <= 5):
        return error
    meant = f"{_PREFIX}{place.host}%3A{port}"
    hint = f"{error.message} ({port} is read as a path; a port is percent-encoded: {meant})"
    return type(error)(hint, did)


METHOD: Final = _WebMethod()
