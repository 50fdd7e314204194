from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

import did
from did import (
    DidDeactivated,
    DidError,
    DidNotFound,
    DidUnavailable,
    InvalidDidDocument,
    InvalidDidUrl,
    InvalidOptions,
    Resolver,
)
from did.methods.web import document_for
from did.resolution import FetchRequest, FetchResponse, Resolution, Steps
from did.resolution_cache import CachePolicy

DID = "did:web:police.example"
URL = "https://police.example/.well-known/did.json"
KEY = did.SoftwareKey.from_seed("P-256", b"resolver").with_controller(DID, "#key-1")


class Shelf:
    """A fetcher that gives out prepared answers and counts."""

    def __init__(self, **files: Any) -> None:
        self.files: dict[str, Any] = {}
        self.asked: list[str] = []
        self.delay = 0.0

    def publish(self, url: str, document: Any, ttl: float | None = None) -> None:
        self.files[url] = FetchResponse(url, 200, json.dumps(document).encode(), "application/json", ttl)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request.url)
        time.sleep(self.delay)
        return self._answer(request)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request.url)
        await asyncio.sleep(self.delay)
        return self._answer(request)

    def _answer(self, request: FetchRequest) -> FetchResponse:
        found = self.files.get(request.url, FetchResponse(request.url, 404))
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.publish(URL, document_for(DID, {"key-1": KEY.public_key}))
    return made


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_document_is_fetched_and_its_key_found(shelf: Shelf) -> None:
    resolver = Resolver(fetcher=shelf)
    assert dict(resolver.resolve(DID).document or {})["id"] == DID
    method = resolver.dereference(KEY.verification_method, "assertionMethod")
    assert method.public_key == KEY.public_key
    assert shelf.asked == [URL]


def test_without_a_fetcher_nothing_is_decided() -> None:
    with pytest.raises(DidUnavailable, match="network"):
        Resolver().resolve(DID)


def test_a_query_cant_bring_back_an_old_key(shelf: Shelf) -> None:
    resolver = Resolver(fetcher=shelf)
    for url in (
        f"{DID}?versionId=1#key-1",
        f"{DID}?versionTime=2020-01-01T00:00:00Z#key-1",
        f"{DID}/path#key-1",
        f"{DID}?#key-1",
    ):
        with pytest.raises(InvalidDidUrl):
            resolver.dereference(url, "assertionMethod")
    assert shelf.asked == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, DidNotFound), (410, DidNotFound), (403, DidUnavailable), (401, DidUnavailable)],
)
def test_what_the_server_says_is_told_apart(status: int, error: type[DidError], shelf: Shelf) -> None:
    shelf.files[URL] = FetchResponse(URL, status)
    with pytest.raises(error):
        Resolver(fetcher=shelf).resolve(DID)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"<html>", b"[]", b"null", b'{"id": "did:web:other.example"}', b"\xff", b'{"id":"x","id":"x"}']
)
def test_a_bad_document_is_refused(body: bytes, shelf: Shelf) -> None:
    shelf.files[URL] = FetchResponse(URL, 200, body, "application/json")
    with pytest.raises(InvalidDidDocument):
        Resolver(fetcher=shelf).resolve(DID)


