"""The room where servers compute is bounded, and says so; the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import did
import vc
from did import Resolver
from holder.vc_api import HolderInstance
from holder.vc_api import routes as holder_routes
from issuer.vc_api import IssuerInstance
from issuer.vc_api import routes as issuer_routes
from vc import workroom
from vc.needs import run
from vc.vc_api import MAX_BODY
from vc.workroom import Busy, Workroom
from verifier.vc_api import VerifierInstance
from verifier.vc_api import routes as verifier_routes


class Held:
    """Work that lasts until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self) -> str:
        assert self.go.wait(30)
        return "done"


async def fill(room: Workroom, held: Held, count: int) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(room.run(held)) for _ in range(count)]
    while room.inside < count:  # noqa: ASYNC110 - the room tells nobody
        await asyncio.sleep(0)
    return tasks


async def test_who_comes_when_the_room_is_full_is_refused_and_those_inside_are_served() -> None:
    room, held = Workroom(threads=1, waiting=2, retry_after=7), Held()
    inside = await fill(room, held, 3)
    with pytest.raises(Busy) as refused:
        await room.run(lambda: "late")
    assert refused.value.retry_after == 7
    held.go.set()
    assert await asyncio.gather(*inside) == ["done"] * 3
    assert await room.run(lambda: "again") == "again"
    room.close()
    assert room.inside == 0


async def test_a_place_is_free_when_the_work_is_done_and_not_when_its_caller_has_gone() -> None:
    room, held = Workroom(threads=1, waiting=0), Held()
    (gone,) = await fill(room, held, 1)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert room.inside == 1
    with pytest.raises(Busy):
        await room.run(lambda: None)
    held.go.set()
    while room.inside:  # noqa: ASYNC110 - the room tells nobody
        await asyncio.sleep(0.001)
    assert await room.run(lambda: 1) == 1
    room.close()


async def test_work_that_was_let_in_is_finished_though_the_room_is_full_when_its_need_is_met() -> None:
    room, held = Workroom(threads=1, waiting=1), Held()
    asked, answered = asyncio.Event(), asyncio.Event()

    class Need:
        def obtain(self) -> str:
            return "key"

        async def obtain_async(self) -> str:
            asked.set()
            await answered.wait()
            return "key"

    def steps() -> Any:
        found = yield Need()
        return found, threading.current_thread() is threading.main_thread()

    driven = asyncio.create_task(room.drive(steps()))
    await asked.wait()
    inside = await fill(room, held, 2)
    answered.set()
    await asyncio.sleep(0)
    held.go.set()
    assert await driven == ("key", False)
    assert run(steps()) == ("key", True)
    await asyncio.gather(*inside)
    room.close()


async def test_what_the_work_raises_is_raised_and_frees_the_place() -> None:
    room = Workroom(threads=1, waiting=0)

    def failing() -> None:
        raise LookupError("no")

    for _ in range(3):
        with pytest.raises(LookupError):
            await room.run(failing)
        while room.inside:  # noqa: ASYNC110 - the room tells nobody
            await asyncio.sleep(0)
    room.close()


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Workroom:
    """A small room, in the place of the process's own."""
    import holder.vc_api
    import issuer.vc_api
    import vc.vc_api
    import verifier.vc_api

    made = Workroom(threads=1, waiting=1, retry_after=3)
    for module in (workroom, vc.vc_api, holder.vc_api, issuer.vc_api, verifier.vc_api):
        monkeypatch.setattr(module, "ROOM", made)
    return made


@pytest.fixture
async def client(room: Workroom) -> Any:
    key = did.generate("Ed25519")
    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes(verifier_routes({"default": VerifierInstance(Resolver())}))
    app.add_routes(holder_routes({"default": HolderInstance(key)}))
    app.add_routes(issuer_routes({"default": IssuerInstance(key)}))

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="alive")

    app.router.add_get("/page", page)
    async with TestClient(TestServer(app)) as made:
        yield made
    room.close()


CALLS = {  # type: ignore[var-annotated]
    "/verifiers/default/credentials/verify": {"verifiableCredential": {}},
    "/verifiers/default/presentations/verify": {"verifiablePresentation": {}},
    "/holders/default/credentials/derive": {"verifiableCredential": {}},
    "/holders/default/presentations": {"presentation": {}},
    "/issuers/default/credentials/issue": {"credential": {}},
}


@pytest.mark.parametrize("path", CALLS)
async def test_a_full_room_is_said_with_503_and_when_to_come_back_and_pages_are_served_meanwhile(
    client: Any, room: Workroom, path: str
) -> None:
    held = Held()
    inside = await fill(room, held, 2)
    async with client.post(path, json=CALLS[path]) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
        assert (await answer.json())["problemDetails"][0]["code"] == "service.busy"
    async with client.get("/page") as answer:
        assert await answer.text() == "alive"
    held.go.set()
    await asyncio.gather(*inside)
    async with client.post(path, json=CALLS[path]) as answer:
        assert answer.status in (200, 400)


async def test_a_large_body_is_parsed_in_the_room_too(client: Any, room: Workroom) -> None:
    held = Held()
    inside = await fill(room, held, 2)
    body = json.dumps({"verifiableCredential": {"a": "x" * 100_000}})
    async with client.post("/verifiers/default/credentials/verify", data=body) as answer:
        assert answer.status == 503
    held.go.set()
    await asyncio.gather(*inside)


async def test_the_loop_turns_while_a_dear_document_is_judged(client: Any) -> None:
    """Counted in turns, not timed: many requests for a page are answered before the one verification is."""
    from benchmarks.nasty import INPUTS

    document = json.loads(INPUTS["list of integers"].make(1024 * 1024))
    verification = asyncio.create_task(
        client.post(
            "/verifiers/default/credentials/verify",
            data=io.BytesIO(json.dumps({"verifiableCredential": document}).encode()),
        )
    )
    pages = 0
    while not verification.done():
        async with client.get("/page") as answer:
            assert answer.status == 200
        pages += 1
    async with verification.result() as answer:
        assert answer.status == 400
    assert pages >= 10


def test_a_verdict_is_the_same_from_the_room() -> None:
    from vc.verification import Expectations, verification

    async def judged() -> vc.Verdict:
        made = Workroom(threads=2, waiting=2)
        try:
            return await made.drive(verification(b"{}", Expectations()))
        finally:
            made.close()

    assert asyncio.run(judged()) == vc.verify(b"{}")
