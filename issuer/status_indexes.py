"""Drawing status indexes: at random, each once, however many processes draw at a time.

An index is taken by inserting its row; the primary key (list, position) decides who got it. A list that refuses many
draws in a row is full enough - about four fifths - and the next is opened, so a draw stays cheap and unpredictable.
"""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .environment import Random, below
from .tables import StatusEntry, StatusListRecord

__all__ = ["LIST_SIZE", "PURPOSES", "draw", "open_list", "set_bit"]

LIST_SIZE = 131_072
"""Entries of a list: Bitstring Status List section 6.1's least, which is a herd large enough to hide in."""

PURPOSES = ("revocation", "suspension")

_DRAWS = 16


def draw(
    session: Session, purpose: str, credential_id: int, *, random: Random, size: int = LIST_SIZE
) -> tuple[StatusListRecord, int]:
    """Take an unused index of a list with ``purpose`` for a credential, in the caller's transaction."""
    while True:
        status_list = open_list(session, purpose, size)
        for _ in range(_DRAWS):
            position = below(random, status_list.size)
            taken = _insert(session, StatusEntry).values(
                list_id=status_list.id, position=position, credential_id=credential_id, purpose=purpose, value=False
            )
            # On PostgreSQL this waits for another transaction that holds the same index, and then says who got it.
            if session.execute(
                taken.on_conflict_do_nothing(index_elements=["list_id", "position"]).returning(StatusEntry.position)
            ).first():
                return status_list, position
        session.execute(update(StatusListRecord).where(StatusListRecord.id == status_list.id).values(closed=True))


def open_list(session: Session, purpose: str, size: int = LIST_SIZE) -> StatusListRecord:
    """The list of ``purpose`` that indexes are drawn from now; made when there is none."""
    newest = (
        select(StatusListRecord)
        .where(StatusListRecord.purpose == purpose, StatusListRecord.closed.is_(False))
        .order_by(StatusListRecord.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    found = session.scalars(newest).one_or_none()
    while found is None:
        last = select(func.coalesce(func.max(StatusListRecord.number), 0)).where(StatusListRecord.purpose == purpose)
        number = session.execute(last).scalar_one() + 1
        session.execute(
            _insert(session, StatusListRecord)
            .values(purpose=purpose, number=number, size=size, closed=False, publication=0)
            .on_conflict_do_nothing(index_elements=["purpose", "number"])
        )
        found = session.scalars(newest).one_or_none()
    return found


def _insert(session: Session, table: type[StatusEntry] | type[StatusListRecord]) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)


def set_bit(session: Session, credential_id: int, purpose: str, value: bool) -> None:
    """Set the bit of a credential in its list of ``purpose``."""
    session.execute(
        update(StatusEntry)
        .where(StatusEntry.credential_id == credential_id, StatusEntry.purpose == purpose)
        .values(value=value)
    )
