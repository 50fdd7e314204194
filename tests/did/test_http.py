from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

import did
from did import Resolver
from did.http import PATH, create_app, routes
from did.methods.web import document_for
from did.methods.webvh.authoring import create, identifier_for
from did.methods.webvh.authoring import document_for as webvh_document_for
from did.resolution import FetchRequest, FetchResponse

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]

CURRENT = "application/did-resolution"
DEREFERENCING = "application/did-url-dereferencing"
LEGACY = 'application/ld+json;profile="https://w3id.org/did-resolution"'
KEY = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
MULTIKEY = KEY.removeprefix("did:key:")
AGREEMENT = "z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ"
WEB = "did:web:police.example"
P256 = did.SoftwareKey.from_seed("P-256", b"http").public_key
UPDATE = did.SoftwareKey.from_seed("Ed25519", b"http")
LOG = create(
    webvh_document_for(identifier_for("gongan.example"), {"key-1": P256}), UPDATE, now=datetime(2026, 1, 1, tzinfo=UTC)
)
ENDED = LOG.deactivate(UPDATE, now=datetime(2026, 1, 2, tzinfo=UTC))


class Site:
    def __init__(self) -> None:
        services = [{"id": "#files", "type": "relativeRef", "serviceEndpoint": "https://police.example/f"}]
        self.files: dict[str, tuple[bytes, str]] = {
            "https://police.example/.well-known/did.json": (
                json.dumps(document_for(WEB, {"key-1": P256}, services=services)).encode(),
                "application/json",
            ),
            "https://police.example/f/page": (b"<script>alert(1)</script>", "text/plain"),
            "https://bad.example/.well-known/did.json": (b"{}", "application/json"),
            "https://gongan.example/.well-known/did.jsonl": (ENDED.to_bytes(), "text/jsonl"),
        }

    def fetch(self, request: FetchRequest) -> FetchResponse:
        if "down.example" in request.url:
            raise did.DidUnavailable("down")
        body, media_type = self.files.get(request.url, (b"", ""))
        return FetchResponse(request.url, 200 if media_type else 404, body, media_type)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


@pytest.fixture
async def client(aiohttp_client: MakeClient) -> Client:
    return await aiohttp_client(create_app(Resolver(fetcher=Site())))


async def ask(client: Client, text: str, accept: str | None = CURRENT, **options: str) -> tuple[int, Any, Any]:
    headers = {} if accept is None else {"Accept": accept}
    answer = await client.get(PATH + quote(text, safe=""), params=options, headers=headers, allow_redirects=False)
    body = await answer.read()
    return answer.status, json.loads(body) if body[:1] in (b"{", b"[") else body, answer.headers


async def test_a_did_gives_its_resolution_result(client: Client) -> None:
    status, body, headers = await ask(client, KEY)
    assert status == 200
    assert headers["Content-Type"] == CURRENT
    assert set(body) == {"@context", "didDocument", "didDocumentMetadata", "didResolutionMetadata"}
    assert body["didDocument"]["id"] == KEY
    assert "error" not in body["didResolutionMetadata"]


async def test_the_did_need_not_be_encoded(client: Client) -> None:
    answer = await client.get(PATH + KEY, headers={"Accept": CURRENT})
    assert (await answer.json(content_type=None))["didDocument"]["id"] == KEY


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, CURRENT),
        ("*/*", CURRENT),
        (CURRENT, CURRENT),
        ("application/did", "application/did"),
        ("application/did+ld+json", "application/did+ld+json"),
        ("application/did+json", "application/did+json"),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        (LEGACY, LEGACY),
        ("text/html, application/did;q=0.5, application/did-resolution;q=0.9", CURRENT),
        ("text/html, application/did;q=0.9, application/did-resolution;q=0.5", "application/did"),
    ],
)
async def test_the_form_of_the_answer_is_negotiated(client: Client, accept: str | None, content_type: str) -> None:
    status, body, headers = await ask(client, KEY, accept)
    assert (status, headers["Content-Type"]) == (200, content_type)
    assert (body["id"] if "id" in body else body["didDocument"]["id"]) == KEY


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/did;q=0", "application/did;q=x", "nonsense"]
)
async def test_other_forms_are_not_acceptable(client: Client, accept: str) -> None:
    status, body, _ = await ask(client, KEY, accept)
    assert status == 406
    assert body["type"].endswith("#REPRESENTATION_NOT_SUPPORTED")


