"""The whole story across portal, wallet and counter, as ``liangzheng serve all`` makes them, in chromium."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liangzheng.applications import Applications, open_applications
from vc.qr.pictures import read_symbols

from .conftest import Served, accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.long]

PIN, WRONG = "738204", "402918"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True,
}  # fmt: skip
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
NEW_ADDRESS = "四川省成都市武侯区示例街99号"


class Town:
    """Three applications on loopback, a resident's phone, a hotel's counter and an officer's desk."""

    def __init__(self, served: Served, chromium: Any, home: Path, pictures: Path) -> None:
        self._now = datetime(2026, 10, 1, 2, tzinfo=UTC)
        self._served, self._chromium, self._home, self._pictures = served, chromium, home, pictures
        self._ports = _free_ports(3)
        names = ("issuer", "holder", "verifier")
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in zip(names, self._ports, strict=True)}
        self._stack = ExitStack()
        self._contexts: list[Any] = []
        self.errors: list[str] = []
        self.applications = self._start()

    def _clock(self) -> datetime:
        return self._now

    def _start(self) -> Applications:
        made = self._stack.enter_context(open_applications(self._home, self.urls, clock=self._clock))
        for application, port in zip((made.portal, made.wallet, made.counter), self._ports, strict=True):
            self._served.start(lambda application=application: application, port)  # type: ignore[misc]
        return made

    def _stop(self) -> None:
        for port in self._ports:
            self._served.stop(port)
        self._stack.close()

    def restart(self) -> None:
        """End all three and start them again from their folder, at the same ports."""
        self._stop()
        self.applications = self._start()

    def advance(self, **by: int) -> None:
        self._now += timedelta(**by)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._stop()

    def browser(self, screen: dict[str, Any]) -> Any:
        """A browser of its own, with one page."""
        context = self._chromium.new_context(**screen)
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    def _heard(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def shot(self, page: Any, name: str) -> None:
        page.screenshot(path=self._pictures / f"story-{name}.png")

    # --- at the portal ------------------------------------------------------------------------------------------------

    def sign_in(self, page: Any) -> None:
        name, number = self.applications.somebody
        page.goto(self.urls["issuer"] + "/sign-in")
        page.get_by_label("姓名").fill(name)
        page.get_by_label("公民身份号码").fill(number)
        page.get_by_role("button", name="获取验证码").dblclick()
        page.wait_for_url("**/sign-in/code")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="模拟短信").click()
        code = opened.value.locator(".sms").first.inner_text()
        opened.value.close()
        page.get_by_label("6 位验证码").fill(code)
        page.get_by_role("button", name="登录").dblclick()
        page.wait_for_url("**/cards")

    def apply(self, page: Any, button: Any) -> str:
        """Apply with a button of the page; the offer, as a phone reads it from the symbol."""
        page.goto(self.urls["issuer"] + "/apply")
        button(page).dblclick()
        page.wait_for_url("**/applications/*")
        [offer] = read_symbols(page.locator(".symbol").screenshot())
        assert offer.startswith(self.urls["issuer"] + "/offers/")
        return offer

    # --- on the phone -------------------------------------------------------------------------------------------------

    def new_wallet(self, page: Any) -> None:
        page.goto(self.urls["holder"])
        page.click("[data-when=no-key] .button")
        page.fill("#pin", PIN)
        page.fill("#again", PIN)
        page.dblclick("main form button")
        page.wait_for_selector(".empty")

    def open(self, page: Any, pin: str = PIN) -> None:
        page.goto(self.urls["holder"])
        page.wait_for_selector("[data-when=key]:not([hidden])")
        page.fill("#pin", pin)
        page.press("#pin", "Enter")

    def collect(self, page: Any, offer: str, cards: int) -> None:
        page.goto(self.urls["holder"] + "/scan")
        page.fill("#text", offer)
        page.dblclick("main form.sheet button")
        page.wait_for_selector("#offer")
        page.click("main form button")
        if page.locator("#code").count():
            with page.context.expect_page() as opened:
                page.evaluate("url => window.open(url)", self.urls["issuer"] + "/demo/messages")
            page.fill("#code", opened.value.locator(".sms").first.inner_text())
            opened.value.close()
        page.fill("#pin", PIN)
        page.get_by_role("button", name="领取").dblclick()
        page.wait_for_selector(".wallet-cards")
        assert page.locator(".card-link").count() == cards

    def agree(self, page: Any, pin: str = PIN) -> None:
        page.wait_for_selector(".leaving")
        for box in page.query_selector_all("input[type=checkbox][required]"):
            box.check()
        page.fill("#pin", pin)
        page.get_by_role("button", name="同意并出示").dblclick()

    def scan(self, page: Any, uri: str) -> None:
        page.goto(self.urls["holder"] + "/scan")
        page.fill("#text", uri)
        page.dblclick("main form.sheet button")

    def scan_picture(self, page: Any, picture: bytes) -> None:
        page.goto(self.urls["holder"] + "/scan")
        page.set_input_files("input[type=file]", _file(picture))

    def symbols(self, page: Any) -> list[bytes]:
        """Pictures of the symbols on the screen, one after the other: the portrait takes some."""
        page.wait_for_selector(".showing")
        page.wait_for_load_state("networkidle")
        count = page.locator(".symbols li").count()
        assert 2 <= count <= 16
        page.click("[data-stop]")
        taken = []
        for _ in range(count):
            taken.append(page.locator(".symbols").screenshot())
            page.click("[data-next]")
        return taken

    # --- at the counter -----------------------------------------------------------------------------------------------

    def ask(self, page: Any, envelope: str = "JSON-LD") -> str:
        """Ask for what a hotel needs; the request URI, as a phone reads it from the symbol."""
        page.goto(self.urls["verifier"])
        page.get_by_label(envelope, exact=True).check()
        page.locator(".scenario-go", has_text="旅馆入住").dblclick()
        page.wait_for_selector("[data-waiting]")
        [uri] = read_symbols(page.locator("[data-symbol=online]").screenshot())
        assert uri.startswith(self.urls["verifier"])
        return uri

    def offline_request(self, page: Any, envelope: str = "JSON-LD") -> bytes:
        """Ask; a picture of the request for phones without a network."""
        self.ask(page, envelope)
        page.click("[data-swap]")
        picture: bytes = page.locator("[data-symbol=offline]").screenshot()
        return picture

    def upload(self, page: Any, pictures: list[bytes]) -> str:
        """Upload pictures at the scan page; what the result says."""
        page.goto(self.urls["verifier"] + "/scan")
        page.set_input_files("input[type=file]", [_file(picture) for picture in pictures])
        page.wait_for_selector(".outcome")
        return str(page.inner_text(".outcome h1"))

    # --- at the officers' desk ----------------------------------------------------------------------------------------

    def correct_address(self, page: Any, address: str) -> None:
        accounts = dict(line.split() for line in self.applications.accounts.read_text("utf-8").splitlines())
        page.goto(self.urls["issuer"] + "/desk/sign-in")
        page.get_by_label("用户名").fill("clerk")
        page.get_by_label("密码").fill(accounts["clerk"])
        page.get_by_role("button", name="登录").dblclick()
        page.wait_for_url("**/desk")
        page.get_by_role("link", name="人口登记", exact=True).click()
        page.get_by_label("姓名（开头）").fill(self.applications.somebody[1])
        page.get_by_role("button", name="查询").click()
        page.get_by_role("link", name=self.applications.somebody[0]).click()
        page.get_by_role("link", name="更正").click()
        page.locator("[name='fact.registered_address']").fill(address)
        page.get_by_role("button", name="保存更正").dblclick()
        page.wait_for_url(re.compile(r"/desk/people/\d+$"))


