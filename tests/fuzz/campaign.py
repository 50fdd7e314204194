"""A campaign: rounds over the targets, each repeatable from its seed; what is found is made small and kept."""

from __future__ import annotations

import hashlib
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from .choices import Choices, FromHypothesis, FromSeed, Recorded, Replayed
from .minimise import fewest, minimised
from .target import Finding, Target, examine

__all__ = ["Campaign", "Hang", "keep", "search"]

_HANG = 30
"""Seconds of processor time after which an input counts as one that never ends."""


class Hang(Exception):
    """An input took far too long."""


@dataclass
class Campaign:
    """What was done and found so far. ``report`` is told of each new finding."""

    seed: int
    report: Callable[[Finding], None] = lambda finding: None
    inputs: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    known: dict[tuple[str, str], Finding] = field(default_factory=dict)

    def round(self, target: Target, number: int, *, examples: int, until: float = float("inf")) -> list[Finding]:
        """``examples`` inputs from the seed of this round; new findings are returned, small.

        Every fourth round is Hypothesis's.
        """
        start = time.process_time()
        found = search(
            target,
            round_seed(self.seed, target.name, number),
            examples=examples,
            until=until,
            known={signature for name, signature in self.known if name == target.name},
            counted=lambda: self.inputs.update([target.name]),
            hypothetical=number % 4 == 3,
        )
        for finding in found:
            self.known[(target.name, finding.signature)] = finding
            self.report(finding)
        self.seconds[target.name] += time.process_time() - start  # type: ignore[assignment]
        return found


def round_seed(seed: int, target: str, number: int) -> int:
    """The seed of one round on one target, which repeats it alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{target}/{number}".encode()).digest()[:6], "big")


def search(
    target: Target,
    seed: int,
    *,
    examples: int,
    until: float = float("inf"),
    known: Iterable[str] = (),
    timed: bool = True,
    counted: Callable[[], object] = lambda: None,
    hypothetical: bool = False,
) -> list[Finding]:
    """Feed ``examples`` mutants made from ``seed``, until the monotonic time ``until``. One finding a signature, small.

    Decisions are a seeded generator's, which spreads them evenly, or with ``hypothetical`` Hypothesis's, which likes
    borders and variations of what it had before.
    """
    target.meanings
    seen = set(known)
    found: list[Finding] = []

    def look(source: Choices) -> None:
        decisions = Recorded(source)
        mutant = target.mutant(decisions)
        counted()
        with _watched(timed):
            finding = examine(target, mutant, timed=timed)
        if finding is not None and finding.signature not in seen:
            seen.add(finding.signature)
            found.append(_small(target, finding, decisions.made))

    if hypothetical and time.monotonic() < until:
        _hypothesise(look, seed, examples)  # To its end: it takes a decision that is not asked for again as a fault.
    elif not hypothetical:
        for number in range(examples):
            if time.monotonic() > until:
                break
            look(FromSeed(f"{seed}/{number}"))
    return found


def _hypothesise(look: Callable[[Choices], None], seed: int, examples: int) -> None:
    """Have Hypothesis make the decisions of ``examples`` inputs."""

    @hypothesis.seed(seed)
    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @hypothesis.given(st.data())
    def hypothesise(data: Any) -> None:
        look(FromHypothesis(data))

    hypothesise()


def _small(target: Target, finding: Finding, decisions: Sequence[int]) -> Finding:
    """The finding with the fewest decisions; and what is no matter of meaning, with the fewest bytes, too."""
    if finding.signature == "slow" or finding.signature.startswith("Hang"):
        return finding
    best = finding

    def shows(data: bytes) -> bool:
        nonlocal best
        again = examine(target, data)
        if again is None or again.signature != finding.signature:
            return False
        best = again
        return True

    if not shows(finding.data):
        return finding  # Found once: it depends on what was fed before.
    fewest(decisions, lambda kept: shows(target.mutant(Replayed(kept))))
    if not target.signed:
        minimised(best.data, shows)
    return best


@contextmanager
def _watched(timed: bool) -> Iterator[None]:
    """Raise Hang in what runs too long. Tests, which are not timed, are not watched."""
    if not timed:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang(f"not done after {_HANG} s of processor time")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, _HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def keep(target: Target, finding: Finding) -> str:
    """Put a finding's input into the corpus, to be replayed by the tests; returns the file's name."""
    words = "".join(c if c.isalnum() else "-" for c in finding.signature.lower()).strip("-")
    while "--" in words:
        words = words.replace("--", "-")
    suffix = next((name.rpartition(".")[2] for name in target.files()), "bin")
    name = f"found-{words[:60].strip('-')}-{hashlib.sha256(finding.data).hexdigest()[:8]}.{suffix}"
    target.folder.mkdir(parents=True, exist_ok=True)
    (target.folder / name).write_bytes(finding.data)
    return name
