"""Presenting: a counter's request, exactly what would leave, consent and PIN, the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from vc.cards import Label
from vc.cards.message import Message
from vc.problems import ProblemError
from vc.qr.pictures import MAX_PICTURE, read_symbols
from webshell import Form, card_picture

from ..cards import Card
from ..consent import Consent, DisclosedCard, Disclosure
from ..errors import ConsentRefused, HolderError, PinError, RequestRefused
from ..texts import unvouched
from .context import Desk
from .counters import Asked
from .issuers import Offer
from .open_wallets import OpenWallet
from .showing import shown_of
from .signing import Signing
from .talking import TalkError, host_of

__all__ = ["Presenting"]


@dataclass(slots=True)
class _Considering:
    """A request that the holder looks at; ``done`` is where its signature is made, once consent and PIN were given."""

    asked: Asked
    done: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Presenting:
    """The pages from a request to its symbols."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/scan", self.scan),
            web.post("/scan", self.scanned),
            web.post("/pictures", self.picture),
            web.get("/consent/{job}", self.consider),
            web.post("/consent/{job}", self.agree),
            web.post("/consent/{job}/decline", self.decline),
        ]

    # --- the request -----------------------------------------------------------------------------------------------

    async def scan(self, request: web.Request) -> web.Response:
        """Camera, picture or text; a link brings the request's address along."""
        self._desk.opened(request)
        given = request.query.get("request", "")[:2000]
        return self._site.render(request, "scan.html", text=given, problem=None, details=())

    async def scanned(self, request: web.Request) -> web.StreamResponse:
        """What was scanned or pasted."""
        wallet, form = self._desk.opened(request), await self._site.form(request)
        self._site.limit(request, "scan", count=60, seconds=300)
        text = form.fields.get("text", "")
        try:
            read = await self._desk.counters.read(text)
            if isinstance(read, Offer):
                self._site.redirect(f"/add?offer={read.url}")
            await wallet.run(lambda opened: opened.consider(read.request))
        except (RequestRefused, TalkError) as error:
            return self._refused(request, error, text)
        return self._site.redirect(f"/consent/{wallet.begin(_Considering(read))}")

    def _refused(self, request: web.Request, error: RequestRefused | TalkError, text: str) -> web.Response:
        status = error.status if isinstance(error, TalkError) else 400
        details = error.problems if isinstance(error, RequestRefused) else ()
        problem = self._desk.say(error)
        short = text if len(text) <= 4000 else ""
        return self._site.render(
            request, "scan.html", status=status if status < 500 else 409, text=short, problem=problem, details=details
        )

    async def picture(self, request: web.Request) -> web.Response:
        """The texts of the symbols in an uploaded picture, for the script of the scanning page."""
        self._desk.opened(request)
        self._site.limit(request, "picture", count=120, seconds=300)
        if (request.content_length or 0) > MAX_PICTURE:
            raise web.HTTPRequestEntityTooLarge(MAX_PICTURE, request.content_length or 0)
        data = await request.read()
        try:
            texts = await self._desk.wallets.aside(lambda: read_symbols(data))
        except ProblemError as error:
            zh, en = self._desk.say(error)
            return web.json_response({"zh": zh, "en": en}, status=400)
        return web.json_response({"texts": texts}, headers={"Cache-Control": "no-store"})

    # --- consent ---------------------------------------------------------------------------------------------------

    async def consider(self, request: web.Request) -> web.Response:
        """Exactly what would leave."""
        wallet = self._desk.opened(request)
        considering = self._desk.job(request, wallet, _Considering)
        if considering.done is not None:
            self._site.redirect(considering.done)
        return await self._consent_page(request, wallet, considering.asked, _choice(request.query))

    async def _consent_page(
        self,
        request: web.Request,
        wallet: OpenWallet,
        asked: Asked,
        choose: Mapping[str, str],
        *,
        problem: tuple[str, str] | None = None,
        form: Form | None = None,
    ) -> web.Response:
        try:
            disclosure, cards, portraits = await wallet.run(
                lambda opened: (
                    (found := opened.consider(asked.request, choose=choose)),
                    opened.list(),
                    {card.card.id: next(iter(opened.attachments(card.card.id).values()), None) for card in found.cards},
                )
            )
        except RequestRefused as error:
            wallet.end(request.match_info["job"])
            return self._refused(request, error, "")
        language = self._site.language(request)
        now = self._desk.clock()
        return self._site.render(
            request,
            "consent.html",
            status=200 if problem is None else 400,
            disclosure=disclosure,
            answers=host_of(asked.answers) if asked.answers else None,
            alternatives=_alternatives(disclosure, cards, now),
            pictures={
                card.place: card_picture(
                    card.card.credential,
                    language,
                    portrait=portraits[card.card.id],
                    cards=card.card.definitions,
                )
                for card in disclosure.cards
            },
            choose=choose,
            checked=form.fields if form is not None else {},
            problem=problem,
            job=request.match_info["job"],
            notice=disclosure.scenario.notice,
            unvouched=unvouched(disclosure),
        )

    async def agree(self, request: web.Request) -> web.StreamResponse:
        """The holder agreed and gave the PIN: derive, and have the device sign. However often it is pressed: once."""
        wallet = self._desk.opened(request)
        considering = self._desk.job(request, wallet, _Considering)
        form = await self._site.form(request)
        async with considering.lock:
            if considering.done is None:
                problem = await self._prepare(request, wallet, considering, form)
                if problem is not None:
                    choose = _choice(form.fields)
                    return await self._consent_page(
                        request, wallet, considering.asked, choose, problem=problem, form=form
                    )
        return self._site.redirect(considering.done or "/")

    async def _prepare(
        self, request: web.Request, wallet: OpenWallet, considering: _Considering, form: Form
    ) -> tuple[str, str] | None:
        """Prepare the answer and set where it is signed; or say why the consent is not enough yet."""
        asked, name, choose = considering.asked, request.match_info["job"], _choice(form.fields)
        seen: list[Disclosure] = []

        def answer(disclosure: Disclosure) -> Consent:
            seen.append(disclosure)
            missing = _missing(disclosure, form)
            if missing:
                raise _NotTicked(missing)
            return Consent(True, _left_out(disclosure, form))

        try:
            pending = await wallet.run(
                lambda opened: opened.prepare(asked.request, answer, pin=form.text("pin", 20), choose=choose)
            )
        except _NotTicked as error:
            return (
                f"以下敏感信息需逐项同意：{error.zh}。不同意请选择“不出示”",
                f"These sensitive claims need your consent one by one: {error.en}. Otherwise choose “Don't show”",
            )
        except ConsentRefused:
            return "没有选择要出示的内容", "Nothing was chosen to be shown"
        except PinError as error:
            return self._desk.say(error)
        except HolderError as error:
            wallet.end(name)
            self._desk.flash(request, error)
            self._site.redirect("/scan")
        shown = _summary(seen[-1], _left_out(seen[-1], form))

        async def complete(signatures: list[bytes]) -> str:
            message = pending.complete(signatures)
            wallet.end(name)
            return await self._present(wallet, asked, seen[-1], shown, message, pending.expires)

        considering.done = _signing(wallet, pending.data_to_sign, [], complete)
        return None

    async def decline(self, request: web.Request) -> web.StreamResponse:
        """The holder does not agree: nothing leaves, and the log says so."""
        wallet = self._desk.opened(request)
        name = request.match_info["job"]
        considering = wallet.job(name, _Considering)
        if considering is not None:
            wallet.end(name)
            asked = considering.asked.request
            with suppress(HolderError):
                await wallet.run(lambda opened: opened.prepare(asked, lambda _: False, pin=""))
            self._site.session(request).flash("未出示任何信息", "Nothing was shown", "info")
        self._site.redirect("/")

    # --- what leaves -----------------------------------------------------------------------------------------------

    async def _present(
        self,
        wallet: OpenWallet,
        asked: Asked,
        disclosure: Disclosure,
        cards: tuple[tuple[Label, tuple[Label, ...]], ...],
        message: Message,
        expires: datetime,
    ) -> str:
        answer, unsent = None, None
        if asked.answers is not None:
            try:
                answer = await self._desk.counters.answer(asked.answers, message)
            except TalkError as error:
                unsent = self._desk.say(error)
            else:
                result = "verified" if answer.verified else "refused"
                await wallet.run(lambda opened: opened.record_result(asked.request.challenge, result))
        name, title = disclosure.request.verifier_name, disclosure.scenario.title
        return f"/show/{wallet.begin(shown_of(message, expires, name, title, cards, answer, unsent))}"


