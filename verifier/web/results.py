"""Results that a desk looks at: in memory only, for a few minutes, for the desks concerned only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vc.scenarios import PresentationRequest

from ..effect import CounterVerdict

__all__ = ["LIFETIME", "Result", "Results"]

LIFETIME = timedelta(minutes=5)
_MOST = 200
_MOST_OF_A_REQUEST = 5


@dataclass(frozen=True, slots=True)
class Result:
    """One judged answer. ``desks`` may see it: the one that asked and the one that scanned."""

    id: str
    verdict: CounterVerdict
    request: PresentationRequest | None
    desks: frozenset[str]
    at: datetime


class Results:
    """Keeps the latest results until their time is over; a restart forgets them, as does a crowd."""

    def __init__(self, clock: Callable[[], datetime], random: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._random = random
        self._kept: OrderedDict[str, Result] = OrderedDict()

    def add(self, verdict: CounterVerdict, request: PresentationRequest | None, desks: frozenset[str]) -> Result:
        """Keep a result under a new unguessable name; of a refused answer not what it said.

        Nothing is kept for no desk, and few of one request, so that strangers can't crowd out what a desk looks at.
        """
        self._sweep()
        if not verdict.verified:
            verdict = replace(verdict, document=None, trace=None)
        result = Result(self._random(16).hex(), verdict, request, desks, self._clock())
        if not desks:
            return result
        if request is not None:
            refused = [
                name
                for name, kept in self._kept.items()
                if kept.request is not None
                and kept.request.challenge == request.challenge
                and not kept.verdict.verified
            ]
            for name in refused[: -_MOST_OF_A_REQUEST + 1]:
                del self._kept[name]
        self._kept[result.id] = result
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return result

    def get(self, name: str, desk: str) -> Result | None:
        """The result of that name, when it is this desk's and still kept."""
        self._sweep()
        found = self._kept.get(name)
        return found if found is not None and desk in found.desks else None

    def of(self, challenge: str, desk: str) -> list[Result]:
        """The results of answers to one request, oldest first."""
        self._sweep()
        return [
            result
            for result in self._kept.values()
            if result.request is not None and result.request.challenge == challenge and desk in result.desks
        ]

    def _sweep(self) -> None:
        oldest = self._clock() - LIFETIME
        for name, result in list(self._kept.items()):
            if result.at < oldest:
                del self._kept[name]
