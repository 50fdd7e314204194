"""What the proofs of a document take, in the units of ``vc.verification.price``: known before any is checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from .members import ProofMembers
from .suite import discloses
from .whole_document import JCS, WholeDocumentSuite

if TYPE_CHECKING:
    from did import VerificationMethod

__all__ = ["units"]

_SIGNATURES: Final = {"Ed25519": 12, "P-256": 12, "P-384": 60, "BLS12-381-G2": 400, "SM2": 65}
_STATEMENTS: Final = {"SM2": 5}
"""How much dearer than P-256 the signatures of single statements are, by the key of their suite."""
_OWN_HASH: Final = frozenset({"P-384", "SM2"})
"""Keys whose suites canonicalise with another hash than SHA-256: what they need of a document no other proof shares."""
_DEAREST: Final = 400


def units(unsecured: dict[str, Any], proofs: Sequence[ProofMembers], methods: Sequence[VerificationMethod]) -> int:
    """The units for ``proofs`` of the document ``unsecured``, with their methods as far as these were found.

    One canonicalization is what a document may have anyhow; counted are the signatures, and what comes on top of it.
    """
    signatures = 0
    inputs: set[tuple[Any, ...]] = set()
    key_types = [method.public_key.key_type for method in methods]
    for index, members in enumerate(proofs):
        key_type = key_types[index] if len(key_types) == len(proofs) else ""
        signatures += _SIGNATURES.get(key_type, _DEAREST)
        suite = members.suite
        if discloses(suite):
            # A signature or a scalar for each statement that is shown or hidden.
            dearer = max(_STATEMENTS.get(name, 1) for name in suite.key_types)
            signatures += len(members.proof["proofValue"]) // 7 * dearer
            kind: object = "disclosed"
        else:
            kind = suite.transformation if isinstance(suite, WholeDocumentSuite) else suite.name
        context = orjson.dumps(members.proof.get("@context")) if kind is JCS else b""
        inputs.add((kind, key_type if key_type in _OWN_HASH else "", tuple(members.previous), context))
    if len(inputs) < 2:
        return signatures
    text = orjson.dumps(unsecured)
    weight = text.count(b",") + text.count(b"[") + text.count(b"{") + len(text) // 64
    return signatures + (len(inputs) - 1) * weight
