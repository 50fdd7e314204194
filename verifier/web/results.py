"""Results that a desk looks at: for a few minutes, for the desks concerned only, on any machine of the operator.

They are kept in the ledger, each sealed for its desk (X25519, NaCl's sealed box). What opens it comes from the
browser's cookie and is stored nowhere: whoever has the database and all the operator's files learns when something
was checked, and nothing of whom.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from did.timestamps import read_datetime
from vc.cards import Label
from vc.problems import Problem, ProblemError
from vc.scenarios import PresentationRequest
from vc.verdict import Check, Outcome

from ..effect import CounterVerdict, Effect
from ..ledger import Ledger, open_ledger
from ..ledger.protocol import Statements

__all__ = ["LIFETIME", "DeskKey", "Result", "Results"]

LIFETIME = timedelta(minutes=5)
_MOST = 200
"""How many results one desk has at once."""
_MOST_OF_A_REQUEST = 5


@dataclass(frozen=True, slots=True)
class Result:
    """One judged answer. ``desks`` may see it: the one that asked and the one that scanned."""

    id: str
    verdict: CounterVerdict
    request: PresentationRequest | None
    desks: frozenset[str]
    at: datetime


class DeskKey:
    """What opens the results of one desk. ``name`` is its public half, and the desk's name in the ledger."""

    __slots__ = ("_key", "name")

    def __init__(self, session: str) -> None:
        self._key = PrivateKey(
            hashlib.blake2b(session.encode(), digest_size=PrivateKey.SIZE, person=b"counter desk").digest()
        )
        self.name = self._key.public_key.encode().hex()

    def open(self, sealed: str) -> Result | None:
        """A result that was sealed for this desk; None for anything else."""
        try:
            text = SealedBox(self._key).decrypt(base64.b64decode(sealed))
            return _from_dict(json.loads(text.decode("utf-8", "surrogatepass")))
        except (CryptoError, ValueError, KeyError, TypeError, ProblemError):
            return None


class Results:
    """Keeps results in ``ledger`` until their time is over."""

    def __init__(
        self, ledger: Ledger | str | Path, clock: Callable[[], datetime], random: Callable[[int], bytes]
    ) -> None:
        self._ledger = open_ledger(ledger)
        self._clock = clock
        self._random = random

    def add(self, verdict: CounterVerdict, request: PresentationRequest | None, desks: frozenset[str]) -> Result:
        """Keep a result under a new unguessable name for ``desks`` (by ``DeskKey.name``); of a refused answer not what
        it said.

        Nothing is kept for no desk, and few of one request, so that strangers can't crowd out what a desk looks at.
        Raises LedgerUnavailable.
        """
        if not verdict.verified:
            verdict = replace(verdict, document=None, trace=None)
        result = Result(self._random(16).hex(), verdict, request, desks, self._clock())
        if not desks:
            return result
        text = json.dumps(_to_dict(result), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        challenge = "" if request is None else _digest(request.challenge)
        at = int(result.at.timestamp() * 1000)
        with self._ledger.transaction() as statements:
            statements.run("DELETE FROM result WHERE at < ?", (self._oldest(),))
            for desk in sorted(desks):
                if challenge:
                    refused = "SELECT id FROM result WHERE desk = ? AND challenge = ? AND verified = 0"
                    _forget_oldest(statements, desk, refused, (desk, challenge), _MOST_OF_A_REQUEST - 1)
                _forget_oldest(statements, desk, "SELECT id FROM result WHERE desk = ?", (desk,), _MOST - 1)
                ((last,),) = statements.rows("SELECT MAX(at) FROM result WHERE desk = ?", (desk,))
                # Two of one instant keep their order.
                row = (_digest(result.id), desk, challenge, int(verdict.verified), max(at, (last or 0) + 1))
                statements.run(
                    "INSERT INTO result (id, desk, challenge, verified, at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                    (*row, _sealed(text, desk)),
                )
        return result

    def get(self, name: str, desk: DeskKey) -> Result | None:
        """The result of that name, when it is this desk's and still kept. Raises LedgerUnavailable."""
        with self._ledger.transaction(write=False) as statements:
            rows = statements.rows(
                "SELECT sealed FROM result WHERE id = ? AND desk = ? AND at >= ?",
                (_digest(name), desk.name, self._oldest()),
            )
        return desk.open(rows[0][0]) if rows else None

    def of(self, challenge: str, desk: DeskKey) -> list[Result]:
        """The results of answers to one request, oldest first. Raises LedgerUnavailable."""
        with self._ledger.transaction(write=False) as statements:
            rows = statements.rows(
                "SELECT sealed FROM result WHERE desk = ? AND challenge = ? AND at >= ? ORDER BY at, id",
                (desk.name, _digest(challenge), self._oldest()),
            )
        return [result for (sealed,) in rows if (result := desk.open(sealed)) is not None]

    def _oldest(self) -> int:
        return int((self._clock() - LIFETIME).timestamp() * 1000)


def _sealed(text: bytes, desk: str) -> str:
    return base64.b64encode(SealedBox(PublicKey(bytes.fromhex(desk))).encrypt(text)).decode()


def _forget_oldest(statements: Statements, desk: str, found: str, parameters: tuple[str, ...], most: int) -> None:
    """Forget all but the newest ``most`` of the results of a desk that a query finds."""
    for (name,) in statements.rows(f"{found} ORDER BY at DESC, id DESC", parameters)[most:]:
        statements.run("DELETE FROM result WHERE id = ? AND desk = ?", (name, desk))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _to_dict(result: Result) -> dict[str, Any]:
    verdict = result.verdict
    return {
        "id": result.id,
        "desks": sorted(result.desks),
        "at": result.at.isoformat(),
        "request": None if result.request is None else result.request.to_dict(),
        "verified": verdict.verified,
        "checks": [[c.name, c.outcome.value, c.pointer, c.detail] for c in verdict.checks],
        "problems": [[p.code, p.detail, p.pointer, p.detail_zh] for p in verdict.problems],
        "warnings": [[p.code, p.detail, p.pointer, p.detail_zh] for p in verdict.warnings],
        "document": verdict.document,
        "trace": verdict.trace,
        "effect": None if verdict.effect is None else verdict.effect.to_dict(),
        "advice": [[label.zh, label.en] for label in verdict.advice],
        "portraits": {name: base64.b64encode(content).decode() for name, content in verdict.portraits.items()},
        "challenge": verdict.challenge,
    }


def _from_dict(value: Mapping[str, Any]) -> Result:
    effect = value["effect"]
    verdict = CounterVerdict(
        value["verified"],
        tuple(Check(name, Outcome(outcome), pointer, detail) for name, outcome, pointer, detail in value["checks"]),
        tuple(Problem(*problem) for problem in value["problems"]),
        tuple(Problem(*problem) for problem in value["warnings"]),
        value["document"],
        value["trace"],
        effect=None if effect is None else Effect.from_dict(effect),
        advice=tuple(Label(*pair) for pair in value["advice"]),
        portraits={name: base64.b64decode(content) for name, content in value["portraits"].items()},
        challenge=value["challenge"],
    )
    asked = value["request"]
    request = None if asked is None else PresentationRequest.from_dict(asked)
    return Result(value["id"], verdict, request, frozenset(value["desks"]), read_datetime(value["at"]))
