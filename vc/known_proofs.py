"""A proof set of which only some cryptosuites are known here: the policy that one good proof is enough.

Issuers put several proofs on a document so that old and new verifiers each find one they know (Data Integrity 1.0
section 4.5: a verifier may check a subset). By default every proof has to verify; ``without_unknown`` is the explicit
act of looking at the known ones only. What is left is verified like any document: a proof that chains to one that was
left out (``previousProof``) fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .integrity import CRYPTOSUITES
from .integrity.chain import MAX_PROOFS

__all__ = ["without_unknown"]


def without_unknown(document: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """``document`` without the proofs of its set whose cryptosuite is not known, and the JSON pointers of those.

    At least one proof stays: of a document with no known proof nothing is left out. The document is not changed.
    """
    proofs = document.get("proof")
    if not isinstance(proofs, list) or len(proofs) > MAX_PROOFS:
        return dict(document), ()
    unknown = [index for index, proof in enumerate(proofs) if _is_of_unknown_suite(proof)]
    if not unknown or len(unknown) == len(proofs):
        return dict(document), ()
    known = [proof for index, proof in enumerate(proofs) if index not in unknown]
    return {**document, "proof": known}, tuple(f"/proof/{index}" for index in unknown)


def _is_of_unknown_suite(proof: Any) -> bool:
    if not isinstance(proof, Mapping) or not isinstance(proof.get("type"), str):
        return False
    name = proof.get("cryptosuite") if proof["type"] == "DataIntegrityProof" else proof["type"]
    return isinstance(name, str) and CRYPTOSUITES.get(name) is None
