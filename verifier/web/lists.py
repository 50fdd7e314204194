"""How old the lists are that the counter works with, network or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vc.cards import Label
from vc.model import Moment, identifier_of, moment
from vc.parsing import Limits, loads
from vc.problems import ProblemError
from vc.status import read_status_list_token

from ..counter import Verifier
from .wording import problem_title

__all__ = ["KeptList", "Lists", "TrustState", "age"]

_MOST = 200
_LIMITS = Limits(size=4 * 1024 * 1024, depth=16, members=200)
_OLD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TrustState:
    """The trust list in use; ``problem`` says why there is none. ``since`` is when it was made."""

    issuers: tuple[tuple[str, str], ...] = ()
    signer: str = ""
    since: datetime | None = None
    until: datetime | None = None
    problem: Label | None = None


@dataclass(frozen=True, slots=True)
class KeptList:
    """A status list that is kept. ``old``: past its dates, or published more than a day ago."""

    id: str
    issuer: str
    purpose: str
    since: datetime | None
    until: datetime | None
    old: bool


@dataclass(frozen=True, slots=True)
class _Read:
    state: tuple[int, int]
    kept: KeptList | None


class Lists:
    """What ``verifier`` has at hand: its trust list, and the status lists in ``folder``."""

    def __init__(self, verifier: Verifier, folder: Path, clock: Callable[[], datetime]) -> None:
        self._verifier = verifier
        self._folder = folder
        self._clock = clock
        self._read: dict[str, _Read] = {}

    def trust(self) -> TrustState:
        """The trust list. Never raises."""
        try:
            found = self._verifier.trust_list()
        except ProblemError as error:
            return TrustState(problem=problem_title(error.code))
        return TrustState(
            issuers=tuple((issuer.name, issuer.did) for issuer in found.issuers),
            signer=found.signer,
            since=_when(found.valid_from),
            until=_when(found.valid_until),
        )

    def statuses(self) -> list[KeptList]:
        """The status lists that are kept, the oldest first. Never raises; what can't be read is left out."""
        try:
            paths = sorted(self._folder.glob("*.json"))[:_MOST]
        except OSError:
            return []
        kept = [found for path in paths if (found := self._one(path)) is not None]
        return sorted(kept, key=lambda item: item.since or datetime.min.replace(tzinfo=UTC))

    def _one(self, path: Path) -> KeptList | None:
        try:
            about = path.stat()
            state = (about.st_mtime_ns, about.st_size)
            known = self._read.get(path.name)
            if known is None or known.state != state:
                known = _Read(state, self._parsed(path))
                self._read = {**dict(list(self._read.items())[-_MOST:]), path.name: known}
        except OSError:
            return None
        if known.kept is None:
            return None
        now, kept = self._clock(), known.kept
        old = kept.since is None or now - kept.since > _OLD or (kept.until is not None and kept.until < now)
        return KeptList(kept.id, kept.issuer, kept.purpose, kept.since, kept.until, old)

    def _parsed(self, path: Path) -> KeptList | None:
        with path.open("rb") as file:
            content = file.read(_LIMITS.size + 1)
        try:
            # A list as JSON begins with a brace; a token, JWT or CWT, can't.
            is_json = content.lstrip().startswith(b"{")
            return _of_credential(loads(content, limits=_LIMITS)) if is_json else _of_token(content)
        except ProblemError:
            return None


def age(since: datetime | None, now: datetime) -> Label:
    """How long ago, in the largest whole unit."""
    if since is None:
        return Label("时间不明", "of unknown age")
    minutes = max(0, math.floor((now - since).total_seconds() / 60))
    if minutes < 60:
        return Label(f"{minutes} 分钟前", f"{minutes} min ago")
    if minutes < 48 * 60:
        return Label(f"{minutes // 60} 小时前", f"{minutes // 60} h ago")
    return Label(f"{minutes // 1440} 天前", f"{minutes // 1440} days ago")


def _of_credential(document: dict[str, Any]) -> KeptList:
    subject = document.get("credentialSubject")
    purpose = subject.get("statusPurpose") if isinstance(subject, dict) else None
    return KeptList(
        id=str(identifier_of(document.get("id")) or "")[:300],
        issuer=str(identifier_of(document.get("issuer")) or "")[:300],
        purpose=purpose[:40] if isinstance(purpose, str) else "",
        since=_stated(document, "validFrom"),
        until=_stated(document, "validUntil"),
        old=False,
    )


def _of_token(content: bytes) -> KeptList:
    """A token status list. Raises ProblemError."""
    token = read_status_list_token(content)
    return KeptList(
        id=token.uri[:300],
        issuer=str(token.issuer or token.kid or "").partition("#")[0][:300],
        purpose="token",
        since=_second(token.issued_at),
        until=None if token.expires is None else _second(token.expires),
        old=False,
    )


def _when(value: Moment) -> datetime | None:
    return _second(value.seconds)


def _second(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _stated(document: dict[str, Any], member: str) -> datetime | None:
    try:
        return _when(moment(document.get(member)))
    except ValueError:
        return None
