"""A public key: its type and its bytes, from and to Multikey (CID 1.0 section 2.2.2) and JWK (RFC 7517, RFC 8037)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from . import multibase
from .errors import KeyInvalid, KeyLengthInvalid, KeyTypeUnsupported
from .key_types import KEY_TYPES, PARSED_KEYS, by_jwk, by_public_code, known_key_types, signs_with, type_of, verifier
from .multicodec import decode_varint, encode_varint

if TYPE_CHECKING:
    from .key_types import KeyType

__all__ = ["JWK_JCS", "PublicKey"]

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MAX_MULTIKEY: Final = 256
JWK_JCS: Final = 0xEB51
"""The multicodec jwk_jcs-pub: a JWK, canonicalised by JCS."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that was checked: right length, on the curve, in the group. Raises KeyInvalid otherwise.

    ``key_type`` is a name of ``did.key_types.KEY_TYPES``; ``raw`` the bytes as in a Multikey, without the prefix: a
    compressed point (33, 49, 67 or 96 bytes), or 32 bytes for Ed25519 and X25519.
    """

    key_type: str
    raw: bytes

    def __post_init__(self) -> None:
        verifier(self.key_type, self.raw)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` is this key's over ``data``. Never raises.

        Ed25519: 64 bytes. ECDSA: ``r || s`` of fixed length. The rules are those of the key type's file.
        """
        try:
            return verifier(self.key_type, self.raw)(signature, data)
        except Exception:
            return False

    @classmethod
    def from_multikey(cls, text: str) -> PublicKey:
        """The key of a ``publicKeyMultibase`` (``z6Mk...``, ``zDna...``). Raises KeyInvalid or EncodingInvalid."""
        if not isinstance(text, str):
            raise KeyInvalid("publicKeyMultibase is a string")
        return _from_multikey(text)

    def to_multikey(self) -> str:
        """The key as ``publicKeyMultibase``: base58btc of multicodec prefix and bytes."""
        return multibase.encode(encode_varint(KEY_TYPES[self.key_type].public_code) + self.raw)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> PublicKey:
        """The key of a public JWK. Raises KeyInvalid or EncodingInvalid, also when there is a private member."""
        if not isinstance(jwk, Mapping):
            raise KeyInvalid("publicKeyJwk is an object")
        if private := sorted(_PRIVATE_MEMBERS & jwk.keys()):
            raise KeyInvalid(f"a public JWK with the private member {private[0]!r}: treat that key as lost")
        kind = by_jwk(jwk.get("kty"), jwk.get("crv"))
        if "alg" in jwk and not _fits(jwk["alg"], kind):
            raise KeyInvalid(f"JWK alg {jwk['alg']!r} doesn't fit the curve {kind.name}")
        return cls(kind.name, kind.raw_of_jwk(jwk))

    @classmethod
    def from_object(cls, key: object) -> PublicKey:
        """The key in a public key object of the library ``cryptography``. Raises KeyTypeUnsupported."""
        found = type_of(key)
        if found is None:
            raise KeyTypeUnsupported(f"a {type(key).__name__} is not a key of a supported type")
        return cls(found[0].name, found[1])

    def to_jwk(self) -> dict[str, str]:
        """The key as a public JWK, required members only (the form a thumbprint is taken of)."""
        return KEY_TYPES[self.key_type].public_jwk(self.raw)


@lru_cache(maxsize=PARSED_KEYS)
def _from_multikey(text: str) -> PublicKey:
    if len(text) > _MAX_MULTIKEY:
        raise KeyLengthInvalid(f"publicKeyMultibase of {len(text)} characters is not a key of a supported type")
    data = multibase.decode(text)
    code, used = decode_varint(data)
    try:
        kind = by_public_code(code)
    except KeyTypeUnsupported:
        raise _explained(code, data) from None
    return PublicKey(kind.name, data[used:])


def _explained(code: int, data: bytes) -> KeyTypeUnsupported:
    """What a multicodec that is none of a key may come from."""
    if code == JWK_JCS:
        return KeyTypeUnsupported("multicodec 0xeb51 (jwk_jcs-pub) stands in did:key only, not in a publicKeyMultibase")
    fitting = [kind.name for kind in known_key_types() if kind.public_length == len(data)]
    if fitting:
        return KeyTypeUnsupported(
            f"the value has {len(data)} bytes, as a bare key of type {' or '.join(fitting)} has: the multicodec prefix "
            "that says the key's type is missing"
        )
    return KeyTypeUnsupported(f"multicodec {code:#x} is not a public key of a supported type")


def _fits(algorithm: object, kind: KeyType) -> bool:
    """Whether a JWK's ``alg`` may stand with a key: one of its own, or none that signs."""
    return algorithm in kind.jose or algorithm in kind.jwk_algorithms or not signs_with(algorithm)
