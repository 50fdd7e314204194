"""``liangzheng licence-file``: reads an OFD file, names it in a credential, tells whether a card names it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
import vc
from liangzheng import terminal
from liangzheng.cli import cli
from vc.cards.identifiers import LicenceIdentifier

IDENTIFIER = str(LicenceIdentifier("00000000FAKE00001U001", "00510000FAKE00002L", "510199000001"))
ISSUER = did.SoftwareKey.from_seed("P-256", b"authority")
NATIONAL = did.SoftwareKey.from_seed("SM2", b"authority")


@pytest.fixture(autouse=True)
def _language() -> Any:
    yield
    terminal.set_language(None)


@pytest.fixture
def ofd(tmp_path: Path) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("OFD.xml", f"<OFD><DocBody><CustomData>{IDENTIFIER}</CustomData></DocBody></OFD>")
    path = tmp_path / "licence.ofd"
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def unsecured(tmp_path: Path) -> Path:
    path = tmp_path / "credential.json"
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://liangzheng.example/contexts/cards/v1"],
        "type": ["VerifiableCredential", "ResidentIdentityCardCredential"],
        "issuer": ISSUER.did,
        "credentialSubject": {"id": "did:example:holder", "type": "Person", "licenceIdentifier": IDENTIFIER},
    }
    path.write_text(json.dumps(credential))
    return path


def run(*arguments: object, code: int = 0, lang: str = "en") -> Result:
    result = CliRunner().invoke(cli, ["--lang", lang, "licence-file", *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def named(ofd: Path, unsecured: Path) -> Any:
    return json.loads(run(ofd, "--name-in", unsecured, "--json").stdout)


def test_a_file_is_described(ofd: Path) -> None:
    found = json.loads(run(ofd, "--json").stdout)
    assert found["licenceIdentifier"] == IDENTIFIER
    assert len(found["sm3"]) == 64
    for lang in ("en", "zh"):
        assert found["sm3"] in run(ofd, lang=lang).stdout


@pytest.mark.parametrize(("key", "suite"), [(ISSUER, "ecdsa-sd-2023"), (ISSUER, "ecdsa-rdfc-2019")])
def test_the_card_that_names_it_is_known(ofd: Path, named: Any, tmp_path: Path, key: Any, suite: str) -> None:
    """A card with a base proof in its holder's hands as well as a proof that anybody can verify."""
    card = written(tmp_path / "card", vc.issue(named, key, cryptosuite=suite))
    assert json.loads(run(ofd, "--card", card, "--json").stdout)["named"] is True
    assert "the licence file that the card names" in run(ofd, "--card", card).stdout


def test_a_card_with_a_national_proof_is_known(ofd: Path, named: Any, tmp_path: Path) -> None:
    secured = vc.issue({**named, "issuer": NATIONAL.did}, NATIONAL, cryptosuite="sm2-sd-2023")
    run(ofd, "--card", written(tmp_path / "card", secured))


def test_another_file_is_not_it(ofd: Path, named: Any, tmp_path: Path) -> None:
    card = written(tmp_path / "card", vc.issue(named, ISSUER))
    with zipfile.ZipFile(ofd, "a") as archive:
        archive.writestr("Doc_0/added", "x")
    answer = json.loads(run(ofd, "--card", card, "--json", code=1).stdout)
    assert (answer["named"], [problem["code"] for problem in answer["problems"]]) == (False, ["licence_file.digest"])
    assert "NOT" in run(ofd, "--card", card, code=1).stdout


def test_a_card_that_is_not_genuine_names_nothing(ofd: Path, named: Any, unsecured: Path, tmp_path: Path) -> None:
    """The attacker's move: a card of his own making that names his own file."""
    genuine = vc.issue(json.loads(unsecured.read_text()), ISSUER)
    forged = {**genuine, "relatedResource": named["relatedResource"]}
    for card in (forged, named, {**named, "proof": None}, {**named, "proof": [1]}):
        answer = json.loads(run(ofd, "--card", written(tmp_path / "card", card), "--json", code=1).stdout)
        assert answer["named"] is False
        assert answer["problems"]


@pytest.mark.parametrize(
    "arguments", [("--card", "{c}", "--name-in", "{c}"), ("--name-in", "{f}"), ("--card", "absent")]
)
def test_unusable_input_ends_with_2_and_a_reason(ofd: Path, unsecured: Path, arguments: tuple[str, ...]) -> None:
    filled = [argument.format(c=unsecured, f=ofd) for argument in arguments]
    assert run(ofd, *filled, code=2).stderr


def test_what_is_no_ofd_file_ends_with_2(unsecured: Path) -> None:
    assert "licence_file.form" in run(unsecured, code=2).stderr


def test_naming_it_in_a_card_of_another_licence_ends_with_2(ofd: Path, unsecured: Path) -> None:
    card = json.loads(unsecured.read_text())
    card["credentialSubject"]["licenceIdentifier"] = str(
        LicenceIdentifier("00000000FAKE00001U001", "00510000FAKE00002L", "510199000002")
    )
    assert "licence_file.identifier" in run(ofd, "--name-in", written(unsecured, card), code=2).stderr
