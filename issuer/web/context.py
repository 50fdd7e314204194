"""What every page of the issuer's application has at hand, and how the authority's refusals become pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import NoReturn, TypeVar

from aiohttp import web

from issuer.authority import Authority
from issuer.collecting import Collecting
from issuer.desk import Desk, ForbiddenError
from issuer.errors import IssuerError, NotFoundError, OfferError, RateLimitError
from issuer.officers import Officers, OfficerView, Permission
from issuer.portal import Portal, Resident
from vc.workroom import Workroom
from webshell import PageError, Site

from .messages import Messages
from .texts import word

__all__ = [
    "CONTEXT",
    "OFFICER",
    "Context",
    "context_of",
    "officer_of",
    "page",
    "post",
    "resident_of",
    "threaded",
    "words",
]

_T = TypeVar("_T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Context:
    """One application's parts."""

    site: Site
    authority: Authority
    portal: Portal
    desk: Desk
    officers: Officers
    collecting: Collecting
    messages: Messages | None
    passwords: asyncio.Semaphore
    """How many passwords are hashed at a time: each takes memory."""


CONTEXT = web.AppKey("issuer.web", Context)
OFFICER = web.RequestKey("issuer.web.officer", OfficerView)
"""Who acts in this request, once known."""


def context_of(request: web.Request) -> Context:
    """The parts of the application that a request is for."""
    return request.app[CONTEXT]


# More threads than processors: most of the time they wait for the database.
_DATABASE = Workroom(threads=8, waiting=128)


async def threaded(work: Callable[[], _T]) -> _T:
    """Do what waits for the database in a thread; not more than can be done soon. Raises Busy."""
    return await _DATABASE.run(work)


def words(request: web.Request) -> Callable[[str, str | None], str]:
    """``word`` in the visitor's language, for templates."""
    language = context_of(request).site.language(request)
    return lambda group, code: word(group, code, language)


def refusal(error: IssuerError) -> PageError:
    """The page for what the authority refuses."""
    match error:
        case NotFoundError():
            status = 404
        case ForbiddenError() | OfferError():
            status = 403
        case RateLimitError():
            status = 429
        case _:
            status = 409
    return PageError(status, error.zh, error.en)


def page(handler: Handler) -> Handler:
    """A handler of a page: what the authority refuses is an error page."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except IssuerError as error:
            raise refusal(error) from None

    return guarded


async def post(request: web.Request, back: str, work: Callable[[], str]) -> NoReturn:
    """Do what a form asks, once, in a thread; go where ``work`` says, or ``back`` with what was refused."""
    site = context_of(request).site

    async def once() -> str:
        try:
            return await threaded(work)
        except (ForbiddenError, NotFoundError):
            raise
        except IssuerError as error:
            site.session(request).flash(error.zh, error.en, "bad")
            return back

    await site.run_once(request, once)
    raise AssertionError("run_once redirects")


async def resident_of(request: web.Request) -> Resident:
    """Who signed in; goes to the sign-in page when nobody did."""
    context = context_of(request)
    session = context.site.session(request)
    person_id = session.data.get("resident")
    if isinstance(person_id, int):
        try:
            return await threaded(lambda: context.portal.resident(person_id))
        except NotFoundError:
            session.sign_out()
    if request.method == "GET":
        context.site.redirect("/sign-in")
    raise PageError(403, "请先登录", "Sign in first")


async def officer_of(request: web.Request, permission: Permission | None = None) -> OfficerView:
    """The officer who signed in and may do this; goes to the sign-in page when nobody did."""
    context = context_of(request)
    session = context.site.session(request)
    officer_id, stamp = session.data.get("officer"), session.data.get("stamp")
    if isinstance(officer_id, int) and isinstance(stamp, str):
        officer = await threaded(lambda: context.officers.officer(officer_id, stamp))
        if officer is not None:
            request[OFFICER] = officer
            if permission is not None and not officer.may(permission):
                raise PageError(403, "您的角色没有此权限", "Your role does not include this")
            return officer
        session.sign_out()
    if request.method == "GET":
        context.site.redirect("/desk/sign-in")
    raise PageError(403, "请先登录", "Sign in first")
