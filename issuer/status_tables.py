"""The tables between a status and its publication: what changed since, and what was published last.

A change is written in the transaction that makes it, so it is either published or waiting here; a publication takes the
changes away, merges them into the packed list and keeps what it signed, in one transaction, too.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, ForeignKey, Integer, LargeBinary, String, Text, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base

__all__ = ["StatusChange", "StatusPublication", "to_packed_lists"]

_Id = BigInteger().with_variant(Integer, "sqlite")


class StatusChange(Base):
    """A status that was set and is not on the published list yet."""

    __tablename__ = "status_change"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    """In the order in which the changes of one entry were made."""
    list_id: Mapped[int] = mapped_column(_Id, ForeignKey("status_list.id"), index=True)
    position: Mapped[int]
    value: Mapped[int]
    at: Mapped[datetime]


class StatusPublication(Base):
    """What is served of a list in one form: ``vc``, ``jwt`` or ``cwt``."""

    __tablename__ = "status_publication"
    list_id: Mapped[int] = mapped_column(_Id, ForeignKey("status_list.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(3), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(Text)
    """SHA-256 of the content, in hexadecimal."""


def to_packed_lists(connection: Connection) -> None:
    """Bring tables in which every entry was read for a publication to these: all that is set becomes a change."""
    for table in (StatusChange, StatusPublication):
        Base.metadata.tables[table.__tablename__].create(connection)
    postgresql = connection.dialect.name == "postgresql"
    known = {column["name"] for column in inspect(connection).get_columns("status_list")}
    for column, kind in (
        ("bits", "INTEGER NOT NULL DEFAULT 1"),
        ("state", "BYTEA" if postgresql else "BLOB"),
        ("valid_until", "TIMESTAMP WITH TIME ZONE" if postgresql else "DATETIME"),
    ):
        if column not in known:
            connection.execute(text(f"ALTER TABLE status_list ADD COLUMN {column} {kind}"))
    if postgresql:  # SQLite keeps a boolean as a number anyway.
        connection.execute(text("ALTER TABLE status_entry ALTER COLUMN value TYPE INTEGER USING value::int"))
    connection.execute(
        text(
            "INSERT INTO status_change (list_id, position, value, at) "
            "SELECT list_id, position, 1, CURRENT_TIMESTAMP FROM status_entry WHERE value = 1"
        )
    )
