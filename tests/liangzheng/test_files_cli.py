"""What people bring and bring along: what, verify --at, contexts, DID documents, anchors, kits on the command line."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import did
import vc
from did.key_files import Argon2id
from liangzheng import terminal
from liangzheng.cli import cli
from vc.status import StatusList, status_entry, status_list_credential

PASSWORD = "correct horse"
KEY = did.SoftwareKey.from_seed("P-256", b"files")
OTHER = did.SoftwareKey.from_seed("P-256", b"files of another")
CONTEXT_URL = "https://contexts.example/club/v1"
CONTEXT = json.dumps({"@context": {"club": "https://contexts.example/club#club"}}).encode()


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("LIANGZHENG_PASSWORD", PASSWORD)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, lang="en"):
        result = CliRunner().invoke(cli, ["--lang", lang, *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        return result

    yield call
    terminal.set_language(None)


def credential(**more):
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": KEY.did,
        "credentialSubject": {"id": "urn:uuid:0d2ae1f8-2a5b-4d54-9d3f-5f1c1c9a8d11", "name": "王小明"},
        **more,
    }


@pytest.fixture
def card():
    return vc.issue(credential(), KEY)


def write(path, value):
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def test_what_says_kind_version_and_place(run, tmp_path, card):
    path = write(tmp_path / "a.json", {"vp_token": {"pid": [card]}})
    said = run("what", path).stdout
    assert "an OpenID4VP response (OpenID4VP 1.0)" in said
    assert "/vp_token/pid/0: a verifiable credential (VCDM 2.0)" in said
    found = json.loads(run("what", "--json", path).stdout)
    assert found["carried"][0]["pointer"] == "/vp_token/pid/0"
    assert "可验证凭证" in run("what", path, lang="zh").stdout
    assert run("what", write(tmp_path / "b", b"\x00\xff\x00\xff")).exit_code == 0


def test_verify_and_explain_take_what_is_inside_and_say_so(run, tmp_path, card):
    path = write(tmp_path / "a.json", {"verifiableCredential": card, "options": {}})
    verified = run("verify", path)
    assert verified.exit_code == 0
    assert "the file is a VC-API message" in verified.stdout
    as_json = json.loads(run("verify", "--json", path).stdout)
    assert as_json["found"] == {"kind": "credential", "in": "vc-api", "pointer": "/verifiableCredential"}
    explained = run("explain", path)
    assert json.loads(explained.stdout)["verdict"]["verified"] is True
    assert "the file is a VC-API message" in explained.stderr


def test_what_is_no_credential_ends_with_2_in_words(run, tmp_path):
    path = write(tmp_path / "a", b"-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n")
    refused = run("verify", path, lang="zh")
    assert refused.exit_code == 2
    assert "parse.carrier: 不是凭证本身: 这是私钥：请勿交给他人" in refused.stdout
    assert run("explain", path).exit_code == 2
    assert json.loads(run("verify", "--json", path).stdout)["problemDetails"][0]["detailZh"].startswith("这是私钥")


def test_of_several_one_is_chosen_by_its_pointer(run, tmp_path, card):
    forged = {**card, "name": "forged"}
    path = write(tmp_path / "a.json", [card, forged])
    assert run("verify", path).exit_code == 2
    assert run("verify", "--at", "/0", path).exit_code == 0
    assert run("verify", "--at", "/1", path).exit_code == 1
    assert run("verify", "--at", "/2", path).exit_code == 2


def test_a_context_comes_as_a_file_and_its_digest_is_printed(run, tmp_path):
    registry = vc.verification.Expectations().environment.contexts.with_context(
        CONTEXT_URL, CONTEXT, hashlib.sha256(CONTEXT).hexdigest()
    )
    contexts = [*credential()["@context"], CONTEXT_URL]
    secured = vc.issue(credential(**{"@context": contexts, "club": "chess"}), KEY, contexts=registry)
    path = write(tmp_path / "a.json", secured)
    unknown = run("verify", path)
    assert unknown.exit_code == 1
    assert f"--context {CONTEXT_URL}=FILE" in unknown.stdout
    assert "ContextRegistry.with_context" in unknown.stdout
    file = write(tmp_path / "club.json", CONTEXT)
    known = run("verify", "--context", f"{CONTEXT_URL}={file}", path)
    assert known.exit_code == 0, known.output
    assert hashlib.sha256(CONTEXT).hexdigest() in known.stderr
    folder = tmp_path / "contexts"
    folder.mkdir()
    write(folder / "https%3A%2F%2Fcontexts.example%2Fclub%2Fv1.json", CONTEXT)
    assert run("verify", "--contexts", folder, path).exit_code == 0
    assert run("canonicalize", "--contexts", folder, path).exit_code == 0
    changed = write(tmp_path / "changed.json", CONTEXT.replace(b"#club", b"#golf"))
    assert run("verify", "--context", f"{CONTEXT_URL}={changed}", path).exit_code == 1


def test_a_known_context_gets_no_other_meaning(run, tmp_path, card):
    path = write(tmp_path / "a.json", card)
    file = write(tmp_path / "other.json", CONTEXT)
    refused = run("verify", "--context", f"https://www.w3.org/ns/credentials/v2={file}", path)
    assert refused.exit_code == 2
    assert "context.digest" in refused.stderr


def test_contexts_of_a_folder_are_pinned_by_its_manifest(run, tmp_path, card):
    folder = tmp_path / "contexts"
    folder.mkdir()
    write(folder / "club.json", CONTEXT)
    entry = {"url": CONTEXT_URL, "file": "club.json", "sha256": "00" * 32}
    path = write(tmp_path / "a.json", card)
    for wrong in (entry, {**entry, "file": "../a.json"}, {"url": 5}):
        write(folder / "manifest.json", {"contexts": [wrong]})
        assert run("verify", "--contexts", folder, path).exit_code == 2
    write(folder / "manifest.json", {"contexts": [{**entry, "sha256": hashlib.sha256(CONTEXT).hexdigest()}]})
    assert run("verify", "--contexts", folder, path).exit_code == 0


def test_contexts_are_installed_for_every_command(tmp_path):
    file = write(tmp_path / "club.json", CONTEXT)
    document = write(tmp_path / "d.json", {"@context": CONTEXT_URL, "club": "chess"})
    command = [sys.executable, "-m", "liangzheng", "--context", f"{CONTEXT_URL}={file}", "canonicalize", str(document)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "<https://contexts.example/club#club>" in done.stdout
    assert hashlib.sha256(CONTEXT).hexdigest() in done.stderr
    command[4] = f"https://www.w3.org/ns/credentials/v2={file}"
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "context.digest" in refused.stderr
    assert "Traceback" not in refused.stderr


def web_card():
    """A credential whose issuer is a did:web, and that DID's document."""
    name = "did:web:police.example"
    key = did.SoftwareKey.from_seed("P-256", b"web").with_controller(name, name + "#k")
    document = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": name,
        "verificationMethod": [
            {
                "id": name + "#k",
                "type": "Multikey",
                "controller": name,
                "publicKeyMultibase": key.public_key.to_multikey(),
            }
        ],
        "assertionMethod": [name + "#k"],
    }
    return key, document


