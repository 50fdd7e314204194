"""The verifier at a counter: it asks for a presentation, and it judges the answer once."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from contexts import CONTEXTS, ContextRegistry
from vc.cards import CARDS, CardSet, register_contexts
from vc.cards.message import Message
from vc.checks.envelope_profile import STRICT, EnvelopeProfile
from vc.needs import Steps, run, run_async
from vc.problems import Problem, ProblemError
from vc.scenarios import SCENARIOS, PresentationRequest, Scenario, ScenarioSet, Variant
from vc.status import FileStatusSource, StatusChecker
from vc.verification import DEFAULT_SKEW, Expectations

from .effect import CounterVerdict
from .judging import Judging, Policy
from .replay import ReplayGuard, replay_keys
from .requests import RequestBook
from .trust import TrustList

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["TrustSource", "Verifier"]


_LIFE = timedelta(seconds=300)
"""How long a presentation lives at most, from when it was made: wallets make it when they are asked."""


class TrustSource(Protocol):
    """Gives the trust list in use (``TrustStore``, for instance)."""

    def load(self, now: datetime) -> TrustList:
        """The verified list. Raises ProblemError."""
        ...


class Verifier:
    """One place that verifies.

    ``did`` and ``name`` are how it presents itself, ``domain`` is what presentations to it are addressed to, ``region``
    (province code, GB/T 2260) where it is. ``trust`` is a trust list or gives one, ``replay`` and ``requests`` are kept
    in a database that all processes of the operator share. ``cards`` are the cards it knows, with their contexts, and
    ``scenarios`` those it may use, of these cards. ``status`` checks status lists; by default none is at hand, so that
    a card with a status is left undecided. ``envelopes`` is how envelopes are judged: which certificates it trusts.
    ``clock`` gives aware datetimes, ``random`` so many random bytes.
    """

    def __init__(
        self,
        *,
        did: str,
        name: str,
        domain: str,
        trust: TrustList | TrustSource,
        replay: ReplayGuard,
        requests: RequestBook,
        region: str | None = None,
        cards: CardSet = CARDS,
        scenarios: ScenarioSet = SCENARIOS,
        status: StatusChecker | None = None,
        resolver: Resolver | None = None,
        contexts: ContextRegistry = CONTEXTS,
        envelopes: EnvelopeProfile = STRICT,
        skew: timedelta = DEFAULT_SKEW,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        unknown = {card.type for scenario in scenarios.values() for card in scenario.cards} - cards.keys()
        if unknown:
            raise ValueError(
                f"the scenarios ask for cards that the verifier does not know: {', '.join(sorted(unknown))}"
            )
        self.did = did
        self.name = name
        self.domain = domain
        self.region = region
        self.cards = cards
        self.scenarios = scenarios
        self._trust = trust
        self._replay = replay
        self._requests = requests
        self._status = status or StatusChecker(FileStatusSource())
        self._resolver = resolver
        self.contexts = contexts if cards is CARDS else register_contexts(cards, contexts)
        # A card in an envelope is shown for as long as a presentation lives.
        self._envelopes = replace(envelopes, binding_max_age=_LIFE)
        self._skew = skew
        self._clock = clock
        self._random = random

    def request(self, scenario: str, *, variant: Variant = "min", envelope: str | None = None) -> PresentationRequest:
        """A new request for ``scenario``, with a fresh challenge; it is kept, so that ``verify`` knows its answer.

        With ``envelope`` the cards are wanted in the format of that name (``vc.cards.formats``). Raises
        ProblemError: ``scenario.unknown``,
        ``verifier.region``, ``trust.verifier`` and what the trust list says, ``request.form`` for another envelope;
        ValueError for a variant the scenario does not have; LedgerUnavailable.
        """
        now = self._clock()
        known = self.scenarios.get(scenario)
        if known is None:
            raise ProblemError(Problem("scenario.unknown", "this verifier does not know the scenario", "/scenario"))
        problems = self._entitlement(known, now)
        if problems:
            raise ProblemError(*problems)
        challenge = base64.urlsafe_b64encode(self._random(24)).decode()
        request = known.request(self.did, self.name, challenge, self.domain, now, variant, envelope=envelope)
        self._requests.add(request, now=now)
        return request

    def asked(self, challenge: str) -> PresentationRequest | None:
        """The request of this verifier with that challenge, while it is kept. Raises LedgerUnavailable."""
        return self._requests.find(challenge)

    def answered(self, request: PresentationRequest) -> bool:
        """Whether an answer to ``request`` was accepted. Raises LedgerUnavailable."""
        return self._replay.seen(replay_keys(request.domain, request.challenge))

    def trust_list(self) -> TrustList:
        """The trust list in use, verified and in force. Raises ProblemError."""
        return self._trust_list(self._clock())

    def entitled(self, scenario: Scenario) -> bool:
        """Whether this verifier may use ``scenario`` where it is, as what the trust list says it is."""
        return not self._entitlement(scenario, self._clock())

    def verify(
        self,
        message: bytes | str | Mapping[str, Any] | Message,
        request: PresentationRequest | None = None,
        *,
        explain: bool = False,
    ) -> CounterVerdict:
        """Judge the answer to ``request``; without it, to the request of this verifier that has the same challenge.

        ``message`` is the transport message (JSON, parsed or read) of any format, or a bare presentation. Never raises
        for it. The verdict on another format than JSON-LD has as document the JSON-LD credentials that its cards stand
        for.
        Checks: parse, request, members (what a card of its kind must and may show), trust, portrait, those of
        ``vc.verify`` (the presentation is young and ends soon), card (its values are such as it may have), scenario,
        region, freshness, replay. A presentation is accepted once.
        """
        return run(self._steps(message, request, explain))

    async def verify_async(
        self,
        message: bytes | str | Mapping[str, Any] | Message,
        request: PresentationRequest | None = None,
        *,
        explain: bool = False,
        driver: Callable[[Steps[CounterVerdict]], Awaitable[CounterVerdict]] = run_async,
    ) -> CounterVerdict:
        """As ``verify``; awaits the network where it is needed. Servers give ``vc.workroom.ROOM.drive``."""
        return await driver(self._steps(message, request, explain))

    def _entitlement(self, scenario: Scenario, now: datetime) -> list[Problem]:
        """Why this verifier may not use ``scenario``."""
        problems = []
        if self.region is not None and self.region[:2] not in {region[:2] for region in scenario.regions}:
            problems.append(Problem("verifier.region", "the scenario does not count in the region of this verifier"))
        if scenario.verifier_class is not None:
            try:
                problems += self._trust_list(now).check_verifier(self.did, scenario.verifier_class, now=now)
            except ProblemError as error:
                problems += error.problems
        return problems

    def _trust_list(self, now: datetime) -> TrustList:
        trust = self._trust if isinstance(self._trust, TrustList) else self._trust.load(now)
        problems = trust.check_time(now, self._skew)
        if problems:
            raise ProblemError(*problems)
        return trust

    def _steps(
        self, message: bytes | str | Mapping[str, Any] | Message, request: PresentationRequest | None, explain: bool
    ) -> Steps[CounterVerdict]:
        policy = Policy(
            did=self.did,
            domain=self.domain,
            cards=self.cards,
            scenarios=self.scenarios,
            requests=self._requests,
            replay=self._replay,
            trust=self._trust_list,
            entitlement=self._entitlement,
            status=self._status,
            skew=self._skew,
        )
        now = self._clock()

        def expect(answered: PresentationRequest) -> Expectations:
            return Expectations(
                challenge=answered.challenge,
                domain=answered.domain,
                resolver=self._resolver,
                contexts=self.contexts,
                now=now,
                skew=self._skew,
                status=self._status,
                explain=explain,
                envelopes=self._envelopes,
                max_proof_age=_LIFE,
                max_proof_life=_LIFE,
            )

        return (yield from Judging(policy, now).steps(message, request, expect))
