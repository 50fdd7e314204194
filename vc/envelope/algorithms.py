"""Signature algorithms. The key decides which may be used; a header can only agree with it, or be refused.

JOSE names: RFC 7518 section 3.4, RFC 8037, RFC 9864. COSE numbers: RFC 9053 section 2, RFC 9864.
"""

from __future__ import annotations

from typing import Final, TypeVar

from ..problems import Problem, ProblemError

_Name = TypeVar("_Name", str, int)

__all__ = ["COSE", "JOSE", "cose_algorithm", "fits", "jose_algorithm"]

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


def fits(algorithm: object, key_type: str) -> bool:
    """Whether a header's algorithm (a JOSE name, a COSE number) is one of the key's."""
    if isinstance(algorithm, str):
        return algorithm in JOSE.get(key_type, ())
    return type(algorithm) is int and algorithm in COSE.get(key_type, ())


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
