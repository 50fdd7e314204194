"""The ledger as a PostgreSQL database, for desks on several machines.

Each transaction has a time it may take, kept on both sides: the server ends a statement that waits too long, and a
server that doesn't answer at all is given up from here (it may still carry the work out: then a presentation counts as
used that nobody was told is accepted, never the other way round).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg

from .protocol import SCHEMA, VERSION, LedgerUnavailable, Statements

__all__ = ["PostgresLedger"]

_PATIENCE: Final = 5.0
"""Seconds that connecting, or one statement, may take."""
_KEPT: Final = 8
"""How many connections are kept."""
_LOCK: Final = 0x6C7A_6C67
"""Held while tables are made: several processes may start at once."""


class _Open:
    """The statements of an open transaction, each with the time it may take."""

    __slots__ = ("_connection", "_threads")

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], threads: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._threads = threads

    def cursor(self, statement: str, parameters: Sequence[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
        text = statement.replace("?", "%s")
        return self._threads.submit(self._connection.execute, text, parameters).result(_PATIENCE)

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self.cursor(statement, parameters).rowcount

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.cursor(statement, parameters).fetchall()


class PostgresLedger:
    """The database at ``url`` (``postgresql://user@host/database``). Safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._idle: list[psycopg.Connection[tuple[Any, ...]]] = []
        self._ready = False
        self._threads = ThreadPoolExecutor(_KEPT * 2, thread_name_prefix="ledger")

    def __repr__(self) -> str:
        return "PostgresLedger(…)"  # The URL may hold a password.

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Statements]:
        """One transaction. A write is on the server's disk before it ends, if the server keeps its word (fsync)."""
        connection: psycopg.Connection[tuple[Any, ...]] | None = None
        given_up = False
        try:
            connection = self._take()
            statements = _Open(connection, self._threads)
            try:
                yield statements
                self._threads.submit(connection.commit).result(_PATIENCE)
            except TookTooLong:
                given_up = True
                raise
            except BaseException:
                with suppress(psycopg.Error, TookTooLong):
                    self._threads.submit(connection.rollback).result(_PATIENCE)
                raise
        except TookTooLong:
            raise LedgerUnavailable(f"PostgreSQL did not answer within {_PATIENCE:g} seconds") from None
        except (psycopg.Error, OSError) as error:
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

    def _take(self) -> psycopg.Connection[tuple[Any, ...]]:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
        connection = psycopg.connect(
            self._url,
            connect_timeout=int(_PATIENCE),
            application_name="liangzheng-verifier",
            options=f"-c statement_timeout={int(_PATIENCE * 1000)} -c lock_timeout={int(_PATIENCE * 1000)}",
        )
        if not self._ready:
            self._make(connection)
            self._ready = True
        return connection

    def _give(self, connection: psycopg.Connection[tuple[Any, ...]], *, broken: bool) -> None:
        """Keep a connection that is fit to be used again; leave no other."""
        if not broken and not connection.closed and connection.info.transaction_status.name == "IDLE":
            with self._lock:
                if len(self._idle) < _KEPT:
                    self._idle.append(connection)
                    return
        # Closing sends a farewell without waiting for an answer.
        with suppress(psycopg.Error, OSError):
            connection.close()

    def _make(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
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
