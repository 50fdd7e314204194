"""Dereferencing DID URLs (DID Resolution v1 section 5): what a DID with a path, a query or a fragment names.

============================================= =====================================================================
``did:m:id``                                  the document
``did:m:id?versionId=...``, ``versionTime``   the document of then
``did:m:id?service=files``, ``serviceType``   the document with these services only; for ``text/uri-list``, their URLs
``...&relativeRef=%2Fa%2Fb``                  the same, the reference resolved against each endpoint
``did:m:id/path``                             a file at the service ``#files``; ``/whois`` is at ``#whois``
``did:m:id#key-1``                            the verification method or service of that id
``...hl=...``                                 any of these, if its SHA-256 multihash is this one
============================================= =====================================================================

Like methods, this is a generator that asks for what it needs: a resolution, as ``(did, options)``, or a file.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from . import multibase
from .documents import absolute_id, find, method_for, services
from .errors import (
    DidDeactivated,
    DidNotFound,
    DidUnavailable,
    InvalidDidDocument,
    InvalidDidUrl,
    InvalidOptions,
    RepresentationNotSupported,
)
from .resolution import FetchRequest, FetchResponse, Resolution
from .urls import DidUrl, parse_did_url, resolve_reference
from .usable import reason_for
from .verification_methods import parse_timestamp

__all__ = ["DOCUMENT_TYPES", "Dereferenced", "dereferencing_steps"]

DOCUMENT_TYPES: Final = (
    "application/did",
    "application/did+ld+json",
    "application/did+json",
    "application/ld+json",
    "application/json",
)
"""Media types a document, or a part of one, is given in."""
URI_LIST: Final = "text/uri-list"
_FILE_TYPES: Final = (
    "application/json",
    "application/ld+json",
    "application/vp",
    "application/vc",
    "application/octet-stream",
    "application/pdf",
    "image/jpeg",
    "image/png",
    "text/plain",
)
_MAX_FILE: Final = 8 * 1024 * 1024
_PARAMETERS: Final = frozenset(
    {"hl", "relativeRef", "service", "serviceType", "versionId", "versionNumber", "versionTime"}
)
_SHA2_256: Final = b"\x12\x20"

Request = tuple[str, dict[str, Any]] | FetchRequest
DereferencingSteps = Generator[Request, Resolution | FetchResponse, "Dereferenced"]


@dataclass(frozen=True, slots=True)
class Dereferenced:
    """A resource: JSON (a document, or an object in it), URLs for ``text/uri-list``, or the bytes of a file."""

    content: Any
    content_type: str
    content_metadata: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The DID URL dereferencing result; bytes as base64url.

        The specification says ``contentStream`` in its text and ``content`` in its examples: both are here.
        """
        content = multibase.encode_base64url(self.content) if isinstance(self.content, bytes) else self.content
        return {
            "@context": "https://w3id.org/did-resolution/v1",
            "content": content,
            "contentStream": content,
            "contentMetadata": dict(self.content_metadata),
            "dereferencingMetadata": {"contentType": self.content_type},
        }


def dereferencing_steps(did_url: str, options: Mapping[str, Any]) -> DereferencingSteps:
    """Dereference ``did_url``. Options: ``accept`` (one media type), ``verificationRelationship``, those of resolution.

    Raises a DidError: InvalidDidUrl, DidNotFound, PurposeNotAllowed, RepresentationNotSupported, DidDeactivated, ...
    """
    url = parse_did_url(did_url)
    parameters = url.parameters
    accept = options.get("accept")
    relationship = options.get("verificationRelationship")
    passed = {name: value for name, value in options.items() if name not in ("accept", "verificationRelationship")}
    resolution = yield url.did, {**passed, **_version(parameters, did_url)}
    assert isinstance(resolution, Resolution)
    if resolution.document is None:
        raise DidDeactivated("the controller deactivated this DID", did_url)
    if unknown := sorted(parameters.keys() - _PARAMETERS):
        raise DidNotFound(f"nothing here knows the parameter {unknown[0]!r}", did_url)
    if url.path:
        result = yield from _file(url, parameters, resolution, accept)
    elif "service" in parameters or "serviceType" in parameters:
        result = _services(url, parameters, resolution, accept)
    elif "relativeRef" in parameters:
        raise InvalidDidUrl("relativeRef goes with service or serviceType", did_url)
    else:
        result = _document_or_part(url, resolution, accept, relationship)
    if "hl" in parameters:
        _check_hash(parameters["hl"], result, did_url)
    return result


