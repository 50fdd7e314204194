"""Asking: choose a scenario, show the request as a symbol, wait for the answer, look at the result."""

from __future__ import annotations

import io
import math
from functools import partial
from typing import Any, NoReturn
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from vc import qr
from vc.cards.display import display
from vc.problems import ProblemError
from vc.qr.symbols import draw
from vc.scenarios import PresentationRequest, Variant
from webshell import PageError, api, card_picture

from ..ledger import LedgerUnavailable
from .context import Desk, clock_time, out_of_order, whole_time
from .lists import age
from .results import LIFETIME, Result
from .wording import (
    JSON_LD,
    OUTCOMES,
    cards_asked,
    check_label,
    detail_label,
    envelope_of,
    envelopes,
    outcome_of,
    problem_detail,
    problem_title,
    read_checks,
    refusing,
)

__all__ = ["Asking"]

_CAPACITY = 1852


class Asking:
    """The pages of the person at the counter."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes, to be added to an application."""

        @api
        async def handed(request: web.Request) -> web.StreamResponse:
            return await self.handed(request)

        return [
            web.get("/", self.home),
            web.post("/requests", self.ask),
            web.get("/requests/{id}", self.waiting),
            web.get("/requests/{id}/state", self.state),
            web.get("/results/{id}", self.result),
            web.get("/today", self.today),
            web.get("/lists", self.lists),
            web.get("/api/requests/{id}", handed),
        ]

    async def home(self, request: web.Request) -> web.StreamResponse:
        """Choose a scenario, and the form of the answer."""
        self._desk.enter(request)
        envelope = _known_form(request.query.get("envelope", JSON_LD))
        language = self._site.language(request)
        scenarios = [
            (scenario, self._desk.verifier.entitled(scenario)) for scenario in self._desk.verifier.scenarios.values()
        ]
        return self._site.render(
            request,
            "home.html",
            scenarios=[scenario for scenario, usable in scenarios if usable],
            others=[scenario for scenario, usable in scenarios if not usable],
            asks={scenario.id: cards_asked(scenario, language) for scenario, _ in scenarios},
            place=self._desk.verifier.name,
            envelope=envelope,
            envelopes=envelopes(),
            **self._lists(),
        )

    async def ask(self, request: web.Request) -> NoReturn:
        """Make a request, once for each form."""
        self._desk.enter(request)
        self._site.limit(request, "ask", count=60, seconds=60)
        form = await self._site.form(request)
        scenario = self._desk.verifier.scenarios.get(form.fields.get("scenario", ""))
        wanted = form.fields.get("variant", "min")
        if scenario is None or wanted not in scenario.variants():
            raise PageError(400, "没有这个场景", "There is no such scenario")
        variant: Variant = "law" if wanted == "law" else "min"
        form_of_answer = _known_form(form.fields.get("envelope", JSON_LD))
        envelope = None if form_of_answer == JSON_LD else form_of_answer
        desk = self._desk.name(request)

        async def work() -> str:
            try:
                made = self._desk.verifier.request(scenario.id, variant=variant, envelope=envelope)
                self._desk.book.asked(made.challenge, desk, now=self._desk.clock())
            except ProblemError as error:
                title = problem_title(error.code)
                raise PageError(409, f"不能使用此场景：{title.zh}", f"It can't be used: {title.en}") from None
            except LedgerUnavailable:
                raise out_of_order() from None
            return f"/requests/{made.challenge}"

        await self._site.run_once(request, work)

    async def waiting(self, request: web.Request) -> web.StreamResponse:
        """The request as a symbol, and the ways to take its answer."""
        self._desk.enter(request)
        asked = self._desk.asked(request)
        scenario = self._desk.verifier.scenarios.get(asked.scenario)
        if scenario is None:
            raise PageError(410, "场景已停用", "The scenario is no longer in use")
        state, latest = self._state(request, asked)
        if state == "done" and latest is not None and latest.verdict.verified:
            self._site.redirect(f"/results/{latest.id}")
        uri = f"{self._desk.base}/api/requests/{asked.challenge}"
        offline = [Markup(symbol.svg()) for symbol in draw(qr.encode(asked.to_dict(), capacity=_CAPACITY))]  # noqa: S704
        language = self._site.language(request)
        return self._site.render(
            request,
            "waiting.html",
            asked=asked,
            home=self._home_of(asked),
            envelope=envelope_of(asked),
            envelopes=envelopes(),
            scenario=scenario,
            state="used" if state == "used" else "over" if self._left(asked) <= 0 else "open",
            latest=latest,
            left=self._left(asked),
            total=int((asked.expires - asked.created).total_seconds()),
            until=clock_time(asked.expires),
            uri=uri,
            symbol=_symbol(uri),
            offline=offline,
            cards=[
                (
                    self._desk.verifier.cards[card.type].title.in_language(language),
                    [claim.label.in_language(language) for claim in card.claims],
                )
                for card in asked.cards
                if card.type in self._desk.verifier.cards
            ],
        )

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Whether the answer came: for the page's script, every second."""
        self._desk.enter(request)
        asked = self._desk.asked(request)
        state, latest = self._state(request, asked)
        fresh = latest is not None and latest.id != request.query.get("seen")
        body = {"state": "open" if state == "done" and not fresh else state}
        if fresh and latest is not None:
            body["path"] = self._site.url(f"/results/{latest.id}")
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    async def result(self, request: web.Request) -> web.StreamResponse:
        """The result in one glance, and why."""
        self._desk.enter(request)
        try:
            found = self._desk.results.get(request.match_info["id"], self._desk.key(request))
        except LedgerUnavailable:
            raise out_of_order() from None
        if found is None:
            raise PageError(
                410,
                "结果已清除：核验结果只保留 5 分钟，且只有本柜台能打开",
                "This result is gone: results are kept for five minutes, sealed for the desk that may see them",
            )
        return self._result_page(request, found)

    def _result_page(self, request: web.Request, found: Result) -> web.StreamResponse:
        language = self._site.language(request)
        verdict = found.verdict
        shown = (verdict.document or {}).get("verifiableCredential") if verdict.verified else []
        credentials = [item for item in (shown if isinstance(shown, list) else [shown]) if isinstance(item, dict)]
        portraits = list(verdict.portraits.items())
        pictures = []
        for index, credential in enumerate(credentials):
            mine = (f"/verifiableCredential/{index}/", "/verifiableCredential/credentialSubject")
            portrait = next((content for pointer, content in portraits if pointer.startswith(mine)), None)
            known = self._desk.verifier.cards
            pictures.append((card_picture(credential, language, portrait=portrait, cards=known), credential))
        refused = refusing(verdict)
        used = any(problem.code == "replay.used" for problem in verdict.problems)
        open_still = not used and found.request is not None and not verdict.verified and self._left(found.request) > 0
        seconds = LIFETIME.total_seconds() - (self._desk.clock() - found.at).total_seconds()
        return self._site.render(
            request,
            "result.html",
            verdict=verdict,
            outcome=outcome_of(verdict),
            pictures=pictures,
            checks=read_checks(verdict),
            check_label=check_label,
            detail_label=detail_label,
            problem_detail=problem_detail,
            problem_title=partial(problem_title, verdict=verdict),
            display=display,
            outcomes=OUTCOMES,
            refused=check_label(refused) if refused else None,
            used=used,
            asked=found.request,
            home=self._home_of(found.request),
            envelope=envelope_of(found.request),
            envelopes=envelopes(),
            scenario=self._desk.verifier.scenarios.get(found.request.scenario) if found.request else None,
            retry=f"/requests/{found.request.challenge}" if open_still and found.request else None,
            at=clock_time(found.at),
            left=max(1, int(seconds)),
        )

    async def today(self, request: web.Request) -> web.StreamResponse:
        """Today's counts."""
        self._desk.enter(request)
        try:
            counts = self._desk.book.today(self._desk.clock())
        except LedgerUnavailable:
            raise out_of_order() from None
        scenarios = self._desk.verifier.scenarios
        return self._site.render(
            request,
            "today.html",
            rows=[(row, scenarios.get(row.scenario), check_label(row.refused)) for row in counts],
            totals={kind: sum(row.count for row in counts if row.result == kind) for kind in OUTCOMES},
            outcomes=OUTCOMES,
            day=whole_time(self._desk.clock())[:10],
        )

    async def lists(self, request: web.Request) -> web.StreamResponse:
        """The lists at hand and how old they are."""
        self._desk.enter(request)
        return self._site.render(request, "lists.html", whole_time=whole_time, **self._lists())

    async def handed(self, request: web.Request) -> web.StreamResponse:
        """The request URI (docs/web.md): what a wallet is to answer, and where."""
        self._site.limit(request, "handed", count=120, seconds=60)
        try:
            asked = self._desk.verifier.asked(request.match_info["id"])
            over = asked is not None and (self._left(asked) <= 0 or self._desk.verifier.answered(asked))
        except LedgerUnavailable:
            raise out_of_order() from None
        if asked is None:
            raise PageError(404, "没有这个请求", "There is no such request")
        if over:
            raise PageError(410, "请求已过期或已答复", "The request has expired or was answered")
        body = {"request": asked.to_dict(), "answers": f"{self._desk.base}/api/answers"}
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    def _home_of(self, asked: PresentationRequest | None) -> str:
        """Where the next scenario is chosen, in the form of answer that this request asks for."""
        home, envelope = self._site.url("/"), envelope_of(asked)
        return home if envelope == JSON_LD else f"{home}?{urlencode({'envelope': envelope})}"

    def _lists(self) -> dict[str, Any]:
        trust, statuses, now = self._desk.lists.trust(), self._desk.lists.statuses(), self._desk.clock()
        return {"trust": trust, "statuses": statuses, "online": self._desk.online, "age": lambda since: age(since, now)}

    def _state(self, request: web.Request, asked: PresentationRequest) -> tuple[str, Result | None]:
        try:
            results = self._desk.results.of(asked.challenge, self._desk.key(request))
            if results:
                return "done", results[-1]
            if self._desk.verifier.answered(asked):
                return "used", None
        except LedgerUnavailable:
            raise out_of_order() from None
        return ("over" if self._left(asked) <= 0 else "open"), None

    def _left(self, asked: PresentationRequest) -> int:
        return math.ceil((asked.expires - self._desk.clock()).total_seconds())


def _known_form(name: str) -> str:
    known = envelopes()
    if name not in known:
        titles = list(known.values())
        raise PageError(
            400,
            f"没有这种应答形式，请选择 {' 或 '.join(title.zh for title in titles)}",
            f"There is no such form of answer. Choose {' or '.join(title.en for title in titles)}",
        )
    return name


def _symbol(text: str) -> Markup:
    import segno

    out = io.BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(out, kind="svg", xmldecl=False, omitsize=True, nl=False, border=3)
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here
