"""Signature algorithms. The key decides which may be used; a header can only agree with it, or be refused.

JOSE names: RFC 7518 section 3.4, RFC 8037, RFC 9864. COSE numbers: RFC 9053 section 2, RFC 9864.
"""

from __future__ import annotations

from typing import Final

from did.key_types import KEY_TYPES, known_key_types

from ..checks.envelope_policies import ES256K, allowing
from ..problems import Problem, ProblemError

__all__ = ["cose_algorithm", "fits", "hash_of", "jose_algorithm", "misfit", "signs_envelopes"]

_BY_POLICY: Final[dict[tuple[object, str], str]] = {("ES256K", "secp256k1"): ES256K, (-47, "secp256k1"): ES256K}
"""Algorithm and key type -> the policy that allows them. (RFC 8812.)"""


def fits(algorithm: object, key_type: str, policies: frozenset[str] = frozenset()) -> bool:
    """Whether a header's algorithm (a JOSE name, a COSE number) is one of the key's, under ``policies``."""
    if policies and isinstance(algorithm, str | int) and _BY_POLICY.get((algorithm, key_type)) in policies:
        return True
    kind = KEY_TYPES.get(key_type)
    if kind is None:
        return False
    if isinstance(algorithm, str):
        return algorithm in kind.jose
    return type(algorithm) is int and algorithm in kind.cose


def signs_envelopes(key_type: str) -> bool:
    """Whether JOSE has an algorithm for keys of that type here."""
    kind = KEY_TYPES.get(key_type)
    return kind is not None and bool(kind.jose)


def misfit(algorithm: object, key_type: str) -> str:
    """What to say of an algorithm that doesn't fit."""
    policy = _BY_POLICY.get((algorithm, key_type)) if isinstance(algorithm, str | int) else None
    if policy is not None:
        return f"{algorithm} and keys of type {key_type} are not taken{allowing(policy)}"
    return f"the algorithm {algorithm!r:.40} is not one of keys of type {key_type}"


def jose_algorithm(key_type: str) -> str:
    """The ``alg`` a key signs with. Raises ProblemError (method.key_type) for keys that JOSE has none for here."""
    kind = KEY_TYPES.get(key_type)
    if kind is None or not kind.jose:
        raise _none("JOSE", key_type)
    return kind.jose[0]


def cose_algorithm(key_type: str) -> int:
    """The COSE algorithm a key signs with. Raises ProblemError (method.key_type)."""
    kind = KEY_TYPES.get(key_type)
    if kind is None or not kind.cose:
        raise _none("COSE", key_type)
    return kind.cose[0]


def hash_of(algorithm: object) -> str:
    """The hash (hashlib's name) that a JOSE or COSE algorithm signs; "" for one that is unknown, or signs the data."""
    kinds = known_key_types()
    return next((kind.signing_hash for kind in kinds if fits(algorithm, kind.name)), "")


def _none(what: str, key_type: str) -> ProblemError:
    return ProblemError(Problem("method.key_type", f"{what} envelopes are not signed with keys of type {key_type}"))
