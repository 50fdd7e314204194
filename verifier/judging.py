"""How one answer is judged.

The order of work is cheap before dear: the message's form, the request it answers, whether it was used, the trust list,
the portraits' digests; then proofs, dates and status; then what the scenario says. Only a presentation against which
nothing stands is entered as used: one that fails does not burn the request, and none is accepted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vc.cards import CardSet, Label, check_credential
from vc.cards import message as messages
from vc.cards.formats import FORMATS
from vc.cards.message import Message
from vc.checks.record import Record
from vc.needs import Steps
from vc.problems import Problem, ProblemError
from vc.scenarios import PresentationRequest, Scenario, ScenarioSet, Variant, assess
from vc.status import StatusChecker
from vc.verdict import Outcome
from vc.verification import Expectations

from .answers import Answer, credentials_of, read_answer
from .effect import CounterVerdict, Effect
from .ledger import LedgerUnavailable
from .replay import ReplayGuard, replay_keys
from .requests import RequestBook
from .trust import TrustList

__all__ = ["Judging", "Policy"]

_LOG = logging.getLogger(__name__)
_NOT_REACHED = "not reached: a check before it failed"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier judges by. ``trust`` gives the list in use at a time, ``entitlement`` says why the verifier may
    not use a scenario; both take an aware datetime, and ``trust`` raises ProblemError."""

    did: str
    domain: str
    cards: CardSet
    scenarios: ScenarioSet
    requests: RequestBook
    replay: ReplayGuard
    trust: Callable[[datetime], TrustList]
    entitlement: Callable[[Scenario, datetime], list[Problem]]
    status: StatusChecker
    skew: timedelta


