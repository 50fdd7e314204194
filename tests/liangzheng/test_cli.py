"""The command as a whole: what is missing is named with its extra, languages, unknown commands, defects of ours."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from liangzheng import cli


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


@pytest.mark.parametrize(
    ("language", "words"), [("en", "the module sqlalchemy is missing"), ("zh", "缺少模块 sqlalchemy")]
)
def test_a_missing_dependency_is_named_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("issuer", "sqlalchemy")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    code, said = run(capsys, "--lang", language, "issuer", "people", "--home", "/nowhere")
    assert code == 2
    assert words in said
    assert "liangzheng[issuer]" in said


def test_every_command_is_listed_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    _, said = run(capsys, "--help")
    for name in cli._COMMANDS:
        assert name in said
        code, _ = run(capsys, name, "--help")
        assert code == 0


def test_an_unknown_command_is_unusable_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "nothing")[0] == 2


def test_a_defect_of_ours_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(cli.cli, "main", broken)
    code, said = run(capsys, "--help")
    assert code == 2
    assert "RuntimeError" in said
    assert "Traceback" not in said
