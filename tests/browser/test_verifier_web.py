"""The counter in chromium, on a phone's screen and on a desk's: whole flows, and what people do to pages."""

from __future__ import annotations

import io
import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

import vc
from vc import qr
from vc.cards import CARDS, models
from vc.cards.message import build
from vc.cards.portrait import digest_multibase
from vc.qr.pictures import read_symbols
from vc.qr.symbols import draw, sheet
from vc.scenarios import PresentationRequest
from verifier.web import create_app

from ..verifier.conftest import PHONE, World, identity_card, issued
from ..verifier.web.conftest import make_home
from .camera import camera_is_off, hold_before_camera
from .conftest import Served, accessibility_problems

if TYPE_CHECKING:
    from playwright.sync_api import Request

pytestmark = [pytest.mark.browser, pytest.mark.long]

SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True},
    "desk": {"viewport": {"width": 1280, "height": 800}},
}


def _portrait() -> bytes:
    picture = Image.new("RGB", (179, 220), "#cfe0f0")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((52, 34, 127, 128), fill="#e8c4a0")
    pen.pieslice((46, 22, 133, 112), 180, 360, fill="#222222")
    pen.rounded_rectangle((22, 140, 157, 260), 50, fill="#2c3e60")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=30)
    return out.getvalue()


FACE = _portrait()


