"""The guarded fetcher: the only way out. It is handed to those who need it; nothing opens a connection by itself.

What holds for every fetch:

* https, with normal certificate checks; http for loopback addresses only, and only when ``allow_loopback`` says so;
* no address that isn't public (``did.addresses``), checked on the addresses that are then connected to, so that a name
  which changes its answer between check and use (DNS rebinding) gains nothing;
* redirects are not followed unless the request allows some, each is checked like a first URL and stays on its origin;
* one deadline for the whole exchange; a limit on bytes, before and after decompression; only the media types asked for;
* no cookies, no credentials, no proxies from the environment.

Answers with ``Cache-Control: max-age`` are kept, within limits on number, size and age.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from .addresses import is_allowed, is_loopback
from .errors import DidUnavailable, FetchRefused
from .resolution import FetchRequest, FetchResponse

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Fetcher"]

_MAX_URL: Final = 4096
_CHUNK: Final = 64 * 1024


class Fetcher:
    """Fetches single files under guard. Safe to use from several threads and event loops.

    ``timeout``: seconds for one whole exchange. ``max_bytes``: upper bound on whatever a request asks for.
    ``ssl_context``: instead of the system's certificate authorities. ``cache_entries``, ``cache_bytes`` and ``max_age``
    (seconds) bound what is kept. Needs the extra ``http``.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        allow_private: bool = False,
        timeout: float = 10.0,
        max_bytes: int = 16 * 1024 * 1024,
        ssl_context: ssl.SSLContext | None = None,
        cache_entries: int = 256,
        cache_bytes: int = 32 * 1024 * 1024,
        max_age: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allow_loopback = allow_loopback
        self._allow_private = allow_private
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._ssl_context = ssl_context
        self._max_age = max_age
        self._clock = clock
        self._cache = _Cache(cache_entries, cache_bytes)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """As ``fetch_async``, for callers without an event loop (or on one: it runs on a thread of its own)."""
        kept = self._cache.get(request, self._clock())
        if kept is not None:
            return kept
        outcome: list[FetchResponse | BaseException] = []

        def run() -> None:
            try:
                outcome.append(asyncio.run(self.fetch_async(request)))
            except BaseException as error:
                outcome.append(error)

        thread = threading.Thread(target=run, name="liangzheng-fetch", daemon=True)
        thread.start()
        thread.join(self._timeout + 2)  # a name server that doesn't answer can hold its thread for longer
        if not outcome:
            raise DidUnavailable(f"no complete answer within {self._timeout:g} seconds", request.url)
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        """The answer to ``request``: status 200 with its body, or a status from 400 to 499 without one.

        Raises FetchRefused when the guard says no, DidUnavailable for everything else that goes wrong (both mean that
        nothing could be decided).
        """
        kept = self._cache.get(request, self._clock())
        if kept is not None:
            return kept
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._exchange(request.url, lambda session: self._follow(session, request))
        except TimeoutError:
            raise DidUnavailable(f"no complete answer within {self._timeout:g} seconds", request.url) from None
        if response.ttl is not None:
            self._cache.put(request, response, self._clock())
        return response

    async def call_async(
        self, url: str, content: bytes | None = None, *, max_bytes: int = 1024 * 1024
    ) -> FetchResponse:
        """The answer of a JSON API under the same guard: GET, or POST of ``content`` (JSON).

        The body comes with any status from 200 to 499, when it is JSON; nothing is cached, no redirect is followed.
        Raises as ``fetch_async``.
        """

        async def call(session: aiohttp.ClientSession) -> FetchResponse:
            self._check_url(url)
            headers = {"Accept": "application/json", "Content-Type": "application/json"}
            method = "GET" if content is None else "POST"
            async with session.request(method, url, data=content, headers=headers, allow_redirects=False) as answer:
                return await self._read_call(answer, url, max_bytes)

        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(url, call)
        except TimeoutError:
            raise DidUnavailable(f"no complete answer within {self._timeout:g} seconds", url) from None

    async def _read_call(self, answer: aiohttp.ClientResponse, url: str, max_bytes: int) -> FetchResponse:
        if not (200 <= answer.status < 300 or 400 <= answer.status < 500):
            raise DidUnavailable(f"the server answered with status {answer.status}", url)
        media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in ("application/json", "application/problem+json"):
            return FetchResponse(url, answer.status if answer.status >= 400 else 415)
        limit = min(max_bytes, self._max_bytes)
        if answer.content_length is not None and answer.content_length > limit:
            raise FetchRefused(f"the answer is larger than {limit} bytes", url)
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        body = await _body(answer.content.iter_chunked(_CHUNK), encoding, limit, url)
        return FetchResponse(url, answer.status, body, media_type)

    async def _exchange(
        self, url: str, work: Callable[[aiohttp.ClientSession], Awaitable[FetchResponse]]
    ) -> FetchResponse:
        import aiohttp

        guard = _Guard(partial(self._is_allowed, scheme=urlsplit(url).scheme))
        connector = aiohttp.TCPConnector(
            resolver=_resolver(guard),
            socket_factory=guard.open_socket,
            use_dns_cache=False,
            force_close=True,
            ssl=self._ssl_context if self._ssl_context is not None else True,
        )
        try:
            async with aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None),  # one deadline: that of fetch_async
                headers={"User-Agent": "liangzheng", "Accept-Encoding": "gzip, identity"},
            ) as session:
                return await work(session)
        except (aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as error:
            if isinstance(error, DidUnavailable):
                raise
            if guard.refused:
                raise FetchRefused("the host's address is not a public one", url) from None
            raise DidUnavailable(f"the server can't be reached or broke off ({_reason(error)})", url) from error
        finally:
            await guard.hang_up()

    async def _follow(self, session: aiohttp.ClientSession, request: FetchRequest) -> FetchResponse:
        url = request.url
        for _ in range(request.redirects + 1):
            self._check_url(url)
            headers = {"Accept": ", ".join(request.media_types)}
            async with session.get(url, allow_redirects=False, headers=headers) as answer:
                if answer.status not in (301, 302, 303, 307, 308):
                    return await self._read(answer, request)
                target = urljoin(url, answer.headers.get("Location", ""))
                if _origin(target) != _origin(url):
                    raise FetchRefused("the server redirects to somewhere else", request.url)
                url = target
        raise FetchRefused("the server redirects" + (" too often" if request.redirects else ""), request.url)

    def _check_url(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if len(url) > _MAX_URL or not host or parts.username is not None or parts.password is not None:
            raise FetchRefused("a URL without a host, with user information, or too long", url)
        local = host == "localhost" or is_loopback(host)
        if parts.scheme != "https" and not (parts.scheme == "http" and local and self._allow_loopback):
            raise FetchRefused("only https is fetched", url)
        if _is_literal(host) and not self._is_allowed(host, parts.scheme):
            raise FetchRefused("the address is not a public one", url)

    def _is_allowed(self, address: str, scheme: str) -> bool:
        if scheme == "http":
            return self._allow_loopback and is_loopback(address)
        return is_allowed(address, loopback=self._allow_loopback, private=self._allow_private)

    async def _read(self, answer: aiohttp.ClientResponse, request: FetchRequest) -> FetchResponse:
        ttl = self._lifetime(answer.headers.get("Cache-Control", ""))
        if 400 <= answer.status < 500 and answer.status != 429:
            return FetchResponse(request.url, answer.status, ttl=ttl)
        if answer.status != 200:
            raise DidUnavailable(f"the server answered with status {answer.status}", request.url)
        media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in request.media_types:
            raise FetchRefused(f"the answer is of the media type {media_type[:80]!r}, which isn't wanted", request.url)
        limit = min(request.max_bytes, self._max_bytes)
        if answer.content_length is not None and answer.content_length > limit:
            raise FetchRefused(f"the answer is larger than {limit} bytes", request.url)
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        body = await _body(answer.content.iter_chunked(_CHUNK), encoding, limit, request.url)
        return FetchResponse(request.url, 200, body, media_type, ttl)

    def _lifetime(self, cache_control: str) -> float | None:
        directives = {
            part.strip().lower().partition("=")[0]: part.partition("=")[2] for part in cache_control.split(",")
        }
        if "no-store" in directives or "no-cache" in directives:
            return 0.0
        age = directives.get("max-age", "").strip().strip('"')
        return min(float(age), self._max_age) if age.isascii() and age.isdigit() and len(age) < 10 else None


async def _body(chunks: AsyncIterator[bytes], encoding: str, limit: int, url: str) -> bytes:
    """The body, decompressed; never more than ``limit`` bytes of it in memory, whatever it would expand to."""
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise FetchRefused(f"the answer is encoded with {encoding[:40]!r}", url)
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding.endswith("gzip") else None
    parts: list[bytes] = []
    received = total = 0
    async for chunk in chunks:
        received += len(chunk)
        try:
            part = chunk if inflate is None else inflate.decompress(chunk, limit - total + 1)
        except zlib.error:
            raise DidUnavailable("the answer isn't valid gzip", url) from None
        total += len(part)
        if total > limit or received > limit:
            raise FetchRefused(f"the answer is larger than {limit} bytes", url)
        parts.append(part)
    if inflate is not None and (not inflate.eof or inflate.unused_data):
        raise DidUnavailable("the answer is half a gzip file, or more than one", url)
    return b"".join(parts)


class _Guard:
    """Opens sockets to allowed addresses only, remembers whether it refused one, and hangs up on all in the end.

    Names are resolved to allowed addresses; the socket for each connection is made here as well, so that nothing is
    connected to that wasn't checked, in whichever way its address came up.
    """

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed
        self._sockets: list[socket.socket] = []
        self.refused = False

    async def addresses(self, host: str, port: int, family: int) -> list[tuple[socket.AddressFamily, str]]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        kept: list[tuple[socket.AddressFamily, str]] = [
            (info[0], str(info[4][0])) for info in found if self._allowed(str(info[4][0]))
        ]
        if not kept:
            self.refused = True
            raise OSError("no allowed address")
        return kept

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not self._allowed(str(address[0])):
            self.refused = True
            raise OSError("the address is not allowed")
        opened = socket.socket(family, kind, protocol)
        self._sockets.append(opened)
        return opened

    async def hang_up(self) -> None:
        """Cut what is still open. A graceful end of TLS waits for the peer, and a bad one doesn't let go."""
        for opened in self._sockets:
            if opened.fileno() != -1:
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
        for turn in range(50):  # until the transports have noticed; a few turns of the loop
            if all(opened.fileno() == -1 for opened in self._sockets):
                return
            await asyncio.sleep(0 if turn < 20 else 0.01)


def _resolver(guard: _Guard) -> aiohttp.abc.AbstractResolver:
    from aiohttp.abc import AbstractResolver, ResolveResult

    class GuardedResolver(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            return [
                ResolveResult(
                    hostname=host,
                    host=address,
                    port=port,
                    family=kind,
                    proto=0,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
                for kind, address in await guard.addresses(host, port, family)
            ]

        async def close(self) -> None:
            """Nothing is held."""

    return GuardedResolver()


class _Cache:
    """Answers by request, the least recently used leaving first."""

    def __init__(self, entries: int, size: int) -> None:
        self._entries, self._size = entries, size
        self._kept: OrderedDict[FetchRequest, tuple[float, float, FetchResponse]] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def get(self, request: FetchRequest, now: float) -> FetchResponse | None:
        with self._lock:
            found = self._kept.get(request)
            if found is None:
                return None
            ends, _, response = found
            if now >= ends:
                self._remove(request)
                return None
            self._kept.move_to_end(request)
            return FetchResponse(response.url, response.status, response.body, response.media_type, ends - now)

    def put(self, request: FetchRequest, response: FetchResponse, now: float) -> None:
        if not response.ttl or len(response.body) > self._size:
            return
        with self._lock:
            self._remove(request)
            self._kept[request] = (now + response.ttl, now, response)
            self._total += len(response.body)
            while len(self._kept) > self._entries or self._total > self._size:
                self._remove(next(iter(self._kept)))

    def _remove(self, request: FetchRequest) -> None:
        found = self._kept.pop(request, None)
        if found is not None:
            self._total -= len(found[2].body)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


def _is_literal(host: str) -> bool:
    return ":" in host or is_allowed(host, loopback=True, private=True) or host.replace(".", "").isdigit()


def _reason(error: BaseException) -> str:
    """The kind of error, without what a server may have written into it."""
    certificate = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    if isinstance(certificate, ssl.SSLCertVerificationError):
        return "its certificate isn't valid for this host"
    return type(error).__name__
