"""The verifier's database: one SQLite file that all processes of one operator share. Every call opens and closes it.

What is written is on the disk before a call returns (``synchronous=FULL``): a presentation that was accepted stays
accepted after a crash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from did.refusal import StatedRefusal

__all__ = ["LedgerUnavailable", "transaction"]

_SCHEMA = (
    "CREATE TABLE used (key TEXT PRIMARY KEY, keep_until INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX used_keep_until ON used (keep_until)",
    "CREATE TABLE request (challenge TEXT PRIMARY KEY, document TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX request_expires ON request (expires)",
)
_PATIENCE = 10.0
"""Seconds to wait for another process's transaction."""


class LedgerUnavailable(StatedRefusal):
    """The database can't be read or written; the message says why. Nothing may be accepted then."""

    code = "ledger.unavailable"
    title_zh = "核验台账无法使用"
    unusable = True


@contextmanager
def transaction(path: Path, *, write: bool = True) -> Iterator[sqlite3.Connection]:
    """One transaction on the database at ``path``, which is made when it isn't there. Rolled back on an error.

    Only one writing transaction runs at a time. Raises LedgerUnavailable for whatever goes wrong with the database.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            if _version(connection) == 0:
                _make(connection)
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise LedgerUnavailable(str(error)) from None


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process was faster."""
    connection.execute("BEGIN IMMEDIATE")
    if _version(connection) == 0:
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute("PRAGMA user_version=1")
    connection.execute("COMMIT")
