"""The wallet in chromium on a phone's screen: whole flows, and what people do to pages."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageFilter

import vc
from did import multibase
from vc import qr
from vc.cards.formats import FORMATS
from vc.qr.pictures import read_symbols
from vc.scenarios import Variant

from ..holder.conftest import PIN, Clock
from ..holder.web.conftest import KEY_BINDING, CounterSide, IssuerSide, make_wallet
from .camera import hold_before_camera
from .conftest import Served, accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.long]

WRONG = "402918"


class Hand:
    """A wallet's server with an issuer and a counter, and browsers that use it."""

    def __init__(self, served: Served, chromium: Any, home: Path, pictures: Path | None) -> None:
        self.clock = Clock()
        self.issuer, self.counter = IssuerSide(self.clock), CounterSide(self.clock)
        self.issuer.base = f"http://127.0.0.1:{served.start(self.issuer.app)}"
        self.counter.base = f"http://127.0.0.1:{served.start(self.counter.app)}"
        self._served, self._home, self._pictures = served, home, pictures
        self.port = served.start(self._make)
        self.url = f"http://127.0.0.1:{self.port}"
        self._chromium = chromium
        self._contexts: list[Any] = []
        self.errors: list[str] = []
        self.page = self.phone()

    def _make(self) -> Any:
        return make_wallet(self._home, self.clock)

    def restart(self) -> None:
        """Stop the wallet's server and start it again at the same port."""
        self._served.stop(self.port)
        self._served.start(self._make, self.port)

    def stop(self) -> None:
        self._served.stop(self.port)

    def phone(self) -> Any:
        """Another phone: its own cookies and key store."""
        context = self._chromium.new_context(
            viewport={"width": 390, "height": 844}, device_scale_factor=3, has_touch=True, is_mobile=True
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        return self.tab(context)

    def tab(self, context: Any = None) -> Any:
        """Another page of the same phone."""
        page = (context or self._contexts[0]).new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def shot(self, name: str) -> None:
        if self._pictures is not None:
            self.page.screenshot(path=self._pictures / f"wallet-{name}.png")

    # --- what people do ---------------------------------------------------------------------------------------------

    def start(self, page: Any = None) -> None:
        page = page or self.page
        page.goto(self.url)
        page.click("[data-when=no-key] .button")
        page.fill("#pin", PIN)
        page.fill("#again", PIN)
        page.press("#again", "Enter")
        page.wait_for_selector(".empty")

    def collect(self) -> None:
        self.page.goto(f"{self.url}/add?offer={self.issuer.offer}")
        self.page.click("main form button")
        self.page.fill("#pin", PIN)
        self.page.click("text=领取 >> nth=-1")
        self.page.wait_for_selector(".wallet-cards")

    def open(self, pin: str = PIN, page: Any = None) -> None:
        page = page or self.page
        page.wait_for_selector("[data-when=key]:not([hidden])")
        page.fill("#pin", pin)
        page.press("#pin", "Enter")

    def ask(self, text: str, page: Any = None) -> None:
        page = page or self.page
        page.goto(f"{self.url}/scan")
        page.fill("#text", text)
        page.click("main form button")
        page.wait_for_selector(".leaving")

    def agree(self, pin: str = PIN, page: Any = None) -> None:
        page = page or self.page
        for box in page.query_selector_all("input[type=checkbox][required]"):
            box.check()
        page.fill("#pin", pin)
        page.click("text=同意并出示")

    def show(self) -> None:
        self.ask(json.dumps(self.counter.document()))
        self.agree()
        self.page.wait_for_selector(".showing")


@pytest.fixture
def hand(served: Served, chromium: Any, tmp_path: Path, pictures: Path | None) -> Iterator[Hand]:
    made = Hand(served, chromium, tmp_path / "home", pictures)
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture
def stocked(hand: Hand) -> Hand:
    hand.start()
    hand.collect()
    return hand


def test_the_whole_story_from_a_new_wallet_to_a_verified_answer(stocked: Hand) -> None:
    page = stocked.page
    assert page.locator(".card-link").count() == 3
    stocked.shot("cards")
    page.click(".card-link >> nth=0")
    assert page.locator(".card-front, .card-back").count() == 2
    stocked.shot("card")
    stocked.ask(stocked.counter.uri)
    stocked.shot("consent")
    stocked.agree()
    page.wait_for_selector(".mark.yes")
    assert "核验通过" in page.inner_text("main")
    stocked.shot("answered")
    assert len(stocked.counter.received) == 1
    page.click("text=记录")
    assert "重庆样例酒店" in page.inner_text("main")
    stocked.shot("records")


def test_cards_as_sd_jwts_are_signed_one_after_the_other_by_themselves(hand: Hand) -> None:
    hand.issuer.envelopes = ("dc+sd-jwt",)
    hand.counter.scenario, hand.counter.envelope = "property-registration", "dc+sd-jwt"
    hand.start()
    hand.collect()
    hand.ask(hand.counter.uri)
    hand.agree()
    hand.page.wait_for_selector(".mark.yes")
    assert "核验通过" in hand.page.inner_text("main")
    (body,) = hand.counter.received
    assert len(body["sdJwts"]) > 1


def test_the_browser_signs_nothing_but_proofs_and_key_bindings(stocked: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server that wants a JWT of another kind signed, or a text that opens the wallet.
    other = [b"eyJhbGciOiJFUzI1NiJ9.e30", b"liangzheng wallet\nopen\n", b"x" * 63, b""]
    other += [KEY_BINDING, KEY_BINDING + b"e30.e30", KEY_BINDING + b"e30\n"]
    wanted = iter([multibase.encode_base64url(data) for data in other])
    known = {form for made in FORMATS.usable() for form in made.device_signs}
    encode = multibase.encode_base64url

    def instead(data: bytes) -> str:
        return encode(data) if data in known else next(wanted)

    monkeypatch.setattr("holder.web.signing.multibase", SimpleNamespace(encode_base64url=instead))
    stocked.ask(json.dumps(stocked.counter.document()))
    stocked.agree()
    for left in reversed(range(len(other))):
        stocked.page.wait_for_selector("[data-no-key]:not([hidden])")
        if left:
            stocked.page.reload()
    assert "/sign/" in stocked.page.url
    assert next(wanted, None) is None


def test_the_device_key_can_not_be_taken_out_of_the_browser(hand: Hand) -> None:
    hand.start()
    script = """async () => {
      const base = await new Promise((resolve) => {
        const opening = indexedDB.open("liangzheng-wallet"); opening.onsuccess = () => resolve(opening.result); });
      const reading = base.transaction("keys").objectStore("keys").get("device");
      const pair = await new Promise((resolve) => { reading.onsuccess = () => resolve(reading.result); });
      const key = pair.privateKey;
      const tries = ["jwk", "pkcs8", "raw"].map(
        (form) => crypto.subtle.exportKey(form, key).then(() => "out", () => "no"));
      return { extractable: key.extractable, curve: key.algorithm.namedCurve, tries: await Promise.all(tries) };
    }"""
    found = hand.page.evaluate(script)
    assert found == {"extractable": False, "curve": "P-256", "tries": ["no", "no", "no"]}


def as_taken(page: Any) -> bytes:
    """The screen, as a screenshot gives it."""
    return bytes(page.screenshot())


def as_photographed(page: Any) -> bytes:
    """The screen, smaller and out of focus."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    picture = picture.resize((picture.width * 2 // 3, picture.height * 2 // 3)).filter(ImageFilter.GaussianBlur(0.8))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def read_all(page: Any, take: Callable[[Any], bytes]) -> tuple[int, dict[str, Any]]:
    """All symbols that a page shows, one after the other: how many, and the message."""
    page.wait_for_load_state("networkidle")
    several = page.locator(".turns:not([hidden])").count() > 0
    if several:
        page.click("[data-stop]")
    collector = qr.Collector()
    for _ in range(qr.MAX_PARTS if several else 1):
        for text in read_symbols(take(page)):
            collector.add(text)
        if collector.complete:
            break
        page.click("[data-next]")
    return collector.total, collector.message()


@pytest.mark.parametrize("take", [as_taken, as_photographed])
@pytest.mark.parametrize("variant", ["min", "law"])
def test_the_shown_symbols_are_read_by_an_independent_reader(
    stocked: Hand, take: Callable[[Any], bytes], variant: Variant
) -> None:
    stocked.counter.variant = variant
    stocked.show()
    total, message = read_all(stocked.page, take)
    stocked.shot(f"symbols-{variant}")
    assert total == stocked.page.locator(".symbols li").count()
    assert stocked.counter.judge(message)


def test_what_is_shown_without_a_request_is_read_as_well(stocked: Hand) -> None:
    page = stocked.page
    page.click(".card-link >> nth=0")
    page.click("text=自选出示")
    page.check("input[name='show.name']")
    page.fill("#pin", PIN)
    page.dblclick("text=出示所选")
    page.wait_for_selector(".showing")
    _, message = read_all(page, as_taken)
    presentation = message["verifiablePresentation"]
    assert vc.verify(presentation, now=stocked.clock.now).verified
    shown = presentation["verifiableCredential"][0]["credentialSubject"]
    assert set(shown) == {"id", "type", "name", "issuingProvince"}
    assert not stocked.counter.judge(message)


def test_five_wrong_pins_lock_the_wallet(hand: Hand) -> None:
    hand.start()
    hand.page.click("text=锁定")
    for left in (4, 3, 2, 1):
        hand.open(WRONG)
        hand.page.wait_for_selector(f"text=还可尝试 {left} 次")
    hand.open(WRONG)
    hand.page.wait_for_selector("text=15 分钟后")
    hand.shot("locked")
    # The page looks the same after this try: only the new page tells that the server has judged it.
    with hand.page.expect_navigation():
        hand.open()
    hand.page.wait_for_selector("text=15 分钟后")
    hand.clock.advance(minutes=15, seconds=1)
    hand.open()
    hand.page.wait_for_selector(".empty")


def test_when_the_countdown_is_over_the_server_shows_no_symbol(stocked: Hand) -> None:
    stocked.show()
    picture = stocked.page.get_attribute(".symbols img", "src")
    stocked.clock.advance(seconds=298)
    stocked.page.reload()
    assert stocked.page.locator(".time.soon").count() == 1
    stocked.clock.advance(seconds=2)
    # The page counts down by itself, asks again, and is refused.
    stocked.page.wait_for_selector("text=二维码已过期")
    stocked.shot("expired")
    assert stocked.page.request.get(stocked.url + picture).status == 410
    stocked.page.go_back()
    stocked.page.wait_for_load_state()
    assert stocked.page.locator(".symbols img").count() == 0


def test_two_tabs_answer_one_request_each_and_neither_disturbs_the_other(stocked: Hand) -> None:
    one, two = stocked.page, stocked.tab()
    stocked.ask(stocked.counter.uri, one)
    stocked.ask(json.dumps(stocked.counter.document()), two)
    stocked.agree(page=one)
    one.wait_for_selector(".mark.yes")
    stocked.agree(page=two)
    two.wait_for_selector(".showing")
    one.click("text=锁定")
    one.wait_for_selector("[data-when=key]:not([hidden])")
    two.reload()
    two.wait_for_selector("[data-when=key]:not([hidden])")
    assert two.locator(".symbols").count() == 0


def test_two_tabs_that_both_make_a_wallet_get_one(hand: Hand) -> None:
    one, two = hand.page, hand.tab()
    for page in (one, two):
        page.goto(f"{hand.url}/start")
        page.fill("#pin", PIN)
        page.fill("#again", PIN)
    one.press("#again", "Enter")
    one.wait_for_selector(".empty")
    two.press("#again", "Enter")
    two.wait_for_selector("text=/页面已失效|本机已有卡包|我的证照/")
    one.goto(hand.url)
    assert one.locator(".empty, [data-when=key]:not([hidden])").count() == 1


def test_the_back_button_never_presents_again(stocked: Hand) -> None:
    stocked.ask(stocked.counter.uri)
    stocked.agree()
    stocked.page.wait_for_selector(".mark.yes")
    for _ in range(3):
        stocked.page.go_back()
        stocked.page.wait_for_load_state("networkidle")
    assert len(stocked.counter.received) == 1


def test_every_button_pressed_twice_does_its_work_once(hand: Hand) -> None:
    page = hand.page
    page.goto(f"{hand.url}/start")
    page.fill("#pin", PIN)
    page.fill("#again", PIN)
    page.dblclick("text=新建卡包 >> nth=-1")
    page.wait_for_selector(".empty")
    page.goto(f"{hand.url}/add?offer={hand.issuer.offer}")
    page.dblclick("main form button")
    page.wait_for_selector("#pin")
    page.fill("#pin", PIN)
    page.dblclick("main form button")
    page.wait_for_selector(".wallet-cards")
    assert len(hand.issuer.given) == 1
    assert page.locator(".card-link").count() == 3
    page.goto(f"{hand.url}/scan")
    page.fill("#text", hand.counter.uri)
    page.dblclick("main form button")
    page.wait_for_selector(".leaving")
    for box in page.query_selector_all("input[type=checkbox][required]"):
        box.check()
    page.fill("#pin", PIN)
    page.dblclick("text=同意并出示")
    page.wait_for_selector(".mark.yes")
    assert len(hand.counter.received) == 1
    page.goto(f"{hand.url}/pin")
    for field, value in (("#old", PIN), ("#pin", "592713"), ("#again", "592713")):
        page.fill(field, value)
    page.dblclick("main form button")
    page.wait_for_selector("text=密码已修改")
    page.goto(f"{hand.url}/log")
    page.on("dialog", lambda dialog: dialog.accept())
    page.dblclick("text=清除")
    page.wait_for_selector("text=清除使用记录")
    page.dblclick("text=锁定")
    page.wait_for_selector("[data-when=key]:not([hidden])")


@pytest.mark.parametrize("step", ["cards", "consent", "symbol"])
def test_a_server_restarted_in_the_middle_asks_for_the_pin_and_goes_on(stocked: Hand, step: str) -> None:
    page = stocked.page
    if step == "consent":
        stocked.ask(stocked.counter.uri)
    elif step == "symbol":
        stocked.show()
    stocked.restart()
    if step == "consent":
        stocked.agree()
    else:
        page.reload()
    if page.locator("text=页面已失效").count():
        page.click("text=回到首页")
    stocked.open()
    page.wait_for_selector(".wallet-cards")
    assert stocked.counter.received == []
    stocked.ask(stocked.counter.uri)
    stocked.agree()
    page.wait_for_selector(".mark.yes")


def test_without_a_server_the_shell_says_so(stocked: Hand) -> None:
    page = stocked.page
    page.goto(stocked.url)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    stocked.stop()
    page.goto(stocked.url)
    assert "连接不上卡包服务器" in page.inner_text("main")
    assert "王小明" not in page.content()
    stocked.shot("offline")
    stocked._served.start(stocked._make, stocked.port)


def test_nothing_personal_is_kept_in_the_browser(stocked: Hand) -> None:
    stocked.show()
    script = """async () => {
      const texts = [];
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const entry of await cache.keys()) texts.push(entry.url, await (await cache.match(entry)).text());
      }
      return { texts: texts.join("\\n"), local: JSON.stringify(localStorage), session: JSON.stringify(sessionStorage) };
    }"""
    kept = stocked.page.evaluate(script)
    assert "王小明" not in kept["texts"]
    assert "/show/" not in kept["texts"]
    assert (kept["local"], kept["session"]) == ("{}", "{}")


def test_another_phone_with_the_same_cookies_can_not_sign(stocked: Hand) -> None:
    thief = stocked.phone()
    thief.context.add_cookies(stocked.page.context.cookies())
    stocked.ask(stocked.counter.uri, thief)
    stocked.agree(page=thief)
    thief.wait_for_selector("[data-no-key]:not([hidden])")
    assert stocked.counter.received == []


def test_a_picture_of_a_request_is_read(stocked: Hand, tmp_path: Path) -> None:
    from vc.qr.symbols import draw, sheet

    picture = tmp_path / "request.png"
    picture.write_bytes(sheet(draw(qr.encode(stocked.counter.document(), capacity=600))))
    stocked.page.goto(f"{stocked.url}/scan")
    stocked.page.set_input_files("input[type=file]", picture)
    stocked.page.wait_for_selector(".leaving")
    picture.write_bytes(b"no picture")
    stocked.page.goto(f"{stocked.url}/scan")
    stocked.page.set_input_files("input[type=file]", picture)
    stocked.page.wait_for_function("document.querySelector('[data-told]').textContent !== ''")


def test_the_camera_reads_a_request_in_several_symbols(stocked: Hand) -> None:
    from vc.qr.symbols import draw

    texts = qr.encode(stocked.counter.document(), capacity=300)
    assert len(texts) > 1
    page = stocked.page
    hold_before_camera(page, *(symbol.png(scale=6) for symbol in draw(texts)))
    page.goto(f"{stocked.url}/scan")
    page.click("[data-camera]")
    page.wait_for_selector(".camera:not([hidden])")
    page.wait_for_selector(f"[data-told]:has-text('/ {len(texts)} ')")
    page.wait_for_selector(".leaving")


def test_without_a_camera_the_page_says_so_and_the_button_is_there_again(stocked: Hand) -> None:
    page = stocked.page
    page.add_init_script("navigator.mediaDevices.getUserMedia = async () => { throw new Error('none'); };")
    page.goto(f"{stocked.url}/scan")
    page.click("[data-camera]")
    page.wait_for_selector("[data-told]:has-text('无法使用相机')")
    assert page.is_enabled("[data-camera]")


def test_the_wallet_is_installable(hand: Hand) -> None:
    hand.page.goto(hand.url)
    manifest = hand.page.request.get(hand.url + hand.page.get_attribute("link[rel=manifest]", "href")).json()
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        picture = Image.open(io.BytesIO(hand.page.request.get(hand.url + icon["src"]).body()))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_everything_is_reached_by_keyboard(hand: Hand) -> None:
    page = hand.page
    page.goto(f"{hand.url}/start")
    page.keyboard.type(PIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".empty")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "更多":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".list")


def test_english_is_a_switch_away(stocked: Hand) -> None:
    stocked.page.click("text=English")
    assert "My cards" in stocked.page.inner_text("main")
    assert stocked.page.get_attribute("html", "lang") == "en"
    stocked.page.goto(f"{stocked.url}/log")
    assert "Card added" in stocked.page.inner_text("main")


def test_pages_are_as_wide_as_the_phone(stocked: Hand) -> None:
    wide: list[str] = []
    for path in ("/", "/scan", "/add", "/update", "/log", "/more", "/pin", "/lost", "/forgot", "/offline"):
        stocked.page.goto(stocked.url + path)
        if stocked.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    assert wide == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_against_any_page(stocked: Hand, language: str) -> None:
    page = stocked.page
    card = page.get_attribute(".card-link", "href")
    stocked.counter.variant = "law"
    found: list[str] = []
    page.goto(f"{stocked.url}/?lang={language}")
    paths = ["/", card, "/scan", "/add", "/update", "/log", "/more", "/pin", "/lost", "/forgot", "/offline", "/nothing"]
    for path in paths:
        page.goto(stocked.url + path)
        found += [f"{path} {problem}" for problem in accessibility_problems(page)]
    stocked.ask(json.dumps(stocked.counter.document()))
    found += [f"consent {problem}" for problem in accessibility_problems(page)]
    for box in page.query_selector_all("input[type=checkbox][required]"):
        box.check()
    page.fill("#pin", PIN)
    page.press("#pin", "Enter")
    page.wait_for_selector(".showing")
    found += [f"symbol {problem}" for problem in accessibility_problems(page)]
    stocked.clock.advance(seconds=301)
    page.reload()
    found += [f"expired {problem}" for problem in accessibility_problems(page)]
    page.click("nav form button")
    page.wait_for_selector("[data-when=key]:not([hidden])")
    found += [f"gate {problem}" for problem in accessibility_problems(page)]
    assert found == []