@pytest.fixture
def town(served: Served, chromium: Any, tmp_path: Path, pictures: Path | None) -> Iterator[Town]:
    made = Town(served, chromium, tmp_path / "home", pictures or tmp_path)
    yield made
    made.close()
    assert made.errors == []


def test_claim_present_replay_restart_correct_lock_and_lose(town: Town) -> None:
    portal, wallet, counter, desk = (town.browser(screen) for screen in (PHONE, PHONE, DESK, DESK))
    name = town.applications.somebody[0]

    # The resident claims: first the identity card, then whatever else the department has.
    town.sign_in(portal)
    town.shot(portal, "portal-signed-in")
    offer = town.apply(portal, lambda page: page.get_by_role("button", name="申领", exact=True).first)
    town.shot(portal, "portal-offer")
    town.new_wallet(wallet)
    town.collect(wallet, offer, 1)
    portal.get_by_text("证照已签发到您的设备").wait_for()
    offer = town.apply(portal, lambda page: page.get_by_role("button", name=re.compile("申领本部门全部")).first)
    town.collect(wallet, offer, 4)
    town.shot(wallet, "wallet-cards")

    # The counter asks, the phone answers over HTTP, the counter's page turns by itself.
    uri = town.ask(counter)
    town.shot(counter, "counter-asks")
    town.scan(wallet, uri)
    wallet.wait_for_selector(".leaving")
    town.shot(wallet, "wallet-consent")
    town.agree(wallet)
    wallet.wait_for_selector(".mark.yes")
    town.shot(wallet, "wallet-answered")
    counter.wait_for_selector(".outcome-passed")
    _face_and_name(counter, name)
    town.shot(counter, "counter-verified")

    # Without a network in the phone: the request by symbol, the answer by symbols, once.
    town.scan_picture(wallet, town.offline_request(counter))
    town.agree(wallet)
    screens = town.symbols(wallet)
    town.shot(wallet, "wallet-symbols")
    assert town.upload(counter, screens) == "核验通过"
    _face_and_name(counter, name)
    town.shot(counter, "counter-verified-picture")
    assert accessibility_problems(counter) == []
    assert town.upload(counter, screens) == "未通过：已使用过"
    assert name not in counter.content()
    town.shot(counter, "counter-replay")

    # Shown, but scanned when the countdown is over: the wallet shows it no longer, the counter takes it no longer.
    town.scan_picture(wallet, town.offline_request(counter))
    town.agree(wallet)
    screens = town.symbols(wallet)
    town.advance(seconds=301)
    wallet.reload()
    wallet.wait_for_selector("text=二维码已过期")
    town.shot(wallet, "wallet-expired")
    assert town.upload(counter, screens) == "未通过"
    town.shot(counter, "counter-expired")

    # All three servers restart while a request waits: the resident stays signed in, the wallet asks for its PIN.
    uri = town.ask(counter)
    town.restart()
    portal.goto(town.urls["issuer"] + "/cards")
    assert portal.locator(".card-front").count() == 4
    town.shot(portal, "portal-cards")
    town.open(wallet)
    wallet.wait_for_selector(".wallet-cards")
    town.scan(wallet, uri)
    town.agree(wallet)
    wallet.wait_for_selector(".mark.yes")
    counter.wait_for_selector(".outcome-passed")

    # An officer corrects the register; the wallet gets the new version.
    town.correct_address(desk, NEW_ADDRESS)
    assert NEW_ADDRESS in desk.content()
    town.shot(desk, "desk-corrected")
    wallet.goto(town.urls["holder"] + "/update")
    wallet.get_by_label("居民身份证").check()
    wallet.fill("#pin", PIN)
    wallet.get_by_role("button", name="更新").dblclick()
    wallet.wait_for_selector("main >> text=/更新|换/")
    wallet.goto(town.urls["holder"])
    wallet.locator(".card-link[aria-label=居民身份证]").click()
    assert NEW_ADDRESS in wallet.inner_text("main")
    town.shot(wallet, "wallet-updated")
    town.scan(wallet, town.ask(counter))
    town.agree(wallet)
    wallet.wait_for_selector(".mark.yes")

    # Five wrong PINs lock the wallet for a quarter of an hour, for the right one, too.
    wallet.goto(town.urls["holder"])
    wallet.get_by_role("button", name="锁定").click()
    for left in (4, 3, 2, 1):
        town.open(wallet, WRONG)
        wallet.wait_for_selector(f"text=还可尝试 {left} 次")
    town.open(wallet, WRONG)
    wallet.wait_for_selector("text=15 分钟后")
    town.open(wallet)
    wallet.wait_for_selector("text=15 分钟后")
    town.shot(wallet, "wallet-locked")
    town.advance(minutes=15, seconds=1)
    town.open(wallet)
    wallet.wait_for_selector(".wallet-cards")

    # The phone is lost: every card is suspended at once, and refused when the counter has the next status list.
    portal.goto(town.urls["issuer"] + "/phones")
    portal.get_by_role("button", name="手机丢了，立即报失").click()
    portal.get_by_text(re.compile("4 张证照已立即暂停")).wait_for()
    town.shot(portal, "portal-lost")
    town.advance(minutes=15, seconds=1)
    town.open(wallet)
    wallet.wait_for_selector(".wallet-cards")
    town.scan(wallet, town.ask(counter))
    town.agree(wallet)
    wallet.wait_for_selector(".mark.no")
    counter.wait_for_selector(".outcome-failed")
    assert name not in counter.content()
    assert "暂停" in counter.inner_text("main")
    town.shot(counter, "counter-lost")
    counter.goto(town.urls["verifier"] + "/today")
    assert counter.inner_text(".total-passed dd") == "4"
    town.shot(counter, "counter-today")


