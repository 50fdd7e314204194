"""A campaign: rounds over the targets, each repeatable from its seed; what is found is made small and kept."""

from __future__ import annotations

import hashlib
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from .choices import FromHypothesis
from .minimise import minimised
from .target import Finding, Target, examine

__all__ = ["Campaign", "Hang", "keep", "search"]

_HANG = 60
"""Seconds after which an input counts as one that never ends."""
_PHASES = (Phase.generate, Phase.shrink)


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

    def round(self, target: Target, number: int, *, examples: int, until: float) -> list[Finding]:
        """``examples`` inputs from the seed of this round; new findings are returned, small."""
        start = time.process_time()
        found = search(
            target,
            round_seed(self.seed, target.name, number),
            examples=examples,
            until=until,
            known={signature for name, signature in self.known if name == target.name},
            counted=lambda: self.inputs.update([target.name]),
        )
        new = []
        for finding in found:
            small = self._small(target, finding)
            self.known[(target.name, finding.signature)] = small
            self.report(small)
            new.append(small)
        self.seconds[target.name] += time.process_time() - start
        return new

    def _small(self, target: Target, finding: Finding) -> Finding:
        if finding.signature == "slow" or finding.signature.startswith("Hang"):
            return finding

        def shows(data: bytes) -> bool:
            again = examine(target, data)
            return again is not None and again.signature == finding.signature

        data = minimised(finding.data, shows) if shows(finding.data) else finding.data
        return Finding(finding.target, finding.signature, finding.detail, data)


def round_seed(seed: int, target: str, number: int) -> int:
    """The seed of one round on one target, which repeats it alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{target}/{number}".encode()).digest()[:6], "big")


def search(
    target: Target,
    seed: int,
    *,
    examples: int,
    until: float | None = None,
    known: set[str] | None = None,
    timed: bool = True,
    counted: Callable[[], object] = lambda: None,
) -> list[Finding]:
    """Feed ``examples`` mutants made from ``seed``, until the monotonic time ``until``. One finding a signature.

    Hypothesis makes the decisions and takes back those that are not needed to show the fault.
    """
    target.meanings  # noqa: B018  So that the first input does not pay for it.
    seen = set(known or ())
    smallest: dict[str, Finding] = {}
    kinds: dict[str, type[Exception]] = {}

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=_PHASES, print_blob=False,
        suppress_health_check=list(HealthCheck), verbosity=hypothesis.Verbosity.quiet, report_multiple_bugs=True,
    )  # fmt: skip
    @hypothesis.given(st.data())
    def look(data: Any) -> None:
        if until is not None and time.monotonic() > until:
            return
        mutant = target.mutant(FromHypothesis(data))
        counted()
        with _watched(timed):
            finding = examine(target, mutant, timed=timed)
        if finding is None or finding.signature in seen:
            return
        best = smallest.get(finding.signature)
        if best is None or len(finding.data) <= len(best.data):
            smallest[finding.signature] = finding
        # A class of its own for each signature: Hypothesis tells faults apart by it.
        raise kinds.setdefault(finding.signature, type("Fault", (Exception,), {}))(finding.signature)

    try:
        look()
    except BaseException as error:  # Faults, groups of faults, Flaky when time was up in between.
        if isinstance(error, KeyboardInterrupt | SystemExit) or not smallest:
            raise
    return list(smallest.values())


@contextmanager
def _watched(timed: bool) -> Iterator[None]:
    """Raise Hang in what runs too long. Tests, which are not timed, are not watched."""
    if not timed:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang(f"not done after {_HANG} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(_HANG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


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
