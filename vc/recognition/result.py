"""What recognition found, and the way to the one thing in it that can be verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..problems import Problem, ProblemError
from ..superseded import Superseded
from ..verdict import Check, Outcome, Verdict
from .kinds import KINDS, Kind

__all__ = ["Carried", "Opened", "Recognition", "open_input", "refused"]

Content = bytes | str | dict[str, Any]


class Carried(NamedTuple):
    """Something in something else: the JSON pointer to it ("" where there is no JSON), and what it is."""

    pointer: str
    what: Recognition


@dataclass(frozen=True, slots=True)
class Recognition:
    """What something is. ``kind`` is a key of ``KINDS``; ``content`` is what ``vc.verify`` would be given.

    ``version`` says which data model or format, ``remarks`` (English, Chinese) what was odd and set right on the way,
    ``carried`` what is inside; ``left_off`` is whether there was more inside than is looked at.
    """

    kind: str
    content: Content = b""
    version: str = ""
    superseded: tuple[Superseded, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    carried: tuple[Carried, ...] = ()
    left_off: bool = False

    @property
    def described(self) -> Kind:
        """The names and the advice of the kind."""
        return KINDS[self.kind]

    def verifiable(self) -> Iterator[tuple[str, Recognition]]:
        """Everything that ``vc.verify`` takes, with its pointer in the whole; not what is inside of such things."""
        if self.described.verifiable:
            yield "", self
            return
        for pointer, what in self.carried:
            for below, found in what.verifiable():
                yield pointer + below, found

    def to_dict(self) -> dict[str, Any]:
        """The recognition as JSON, without the content."""
        kind = self.described
        found: dict[str, Any] = {"kind": self.kind, "name": kind.name, "nameZh": kind.name_zh}
        if self.version:
            found["version"] = self.version
        if kind.advice:
            found |= {"advice": kind.advice, "adviceZh": kind.advice_zh}
        found["verifiable"] = kind.verifiable
        if self.superseded:
            found["superseded"] = [entry.to_dict() for entry in self.superseded]
        if self.remarks:
            found["remarks"] = [{"en": en, "zh": zh} for en, zh in self.remarks]
        if self.carried:
            found["carried"] = [{"pointer": pointer, **what.to_dict()} for pointer, what in self.carried]
        if self.left_off:
            found["leftOff"] = True
        return found


class Opened(NamedTuple):
    """What is to be verified: ``content`` for ``vc.verify``, found at ``pointer`` of ``whole``; ``what`` it is."""

    content: Content
    pointer: str
    what: Recognition
    whole: Recognition

    @property
    def unwrapped(self) -> bool:
        """Whether it stood in something else."""
        return self.what is not self.whole


def open_input(whole: Recognition, *, at: str | None = None) -> Opened:
    """The one thing in ``whole`` that can be verified; with ``at``, what stands at that JSON pointer.

    Raises ProblemError ``parse.carrier``: there is nothing of the kind (says what it is, and what to ask for), there is
    more than one (names their pointers), or nothing verifiable stands at ``at``.
    """
    if at is not None:
        return _at(whole, at)
    if whole.kind in ("unknown", "json"):
        # vc.verify says what is wrong with it, as it does without a recogniser.
        return Opened(whole.content, "", whole, whole)
    found = list(whole.verifiable())
    kind = whole.described
    if not found:
        raise _problem(f"this is {kind.name}: {kind.advice}", f"这是{kind.name_zh}：{kind.advice_zh}")
    if len(found) > 1 or whole.left_off:
        places = ", ".join(pointer or "/" for pointer, _ in found[:16])
        raise _problem(
            f"this is {kind.name} with {len(found)} things that can be verified: choose one (--at POINTER) of {places}",
            f"这是{kind.name_zh}，其中有 {len(found)} 项可供验证：请用 --at 指定其一：{places}",
        )
    pointer, what = found[0]
    return Opened(what.content, pointer, what, whole)


def refused(problems: Iterable[Problem]) -> Verdict:
    """The verdict on input in which there is nothing to verify."""
    listed = tuple(problems)
    return Verdict(verified=False, checks=(Check("parse", Outcome.FAILED),), problems=listed)


def _at(whole: Recognition, at: str) -> Opened:
    from ..parsing import loads
    from .recognising import recognise

    for pointer, what in whole.verifiable():
        if pointer == at:
            return Opened(what.content, at, what, whole)
    for pointer, what in whole.verifiable():
        inside = what.content
        if isinstance(inside, str) and inside.lstrip().startswith("{"):
            inside = loads(inside)
        if at.startswith(pointer) and isinstance(inside, Mapping):
            value = _member(inside, at[len(pointer) :])
            found = recognise(value) if isinstance(value, dict | str) else None
            if found is not None and found.described.verifiable:
                return Opened(found.content, at, found, whole)
    raise _problem(f"nothing that can be verified stands at {at}", f"{at} 处没有可供验证的内容")


def _member(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:65]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 7:
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def _problem(detail: str, detail_zh: str) -> ProblemError:
    return ProblemError(Problem("parse.carrier", detail, detail_zh=detail_zh))
