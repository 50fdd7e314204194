"""What to say when the register's database is not what was written: which file, what is wrong, what to do.

An SQLite file can be damaged in its pages, which SQLite says, or in its content, which shows when a value is read that
can't be one: then the readers of texts, moments and codes fail. Both end as one error that names the file.
"""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    MultipleResultsFound,
    NoResultFound,
    OperationalError,
)
from sqlalchemy.orm.exc import StaleDataError

from contexts import ContextError
from did import DidError
from vc.problems import ProblemError

from .errors import RegisterError

__all__ = ["UNREADABLE", "told", "unusable"]

UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    NoResultFound,
    MultipleResultsFound,
    StaleDataError,
)
"""What readers of values raise for one that can't be."""

_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
    }
)
_READERS = ("sqlalchemy", "json", "enum.py", "_strptime.py", "issuer", "vc")


def told(error: Exception, url: URL, *, opening: bool = False) -> RegisterError | None:
    """The error to tell people; None for what is no matter of the database (a mistake of a caller).

    ``opening``: nothing was asked of the database yet, so that whatever it says is against its use.
    """
    if isinstance(error, RegisterError):
        return error
    if isinstance(error, ProblemError | DidError | ContextError):
        return None  # Said already, with codes of their own.
    if isinstance(error, DBAPIError):
        # The driver's message can name a host or hold a value; its kind is enough.
        if isinstance(error, IntegrityError):
            return None
        if url.get_backend_name() != "sqlite":
            out_of_reach = opening or isinstance(error, OperationalError | InterfaceError)
            return unusable(url, type(error.orig).__name__) if out_of_reach else None
        code = getattr(error.orig, "sqlite_errorcode", None)
        why = getattr(error.orig, "sqlite_errorname", None) or type(error.orig).__name__
        return unusable(url, why) if code is not None and code & 0xFF in _UNUSABLE else _damaged(url, why)
    return _damaged(url, type(error).__name__) if _from_reading(error) else None


def unusable(url: URL, why: str) -> RegisterError:
    """The database is there and can't be used now."""
    where = _where(url)
    return RegisterError(
        "register.unusable",
        f"无法使用登记数据库 {where}（{why}）：请检查地址、权限、磁盘空间，以及是否被其他程序占用",
        f"the register's database {where} can't be used ({why}): check its address, permissions, the disk's space, and "
        "whether another program has it open",
    )


def _damaged(url: URL, why: str) -> RegisterError:
    where = _where(url)
    return RegisterError(
        "register.damaged",
        f"登记数据库 {where} 已损坏，或不是本程序的数据库（{why}）：请停止使用并用备份恢复",
        f"the register's database {where} is damaged or of another program ({why}): stop using it and put back a copy",
    )


def _from_reading(error: Exception) -> bool:
    """Whether an error arose where stored values are read: in a library's reader, or in this package."""
    frames = traceback.extract_tb(error.__traceback__)
    last = Path(frames[-1].filename) if frames else Path()
    return any(part in last.parts for part in _READERS) or "<" in last.name


def _where(url: URL) -> str:
    return Path(url.database).name if url.get_backend_name() == "sqlite" and url.database else url.get_backend_name()
