"""Verification methods (CID 1.0 section 2.2): every form found in the wild, read into one value.

==================================== ================================================= ==========================
type                                 key member                                        key types
==================================== ================================================= ==========================
Multikey                             publicKeyMultibase                                all
JsonWebKey, JsonWebKey2020           publicKeyJwk                                      all
Ed25519VerificationKey2020           publicKeyMultibase                                Ed25519
Ed25519VerificationKey2018           publicKeyBase58                                   Ed25519
X25519KeyAgreementKey2020            publicKeyMultibase                                X25519
X25519KeyAgreementKey2019            publicKeyBase58                                   X25519
EcdsaSecp256r1VerificationKey2019    publicKeyJwk, publicKeyMultibase, publicKeyBase58 P-256
EcdsaSecp384r1VerificationKey2019    publicKeyJwk, publicKeyMultibase, publicKeyBase58 P-384
EcdsaSecp256k1VerificationKey2019    publicKeyJwk, publicKeyMultibase, publicKeyBase58 secp256k1
P256Key2021, P384Key2021, P521Key2021 publicKeyBase58                                  P-256, P-384, P-521
Bls12381G2Key2020                    publicKeyBase58                                   BLS12-381-G2
==================================== ================================================= ==========================

``publicKeyHex``, ``publicKeyPem`` and the like are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from . import multibase
from .errors import InvalidDidDocument, KeyInvalid, KeyTypeUnsupported
from .public_keys import PublicKey
from .urls import resolve_reference

__all__ = ["RELATIONSHIPS", "VerificationMethod", "parse_timestamp"]

RELATIONSHIPS: Final = (
    "assertionMethod",
    "authentication",
    "capabilityDelegation",
    "capabilityInvocation",
    "keyAgreement",
)
"""The verification relationships of CID 1.0 section 2.3: the purposes a key can be listed for."""

_EC_FORMS: Final = frozenset({"publicKeyJwk", "publicKeyMultibase", "publicKeyBase58"})
_ANY: Final[str | None] = None

# type -> (members the key may stand in, the one key type it may have or None for any)
_FORMS: Final[dict[str, tuple[frozenset[str], str | None]]] = {
    "Multikey": (frozenset({"publicKeyMultibase"}), _ANY),
    "JsonWebKey": (frozenset({"publicKeyJwk"}), _ANY),
    "JsonWebKey2020": (frozenset({"publicKeyJwk"}), _ANY),
    "Ed25519VerificationKey2020": (frozenset({"publicKeyMultibase"}), "Ed25519"),
    "Ed25519VerificationKey2018": (frozenset({"publicKeyBase58"}), "Ed25519"),
    "X25519KeyAgreementKey2020": (frozenset({"publicKeyMultibase"}), "X25519"),
    "X25519KeyAgreementKey2019": (frozenset({"publicKeyBase58"}), "X25519"),
    "EcdsaSecp256r1VerificationKey2019": (_EC_FORMS, "P-256"),
    "EcdsaSecp384r1VerificationKey2019": (_EC_FORMS, "P-384"),
    "EcdsaSecp256k1VerificationKey2019": (_EC_FORMS, "secp256k1"),
    "P256Key2021": (frozenset({"publicKeyBase58"}), "P-256"),
    "P384Key2021": (frozenset({"publicKeyBase58"}), "P-384"),
    "P521Key2021": (frozenset({"publicKeyBase58"}), "P-521"),
    "Bls12381G2Key2020": (frozenset({"publicKeyBase58"}), "BLS12-381-G2"),
}
_MAX_BASE58_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """A public key and what its controller's document says of it.

    ``id`` and ``controller`` are absolute. ``expires`` and ``revoked`` (aware datetimes, or None) are to be compared
    with the time of the proof: ``usable_at``.
    """

    id: str
    type: str
    controller: str
    public_key: PublicKey
    expires: datetime | None = None
    revoked: datetime | None = None

    def usable_at(self, when: datetime) -> bool:
        """Whether the method was neither expired nor revoked at ``when`` (aware)."""
        return not any(end is not None and when >= end for end in (self.expires, self.revoked))

    @classmethod
    def from_dict(cls, method: Mapping[str, Any], base: str = "") -> VerificationMethod:
        """The method as it stands in a document; relative ids are resolved against ``base``, the document's id.

        Raises InvalidDidDocument for a malformed method, KeyInvalid (or EncodingInvalid) for a bad key.
        """
        if not isinstance(method, Mapping):
            raise InvalidDidDocument("a verification method is an object", base)
        texts = {}
        for name in ("id", "type", "controller"):
            value = method.get(name)
            if not isinstance(value, str) or not value:
                raise InvalidDidDocument(f"a verification method without a string {name!r}", base)
            texts[name] = value
        return cls(
            resolve_reference(texts["id"], base),
            texts["type"],
            resolve_reference(texts["controller"], base),
            _key_of(method, texts["type"], base),
            *(parse_timestamp(method[name], base) if name in method else None for name in ("expires", "revoked")),
        )


def _key_of(method: Mapping[str, Any], kind: str, base: str) -> PublicKey:
    if kind not in _FORMS:
        raise KeyTypeUnsupported(f"verification methods of type {kind[:60]!r} are not supported", base)
    if secret := [name for name in method if name.startswith(("secretKey", "privateKey"))]:
        raise KeyInvalid(f"a document with the secret key member {secret[0]!r}: treat that key as lost", base)
    present = [name for name in method if name.startswith("publicKey")]
    allowed, key_type = _FORMS[kind]
    if len(present) != 1 or present[0] not in allowed:
        raise KeyInvalid(f"a method of type {kind} has exactly one key member: {' or '.join(sorted(allowed))}", base)
    key = _read_key(present[0], method[present[0]], key_type)
    if key_type is not None and key.key_type != key_type:
        raise KeyInvalid(f"a method of type {kind} holds a key of type {key_type}, not {key.key_type}", base)
    return key


def _read_key(member: str, value: Any, key_type: str | None) -> PublicKey:
    if member == "publicKeyMultibase":
        return PublicKey.from_multikey(value)
    if member == "publicKeyJwk":
        return PublicKey.from_jwk(value)
    if not isinstance(value, str) or len(value) > _MAX_BASE58_KEY or key_type is None:
        raise KeyInvalid("publicKeyBase58 is a short string")
    return PublicKey(key_type, multibase.decode_base58(value))


def parse_timestamp(value: Any, base: str = "") -> datetime:
    """An XML Schema dateTimeStamp as an aware datetime. Raises InvalidDidDocument; a time zone is needed."""
    try:
        if not isinstance(value, str) or not 20 <= len(value) <= 40 or value[10] != "T":
            raise ValueError
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidDidDocument("a time that isn't a dateTimeStamp such as 2026-01-31T08:00:00Z", base) from None
