"""The groups of BLS12-381 from arkworks, with the strict decoding that BBS asks for.

Scalars stay inside arkworks from the moment they are hashed or drawn; Python integers are used for public counts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .errors import BbsError

try:
    from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar
except ImportError as error:  # pragma: no cover - the extra is installed wherever tests run
    detail = "BBS signatures need the optional part 'bbs': pip install 'liangzheng[bbs]'"
    raise ImportError(detail, name=error.name) from error

__all__ = [
    "GT",
    "POINT_LENGTH",
    "PUBLIC_KEY_LENGTH",
    "SCALAR_LENGTH",
    "Base",
    "G1Point",
    "G2Point",
    "Scalar",
    "fixed_base",
    "multiply_fixed",
    "multiply_sum",
    "octets_to_point_g1",
    "octets_to_pubkey",
    "octets_to_scalar",
    "octets_to_scalars",
    "pairing_equal",
]

POINT_LENGTH = 48
PUBLIC_KEY_LENGTH = 96
SCALAR_LENGTH = 32

_COMPRESSED = 0x80
_INFINITY = 0x40
_IDENTITY_G1 = G1Point.identity()
_IDENTITY_G2 = G2Point.identity()
_BP2_NEGATED = -G2Point()


Base = tuple[G1Point, ...]
"""A fixed point H: alone, or as (H, 2^88 * H, 2^176 * H) for :func:`multiply_fixed`."""

_PART_OCTETS = 11
_PARTS = tuple(slice(at, min(at + _PART_OCTETS, SCALAR_LENGTH)) for at in range(0, SCALAR_LENGTH, _PART_OCTETS))
_PARTED_AT_MOST = 128


def fixed_base(point: G1Point, *, parted: bool = True) -> Base:
    """Return a point as a base; ``parted`` takes 176 doublings once and makes every sum over it faster."""
    if not parted:
        return (point,)
    base = [point]
    for _ in _PARTS[1:]:
        for _ in range(8 * _PART_OCTETS):
            point = point + point
        base.append(point)
    return tuple(base)


def multiply_fixed(bases: Sequence[Base], scalars: Sequence[Scalar]) -> G1Point:
    """Return the sum of H * scalar over bases and scalars, lists of the same length.

    Each scalar is cut into three parts of 88 bits, one for each point of its base. arkworks' multi-scalar
    multiplication then has three times the points and a third of the windows, which is a quarter faster for the tens of
    points a credential has. All points take part whatever the scalars are: nothing is looked up by a secret.
    """
    if len(bases) > _PARTED_AT_MOST:
        return G1Point.multiexp_unchecked([base[0] for base in bases], list(scalars))
    points: list[G1Point] = []
    parts: list[Scalar] = []
    part = Scalar.from_le_bytes_mod_order
    for base, scalar in zip(bases, scalars, strict=True):
        points += base
        if len(base) == 1:
            parts.append(scalar)
        else:
            octets = scalar.to_le_bytes()
            parts += [part(octets[piece]) for piece in _PARTS]
    return G1Point.multiexp_unchecked(points, parts)


def multiply_sum(points: list[G1Point], scalars: list[Scalar]) -> G1Point:
    """Return the sum of points[i] * scalars[i]; the lists have the same length.

    arkworks' multi-scalar multiplication. Its running time depends on the scalars (see the package's docstring).
    """
    return G1Point.multiexp_unchecked(points, scalars)


def octets_to_point_g1(octets: bytes) -> G1Point:
    """Decode a compressed point of G1: on the curve, in the subgroup, not the identity; ValueError otherwise.

    The flags are looked at first, because arkworks takes the infinity flag with any octets behind it.
    """
    if len(octets) != POINT_LENGTH or octets[0] & (_COMPRESSED | _INFINITY) != _COMPRESSED:
        raise ValueError("not a compressed point of G1 other than the identity")
    point = G1Point.from_compressed_bytes(octets)
    if point == _IDENTITY_G1:
        raise ValueError("the identity of G1")
    return point


@lru_cache(maxsize=1024)
def octets_to_pubkey(octets: bytes) -> G2Point:
    """Decode a public key: a compressed point of G2 in the subgroup, not the identity; BbsError otherwise.

    Keys are public and few, so the decoded ones are kept (section "Octets to Public Key" allows it).
    """
    if len(octets) != PUBLIC_KEY_LENGTH or octets[0] & (_COMPRESSED | _INFINITY) != _COMPRESSED:
        raise BbsError("bbs.key_invalid", "the BBS public key is not a compressed point of G2")
    try:
        point = G2Point.from_compressed_bytes(octets)
    except ValueError:
        raise BbsError("bbs.key_invalid", "the BBS public key is not in the right subgroup of G2") from None
    if point == _IDENTITY_G2:
        raise BbsError("bbs.key_invalid", "the BBS public key is the identity of G2")
    return point


def octets_to_scalar(octets: bytes) -> Scalar:
    """Decode 32 octets, big-endian, to a scalar with 0 < scalar < r; ValueError otherwise."""
    if len(octets) != SCALAR_LENGTH:
        raise ValueError("a scalar has 32 octets")
    scalar = Scalar.from_be_bytes(octets)
    if scalar.is_zero():
        raise ValueError("the zero scalar")
    return scalar


def octets_to_scalars(octets: bytes) -> list[Scalar]:
    """Decode a row of scalars, each 0 < scalar < r; ValueError when one is not, or when octets are left over."""
    if len(octets) % SCALAR_LENGTH:
        raise ValueError("octets are left over after the scalars")
    return [octets_to_scalar(octets[at : at + SCALAR_LENGTH]) for at in range(0, len(octets), SCALAR_LENGTH)]


def pairing_equal(left: G1Point, left_g2: G2Point, right: G1Point) -> bool:
    """Tell whether e(left, left_g2) equals e(right, BP2)."""
    return GT.pairing_check([left, right], [left_g2, _BP2_NEGATED])
