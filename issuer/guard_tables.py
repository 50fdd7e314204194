"""Tables of what stands against an act: holds on a person's kind of card, and wrong tries at signing in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, row_id

__all__ = ["Hold", "SignInTries"]


class Hold(Base):
    """That a person gets no card of a kind until it is lifted. ``issuer.holds`` says which act makes one."""

    __tablename__ = "hold"
    id: Mapped[int] = mapped_column(row_id, primary_key=True)
    person_id: Mapped[int] = mapped_column(row_id, ForeignKey("person.id"), index=True)
    card_type: Mapped[str]
    rule: Mapped[str] = mapped_column(String(40))
    """Which rule of ``issuer.holds`` made it: what it is for, and who lifts it."""
    device_id: Mapped[int] = mapped_column(default=0)
    """The lost device that it is about, else 0."""
    note: Mapped[str] = mapped_column(default="")
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]

    __table_args__ = (
        Index(
            "one_open_hold_a_rule",
            "person_id",
            "card_type",
            "rule",
            "device_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )


class SignInTries(Base):
    """Wrong passwords counted under one name: an account (of which there may be none), a device or an address.

    ``key`` is a keyed digest, so that the table tells no names.
    """

    __tablename__ = "sign_in_tries"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    waits_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = mapped_column(index=True)
