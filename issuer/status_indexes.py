"""Drawing status indexes and setting statuses: at random, each index once, however many processes draw at a time.

An index is taken by inserting its row; the primary key (list, position) decides who got it. A list that refuses many
draws in a row is full enough - about four fifths - and the next is opened, so a draw stays cheap and unpredictable.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import NamedTuple, cast

from sqlalchemy import Executable, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from vc.problems import Problem, ProblemError

from .environment import Random, below
from .status_purposes import KINDS, PURPOSES
from .status_tables import StatusChange
from .tables import StatusEntry, StatusListRecord

__all__ = ["LIST_SIZE", "PURPOSES", "OpenList", "draw", "open_list", "set_status"]

LIST_SIZE = 131_072
"""Entries of a list: Bitstring Status List section 6.1's least, which is a herd large enough to hide in."""

_DRAWS = 40
"""With these, a list of the usual size is 82 % full when one draw in it is expected to have failed altogether."""


class OpenList(NamedTuple):
    """A list that indexes are drawn from: its key, its running number, how many entries it has."""

    id: int
    number: int
    size: int


def draw(
    session: Session,
    purpose: str,
    credential_id: int,
    *,
    random: Random,
    size: int = LIST_SIZE,
    bits: int | None = None,
) -> tuple[OpenList, int]:
    """Take an unused index of a list with ``purpose`` for a credential, in the caller's transaction.

    ``bits`` is the size of an entry; by default that of the purpose.
    """
    connection = session.connection()
    take = _take(connection.dialect.name)
    while True:
        status_list = open_list(session, purpose, size, bits)
        for _ in range(_DRAWS):
            position = below(random, status_list.size)
            wanted = {"list": status_list.id, "position": position, "credential": credential_id, "purpose": purpose}
            # On PostgreSQL this waits for another transaction that holds the same index, and then says who got it.
            if connection.execute(take, wanted).first():
                return status_list, position
        connection.execute(update(_LISTS).where(_LISTS.c.id == status_list.id).values(closed=True))


def open_list(session: Session, purpose: str, size: int = LIST_SIZE, bits: int | None = None) -> OpenList:
    """The list of ``purpose`` that indexes are drawn from now; made when there is none."""
    bits = KINDS[purpose].bits if bits is None else bits
    connection = session.connection()
    wanted = {"purpose": purpose, "bits": bits}
    found = connection.execute(_NEWEST, wanted).one_or_none()
    while found is None:
        last = select(func.coalesce(func.max(_LISTS.c.number), 0)).where(_LISTS.c.purpose == purpose)
        number = connection.execute(last).scalar_one() + 1
        connection.execute(
            _insert(connection.dialect.name, _LISTS)
            .values(purpose=purpose, number=number, size=size, bits=bits, closed=False, publication=0)
            .on_conflict_do_nothing(index_elements=["purpose", "number"])
        )
        found = connection.execute(_NEWEST, wanted).one_or_none()
    return OpenList(*found)


# Plain statements on the tables, made once: a draw is most of what a status costs an issuance.
_ENTRIES = cast(Table, StatusEntry.__table__)
_LISTS = cast(Table, StatusListRecord.__table__)
_NEWEST = (
    select(_LISTS.c.id, _LISTS.c.number, _LISTS.c.size)
    .where(_LISTS.c.purpose == bindparam("purpose"), _LISTS.c.bits == bindparam("bits"), _LISTS.c.closed.is_(False))
    .order_by(_LISTS.c.number.desc())
    .limit(1)
)


_FIND = (
    select(_ENTRIES.c.list_id, _ENTRIES.c.position, _ENTRIES.c.value, _LISTS.c.bits)
    .join(_LISTS, _LISTS.c.id == _ENTRIES.c.list_id)
    .where(_ENTRIES.c.credential_id == bindparam("credential"), _ENTRIES.c.purpose == bindparam("purpose"))
)
_SET = (
    update(_ENTRIES)
    .where(_ENTRIES.c.list_id == bindparam("list"), _ENTRIES.c.position == bindparam("at_position"))
    .values(value=bindparam("new"))
)
_WAIT = insert(cast(Table, StatusChange.__table__)).values(
    list_id=bindparam("list"), position=bindparam("at_position"), value=bindparam("new"), at=bindparam("at")
)


@cache
def _take(dialect: str) -> Executable:
    statement = _insert(dialect, _ENTRIES).values(
        list_id=bindparam("list"),
        position=bindparam("position"),
        credential_id=bindparam("credential"),
        purpose=bindparam("purpose"),
        value=0,
    )
    return statement.on_conflict_do_nothing(index_elements=["list_id", "position"]).returning(_ENTRIES.c.position)


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def set_status(session: Session, credential_id: int, purpose: str, value: int, *, at: datetime) -> bool:
    """Set the status of a credential (whose row the caller has locked), in the caller's transaction.

    It is on the list with the list's next publication. Returns False when there is nothing to change: the credential
    has no entry of this ``purpose``, or that status already. Raises ProblemError: ``status.range`` for a ``value`` that
    doesn't fit the list, ``status.purpose`` for taking back what is final.
    """
    connection = session.connection()
    found = connection.execute(_FIND, {"credential": credential_id, "purpose": purpose}).one_or_none()
    if found is None or found.value == value:
        return False
    if not 0 <= value < 1 << found.bits:
        raise ProblemError(Problem("status.range", f"a status of this list is 0 to {(1 << found.bits) - 1}"))
    if found.value and KINDS[purpose].final:
        raise ProblemError(Problem("status.purpose", f"a {purpose} is final"))
    place = {"list": found.list_id, "at_position": found.position, "new": value}
    connection.execute(_SET, place)
    connection.execute(_WAIT, {**place, "at": at})
    return True
