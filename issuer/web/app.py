"""Putting the issuer's application together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from argon2 import PasswordHasher

from issuer.authority import Authority
from issuer.collecting import Collecting
from issuer.desk import Desk
from issuer.officers import Officers, Permission
from issuer.portal import Portal
from issuer.status_http import RECHECK, StatusEndpoint
from vc.cards.definition import Label
from webshell import Link, RateLimits, SessionStore, Site
from webshell import api as for_machines

from . import api, correcting, officer, resident, sign_in
from .context import CONTEXT, OFFICER, Context, context_of
from .messages import Messages

__all__ = ["create_app"]

_HERE = Path(__file__).parent
_PASSWORDS_AT_A_TIME = 2


def create_app(
    authority: Authority,
    *,
    origin: str | None = None,
    root: str | None = None,
    secret: bytes | None = None,
    sessions: SessionStore | None = None,
    messages: Messages | None = None,
    hasher: PasswordHasher | None = None,
    limits: RateLimits | None = None,
    proxies: int = 0,
    recheck: float = RECHECK,
) -> web.Application:
    """The portal, the desk and the wallets' API of one authority (which stays the caller's to close).

    ``origin`` and ``root`` say where browsers reach it, by default the authority's base URL; with a root, mount it
    there (``add_subapp``). ``secret`` (32 bytes) and ``sessions`` keep people signed in over a restart. ``messages`` is
    for demonstrations only: the authority's channel, whose one-time codes are then shown at /demo/messages. For
    ``recheck`` seconds a status list is served without a look at the database; to sign lists in time, too, add
    ``issuer.status_http.publishing`` to ``cleanup_ctx``.
    """
    base = urlsplit(authority.base_url)
    site = Site(
        "issuer",
        Label("电子证照签发", "Licence issuing"),
        origin=origin or f"{base.scheme}://{base.netloc}",
        root=base.path if root is None else root,
        secret=secret,
        sessions=sessions,
        templates=[_HERE / "templates"],
        assets=[_HERE / "assets"],
        navigation=_navigation,
        clock=authority.clock,
        random=authority.random,
        limits=limits,
        proxies=proxies,
    )
    app = web.Application(client_max_size=api.MAX_BODY)
    site.install(app)
    app[CONTEXT] = Context(
        site=site,
        authority=authority,
        portal=Portal(authority),
        desk=Desk(authority),
        officers=Officers(authority, hasher=hasher),
        collecting=Collecting(authority),
        messages=messages,
        passwords=asyncio.Semaphore(_PASSWORDS_AT_A_TIME),
    )
    app.add_routes(sign_in.routes())
    app.add_routes(resident.routes())
    app.add_routes(officer.routes())
    app.add_routes(correcting.routes())
    app.add_routes(
        [
            web.get("/api/applications/{reference}", api.show_application),
            web.post("/api/applications/{reference}/code", api.ask_code),
            web.post("/api/applications/{reference}/credentials", api.collect),
            web.post("/api/challenges", api.challenge_device),
            web.post("/api/credentials/update", api.update_cards),
            web.get("/credentials/{version}/{type}", api.show_type),
            web.get("/status/{purpose}/{number}", _status_lists(authority, recheck)),
        ]
    )
    return app


def _status_lists(authority: Authority, recheck: float) -> Any:
    endpoint = StatusEndpoint(authority.status_lists, clock=authority.clock, recheck=recheck)

    @for_machines
    async def status_list(request: web.Request) -> web.StreamResponse:
        return await endpoint.handle(request)

    return status_list


def _navigation(request: web.Request) -> Sequence[Link]:
    found = request.get(OFFICER)
    if found is not None:
        links: list[tuple[Permission | None, Link]] = [(None, Link("/desk", "工作台", "Desk"))]
        links += [
            (Permission.REGISTER, Link("/desk/register", "人口登记", "Register")),
            (Permission.APPLICATIONS, Link("/desk/applications", "申请", "Applications")),
            (Permission.AUDIT, Link("/desk/audit", "审计日志", "Audit log")),
        ]
        return [link for permission, link in links if permission is None or found.may(permission)]
    if "resident" in context_of(request).site.session(request).data:
        return [
            Link("/cards", "我的证照", "My cards"),
            Link("/apply", "申领", "Apply"),
            Link("/applications", "申请进度", "Applications"),
            Link("/phones", "手机", "Phones"),
        ]
    return []
