"""``liangzheng issuer``: the whole job on the command line, its exit codes, and what it says to bad input."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
import vc
from liangzheng.cli import cli
from vc.status import StatusList

World = Any
Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "authority"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``liangzheng --lang en issuer ...`` in its own folder."""
    monkeypatch.setenv("LIANGZHENG_ISSUER_HOME", str(home))
    monkeypatch.setenv("LIANGZHENG_PASSWORD", "a good password")
    monkeypatch.delenv("LIANGZHENG_ISSUER_DATABASE", raising=False)

    def call(*arguments: str, lang: str = "en", **options: Any) -> Result:
        return CliRunner().invoke(cli, ["--lang", lang, "issuer", *arguments], **options)

    return call


INIT = ("init", "--name", "四川省公安厅", "--region", "510000", "--base-url", "https://sichuan.example")


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def ready(run: Run, tmp_path: Path, lite: World) -> World:
    """An authority on the command line with the family in its register."""
    assert run(*INIT).exit_code == 0
    people = tmp_path / "people.csv"
    people.write_bytes(lite.to_csv(lite.family))
    picture = tmp_path / "portrait.jpg"
    picture.write_bytes(lite.jpeg)
    assert run("import", str(people)).exit_code == 0
    assert run("portrait", lite.zhang_wei, str(picture)).exit_code == 0
    lite.people, lite.picture = people, picture
    return lite


def issue(run: Run, home: Path, world: World, device: did.SoftwareKey, *selection: str) -> list[dict[str, Any]]:
    applied = answer(run("apply", *selection, "--name", "张伟", "--number", world.zhang_wei, "--json"))
    outbox = home / "outbox" / f"{applied['application']}.json"
    code = json.loads(outbox.read_bytes())["code"]
    proved = answer(run("prove", applied["application"], code, "--json"))
    proof = vc.present([], device, challenge=proved["challenge"], domain=proved["domain"])
    cards: list[dict[str, Any]] = answer(run("issue", applied["application"], input=json.dumps(proof)))["cards"]
    return cards


def test_cards_are_written_as_sd_jwts_too(
    run: Run, home: Path, ready: World, device: did.SoftwareKey, tmp_path: Path
) -> None:
    applied = answer(
        run("apply", "--kind", "household-member", "--name", "张伟", "--number", ready.zhang_wei, "--json")
    )
    code = json.loads((home / "outbox" / f"{applied['application']}.json").read_bytes())["code"]
    proved = answer(run("prove", applied["application"], code, "--json"))
    proof = json.dumps(vc.present([], device, challenge=proved["challenge"], domain=proved["domain"]))
    folder, cards = tmp_path / "envelopes", tmp_path / "cards.json"
    issued = run("issue", applied["application"], "--form", "dc+sd-jwt", str(folder), "--out", str(cards), input=proof)
    assert issued.exit_code == 0, issued.output
    [card] = json.loads(cards.read_bytes())["cards"]
    [file] = folder.iterdir()
    assert file.name == f"{card['reference']}.sd-jwt" and file.stat().st_mode & 0o77 == 0
    assert file.read_text() == card["envelopes"]["dc+sd-jwt"]

    derived = CliRunner().invoke(cli, ["derive", str(file), "--pointer", "/name"])
    assert derived.exit_code == 0, derived.output
    verified = CliRunner().invoke(cli, ["verify", "-"], input=derived.stdout)
    assert verified.exit_code == 0, verified.output
    assert '"name": "张伟"' in CliRunner().invoke(cli, ["explain", str(file)]).stdout


def test_the_whole_job_on_the_command_line(run: Run, home: Path, ready: World, device: did.SoftwareKey) -> None:
    [card] = issue(run, home, ready, device, "--kind", "resident-identity-card")
    assert card["credential"]["credentialSubject"]["id"] == device.did
    assert list(card["attachments"]) == [card["credential"]["credentialSubject"]["portrait"]["digestMultibase"]]
    reference = card["reference"]
    assert answer(run("update", reference, "--json"))["update"] == "unchanged"
    assert answer(run("suspend", reference, "--json"))[0]["state"] == "suspended"
    assert run("suspend", reference).exit_code == 1
    assert answer(run("resume", reference, "--json"))[0]["state"] == "active"
    assert answer(run("lost", device.did, "--json"))[0]["causes"] == ["device-lost"]
    assert answer(run("lost", device.did, "--found", "--json"))[0]["state"] == "active"
    assert answer(run("revoke", reference, "--json"))[0]["state"] == "revoked"
    assert run("revoke", reference).exit_code == 1
    revocation, suspension = answer(run("publish", "--json"))
    assert (revocation["set"], suspension["set"]) == (1, 0)
    document = json.loads(Path(revocation["file"]).read_bytes())
    entry = next(e for e in card["credential"]["credentialStatus"] if e["statusPurpose"] == "revocation")
    bits = StatusList.decode(document["credentialSubject"]["encodedList"])
    assert [index for index, _ in bits.items()] == [int(entry["statusListIndex"])]
    report = answer(run("audit", "verify", "--json"))
    assert report["intact"]
    assert run("audit", "verify", "--expect", f"{report['count']}:{report['head']}").exit_code == 0
    assert run("audit", "verify", "--expect", f"{report['count']}:{'0' * 64}").exit_code == 1
    shown = run("audit", "show")
    assert "credential.revoked" in shown.stdout and ready.zhang_wei not in shown.stdout