def _version(parameters: Mapping[str, str], did_url: str) -> dict[str, Any]:
    given = [name for name in ("versionId", "versionTime", "versionNumber") if name in parameters]
    if len(given) > 1:
        raise InvalidOptions("versionId, versionTime and versionNumber exclude each other", did_url)
    options: dict[str, Any] = {name: parameters[name] for name in given}
    if "versionTime" in options:
        try:
            options["versionTime"] = parse_timestamp(options["versionTime"])
        except InvalidDidDocument:
            raise InvalidDidUrl("versionTime is a time such as 2026-01-31T08:00:00Z", did_url) from None
    if "versionNumber" in options:
        text = options["versionNumber"]
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise InvalidDidUrl("versionNumber is a number", did_url)
        options["versionNumber"] = int(text)
    return options


def _document_or_part(url: DidUrl, resolution: Resolution, accept: Any, relationship: Any) -> Dereferenced:
    document = resolution.document
    assert document is not None
    kind = _document_type(accept, url)
    if not url.fragment:
        if relationship is not None:
            raise InvalidOptions("verificationRelationship needs a DID URL of a verification method", str(url))
        return Dereferenced(document, kind, resolution.document_metadata)
    wanted = f"{url.did}#{url.fragment}"
    if reason := reason_for(resolution.metadata, wanted):
        raise InvalidDidDocument(f"what this DID URL names can't be used: {reason}", str(url))
    if relationship is not None:
        method_for(document, wanted, relationship)
    found = find(document, wanted)
    part = {**found, "id": absolute_id(found, document["id"])}
    if "controller" in part:
        part["controller"] = resolve_reference(part["controller"], document["id"])
    if "@context" in document and "@context" not in part:
        part = {"@context": document["@context"], **part}
    return Dereferenced(part, kind, {})


def _document_type(accept: Any, url: DidUrl) -> str:
    if accept in (None, "*/*"):
        return DOCUMENT_TYPES[0]
    if accept not in DOCUMENT_TYPES:
        raise RepresentationNotSupported(f"a part of a document isn't given as {str(accept)[:80]}", str(url))
    kind: str = accept
    return kind


def _services(url: DidUrl, parameters: Mapping[str, str], resolution: Resolution, accept: Any) -> Dereferenced:
    document = resolution.document
    assert document is not None
    selected = [service for service in services(document) if _is_asked_for(service, parameters, url.did)]
    if not selected:
        raise DidNotFound("the document has no such service", str(url))
    if accept == URI_LIST:
        endpoints = [endpoint for service in selected for endpoint in _endpoints(service)]
        if "relativeRef" in parameters:
            endpoints = [_joined(endpoint, parameters["relativeRef"], url) for endpoint in endpoints]
        endpoints = [_with_fragment(endpoint, url) for endpoint in endpoints]
        if not endpoints:
            raise DidNotFound("the service has no endpoint that is a URL", str(url))
        return Dereferenced(endpoints, URI_LIST, {})
    narrowed = {**document, "service": selected}
    return Dereferenced(narrowed, _document_type(accept, url), resolution.document_metadata)


