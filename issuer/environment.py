"""What an authority takes from the outside world: the time and randomness. Both are passed in, so tests own them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "Random", "below", "rfc3339", "storable", "system_clock", "system_random", "token"]

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime."""

Random = Callable[[int], bytes]
"""Gives that many unpredictable bytes."""

system_random: Random = secrets.token_bytes


def system_clock() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """A moment as ``2026-01-31T12:00:00Z`` (dateTimeStamp, whole seconds, UTC)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def token(random: Random, size: int = 16) -> str:
    """An unguessable name: ``size`` random bytes as base64url without padding."""
    return base64.urlsafe_b64encode(random(size)).rstrip(b"=").decode()


def storable(text: str) -> bool:
    """Whether an untrusted text can be looked up in a database at all: printable ASCII, not endless."""
    return len(text) <= 1024 and text.isascii() and text.isprintable()


def below(random: Random, limit: int) -> int:
    """A uniform integer in ``range(limit)``; rejection sampling, so that no value is likelier than another."""
    if limit < 1:
        raise ValueError("limit must be at least 1")
    bits = (limit - 1).bit_length()
    size = (bits + 7) // 8
    while True:
        value = int.from_bytes(random(size), "big") & ((1 << bits) - 1)
        if value < limit:
            return value