class Judging:
    """The judging of one answer at the time ``now``."""

    def __init__(self, policy: Policy, now: datetime) -> None:
        self._policy = policy
        self._now = now
        self._record = Record()
        self._presentation: dict[str, Any] | None = None
        self._credentials: list[dict[str, Any]] = []
        self._challenge: str | None = None
        self._trace: Mapping[str, Any] | None = None
        self._advice: tuple[Label, ...] = ()

    def steps(
        self,
        message: bytes | str | Mapping[str, Any] | Message,
        request: PresentationRequest | None,
        expect: Callable[[PresentationRequest], Expectations],
    ) -> Steps[CounterVerdict]:
        """The steps from the ``message`` to its verdict. Nothing in the message makes them raise.

        ``expect`` says what ``vc.verification`` expects of the answer to a request.
        """
        try:
            return (yield from self._judge(message, request, expect))
        except Exception as error:  # Fail closed: an oversight of ours must not become a way in, or a crash.
            _LOG.error("judging broke off: %s", type(error).__name__)
            detail = f"the judging broke off ({type(error).__name__}); the presentation counts as not verified"
            self._record.failed("proof", "", [Problem("verification.internal", detail)])
            return self._refused()

    def _judge(
        self,
        message: bytes | str | Mapping[str, Any] | Message,
        request: PresentationRequest | None,
        expect: Callable[[PresentationRequest], Expectations],
    ) -> Steps[CounterVerdict]:
        answer = self._read(message)
        answered = None if answer is None else self._answered(answer, request)
        if answer is None or answered is None:
            return self._refused()
        request, scenario = answered
        keys = replay_keys(request.domain, request.challenge, answer.cards.signatures())
        good = self._check_cheaply(answer, keys)
        good = good and (yield from self._verify(answer, expect(request)))
        good = good and self._check_scenario(answer, scenario, request)
        good = good and self._use(keys, request)
        if not good:
            return self._refused()
        return CounterVerdict(
            True,
            tuple(self._record.checks),
            (),
            tuple(self._record.warnings),
            self._presentation,
            self._trace,
            effect=Effect.of(scenario, request, self._credentials, self._now, self._policy.cards),
            advice=self._advice,
            portraits=_pictures(answer.message),
            challenge=self._challenge,
        )

    def _refused(self) -> CounterVerdict:
        record = self._record
        named = {check.name for check in record.checks}
        for name in ("members", "trust", "portrait", "proof", "card", "scenario", "region", "freshness", "replay"):
            if name not in named:
                record.not_applicable(name, "", _NOT_REACHED)
        return CounterVerdict(
            False,
            tuple(record.checks),
            tuple(record.problems),
            tuple(record.warnings),
            self._presentation,
            self._trace,
            advice=self._advice,
            challenge=self._challenge,
        )

    def _read(self, message: bytes | str | Mapping[str, Any] | Message) -> Answer | None:
        try:
            answer = read_answer(message, self._policy.cards)
        except ProblemError as error:
            self._record.failed("parse", "", error.problems)
            return None
        self._record.passed("parse", "")
        self._challenge = next((text for text in answer.cards.challenges() if len(text) <= 256), None)
        self._presentation = answer.message.presentation
        self._credentials = credentials_of(answer.message)
        return answer

    def _answered(
        self, answer: Answer, request: PresentationRequest | None
    ) -> tuple[PresentationRequest, Scenario] | None:
        """The request that is answered, and its scenario; None when the answer must be refused for it."""
        try:
            if request is None and self._challenge is not None:
                request = self._policy.requests.find(self._challenge)
        except LedgerUnavailable as error:
            problem = Problem("request.unknown", f"the requests of this verifier can't be read: {error}")
            self._record.failed("request", "", [problem], outcome=Outcome.INDETERMINATE)
            return None
        if request is None:
            problem = Problem("request.unknown", "ask for a presentation first: this one answers no request", "/proof")
            self._record.failed("request", "", [problem])
            return None
        scenario = self._policy.scenarios.get(request.scenario)
        problems = self._unfit(request, scenario)
        wanted = FORMATS.asked_for(request.envelope)
        if not problems and (wanted is None or wanted.name != answer.cards.format):
            problems = [Problem("message.form", "the answer is in another form than the one that was asked for")]
        self._record.judged("request", "", problems)
        return None if problems or scenario is None else (request, scenario)

    def _unfit(self, request: PresentationRequest, scenario: Scenario | None) -> list[Problem]:
        if request.verifier_id != self._policy.did or request.domain != self._policy.domain:
            return [Problem("request.foreign", "the request is addressed to another verifier or domain")]
        if scenario is None:
            return [Problem("scenario.unknown", "this verifier does not know the scenario")]
        if request.scenario_version != scenario.version:
            return [Problem("scenario.version", "the request was made with another version of the scenario")]
        if request.variant not in scenario.variants():
            return [Problem("request.form", "the scenario has no such variant")]
        problems = request.check_time(self._now, self._policy.skew)
        if not problems and self._now >= request.expires:
            problems = [
                Problem("request.expired", "the time to answer is over: ask for a new presentation", "/expires")
            ]
        return problems or self._policy.entitlement(scenario, self._now)

    def _check_cheaply(self, answer: Answer, keys: list[str]) -> bool:
        self._check_unused(keys)
        self._record.judged("members", "", answer.cards.shape_problems()[:64])
        self._check_trust()
        self._record.judged("portrait", "", messages.check_portraits(answer.message))
        return self._record.verified

    def _check_unused(self, keys: list[str]) -> None:
        try:
            if self._policy.replay.seen(keys):
                self._record.failed("replay", "", [_USED])
        except LedgerUnavailable as error:
            self._record.failed("replay", "", [_unavailable(error)], outcome=Outcome.INDETERMINATE)

    def _check_trust(self) -> None:
        try:
            trust = self._policy.trust(self._now)
        except ProblemError as error:
            self._record.failed("trust", "", error.problems)
            return
        problems: list[Problem] = []
        for index, credential in enumerate(self._credentials):
            place = f"/verifiableCredential/{index}"
            problems += trust.check_issuer(credential, now=self._now, pointer=place, cards=self._policy.cards)
        self._record.judged("trust", "", problems[:64])

    def _verify(self, answer: Answer, expected: Expectations) -> Steps[bool]:
        verdict = yield from answer.cards.verification(expected)
        record = self._record
        record.checks.extend(verdict.checks)
        record.problems.extend(verdict.problems)
        record.warnings.extend(verdict.warnings)
        record.verified = record.verified and verdict.verified
        self._trace = verdict.trace
        if record.verified and (problems := answer.cards.binding_problems()):
            record.failed("holder_binding", "", problems)
        return record.verified

    def _check_scenario(self, answer: Answer, scenario: Scenario, request: PresentationRequest) -> bool:
        variant: Variant = "law" if request.variant == "law" else "min"
        assessment = assess(
            scenario,
            self._credentials,
            now=self._now,
            variant=variant,
            status_as_of=[self._policy.status.as_of(holder) for holder in answer.cards.status_holders()],
            skew=self._policy.skew,
        )
        self._advice = assessment.advice
        self._record.warnings.extend(assessment.warnings)
        named: dict[str, list[Problem]] = {"card": [], "scenario": [], "region": [], "freshness": []}
        for index, credential in enumerate(self._credentials):
            for problem in check_credential(credential, cards=self._policy.cards):
                place = f"/verifiableCredential/{index}{problem.pointer}"
                named["card"].append(problem.at(place))
        for problem in assessment.problems:
            named[_CHECKS.get(problem.code, "scenario")].append(problem)
        for name, problems in named.items():
            self._record.judged(name, "", problems)
        return self._record.verified

    def _use(self, keys: list[str], request: PresentationRequest) -> bool:
        """Enter the presentation as used. The last check of all: whoever loses the race is refused here."""
        try:
            first = self._policy.replay.accept(keys, keep_until=request.expires, now=self._now)
        except LedgerUnavailable as error:
            self._record.failed("replay", "", [_unavailable(error)], outcome=Outcome.INDETERMINATE)
            return False
        self._record.judged("replay", "", [] if first else [_USED])
        return first


_CHECKS = {"scenario.region": "region", "scenario.stale": "freshness"}
_USED = Problem("replay.used", "this presentation, or another answer to the same request, was accepted before")


def _unavailable(error: LedgerUnavailable) -> Problem:
    return Problem("replay.unavailable", f"the record of used presentations is out of reach: {error}")


def _pictures(message: Message) -> dict[str, bytes]:
    """The portraits by the pointers of their claims; their digests were checked."""
    pictures = {}
    for pointer, claim in messages.portraits(message.presentation):
        content = message.attachments.get(str(claim.get("digestMultibase")))
        if content is not None:
            pictures[pointer] = content
    return pictures
