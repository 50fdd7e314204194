"""The way in: a new wallet for this browser's key, the PIN, and what to do when either is lost."""

from __future__ import annotations

from aiohttp import web

from webshell import Form

from ..errors import HolderError, WalletExists, WalletMissing
from ..pin import check_new
from .context import Desk
from .device_proof import device_of

__all__ = ["Enrolment"]


class Enrolment:
    """The pages before the PIN."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/start", self.welcome),
            web.post("/start", self.start),
            web.post("/open", self.open),
            web.post("/lock", self.lock),
            web.get("/forgot", self.forgot),
            web.post("/erase", self.erase),
            web.get("/lost", self.lost),
        ]

    def gate(self, request: web.Request) -> web.Response:
        """The start page of who has no opened wallet: the script shows what fits the browser's key."""
        return self._site.render(request, "gate.html")

    async def welcome(self, request: web.Request) -> web.Response:
        """Choosing a PIN for a new wallet."""
        return self._site.render(request, "start.html", problem=None)

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Make the wallet."""
        site, form = self._site, await self._site.form(request)
        site.limit(request, "start", count=10, seconds=600)
        key = device_of(site, request, form, "start")
        pin = form.text("pin", 20)
        try:
            check_new(pin)
        except HolderError as error:
            return site.render(request, "start.html", status=400, problem=self._desk.say(error))
        if pin != form.text("again", 20):
            problem = ("两次输入的密码不一致", "The two PINs are not the same")
            return site.render(request, "start.html", status=400, problem=problem)
        session = site.session(request)
        try:
            name = await self._desk.wallets.create(key, pin)
        except WalletExists:
            session.flash("本机已有卡包，请输入密码", "This device has a wallet already. Enter its PIN", "info")
            site.redirect("/")
        after = session.data.get("next", "/")
        session.sign_in(wallet=name)
        session.flash("卡包已建立，可以领取证照了", "Your wallet is ready. You can collect cards now")
        return site.redirect(after)

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Open the wallet by PIN. Who does not hold the device's key gets no try."""
        site, form = self._site, await self._site.form(request)
        site.limit(request, "open", count=30, seconds=300)
        key = device_of(site, request, form, "open")
        session = site.session(request)
        try:
            name = await self._desk.wallets.open(key, _pin(form))
        except WalletMissing:
            session.flash(
                "服务器上没有本机的卡包，请新建", "The server has no wallet for this device. Make a new one", "info"
            )
            site.redirect("/start")
        except HolderError as error:
            self._desk.flash(request, error)
            site.redirect("/")
        after = session.data.get("next", "/")
        session.sign_in(wallet=name)
        site.redirect(after)

    async def lock(self, request: web.Request) -> web.StreamResponse:
        """Lock the wallet now."""
        session = self._site.session(request)
        await self._desk.wallets.lock(session.data.get("wallet"))
        session.sign_out()
        session.flash("卡包已锁定", "The wallet is locked", "info")
        self._site.redirect("/")

    async def forgot(self, request: web.Request) -> web.Response:
        """What to do without the PIN."""
        return self._site.render(request, "forgot.html")

    async def erase(self, request: web.Request) -> web.StreamResponse:
        """Destroy this device's wallet; the script forgets the key."""
        form = await self._site.form(request)
        key = device_of(self._site, request, form, "erase")
        await self._desk.wallets.erase(key)
        self._site.session(request).sign_out()
        return self._site.render(request, "erased.html")

    async def lost(self, request: web.Request) -> web.Response:
        """What to do when the phone is gone."""
        wallet = self._desk.wallets.get(self._site.session(request).data.get("wallet"))
        issuers: list[str] = []
        if wallet is not None:
            cards = await wallet.run(lambda opened: opened.list())
            issuers = list(dict.fromkeys(card.source.base_url for card in cards if card.source is not None))
        return self._site.render(request, "lost.html", issuers=issuers)


def _pin(form: Form) -> str:
    return form.text("pin", 20)
