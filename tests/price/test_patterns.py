"""No regular expression of the product takes more than a little over twice as long for twice the text."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from regex_steps import TOO_FAST, growth
from walker import sources

_SCANS = re.compile(r"search|finditer|findall|sub|subn|split")


def patterns() -> Iterator[tuple[str, str | bytes, int, str]]:
    """(file:name, pattern, flags, how it is used) of every regular expression in the product."""
    for file, module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_re(node.func):
                if node.func.attr == "compile" or not isinstance(node.args[0], ast.Constant):
                    continue
                mode = "scan" if _SCANS.fullmatch(node.func.attr) else node.func.attr
                yield f"{file}:{node.lineno}", node.args[0].value, 0, mode  # type: ignore[misc]
        text = (Path(__file__).parents[2] / file).read_text("utf-8")
        for statement in module.body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or not _compiles(statement.value):
                continue
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            assert isinstance(target, ast.Name)
            made = getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), target.id)
            scans = re.search(rf"\b{target.id}\.(?:{_SCANS.pattern})\(", text)
            mode = "scan" if scans else "fullmatch" if f"{target.id}.fullmatch(" in text else "match"
            for one in made.values() if isinstance(made, dict) else [made]:
                found = getattr(one, "__self__", one)
                if isinstance(found, re.Pattern):
                    way = "fullmatch" if getattr(one, "__name__", "") == "fullmatch" else mode
                    yield f"{file}:{target.id}", found.pattern, found.flags, way


def _is_re(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "re"


def _compiles(value: ast.expr | None) -> bool:
    return value is not None and any(
        isinstance(node, ast.Attribute) and node.attr == "compile" and _is_re(node) for node in ast.walk(value)
    )


ALL = sorted({(place, pattern, flags, mode) for place, pattern, flags, mode in patterns()}, key=repr)


def test_there_are_as_many_patterns_as_the_list_names() -> None:
    assert len(ALL) > 70


@pytest.mark.parametrize(("place", "pattern", "flags", "mode"), ALL, ids=[f"{one[0]}-{n}" for n, one in enumerate(ALL)])
def test_steps_grow_as_the_text_does(place: str, pattern: str | bytes, flags: int, mode: str) -> None:
    ratio, attack = growth(pattern, flags & ~re.UNICODE if isinstance(pattern, bytes) else flags, mode)
    assert ratio <= TOO_FAST, f"{pattern!r} takes {ratio:.1f} times the steps for twice of {attack}"


# The measure itself: it tells what it is there for.
@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', "scan"),
        (r"(a+)+$", "match"),
        (r"a*a*b", "match"),
        (r"(a|aa)+b", "match"),
        (r"[0-9]+x", "scan"),
        (rb"<(?:\w+:)?mergeCell\s[^>]*?ref=", "scan"),
    ],
)
def test_what_grows_faster_is_found(pattern: Any, mode: str) -> None:
    assert growth(pattern, re.DOTALL, mode)[0] > TOO_FAST