def test_cards_go_into_a_file_that_only_its_owner_reads(
    run: Run, home: Path, ready: World, device: did.SoftwareKey, tmp_path: Path
) -> None:
    applied = answer(
        run("apply", "--department", "population", "--name", "张伟", "--number", ready.zhang_wei, "--json")
    )
    code_file = home / "outbox" / f"{applied['application']}.json"
    proved = answer(run("prove", applied["application"], json.loads(code_file.read_bytes())["code"], "--json"))
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(vc.present([], device, challenge=proved["challenge"], domain=proved["domain"])))
    out = tmp_path / "cards.json"
    assert len(answer(run("issue", applied["application"], str(proof), "--out", str(out), "--json"))["cards"]) == 3
    for private in (out, code_file, home / "authority.key"):
        assert private.stat().st_mode & 0o077 == 0
    assert home.stat().st_mode & 0o077 == 0
    assert len(json.loads(out.read_bytes())["cards"]) == 3
    assert len(answer(run("credentials", "--number", ready.zhang_wei, "--json"))) == 3


def test_an_import_says_what_was_refused_and_why(run: Run, ready: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(ready.to_csv([ready.family[0], {**ready.family[1], "民族": "99"}], "gb18030"))
    english = run("import", str(bad))
    assert english.exit_code == 0
    assert english.stdout.splitlines() == [
        "0 imported, 0 updated, 1 unchanged, 1 refused",
        "row 3 民族: not a code or name of the code list",
    ]
    chinese = run("import", str(bad), lang="zh")
    assert chinese.stdout.splitlines()[1] == "第 3 行 民族：代码或名称不在代码表中"
    assert answer(run("import", str(bad), "--json"))["problems"][0]["code"] == "code.unknown"
    only_bad = run("import", "-", input=ready.to_csv([{**ready.family[1], "民族": "99"}]))
    assert only_bad.exit_code == 2


def test_people_are_counted_not_shown(run: Run, ready: World) -> None:
    counted = run("people")
    assert "people: 3" in counted.stdout and "张" not in counted.stdout
    assert run("people", "--number", ready.li_na).exit_code == 0
    assert run("people", "--number", ready.number("19990101", 99)).exit_code == 1
    assert run("people", "--number", "123").exit_code == 2


def test_a_death_on_the_command_line_revokes(run: Run, home: Path, ready: World, device: did.SoftwareKey) -> None:
    issue(run, home, ready, device, "--kind", "household-member")
    assert len(answer(run("life", ready.zhang_wei, "deceased", "--json"))["revoked"]) == 1


def test_synthetic_people_can_be_made_and_imported(run: Run, ready: World, tmp_path: Path) -> None:
    assert run("synthetic", str(tmp_path / "people"), "--people", "20", "--seed", "a test").exit_code == 0
    report = answer(run("import", str(tmp_path / "people" / "sichuan.csv"), "--json"))
    assert report["refused"] == 0 and report["imported"] > 0
    number = (tmp_path / "people" / "sichuan.csv").read_text().splitlines()[1].split(",")[0]
    assert answer(run("portrait", number, "--draw", "--json"))["changed"]


def test_the_database_can_be_elsewhere(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGZHENG_ISSUER_DATABASE", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert run(*INIT).exit_code == 0
    assert (tmp_path / "elsewhere.db").exists() and not (home / "register.db").exists()


@pytest.mark.postgres
def test_the_database_can_be_postgresql(run: Run, postgres_url: str) -> None:
    assert run(*INIT, "--database", postgres_url).exit_code == 0
    assert answer(run("people", "--database", postgres_url, "--json"))["people"] == 0


def test_without_an_authority_every_command_says_so(run: Run) -> None:
    for arguments in (
        ["people"],
        ["publish"],
        ["audit", "verify"],
        ["apply", "--kind", "x", "--name", "n", "--number", "1"],
    ):
        result = run(*arguments)
        assert result.exit_code == 2 and "issuer init" in result.stderr


def test_a_wrong_password_signs_nothing(run: Run, ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGZHENG_PASSWORD", "another password")
    result = run("publish")
    assert result.exit_code == 2 and result.stderr.startswith("keyfile.locked")
    # What signs nothing needs no password.
    assert run("people").exit_code == 0


def test_no_password_and_no_terminal_is_said(run: Run, ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANGZHENG_PASSWORD")
    result = run("publish")
    assert result.exit_code == 2 and "LIANGZHENG_PASSWORD" in result.stderr


def test_a_password_may_come_from_a_file(
    run: Run, ready: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LIANGZHENG_PASSWORD")
    (tmp_path / "password").write_text("a good password\n")
    assert run("publish", "--password-file", str(tmp_path / "password")).exit_code == 0


BAD_INITS: list[Sequence[str]] = [
    ("--name", "n", "--region", "510000", "--base-url", "http://plain.example"),
    ("--name", "n", "--region", "510000", "--base-url", "nonsense"),
    ("--name", "n", "--region", "110000", "--base-url", "https://a.example"),
    ("--name", "n", "--region", "", "--base-url", "https://a.example"),
    ("--name", "n", "--region", "510000", "--base-url", "https://a.example", "--did", "did:web:a.example"),
    (
        "--name",
        "n",
        "--region",
        "510000",
        "--base-url",
        "https://a.example",
        "--did",
        "x",
        "--verification-method",
        "y",
    ),
    ("--name", "n", "--region", "510000"),
]


@pytest.mark.parametrize("arguments", BAD_INITS)
def test_a_bad_init_leaves_nothing_behind(run: Run, home: Path, arguments: Sequence[str]) -> None:
    result = run("init", *arguments)
    assert result.exit_code == 2 and "Traceback" not in result.output
    assert not (home / "authority.json").exists() and not (home / "authority.key").exists()
    assert run(*INIT).exit_code == 0
    assert run(*INIT).exit_code == 2


@pytest.mark.parametrize(
    "settings", [b"", b"{", b"[]", b"{}", b'{"name": 1}', b"\xff", b'{"name":"a","name":"b"}', b"x" * 100_000]
)
def test_settings_that_are_damaged_are_said_to_be(run: Run, home: Path, ready: World, settings: bytes) -> None:
    (home / "authority.json").write_bytes(settings)
    result = run("people")
    assert result.exit_code == 2 and not isinstance(result.exception, ValueError)


BAD_COMMANDS: list[tuple[Sequence[str], int]] = [
    (("import", "/nowhere/people.csv"), 2),
    (("import", "/"), 2),
    (("import", os.devnull), 2),
    (("import", "-", "--encoding", "latin-1"), 2),
    (("people", "--number", "\ud800"), 2),
    (("portrait", "1", "--draw"), 2),
    (("portrait", "510199198502140119"), 2),
    (("portrait", "510199198502140119", os.devnull), 1),
    (("life", "510199198502140119", "missing"), 2),
    (("apply", "--name", "张伟", "--number", "510199198502140119"), 1),
    (("apply", "--kind", "passport", "--name", "张伟", "--number", "510199198502140119"), 1),
    (("apply", "--kind", "residence-permit", "--name", "张伟", "--number", "1"), 1),
    (("code", "none"), 2),
    (("prove", "none", "123456"), 2),
    (("application", "none"), 2),
    (("issue", "none", os.devnull), 2),
    (("issue", "none", "/nowhere"), 2),
    (("update", "none"), 2),
    (("suspend", "none"), 2),
    (("resume", "none"), 2),
    (("revoke", "none"), 2),
    (("lost", "did:key:none"), 2),
    (("lost", "did:key:none", "--found", "--confirm"), 2),
    (("credentials", "--number", "none"), 2),
    (("publish", "--directory", "/dev/null/x"), 2),
    (("audit", "verify", "--expect", "nonsense"), 2),
    (("audit", "show", "--limit", "0"), 2),
    (("synthetic", "/dev/null"), 2),
    (("nonsense",), 2),
]


@pytest.mark.parametrize(("arguments", "code"), BAD_COMMANDS, ids=lambda value: str(value)[:60])
def test_bad_input_ends_with_a_message_not_a_traceback(
    run: Run, ready: World, arguments: Sequence[str], code: int
) -> None:
    arguments = [ready.zhang_wei if word == "510199198502140119" else word for word in arguments]
    result = run(*arguments)
    assert result.exit_code == code, (result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stderr.strip()


def test_messages_come_in_chinese_too(run: Run, ready: World) -> None:
    assert "没有这个凭证" in run("update", "none", lang="zh").stderr
