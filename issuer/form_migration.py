"""What brings a database from before the table of issued forms (version 5) to version 6: a row for each form.

Before, the credential's row had a column for its JSON-LD form and one for its SD-JWT VC.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, inspect, text

from .tables import Base, CardForm

__all__ = ["to_forms"]

_COLUMNS = {"document": "ldp_vc", "sd_jwt": "dc+sd-jwt"}
"""What the columns of version 5 were -> the names of these formats."""
_AT_ONCE = 500


def to_forms(connection: Connection) -> None:
    """Version 5 to 6."""
    Base.metadata.create_all(connection, tables=[CardForm.__table__])  # type: ignore[list-item]
    known = {column["name"] for column in inspect(connection).get_columns("credential")}
    for column, name in _COLUMNS.items():
        if column in known:
            _move(connection, column, name)
            connection.execute(text(f"ALTER TABLE credential DROP COLUMN {column}"))


def _move(connection: Connection, column: str, name: str) -> None:
    """Copy a column into rows of its own, some at a time: a register may have millions of cards."""
    query = text(
        f"SELECT id, {column} FROM credential WHERE id > :after AND {column} IS NOT NULL ORDER BY id LIMIT :most"  # noqa: S608
    )
    after = 0
    while rows := connection.execute(query, {"after": after, "most": _AT_ONCE}).all():
        connection.execute(
            CardForm.__table__.insert(),  # type: ignore[attr-defined]
            [
                {
                    "credential_id": number,
                    "format": name,
                    "content": content,
                    "sha256": hashlib.sha256(content.encode()).hexdigest(),
                }
                for number, content in rows
            ],
        )
        after = rows[-1][0]
