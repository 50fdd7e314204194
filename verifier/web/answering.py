"""Taking answers: from a phone over HTTP, from a scanner or a paste, from a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from did.serving import body_of
from vc import qr
from vc.cards.message import MAX_MESSAGE
from vc.problems import ProblemError
from vc.qr.pictures import MAX_PICTURE, read_symbols
from vc.verdict import Outcome
from vc.workroom import ROOM
from webshell import PageError, api

from .context import Desk
from .results import Result
from .wording import outcome_of, problem_title

__all__ = ["Answering"]


class Answering:
    """The ways in. Whatever comes is untrusted; the verdict says what it is worth."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._site = desk.site

    def routes(self) -> list[web.RouteDef]:
        """The routes, to be added to an application."""

        @api
        async def sent(request: web.Request) -> web.StreamResponse:
            return await self.sent(request)

        return [
            web.get("/scan", self.scan),
            web.post("/answers", self.taken),
            web.post("/pictures", self.picture),
            web.post("/api/answers", sent),
        ]

    async def scan(self, request: web.Request) -> web.StreamResponse:
        """Take an answer to any request of this counter."""
        self._desk.enter(request)
        return self._site.render(request, "scan.html")

    async def taken(self, request: web.Request) -> web.StreamResponse:
        """An answer that was scanned or pasted: by a form (64 KiB), or by the page's script as the body's text."""
        self._desk.enter(request)
        self._site.limit(request, "answers", count=120, seconds=60)
        desk = self._desk.name(request)
        if request.headers.get("X-CSRF-Token") is not None:
            result = await self._read(_text(await self._body(request)), desk)
            return web.json_response({"path": self._site.url(f"/results/{result.id}")})
        text = (await self._site.form(request)).fields.get("text", "")

        async def work() -> str:
            return f"/results/{(await self._read(text, desk)).id}"

        return await self._site.run_once(request, work)

    async def _read(self, text: str, desk: str) -> Result:
        # Not stripped: a space may be the last digit of a symbol's Base45.
        lines = [line for line in text.replace("\r", "").split("\n") if line.strip()]
        if not lines:
            raise PageError(400, "没有可核验的内容", "There is nothing to verify")
        message: str | Mapping[str, Any] = text
        if qr.is_payload(lines[0]):
            try:
                message = await ROOM.run(lambda: qr.decode(lines))
            except ProblemError as error:
                raise _unusable(error) from None
        elif not text.lstrip().startswith("{"):
            raise PageError(
                400,
                "这不是亮证内容：请扫描钱包显示的二维码，或粘贴亮证消息",
                "This is no presentation: scan the wallet's symbols, or paste its message",
            )
        return await self._desk.judge(message, desk=desk)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """The texts of the symbols in a picture or a camera's frame."""
        self._desk.enter(request)
        # A camera sends three frames a second.
        self._site.limit(request, "pictures", count=300, seconds=60)
        if request.headers.get("X-CSRF-Token") is None:
            raise web.HTTPBadRequest
        content = await self._body(request)
        try:
            texts = await ROOM.run(lambda: read_symbols(content))
        except ProblemError as error:
            raise _unusable(error) from None
        except ImportError:
            raise PageError(
                501, "本机未安装识读组件（zxing-cpp）", "The reader (zxing-cpp) is not installed here"
            ) from None
        return web.json_response({"texts": texts})

    async def sent(self, request: web.Request) -> web.StreamResponse:
        """A wallet's answer over HTTP (docs/web.md). It learns the result, not what the counter sees."""
        self._site.limit(request, "sent", count=60, seconds=60)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        content = await self._body(request, most=MAX_MESSAGE)
        result = await self._desk.judge(content)
        verdict = result.verdict
        first = verdict.checks[0]
        if first.name == "parse" and first.outcome is Outcome.FAILED:
            problem = verdict.problems[0]
            title = problem_title(problem.code)
            body = {"status": 400, "code": problem.code, "title": title.en, "zh": title.zh, "en": title.en}
            return web.json_response(body, status=400, headers=_NOT_KEPT)
        if verdict.verified:
            told: dict[str, Any] = {"verified": True, "zh": "核验通过", "en": "Verified"}
        else:
            codes = list(dict.fromkeys(problem.code for problem in verdict.problems))[:8]
            zh, en = ("无法判定，按未通过处理", "Could not be decided: not verified")
            if outcome_of(verdict) == "failed" and codes:
                title = problem_title(codes[0], verdict)
                zh, en = f"核验未通过：{title.zh}", f"Not verified: {title.en}"
            told = {"verified": False, "zh": zh, "en": en, "codes": codes}
        return web.json_response(told, headers=_NOT_KEPT)

    async def _body(self, request: web.Request, most: int = MAX_PICTURE) -> bytes:
        too_large = PageError(
            413, f"提交内容过大（上限 {most // 1024 // 1024} MB）", f"Too large: {most // 1024 // 1024} MB at most"
        )
        try:
            return await body_of(request, most)
        except web.HTTPRequestEntityTooLarge:
            raise too_large from None


_NOT_KEPT = {"Cache-Control": "no-store"}


def _text(content: bytes) -> str:
    if len(content) > MAX_MESSAGE:
        raise PageError(413, "亮证消息过大（上限 2 MB）", "A message has 2 MB at most")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise PageError(400, "内容不是 UTF-8 文本", "This is not UTF-8 text") from None


def _unusable(error: ProblemError) -> PageError:
    title = problem_title(error.code)
    return PageError(400, title.zh, title.en)