ERRORS: list[tuple[str, Mapping[str, str], int, str, str]] = [
    ("did:key:", {}, 400, "INVALID_DID", "invalidDid"),
    ("notDid:key:" + MULTIKEY, {}, 400, "INVALID_DID", "invalidDid"),
    ("did:key:-4:" + MULTIKEY, {}, 400, "INVALID_DID", "invalidDid"),
    ("did:key:" + MULTIKEY[1:], {}, 400, "INVALID_DID", "invalidDid"),
    ("did:key:@", {}, 400, "INVALID_DID", "invalidDid"),
    ("did:key:zTjsVPtY", {}, 400, "INVALID_DID", "invalidPublicKeyLength"),
    ("did:experimental:" + MULTIKEY, {}, 501, "METHOD_NOT_SUPPORTED", "methodNotSupported"),
    (KEY, {"publicKeyFormat": "unknown"}, 501, "FEATURE_NOT_SUPPORTED", "unsupportedPublicKeyType"),
    (KEY, {"publicKeyFormat": "P256Key2021"}, 400, "INVALID_OPTIONS", "invalidPublicKeyType"),
    (KEY, {"versionTime": "yesterday"}, 400, "INVALID_OPTIONS", "invalidOptions"),
    (KEY, {"expandRelativeUrls": "perhaps"}, 400, "INVALID_OPTIONS", "invalidOptions"),
    (KEY, {"versionNumber": "-1"}, 400, "INVALID_OPTIONS", "invalidOptions"),
    (KEY, {"noCache": "true"}, 501, "FEATURE_NOT_SUPPORTED", "featureNotSupported"),
    (KEY, {"nonsense": "true"}, 501, "FEATURE_NOT_SUPPORTED", "featureNotSupported"),
    (WEB, {"versionId": "1"}, 501, "FEATURE_NOT_SUPPORTED", "featureNotSupported"),
    ("did:web:none.example", {}, 404, "NOT_FOUND", "notFound"),
    ("did:web:127.0.0.1", {}, 400, "INVALID_DID", "invalidDid"),
    ("did:web:bad.example", {}, 500, "INVALID_DID_DOCUMENT", "invalidDidDocument"),
    ("did:web:down.example", {}, 500, "INTERNAL_ERROR", "internalError"),
    ("", {}, 400, "INVALID_DID", "invalidDid"),
    ("did:web:" + "a" * 4000, {}, 400, "INVALID_DID", "invalidDid"),
]


@pytest.mark.parametrize(("text", "options", "status", "name", "legacy"), ERRORS)
async def test_errors_have_their_registered_names(
    client: Client, text: str, options: Mapping[str, str], status: int, name: str, legacy: str
) -> None:
    got, body, headers = await ask(client, text, CURRENT, **options)
    assert (got, headers["Content-Type"]) == (status, CURRENT)
    assert body["didDocument"] is None
    error = body["didResolutionMetadata"]["error"]
    assert error["type"] == "https://www.w3.org/ns/did#" + name
    assert error["title"]
    got, body, headers = await ask(client, text, LEGACY, **options)
    assert (got, headers["Content-Type"]) == (status, LEGACY)
    assert body["didResolutionMetadata"] == {"error": legacy}
    assert {"@context", "didDocument", "didDocumentMetadata"} < set(body)
    got, body, _ = await ask(client, text, "application/did", **options)
    assert (got, body["type"]) == (status, "https://www.w3.org/ns/did#" + name)


