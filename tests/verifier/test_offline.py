"""Work without a network: kept DID documents, kept status lists, and the folder they lie in."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from did import DidError, DidUnavailable, FetchRefused, Resolver, SoftwareKey
from did.methods.web import document_for
from did.resolution import FetchRequest, FetchResponse
from vc import ProblemError
from vc.scenarios import PresentationRequest
from vc.status import StatusUnavailable
from verifier import Home, KeptDocuments, KeptStatusLists, OnlineOrKept, Settings

from .conftest import (
    ANCHOR,
    DOMAIN,
    HOTEL,
    LISTS,
    NOW,
    Lists,
    World,
    codes,
    identity_card,
    issued,
    trust_document,
)

WEB = "did:web:police.sc.example:sichuan"
KEY = SoftwareKey.from_seed("P-256", b"Sichuan on the web").with_controller(WEB, WEB + "#key-1")
URL = LISTS["revocation"]


class Online:
    """A source that can be switched off."""

    def __init__(self) -> None:
        self.content: bytes | None = b"first"

    def get(self, url: str) -> bytes:
        if self.content is None:
            raise StatusUnavailable("no network")
        return self.content

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "dids" / "sichuan.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document_for(WEB, {"key-1": KEY.public_key})), encoding="utf-8")
    return path


def test_a_kept_document_resolves_its_did_without_a_network(documents: Path) -> None:
    resolver = Resolver(fetcher=KeptDocuments([documents]))
    assert resolver.dereference(WEB + "#key-1", "assertionMethod").public_key == KEY.public_key
    found = asyncio.run(resolver.dereference_async(WEB + "#key-1", "assertionMethod"))
    assert found.public_key == KEY.public_key
    with pytest.raises(DidUnavailable):
        resolver.dereference("did:web:other.example#key-1", "assertionMethod")


class Network:
    """A fetcher whose answer, or error, is given."""

    def __init__(self, answer: Exception | int) -> None:
        self.answer = answer

    def fetch(self, request: FetchRequest) -> FetchResponse:
        if isinstance(self.answer, Exception):
            raise self.answer
        return FetchResponse(request.url, self.answer)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


def test_a_kept_document_serves_while_the_network_is_away(documents: Path) -> None:
    resolver = Resolver(fetcher=OnlineOrKept(Network(DidUnavailable("away", "x")), KeptDocuments([documents])))
    assert resolver.dereference(WEB + "#key-1", "assertionMethod").public_key == KEY.public_key
    found = asyncio.run(resolver.dereference_async(WEB + "#key-1", "assertionMethod"))
    assert found.public_key == KEY.public_key


@pytest.mark.parametrize("answer", [404, FetchRefused("a private address", "x")], ids=["none", "refused"])
def test_a_server_that_says_no_is_believed_whatever_is_kept(documents: Path, answer: Any) -> None:
    resolver = Resolver(fetcher=OnlineOrKept(Network(answer), KeptDocuments([documents])))
    with pytest.raises(DidError):
        resolver.dereference(WEB + "#key-1", "assertionMethod")
    with pytest.raises(DidError):
        asyncio.run(resolver.dereference_async(WEB + "#key-1", "assertionMethod"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"id": 5}', b'{"id": "did:key:z6Mk"}', b"x" * 600_000])
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "did.json"
    path.write_bytes(content)
    with pytest.raises(ProblemError):
        KeptDocuments([path])


def test_a_list_is_kept_for_the_time_without_a_network(tmp_path: Path) -> None:
    online = Online()
    lists = KeptStatusLists(tmp_path / "status", online)
    assert lists.get(URL) == b"first"
    online.content = None
    assert lists.get(URL) == b"first"
    assert KeptStatusLists(tmp_path / "status").get(URL) == b"first"
    assert asyncio.run(KeptStatusLists(tmp_path / "status").get_async(URL)) == b"first"
    online.content = b"second"
    assert asyncio.run(lists.get_async(URL)) == b"second"
    online.content = None
    assert asyncio.run(lists.get_async(URL)) == b"second"
    for offline in (lists, KeptStatusLists(tmp_path / "status")):
        with pytest.raises(StatusUnavailable):
            offline.get(LISTS["suspension"])


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_answer(tmp_path: Path) -> None:
    (tmp_path / "status").write_bytes(b"a file")
    assert KeptStatusLists(tmp_path / "status", Online()).get(URL) == b"first"


class TestHome:
    @pytest.fixture
    def home(self, tmp_path: Path, documents: Path) -> Home:
        home = Home(tmp_path / "home")
        home.write_settings(Settings(HOTEL, "重庆样例酒店", DOMAIN, "500000", (ANCHOR.did,)))
        return home

    def test_the_settings_come_back(self, home: Home) -> None:
        assert home.settings() == Settings(HOTEL, "重庆样例酒店", DOMAIN, "500000", (ANCHOR.did,))

    def test_a_card_of_an_issuer_on_the_web_is_verified_offline(self, home: Home, tmp_path: Path) -> None:
        entry = {"did": WEB, "name": "x", "cardType": ["ResidentIdentityCardCredential"], "region": ["510000"]}
        trust = json.dumps(trust_document(issuers=[entry])).encode()
        home.trust(home.resolver()).install(trust, NOW)
        lists = [tmp_path / f"{purpose}.json" for purpose in LISTS]
        for path, url in zip(lists, LISTS.values(), strict=True):
            path.write_bytes(Lists(lambda: NOW, issuer=KEY).get(url))
        counter = home.verifier(clock=lambda: NOW, status_files=lists)
        request = counter.request("hotel-check-in")
        card = issued(identity_card(), issuer=KEY)
        message = World(tmp_path).answer(request, card)
        assert counter.verify(message).verified
        (tmp_path / "home" / "dids" / "sichuan.json").unlink()
        other = home.verifier(clock=lambda: NOW, status_files=lists)
        verdict = other.verify(World(tmp_path).answer(other.request("hotel-check-in"), card))
        assert verdict.indeterminate
        assert codes(verdict) == ["method.unavailable"]

    def test_status_lists_that_were_fetched_serve_later(self, home: Home, tmp_path: Path) -> None:
        world = World(tmp_path)

        class Fetcher:
            allow_loopback = False

            def fetch(self, request: FetchRequest) -> FetchResponse:
                return FetchResponse(request.url, 200, world.lists.get(request.url))

        home.trust(home.resolver()).install(json.dumps(trust_document()).encode(), NOW)
        fetcher: Any = Fetcher()
        for options in ({"fetcher": fetcher}, {}):
            counter = home.verifier(clock=lambda: NOW, **options)
            request = PresentationRequest.from_dict(counter.request("hotel-check-in").to_dict())
            assert counter.verify(world.answer(request)).verified
        # The copies end with the lists.
        later = home.verifier(clock=lambda: NOW + timedelta(days=2))
        world.clock.advance(days=2)
        verdict = later.verify(world.answer(later.request("hotel-check-in")))
        assert set(codes(verdict)) == {"status.expired"}
