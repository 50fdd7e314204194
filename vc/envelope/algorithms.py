"""Signature algorithms. The key decides which may be used; a header can only agree with it, or be refused.

JOSE names: RFC 7518 section 3.4, RFC 8037, RFC 9864. COSE numbers: RFC 9053 section 2, RFC 9864.
"""

from __future__ import annotations

from typing import Final, TypeVar

from ..problems import Problem, ProblemError
from .policies import ES256K, allowing

_Name = TypeVar("_Name", str, int)

__all__ = ["COSE", "JOSE", "cose_algorithm", "fits", "jose_algorithm", "misfit"]

JOSE: Final[dict[str, tuple[str, ...]]] = {
    "P-256": ("ES256", "ESP256"),
    "P-384": ("ES384", "ESP384"),
    "P-521": ("ES512", "ESP512"),
    "Ed25519": ("EdDSA", "Ed25519"),
}
"""Key type -> the values of ``alg`` it may be used with; the first is what is written."""

COSE: Final[dict[str, tuple[int, ...]]] = {
    "P-256": (-7, -9),
    "P-384": (-35, -51),
    "P-521": (-36, -52),
    "Ed25519": (-8, -19),
}
"""Key type -> the COSE algorithms it may be used with; the first is what is written."""


_BY_POLICY: Final[dict[tuple[object, str], str]] = {("ES256K", "secp256k1"): ES256K, (-47, "secp256k1"): ES256K}
"""Algorithm and key type -> the policy that allows them. (RFC 8812.)"""


def fits(algorithm: object, key_type: str, policies: frozenset[str] = frozenset()) -> bool:
    """Whether a header's algorithm (a JOSE name, a COSE number) is one of the key's, under ``policies``."""
    if policies and isinstance(algorithm, str | int) and _BY_POLICY.get((algorithm, key_type)) in policies:
        return True
    if isinstance(algorithm, str):
        return algorithm in JOSE.get(key_type, ())
    return type(algorithm) is int and algorithm in COSE.get(key_type, ())


def misfit(algorithm: object, key_type: str) -> str:
    """What to say of an algorithm that doesn't fit."""
    policy = _BY_POLICY.get((algorithm, key_type)) if isinstance(algorithm, str | int) else None
    if policy is not None:
        return f"{algorithm} and keys of type {key_type} are not taken{allowing(policy)}"
    return f"the algorithm {algorithm!r:.40} is not one of keys of type {key_type}"


def jose_algorithm(key_type: str) -> str:
    """The ``alg`` a key signs with. Raises ProblemError (method.key_type) for keys that JOSE has none for here."""
    return _first(JOSE, key_type, "JOSE")


def cose_algorithm(key_type: str) -> int:
    """The COSE algorithm a key signs with. Raises ProblemError (method.key_type)."""
    return _first(COSE, key_type, "COSE")


def _first(table: dict[str, tuple[_Name, ...]], key_type: str, what: str) -> _Name:
    names = table.get(key_type)
    if names is None:
        raise ProblemError(Problem("method.key_type", f"{what} envelopes are not signed with keys of type {key_type}"))
    return names[0]
