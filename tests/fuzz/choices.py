"""Where the decisions of a mutation come from: a seed, Hypothesis, which likes borders and repeats, or atheris, which
learns; and decisions made before, to be taken back one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

__all__ = ["Choices", "FromAtheris", "FromHypothesis", "FromSeed", "Recorded", "Replayed", "chance", "pick"]

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions. 0 is always the plainest, so that what shrinks becomes plain."""

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""
        ...


class FromHypothesis:
    """Decisions that Hypothesis draws, repeats and shrinks; ``data`` is what ``st.data()`` gives."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def below(self, bound: int) -> int:
        return 0 if bound <= 1 else int(self._data.draw(st.integers(0, bound - 1)))


class FromAtheris:
    """Decisions read from the bytes that libFuzzer makes; ``provider`` is a FuzzedDataProvider."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def below(self, bound: int) -> int:
        return 0 if bound <= 1 else int(self._provider.ConsumeIntInRange(0, bound - 1))


class FromSeed:
    """Decisions of a seeded generator."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)

    def below(self, bound: int) -> int:
        return 0 if bound <= 1 else self._random.randrange(bound)


class Recorded:
    """Decisions of another source, remembered in ``made``."""

    def __init__(self, source: Choices) -> None:
        self._source = source
        self.made: list[int] = []

    def below(self, bound: int) -> int:
        made = self._source.below(bound)
        self.made.append(made)
        return made


class Replayed:
    """Decisions made before; after their end the plainest."""

    def __init__(self, made: Sequence[int]) -> None:
        self._made = iter(made)

    def below(self, bound: int) -> int:
        return 0 if bound <= 0 else min(next(self._made, 0), bound - 1)


def pick(choices: Choices, items: Sequence[T]) -> T:
    """One of ``items``, of which there is at least one."""
    return items[choices.below(len(items))]


def chance(choices: Choices, one_in: int) -> bool:
    """True once in ``one_in`` times; shrinks to False."""
    return choices.below(one_in) == one_in - 1
