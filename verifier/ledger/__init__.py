"""The verifier's ledger: requests, used presentations, today's book and results, shared by all desks of an operator.

One protocol (``protocol.py``), two databases: SQLite in a file beside the counter (``sqlite.py``), PostgreSQL for an
operator whose desks stand on several machines (``postgres.py``). A unique insert is the truth: of several processes
that take the same presentation, one wins, wherever they run. With the ledger out of reach nothing is accepted.
"""

from __future__ import annotations

from pathlib import Path

from .protocol import Ledger, LedgerUnavailable, Statements
from .sqlite import SqliteLedger

__all__ = ["Ledger", "LedgerUnavailable", "SqliteLedger", "Statements", "open_ledger"]

_POSTGRES = ("postgresql://", "postgres://")


def open_ledger(where: Ledger | str | Path) -> Ledger:
    """The ledger at ``where``: the path of an SQLite file, or the URL of a PostgreSQL database. Nothing is opened yet.

    Raises LedgerUnavailable when PostgreSQL is asked for and its client (``liangzheng[postgres]``) is not installed.
    """
    if isinstance(where, str) and where.startswith(_POSTGRES):
        try:
            from .postgres import PostgresLedger
        except ImportError:
            detail = "PostgreSQL needs its client: pip install 'liangzheng[postgres]'"
            raise LedgerUnavailable(detail) from None
        return PostgresLedger.at(where)
    if isinstance(where, str | Path):
        return SqliteLedger.at(where)
    return where