def _is_asked_for(service: Mapping[str, Any], parameters: Mapping[str, str], did: str) -> bool:
    if "service" in parameters:
        wanted = parameters["service"]
        absolute = absolute_id(service, did)
        if absolute not in (wanted, resolve_reference(wanted, did), f"{did}#{wanted}"):
            return False
    if "serviceType" in parameters:
        kinds = service["type"] if isinstance(service["type"], list) else [service["type"]]
        return parameters["serviceType"] in kinds
    return True


def _endpoints(service: Mapping[str, Any]) -> list[str]:
    value = service["serviceEndpoint"]
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str)]


def _joined(endpoint: str, reference: str, url: DidUrl) -> str:
    """``reference`` resolved against ``endpoint``; it must stay below it, in whatever way a way out is written."""
    plain = reference
    for _ in range(4):  # also what is encoded twice
        plain = unquote(plain)
    if ".." in plain.replace("\\", "/").split("/") or "\\" in plain or reference.startswith("//"):
        raise InvalidDidUrl("a relativeRef that leads out of its service", str(url))
    if urlsplit(reference).scheme or urlsplit(endpoint).scheme not in ("https", "http"):
        raise InvalidDidUrl("a relativeRef is relative, and its service endpoint a web address", str(url))
    base = endpoint if endpoint.endswith("/") else endpoint + "/"
    result = urljoin(base, reference.lstrip("/"))
    if not result.startswith(base):
        raise InvalidDidUrl("a relativeRef that leads out of its service", str(url))
    return result


def _with_fragment(endpoint: str, url: DidUrl) -> str:
    if not url.fragment:
        return endpoint
    if "#" in endpoint:
        raise InvalidDidUrl("both the DID URL and the service endpoint have a fragment", str(url))
    return f"{endpoint}#{url.fragment}"


def _file(
    url: DidUrl, parameters: Mapping[str, str], resolution: Resolution, accept: Any
) -> Generator[Request, Resolution | FetchResponse, Dereferenced]:
    """A path leads to the service ``#files``, or ``#whois`` for ``/whois`` (did:webvh 1.0 "DID URL Resolution")."""
    document = resolution.document
    assert document is not None
    name = "whois" if url.path == "/whois" else "files"
    kind = "LinkedVerifiablePresentation" if name == "whois" else "relativeRef"
    found = [
        service
        for service in services(document)
        if absolute_id(service, url.did) == f"{url.did}#{name}" and service["type"] == kind
    ]
    endpoints = _endpoints(found[0]) if found else []
    if not endpoints:
        raise DidNotFound("nothing says what a path of this DID leads to", str(url))
    target = endpoints[0] if name == "whois" else _joined(endpoints[0], url.path, url)
    if accept == URI_LIST:
        return Dereferenced([_with_fragment(target, url)], URI_LIST, {})
    wanted = _FILE_TYPES if accept in (None, "*/*") else (str(accept),)
    response = yield FetchRequest(target, wanted, _MAX_FILE)
    assert isinstance(response, FetchResponse)
    if response.status in (404, 410):
        raise DidNotFound("the server has no such file", str(url))
    if response.status != 200:
        raise DidUnavailable(f"the server answered with status {response.status}", str(url))
    return Dereferenced(response.body, response.media_type, {})


def _check_hash(hashlink: str, result: Dereferenced, did_url: str) -> None:
    """The multihash of a file's bytes, or of the JCS form of a JSON object (its bytes aren't fixed otherwise)."""
    try:
        expected = multibase.decode(hashlink)
    except ValueError:
        raise InvalidDidUrl("hl is a multihash in multibase", did_url) from None
    import rfc8785

    if expected[:2] != _SHA2_256 or len(expected) != 34:
        raise InvalidDidUrl("hl is a SHA-256 multihash", did_url)
    content = (
        result.content if isinstance(result.content, bytes) else rfc8785.dumps(json.loads(json.dumps(result.content)))
    )
    if _SHA2_256 + sha256(content).digest() != expected:
        raise InvalidDidDocument("the resource isn't the one whose hash the DID URL names", did_url)