class TestKeeping:
    def resolver(self, shelf: Shelf, **policy: Any) -> tuple[Resolver, Clock]:
        clock = Clock()
        return Resolver(fetcher=shelf, policy=CachePolicy(**policy), monotonic=clock), clock

    def test_a_result_is_kept_for_its_time(self, shelf: Shelf) -> None:
        resolver, clock = self.resolver(shelf, ttl=60)
        for moment, fetched in ((0, 1), (59, 1), (60, 2), (61, 2)):
            clock.now = 1000 + moment
            resolver.resolve(DID)
            assert len(shelf.asked) == fetched

    def test_the_servers_time_counts_within_bounds(self, shelf: Shelf) -> None:
        shelf.publish(URL, document_for(DID, {"key-1": KEY.public_key}), ttl=10_000)
        resolver, clock = self.resolver(shelf, ttl=60, max_ttl=600)
        resolver.resolve(DID)
        clock.now += 599
        resolver.resolve(DID)
        assert len(shelf.asked) == 1
        clock.now += 1
        resolver.resolve(DID)
        assert len(shelf.asked) == 2

    def test_a_method_can_have_its_own_time(self, shelf: Shelf) -> None:
        resolver, clock = self.resolver(shelf, ttl=60, ttl_by_method=(("web", 5.0),))
        resolver.resolve(DID)
        clock.now += 6
        resolver.resolve(DID)
        assert len(shelf.asked) == 2

    def test_a_new_document_means_new_keys(self, shelf: Shelf) -> None:
        resolver, clock = self.resolver(shelf, ttl=60)
        assert resolver.dereference(KEY.verification_method, "assertionMethod")
        shelf.publish(URL, document_for(DID, {"key-1": KEY.public_key}, purposes={"key-1": ["authentication"]}))
        clock.now += 61
        with pytest.raises(did.PurposeNotAllowed):
            resolver.dereference(KEY.verification_method, "assertionMethod")

    def test_a_refusal_is_kept_for_a_short_time(self, shelf: Shelf) -> None:
        shelf.files.clear()
        resolver, clock = self.resolver(shelf, negative_ttl=30)
        for _ in range(3):
            with pytest.raises(DidNotFound):
                resolver.resolve(DID)
        assert len(shelf.asked) == 1
        shelf.publish(URL, document_for(DID, {"key-1": KEY.public_key}))
        clock.now += 31
        assert resolver.resolve(DID).document

    def test_a_failure_is_kept_for_a_shorter_one(self, shelf: Shelf) -> None:
        shelf.files[URL] = DidUnavailable("down")
        resolver, clock = self.resolver(shelf, negative_ttl=30, unavailable_ttl=2)
        for _ in range(3):
            with pytest.raises(DidUnavailable):
                resolver.resolve(DID)
        assert len(shelf.asked) == 1
        clock.now += 3
        with pytest.raises(DidUnavailable):
            resolver.resolve(DID)
        assert len(shelf.asked) == 2

    def test_a_stale_result_serves_for_a_stated_time_when_the_server_is_down(self, shelf: Shelf) -> None:
        resolver, clock = self.resolver(shelf, ttl=60, stale_if_error=100, unavailable_ttl=2)
        assert "stale" not in resolver.resolve(DID).metadata
        shelf.files[URL] = DidUnavailable("down")
        clock.now += 61
        assert resolver.resolve(DID).metadata["stale"] is True
        assert resolver.dereference(KEY.verification_method, "assertionMethod").public_key == KEY.public_key
        clock.now += 98
        assert resolver.resolve(DID).metadata["stale"] is True
        clock.now += 2
        with pytest.raises(DidUnavailable):
            resolver.resolve(DID)

    def test_without_that_time_it_doesnt(self, shelf: Shelf) -> None:
        resolver, clock = self.resolver(shelf, ttl=60)
        resolver.resolve(DID)
        shelf.files[URL] = DidUnavailable("down")
        clock.now += 61
        with pytest.raises(DidUnavailable):
            resolver.resolve(DID)

    def test_a_decision_ends_staleness(self, shelf: Shelf) -> None:
        resolver, clock = self.resolver(shelf, ttl=60, stale_if_error=1000)
        resolver.resolve(DID)
        shelf.files.clear()
        clock.now += 61
        with pytest.raises(DidNotFound):
            resolver.resolve(DID)

    def test_the_number_is_bounded(self, shelf: Shelf) -> None:
        resolver, _ = self.resolver(shelf, entries=10)
        for number in range(50):
            with pytest.raises(DidNotFound):
                resolver.resolve(f"did:web:n{number}.example")
        assert len(resolver._cache) == 10

    def test_it_can_forget(self, shelf: Shelf) -> None:
        resolver, _ = self.resolver(shelf)
        resolver.resolve(DID)
        resolver.forget("did:web:other.example")
        resolver.resolve(DID)
        assert len(shelf.asked) == 1
        resolver.forget(DID)
        resolver.resolve(DID)
        assert len(shelf.asked) == 2

    def test_results_are_kept_apart_by_options(self, shelf: Shelf) -> None:
        seen: list[Mapping[str, Any]] = []

        class Method:
            name = "web"

            def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
                yield from ()
                seen.append(options)
                return Resolution(did, {"id": did})

        resolver = Resolver(methods={"web": Method()})
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        for options in (
            {},
            {"versionId": "1"},
            {"versionTime": moment},
            {},
            {"versionId": "1"},
            {"versionTime": moment},
        ):
            resolver.resolve(DID, **options)
        assert len(seen) == 3
        with pytest.raises(InvalidOptions):
            resolver.resolve(DID, versionTime=datetime(2026, 1, 1))
        with pytest.raises(InvalidOptions):
            resolver.resolve(DID, versionId=["1"])


