"""The usage log 使用记录: what left the wallet, when, to whom, for which scenario. On the device only, sealed like the
cards.

It names claims, never their values. Each entry carries the SHA-256 digest of the one before it, and the last digest is
kept apart, so that an entry taken out or changed shows. The holder can export and erase it; after erasing, the first
entry says that earlier ones were erased, and how many.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .database import transaction
from .errors import WalletDamaged
from .keystore import system_clock
from .vault import Vault

__all__ = ["Entry", "UsageLog", "check_chain"]

_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: ``number`` counts from 1, ``digest`` covers all the rest, ``previous`` is the digest before."""

    number: int
    when: str
    event: str
    previous: str
    digest: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {**_content(self.number, self.when, self.event, self.details, self.previous), "digest": self.digest}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entry:
        """The entry of what ``to_dict`` gave; KeyError or TypeError for anything else."""
        return cls(data["number"], data["when"], data["event"], data["previous"], data["digest"], dict(data["details"]))


class UsageLog:
    """The log of one opened wallet."""

    def __init__(self, vault: Vault, clock: Any = system_clock) -> None:
        self._vault = vault
        self._clock = clock

    def append(self, event: str, **details: Any) -> Entry:
        """Add an entry (JSON data); it is on the disk when this returns."""
        with transaction(self._vault.connection):
            return self._append(event, details)

    def append_in_transaction(self, event: str, **details: Any) -> Entry:
        """Add an entry as part of the caller's transaction on the wallet's file."""
        return self._append(event, details)

    def entries(self) -> list[Entry]:
        """All entries, oldest first; those that can't be read any more are left out (``check`` says so)."""
        return [entry for _, entry in self._read() if entry is not None]

    def check(self) -> list[int]:
        """The numbers of entries that are missing, changed, or do not follow from the one before; empty when whole."""
        rows = list(self._read())
        broken = [number for number, entry in rows if entry is None]
        entries = [entry for _, entry in rows if entry is not None]
        broken += check_chain(entries)
        number, digest = self._head()
        last = entries[-1] if entries else None
        if last is None or last.number != number or not hmac.compare_digest(last.digest, digest):
            broken += range((last.number if last else 0) + 1, number + 1) or [max(number, 1)]
        return sorted(set(broken))

    def export(self) -> dict[str, Any]:
        """The whole log as JSON, which ``check_chain`` can check without the wallet."""
        return {
            "type": "UsageLog",
            "exported": _text(self._clock()),
            "entries": [entry.to_dict() for entry in self.entries()],
        }

    def erase(self) -> int:
        """Erase every entry for good; returns how many. One entry stays that says so."""
        with transaction(self._vault.connection) as connection:
            count = int(connection.execute("DELETE FROM log").rowcount)
            self._append("log-erased", {"entries": count})
        return count

    def _append(self, event: str, details: Mapping[str, Any]) -> Entry:
        before, previous = self._head()
        number, when = before + 1, _text(self._clock())
        digest = _digest(_content(number, when, event, details, previous))
        entry = Entry(number, when, event, previous, digest, dict(details))
        sealed = self._vault.seal(json.dumps(entry.to_dict(), ensure_ascii=False).encode(), f"log/{number}")
        self._vault.connection.execute("INSERT INTO log VALUES (?, ?)", (number, sealed))
        head = self._vault.seal(json.dumps([number, digest]).encode(), "log_head")
        self._vault.connection.execute("INSERT OR REPLACE INTO log_head VALUES (1, ?)", (head,))
        return entry

    def _head(self) -> tuple[int, str]:
        row = self._vault.connection.execute("SELECT sealed FROM log_head").fetchone()
        if row is None:
            return 0, _START
        number, digest = json.loads(self._vault.unseal(row[0], "log_head"))
        return number, digest

    def _read(self) -> Iterator[tuple[int, Entry | None]]:
        for number, sealed in self._vault.connection.execute(
            "SELECT number, sealed FROM log ORDER BY number"
        ).fetchall():
            try:
                yield number, Entry.from_dict(json.loads(self._vault.unseal(sealed, f"log/{number}")))
            except WalletDamaged:
                yield number, None


def check_chain(entries: Iterable[Entry]) -> list[int]:
    """The numbers that are missing among ``entries``, were changed or do not follow; empty when whole."""
    broken: list[int] = []
    before: Entry | None = None
    for entry in entries:
        content = _content(entry.number, entry.when, entry.event, entry.details, entry.previous)
        if not hmac.compare_digest(_digest(content), entry.digest):
            broken.append(entry.number)
        if before is None:
            if entry.number != 1 and entry.event != "log-erased":
                broken += range(1, min(entry.number, 1000))
        else:
            broken += range(before.number + 1, min(entry.number, before.number + 1000))
            if entry.number == before.number + 1 and entry.previous != before.digest:
                broken.append(entry.number)
        before = entry
    return sorted(set(broken))


def _content(number: int, when: str, event: str, details: Mapping[str, Any], previous: str) -> dict[str, Any]:
    return {"number": number, "when": when, "event": event, "details": dict(details), "previous": previous}


def _digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content as JSON with sorted members and no spaces (for these values the form of RFC 8785)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
