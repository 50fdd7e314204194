"""Holds: the authority's word about a person and a kind of card, which no new application goes around.

A card is suspended or revoked one by one, on one phone. What the authority decided is about the person and the kind:
while a hold stands, no card of that kind is issued, updated, renewed or handed over again to anybody for that person,
whatever way it is asked for. ``issuer.hold_rules`` says, as data, which act makes a hold and what lifts it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .audit import Act
from .errors import HoldError, NotFoundError, StateError
from .guard_tables import Hold
from .hold_rules import LOST_PHONE, RULES, HoldRule
from .tables import Person

__all__ = [
    "HoldView",
    "about_phone",
    "check_holds",
    "hold_of",
    "hold_view",
    "holds_of",
    "lift",
    "of_a_phone",
    "open_holds",
    "place",
]


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold as the resident and the desk see it."""

    id: int
    card_type: str
    rule: HoldRule
    placed_at: datetime
    placed_by: str
    note: str

    def to_dict(self) -> dict[str, object]:
        """The hold as JSON, without personal data."""
        return {
            "hold": self.id,
            "type": self.card_type,
            "rule": self.rule.name,
            "liftedBy": self.rule.lifted_by.value,
            "placedAt": self.placed_at.isoformat(),
            "placedBy": self.placed_by,
        }


def place(act: Act, person_id: int, card_type: str, rule: str, *, device_id: int = 0, note: str = "") -> Hold:
    """Place a hold, or find the one that stands by the same rule. Its note goes into no log."""
    if rule not in RULES:
        raise StateError("hold.rule", "没有这种限制", "there is no such kind of hold")
    _lock(act.session, person_id)
    for hold in open_holds(act.session, person_id, card_type):
        if (hold.rule, hold.device_id) == (rule, device_id):
            return hold
    hold = Hold(
        person_id=person_id,
        card_type=card_type,
        rule=rule,
        device_id=device_id,
        note=note[:200],
        placed_at=act.at,
        placed_by=act.actor,
    )
    act.session.add(hold)
    act.session.flush()
    act.note("hold.placed", f"person:{person_id}", hold=hold.id, type=card_type, rule=rule)
    return hold


def lift(act: Act, hold: Hold) -> None:
    """Lift a hold; who may is the caller's to check (``HoldRule.lifted_by``)."""
    if hold.lifted_at is not None:
        raise StateError("hold.lifted", "限制已解除", "the hold is lifted already")
    hold.lifted_at, hold.lifted_by = act.at, act.actor
    act.session.flush()
    act.note("hold.lifted", f"person:{hold.person_id}", hold=hold.id, type=hold.card_type, rule=hold.rule)


def hold_of(session: Session, hold_id: int) -> Hold:
    """A hold, locked until the transaction ends. Raises NotFoundError."""
    query = select(Hold).where(Hold.id == hold_id).with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError("hold.unknown", "没有这个限制", "there is no such hold")
    return found


def open_holds(session: Session, person_id: int, card_type: str | None = None) -> list[Hold]:
    """The holds that stand on a person (and kind of card), oldest first."""
    query = select(Hold).where(Hold.person_id == person_id, Hold.lifted_at.is_(None)).order_by(Hold.id)
    if card_type is not None:
        query = query.where(Hold.card_type == card_type)
    return list(session.scalars(query))


def holds_of(session: Session, person_id: int) -> list[HoldView]:
    """The holds that stand on a person, for people to read."""
    return [hold_view(hold) for hold in open_holds(session, person_id)]


def hold_view(hold: Hold) -> HoldView:
    """A hold for people to read."""
    return HoldView(hold.id, hold.card_type, RULES[hold.rule], hold.placed_at, hold.placed_by, hold.note)


def check_holds(
    session: Session, person_id: int, card_type: str, *, passes: Callable[[Hold], bool] = lambda hold: False
) -> None:
    """Raises HoldError (``card.held``) when a hold stands against a card, with what the resident is to do.

    ``passes`` says of which holds this act is the way out. The person stays locked until the transaction ends, so that
    a hold and a card never pass each other.
    """
    _lock(session, person_id)
    for hold in open_holds(session, person_id, card_type):
        if not passes(hold):
            rule = RULES[hold.rule]
            raise HoldError(rule.name, f"{rule.zh}。{rule.todo_zh}", f"{rule.en}. {rule.todo_en}")


def of_a_phone(hold: Hold) -> bool:
    """Whether a hold is about a lost phone: what is on another phone is not concerned."""
    return hold.rule == LOST_PHONE


def about_phone(hold: Hold, device_id: str | int | None) -> bool:
    """Whether a hold is about one lost phone, so that another phone in its place is the way out."""
    return of_a_phone(hold) and str(hold.device_id) == str(device_id)


def _lock(session: Session, person_id: int) -> None:
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