def _signing(
    wallet: OpenWallet,
    data: tuple[bytes, ...],
    given: list[bytes],
    complete: Callable[[list[bytes]], Awaitable[str]],
) -> str:
    """Where the browser signs the next of ``data``, of which ``given`` are signed: in some formats each card."""

    async def finish(_: web.Request, signature: bytes) -> str:
        signatures = [*given, signature]
        if len(signatures) < len(data):
            return _signing(wallet, data, signatures, complete)
        return await complete(signatures)

    return f"/sign/{wallet.begin(Signing(data[len(given)], finish, '/scan'))}"


class _NotTicked(Exception):
    """Sensitive claims that were not agreed to."""

    def __init__(self, labels: list[Label]) -> None:
        self.zh = "、".join(label.zh for label in labels)
        self.en = ", ".join(label.en for label in labels)
        super().__init__(self.en)


def _choice(fields: Mapping[str, str]) -> dict[str, str]:
    """place -> card, from fields like ``card.spouse=1f0c``."""
    found = {name[5:]: value for name, value in fields.items() if name.startswith("card.") and value}
    return {place: card for place, card in list(found.items())[:8] if len(place) <= 64 and len(card) <= 64}


def _left_out(disclosure: Disclosure, form: Form) -> frozenset[str]:
    """What the holder may leave out and did not tick."""
    cards = {card.place for card in disclosure.cards if card.optional and f"show.{card.place}" not in form.fields}
    claims = {
        f"{card.place}/{claim.term}"
        for card in disclosure.cards
        for claim in card.claims
        if claim.optional and f"show.{card.place}/{claim.term}" not in form.fields
    }
    return frozenset(cards | claims)


def _missing(disclosure: Disclosure, form: Form) -> list[Label]:
    """The sensitive claims that would leave and were not agreed to one by one."""
    without = _left_out(disclosure, form)
    return [
        claim.label
        for card, claim in disclosure.sensitive
        if card.place not in without and not claim.optional and f"show.{card.place}/{claim.term}" not in form.fields
    ]


def _summary(disclosure: Disclosure, without: frozenset[str]) -> tuple[tuple[Label, tuple[Label, ...]], ...]:
    """What was shown: titles of cards and labels of claims."""
    return tuple(
        (card.card.title, tuple(claim.label for claim in claims))
        for card, claims in Consent(True, without).apply(disclosure)
    )


def _alternatives(disclosure: Disclosure, cards: list[Card], now: datetime) -> dict[str, list[Card]]:
    """place -> the other cards of the kind, where there are any."""

    name = disclosure.request.format.name
    able = [card for card in cards if card.valid_at(now) and card.held_as(name) is not None]

    def of_kind(shown: DisclosedCard) -> list[Card]:
        return [card for card in able if card.type == shown.card.type]

    return {card.place: found for card in disclosure.cards if len(found := of_kind(card)) > 1}
