from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
from did.key_files import Argon2id
from liangzheng.cli import cli

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIANGZHENG_PASSWORD", PASSWORD)
    monkeypatch.setattr("did.key_files.Argon2id.__init__", _weakest)
    monkeypatch.chdir(tmp_path)


def _weakest(self: Argon2id, memory: int = 19 * 1024, passes: int = 2, lanes: int = 1) -> None:
    for name, value in (("memory", memory), ("passes", passes), ("lanes", lanes)):
        object.__setattr__(self, name, value)


def run(
    *arguments: str, code: int = 0, given: str | bytes | None = None, env: dict[str, str | None] | None = None
) -> Result:
    result = CliRunner().invoke(cli, ["--lang", "en", *arguments], input=given, env=env)
    assert result.exit_code == code, (result.output, result.exception)
    assert not result.exception or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def machine(*arguments: str, **options: Any) -> Any:
    result = run(*arguments, "--json", **options)
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def key(name: str, key_type: str = "P-256") -> str:
    made: str = machine("keys", "generate", name, "--type", key_type)["publicKeyMultibase"]
    return made


class TestKeys:
    @pytest.mark.parametrize("key_type", ["Ed25519", "P-256", "P-384", "BLS12-381-G2"])
    def test_a_key_is_made_shown_and_published(self, key_type: str) -> None:
        made = machine("keys", "generate", "a.key", "--type", key_type)
        assert made["type"] == key_type
        assert made["did"].startswith("did:key:z")
        assert machine("keys", "show", "a.key")["did"] == made["did"]
        assert run("keys", "public", "a.key").stdout.strip() == made["publicKeyMultibase"]
        assert machine("keys", "public", "a.key", "--format", "jwk")["crv"]
        assert machine("keys", "public", "a.key", "--format", "document")["type"] == "Multikey"
        assert made["publicKeyMultibase"] in run("keys", "show", "a.key").stdout

    def test_it_can_be_bound_to_another_did(self) -> None:
        made = machine(
            "keys", "generate", "-o", "a.key", "--did", "did:web:a.example", "--verification-method", "#key-1"
        )
        assert made["verificationMethod"] == "did:web:a.example#key-1"
        assert machine("keys", "show", "a.key")["did"] == "did:web:a.example"
        assert machine("keys", "generate", "b.key", "--method", "jwk")["did"].startswith("did:jwk:")

    def test_the_password_can_come_from_a_file_or_a_prompt(self, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("from a file\nand not this\n")
        run("keys", "generate", "a.key", "--password-file", "password")
        assert did.load(tmp_path / "a.key", "from a file")
        asked = {"LIANGZHENG_PASSWORD": None}
        run("keys", "generate", "b.key", given="typed\ntyped\n", env=asked)  # type: ignore[arg-type]
        result = run("keys", "show", "b.key", "--json", given="typed\n", env=asked, code=2)  # type: ignore[arg-type]
        assert "password" in result.output.lower()
        assert did.load(tmp_path / "b.key", "typed")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["keys", "generate"], "one key file"),
            (["keys", "generate", "a", "-o", "b"], "one key file"),
            (["keys", "generate", "a", "--type", "RSA"], "RSA"),
            (["keys", "generate", "a", "--did", "did:web:a.example"], "together"),
            (["keys", "generate", "a", "--did", "x", "--verification-method", "#k"], "did.invalid"),
            (["keys", "generate", "none/a"], "none"),
            (["keys", "generate", "a", "--password-file", "none"], "none"),
            (["keys", "show", "none"], "none"),
            (["keys", "show", "."], "."),
            (["keys", "public", "bad.key"], "keyfile.invalid"),
            (["keys", "public", "taken", "--format", "x"], "x"),
        ],
    )
    def test_bad_input_is_a_clear_error(self, arguments: list[str], said: str, tmp_path: Path) -> None:
        (tmp_path / "bad.key").write_bytes(b"\0" * 50)
        assert said in run(*arguments, code=2).output

    def test_a_key_is_never_written_over(self) -> None:
        first = key("a.key")
        assert "keyfile.exists" in run("keys", "generate", "a.key", code=2).output
        assert machine("keys", "show", "a.key")["publicKeyMultibase"] == first

    def test_a_wrong_password_opens_nothing(self) -> None:
        key("a.key")
        assert "keyfile.locked" in run("keys", "show", "a.key", code=2, env={"LIANGZHENG_PASSWORD": "wrong"}).output
        assert "keyfile.weak" in run("keys", "generate", "b.key", code=2, env={"LIANGZHENG_PASSWORD": ""}).output

    def test_messages_speak_chinese_as_well(self) -> None:
        result = CliRunner().invoke(cli, ["--lang", "zh", "keys", "generate"])
        assert "密钥" in result.output


