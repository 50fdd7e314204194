"""Multicodec prefixes (unsigned varint) and the key types they name; Multikey, CID 1.0 sections 2.2.2 and 2.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .errors import EncodingInvalid, KeyTypeUnsupported

__all__ = ["KEY_TYPES", "KeyType", "by_public_code", "by_secret_code", "decode_varint", "encode_varint", "key_type"]


@dataclass(frozen=True, slots=True)
class KeyType:
    """What the rest of the package has to know about a kind of key.

    ``public_length`` and ``secret_length`` are bytes (a compressed point, a 32-byte u-coordinate, ...); ``coordinate``
    is the length of one coordinate for the curves that have ``x`` and ``y`` in a JWK, else 0.
    """

    name: str
    public_code: int
    secret_code: int
    public_length: int
    secret_length: int
    jwk_kty: str
    jwk_curve: str
    coordinate: int = 0
    signs: bool = True
    """False for keys that only agree (X25519) on a shared secret."""


KEY_TYPES: Final[dict[str, KeyType]] = {
    kind.name: kind
    for kind in (
        KeyType("Ed25519", 0xED, 0x1300, 32, 32, "OKP", "Ed25519"),
        KeyType("P-256", 0x1200, 0x1306, 33, 32, "EC", "P-256", 32),
        KeyType("P-384", 0x1201, 0x1307, 49, 48, "EC", "P-384", 48),
        KeyType("P-521", 0x1202, 0x1308, 67, 66, "EC", "P-521", 66),
        KeyType("secp256k1", 0xE7, 0x1301, 33, 32, "EC", "secp256k1", 32),
        KeyType("X25519", 0xEC, 0x1302, 32, 32, "OKP", "X25519", signs=False),
        KeyType("BLS12-381-G2", 0xEB, 0x130A, 96, 32, "OKP", "BLS12381G2"),
    )
}
"""Every key type by its name. The codes are those of the multicodec table."""

_BY_PUBLIC_CODE: Final = {kind.public_code: kind for kind in KEY_TYPES.values()}
_BY_SECRET_CODE: Final = {kind.secret_code: kind for kind in KEY_TYPES.values()}


def key_type(name: str) -> KeyType:
    """The key type of that name. Raises KeyTypeUnsupported."""
    try:
        return KEY_TYPES[name]
    except (KeyError, TypeError):
        raise KeyTypeUnsupported(f"key type {name!r} is not known; known are {', '.join(KEY_TYPES)}") from None


def by_public_code(code: int) -> KeyType:
    """The key type of a public-key multicodec. Raises KeyTypeUnsupported."""
    try:
        return _BY_PUBLIC_CODE[code]
    except KeyError:
        raise KeyTypeUnsupported(f"multicodec {code:#x} is not a public key of a supported type") from None


def by_secret_code(code: int) -> KeyType:
    """The key type of a secret-key multicodec. Raises KeyTypeUnsupported."""
    try:
        return _BY_SECRET_CODE[code]
    except KeyError:
        raise KeyTypeUnsupported(f"multicodec {code:#x} is not a secret key of a supported type") from None


def encode_varint(value: int) -> bytes:
    """``value`` as an unsigned varint, the shortest one (multiformats unsigned-varint)."""
    if value < 0 or value >= 1 << 63:
        raise ValueError("a varint holds 0 to 2**63 - 1")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode_varint(data: bytes) -> tuple[int, int]:
    """The number at the start of ``data``, and how many bytes it takes (9 at most). Raises EncodingInvalid."""
    value = 0
    for index, byte in enumerate(data[:9]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index:
                raise EncodingInvalid("a varint that is longer than it has to be")
            return value, index + 1
    raise EncodingInvalid("a varint without an end")
