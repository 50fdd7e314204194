"""The survivors that were judged: what docs/mutants.md lists, each with the reason why it changes nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from .rooms import ROOT

__all__ = ["PAGE", "Judged", "judged"]

PAGE = ROOT / "docs" / "mutants.md"
_CODE = re.compile(r"^`+ ?(.*?) ?`+$")


class Judged(NamedTuple):
    """A row of the page: in ``function`` of ``file``, ``before`` may become ``after``."""

    file: str
    function: str
    before: str
    after: str
    reason: str


def judged() -> list[Judged]:
    """Every row of the tables of survivors."""
    rows = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 5 and _CODE.match(cells[0]):
            rows.append(Judged(*(_plain(cell) for cell in cells)))
    return rows


def _plain(cell: str) -> str:
    found = _CODE.match(cell)
    return found[1] if found else cell