class TestAsTheDidKeySuiteAsks:
    async def test_an_illegal_character_in_a_did_url(self, client: Client) -> None:
        status, body, _ = await ask(client, f"{KEY}/^bar^/?query=`#{MULTIKEY}", LEGACY)
        assert status == 400
        assert body["didDereferencingMetadata"] == {"error": "invalidDidUrl"}

    @pytest.mark.parametrize("fragment", [MULTIKEY, AGREEMENT])
    async def test_a_form_that_isnt_allowed(self, client: Client, fragment: str) -> None:
        options = {"publicKeyFormat": "Ed25519VerificationKey2018", "enableExperimentalPublicKeyTypes": "false"}
        status, body, _ = await ask(client, f"{KEY}#{fragment}", LEGACY, **options)
        assert status == 400
        assert body["didDereferencingMetadata"] == {"error": "invalidPublicKeyType"}
        assert "didDocument" in body

    async def test_a_verification_method(self, client: Client) -> None:
        status, body, _ = await ask(client, f"{KEY}#{MULTIKEY}", LEGACY)
        assert status == 200
        assert body["didDocument"]["controller"] == KEY
        assert {"@context", "didDocumentMetadata", "didDereferencingMetadata"} < set(body)

    async def test_a_derived_one(self, client: Client) -> None:
        status, body, _ = await ask(client, f"{KEY}#{AGREEMENT}", LEGACY, enableEncryptionKeyDerivation="true")
        assert status == 200
        assert body["didDocument"]["publicKeyMultibase"] == AGREEMENT


class TestDidUrls:
    async def test_a_fragment(self, client: Client) -> None:
        status, body, headers = await ask(client, f"{KEY}#{MULTIKEY}", DEREFERENCING)
        assert (status, headers["Content-Type"]) == (200, DEREFERENCING)
        assert body["content"]["id"] == f"{KEY}#{MULTIKEY}"
        assert body["contentStream"] == body["content"]
        assert body["dereferencingMetadata"] == {"contentType": "application/did"}
        status, body, headers = await ask(client, f"{KEY}#{MULTIKEY}", "application/did")
        assert (status, headers["Content-Type"], body["id"]) == (200, "application/did", f"{KEY}#{MULTIKEY}")

    async def test_what_isnt_there(self, client: Client) -> None:
        status, body, _ = await ask(client, f"{KEY}#none", DEREFERENCING)
        assert status == 404
        assert body["content"] is None
        assert body["dereferencingMetadata"]["error"]["type"].endswith("#NOT_FOUND")

    async def test_a_relationship_that_isnt_listed(self, client: Client) -> None:
        status, body, _ = await ask(client, f"{KEY}#{MULTIKEY}", DEREFERENCING, verificationRelationship="keyAgreement")
        assert status == 500
        assert body["dereferencingMetadata"]["error"]["type"].endswith("#INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD")

    async def test_a_service_endpoint_is_where_to_go(self, client: Client) -> None:
        status, body, headers = await ask(client, f"{WEB}?service=files&relativeRef=%2Fpage", "text/uri-list")
        assert (status, body) == (303, b"")
        assert headers["Location"] == "https://police.example/f/page"

    async def test_so_it_is_for_those_who_dereference(self, client: Client) -> None:
        status, body, headers = await ask(client, f"{WEB}?service=files", DEREFERENCING)
        assert (status, body, headers["Location"]) == (303, b"", "https://police.example/f")
        status, body, _ = await ask(client, f"{WEB}?service=files", "application/did")
        assert (status, [service["id"] for service in body["service"]]) == (200, ["#files"])

    async def test_a_query_that_isnt_encoded_belongs_to_the_did_url(self, client: Client) -> None:
        answer = await client.get(
            PATH + f"{WEB}?service=files&relativeRef=/page&expandRelativeUrls=true",
            headers={"Accept": "text/uri-list"},
            allow_redirects=False,
        )
        assert answer.headers["Location"] == "https://police.example/f/page"

    async def test_a_file_is_never_a_page_of_this_server(self, client: Client) -> None:
        answer = await client.get(PATH + quote(f"{WEB}/page", safe=""), headers={"Accept": "application/did"})
        assert answer.status in (200, 500)
        answer = await client.get(PATH + quote(f"{WEB}/page", safe=""), headers={"Accept": DEREFERENCING})
        body = await answer.json(content_type=None)
        assert did.multibase.decode_base64url(body["content"]).startswith(b"<script>")

    async def test_escapes_stay_inside(self, client: Client) -> None:
        status, _, _ = await ask(client, f"{WEB}?service=files&relativeRef=..%2F..%2Fx", "text/uri-list")
        assert status == 400


