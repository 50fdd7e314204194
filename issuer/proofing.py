"""Proving who applies: a protocol, and the default - name, number and a one-time code sent to the registered phone.

The code comes from the authority's random source, is kept as a salted scrypt hash, lives for minutes and bears a few
tries, counted before they are checked. Codes and tries are also limited by person. Somebody who gives a name and a
number that do not belong together sees exactly what everybody sees, waits for a code that never comes, and learns
nothing about who is registered.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .database import Database
from .environment import Clock, Random, below
from .errors import RateLimitError
from .tables import Proofing, ProofingSubject

__all__ = ["Channel", "CodeDelivery", "IdentityProofing", "OneTimeCodeProofing", "ProofingPolicy", "ProofingRequest"]


@dataclass(frozen=True, slots=True)
class ProofingRequest:
    """Whose proof is asked for.

    ``subject`` is a keyed digest of the name and number given; ``registered`` is false when they are not those of one
    living resident; ``phone`` is what the register holds.
    """

    application_id: int
    reference: str
    subject: str
    registered: bool
    phone: str | None = None


class IdentityProofing(Protocol):
    """How an authority makes sure who applies. Both methods take the same time for strangers and residents alike."""

    def start(self, request: ProofingRequest) -> datetime:
        """Begin (or begin again); returns until when evidence is taken. Raises RateLimitError."""

    def check(self, request: ProofingRequest, evidence: str) -> bool:
        """Whether the evidence proves the applicant. Evidence is good once. Raises RateLimitError."""


@dataclass(frozen=True, slots=True)
class CodeDelivery:
    """A code on its way. Its repr does not show it."""

    reference: str
    phone: str | None
    code: str
    expires: datetime

    def __repr__(self) -> str:
        return f"CodeDelivery(reference={self.reference!r}, expires={self.expires!r})"


class Channel(Protocol):
    """Brings a code to the person it is for: a text message, a counter's sealed letter, a test's list."""

    def deliver(self, delivery: CodeDelivery) -> None:
        """Deliver the code, which is stored already. Queue what takes time: a slow answer tells who is registered."""


@dataclass(frozen=True, slots=True)
class ProofingPolicy:
    """Limits of one-time codes."""

    digits: int = 6
    lifetime: timedelta = timedelta(minutes=5)
    attempts: int = 5
    codes_an_hour: int = 5
    attempts_a_day: int = 15


# Six digits can be tried through whatever the hash; it makes a stolen copy slow to read within the code's minutes.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**14, 8, 1


class OneTimeCodeProofing:
    """The default: a code to the phone that the register holds."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        *,
        clock: Clock,
        random: Random,
        policy: ProofingPolicy | None = None,
    ) -> None:
        self._database = database
        self._channel = channel
        self._clock = clock
        self._random = random
        self._policy = policy or ProofingPolicy()

    def start(self, request: ProofingRequest) -> datetime:
        """Store and send a fresh code; older codes of the application end. Raises RateLimitError."""
        now = self._clock()
        code = f"{below(self._random, 10**self._policy.digits):0{self._policy.digits}d}"
        salt = self._random(16)
        expires = now + self._policy.lifetime
        row = Proofing(
            application_id=request.application_id,
            subject=request.subject,
            salt=salt,
            code_hash=_hash(code, salt),
            attempts=0,
            used=False,
            created_at=now,
            expires_at=expires,
        )

        def store(session: Session) -> None:
            self._limit(session, request.subject, now, starting=True)
            session.execute(
                update(Proofing)
                .where(Proofing.application_id == request.application_id, Proofing.used.is_(False))
                .values(used=True)
            )
            session.add(row)

        self._database.run(store)
        if request.registered:
            self._channel.deliver(CodeDelivery(request.reference, request.phone, code, expires))
        return expires

    def check(self, request: ProofingRequest, evidence: str) -> bool:
        """Whether ``evidence`` is the code last sent. Every call counts as a try, before anything is compared."""
        now = self._clock()

        def claim(session: Session) -> tuple[int, bytes, bytes] | None:
            self._limit(session, request.subject, now, starting=False)
            found = session.execute(
                update(Proofing)
                .where(
                    Proofing.application_id == request.application_id,
                    Proofing.used.is_(False),
                    Proofing.expires_at > now,
                    Proofing.attempts < self._policy.attempts,
                )
                .values(attempts=Proofing.attempts + 1)
                .returning(Proofing.id, Proofing.salt, Proofing.code_hash)
            ).one_or_none()
            return None if found is None else (found.id, found.salt, found.code_hash)

        claimed = self._database.run(claim)
        proofing_id, salt, expected = claimed or (0, bytes(16), bytes(32))
        matches = hmac.compare_digest(_hash(evidence[:64], salt), expected)
        if claimed is None or not matches or not request.registered:
            return False

        def use(session: Session) -> bool:
            once = update(Proofing).where(Proofing.id == proofing_id, Proofing.used.is_(False)).values(used=True)
            return session.execute(once.returning(Proofing.id)).one_or_none() is not None

        return self._database.run(use)

    def _limit(self, session: Session, subject: str, now: datetime, *, starting: bool) -> None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(ProofingSubject).values(subject=subject).on_conflict_do_nothing())
        session.execute(select(ProofingSubject).where(ProofingSubject.subject == subject).with_for_update())
        codes = select(func.count()).where(Proofing.subject == subject, Proofing.created_at > now - timedelta(hours=1))
        tries = select(func.coalesce(func.sum(Proofing.attempts), 0)).where(
            Proofing.subject == subject, Proofing.created_at > now - timedelta(days=1)
        )
        if (starting and session.execute(codes).scalar_one() >= self._policy.codes_an_hour) or (
            session.execute(tries).scalar_one() >= self._policy.attempts_a_day
        ):
            raise RateLimitError("proofing.limit", "尝试次数过多，请稍后再试", "too many tries: try again later")


def _hash(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        code.encode("utf-8", "surrogatepass"), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, dklen=32
    )
