"""The wallet's application: put together from its pages."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from did import Resolver
from did.fetcher import Fetcher
from did.key_files import Argon2id
from vc.cards import CARDS, CardSet, Label
from vc.qr.pictures import MAX_PICTURE
from vc.scenarios import SCENARIOS, ScenarioSet
from webshell import Link, SessionStore, Site

from ..keystore import Keystore
from .card_pages import CardPages
from .collecting import Collecting
from .context import Desk
from .counters import Counters
from .enrolment import Enrolment
from .history import History
from .issuers import Issuers
from .open_wallets import OpenWallets
from .presenting import Presenting
from .shell import Shell
from .showing import Showing
from .signing import Signatures
from .talking import Caller, Talk

__all__ = ["create_app"]

_HERE = Path(__file__).parent
_LINKS = (
    Link("/", "证照", "Cards"),
    Link("/scan", "亮证", "Present"),
    Link("/log", "记录", "Records"),
    Link("/more", "更多", "More"),
)


def create_app(
    home: str | Path,
    *,
    origin: str,
    root: str = "",
    secret: bytes | None = None,
    sessions: SessionStore | None = None,
    keystore: Keystore | None = None,
    caller: Caller | None = None,
    resolver: Resolver | None = None,
    cost: Argon2id | None = None,
    idle: timedelta = timedelta(minutes=10),
    definitions: CardSet = CARDS,
    scenarios: ScenarioSet = SCENARIOS,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    random: Callable[[int], bytes] = secrets.token_bytes,
    proxies: int = 0,
) -> web.Application:
    """The wallet as a web application for many people, each with their browser's key.

    ``home`` is the folder of the wallets (made when it is not there), ``keystore`` by default a file in a folder beside
    it (``holder.places``; WalletPlace for one that is not apart). ``origin`` is where browsers reach it: https, or http
    on loopback, which then may also talk to issuers and verifiers on loopback. ``root``, ``secret``, ``sessions`` and
    ``proxies`` are those of ``webshell.Site``. ``caller`` talks to issuers and verifiers, ``resolver`` finds issuers'
    keys; both default to guarded ones. ``cost`` stretches PINs, ``idle`` is how long a wallet stays open without use.
    ``definitions`` are the cards and ``scenarios`` the scenarios that the wallets know.
    """
    wallets = OpenWallets(
        Path(home),
        clock=clock,
        random=random,
        keystore=keystore,
        cost=cost,
        idle=idle,
        definitions=definitions,
        scenarios=scenarios,
    )

    def navigation(request: web.Request) -> Sequence[Link]:
        # No links before the PIN, and none on the page that the service worker keeps.
        opened = wallets.get(site.session(request).data.get("wallet"))
        return _LINKS if opened is not None and not request.path.endswith("/offline") else ()

    site = Site(
        "holder",
        Label("电子卡包", "Wallet"),
        origin=origin,
        secret=secret,
        sessions=sessions,
        templates=[_HERE / "templates"],
        assets=[_HERE / "assets"],
        root=root,
        navigation=navigation,
        camera=True,
        proxies=proxies,
        clock=clock,
        random=random,
    )
    fetcher = Fetcher(allow_loopback=site.loopback)
    talk = Talk(caller or fetcher)
    desk = Desk(site, wallets, Issuers(talk), Counters(talk), resolver or Resolver(fetcher=fetcher), clock)
    app = web.Application(client_max_size=MAX_PICTURE + 1024)
    site.install(app)
    enrolment = Enrolment(desk)
    for part in (
        enrolment,
        CardPages(desk, enrolment),
        Collecting(desk),
        Presenting(desk),
        Showing(desk),
        Signatures(desk),
        History(desk),
        Shell(site),
    ):
        app.router.add_routes(part.routes())

    async def close(_: web.Application) -> None:
        await wallets.close()

    app.on_cleanup.append(close)
    return app
