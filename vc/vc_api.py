"""What the VC-API endpoints of the three roles share: a bounded JSON body in, problem details out.

The contract is the W3C CCG VC-API as the public conformance suites use it: the HTTP status decides, a refusal is 400
with ``problemDetails`` (VCDM 2.0 section 7.1), a body over the limit is 413, nothing is ever a redirect or a traceback.
Needs the extra ``http``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import orjson
from aiohttp import web

from did.serving import UNREADABLE, body_of

from .parsing import loads
from .problems import Problem, ProblemError
from .workroom import ROOM, Busy

__all__ = ["MAX_BODY", "Handler", "answer", "endpoint", "member", "options_of", "read_body", "refusal"]

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request body, at most. An application that mounts these routes sets ``client_max_size`` to it."""

_AT_ONCE = 32 * 1024
"""A body of so many bytes is parsed on the event loop: that takes less than to have it done elsewhere."""
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)


def answer(body: Mapping[str, Any], status: int = 200) -> web.Response:
    """A JSON answer."""
    try:
        content = orjson.dumps(body)
    except TypeError:  # Not for orjson: integers of more than 64 bits in an explanation, say, or a lone surrogate.
        content = json.dumps(dict(body)).encode()
    return web.Response(body=content, status=status, headers=_HEADERS)


def refusal(problems: Iterable[Problem], status: int = 400, **more: Any) -> web.Response:
    """A refusal: ``verified`` false and every problem found."""
    return answer({"verified": False, "problemDetails": [problem.to_dict() for problem in problems], **more}, status)


async def read_body(request: web.Request, most: int = MAX_BODY) -> dict[str, Any]:
    """The request's body, a JSON object of at most ``most`` bytes within the limits of vc.parsing.

    Raises ProblemError (``parse.*``), Busy, HTTPRequestEntityTooLarge.
    """
    content = await request.read() if most >= MAX_BODY else await body_of(request, most)
    return loads(content) if len(content) <= _AT_ONCE else await ROOM.run(lambda: loads(content))


def member(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object member ``name`` of a body. Raises ProblemError (``parse.form``) when it is absent or no object."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise ProblemError(Problem("parse.form", f"the body needs an object {name!r}", f"/{name}"))
    return value


def options_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body's ``options``, empty when absent. Raises ProblemError (``parse.form``) for anything but an object."""
    return member(body, "options") if "options" in body else {}


def endpoint(handler: Handler) -> Handler:
    """The handler with refusals turned into answers: ProblemError 400, too large 413, full 503, a defect 500."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ProblemError as error:
            return refusal(error.problems)
        except Busy as error:
            problem = Problem("service.busy", f"this service is busy; try again in {error.retry_after} seconds")
            response = refusal([problem], status=503)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        except UNREADABLE:
            return refusal([Problem("parse.encoding", "the body is not encoded as its headers say")])
        except web.HTTPRequestEntityTooLarge:
            limit = Problem("parse.limit", f"the body is larger than {MAX_BODY} bytes")
            return refusal([limit], status=413)
        except web.HTTPException:
            raise
        except Exception:
            # The request may hold personal data: only the path and the traceback are logged.
            _log.exception("unexpected error at %s", request.path)
            return answer({"verified": False, "problemDetails": [{"title": "Internal error"}]}, 500)

    return guarded
