from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from did import DidUnavailable, FetchRefused
from did.addresses import is_allowed
from did.fetcher import Fetcher
from did.resolution import FetchRequest

BODY = b'{"hello": "world"}'


def request(server: Any, path: str = "/did.json", **options: Any) -> FetchRequest:
    return FetchRequest(f"https://localhost:{server.port}{path}", **options)


def test_a_good_file_is_fetched(server: Any, fetcher: Fetcher) -> None:
    server.publish("/did.json", BODY, "application/json; charset=utf-8")
    response = fetcher.fetch(request(server))
    assert (response.status, response.body, response.media_type) == (200, BODY, "application/json")


async def test_the_asynchronous_twin_gives_the_same(server: Any, fetcher: Fetcher) -> None:
    server.publish("/did.json", BODY)
    assert await fetcher.fetch_async(request(server)) == await asyncio.to_thread(fetcher.fetch, request(server))


async def test_the_synchronous_twin_works_where_a_loop_is_running(server: Any, fetcher: Fetcher) -> None:
    server.publish("/did.json", BODY)
    assert fetcher.fetch(request(server)).body == BODY


def test_gzip_is_understood(server: Any, fetcher: Fetcher) -> None:
    server.publish("/did.json", gzip.compress(BODY, mtime=0), "application/json", "Content-Encoding: gzip")
    assert fetcher.fetch(request(server)).body == BODY


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "403 Forbidden", "400 Bad Request"])
def test_a_refusal_of_the_server_is_an_answer(server: Any, fetcher: Fetcher, answer: Any, status: str) -> None:
    server.files["/did.json"] = answer(b"ignored", status=status)
    response = fetcher.fetch(request(server))
    assert (response.status, response.body) == (int(status[:3]), b"")


@pytest.mark.parametrize(
    "status", ["500 Oops", "503 Busy", "429 Slow down", "204 No Content", "206 Part", "300 Choose"]
)
def test_a_failing_server_is_no_answer(server: Any, fetcher: Fetcher, answer: Any, status: str) -> None:
    server.files["/did.json"] = answer(BODY, status=status)
    with pytest.raises(DidUnavailable):
        fetcher.fetch(request(server))


