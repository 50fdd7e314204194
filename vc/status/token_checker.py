"""Checking the ``status`` claim of a token (draft-ietf-oauth-status-list section 8.3).

The rules are those of ``StatusChecker``: a list is verified before it is unpacked, kept no longer than its ``ttl`` and
``exp`` allow, and what can't be decided is said to be undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..checks.envelope_profile import STRICT
from ..model import Moment, is_url, moment_of
from ..needs import Steps, fetch
from ..problems import Problem, ProblemError
from ..verdict import Judgement, Outcome
from .cache import KeptLists
from .sources import StatusSource
from .status_list_token import StatusListToken, read_status_list_token
from .token_status_list import StatusType, TokenStatusList

if TYPE_CHECKING:
    from did import Resolver

    from ..checks.envelope_profile import EnvelopeProfile

__all__ = ["TokenStatusChecker", "other_issuer"]

_SKEW: Final = timedelta(seconds=60)
_YEAR: Final = 365 * 24 * 3600.0
_SET: Final = {
    StatusType.INVALID: ("status.revoked", "the credential was revoked"),
    StatusType.SUSPENDED: ("status.suspended", "the credential is suspended"),
}
_MAX_IDX: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class _Believed:
    """A list whose token was verified, and who signed it."""

    signer: str
    status_list: TokenStatusList
    issued_at: float
    fresh_until: Moment

    @property
    def weight(self) -> int:
        return len(self.status_list) * self.status_list.bits // 8


@dataclass(frozen=True, slots=True)
class _Claimant:
    """A status list token as ``vc.envelope.signing_key`` looks for the key that signed it."""

    kid: str | None
    chain: Any
    issuer: str
    signed_by: str
    header: Mapping[str, Any]


class TokenStatusChecker:
    """Judges ``status`` claims with tokens from ``source``, and keeps verified lists for reuse (thread-safe).

    ``max_age`` is how long a list without ``ttl`` is kept, ``max_lists`` how many are. ``same_issuer`` (of a token's
    issuer and of whoever signed the list) decides whether that list may be believed: by default they must be equal.
    """

    def __init__(
        self,
        source: StatusSource,
        *,
        max_age: timedelta = timedelta(minutes=5),
        max_lists: int = 256,
        same_issuer: Callable[[str, str], bool] = str.__eq__,
    ) -> None:
        self._source = source
        self._max_age = max_age
        self._same_issuer = same_issuer
        self._believed: KeptLists[_Believed] = KeptLists(max_lists)

    def judge(
        self,
        status: object,
        *,
        issuer: str,
        now: datetime,
        resolver: Resolver,
        profile: EnvelopeProfile | None = None,
        pointer: str = "/status",
    ) -> Steps[Judgement]:
        """The status that the claim ``status`` of ``issuer``'s token refers to (already verified), at ``now`` (aware).

        ``resolver`` finds the key of the list, ``profile`` holds the anchors for one with certificates. FAILED for each
        status but 0, and for a reference or list that is wrong; INDETERMINATE for a list, or a key, that can't be had,
        and for another way to tell a status than ``status_list``.
        """
        if not isinstance(status, Mapping) or not status:
            return _failed("status.malformed", "status is an object that refers to a list", pointer)
        if "status_list" not in status:
            problem = Problem("status.unsupported", "only a status_list can be checked", pointer)
            return Judgement(Outcome.INDETERMINATE, (problem,))
        place = pointer + "/status_list"
        reference = status["status_list"]
        if not isinstance(reference, Mapping):
            return _failed("status.malformed", "status_list is an object with idx and uri", place)
        index, uri = reference.get("idx"), reference.get("uri")
        if type(index) is not int or not 0 <= index <= _MAX_IDX:
            return _failed("status.malformed", "idx must be a whole number, 0 or more", place + "/idx")
        if not isinstance(uri, str) or not is_url(uri):
            return _failed("status.malformed", "uri must be a URL", place + "/uri")
        believed = yield from self._list(uri, issuer, now, resolver, profile, place)
        if isinstance(believed, Judgement):
            return believed
        if not self._same_issuer(issuer, believed.signer):
            return Judgement(Outcome.FAILED, (other_issuer(issuer, believed.signer, place),))
        try:
            return _judged(believed.status_list[index], place)
        except ProblemError as error:
            return _failed(error.code, error.problems[0].detail, place)

    def as_of(self, status: object) -> datetime | None:
        """When the list that was used for this claim last was issued; None when none is kept."""
        reference = status.get("status_list") if isinstance(status, Mapping) else None
        uri = reference.get("uri") if isinstance(reference, Mapping) else None
        found = self._believed.get(uri) if isinstance(uri, str) else None
        return None if found is None else datetime.fromtimestamp(found.issued_at, UTC)

    def _list(
        self,
        uri: str,
        issuer: str,
        now: datetime,
        resolver: Resolver,
        profile: EnvelopeProfile | None,
        place: str,
    ) -> Steps[_Believed | Judgement]:
        kept = self._believed.get(uri)
        if kept is not None and moment_of(now) < kept.fresh_until:
            return kept
        answer = yield fetch(self._source, uri)
        if not isinstance(answer, bytes):
            return Judgement(Outcome.INDETERMINATE, (Problem("status.retrieval", str(answer), place),))
        try:
            token = read_status_list_token(answer)
            _check_claims(token, uri, now)
            if kept is not None and token.issued_at < kept.issued_at:
                raise _error("status.replaced", "the status list is older than one that was seen before")
        except ProblemError as error:
            # What the envelope is not, is a reason not to believe the list; the status codes say more.
            code = error.code if error.code.startswith("status.") else "status.verification"
            return _failed(code, error.problems[0].detail, place)
        signer = yield from self._signer(token, issuer, now, resolver, profile, place)
        if isinstance(signer, Judgement):
            return signer
        try:
            status_list = token.status_list()
        except ProblemError as error:
            return _failed(error.code, error.problems[0].detail, place)
        fresh = _Believed(signer, status_list, token.issued_at, moment_of(self._fresh_until(token, now)))
        self._believed.keep(uri, fresh)
        return fresh

    def _signer(
        self,
        token: StatusListToken,
        issuer: str,
        now: datetime,
        resolver: Resolver,
        profile: EnvelopeProfile | None,
        place: str,
    ) -> Steps[str | Judgement]:
        """Who signed the token, when the signature is good."""
        from ..envelope.agreement import header_key_problem
        from ..envelope.signing_key import find_method

        claimant = _Claimant(token.kid, token.chain, issuer, token.issuer or issuer, token.signed.header)
        method, problem, outcome = yield from find_method(
            claimant, "assertionMethod", profile=profile or STRICT, resolver=resolver, now=now
        )
        if method is None:
            code = "status.retrieval" if outcome is Outcome.INDETERMINATE else "status.verification"
            detail = f"the status list could not be verified: {problem.detail if problem else 'no key'}"
            return Judgement(outcome, (Problem(code, detail, place),))
        if (method.expires or method.revoked) and not method.usable_at(now):
            return _failed("status.verification", "the key of the status list has expired or was revoked", place)
        if not token.verify(method.public_key):
            return _failed("status.verification", "the signature does not match the status list", place)
        if header_key_problem(token.signed.header, method.public_key) is not None:
            return _failed("status.verification", "the key in the header is not the one that signed", place)
        if token.issuer is not None and token.issuer != method.controller:
            return _failed("status.verification", "the status list names another issuer than its key's", place)
        return method.controller

    def _fresh_until(self, token: StatusListToken, now: datetime) -> datetime:
        age = self._max_age if token.ttl is None else timedelta(seconds=min(token.ttl, _YEAR))
        if token.expires is None:
            return now + age
        return min(now + age, datetime.fromtimestamp(token.expires, UTC))


def _check_claims(token: StatusListToken, uri: str, now: datetime) -> None:
    """Section 8.3 step 4. Raises ProblemError."""
    if token.uri != uri:
        raise _error("status.verification", "the status list is another one than was asked for (sub)")
    at = now.timestamp()
    if token.expires is not None and token.expires <= at:
        raise _error("status.expired", "the status list has expired")
    latest = at + _SKEW.total_seconds()
    if token.issued_at > latest or (token.not_before is not None and token.not_before > latest):
        raise _error("status.expired", "the status list is not valid yet")


def _judged(status: int, place: str) -> Judgement:
    if status == StatusType.VALID:
        return Judgement(Outcome.PASSED, detail="no status is set")
    code, said = _SET.get(status, ("status.set", f"the status is {status:#x}, which this verifier has no rule for"))  # type: ignore[call-overload]
    return _failed(code, said, place)


def _failed(code: str, detail: str, place: str) -> Judgement:
    return Judgement(Outcome.FAILED, (Problem(code, detail, place),))


def _error(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))


def other_issuer(issuer: str | None, of_list: str, place: str) -> Problem:
    """What is said of a list that somebody else signed than issued the credential: both, and how to believe it."""
    named = (issuer or "nobody")[:200]
    detail = (
        f"the credential is of {named}, the status list of {of_list[:200]}; a list of another issuer is believed when "
        "that is named (verify --status-issuer, StatusChecker(same_issuer=...))"
    )
    detail_zh = (
        f"凭证由 {named} 签发，状态列表由 {of_list[:200]} 签发；须指明才采信他人的列表"
        "（verify --status-issuer，StatusChecker(same_issuer=...)）"
    )
    return Problem("status.issuer", detail, place, detail_zh)
