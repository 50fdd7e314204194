"""The ledger as an SQLite file. One connection is kept for each file and process, in write-ahead mode.

What is written is on the disk before a transaction ends (``synchronous=FULL``): a presentation that was accepted stays
accepted after a crash.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from did.private_files import private_database

from .protocol import SCHEMA, VERSION, LedgerUnavailable, Statements

__all__ = ["SqliteLedger"]

_PATIENCE: Final = 10.0
"""Seconds to wait for another process's transaction."""
_HEADER: Final = b"SQLite format 3\0"


class _Open:
    """The statements of an open transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self._connection.execute(statement, parameters).rowcount

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, parameters).fetchall()


class SqliteLedger:
    """The file at ``path``, made with its folder when it isn't there. Safe to use from several threads."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened = (0, 0, b"")
        self._process = 0

    _known: ClassVar[dict[Path, SqliteLedger]] = {}
    _knowing = threading.Lock()

    @classmethod
    def at(cls, path: str | Path) -> SqliteLedger:
        """The one ledger of this process for the file at ``path``: all that use it share its connection."""
        absolute = Path(path).absolute()
        with cls._knowing:
            return cls._known.setdefault(absolute, cls(absolute))

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Statements]:
        """One transaction. One that writes waits for those of other processes; one that reads waits for nobody."""
        with self._lock:
            try:
                connection = self._current()
                connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                try:
                    yield _Open(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, UnicodeDecodeError) as error:  # What a damaged file says of itself is no text.
                self.close()
                raise self._unavailable(error) from None
            except OSError as error:
                raise self._unavailable(error) from None

    def _unavailable(self, error: Exception) -> LedgerUnavailable:
        return LedgerUnavailable(
            f"{self.path}: {error}. 核验台数据库无法使用，请检查权限与磁盘，或用备份恢复该文件 / "
            "the counter's database can't be used: check permissions and disk, or put back a copy of the file"
        )

    def close(self) -> None:
        """Let go of the file; the next transaction opens it again."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                with suppress(sqlite3.Error):
                    self._connection.close()
            self._connection = None

    def _current(self) -> sqlite3.Connection:
        """The kept connection; a new one when there is none, after a fork, or when another file stands there."""
        found = self._identity()
        if found[2] not in (b"", _HEADER):
            raise OSError(f"{self.path} is no SQLite database")  # Nor does a kept connection repair it when it closes.
        if self._connection is not None and (found != self._opened or self._process != os.getpid()):
            self.close()
        if self._connection is None:
            self._connection = self._open()
            self._opened = self._identity()
            self._process = os.getpid()
        return self._connection

    def _identity(self) -> tuple[int, int, bytes]:
        """Which file stands there, and whether it is still a database: SQLite would go on with what it remembers."""
        try:
            with self.path.open("rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                return status.st_dev, status.st_ino, file.read(16)
        except FileNotFoundError:
            return 0, 0, b""

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_database(self.path)
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous=FULL")
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise sqlite3.DatabaseError(f"the ledger has tables of version {version}; this product knows {VERSION}")
            if version < VERSION:
                connection.execute("BEGIN IMMEDIATE")
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={VERSION:d}")
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead mode. Of several processes that open a new file at once SQLite lets some fail without a
    wait; these try again, for as long as any other transaction is waited for."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
