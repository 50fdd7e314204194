"""``liangzheng what``: what a file is, what is in it, and what to ask for. And the same in front of other commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import terminal
from ..terminal import t

if TYPE_CHECKING:
    from vc.problems import Problem
    from vc.recognition import Opened, Recognition

__all__ = ["detail_of", "opened", "said_of", "what"]


@click.command()
@click.argument("file", default="-")
@click.option("--json", "as_json", is_flag=True, help="Machine output: one line of JSON.")
def what(file: str, as_json: bool) -> None:
    """Say what FILE (- is stdin) is: kind, version, what is inside, what to ask for. Verifies and fetches nothing."""
    from vc.recognition import recognise

    found = recognise(terminal.read_input(file))
    terminal.emit(found.to_dict(), as_json=as_json, human=None if as_json else "\n".join(_lines(found)))


def _lines(found: Recognition, pointer: str = "", indent: str = "") -> list[str]:
    kind = found.described
    version = f" ({found.version})" if found.version else ""
    place = f"{pointer}: " if pointer else ""
    lines = [f"{indent}{place}{t(kind.name_zh, kind.name)}{version}"]
    lines += [f"{indent}  {t(zh, en)}" for en, zh in found.remarks]
    lines += [f"{indent}  {t(entry.sentence_zh, entry.sentence)}" for entry in found.superseded]
    if (kind.advice and not any(True for _ in found.verifiable())) or found.kind.startswith("unsecured"):
        lines.append(f"{indent}  {t(kind.advice_zh, kind.advice)}")
    if found.left_off:
        lines.append(indent + "  " + t("内容过多，未全部查看", "there is more inside than is looked at"))
    for below, inner in found.carried:
        lines += _lines(inner, below, indent + "  ")
    return lines


def opened(content: bytes, at: str | None = None) -> Opened:
    """The one thing in ``content`` that can be verified. Raises ProblemError ``parse.carrier``."""
    from vc.recognition import open_input, recognise

    return open_input(recognise(content), at=at)


def said_of(found: Opened) -> list[str]:
    """What a verdict on something that was unwrapped has to be read with: where it stood, what was set right."""
    lines = [t(zh, en) for en, zh in dict.fromkeys((*found.whole.remarks, *found.what.remarks))]
    if found.unwrapped:
        outer, inner = found.whole.described, found.what.described
        place = found.pointer
        lines.insert(
            0,
            t(
                f"文件是{outer.name_zh}；以下仅针对其中{place and f' {place} 处'}的{inner.name_zh}",
                f"the file is {outer.name}; what follows is about {inner.name} in it{place and f' at {place}'} alone",
            ),
        )
    return lines


def detail_of(problem: Problem) -> str:
    """The sentence of a problem in the language of this run, where there is one."""
    return t(problem.detail_zh or problem.detail, problem.detail)
