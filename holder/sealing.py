"""Sealing records: AES-256-GCM with a random nonce, bound to the place of the record; keys by HKDF-SHA-256."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import WalletDamaged

__all__ = ["KEY_BYTES", "Random", "Unsealable", "seal", "subkey", "unseal"]

KEY_BYTES = 32
_NONCE_BYTES = 12

Random = Callable[[int], bytes]
"""Gives so many random bytes."""


class Unsealable(WalletDamaged):
    """The key is not the one, or the record was changed or moved."""

    def __init__(self) -> None:
        super().__init__("a record does not open: it was changed or moved", "记录无法解密：已被改动或移动")


def subkey(key: bytes, purpose: str, *, salt: bytes = b"") -> bytes:
    """A key for one purpose (RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt or None, f"liangzheng/holder/{purpose}".encode()).derive(key)


def seal(key: bytes, data: bytes, place: str, random: Random) -> bytes:
    """``data`` encrypted and authenticated, together with ``place`` (wallet, table and row)."""
    nonce = random(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """What ``seal`` was given. Raises Unsealable for another key, other bytes or another place."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError, TypeError):
        raise Unsealable from None
