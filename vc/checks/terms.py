"""What a proof, an envelope or a key binding says of its making: for what, when, in answer to whom."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from ..model import Moment, moment_of
from ..problems import Problem

if TYPE_CHECKING:
    from .expectations import Expectations
    from .record import Record

__all__ = ["Terms", "check_challenge", "check_domain", "check_freshness", "check_times"]


class Terms(Protocol):
    """What a proof, an envelope or a key binding says of when, for whom and for what it was made."""

    @property
    def purpose(self) -> str: ...
    @property
    def challenge(self) -> str | None: ...
    @property
    def domains(self) -> Sequence[str] | None: ...
    @property
    def created(self) -> Moment | None: ...
    @property
    def expires(self) -> Moment | None: ...


def check_challenge(record: Record, expected: Expectations, members: Terms, place: str) -> None:
    """The challenge that is expected is the one that is answered."""
    if expected.challenge is None:
        if members.challenge is not None:
            detail = "the proof answers a challenge, but none was given to compare it with"
            record.warnings.append(Problem("warning.challenge", detail, place + "/challenge"))
        record.not_applicable("challenge", place, "no challenge was expected")
    elif members.challenge is None:
        detail = "a challenge is expected, and the proof has none"
        record.failed("challenge", place, [Problem("proof.challenge", detail, place)])
    elif _same([members.challenge], [expected.challenge]):
        record.passed("challenge", place)
    else:
        # The one that is expected stays with who expects it: whoever sends answers at random shall not learn it.
        detail = f"the proof answers the challenge {members.challenge[:80]!r}, which is not the one expected"
        detail_zh = f"证明应答的挑战值为“{members.challenge[:80]}”，与预期不符"
        record.failed("challenge", place, [Problem("proof.challenge", detail, place + "/challenge", detail_zh)])


def check_domain(record: Record, expected: Expectations, members: Terms, place: str) -> None:
    """The domain that is expected is the one it was made for."""
    if expected.domains is None:
        if members.domains is not None:
            detail = "the proof is meant for a domain, but none was given to compare it with"
            record.warnings.append(Problem("warning.domain", detail, place + "/domain"))
        record.not_applicable("domain", place, "no domain was expected")
    elif members.domains is None:
        detail = "a domain is expected, and the proof has none"
        record.failed("domain", place, [Problem("proof.domain", detail, place)])
    elif _same(members.domains, expected.domains):
        record.passed("domain", place)
    else:
        found, wanted = _listed(members.domains), _listed(expected.domains)
        detail = f"the proof is meant for the domain {found}, expected is {wanted} (compared letter by letter)"
        detail_zh = f"证明的使用域为 {found}，预期为 {wanted}（逐字比较）"
        record.failed("domain", place, [Problem("proof.domain", detail, place + "/domain", detail_zh)])


def _listed(values: Sequence[str]) -> str:
    """A few values, short enough for a sentence."""
    return ", ".join(repr(value[:120]) for value in values[:4]) + (", …" if len(values) > 4 else "")


def _same(found: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether both hold the same strings, as sets (Data Integrity 4.4 step 7), in constant time."""
    digests = []
    for strings in (found, expected):
        each = sorted(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in set(strings))
        digests.append(hashlib.sha256(b"".join(each)).digest())
    return hmac.compare_digest(digests[0], digests[1])


def check_times(record: Record, expected: Expectations, members: Terms, place: str) -> None:
    """It was not made in the future, and has not expired."""
    problems = []
    if members.created is not None and members.created > expected.latest:
        detail = "the proof says that it was created in the future"
        if members.purpose == "authentication":
            problems.append(Problem("proof.created", detail, place + "/created"))
        else:  # From when on a credential counts is for its validFrom to say.
            record.warnings.append(Problem("warning.created", detail, place + "/created"))
    if members.expires is not None and members.expires <= expected.moment:
        problems.append(Problem("proof.expired", "the proof has expired", place + "/expires"))
    if problems:
        record.failed("proof_expiry", place, problems)
    elif members.expires is None:
        record.not_applicable("proof_expiry", place, "the proof does not expire")
    else:
        record.passed("proof_expiry", place)


def check_freshness(
    record: Record, expected: Expectations, terms: Terms, place: str, life: timedelta | None = None
) -> None:
    """When a proof was made, and when it ends: ``life`` after that, or as it says; where a policy demands anything."""
    demands = expected.demands
    if demands is None or (demands.max_age is None and demands.max_life is None):
        return
    problems = []
    if terms.created is None:
        detail = "it is not said when the proof was made"
        problems.append(Problem("policy.created_missing", detail, place))
    elif demands.max_age is not None and terms.created < moment_of(expected.now - expected.skew - demands.max_age):
        problems.append(Problem("policy.too_old", "the proof was made too long ago", place + "/created"))
    if demands.max_life is not None and (life is None or life > demands.max_life):
        problems += _end(demands.max_life, expected, terms.expires, place)
    record.judged("proof_freshness", place, problems)


def _end(life: timedelta, expected: Expectations, expires: Moment | None, place: str) -> list[Problem]:
    if expires is None:
        return [Problem("policy.expires_missing", "the proof does not say when it expires", place)]
    if expires > moment_of(expected.now + expected.skew + life):
        return [Problem("policy.expires_late", "the proof lives longer than is accepted here", place + "/expires")]
    return []