class TestHistories:
    async def test_a_deactivated_did_is_gone(self, client: Client) -> None:
        status, body, _ = await ask(client, LOG.did)
        assert status == 410
        assert body["didDocument"] is None
        assert body["didDocumentMetadata"]["deactivated"] is True
        for accept in ("application/did", DEREFERENCING):
            assert (await ask(client, LOG.did, accept))[0] == 410
        status, body, _ = await ask(client, LOG.did + "#key-1", DEREFERENCING)
        assert (status, body["contentMetadata"]) == (410, {"deactivated": True})

    @pytest.mark.parametrize("encoded", [True, False])
    async def test_a_version_can_be_asked_for(self, client: Client, encoded: bool) -> None:
        text = quote(LOG.did, safe="") if encoded else LOG.did
        for query in (f"versionId={LOG.latest.version_id}", "versionTime=2026-01-01T12:00:00Z", "versionNumber=1"):
            answer = await client.get(f"{PATH}{text}?{query}", headers={"Accept": CURRENT})
            body = await answer.json(content_type=None)
            document = body.get("didDocument") or body.get("content")
            assert document["id"] == LOG.did


class TestPost:
    async def test_options_may_come_in_the_body(self, client: Client) -> None:
        answer = await client.post(
            PATH + KEY, data=json.dumps({"publicKeyFormat": "JsonWebKey"}), headers={"Accept": "application/did"}
        )
        assert (await answer.json(content_type=None))["verificationMethod"][0]["type"] == "JsonWebKey"
        assert (await client.post(PATH + KEY, headers={"Accept": CURRENT})).status == 200

    @pytest.mark.parametrize(
        "body", ["[]", "{", "5", '"x"', '{"a":1,"a":2}', "[" * 5000, "\ud800".encode("utf-16", "surrogatepass")]
    )
    async def test_a_body_that_isnt_options_is_refused(self, client: Client, body: Any) -> None:
        answer = await client.post(PATH + KEY, data=body, headers={"Accept": CURRENT})
        assert answer.status == 400
        error = (await answer.json(content_type=None))["didResolutionMetadata"]["error"]
        assert error["type"].endswith("#INVALID_OPTIONS")

    @pytest.mark.parametrize("value", [5, None, [], {}, "perhaps"])
    async def test_options_have_types(self, client: Client, value: Any) -> None:
        for name in ("publicKeyFormat", "expandRelativeUrls", "versionTime", "versionNumber"):
            if (name, value) in (("versionNumber", 5), ("publicKeyFormat", "perhaps")):
                continue
            answer = await client.post(PATH + KEY, data=json.dumps({name: value}), headers={"Accept": CURRENT})
            assert answer.status == 400

    async def test_a_huge_body_is_refused(self, client: Client) -> None:
        assert (await client.post(PATH + KEY, data="x" * 100_000)).status == 413


async def test_the_routes_can_be_mounted_elsewhere(aiohttp_client: MakeClient) -> None:
    app = web.Application()
    app.add_routes(routes(Resolver()))
    client = await aiohttp_client(app)
    assert (await client.get(PATH + KEY)).status == 200


async def test_without_a_resolver_it_has_no_network(aiohttp_client: MakeClient) -> None:
    client = await aiohttp_client(create_app())
    answer = await client.get(PATH + WEB, headers={"Accept": CURRENT})
    assert answer.status == 500
