"""The two BLS12-381 ciphersuites: SHA-256 and SHAKE-256.

draft-irtf-cfrg-bbs-signatures, section "Ciphersuites"; expand_message and hash_to_curve as in RFC 9380.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from .curve import G1Point, Scalar
from .errors import BbsError

__all__ = ["EXPAND_LEN", "SHAKE_256", "SHA_256", "Ciphersuite", "ciphersuite"]

EXPAND_LEN = 48
"""Octets hashed or drawn for one scalar: ceil((ceil(log2(r)) + k) / 8)."""

_FIELD_MODULUS = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)
_FIELD_EXPAND_LEN = 64  # L of BLS12381G1: ceil((ceil(log2(p)) + k) / 8)
_Z_PAD = hashlib.sha256(bytes(64))  # One block of zeros starts every message of expand_message_xmd.


def _expand_message_xmd_sha256(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 section 5.3.1 with SHA-256."""
    blocks = -(-length // 32)
    if blocks > 255 or len(dst) > 255:
        raise BbsError("bbs.too_large", "expand_message was asked for too many octets, or its tag is over 255 octets")
    dst_prime = dst + len(dst).to_bytes(1, "big")
    first = _Z_PAD.copy()
    first.update(message + length.to_bytes(2, "big") + b"\0" + dst_prime)
    seed = first.digest()
    block = hashlib.sha256(seed + b"\x01" + dst_prime).digest()
    out = block
    seed_number = int.from_bytes(seed, "big")
    for index in range(2, blocks + 1):
        mixed = (seed_number ^ int.from_bytes(block, "big")).to_bytes(32, "big")
        block = hashlib.sha256(mixed + index.to_bytes(1, "big") + dst_prime).digest()
        out += block
    return out[:length]


def _expand_message_xof_shake256(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 section 5.3.2 with SHAKE-256."""
    if length > 65535 or len(dst) > 255:
        raise BbsError("bbs.too_large", "expand_message was asked for too many octets, or its tag is over 255 octets")
    return hashlib.shake_256(message + length.to_bytes(2, "big") + dst + len(dst).to_bytes(1, "big")).digest(length)


def _hash_to_curve_xof_shake256(message: bytes, dst: bytes) -> G1Point:
    """RFC 9380 section 3, hash_to_curve, with the map and cofactor of BLS12381G1 and SHAKE-256.

    The map's implementation clears the cofactor of each half; that is a homomorphism, so the sum is the same.
    """
    uniform = _expand_message_xof_shake256(message, dst, 2 * _FIELD_EXPAND_LEN)
    halves = (uniform[:_FIELD_EXPAND_LEN], uniform[_FIELD_EXPAND_LEN:])
    left, right = (
        G1Point.map_from_fp_be((int.from_bytes(half, "big") % _FIELD_MODULUS).to_bytes(48, "big")) for half in halves
    )
    return left + right


@dataclass(frozen=True)
class Ciphersuite:
    """A BBS ciphersuite: its name here, its ``ciphersuite_id`` and its two hash functions."""

    name: str
    identifier: bytes
    expand_message: Callable[[bytes, bytes, int], bytes]
    hash_to_curve_g1: Callable[[bytes, bytes], G1Point]

    def hash_to_scalar(self, message: bytes, dst: bytes) -> Scalar:
        """Hash octets to a scalar modulo r under a domain separation tag (section "Hash to Scalar")."""
        return Scalar.from_be_bytes_mod_order(self.expand_message(message, dst, EXPAND_LEN))

    @cached_property
    def p1(self) -> G1Point:
        """The fixed point P1 of G1, made by create_generators with tags of its own."""
        prefix = self.identifier + b"H2G_HM2S_"
        seed_dst = prefix + b"SIG_GENERATOR_SEED_"
        value = self.expand_message(prefix + b"BP_MESSAGE_GENERATOR_SEED", seed_dst, EXPAND_LEN)
        value = self.expand_message(value + (1).to_bytes(8, "big"), seed_dst, EXPAND_LEN)
        return self.hash_to_curve_g1(value, prefix + b"SIG_GENERATOR_DST_")


SHA_256 = Ciphersuite(
    "SHA-256", b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_", _expand_message_xmd_sha256, G1Point.hash_to_curve
)
SHAKE_256 = Ciphersuite(
    "SHAKE-256",
    b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_",
    _expand_message_xof_shake256,
    _hash_to_curve_xof_shake256,
)

_BY_NAME = {suite.name: suite for suite in (SHA_256, SHAKE_256)}


def ciphersuite(name: str) -> Ciphersuite:
    """Return the ciphersuite called ``"SHA-256"`` or ``"SHAKE-256"``; BbsError for any other name."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise BbsError(
            "bbs.suite_unknown", f"there is no BBS ciphersuite {name!r}: use 'SHA-256' or 'SHAKE-256'"
        ) from None
