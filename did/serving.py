"""How the servers of this project meet strangers' connections: nobody keeps one open by sending slowly, or not at all.

``serving(application)`` makes the runner that ``liangzheng serve`` uses; ``patience`` is the middleware that every
application of the project has. Needs the extra ``http``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

__all__ = ["BODY_SECONDS", "HEADER_SECONDS", "UNREADABLE", "body_of", "patience", "serving"]

HEADER_SECONDS: Final = 15.0
"""How long a connection may be without a whole request line and headers: from its start, or from the last answer on."""
BODY_SECONDS: Final = 60.0
"""How long a body may take to arrive."""
_LINGER: Final = 5.0

UNREADABLE: Final = (HttpProcessingError, ClientPayloadError, web.RequestPayloadError)
"""What reading a body raises when it is not what its headers say it is: damaged gzip, a chunk of no length."""

_Answer = TypeVar("_Answer", bound=web.StreamResponse)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serving(application: web.Application, *, header_seconds: float = HEADER_SECONDS, **arguments: Any) -> web.AppRunner:
    """The runner of an application, for ``web.TCPSite``: slow headers and idle connections are cut off."""
    return web.AppRunner(
        application, access_log=None, keepalive_timeout=header_seconds, lingering_time=_LINGER, **arguments
    )


def patience(seconds: float = BODY_SECONDS) -> Any:
    """The middleware that waits ``seconds`` for a body (408 then), and answers 400 to one that can't be decoded."""

    @web.middleware
    async def waiting(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.content.is_eof():
            return await handler(request)
        timer = asyncio.get_running_loop().call_later(seconds, _give_up, request)
        try:
            return _ended(request, await handler(request))
        except UNREADABLE:
            raise _ended(request, web.HTTPBadRequest()) from None
        except web.HTTPException as error:
            raise _ended(request, error) from None
        finally:
            timer.cancel()

    return waiting


async def body_of(request: web.Request, most: int) -> bytes:
    """The body, of at most ``most`` bytes, whether or not it says how long it is. Raises HTTPRequestEntityTooLarge."""
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(body))
    return bytes(body)


def _ended(request: web.Request, answer: _Answer) -> _Answer:
    """The answer; the last one of a connection whose body could not be read: where it ends isn't known."""
    if request.content.exception() is not None:
        answer.force_close()
        request.content.feed_eof()
    return answer


def _give_up(request: web.Request) -> None:
    if not request.content.is_eof():
        # Whoever reads it, now or later, is told; the connection can't be used for another request.
        request.content.set_exception(web.HTTPRequestTimeout(headers={"Connection": "close"}))
