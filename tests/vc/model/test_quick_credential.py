"""What is known at a glance as a usual credential is one in which the rules find nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contexts import CONTEXTS
from vc.model import CREDENTIALS_V1, CREDENTIALS_V2
from vc.model.findings import Findings
from vc.model.quick_credential import is_usual
from vc.model.related_resources import registered
from vc.model.validation import Checks, by_the_rules

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
USUAL: dict[str, Any] = {
    "@context": [CREDENTIALS_V2, EXAMPLES],
    "id": "urn:uuid:5b1f3c1e-6d0c-4a9a-9c0b-2f6f0d6f8a10",
    "type": ["VerifiableCredential", "ExampleCredential"],
    "name": "Card",
    "description": "A card.",
    "issuer": "did:example:issuer",
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00+08:00",
    "credentialStatus": {
        "id": "https://issuer.example/status/3#5",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://issuer.example/status/3",
    },
    "credentialSchema": {"id": "https://issuer.example/schema", "type": "JsonSchema"},
    "credentialSubject": {"id": "did:example:subject", "ageOver18": True, "name": "A"},
    "proof": {"type": "DataIntegrityProof"},
}
MISSING = object()


def problems(document: dict[str, Any]) -> list[str]:
    return [problem.code for problem in by_the_rules(document, Checks(Findings(), registered(CONTEXTS), {}))]


def changed(path: tuple[str, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(USUAL)
    node = document
    for step in path[:-1]:
        node = node[step]
    if value is MISSING:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = value
    return document


def test_a_usual_credential_is_known() -> None:
    assert is_usual(USUAL)
    assert problems(USUAL) == []


@pytest.mark.parametrize(
    "member", ["id", "name", "description", "validFrom", "validUntil", "credentialStatus", "credentialSchema", "proof"]
)
def test_what_is_optional_may_be_left_out(member: str) -> None:
    assert is_usual(changed((member,), MISSING))


@pytest.mark.parametrize("member", ["@context", "type", "issuer", "credentialSubject"])
def test_what_is_required_may_not(member: str) -> None:
    assert not is_usual(changed((member,), MISSING))


UNUSUAL: list[tuple[tuple[str, ...], object]] = [
    (("@context",), [EXAMPLES, CREDENTIALS_V2]),
    (("@context",), [CREDENTIALS_V1]),
    (("@context",), [CREDENTIALS_V2, CREDENTIALS_V2]),
    (("@context",), CREDENTIALS_V2),
    (("@context",), [CREDENTIALS_V2, {"a": "urn:x:a"}]),
    (("@context",), [CREDENTIALS_V2, "relative"]),
    (("@context",), (CREDENTIALS_V2,)),
    (("type",), "VerifiableCredential"),
    (("type",), ["ExampleCredential"]),
    (("type",), ["VerifiableCredential", ""]),
    (("type",), ["VerifiableCredential", 1]),
    (("type",), ["VerifiableCredential", "VerifiablePresentation"]),
    (("type",), ["VerifiableCredential", "EnvelopedVerifiableCredential"]),
    (("id",), "5b1f"),
    (("id",), None),
    (("id",), ["urn:x:a"]),
    (("@id",), "urn:x:a"),
    (("issuer",), "issuer"),
    (("issuer",), {"id": "did:example:issuer"}),
    (("name",), {"@value": "Card", "@language": "no tag"}),
    (("description",), 5),
    (("validFrom",), "2026-01-01T00:00:00"),
    (("validFrom",), "2028-01-01T00:00:00Z"),
    (("validUntil",), "2026-02-30T00:00:00Z"),
    (("credentialSubject",), {}),
    (("credentialSubject",), []),
    (("credentialSubject",), [{"a": "b"}]),
    (("credentialSubject",), {"id": "subject", "a": "b"}),
    (("credentialSubject",), {"a": None}),
    (("credentialSubject", "@id"), "urn:x:a"),
    (("credentialSubject", "@context"), {}),
    (("credentialStatus", "type"), []),
    (("credentialStatus", "statusPurpose"), MISSING),
    (("credentialStatus", "statusListIndex"), 5),
    (("credentialStatus", "statusListCredential"), "list"),
    (("credentialStatus", "id"), "https://issuer.example/status/3"),
    (("credentialStatus", "digestSRI"), "x"),
    (("credentialStatus",), "status"),
    (("credentialSchema", "id"), MISSING),
    (("credentialSchema", "type"), ""),
    (("credentialSchema", "digestSRI"), "sha256-x"),
    (("proof",), []),
    (("proof",), "proof"),
    (("proof", "type"), ["DataIntegrityProof", "Other"]),
    (("proof", "type"), ""),
    (("termsOfUse",), {"id": "urn:x:a"}),
    (("evidence",), 5),
    (("relatedResource",), {"id": "urn:x:a"}),
    (("issuanceDate",), "x"),
    (("other",), 5),
]


@pytest.mark.parametrize(("path", "value"), UNUSUAL)
def test_all_else_is_for_the_rules(path: tuple[str, ...], value: object) -> None:
    assert not is_usual(changed(path, value))


paths = st.sampled_from(
    [(name,) for name in [*USUAL, "@id", "termsOfUse", "evidence", "relatedResource", "holder", "x"]]
    + [
        (name, inner)
        for name in ("credentialSubject", "credentialStatus", "credentialSchema", "proof")
        for inner in [*USUAL[name], "id", "@id", "@context", "digestSRI", "digestMultibase", "statusSize", "x"]
    ]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["", "a", "urn:x:a", "did:example:a", CREDENTIALS_V2, CREDENTIALS_V1, "VerifiableCredential"])
    | st.sampled_from(["2026-06-01T00:00:00Z", "24", "BitstringStatusListEntry", "VerifiablePresentation"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "@id", "type", "@value", "@context", "a"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(paths, values | st.just(MISSING)), min_size=1, max_size=3))
def test_nothing_is_usual_in_which_the_rules_find_something(changes: list[tuple[tuple[str, ...], object]]) -> None:
    document = copy.deepcopy(USUAL)
    for path, value in changes:
        node: Any = document
        for step in path[:-1]:
            node = node.get(step) if isinstance(node, dict) else None
        if isinstance(node, dict):
            if value is MISSING:
                node.pop(path[-1], None)
            else:
                node[path[-1]] = value
    if is_usual(document):
        assert problems(document) == []
