"""DID documents: are they sound (DID 1.1, CID 1.0), and which key do they list for a purpose (CID 1.0 section 3.3).

Documents stay plain dicts, as they came. ``check`` first makes the checks that pydid leaves out, then lets pydid's
models have their say. Where pydid does not serve:

* it reads a method without ``controller`` and writes the member into its input, and takes the first of a list of types;
  here both are errors, and pydid gets a copy;
* it knows no ``expires``, ``revoked`` or ``secretKey...``, and never looks at the key: ``verification_methods`` does;
* it lets a relationship name what is not there, equal ids appear twice, and a document answer for another DID;
* it refuses controllers and service ids that are URLs but no DID URLs, which DID 1.1 allows: it doesn't see those.

A document is checked once, when it is resolved; its keys when they are asked for, so that a document with one key of an
unknown type still serves for the others.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .errors import DidError, DidNotFound, InvalidDidDocument, InvalidDidUrl, PurposeNotAllowed
from .urls import is_did, parse_did_url, resolve_reference
from .verification_methods import RELATIONSHIPS, VerificationMethod

__all__ = [
    "MAX_ENTRIES",
    "absolute_id",
    "check",
    "check_context",
    "check_method",
    "check_method_id",
    "check_service",
    "check_strings",
    "check_with_pydid",
    "embedded_objects",
    "expand_relative_urls",
    "find",
    "method_for",
    "services",
]

MAX_ENTRIES: Final = 512
"""Verification methods, relationship entries or services a document may have at most, each."""

_BASE_CONTEXTS: Final = frozenset(
    {
        "https://www.w3.org/ns/did/v1",
        "https://w3.org/ns/did/v1",
        "https://w3id.org/did/v1",
        "https://www.w3.org/ns/did/v1.1",
        "https://www.w3.org/ns/cid/v1",
    }
)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+", re.ASCII)


def check(document: Any, did: str) -> None:
    """Raise InvalidDidDocument unless ``document`` is a sound DID document of ``did``."""
    if not isinstance(document, Mapping):
        raise InvalidDidDocument("a DID document is a JSON object", did)
    if document.get("id") != did:
        raise InvalidDidDocument("the document's id isn't the DID that was asked for", did)
    check_context(document, did)
    check_strings(document, did)
    _check_services(document, did, seen=_check_methods(document, did))
    check_with_pydid(document, did)


def method_for(document: Mapping[str, Any], did_url: str, purpose: str) -> VerificationMethod:
    """The verification method ``did_url`` of a checked document, if the document lists it for ``purpose``.

    Follows "Retrieve Verification Method", CID 1.0 section 3.3: the method is found in its controller's document, names
    that document as its controller, and is listed under the relationship. Raises InvalidDidUrl (no fragment),
    DidNotFound, InvalidDidDocument (another controller), KeyInvalid, or PurposeNotAllowed.
    """
    url = parse_did_url(did_url)
    if not url.fragment:
        raise InvalidDidUrl("a verification method is named by a DID URL with a fragment", did_url)
    base = document["id"]
    wanted = f"{url.did}#{url.fragment}"
    found = next((m for m in _methods(document) if absolute_id(m, base) == wanted), None)
    if found is None:
        raise DidNotFound("the document has no such verification method", did_url)
    if "controller" not in found:
        raise InvalidDidDocument("the verification method names no controller", did_url)
    controller = resolve_reference(found["controller"], base)
    if controller != base:
        raise InvalidDidDocument(
            "the verification method names another controller than the document it stands in; "
            "it can only be used through that controller's document",
            did_url,
        )
    if not isinstance(purpose, str) or purpose not in RELATIONSHIPS or not _lists(document, purpose, wanted):
        raise PurposeNotAllowed(f"its controller doesn't list this verification method for {purpose}", did_url)
    try:
        return VerificationMethod.from_dict(found, base)
    except DidError as error:
        raise type(error)(error.message, did_url) from None


def find(document: Mapping[str, Any], did_url: str) -> Mapping[str, Any]:
    """The object of a checked document that a DID URL with a fragment names: a method or a service.

    Says nothing about what the method may be used for. Raises DidNotFound.
    """
    url = parse_did_url(did_url)
    wanted = f"{url.did}#{url.fragment}"
    for found in embedded_objects(document):
        if absolute_id(found, document["id"]) == wanted:
            return found
    raise DidNotFound("the document has no object of this id", did_url)


def embedded_objects(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every verification method, embedded or not, and every service of a checked document."""
    yield from _methods(document)
    yield from services(document)


