"""Wrong passwords, counted by what they come from, the same for names that exist and names that don't.

* From a device that signed in to the account before: by that device. Nobody else's tries concern it.
* From any other: by account and by address. The account bears few of these, and each further one waits longer, so that
  guessing stays hopeless however many addresses it comes from; its owner goes on from a known device meanwhile.

A try is counted before the password is looked at, and taken back when it was right.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .audit import Act
from .errors import RateLimitError
from .guard_tables import SignInTries
from .tables import AuthorityRecord

__all__ = ["Claimed", "SignInLimits"]

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=15), timedelta(hours=4)
_FORGOTTEN = timedelta(days=1)
_OF_ACCOUNT, _OF_ADDRESS = 5, 30


@dataclass(frozen=True, slots=True)
class Claimed:
    """One counted try: the keys it was counted under."""

    keys: tuple[str, ...]
    known: bool


class SignInLimits:
    """Counts tries in the caller's transactions."""

    def claim(self, act: Act, account: str, device: str | None, address: str) -> Claimed:
        """Count a try. Raises RateLimitError (``officer.locked``) while one has to wait; that counts nothing."""
        act.session.execute(delete(SignInTries).where(SignInTries.last_at < act.at - _FORGOTTEN))
        limits = self._limits(act.session, account, device, address)
        rows = [(self._row(act, key), limit) for key, limit in sorted(limits.items())]
        waits = [row.waits_until for row, _ in rows if row.waits_until is not None and row.waits_until > act.at]
        if waits:
            raise _locked((max(waits) - act.at).total_seconds())
        for row, limit in rows:
            row.failures, row.last_at = row.failures + 1, act.at
            over = row.failures - limit
            row.waits_until = act.at + min(_FIRST_WAIT * 2 ** min(over, 8), _LONGEST_WAIT) if over >= 0 else None
        return Claimed(tuple(limits), device is not None)

    def right(self, act: Act, claimed: Claimed) -> None:
        """The password was right: take the try back. What a known device did wrong before is forgotten."""
        for key in sorted(claimed.keys):
            row = self._row(act, key)
            row.failures = 0 if claimed.known else max(0, row.failures - 1)
            row.waits_until = None

    def open(self, session: Session, account: str) -> None:
        """Forget what strangers tried: the account has a new password."""
        [key, _] = self._limits(session, account, None, "")
        session.execute(delete(SignInTries).where(SignInTries.key == key))

    def _limits(self, session: Session, account: str, device: str | None, address: str) -> dict[str, int]:
        pepper = session.execute(select(AuthorityRecord.pepper)).scalar_one()

        def key(*parts: str) -> str:
            message = "\0".join(parts).encode("utf-8", "surrogatepass")
            return hmac.digest(pepper, b"sign-in\0" + message, "sha256").hex()

        if device is not None:
            return {key("device", account, device): _OF_ACCOUNT}
        return {key("account", account): _OF_ACCOUNT, key("address", address): _OF_ADDRESS}

    def _row(self, act: Act, key: str) -> SignInTries:
        insert = postgresql.insert if act.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        act.session.execute(insert(SignInTries).values(key=key, failures=0, last_at=act.at).on_conflict_do_nothing())
        query = select(SignInTries).where(SignInTries.key == key).with_for_update()
        return act.session.scalars(query.execution_options(populate_existing=True)).one()


def _locked(seconds: float) -> RateLimitError:
    minutes = max(1, -(-int(seconds) // 60))
    return RateLimitError(
        "officer.locked",
        f"密码错误次数过多，请 {minutes} 分钟后再试，或使用登录过的设备",
        f"too many tries: wait {minutes} minutes, or use a device that signed in before",
    )
