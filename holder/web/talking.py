"""JSON over HTTP with issuers and verifiers, under the fetcher's guard. What they answer is untrusted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from did import DidError, FetchRefused
from did.refusal import Refusal
from did.resolution import FetchResponse
from vc.parsing import loads
from vc.problems import ProblemError

__all__ = ["Caller", "Talk", "TalkError", "host_of", "same_origin"]

_MAX_ANSWER = 1024 * 1024
_MAX_TEXT = 300


class Caller(Protocol):
    """What calls a JSON API (``did.fetcher.Fetcher``)."""

    async def call_async(self, url: str, content: bytes | None = None, *, max_bytes: int = ...) -> FetchResponse:
        """GET, or POST of ``content``. Raises DidError."""
        ...


class TalkError(Refusal):
    """The other side said no (``status`` 400 to 499), made no sense (502), or is out of reach (503)."""

    code = "talk.refused"

    def __init__(self, status: int, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.status = status


class Talk:
    """Asks and gets objects."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, url: str) -> dict[str, Any]:
        """The object at a URL. Raises TalkError."""
        return await self._call(url, None)

    async def post(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The object that answers ``body``. Raises TalkError."""
        return await self._call(url, json.dumps(body, ensure_ascii=False).encode())

    async def _call(self, url: str, content: bytes | None) -> dict[str, Any]:
        try:
            answer = await self._caller.call_async(url, content, max_bytes=_MAX_ANSWER)
        except FetchRefused:
            raise TalkError(
                502, "对方地址不可信，已停止连接", "The other side's address can't be trusted; nothing was sent"
            ) from None
        except DidError:
            raise TalkError(
                503, "暂时无法连接对方服务器，请稍后再试", "The other side can't be reached just now. Try again later"
            ) from None
        try:
            body = loads(answer.body) if answer.body else {}
        except ProblemError:
            raise TalkError(502, "对方的回答无法读取", "The other side's answer can't be read") from None
        if answer.status >= 400:
            zh, en = _text(body.get("zh")), _text(body.get("en"))
            raise TalkError(
                answer.status,
                zh or f"对方拒绝了请求（{answer.status}）",
                en or f"The other side refused ({answer.status})",
            )
        return body


def host_of(url: str) -> str:
    """Host and port of a URL, for people; empty for what is none."""
    try:
        parts = urlsplit(url)
        return parts.netloc if parts.username is None and parts.password is None else ""
    except ValueError:
        return ""


def same_origin(url: str, other: str) -> bool:
    """Whether two URLs are of the same scheme, host and port."""
    try:
        one, two = urlsplit(url), urlsplit(other)
        return (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)
    except ValueError:
        return False


def _text(value: object) -> str:
    return value[:_MAX_TEXT] if isinstance(value, str) and value.isprintable() else ""
