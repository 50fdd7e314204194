"""The conformance server: its profile's leniencies, which nothing else has, and its description, which is true."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

import vc
from liangzheng.conformance import CONFORMANCE, STRICT, create_app
from liangzheng.conformance.server import INSTANCES

VECTORS = Path(__file__).parent.parent / "vectors"
ISSUED_BY_ANOTHER = VECTORS / "vc-di-ecdsa" / "ecdsa-rdfc-2019-p256-basic" / "signedECDSAP256.json"
VERIFY = "/verifiers/default/credentials/verify"

Client = TestClient[Any, Any]


@pytest_asyncio.fixture(params=["conformance"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    profile = STRICT if request.param == "strict" else CONFORMANCE
    async with TestClient(TestServer(create_app(profile))) as made:
        yield made


strict = pytest.mark.parametrize("client", ["strict"], indirect=True)


def credential(issuer: str, **more: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "did:example:subject", "alumniOf": "The School of Examples"},
        **more,
    }


async def did_of(client: Client, name: str) -> str:
    answer = await client.get(f"/issuers/{name}")
    return str((await answer.json())["id"])


async def issue(client: Client, name: str, **more: Any) -> tuple[int, dict[str, Any]]:
    selective = name in ("ecdsa-sd-2023-p256", "bbs-2023")
    options = {"mandatoryPointers": ["/issuer"]} if selective else {}
    body = {"credential": credential(await did_of(client, name), **more), "options": options}
    answer = await client.post(f"/issuers/{name}/credentials/issue", json=body)
    return answer.status, await answer.json()


async def verify(client: Client, document: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    answer = await client.post(VERIFY, json={"verifiableCredential": document, "options": options})
    return answer.status, await answer.json()


@pytest.mark.parametrize("name", INSTANCES)
async def test_what_an_instance_issues_verifies(client: Client, name: str) -> None:
    status, body = await issue(client, name)
    assert status == 201
    secured = body["verifiableCredential"]
    if name in ("ecdsa-sd-2023-p256", "bbs-2023"):
        assert (await verify(client, secured))[0] == 400, "a base proof is for the holder only"
        derive = {"verifiableCredential": secured, "options": {"selectivePointers": ["/credentialSubject/id"]}}
        answer = await client.post("/holders/default/credentials/derive", json=derive)
        secured = (await answer.json())["verifiableCredential"]
        assert "alumniOf" not in secured["credentialSubject"]
        assert set(secured) == {"@context", "type", "issuer", "credentialSubject", "proof"}, "as the suites point"
    assert (await verify(client, secured))[0] == 200
    secured["validUntil"] = "2040-01-01T00:00:00Z"
    status, body = await verify(client, secured)
    assert (status, body["verified"]) == (400, False)


async def test_the_profile_tolerates_an_issuer_that_does_not_control_the_key_and_says_so(client: Client) -> None:
    document = json.loads(ISSUED_BY_ANOTHER.read_bytes())
    status, body = await verify(client, document)
    assert (status, body["verified"]) == (200, True)
    assert "issuer.controller" in [warning["code"] for warning in body["warnings"]]


async def test_a_request_can_make_it_fatal_again(client: Client) -> None:
    document = json.loads(ISSUED_BY_ANOTHER.read_bytes())
    assert (await verify(client, document, checks=["proof", "issuer"]))[0] == 400


async def test_what_is_tolerated_never_hides_a_bad_signature(client: Client) -> None:
    document = json.loads(ISSUED_BY_ANOTHER.read_bytes())
    document["credentialSubject"]["alumniOf"] += "!"
    status, body = await verify(client, document)
    assert (status, body["verified"]) == (400, False)


async def test_a_context_of_the_documents_own_never_hides_a_bad_signature(client: Client) -> None:
    own = {"alumniOf": "https://example.org/alumniOf"}
    context = ["https://www.w3.org/ns/credentials/v2", own]
    _, body = await issue(client, "eddsa-rdfc-2022", **{"@context": context})
    secured = body["verifiableCredential"]
    status, answer = await verify(client, secured)
    assert (status, [warning["code"] for warning in answer["warnings"]]) == (200, ["context.inline"])
    secured["credentialSubject"]["alumniOf"] = "Another School"
    assert (await verify(client, secured))[0] == 400
    assert not vc.verify(secured).verified


@strict
async def test_without_the_profile_it_is_refused(client: Client) -> None:
    document = json.loads(ISSUED_BY_ANOTHER.read_bytes())
    status, body = await verify(client, document)
    assert (status, body["verified"]) == (400, False)
    assert [problem["code"] for problem in body["problemDetails"]] == ["issuer.controller"]


def test_the_library_refuses_it_too() -> None:
    verdict = vc.verify(ISSUED_BY_ANOTHER.read_bytes())
    assert [problem.code for problem in verdict.problems] == ["issuer.controller"]


DRAFT_DIGEST = {
    "id": "https://www.w3.org/ns/credentials/v2",
    "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg",
}
WRONG_DIGEST = {**DRAFT_DIGEST, "digestSRI": "sha384-" + "A" * 64}


@pytest.mark.parametrize(
    ("client", "resource", "expected"),
    [("conformance", DRAFT_DIGEST, 201), ("conformance", WRONG_DIGEST, 400), ("strict", DRAFT_DIGEST, 400)],
    indirect=["client"],
)
async def test_the_digest_of_a_draft_context_is_known_to_the_profile_only(
    client: Client, resource: dict[str, str], expected: int
) -> None:
    status, _ = await issue(client, "eddsa-rdfc-2022", relatedResource=[resource])
    assert status == expected


async def test_an_explanation_comes_when_asked_for(client: Client) -> None:
    _, body = await issue(client, "eddsa-rdfc-2022")
    _, plain = await verify(client, body["verifiableCredential"])
    _, explained = await verify(client, body["verifiableCredential"], explain=True)
    assert "trace" not in plain
    assert explained["trace"]


async def test_a_revoked_credential_is_refused_when_its_status_is_asked_for() -> None:
    async with TestClient(TestServer(create_app(STRICT))) as client:
        _, body = await issue(client, "status-list")
        secured = body["verifiableCredential"]
        assert (await verify(client, secured, checks=["proof", "credentialStatus"]))[0] == 200
        entry = secured["credentialStatus"]
        change = {
            "credentialId": secured.get("id", ""),
            "credentialStatus": {
                key: entry[key] for key in ("statusPurpose", "statusListIndex", "statusListCredential")
            },
            "status": True,
        }
        answer = await client.post("/issuers/status-list/credentials/status", json=change)
        assert answer.status == 200, await answer.text()
    # A verifier keeps a list until it is stale: another verifier, or a later time, sees the change.


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (VERIFY, b"", 400),
        (VERIFY, b"{", 400),
        (VERIFY, b"[]", 400),
        (VERIFY, b'{"verifiableCredential": "text"}', 400),
        (VERIFY, b'{"verifiableCredential": {}, "options": 1}', 400),
        (VERIFY, b'{"verifiableCredential": {}, "verifiableCredential": {}}', 400),
        (VERIFY, b"\xff\xfe", 400),
        (VERIFY, b'{"verifiableCredential": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
        (VERIFY, b'{"verifiableCredential": "' + b"x" * (5 * 1024 * 1024) + b'"}', 413),
        ("/verifiers/nobody/credentials/verify", b"{}", 404),
        ("/issuers/nobody/credentials/issue", b"{}", 404),
        ("/issuers/eddsa-rdfc-2022/credentials/issue", b'{"credential": []}', 400),
        (
            "/issuers/ecdsa-sd-2023-p256/credentials/issue",
            b'{"credential": {}, "options": {"mandatoryPointers": 1}}',
            400,
        ),
        ("/holders/default/credentials/derive", b'{"verifiableCredential": {"proof": 1}}', 400),
        ("/holders/default/presentations", b'{"presentation": {}}', 400),
    ],
)
async def test_bad_requests_are_refused_with_problem_details(
    client: Client, path: str, body: bytes, expected: int
) -> None:
    answer = await client.post(path, data=io.BytesIO(body), headers={"Content-Type": "application/json"})
    refused = await answer.json()
    assert answer.status == expected
    assert refused["verified"] is False
    assert refused["problemDetails"][0]["title"]
    assert "Traceback" not in await answer.text()


def test_the_command_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "liangzheng", "--lang", "en", "serve", "conformance", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found is not None, line
            import urllib.request

            with urllib.request.urlopen(found[0] + "/openapi.json") as answer:
                assert json.load(answer)["openapi"] == "3.1.0"
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


async def test_every_described_path_is_served() -> None:
    async with TestClient(TestServer(create_app())) as client:
        session: ClientSession = client.session
        description = await (await session.get(client.make_url("/openapi.json"))).json()
        served = {route.resource.canonical for route in client.app.router.routes() if route.resource is not None}
        assert set(description["paths"]) <= served
