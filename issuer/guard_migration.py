"""What brings a database from before holds (version 4) to version 5: tables, columns, and the holds that were meant.

A card that the authority had suspended or revoked counts as before: its person gets no other of that kind.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, inspect, select, text

from .guard_tables import Hold, SignInTries
from .hold_rules import LOST_PHONE, RULES, LiftedBy, rule_of_revocation, rule_of_suspension
from .tables import Base, CredentialRecord, Person, Suspension

__all__ = ["to_holds"]

_DEVICE_LOST = "device-lost"
_COLUMNS: tuple[tuple[str, str | None], ...] = (
    ("opened_by", "TEXT"),
    ("offered", "BOOLEAN NOT NULL DEFAULT FALSE"),
    ("asking", "TEXT"),
    ("code_until", None),
    ("admitted", "TEXT"),
    ("admitted_by", "TEXT"),
)


def to_holds(connection: Connection) -> None:
    """Version 4 to 5."""
    Base.metadata.create_all(connection, tables=[Hold.__table__, SignInTries.__table__])  # type: ignore[list-item]
    moment = "TIMESTAMP WITH TIME ZONE" if connection.dialect.name == "postgresql" else "DATETIME"
    known = {column["name"] for column in inspect(connection).get_columns("application")}
    for name, kind in _COLUMNS:
        if name not in known:
            connection.execute(text(f"ALTER TABLE application ADD COLUMN {name} {kind or moment}"))
    for column in inspect(connection).get_columns("officer"):
        # Wrong passwords are counted by where they come from.
        if column["name"] in ("failures", "locked_until"):
            connection.execute(text(f"ALTER TABLE officer DROP COLUMN {column['name']}"))
    # Offers that were made before nobody has to prove more for: they end within the hour.
    connection.execute(text("UPDATE application SET state = 'expired' WHERE state = 'awaiting-device'"))
    for person_id, card_type, rule, device_id in sorted(_meant(connection)):
        connection.execute(
            Hold.__table__.insert().values(  # type: ignore[attr-defined]
                person_id=person_id,
                card_type=card_type,
                rule=rule,
                device_id=device_id,
                note="",
                placed_at=datetime.now(UTC),
                placed_by="migration",
            )
        )


def _meant(connection: Connection) -> set[tuple[int, str, str, int]]:
    found: set[tuple[int, str, str, int]] = set()
    credential = CredentialRecord.__table__.c
    held = select(credential.person_id, credential.card_type, credential.device_id, Suspension.cause).join(
        Suspension, Suspension.credential_id == credential.id
    )
    for person_id, card_type, device_id, cause in connection.execute(held.where(Suspension.lifted_at.is_(None))):
        lost = cause == _DEVICE_LOST
        rule = LOST_PHONE if lost else rule_of_suspension(cause)
        if rule is not None:
            found.add((person_id, card_type, rule, device_id if lost else 0))
    person = Person.__table__.c
    revoked = (
        select(credential.person_id, credential.card_type, credential.revocation_reason, person.life_status)
        .join(Person.__table__, person.id == credential.person_id)
        .where(credential.state == "revoked")
    )
    for person_id, card_type, reason, life_status in connection.execute(revoked):
        rule = rule_of_revocation(reason or "")
        # Who lives here again was dead by mistake.
        if rule is not None and (RULES[rule].lifted_by is not LiftedBy.REGISTER or life_status != "living"):
            found.add((person_id, card_type, rule, 0))
    return found
