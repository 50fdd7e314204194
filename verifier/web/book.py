"""What the counter remembers in the ledger: which desk asked what, and how many checks ended how. No personal data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ..ledger import Ledger, open_ledger

__all__ = ["BEIJING", "CounterBook", "Tallied"]

BEIJING = timezone(timedelta(hours=8))
"""The day of a counter is China's."""

_KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tallied:
    """So many checks of one hour, scenario and result; ``refused`` names the check that refused, or is empty."""

    hour: int
    scenario: str
    result: str
    refused: str
    count: int


class CounterBook:
    """A part of the verifier's ledger, shared by all desks of an operator. Raises LedgerUnavailable when it fails."""

    def __init__(self, ledger: Ledger | str | Path) -> None:
        self._ledger = open_ledger(ledger)

    def asked(self, challenge: str, desk: str, *, now: datetime) -> None:
        """Remember for an hour that ``desk`` asked with this challenge."""
        with self._ledger.transaction() as statements:
            statements.run("DELETE FROM asked WHERE until < ?", (int(now.timestamp()),))
            statements.run(
                "INSERT INTO asked (challenge, desk, until) VALUES (?, ?, ?)"
                " ON CONFLICT (challenge) DO UPDATE SET desk = excluded.desk, until = excluded.until",
                (_digest(challenge), desk, int((now + _KEPT).timestamp())),
            )

    def desk(self, challenge: str) -> str | None:
        """The desk that asked with this challenge."""
        with self._ledger.transaction(write=False) as statements:
            rows = statements.rows("SELECT desk FROM asked WHERE challenge = ?", (_digest(challenge),))
        return str(rows[0][0]) if rows else None

    def count(self, scenario: str, result: str, refused: str, *, now: datetime) -> None:
        """Count one check; days before today are forgotten."""
        local = now.astimezone(BEIJING)
        with self._ledger.transaction() as statements:
            statements.run("DELETE FROM tally WHERE day < ?", (f"{local:%Y-%m-%d}",))
            statements.run(
                "INSERT INTO tally (day, hour, scenario, result, refused, count) VALUES (?, ?, ?, ?, ?, 1)"
                " ON CONFLICT (day, hour, scenario, result, refused) DO UPDATE SET count = tally.count + 1",
                (f"{local:%Y-%m-%d}", local.hour, scenario, result, refused),
            )

    def today(self, now: datetime) -> list[Tallied]:
        """Today's counts, latest hour first."""
        with self._ledger.transaction(write=False) as statements:
            rows = statements.rows(
                "SELECT hour, scenario, result, refused, count FROM tally WHERE day = ?"
                " ORDER BY hour DESC, scenario, result DESC, refused",
                (f"{now.astimezone(BEIJING):%Y-%m-%d}",),
            )
        return [Tallied(*row) for row in rows]


def _digest(challenge: str) -> str:
    return hashlib.sha256(challenge.encode("utf-8", "surrogatepass")).hexdigest()
