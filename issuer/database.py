"""The authority's database: engine, transactions, schema. SQLite by default, PostgreSQL by URL.

A transaction is one ``with`` block. Writers take SQLite's lock at the start (``BEGIN IMMEDIATE``), so that two
processes wait for each other instead of failing half way; on PostgreSQL they lock the rows they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from did.private_files import PrivateFileError, private_database

from .damage import UNREADABLE, told, unusable
from .errors import RegisterError
from .form_migration import to_forms
from .guard_migration import to_holds
from .status_tables import to_packed_lists
from .tables import AuditHead, Base, DeviceChallenge, Officer, SchemaVersion

__all__ = ["GENESIS", "SCHEMA_VERSION", "Database"]

SCHEMA_VERSION = 6
GENESIS = "0" * 64
"""What the first audit entry follows."""

_BUSY_SECONDS = 30
_TRIES = 5
# PostgreSQL: serialization failure, deadlock, a unique row that another transaction inserted first.
_RETRY_SQLSTATES = {"40001", "40P01", "23505"}
_READ_ONLY = "liangzheng_read_only"


def _to_2(connection: Connection) -> None:
    """Officers' accounts and the challenges of devices."""
    Base.metadata.create_all(connection, tables=[Officer.__table__, DeviceChallenge.__table__])  # type: ignore[list-item]


def _to_4(connection: Connection) -> None:
    """Cards as SD-JWT VC beside their JSON-LD form."""
    if "sd_jwt" not in {column["name"] for column in inspect(connection).get_columns("credential")}:
        connection.execute(text("ALTER TABLE credential ADD COLUMN sd_jwt TEXT"))


# version -> what brings a database of the version before to it.
_MIGRATIONS: dict[int, Callable[[Connection], None]] = {
    2: _to_2,
    3: to_packed_lists,
    4: _to_4,
    5: to_holds,
    6: to_forms,
}

_T = TypeVar("_T")


class Database:
    """An authority's database.

    ``url`` is a path or URL of SQLAlchemy: ``sqlite:///register.db``, ``postgresql+psycopg://user@host/name``. The
    tables are created, or brought to this version, on the first use. Raises RegisterError (``register.unusable``,
    ``register.version``).
    """

    def __init__(self, url: str | Path) -> None:
        self.engine = _engine(url)
        try:
            with self._told(opening=True), self.engine.begin() as connection:
                _prepare(connection)
        except BaseException:
            self.engine.dispose()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that writes: all of it is kept, or none of it."""
        with self._told(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with (
            self._told(),
            self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection,
            Session(connection) as session,
        ):
            yield session

    def run(self, work: Callable[[Session], _T]) -> _T:
        """Run ``work`` in a writing transaction; again when it had to give way to another that ran at the same time."""
        for _ in range(_TRIES - 1):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except (OperationalError, IntegrityError) as error:
                if getattr(error.orig, "sqlstate", None) not in _RETRY_SQLSTATES:
                    with self._told():
                        raise
            except Exception as error:
                with self._told():
                    raise error
        with self.transaction() as session:
            return work(session)

    @contextmanager
    def _told(self, *, opening: bool = False) -> Iterator[None]:
        """Say what the database or its content is unusable for, instead of an error of a library."""
        try:
            yield
        except (DBAPIError, *UNREADABLE) as error:
            refused = told(error, self.engine.url, opening=opening)
            if refused is None:
                raise
            raise refused from error

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: str | Path) -> Engine:
    target = f"sqlite:///{url}" if isinstance(url, Path) or "://" not in url else url
    try:
        parsed = make_url(target)
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS})
            _private(parsed)
            event.listen(engine, "connect", _on_sqlite_connect)
            event.listen(engine, "begin", _on_sqlite_begin)
            return engine
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError):
        pass
    raise RegisterError(
        "register.url",
        "数据库地址须为 SQLite 文件或 postgresql:// 地址",
        "the database must be an SQLite file or a postgresql:// URL",
    )


def _private(url: URL) -> None:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return
    try:
        private_database(Path(url.database))
    except PrivateFileError as error:
        raise RegisterError("register.unusable", error.zh, error.en) from None
    except OSError as error:
        raise unusable(url, error.strerror or "OSError") from error


def _on_sqlite_connect(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # BEGIN is ours, below.
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        "synchronous = FULL",
        f"busy_timeout = {_BUSY_SECONDS}000",
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


# --- schema --------------------------------------------------------------------------------------------------------

_SQLITE_APPEND_ONLY = """
CREATE TRIGGER audit_entry_{verb} BEFORE {verb} ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
_POSTGRES_APPEND_ONLY = (
    """
CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
""",
    """
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()
""",
)


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Two processes may start at once; the second waits here and finds the tables made.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": 0x4C5A0001})
    if not inspect(connection).has_table(SchemaVersion.__tablename__):
        if connection.dialect.name == "sqlite" and inspect(connection).get_table_names():
            raise ValueError("the file has tables, and none of an authority")
        _create(connection)
        return
    found = connection.execute(select(SchemaVersion.version)).scalar_one()
    if not isinstance(found, int) or found < 1:
        raise ValueError("the schema's version is no number")
    if found > SCHEMA_VERSION:
        raise RegisterError(
            "register.version",
            f"数据库版本 {found} 比本程序（{SCHEMA_VERSION}）新",
            f"the database is of version {found}, newer than this program's {SCHEMA_VERSION}",
        )
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
        raise ValueError("the file's pages do not fit together")
    for version in range(found + 1, SCHEMA_VERSION + 1):
        _MIGRATIONS[version](connection)
        connection.execute(text("UPDATE schema_version SET version = :version"), {"version": version})


def _create(connection: Connection) -> None:
    Base.metadata.create_all(connection)
    connection.execute(SchemaVersion.__table__.insert().values(id=1, version=SCHEMA_VERSION))  # type: ignore[attr-defined]
    connection.execute(AuditHead.__table__.insert().values(id=1, seq=0, digest=GENESIS))  # type: ignore[attr-defined]
    if connection.dialect.name == "postgresql":
        for statement in _POSTGRES_APPEND_ONLY:
            connection.execute(text(statement))
    else:
        for verb in ("UPDATE", "DELETE"):
            connection.execute(text(_SQLITE_APPEND_ONLY.format(verb=verb)))
