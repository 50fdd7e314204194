"""eddsa-jcs-2022 over log entries and witness statements, the one cryptosuite of did:webvh 1.0.

It is here, small, and not taken from ``vc``, because ``did`` lies below ``vc`` and imports nothing from it, and because
the proofs of a log need none of what a credential's need: no JSON-LD, no contexts, no purposes but one, no resolution
(the key stands in its own did:key). The bytes signed are those of vc-di-eddsa section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import rfc8785

from ... import multibase
from ...checked_signing import sign_checked
from ...errors import DidError, InvalidDidLog
from ...keys import Signer
from ...multicodec import encode_varint
from ...public_keys import PublicKey
from ...verification_methods import parse_timestamp

__all__ = ["canonical", "digest", "ed25519_key", "multikey_hash", "sign", "signing_key", "verify"]

_PREFIX: Final = "did:key:"
_SHA2_256: Final = encode_varint(0x12) + encode_varint(32)
_MEMBERS: Final = frozenset(
    {"type", "cryptosuite", "verificationMethod", "created", "expires", "proofPurpose", "proofValue", "id"}
)


def canonical(value: Any) -> bytes:
    """``value`` in the JSON Canonicalization Scheme (RFC 8785). Raises InvalidDidLog for what has no such form."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        raise InvalidDidLog("a log entry that has no canonical form (RFC 8785)") from None


def digest(value: Any) -> str:
    """base58btc(multihash(JCS(value), SHA-256)), the hash of SCIDs and entries."""
    return multibase.encode_base58(_SHA2_256 + sha256(canonical(value)).digest())


def multikey_hash(multikey: str) -> str:
    """base58btc(multihash(multikey)), the hash that pre-rotation commits to."""
    return multibase.encode_base58(_SHA2_256 + sha256(multikey.encode()).digest())


def ed25519_key(multikey: str) -> PublicKey:
    """The Ed25519 key of a multikey. Raises InvalidDidLog for every other key: the suite has this kind only."""
    try:
        key = PublicKey.from_multikey(multikey)
    except DidError as error:
        raise InvalidDidLog(f"a key that can't be used: {error.message}") from None
    if key.key_type != "Ed25519":
        raise InvalidDidLog(f"did:webvh 1.0 signs with Ed25519 keys, not with {key.key_type}")
    return key


def sign(document: Mapping[str, Any], signer: Signer, created: datetime) -> dict[str, Any]:
    """The proof of ``signer`` (an Ed25519 key, named by its did:key) over ``document``, which has no proof."""
    multikey = signer.public_key.to_multikey()
    ed25519_key(multikey)
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"{_PREFIX}{multikey}#{multikey}",
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "proofPurpose": "assertionMethod",
    }
    return {**config, "proofValue": multibase.encode(sign_checked(signer, _hash_data(config, document)))}


def signing_key(proof: Any) -> str:
    """The multikey a proof says it was made with. Raises InvalidDidLog for a proof of another form."""
    if not isinstance(proof, Mapping) or not proof.keys() <= _MEMBERS:
        raise InvalidDidLog("a proof that isn't a plain eddsa-jcs-2022 proof")
    if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", "eddsa-jcs-2022"):
        raise InvalidDidLog("a proof of another cryptosuite than eddsa-jcs-2022")
    if proof.get("proofPurpose") != "assertionMethod":
        raise InvalidDidLog("a proof of another purpose than assertionMethod")
    method = proof.get("verificationMethod")
    body, hash_mark, fragment = method.partition("#") if isinstance(method, str) else ("", "", "")
    if not body.startswith(_PREFIX) or not hash_mark or body[len(_PREFIX) :] != fragment:
        raise InvalidDidLog("the verificationMethod of a proof is did:key:<key>#<key>, both the same")
    return fragment


def verify(document: Mapping[str, Any], proof: Mapping[str, Any], now: datetime) -> str:
    """Check ``proof`` over ``document``; the multikey that made it. Raises InvalidDidLog."""
    multikey = signing_key(proof)
    for name in ("created", "expires"):
        if name in proof:
            moment = _timestamp(proof[name])
            if name == "expires" and now >= moment:
                raise InvalidDidLog("a proof that has expired")
    value = proof.get("proofValue")
    try:
        signature = multibase.decode(value) if isinstance(value, str) and value[:1] == "z" else b""
    except DidError:
        signature = b""
    config = {name: member for name, member in proof.items() if name != "proofValue"}
    if not ed25519_key(multikey).verify(signature, _hash_data(config, document)):
        raise InvalidDidLog("a proof whose signature doesn't hold")
    return multikey


def _timestamp(value: Any) -> datetime:
    try:
        return parse_timestamp(value)
    except DidError as error:
        raise InvalidDidLog(error.message) from None


def _hash_data(config: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    return sha256(canonical(config)).digest() + sha256(canonical(document)).digest()
