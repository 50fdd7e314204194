"""The audit log: append-only, each entry holding the digest of the one before.

An entry is hashed as SHA-256 over the JCS form (RFC 8785) of its members without ``digest``. It names people, devices
and credentials by the references of the database, never by name or number. A changed, missing or moved entry breaks
the chain; a cut tail shows against the head (sequence number and digest) that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import GENESIS
from .environment import rfc3339
from .tables import AuditEntry, AuditHead

__all__ = ["Act", "AuditReport", "append", "entries", "head", "verify"]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does in one transaction: when, and who. Its notes go into the audit log with the transaction."""

    session: Session
    at: datetime
    actor: str

    def note(self, event: str, subject: str = "", **details: Any) -> None:
        """Add an entry about this act to the audit log."""
        append(self.session, at=self.at, actor=self.actor, event=event, subject=subject, details=details)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What checking the log found. ``broken_at`` is the first sequence number that does not fit, ``why`` a code."""

    count: int
    head: str
    broken_at: int | None = None
    why: str = ""

    @property
    def intact(self) -> bool:
        """True when the whole chain fits."""
        return self.broken_at is None

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "intact": self.intact,
            "count": self.count,
            "head": self.head,
            "brokenAt": self.broken_at,
            "why": self.why,
        }


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    event: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry in the caller's transaction and return its sequence number.

    ``subject`` is a reference such as ``credential:…``; ``details`` holds JSON values, no personal data. The end of the
    chain stays locked until the transaction ends, so append last.
    """
    end = session.execute(select(AuditHead).with_for_update().execution_options(populate_existing=True)).scalar_one()
    entry = AuditEntry(
        seq=end.seq + 1,
        at=rfc3339(at),
        actor=actor,
        event=event,
        subject=subject,
        details=rfc8785.dumps(dict(details or {})).decode(),
        previous=end.digest,
        digest="",
    )
    entry.digest = _digest(entry)
    end.seq, end.digest = entry.seq, entry.digest
    session.add(entry)
    session.flush()
    return entry.seq


def head(session: Session) -> tuple[int, str]:
    """The sequence number and digest at the end of the chain, to note elsewhere."""
    end = session.execute(select(AuditHead)).scalar_one()
    return end.seq, end.digest


def entries(session: Session, *, subject: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The newest entries (of one subject), oldest first, as JSON values."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    return [{**_members(entry), "digest": entry.digest} for entry in reversed(session.scalars(query).all())]


def verify(session: Session, *, expected: tuple[int, str] | None = None) -> AuditReport:
    """Check the whole chain, and against a head noted earlier when one is given. Never raises for a broken log."""
    count, previous = 0, GENESIS
    seen = expected is None or expected == (0, GENESIS)
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)):
        count += 1
        if entry.seq != count:
            return AuditReport(count - 1, previous, count, "missing")
        if entry.previous != previous:
            return AuditReport(count - 1, previous, count, "previous")
        if entry.digest != _digest(entry):
            return AuditReport(count - 1, previous, count, "digest")
        previous = entry.digest
        seen = seen or expected == (entry.seq, entry.digest)
        session.expunge(entry)
    if head(session) != (count, previous):
        return AuditReport(count, previous, count + 1, "head")
    if not seen:
        return AuditReport(count, previous, expected[0] if expected else 0, "expected")
    return AuditReport(count, previous)


def _members(entry: AuditEntry) -> dict[str, Any]:
    try:
        details = json.loads(entry.details)
    except ValueError:
        details = entry.details
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "event": entry.event,
        "subject": entry.subject,
        "details": details,
        "previous": entry.previous,
    }


def _digest(entry: AuditEntry) -> str:
    # The stored text of the details is hashed, not its value: a log is what is written.
    members = {**_members(entry), "details": entry.details}
    try:
        return hashlib.sha256(rfc8785.dumps(members)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return ""  # Nothing that append() wrote, so no stored digest equals it.
