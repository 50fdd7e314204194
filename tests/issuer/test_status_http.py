"""Status lists over HTTP: cached by tag and by time, gzip, HEAD; a change is served in time; the publisher runs."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

import did
import vc
from issuer.environment import system_random
from issuer.status_http import publishing, routes
from issuer.status_indexes import draw
from issuer.status_lists import INTERVAL, StatusLists
from issuer.status_publisher import StatusPublisher
from issuer.tables import CredentialRecord
from vc.status import StatusList, read_status_list_token
from vc.status.sources import MEDIA_TYPES

World = Any
URL = "/status/revocation/1"


class Site:
    """An authority's lists behind a server, asked by a client that unpacks nothing."""

    def __init__(self, world: World, client: TestClient[Any, Any]) -> None:
        self.world = world
        self.client = client
        self.lists: StatusLists = world.authority.status_lists

    async def get(self, url: str = URL, method: str = "GET", **headers: str) -> tuple[ClientResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(method, url, headers={"Accept-Encoding": "identity", **named}) as answer:
            return answer, await answer.read()

    def issue(self) -> Any:
        [card] = self.world.issue(did.generate("P-256"), kind="household-member")
        return card


@pytest.fixture
async def site(lite: World) -> AsyncIterator[Site]:
    app = web.Application()
    app.add_routes(routes(lite.authority.status_lists, clock=lite.clock, recheck=0))
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        lite.authority.publish()
        yield Site(lite, client)


async def test_a_list_is_served_as_it_was_signed(site: Site) -> None:
    answer, body = await site.get()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/vc")
    assert vc.verify(body, now=site.world.clock.now).verified
    assert json.loads(body)["id"] == "https://sichuan.example" + URL
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    assert answer.headers["Last-Modified"] == "Sun, 01 Mar 2026 04:00:00 GMT"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert set(answer.headers["Vary"].split(", ")) == {"Accept", "Accept-Encoding"}


async def test_a_list_that_is_known_is_not_sent_again(site: Site) -> None:
    first, _ = await site.get()
    tag = first.headers["ETag"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer, body = await site.get(If_None_Match=condition)
        assert (answer.status, body, answer.headers["ETag"]) == (304, b"", tag)
        assert answer.headers["Cache-Control"] == first.headers["Cache-Control"]
    for condition in ("", '"other"', tag.strip('"'), ","):
        answer, body = await site.get(If_None_Match=condition)
        assert answer.status == 200 and body


async def test_a_publication_without_changes_has_another_tag_because_its_dates_are_others(site: Site) -> None:
    first, _ = await site.get()
    site.world.clock.forward(hours=12)
    again, _ = await site.get(If_None_Match=first.headers["ETag"])
    assert again.status == 200 and again.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("encodings", "packed"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("identity", False), ("gzip;q=0", False),
     ("gzip;q=0, *", False), ("deflate", False), ("", False), ("gzip;q=x", False), (",;=,", False)],
)  # fmt: skip
async def test_gzip_is_for_those_who_take_it(site: Site, encodings: str, packed: bool) -> None:
    plain, expected = await site.get()
    answer, body = await site.get(Accept_Encoding=encodings)
    assert (answer.headers.get("Content-Encoding") == "gzip") is packed
    assert (gzip.decompress(body) if packed else body) == expected
    assert (answer.headers["ETag"] != plain.headers["ETag"]) is packed
    known, _ = await site.get(Accept_Encoding=encodings, If_None_Match=plain.headers["ETag"])
    assert known.status == 304


async def test_head_says_what_get_would(site: Site) -> None:
    got, body = await site.get()
    head, nothing = await site.get(method="HEAD")
    assert (head.status, nothing) == (200, b"")
    for name in ("ETag", "Cache-Control", "Content-Type", "Last-Modified", "Vary"):
        assert head.headers[name] == got.headers[name]
    assert head.headers["Content-Length"] == str(len(body))
    missing, _ = await site.get("/status/revocation/9", method="HEAD")
    assert missing.status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_is_written_here(site: Site, method: str) -> None:
    answer, _ = await site.get(method=method)
    assert answer.status == 405


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/status/revocation/2", 404),
        ("/status/revocation/0", 404),
        ("/status/revocation/01", 404),
        ("/status/revocation/-1", 404),
        ("/status/revocation/1.5", 404),
        ("/status/revocation/٣", 404),
        ("/status/revocation/" + "9" * 40, 404),
        ("/status/revocation/x", 404),
        ("/status/other/1", 404),
        ("/status/message/1", 404),
        ("/status/token/1", 404),
        ("/status/revocation%00/1", 404),
        ("/status/" + "a" * 2000 + "/1", 404),
        (URL + "?timestamp=2026-01-01T00:00:00Z", 501),
        (URL + "?time=1686925000", 501),
    ],
)
async def test_what_is_not_there_is_refused_as_a_problem(site: Site, url: str, status: int) -> None:
    answer, body = await site.get(url)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (status, "application/problem+json")
    assert json.loads(body)["type"].endswith("#STATUS_RETRIEVAL_ERROR")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        ("*/*", "application/vc"),
        ("application/json", "application/json"),
        ("application/ld+json, application/json;q=0.5", "application/ld+json"),
        ("application/*", "application/vc"),
        ("text/html", "application/vc"),
        (", ".join(MEDIA_TYPES), "application/vc"),
    ],
)
async def test_the_media_type_is_one_that_the_client_takes(site: Site, accept: str, sent: str) -> None:
    answer, _ = await site.get(Accept=accept)
    assert answer.headers["Content-Type"] == sent


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "jwt"),
        ("application/statuslist+cwt", "cwt"),
        ("application/statuslist+jwt", "jwt"),
        ("application/statuslist+jwt;q=0.2, application/statuslist+cwt;q=0.8", "cwt"),
        ("application/statuslist+jwt;q=0, */*", "cwt"),
    ],
)
async def test_a_token_list_is_served_in_the_form_asked_for(site: Site, accept: str, form: str) -> None:
    site.issue()
    database = site.world.authority.database
    record = database.run(lambda session: session.query(CredentialRecord.id).scalar())
    database.run(lambda session: draw(session, "token", record, random=system_random))
    answer, body = await site.get("/status/token/1", Accept=accept)
    assert answer.headers["Content-Type"] == f"application/statuslist+{form}"
    token = read_status_list_token(body)
    assert (token.form, token.uri) == (form, "https://sichuan.example/status/token/1")


