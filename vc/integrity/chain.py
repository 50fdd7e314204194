"""Proof sets and proof chains (Data Integrity 1.0 sections 2.1.1, 2.1.2, 4.3 and 4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import types_of
from ..problems import Problem, ProblemError
from .suite import proof_problem

__all__ = ["MAX_PROOFS", "input_document", "matching_proofs", "proofs_of", "without_proof"]

_UNSIGNED = (
    "the presentation is not signed, so who shows it is not proven; a credential in it can be verified by itself "
    "(verify --at /verifiableCredential/0)"
)
_UNSIGNED_ZH = "出示未签名，无法证明由谁出示；其中的凭证可单独验证（verify --at /verifiableCredential/0）"
MAX_PROOFS = 16
"""How many proofs a document may carry: each is a signature to check over the whole document."""


def proofs_of(document: Mapping[str, Any]) -> list[Any]:
    """The proofs of a document, one or many, as they are. Raises ProblemError: none, or too many."""
    value = document.get("proof")
    proofs = value if isinstance(value, list) else [] if value is None else [value]
    if not proofs:
        if "VerifiablePresentation" in types_of(document):
            raise ProblemError(Problem("proof.missing", _UNSIGNED, "/proof", _UNSIGNED_ZH))
        raise proof_problem("proof.missing", "the document has no proof")
    if len(proofs) > MAX_PROOFS:
        raise proof_problem("proof.form", f"the document has {len(proofs)} proofs; at most {MAX_PROOFS} are checked")
    return proofs


def without_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    """The unsecured document."""
    unsecured = dict(document)
    unsecured.pop("proof", None)
    return unsecured


def matching_proofs(previous: Sequence[str], proofs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The proofs that ``previousProof`` names (section 4.5 steps 3.2 and 3.3), in the order of ``proofs``.

    Raises ProblemError (``proof.previous``) for a name that no proof, or more than one, has as its ``id``.
    """
    for name in previous:
        count = sum(1 for proof in proofs if proof.get("id") == name)
        if count != 1:
            found = "no proof has" if count == 0 else f"{count} proofs have"
            raise proof_problem("proof.previous", f"{found} the id {name[:200]!r}", "/previousProof")
    names = set(previous)
    return [proof for proof in proofs if proof.get("id") in names]


def input_document(unsecured: dict[str, Any], matching: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a proof is made over: the unsecured document, with the earlier proofs of a chain put back (step 3.4)."""
    return {**unsecured, "proof": [dict(proof) for proof in matching]} if matching else unsecured
