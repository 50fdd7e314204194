"""A third language shows on a page, on a card and in a command, and no pair of texts was touched for it."""

from __future__ import annotations

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from holder.web import create_app
from liangzheng import terminal
from liangzheng.cli import cli
from tests.texts import AddLanguage
from vc.cards import CARDS

BO = {
    ("中文", "English"): "བོད་ཡིག",
    ("跳到正文", "Skip to content"): "ནང་དོན་ལ་མཆོང་།",
    ("居民身份证", "Resident identity card"): "ཐོབ་ཐང་ལག་ཁྱེར།",
    ("姓名", "Name"): "མིང་།",
    ("卡包是空的", "the wallet is empty"): "སྒམ་ནང་ཅི་ཡང་མེད།",
    ("密码错误，还可尝试 {0} 次", "wrong PIN, {0} tries left"): "གསང་གྲངས་ནོར་འདུག {0}",
}


async def test_on_a_page(add_language: AddLanguage, tmp_path: Path) -> None:
    add_language("bo", BO)
    app = create_app(tmp_path / "wallets", origin="http://127.0.0.1", secret=bytes(32))
    async with TestClient(TestServer(app)) as client:
        chosen = await client.get("/?lang=bo", allow_redirects=False)
        cookies = {name: morsel.value for name, morsel in chosen.cookies.items()}
        page = await (await client.get("/", cookies=cookies)).text()
    assert '<html lang="bo">' in page
    assert "ནང་དོན་ལ་མཆོང་།" in page
    assert '<a href="?lang=bo" lang="bo" hreflang="bo" aria-current="true">བོད་ཡིག</a>' in page
    assert "电子卡包" in page  # what is not translated is Chinese


def test_on_a_card(add_language: AddLanguage) -> None:
    add_language("bo", BO)
    definition = CARDS["ResidentIdentityCardCredential"]
    assert definition.claims["name"].label.in_language("bo") == "མིང་།"
    assert definition.claims["sex"].label.in_language("bo") == "性别"


def test_in_a_command(add_language: AddLanguage, tmp_path: Path) -> None:
    add_language("bo", BO)
    place = ["--wallet", str(tmp_path / "wallet/w.db"), "--keystore", str(tmp_path / "device/k.db")]

    def run(*arguments: str, pin: str = "831702", language: str = "bo") -> tuple[int, str]:
        environment = {"LIANGZHENG_PIN": pin}
        result = CliRunner().invoke(cli, ["--lang", language, "holder", *arguments, *place], env=environment)
        return result.exit_code, result.output

    try:
        assert run("init")[0] == 0
        assert run("cards") == (0, "སྒམ་ནང་ཅི་ཡང་མེད།\n")
        assert run("cards", pin="117293") == (1, "pin.wrong: གསང་གྲངས་ནོར་འདུག 4\n")  # a text with a value in it
        code, output = run("cards", language="ii")
        assert code == 2
        assert "zh, en, bo" in output
    finally:
        terminal.set_language(None)
