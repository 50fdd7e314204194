"""One presentation, one verification: what was accepted once is never accepted again, whichever process asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .ledger import transaction

__all__ = ["ReplayGuard", "binding_keys", "replay_keys"]

_MARGIN = timedelta(days=1)
"""How long a key is kept beyond the time it is needed, for clocks that are set back."""


class ReplayGuard:
    """Remembers accepted presentations in the database at ``path``, shared by all desks and processes of an operator.

    Of several calls of ``accept`` with a key in common exactly one returns True: SQLite lets one writer at a time in,
    and the keys are unique.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def seen(self, keys: Iterable[str]) -> bool:
        """Was one of ``keys`` accepted before? Raises LedgerUnavailable."""
        with transaction(self._path, write=False) as connection:
            return any(connection.execute("SELECT 1 FROM used WHERE key = ?", (key,)).fetchone() for key in keys)

    def accept(self, keys: Iterable[str], *, keep_until: datetime, now: datetime) -> bool:
        """Take all of ``keys`` at once: True for the first taker, False when any of them was taken before.

        They are remembered until ``keep_until`` (when what they stand for has expired anyway), and at least a day
        longer. ``now`` (aware) is the time by which older keys are forgotten. Raises LedgerUnavailable.
        """
        wanted = sorted(set(keys))
        if not wanted:
            raise ValueError("a presentation without keys can't be told from another")
        with transaction(self._path) as connection:
            connection.execute("DELETE FROM used WHERE keep_until < ?", (int((now - _MARGIN).timestamp()),))
            if any(connection.execute("SELECT 1 FROM used WHERE key = ?", (key,)).fetchone() for key in wanted):
                return False
            until = int(max(keep_until, now).timestamp())
            connection.executemany("INSERT INTO used VALUES (?, ?)", [(key, until) for key in wanted])
            return True


def replay_keys(domain: str, challenge: str, presentation: dict[str, Any]) -> list[str]:
    """What makes a presentation unique: the challenge in its domain, and each of its proof values.

    The database learns digests only.
    """
    proof = presentation.get("proof")
    proofs = proof if isinstance(proof, list) else [proof]
    values = [
        item["proofValue"] for item in proofs if isinstance(item, dict) and isinstance(item.get("proofValue"), str)
    ]
    return [_key("challenge", f"{domain}\n{challenge}"), *(_key("proof", value) for value in values)]


def binding_keys(domain: str, challenge: str, signatures: Iterable[bytes]) -> list[str]:
    """The same for cards as SD-JWTs: the challenge in its domain, and the signature of each key binding."""
    values = [signature.hex() for signature in signatures]
    return [_key("challenge", f"{domain}\n{challenge}"), *(_key("key binding", value) for value in values)]


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\n{value}".encode("utf-8", "surrogatepass")).hexdigest()
