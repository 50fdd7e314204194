"""``liangzheng holder``: from an issuer's file to a QR symbol, with exit codes that programs can rely on."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image

import vc
from did import PublicKey, multibase
from holder import FileKeystore, Wallet
from holder.usage_log import Entry, check_chain
from liangzheng.cli import cli
from vc import qr
from vc.cards import issue_enveloped, message
from vc.cards.calendar import day_of
from vc.cards.portrait import digest_multibase
from vc.scenarios import SCENARIOS

from .conftest import COST, ISSUER, PIN, PORTRAIT, household_page, identity_card, issued, member_page

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a wallet of its own, in English unless told otherwise."""
    Wallet.create(
        tmp_path / "wallet" / "wallet.db", PIN, FileKeystore(tmp_path / "device" / "device.keystore"), cost=COST
    ).close()
    monkeypatch.setenv("LIANGZHENG_WALLET", str(tmp_path / "wallet" / "wallet.db"))
    monkeypatch.setenv("LIANGZHENG_KEYSTORE", str(tmp_path / "device" / "device.keystore"))
    monkeypatch.setenv("LIANGZHENG_PIN", PIN)
    monkeypatch.chdir(tmp_path)

    def runner(*arguments: str, code: int = 0, input: Any = None, lang: str = "en") -> Result:
        result = CliRunner().invoke(cli, ["--lang", lang, "holder", *arguments], input=input, catch_exceptions=False)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return runner


def out(result: Result) -> Any:
    return json.loads(result.stdout)


def card_file(device: str, *cards: tuple[object, bytes | None]) -> bytes:
    today = day_of(datetime.now(UTC))
    entries = [
        {
            "credential": issued(card, device, day=today),
            "attachments": {
                digest_multibase(p): {"mediaType": "image/jpeg", "data": multibase.encode_base64url(p)}
                for p in ([portrait] if portrait else [])
            },
        }
        for card, portrait in cards
    ]
    return json.dumps({"cards": entries}).encode()


def asked(scenario: str = "hotel-check-in") -> str:
    made = SCENARIOS[scenario].request(
        "did:web:hotel.cq.example", "重庆样例酒店", "n3Kx8pQ0vT5yR2mW", "https://hotel.cq.example", datetime.now(UTC)
    )
    return json.dumps(made.to_dict())


@pytest.fixture
def stocked_run(run: Run) -> Run:
    device = out(run("did", "--json"))["did"]
    run("add", input=card_file(device, (identity_card(), PORTRAIT), (household_page(), None), (member_page(), None)))
    return run


def test_a_wallet_is_made_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "deep" / "folder"
    made = run("init", "--wallet", str(folder / "w"), "--keystore", str(tmp_path / "keys" / "k"), "--json")
    assert out(made)["did"].startswith("did:key:zDna")
    assert "does not replace the physical card" in made.stderr
    assert folder.stat().st_mode & 0o777 == 0o700
    again = run("init", "--wallet", str(folder / "w"), "--keystore", str(tmp_path / "keys" / "k"), code=2)
    assert "wallet.exists" in again.stderr
    monkeypatch.setenv("LIANGZHENG_PIN", "123456")
    weak = run("init", "--wallet", str(folder / "other"), code=2)
    assert "pin.weak" in weak.stderr
    assert not (folder / "other").exists()


def test_possession_is_proved_over_an_issuers_file(run: Run, tmp_path: Path) -> None:
    challenge = json.dumps({"challenge": "c" * 32, "domain": "https://police.example", "reference": "r"})
    run("prove", "-", "--out", "proof.json", input=challenge)
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert (tmp_path / "proof.json").stat().st_mode & 0o777 == 0o600
    assert vc.verify(proof, challenge="c" * 32, domain="https://police.example").verified
    direct = out(run("prove", "--challenge", "c" * 32, "--domain", "https://police.example", "--json"))
    assert direct["holder"] == out(run("did", "--json"))["did"]


@pytest.mark.parametrize(
    ("content", "arguments"),
    [("{}", ["-"]), ("[]", ["-"]), ("", ["-"]), ('{"challenge": 1}', ["-"]), (None, []), (None, ["--challenge", "c"])],
)
def test_a_challenge_of_another_form_is_unusable(run: Run, content: str | None, arguments: list[str]) -> None:
    run("prove", *arguments, input=content, code=2)


