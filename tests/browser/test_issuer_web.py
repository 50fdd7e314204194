"""The issuer in chromium: a resident with a phone, an officer at a desk, and what people do to pages."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from argon2 import PasswordHasher
from PIL import Image

import did
import vc
from issuer.authority import Authority
from issuer.officers import Officers
from issuer.portraits import draw_portrait
from issuer.web import Messages, create_app
from webshell import MemorySessions

from ..issuer.conftest import FAMILY, LI_NA, LICENCES, ZHANG_WEI, OwnClock, to_csv
from .conftest import Served, accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.long]

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_LICENCES = {
    "citizen_identity_number": ZHANG_WEI, "name": "张伟", **LICENCES,
    "居住证编号": "JZ0002", "居住地行政区划": "510107", "居住地住址": "四川省成都市武侯区示例街2号",
    "居住证签发机关": "成都市公安局武侯区分局", "居住证签发机关行政区划": "510107", "居住证签发日期": "2025-06-01",
    "签注日期": "2025-06-01", "签注有效期至": "2026-05-31",
}  # fmt: skip


class House:
    """An authority served on loopback, and browsers that visit it."""

    def __init__(self, served: Served, chromium: Any, folder: Path, pictures: Path | None) -> None:
        self.clock, self.messages, self.sessions = OwnClock(), Messages(), MemorySessions()
        self._served, self._chromium, self._pictures = served, chromium, pictures
        self._contexts: list[Any] = []
        self.errors: list[str] = []
        self.authority: Authority | None = None
        # The port is part of the authority's name for itself, so it is taken before the authority is made.
        self._folder = folder
        self.port = served.start(self._placeholder)
        served.stop(self.port)
        self.url = f"http://127.0.0.1:{self.port}"
        key = did.SoftwareKey.from_seed("P-256", b"the authority of the browser tests..")
        self.authority = Authority(
            folder / "register.db", key, name="四川省公安厅", region="510000", base_url=self.url,
            channel=self.messages, clock=self.clock,
        )  # fmt: skip
        self.authority.import_file(to_csv(FAMILY))
        self.authority.import_file(to_csv([_LICENCES]))
        for number, sex in ((ZHANG_WEI, "1"), (LI_NA, "2")):
            self.authority.set_portrait(number, draw_portrait(number, sex=sex, age=40))
        officers = Officers(self.authority, hasher=CHEAP)
        officers.add("boss", "李强", "supervisor", PASSWORD)
        served.start(self._make, self.port)
        self.page = self.browse()

    @staticmethod
    def _placeholder() -> Any:
        from aiohttp import web

        return web.Application()

    def _make(self) -> Any:
        assert self.authority is not None
        return create_app(
            self.authority, messages=self.messages, secret=b"s" * 32, sessions=self.sessions, hasher=CHEAP, recheck=0
        )

    def restart(self, *, forget: bool = False) -> None:
        """Stop the server and start it again at the same port."""
        if forget:
            self.sessions = MemorySessions()
        self._served.stop(self.port)
        self._served.start(self._make, self.port)

    def browse(self, width: int = 390) -> Any:
        """Another browser with its own cookies; a phone's screen by default."""
        context = self._chromium.new_context(viewport={"width": width, "height": 844}, device_scale_factor=2)
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        return self.tab(context)

    def tab(self, context: Any) -> Any:
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def shot(self, page: Any, name: str) -> None:
        if self._pictures is not None:
            page.screenshot(path=self._pictures / f"issuer-{name}.png", full_page=True)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        if self.authority is not None:
            self.authority.close()

    # --- what people do --------------------------------------------------------------------------------------------

    def sign_in(self, page: Any) -> None:
        page.goto(self.url + "/sign-in")
        page.get_by_label("姓名").fill("张伟")
        page.get_by_label("公民身份号码").fill(ZHANG_WEI)
        page.get_by_label("公民身份号码").press("Enter")
        page.wait_for_url("**/sign-in/code")
        page.get_by_label("6 位验证码").fill(self.messages.newest()[0].code)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/cards")

    def officer(self, page: Any) -> None:
        page.goto(self.url + "/desk/sign-in")
        page.get_by_label("用户名").fill("boss")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/desk")

    def collect(self, offer: str, device: did.SoftwareKey) -> list[dict[str, Any]]:
        """What a wallet's server does with an offer."""
        base, reference = offer.split("/offers/")
        found = self._call(f"{base}/api/applications/{reference}")
        proof = vc.present([], device, challenge=found["challenge"], domain=found["domain"], now=self.clock.now)
        body = {"verifiablePresentation": proof}
        if self._call(f"{base}/api/applications/{reference}/code", {"device": device.did})["sent"]:
            body["transactionCode"] = self.messages.newest()[0].code  # type: ignore[assignment]
        answer = self._call(f"{base}/api/applications/{reference}/credentials", body)
        cards: list[dict[str, Any]] = answer["credentials"]
        return cards

    @staticmethod
    def _call(url: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def issue_everything(self, device: did.SoftwareKey) -> None:
        """Every kind of card on one phone, without the browser."""
        from issuer.portal import Portal

        assert self.authority is not None
        portal = Portal(self.authority)
        person = next(n for n in range(1, 9) if portal.resident(n).name == "张伟")
        for department in ("population", "traffic", "public-order"):
            view = portal.apply(person, department=department)
            sent = self.authority.offers.ask(view.reference, device.did).sent
            proof = vc.present([], device, challenge=view.challenge, domain=view.domain, now=self.clock.now)
            self.authority.issue(view.reference, proof, code=self.messages.newest()[0].code if sent else None)


@pytest.fixture
def house(served: Served, chromium: Any, tmp_path: Path, pictures: Path | None) -> Iterator[House]:
    made = House(served, chromium, tmp_path, pictures)
    yield made
    made.close()


def _offer_of(page: Any) -> str:
    """The offer, read from the symbol on the screen by an independent reader."""
    picture = Image.open(io.BytesIO(page.locator(".symbol").screenshot()))
    [symbol] = zxingcpp.read_barcodes(picture)
    return str(symbol.text)


def test_a_resident_applies_collects_and_loses_the_phone(house: House) -> None:
    page, device = house.page, did.generate("P-256")
    house.sign_in(page)
    house.shot(page, "no-cards")
    page.get_by_role("link", name="申领证照").click()
    house.shot(page, "apply")
    page.get_by_role("button", name=re.compile("申领本部门全部")).first.click()
    page.wait_for_url("**/applications/*")
    house.shot(page, "offer")
    offer = _offer_of(page)
    assert offer == page.locator("#offer").inner_text()
    assert len(house.collect(offer, device)) == 4
    page.get_by_text("证照已签发到您的设备").wait_for()  # The page noticed by itself.
    page.get_by_role("link", name="我的证照").first.click()
    assert page.locator(".card-front").count() == 4
    house.shot(page, "cards")
    page.get_by_role("link", name="居民身份证").click()
    assert page.locator(".card-back").count() == 1 and page.locator(".card-portrait img").evaluate(
        "i => i.naturalWidth"
    )
    page.get_by_role("link", name="手机").click()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="手机丢了，立即报失").click()
    assert page.get_by_text("使用中").count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="手机丢了，立即报失").click()
    page.get_by_text("4 张证照已立即暂停").wait_for()
    house.shot(page, "lost")
    page.get_by_role("button", name="换到新手机").click()
    assert len(house.collect(_offer_of(page), did.generate("P-256"))) == 4
    assert house.authority is not None
    assert {view.state for view in house.authority.credentials(device=device.did)} == {"revoked"}
    assert house.errors == []


