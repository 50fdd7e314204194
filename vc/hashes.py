"""Hash functions by name, as key types and cryptosuites state them: RDFC-1.0, proofs and documents go through here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from .problems import Problem, ProblemError

__all__ = ["HASHES", "hash_named"]

Hash = Callable[[bytes], Any]

HASHES: Final[dict[str, Hash]] = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""Name -> hash. Others that are strong enough are added when they are first asked for, where OpenSSL has them."""

_STRONG: Final = frozenset({"sha3_256", "sha3_384", "sha3_512", "sm3"})


def hash_named(name: str) -> Hash:
    """The hash of that name (hashlib's): called with bytes it returns an object with ``digest`` and ``hexdigest``.

    Raises ProblemError (``proof.hash_unknown``) for a name that is not known, not strong enough, or that this machine's
    OpenSSL doesn't have.
    """
    found = HASHES.get(name)
    if found is None:
        if name not in _STRONG or name not in hashlib.algorithms_available:
            known = ", ".join(sorted({*HASHES, *(_STRONG & hashlib.algorithms_available)}))
            raise ProblemError(Problem("proof.hash_unknown", f"no hash {name!r:.40} is known here; known are {known}"))
        found = HASHES[name] = partial(hashlib.new, name)
    return found
