"""The command of the public vc-jose-cose suite, on the suite's own files (tests/vectors/vc-jose-cose)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vc
from liangzheng.cli import cli

FOLDER = Path(__file__).parents[1] / "vectors" / "vc-jose-cose"
KEYS = ("p256", "p384", "p521", "ed25519", "did-ed25519")
# What the suite's own mapping says of each file that is verified: the key, or None where no key may do.
EXPECTED = {
    "credential-cose-minimal.txt": "p256",
    "credential-issuer-match-signed.txt": "ed25519",
    "credential-jose-minimal.txt": "p256",
    "credential-jose-unknown-extensions.txt": "p521",
    "credential-sdjwt-nested.txt": "p521",
    "credential-sdjwt-selective.txt": "p384",
    "presentation-cose-single.txt": "p384",
    "presentation-jose-multiple.txt": "p384",
    "presentation-sdjwt-selective.txt": "p384",
}
SECURED = sorted(path.name for path in FOLDER.glob("*.txt"))
FEATURES = ("jose", "sdjwt", "cose")


def run(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    output = tmp_path / "out.json"
    result = CliRunner().invoke(cli, ["conformance", "jose-cose", *arguments, "--output", str(output)])
    answer: dict[str, Any] = json.loads(output.read_bytes())
    assert (result.exit_code == 0) == (answer["result"] == "success")
    return answer


def feature_of(name: str) -> str:
    kind = name.split("-", 1)[0]
    return f"{kind}_{next((feature for feature in FEATURES if f'-{feature}-' in name), 'jose')}"


def verify(tmp_path: Path, name: str, key: str, feature: str) -> str:
    arguments = ("--input", str(FOLDER / name), "--key", str(FOLDER / f"vm-{key}.json"), "--feature", feature)
    return str(run(tmp_path, "verify", *arguments)["result"])


@pytest.mark.parametrize("name", SECURED)
def test_a_secured_document_verifies_with_its_key_alone(tmp_path: Path, name: str) -> None:
    good = {key for key in KEYS if verify(tmp_path, name, key, feature_of(name)) == "success"}
    expected = EXPECTED.get(name)
    assert good == ({expected} if expected else set())


@pytest.mark.parametrize("name", [name for name in EXPECTED if (FOLDER / name).exists()])
def test_a_document_of_another_feature_is_refused(tmp_path: Path, name: str) -> None:
    for kind in ("credential", "presentation"):
        for feature in FEATURES:
            if f"{kind}_{feature}" != feature_of(name):
                assert verify(tmp_path, name, EXPECTED[name], f"{kind}_{feature}") == "failure"


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.json") if not path.name.startswith("vm-")))
def test_an_unsecured_document_is_refused_and_can_be_secured(tmp_path: Path, name: str) -> None:
    kind = name.split("-", 1)[0]
    for feature in FEATURES:
        assert verify(tmp_path, name, "p256", f"{kind}_{feature}") == "failure"
        for key in KEYS:
            arguments = ("--input", str(FOLDER / name), "--key", str(FOLDER / f"vm-{key}.json"))
            arguments += ("--feature", f"{kind}_{feature}")  # type: ignore[assignment]
            answer = run(tmp_path, "issue", *arguments)
            if "unknown-extensions" in name:
                assert answer["result"] == "failure"
                assert {problem["pointer"] for problem in answer["data"]} == {"/anotherBadOne", "/badExtension"}
                continue
            assert answer["result"] == "success", answer["data"]
            secured = tmp_path / "secured"
            secured.write_text(answer["data"])
            again = run(tmp_path, "verify", "--input", str(secured), *arguments[2:])
            if key == "did-ed25519" and kind == "credential":  # Not a key of the credential's issuer.
                assert {problem["code"] for problem in again["data"]} == {"issuer.controller"}
            else:
                assert again["result"] == "success", again["data"]


def test_paths_say_what_is_disclosable(tmp_path: Path) -> None:
    arguments = ("--input", str(FOLDER / "presentation-selective.json"), "--key", str(FOLDER / "vm-p384.json"))
    paths = '["holder", "verifiableCredential[0]"]'
    answer = run(tmp_path, "issue", *arguments, "--feature", "presentation_sdjwt", "--sd", paths)
    assert answer["result"] == "success"
    assert answer["data"].count("~") == 3
    for wrong in ("{", "5", "[5]"):
        failed = run(tmp_path, "issue", *arguments, "--feature", "presentation_sdjwt", "--sd", wrong)
        assert failed["result"] == "error"
    missing = run(tmp_path, "issue", *arguments, "--feature", "presentation_sdjwt", "--sd", '["nothing.here"]')
    assert missing["result"] == "failure"


@pytest.mark.parametrize("name", [name for name in EXPECTED if (FOLDER / name).exists()])
def test_the_library_has_none_of_the_commands_leniency(name: str) -> None:
    """The suite's keys are those of an https controller that nobody knows here."""
    verdict = vc.verify((FOLDER / name).read_bytes())
    assert not verdict.verified
