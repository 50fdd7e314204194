"""Status lists over HTTP: signed anew when their bits changed or half of their time is over, else as they were."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

import orjson
from aiohttp import web
from sqlalchemy import select

from issuer.authority import Authority
from issuer.errors import NotFoundError
from issuer.tables import StatusEntry, StatusListRecord
from vc.web import PageError, api

__all__ = ["StatusPublisher", "status_list"]


@dataclass(frozen=True, slots=True)
class Publication:
    """One signed list as it is served."""

    body: bytes
    compressed: bytes
    etag: str
    at: datetime
    max_age: int
    bits: bytes


class StatusPublisher:
    """Keeps the newest publication of each list."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._kept: dict[tuple[str, int], Publication] = {}
        self._locks: dict[tuple[str, int], asyncio.Lock] = {}

    async def get(self, purpose: str, number: int) -> Publication:
        """The list as it stands now. Raises NotFoundError."""
        key = (purpose, number)
        # Looked up before a lock is made for it: the keys that are kept are those of lists that exist.
        bits = await asyncio.to_thread(self._bits, purpose, number)
        async with self._locks.setdefault(key, asyncio.Lock()):
            kept = self._kept.get(key)
            age = (self._authority.clock() - kept.at).total_seconds() if kept is not None else 0
            if kept is None or kept.bits != bits or not 0 <= age < kept.max_age / 2:
                kept = self._kept[key] = await asyncio.to_thread(self._publish, purpose, number)
            return kept

    def _bits(self, purpose: str, number: int) -> bytes:
        if not 0 < number < 2**31:
            raise NotFoundError("status_list.unknown", "没有这个状态列表", "there is no such status list")
        with self._authority.database.reading() as session:
            lists = select(StatusListRecord.id).where(
                StatusListRecord.purpose == purpose, StatusListRecord.number == number
            )
            list_id = session.scalars(lists).one_or_none()
            if list_id is None and (number != 1 or purpose not in ("revocation", "suspension")):
                raise NotFoundError("status_list.unknown", "没有这个状态列表", "there is no such status list")
            positions = (
                select(StatusEntry.position)
                .where(StatusEntry.list_id == list_id, StatusEntry.value.is_(True))
                .order_by(StatusEntry.position)
            )
            digest = hashlib.sha256()
            for position in session.scalars(positions):
                digest.update(position.to_bytes(4, "big"))
        return digest.digest()

    def _publish(self, purpose: str, number: int) -> Publication:
        # Read before the list is signed: a change in between is then seen at the next request.
        bits = self._bits(purpose, number)
        try:
            published = self._authority.publish_status_list(purpose, number)
        except NotFoundError:
            # The first lists of an authority that has issued nothing yet.
            self._authority.publish()
            published = self._authority.publish_status_list(purpose, number)
        body = orjson.dumps(published.document)
        ttl = published.document["credentialSubject"].get("ttl", 0)
        return Publication(
            body=body,
            compressed=gzip.compress(body, 6, mtime=0),
            etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            at=self._authority.clock(),
            max_age=max(1, int(ttl) // 1000),
            bits=bits,
        )


@api
async def status_list(request: web.Request) -> web.Response:
    """``GET /status/{purpose}/{number}``."""
    from .context import context_of

    try:
        number = request.match_info["number"]
        found = await context_of(request).lists.get(
            request.match_info["purpose"], int(number) if len(number) < 11 else 0
        )
    except NotFoundError as error:
        raise PageError(404, error.zh, error.en) from None
    headers = {
        "ETag": found.etag,
        "Last-Modified": format_datetime(found.at.astimezone(UTC), usegmt=True),
        "Cache-Control": f"public, max-age={found.max_age}",
        "Vary": "Accept-Encoding",
        # Public data, and nothing in it depends on who asks.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if found.etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "application/vc"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=found.compressed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=found.body, headers=headers)