def test_an_officer_finds_suspends_and_revokes_and_the_log_says_so(house: House) -> None:
    house.issue_everything(did.generate("P-256"))
    page = house.browse(1200)
    house.officer(page)
    house.shot(page, "desk")
    page.get_by_role("link", name="人口登记", exact=True).click()
    page.get_by_label("姓名（开头）").fill("张")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="张伟").click()
    house.shot(page, "person")
    card = page.get_by_role("article", name="机动车驾驶证")
    card.get_by_text("办理").click()
    card.get_by_role("button", name="暂停").dblclick()
    page.get_by_text("证照已暂停").wait_for()
    card = page.get_by_role("article", name="机动车驾驶证")
    card.get_by_text("办理").click()
    page.once("dialog", lambda dialog: dialog.accept())
    card.get_by_label("吊销原因").select_option("authority-decision")
    card.get_by_role("button", name="吊销").click()
    page.get_by_text("证照已吊销").first.wait_for()
    page.get_by_role("link", name="审计日志").click()
    page.get_by_role("button", name="核验整个日志").click()
    page.get_by_text("日志完整").wait_for()
    assert page.get_by_role("cell", name="暂停证照").count() == 1  # Twice clicked, once done.
    assert page.get_by_role("cell", name="吊销证照").count() == 1
    house.shot(page, "audit")
    assert house.errors == []


def test_every_kind_of_card_is_drawn_whole_on_a_phone_and_on_a_desk(house: House) -> None:
    house.issue_everything(did.generate("P-256"))
    for width in (390, 1200):
        page = house.browse(width)
        house.sign_in(page)
        links = [link.get_attribute("href") for link in page.locator(".card-link").all()]
        assert len(links) == 8
        for number, link in enumerate(links):
            page.goto(house.url + str(link))
            house.shot(page, f"card-{number}-{width}")
            spilled = page.eval_on_selector_all(
                ".card-sheet",
                "sheets => sheets.flatMap(sheet => [...sheet.querySelectorAll('dt, dd, img')].filter(part => {"
                " const a = sheet.getBoundingClientRect(), b = part.getBoundingClientRect();"
                " return b.bottom > a.bottom + 1 || b.right > a.right + 1 || b.left < a.left - 1; })"
                ".map(part => part.textContent))",
            )
            assert spilled == [], page.locator("h1").inner_text()


