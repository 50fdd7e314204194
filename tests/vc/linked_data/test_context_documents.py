"""A whole context document in place of a context, as jsonld.js and PyLD read it."""

from __future__ import annotations

from typing import Any

import pytest

from vc.linked_data import LinkedDataError, canonicalize

V2 = "https://www.w3.org/ns/credentials/v2"


def document(context: Any) -> dict[str, Any]:
    return {
        "@context": [V2, context],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject", "alumniOf": "The School of Examples"},
    }


def test_a_context_document_means_what_its_context_means() -> None:
    definition = {"alumniOf": "https://www.example.org/alumniOf"}
    assert canonicalize(document({"@context": definition})) == canonicalize(document(definition))


@pytest.mark.parametrize("inner", ["https://www.example.org/context", [], 1, {"@context": {"a": "https://a.example/"}}])
def test_what_a_context_document_holds_must_be_one_map(inner: Any) -> None:
    with pytest.raises(LinkedDataError):
        canonicalize(document({"@context": inner}))