@pytest.fixture
def web(tmp_path):
    key, document = web_card()
    return write(tmp_path / "web.json", vc.issue(credential(issuer=key.did), key)), document


def test_a_did_document_comes_as_a_file_or_from_a_folder(run, tmp_path, web):
    path, document = web
    assert run("verify", path).exit_code == 1
    file = write(tmp_path / "did.json", document)
    assert run("verify", "--did-document", file, path).exit_code == 0
    folder = tmp_path / "dids" / "police.example"
    folder.mkdir(parents=True)
    write(folder / "did.json", document)
    assert run("verify", "--did-folder", folder.parent, path).exit_code == 0
    stranger = {**document, "id": "did:web:stranger.example"}
    assert run("verify", "--did-document", write(tmp_path / "stranger.json", stranger), path).exit_code == 1


def test_the_skew_is_the_callers(run, tmp_path):
    path = write(tmp_path / "a.json", vc.issue(credential(validFrom="2026-01-01T00:10:00Z"), KEY))
    now = "2026-01-01T00:00:00Z"
    refused = run("verify", "--now", now, path)
    assert refused.exit_code == 1
    assert "validFrom is 2026-01-01T00:10:00Z" in refused.stdout
    assert run("verify", "--now", now, "--skew", "600", path).exit_code == 0


@pytest.fixture
def listed(tmp_path):
    """A credential with a status, and its list, which another issuer signed."""
    url = "https://status.example/1"
    entry = status_entry(url, 7, "revocation")
    path = write(tmp_path / "listed.json", vc.issue(credential(credentialStatus=entry), KEY))
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    unsigned = status_list_credential(StatusList(), id=url, issuer=OTHER.did, purpose="revocation", valid_from=since)
    return path, write(tmp_path / "list.json", vc.issue(unsigned, OTHER))


def test_a_status_list_of_another_issuer_is_believed_when_that_is_named(run, listed):
    path, status_list = listed
    refused = run("verify", "--status-list", status_list, path)
    assert refused.exit_code == 1
    for word in (KEY.did, OTHER.did, "--status-issuer"):
        assert word in refused.stdout
    assert run("verify", "--status-list", status_list, "--status-issuer", OTHER.did, path).exit_code == 0
    assert run("verify", "--status-list", status_list, "--status-issuer", "did:key:z6x", path).exit_code == 1


