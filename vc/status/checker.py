"""Checking the status of a credential (Bitstring Status List 1.0 section 3.2).

A list is verified before it is believed, and kept no longer than its ``ttl`` and ``validUntil`` allow. What can't be
decided is said to be undecided, never taken for "not revoked".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..model import Moment, identifier_of, moment, moment_of, types_of
from ..model.findings import Findings
from ..model.status_entry import check_status_entry
from ..needs import Steps, fetch
from ..problems import Problem, ProblemError
from ..superseded import superseded
from ..verdict import Judgement, Outcome, Verdict
from .bitstring import MINIMUM_ENTRIES, StatusList
from .cache import KeptLists
from .sources import StatusSource
from .token_checker import TokenStatusChecker, other_issuer

__all__ = ["StatusChecker", "VerifyList"]

VerifyList = Callable[[bytes], Steps[Verdict]]
"""How the caller verifies a status list credential: proof, issuer, data model and validity, without its own status."""

SameIssuer = Callable[[str, str], bool]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CENTURIES = 10**10  # Seconds: keeps the arithmetic of dates in range.
_SET = {"revocation": "status.revoked", "suspension": "status.suspended"}
_PERIOD = ("period.not_yet", "period.over")
_SAID = {"revocation": "the credential was revoked", "suspension": "the credential is suspended"}


@dataclass(frozen=True, slots=True)
class _Believed:
    """A verified list. How many bits an entry has is said by each credential, so the bitstring is kept as it is."""

    issuer: str
    purposes: tuple[str, ...]
    bits: bytes
    published: Moment | None
    fresh_until: Moment

    @property
    def weight(self) -> int:
        return len(self.bits)


class StatusChecker:
    """Judges ``credentialStatus`` with lists from ``source``, and keeps verified lists for reuse (thread-safe).

    ``max_age`` is how long a list without ``ttl`` is kept, ``max_lists`` how many are kept at most. ``same_issuer``
    (of a credential's issuer and a list's) decides whether that list may be believed: by default they must be equal.
    ``minimum_entries`` is the shortest list believed (section 6.1).
    """

    def __init__(
        self,
        source: StatusSource,
        *,
        max_age: timedelta = timedelta(minutes=5),
        max_lists: int = 256,
        same_issuer: SameIssuer = str.__eq__,
        minimum_entries: int = MINIMUM_ENTRIES,
    ) -> None:
        self._source = source
        self._max_age = max_age
        self._max_lists = max_lists
        self._same_issuer = same_issuer
        self._minimum_entries = minimum_entries
        self._believed: KeptLists[_Believed] = KeptLists(max_lists)
        self._tokens = TokenStatusChecker(source, max_age=max_age, max_lists=max_lists, same_issuer=same_issuer)

    @property
    def source(self) -> StatusSource:
        """Where lists come from."""
        return self._source

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments besides the source, to make another checker with the same rules."""
        return {
            "max_age": self._max_age,
            "max_lists": self._max_lists,
            "same_issuer": self._same_issuer,
            "minimum_entries": self._minimum_entries,
        }

    def judge(
        self, credential: Mapping[str, Any], *, verify: VerifyList, now: datetime, pointer: str = ""
    ) -> Steps[Judgement]:
        """The status of ``credential`` (already verified; it stands at ``pointer``) at the time ``now`` (aware).

        FAILED for a set revocation, suspension or unknown purpose and for an entry or list that is wrong; INDETERMINATE
        for a list that can't be had and a status type that isn't known; a set ``refresh`` or ``message`` is a warning.
        """
        if "credentialStatus" not in credential:
            return Judgement(Outcome.NOT_APPLICABLE, detail="the credential has no status")
        value = credential["credentialStatus"]
        several = isinstance(value, list)
        results = []
        for index, entry in enumerate(value if several else [value]):
            place = f"{pointer}/credentialStatus" + (f"/{index}" if several else "")
            results.append((yield from self._judge_entry(credential, entry, place, verify, now)))
        return _combined(results)

    @property
    def tokens(self) -> TokenStatusChecker:
        """Judges the ``status`` claim of credentials that have one (SD-JWT VC), with the same source and rules."""
        return self._tokens

    def published(self, url: str) -> Moment | None:
        """Since when the list behind ``url`` that is in use has been valid; None when none is, or it doesn't say."""
        believed = self._believed.get(url)
        return None if believed is None else believed.published

    def as_of(self, credential: Mapping[str, Any]) -> datetime | None:
        """When the status of ``credential`` was published that the last judgement of it used: of several, the oldest.

        None when it has no status, or a list of it does not say since when it is valid. The status of an SD-JWT VC (its
        claims are the credential then) may be a ``status`` claim.
        """
        if "@context" not in credential and "credentialStatus" not in credential:
            return self._tokens.as_of(credential.get("status"))
        value = credential.get("credentialStatus")
        entries = value if isinstance(value, list) else [value]
        moments = [
            self.published(entry["statusListCredential"])
            for entry in entries
            if isinstance(entry, dict) and isinstance(entry.get("statusListCredential"), str)
        ]
        if not moments or len(moments) != len(entries) or None in moments:
            return None
        oldest = min(moment for moment in moments if moment is not None)
        return _EPOCH + timedelta(seconds=oldest.seconds) if abs(oldest.seconds) < _CENTURIES else None

    def _judge_entry(
        self, credential: Mapping[str, Any], entry: Any, place: str, verify: VerifyList, now: datetime
    ) -> Steps[Judgement]:
        if not isinstance(entry, dict) or "BitstringStatusListEntry" not in types_of(entry):
            problem = _unsupported(entry, place)
            return Judgement(Outcome.INDETERMINATE, (problem,))
        found = Findings()
        check_status_entry(found, entry, place)
        if found:
            return Judgement(Outcome.FAILED, tuple(found))
        believed = yield from self._list(entry["statusListCredential"], place, verify, now)
        if isinstance(believed, Judgement):
            return believed
        issuer = identifier_of(credential.get("issuer"))
        if issuer is None or not self._same_issuer(issuer, believed.issuer):
            return Judgement(Outcome.FAILED, (other_issuer(issuer, believed.issuer, place),))
        if entry["statusPurpose"] not in believed.purposes:
            return _failed("status.purpose", f"the status list is not for {_short(entry['statusPurpose'])}", place)
        try:
            size = entry.get("statusSize", 1)
            status_list = StatusList.from_bytes(believed.bits, size=size, minimum_entries=self._minimum_entries)
            return _judged(entry, status_list[int(entry["statusListIndex"])], place)
        except ProblemError as error:
            return Judgement(Outcome.FAILED, (error.problems[0].at(place),))

    def _list(self, url: str, place: str, verify: VerifyList, now: datetime) -> Steps[_Believed | Judgement]:
        """The verified list behind ``url``, from the cache or from the source."""
        at = moment_of(now)
        kept = self._believed.get(url)
        if kept is not None and at < kept.fresh_until:
            return kept
        answer = yield fetch(self._source, url)
        if not isinstance(answer, bytes):
            problem = Problem("status.retrieval", str(answer), place)
            return Judgement(Outcome.INDETERMINATE, (problem,))
        verdict = yield from verify(answer)
        if not verdict.verified:
            return _disbelieved(verdict, place)
        try:
            fresh = self._read(verdict.document or {}, url, now)
        except ProblemError as error:
            return Judgement(Outcome.FAILED, (error.problems[0].at(place),))
        if kept is not None and kept.published is not None and (fresh.published or kept.published) < kept.published:
            return _failed("status.replaced", "the status list is older than one that was seen before", place)
        self._believed.keep(url, fresh)
        return fresh

    def _read(self, document: Mapping[str, Any], url: str, now: datetime) -> _Believed:
        """A verified list credential as a list. Raises ProblemError when it is none, or not the one that was asked."""
        if "BitstringStatusListCredential" not in types_of(document):
            raise _error("status.verification", "the document is not a BitstringStatusListCredential")
        if document.get("id", url) != url:
            raise _error("status.verification", "the status list has another id than the one asked for")
        subject = document.get("credentialSubject")
        if not isinstance(subject, dict) or "BitstringStatusList" not in types_of(subject):
            raise _error("status.verification", "the credentialSubject is not a BitstringStatusList")
        purposes = subject.get("statusPurpose")
        purposes = [purposes] if isinstance(purposes, str) else purposes
        if not isinstance(purposes, list) or not purposes or not all(isinstance(item, str) for item in purposes):
            raise _error("status.malformed", "statusPurpose of the list must be one or more strings")
        encoded = subject.get("encodedList")
        issuer = identifier_of(document.get("issuer"))
        if issuer is None:
            raise _error("status.verification", "the status list has no issuer")
        valid_until = _date(document, "validUntil")
        fresh_until = moment_of(now + self._lifetime(subject))
        return _Believed(
            issuer=issuer,
            purposes=tuple(purposes),
            bits=StatusList.decode(encoded, minimum_entries=self._minimum_entries).to_bytes(),
            published=_date(document, "validFrom"),
            fresh_until=fresh_until if valid_until is None else min(fresh_until, valid_until),
        )

    def _lifetime(self, subject: Mapping[str, Any]) -> timedelta:
        ttl = subject.get("ttl")
        if ttl is None:
            return self._max_age
        if type(ttl) is not int or ttl < 0:
            raise _error("status.malformed", "ttl must be a whole number of milliseconds")
        # A year is longer than any list should be kept; it also keeps the arithmetic of dates in range.
        return min(timedelta(milliseconds=min(ttl, 10**12)), timedelta(days=365))


