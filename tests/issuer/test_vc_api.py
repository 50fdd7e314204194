"""The VC-API of issuer instances, over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import did
import vc
from did import multibase
from issuer.vc_api import IssuerInstance, routes
from issuer.vc_api_status import StatusLists
from vc.status import StatusChecker, StatusList
from vc.vc_api import MAX_BODY

RESOURCE = "https://www.w3.org/ns/credentials/v2"
DRAFT = "sha384-" + "A" * 64

SUITES = {
    "eddsa-rdfc-2022": "Ed25519",
    "eddsa-jcs-2022": "Ed25519",
    "ecdsa-rdfc-2019": "P-384",
    "ecdsa-jcs-2019": "P-256",
    "ecdsa-sd-2023": "P-256",
    "bbs-2023": "BLS12-381-G2",
}
KEYS = {suite: did.SoftwareKey.from_seed(kind, b"vc-api") for suite, kind in SUITES.items()}
STATUS_KEY = did.SoftwareKey.from_seed("P-256", b"status")
JOSE_KEY = did.SoftwareKey.from_seed("P-256", b"jose")


class OwnClock:
    now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def credential(by: Any, /, **changes: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"],
        "issuer": by,
        "credentialSubject": {"id": "did:example:holder", "alumniOf": "a school"},
        **changes,
    }


@pytest.fixture
def lists() -> StatusLists:
    return StatusLists(STATUS_KEY, clock=OwnClock())


@pytest.fixture
async def client(lists: StatusLists) -> AsyncIterator[TestClient[Any, Any]]:
    issuers = {suite: IssuerInstance(key, suite) for suite, key in KEYS.items()}
    issuers["status-list"] = IssuerInstance(STATUS_KEY, "ecdsa-rdfc-2019", status_lists=lists)
    issuers["vc-jose"] = IssuerInstance(JOSE_KEY, enveloped=True)
    issuers["lenient"] = IssuerInstance(JOSE_KEY, "ecdsa-rdfc-2019", digests={RESOURCE: frozenset({DRAFT})})
    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes(routes(issuers))
    async with TestClient(TestServer(app)) as made:
        yield made


async def issue(client: TestClient[Any, Any], name: str, body: Any, status: int = 201) -> dict[str, Any]:
    async with client.post(f"/issuers/{name}/credentials/issue", json=body) as response:
        answer: dict[str, Any] = await response.json()
        assert response.status == status, answer
        return answer


async def test_an_instance_names_the_did_it_signs_with(client: TestClient[Any, Any]) -> None:
    for name, key in KEYS.items():
        async with client.get(f"/issuers/{name}") as response:
            assert response.status == 200
            assert (await response.json())["id"] == key.did


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite not in ("ecdsa-sd-2023", "bbs-2023")])
async def test_each_suite_secures_what_verifies(client: TestClient[Any, Any], suite: str) -> None:
    answer = await issue(client, suite, {"credential": credential(KEYS[suite].did), "options": {"unknown": [1]}})
    proof = answer["verifiableCredential"]["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", suite)
    assert vc.verify(answer["verifiableCredential"]).verified


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])
async def test_selective_suites_take_mandatory_pointers(client: TestClient[Any, Any], suite: str) -> None:
    key = KEYS[suite]
    body = {"credential": credential(key.did), "options": {"mandatoryPointers": ["/issuer"]}}
    answer = await issue(client, suite, body)
    derived = vc.derive(answer["verifiableCredential"])
    assert derived["issuer"] == key.did and "alumniOf" not in json.dumps(derived)
    assert vc.verify(derived).verified
    without = await issue(client, suite, {"credential": credential(key.did)})
    assert vc.derive(without["verifiableCredential"], selective_pointers=["/credentialSubject/alumniOf"])
    body["options"] = {"mandatoryPointers": ["/nothing"]}
    assert "/nothing" in json.dumps(await issue(client, suite, body, 400))


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])
async def test_what_ends_a_credential_is_hidden_only_where_the_request_says_so(
    client: TestClient[Any, Any], suite: str
) -> None:
    body: dict[str, Any] = {"credential": {**credential(KEYS[suite].did), "validUntil": "2099-01-01T00:00:00Z"}}
    shown = vc.derive((await issue(client, suite, body))["verifiableCredential"])
    assert shown["validUntil"] == "2099-01-01T00:00:00Z"
    body["options"] = {"hideable": ["/validUntil"], "mandatoryPointers": ["/issuer"]}
    assert "validUntil" not in vc.derive((await issue(client, suite, body))["verifiableCredential"])
    for wrong in (["/validFrom"], ["/issuer"]):
        body["options"] = {"hideable": wrong, "mandatoryPointers": ["/issuer"]}
        assert "pointer.hideable" in json.dumps(await issue(client, suite, body, 400))
    body["options"] = {"hideable": "/validUntil"}
    assert "pointer.form" in json.dumps(await issue(client, suite, body, 400))


async def test_mandatory_pointers_are_ignored_where_they_mean_nothing(client: TestClient[Any, Any]) -> None:
    body = {"credential": credential(KEYS["eddsa-rdfc-2022"].did), "options": {"mandatoryPointers": ["/issuer"]}}
    await issue(client, "eddsa-rdfc-2022", body)


async def test_an_issuer_may_be_an_object_and_a_document_of_vcdm_1_1(client: TestClient[Any, Any]) -> None:
    key = KEYS["ecdsa-rdfc-2019"]
    await issue(client, "ecdsa-rdfc-2019", {"credential": credential({"id": key.did, "name": "An issuer"})})
    old = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:holder"},
    }
    answer = await issue(client, "ecdsa-rdfc-2019", {"credential": old})
    assert "https://w3id.org/security/data-integrity/v2" in answer["verifiableCredential"]["@context"]


BAD_CREDENTIALS: dict[str, dict[str, Any]] = {
    "no context": {"@context": []},
    "wrong first context": {"@context": ["https://www.w3.org/ns/credentials/examples/v2"]},
    "unknown context": {"@context": ["https://www.w3.org/ns/credentials/v2", "https://unknown.example/v1"]},
    "a number as context": {"@context": [7]},
    "no type": {"type": ["Something"]},
    "unmapped type": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "Odd"]},
    "another issuer": {"issuer": "did:example:other"},
    "no issuer": {"issuer": None},
    "an id that is a list": {"id": ["https://a.example", "https://b.example"]},
    "an id that is no URL": {"id": "not a url"},
    "an empty subject": {"credentialSubject": {}},
    "subjects with an empty one": {"credentialSubject": [{"id": "did:example:a", "alumniOf": "x"}, {}]},
    "a subject id that is no URL": {"credentialSubject": {"id": "none", "alumniOf": "x"}},
    "a date without time zone": {"validFrom": "2026-01-01T00:00:00"},
    "a status without type": {"credentialStatus": {"id": "https://a.example/1"}},
    "a schema without id": {"credentialSchema": {"type": "JsonSchema"}},
    "terms of use without type": {"termsOfUse": {"id": "https://a.example/1"}},
    "evidence without type": {"evidence": [{"id": "https://a.example/1"}]},
    "a dropped term": {"@context": ["https://www.w3.org/ns/credentials/v2"], "odd term": 1},
    "a name with other members": {"name": {"@value": "n", "url": "x"}},
    "a related resource without digest": {"relatedResource": [{"id": "https://a.example/1"}]},
}


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-sd-2023", "status-list", "vc-jose"])
@pytest.mark.parametrize("case", BAD_CREDENTIALS)
async def test_a_bad_credential_is_refused_at_issue(client: TestClient[Any, Any], case: str, name: str) -> None:
    signer = {**KEYS, "status-list": STATUS_KEY, "vc-jose": JOSE_KEY}[name].did
    answer = await issue(client, name, {"credential": credential(signer, **BAD_CREDENTIALS[case])}, 400)
    assert answer["verified"] is False and answer["problemDetails"]


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "not JSON": (b"{", 400),
    "a list": (b"[]", 400),
    "a string": (b'"credential"', 400),
    "no credential": (b"{}", 400),
    "credential is text": (b'{"credential": "x"}', 400),
    "credential is a list": (b'{"credential": []}', 400),
    "options is a list": (b'{"credential": {}, "options": []}', 400),
    "options is null": (b'{"credential": {}, "options": null}', 400),
    "pointers are text": (b'{"credential": {}, "options": {"mandatoryPointers": "/issuer"}}', 400),
    "pointers are numbers": (b'{"credential": {}, "options": {"mandatoryPointers": [1]}}', 400),
    "not UTF-8": (b'{"credential": "\xff"}', 400),
    "duplicate keys": (b'{"credential": {}, "credential": {}}', 400),
    "deeply nested": (b'{"credential":' * 5000 + b"1" + b"}" * 5000, 400),
    "NaN": (b'{"credential": {"x": NaN}}', 400),
    "huge": (b'{"credential": "' + b"x" * MAX_BODY + b'"}', 413),
}


@pytest.mark.parametrize("path", ["issue", "status"])
@pytest.mark.parametrize("case", BAD_BODIES)
async def test_a_bad_body_is_refused(client: TestClient[Any, Any], case: str, path: str) -> None:
    data, status = BAD_BODIES[case]
    headers = {"Content-Type": "application/json"}
    url = f"/issuers/status-list/credentials/{path}"
    async with client.post(url, data=io.BytesIO(data), headers=headers) as response:
        assert response.status == status
        assert (await response.json())["verified"] is False


async def test_what_is_not_there_is_404_as_json(client: TestClient[Any, Any]) -> None:
    body = {"credential": credential("did:example:x")}
    assert (await issue(client, "nobody", body, 404))["verified"] is False
    for path in ("/issuers/nobody", "/status-lists/0", "/status-lists/9", "/status-lists/x", "/status-lists/١"):
        async with client.get(path) as response:
            assert response.status == 404 and (await response.json())["problemDetails"]


# --- status --------------------------------------------------------------------------------------------------------

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "127.0.0.1:40443"}


async def _issue_with_status(client: TestClient[Any, Any], **changes: Any) -> dict[str, Any]:
    body = {"credential": credential(STATUS_KEY.did, **changes)}
    async with client.post("/issuers/status-list/credentials/issue", json=body, headers=FORWARDED) as response:
        assert response.status == 201
        secured: dict[str, Any] = (await response.json())["verifiableCredential"]
        return secured


async def test_a_credential_gets_a_status_entry_whose_list_can_be_had(client: TestClient[Any, Any]) -> None:
    secured = await _issue_with_status(client)
    entry = secured["credentialStatus"]
    assert entry["type"] == "BitstringStatusListEntry" and entry["statusPurpose"] == "revocation"
    assert entry["statusListCredential"] == "https://127.0.0.1:40443/status-lists/1"
    assert entry["id"] == f"{entry['statusListCredential']}#{entry['statusListIndex']}"
    async with client.get("/status-lists/1", headers=FORWARDED) as response:
        assert response.status == 200
        document = await response.json()
    assert document["id"] == entry["statusListCredential"] and isinstance(document["issuer"], str)
    assert vc.verify(document, now=OwnClock.now).verified
    assert len(StatusList.decode(document["credentialSubject"]["encodedList"])) == 131_072


async def test_a_status_can_be_set_and_cleared(client: TestClient[Any, Any], lists: StatusLists) -> None:
    secured = await _issue_with_status(client, id="urn:uuid:0a1b2c3d-0000-4000-8000-000000000000")

    async def change(value: bool, **named: Any) -> None:
        purpose = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
        body = {"credentialId": secured["id"], "credentialStatus": purpose, "status": value, **named}
        async with client.post("/issuers/status-list/credentials/status", json=body) as response:
            assert response.status == 200, await response.text()

    def codes() -> list[str]:
        verdict = vc.verify(secured, status=StatusChecker(lists.source()), now=datetime.now(UTC))
        return [problem.code for problem in verdict.problems]

    OwnClock.now = datetime.now(UTC)
    try:
        assert codes() == []
        await change(True)
        assert codes() == ["status.revoked"]
        await change(False, credentialId=None, credentialStatus=secured["credentialStatus"])
        assert codes() == []
    finally:
        OwnClock.now = datetime(2026, 3, 1, tzinfo=UTC)


BAD_CHANGES: list[dict[str, Any]] = [
    {},
    {"credentialId": "urn:x"},
    {"credentialId": "urn:unknown", "credentialStatus": {"statusPurpose": "revocation"}, "status": True},
    {"credentialId": "urn:unknown", "credentialStatus": {"statusPurpose": "suspension"}, "status": True},
    {"credentialId": 7, "credentialStatus": {}, "status": "true"},
    {"credentialStatus": {"statusListIndex": "5", "statusListCredential": "https://a.example/status-lists/1"}},
    {"credentialStatus": {"statusListIndex": "-1", "statusListCredential": "https://a.example/status-lists/1"}},
    {"credentialStatus": {"statusListIndex": "999999999", "statusListCredential": "https://a.example/status-lists/1"}},
    {"credentialStatus": {"statusListIndex": "0", "statusListCredential": "https://a.example/status-lists/0"}},
    {"credentialStatus": {"statusListIndex": "0", "statusListCredential": ["x"]}},
]


@pytest.mark.parametrize("body", BAD_CHANGES, ids=str)
async def test_a_status_that_is_not_here_is_not_changed(client: TestClient[Any, Any], body: dict[str, Any]) -> None:
    async with client.post("/issuers/status-list/credentials/status", json=body) as response:
        assert response.status == 400
    async with client.post("/issuers/vc-jose/credentials/status", json=body) as response:
        assert response.status == 400


async def test_a_host_that_is_none_makes_no_urls(client: TestClient[Any, Any]) -> None:
    for headers in ({"X-Forwarded-Host": "a b"}, {"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-Host": "a/b"}):
        body = {"credential": credential(STATUS_KEY.did)}
        async with client.post("/issuers/status-list/credentials/issue", json=body, headers=headers) as response:
            assert response.status == 400


async def test_indexes_differ_and_a_present_status_stays(client: TestClient[Any, Any]) -> None:
    own = {"id": "https://other.example/1", "type": "https://other.example/Status"}
    secured = await _issue_with_status(client, credentialStatus=own)
    assert secured["credentialStatus"][0] == own and len(secured["credentialStatus"]) == 2
    found = [(await _issue_with_status(client))["credentialStatus"]["statusListIndex"] for _ in range(20)]
    assert len(set(found)) == 20


def test_a_full_list_is_followed_by_another_until_there_are_no_more() -> None:
    lists = StatusLists(STATUS_KEY)
    lists._lists[-1].drawn.update(range(131_072 * 3 // 4))
    entry = lists.with_entry({}, "https://a.example")["credentialStatus"]
    assert entry["statusListCredential"] == "https://a.example/status-lists/2"
    assert lists.document("2", "https://a.example") and lists.document("3", "https://a.example") is None


def test_a_list_is_signed_anew_after_its_time() -> None:
    clock = OwnClock()
    lists = StatusLists(STATUS_KEY, clock=clock)
    first = lists.document("1", "https://a.example")
    assert lists.document("1", "https://a.example") is first
    clock.now += timedelta(minutes=6)
    second = lists.document("1", "https://a.example")
    assert second and first and second["validFrom"] > first["validFrom"]


# --- envelopes -----------------------------------------------------------------------------------------------------


async def test_the_jose_instance_envelopes(client: TestClient[Any, Any]) -> None:
    given = credential(JOSE_KEY.did)
    answer = await issue(client, "vc-jose", {"credential": given})
    enveloped = answer["verifiableCredential"]
    assert enveloped["@context"] == "https://www.w3.org/ns/credentials/v2"
    assert enveloped["type"] == "EnvelopedVerifiableCredential"
    media, _, text = enveloped["id"].partition(",")
    assert media == "data:application/vc+jwt"
    header, payload, signature = text.split(".")
    assert json.loads(multibase.decode_base64url(header)) == {
        "alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": JOSE_KEY.verification_method,
    }  # fmt: skip
    assert json.loads(multibase.decode_base64url(payload)) == given
    assert JOSE_KEY.public_key.verify(multibase.decode_base64url(signature), f"{header}.{payload}".encode())


async def test_what_has_a_proof_is_not_enveloped(client: TestClient[Any, Any]) -> None:
    signed = vc.issue(credential(JOSE_KEY.did), JOSE_KEY)
    await issue(client, "vc-jose", {"credential": signed}, 400)


# --- leniency ------------------------------------------------------------------------------------------------------


async def test_a_draft_digest_is_accepted_in_a_profile_only(client: TestClient[Any, Any]) -> None:
    resource = {"id": RESOURCE, "digestSRI": DRAFT, "mediaType": "application/ld+json"}
    body = {"credential": credential(JOSE_KEY.did, relatedResource=[resource])}
    await issue(client, "lenient", body)
    refused = await issue(client, "vc-jose", body, 400)
    assert refused["problemDetails"][0]["code"] == "model.digest_mismatch"


async def test_no_profile_signs_for_another_issuer(client: TestClient[Any, Any]) -> None:
    refused = await issue(client, "lenient", {"credential": credential("did:example:other")}, 400)
    assert refused["problemDetails"][0]["code"] == "issuer.controller"


def test_a_profile_may_put_its_own_members_into_an_entry() -> None:
    lists = StatusLists(STATUS_KEY, members={"statusSize": 2})
    assert lists.with_entry({}, "https://a.example")["credentialStatus"]["statusSize"] == 2
    plain = StatusLists(STATUS_KEY, messages=["valid", "revoked"], reference="https://a.example/status")
    entry = plain.with_entry({}, "https://a.example")["credentialStatus"]
    assert entry["statusMessage"] == [{"status": "0x0", "message": "valid"}, {"status": "0x1", "message": "revoked"}]
    assert entry["statusReference"] == "https://a.example/status"