class TestOffline:
    def test_a_did_key_is_made_and_resolved(self) -> None:
        multikey = key("a.key")
        made = machine("did", "create", "key", "a.key")["did"]
        assert made == machine("did", "create", "key", multikey)["did"] == "did:key:" + multikey
        assert machine("did", "resolve", made)["didDocument"]["id"] == made
        human = run("did", "resolve", made, "--offline").stdout
        assert made in human
        assert "assertionMethod" in human

    def test_other_offline_methods(self) -> None:
        key("a.key")
        key("x.key", "X25519")
        for arguments in (
            ["jwk", "a.key", "--use", "sig"],
            [
                "peer",
                "--key",
                "a.key",
                "--agreement",
                "x.key",
                "--service",
                '{"type":"A","serviceEndpoint":"https://a.example/"}',
            ],
        ):
            made = machine("did", "create", *arguments)["did"]
            assert machine("did", "resolve", made)["didDocument"]["id"] == made

    def test_a_did_url_is_dereferenced_for_a_purpose(self) -> None:
        made = "did:key:" + key("a.key")
        url = f"{made}#{made.removeprefix('did:key:')}"
        assert machine("did", "dereference", url, "--purpose", "assertionMethod")["content"]["id"] == url
        assert json.loads(run("did", "dereference", url).stdout)["controller"] == made
        assert "did.purpose_not_allowed" in run("did", "dereference", url, "--purpose", "keyAgreement", code=1).output

    def test_options_are_passed_on(self) -> None:
        made = "did:key:" + key("a.key")
        result = machine("did", "resolve", made, "--option", "publicKeyFormat=JsonWebKey")
        assert result["didDocument"]["verificationMethod"][0]["type"] == "JsonWebKey"

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["resolve", "x"], 2, "did.invalid"),
            (["resolve", "did:key:zz"], 2, "did."),
            (["resolve", "did:unknown:x"], 2, "did.method_not_supported"),
            (["resolve", "did:web:127.0.0.1"], 2, "did.invalid"),
            (["resolve", "did:web:a.example", "--offline"], 1, "did.unavailable"),
            (["resolve", "did:web:localhost"], 1, "did.fetch_refused"),
            (["resolve", "did:key:z6Mk", "--option", "x"], 2, "NAME=VALUE"),
            (["resolve", "did:web:a.example", "--from", "none"], 2, "none"),
            (["resolve", "did:web:a.example", "--from", "."], 1, "did.not_found"),
            (["resolve", "did:web:a.example", "--version-time", "yesterday"], 2, "time zone"),
            (["resolve", "did:web:a.example", "--bundle", "none"], 2, "--trust"),
            (["resolve", "did:web:a.example", "--bundle", "none", "--trust", "z6Mk"], 2, "did."),
            (["dereference", "x"], 2, "did.invalid_url"),
            (["dereference", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#x"], 1, "did.not_found"),
            (["create", "key", "none.key"], 2, "none.key"),
            (["create", "key", "zzz"], 2, "did."),
            (["create", "web", "127.0.0.1", "--key", "z6Mk"], 2, "did.invalid"),
            (["create", "web", "a.example", "--key", "none.key"], 2, "none.key"),
            (["create", "web", "a.example"], 2, "--key"),
            (["create", "webvh", "a.example", "--key", "none.key"], 2, "--update-key"),
            (["create", "peer", "--key", "none.key"], 2, "none.key"),
            (["update", "none.json", "--document", "none"], 2, "none"),
            (["rotate", "none.json"], 2, "no key"),
            (["rotate", "none.json", "--add", "z"], 2, "none"),
            (["deactivate", "none.jsonl"], 2, "none"),
            (["witness", "none.jsonl", "--key", "x"], 2, "none"),
            (["bundle", "did:web:a.example", "--key", "none.key", "-o", "b", "--from", "."], 2, "none.key"),
        ],
    )
    def test_bad_input_is_a_clear_error(self, arguments: list[str], code: int, said: str) -> None:
        assert said in run("did", *arguments, code=code).output


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"id":"did:web:a.example","id":"x"}', b"[" * 9999, b"null"]
)
def test_files_that_hold_nothing_usable_are_told_so(content: bytes, tmp_path: Path) -> None:
    key("u.key", "Ed25519")
    for name in ("did.json", "did.jsonl"):
        (tmp_path / name).write_bytes(content)
        run("did", "update", name, "--document", name, "--update-key", "u.key", code=1)
        run("did", "rotate", name, "--add", "u.key", *(["--update-key", "u.key"] if name.endswith("l") else []), code=1)
        run("did", "deactivate", name, "--update-key", "u.key", "--yes", code=1)
        assert (tmp_path / name).read_bytes() == content


