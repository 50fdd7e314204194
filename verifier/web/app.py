"""The counter's application: put together from its pages."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from vc.cards import Label
from vc.qr.pictures import MAX_PICTURE
from webshell import Link, RateLimits, SessionStore, Site
from webshell.security import is_loopback

from ..counter import Verifier
from ..home import Home
from .answering import Answering
from .asking import Asking
from .book import CounterBook
from .context import Desk
from .lists import Lists
from .results import Results
from .sessions import LedgerSessions
from .tester import Tester

if TYPE_CHECKING:
    from did.fetcher import Fetcher

__all__ = ["create_app"]

_HERE = Path(__file__).parent
_LINKS = (
    Link("/", "核验", "Verify"),
    Link("/scan", "扫码", "Scan"),
    Link("/today", "今日", "Today"),
    Link("/lists", "名单", "Lists"),
    Link("/tester", "测试", "Tester"),
)


def create_app(
    home: Home | str | Path,
    *,
    origin: str,
    root: str = "",
    secret: bytes | None = None,
    sessions: SessionStore | None = None,
    verifier: Verifier | None = None,
    fetcher: Fetcher | None = None,
    passcode: str | None = None,
    limits: RateLimits | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    random: Callable[[int], bytes] = secrets.token_bytes,
    proxies: int = 0,
) -> web.Application:
    """The counter of the verifier in the folder ``home`` (see ``verifier.Home``) as a web application.

    It works without a network from what the folder keeps; with ``fetcher`` it also fetches DID documents and status
    lists. ``verifier`` replaces the folder's. ``origin``, ``root``, ``sessions``, ``limits`` and ``proxies`` are those
    of ``webshell.Site``; ``secret`` and ``sessions`` are kept in the folder by default, so that a counter goes on after
    a restart. Whoever reaches the pages asks in this verifier's name: ``passcode`` (8 characters or more) is asked for
    once a session, and needed unless the origin is loopback; None lets everybody in.

    The verifier's ``domain`` must be ``origin``, or its host: wallets refuse a request that names another.

    Raises ValueError for an unusable origin or passcode, ProblemError for a folder that was not set up, OSError.
    """
    home = home if isinstance(home, Home) else Home(home)
    if passcode is not None and len(passcode) < 8:
        raise ValueError("a passcode has 8 characters at least")
    if passcode is None and not is_loopback(urlsplit(origin).hostname or ""):
        raise ValueError("a counter that others can reach needs a passcode")
    desk_verifier = verifier or home.verifier(fetcher=fetcher, clock=clock)
    ledger = home.ledger()
    site = Site(
        "verifier",
        Label("核验台", "Counter"),
        origin=origin,
        secret=secret or _secret(home.path / "web-secret", random),
        sessions=sessions or LedgerSessions(ledger),
        templates=[_HERE / "templates"],
        assets=[_HERE / "assets"],
        root=root,
        navigation=lambda request: _links(site, passcode, request),
        camera=True,
        proxies=proxies,
        clock=clock,
        random=random,
        limits=limits,
    )
    desk = Desk(
        site=site,
        verifier=desk_verifier,
        book=CounterBook(ledger),
        results=Results(ledger, clock, random),
        lists=Lists(desk_verifier, home.path / "status", clock),
        clock=clock,
        base=origin.rstrip("/") + site.root,
        online=fetcher is not None,
        passcode=passcode,
    )
    app = web.Application(client_max_size=MAX_PICTURE + 1024)
    site.install(app)
    for part in (Asking(desk), Answering(desk), Tester(desk, home), Door(desk)):
        app.router.add_routes(part.routes())
    return app


class Door:
    """Where the counter's passcode is asked for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes, to be added to an application."""
        return [web.get("/enter", self.door), web.post("/enter", self.enter)]

    async def door(self, request: web.Request) -> web.StreamResponse:
        """Ask for the passcode."""
        if self._desk.passcode is None or self._site.session(request).data.get("entered") is True:
            self._site.redirect("/")
        return self._site.render(request, "enter.html", problem=None)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Compare the passcode; five tries a minute."""
        self._site.limit(request, "enter", count=5, seconds=60)
        given = (await self._site.form(request)).fields.get("passcode", "")
        known = self._desk.passcode
        if known is not None and not hmac.compare_digest(given.encode("utf-8", "replace"), known.encode()):
            problem = self._site.t(request, "口令不对", "Wrong passcode")
            return self._site.render(request, "enter.html", status=403, problem=problem)
        self._site.session(request).sign_in(entered=True)
        return self._site.redirect("/")


def _links(site: Site, passcode: str | None, request: web.Request) -> Sequence[Link]:
    outside = passcode is not None and site.session(request).data.get("entered") is not True
    return () if outside else _LINKS


def _secret(path: Path, random: Callable[[int], bytes]) -> bytes:
    """The secret kept in a file that only its owner reads; made when it is not there. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        handle, name = tempfile.mkstemp(prefix=".web-secret.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(random(32))
            # Linked into place whole: of two processes that start at once, both read the first one's.
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
        finally:
            Path(name).unlink()
    found = path.read_bytes()
    if len(found) < 32:
        raise ValueError("the kept secret is too short")
    return found
