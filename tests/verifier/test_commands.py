"""``liangzheng verifier …``: a newcomer's way through it, exit codes, and input that can't be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import did
from liangzheng import terminal
from liangzheng.cli import cli
from vc.scenarios import PresentationRequest

from .conftest import (
    ANCHOR,
    DOMAIN,
    HOTEL,
    ISSUERS,
    LISTS,
    NOW,
    PORTRAIT,
    SICHUAN,
    World,
    identity_card,
    issued,
    trust_document,
)

Run = Callable[..., Result]
AT = NOW.isoformat()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def run(state: Path) -> Run:
    def invoke(*args: str, data: str | bytes = "", lang: str = "en", code: int = 0) -> Result:
        result = CliRunner().invoke(cli, ["--lang", lang, "verifier", "--state", str(state), *args], input=data)
        terminal.set_language(None)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def ready(run: Run, tmp_path: Path) -> Run:
    """Set up, with a trust list installed."""
    anchor = ("--anchor", ANCHOR.did)
    run("setup", "--name", "重庆样例酒店", "--domain", DOMAIN, "--region", "500000", "--did", HOTEL, *anchor)
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(trust_document()), encoding="utf-8")
    run("trust", "install", str(path), "--now", AT)
    return run


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def lists(world: World, tmp_path: Path) -> list[str]:
    """The options that name the status lists as files."""
    options = []
    for purpose, url in LISTS.items():
        path = tmp_path / f"{purpose}.json"
        path.write_bytes(world.lists.get(url))
        options += ["--status", str(path)]
    return options


@pytest.fixture
def answer(ready: Run, world: World) -> str:
    made = json.loads(ready("request", "--scenario", "hotel-check-in", "--now", AT, "--json").stdout)
    return json.dumps(world.answer(PresentationRequest.from_dict(made)))


def test_cards_are_asked_for_as_sd_jwts(ready: Run, world: World) -> None:
    made = json.loads(
        ready("request", "--scenario", "hotel-check-in", "--envelope", "dc+sd-jwt", "--now", AT, "--json").stdout
    )
    assert made["envelope"] == "dc+sd-jwt"
    in_json_ld = json.dumps(world.answer(PresentationRequest.from_dict(made)))
    assert "message.form" in ready("verify", "--now", AT, data=in_json_ld, code=1).stdout
    ready("request", "--scenario", "hotel-check-in", "--envelope", "vc+jwt", code=2)


def test_an_answer_is_verified_once(ready: Run, lists: list[str], answer: str) -> None:
    first = ready("verify", "-", *lists, "--now", AT, data=answer)
    assert "VERIFIED" in first.stdout
    assert "王小明" in first.stdout
    assert "does not replace the physical card" in first.stdout
    again = ready("verify", *lists, "--now", AT, data=answer, code=1)
    assert "Already used" in again.stdout
    assert "王小明" not in again.stdout


def test_a_card_that_hides_its_status_is_refused(ready: Run, world: World, lists: list[str]) -> None:
    made = json.loads(ready("request", "--scenario", "hotel-check-in", "--now", AT, "--json").stdout)
    answer = world.answer(PresentationRequest.from_dict(made), issued(identity_card(), status=False))
    said = ready("verify", *lists, "--now", AT, data=json.dumps(answer), code=1).stdout
    assert "Something that such a card must show is missing" in said
    assert "/verifiableCredential/0/credentialStatus" in said
    assert "王小明" not in said


def test_an_answer_that_never_expires_is_refused(ready: Run, world: World, lists: list[str]) -> None:
    made = json.loads(ready("request", "--scenario", "hotel-check-in", "--now", AT, "--json").stdout)
    answer = world.answer(PresentationRequest.from_dict(made), expires_in=None)
    said = ready("verify", *lists, "--now", AT, data=json.dumps(answer), lang="zh", code=1).stdout
    assert "证明未载明到期时间" in said


def test_chinese_is_spoken(ready: Run, lists: list[str], answer: str) -> None:
    spoken = ready("verify", *lists, "--now", AT, data=answer, lang="zh").stdout
    assert "核验通过" in spoken
    assert "不在一般意义上替代实体证件" in spoken


def test_machine_output_is_one_line_of_json(ready: Run, lists: list[str], answer: str) -> None:
    result = json.loads(ready("verify", *lists, "--now", AT, "--json", data=answer).stdout)
    assert result["verified"] is True
    assert result["effect"]["scenario"] == "hotel-check-in"
    refused = json.loads(ready("verify", *lists, "--now", AT, "--json", data=answer, code=1).stdout)
    assert refused["problemDetails"][0]["code"] == "replay.used"
    assert refused["problemDetails"][0]["titleZh"]


def test_without_the_status_lists_it_is_undecided(ready: Run, answer: str) -> None:
    assert "COULD NOT BE DECIDED" in ready("verify", "--now", AT, data=answer, code=1).stdout


def test_the_portrait_is_written_when_it_was_verified(
    ready: Run, lists: list[str], answer: str, tmp_path: Path
) -> None:
    folder = tmp_path / "portraits"
    ready("verify", "--now", AT, "--portraits", str(folder), data=answer, code=1)
    assert list(folder.iterdir()) == []
    ready("verify", *lists, "--now", AT, "--portraits", str(folder), data=answer)
    assert [path.read_bytes() for path in folder.iterdir()] == [PORTRAIT]


def test_a_request_from_elsewhere_can_be_given(ready: Run, world: World, lists: list[str], tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    ready("request", "--scenario", "internet-cafe", "--out", str(path), "--now", AT)
    request = PresentationRequest.from_dict(json.loads(path.read_bytes()))
    (tmp_path / "state" / "verifier.db").unlink()
    message = json.dumps(world.answer(request))
    assert "request.unknown" in ready("verify", *lists, "--now", AT, data=message, code=1).stdout
    ready("verify", "--request", str(path), *lists, "--now", AT, data=message)


def test_a_trust_list_can_be_given(ready: Run, lists: list[str], answer: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(trust_document(issuers=[{**ISSUERS[0], "region": ["500000"]}])), encoding="utf-8")
    refused = ready("verify", "--trust", str(path), *lists, "--now", AT, data=answer, code=1)
    assert "trust.region" in refused.stdout
    stranger = did.generate("Ed25519")
    path.write_text(json.dumps(trust_document(signer=stranger)), encoding="utf-8")
    options = ("verify", "--trust", str(path), *lists, "--now", AT)
    assert "trust.anchor" in ready(*options, data=answer, code=1).stdout
    ready(*options, "--anchor", stranger.did, data=answer)


def test_a_batch_is_judged_line_by_line(ready: Run, world: World, lists: list[str]) -> None:
    messages = []
    for _ in range(3):
        made = json.loads(ready("request", "--scenario", "hotel-check-in", "--now", AT, "--json").stdout)
        messages.append(json.dumps(world.answer(PresentationRequest.from_dict(made))))
    data = "\n".join([*messages, "", "{", messages[0]]) + "\n"
    result = ready("verify", "--batch", *lists, "--now", AT, data=data, code=1)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["verified"] for row in rows] == [True, True, True, False, False]
    assert "3 of 5" in result.stderr
    assert ready("verify", "--batch", data="\n\n", code=2)


def test_the_scenarios_are_listed(run: Run) -> None:
    assert "hotel-check-in" in run("scenarios").stdout
    rows = json.loads(run("scenarios", "--json").stdout)["scenarios"]
    assert {"hotel-check-in", "internet-cafe", "street-check", "property-registration"} <= {row["id"] for row in rows}


class TestTrustLists:
    def test_a_list_is_signed_installed_and_shown(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = did.generate("Ed25519")
        did.save(key, tmp_path / "anchor.key", "a long password for this test")
        monkeypatch.setenv("LIANGZHENG_PASSWORD", "a long password for this test")
        entries = json.dumps({"trustedIssuer": ISSUERS})
        path = str(tmp_path / "list.json")
        run("setup", "--name", "x", "--domain", "x", "--anchor", key.did)
        run("trust", "sign", "-", "--key", str(tmp_path / "anchor.key"), "--out", path, "--now", AT, data=entries)
        run("trust", "install", path, "--now", AT)
        shown = run("trust", "show", "--now", AT).stdout
        assert SICHUAN.did in shown
        assert "四川省" in shown
        assert json.loads(run("trust", "show", "--now", AT, "--json").stdout)["issuer"] == key.did

    @pytest.mark.parametrize(
        "entries",
        [
            "",
            "{",
            "[]",
            "{}",
            '{"trustedIssuer": []}',
            '{"trustedIssuer": {}}',
            '{"trustedIssuer": [5]}',
            '{"trustedIssuer": [{}]}',
            '{"other": []}',
            '{"trustedIssuer": [{"did": "x"}], "x": 1}',
        ],
    )
    def test_entries_that_make_no_list_are_refused(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str
    ) -> None:
        did.save(did.generate("Ed25519"), tmp_path / "anchor.key", "a long password for this test")
        monkeypatch.setenv("LIANGZHENG_PASSWORD", "a long password for this test")
        run("trust", "sign", "--key", str(tmp_path / "anchor.key"), data=entries, code=2)

    def test_without_a_list_that_is_said(self, run: Run) -> None:
        run("setup", "--name", "x", "--domain", "x", "--anchor", ANCHOR.did)
        assert "trust.unavailable" in run("trust", "show", code=2).stderr

    def test_a_list_that_does_not_verify_is_not_installed(self, ready: Run) -> None:
        for data in ("", "{", json.dumps({**trust_document(), "proof": None})):
            ready("trust", "install", "--now", AT, data=data, code=2)
        ready("trust", "install", data=json.dumps(trust_document(signer=did.generate("Ed25519"))), code=2)
        assert SICHUAN.did in ready("trust", "show", "--now", AT).stdout


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"a":1,"a":2}',
        b"[" * 100000,
        b"{}",
        b'{"type": "x"}',
        b'{"verifiablePresentation": 5}',
        b'{"verifiablePresentation": {}}',
    ],
)
def test_what_is_no_message_ends_with_2(ready: Run, data: bytes) -> None:
    ready("verify", "--now", AT, data=data, code=2)


@pytest.mark.parametrize(
    "args",
    [
        ("verify", "no such file"),
        ("verify", "--request", "no such file"),
        ("verify", "--status", "no such file"),
        ("verify", "--trust", "no such file", "--anchor", "no did"),
        ("verify", "--now", "yesterday"),
        ("verify", "--now", "2026-01-01T00:00:00"),
        ("request", "--scenario", "palace"),
        ("request", "--scenario", "street-check", "--now", AT),
        ("request", "--scenario", "senior-discount", "--variant", "law"),
        ("request", "--scenario", "hotel-check-in", "--out", "/no/such/folder/x"),
        ("trust", "install", "no such file"),
        ("trust", "sign", "--key", "no such file"),
        ("setup", "--name", "", "--domain", "x"),
        ("setup", "--name", "x", "--domain", "x\x1b[2J"),
        ("setup", "--name", "x", "--domain", "x", "--did", "https://x.example"),
        ("setup", "--name", "x", "--domain", "x", "--region", "Chongqing"),
        ("setup", "--name", "x", "--domain", "x", "--anchor", "x"),
    ],
)
def test_arguments_that_cannot_be_used_end_with_2(ready: Run, args: tuple[str, ...]) -> None:
    code = 1 if args[:2] == ("verify", "--trust") else 2
    ready(*args, data="{}" if code == 2 else '{"type": "VerifiablePresentation"}', code=code)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"did": 5}', b'{"did": "did:web:x.example", "name": []}']
)
def test_settings_that_cannot_be_read_are_said(run: Run, state: Path, content: bytes) -> None:
    assert "setup" in run("request", "--scenario", "hotel-check-in", code=2).stderr
    state.mkdir()
    (state / "settings.json").write_bytes(content)
    run("request", "--scenario", "hotel-check-in", code=2)


def test_settings_with_anchors_of_another_form_are_said(run: Run, state: Path) -> None:
    state.mkdir()
    settings: dict[str, Any] = {"did": HOTEL, "name": "x", "domain": "x", "anchors": "x"}
    (state / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    run("request", "--scenario", "hotel-check-in", code=2)
