"""``liangzheng issue | derive | present | verify`` with envelopes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
from did.key_files import Argon2id
from liangzheng import terminal
from liangzheng.cli import cli
from vc.envelope.jws import compact

ISSUER = did.SoftwareKey.from_seed("P-256", b"issuer")
DEVICE = did.SoftwareKey.from_seed("P-256", b"device")
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": ISSUER.did,
    "credentialSubject": {"id": DEVICE.did, "name": "王小明", "city": "Chengdu"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    kdf = Argon2id(memory=19 * 1024, passes=2, lanes=1)
    did.save(ISSUER, tmp_path / "issuer", "correct horse", kdf=kdf)
    did.save(DEVICE, tmp_path / "device", "correct horse", kdf=kdf)
    (tmp_path / "credential").write_text(json.dumps(CREDENTIAL))
    monkeypatch.setenv("LIANGZHENG_PASSWORD", "correct horse")
    yield tmp_path
    terminal.set_language(None)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, ["--lang", "en", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


@pytest.mark.parametrize(("form", "shown"), [("vc+jwt", "vp+jwt"), ("vc+sd-jwt", "vp+sd-jwt"), ("vc+cose", "vp+cose")])
def test_the_whole_way_in_envelopes(folder: Path, form: str, shown: str) -> None:
    issued = run("issue", folder / "credential", "--key", folder / "issuer", "--envelope", form)
    assert issued.exit_code == 0, issued.stderr
    (folder / "issued").write_text(issued.stdout)
    assert run("verify", folder / "issued").exit_code == 0
    presented = run(
        "present",
        folder / "issued",
        "--key",
        folder / "device",
        "--envelope",
        shown,
        "--challenge",
        "c",
        "--domain",
        "d",
    )
    assert presented.exit_code == 0, presented.stderr
    (folder / "shown").write_text(presented.stdout)
    assert run("verify", folder / "shown", "--challenge", "c", "--domain", "d").exit_code == 0
    assert run("verify", folder / "shown", "--challenge", "x", "--domain", "d").exit_code == 1


def test_an_sd_jwt_is_disclosed(folder: Path) -> None:
    hide = ("--disclosable", "/credentialSubject/name", "--disclosable", "/credentialSubject/city")
    issued = run("issue", folder / "credential", "--key", folder / "issuer", "--envelope", "vc+sd-jwt", *hide)
    (folder / "issued").write_text(issued.stdout)
    derived = run("derive", folder / "issued", "--pointer", "/credentialSubject/city")
    assert derived.exit_code == 0, derived.stderr
    assert derived.stdout.count("~") == 2
    assert run("derive", folder / "issued", "--pointer", "/credentialSubject/nothing").exit_code == 2


@pytest.mark.parametrize("form", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_explain_shows_the_values_of_an_envelope_and_where_two_differ(folder: Path, form: str) -> None:
    issue = ("--key", folder / "issuer", "--envelope", form)
    (folder / "one").write_text(run("issue", folder / "credential", *issue).stdout)
    changed = {**CREDENTIAL, "credentialSubject": {**CREDENTIAL["credentialSubject"], "city": "Chongqing"}}  # type: ignore[dict-item]
    (folder / "changed").write_text(json.dumps(changed))
    (folder / "other").write_text(run("issue", folder / "changed", *issue).stdout)

    printed = run("explain", folder / "one", "--json")
    assert printed.exit_code == 0, printed.stderr
    explained = json.loads(printed.stdout)
    assert explained["verdict"]["verified"]
    assert explained["proofs"][0]["envelope"] == form
    assert {"header", "payload", "signingInput", "signature"} <= explained["proofs"][0].keys()
    assert '"signingInput"' in run("explain", folder / "one").stdout

    (folder / "printed").write_text(printed.stdout)
    assert run("explain", folder / "one", "--against", folder / "printed").exit_code == 0
    found = run("explain", folder / "one", "--against", folder / "other", "--json")
    assert found.exit_code == 1
    difference = json.loads(found.stdout)["difference"]
    assert difference["place"] == "/credentialSubject/city"
    assert (difference["ours"], difference["theirs"]) == ("Chengdu", "Chongqing")


def test_what_is_refused_by_default_is_allowed_by_name(folder: Path) -> None:
    token = compact({"kid": ISSUER.verification_method}, json.dumps(CREDENTIAL).encode(), ISSUER)
    (folder / "token").write_text(token)
    refused = run("verify", folder / "token")
    assert refused.exit_code == 2
    assert "typ-missing" in refused.stdout + refused.stderr
    assert run("verify", folder / "token", "--allow", "typ-missing").exit_code == 0
    assert run("explain", folder / "token", "--allow", "typ-missing", "--allow", "es256k").exit_code == 0
    unknown = run("verify", folder / "token", "--allow", "everything")
    assert unknown.exit_code == 2
    assert "jwt-vc-issuer-metadata" in unknown.stderr


@pytest.mark.parametrize("content", [b"", b"a.b.c", b"~~", b"\xd2\x84", b"a.b~c~", b"null"])
def test_what_is_no_envelope_is_not_explained(folder: Path, content: bytes) -> None:
    (folder / "file").write_bytes(content)
    result = run("explain", folder / "file")
    assert result.exit_code == 2
    assert any(kind in result.stderr for kind in ("envelope.", "parse.", "sd_jwt."))


@pytest.mark.parametrize(
    "options",
    [
        ["--envelope", "x"],
        ["--envelope", "vp+jwt"],
        ["--disclosable", "/x"],
        ["--envelope", "vc+jwt", "--mandatory", "/x"],
    ],
    ids=str,
)
def test_options_that_do_not_go_together_are_refused(folder: Path, options: list[str]) -> None:
    assert run("issue", folder / "credential", "--key", folder / "issuer", *options).exit_code == 2
