from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import did
from did import (
    DidError,
    DidNotFound,
    DidUnavailable,
    InvalidDidDocument,
    InvalidDidUrl,
    InvalidOptions,
    PurposeNotAllowed,
    RepresentationNotSupported,
    Resolver,
    multibase,
)
from did.methods.web import document_for
from did.resolution import FetchRequest, FetchResponse

DID = "did:web:police.example"
KEY = did.SoftwareKey.from_seed("P-256", b"url").public_key
SERVICES: Any = [
    {"id": "#files", "type": "relativeRef", "serviceEndpoint": "https://police.example/files"},
    {
        "id": f"{DID}#agent",
        "type": ["A", "B"],
        "serviceEndpoint": ["https://a.example/", {"uri": "x"}, "https://b.example/c"],
    },
    {"id": "#map", "type": "Map", "serviceEndpoint": {"uri": "https://x.example/"}},
    {"id": "#fragment", "type": "F", "serviceEndpoint": "https://f.example/#here"},
]
DOCUMENT = document_for(DID, {"key-1": KEY}, services=SERVICES)


class Site:
    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {
            "https://police.example/.well-known/did.json": (json.dumps(DOCUMENT).encode(), "application/json"),
            "https://police.example/files/rules.txt": (b"Be kind.", "text/plain"),
        }
        self.asked: list[FetchRequest] = []

    def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request)
        if request.url not in self.files:
            return FetchResponse(request.url, 404)
        body, media_type = self.files[request.url]
        return FetchResponse(request.url, 200, body, media_type)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(fetcher=Site())


def test_a_bare_did_is_its_document(resolver: Resolver) -> None:
    result = resolver.dereference_url(DID)
    assert result.content == DOCUMENT
    assert result.content_type == "application/did"


async def test_the_asynchronous_twin_gives_the_same(resolver: Resolver) -> None:
    for url in (DID, DID + "#key-1", DID + "/rules.txt"):
        assert await resolver.dereference_url_async(url) == resolver.dereference_url(url)


def test_a_fragment_is_a_method_or_a_service(resolver: Resolver) -> None:
    method = resolver.dereference_url(DID + "#key-1").content
    assert (method["id"], method["controller"]) == (DID + "#key-1", DID)
    assert method["publicKeyMultibase"] == KEY.to_multikey()
    assert resolver.dereference_url(DID + "#files").content["id"] == DID + "#files"
    with pytest.raises(DidNotFound):
        resolver.dereference_url(DID + "#none")


def test_a_relationship_can_be_demanded(resolver: Resolver) -> None:
    assert resolver.dereference_url(DID + "#key-1", verificationRelationship="assertionMethod").content
    with pytest.raises(PurposeNotAllowed):
        resolver.dereference_url(DID + "#key-1", verificationRelationship="keyAgreement")
    with pytest.raises(DidNotFound):
        resolver.dereference_url(DID + "#files", verificationRelationship="assertionMethod")
    with pytest.raises(InvalidOptions):
        resolver.dereference_url(DID, verificationRelationship="assertionMethod")


@pytest.mark.parametrize("name", ["files", "%23files", "did%3Aweb%3Apolice.example%23files"])
def test_a_service_is_selected_by_its_id(name: str, resolver: Resolver) -> None:
    result = resolver.dereference_url(f"{DID}?service={name}")
    assert [service["id"] for service in result.content["service"]] == ["#files"]
    assert result.content["verificationMethod"]


def test_services_are_selected_by_their_type(resolver: Resolver) -> None:
    result = resolver.dereference_url(f"{DID}?serviceType=B")
    assert [service["id"] for service in result.content["service"]] == [DID + "#agent"]
    for query in ("service=none", "serviceType=none", "service=files&serviceType=B"):
        with pytest.raises(DidNotFound):
            resolver.dereference_url(f"{DID}?{query}")


@pytest.mark.parametrize(
    ("url", "endpoints"),
    [
        ("?service=files", ["https://police.example/files"]),
        ("?service=agent", ["https://a.example/", "https://b.example/c"]),
        ("?service=files&relativeRef=%2Frules.txt%3Fv%3D1", ["https://police.example/files/rules.txt?v=1"]),
        ("?service=files&relativeRef=rules.txt", ["https://police.example/files/rules.txt"]),
        ("?service=files&relativeRef=a.txt#part", ["https://police.example/files/a.txt#part"]),
        ("?service=agent&relativeRef=%2Fx", ["https://a.example/x", "https://b.example/c/x"]),
        ("/rules.txt", ["https://police.example/files/rules.txt"]),
    ],
)
def test_endpoints_are_given_as_a_list_of_urls(url: str, endpoints: list[str], resolver: Resolver) -> None:
    result = resolver.dereference_url(DID + url, accept="text/uri-list")
    assert (result.content, result.content_type) == (endpoints, "text/uri-list")


@pytest.mark.parametrize(
    "reference",
    [
        "../secret",
        "%2E%2E%2Fsecret",
        "%252E%252E%252Fsecret",
        "a%2F..%2F..%2Fsecret",
        "..%5Csecret",
        "%2F%2Fevil.example%2F",
        "https%3A%2F%2Fevil.example%2F",
        "javascript%3Aalert(1)",
        "a%2F%2E%2E",
    ],
)
def test_a_reference_doesnt_lead_out_of_its_service(reference: str, resolver: Resolver) -> None:
    with pytest.raises(InvalidDidUrl):
        resolver.dereference_url(f"{DID}?service=files&relativeRef={reference}", accept="text/uri-list")


