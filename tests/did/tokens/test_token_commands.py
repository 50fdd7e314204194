"""The commands with keys in a token: made, listed, retired, and used wherever a key file is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
from liangzheng.cli import cli

from .conftest import PIN, SoftHsm

pytestmark = pytest.mark.softhsm


@pytest.fixture(autouse=True)
def _place(token: SoftHsm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIANGZHENG_PIN", PIN)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, code: int = 0, given: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["--lang", "en", *arguments], input=given)
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    assert PIN not in result.output
    return result


def machine(*arguments: str, given: str | None = None) -> Any:
    return json.loads(run(*arguments, "--json", given=given).stdout)


def credential(issuer: str) -> str:
    return json.dumps(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "credentialSubject": {"id": "did:example:subject"},
        }
    )


@pytest.mark.parametrize("key_type", ["P-256", "P-384", "Ed25519"])
def test_an_authoritys_key_lives_in_the_token(token: SoftHsm, key_type: str) -> None:
    made = machine("keys", "generate", "--pkcs11", token.uri("issuer"), "--type", key_type)
    assert made["type"] == key_type
    assert machine("keys", "show", made["uri"]) == {name: made[name] for name in made if name != "uri"}
    assert run("keys", "public", token.uri("issuer")).stdout.strip() == made["publicKeyMultibase"]
    issued = machine("issue", "--key", token.uri("issuer"), given=credential(made["did"]))
    assert machine("verify", given=json.dumps(issued))["verified"] is True
    (listed,) = machine("keys", "list", token.uri())["keys"]
    assert (listed["object"], listed["active"], listed["uri"]) == ("issuer", True, made["uri"])
    assert machine("keys", "retire", made["uri"], "--yes")["active"] is False
    assert "signer.unknown" in run("issue", "--key", token.uri("issuer"), given=credential(made["did"]), code=2).output
    assert "retired" in run("keys", "list", token.uri()).stdout


def test_a_holders_key_in_the_token_presents(token: SoftHsm) -> None:
    made = machine("keys", "generate", "--pkcs11", token.uri("holder"))
    issued = machine("issue", "--key", made["uri"], given=credential(made["did"]))
    shown = machine("present", "--key", made["uri"], "--challenge", "c", "--domain", "d", given=json.dumps(issued))
    verdict = machine("verify", "--challenge", "c", "--domain", "d", given=json.dumps(shown))
    assert verdict["verified"] is True


def test_a_key_is_bound_to_another_did(token: SoftHsm) -> None:
    made = machine(
        "keys", "generate", "--pkcs11", token.uri("issuer"), "--did", "did:web:a.example", "--verification-method", "#k"
    )
    assert made["verificationMethod"] == "did:web:a.example#k"
    assert machine("keys", "show", made["uri"])["did"] == "did:web:a.example"
    other = ("--did", "did:web:b.example", "--verification-method", "did:web:b.example#k")
    issued = machine("issue", "--key", made["uri"], *other, given=credential("did:web:b.example"))
    assert issued["proof"]["verificationMethod"] == "did:web:b.example#k"
    by_itself = machine("keys", "generate", "--pkcs11", token.uri("second"), "--method", "jwk")
    assert machine("keys", "show", by_itself["uri"])["did"] == by_itself["did"] != made["did"]
    assert by_itself["did"].startswith("did:jwk:")


def test_the_pin_comes_from_a_file_descriptor(token: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANGZHENG_PIN")
    reading, writing = os.pipe()
    os.write(writing, PIN.encode())
    os.close(writing)
    machine("keys", "generate", "--pkcs11", token.uri("issuer", pin_source=f"fd:{reading}"))


def test_the_pin_comes_from_a_file_or_is_asked_for(
    token: SoftHsm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LIANGZHENG_PIN")
    monkeypatch.setenv("LIANGZHENG_PASSWORD", "the password of key files, which is no PIN")
    (tmp_path / "pin").write_text(PIN + "\n", encoding="ascii")
    run("keys", "list", token.uri(), "--password-file", "pin")
    assert "LIANGZHENG_PIN" in run("keys", "list", token.uri(), code=2).output


def test_a_wrong_pin_or_an_absent_token_ends_with_a_clear_line(token: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = run("keys", "list", token.uri(token="nowhere"), code=2).output
    assert "signer.unavailable: there is no token 'nowhere': put it in, and try again" in absent
    monkeypatch.setenv("LIANGZHENG_PIN", "000000")
    assert "signer.locked: the PIN is wrong" in run("keys", "list", token.uri(), code=2).output


def test_a_pin_in_the_uri_is_refused(token: SoftHsm) -> None:
    refused = run("keys", "list", token.uri(pin_value="4711"), code=2).output
    assert "signer.locked" in refused
    assert "4711" not in refused


def test_a_key_is_retired_only_when_that_is_confirmed(token: SoftHsm) -> None:
    made = machine("keys", "generate", "--pkcs11", token.uri("issuer"))
    run("keys", "retire", made["uri"], given="n\n", code=1)
    assert machine("keys", "list", token.uri())["keys"][0]["active"] is True
    run("keys", "retire", made["uri"], given="y\n")
    assert machine("keys", "list", token.uri())["keys"][0]["active"] is False


def test_one_place_is_named_for_a_new_key(token: SoftHsm) -> None:
    assert "one key file" in run("keys", "generate", "a.key", "--pkcs11", token.uri("issuer"), code=2).output
    assert "one key file" in run("keys", "generate", code=2).output


def test_a_did_document_is_made_of_a_key_in_the_token(token: SoftHsm) -> None:
    made = machine("keys", "generate", "--pkcs11", token.uri("issuer"), "--type", "Ed25519")
    written = machine(
        "did", "create", "webvh", "a.example", "--key", f"key-1={made['uri']}", "--update-key", made["uri"]
    )
    assert written["did"].startswith("did:webvh:")
    assert did.PublicKey.from_multikey(made["publicKeyMultibase"]).key_type == "Ed25519"