class TestSharing:
    async def test_a_hundred_callers_on_a_loop_fetch_once(self, shelf: Shelf) -> None:
        shelf.delay = 0.05
        resolver = Resolver(fetcher=shelf)
        found = await asyncio.gather(
            *(resolver.dereference_async(KEY.verification_method, "assertionMethod") for _ in range(100))
        )
        assert {method.public_key for method in found} == {KEY.public_key}
        assert shelf.asked == [URL]

    def test_a_hundred_threads_fetch_once(self, shelf: Shelf) -> None:
        shelf.delay = 0.1
        resolver = Resolver(fetcher=shelf)
        with ThreadPoolExecutor(100) as pool:
            found = list(pool.map(lambda _: resolver.resolve(DID).did, range(100)))
        assert set(found) == {DID}
        assert shelf.asked == [URL]

    async def test_they_share_a_failure_as_well(self, shelf: Shelf) -> None:
        shelf.files[URL] = DidUnavailable("down")
        shelf.delay = 0.05
        resolver = Resolver(fetcher=shelf)
        found = await asyncio.gather(*(resolver.resolve_async(DID) for _ in range(20)), return_exceptions=True)
        assert {type(error) for error in found} == {DidUnavailable}
        assert shelf.asked == [URL]

    async def test_one_who_gives_up_doesnt_stop_the_others(self, shelf: Shelf) -> None:
        shelf.delay = 0.05
        resolver = Resolver(fetcher=shelf)
        first = asyncio.create_task(resolver.resolve_async(DID))
        second = asyncio.create_task(resolver.resolve_async(DID))
        await asyncio.sleep(0.01)
        first.cancel()
        assert (await second).did == DID
        assert first.cancelled()

    def test_two_loops_share_what_is_kept(self, shelf: Shelf) -> None:
        resolver = Resolver(fetcher=shelf)

        def run() -> None:
            asyncio.run(resolver.resolve_async(DID))

        threads = [threading.Thread(target=run) for _ in range(2)]
        threads[0].start()
        threads[0].join()
        threads[1].start()
        threads[1].join()
        assert shelf.asked == [URL]

    def test_an_unexpected_error_reaches_everybody_and_isnt_kept(self, shelf: Shelf) -> None:
        shelf.files[URL] = RuntimeError("a bug")
        resolver = Resolver(fetcher=shelf)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                resolver.resolve(DID)
        assert len(shelf.asked) == 2


class TestMethodsOfOthers:
    def test_a_method_can_be_given(self) -> None:
        class Method:
            name = "example"

            def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
                answer = yield FetchRequest("https://ledger.example/" + did)
                return Resolution(did, json.loads(answer.body))

        shelf = Shelf()
        shelf.publish("https://ledger.example/did:example:1", {"id": "did:example:1"})
        assert Resolver(fetcher=shelf, methods={"example": Method()}).resolve("did:example:1").document == {
            "id": "did:example:1"
        }

    def test_a_method_that_never_ends_is_stopped(self, shelf: Shelf) -> None:
        class Method:
            name = "example"

            def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
                while True:
                    yield FetchRequest(URL)

        with pytest.raises(DidUnavailable, match="too many"):
            Resolver(fetcher=shelf, methods={"example": Method()}).resolve("did:example:1")
        assert len(shelf.asked) < 20

    def test_an_installed_one_is_found_by_its_entry_point(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Method:
            name = "thirdparty"

            def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
                yield from ()
                return Resolution(did, {"id": did})

        class EntryPoint:
            def load(self) -> Any:
                return Method()

        def entry_points(*, group: str, name: str) -> list[Any]:
            return [EntryPoint()] if (group, name) == ("liangzheng.did_methods", "thirdparty") else []

        monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
        monkeypatch.setattr("did.methods._loaded", {})
        assert Resolver().resolve("did:thirdparty:1").document == {"id": "did:thirdparty:1"}
        with pytest.raises(did.MethodNotSupported):
            Resolver().resolve("did:fourthparty:1")


def test_a_deactivated_did_resolves_and_verifies_nothing() -> None:
    class Method:
        name = "example"

        def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
            yield from ()
            return Resolution(did, None, {"deactivated": True})

    resolver = Resolver(methods={"example": Method()})
    assert resolver.resolve("did:example:1").deactivated
    with pytest.raises(DidDeactivated):
        resolver.dereference("did:example:1#key", "assertionMethod")
