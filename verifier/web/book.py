"""What the counter remembers on disk: which desk asked what, and how many checks ended how. No personal data."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from did.private_files import private_database

__all__ = ["BEIJING", "CounterBook", "Tallied"]

BEIJING = timezone(timedelta(hours=8))
"""The day of a counter is China's."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS asked (challenge TEXT PRIMARY KEY, desk TEXT NOT NULL, until INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS tally (day TEXT, hour INTEGER, scenario TEXT, result TEXT, refused TEXT,"
    " count INTEGER NOT NULL, PRIMARY KEY (day, hour, scenario, result, refused))",
)
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
    """The file at ``path``, shared by the processes of one counter. Raises OSError or sqlite3.Error when it fails."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def asked(self, challenge: str, desk: str, *, now: datetime) -> None:
        """Remember for an hour that ``desk`` asked with this challenge."""
        with self._open() as connection:
            connection.execute("DELETE FROM asked WHERE until < ?", (int(now.timestamp()),))
            until = int((now + _KEPT).timestamp())
            connection.execute("REPLACE INTO asked VALUES (?, ?, ?)", (_digest(challenge), desk, until))

    def desk(self, challenge: str) -> str | None:
        """The desk that asked with this challenge."""
        with self._open() as connection:
            row = connection.execute("SELECT desk FROM asked WHERE challenge = ?", (_digest(challenge),)).fetchone()
        return None if row is None else str(row[0])

    def count(self, scenario: str, result: str, refused: str, *, now: datetime) -> None:
        """Count one check; days before today are forgotten."""
        local = now.astimezone(BEIJING)
        with self._open() as connection:
            connection.execute("DELETE FROM tally WHERE day < ?", (f"{local:%Y-%m-%d}",))
            connection.execute(
                "INSERT INTO tally VALUES (?, ?, ?, ?, ?, 1)"
                " ON CONFLICT (day, hour, scenario, result, refused) DO UPDATE SET count = count + 1",
                (f"{local:%Y-%m-%d}", local.hour, scenario, result, refused),
            )

    def today(self, now: datetime) -> list[Tallied]:
        """Today's counts, latest hour first."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT hour, scenario, result, refused, count FROM tally WHERE day = ?"
                " ORDER BY hour DESC, scenario, result DESC, refused",
                (f"{now.astimezone(BEIJING):%Y-%m-%d}",),
            ).fetchall()
        return [Tallied(*row) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_database(self._path)
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            for statement in _SCHEMA:
                connection.execute(statement)
            yield connection


def _digest(challenge: str) -> str:
    return hashlib.sha256(challenge.encode("utf-8", "surrogatepass")).hexdigest()
