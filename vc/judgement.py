"""What one check found: the outcome, the problems behind it, and what is worth saying without being a problem."""

from __future__ import annotations

from dataclasses import dataclass

from .problems import Problem
from .verdict import Check, Outcome

__all__ = ["Judgement"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of a check that can also be left undecided (status, schema).

    ``outcome`` is FAILED when a problem was decided, INDETERMINATE when nothing failed but something could not be
    obtained, NOT_APPLICABLE when there was nothing to check.
    """

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    detail: str = ""

    def check(self, name: str, pointer: str = "") -> Check:
        """The same as a named check of a verdict."""
        return Check(name, self.outcome, pointer, self.detail or (self.problems[0].detail if self.problems else ""))