_PAGES = ("/", "/sign-in", "/nothing", "/demo/messages", "/desk/sign-in")
_RESIDENT = ("/cards", "/apply", "/applications", "/phones")
_OFFICER = (
    "/desk",
    "/desk/register",
    "/desk/people/3",
    "/desk/people/3/correct",
    "/desk/people/3/correct/vehicle-licence",
    "/desk/applications",
    "/desk/audit",
)


@pytest.mark.parametrize(
    ("language", "vehicle", "refused", "save"),
    [("zh", "机动车行驶证", "日期先后顺序有误", "保存更正"), ("en", "Vehicle licence", "wrong order", "Save")],
)
@pytest.mark.parametrize("width", [390, 1200])
def test_an_officer_corrects_one_part_of_a_long_entry_after_another(
    house: House, width: int, language: str, vehicle: str, refused: str, save: str
) -> None:
    page = house.browse(width)
    house.officer(page)
    page.goto(f"{house.url}/desk/people/3/correct?lang={language}")
    house.shot(page, f"correct-{language}-{width}")
    address = page.locator("[name='fact.registered_address']")
    address.fill("四川省成都市锦江区新路9号")
    page.get_by_role("button", name=save).dblclick()
    page.wait_for_url(re.compile(r"/desk/people/3$"))
    page.goto(f"{house.url}/desk/people/3/correct")
    page.get_by_role("navigation").get_by_role("link", name=vehicle).click()
    page.locator("[name='fact.vehicle_issue_date']").fill("2019-08-08")
    page.locator("[name='fact.plate_number']").fill("川A·Z9999")
    page.get_by_role("button", name=save).click()
    reason = page.locator("[id='fact.vehicle_issue_date-problem']")
    reason.wait_for()
    house.shot(page, f"correct-refused-{language}-{width}")
    assert refused in reason.inner_text() and accessibility_problems(page) == []
    assert page.locator("[name='fact.plate_number']").input_value() == "川A·Z9999"
    page.locator("[name='fact.vehicle_issue_date']").fill("2019-08-13")
    page.get_by_role("button", name=save).click()
    page.wait_for_url(re.compile(r"/desk/people/3$"))
    for text in ("川A·Z9999", "2019-08-13", "新路9号", "LSVAA49J132047371", "川A2019000321"):
        assert page.get_by_text(text).count() >= 1
    house.shot(page, f"corrected-{language}-{width}")
    assert house.errors == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1200])
def test_pages_are_accessible_and_fit_the_screen(house: House, language: str, width: int) -> None:
    house.issue_everything(did.generate("P-256"))
    found = []
    groups: tuple[tuple[tuple[str, ...], Callable[[Any], None] | None], ...] = (
        (_PAGES, None),
        (_RESIDENT, house.sign_in),
        (_OFFICER, house.officer),
    )
    for paths, enter in groups:
        page = house.browse(width)
        if enter is not None:
            enter(page)
        page.goto(f"{house.url}/nothing?lang={language}")
        for path in paths:
            page.goto(house.url + path)
            found += [f"{path} {problem}" for problem in accessibility_problems(page)]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{path} is wider than the screen")
            for link in page.locator(".card-link, .outcomes a").all()[:1]:
                page.goto(house.url + str(link.get_attribute("href")))
                found += [f"card {problem}" for problem in accessibility_problems(page)]
    assert found == [] and house.errors == []


def test_the_keyboard_alone_is_enough_to_sign_in(house: House) -> None:
    page = house.page
    page.goto(house.url + "/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "name"
    page.keyboard.type("张伟")
    page.keyboard.press("Tab")
    page.keyboard.type(ZHANG_WEI)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code")
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type(house.messages.newest()[0].code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cards")


def test_two_tabs_and_the_back_button_after_signing_out_show_and_do_nothing(house: House) -> None:
    page = house.page
    house.sign_in(page)
    page.goto(house.url + "/apply")
    other = house.tab(page.context)
    other.goto(house.url + "/cards")
    other.get_by_role("button", name="退出").click()
    other.get_by_text("已退出").wait_for()
    page.get_by_role("button", name="申领", exact=True).first.click()
    page.get_by_text("页面已失效").first.wait_for()
    other.go_back()
    other.wait_for_load_state()
    assert "张伟" not in other.content()


def test_a_server_restarted_in_the_middle_goes_on_or_asks_again(house: House) -> None:
    page = house.page
    house.sign_in(page)
    page.goto(house.url + "/apply")
    house.restart()
    page.get_by_role("button", name="申领", exact=True).first.click()
    page.wait_for_url("**/applications/*")
    house.restart(forget=True)
    page.goto(house.url + "/cards")
    page.wait_for_url("**/sign-in")


def test_pages_work_without_scripts(house: House, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        house.sign_in(page)
        page.get_by_role("link", name="申领证照").click()
        page.get_by_role("button", name="申领", exact=True).first.click()
        page.wait_for_url("**/applications/*")
        assert _offer_of(page).startswith(house.url)
    finally:
        context.close()
