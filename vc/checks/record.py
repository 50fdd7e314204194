"""The record of one verification: its checks, problems, warnings and intermediate values as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..problems import Problem
from ..verdict import Check, Judgement, Outcome, Verdict

__all__ = ["Record"]


# Checks that passed, or did not apply, are the same objects again and again: making them is dearer than finding them.
_MADE: dict[tuple[str, str, str | None], Check] = {}
_MAX_MADE = 4096


def _made(key: tuple[str, str, str | None]) -> Check:
    name, pointer, detail = key
    check = Check(name, Outcome.PASSED if detail is None else Outcome.NOT_APPLICABLE, pointer, detail or "")
    if len(_MADE) < _MAX_MADE:
        _MADE[key] = check
    return check


@lru_cache(maxsize=256)
def _unseen(name: str, pointer: str, detail: str) -> Check:
    return Check(name, Outcome.NOT_SHOWN, pointer, detail)


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
        key = (name, pointer, None)
        self.checks.append(_MADE.get(key) or _made(key))

    def not_applicable(self, name: str, pointer: str, detail: str) -> None:
        """A check that had nothing to check, or was not reached."""
        key = (name, pointer, detail)
        self.checks.append(_MADE.get(key) or _made(key))

    def not_shown(self, name: str, pointer: str, detail: str) -> None:
        """A check of something that a derived credential does not show."""
        self.checks.append(_unseen(name, pointer, detail))

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
