"""The record of one verification: its checks, problems, warnings and intermediate values as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..judgement import Judgement
from ..problems import Problem
from ..verdict import Check, Outcome, Verdict

__all__ = ["Record"]


@lru_cache(maxsize=512)
def _check(name: str, outcome: Outcome, pointer: str, detail: str) -> Check:
    return Check(name, outcome, pointer, detail)


_FIRST: dict[str, Check] = {}


class Record:
    """Collects what is found. ``stopped`` is set by a failure after which nothing dear needs to be computed."""

    __slots__ = ("checks", "problems", "stopped", "traces", "verified", "warnings")

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.traces: list[dict[str, Any]] = []
        self.verified = True
        self.stopped = False

    def passed(self, name: str, pointer: str) -> None:
        """A check that passed."""
        self.checks.append(_check(name, Outcome.PASSED, pointer, ""))

    def not_applicable(self, name: str, pointer: str, detail: str) -> None:
        """A check that had nothing to check, or was not reached."""
        self.checks.append(_check(name, Outcome.NOT_APPLICABLE, pointer, detail))

    def failed(
        self,
        name: str,
        pointer: str,
        problems: Iterable[Problem],
        *,
        outcome: Outcome = Outcome.FAILED,
        stop: bool = True,
    ) -> None:
        """A check that failed or could not be decided. With ``stop`` False the verification goes on all the same."""
        found = list(problems)
        self.problems.extend(found)
        self.checks.append(Check(name, outcome, pointer, found[0].detail if found else ""))
        self.verified = False
        self.stopped = self.stopped or stop

    def judged(self, name: str, pointer: str, problems: list[Problem], *, stop: bool = True) -> None:
        """A check that passed when there are no ``problems``."""
        if problems:
            self.failed(name, pointer, problems, stop=stop)
        else:
            self.passed(name, pointer)

    def add(self, name: str, pointer: str, judgement: Judgement) -> None:
        """A check that another module made."""
        self.checks.append(judgement.check(name, pointer))
        self.problems.extend(judgement.problems)
        self.warnings.extend(judgement.warnings)
        if judgement.outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
            self.verified = False

    def verdict(self, document: Mapping[str, Any] | None, trace: Mapping[str, Any] | None) -> Verdict:
        """The verdict on ``document``."""
        return Verdict(self.verified, tuple(self.checks), tuple(self.problems), tuple(self.warnings), document, trace)
