"""When wrong PINs lock the wallet, as a pure function of the tries so far and the clock.

The fifth wrong try in a row locks for 15 minutes, each further one for twice as long as the one before; after the
tenth no PIN is accepted any more. Whoever holds the device thus has ten guesses among nearly a million, whatever they
do to the clock: turning it back never shortens a wait (the wait begins anew), turning it forward ends a wait but adds
no guess.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

__all__ = ["BLOCKED_AT", "FIRST_WAIT", "LOCKED_AT", "LockState"]

LOCKED_AT = 5
BLOCKED_AT = 10
FIRST_WAIT = timedelta(minutes=15)

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class LockState:
    """``failures`` wrong tries in a row, the last of them (or the last turn back of the clock) at ``since``."""

    failures: int = 0
    since: datetime = _EPOCH

    @property
    def blocked(self) -> bool:
        """No more tries."""
        return self.failures >= BLOCKED_AT

    @property
    def wait(self) -> timedelta:
        """How long the present lock lasts."""
        return FIRST_WAIT * 2 ** (self.failures - LOCKED_AT) if self.failures >= LOCKED_AT else timedelta(0)

    @property
    def tries_left(self) -> int:
        """Tries until the next lock: one while locked, for a right PIN after the wait."""
        return 0 if self.blocked else max(LOCKED_AT - self.failures, 1)

    def locked_until(self, now: datetime) -> datetime | None:
        """The end of the wait, or None when a PIN may be tried. Meaningless once ``blocked``."""
        end = self.since + self.wait
        return end if self.failures >= LOCKED_AT and now < end else None

    def seen_at(self, now: datetime) -> LockState:
        """The state after a look at the clock: a clock that was turned back begins the wait anew."""
        return replace(self, since=now) if now < self.since else self

    def counted(self, now: datetime) -> LockState:
        """The state with one more try counted as wrong."""
        return LockState(self.failures + 1, now)
