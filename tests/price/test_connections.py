"""Real sockets that send slowly, never, or what is not what it says it is."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from did.http import create_app as create_resolver
from did.serving import body_of, patience, serving
from liangzheng.conformance import create_app as create_conformance
from vc.cards.definition import Label
from vc.vc_api import MAX_BODY, answer, endpoint, read_body
from webshell import Site, api

SHORT = 0.2
POST = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\n{more}\r\n"


def small_site() -> web.Application:
    site = Site("test", Label("测", "Test"), origin="http://127.0.0.1:1")
    app = web.Application()
    site.install(app)

    taken = api(endpoint(_json))

    async def form(request: web.Request) -> web.StreamResponse:
        return web.Response(text=str(len((await site.form(request)).fields)))

    app.router.add_post("/api", taken)
    app.router.add_post("/form", form)
    return app


async def _json(request: web.Request) -> web.StreamResponse:
    return answer({"got": len(await read_body(request))})


def bare() -> web.Application:
    app = web.Application(middlewares=[patience(SHORT)], client_max_size=MAX_BODY)
    app.router.add_post("/api", endpoint(_json))
    return app


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[web.Application], Any]]:
    runners = []

    async def start(app: web.Application) -> int:
        runner = serving(app, header_seconds=SHORT)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    yield start
    for runner in runners:
        await runner.cleanup()


async def exchange(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send the parts, and read until the server hangs up or has answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(65536), 20)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def request(port: int, path: str, body: bytes, *, more: str = "", kind: str = "application/json") -> bytes:
    return POST.format(path=path, port=port, kind=kind, more=more).encode() + body


async def test_a_connection_that_sends_nothing_is_cut_off(serve: Any) -> None:
    assert await exchange(await serve(bare())) == b""


async def test_headers_that_trickle_in_are_cut_off_however_steadily(serve: Any) -> None:
    port = await serve(bare())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api HTTP/1.1\r\n")
    for number in range(10_000):
        if reader.at_eof():
            break
        try:
            writer.write(b"X-%d: y\r\n" % number if number % 100 else b"")
            await writer.drain()
        except ConnectionError:
            break
        await asyncio.sleep(SHORT / 20)
    else:
        pytest.fail("the connection was never cut off")
    writer.close()


async def test_an_idle_connection_is_cut_off_after_its_answer(serve: Any) -> None:
    port = await serve(bare())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(port, "/api", b"{}", more="Content-Length: 2\r\n"))
    assert b" 200 " in await reader.readuntil(b"}")
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()


async def test_a_body_that_stalls_is_answered_with_408(serve: Any) -> None:
    port = await serve(bare())
    got = await exchange(port, request(port, "/api", b'{"a":', more="Content-Length: 100\r\n"))
    assert got.startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_trickles_in_chunks_is_answered_with_408(serve: Any) -> None:
    port = await serve(bare())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = asyncio.create_task(reader.readline())
    writer.write(request(port, "/api", b"", more="Transfer-Encoding: chunked\r\n"))
    for _ in range(1000):
        if answered.done():
            break
        writer.write(b"1\r\n \r\n")
        await asyncio.sleep(SHORT / 20)
    assert (await answered).startswith(b"HTTP/1.1 408 ")
    writer.close()


DAMAGED = {
    "no gzip at all": b"this is not gzip",
    "a damaged one": gzip.compress(b'{"a": 1}' * 1000)[:40] + b"\xff" * 40,
    "a checksum that is wrong": gzip.compress(b'{"a": 1}')[:-8] + b"\0" * 8,
}
SERVERS: dict[str, tuple[Callable[[], web.Application], str]] = {
    "bare": (bare, "/api"),
    "site": (small_site, "/api"),
    "conformance": (create_conformance, "/verifiers/default/credentials/verify"),
    "issuer's": (create_conformance, "/issuers/eddsa-jcs-2022/credentials/issue"),
    "holder's": (create_conformance, "/holders/default/presentations"),
    "resolver in it": (create_conformance, "/1.0/identifiers/did:key:z6Mk"),
    "resolver": (create_resolver, "/1.0/identifiers/did:key:z6Mk"),
}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("damage", DAMAGED)
async def test_damaged_gzip_is_the_senders_fault(serve: Any, server: str, damage: str) -> None:
    make, path = SERVERS[server]
    port, body = await serve(make()), DAMAGED[damage]
    more = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n"
    got = await exchange(port, request(port, path, body, more=more))
    assert got.startswith(b"HTTP/1.1 400 "), got[:200]


async def test_a_form_of_a_page_with_damaged_gzip_is_the_senders_fault(serve: Any) -> None:
    port = await serve(small_site())
    more, kind = "Content-Encoding: gzip\r\nContent-Length: 4\r\n", "application/x-www-form-urlencoded"
    assert (await exchange(port, request(port, "/form", b"abcd", more=more, kind=kind))).startswith(b"HTTP/1.1 400 ")


async def test_good_gzip_is_read_as_before_and_a_bomb_is_too_large(serve: Any) -> None:
    port = await serve(bare())
    good, bomb = gzip.compress(json.dumps({"a": 1, "b": 2}).encode()), gzip.compress(b" " * (MAX_BODY * 16))
    for body, status in ((good, b"200"), (bomb, b"413")):
        more = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n"
        got = await exchange(port, request(port, "/api", body, more=more))
        assert got.startswith(b"HTTP/1.1 " + status)


async def test_a_form_that_does_not_say_how_long_it_is_is_bounded_too(serve: Any) -> None:
    port = await serve(small_site())
    more, kind = "Transfer-Encoding: chunked\r\n", "application/x-www-form-urlencoded"
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    got = await exchange(port, request(port, "/form", chunk * 4 + b"0\r\n\r\n", more=more, kind=kind))
    assert got.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("chunked", [False, True])
async def test_no_more_of_a_body_is_taken_than_the_endpoint_takes(serve: Any, chunked: bool) -> None:
    app = web.Application(client_max_size=MAX_BODY)
    taken: list[int] = []

    async def limited(request: web.Request) -> web.StreamResponse:
        taken.append(len(await body_of(request, 1000)))
        return web.Response()

    app.router.add_post("/api", limited)
    port = await serve(app)
    for length, status in ((1000, b"200"), (1001, b"413")):
        body = b"x" * length
        more = "Transfer-Encoding: chunked\r\n" if chunked else f"Content-Length: {length}\r\n"
        content = b"%x\r\n%s\r\n0\r\n\r\n" % (length, body) if chunked else body
        assert (await exchange(port, request(port, "/api", content, more=more))).startswith(b"HTTP/1.1 " + status)
    assert taken == [1000]
