"""The holder's VC-API endpoints derive and present; what they can't use is a 400 with problem details, never a 500."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import vc
from did import SoftwareKey
from holder.vc_api import HolderInstance, routes

from .conftest import identity_card, issued

SIGNER = SoftwareKey.from_seed("Ed25519", b"the holder of the endpoints")
DEVICE = SoftwareKey.from_seed("P-256", b"a device")
Client = TestClient[web.Request, web.Application]


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    application = web.Application(client_max_size=100_000)
    application.add_routes(routes({"default": HolderInstance(SIGNER)}))
    async with TestClient(TestServer(application)) as made:
        yield made


async def post(client: Client, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body) as response:
        return response.status, await response.json()


async def test_a_derived_credential_shows_what_was_chosen(client: Client) -> None:
    base = issued(identity_card(), DEVICE.did)
    body = {"verifiableCredential": base, "options": {"selectivePointers": ["/credentialSubject/name"], "more": 1}}
    status, answer = await post(client, "/holders/default/credentials/derive", body)
    assert status == 201
    assert set(answer["verifiableCredential"]["credentialSubject"]) == {"id", "type", "name", "issuingProvince"}
    assert vc.verify(answer["verifiableCredential"]).verified


@pytest.mark.parametrize("options", [None, {}, {"selectivePointers": []}])
async def test_without_pointers_only_the_mandatory_part_is_shown(client: Client, options: Any) -> None:
    body: dict[str, Any] = {"verifiableCredential": issued(identity_card(), DEVICE.did)}
    if options is not None:
        body["options"] = options
    status, answer = await post(client, "/holders/default/credentials/derive", body)
    assert status == 201
    assert set(answer["verifiableCredential"]["credentialSubject"]) == {"id", "type", "issuingProvince"}


async def test_a_presentation_is_signed_as_it_is(client: Client) -> None:
    derived = vc.derive(issued(identity_card(), SIGNER.did), selective_pointers=["/credentialSubject/name"])
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:6f1a0f3e-0000-4000-8000-000000000001",
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [derived],
    }
    body = {"presentation": presentation, "options": {"challenge": "c1", "domain": "d1"}}
    status, answer = await post(client, "/holders/default/presentations", body)
    assert status == 201
    made = answer["verifiablePresentation"]
    assert made["id"] == presentation["id"]
    assert made["holder"] == SIGNER.did
    assert made["proof"]["proofPurpose"] == "authentication"
    verdict = vc.verify(made, challenge="c1", domain="d1")
    assert verdict.verified, verdict.problems


V2 = ["https://www.w3.org/ns/credentials/v2"]
BAD_DERIVATIONS: dict[str, Any] = {
    "a list": [],
    "text": "text",
    "nothing": {},
    "null": {"verifiableCredential": None},
    "a credential that is text": {"verifiableCredential": "text"},
    "an empty credential": {"verifiableCredential": {}},
    "no proof": {"verifiableCredential": {"@context": V2, "type": ["VerifiableCredential"]}},
    "a pointer that is no list": {"verifiableCredential": {}, "options": {"selectivePointers": "/issuer"}},
    "a pointer that is no text": {"verifiableCredential": {}, "options": {"selectivePointers": [1]}},
    "options that are a list": {"verifiableCredential": {}, "options": []},
}


@pytest.mark.parametrize("body", BAD_DERIVATIONS.values(), ids=BAD_DERIVATIONS)
async def test_what_can_not_be_derived_is_a_400_with_reasons(client: Client, body: Any) -> None:
    status, answer = await post(client, "/holders/default/credentials/derive", body)
    assert status == 400
    assert answer["problemDetails"][0]["code"]


@pytest.mark.parametrize("pointer", ["/credentialSubject/height", "no pointer", "/credentialSubject/name/0"])
async def test_a_pointer_that_matches_nothing_is_named(client: Client, pointer: str) -> None:
    body = {
        "verifiableCredential": issued(identity_card(), DEVICE.did),
        "options": {"selectivePointers": ["/credentialSubject/name", pointer]},
    }
    status, answer = await post(client, "/holders/default/credentials/derive", body)
    assert status == 400
    assert pointer in str(answer["problemDetails"])


def presentation(**members: Any) -> dict[str, Any]:
    return {"presentation": {"@context": V2, "type": ["VerifiablePresentation"], **members}}


BAD_PRESENTATIONS: dict[str, Any] = {
    "nothing": {},
    "a list": {"presentation": []},
    "an empty one": {"presentation": {}},
    "no type": {"presentation": {"@context": V2}},
    "another holder": presentation(holder="did:web:other.example"),
    "a holder that is a number": presentation(holder=1),
    "a proof already": presentation(proof={"type": "DataIntegrityProof"}),
    "a credential without proof": presentation(
        verifiableCredential=[{"@context": V2, "type": ["VerifiableCredential"], "issuer": "did:web:x"}]
    ),
    "a credential that is a number": presentation(verifiableCredential=[1]),
    "a credential with its base proof": presentation(verifiableCredential=[issued(identity_card(), SIGNER.did)]),
    "a challenge that is a number": {**presentation(), "options": {"challenge": 1}},
    "a domain that is an object": {**presentation(), "options": {"domain": {}}},
}


@pytest.mark.parametrize("body", BAD_PRESENTATIONS.values(), ids=BAD_PRESENTATIONS)
async def test_what_can_not_be_presented_is_a_400_with_reasons(client: Client, body: Any) -> None:
    status, answer = await post(client, "/holders/default/presentations", body)
    assert status == 400
    assert answer["problemDetails"][0]["code"]
    assert "verifiablePresentation" not in answer


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/holders/other/credentials/derive", b"{}", 404),
        ("/holders/other/presentations", b"{}", 404),
        ("/holders/default/presentations", b"", 400),
        ("/holders/default/presentations", b"{", 400),
        ("/holders/default/presentations", b'{"presentation": {}, "presentation": {}}', 400),
        ("/holders/default/presentations", b"\xff\xfe", 400),
        ("/holders/default/presentations", b'{"presentation": {"a": "' + b"x" * 200_000 + b'"}}', 413),
        ("/holders/default/presentations", b"[" * 5_000, 400),
    ],
)
async def test_the_status_says_what_is_wrong_with_a_body(client: Client, path: str, body: bytes, status: int) -> None:
    async with client.post(path, data=body, headers={"Content-Type": "application/json"}) as response:
        assert response.status == status
        assert (await response.json())["verified"] is False
