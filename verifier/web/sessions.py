"""The sessions of the counter's browsers in the ledger: any process on any machine knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..ledger import Ledger, LedgerUnavailable, Statements, open_ledger
from .context import out_of_order

__all__ = ["LedgerSessions"]


class LedgerSessions:
    """A ``webshell.sessions.SessionStore``. It holds digests of names: who reads it can't make cookies of it.

    Raises PageError 503 while the ledger is out of reach: nobody can be told from anybody then.
    """

    def __init__(self, ledger: Ledger | str | Path) -> None:
        self._ledger = open_ledger(ledger)

    def get(self, key: str) -> tuple[str, float, float] | None:
        """What is kept under a key."""
        with self._open(write=False) as statements:
            rows = statements.rows("SELECT text, created, touched FROM session WHERE key = ?", (key,))
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def put(self, key: str, text: str, created: float, touched: float) -> None:
        """Keep."""
        with self._open() as statements:
            statements.run(
                "INSERT INTO session (key, text, created, touched) VALUES (?, ?, ?, ?) ON CONFLICT (key)"
                " DO UPDATE SET text = excluded.text, created = excluded.created, touched = excluded.touched",
                (key, text, created, touched),
            )

    def remove(self, key: str) -> None:
        """Forget."""
        with self._open() as statements:
            statements.run("DELETE FROM session WHERE key = ?", (key,))

    def sweep(self, created_before: float, touched_before: float) -> None:
        """Forget what ended."""
        with self._open() as statements:
            statements.run("DELETE FROM session WHERE created < ? OR touched < ?", (created_before, touched_before))

    @contextmanager
    def _open(self, *, write: bool = True) -> Iterator[Statements]:
        try:
            with self._ledger.transaction(write=write) as statements:
                yield statements
        except LedgerUnavailable:
            raise out_of_order() from None
