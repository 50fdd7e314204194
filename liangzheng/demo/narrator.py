"""The demo's voice: steps, what is seen, and whether each result is the expected one."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import click

from vc.verdict import Outcome, Verdict

from .. import terminal
from ..terminal import t

__all__ = ["Narrator", "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the summary: the step, what it should give and what it gave."""

    step: str
    expected: str
    found: str

    @property
    def as_expected(self) -> bool:
        """Whether the step gave what it should."""
        return self.expected == self.found


class Narrator:
    """Prints the story to standard output and collects results. ``quiet`` collects only."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.results: list[Result] = []
        self._quiet = quiet
        self._started = time.monotonic()
        self._colour = sys.stdout.isatty()

    @property
    def all_as_expected(self) -> bool:
        """Whether every step so far gave what it should (and there was one)."""
        return bool(self.results) and all(result.as_expected for result in self.results)

    def step(self, zh: str, en: str) -> None:
        """A new part of the story."""
        self._print("")
        self._print(click.style(f"▌ {t(zh, en)}", bold=True, fg="cyan"))

    def say(self, zh: str, en: str) -> None:
        """What happens."""
        self._print(f"  {t(zh, en)}")

    def show(self, lines: Iterable[str]) -> None:
        """Lines as they are."""
        for line in lines:
            self._print(f"    {line}")

    def picture(self, text: str, *, columns: int) -> None:
        """A QR code in characters, on a terminal that is wide enough for it."""
        if self._quiet or not self._colour:
            return
        if shutil.get_terminal_size().columns < columns:
            self.say(
                f"终端宽度不足 {columns} 列，请看图片。",
                f"the terminal has less than {columns} columns: see the picture.",
            )
        else:
            click.echo(text)

    def countdown(self, expires: datetime, clock: Callable[[], datetime]) -> None:
        """How long the presentation lives; on a terminal the first seconds tick by."""
        ticks = 3 if self._colour and not self._quiet else 1
        for tick in range(ticks):
            left = math.ceil((expires - clock()).total_seconds())
            if not self._quiet:
                click.echo("\r  " + t(f"剩余 {left} 秒", f"{left} seconds left"), nl=tick == ticks - 1)
            if tick < ticks - 1:
                time.sleep(1)

    def expect(self, step: str, expected: str, found: str) -> None:
        """Note a result, and say whether it is the expected one."""
        result = Result(step, expected, found)
        self.results.append(result)
        mark, colour = ("✔", "green") if result.as_expected else ("✘", "red")
        suffix = "" if result.as_expected else t(f"（应为 {expected}）", f" (should be {expected})")
        self._print(click.style(f"  {mark} {step}: {found}{suffix}", fg=colour))

    def judge(self, step: str, verdict: Verdict, *, refused_by: str | None = None) -> None:
        """Note a verdict: verified, or refused by exactly the check it should be refused by."""
        failed = [check for check in verdict.checks if check.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)]
        names = [check.name for check in failed]
        found = "verified" if verdict.verified else "refused: " + (names[0] if names else "-")
        if refused_by is not None and refused_by in names:
            found = f"refused: {refused_by}"
        self.expect(step, "verified" if refused_by is None else f"refused: {refused_by}", found)
        if not verdict.verified:
            self.show(f"{problem.code} {problem.pointer} {problem.detail}" for problem in verdict.problems[:2])

    def summary(self, *, as_json: bool) -> None:
        """The table at the end."""
        seconds = round(time.monotonic() - self._started, 1)
        if as_json:
            rows = [
                {"step": r.step, "expected": r.expected, "found": r.found, "asExpected": r.as_expected}
                for r in self.results
            ]
            terminal.emit({"allAsExpected": self.all_as_expected, "seconds": seconds, "steps": rows}, as_json=True)
            return
        self.step("小结", "Summary")
        for result in self.results:
            mark = click.style("✔", fg="green") if result.as_expected else click.style("✘", fg="red")
            self._print(f"  {mark} {_padded(result.step, 46)} {result.found}")
        good = sum(result.as_expected for result in self.results)
        self._print("")
        self.say(
            f"{good}/{len(self.results)} 项符合预期，用时 {seconds} 秒。",
            f"{good} of {len(self.results)} as they should be, in {seconds} seconds.",
        )

    def _print(self, text: str) -> None:
        if not self._quiet:
            click.echo(text)


def _padded(text: str, width: int) -> str:
    """The text filled with blanks to ``width`` columns; Chinese characters take two."""
    columns = sum(2 if ord(character) > 0x2E7F else 1 for character in text)
    return text + " " * max(0, width - columns)
