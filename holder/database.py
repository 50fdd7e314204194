"""SQLite as the wallet and the keystore use it: private files, whole transactions, several processes at once.

Whatever SQLite says against a file is said as an error of the wallet: damaged (it is not what was written), or not to
be used now (permissions, a full disk, another process that won't let go).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from did.private_files import PrivateFileError, private_database

from .errors import WalletDamaged, WalletUnusable

__all__ = ["connect", "damaged", "transaction"]

_BUSY_SECONDS = 30.0
_UNUSABLE = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
     sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
)  # fmt: skip
_T = TypeVar("_T")


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file, which is made with mode 0600 when it is not there. One thread at a time may use it.

    Every commit is on the disk when it returns (rollback journal, synchronous FULL); deleted content is overwritten.
    What goes wrong now or later is WalletDamaged or WalletUnusable.
    """
    try:
        private_database(path)
    except PrivateFileError as error:
        raise WalletUnusable(error.en, error.zh) from None
    except OSError as error:
        raise _unusable(path.name, error.strerror or "") from None
    connection: _Connection | None = None
    try:
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        connection.file = path.name
        for pragma in ("synchronous = FULL", "secure_delete = ON", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.DatabaseError as error:
        raise _told(path.name, error) from None
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    return connection


def damaged(file: str, why: str = "") -> WalletDamaged:
    """What to say of a file that is not what was written."""
    return WalletDamaged(
        f"{file} is damaged or of another program{f' ({why})' if why else ''}: put back a copy of this very file, or "
        "erase the wallet, make a new one and apply for the cards again",
        f"{file} 已损坏，或不是本程序的文件{f'（{why}）' if why else ''}：请用该文件的备份恢复；"
        "没有备份的，请清除卡包后新建并重新申领",
    )


def _told(file: str, error: sqlite3.Error) -> WalletDamaged | WalletUnusable:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _UNUSABLE:
        return _unusable(file, getattr(error, "sqlite_errorname", ""))
    return damaged(file, getattr(error, "sqlite_errorname", None) or type(error).__name__)


def _unusable(file: str, why: str) -> WalletUnusable:
    return WalletUnusable(
        f"{file} can't be read or written now ({why}): check its permissions, the disk's space, and whether another "
        "program has it open",
        f"暂时无法读写 {file}（{why}）：请检查文件权限、磁盘空间，以及是否被其他程序占用",
    )


class _Cursor(sqlite3.Cursor):
    """A cursor that speaks of the wallet's file instead of SQLite's errors."""

    def _guarded(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except sqlite3.Error as error:
            raise _told(getattr(self.connection, "file", "wallet"), error) from None
        except UnicodeDecodeError:  # What SQLite says of a damaged schema quotes it, and that is no text.
            raise damaged(getattr(self.connection, "file", "wallet"), "text") from None

    def execute(self, *arguments: Any) -> _Cursor:
        self._guarded(lambda: super(_Cursor, self).execute(*arguments))
        return self

    def fetchone(self) -> Any:
        return self._guarded(lambda: super(_Cursor, self).fetchone())

    def fetchall(self) -> list[Any]:
        return self._guarded(lambda: super(_Cursor, self).fetchall())

    def __next__(self) -> Any:
        return self._guarded(lambda: super(_Cursor, self).__next__())


class _Connection(sqlite3.Connection):
    file = "wallet"

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        return self.cursor(_Cursor).execute(*arguments)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A write transaction: all of it or nothing, one writer at a time across processes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
