"""Getting cards from an issuer, and newer versions of them: the device proves that it holds its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from ..cards import Card
from ..errors import CardRefused, CardUnknown, HolderError
from ..wallet import Wallet
from .context import Desk
from .issuers import Application, CodeAsked, NewCard, Offer, Update
from .open_wallets import OpenWallet
from .signing import Signing
from .talking import TalkError, host_of

__all__ = ["Collecting"]


@dataclass(frozen=True, slots=True)
class _Offered:
    """An offer that the holder looks at."""

    offer: Offer
    application: Application
    code: CodeAsked


@dataclass(frozen=True, slots=True)
class _Taken:
    """What came of taking cards in."""

    added: int
    updated: int
    refused: tuple[CardRefused, ...]


class Collecting:
    """The pages for new cards and updates."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/add", self.ask),
            web.post("/add", self.take_offer),
            web.get("/add/{job}", self.offer),
            web.post("/add/{job}", self.collect),
            web.get("/update", self.ask_update),
            web.post("/update", self.update),
        ]

    # --- new cards -------------------------------------------------------------------------------------------------

    async def ask(self, request: web.Request) -> web.Response:
        """Where the offer is pasted; a link from the issuer's page brings it along."""
        self._desk.opened(request)
        given = Offer.parse(request.query.get("offer", "")[:1000])
        return self._site.render(request, "add.html", offer=given.url if given else "", problem=None)

    async def take_offer(self, request: web.Request) -> web.StreamResponse:
        """Look at an offer."""
        wallet, form = self._desk.opened(request), await self._site.form(request)
        self._site.limit(request, "offer", count=30, seconds=300)
        text = form.text("offer", 1000)
        offer = Offer.parse(text)
        if offer is None:
            problem = ("这不是签发机关的领取链接", "This is no issuer's link for collecting cards")
            return self._site.render(request, "add.html", status=400, offer=text, problem=problem)
        try:
            offered = await self._look(wallet, offer)
        except TalkError as error:
            problem = self._desk.say(error)
            return self._site.render(request, "add.html", status=409, offer=text, problem=problem)
        return self._site.redirect(f"/add/{wallet.begin(offered)}")

    async def _look(self, wallet: OpenWallet, offer: Offer) -> _Offered:
        """What an offer is of, and what this device has to bring. Raises TalkError."""
        application = await self._desk.issuers.application(offer)
        if not application.asks_code:
            return _Offered(offer, application, CodeAsked(needed=False, sent=False))
        return _Offered(offer, application, await self._desk.issuers.ask_code(offer, wallet.did))

    async def offer(self, request: web.Request) -> web.Response:
        """Who offers what, and the PIN."""
        wallet = self._desk.opened(request)
        offered = self._desk.job(request, wallet, _Offered)
        return self._site.render(
            request,
            "offer.html",
            application=offered.application,
            code=offered.code,
            device=wallet.did[-8:],
            host=host_of(offered.offer.base_url),
            job=request.match_info["job"],
        )

    async def collect(self, request: web.Request) -> web.StreamResponse:
        """The PIN was given: have the device prove its key."""
        wallet = self._desk.opened(request)
        name = request.match_info["job"]
        offered = self._desk.job(request, wallet, _Offered)
        form = await self._site.form(request)
        pin, code = form.text("pin", 20), form.text("code", 20).replace(" ", "")
        asked = offered.application.challenge

        async def work() -> str:
            try:
                pending = await wallet.run(
                    lambda opened: opened.prepare_possession(asked.challenge, asked.domain, pin=pin)
                )
            except HolderError as error:
                self._desk.flash(request, error)
                return f"/add/{name}"

            async def finish(signed: web.Request, signature: bytes) -> str:
                proof = pending.complete(signature)
                wallet.end(name)
                return await self._hand_over(signed, wallet, offered, proof, code)

            return f"/sign/{wallet.begin(Signing(pending.data_to_sign, finish, f'/add/{name}'))}"

        await self._site.run_once(request, work)

    async def _hand_over(
        self, request: web.Request, wallet: OpenWallet, offered: _Offered, proof: dict[str, object], code: str
    ) -> str:
        try:
            envelopes = offered.application.envelopes
            cards, refused = await self._desk.issuers.collect(offered.offer, proof, envelopes, code)
        except TalkError as error:
            self._desk.flash(request, error)
            try:
                # The offer is still good: look at it again, with a new challenge.
                return f"/add/{wallet.begin(await self._look(wallet, offered.offer))}"
            except TalkError:
                return "/add"
        taken = await wallet.run(lambda opened: self._take_in(opened, cards))
        self._report(request, taken)
        if refused:
            self._site.session(request).flash(
                f"有 {refused} 种证照签发机关未能签发", f"The issuer could not issue {refused} kinds of card", "bad"
            )
        return "/"

    def _take_in(self, opened: Wallet, cards: Sequence[NewCard]) -> _Taken:
        added = updated = 0
        refused: list[CardRefused] = []
        for card in cards:
            credential, attachments, forms = card.file.credential, card.file.attachments, card.file.forms
            source, resolver = card.source, self._desk.resolver
            try:
                before = opened.previous(credential)
                if before is not None and before.credential == credential:
                    continue
                if before is None:
                    opened.add(credential, attachments, source=source, forms=forms, resolver=resolver)
                    added += 1
                else:
                    opened.update(before.id, credential, attachments, source=source, forms=forms, resolver=resolver)
                    updated += 1
            except CardRefused as error:
                refused.append(error)
        return _Taken(added, updated, tuple(refused))

    def _report(self, request: web.Request, taken: _Taken) -> None:
        session = self._site.session(request)
        if taken.added:
            session.flash(f"已领取 {taken.added} 张证照", f"{taken.added} new cards")
        if taken.updated:
            session.flash(f"已更新 {taken.updated} 张证照", f"{taken.updated} cards updated")
        if not taken.added and not taken.updated and not taken.refused:
            session.flash("没有新的证照", "No new cards", "info")
        for error in taken.refused[:2]:
            self._desk.flash(request, error)

    # --- updates ---------------------------------------------------------------------------------------------------

    async def ask_update(self, request: web.Request) -> web.Response:
        """The cards that can be updated, and the PIN."""
        wallet = self._desk.opened(request)
        cards = await wallet.run(lambda opened: opened.list())
        chosen = request.query.get("card")
        return self._site.render(
            request, "update.html", cards=[card for card in cards if card.source is not None], chosen=chosen
        )

    async def update(self, request: web.Request) -> web.StreamResponse:
        """The PIN was given: ask the issuer of the chosen cards for a challenge, have the device sign it."""
        wallet, form = self._desk.opened(request), await self._site.form(request)
        self._site.limit(request, "update", count=20, seconds=300)
        card_id, pin = form.text("card", 64), form.text("pin", 20)

        async def work() -> str:
            cards = await wallet.run(lambda opened: [card for card in opened.list() if card.source is not None])
            first = next((card for card in cards if card.id == card_id), None)
            if first is None or first.source is None:
                self._desk.flash(request, CardUnknown(card_id))
                return "/update"
            base = first.source.base_url
            same = [card for card in cards if card.source is not None and card.source.base_url == base][:16]
            try:
                asked = await self._desk.issuers.challenge(base, wallet.did)
                pending = await wallet.run(
                    lambda opened: opened.prepare_possession(asked.challenge, asked.domain, pin=pin)
                )
            except (HolderError, TalkError) as error:
                self._desk.flash(request, error)
                return f"/update?card={card_id}" if first else "/update"

            async def finish(signed: web.Request, signature: bytes) -> str:
                proof = pending.complete(signature)
                return await self._updated(signed, wallet, base, same, proof)

            return f"/sign/{wallet.begin(Signing(pending.data_to_sign, finish, '/update'))}"

        await self._site.run_once(request, work)

    async def _updated(
        self, request: web.Request, wallet: OpenWallet, base: str, cards: Sequence[Card], proof: dict[str, object]
    ) -> str:
        references = {card.source.reference: card for card in cards if card.source is not None}
        try:
            updates = await self._desk.issuers.update(base, list(references), proof)
        except TalkError as error:
            self._desk.flash(request, error)
            return "/update"
        new = [update.card for update in updates.values() if update.card is not None]
        self._report(request, await wallet.run(lambda opened: self._take_in(opened, new)))
        for reference, update in updates.items():
            self._note(request, wallet, references[reference], update)
        return "/"

    def _note(self, request: web.Request, wallet: OpenWallet, card: Card, update: Update) -> None:
        told = {
            "suspended": ("已被签发机关暂停", "has been suspended by its issuer"),
            "revoked": ("已被签发机关注销", "has been revoked by its issuer"),
            "refused": ("暂时无法更新", "can't be updated just now"),
        }.get(update.result)
        if update.result in ("suspended", "revoked"):
            wallet.states[card.id] = update.result
        else:
            wallet.states.pop(card.id, None)
        if told is not None:
            zh, en = (f"：{update.reason.zh}", f": {update.reason.en}") if update.reason else ("", "")
            self._site.session(request).flash(f"{card.title.zh}{told[0]}{zh}", f"{card.title.en} {told[1]}{en}", "bad")