class TestWeb:
    def test_its_life(self, tmp_path: Path) -> None:
        one, two = key("one.key"), key("two.key")
        made = machine("did", "create", "web", "police.example", "sichuan", "--key", "one.key", "-o", "site")
        assert made["did"] == "did:web:police.example:sichuan"
        file = made["files"][0]
        assert file == str(Path("site/sichuan/did.json"))

        def used(name: str) -> Any:
            result = CliRunner().invoke(
                cli,
                [
                    "did",
                    "dereference",
                    f"{made['did']}#{name}",
                    "--purpose",
                    "assertionMethod",
                    "--from",
                    "site",
                    "--json",
                ],
            )
            return (
                json.loads(result.stdout)["content"]["publicKeyMultibase"]
                if result.exit_code == 0
                else result.exit_code
            )

        assert used("key-1") == one
        machine("did", "rotate", file, "--add", "two.key", "--retire", "key-1")
        assert (used("key-1"), used("key-2")) == (one, two)
        document = json.loads(Path(file).read_text())
        assert document["authentication"] == [made["did"] + "#key-2"]
        machine("did", "rotate", file, "--remove", "key-1")
        assert (used("key-1"), used("key-2")) == (1, two)
        document["alsoKnownAs"] = ["https://police.example/"]
        run("did", "update", file, "--document", "-", given=json.dumps(document))
        assert "also known as" in run("did", "resolve", made["did"], "--from", "site").stdout
        run("did", "deactivate", file, code=2, given="n\n")
        assert Path(file).exists()
        machine("did", "deactivate", file, "--yes")
        assert used("key-2") == 1

    def test_files_are_not_written_over(self) -> None:
        key("a.key")
        run("did", "create", "web", "a.example", "--key", "a.key")
        before = Path(".well-known/did.json").read_bytes()
        assert "exists" in run("did", "create", "web", "a.example", "--key", "a.key", code=2).output
        assert Path(".well-known/did.json").read_bytes() == before

    def test_keys_have_names(self) -> None:
        multikey = key("a.key")
        run("did", "create", "web", "a.example", "--key", "signing=a.key", "--key", f"second={multikey}")
        document = json.loads(Path(".well-known/did.json").read_text())
        assert [method["id"].partition("#")[2] for method in document["verificationMethod"]] == ["signing", "second"]
        run("did", "create", "web", "b.example", "--key", "k=a.key", "--key", "k=a.key", code=2)

    def test_a_service_is_dereferenced_to_its_url(self) -> None:
        key("a.key")
        service = '{"id":"#files","type":"relativeRef","serviceEndpoint":"https://a.example/f"}'
        run("did", "create", "web", "a.example", "--key", "a.key", "--service", service)
        url = "did:web:a.example?service=files&relativeRef=%2Fx"
        assert run("did", "dereference", url, "--from", ".").stdout == "https://a.example/f/x\n"
        run("did", "create", "web", "b.example", "--key", "a.key", "--service", "[]", code=2)

    @pytest.mark.parametrize(
        "arguments",
        [
            ["rotate", "FILE", "--remove", "none"],
            ["rotate", "FILE", "--add", "key-1=a.key"],
            ["rotate", "FILE", "--add", "a.key", "--update-key", "a.key"],
            ["rotate", "FILE", "--add", "none.key"],
        ],
    )
    def test_a_bad_rotation_changes_nothing(self, arguments: list[str]) -> None:
        key("a.key")
        file = machine("did", "create", "web", "a.example", "--key", "a.key")["files"][0]
        before = Path(file).read_bytes()
        result = CliRunner().invoke(cli, ["did", *(file if a == "FILE" else a for a in arguments)])
        assert result.exit_code in (1, 2)
        assert Path(file).read_bytes() == before


