"""An authority whose key is in a PKCS#11 token: made, issuing cards, while the token is out and after it is back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
import vc
from liangzheng.cli import cli
from tests.did.tokens.conftest import PIN, SoftHsm, token

__all__ = ["token"]

pytestmark = pytest.mark.softhsm


@pytest.fixture(autouse=True)
def _place(token: SoftHsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGZHENG_ISSUER_HOME", str(tmp_path / "authority"))
    monkeypatch.setenv("LIANGZHENG_PIN", PIN)
    monkeypatch.delenv("LIANGZHENG_ISSUER_DATABASE", raising=False)


def run(*arguments: str, code: int = 0, given: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["--lang", "en", *arguments], input=given)
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result


def answer(*arguments: str, given: str | None = None) -> Any:
    return json.loads(run(*arguments, given=given).stdout)


def init(uri: str, *more: str, code: int = 0) -> Result:
    where = ("--name", "四川省公安厅", "--region", "510000", "--base-url", "https://sichuan.example")
    return run("issuer", "init", *where, "--key", uri, *more, "--json", code=code)


def test_cards_are_issued_with_a_key_that_is_in_no_file(
    token: SoftHsm, lite: Any, device: did.SoftwareKey, tmp_path: Path
) -> None:
    made = answer("keys", "generate", "--pkcs11", token.uri("issuer"), "--json")
    settings = json.loads(init(made["uri"]).stdout)
    assert (settings["did"], settings["key"]) == (made["did"], made["uri"])
    assert not (tmp_path / "authority" / "authority.key").exists()
    people = tmp_path / "people.csv"
    people.write_bytes(lite.to_csv(lite.family))
    picture = tmp_path / "portrait.jpg"
    picture.write_bytes(lite.jpeg)
    run("issuer", "import", str(people))
    run("issuer", "portrait", lite.zhang_wei, str(picture))
    who = ("--kind", "resident-identity-card", "--name", "张伟", "--number", lite.zhang_wei)
    applied = answer("issuer", "apply", *who, "--json")
    message = tmp_path / "authority" / "outbox" / f"{applied['application']}.json"
    proved = answer("issuer", "prove", applied["application"], json.loads(message.read_bytes())["code"], "--json")
    proof = json.dumps(vc.present([], device, challenge=proved["challenge"], domain=proved["domain"]))
    token.pull_out()
    assert "signer.unavailable" in run("issuer", "issue", applied["application"], given=proof, code=2).output
    token.put_back()
    (card,) = answer("issuer", "issue", applied["application"], given=proof)["cards"]
    shown = vc.derive(card["credential"], selective_pointers=["/credentialSubject/id"])
    assert shown["proof"]["verificationMethod"] == made["verificationMethod"]


def test_a_key_in_the_token_speaks_for_the_authoritys_did(token: SoftHsm) -> None:
    made = answer("keys", "generate", "--pkcs11", token.uri("issuer"), "--json")
    settings = json.loads(init(made["uri"], "--did", "did:web:police.example", "--verification-method", "#k").stdout)
    assert settings["verificationMethod"] == "did:web:police.example#k"


@pytest.mark.parametrize("asked", [{"pin_source": "fd:9"}, {"pin_value": PIN}])
def test_no_pin_gets_into_the_settings(token: SoftHsm, tmp_path: Path, asked: dict[str, str]) -> None:
    run("keys", "generate", "--pkcs11", token.uri("issuer"))
    init(token.uri("issuer", **asked), code=2)
    assert not (tmp_path / "authority" / "authority.json").exists()


def test_a_key_that_the_cards_suite_does_not_take_is_refused_at_once(token: SoftHsm) -> None:
    made = answer("keys", "generate", "--pkcs11", token.uri("issuer"), "--type", "Ed25519", "--json")
    assert "ecdsa-sd-2023 takes no Ed25519 keys" in init(made["uri"], code=2).output


def test_the_path_of_a_file_is_no_uri(token: SoftHsm) -> None:
    assert "--key is the URI of a key" in init("authority.key", code=2).output