def test_cards_are_listed_and_shown_in_both_languages(stocked_run: Run) -> None:
    listed = out(stocked_run("cards", "--json"))
    assert [card["title"]["zh"] for card in listed] == [
        "居民身份证",
        "居民户口簿（户）",
        "居民户口簿（常住人口登记卡）",
    ]
    assert "Resident identity card" in stocked_run("cards").stdout
    assert "居民身份证" in stocked_run("cards", lang="zh").stdout
    shown = stocked_run("show", listed[0]["id"], "--portrait", "p.jpg", lang="zh")
    assert "姓名: 王小明" in shown.stdout
    assert "* 公民身份号码: 510199" in shown.stdout
    assert Path("p.jpg").read_bytes() == PORTRAIT
    assert out(stocked_run("show", listed[0]["id"], "--json"))["claims"]["name"] == "王小明"
    stocked_run("show", listed[1]["id"], "--portrait", "q.jpg", code=2)


def test_a_newer_version_of_a_card_takes_its_place(stocked_run: Run) -> None:
    before = out(stocked_run("cards", "--json"))
    device = out(stocked_run("did", "--json"))["did"]
    stocked_run("add", input=card_file(device, (identity_card(version=2), PORTRAIT)))
    after = out(stocked_run("cards", "--json"))
    assert [card["id"] for card in after] == [card["id"] for card in before]
    assert "card updated" in stocked_run("log").stdout


def test_a_removed_card_is_gone(stocked_run: Run) -> None:
    first = out(stocked_run("cards", "--json"))[0]["id"]
    assert stocked_run("remove", first, input="n\n", code=1)
    stocked_run("remove", first, "--yes")
    assert len(out(stocked_run("cards", "--json"))) == 2
    assert "card.unknown" in stocked_run("show", first, code=1).stderr


def test_what_would_leave_is_said_and_nothing_leaves(stocked_run: Run) -> None:
    said = stocked_run("consider", input=asked(), lang="zh").stdout
    for text in ("重庆样例酒店", "旅馆入住", "姓名: 王小明", "* 照片", "已满18周岁: 是，可不出示", "必随证出示"):
        assert text in said
    assert "没有人为这个名称担保" in said
    data = out(stocked_run("consider", "--json", input=asked()))
    assert [claim["pointer"] for claim in data["cards"][0]["claims"]][:1] == ["/credentialSubject/name"]
    assert "presented" not in stocked_run("log").stdout


def test_a_presentation_goes_to_a_file_and_into_symbols(stocked_run: Run, tmp_path: Path) -> None:
    result = stocked_run("present", "--yes", "--out", "m.json", "--qr", "q.png", input=asked())
    assert result.stdout == ""
    assert "Asked by: 重庆样例酒店" in result.stderr
    sent = message.read((tmp_path / "m.json").read_bytes())
    assert (tmp_path / "m.json").stat().st_mode & 0o777 == 0o600
    assert message.check_portraits(sent) == []
    found = zxingcpp.read_barcodes(Image.open(tmp_path / "q.png"))
    carried = qr.decode([code.text for code in found])
    assert carried["verifiablePresentation"] == sent.presentation
    assert "attachments" not in carried
    verdict = vc.verify(sent.presentation, challenge="n3Kx8pQ0vT5yR2mW", domain="https://hotel.cq.example")
    assert verdict.verified, verdict.problems


def test_several_symbols_stand_on_one_picture(stocked_run: Run, tmp_path: Path) -> None:
    stocked_run("present", "--yes", "--qr", "q.png", input=asked("property-registration"))
    found = zxingcpp.read_barcodes(Image.open(tmp_path / "q.png"))
    assert len(found) > 1
    assert len(qr.decode([code.text for code in found])["verifiablePresentation"]["verifiableCredential"]) == 3


def test_piped_the_message_is_all_there_is(stocked_run: Run) -> None:
    result = stocked_run("present", "--yes", "--without", "card/ageOver18", input=asked())
    assert "\x1b" not in result.output
    sent = message.read(result.stdout)
    assert set(sent.presentation["verifiableCredential"][0]["credentialSubject"]) == {
        *("id", "type", "name", "portrait", "issuingProvince")
    }
    assert len(sent.attachments) == 1


