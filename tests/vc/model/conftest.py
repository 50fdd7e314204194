from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def credential() -> dict[str, Any]:
    """A credential with every property that the data model names, all of them right."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008",
        "type": ["VerifiableCredential", "ExampleCredential"],
        "name": {"@value": "示例", "@language": "zh-Hans", "@direction": "ltr"},
        "description": "An example",
        "issuer": {"id": "did:web:issuer.example", "name": [{"@value": "Issuer", "@language": "en"}]},
        "validFrom": "2026-01-01T00:00:00+08:00",
        "validUntil": "2026-03-31T23:59:59+08:00",
        "credentialStatus": {
            "id": "https://issuer.example/status/1#5",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "5",
            "statusListCredential": "https://issuer.example/status/1",
        },
        "credentialSchema": {"id": "https://issuer.example/schema.json", "type": "JsonSchema"},
        "refreshService": {"id": "https://issuer.example/refresh", "type": "ExampleRefresh"},
        "termsOfUse": [{"type": "ExamplePolicy", "id": "https://issuer.example/terms"}],
        "evidence": [{"type": "ExampleEvidence"}, {"type": ["ExampleEvidence", "OtherEvidence"]}],
        "relatedResource": {
            "id": "https://issuer.example/logo.svg",
            "mediaType": "image/svg+xml",
            "digestSRI": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        },
        "credentialSubject": [{"id": "did:example:subject", "alumniOf": "The School of Examples"}],
        "proof": {"type": "DataIntegrityProof"},
    }


@pytest.fixture
def presentation(credential: dict[str, Any]) -> dict[str, Any]:
    """A presentation of that credential, and of an enveloped one."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:313801ba-24b7-11ee-be02-ff560265cf9b",
        "type": "VerifiablePresentation",
        "holder": {"id": "did:example:holder"},
        "verifiableCredential": [
            credential,
            {
                "@context": "https://www.w3.org/ns/credentials/v2",
                "type": "EnvelopedVerifiableCredential",
                "id": "data:application/vc+jwt,eyJh.eyJh.c2ln",
            },
        ],
        "proof": {"type": "DataIntegrityProof"},
    }
