"""A target: what is fed, how its inputs are changed, and what must never happen to it. And judging one input."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .choices import Choices, pick
from .meaning import Meaning, nearest
from .mutators import Mutator

__all__ = ["CORPUS", "Finding", "Target", "Violation", "as_mapping", "budget", "examine", "refused"]

CORPUS = Path(__file__).with_name("corpus")
_SECONDS = 0.15
"""Of processor time for an input of 64 KiB at most; larger ones get 1 s for each MiB."""


class Violation(AssertionError):
    """Something was accepted that must not be, or two readings of one thing differ."""


@dataclass(frozen=True)
class Target:
    """One way into the product.

    ``run`` feeds an input and returns what it means (``meaning.answers``) when it was accepted, None when it was
    refused as documented; whatever it raises is a finding. With ``signed``, what was accepted must mean what one of the
    corpus's ``valid-`` inputs means.
    """

    name: str
    mutate: Mutator
    run: Callable[[bytes], Meaning | None]
    signed: bool = False

    @property
    def folder(self) -> Path:
        """Where its corpus is kept."""
        return CORPUS / self.name

    def files(self, kind: str = "") -> dict[str, bytes]:
        """The corpus by file name: ``valid-`` is accepted, ``refused-`` is not, ``found-`` was a finding once."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.glob(f"{kind}*")) if path.is_file()}

    @cached_property
    def seeds(self) -> list[bytes]:
        """What inputs are made from."""
        return list(self.files().values())

    @cached_property
    def meanings(self) -> list[Meaning]:
        """What the valid inputs of the corpus mean."""
        found = [self.run(data) for data in self.files("valid-").values()]
        return [meaning for meaning in found if meaning is not None]

    def mutant(self, choices: Choices) -> bytes:
        """An input made from a seed."""
        return self.mutate(pick(choices, self.seeds), choices, self.seeds)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one input. ``signature`` is the same for inputs that show the same fault."""

    target: str
    signature: str
    detail: str
    data: bytes = field(repr=False)


def budget(size: int) -> float:
    """Seconds of processor time that an input of ``size`` bytes may take."""
    return _SECONDS if size <= 65_536 else max(_SECONDS, size / 1_048_576)


def examine(target: Target, data: bytes, *, timed: bool = False) -> Finding | None:
    """Feed one input; None when all is well. ``timed`` looks at processor time too, which tests don't."""
    start = time.process_time()
    try:
        meaning = target.run(data)
    except Violation as violation:
        return Finding(target.name, f"violation: {violation}".split(" | ")[0][:200], str(violation)[:1000], data)
    except Exception as error:
        return Finding(target.name, _place(error), "".join(traceback.format_exception(error))[-3000:], data)
    spent = time.process_time() - start
    if target.signed and meaning is not None:
        changed = nearest(meaning, target.meanings)
        if changed:
            asked = [name for name in changed if name != "document"] or changed
            signature = f"accepted, and means something else: {', '.join(asked)}"
            return Finding(target.name, signature[:200], signature, data)
    if timed and spent > budget(len(data)):
        spent = min(spent, _spent(target, data), _spent(target, data))
        if spent > budget(len(data)):
            detail = f"{len(data)} bytes took {spent:.2f} s of processor time"
            return Finding(target.name, "slow", detail, data)
    return None


def _spent(target: Target, data: bytes) -> float:
    start = time.process_time()
    target.run(data)
    return time.process_time() - start


def _place(error: BaseException) -> str:
    """The kind of error and the innermost place of the project's own that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    root = str(Path(__file__).parents[2])
    ours = [
        f for f in frames if f.filename.startswith(root) and "/.venv/" not in f.filename and "/tests/" not in f.filename
    ]
    last = (ours or frames)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.name}"


def refused(*kinds: type[BaseException]) -> Callable[[Callable[[bytes], Any]], Callable[[bytes], Any]]:
    """Wraps ``run``: these errors are documented, and mean that the input was refused."""

    def wrapped(run: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        def running(data: bytes) -> Any:
            try:
                return run(data)
            except kinds:
                return None

        running.__name__ = run.__name__
        return running

    return wrapped


def as_mapping(value: Any) -> Mapping[str, Any]:
    """A meaning that is one answer."""
    return {"everything": value}
