"""The requests that a verifier has made and still waits for."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

from vc.problems import ProblemError
from vc.scenarios import PresentationRequest

from .ledger import Ledger, open_ledger

__all__ = ["RequestBook"]

_KEPT = timedelta(hours=1)
"""How long a request is kept after it expired, so that a late answer can be told from a foreign one."""


class RequestBook:
    """Keeps requests in a ledger (or where it is: see ``ReplayGuard``), found by their challenge."""

    def __init__(self, ledger: Ledger | str | Path) -> None:
        self._ledger = open_ledger(ledger)

    def add(self, request: PresentationRequest, *, now: datetime) -> None:
        """Keep ``request``; forget those that expired long before ``now`` (aware). Raises LedgerUnavailable."""
        document = json.dumps(request.to_dict(), ensure_ascii=False)
        with self._ledger.transaction() as statements:
            statements.run("DELETE FROM request WHERE expires < ?", (int((now - _KEPT).timestamp()),))
            statements.run(
                "INSERT INTO request (challenge, document, expires) VALUES (?, ?, ?)",
                (_key(request.challenge), document, int(request.expires.timestamp())),
            )

    def find(self, challenge: str) -> PresentationRequest | None:
        """The request with this challenge, or None. Raises LedgerUnavailable."""
        with self._ledger.transaction(write=False) as statements:
            found = statements.rows("SELECT document FROM request WHERE challenge = ?", (_key(challenge),))
        if not found:
            return None
        try:
            return PresentationRequest.from_dict(json.loads(found[0][0]))
        except (ProblemError, ValueError):
            return None


def _key(challenge: str) -> str:
    return hashlib.sha256(challenge.encode("utf-8", "surrogatepass")).hexdigest()