def expand_relative_urls(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its relative DID URLs made absolute (DID Resolution section 4.4); the original stays."""
    base = document["id"]
    expanded = dict(document)
    for name in ("verificationMethod", "service", *RELATIONSHIPS):
        if name in document:
            expanded[name] = [_absolute(entry, base) for entry in document[name]]
    return expanded


def _absolute(entry: Any, base: str) -> Any:
    if isinstance(entry, str):
        return resolve_reference(entry, base)
    return {**entry, "id": absolute_id(entry, base)}


def services(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The services of a checked document."""
    return list(document.get("service") or ())


def absolute_id(value: Mapping[str, Any], base: str) -> str:
    """The id of an object in a document, made absolute against the document's id."""
    return resolve_reference(value["id"], base)


def _methods(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from document.get("verificationMethod") or ()
    for relationship in RELATIONSHIPS:
        yield from (entry for entry in document.get(relationship) or () if not isinstance(entry, str))


def _lists(document: Mapping[str, Any], purpose: str, wanted: str) -> bool:
    base = document["id"]
    return any(
        (resolve_reference(entry, base) if isinstance(entry, str) else absolute_id(entry, base)) == wanted
        for entry in document.get(purpose) or ()
    )


def check_context(document: Mapping[str, Any], did: str) -> None:
    """In the JSON representation of DID 1.0 there may be none; where there is one it starts with a known context."""
    if "@context" not in document:
        return
    contexts = document["@context"]
    entries = contexts if isinstance(contexts, list) else [contexts]
    if not entries or not all(isinstance(entry, str | Mapping) for entry in entries) or len(entries) > 32:
        raise InvalidDidDocument("@context is a URL, or a list of URLs and objects", did)
    if not isinstance(entries[0], str) or entries[0] not in _BASE_CONTEXTS:
        raise InvalidDidDocument("the first @context is https://www.w3.org/ns/did/v1 or v1.1", did)


def check_strings(document: Mapping[str, Any], did: str) -> None:
    """``controller`` and ``alsoKnownAs`` are URLs. Raises InvalidDidDocument."""
    controller = document.get("controller", [])
    for value in [controller] if isinstance(controller, str) else _list(document, "controller", did):
        if not isinstance(value, str) or not _URI.fullmatch(value):
            raise InvalidDidDocument("a controller is a URL", did)
    for value in _list(document, "alsoKnownAs", did):
        if not isinstance(value, str) or not _URI.fullmatch(value):
            raise InvalidDidDocument("alsoKnownAs is a list of URIs", did)


def _check_methods(document: Mapping[str, Any], did: str) -> set[str]:
    """Returns the ids of all methods."""
    seen: set[str] = set()
    for method in _list(document, "verificationMethod", did):
        _check_new(method, did, seen)
    for relationship in RELATIONSHIPS:
        for entry in _list(document, relationship, did):
            if isinstance(entry, str):
                check_method_id(entry, did)
            else:
                _check_new(entry, did, seen)
    return seen


def _check_new(method: Any, did: str, seen: set[str]) -> None:
    absolute = check_method(method, did)
    if absolute in seen:
        raise InvalidDidDocument("two verification methods of one id", did)
    seen.add(absolute)


def check_method(method: Any, did: str) -> str:
    """The absolute id of a verification method that is sound by itself. Raises InvalidDidDocument."""
    if not isinstance(method, Mapping):
        raise InvalidDidDocument("a verification method is an object", did)
    for name in ("id", "type", "controller"):
        # Documents without controllers are about; they resolve, but such a method can't be used (method_for).
        if not isinstance(method.get(name), str) and (name != "controller" or name in method):
            raise InvalidDidDocument(f"a verification method without a string {name!r}", did)
    absolute = check_method_id(method["id"], did)
    controller = resolve_reference(method.get("controller", did), did)
    if not is_did(controller) and not _URI.fullmatch(controller):
        raise InvalidDidDocument("the controller of a verification method is a URL", did)
    jwk = method.get("publicKeyJwk")
    if any(name.startswith(("secretKey", "privateKey")) for name in method) or (
        isinstance(jwk, Mapping) and "d" in jwk
    ):
        raise InvalidDidDocument("a document that publishes a secret key: treat that key as lost", did)
    return absolute


def check_method_id(value: str, did: str) -> str:
    """The id of a verification method, made absolute. Raises InvalidDidDocument."""
    absolute = resolve_reference(value, did)
    try:
        fragment = parse_did_url(absolute).fragment
    except InvalidDidUrl:
        raise InvalidDidDocument("the id of a verification method is a DID URL", did) from None
    if not fragment:
        raise InvalidDidDocument("the id of a verification method has a fragment", did)
    return absolute


def _check_services(document: Mapping[str, Any], did: str, *, seen: set[str]) -> None:
    for service in _list(document, "service", did):
        check_service(service, did, seen)


def check_service(service: Any, did: str, seen: set[str]) -> None:
    """Check one service; its id is none of ``seen``, and joins them. Raises InvalidDidDocument."""
    if not isinstance(service, Mapping) or not isinstance(service.get("id"), str):
        raise InvalidDidDocument("a service is an object with an id", did)
    absolute = absolute_id(service, did)
    if not _URI.fullmatch(absolute):
        raise InvalidDidDocument("the id of a service is a URL", did)
    if absolute in seen:
        raise InvalidDidDocument("a service with the id of another service or of a method", did)
    seen.add(absolute)
    kind = service.get("type")
    if not isinstance(kind, str) and not (_is_list_of(kind, str) and kind):
        raise InvalidDidDocument("the type of a service is a string or a list of strings", did)
    endpoint = service.get("serviceEndpoint")
    if not isinstance(endpoint, str | Mapping) and not (_is_list_of(endpoint, str | Mapping) and endpoint):
        raise InvalidDidDocument("a serviceEndpoint is a URL, an object, or a list of both", did)


def check_with_pydid(document: Mapping[str, Any], did: str) -> None:
    """What pydid has to say. Raises InvalidDidDocument."""
    from pydid import BasicDIDDocument, DIDDocumentError, InvalidDIDError, InvalidDIDUrlError

    given = copy.deepcopy(dict(document))
    controller = given.pop("controller", None)
    controllers = [c for c in ([controller] if isinstance(controller, str) else controller or ()) if is_did(c)]
    given["controller"] = controllers
    given["service"] = [s for s in given.get("service") or () if absolute_id(s, did).startswith("did:")]
    for key in ("verificationMethod", *RELATIONSHIPS):
        if key in given:
            given[key] = [
                m for m in given[key] if isinstance(m, str) or is_did(resolve_reference(m.get("controller", did), did))
            ]
            for method in given[key]:
                if isinstance(method, dict) and method.get("controller") == "":
                    method["controller"] = did  # The empty reference: the document itself.
    try:
        BasicDIDDocument.deserialize(given)
    except (ValueError, TypeError, DIDDocumentError, InvalidDIDError, InvalidDIDUrlError) as error:
        raise InvalidDidDocument(f"not a DID document: {_first_reason(error)}", did) from None


def _first_reason(error: Exception) -> str:
    """pydid's own words without the values that it quotes."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reasons = [line.split("[type=")[0].strip() for line in lines if "[type=" in line]
    return (reasons or lines or ["malformed"])[0][:200]


def _list(document: Mapping[str, Any], name: str, did: str) -> list[Any]:
    value = document.get(name, [])
    if not isinstance(value, list):
        raise InvalidDidDocument(f"{name} is a list", did)
    if len(value) > MAX_ENTRIES:
        raise InvalidDidDocument(f"{name} has more than {MAX_ENTRIES} entries", did)
    return value


def _is_list_of(value: Any, kind: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, kind) for entry in value)