def indexes(body: bytes) -> set[int]:
    return {index for index, _ in StatusList.decode(json.loads(body)["credentialSubject"]["encodedList"]).items()}


async def test_a_change_is_served_within_the_interval(site: Site) -> None:
    card = site.issue()
    await site.get()
    site.world.authority.revoke(card.reference)
    site.world.clock.forward(seconds=INTERVAL.total_seconds() - 1)
    _, body = await site.get()
    assert indexes(body) == set()
    site.world.clock.forward(seconds=1)
    _, body = await site.get()
    assert indexes(body) == {int(card.document["credentialStatus"][0]["statusListIndex"])}


async def test_an_answer_is_repeated_for_a_moment_without_a_look(lite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = lite.authority.status_lists
    lite.authority.publish()
    looks = []
    served = lists.served
    monkeypatch.setattr(lists, "served", lambda *key: looks.append(key) or served(*key))  # type: ignore[func-returns-value]
    app = web.Application()
    app.add_routes(routes(lists, clock=lite.clock, recheck=60))
    async with TestClient(TestServer(app)) as client:
        answers = await asyncio.gather(*(client.get(URL) for _ in range(20)))
        assert {answer.status for answer in answers} == {200}
    assert looks == [("revocation", 1, "vc")]


async def test_a_list_that_cannot_be_had_is_not_answered_with_an_old_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.get()

    def broken(*_: object) -> None:
        raise RuntimeError("postgresql://secret@host is down")

    monkeypatch.setattr(site.lists, "served", broken)
    answer, body = await site.get()
    assert answer.status == 503 and answer.headers["Retry-After"]
    assert b"secret" not in body


async def test_the_caching_time_ends_with_the_list(lite: World) -> None:
    lists = StatusLists(
        lite.authority.database, lite.authority.signer, base_url="https://sichuan.example", clock=lite.clock,
        random=system_random, ttl=timedelta(hours=10), validity=timedelta(hours=4),
    )  # fmt: skip
    app = web.Application()
    app.add_routes(routes(lists, prefix="/sichuan", clock=lite.clock, recheck=0))
    async with TestClient(TestServer(app)) as client:
        lists.publish()
        lite.clock.forward(hours=1)
        answer = await client.get("/sichuan" + URL)
        assert answer.headers["Cache-Control"] == f"public, max-age={3 * 3600}"


class TestPublisher:
    def fast(self, world: World, monkeypatch: pytest.MonkeyPatch, seconds: float = 0.02) -> StatusLists:
        lists = world.authority.status_lists
        monkeypatch.setattr(lists, "interval", timedelta(seconds=seconds))
        return lists

    async def test_it_publishes_at_once_and_then_what_changes(
        self, lite: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lists = self.fast(lite, monkeypatch)
        [card] = lite.issue(did.generate("P-256"), kind="household-member")
        seen: asyncio.Queue[str] = asyncio.Queue()

        def note(published: Any) -> None:
            for one in published:
                seen.put_nowait(f"{one.purpose}/{one.publication}/{one.set_bits}")

        publisher = StatusPublisher(lists, directory=tmp_path, on_published=note)
        task = asyncio.create_task(publisher.run())
        assert {await seen.get(), await seen.get()} == {"revocation/1/0", "suspension/1/0"}
        await asyncio.to_thread(lite.authority.revoke, card.reference)
        assert await asyncio.wait_for(seen.get(), 30) == "revocation/2/1"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (tmp_path / "revocation-1.json").read_bytes() == lists.served("revocation", 1).content

    async def test_a_failure_is_logged_without_details_and_tried_again(
        self, lite: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        lists = self.fast(lite, monkeypatch)
        due, calls = lists.due, []

        def sometimes() -> Any:
            calls.append(1)
            if len(calls) < 3:
                raise RuntimeError("postgresql://secret@host is down")
            return due()

        monkeypatch.setattr(lists, "due", sometimes)
        done = asyncio.Event()
        task = asyncio.create_task(StatusPublisher(lists, on_published=lambda _: done.set()).run())
        await asyncio.wait_for(done.wait(), 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert caplog.text.count("could not be published (RuntimeError)") == 2
        assert "secret" not in caplog.text

    async def test_a_cancellation_waits_for_the_list_at_work(
        self, lite: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lists = self.fast(lite, monkeypatch)
        lite.issue(did.generate("P-256"), kind="household-member")
        started, go_on, finished = threading.Event(), threading.Event(), []
        publish_one: Callable[..., Any] = lists.publish_one

        def slow(*arguments: Any) -> Any:
            started.set()
            go_on.wait(30)
            finished.append(publish_one(*arguments))
            return finished[-1]

        monkeypatch.setattr(lists, "publish_one", slow)
        task = asyncio.create_task(StatusPublisher(lists).run())
        await asyncio.to_thread(started.wait, 30)
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(finished) == 1

    async def test_it_runs_as_long_as_the_application(self, lite: World, monkeypatch: pytest.MonkeyPatch) -> None:
        lists = self.fast(lite, monkeypatch)
        lite.issue(did.generate("P-256"), kind="household-member")
        app = web.Application()
        app.add_routes(routes(lists, clock=lite.clock))
        app.cleanup_ctx.append(publishing(StatusPublisher(lists)))
        async with TestClient(TestServer(app)) as client:
            assert (await client.get(URL)).status == 200
            assert [task for task in asyncio.all_tasks() if task.get_name() == "status publisher"]
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "status publisher"]
