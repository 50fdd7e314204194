"""SQLite as the wallet and the keystore use it: private files, whole transactions, several processes at once."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import WalletDamaged

__all__ = ["connect", "transaction"]

_BUSY_SECONDS = 30.0


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file, which is made with mode 0600 when it is not there. One thread at a time may use it.

    Every commit is on the disk when it returns (rollback journal, synchronous FULL); deleted content is overwritten.
    """
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("synchronous = FULL", "secure_delete = ON", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.DatabaseError:
        connection.close()
        raise WalletDamaged(f"{path.name} is not a database", f"{path.name} 不是数据库文件") from None
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A write transaction: all of it or nothing, one writer at a time across processes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