def _date(document: Mapping[str, Any], member: str) -> Moment | None:
    try:
        return moment(document[member], zone_required=False) if member in document else None
    except ValueError:
        raise _error("status.verification", f"{member} of the status list is not a date and time") from None


def _judged(entry: Mapping[str, Any], value: int, place: str) -> Judgement:
    purpose = entry["statusPurpose"]
    if purpose == "message":
        text = _message(entry, value)
        warnings = (Problem("status.message", f"status {hex(value)}: {text}", place),) if value else ()
        return Judgement(Outcome.PASSED, warnings=warnings)
    if not value:
        return Judgement(Outcome.PASSED)
    if purpose == "refresh":
        return Judgement(Outcome.PASSED, warnings=(Problem("status.refresh", "the credential was updated", place),))
    said = _SAID.get(purpose, f"the status {_short(purpose)} is set")
    return _failed(_SET.get(purpose, "status.set"), said, place)


def _message(entry: Mapping[str, Any], value: int) -> str:
    for item in entry.get("statusMessage", ()):
        if int(item["status"], 16) == value:
            return _short(item["message"])
    return "set"


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def _combined(results: list[Judgement]) -> Judgement:
    outcomes = {result.outcome for result in results}
    outcome = next((o for o in (Outcome.FAILED, Outcome.INDETERMINATE) if o in outcomes), Outcome.PASSED)
    if not results:
        problem = Problem("status.malformed", "credentialStatus lists no status")
        return Judgement(Outcome.FAILED, (problem,))
    return Judgement(
        outcome,
        tuple(problem for result in results for problem in result.problems),
        tuple(warning for result in results for warning in result.warnings),
        "no status is set" if outcome is Outcome.PASSED else "",
    )