class TestBadServers:
    def test_slow_to_start(self, server: Any, client_tls: ssl.SSLContext) -> None:
        async def slow(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(30)

        server.files["/did.json"] = slow
        with pytest.raises(DidUnavailable, match="within"):
            Fetcher(allow_loopback=True, ssl_context=client_tls, timeout=0.3).fetch(request(server))

    def test_dripping(self, server: Any, client_tls: ssl.SSLContext) -> None:
        async def drip(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

        server.files["/did.json"] = drip
        with pytest.raises(DidUnavailable, match="within"):
            Fetcher(allow_loopback=True, ssl_context=client_tls, timeout=0.5).fetch(request(server))

    def test_endless(self, server: Any, fetcher: Fetcher) -> None:
        async def endless(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while not writer.is_closing():
                writer.write(b" " * 65536)
                await writer.drain()
                await asyncio.sleep(0)

        server.files["/did.json"] = endless
        with pytest.raises(FetchRefused, match="larger than"):
            fetcher.fetch(request(server, max_bytes=200_000))

    def test_large_by_its_own_word(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/did.json"] = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n{}"
        )
        with pytest.raises(FetchRefused, match="larger than"):
            fetcher.fetch(request(server))

    def test_endless_headers(self, server: Any, fetcher: Fetcher) -> None:
        async def endless(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while not writer.is_closing():
                writer.write(b"X-Padding: " + b"a" * 4000 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)

        server.files["/did.json"] = endless
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server))

    @pytest.mark.parametrize("length", [len(BODY) + 1, 10_000])
    def test_less_than_it_promised(self, server: Any, fetcher: Fetcher, length: int) -> None:
        server.files["/did.json"] = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode() + BODY
        )
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server))

    def test_half_a_chunked_document(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/did.json"] = (
            b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"hello"\r\n'
        )
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server))

    def test_a_length_that_is_no_number(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/did.json"] = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: many\r\n\r\n{}"
        )
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server))

    @pytest.mark.parametrize("data", [b"", b"SSH-2.0-OpenSSH\r\n", b"\0" * 500, b"HTTP/9.9 huh\r\n\r\n"])
    def test_not_http(self, server: Any, fetcher: Fetcher, data: bytes) -> None:
        server.files["/did.json"] = data
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server))

    def test_a_gzip_bomb(self, server: Any, fetcher: Fetcher) -> None:
        bomb = gzip.compress(bytes(200 * 1024 * 1024), 9, mtime=0)
        assert len(bomb) < 1024 * 1024
        server.publish("/did.json", bomb, "application/json", "Content-Encoding: gzip")
        with pytest.raises(FetchRefused, match="larger than"):
            fetcher.fetch(request(server))

    @pytest.mark.parametrize(
        ("data", "encoding"),
        [
            (gzip.compress(BODY, mtime=0)[:-4], "gzip"),
            (gzip.compress(BODY, mtime=0) + b"more", "gzip"),
            (BODY, "gzip"),
            (b"", "gzip"),
            (BODY, "br"),
            (BODY, "gzip, gzip"),
            (BODY, "deflate"),
        ],
    )
    def test_a_broken_or_unknown_encoding(self, server: Any, fetcher: Fetcher, data: bytes, encoding: str) -> None:
        server.publish("/did.json", data, "application/json", f"Content-Encoding: {encoding}")
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server))

    @pytest.mark.parametrize(
        "media_type", ["text/html", "", "application/jsonp", "image/png", "application/json, text/html"]
    )
    def test_another_media_type(self, server: Any, fetcher: Fetcher, media_type: str) -> None:
        server.publish("/did.json", BODY, media_type)
        with pytest.raises(FetchRefused, match="media type"):
            fetcher.fetch(request(server))

    def test_a_certificate_for_another_name(self, impostor: Any, fetcher: Fetcher) -> None:
        impostor.publish("/did.json", BODY)
        with pytest.raises(DidUnavailable, match="certificate"):
            fetcher.fetch(request(impostor))
        assert impostor.requests == []

    def test_a_certificate_nobody_vouches_for(self, server: Any) -> None:
        server.publish("/did.json", BODY)
        with pytest.raises(DidUnavailable, match="certificate"):
            Fetcher(allow_loopback=True).fetch(request(server))

    def test_no_tls_where_tls_is_asked_for(self, plain_server: Any, fetcher: Fetcher) -> None:
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(plain_server))

    def test_nobody_listens(self, fetcher: Fetcher) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        with pytest.raises(DidUnavailable):
            fetcher.fetch(FetchRequest(f"https://localhost:{port}/"))


