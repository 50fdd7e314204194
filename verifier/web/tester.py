"""The tester's page: any credential or presentation, every check, every intermediate value, problem details."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from did.serving import body_of
from did.timestamps import read_datetime
from vc.cards import Label
from vc.cards.formats import FORMATS
from vc.checks.expectations import PolicyArguments
from vc.parsing import loads
from vc.problems import ProblemError
from vc.status import StatusChecker
from vc.workroom import ROOM
from webshell import PageError

from ..home import Home
from ..offline import KeptStatusLists
from .context import Desk
from .explaining import MAX_DOCUMENT, Explained, compare, explained
from .wording import OUTCOMES, check_label, detail_label, outcome_of, problem_detail, problem_title, read_checks

__all__ = ["Tester"]

_MAX_BODY = 3 * MAX_DOCUMENT
_SHOWN = 20_000
"""Characters of one value on the page; the JSON to copy has it whole."""

_FORMS: Mapping[str, Label] = {
    "credential": Label("凭证（JSON）", "Credential (JSON)"),
    "presentation": Label("出示（JSON）", "Presentation (JSON)"),
    "message": Label("亮证消息", "Transport message"),
    "qr": Label("二维码内容", "Text of QR symbols"),
    "jwt": Label("JWT 封装", "JWT"),
    "sd-jwt": Label("SD-JWT 封装", "SD-JWT"),
    "cose": Label("COSE 封装", "COSE"),
    "explanation": Label("此前复制的说明", "An explanation copied before"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    document: str
    against: str
    challenge: str
    domain: str
    now: str


class Tester:
    """The page and its one question. Works from what is kept: nothing that was pasted makes it fetch anything."""

    def __init__(self, desk: Desk, home: Home) -> None:
        self._desk = desk
        self._site = desk.site
        self._home = home

    def routes(self) -> list[web.RouteDef]:
        """The routes, to be added to an application."""
        return [web.get("/tester", self.page), web.post("/tester", self.explain)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The empty page."""
        self._desk.enter(request)
        return self._site.render(request, "tester.html", asked=_Asked("", "", "", "", ""), explained=None)

    async def explain(self, request: web.Request) -> web.StreamResponse:
        """Explain what was sent: by a form as a page, by the script (JSON) as a piece of a page."""
        self._desk.enter(request)
        self._site.limit(request, "tester", count=30, seconds=60)
        scripted = request.headers.get("X-CSRF-Token") is not None
        asked = await self._asked(request) if scripted else _of_form((await self._site.form(request)).fields)
        context = await self._answer(request, asked)
        if scripted:
            return self._site.render(request, "tester_result.html", **context)
        return self._site.render(request, "tester.html", asked=asked, explained=context, **context)

    async def _asked(self, request: web.Request) -> _Asked:
        content = await body_of(request, _MAX_BODY)
        try:
            return _of_form(await ROOM.run(lambda: loads(content)))
        except ProblemError:
            raise web.HTTPBadRequest from None

    async def _answer(self, request: web.Request, asked: _Asked) -> dict[str, Any]:
        problems, ours, difference = [], None, None
        compared = bool(asked.against.strip())
        try:
            expectations = self._expectations(asked)
            ours = await ROOM.run(lambda: explained(asked.document, expectations, self._desk.verifier.cards))
            if compared:
                theirs = await ROOM.run(lambda: explained(asked.against, expectations, self._desk.verifier.cards))
                difference = await ROOM.run(lambda: compare(ours, theirs))
        except ProblemError as error:
            problems = list(error.problems)[:50]
        return self._page(ours, problems=problems, compared=compared and not problems, difference=difference)

    def _expectations(self, asked: _Asked) -> PolicyArguments:
        """What the tester expects; keys and lists are those the counter keeps."""
        now = self._desk.clock()
        if asked.now:
            try:
                now = read_datetime(asked.now)
                readable = 1970 <= now.year < 9999
            except ValueError:
                readable = False
            if not readable:
                raise PageError(
                    400,
                    "时间应带时区，如 2026-01-31T08:00:00+08:00",
                    "The time needs a zone, such as 2026-01-31T08:00:00+08:00",
                )
        return {
            "challenge": asked.challenge or None,
            "domain": asked.domain or None,
            "now": now,
            "contexts": self._desk.verifier.contexts,
            "resolver": self._home.resolver(),
            "status": StatusChecker(KeptStatusLists(self._home.path / "status")),
        }

    def _page(
        self, ours: Explained | None, *, problems: list[Any], compared: bool, difference: dict[str, Any] | None
    ) -> dict[str, Any]:
        verdict = ours.verdict if ours is not None else None
        content = dict(ours.content) if ours is not None else None
        if content is None:
            content = {"verdict": {"verified": False, "problemDetails": [problem.to_dict() for problem in problems]}}
        if compared:
            content["difference"] = difference
        proofs = content.get("proofs")
        return {
            "form": _form_label(ours.form) if ours is not None else None,
            "verdict": verdict,
            "outcome": outcome_of(verdict) if verdict is not None else "failed" if problems else "none",
            "checks": read_checks(verdict) if verdict is not None else [],
            "check_label": check_label,
            "detail_label": detail_label,
            "problem_detail": problem_detail,
            "problem_title": problem_title,
            "outcomes": OUTCOMES,
            "problems": problems,
            "warnings": verdict.warnings if verdict is not None else (),
            "contexts": content.get("contexts") or {},
            "values": [_rows(proof) for proof in proofs] if isinstance(proofs, list) else [],
            "compared": compared,
            "difference": difference and {name: _text(value) for name, value in difference.items()},
            "json": _json(content),
        }


def _form_label(form: str) -> Label:
    """What a document was, for people; of a message that is no JSON-LD, its format."""
    known = _FORMS.get(form)
    if known is not None:
        return known
    name = FORMATS[form.rpartition(" ")[2]].label
    return Label(f"亮证消息（{name.zh}）", f"Transport message ({name.en})")


def _of_form(fields: Mapping[str, Any]) -> _Asked:
    def text(name: str, most: int) -> str:
        value = fields.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            raise web.HTTPBadRequest
        return value

    return _Asked(
        document=text("document", 2 * MAX_DOCUMENT),
        against=text("against", 2 * MAX_DOCUMENT),
        challenge=text("challenge", 256).strip(),
        domain=text("domain", 256).strip(),
        now=text("now", 40).strip(),
    )


def _rows(proof: Any) -> list[tuple[str, str]]:
    """The intermediate values of one proof: name and text."""
    if not isinstance(proof, Mapping):
        return [("", _text(proof))]
    return [(str(name), _text(value)) for name, value in proof.items()]


def _text(value: Any) -> str:
    """A value for the page: texts as they are, others as JSON."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        text = "".join(item if item.endswith("\n") else item + "\n" for item in value)
    else:
        text = value if isinstance(value, str) else _json(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n… ({len(text):,})"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
