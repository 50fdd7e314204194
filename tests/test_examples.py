"""Every file of examples/ runs as it stands, offline, and prints what it is there to show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = sorted(EXAMPLES.glob("*.py"))

# What an example has to have printed: the good end and the refusal.
PRINTS: dict[str, tuple[str, ...]] = {
    "card_of_ones_own": (
        "issued: 平安志愿者证 as ['JSON-LD', 'dc+sd-jwt']",
        "drawn: 平安志愿者证",
        "verified: 平安志愿者证 ['issuingProvince', 'volunteerNumber', 'volunteerUntil']",
        "refused: scenario.unknown",
    ),
    "hotel_check_in": ("issued: ResidentIdentityCardCredential", "verified: True", "again: replay.used"),
    "issue_derive_present_verify": (
        "verified: True",
        "refused: proof.signature",
        "['proof.challenge', 'proof.domain']",
    ),
    "many_at_once": ("not issued: model.date_time /validFrom", "199 issued", "198 verified"),
    "resolve_did_web": ("published: /police/did.json", "verified: True", "key taken out: method.purpose"),
    "sd_jwt": ("2 disclosures", "26 False", "refused: "),
    "unlinkable": ("two proofs",),
    "verify_a_foreign_file": ("not verified", "passed         proof\n", "issuer.controller at /issuer", "canonDoc"),
    "verify_in_aiohttp": ("200 True []", "400 False ['proof.missing']"),
}


def run(path: Path, folder: Path, *arguments: str) -> str:
    """What the example prints; warnings are errors, and there is no proxy to reach anything by."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path), *arguments],
        cwd=folder,
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_example_is_told_what_it_has_to_print() -> None:
    assert [path.stem for path in FILES] == sorted(PRINTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_runs_and_shows_what_it_is_there_for(path: Path, tmp_path: Path) -> None:
    printed = run(path, tmp_path)
    assert [text for text in PRINTS[path.stem] if text not in printed] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_listed_and_says_in_one_line_what_it_shows(path: Path) -> None:
    assert f"[{path.name}]({path.name})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith('"""') and first.endswith(".")


def test_the_foreign_file_can_be_any_file(tmp_path: Path) -> None:
    path = tmp_path / "rubbish"
    path.write_bytes(b"\x00\xff not a credential")
    printed = run(EXAMPLES / "verify_a_foreign_file.py", tmp_path, str(path))
    assert "not verified" in printed and "parse." in printed


@pytest.mark.long
def test_the_journey_on_the_command_line_ends_with_one_acceptance_and_one_refusal(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIANGZHENG_")}
    done = subprocess.run(
        ["bash", str(EXAMPLES / "command_line.sh"), str(tmp_path / "journey")],
        env={**environment, "PATH": path, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.splitlines()
    assert "VERIFIED" in printed and printed.index("VERIFIED") < printed.index("NOT VERIFIED")
    assert "replay.used" in done.stdout
