"""One presentation, one verification: what was accepted once is never accepted again, whichever process asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from .ledger import Ledger, open_ledger

__all__ = ["ReplayGuard", "replay_keys"]

_MARGIN = timedelta(days=1)
"""How long a key is kept beyond the time it is needed, for clocks that are set back."""


class ReplayGuard:
    """Remembers accepted presentations in a ledger that all desks and processes of an operator share.

    ``ledger`` is one, or where it is: the path of an SQLite file, the URL of a PostgreSQL database. Of several calls of
    ``accept`` with a key in common exactly one returns True: the keys are unique in the database.
    """

    def __init__(self, ledger: Ledger | str | Path) -> None:
        self._ledger = open_ledger(ledger)

    def seen(self, keys: Iterable[str]) -> bool:
        """Was one of ``keys`` accepted before? Raises LedgerUnavailable."""
        with self._ledger.transaction(write=False) as statements:
            return any(statements.rows("SELECT 1 FROM used WHERE key = ?", (key,)) for key in keys)

    def accept(self, keys: Iterable[str], *, keep_until: datetime, now: datetime) -> bool:
        """Take all of ``keys`` at once: True for the first taker, False when any of them was taken before.

        They are remembered until ``keep_until`` (when what they stand for has expired anyway), and at least a day
        longer. ``now`` (aware) is the time by which older keys are forgotten. Raises LedgerUnavailable.
        """
        wanted = sorted(set(keys))  # In one order everywhere, so that two takers never wait for each other.
        if not wanted:
            raise ValueError("a presentation without keys can't be told from another")
        until = int(max(keep_until, now).timestamp())
        oldest = int((now - _MARGIN).timestamp())
        try:
            with self._ledger.transaction() as statements:
                for key in wanted:
                    taken = statements.run(
                        "INSERT INTO used (key, keep_until) VALUES (?, ?) ON CONFLICT DO NOTHING", (key, until)
                    )
                    if taken != 1:
                        raise _TakenBefore  # Those that were free stay free.
                statements.run("DELETE FROM used WHERE keep_until < ?", (oldest,))
        except _TakenBefore:
            return False
        return True


class _TakenBefore(Exception):
    """One of the keys is another's."""


def replay_keys(domain: str, challenge: str, signatures: Iterable[tuple[str, str]] = ()) -> list[str]:
    """What makes an answer unique: the challenge in its domain, and each of the device's signatures (kind, value).

    The database learns digests only.
    """
    return [_key("challenge", f"{domain}\n{challenge}"), *(_key(kind, value) for kind, value in signatures)]


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\n{value}".encode("utf-8", "surrogatepass")).hexdigest()
