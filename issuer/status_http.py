"""Status lists over HTTP: public, cacheable, the same for everybody who asks.

``GET`` and ``HEAD`` of ``/status/{purpose}/{number}`` answer with the last publication: ETag and If-None-Match,
Cache-Control from the list's ttl (Bitstring Status List section 2.2), gzip. A list that has to be published first is
(``StatusLists.served``), so that what is served is never staler than the stated interval. Needs the extra ``http``.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from weakref import WeakValueDictionary

from aiohttp import web

from vc.problems import Problem

from .environment import Clock, system_clock
from .errors import NotFoundError
from .status_lists import Served, StatusLists
from .status_publisher import StatusPublisher
from .status_purposes import TOKEN

__all__ = ["RECHECK", "StatusEndpoint", "publishing", "routes"]

RECHECK = 1.0
"""Seconds for which an answer is repeated without a look at the database."""

_MAX_KEPT = 512
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_CREDENTIAL_TYPES = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")
_HISTORICAL = frozenset({"time", "timestamp"})

_log = logging.getLogger(__name__)
_Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    served: Served
    compressed: bytes
    checked: float


class StatusEndpoint:
    """Answers requests for the lists of one authority.

    ``recheck`` is for how many seconds an answer is repeated without a look at the database: however many ask, it is
    looked at once in that time for each list.
    """

    def __init__(
        self,
        lists: StatusLists,
        *,
        clock: Clock = system_clock,
        recheck: float = RECHECK,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lists = lists
        self._clock = clock
        self._recheck = recheck
        self._monotonic = monotonic
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._locks: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request, with ``purpose`` and ``number`` in the path. Never raises for what is asked."""
        purpose, number = request.match_info["purpose"], request.match_info["number"]
        if not _HISTORICAL.isdisjoint(request.query):
            return _refusal(501, "lists of the past are not kept")
        if _NUMBER.fullmatch(number) is None:
            return _refusal(404, "there is no such status list")
        accepted = request.headers.get("Accept", "*/*")
        try:
            kept = await self._current((purpose, int(number), _form(purpose, accepted)))
        except NotFoundError:
            return _refusal(404, "there is no such status list")
        except Exception as error:
            # No list is better than a stale one: a verifier then says that it could not decide.
            _log.error("a status list could not be served (%s)", type(error).__name__)
            return _refusal(503, "the status list can't be had at the moment")
        return _answer(request, kept, accepted, self._clock())

    async def _current(self, key: _Key) -> _Kept:
        kept = self._fresh(key)
        if kept is not None:
            return kept
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            return self._fresh(key) or await self._load(key)

    def _fresh(self, key: _Key) -> _Kept | None:
        kept = self._kept.get(key)
        return kept if kept is not None and self._monotonic() - kept.checked < self._recheck else None

    async def _load(self, key: _Key) -> _Kept:
        checked = self._monotonic()
        served = await asyncio.to_thread(self._lists.served, *key)
        before = self._kept.get(key)
        if before is not None and before.served.digest == served.digest:
            compressed = before.compressed
        else:
            compressed = await asyncio.to_thread(gzip.compress, served.content, 6, mtime=0)
        kept = self._kept[key] = _Kept(served, compressed, checked)
        self._kept.move_to_end(key)
        while len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return kept


def routes(
    lists: StatusLists, *, prefix: str = "", clock: Clock = system_clock, recheck: float = RECHECK
) -> list[web.RouteDef]:
    """The routes of an authority's lists. ``prefix`` is the path of the authority's ``base_url``, if it has one."""
    endpoint = StatusEndpoint(lists, clock=clock, recheck=recheck)
    return [web.get(prefix + "/status/{purpose}/{number}", endpoint.handle)]


def publishing(publisher: StatusPublisher) -> Callable[[web.Application], AsyncIterator[None]]:
    """For ``Application.cleanup_ctx``: the publisher runs as long as the application does."""

    async def context(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(publisher.run(), name="status publisher")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return context


def _form(purpose: str, accepted: str) -> str:
    if purpose != TOKEN:
        return "vc"
    quality = _qualities(accepted)
    jwt, cwt = (_quality(quality, f"application/statuslist+{form}") for form in ("jwt", "cwt"))
    return "cwt" if cwt > jwt else "jwt"


def _answer(request: web.Request, kept: _Kept, accepted: str, now: datetime) -> web.Response:
    served = kept.served
    packed = _quality(_qualities(request.headers.get("Accept-Encoding", "")), "gzip") > 0
    tag = served.digest[:32]
    left = int((served.valid_until - now).total_seconds())
    headers = {
        # The bytes differ with the encoding, and a strong tag with them (RFC 9110 section 8.8.3.3).
        "ETag": f'"{tag}-gzip"' if packed else f'"{tag}"',
        "Cache-Control": f"public, max-age={max(0, min(int(served.ttl.total_seconds()), left))}",
        "Last-Modified": format_datetime(served.published_at.astimezone(UTC), usegmt=True),
        "Vary": "Accept, Accept-Encoding",
        # Public data, and nothing in it depends on who asks.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("If-None-Match"), tag):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = _media_type(served.media_type, accepted)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=kept.compressed if packed else served.content, headers=headers)


def _matches(condition: str | None, tag: str) -> bool:
    if condition is None:
        return False
    tags = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return not tags.isdisjoint({"*", f'"{tag}"', f'"{tag}-gzip"'})


def _media_type(media_type: str, accepted: str) -> str:
    """The most telling media type that the client takes; that of the list when it names none of them."""
    if media_type != _CREDENTIAL_TYPES[0]:
        return media_type
    qualities = _qualities(accepted)
    return next((known for known in _CREDENTIAL_TYPES if _quality(qualities, known) > 0), media_type)


def _qualities(header: str) -> dict[str, float]:
    """What an Accept or Accept-Encoding header names, in lower case, with its weight."""
    found = {}
    for part in header[:4096].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        found[name] = float(weight) if re.fullmatch(r"[01](\.[0-9]{0,3})?", weight) else 0.0
    return found


def _quality(qualities: dict[str, float], name: str) -> float:
    major = name.partition("/")[0] + "/*"
    return next((qualities[key] for key in (name, major, "*/*", "*") if key in qualities), 0.0)


def _refusal(status: int, detail: str) -> web.Response:
    body = Problem("status.retrieval", detail).to_dict()
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    if status == 503:
        headers["Retry-After"] = "5"
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")