def moved(target: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


class TestRedirects:
    def test_none_is_followed_unless_allowed(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/did.json"] = moved("/other.json")
        server.publish("/other.json", BODY)
        with pytest.raises(FetchRefused, match="redirects"):
            fetcher.fetch(request(server))
        assert server.requests == ["/did.json"]

    def test_one_on_the_same_origin_is_followed_when_allowed(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/did.json"] = moved("/other.json")
        server.publish("/other.json", BODY)
        assert fetcher.fetch(request(server, redirects=1)).body == BODY

    def test_a_loop_ends(self, server: Any, fetcher: Fetcher) -> None:
        server.files["/did.json"] = moved("/did.json")
        with pytest.raises(FetchRefused, match="too often"):
            fetcher.fetch(request(server, redirects=3))
        assert len(server.requests) == 4

    @pytest.mark.parametrize(
        "target",
        [
            "https://elsewhere.example/did.json",
            "http://localhost/did.json",
            "https://localhost:1/did.json",
            "//169.254.169.254/latest/meta-data",
            "https://user@localhost/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://[",
        ],
    )
    def test_none_leads_elsewhere(self, server: Any, fetcher: Fetcher, target: str) -> None:
        server.files["/did.json"] = moved(target)
        with pytest.raises(DidUnavailable):
            fetcher.fetch(request(server, redirects=3))
        assert server.requests == ["/did.json"]


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "127.1.2.3",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "0.0.0.0",
            "[::]",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "[fe80::1]",
            "[fd00::1]",
            "224.0.0.1",
            "[ff02::1]",
            "255.255.255.255",
            "192.0.2.1",
            "localhost",
        ],
    )
    def test_no_address_that_isnt_public_is_connected_to(self, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(asyncio.BaseEventLoop, "sock_connect", _fail_the_test, raising=False)
        monkeypatch.setattr(socket.socket, "connect", _fail_the_test, raising=False)
        with pytest.raises(FetchRefused):
            Fetcher(timeout=2).fetch(FetchRequest(f"https://{host}/did.json"))

    def test_a_name_that_changes_its_answer_gains_nothing(
        self, server: Any, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """DNS rebinding: the address that was checked is the address that is connected to."""
        answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
        asked: list[str] = []

        async def rebinding(self: Any, host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        connected: list[Any] = []

        async def connect(self: Any, sock: socket.socket, address: Any) -> None:
            connected.append(address[0])
            raise OSError("not today")

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", rebinding)
        monkeypatch.setattr("asyncio.selector_events.BaseSelectorEventLoop.sock_connect", connect)
        with pytest.raises(DidUnavailable):
            Fetcher(ssl_context=client_tls).fetch(FetchRequest(f"https://rebind.example:{server.port}/did.json"))
        assert asked == ["rebind.example"]
        assert connected == ["93.184.216.34"]
        assert server.requests == []

    @pytest.mark.parametrize("private", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1"])
    def test_a_name_with_an_inner_address_is_refused(self, private: str, monkeypatch: pytest.MonkeyPatch) -> None:
        async def inner(self: Any, host: str, port: int, **_: Any) -> list[Any]:
            family = socket.AF_INET6 if ":" in private else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (private, port))]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", inner)
        with pytest.raises(FetchRefused, match="public"):
            Fetcher().fetch(FetchRequest("https://intranet.example/did.json"))

    def test_a_name_nobody_knows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def unknown(self: Any, host: str, port: int, **_: Any) -> list[Any]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", unknown)
        with pytest.raises(DidUnavailable) as caught:
            Fetcher().fetch(FetchRequest("https://unknown.example/did.json"))
        assert not isinstance(caught.value, FetchRefused)

    @pytest.mark.parametrize(
        ("address", "options", "allowed"),
        [
            ("1.1.1.1", {}, True),
            ("2606:4700::1111", {}, True),
            ("2002:7f00:1::1", {}, False),
            ("2002:101:101::1", {}, True),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", {}, False),
            ("::127.0.0.1", {"loopback": True}, False),
            ("fe80::1%eth0", {"private": True}, False),
            ("127.0.0.1", {"loopback": True}, True),
            ("::1", {"loopback": True}, True),
            ("::ffff:127.0.0.1", {"loopback": True}, True),
            ("127.0.0.1", {"private": True}, False),
            ("10.1.2.3", {"private": True}, True),
            ("fd12::1", {"private": True}, True),
            ("10.1.2.3", {"loopback": True}, False),
            ("169.254.1.1", {"private": True}, False),
            ("240.0.0.1", {"private": True}, False),
            ("64:ff9b:1::1", {"private": True}, False),
            ("fec0::1", {"private": True}, False),
            ("not an address", {}, False),
            ("", {}, False),
        ],
    )
    def test_the_rules_for_addresses(self, address: str, options: dict[str, bool], allowed: bool) -> None:
        assert is_allowed(address, **options) is allowed

    @given(st.text(max_size=30))
    def test_no_text_crashes_the_rules(self, text: str) -> None:
        assert is_allowed(text) in (True, False)


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "did.json",
            "http://example.com/did.json",
            "http://localhost/did.json",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://",
            "https:///did.json",
            "https://user:password@example.com/",
            "https://user@example.com/",
            "https://example.com/" + "a" * 5000,
        ],
    )
    def test_what_isnt_plain_https_is_refused(self, url: str) -> None:
        with pytest.raises(FetchRefused):
            Fetcher().fetch(FetchRequest(url))

    def test_http_is_for_loopback_when_it_is_allowed(self, plain_server: Any, fetcher: Fetcher) -> None:
        plain_server.publish("/did.json", BODY)
        assert fetcher.fetch(FetchRequest(f"http://localhost:{plain_server.port}/did.json")).body == BODY
        with pytest.raises(FetchRefused):
            fetcher.fetch(FetchRequest("http://example.com/did.json"))
        with pytest.raises(FetchRefused):
            Fetcher(allow_private=True).fetch(FetchRequest(f"http://localhost:{plain_server.port}/did.json"))

    def test_localhost_over_http_is_loopback_or_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def lying(self: Any, host: str, port: int, **_: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lying)
        with pytest.raises(FetchRefused):
            Fetcher(allow_loopback=True).fetch(FetchRequest("http://localhost:8000/did.json"))


class TestKeeping:
    def test_what_the_server_allows_is_kept_for_so_long(
        self, server: Any, client_tls: ssl.SSLContext, answer: Callable[..., bytes]
    ) -> None:
        now = [0.0]
        fetcher = Fetcher(allow_loopback=True, ssl_context=client_tls, clock=lambda: now[0])
        server.publish("/did.json", BODY, "application/json", "Cache-Control: public, max-age=60")
        assert fetcher.fetch(request(server)).ttl == 60
        now[0] = 59
        assert fetcher.fetch(request(server)).ttl == 1
        assert len(server.requests) == 1
        now[0] = 61
        fetcher.fetch(request(server))
        assert len(server.requests) == 2

    @pytest.mark.parametrize("header", ["no-store", "no-cache, max-age=60", "max-age=0", "max-age=-5", "max-age=x", ""])
    def test_what_it_doesnt_allow_isnt(self, server: Any, fetcher: Fetcher, header: str) -> None:
        server.publish("/did.json", BODY, "application/json", f"Cache-Control: {header}")
        fetcher.fetch(request(server))
        fetcher.fetch(request(server))
        assert len(server.requests) == 2

    def test_an_age_is_bounded(self, server: Any, fetcher: Fetcher) -> None:
        server.publish("/did.json", BODY, "application/json", "Cache-Control: max-age=999999999")
        assert fetcher.fetch(request(server)).ttl == 3600

    def test_number_and_size_are_bounded(self, server: Any, client_tls: ssl.SSLContext) -> None:
        fetcher = Fetcher(allow_loopback=True, ssl_context=client_tls, cache_entries=2, cache_bytes=50)
        for name in ("/1", "/2", "/3", "/4"):
            server.publish(name, BODY * (4 if name == "/4" else 1), "application/json", "Cache-Control: max-age=60")
            fetcher.fetch(request(server, name))
        fetcher.fetch(request(server, "/3"))
        assert server.requests == ["/1", "/2", "/3", "/4"]
        fetcher.fetch(request(server, "/1"))
        fetcher.fetch(request(server, "/4"))
        assert server.requests == ["/1", "/2", "/3", "/4", "/1", "/4"]


def _fail_the_test(*_: Any) -> None:
    pytest.fail("a connection was tried")


class TestCalls:
    """JSON APIs under the same guard."""

    async def test_an_answer_comes_with_its_status(self, server: Any, fetcher: Fetcher, answer: Any) -> None:
        server.publish("/api", BODY)
        server.files["/no"] = answer(BODY, "application/problem+json", status="422 No")
        server.files["/html"] = answer(b"<html>", "text/html", status="400 No")
        base = f"https://localhost:{server.port}"
        for content in (None, b"{}"):
            assert (await fetcher.call_async(base + "/api", content)).body == BODY
        refused = await fetcher.call_async(base + "/no", b"{}")
        assert (refused.status, refused.body) == (422, BODY)
        page = await fetcher.call_async(base + "/html")
        assert (page.status, page.body) == (400, b"")

    @pytest.mark.parametrize(
        "data",
        [
            b"HTTP/1.1 302 Found\r\nLocation: /api\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{}",
            b"",
        ],
    )
    async def test_a_failing_server_is_no_answer(self, server: Any, fetcher: Fetcher, data: bytes) -> None:
        server.files["/api"] = data
        with pytest.raises(DidUnavailable):
            await fetcher.call_async(f"https://localhost:{server.port}/api", b"{}")

    @pytest.mark.parametrize("url", ["http://example.com/", "https://10.0.0.1/", "https://localhost/", "ftp://x/", ""])
    async def test_the_guard_stands_here_too(self, url: str) -> None:
        with pytest.raises(FetchRefused):
            await Fetcher(timeout=2).call_async(url, b"{}")

    async def test_its_time_is_limited(self, server: Any, client_tls: ssl.SSLContext) -> None:
        async def slow(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(30)

        server.files["/api"] = slow
        fetcher = Fetcher(allow_loopback=True, ssl_context=client_tls, timeout=0.3)
        with pytest.raises(DidUnavailable, match="within"):
            await fetcher.call_async(f"https://localhost:{server.port}/api")
