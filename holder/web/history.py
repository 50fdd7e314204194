"""Usage records, the PIN, and what else belongs to the wallet as a whole."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from did.languages import in_language
from vc.cards import CardSet
from vc.cards.calendar import parse_moment
from vc.scenarios import ScenarioSet

from ..errors import HolderError
from ..texts import EVENTS
from ..usage_log import Entry
from .context import Desk, beijing
from .talking import host_of

__all__ = ["History"]

_MOST = 200


class History:
    """The pages for records and settings."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/log", self.log),
            web.get("/log/export", self.export),
            web.post("/log/erase", self.erase),
            web.get("/more", self.more),
            web.get("/pin", self.pin),
            web.post("/pin", self.change_pin),
        ]

    async def log(self, request: web.Request) -> web.Response:
        """What left the wallet, when and to whom; the newest first."""
        wallet = self._desk.opened(request)
        entries, broken = await wallet.run(lambda opened: (opened.log.entries(), opened.log.check()))
        language = self._site.language(request)
        known = self._desk.wallets
        rows = [_row(entry, language, known.definitions, known.scenarios) for entry in reversed(entries[-_MOST:])]
        return self._site.render(request, "log.html", rows=rows, broken=broken, more=len(entries) > _MOST)

    async def export(self, request: web.Request) -> web.Response:
        """The whole log as a file, which can be checked without the wallet."""
        exported = await self._desk.opened(request).run(lambda opened: opened.log.export())
        return web.Response(
            text=json.dumps(exported, ensure_ascii=False, indent=1),
            content_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="usage-log.json"', "Cache-Control": "no-store"},
        )

    async def erase(self, request: web.Request) -> web.StreamResponse:
        """Erase the log."""
        wallet = self._desk.opened(request)

        async def work() -> str:
            count = await wallet.run(lambda opened: opened.log.erase())
            self._site.session(request).flash(f"已清除 {count} 条记录", f"{count} records erased")
            return "/log"

        await self._site.run_once(request, work)

    async def more(self, request: web.Request) -> web.Response:
        """Settings."""
        wallet = self._desk.opened(request)
        return self._site.render(request, "more.html", did=wallet.did)

    async def pin(self, request: web.Request) -> web.Response:
        """Changing the PIN."""
        self._desk.opened(request)
        return self._site.render(request, "pin.html", problem=None)

    async def change_pin(self, request: web.Request) -> web.StreamResponse:
        """Change it."""
        wallet, form = self._desk.opened(request), await self._site.form(request)
        old, new = form.text("old", 20), form.text("pin", 20)
        if new != form.text("again", 20):
            problem = ("两次输入的新密码不一致", "The two new PINs are not the same")
            return self._site.render(request, "pin.html", status=400, problem=problem)
        try:
            await wallet.run(lambda opened: opened.change_pin(old, new))
        except HolderError as error:
            return self._site.render(request, "pin.html", status=400, problem=self._desk.say(error))
        self._site.session(request).flash("密码已修改", "The PIN has been changed")
        return self._site.redirect("/more")


def _row(entry: Entry, language: str, cards: CardSet, scenarios: ScenarioSet) -> dict[str, Any]:
    """An entry for people."""
    zh, en = EVENTS.get(entry.event, (entry.event, entry.event))
    details = entry.details
    lines: list[str] = []
    if "verifier" in details:
        scenario = scenarios.get(str(details.get("scenario")))
        title = scenario.title.in_language(language) if scenario else str(details.get("scenario"))
        lines.append(f"{details['verifier']['name']} · {title}")
    for card in details.get("cards", ()):
        definition = cards.get(card["type"])
        if definition is not None:
            named = [definition.claims[term].label.in_language(language) for term in card["claims"]]
            colon, comma = in_language("：", ": ", language), in_language("、", ", ", language)
            lines.append(f"{definition.title.in_language(language)}{colon}{comma.join(named)}")
    if "card" in details and (definition := cards.get(details["card"]["type"])) is not None:
        lines.append(definition.title.in_language(language))
    if "domain" in details:
        lines.append(host_of(str(details["domain"])) or str(details["domain"]))
    if "result" in details:
        words = {"verified": ("核验通过", "verified"), "refused": ("核验未通过", "not verified")}
        pair = words.get(str(details["result"]), ("不明", "unknown"))
        lines.append(in_language(*pair, language))
    return {
        "event": entry.event,
        "title": in_language(zh, en[:1].upper() + en[1:], language),
        "when": _when(entry.when),
        "moment": entry.when,
        "lines": lines,
    }


def _when(text: str) -> str:
    """An entry's time for people."""
    moment = parse_moment(text)
    return text if moment is None else beijing(moment)
