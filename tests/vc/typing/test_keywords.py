"""A type checker finds a misspelt keyword in every public function, and nothing against the others."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, is_typeddict

import pytest
from mypy import api

import vc
from vc.presentation import PresentArguments, present
from vc.securing import IssueArguments, issue

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def test_the_wrong_calls_are_found_and_no_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = HERE / "keywords.py"
    wrong = {number for number, line in enumerate(source.read_text().splitlines(), 1) if line.endswith("# wrong")}
    assert len(wrong) > 15
    monkeypatch.chdir(ROOT)  # Where pyproject.toml says how the project is checked.
    options = ["--cache-dir", str(tmp_path / "cache"), "--no-error-summary"]
    out, err, _ = api.run([*options, str(source)])
    assert not err
    found = {int(number) for number in re.findall(r"keywords\.py:(\d+): error", out)}
    assert found == wrong, out


@pytest.mark.parametrize("name", [name for name in vc.__all__ if inspect.isfunction(getattr(vc, name))])
def test_no_public_function_takes_just_any_keyword(name: str) -> None:
    for parameter in inspect.signature(getattr(vc, name)).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            assert re.fullmatch(r"Unpack\[\w+Arguments\]", parameter.annotation), parameter


@pytest.mark.parametrize(
    ("function", "arguments", "for_one_only"),
    [(issue, IssueArguments, {"random", "trace"}), (present, PresentArguments, set())],
)
def test_what_is_passed_on_is_what_the_function_takes(
    function: Any, arguments: Mapping[str, Any], for_one_only: set[str]
) -> None:
    assert is_typeddict(arguments)
    taken = {
        name: parameter.annotation
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in for_one_only
    }
    stated = arguments.__annotations__  # type: ignore[attr-defined]
    assert {name: one.__forward_arg__ for name, one in stated.items()} == taken
