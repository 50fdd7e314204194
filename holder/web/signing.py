"""The step in the browser: its key signs what was prepared, then the preparation is completed here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from did import multibase
from vc.cards.formats import FORMATS
from vc.problems import ProblemError

from .context import Desk
from .device_proof import signature_of

__all__ = ["Signatures", "Signing"]


@dataclass(slots=True)
class Signing:
    """Something that waits for the device key. ``finish`` takes the request that brings the signature, and
    the signature, and returns the path to go to.

    It raises ProblemError for a wrong signature; ``back`` is where that leads.
    """

    data: bytes = field(repr=False)
    finish: Callable[[web.Request, bytes], Awaitable[str]]
    back: str
    done: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def _forms() -> list[int | str]:
    """How what the browser's key signs may look (``CardFormat.device_signs``): lengths, and beginnings in base64url."""
    known = [form for made in FORMATS.usable() for form in made.device_signs]
    return [form if isinstance(form, int) else multibase.encode_base64url(form) for form in known]


class Signatures:
    """The page that has the browser sign, and what takes the signature."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [web.get("/sign/{job}", self.ask), web.post("/sign/{job}", self.take)]

    async def ask(self, request: web.Request) -> web.Response:
        """The page; once signed, it leads on (the browser's back button comes here)."""
        signing = self._desk.job(request, self._desk.opened(request), Signing)
        if signing.done is not None:
            self._desk.site.redirect(signing.done)
        return self._desk.site.render(
            request,
            "sign.html",
            data=multibase.encode_base64url(signing.data),
            forms=json.dumps(_forms()),
            back=signing.back,
        )

    async def take(self, request: web.Request) -> web.StreamResponse:
        """The signature."""
        signing = self._desk.job(request, self._desk.opened(request), Signing)
        form = await self._desk.site.form(request)
        async with signing.lock:
            if signing.done is None:
                try:
                    signing.done = await signing.finish(request, signature_of(form))
                except (ProblemError, ValueError):
                    self._desk.site.session(request).flash(
                        "设备签名无效，未出示任何信息", "The device's signature is not valid; nothing was shown", "bad"
                    )
                    signing.done = signing.back
        self._desk.site.redirect(signing.done)
