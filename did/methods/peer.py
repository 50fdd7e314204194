"""did:peer (DIF) numalgo 0, 2 and 4: DIDs between two parties that carry their document. Not for issuers.

The short form of numalgo 4 is a hash; it resolves only where the long form is known, see ``PeerMethod``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from .. import multibase
from ..documents import check
from ..errors import DidError, DidNotFound, InvalidDid, InvalidDidDocument
from ..multicodec import encode_varint
from ..public_keys import PublicKey
from ..resolution import Resolution, Steps
from ..strict_json import loads
from ..urls import parse_did
from ..verification_methods import RELATIONSHIPS
from .key import METHOD as DID_KEY

__all__ = ["METHOD", "PeerMethod", "create_2", "create_4", "short_form"]

_PREFIX: Final = "did:peer:"
_PURPOSES: Final = {
    "A": "assertionMethod",
    "E": "keyAgreement",
    "V": "authentication",
    "I": "capabilityInvocation",
    "D": "capabilityDelegation",
}
_LONG_NAMES: Final = {"t": "type", "s": "serviceEndpoint", "r": "routingKeys", "a": "accept"}
_SHORT_NAMES: Final = {name: short for short, name in _LONG_NAMES.items()}
_JSON: Final = encode_varint(0x0200)
_SHA2_256: Final = encode_varint(0x12) + encode_varint(32)
_MAX_ELEMENTS: Final = 64
_CONTEXT: Final = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]


def create_2(keys: Sequence[tuple[str, PublicKey]], services: Iterable[Mapping[str, Any]] = ()) -> str:
    """A did:peer:2 of (relationship, key) pairs, in the order of their ids ``#key-1``..., and services."""
    codes = {name: code for code, name in _PURPOSES.items()}
    elements = [f".{codes[relationship]}{key.to_multikey()}" for relationship, key in keys]
    for service in services:
        text = json.dumps(_renamed(service, _SHORT_NAMES, {"DIDCommMessaging": "dm"}), separators=(",", ":"))
        elements.append(".S" + multibase.encode_base64url(text.encode()))
    did = _PREFIX + "2" + "".join(elements)
    _resolve_2(did)
    return did


def create_4(document: Mapping[str, Any]) -> str:
    """The long form of a did:peer:4. ``document`` has no id, and its ids and references are relative.

    Raises InvalidDidDocument.
    """
    if "id" in document:
        raise InvalidDidDocument("the document of a did:peer:4 gets its id when it is resolved")
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    encoded = multibase.encode(_JSON + text.encode())
    did = f"{_PREFIX}4{_hash(encoded)}:{encoded}"
    _resolve_4(did, did)
    return did


def short_form(did: str) -> str:
    """The short form of a did:peer:4. Raises InvalidDid."""
    parts = did.split(":")
    if not did.startswith(_PREFIX + "4z") or len(parts) not in (3, 4):
        raise InvalidDid("not a did:peer:4", did)
    return ":".join(parts[:3])


class PeerMethod:
    """Resolves did:peer. ``long_forms``: the long forms of numalgo 4 that a party has seen, for their short ones.

    ``Resolver(methods={"peer": PeerMethod(seen)})`` resolves those as well.
    """

    name = "peer"

    def __init__(self, long_forms: Iterable[str] = ()) -> None:
        self._long = {short_form(did): did for did in long_forms}

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        """Read the document out of the DID."""
        identifier = parse_did(did).method_specific_id
        if identifier[:1] == "0":
            result = yield from DID_KEY.resolve("did:key:" + identifier[1:], options)
            return Resolution(did, _renamed_document(result.document or {}, did), {}, result.metadata)
        if identifier[:1] == "2":
            document = _resolve_2(did)
        elif identifier[:1] == "4":
            long = did if did.count(":") == 3 else self._long.get(did, "")
            if not long:
                raise DidNotFound("the short form of a did:peer:4 says nothing without its long form", did)
            document = _resolve_4(did, long)
        else:
            raise InvalidDid("did:peer is resolved for the numeric algorithms 0, 2 and 4", did)
        return Resolution(did, document, {}, {"contentType": "application/did"})


