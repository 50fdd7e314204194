"""What all pages of the counter share: the shell, the verifier, what is remembered, who may see it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from vc.scenarios import PresentationRequest
from vc.workroom import ROOM
from webshell import PageError, Site

from ..counter import Verifier
from ..ledger import LedgerUnavailable
from .book import BEIJING, CounterBook
from .lists import Lists
from .results import DeskKey, Result, Results
from .wording import outcome_of, refusing

__all__ = ["Desk", "clock_time", "out_of_order", "whole_time"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """The shared parts. ``base`` is the application's URL as wallets reach it, ``online`` whether it has a network."""

    site: Site
    verifier: Verifier
    book: CounterBook
    results: Results
    lists: Lists
    clock: Callable[[], datetime]
    base: str
    online: bool
    passcode: str | None

    def key(self, request: web.Request) -> DeskKey:
        """What opens this browser's results: the same for as long as its session lasts."""
        return DeskKey(self.site.session(request).name)

    def name(self, request: web.Request) -> str:
        """Who looks: the public half of ``key``."""
        return self.key(request).name

    def enter(self, request: web.Request) -> None:
        """Leads to the door when this counter has a passcode and this browser did not give it."""
        if self.passcode is not None and self.site.session(request).data.get("entered") is not True:
            if request.method != "GET" or request.headers.get("Accept", "").startswith("application/json"):
                raise PageError(403, "请先输入柜台口令", "Give the counter's passcode first")
            self.site.redirect("/enter")

    def asked(self, request: web.Request) -> PresentationRequest:
        """The request in the path, when this desk made it. Raises PageError 404."""
        challenge = request.match_info["id"]
        try:
            mine = self.book.desk(challenge) == self.name(request)
            found = self.verifier.asked(challenge) if mine else None
        except LedgerUnavailable:
            raise out_of_order() from None
        if found is None:
            raise PageError(
                404,
                "没有这个请求，或不是本柜台发起的，请重新选择场景",
                "There is no such request of this desk. Choose a scenario again",
            )
        return found

    async def judge(self, message: bytes | str | Mapping[str, Any], *, desk: str | None = None) -> Result:
        """Judge an answer, count it, and keep the result for the desk that asked and the one that scanned.

        What a stranger sends that answers no request of a desk is judged, and leaves nothing behind.
        """
        verdict = await self.verifier.verify_async(message, driver=ROOM.drive)
        asked = None
        desks = {desk} if desk is not None else set()
        challenge = verdict.challenge
        try:
            asked = self.verifier.asked(challenge) if challenge is not None else None
            owner = self.book.desk(challenge) if challenge is not None else None
            desks |= {owner} if owner is not None else set()
            if desks:
                scenario = asked.scenario if asked is not None else ""
                self.book.count(scenario, outcome_of(verdict), refusing(verdict), now=self.clock())
        except LedgerUnavailable as error:
            # The verdict stands: it has been entered as used. Only its count is missing.
            _log.error("a check could not be counted: %s", type(error).__name__)
        try:
            return self.results.add(verdict, asked, frozenset(desks))
        except LedgerUnavailable as error:
            _log.error("a result could not be kept: %s", type(error).__name__)
            return self.results.add(verdict, asked, frozenset())


def out_of_order() -> PageError:
    """The database can't be used: nothing may be verified."""
    return PageError(503, "核验记录无法读写，暂停核验", "The records are out of reach: verification is paused")


def clock_time(when: datetime | None) -> str:
    """``16:30:05`` in China's time."""
    return "" if when is None else f"{when.astimezone(BEIJING):%H:%M:%S}"


def whole_time(when: datetime | None) -> str:
    """``2026-10-01 16:30`` in China's time."""
    return "" if when is None else f"{when.astimezone(BEIJING):%Y-%m-%d %H:%M}"