def _disbelieved(verdict: Verdict, place: str) -> Judgement:
    """The list did not verify: undecided when its issuer's keys could not be obtained, else failed."""
    reason = verdict.problems[0].detail if verdict.problems else "it did not verify"
    if verdict.indeterminate:
        problem = Problem("status.retrieval", f"the status list could not be verified: {reason}", place)
        return Judgement(Outcome.INDETERMINATE, (problem,))
    untimely = verdict.problems and all(problem.code in _PERIOD for problem in verdict.problems)
    code = "status.expired" if untimely else "status.verification"
    return _failed(code, f"the status list did not verify: {reason}", place)


def _failed(code: str, detail: str, place: str) -> Judgement:
    return Judgement(Outcome.FAILED, (Problem(code, detail, place),))


def _error(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))


def _unsupported(entry: Any, place: str) -> Problem:
    """What is said of a status of another kind: its name, and what takes its place."""
    names = types_of(entry)[:4] if isinstance(entry, dict) else []
    old = next((found for name in names if (found := superseded("status", name)) is not None), None)
    said = f"the status is of type {', '.join(names)[:200] or 'none'}; only a BitstringStatusListEntry can be checked"
    said_zh = f"状态类型为 {', '.join(names)[:200] or '无'}；只能核对 BitstringStatusListEntry"
    if old is not None:
        said, said_zh = f"{said}. {old.sentence}", f"{said_zh}。{old.sentence_zh}"
    return Problem("status.unsupported", said, place, said_zh)
