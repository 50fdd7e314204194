"""The cards: as cards, in words, removed."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from webshell import CardPicture, PageError, card_picture

from ..cards import Card
from ..errors import CardUnknown
from ..wallet import Wallet
from .context import Desk, beijing
from .enrolment import Enrolment
from .open_wallets import OpenWallet

__all__ = ["CardPages"]


class CardPages:
    """The start page and a page for each card."""

    def __init__(self, desk: Desk, enrolment: Enrolment) -> None:
        self._desk = desk
        self._enrolment = enrolment

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/", self.cards),
            web.get("/cards/{card}", self.card),
            web.post("/cards/{card}/remove", self.remove),
        ]

    async def cards(self, request: web.Request) -> web.Response:
        """All cards; who has not opened a wallet gets the way in."""
        site = self._desk.site
        wallet = self._desk.wallets.get(site.session(request).data.get("wallet"))
        if wallet is None:
            if site.session(request).data.pop("wallet", None) is not None:
                site.session(request).flash("卡包已自动锁定", "The wallet has locked itself", "info")
            return self._enrolment.gate(request)
        language = site.language(request)
        kept = await wallet.run(lambda opened: [(card, _portrait(opened, card)) for card in opened.list()])
        shown = [(card, self._picture(wallet, card, portrait, language)) for card, portrait in kept]
        return site.render(request, "cards.html", cards=shown)

    async def card(self, request: web.Request) -> web.Response:
        """One card, front and back, and every claim in words."""
        site, wallet = self._desk.site, self._desk.opened(request)
        card_id = request.match_info["card"]
        try:
            card, portrait = await wallet.run(lambda opened: (opened.show(card_id), _portrait(opened, card_id)))
        except CardUnknown:
            raise _unknown() from None
        language = site.language(request)
        return site.render(
            request,
            "card_page.html",
            card=card,
            picture=self._picture(wallet, card, portrait, language),
            claims=[claim for claim in card.display(language) if claim.term != "portrait"],
            until=beijing(card.valid_until)[:10] if card.valid_until else None,
            state=self._state(wallet, card),
        )

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Take a card out."""
        wallet, card_id = self._desk.opened(request), request.match_info["card"]

        async def work() -> str:
            try:
                await wallet.run(lambda opened: opened.remove(card_id))
            except CardUnknown:
                raise _unknown() from None
            self._desk.site.session(request).flash("已移除", "Removed")
            return "/"

        await self._desk.site.run_once(request, work)

    def _state(self, wallet: OpenWallet, card: Card) -> str | None:
        told = wallet.states.get(card.id)
        return told or (None if card.valid_at(self._desk.clock()) else "expired")

    def _picture(self, wallet: OpenWallet, card: Card, portrait: bytes | None, language: str) -> CardPicture | None:
        return card_picture(
            card.credential, language, portrait=portrait, state=self._state(wallet, card), cards=card.definitions
        )


def _portrait(opened: Wallet, card: Card | str) -> bytes | None:
    pictures: Iterable[bytes] = opened.attachments(card if isinstance(card, str) else card.id).values()
    return next(iter(pictures), None)


def _unknown() -> PageError:
    return PageError(404, "卡包中没有这张证照", "There is no such card in the wallet")
