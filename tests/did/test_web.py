from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
from did import DidError, FeatureNotSupported, InvalidDid, InvalidDidDocument, Resolver
from did.fetcher import Fetcher
from did.methods import web

KEY = did.SoftwareKey.from_seed("P-256", b"web")


@pytest.mark.parametrize(
    ("identifier", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3a3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:Example.COM", "https://example.com/.well-known/did.json"),
        ("did:web:example.com:%E5%85%AC%E5%AE%89", "https://example.com/%E5%85%AC%E5%AE%89/did.json"),
        ("did:web:example.com:a%20b", "https://example.com/a%20b/did.json"),
        ("did:web:example.com:a%3Fb%23c", "https://example.com/a%3Fb%23c/did.json"),
        ("did:web:jp%E7%B4%8D%E8%B1%86.%E4%BE%8B.jp:u", "https://xn--jp-cd2fp15c.xn--fsq.jp/u/did.json"),
        ("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
    ],
)
def test_a_did_says_where_its_document_is(identifier: str, url: str) -> None:
    assert web.location(identifier).url("did.json") == url


BAD = [
    "did:web:127.0.0.1",
    "did:web:127%2E0%2E0%2E1",
    "did:web:10.0.0.1%3A80",
    "did:web:1",
    "did:web:0x7f000001",
    "did:web:0x7f.1",
    "did:web:example.0x1",
    "did:web:%5B%3A%3A1%5D",
    "did:web:a.example%3A",
    "did:web:a.example%3A0",
    "did:web:a.example%3A65536",
    "did:web:a.example%3A80%3A80",
    "did:web:a.example%3A+80",
    "did:web:a.example%3A%D9%A1",
    "did:web:a.example%2Fpath",
    "did:web:a.example%5Cpath",
    "did:web:a.example%3Fquery",
    "did:web:a.example%23f",
    "did:web:user%40a.example",
    "did:web:a%00.example",
    "did:web:a%20b.example",
    "did:web:-a.example",
    "did:web:a-.example",
    "did:web:a..example",
    "did:web:.example",
    "did:web:a.example.",
    "did:web:" + "a" * 64 + ".example",
    "did:web:" + "a." * 130 + "example",
    "did:web:%ff.example",
    "did:web:xn--.example%E3%80%82",
    "did:web:a.example::b",
    "did:web:a.example:.",
    "did:web:a.example:..:..:admin",
    "did:web:a.example:%2E%2E",
    "did:web:a.example:a%2Fb",
    "did:web:a.example:a%5Cb",
    "did:web:a.example:%00",
    "did:web:a.example:%20",
    "did:web:a.example:%ff",
    "did:web:a.example" + ":a" * 33,
]


@pytest.mark.parametrize("identifier", BAD)
def test_an_identifier_that_leads_elsewhere_is_refused(identifier: str) -> None:
    with pytest.raises(InvalidDid):
        web.location(identifier)
    with pytest.raises(InvalidDid):
        Resolver().resolve(identifier)


@given(st.text(alphabet=st.sampled_from("abc019.-_:%/\\@?#é2eE3A"), max_size=40))
def test_whatever_is_accepted_stays_on_its_host(text: str) -> None:
    try:
        place = web.location("did:web:" + text)
    except DidError:
        return
    url = place.url("did.json")
    assert url.startswith(f"https://{place.host}" + (f":{place.port}/" if place.port else "/"))
    assert url.endswith("/did.json")
    assert not {"", ".", ".."} & set(url.split("/")[3:])
    assert not set("?#@\\") & set(url)


@pytest.mark.parametrize(
    ("arguments", "port", "identifier"),
    [
        (("police.example",), None, "did:web:police.example"),
        (("police.example", "sichuan"), None, "did:web:police.example:sichuan"),
        (("localhost",), 8443, "did:web:localhost%3A8443"),
        (("police.example", "四川"), None, "did:web:police.example:%E5%9B%9B%E5%B7%9D"),
    ],
)
def test_a_did_is_made_of_a_host_and_a_path(arguments: tuple[str, ...], port: int | None, identifier: str) -> None:
    assert web.did_for(*arguments, port=port) == identifier


@pytest.mark.parametrize(
    "arguments", [("127.0.0.1",), ("",), ("a.example", ""), ("a.example", ".."), ("a.example", "a/b")]
)
def test_one_that_leads_nowhere_cant_be_made(arguments: tuple[str, ...]) -> None:
    with pytest.raises(InvalidDid):
        web.did_for(*arguments)


def test_create_says_which_file_to_publish() -> None:
    identifier = "did:web:police.example:sichuan"
    document = web.document_for(identifier, {"key-1": KEY.public_key})
    files = web.create(document)
    assert list(files) == ["sichuan/did.json"]
    assert json.loads(files["sichuan/did.json"]) == document
    assert web.deactivate(identifier) == ["sichuan/did.json"]


def test_update_keeps_the_identifier() -> None:
    old = web.document_for("did:web:police.example", {"key-1": KEY.public_key})
    new = web.document_for("did:web:police.example", {"key-2": did.generate().public_key})
    assert list(web.update(old, new)) == [".well-known/did.json"]
    with pytest.raises(InvalidDid):
        web.update(old, web.document_for("did:web:police.example:b", {"key-1": KEY.public_key}))


@pytest.mark.parametrize("document", [{}, {"id": 5}, {"id": "did:web:a.example", "verificationMethod": 5}])
def test_an_unsound_document_isnt_published(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidDidDocument):
        web.create(document)
    with pytest.raises(InvalidDid):
        web.create({"id": did.generate().did})


def test_a_key_without_purposes_stays_listed_and_idle() -> None:
    document = web.document_for(
        "did:web:police.example", {"old": KEY.public_key, "new": did.generate().public_key}, purposes={"old": []}
    )
    assert len(document["verificationMethod"]) == 2
    assert document["assertionMethod"] == ["did:web:police.example#new"]


class TestOverTheWire:
    def test_a_document_comes_from_its_server(self, server: Any, fetcher: Fetcher) -> None:
        identifier = web.did_for("localhost", "police", port=server.port)
        key = KEY.with_controller(identifier, "#key-1")
        document = web.document_for(identifier, {"key-1": key.public_key})
        for path, data in web.create(document).items():
            server.publish("/" + path, data, "application/json")
        resolver = Resolver(fetcher=fetcher)
        assert resolver.resolve(identifier).document == document
        assert resolver.dereference(key.verification_method, "assertionMethod").public_key == key.public_key

    def test_a_path_of_other_characters_arrives_as_it_was_written(self, server: Any, fetcher: Fetcher) -> None:
        identifier = web.did_for("localhost", "四川", "a b?c", port=server.port)
        ((path, data),) = web.create(web.document_for(identifier, {"key-1": KEY.public_key})).items()
        server.publish("/" + path, data)
        assert Resolver(fetcher=fetcher).resolve(identifier).document
        assert server.requests == ["/%E5%9B%9B%E5%B7%9D/a%20b%3Fc/did.json"]

    async def test_a_hundred_verifications_fetch_it_once(self, server: Any, fetcher: Fetcher) -> None:
        import asyncio

        identifier = web.did_for("localhost", port=server.port)
        document = web.document_for(identifier, {"key-1": KEY.public_key})
        server.publish("/.well-known/did.json", web.create(document)[".well-known/did.json"], "application/did+ld+json")
        resolver = Resolver(fetcher=fetcher)
        await asyncio.gather(
            *(resolver.dereference_async(identifier + "#key-1", "assertionMethod") for _ in range(100))
        )
        assert server.requests == ["/.well-known/did.json"]

    def test_http_serves_on_localhost_when_it_is_allowed(self, plain_server: Any, fetcher: Fetcher) -> None:
        identifier = web.did_for("localhost", port=plain_server.port)
        document = web.document_for(identifier, {"key-1": KEY.public_key})
        plain_server.publish("/.well-known/did.json", web.create(document)[".well-known/did.json"])
        assert Resolver(fetcher=fetcher, http_loopback=True).resolve(identifier).document == document
        for refusing in (Resolver(fetcher=fetcher), Resolver(fetcher=Fetcher(), http_loopback=True)):
            with pytest.raises(did.DidUnavailable):
                refusing.resolve(identifier)

    def test_a_redirect_isnt_followed(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/.well-known/did.json"] = b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
        with pytest.raises(did.FetchRefused):
            Resolver(fetcher=fetcher).resolve(web.did_for("localhost", port=server.port))

    def test_it_has_no_history(self, server: Any, fetcher: Fetcher) -> None:
        with pytest.raises(FeatureNotSupported):
            Resolver(fetcher=fetcher).resolve(web.did_for("localhost", port=server.port), versionId="1")