@pytest.mark.parametrize(
    ("arguments", "content", "code", "says"),
    [
        (["--yes"], "", 2, "parse.json"),
        (["--yes"], "{}", 2, "request.form"),
        (["--yes"], "[1, 2", 2, "parse"),
        (["--yes", "--without", "card/name"], None, 2, "card/name"),
        (["--yes", "--card", "card"], None, 2, "PLACE=ID"),
        (["--yes", "--card", "card=ffffffff"], None, 1, "scenario.card_missing"),
        ([], None, 2, "consent is needed"),
        (["--yes", "--out", "no/such/folder/m.json"], None, 2, "no/such/folder"),
    ],
)
def test_a_request_that_is_not_answered_ends_with_a_code(
    stocked_run: Run, arguments: list[str], content: str | None, code: int, says: str
) -> None:
    result = stocked_run("present", *arguments, input=asked() if content is None else content, code=code)
    assert says in result.stderr
    assert result.stdout == ""


def test_a_request_for_too_much_is_refused(stocked_run: Run) -> None:
    greedy = json.loads(asked())
    greedy["cards"][0]["claims"].append(
        {**greedy["cards"][0]["claims"][0], "term": "sex", "pointer": "/credentialSubject/sex"}
    )
    assert "request.excess" in stocked_run("present", "--yes", input=json.dumps(greedy), code=1).stderr
    assert "request refused" in stocked_run("log").stdout


@pytest.mark.parametrize(
    ("answers", "left"),
    [("y\ny\n", ["name", "portrait", "ageOver18"]), ("n\n", None), ("y\nn\n", None)],
)
def test_sensitive_claims_are_agreed_to_one_by_one(
    stocked_run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answers: str, left: list[str] | None
) -> None:
    (tmp_path / "r.json").write_text(asked())
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: "stdin" in self.name, raising=False)
    result = stocked_run("present", "r.json", "--out", "m.json", input=answers, code=0 if left else 1)
    assert "Show the sensitive 'Portrait'?" in result.stderr
    if left is None:
        assert "consent.refused" in result.stderr
        assert not (tmp_path / "m.json").exists()
        assert "declined by the holder" in stocked_run("log").stdout
    else:
        assert (tmp_path / "m.json").exists()


def test_the_verifiers_answer_is_written_into_the_log(stocked_run: Run) -> None:
    stocked_run("present", "--yes", "--out", "m.json", input=asked())
    stocked_run("result", "n3Kx8pQ0vT5yR2mW", "verified")
    assert "verified" in stocked_run("log").stdout.splitlines()[-1]
    stocked_run("result", "n3Kx8pQ0vT5yR2mX", "verified", code=2)
    stocked_run("result", "n3Kx8pQ0vT5yR2mW", "perhaps", code=2)


def test_the_log_is_shown_exported_and_erased(stocked_run: Run, tmp_path: Path) -> None:
    stocked_run("present", "--yes", "--out", "m.json", input=asked())
    shown = stocked_run("log", "--export", "log.json", lang="zh").stdout
    assert "亮证" in shown
    assert "重庆样例酒店 [hotel-check-in]" in shown
    exported = json.loads((tmp_path / "log.json").read_text())
    assert check_chain([Entry.from_dict(entry) for entry in exported["entries"]]) == []
    stocked_run("log", "--erase", input="n\n", code=1)
    stocked_run("log", "--erase", "--yes")
    assert [entry["event"] for entry in out(stocked_run("log", "--json"))["entries"]] == ["log-erased"]


def test_a_log_with_gaps_is_said_to_be_so(stocked_run: Run, tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "wallet" / "wallet.db")) as connection, connection:
        connection.execute("DELETE FROM log WHERE number = 2")
    assert "entries are missing or were changed: 2" in stocked_run("log", code=1).stderr