@given(st.text(alphabet=st.sampled_from("./\\%2eE5Ccf?#:a@"), max_size=20))
def test_whatever_reference_is_accepted_stays_below_its_service(text: str) -> None:
    from urllib.parse import quote

    resolver = Resolver(fetcher=Site())
    try:
        url = f"{DID}?service=files&relativeRef={quote(text, safe='')}"
        result = resolver.dereference_url(url, accept="text/uri-list")
    except DidError:
        return
    path = result.content[0].partition("#")[0].partition("?")[0]
    assert path.startswith("https://police.example/files/")
    assert ".." not in path.split("/")


def test_two_fragments_dont_go_together(resolver: Resolver) -> None:
    with pytest.raises(InvalidDidUrl):
        resolver.dereference_url(f"{DID}?service=fragment#there", accept="text/uri-list")


def test_a_service_without_a_url_has_none(resolver: Resolver) -> None:
    with pytest.raises(DidNotFound):
        resolver.dereference_url(f"{DID}?service=map", accept="text/uri-list")


def test_a_path_is_a_file(resolver: Resolver) -> None:
    result = resolver.dereference_url(DID + "/rules.txt")
    assert (result.content, result.content_type) == (b"Be kind.", "text/plain")
    assert result.to_dict()["content"] == multibase.encode_base64url(b"Be kind.")
    for path in ("/none.txt", "/whois"):
        with pytest.raises(DidNotFound):
            resolver.dereference_url(DID + path)
    with pytest.raises(InvalidDidUrl):
        resolver.dereference_url(DID + "/../secret")


def test_a_key_has_no_files() -> None:
    with pytest.raises(DidNotFound):
        Resolver().dereference_url(did.generate().did + "/file")


def test_a_hash_is_checked(resolver: Resolver) -> None:
    good = multibase.encode(b"\x12\x20" + sha256(b"Be kind.").digest())
    assert resolver.dereference_url(f"{DID}/rules.txt?hl={good}").content == b"Be kind."
    document = multibase.encode(b"\x12\x20" + sha256(rfc8785.dumps(DOCUMENT)).digest(), "u")
    assert resolver.dereference_url(f"{DID}?hl={document}").content == DOCUMENT
    with pytest.raises(InvalidDidDocument, match="hash"):
        resolver.dereference_url(f"{DID}?hl={good}")


@pytest.mark.parametrize("hashlink", ["", "x", "z", "zQm", "u" + "A" * 43, "z" + "2" * 9000])
def test_a_bad_hash_is_refused(hashlink: str, resolver: Resolver) -> None:
    with pytest.raises(InvalidDidUrl):
        resolver.dereference_url(f"{DID}?hl={hashlink}")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (DID + "?versionId=1&versionTime=2026-01-01T00:00:00Z", InvalidOptions),
        (DID + "?versionTime=yesterday", InvalidDidUrl),
        (DID + "?versionNumber=x", InvalidDidUrl),
        (DID + "?versionNumber=99999999999", InvalidDidUrl),
        (DID + "?versionId=1", did.FeatureNotSupported),
        (DID + "?unknown=1", DidNotFound),
        (DID + "?relativeRef=a", InvalidDidUrl),
        (DID + "?service=a&service=b", InvalidDidUrl),
        (DID + "?service=%ff", InvalidDidUrl),
        ("did:web:other.example", DidNotFound),
        ("https://police.example", InvalidDidUrl),
        ("", InvalidDidUrl),
        (DID + "/^bar^/?query=`#k", InvalidDidUrl),
    ],
)
def test_a_bad_url_is_a_clear_error(url: str, error: type[DidError], resolver: Resolver) -> None:
    with pytest.raises(error):
        resolver.dereference_url(url)


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "application/did;v=1"])
def test_other_forms_arent_offered(accept: str, resolver: Resolver) -> None:
    for url in (DID, DID + "#key-1", DID + "?service=files"):
        with pytest.raises(RepresentationNotSupported):
            resolver.dereference_url(url, accept=accept)


def test_the_form_asked_for_is_named(resolver: Resolver) -> None:
    assert resolver.dereference_url(DID, accept="application/did+json").content_type == "application/did+json"


def test_relative_urls_can_be_expanded(resolver: Resolver) -> None:
    document = dict(resolver.resolve(DID, expandRelativeUrls=True).document or {})
    assert {service["id"] for service in document["service"]} == {
        f"{DID}#{n}" for n in ("files", "agent", "map", "fragment")
    }
    assert resolver.resolve(DID).document == DOCUMENT


def test_the_cache_can_be_gone_around() -> None:
    site = Site()
    resolver = Resolver(fetcher=site)
    for _ in range(2):
        resolver.resolve(DID)
    assert len(site.asked) == 1
    resolver.resolve(DID, noCache=True)
    assert len(site.asked) == 2


def test_a_failing_server_decides_nothing() -> None:
    class Down(Site):
        def fetch(self, request: FetchRequest) -> FetchResponse:
            if request.url.endswith(".txt"):
                return FetchResponse(request.url, 403)
            return super().fetch(request)

    with pytest.raises(DidUnavailable):
        Resolver(fetcher=Down()).dereference_url(DID + "/rules.txt")
