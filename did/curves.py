"""Public keys at work: is a point valid, does a signature hold. One function pair a key type, parsed keys in an LRU.

Ed25519 follows one set of acceptance rules (vc-di-eddsa section 4.1), those of libsodium:

* the public key is a canonical encoding of a point on the curve that is not of small order;
* S is canonical (below the group order), R is canonical and not of small order;
* the equation without the cofactor holds: ``R == S·B - k·A``, compared as bytes.

A signature one party accepts and another refuses is then not possible among users of these rules. OpenSSL accepts
small-order keys, so it isn't used here; libsodium is also twice as fast.

ECDSA signatures are ``r || s`` of fixed length (vc-di-ecdsa section 3.2.6), over SHA-256 for P-256 and secp256k1,
SHA-384 for P-384, SHA-512 for P-521. Both ``s`` and ``n - s`` verify, as FIPS 186-5 has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from .errors import KeyInvalid, KeyLengthInvalid
from .multicodec import key_type

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["PARSED_KEYS", "ecdsa_der", "ecdsa_parts", "elliptic_curve", "point_coordinates", "prehashed", "verifier"]

PARSED_KEYS: Final = 4096
"""How many parsed public keys are kept."""

Verify = Callable[[bytes, bytes], bool]

_ED25519_P: Final = 2**255 - 19
_ED25519_IDENTITY: Final = b"\x01" + bytes(31)


@lru_cache(maxsize=PARSED_KEYS)
def verifier(name: str, raw: bytes) -> Verify:
    """``verify(signature, data) -> bool`` of a public key. Raises KeyInvalid when the key isn't a valid point.

    The function returned never raises. That of a key that can't sign bytes (X25519, BLS12-381) is always false.
    """
    kind = key_type(name)
    if len(raw) != kind.public_length:
        raise KeyLengthInvalid(f"{name} public key of {len(raw)} bytes; it has {kind.public_length}")
    if name == "Ed25519":
        return _ed25519(raw)
    if kind.coordinate:
        return _ecdsa(name, raw)
    if name == "BLS12-381-G2":
        _check_bls_g2(raw)
    return _never


def _never(signature: bytes, data: bytes) -> bool:
    return False


def _ed25519(raw: bytes) -> Verify:
    from nacl.bindings import crypto_core_ed25519_add, crypto_sign_open

    if int.from_bytes(raw, "little") & ((1 << 255) - 1) >= _ED25519_P:
        raise KeyInvalid("Ed25519 public key that isn't encoded canonically")
    try:
        point = raw
        for _ in range(3):
            point = crypto_core_ed25519_add(point, point)
    except Exception as error:
        raise KeyInvalid("Ed25519 public key that isn't a point on the curve") from error
    if point == _ED25519_IDENTITY:
        raise KeyInvalid("Ed25519 public key of small order")

    def verify(signature: bytes, data: bytes) -> bool:
        if len(signature) != 64:
            return False
        try:
            crypto_sign_open(signature + data, raw)
        except Exception:
            return False
        return True

    return verify


@cache
def elliptic_curve(name: str) -> tuple[ec.EllipticCurve, Any]:
    """The curve and the ECDSA algorithm (deterministic, RFC 6979) of a key type on a Weierstrass curve."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    curve, digest = {
        "P-256": (ec.SECP256R1(), hashes.SHA256()),
        "P-384": (ec.SECP384R1(), hashes.SHA384()),
        "P-521": (ec.SECP521R1(), hashes.SHA512()),
        "secp256k1": (ec.SECP256K1(), hashes.SHA256()),
    }[name]
    return curve, ec.ECDSA(digest, deterministic_signing=True)


@cache
def prehashed(name: str, *, deterministic: bool = False) -> tuple[Callable[[bytes], Any], ec.ECDSA]:
    """The hash (hashlib's: it is cheaper to call) that a key type goes with, and ECDSA over its digests."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    digest = elliptic_curve(name)[1].algorithm
    algorithm = ec.ECDSA(Prehashed(digest), deterministic_signing=deterministic)
    return getattr(hashlib, digest.name), algorithm


@lru_cache(maxsize=PARSED_KEYS)
def _point(name: str, raw: bytes) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    if raw[0] not in (2, 3):
        raise KeyInvalid(f"{name} public key that isn't a compressed point (it starts with 02 or 03)")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(elliptic_curve(name)[0], raw)
    except ValueError:
        raise KeyInvalid(f"{name} public key that isn't a point on the curve") from None


def _ecdsa(name: str, raw: bytes) -> Verify:
    check = _point(name, raw).verify
    size = key_type(name).coordinate
    hash_of, algorithm = prehashed(name)

    def verify(signature: bytes, data: bytes) -> bool:
        if len(signature) != 2 * size:
            return False
        try:
            check(ecdsa_der(signature, size), hash_of(data).digest(), algorithm)
        except Exception:
            return False
        return True

    return verify


@lru_cache(maxsize=PARSED_KEYS)
def point_coordinates(name: str, raw: bytes) -> tuple[bytes, bytes]:
    """The x and y of a compressed point, of fixed length each. Raises KeyInvalid."""
    numbers = _point(name, raw).public_numbers()
    size = key_type(name).coordinate
    return numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")


def ecdsa_parts(der: bytes, size: int) -> bytes:
    """A DER ECDSA signature, made by us, as ``r || s``, ``size`` bytes each."""
    if size <= 48:  # SEQUENCE { INTEGER r, INTEGER s } with lengths of one byte: r starts at 4, s behind its own head.
        end = 4 + der[3]
        return der[4:end][-size:].rjust(size, b"\0") + der[end + 2 :][-size:].rjust(size, b"\0")
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(der)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def ecdsa_der(signature: bytes, size: int) -> bytes:
    """An ECDSA signature ``r || s`` of ``size`` bytes each in DER: the shortest form, which is the only one."""
    r, s = signature[:size].lstrip(b"\0"), signature[size:].lstrip(b"\0")
    if size <= 48 and r and s:  # Lengths of one byte. (A zero is no signature, but has a form.)
        r, s = b"\0" + r if r[0] & 0x80 else r, b"\0" + s if s[0] & 0x80 else s
        first, second = len(r), len(s)
        return b"\x30%c\x02%c%b\x02%c%b" % (first + second + 4, first, r, second, s)
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


def _check_bls_g2(raw: bytes) -> None:
    """On the curve, in the subgroup, not the identity (BBS draft section 4.2.4)."""
    try:
        from py_arkworks_bls12381 import G2Point
    except ModuleNotFoundError as error:
        raise KeyInvalid("BLS12-381 keys need the extra 'bbs': pip install 'liangzheng[bbs]'") from error
    if not raw[0] & 0x80 or raw[0] & 0x40:
        raise KeyInvalid("BLS12-381 G2 public key that isn't a compressed point, or is the identity")
    try:
        point = G2Point.from_compressed_bytes(raw)
    except Exception as error:
        raise KeyInvalid("BLS12-381 G2 public key that isn't a point of the group") from error
    if bytes(point.to_compressed_bytes()) != raw:
        raise KeyInvalid("BLS12-381 G2 public key that isn't encoded canonically")