def _resolve_2(did: str) -> dict[str, Any]:
    lead, *elements = did[len(_PREFIX) :].split(".")
    if lead != "2" or not 0 < len(elements) <= _MAX_ELEMENTS or ":" in did[len(_PREFIX) :]:
        raise InvalidDid("a did:peer:2 is a list of keys and services", did)
    document: dict[str, Any] = {"@context": list(_CONTEXT), "id": did, "verificationMethod": []}
    services: list[dict[str, Any]] = []
    for element in elements:
        code, value = element[:1], element[1:]
        if code == "S":
            services.append(_service(value, services, did))
            continue
        if code not in _PURPOSES:
            raise InvalidDid("an element of a did:peer:2 with an unknown purpose", did)
        try:
            key = PublicKey.from_multikey(value)
        except DidError as error:
            raise InvalidDid(f"a key in a did:peer:2 that can't be used: {error.message}", did) from None
        if value != key.to_multikey():
            raise InvalidDid("a key in a did:peer:2 is in base58btc", did)
        name = f"#key-{len(document['verificationMethod']) + 1}"
        document["verificationMethod"].append(
            {"id": name, "type": "Multikey", "controller": did, "publicKeyMultibase": value}
        )
        document.setdefault(_PURPOSES[code], []).append(name)
    if services:
        document["service"] = services
    check(document, did)
    return document


def _service(encoded: str, before: Sequence[Mapping[str, Any]], did: str) -> dict[str, Any]:
    try:
        value = loads(multibase.decode_base64url(encoded))
    except DidError as error:
        raise InvalidDid(f"a service in a did:peer:2 that can't be read: {error.message}", did) from None
    if not isinstance(value, dict):
        raise InvalidDid("a service in a did:peer:2 is one JSON object", did)
    service: dict[str, Any] = _renamed(value, _LONG_NAMES, {"dm": "DIDCommMessaging"})
    if "id" not in service:
        unnamed = sum(str(other["id"]).startswith("#service") for other in before)
        service["id"] = "#service" if unnamed == 0 else f"#service-{unnamed}"
    elif not isinstance(service["id"], str) or not service["id"].startswith("#"):
        raise InvalidDid("the id of a service in a did:peer:2 is relative", did)
    return service


def _renamed(value: Any, names: Mapping[str, str], types: Mapping[str, str]) -> Any:
    """The common abbreviations put in or taken out, in member names and in the type."""
    if isinstance(value, list):
        return [_renamed(entry, names, types) for entry in value]
    if not isinstance(value, Mapping):
        return value
    renamed = {names.get(name, name): _renamed(member, names, types) for name, member in value.items()}
    for name in ("type", "t"):
        if isinstance(renamed.get(name), str):
            renamed[name] = types.get(renamed[name], renamed[name])
    return renamed


def _resolve_4(did: str, long: str) -> dict[str, Any]:
    short, _, encoded = long.rpartition(":")
    if short != f"{_PREFIX}4{_hash(encoded)}":
        raise InvalidDid("the hash in a did:peer:4 isn't that of its document", did)
    try:
        data = multibase.decode(encoded)
        document = loads(data[len(_JSON) :]) if data.startswith(_JSON) else None
    except DidError as error:
        raise InvalidDid(f"a did:peer:4 whose document can't be read: {error.message}", did) from None
    if not isinstance(document, dict) or "id" in document:
        raise InvalidDid("a did:peer:4 holds a JSON object without id", did)
    document["id"] = did
    also = document.get("alsoKnownAs", [])
    if not isinstance(also, list):
        raise InvalidDidDocument("alsoKnownAs is a list of URIs", did)
    document["alsoKnownAs"] = [*also, long if did == short else short]
    for name in ("verificationMethod", *RELATIONSHIPS):
        for method in document[name] if isinstance(document.get(name), list) else ():
            if isinstance(method, dict):
                method.setdefault("controller", did)
    check(document, did)
    return document


def _hash(encoded: str) -> str:
    return multibase.encode(_SHA2_256 + sha256(encoded.encode()).digest())


def _renamed_document(document: Mapping[str, Any], did: str) -> dict[str, Any]:
    text = json.dumps(document)
    renamed: dict[str, Any] = json.loads(text.replace(document["id"], did))
    return renamed


METHOD: Final = PeerMethod()