def test_the_counter_asks_for_an_sd_jwt_and_the_phone_answers_with_one(town: Town) -> None:
    portal, wallet, counter = (town.browser(screen) for screen in (PHONE, PHONE, DESK))
    name = town.applications.somebody[0]
    town.sign_in(portal)
    offer = town.apply(portal, lambda page: page.get_by_role("button", name="申领", exact=True).first)
    town.new_wallet(wallet)
    town.collect(wallet, offer, 1)

    # Over HTTP: the counter's page turns by itself.
    town.scan(wallet, town.ask(counter, "SD-JWT VC"))
    town.shot(counter, "counter-asks-sd-jwt")
    town.agree(wallet)
    wallet.wait_for_selector(".mark.yes")
    counter.wait_for_selector(".outcome-passed")
    _face_and_name(counter, name)
    assert "SD-JWT VC" in counter.inner_text(".outcome")
    assert accessibility_problems(counter) == []
    town.shot(counter, "counter-verified-sd-jwt")

    # The next person is asked for the same form; without a network in the phone its symbols are taken, once.
    counter.get_by_role("button", name="下一位").dblclick()
    counter.wait_for_selector("[data-waiting]")
    assert "SD-JWT VC" in counter.inner_text("h1")
    town.scan_picture(wallet, town.offline_request(counter, "SD-JWT VC"))
    town.agree(wallet)
    screens = town.symbols(wallet)
    assert town.upload(counter, screens) == "核验通过"
    _face_and_name(counter, name)
    assert town.upload(counter, screens) == "未通过：已使用过"
    assert name not in counter.content()
    counter.goto(town.urls["verifier"] + "/lists")
    assert "令牌状态列表" in counter.inner_text("main")
    assert accessibility_problems(counter) == []
    town.shot(counter, "counter-lists-sd-jwt")


def _face_and_name(page: Any, name: str) -> None:
    """The result has the portrait, drawn, and the name."""
    assert page.inner_text(".outcome h1") == "核验通过"
    assert page.locator("figure img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 358
    assert name in page.inner_text(".person")


def _file(picture: bytes) -> dict[str, Any]:
    return {"name": "screen.png", "mimeType": "image/png", "buffer": picture}


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
