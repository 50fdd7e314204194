"""What the pages share: the site, the wallets on this server, whom they talk to, and how errors are said to people."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NoReturn, TypeVar

from aiohttp import web

from did import Resolver
from did.refusal import Refusal
from vc.problems import PROBLEMS, Problem, ProblemError
from webshell import Site

from ..errors import PinBlocked, PinLocked, PinWrong, RequestRefused
from .counters import Counters
from .issuers import Issuers
from .open_wallets import OpenWallet, OpenWallets

__all__ = ["Desk", "beijing"]

_T = TypeVar("_T")

_BEIJING = timezone(timedelta(hours=8))
_KEEPS = ("/add", "/scan")
"""Pages that a link from outside leads to, and to which one comes back after the PIN."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Shared by all pages."""

    site: Site
    wallets: OpenWallets
    issuers: Issuers
    counters: Counters
    resolver: Resolver
    clock: Callable[[], datetime]

    def opened(self, request: web.Request) -> OpenWallet:
        """The visitor's opened wallet; without one, leads to the PIN."""
        session = self.site.session(request)
        found = self.wallets.get(session.data.get("wallet"))
        if found is not None:
            return found
        path = request.path[len(self.site.root) :]
        if request.method == "GET" and path in _KEEPS and len(request.query_string) < 2000:
            session.data["next"] = path + (f"?{request.query_string}" if request.query_string else "")
        if "wallet" in session.data:
            session.data.pop("wallet")
            session.flash("卡包已自动锁定，请输入密码", "The wallet has locked itself. Enter your PIN", "info")
        return self.site.redirect("/")

    def job(self, request: web.Request, wallet: OpenWallet, kind: type[_T]) -> _T:
        """What is going on under the name in the path; leads to the start when it is over."""
        found = wallet.job(request.match_info["job"], kind)
        if found is None:
            self.gone(request)
        return found

    def gone(self, request: web.Request) -> NoReturn:
        """Leads to the start: what was going on is over."""
        self.site.session(request).flash(
            "这一步已结束或已过期，请重新开始", "This step is over or has expired. Please start again", "info"
        )
        self.site.redirect("/")

    def flash(self, request: web.Request, error: Refusal) -> None:
        """Say on the next page what was refused."""
        self.site.session(request).flash(*self.say(error), "bad")

    def say(self, error: Refusal) -> tuple[str, str]:
        """What was refused, in both languages."""
        if isinstance(error, RequestRefused | ProblemError):
            return _problems(error.problems)
        if isinstance(error, PinWrong | PinLocked) and error.locked_until is not None:
            return self._locked(error.locked_until)
        if isinstance(error, PinWrong):
            left = error.tries_left
            return f"密码错误，还可尝试 {left} 次", f"Wrong PIN. {left} more {'try' if left == 1 else 'tries'}"
        if isinstance(error, PinBlocked):
            return (
                "密码错误次数过多，此卡包已停用。请在“忘记密码”中清除后重新开始，并向签发机关重新申领",
                "Too many wrong PINs: this wallet is blocked. Erase it under “Forgot your PIN?” and apply anew",
            )
        return error.zh, error.en[:1].upper() + error.en[1:]

    def _locked(self, until: datetime) -> tuple[str, str]:
        minutes = max(1, math.ceil((until - self.clock()).total_seconds() / 60))
        when = beijing(until)[11:]
        return (
            f"密码错误次数过多，请 {minutes} 分钟后（{when}）再试",
            f"Too many wrong PINs. Try again in {minutes} minutes ({when} Beijing time)",
        )


def beijing(moment: datetime) -> str:
    """A moment for people: ``2026-10-01 16:30`` in China's time."""
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M")


def _problems(problems: Sequence[Problem]) -> tuple[str, str]:
    kinds = [PROBLEMS[code] for code in dict.fromkeys(problem.code for problem in problems)][:3]
    return "；".join(kind.title_zh for kind in kinds), "; ".join(kind.title for kind in kinds)
