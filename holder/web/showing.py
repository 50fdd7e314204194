"""What leaves the wallet as symbols: 300 seconds long, refused by the server afterwards.

Also what a holder shows without a request: claims of one card, for somebody to look at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from vc import qr
from vc.cards import Label
from vc.cards.message import Message
from vc.problems import ProblemError
from vc.qr.symbols import draw
from webshell import PageError, card_picture

from ..errors import CardUnknown, PinError
from .context import Desk
from .counters import Answer
from .open_wallets import OpenWallet
from .signing import Signing

__all__ = ["Showing", "Shown", "shown_of"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A presentation on the screen until ``expires``. ``answer`` is what the counter said, when it was sent there.

    ``verifier`` and ``scenario`` are None for what the holder shows without a request.
    """

    symbols: tuple[str, ...] = field(repr=False)
    expires: datetime
    verifier: str | None
    scenario: Label | None
    cards: tuple[tuple[Label, tuple[Label, ...]], ...]
    answer: Answer | None = None
    unsent: tuple[str, str] | None = None


def shown_of(
    message: Message,
    expires: datetime,
    verifier: str | None,
    scenario: Label | None,
    cards: tuple[tuple[Label, tuple[Label, ...]], ...],
    answer: Answer | None = None,
    unsent: tuple[str, str] | None = None,
) -> Shown:
    """A signed message as symbols until it ``expires``, unless a counter answered it already.

    Its portraits go along where they fit into symbols; a counter that compares faces refuses it without them.
    """
    texts = () if answer is not None else _texts(message)
    symbols = tuple(symbol.svg() for symbol in draw(texts)) if texts else ()
    return Shown(symbols, expires, verifier, scenario, cards, answer, unsent)


def _texts(message: Message) -> tuple[str, ...]:
    carried = message.to_dict()
    if message.attachments:
        try:
            return qr.encode(carried)
        except ProblemError:  # more than symbols hold
            del carried["attachments"]
    return qr.encode(carried)


class Showing:
    """The pages with symbols, and the choice of what to show without a request."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/cards/{card}/show", self.choose),
            web.post("/cards/{card}/show", self.show_chosen),
            web.get("/show/{job}", self.show),
            web.get("/show/{job}/{number:[0-9]{1,2}}.svg", self.symbol),
            web.post("/show/{job}/end", self.end),
        ]

    # --- without a request -----------------------------------------------------------------------------------------

    async def choose(self, request: web.Request) -> web.Response:
        """The claims of one card, to choose from."""
        return await self._choice_page(request, self._desk.opened(request))

    async def _choice_page(
        self,
        request: web.Request,
        wallet: OpenWallet,
        *,
        problem: tuple[str, str] | None = None,
        checked: Mapping[str, str] | None = None,
    ) -> web.Response:
        card_id = request.match_info["card"]
        try:
            card, portraits = await wallet.run(lambda opened: (opened.show(card_id), opened.attachments(card_id)))
        except CardUnknown as error:
            raise PageError(404, error.message_zh, error.message) from None
        language = self._site.language(request)
        claims = card.definition.claims
        return self._site.render(
            request,
            "choose.html",
            status=200 if problem is None else 400,
            card=card,
            claims=[claim for claim in card.display(language) if claims[claim.term].disclosure != "M"],
            always=[claim for claim in card.display(language) if claims[claim.term].disclosure == "M"],
            picture=card_picture(
                card.credential, language, portrait=next(iter(portraits.values()), None), cards=card.definitions
            ),
            checked=checked or {},
            problem=problem,
        )

    async def show_chosen(self, request: web.Request) -> web.StreamResponse:
        """The holder chose and gave the PIN. Pressed twice, it is done once."""
        wallet, form = self._desk.opened(request), await self._site.form(request)
        card_id = request.match_info["card"]
        terms = [name[5:] for name in form.fields if name.startswith("show.")]
        pin = form.text("pin", 20)

        async def work() -> str:
            pending = await wallet.run(lambda opened: opened.prepare_shown(card_id, terms, pin=pin))
            card = await wallet.run(lambda opened: opened.show(card_id))
            shown = ((card.title, tuple(card.definition.claims[term].label for term in terms)),)

            async def finish(_: web.Request, signature: bytes) -> str:
                message = pending.complete([signature])
                return f"/show/{wallet.begin(shown_of(message, pending.expires, None, None, shown))}"

            (data,) = pending.data_to_sign
            return f"/sign/{wallet.begin(Signing(data, finish, f'/cards/{card_id}/show'))}"

        try:
            await self._site.run_once(request, work)
        except PinError as error:
            problem = self._desk.say(error)
        except CardUnknown as error:
            raise PageError(404, error.message_zh, error.message) from None
        except ValueError:
            raise PageError(400, "没有这个项目", "The card has no such claim") from None
        return await self._choice_page(request, wallet, problem=problem, checked=form.fields)

    # --- symbols -----------------------------------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """The symbols and their countdown, or what the counter answered."""
        wallet = self._desk.opened(request)
        shown = self._desk.job(request, wallet, Shown)
        if shown.answer is not None:
            return self._site.render(request, "answered.html", shown=shown, answer=shown.answer)
        left = self._left(shown)
        if left <= 0:
            return self._site.render(request, "expired.html", status=410, shown=shown)
        job = request.match_info["job"]
        return self._site.render(request, "show.html", shown=shown, left=left, job=job)

    async def symbol(self, request: web.Request) -> web.Response:
        """One symbol; never after its time."""
        wallet = self._desk.opened(request)
        shown = wallet.job(request.match_info["job"], Shown)
        number = int(request.match_info["number"])
        if shown is None or not 1 <= number <= len(shown.symbols):
            raise web.HTTPNotFound
        if self._left(shown) <= 0:
            raise PageError(410, "此二维码已过期", "This code has expired")
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=shown.symbols[number - 1], content_type="image/svg+xml", headers=headers)

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Done: the presentation is forgotten."""
        self._desk.opened(request).end(request.match_info["job"])
        self._site.redirect("/")

    def _left(self, shown: Shown) -> int:
        return math.floor((shown.expires - self._desk.clock()).total_seconds())