def test_a_status_list_file_that_is_missing_or_none_is_told(run, tmp_path, card):
    path = write(tmp_path / "a.json", card)
    for file in (tmp_path / "missing", write(tmp_path / "x.json", [1]), write(tmp_path / "y", b"\x89PNG\r\n\x1a\n")):
        refused = run("verify", "--status-list", file, path)
        assert refused.exit_code == 2
        assert "internal" not in refused.stderr


@pytest.fixture
def key_file(tmp_path):
    did.save(KEY, tmp_path / "key", PASSWORD, kdf=Argon2id(memory=19 * 1024, passes=2, lanes=1))
    return tmp_path / "key"


def test_a_kit_brings_all_and_only_a_trusted_unchanged_one_in_time(run, tmp_path, web, key_file):
    path, document = web
    document_file = write(tmp_path / "did.json", document)
    context = write(tmp_path / "club.json", CONTEXT)
    kit = tmp_path / "kit"
    made = run(
        "kit", "make", kit, "--key", key_file, "--did-document", document_file,
        "--context", f"{CONTEXT_URL}={context}", "--days", "3", "--json",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    digest = hashlib.sha256(kit.read_bytes()).hexdigest()
    assert json.loads(made.stdout.splitlines()[-1]) == {"digest": digest, "signer": KEY.did}
    used = run("verify", "--kit", kit, "--kit-signer", KEY.did, path)
    assert used.exit_code == 0, used.output
    assert digest in used.stderr
    assert json.loads(run("kit", "show", kit, "--kit-signer", KEY.did).stdout)["contexts"] == [CONTEXT_URL]
    assert run("kit", "make", kit, "--key", key_file).exit_code == 2

    def refusal(*arguments, file=kit):
        refused = run("verify", "--kit", file, *arguments, path)
        assert refused.exit_code == 2
        return refused.stderr

    assert "--kit-signer" in refusal()
    assert "kit.signer" in refusal("--kit-signer", OTHER.did)
    late = (dt.datetime.now(dt.UTC) + dt.timedelta(days=4)).isoformat()
    assert "kit.period" in refusal("--kit-signer", KEY.did, "--now", late)
    changed = json.loads(kit.read_bytes())
    changed["expires"] = changed["expires"].replace("T", "T", 1)
    changed["material"]["dids"] = {}
    assert "kit.signature" in refusal("--kit-signer", KEY.did, file=write(tmp_path / "changed", changed))
    assert "kit.form" in refusal("--kit-signer", KEY.did, file=write(tmp_path / "none", {"type": "x"}))


def test_a_superseded_suite_is_one_message_that_names_its_successor(run, tmp_path, card):
    old = {**card, "proof": {**card["proof"], "type": "JsonWebSignature2020", "jws": "x..y"}}
    del old["proof"]["proofValue"]
    refused = run("verify", write(tmp_path / "a.json", old))
    assert refused.exit_code == 1
    assert refused.stdout.count("proof.") == 1
    assert "ecdsa-rdfc-2019" in refused.stdout
    assert "已被取代" in run("verify", tmp_path / "a.json", lang="zh").stdout


def test_one_good_proof_is_enough_when_that_is_said(run, tmp_path, card):
    unknown = {**card["proof"], "type": "Ed25519Signature2018", "jws": "x..y"}
    path = write(tmp_path / "a.json", {**card, "proof": [card["proof"], unknown]})
    refused = run("verify", path)
    assert refused.exit_code == 1
    assert "all proofs but /proof/1 are good" in refused.stdout
    accepted = run("verify", "--known-proofs", path)
    assert accepted.exit_code == 0
    assert "/proof/1" in accepted.stdout
    forged = write(tmp_path / "b.json", {**card, "name": "forged", "proof": [card["proof"], unknown]})
    assert run("verify", "--known-proofs", forged).exit_code == 1
    assert "are good" not in run("verify", forged).stdout
    none = write(tmp_path / "c.json", {**card, "proof": [unknown, unknown]})
    assert run("verify", "--known-proofs", none).exit_code == 1
    chained = {**card["proof"], "previousProof": "urn:uuid:26f2a3f7-5a9e-4f2b-9a55-8f5d8e2c6a01"}
    gone = {**unknown, "id": "urn:uuid:26f2a3f7-5a9e-4f2b-9a55-8f5d8e2c6a01"}
    path = write(tmp_path / "d.json", {**card, "proof": [chained, gone]})
    assert run("verify", "--known-proofs", path).exit_code == 1