class Counter:
    """A counter's server, a card in a phone, and browsers."""

    def __init__(self, served: Served, chromium: Any, home: Path, pictures: Path | None) -> None:
        self.world = World(home)
        self.world.clock.advance(minutes=20)
        self.home = make_home(home, self.world)
        self._served, self._chromium, self._pictures = served, chromium, pictures
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        served.start(self._make, self.port)
        self._contexts: list[Any] = []
        self.errors: list[str] = []
        portrait = models.Portrait(digest_multibase=digest_multibase(FACE), media_type="image/jpeg")
        self.card = issued(identity_card(portrait=portrait))

    def _make(self) -> Any:
        return create_app(self.home, origin=self.url, clock=self.world.clock)

    def stop(self) -> None:
        self._served.stop(self.port)

    def restart(self) -> None:
        """Stop the server when it runs, and start it again at the same port."""
        self._served.start(self._make, self.port)

    def browser(self, screen: str = "desk", **options: Any) -> Any:
        """Another browser: its own cookies."""
        context = self._chromium.new_context(**SCREENS[screen], **options)
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        return self.tab(context)

    def tab(self, context: Any) -> Any:
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def shot(self, page: Any, name: str, *, whole: bool = True) -> None:
        if self._pictures is not None:
            page.screenshot(path=self._pictures / f"counter-{name}.png", full_page=whole)

    # --- what people do ---------------------------------------------------------------------------------------------

    def ask(self, page: Any, title: str = "旅馆入住", envelope: str | None = None) -> PresentationRequest:
        """Choose a scenario and read the request as a phone does: from the symbol on the screen."""
        page.goto(self.url)
        if envelope is not None:
            page.get_by_label(envelope, exact=True).check()
        page.click(f".scenario-go:has-text('{title}')")
        page.wait_for_selector("[data-waiting]")
        [uri] = read_symbols(page.locator("[data-symbol=online]").screenshot())
        assert uri.startswith(self.url)
        with urllib.request.urlopen(uri) as answer:
            return PresentationRequest.from_dict(json.load(answer)["request"])

    def answer(self, request: PresentationRequest) -> dict[str, Any]:
        """The message of a wallet that agrees."""
        definition = CARDS[self.card["type"][-1]]
        terms = [claim.term for claim in request.cards[0].claims if claim.term in self.card["credentialSubject"]]
        derived = vc.derive(self.card, selective_pointers=definition.selective_pointers(terms))
        presentation = vc.present(
            [derived],
            PHONE,
            challenge=request.challenge,
            domain=request.domain,
            expires_in=300,
            now=self.world.clock(),
        )
        return build(presentation, [FACE]).to_dict()

    def send(self, message: dict[str, Any]) -> dict[str, Any]:
        """Answer over HTTP, as a wallet with a network does."""
        request = urllib.request.Request(
            f"{self.url}/api/answers", json.dumps(message).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def picture(self, message: dict[str, Any]) -> dict[str, Any]:
        """An upload: the message's symbols in one picture."""
        return {
            "name": "symbols.png",
            "mimeType": "image/png",
            "buffer": sheet(draw(qr.encode(message, capacity=2132)), scale=3),
        }

    def upload(self, page: Any, message: dict[str, Any]) -> None:
        page.set_input_files("input[type=file]", self.picture(message))
        page.wait_for_selector(".outcome")


@pytest.fixture
def counter(served: Served, chromium: Any, tmp_path: Path, pictures: Path | None) -> Iterator[Counter]:
    made = Counter(served, chromium, tmp_path, pictures)
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture(params=["phone", "desk"])
def screen(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def changed(message: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(json.dumps(message))
    result["verifiablePresentation"]["verifiableCredential"][0]["credentialSubject"]["name"] = "李大明"
    return result


def fits(page: Any) -> bool:
    """Nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_picture_of_the_symbols_is_verified_once_and_refused_again(counter: Counter, screen: str) -> None:
    page = counter.browser(screen)
    request = counter.ask(page)
    counter.shot(page, f"{screen}-waiting")
    assert fits(page)
    message = counter.answer(request)
    counter.upload(page, message)
    assert page.inner_text(".outcome h1") == "核验通过"
    assert page.locator("figure img").evaluate("image => image.naturalWidth") == 179
    assert "王小明" in page.inner_text(".person")
    assert fits(page)
    counter.shot(page, f"{screen}-verified")
    page.goto(f"{counter.url}/scan")
    counter.upload(page, message)
    assert page.inner_text(".outcome h1") == "未通过：已使用过"
    assert "王小明" not in page.content()
    assert fits(page)
    counter.shot(page, f"{screen}-used")
    page.goto(f"{counter.url}/today")
    counter.shot(page, f"{screen}-today")
    assert fits(page)


def test_the_phone_answers_over_http_and_the_page_turns_by_itself(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    assert counter.send(message)["verified"] is True
    page.wait_for_selector(".outcome-passed")
    page.click("text=下一位")
    page.wait_for_selector("[data-waiting]")


def _asks(request: Request) -> bool:
    return request.resource_type == "fetch" and request.method == "GET"


def test_what_was_changed_or_came_too_late_is_refused(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    counter.upload(page, changed(message))
    assert page.inner_text(".outcome h1") == "未通过"
    assert "签名与文档不符" in page.inner_text("main")
    assert "李大明" not in page.content()
    counter.shot(page, "changed")
    page.click("text=再试一次")
    page.wait_for_selector("[data-waiting]")
    # The page asks every second whether its request is still open, and would turn before the message is given to it.
    page.route("**/requests/**", lambda route: route.abort() if _asks(route.request) else route.continue_())
    counter.world.clock.advance(seconds=301)
    page.set_input_files("input[type=file]", counter.picture(message))
    page.wait_for_selector(".outcome")
    assert "亮证请求已过期" in page.inner_text("main") or "request.expired" in page.inner_text("main")
    counter.shot(page, "expired")


def test_the_camera_reads_an_answer_in_several_symbols(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    symbols = draw(qr.encode(message, capacity=1500))
    assert len(symbols) > 1
    hold_before_camera(page, *(symbol.png(scale=4) for symbol in symbols))
    page.goto(f"{counter.url}/scan")
    page.click("[data-camera]")
    page.wait_for_selector(f"[data-told]:has-text('/ {len(symbols)} ')")
    page.wait_for_selector(".outcome-passed")


def test_the_camera_is_closed_when_asked_to(counter: Counter) -> None:
    page = counter.browser()
    counter.ask(page)
    blank = io.BytesIO()
    Image.new("L", (200, 200), 255).save(blank, "PNG")
    hold_before_camera(page, blank.getvalue())
    page.goto(f"{counter.url}/scan")
    page.click("[data-camera]")
    page.click("[data-stop]")
    page.wait_for_selector("[data-camera]:not([hidden])")
    assert camera_is_off(page)
    assert page.is_hidden(".camera")


def test_a_hand_scanner_types_code_after_code(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    texts = qr.encode(message, capacity=1500)
    assert len(texts) > 1
    assert page.evaluate("document.activeElement.id") == "text"
    for number, text in enumerate(reversed(texts), 1):
        page.keyboard.insert_text(text)
        page.keyboard.press("Enter")
        if number < len(texts):
            assert f"已读 {number} / {len(texts)} 个码" in page.inner_text("[data-told]")
    page.wait_for_selector(".outcome-passed")


def test_a_message_is_pasted_and_the_button_pressed_twice(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    page.fill("#text", json.dumps(message))
    page.dblclick(".take .button.wide")
    page.wait_for_selector(".outcome")
    assert page.inner_text(".outcome h1") == "核验通过"


def test_what_is_no_answer_is_said_at_once_and_can_be_tried_again(counter: Counter) -> None:
    page = counter.browser()
    page.goto(f"{counter.url}/scan")
    page.fill("#text", "hello")
    page.click(".take .button.wide")
    page.wait_for_selector("[data-told]:has-text('这不是亮证内容')")
    blank = io.BytesIO()
    Image.new("L", (200, 200), 255).save(blank, "PNG")
    page.set_input_files("input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": blank.getvalue()})
    page.wait_for_selector("[data-told]:has-text('没有找到二维码')")


def test_the_symbol_for_phones_without_a_network_holds_the_request(counter: Counter, screen: str) -> None:
    page = counter.browser(screen)
    request = counter.ask(page)
    page.click("[data-swap]")
    counter.shot(page, f"{screen}-waiting-offline")
    texts = [
        text
        for place in page.locator("[data-symbol=offline]").all()
        if place.is_visible()
        for text in read_symbols(place.screenshot())
    ]
    assert qr.decode(texts) == request.to_dict()


def test_the_form_of_the_answer_is_chosen_by_keyboard_and_stays_for_the_next(counter: Counter, screen: str) -> None:
    page = counter.browser(screen)
    page.goto(counter.url)
    assert page.get_by_label("JSON-LD", exact=True).is_checked()
    page.get_by_label("JSON-LD", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("SD-JWT VC", exact=True).is_checked()
    assert page.get_by_role("group", name="应答形式").is_visible()
    assert not page.get_by_role("button", name="选用").is_visible()
    counter.shot(page, f"{screen}-home-sd-jwt")
    problems = accessibility_problems(page)
    assert fits(page)
    request = counter.ask(page, envelope="SD-JWT VC")
    assert request.envelope == "dc+sd-jwt"
    assert "SD-JWT VC" in page.inner_text("h1")
    counter.shot(page, f"{screen}-waiting-sd-jwt")
    problems += accessibility_problems(page)
    assert fits(page)
    page.click("[data-swap]")
    texts = [
        text
        for place in page.locator("[data-symbol=offline]").all()
        if place.is_visible()
        for text in read_symbols(place.screenshot())
    ]
    assert qr.decode(texts) == request.to_dict()
    # The card in this phone has no such form: what comes instead is refused, and the page says why.
    assert counter.send(counter.answer(request))["verified"] is False
    page.wait_for_selector(".outcome-failed")
    assert "应答形式与请求不符" in page.inner_text("main")
    counter.shot(page, f"{screen}-another-form")
    problems += accessibility_problems(page)
    assert fits(page)
    assert problems == []
    page.click("text=换场景")
    page.wait_for_selector(".scenarios")
    assert page.get_by_label("SD-JWT VC", exact=True).is_checked()
    page.get_by_label("JSON-LD", exact=True).check()
    page.click(".scenario-go:has-text('旅馆入住')")
    page.wait_for_selector("[data-waiting]")
    assert "SD-JWT VC" not in page.inner_text("main")


def test_two_tabs_have_two_requests_and_a_double_click_makes_one(counter: Counter) -> None:
    first = counter.browser()
    first.goto(counter.url)
    second = counter.tab(first.context)
    one = counter.ask(first)
    two = counter.ask(second, "互联网上网")
    assert one.challenge != two.challenge
    counter.send(counter.answer(one))
    first.wait_for_selector(".outcome-passed")
    assert second.url.endswith(two.challenge)
    first.goto(counter.url)
    first.dblclick(".scenario-go >> nth=0")
    first.wait_for_selector("[data-waiting]")
    first.go_back()
    first.wait_for_selector(".scenarios")
    first.click(".scenario-go >> nth=0")
    first.wait_for_selector("[data-waiting]")


def test_back_from_a_result_leads_to_the_answered_request_and_not_to_another_check(counter: Counter) -> None:
    page = counter.browser()
    counter.upload(page, counter.answer(counter.ask(page)))
    page.go_back()
    page.wait_for_selector(".outcome-passed")
    page.goto(f"{counter.url}/today")
    assert page.inner_text(".total-passed dd") == "1"


def test_a_server_that_restarts_in_the_middle_goes_on_with_the_request(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    counter.stop()
    page.wait_for_timeout(1500)
    counter.restart()
    counter.upload(page, message)
    assert page.inner_text(".outcome h1") == "核验通过"


def test_the_testers_page_shows_every_value_and_the_first_difference(counter: Counter, screen: str) -> None:
    page = counter.browser(screen, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{counter.url}/tester")
    counter.shot(page, f"{screen}-tester-empty")
    page.fill("#document", json.dumps(counter.card, ensure_ascii=False))
    other = json.loads(json.dumps(counter.card))
    other["credentialSubject"]["name"] = "李大明"
    page.fill("#against", json.dumps(other, ensure_ascii=False))
    page.click("form[data-tester] button.button")
    page.wait_for_selector("#explained .outcome")
    assert "首个不同的值" in page.inner_text("#explained")
    assert "proofHash" in page.inner_text("#explained")
    assert fits(page)
    counter.shot(page, f"{screen}-tester")
    page.click("[data-copy=json]")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied["proofs"]
    assert copied["difference"]["name"]


def test_the_camera_reads_what_stands_before_it(counter: Counter) -> None:
    page = counter.browser()
    message = counter.answer(counter.ask(page))
    [text] = qr.encode({key: message[key] for key in message if key != "attachments"}, capacity=4296)
    picture = io.BytesIO(draw([text])[0].png(scale=6))
    frame = Image.open(picture).convert("RGB")
    page.evaluate(
        """async (source) => {
            const picture = new Image();
            picture.src = source;
            await picture.decode();
            const canvas = document.createElement("canvas");
            canvas.width = picture.width;
            canvas.height = picture.height;
            const pen = canvas.getContext("2d");
            setInterval(() => pen.drawImage(picture, 0, 0), 100);
            navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
        }""",
        _data_url(frame),
    )
    page.click("[data-camera]")
    # The portrait does not fit into a symbol here: the answer arrives, and is refused for it.
    page.wait_for_selector(".outcome-failed", timeout=20_000)
    assert "照片" in page.inner_text("main")


def _data_url(picture: Any) -> str:
    import base64

    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def test_pages_are_accessible_and_work_by_keyboard(counter: Counter, screen: str) -> None:
    page = counter.browser(screen)
    found: dict[str, list[str]] = {}
    for path in ("/", "/scan", "/today", "/lists", "/tester"):
        page.goto(counter.url + path)
        counter.shot(page, f"{screen}-page{path.replace('/', '-')}")
        found[path] = accessibility_problems(page)
        assert fits(page)
    request = counter.ask(page)
    found["waiting"] = accessibility_problems(page)
    counter.upload(page, counter.answer(request))
    found["verified"] = accessibility_problems(page)
    counter.ask(page)
    counter.upload(page, changed(counter.answer(request)))
    found["refused"] = accessibility_problems(page)
    assert {name: problems for name, problems in found.items() if problems} == {}
    page.goto(counter.url)
    page.focus(".scenario-go >> nth=1")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-waiting]")


def test_english_fits_the_screen_too(counter: Counter, screen: str) -> None:
    page = counter.browser(screen)
    page.goto(f"{counter.url}/?lang=en")
    counter.shot(page, f"{screen}-english-home")
    assert page.get_by_role("group", name="Form of the answer").is_visible()
    assert fits(page)
    counter.upload(page, counter.answer(counter.ask(page, "Hotel check-in")))
    assert page.inner_text(".outcome h1") == "Verified"
    assert fits(page)
    counter.shot(page, f"{screen}-english-verified")


def test_without_scripts_the_counter_still_works(counter: Counter) -> None:
    page = counter.browser(java_script_enabled=False)
    request = counter.ask(page)
    counter.send(counter.answer(request))
    page.click("noscript a, a:has-text('查看是否已应答')")
    assert page.inner_text(".outcome h1") == "核验通过"
    page.goto(counter.url)
    page.get_by_label("SD-JWT VC", exact=True).check()
    page.click("text=选用")
    assert page.get_by_label("SD-JWT VC", exact=True).is_checked()
    page.click(".scenario-go >> nth=0")
    assert "SD-JWT VC" in page.inner_text("h1")
