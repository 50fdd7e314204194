"""Drawing status indexes and setting statuses: at random, each index once, however many processes draw at a time.

An index is taken by inserting its row; the primary key (list, position) decides who got it. A list that refuses many
draws in a row is full enough - about four fifths - and the next is opened, so a draw stays cheap and unpredictable.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from vc.problems import Problem, ProblemError

from .environment import Random, below
from .status_purposes import KINDS, PURPOSES
from .status_tables import StatusChange
from .tables import StatusEntry, StatusListRecord

__all__ = ["LIST_SIZE", "PURPOSES", "draw", "open_list", "set_status"]

LIST_SIZE = 131_072
"""Entries of a list: Bitstring Status List section 6.1's least, which is a herd large enough to hide in."""

_DRAWS = 16


def draw(
    session: Session,
    purpose: str,
    credential_id: int,
    *,
    random: Random,
    size: int = LIST_SIZE,
    bits: int | None = None,
) -> tuple[StatusListRecord, int]:
    """Take an unused index of a list with ``purpose`` for a credential, in the caller's transaction.

    ``bits`` is the size of an entry; by default that of the purpose.
    """
    while True:
        status_list = open_list(session, purpose, size, bits)
        for _ in range(_DRAWS):
            position = below(random, status_list.size)
            taken = _insert(session, StatusEntry).values(
                list_id=status_list.id, position=position, credential_id=credential_id, purpose=purpose, value=0
            )
            # On PostgreSQL this waits for another transaction that holds the same index, and then says who got it.
            if session.execute(
                taken.on_conflict_do_nothing(index_elements=["list_id", "position"]).returning(StatusEntry.position)
            ).first():
                return status_list, position
        session.execute(update(StatusListRecord).where(StatusListRecord.id == status_list.id).values(closed=True))


def open_list(session: Session, purpose: str, size: int = LIST_SIZE, bits: int | None = None) -> StatusListRecord:
    """The list of ``purpose`` that indexes are drawn from now; made when there is none."""
    bits = KINDS[purpose].bits if bits is None else bits
    newest = (
        select(StatusListRecord)
        .where(StatusListRecord.purpose == purpose, StatusListRecord.bits == bits, StatusListRecord.closed.is_(False))
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
            .values(purpose=purpose, number=number, size=size, bits=bits, closed=False, publication=0)
            .on_conflict_do_nothing(index_elements=["purpose", "number"])
        )
        found = session.scalars(newest).one_or_none()
    return found


def _insert(session: Session, table: type[StatusEntry] | type[StatusListRecord]) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)


def set_status(session: Session, credential_id: int, purpose: str, value: int, *, at: datetime) -> bool:
    """Set the status of a credential (whose row the caller has locked), in the caller's transaction.

    It is on the list with the list's next publication. Returns False when there is nothing to change: the credential
    has no entry of this ``purpose``, or that status already. Raises ProblemError: ``status.range`` for a ``value`` that
    doesn't fit the list, ``status.purpose`` for taking back what is final.
    """
    found = session.execute(
        select(StatusEntry.list_id, StatusEntry.position, StatusEntry.value, StatusListRecord.bits)
        .join(StatusListRecord, StatusListRecord.id == StatusEntry.list_id)
        .where(StatusEntry.credential_id == credential_id, StatusEntry.purpose == purpose)
    ).one_or_none()
    if found is None or found.value == value:
        return False
    if not 0 <= value < 1 << found.bits:
        raise ProblemError(Problem("status.range", f"a status of this list is 0 to {(1 << found.bits) - 1}"))
    if found.value and KINDS[purpose].final:
        raise ProblemError(Problem("status.purpose", f"a {purpose} is final"))
    session.execute(
        update(StatusEntry)
        .where(StatusEntry.list_id == found.list_id, StatusEntry.position == found.position)
        .values(value=value)
    )
    session.execute(insert(StatusChange).values(list_id=found.list_id, position=found.position, value=value, at=at))
    return True
