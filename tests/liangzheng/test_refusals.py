"""One refusal type for all roles: a stable code, a sentence in both languages, one exit code, the same everywhere."""

from __future__ import annotations

import os
import pickle
import re
import stat
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import did
from contexts import UnknownContextError
from did.private_files import write_private
from did.refusal import Refusal, StatedRefusal
from holder import CardRefused
from holder.errors import RequestRefused, WalletMissing
from issuer.errors import NotFoundError, StateError
from liangzheng import terminal
from liangzheng.commands.shared import clear_errors
from vc import Problem, ProblemError
from vc.status import StatusUnavailable
from verifier import LedgerUnavailable
from webshell import PageError

CHINESE = re.compile("[\u4e00-\u9fff]")

for _module in ("did", "vc", "webshell", "holder.web.talking", "issuer.officers", "verifier", "did.private_files"):
    import_module(_module)


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)


PROBLEM = Problem("proof.signature", "the signature does not hold", "/proof")
SAMPLES: list[tuple[Refusal, str, int, str, str]] = [
    (did.KeyFileLocked("wrong password"), "keyfile.locked", 2, "密钥文件无法解锁：wrong password", "wrong password"),
    (
        did.DidNotFound("no such document", "did:web:a"),
        "did.not_found",
        1,
        "没有此 DID：no such document",
        "no such document",
    ),
    (
        StateError("card.suspended", "该证照已暂停", "the card is suspended"),
        "card.suspended",
        1,
        "该证照已暂停",
        "the card is suspended",
    ),
    (NotFoundError("card.unknown", "没有此证照", "no such card"), "card.unknown", 2, "没有此证照", "no such card"),
    (
        CardRefused("not for this device", "该卡绑定于另一设备"),
        "card.refused",
        1,
        "该卡绑定于另一设备",
        "not for this device",
    ),
    (WalletMissing("no wallet", "没有卡包"), "wallet.missing", 2, "没有卡包", "no wallet"),
    (RequestRefused(Problem("request.form", "no object")), "request.form", 2, "", ""),
    (RequestRefused(Problem("request.expired", "late")), "request.expired", 1, "", ""),
    (ProblemError(PROBLEM), "proof.signature", 2, "", ""),
    (StatusUnavailable("no route"), "source.unavailable", 2, "无法取得所需的资料：no route", "no route"),
    (LedgerUnavailable("disk full"), "ledger.unavailable", 2, "核验台账无法使用：disk full", "disk full"),
    (
        PageError(404, "没有这个页面", "There is no such page"),
        "page.refused",
        1,
        "没有这个页面",
        "There is no such page",
    ),
]
IDS = [type(refusal).__name__ for refusal, *_ in SAMPLES]


@pytest.fixture
def language() -> Iterator[None]:
    yield
    terminal.set_language(None)


@pytest.mark.parametrize(("refusal", "code", "exit_code", "zh", "en"), SAMPLES, ids=IDS)
def test_a_refusal_says_what_it_is_in_both_languages(
    refusal: Refusal, code: str, exit_code: int, zh: str, en: str
) -> None:
    assert refusal.code == code
    assert CHINESE.search(refusal.zh)
    assert refusal.en
    if zh:
        assert refusal.label == (zh, en)
        assert [refusal.in_language(name) for name in ("zh", "en")] == [zh, en]


@pytest.mark.parametrize(("refusal", "code", "exit_code", "zh", "en"), SAMPLES, ids=IDS)
@pytest.mark.parametrize("tongue", ["zh", "en"])
@pytest.mark.usefixtures("language")
def test_a_command_ends_with_the_code_and_the_sentence(
    refusal: Refusal, code: str, exit_code: int, zh: str, en: str, tongue: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.set_language(tongue)
    with pytest.raises(SystemExit) as ended, clear_errors():
        raise refusal
    said = capsys.readouterr().err
    assert ended.value.code == exit_code
    assert said.startswith(code)
    assert (bool(CHINESE.search(said))) == (tongue == "zh")


@pytest.mark.parametrize(("refusal", "code", "exit_code", "zh", "en"), SAMPLES, ids=IDS)
def test_a_refusal_is_the_same_in_another_process(
    refusal: Refusal, code: str, exit_code: int, zh: str, en: str
) -> None:
    found = pickle.loads(pickle.dumps(refusal))
    assert type(found) is type(refusal)
    assert (found.code, found.label, found.unusable, str(found), vars(found)) == (
        *(refusal.code, refusal.label, refusal.unusable, str(refusal), vars(refusal)),
    )


def test_every_kind_with_english_details_has_a_chinese_name() -> None:
    kinds = [kind for kind in _kinds(StatedRefusal) if kind.__module__.partition(".")[0] != "tests"]
    assert len(kinds) > 30
    for kind in kinds:
        assert "title_zh" in vars(kind), kind
        assert CHINESE.search(kind.title_zh) or kind.title_zh.startswith("DID"), kind  # type: ignore[attr-defined]


def test_problems_are_said_one_a_line() -> None:
    error = ProblemError(PROBLEM, Problem("parse.json", "half of it"))
    assert error.lines("zh") == [
        "proof.signature /proof: 签名与文档不符: the signature does not hold",
        "parse.json: 不是有效的 JSON: half of it",
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UnknownContextError("https://a.example/c"), "context.unknown"),
        (FileNotFoundError(2, "no such file", "a.json"), "a.json"),
        (ValueError("no number"), "unusable input: no number"),
        (TypeError("no text"), "unusable input: no text"),
        (RecursionError(), "nested too deeply"),
    ],
)
@pytest.mark.usefixtures("language")
def test_no_traceback_reaches_a_user(error: Exception, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.set_language("en")
    with pytest.raises(SystemExit) as ended, clear_errors():
        raise error
    assert ended.value.code == terminal.INPUT_UNUSABLE
    assert said in capsys.readouterr().err


class TestPrivateFiles:
    def test_a_file_is_its_owners_alone_also_where_others_read_it_before(self, tmp_path: Path) -> None:
        path = tmp_path / "card.json"
        path.write_bytes(b"a longer content than the new one")
        path.chmod(0o644)
        write_private(path, b"new")
        assert path.read_bytes() == b"new"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_new_one_is_not_written_over_another(self, tmp_path: Path) -> None:
        write_private(tmp_path / "a", b"1", new=True)
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
        with pytest.raises(FileExistsError):
            write_private(tmp_path / "a", b"2", new=True)
        assert (tmp_path / "a").read_bytes() == b"1"

    def test_what_is_no_file_keeps_its_mode(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "pipe").chmod(0o666)
        reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        try:
            write_private(tmp_path / "pipe", b"x")
            assert os.read(reading, 9) == b"x"
        finally:
            os.close(reading)
        assert stat.S_IMODE((tmp_path / "pipe").stat().st_mode) == 0o666
