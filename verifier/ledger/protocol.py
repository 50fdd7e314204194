"""What a ledger is: short transactions of portable statements, and the tables they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from did.refusal import StatedRefusal

__all__ = ["SCHEMA", "VERSION", "Ledger", "LedgerUnavailable", "Statements"]

VERSION: Final = 2
"""Version of the tables."""

SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY, keep_until BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS used_keep_until ON used (keep_until)",
    "CREATE TABLE IF NOT EXISTS request (challenge TEXT PRIMARY KEY, document TEXT NOT NULL, expires BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS request_expires ON request (expires)",
    "CREATE TABLE IF NOT EXISTS asked (challenge TEXT PRIMARY KEY, desk TEXT NOT NULL, until BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS tally (day TEXT NOT NULL, hour INTEGER NOT NULL, scenario TEXT NOT NULL,"
    " result TEXT NOT NULL, refused TEXT NOT NULL, count BIGINT NOT NULL,"
    " PRIMARY KEY (day, hour, scenario, result, refused))",
    "CREATE TABLE IF NOT EXISTS result (id TEXT NOT NULL, desk TEXT NOT NULL, challenge TEXT NOT NULL,"
    " verified INTEGER NOT NULL, at BIGINT NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (id, desk))",
    "CREATE INDEX IF NOT EXISTS result_desk ON result (desk, challenge)",
    "CREATE INDEX IF NOT EXISTS result_at ON result (at)",
    "CREATE TABLE IF NOT EXISTS session"
    " (key TEXT PRIMARY KEY, text TEXT NOT NULL, created DOUBLE PRECISION NOT NULL, touched DOUBLE PRECISION NOT NULL)",
)
"""The tables, in SQL that both databases take. No column holds a claim in the clear."""


class LedgerUnavailable(StatedRefusal):
    """The ledger can't be read or written; the message says why. Nothing may be accepted then."""

    code = "ledger.unavailable"
    title_zh = "核验台账无法使用"
    unusable = True


class Statements(Protocol):
    """An open transaction."""

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Execute a statement (``?`` stands for a parameter); returns how many rows it changed."""
        ...

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds."""
        ...


class Ledger(Protocol):
    """A database that processes share."""

    def transaction(self, *, write: bool = True) -> AbstractContextManager[Statements]:
        """One transaction, made durable before the context ends; rolled back on an error inside.

        Raises LedgerUnavailable for whatever goes wrong with the database, within a bounded time.
        """
        ...
