"""Whether a JCS proof and its document speak of the same contexts (vc-di-eddsa 3.3.2 step 4)."""

from __future__ import annotations

from typing import Any

import pytest

import did
from did import VerificationMethod
from vc.integrity import CRYPTOSUITES
from vc.problems import ProblemError

KEY = did.SoftwareKey.from_seed("Ed25519", b"contexts of a JCS proof")
METHOD = VerificationMethod(KEY.verification_method, "Multikey", KEY.did, KEY.public_key)
SUITE = CRYPTOSUITES["eddsa-jcs-2022"]
A, B, C = "https://www.w3.org/ns/credentials/v2", "https://b.example/v1", "https://c.example/v1"


def signed(context: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A document with ``context``, and its proof."""
    document: dict[str, Any] = {} if context is None else {"@context": context}
    document["name"] = "An example"
    config = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
    return document, SUITE.create_proof(document, KEY, config)


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (A, A),
        (A, [A]),
        (A, [A, B]),
        ([A], [A]),
        ([A], A),
        ([A], [A, B]),
        ([A, B], [A, B]),
        ([A, B], [A, B, C]),
        (None, None),
    ],
)
def test_the_document_may_go_on_where_the_proofs_contexts_end(context: Any, shown: Any) -> None:
    document, proof = signed(context)
    shown_document = document if shown is None else {**document, "@context": shown}
    SUITE.verify_proof(shown_document, proof, METHOD)
    assert document.get("@context") == context


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (A, B),
        (A, [B]),
        (A, [B, A]),
        (A, []),
        (A, None),
        ([A, B], [A]),
        ([A, B], [B, A]),
        ([A, B], [A, C, B]),
        ([A, B], A),
        ([A], [[A]]),
    ],
)
def test_any_other_contexts_are_refused(context: Any, shown: Any) -> None:
    document, proof = signed(context)
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof({**document, "@context": shown}, proof, METHOD)
    assert error.value.code == "proof.context"


def test_what_was_signed_are_the_proofs_contexts() -> None:
    document, proof = signed([A])
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof({**document, "@context": [A, B]}, {**proof, "@context": [A, B]}, METHOD)
    assert error.value.code == "proof.signature"


def test_a_proof_without_contexts_covers_those_of_the_document() -> None:
    document, proof = signed([A])
    del proof["@context"]
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(document, proof, METHOD)
    assert error.value.code == "proof.signature"
