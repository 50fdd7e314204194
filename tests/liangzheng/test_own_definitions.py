"""A card and a scenario from folders of one's own, by commands, over the counter's API, and on its pages."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from liangzheng.cli import cli
from vc import cards as all_cards
from vc import scenarios as all_scenarios
from verifier import Home
from verifier.web import create_app

pytestmark = pytest.mark.long

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLE = Path(__file__).parents[2] / "issuer" / "sample" / "sichuan.csv"
OWN = ["--cards", str(EXAMPLES / "cards"), "--scenarios", str(EXAMPLES / "scenarios")]
CARDS = all_cards.load(EXAMPLES / "cards", cards=all_cards.CARDS)
SCENARIOS = all_scenarios.load(EXAMPLES / "scenarios", cards=CARDS)
NAME, NUMBER = "梁昊天", "510199198907182855"
DOMAIN = "http://127.0.0.1:8443"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """``run("verifier", "request", ...)``: the output of a command that knows the folders."""
    environment = {
        "LIANGZHENG_ISSUER_HOME": str(folder / "authority"),
        "LIANGZHENG_PASSWORD": "a long password of ours",
        "LIANGZHENG_WALLET": str(folder / "wallet" / "wallet.db"),
        "LIANGZHENG_KEYSTORE": str(folder / "phone" / "phone.keystore"),
        "LIANGZHENG_PIN": "503917",
        "LIANGZHENG_VERIFIER": str(folder / "desk"),
        "LIANGZHENG_CARDS": "",
        "LIANGZHENG_SCENARIOS": "",
    }

    def command(group: str, *arguments: str, code: int = 0, own: bool = True, data: str | None = None) -> str:
        options = {"issuer": OWN[:2], "holder": OWN, "verifier": OWN}.get(group, []) if own else []
        known = {name: value for name, value in environment.items() if value}
        result = CliRunner(env=known).invoke(cli, [group, *options, *arguments], input=data)
        assert result.exit_code == code, result.output
        return result.stdout

    return command


@pytest.fixture(scope="module")
def world(run: Run, folder: Path) -> Path:
    """The volunteer's card in the wallet, in two formats, and a desk that trusts its authority."""
    run("issuer", "init", "--name", "四川省公安厅（示例）", "--region", "510000", "--base-url", "https://sc.example")
    run("issuer", "import", str(SAMPLE))
    (folder / "volunteers.csv").write_text(
        f"公民身份号码,姓名,志愿者编号,volunteer_since,volunteer_until\n{NUMBER},{NAME},V-0042,2024-05-01,2036-04-30\n"
    )
    run("issuer", "import", str(folder / "volunteers.csv"))
    run("holder", "init")
    who = ("--name", NAME, "--number", NUMBER)
    application = json.loads(run("issuer", "apply", "--kind", "volunteer-card", *who, "--json"))["application"]
    code = json.loads((folder / "authority" / "outbox" / f"{application}.json").read_bytes())["code"]
    challenge = run("issuer", "prove", application, code, "--json")
    proof = run("holder", "prove", "-", data=challenge)
    out = str(folder / "cards.json")
    run("issuer", "issue", application, "--form", "dc+sd-jwt", str(folder / "forms"), "--out", out, data=proof)
    run("holder", "add", out)
    run("issuer", "publish")
    run("keys", "generate", str(folder / "anchor.key"))
    anchor = json.loads(run("keys", "show", str(folder / "anchor.key"), "--json"))["did"]
    authority = json.loads((folder / "authority" / "authority.json").read_bytes())
    entry = {"did": authority["did"], "name": authority["name"], "cardType": ["VolunteerCardCredential"]}
    (folder / "trust.json").write_text(json.dumps({"trustedIssuer": [{**entry, "region": ["510000"]}]}))
    run("verifier", "setup", "--name", "巡防队", "--domain", DOMAIN, "--region", "510000", "--anchor", anchor)
    signed = str(folder / "trust-signed.json")
    run("verifier", "trust", "sign", str(folder / "trust.json"), "--key", str(folder / "anchor.key"), "--out", signed)
    run("verifier", "trust", "install", signed)
    return folder


def lists(world: Path) -> list[str]:
    published = sorted((world / "authority" / "status").iterdir())
    return [word for path in published if path.suffix in (".json", ".jwt") for word in ("--status", str(path))]


