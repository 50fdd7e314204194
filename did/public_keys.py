"""A public key: its type and its bytes, from and to Multikey (CID 1.0 section 2.2.2) and JWK (RFC 7517, RFC 8037)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from . import multibase
from .curves import PARSED_KEYS, point_coordinates, verifier
from .errors import KeyInvalid, KeyLengthInvalid, KeyTypeUnsupported
from .multicodec import KEY_TYPES, by_public_code, decode_varint, encode_varint, key_type

__all__ = ["PublicKey"]

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES: Final = {(kind.jwk_kty, kind.jwk_curve): kind.name for kind in KEY_TYPES.values()}
_ALGORITHMS: Final = {
    "Ed25519": frozenset({"EdDSA", "Ed25519"}),
    "P-256": frozenset({"ES256", "ESP256"}),
    "P-384": frozenset({"ES384", "ESP384"}),
    "P-521": frozenset({"ES512", "ESP512"}),
    "secp256k1": frozenset({"ES256K"}),
}
_SIGNATURE_ALGORITHMS: Final = frozenset().union(*_ALGORITHMS.values())
_MAX_MULTIKEY: Final = 256


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that was checked: right length, on the curve, in the group. Raises KeyInvalid otherwise.

    ``key_type`` is a name of ``multicodec.KEY_TYPES``; ``raw`` the bytes as in a Multikey, without the prefix: a
    compressed point (33, 49, 67 or 96 bytes), or 32 bytes for Ed25519 and X25519.
    """

    key_type: str
    raw: bytes

    def __post_init__(self) -> None:
        verifier(self.key_type, self.raw)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` is this key's over ``data``. Never raises.

        Ed25519: 64 bytes. ECDSA: ``r || s`` of fixed length. The rules are those of ``did.curves``.
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
        kty, curve = jwk.get("kty"), jwk.get("crv")
        name = _CURVES.get((kty, curve)) if isinstance(kty, str) and isinstance(curve, str) else None
        if name is None:
            raise KeyTypeUnsupported(f"JWK with kty {kty!r} and crv {curve!r} is not supported")
        algorithm = jwk.get("alg")
        if algorithm in _SIGNATURE_ALGORITHMS and algorithm not in _ALGORITHMS.get(name, frozenset()):
            raise KeyInvalid(f"JWK alg {algorithm!r} doesn't fit the curve {name}")
        return cls(name, _raw_of_jwk(name, jwk))

    def to_jwk(self) -> dict[str, str]:
        """The key as a public JWK, required members only (the form a thumbprint is taken of)."""
        kind = KEY_TYPES[self.key_type]
        if not kind.coordinate:
            return {"kty": kind.jwk_kty, "crv": kind.jwk_curve, "x": multibase.encode_base64url(self.raw)}
        x, y = point_coordinates(self.key_type, self.raw)
        return {
            "kty": kind.jwk_kty,
            "crv": kind.jwk_curve,
            "x": multibase.encode_base64url(x),
            "y": multibase.encode_base64url(y),
        }


@lru_cache(maxsize=PARSED_KEYS)
def _from_multikey(text: str) -> PublicKey:
    if len(text) > _MAX_MULTIKEY:
        raise KeyLengthInvalid(f"publicKeyMultibase of {len(text)} characters is not a key of a supported type")
    data = multibase.decode(text)
    code, used = decode_varint(data)
    return PublicKey(by_public_code(code).name, data[used:])


def _raw_of_jwk(name: str, jwk: Mapping[str, Any]) -> bytes:
    kind = key_type(name)
    size = kind.coordinate or kind.public_length
    x = _member(jwk, "x", size)
    if not kind.coordinate:
        return x
    y = _member(jwk, "y", size)
    raw = bytes([2 + (y[-1] & 1)]) + x
    if point_coordinates(name, raw)[1] != y:
        raise KeyInvalid(f"{name} public key that isn't a point on the curve")
    return raw


def _member(jwk: Mapping[str, Any], name: str, size: int) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise KeyInvalid(f"JWK member {name!r} is missing or not a string")
    data = multibase.decode_base64url(text) if len(text) <= 2 * size else b""
    if len(data) != size:
        raise KeyLengthInvalid(f"JWK member {name!r} holds {size} bytes for this curve")
    return data
