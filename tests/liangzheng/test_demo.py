"""The demo tells the whole story, in both languages, and every step gives what it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from liangzheng.cli import cli

pytestmark = pytest.mark.long


def run(*arguments: str, out: Path) -> tuple[int, str]:
    result = CliRunner().invoke(cli, [*arguments, "--out", str(out)])
    return result.exit_code, result.output


def test_every_step_gives_what_it_should(tmp_path: Path) -> None:
    code, output = run("demo", "--json", out=tmp_path)
    summary = json.loads(output)
    assert [step for step in summary["steps"] if not step["asExpected"]] == []
    found = [step["found"] for step in summary["steps"]]
    for refusal in ("replay", "request", "proof_expiry", "proof", "holder_binding", "status"):
        assert f"refused: {refusal}" in found
    assert found.count("verified") == 3
    assert (code, summary["allAsExpected"]) == (0, True)


@pytest.mark.parametrize(("language", "words"), [("zh", "重庆"), ("en", "A hotel in Chongqing asks")])
def test_the_story_is_told_in_the_language_that_was_asked_for(tmp_path: Path, language: str, words: str) -> None:
    code, output = run("--lang", language, "demo", out=tmp_path)
    assert code == 0
    assert words in output


def test_the_qr_code_that_was_kept_carries_the_presentation(tmp_path: Path) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    from vc.qr import decode

    run("demo", "--json", out=tmp_path)
    read = zxingcpp.read_barcodes(Image.open(tmp_path / "hotel.png"))
    presentation = decode([symbol.text for symbol in read])["verifiablePresentation"]
    kept = json.loads((tmp_path / "hotel.json").read_text(encoding="utf-8"))
    assert presentation == kept["verifiablePresentation"]