def test_the_pin_changes(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").write_text("275839\n")
    (tmp_path / "weak").write_text("111111\n")
    assert "pin.weak" in run("pin", "change", "--new-pin-file", "weak", code=2).stderr
    run("pin", "change", "--new-pin-file", "new")
    assert "pin.wrong" in run("did", code=1).stderr
    monkeypatch.delenv("LIANGZHENG_PIN")
    run("did", "--pin-file", "new")


def test_wrong_pins_lock_the_commands_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGZHENG_PIN", "402918")
    for left in (4, 3, 2, 1):
        assert f"{left} tries left" in run("cards", code=1).stderr
    assert "密码错误，已锁定至" in run("cards", code=1, lang="zh").stderr
    monkeypatch.setenv("LIANGZHENG_PIN", PIN)
    assert "pin.locked" in run("cards", code=1).stderr


@pytest.mark.parametrize("pin", ["12345", "", "abcdef", "１２３４５６", "8" * 1000])
def test_a_pin_of_another_form_is_unusable(run: Run, monkeypatch: pytest.MonkeyPatch, pin: str) -> None:
    monkeypatch.setenv("LIANGZHENG_PIN", pin)
    assert "pin.form" in run("cards", code=2).stderr


def test_no_command_takes_a_pin_on_the_command_line(run: Run) -> None:
    for name in ("init", "did", "prove", "add", "cards", "show", "remove", "consider", "present", "result", "log"):
        usage = run(name, "--help").stdout
        assert "--pin-file FILE" in usage
        assert "--pin " not in usage


def test_without_a_pin_and_without_a_terminal_the_command_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANGZHENG_PIN")
    assert "the PIN is needed" in run("cards", code=2).stderr


@pytest.mark.parametrize("argument", ["none.db", ".", "text"])
def test_a_place_without_a_wallet_is_unusable(run: Run, tmp_path: Path, argument: str) -> None:
    (tmp_path / "text").write_text("not a wallet")
    assert "wallet." in run("cards", "--wallet", argument, code=2).stderr


def test_files_that_are_not_there_or_not_cards_are_unusable(run: Run, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    for argument, content in (("missing.json", None), ("binary", None), ("-", "[]"), ("-", '{"credential": 1}')):
        run("add", argument, input=content, code=2)
    run("add", "-", input='{"type": ["VerifiableCredential"]}', code=1)


def test_a_card_file_that_is_one_bare_card_takes_its_portrait_from_another_file(run: Run, tmp_path: Path) -> None:
    device = out(run("did", "--json"))["did"]
    (tmp_path / "card.json").write_text(json.dumps(issued(identity_card(), device, day=day_of(datetime.now(UTC)))))
    (tmp_path / "p.jpg").write_bytes(PORTRAIT)
    assert "card.refused" in run("add", "card.json", code=1).stderr
    run("add", "card.json", "--portrait", "p.jpg")


def test_a_pin_that_a_card_gives_away_is_advised_against(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANGZHENG_PIN", "900307")
    place = ["--wallet", str(tmp_path / "a" / "w"), "--keystore", str(tmp_path / "b" / "k")]
    run("init", *place)
    device = out(run("did", *place, "--json"))["did"]
    assert "change your PIN" in run("add", *place, input=card_file(device, (member_page(), None))).stderr


def test_pictures_are_pictures(stocked_run: Run, tmp_path: Path) -> None:
    stocked_run("present", "--yes", "--qr", "q.png", input=asked())
    picture = Image.open(io.BytesIO((tmp_path / "q.png").read_bytes()))
    assert picture.format == "PNG"


def test_a_card_in_both_forms_is_added_listed_and_shown_as_sd_jwt(run: Run, tmp_path: Path) -> None:
    device = run("did").stdout.strip()
    credential = issued(identity_card(), device, day=day_of(datetime.now(UTC)))
    unsecured = {name: value for name, value in credential.items() if name not in ("proof", "credentialStatus")}
    sd_jwt = issue_enveloped(
        unsecured, ISSUER, envelope="dc+sd-jwt", holder_key=PublicKey.from_multikey(device.removeprefix("did:key:"))
    )
    attachments = {
        digest_multibase(PORTRAIT): {"mediaType": "image/jpeg", "data": multibase.encode_base64url(PORTRAIT)}
    }
    file = {"credential": credential, "attachments": attachments, "envelopes": {"dc+sd-jwt": sd_jwt}}
    assert "also as SD-JWT" in run("add", input=json.dumps(file)).stdout
    assert out(run("cards", "--json"))[0]["envelopes"] == ["dc+sd-jwt"]

    wanted = {**json.loads(asked()), "envelope": "dc+sd-jwt"}
    considered = run("consider", input=json.dumps(wanted))
    assert "The issuer's signature (links presentations)" in considered.stdout
    run("present", "--yes", "--out", "m.json", "--qr", "q.png", input=json.dumps(wanted))
    (text,) = json.loads((tmp_path / "m.json").read_bytes())["sdJwts"]
    verdict = vc.verify(text, challenge=wanted["challenge"], domain=wanted["domain"])
    assert verdict.verified, verdict.problems
    symbols = zxingcpp.read_barcodes(Image.open(tmp_path / "q.png"))
    assert qr.decode([symbol.text for symbol in symbols]) == {"sdJwts": [text]}
    refused = run("present", "--yes", input=json.dumps({**wanted, "envelope": "vc+jwt"}), code=2)
    assert "request.form" in refused.stderr
