"""Verification methods (CID 1.0 section 2.2): every form found in the wild, read into one value.

========================== ==================
type                       key member
========================== ==================
Multikey                   publicKeyMultibase
JsonWebKey, JsonWebKey2020 publicKeyJwk
========================== ==================

Types that are older and for one key type each (``Ed25519VerificationKey2020`` and the like) are stated by the key types
(``did.key_types``: ``MethodForm``).

``publicKeyHex``, ``publicKeyPem`` and the like are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from . import multibase
from .errors import InvalidDidDocument, KeyInvalid, KeyTypeUnsupported
from .key_types import method_form
from .public_keys import PublicKey
from .timestamps import read_datetime
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

_ANY_KEY: Final[dict[str, tuple[str, ...]]] = {
    "Multikey": ("publicKeyMultibase",),
    "JsonWebKey": ("publicKeyJwk",),
    "JsonWebKey2020": ("publicKeyJwk",),
}
"""The types that hold keys of every type, and the member it stands in. The others are in the key types' files."""

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
            if not isinstance(value, str) or (not value and name != "controller"):
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
    allowed, key_type = _ANY_KEY.get(kind, ()), ""
    if not allowed and (found := method_form(kind)):
        allowed, key_type = found[1].members, found[0].name
    if not allowed:
        raise KeyTypeUnsupported(f"verification methods of type {kind[:60]!r} are not supported", base)
    if secret := [name for name in method if name.startswith(("secretKey", "privateKey"))]:
        raise KeyInvalid(f"a document with the secret key member {secret[0]!r}: treat that key as lost", base)
    present = [name for name in method if name.startswith("publicKey")]
    if len(present) != 1 or present[0] not in allowed:
        raise KeyInvalid(f"a method of type {kind} has exactly one key member: {' or '.join(sorted(allowed))}", base)
    key = _read_key(present[0], method[present[0]], key_type)
    if key_type and key.key_type != key_type:
        raise KeyInvalid(f"a method of type {kind} holds a key of type {key_type}, not {key.key_type}", base)
    return key


def _read_key(member: str, value: Any, key_type: str) -> PublicKey:
    if member == "publicKeyMultibase":
        return PublicKey.from_multikey(value)
    if member == "publicKeyJwk":
        return PublicKey.from_jwk(value)
    if not isinstance(value, str) or len(value) > _MAX_BASE58_KEY:
        raise KeyInvalid("publicKeyBase58 is a short string")
    return PublicKey(key_type, multibase.decode_base58(value))


def parse_timestamp(value: Any, base: str = "") -> datetime:
    """An XML Schema dateTimeStamp as a datetime in UTC. Raises InvalidDidDocument; a time zone is needed."""
    try:
        return read_datetime(value)
    except ValueError:
        raise InvalidDidDocument("a time that isn't a dateTimeStamp such as 2026-01-31T08:00:00Z", base) from None