def test_the_wallet_lists_the_card_with_its_formats(world: Path, run: Run) -> None:
    (card,) = json.loads(run("holder", "cards", "--json"))
    assert (card["type"], card["envelopes"]) == ("VolunteerCardCredential", ["dc+sd-jwt"])
    assert "志愿者编号" in run("holder", "show", card["id"]) or "Volunteer's number" in run(
        "holder", "show", card["id"]
    )


@pytest.mark.parametrize("form", [[], ["--envelope", "dc+sd-jwt"]])
def test_commands_ask_for_it_show_it_and_verify_it(world: Path, run: Run, form: list[str]) -> None:
    asked = run("verifier", "request", "--scenario", "patrol-duty", *form, "--json")
    assert "V-0042" in run("holder", "consider", "-", data=asked)
    message = run("holder", "present", "-", "--yes", data=asked)
    printed = run("verifier", "verify", "-", *lists(world), data=message)
    assert "VERIFIED" in printed or "核验通过" in printed
    assert "V-0042" in printed and NAME not in printed
    assert "replay.used" in run("verifier", "verify", "-", *lists(world), data=message, code=1)


def test_who_was_not_given_the_folders_refuses(world: Path, run: Run) -> None:
    run("verifier", "request", "--scenario", "patrol-duty", own=False, code=2)
    asked = run("verifier", "request", "--scenario", "patrol-duty", "--json")
    run("holder", "consider", "-", data=asked, own=False, code=1)
    message = run("holder", "present", "-", "--yes", data=asked)
    run("verifier", "verify", "-", *lists(world), data=message, own=False, code=1)


@pytest.mark.parametrize(
    ("name", "content"), [("volunteer.json", "{"), ("x.json", '{"type": "ResidentIdentityCardCredential"}')]
)
def test_a_folder_that_cannot_be_used_ends_the_command_with_its_reason(
    run: Run, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    result = CliRunner().invoke(cli, ["verifier", "--cards", str(tmp_path), "scenarios"])
    listed = CliRunner().invoke(cli, ["verifier", "--cards", str(tmp_path), "--scenarios", str(tmp_path), "scenarios"])
    assert result.exit_code == 0  # It needs no cards.
    assert listed.exit_code == 2 and name in listed.output and "Traceback" not in listed.output


@pytest.fixture
async def counter(world: Path) -> AsyncIterator[ClientSession]:
    """A visitor of the counter's pages."""
    home = Home(world / "desk")
    files = [path for path in (world / "authority" / "status").iterdir() if path.suffix in (".json", ".jwt")]
    desk = home.verifier(status_files=files, cards=CARDS, scenarios=SCENARIOS)
    async with TestServer(create_app(home, origin="http://127.0.0.1", verifier=desk)) as server:
        jar = CookieJar(unsafe=True)
        async with ClientSession(server.make_url("/"), cookie_jar=jar) as client:
            yield client


@pytest.mark.parametrize("form", ["json-ld", "dc+sd-jwt"])
async def test_the_counters_pages_and_api_know_it(run: Run, counter: ClientSession, form: str) -> None:
    page = await (await counter.get("/")).text()
    assert "巡防上岗" in page and "平安志愿者证" in page
    hidden = {name: _field(page, name) for name in ("csrf", "form")}
    fields = {**hidden, "scenario": "patrol-duty", "variant": "min", "envelope": form}
    async with counter.post("/requests", data=fields) as answer:
        waiting, challenge = await answer.text(), answer.url.path.rpartition("/")[2]
    assert "平安志愿者证" in waiting and "志愿者编号" in waiting
    handed: dict[str, Any] = await (await counter.get(f"/api/requests/{challenge}")).json()
    message = json.loads(run("holder", "present", "-", "--yes", data=json.dumps(handed["request"])))
    told = await (await counter.post("/api/answers", json=message)).json()
    assert told["verified"] is True, told
    state = await (await counter.get(f"/requests/{challenge}/state?seen=")).json()
    result = await (await counter.get(state["path"])).text()
    assert "验证通过" in result or "核验通过" in result
    assert "V-0042" in result and "平安志愿者证" in result


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    return found[1] if found is not None else ""
