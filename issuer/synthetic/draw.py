"""One stream of choices from a seed: the same seed gives the same people on every Python version."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

__all__ = ["Draw"]

_T = TypeVar("_T")


class Draw:
    """Choices from a seed. Only ``random()`` of the standard generator is used: its sequence is guaranteed to stay."""

    def __init__(self, seed: int | str) -> None:
        self._next = random.Random(str(seed)).random  # noqa: S311  (synthetic data, no secret)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._next() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self._next() * (high - low + 1))

    def pick(self, choices: Sequence[_T]) -> _T:
        """One of the choices."""
        return choices[int(self._next() * len(choices))]

    def weighted(self, choices: Sequence[tuple[int, _T]]) -> _T:
        """One of the choices, each as often as its weight says."""
        mark = self._next() * sum(weight for weight, _ in choices)
        for weight, choice in choices:
            mark -= weight
            if mark < 0:
                return choice
        return choices[-1][1]

    def day(self, first: date, last: date) -> date:
        """A day from ``first`` to ``last``, both included; ``first`` when ``last`` is before it."""
        return first + timedelta(days=self.between(0, max(0, (last - first).days)))
