"""The verifier's VC-API endpoints: the verdict as JSON, whole and every time anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import vc
from did import Resolver, SoftwareKey
from verifier.vc_api import VerifierInstance, routes

SIGNER = SoftwareKey.from_seed("Ed25519", b"an issuer of the endpoints")
Client = TestClient[web.Request, web.Application]


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    application = web.Application(client_max_size=100_000)
    application.add_routes(routes({"default": VerifierInstance(Resolver()), "a b/ü": VerifierInstance(Resolver())}))
    async with TestClient(TestServer(application)) as made:
        yield made


def credential(**more: Any) -> dict[str, Any]:
    subject = {"id": "did:example:subject", "name": "王小明"}
    contexts = ["https://www.w3.org/ns/credentials/v2"]
    return {
        "@context": contexts,
        "type": ["VerifiableCredential"],
        "issuer": SIGNER.did,
        "credentialSubject": subject,
        **more,
    }


async def post(client: Client, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body) as response:
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        return response.status, await response.json()


async def test_answers_are_those_of_the_document_and_not_of_the_one_before(client: Client) -> None:
    plain = vc.issue(credential(), SIGNER)
    listed = vc.issue(
        credential(credentialSchema={"id": "https://example.com/schema.json", "type": "JsonSchema"}), SIGNER
    )
    changed = {**plain, "name": "changed"}
    for document in (plain, plain, listed, changed, plain, listed, plain):
        expected = vc.verify(document).to_dict()
        status, answer = await post(client, "/verifiers/default/credentials/verify", {"verifiableCredential": document})
        assert status == (200 if expected["verified"] else 400)
        if expected["verified"]:
            assert expected.pop("problemDetails") == []
        assert answer == expected


async def test_a_verdict_with_warnings_has_them(client: Client) -> None:
    shown = vc.present([vc.issue(credential(), SIGNER)], SIGNER, challenge="c", domain="d", expires_in=300)
    status, answer = await post(
        client, "/verifiers/default/presentations/verify", {"verifiablePresentation": shown, "options": {"domain": "d"}}
    )
    assert status == 200
    assert answer["warnings"][0]["code"] == "warning.challenge"
    assert "problemDetails" not in answer


async def test_an_instance_may_demand_what_its_policy_says() -> None:
    policy = vc.VerificationPolicy(trusted_issuers=["did:example:somebody"])
    application = web.Application()
    application.add_routes(routes({"strict": VerifierInstance(Resolver(), policy=policy)}))
    body = {"verifiableCredential": vc.issue(credential(), SIGNER)}
    async with TestClient(TestServer(application)) as client:
        status, answer = await post(client, "/verifiers/strict/credentials/verify", body)
    assert status == 400
    assert [problem["code"] for problem in answer["problemDetails"]] == ["policy.issuer"]


async def test_an_explanation_has_the_values_on_the_way(client: Client) -> None:
    body = {"verifiableCredential": vc.issue(credential(), SIGNER), "options": {"explain": True}}
    status, answer = await post(client, "/verifiers/default/credentials/verify", body)
    assert (status, answer["verified"]) == (200, True)
    assert answer["trace"]


async def test_a_verifier_of_any_name_is_found_and_no_other(client: Client) -> None:
    body = {"verifiableCredential": vc.issue(credential(), SIGNER)}
    assert (await post(client, "/verifiers/a%20b%2F%C3%BC/credentials/verify", body))[0] == 200
    status, answer = await post(client, "/verifiers/other/credentials/verify", body)
    assert (status, answer["problemDetails"][0]["code"]) == (404, "parse.form")


@pytest.mark.parametrize("wrap", [lambda x: {"vp_token": {"id": [x]}}, lambda x: {"verifiableCredential": x}])
async def test_what_is_wrapped_is_refused_with_its_place(client: Client, wrap: Any) -> None:
    body = {"verifiableCredential": wrap(vc.issue(credential(), SIGNER))}
    status, answer = await post(client, "/verifiers/default/credentials/verify", body)
    assert status == 400
    [problem] = answer["problemDetails"]
    assert problem["code"] == "parse.carrier"
    assert "/vp_token/id/0" in problem["detail"] or "/verifiableCredential" in problem["detail"]
    assert "请单独发送" in problem["detailZh"]


async def test_what_is_no_object_is_named(client: Client) -> None:
    body = {"verifiableCredential": "eyJhbGciOiJFUzI1NiIsInR5cCI6InZjK2p3dCJ9.eyJAY29udGV4dCI6W119.AAAA"}
    status, answer = await post(client, "/verifiers/default/credentials/verify", body)
    assert status == 400
    assert "this is a credential as a JWT" in answer["problemDetails"][0]["detail"]
