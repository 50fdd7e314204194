"""The ledger as a PostgreSQL database, for desks on several machines.

Each transaction has a time it may take, kept on both sides: the server ends a statement that waits too long, and a
server that doesn't answer at all is given up from here (it may still carry the work out: then a presentation counts as
used that nobody was told is accepted, never the other way round).
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait

from .protocol import SCHEMA, VERSION, LedgerUnavailable, Statements

__all__ = ["PostgresLedger"]

_PATIENCE: Final = 5.0
"""Seconds that connecting, or one statement, may take."""
_KEPT: Final = 8
"""How many connections are kept."""
_LOCK: Final = 0x6C7A_6C67
"""Held while tables are made: several processes may start at once."""


_Found = TypeVar("_Found")


class _TookTooLong(Exception):
    """The server did not answer in time. The connection is of no use any more."""


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which nothing takes longer than ``_PATIENCE``, whatever the server does."""

    def wait(self, gen: PQGen[_Found], interval: float = 0.0, timeout: float | None = None) -> _Found:
        """Do the work of a generator, waiting for the server where it asks to. Raises _TookTooLong."""
        poll = select.poll()
        deadline = time.monotonic() + _PATIENCE
        try:
            wanted = next(gen)
            while True:
                reads, writes = wanted & Wait.R, wanted & Wait.W
                poll.register(self.pgconn.socket, (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0))
                found = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
                if not found:
                    raise _TookTooLong
                events = found[0][1]
                # Whatever else happened to the socket is found out by reading.
                ready = Ready.R if events & ~select.POLLOUT else Ready.NONE
                wanted = gen.send(ready | Ready.W if events & select.POLLOUT else ready)
        except StopIteration as done:
            result: _Found = done.value
            return result


class _Open:
    """The statements of an open transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self._connection.execute(statement.replace("?", "%s"), parameters).rowcount

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement.replace("?", "%s"), parameters).fetchall()


class PostgresLedger:
    """The database at ``url`` (``postgresql://user@host/database``). Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []
        self._ready = False

    _known: ClassVar[dict[str, PostgresLedger]] = {}
    _knowing = threading.Lock()

    @classmethod
    def at(cls, url: str) -> PostgresLedger:
        """The one ledger of this process at ``url``: all that use it share its connections."""
        with cls._knowing:
            return cls._known.setdefault(url, cls(url))

    def __repr__(self) -> str:
        return "PostgresLedger(…)"  # The URL may hold a password.

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Statements]:
        """One transaction. A write is on the server's disk before it ends, if the server keeps its word (fsync)."""
        connection: _Connection | None = None
        given_up = False
        try:
            connection = self._take()
            try:
                yield _Open(connection)
                connection.commit()
            except _TookTooLong:
                given_up = True
                raise
            except BaseException:
                with suppress(psycopg.Error, _TookTooLong):
                    connection.rollback()
                raise
        except _TookTooLong:
            self.close()
            raise LedgerUnavailable(f"PostgreSQL did not answer within {_PATIENCE:g} seconds") from None
        except (psycopg.Error, OSError) as error:
            self.close()  # What is kept is of a server that may be gone.
            raise LedgerUnavailable(f"{type(error).__name__}: {str(error).strip()[:200]}") from None
        finally:
            if connection is not None:
                self._give(connection, broken=given_up)

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(psycopg.Error):
                connection.close()

    def _take(self) -> _Connection:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
        connection = _Connection.connect(
            self._url,
            connect_timeout=int(_PATIENCE),
            application_name="liangzheng-verifier",
            options=f"-c statement_timeout={int(_PATIENCE * 1000)} -c lock_timeout={int(_PATIENCE * 1000)}",
        )
        if not self._ready:
            try:
                self._make(connection)
            except BaseException:
                connection.close()
                raise
            self._ready = True
        return connection

    def _give(self, connection: _Connection, *, broken: bool) -> None:
        """Keep a connection that is fit to be used again; leave no other."""
        if not broken and not connection.closed and connection.info.transaction_status.name == "IDLE":
            with self._lock:
                if len(self._idle) < _KEPT:
                    self._idle.append(connection)
                    return
        # Closing sends a farewell without waiting for an answer.
        with suppress(psycopg.Error, OSError):
            connection.close()

    def _make(self, connection: _Connection) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute("CREATE TABLE IF NOT EXISTS ledger_version (version INTEGER NOT NULL)")
            row = connection.execute("SELECT max(version) FROM ledger_version").fetchone()
            version = 0 if row is None or row[0] is None else int(row[0])
            if version > VERSION:
                detail = f"the ledger has tables of version {version}; this product knows {VERSION}"
                raise psycopg.DatabaseError(detail)
            if version < VERSION:
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute("INSERT INTO ledger_version VALUES (%s)", (VERSION,))
        connection.commit()
