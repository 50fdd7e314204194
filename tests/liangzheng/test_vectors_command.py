"""`liangzheng vectors make`: reproducible, and true to what a verifier that knows only the files must find."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vc
from liangzheng.cli import cli
from vc.status import FileStatusSource, StatusChecker
from vc.verdict import Outcome


def make(folder: Path, *arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["vectors", "make", str(folder), "--json", *arguments])
    assert result.exit_code == 0, result.output
    manifest: dict[str, Any] = json.loads(result.output)
    return manifest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("vectors")
    make(made)
    return made


def test_each_file_gives_what_the_manifest_says(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["vectors"]) >= 50
    for entry in manifest["vectors"]:
        lists = [folder / name for name in entry["statusLists"]]
        verdict = vc.verify(
            (folder / entry["file"]).read_bytes(),
            challenge=entry["challenge"],
            domain=entry["domain"],
            now=datetime.fromisoformat(entry["time"]),
            status=StatusChecker(FileStatusSource(lists)) if lists else None,
        )
        assert verdict.verified is entry["verified"], entry["id"]
        failed = {check.name for check in verdict.checks if check.outcome is Outcome.FAILED}
        assert entry["refusedBy"] is None or entry["refusedBy"] in failed, entry["id"]


def test_every_check_of_the_library_has_a_bad_vector(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    refused = {entry["refusedBy"] for entry in manifest["vectors"]} - {None}
    assert refused == {
        *("parse", "data_model", "context", "proof", "proof_purpose", "challenge", "domain", "proof_expiry"),
        *("issuer", "holder_binding", "validity_period", "status"),
    }


def test_the_same_seed_makes_the_same_bytes_and_another_does_not(folder: Path, tmp_path: Path) -> None:
    make(tmp_path / "again")
    make(tmp_path / "other", "--seed", "another")
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert (tmp_path / "other" / "hotel-good.json").read_bytes() != first["hotel-good.json"]


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-10-01", "2026-10-01T00:00:00"])
def test_a_time_that_is_none_is_refused(tmp_path: Path, moment: str) -> None:
    result = CliRunner().invoke(cli, ["vectors", "make", str(tmp_path / "x"), "--now", moment])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