class TestWebvh:
    def test_its_life(self) -> None:
        for name in ("update", "next", "later", "witness"):
            key(f"{name}.key", "Ed25519")
        one = key("one.key")
        witness = machine("keys", "show", "witness.key")["did"]
        made = machine(
            *("did", "create", "webvh", "police.example", "--key", "one.key", "--update-key", "update.key"),
            *("--next-key", "next.key", "--witness", witness, "--with-web", "-o", "site"),
        )
        log = made["files"][0]
        assert {Path(file).name for file in made["files"]} == {"did.jsonl", "did.json"}
        assert "did.log_invalid" in run("did", "resolve", made["did"], "--from", "site", code=1).output
        run("did", "witness", log, "--key", "witness.key")
        assert "key-1" in run("did", "resolve", made["did"], "--from", "site").stdout
        url = made["did"] + "#key-1"
        assert machine("did", "dereference", url, "--from", "site")["content"]["publicKeyMultibase"] == one

        run("did", "rotate", log, "--update-key", "update.key", "--new-update-key", "later.key", code=1)
        rotation = ["--update-key", "next.key", "--new-update-key", "next.key", "--next-key", "later.key"]
        run("did", "rotate", log, *rotation, "--add", "two=one.key", "--remove", "key-1")
        run("did", "witness", log, "--key", "witness.key")
        run("did", "dereference", url, "--from", "site", code=1)
        assert machine("did", "resolve", made["did"], "--from", "site", "--version-number", "1")["didDocument"]
        run("did", "witness", log, "--key", "update.key", code=2)

        run("did", "deactivate", log, "--update-key", "later.key", "--yes")
        run("did", "witness", log, "--key", "witness.key")
        result = run("did", "resolve", made["did"], "--from", "site", code=1)
        assert "deactivated" in result.stdout
        run("did", "rotate", log, "--update-key", "later.key", "--add", "three=one.key", code=1)

    def test_the_document_can_be_changed(self) -> None:
        key("u.key", "Ed25519")
        made = machine("did", "create", "webvh", "a.example", "--key", "u.key", "--update-key", "u.key", "--ttl", "60")
        document = machine("did", "resolve", made["did"], "--from", ".")["didDocument"]
        document["alsoKnownAs"] = ["https://a.example/"]
        Path("new.json").write_text(json.dumps(document))
        changed = machine("did", "update", made["files"][0], "--document", "new.json", "--update-key", "u.key")
        assert changed["versionId"].startswith("2-")
        assert machine("did", "resolve", made["did"], "--from", ".")["didDocument"]["alsoKnownAs"]
        run("did", "update", made["files"][0], "--document", "new.json", code=2)

    def test_only_ed25519_updates(self) -> None:
        key("p.key")
        result = run("did", "create", "webvh", "a.example", "--key", "p.key", "--update-key", "p.key", code=1)
        assert "Ed25519" in result.output


class TestBundles:
    def test_a_bundle_serves_without_network(self) -> None:
        key("a.key")
        signer = machine("keys", "generate", "s.key", "--type", "Ed25519")
        run("did", "create", "web", "a.example", "--key", "a.key", "-o", "site")
        made = machine(
            "did", "bundle", "did:web:a.example", "--key", "s.key", "-o", "b.json", "--from", "site", "--hours", "2"
        )
        assert made["expires"]
        for trust in (signer["publicKeyMultibase"], signer["did"], "s.key"):
            result = machine("did", "resolve", "did:web:a.example", "--bundle", "b.json", "--trust", trust)
            assert result["didDocument"]["id"] == "did:web:a.example"
        other = key("o.key", "Ed25519")
        for trust, file in ((other, "b.json"), (other, "a.key")):
            failed = run("did", "resolve", "did:web:a.example", "--bundle", file, "--trust", trust, code=2)
            assert "did.bundle_invalid" in failed.output
        run("did", "resolve", "did:web:b.example", "--bundle", "b.json", "--trust", "s.key", code=1)
        run("did", "bundle", "did:web:b.example", "--key", "s.key", "-o", "c.json", "--from", "site", code=1)
        assert not Path("c.json").exists()

    def test_a_folder_isnt_left_through_links(self, tmp_path: Path) -> None:
        key("a.key")
        (tmp_path / "secret.json").write_text("{}")
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "did.json").symlink_to(tmp_path / "secret.json")
        run("did", "resolve", "did:web:a.example", "--from", "site", code=1)


def test_a_real_server_is_resolved_over_the_network(plain_server: Any) -> None:
    key("a.key")
    made = machine("did", "create", "web", "localhost", "--port", str(plain_server.port), "--key", "a.key")
    plain_server.publish("/.well-known/did.json", Path(made["files"][0]).read_bytes())
    assert machine("did", "resolve", made["did"], "--loopback")["didDocument"]["id"] == made["did"]
    assert "did.fetch_refused" in run("did", "resolve", made["did"], code=1).output
