"""SECURITY.md says of each attack what holds and which tests would fail without it: those tests are there."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_TEST = re.compile(r"`(tests/[\w/.]+\.py(?:::\w+)+)`")


def _rows() -> list[list[str]]:
    """The cells of the threat table's rows."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    section = text.split("## Threat model")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _named() -> list[str]:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    return sorted(set(_TEST.findall(text)))


@lru_cache(maxsize=64)
def _tests_in(path: str) -> frozenset[str]:
    """The tests that a file defines, as pytest names them, without parameters."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            inner = (item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {f"{node.name}::{item.name}" for item in inner if item.name.startswith("test")}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            found.add(node.name)
    return frozenset(found)


@pytest.mark.parametrize("row", _rows(), ids=lambda row: " ".join(row[1].split()[:5]))
def test_each_row_names_what_holds_where_and_a_test(row: list[str]) -> None:
    assert len(row) == 5
    attacker, _, holds, _, held = row
    assert attacker and holds
    assert _TEST.findall(held)


@pytest.mark.parametrize("name", _named())
def test_each_test_that_is_named_is_there(name: str) -> None:
    path, _, test = name.partition("::")
    assert test in _tests_in(path)


def test_the_attacks_that_must_be_told_of_are() -> None:
    told = " ".join(" ".join(row[:2]) for row in _rows())
    for attack in ("another phone's symbol", "says it is the police", "clerk", "edits", "more work", "dependency"):
        assert attack in told


def test_places_that_are_named_are_there() -> None:
    for row in _rows():
        for place in re.findall(r"`([a-z]\w*(?:/[\w.]+)+)`", row[3]):
            assert (ROOT / place).exists(), place
