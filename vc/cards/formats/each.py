"""Answers whose cards are signed one by one, each with the device's own signature: one verdict over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vc.needs import Steps
from vc.problems import Problem
from vc.verdict import Check, Outcome, Verdict

from .protocol import CREDENTIALS

if TYPE_CHECKING:
    from vc.verification import Expectations

__all__ = ["UNBOUND", "device_problems", "verification_of_each"]

UNBOUND = "the card is not bound to the device that showed it"


def verification_of_each(
    texts: Sequence[str | bytes], presentation: dict[str, Any], expected: Expectations
) -> Steps[Verdict]:
    """The steps of ``vc.verification`` over each of ``texts``. A card whose holder binding did not pass is refused."""
    from vc.verification import verification

    verdicts = []
    for index, text in enumerate(texts):
        verdict = yield from verification(text, expected)
        verdicts.append(_placed(verdict, f"{CREDENTIALS}/{index}"))
    return Verdict(
        all(verdict.verified for verdict in verdicts),
        tuple(check for verdict in verdicts for check in verdict.checks),
        tuple(problem for verdict in verdicts for problem in verdict.problems),
        tuple(problem for verdict in verdicts for problem in verdict.warnings),
        presentation,
        _traces(verdicts) if expected.explain else None,
    )


def device_problems(bound: Iterable[tuple[str | None, object]]) -> list[Problem]:
    """``holder.binding`` for each card whose device (the did:key of the key it is bound to, None for none) is not the
    one it names as its subject, or not the first card's."""
    pairs = list(bound)
    first = pairs[0][0] if pairs else None
    return [
        Problem("holder.binding", UNBOUND, f"{CREDENTIALS}/{index}/credentialSubject/id")
        for index, (device, subject) in enumerate(pairs)
        if first is None or subject != first or device != first
    ]


def _placed(verdict: Verdict, place: str) -> Verdict:
    """A verdict on one card as part of that on the whole answer. Without a key binding that holds there is no card."""
    checks = [replace(check, pointer=place + check.pointer) for check in verdict.checks]
    problems = [p.at(place + p.pointer) for p in verdict.problems]
    bound = any(check.name == "holder_binding" and check.outcome is Outcome.PASSED for check in verdict.checks)
    if verdict.verified and not bound:
        checks.append(Check("holder_binding", Outcome.FAILED, place, UNBOUND))
        problems.append(Problem("holder.binding", UNBOUND, place))
    warnings = [p.at(place + p.pointer) for p in verdict.warnings]
    return Verdict(
        verdict.verified and bound, tuple(checks), tuple(problems), tuple(warnings), verdict.document, verdict.trace
    )


def _traces(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    proofs: list[Mapping[str, Any]] = [
        {**trace, "pointer": f"{CREDENTIALS}/{index}{trace.get('pointer', '')}"}
        for index, verdict in enumerate(verdicts)
        for trace in (verdict.trace or {}).get("proofs", ())
    ]
    return {"contexts": {}, "proofs": proofs}
