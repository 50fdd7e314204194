"""What a counter asks, in whatever form it came: symbols, text, a request URI (docs/web.md, docs/qr.md)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vc import qr
from vc.cards import Label
from vc.cards.message import Message
from vc.parsing import loads
from vc.problems import Problem, ProblemError
from vc.scenarios import PresentationRequest

from ..consent import read_request
from ..errors import RequestRefused
from .issuers import Offer
from .talking import Talk, TalkError, same_origin

__all__ = ["Answer", "Asked", "Counters", "Scanned"]

_MAX_SCANNED = 60_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and the URL that takes the answer; None when the answer is shown as symbols."""

    request: PresentationRequest
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a counter said of a presentation."""

    verified: bool
    text: Label


Scanned = Asked | Offer


class Counters:
    """Reads requests, and talks to verifiers that have a network."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    async def read(self, text: str) -> Scanned:
        """What was scanned or pasted: a request or an issuer's offer. Raises RequestRefused, TalkError."""
        if len(text) > _MAX_SCANNED:
            raise RequestRefused(Problem("qr.limit", "more text than a request has"))
        # A symbol's text may have spaces anywhere: they are digits of Base45.
        lines = [line for line in text.replace("\r", "").split("\n") if line.strip()]
        text = text.strip()
        if text.startswith(("https://", "http://")):
            return Offer.parse(text) or await self._from_uri(text)
        if not qr.is_payload(text) and not text.startswith("{"):
            raise RequestRefused(Problem("request.form", "this is neither a request nor a link to one"))
        try:
            document = qr.decode(lines) if qr.is_payload(text) else loads(text)
        except ProblemError as error:
            raise RequestRefused(*error.problems) from None
        return Asked(read_request(document))

    async def _from_uri(self, uri: str) -> Asked:
        body = await self._talk.get(uri)
        answers = body.get("answers")
        if not isinstance(body.get("request"), Mapping) or not isinstance(answers, str) or len(answers) > 2000:
            raise TalkError(502, "该链接不是亮证请求", "This link is no request for a presentation")
        if not same_origin(uri, answers):
            raise TalkError(
                502, "该请求要把信息送往另一网站，已拒绝", "The request wants the answer at another site; refused"
            )
        request = read_request(body["request"])
        named = _host(request.domain)
        if named is not None and named != (urlsplit(uri).hostname or ""):
            # A request passed on by somebody else: the answer would count at the place that made it.
            raise TalkError(
                502,
                f"该请求属于另一地址（{named[:80]}），已拒绝",
                f"The request belongs to another address ({named[:80]}); refused",
            )
        return Asked(request, answers)

    async def answer(self, url: str, message: Message) -> Answer:
        """Send an answer to the counter that asked for it. Raises TalkError."""
        body: dict[str, Any] = await self._talk.post(url, message.to_dict())
        verified = body.get("verified")
        if not isinstance(verified, bool):
            raise TalkError(502, "核验方的回答无法读取", "The verifier's answer can't be read")
        zh, en = body.get("zh"), body.get("en")
        fallback = Label("核验通过", "Verified") if verified else Label("核验未通过", "Not verified")
        told = isinstance(zh, str) and isinstance(en, str) and 0 < len(zh) <= 200 and 0 < len(en) <= 200
        return Answer(verified, Label(str(zh), str(en)) if told else fallback)


def _host(domain: str) -> str | None:
    """The host that a domain names, when it is a URL or looks like a host name or address."""
    try:
        host = urlsplit(domain if "://" in domain else f"//{domain}").hostname
    except ValueError:
        return None
    if host is None or "://" in domain:
        return host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if "." in host or host == "localhost" else None
    return host
