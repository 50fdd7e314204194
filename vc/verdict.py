"""The result of a verification: a value, never a bare bool, never an exception for untrusted input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from .problems import Problem

__all__ = ["Check", "Judgement", "Outcome", "Verdict", "verdict_on_text"]


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"
    """It could not be decided (a resolver or a status list was out of reach). Counts as not verified."""
    NOT_APPLICABLE = "not applicable"
    """There was nothing to check, or the check was not reached."""
    NOT_SHOWN = "not shown"
    """A derived credential does not show what the check looks at. Nothing speaks against it, and nothing for it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One named check.

    ``name`` is a stable identifier (``proof``, ``holder_binding``, ...), ``pointer`` the JSON pointer (RFC 6901) of the
    part of the document it is about ("" is the whole), ``detail`` one sentence for people.
    """

    name: str
    outcome: Outcome
    pointer: str = ""
    detail: str = ""

    def to_dict(self) -> dict[str, str]:
        """The check as JSON."""
        return {"name": self.name, "outcome": self.outcome.value, "pointer": self.pointer, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of a check that can also be left undecided (status, schema).

    ``outcome`` is FAILED when a problem was decided, INDETERMINATE when nothing failed but something could not be
    obtained, NOT_APPLICABLE when there was nothing to check. ``problems`` are behind it, ``warnings`` are worth saying
    without being problems.
    """

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    detail: str = ""

    def check(self, name: str, pointer: str = "") -> Check:
        """The same as a named check of a verdict."""
        return Check(name, self.outcome, pointer, self.detail or (self.problems[0].detail if self.problems else ""))


class _Unread:
    """Room for the text of a document that is parsed when somebody first looks at it."""

    __slots__ = ("_text",)

    if not TYPE_CHECKING:  # Type checkers shall go on knowing which attributes there are.

        def __getattr__(self, name: str) -> object:
            # Asked only while ``document`` is not set. Two threads at once both parse, and either result will do.
            if name != "document":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            document = orjson.loads(self._text)
            object.__setattr__(self, "document", document)
            return document


@dataclass(frozen=True, slots=True)
class Verdict(_Unread):
    """What verification found (VCDM 2.0 section 7.1).

    ``verified`` is true only when no check failed and none was left undecided. ``document`` is what was verified, as
    parsed: read claims from here and nowhere else. ``trace`` holds the intermediate values when they were asked for.
    """

    verified: bool
    checks: tuple[Check, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    document: Mapping[str, Any] | None = None
    trace: Mapping[str, Any] | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        raise TypeError("a Verdict is not a bool: read .verified (and .problems)")

    @property
    def indeterminate(self) -> bool:
        """True when nothing failed, but something could not be decided."""
        outcomes = {check.outcome for check in self.checks}
        return Outcome.INDETERMINATE in outcomes and Outcome.FAILED not in outcomes

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON, with problem details in the style of VCDM 2.0 section 7.1."""
        result: dict[str, Any] = {
            "verified": self.verified,
            "checks": [check.to_dict() for check in self.checks],
            "problemDetails": [problem.to_dict() for problem in self.problems],
            "warnings": [problem.to_dict() for problem in self.warnings],
        }
        if self.trace is not None:
            result["trace"] = self.trace
        return result


def verdict_on_text(
    verified: bool,
    checks: tuple[Check, ...],
    problems: tuple[Problem, ...],
    warnings: tuple[Problem, ...],
    text: bytes | str,
    trace: Mapping[str, Any] | None = None,
) -> Verdict:
    """A verdict whose document is the JSON ``text``, parsed when it is first read: in a batch, few callers look at all.

    ``text`` is what ``vc.parsing`` accepted when the document was verified. The verdict equals one made in the usual
    way.
    """
    verdict = _new(Verdict)
    _put_verified(verdict, verified)
    _put_checks(verdict, checks)
    _put_problems(verdict, problems)
    _put_warnings(verdict, warnings)
    _put_trace(verdict, trace)
    _put_text(verdict, text)
    return verdict


# Assignment to the slots of a frozen class; object.__setattr__ takes twice as long.
_new = object.__new__
_put_verified, _put_checks, _put_problems, _put_warnings, _put_trace = (
    vars(Verdict)[name].__set__ for name in ("verified", "checks", "problems", "warnings", "trace")
)
_put_text = vars(_Unread)["_text"].__set__
