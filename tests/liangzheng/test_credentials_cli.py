"""The commands issue, derive, present, verify, canonicalize and explain."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import did
import vc
from did.key_files import Argon2id
from liangzheng import terminal
from liangzheng.cli import cli

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """An issuer's and a device's key file, with the keys in them."""
    folder = tmp_path_factory.mktemp("keys")
    kdf = Argon2id(memory=19 * 1024, passes=2, lanes=1)
    made = {}
    for name, key_type in [("issuer", "P-256"), ("device", "P-256"), ("edwards", "Ed25519")]:
        key = did.SoftwareKey.from_seed(key_type, name.encode())
        did.save(key, folder / name, PASSWORD, kdf=kdf)
        made[name] = (str(folder / name), key)
    (folder / "password").write_text(PASSWORD + "\n")
    made["password"] = (str(folder / "password"), None)  # type: ignore[assignment]
    return made


@pytest.fixture
def credential(keys):
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": keys["issuer"][1].did,
        "credentialSubject": {"id": keys["device"][1].did, "name": "王小明", "city": "Chengdu"},
    }


@pytest.fixture
def run(monkeypatch):
    """Runs a command; the answer has exit_code, stdout, stderr. No traceback is ever let through."""
    monkeypatch.setenv("LIANGZHENG_PASSWORD", PASSWORD)

    def call(*arguments, stdin=b""):
        if isinstance(stdin, dict):
            stdin = json.dumps(stdin).encode()
        result = CliRunner().invoke(cli, ["--lang", "en", *arguments], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        return result

    yield call
    terminal.set_language(None)


def test_the_whole_way_from_a_credential_to_a_verdict(run, keys, credential):
    issued = run(
        "issue",
        "--key",
        keys["issuer"][0],
        "--cryptosuite",
        "ecdsa-sd-2023",
        "--mandatory",
        "/issuer",
        stdin=credential,
    )
    assert issued.exit_code == 0, issued.stderr
    derived = run("derive", "--pointer", "/credentialSubject/city", "--json", stdin=issued.stdout_bytes)
    assert derived.exit_code == 0
    assert json.loads(derived.stdout)["credentialSubject"] == {"id": keys["device"][1].did, "city": "Chengdu"}
    presented = run(
        "present",
        *("--key", keys["device"][0], "--challenge", "c", "--domain", "d", "--expires-in", "300"),
        stdin=derived.stdout_bytes,
    )
    assert presented.exit_code == 0
    verified = run("verify", "--challenge", "c", "--domain", "d", stdin=presented.stdout_bytes)
    assert verified.exit_code == 0
    assert verified.stdout.strip().endswith("verified")
    refused = run("verify", "--challenge", "x", "--domain", "d", "--json", stdin=presented.stdout_bytes)
    assert refused.exit_code == 1
    verdict = json.loads(refused.stdout)
    assert verdict["verified"] is False
    assert [problem["code"] for problem in verdict["problemDetails"]] == ["proof.challenge"]


def test_files_and_standard_input_are_alike(run, keys, credential, tmp_path):
    path = tmp_path / "credential.json"
    path.write_text(json.dumps(credential))
    issued = run("issue", str(path), "--key", keys["issuer"][0], "--created", "2026-01-01T00:00:00+08:00")
    secured = tmp_path / "secured.json"
    secured.write_bytes(issued.stdout_bytes)
    assert run("verify", str(secured)).exit_code == 0
    assert run("verify", "-", stdin=issued.stdout_bytes).exit_code == 0
    assert json.loads(issued.stdout)["proof"]["created"] == "2025-12-31T16:00:00Z"


def test_several_credentials_make_one_presentation(run, keys, credential, tmp_path):
    paths = []
    for index in range(2):
        path = tmp_path / f"{index}.json"
        path.write_bytes(run("issue", "--key", keys["issuer"][0], stdin=credential).stdout_bytes)
        paths.append(str(path))
    presented = run("present", *paths, "--key", keys["device"][0], "--json")
    assert len(json.loads(presented.stdout)["verifiableCredential"]) == 2


def test_a_time_of_verification_can_be_named(run, keys, credential):
    issued = run("issue", "--key", keys["issuer"][0], stdin=credential | {"validUntil": "2027-01-01T00:00:00Z"})
    assert run("verify", "--now", "2026-12-31T00:00:00Z", stdin=issued.stdout_bytes).exit_code == 0
    late = run("verify", "--now", "2027-01-02T00:00:00Z", stdin=issued.stdout_bytes)
    assert late.exit_code == 1
    assert "period.over" in late.stdout
    assert run("verify", "--now", "2027-01-02T00:00:00", stdin=issued.stdout_bytes).exit_code == 2
    assert run("verify", "--now", "today", stdin=issued.stdout_bytes).exit_code == 2


def test_a_password_comes_from_a_file_or_is_asked_for(run, keys, credential, monkeypatch):
    monkeypatch.delenv("LIANGZHENG_PASSWORD")
    key = ("--key", keys["issuer"][0])
    assert run("issue", *key, "--password-file", keys["password"][0], stdin=credential).exit_code == 0
    wrong = run("issue", *key, "--password-file", keys["issuer"][0], stdin=credential)
    assert wrong.exit_code == 2
    assert "keyfile.locked" in wrong.stderr


def test_a_key_signs_for_another_did_when_told(run, keys, credential):
    issued = run(
        *("issue", "--key", keys["issuer"][0], "--did", "did:web:police.example"),
        *("--verification-method", "#key-1"),
        stdin=credential | {"issuer": "did:web:police.example"},
    )
    assert json.loads(issued.stdout)["proof"]["verificationMethod"] == "did:web:police.example#key-1"
    lonely = run("issue", "--key", keys["issuer"][0], "--did", "did:web:police.example", stdin=credential)
    assert lonely.exit_code == 2


def test_canonicalize_prints_n_quads(run, credential):
    result = run("canonicalize", stdin=credential)
    assert result.exit_code == 0
    assert result.stdout == vc.canonicalize(credential)
    assert json.loads(run("canonicalize", "--json", stdin=credential).stdout)["nquads"] == result.stdout
    assert run("canonicalize", "--sha384", stdin=credential).exit_code == 0


def test_explain_shows_every_value_and_the_first_difference(run, keys, credential, tmp_path):
    issued = run("issue", "--key", keys["issuer"][0], stdin=credential).stdout_bytes
    explained = run("explain", "--json", stdin=issued)
    assert explained.exit_code == 0
    assert {"canonDoc", "proofCanon", "docHash", "proofHash"} <= json.loads(explained.stdout)["proofs"][0].keys()
    same, other, printed = tmp_path / "same", tmp_path / "other", tmp_path / "printed"
    same.write_bytes(issued)
    other.write_bytes(run("issue", "--key", keys["issuer"][0], stdin=credential | {"name": "x"}).stdout_bytes)
    printed.write_bytes(explained.stdout_bytes)
    assert run("explain", "--against", str(same), stdin=issued).exit_code == 0
    assert run("explain", "--against", str(printed), stdin=issued).exit_code == 0
    result = run("explain", "--against", str(other), "--json", stdin=issued)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["difference"]["name"] == "canonDoc"
    assert "canonDoc" in run("explain", "--against", str(other), stdin=issued).stdout


def test_messages_are_in_chinese_when_asked(run, keys, credential):
    issued = run("issue", "--key", keys["issuer"][0], stdin=credential)
    result = CliRunner().invoke(cli, ["--lang", "zh", "verify", "--challenge", "c"], input=issued.stdout_bytes)
    assert result.exit_code == 1
    assert "验证未通过" in result.stdout
    assert "挑战值不符" in result.stdout


def _deep(levels):
    return b'{"a":' * levels + b"1" + b"}" * levels


UNUSABLE = {
    "nothing": b"",
    "not UTF-8": b"\xff\xfe{}",
    "truncated": b'{"@context": [',
    "an array": b"[]",
    "null": b"null",
    "a member twice": b'{"a": 1, "a": 2}',
    "deep": _deep(100_000),
    "huge": b'{"a": "' + b"x" * (17 * 1024 * 1024) + b'"}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "NaN": b'{"a": NaN}',
}


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize(
    "command",
    [
        ("issue", "--key", "issuer"),
        ("derive",),
        ("present", "--key", "device"),
        ("verify",),
        ("canonicalize",),
        ("explain",),
    ],
)
def test_input_that_is_no_document_ends_with_code_2(run, keys, name, command):
    arguments = [keys[word][0] if word in keys else word for word in command]
    result = run(*arguments, stdin=UNUSABLE[name])
    assert result.exit_code == 2
    assert "parse." in result.output or "larger than" in result.stderr


@pytest.mark.parametrize(
    ("document", "command", "exit_code"),
    [
        ({}, ("issue", "--key", "issuer"), 2),
        ({"@context": 7, "type": [None]}, ("issue", "--key", "issuer"), 2),
        ({}, ("derive",), 2),
        ({"proof": {}}, ("derive",), 2),
        ({"proof": []}, ("derive",), 2),
        ({"proof": [7, None, {}]}, ("derive",), 2),
        ({}, ("present", "--key", "device"), 2),
        ({"proof": {"type": 7}}, ("present", "--key", "device"), 2),
        ({}, ("verify",), 1),
        ({"proof": None}, ("verify",), 1),
        ({"proof": {}}, ("verify",), 1),
        ({"proof": [1, [], {}]}, ("verify",), 1),
        ({"@context": ["https://unknown.example/"], "a": "b"}, ("canonicalize",), 2),
        ({"@context": {"a": 7}, "a": "b"}, ("canonicalize",), 2),
        ({"unknown": "term"}, ("canonicalize",), 2),
    ],
)
def test_documents_that_make_no_sense_end_with_a_message(run, keys, document, command, exit_code):
    arguments = [keys[word][0] if word in keys else word for word in command]
    result = run(*arguments, stdin=document)
    assert result.exit_code == exit_code
    assert result.output.strip()


@pytest.mark.parametrize(("options", "shown"), [((), True), (("--hideable", "/validUntil"), False)])
def test_the_end_of_a_credential_is_shown_unless_its_issuer_says_otherwise(run, keys, credential, options, shown):
    credential["validUntil"] = "2099-01-01T00:00:00Z"
    issued = run(
        "issue", "--key", keys["issuer"][0], "--cryptosuite", "ecdsa-sd-2023", *options, "--json", stdin=credential
    )
    derived = run("derive", "--json", stdin=issued.stdout_bytes)
    assert ("validUntil" in json.loads(derived.stdout)) is shown
    judged = run("verify", "--json", stdin=derived.stdout_bytes)
    assert judged.exit_code == 0
    assert ("/validUntil" in judged.stdout) is not shown


@pytest.mark.parametrize(
    "options",
    [
        ("--cryptosuite", "nonsense"),
        ("--cryptosuite", "eddsa-rdfc-2022"),
        ("--mandatory", "/issuer"),
        ("--cryptosuite", "ecdsa-sd-2023", "--mandatory", "/nowhere"),
        ("--cryptosuite", "ecdsa-sd-2023", "--mandatory", "nowhere"),
        ("--hideable", "/validUntil"),
        ("--cryptosuite", "ecdsa-sd-2023", "--hideable", "/validUntil"),
        ("--cryptosuite", "ecdsa-sd-2023", "--mandatory", "/issuer", "--hideable", "/issuer"),
        ("--created", "yesterday"),
        ("--created", "2026-01-01T00:00:00"),
        ("--expires", "2001-01-01T00:00:00Z"),
        ("--verification-method", "#key"),
        ("--did", "police", "--verification-method", "#key"),
        ("--password-file", "missing/file"),
    ],
)
def test_options_that_make_no_proof_end_with_code_2(run, keys, credential, options):
    result = run("issue", "--key", keys["issuer"][0], *options, stdin=credential)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert not result.stdout


def test_a_foreign_key_is_refused(run, keys, credential):
    result = run("issue", "--key", keys["edwards"][0], stdin=credential)
    assert result.exit_code == 2
    assert "issuer.controller" in result.stderr


@pytest.mark.parametrize("command", ["issue", "derive", "present", "verify", "canonicalize", "explain"])
def test_files_that_cannot_be_read_end_with_code_2(run, keys, tmp_path, command):
    key = ("--key", keys["issuer"][0]) if command in ("issue", "present") else ()
    for path in (tmp_path / "missing", tmp_path):
        assert run(command, str(path), *key).exit_code == 2
    if key:
        assert run(command, "--key", str(tmp_path / "missing"), stdin=b"{}").exit_code == 2
        assert run(command, "--key", keys["password"][0], stdin=b"{}").exit_code == 2


def test_a_status_list_given_as_a_file_is_checked(run, keys, credential, tmp_path):
    from datetime import UTC, datetime

    from vc.status import StatusList, status_entry, status_list_credential

    issuer, url = keys["issuer"][1], "https://police.example/status/1"
    now = datetime.now(UTC)
    revoked = StatusList()
    revoked[7] = 1
    listed = status_list_credential(revoked, id=url, issuer=issuer.did, purpose="revocation", valid_from=now)
    path = tmp_path / "list.json"
    path.write_text(json.dumps(vc.issue(listed, issuer)))
    for index, exit_code in ((7, 1), (8, 0)):
        entry = status_entry(url, index, purpose="revocation")
        issued = run("issue", "--key", keys["issuer"][0], stdin=credential | {"credentialStatus": entry})
        result = run("verify", "--status-list", str(path), "--json", stdin=issued.stdout_bytes)
        assert result.exit_code == exit_code, result.stdout
        codes = [problem["code"] for problem in json.loads(result.stdout)["problemDetails"]]
        assert codes == (["status.revoked"] if exit_code else [])
