"""What happens at the counter: asking, answering in every way, the result, the day's counts."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from vc import qr
from vc.qr.symbols import draw, sheet
from vc.scenarios import PresentationRequest

from ..conftest import PORTRAIT, identity_card, issued, tampered
from ..test_sd_jwt_answers import URI, TokenLists, as_sd_jwt
from ..test_sd_jwt_answers import message as message_of
from ..test_sd_jwt_answers import shown as shown_sd_jwts
from .conftest import Counter, Visitor, keep_lists

SECRETS = ("王小明", "510199", "锦江区样例路")


def shown(texts: tuple[str, ...]) -> bytes:
    """The symbols of a message in one picture, as a screenshot of the wallet would have them."""
    return sheet(draw(texts), scale=4)


async def taken(visitor: Visitor, text: str) -> str:
    """Scan a text; the result's page."""
    status, body = await visitor.script("/answers", text)
    assert status == 200, body
    return (await visitor.get(json.loads(body)["path"])).text


async def test_the_phone_answers_and_the_counter_sees_portrait_effect_and_notice(
    desk: Counter, visitor: Visitor
) -> None:
    request = await desk.request(visitor)
    assert (await visitor.state(request.challenge))["state"] == "open"
    status, told = await visitor.phone(desk.world.answer(request))
    assert (status, told) == (200, {"verified": True, "zh": "核验通过", "en": "Verified"})
    path = (await visitor.state(request.challenge))["path"]
    page = await visitor.get(path)
    assert page.heading == "核验通过"
    assert "王小明" in page.text
    assert "data:image/jpeg;base64," in page.text
    assert "重庆市" in page.text
    assert "同等效力" in page.text


async def test_cards_as_sd_jwts_that_are_scanned_answer_a_request_made_otherwise(
    desk: Counter, visitor: Visitor
) -> None:
    request = desk.home.verifier(clock=desk.clock).request("hotel-check-in", envelope="dc+sd-jwt")
    name = hashlib.sha256(URI.encode()).hexdigest()
    (desk.home.path / "status" / f"{name}.json").write_bytes(TokenLists(desk.world).get(URI))
    texts = shown_sd_jwts(desk.world, request)
    await visitor.get("/scan")
    page = await taken(visitor, json.dumps(message_of(texts)))
    assert "核验通过" in page and "王小明" in page and "data:image/jpeg;base64," in page
    again = await taken(visitor, json.dumps(message_of(texts)))
    assert "核验通过" not in again and "王小明" not in again


async def test_a_card_without_its_status_is_refused_in_either_form(desk: Counter, visitor: Visitor) -> None:
    """However genuine and young it is; the page says what was missing."""
    credential = issued(identity_card(), status=False)
    request = await desk.request(visitor)
    _, told = await visitor.phone(desk.world.answer(request, credential))
    assert told["verified"] is False
    page = await visitor.get((await visitor.state(request.challenge))["path"])
    assert "缺少该证照必须出示的内容" in page.text and "/credentialStatus" in page.text
    assert "王小明" not in page.text
    asked = desk.home.verifier(clock=desk.clock).request("hotel-check-in", envelope="dc+sd-jwt")
    texts = shown_sd_jwts(desk.world, asked, (credential, as_sd_jwt(credential, status=None)))
    await visitor.get("/scan")
    scanned = await taken(visitor, json.dumps(message_of(texts)))
    assert "缺少该证照必须出示的内容" in scanned and "核验通过" not in scanned


@pytest.fixture
def tokens(desk: Counter) -> TokenLists:
    """The folder keeps the token status list of Sichuan, too."""
    lists = TokenLists(desk.world)
    keep_token_list(desk, lists)
    return lists


def keep_token_list(desk: Counter, lists: TokenLists) -> None:
    (desk.home.path / "status" / f"{hashlib.sha256(URI.encode()).hexdigest()}.json").write_bytes(lists.get(URI))


def sd_jwts(desk: Counter, request: PresentationRequest) -> dict[str, Any]:
    """What a wallet answers with cards as SD-JWTs."""
    return message_of(shown_sd_jwts(desk.world, request))


async def test_the_counter_asks_for_json_ld_unless_the_other_form_is_chosen(desk: Counter, visitor: Visitor) -> None:
    page = await visitor.get("/")
    assert re.findall(r'name="envelope" value="([^"]+)" checked', page.text) == ["json-ld"]
    assert (await desk.request(visitor)).envelope is None
    request = await desk.request(visitor, envelope="json-ld")
    assert request.envelope is None
    assert "SD-JWT VC" not in (await visitor.get(f"/requests/{request.challenge}")).text
    page = await visitor.get("/?envelope=dc%2Bsd-jwt")
    assert re.findall(r'name="envelope" value="([^"]+)" checked', page.text) == ["dc+sd-jwt"]
    assert set(re.findall(r'type="hidden" name="envelope" value="([^"]+)"', page.text)) == {"dc+sd-jwt"}


@pytest.mark.parametrize("variant", ["min", "law"])
async def test_a_request_for_sd_jwts_says_so_to_phones_with_and_without_a_network(
    desk: Counter, visitor: Visitor, variant: str
) -> None:
    request = await desk.request(visitor, variant=variant, envelope="dc+sd-jwt")
    assert (request.envelope, request.variant) == ("dc+sd-jwt", variant)
    page = await visitor.get(f"/requests/{request.challenge}")
    assert "SD-JWT VC" in page.text
    parts = re.findall(r'data-symbol="offline" hidden>(<svg.*?</svg>)', page.text, re.S)
    assert [str(symbol.svg()) for symbol in draw(qr.encode(request.to_dict(), capacity=1852))] == parts


async def test_sd_jwts_that_were_asked_for_are_taken_from_the_phone_and_the_form_stays_for_the_next(
    desk: Counter, visitor: Visitor, tokens: TokenLists
) -> None:
    request = await desk.request(visitor, envelope="dc+sd-jwt")
    status, told = await visitor.phone(sd_jwts(desk, request))
    assert (status, told) == (200, {"verified": True, "zh": "核验通过", "en": "Verified"})
    page = await visitor.get((await visitor.state(request.challenge))["path"])
    assert page.heading == "核验通过"
    assert "王小明" in page.text and "data:image/jpeg;base64," in page.text and "SD-JWT VC" in page.text
    assert 'href="/?envelope=dc%2Bsd-jwt"' in page.text
    fields = dict(re.findall(r'type="hidden" name="(scenario|variant|envelope)" value="([^"]+)"', page.text))
    following = await visitor.submit("/requests", **fields)
    assert "SD-JWT VC" in following.text
    desk.clock.advance(seconds=301)
    over = await visitor.get(following.path)
    assert 'name="envelope" value="dc+sd-jwt"' in over.text


async def test_sd_jwts_that_were_asked_for_are_scanned_once(
    desk: Counter, visitor: Visitor, tokens: TokenLists
) -> None:
    request = await desk.request(visitor, envelope="dc+sd-jwt")
    texts = qr.encode(sd_jwts(desk, request), capacity=1500)
    await visitor.get("/scan")
    _, body = await visitor.script("/pictures", shown(texts))
    assert "核验通过" in await taken(visitor, "\n".join(json.loads(body)["texts"]))
    again = await taken(visitor, "\n".join(texts))
    assert "未通过：已使用过" in again
    assert not any(secret in again for secret in SECRETS)


async def test_a_card_that_was_revoked_is_refused_as_sd_jwt_too(
    desk: Counter, visitor: Visitor, tokens: TokenLists
) -> None:
    tokens.status = 1
    keep_token_list(desk, tokens)
    request = await desk.request(visitor, envelope="dc+sd-jwt")
    assert (await visitor.phone(sd_jwts(desk, request)))[1]["codes"] == ["status.revoked"]
    page = await visitor.get((await visitor.state(request.challenge))["path"])
    assert not any(secret in page.text for secret in SECRETS)


async def test_without_the_token_status_list_no_sd_jwt_is_accepted(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor, envelope="dc+sd-jwt")
    assert (await visitor.phone(sd_jwts(desk, request)))[1]["codes"] == ["status.retrieval"]
    page = await visitor.get((await visitor.state(request.challenge))["path"])
    assert page.heading == "无法判定，不予通过"


@pytest.mark.parametrize("asked", ["json-ld", "dc+sd-jwt"])
async def test_an_answer_in_the_other_form_is_refused_and_the_counter_says_why(
    desk: Counter, visitor: Visitor, tokens: TokenLists, asked: str
) -> None:
    request = await desk.request(visitor, envelope=asked)
    message = sd_jwts(desk, request) if asked == "json-ld" else desk.world.answer(request)
    _, told = await visitor.phone(message)
    assert (told["zh"], told["codes"]) == ("核验未通过：应答形式与请求不符", ["message.form"])
    page = await visitor.get((await visitor.state(request.challenge))["path"])
    assert page.heading == "未通过"
    assert "应答形式与请求不符" in page.text and "不是亮证消息" not in page.text
    assert not any(secret in page.text for secret in SECRETS)
    message = desk.world.answer(request) if asked == "json-ld" else sd_jwts(desk, request)
    assert (await visitor.phone(message))[1]["verified"] is True


async def test_the_lists_at_hand_name_the_token_status_list(
    desk: Counter, visitor: Visitor, tokens: TokenLists
) -> None:
    for name, content in {"a": b"eyJ.x.y", "b": b"\xd2\x84", "c": b"", "d": b"{"}.items():
        (desk.home.path / "status" / f"{name}.json").write_bytes(content)
    page = await visitor.get("/lists")
    assert "令牌状态列表" in page.text and URI in page.text
    assert "状态列表 3 份" in (await visitor.get("/")).text


async def test_the_request_uri_is_what_docs_say(desk: Counter, visitor: Visitor) -> None:
    challenge = await visitor.ask()
    async with visitor.client.get(f"/api/requests/{challenge}") as answer:
        body = await answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
    assert body["answers"] == "http://127.0.0.1/api/answers"
    assert body["request"]["challenge"] == challenge


async def test_an_answered_or_expired_request_is_gone_for_wallets(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    await visitor.phone(desk.world.answer(request))
    assert (await visitor.get(f"/api/requests/{request.challenge}")).status == 410
    other = await desk.request(visitor)
    desk.clock.advance(seconds=301)
    assert (await visitor.get(f"/api/requests/{other.challenge}")).status == 410
    assert (await visitor.get("/api/requests/nothing")).status == 404


async def test_an_answer_is_taken_by_a_form_without_any_script(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    await visitor.get(f"/requests/{request.challenge}")
    page = await visitor.submit("/answers", text="\n".join(qr.encode(desk.world.answer(request))))
    assert page.path.startswith("/results/")
    assert page.heading == "核验通过"


async def test_symbols_are_read_from_a_picture_and_verified(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    texts = qr.encode(desk.world.answer(request), capacity=1500)
    await visitor.get("/scan")
    status, body = await visitor.script("/pictures", shown(texts))
    assert status == 200
    assert sorted(json.loads(body)["texts"]) == sorted(texts)
    assert "核验通过" in await taken(visitor, "\n".join(reversed(json.loads(body)["texts"])))


async def test_the_same_again_is_refused_as_used(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    message = json.dumps(desk.world.answer(request))
    await visitor.get("/scan")
    assert "核验通过" in await taken(visitor, message)
    again = await taken(visitor, message)
    assert "未通过：已使用过" in again
    assert "一次一验" in again
    assert not any(secret in again for secret in SECRETS)


def _rename(message: dict[str, Any]) -> None:
    message["verifiablePresentation"]["verifiableCredential"][0]["credentialSubject"]["name"] = "李大明"


@pytest.mark.parametrize(
    ("edit", "code"),
    [(_rename, "proof.signature"), (lambda message: message.pop("attachments"), "portrait.missing")],
    ids=["changed name", "no portrait"],
)
async def test_what_was_changed_is_refused_without_showing_anything_personal(
    desk: Counter, visitor: Visitor, edit: Callable[[dict[str, Any]], Any], code: str
) -> None:
    request = await desk.request(visitor)
    await visitor.get("/scan")
    page = await taken(visitor, json.dumps(tampered(desk.world.answer(request), edit)))
    assert "未通过" in page
    assert code in page
    assert not any(secret in page for secret in (*SECRETS, "李大明"))
    assert "再试一次" in page


async def test_a_refused_answer_does_not_burn_the_request(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    status, told = await visitor.phone(tampered(desk.world.answer(request), _rename))
    assert status == 200
    assert told["verified"] is False
    assert told["codes"] == ["proof.signature"]
    assert not any(secret in json.dumps(told, ensure_ascii=False) for secret in SECRETS)
    page = await visitor.get(f"/requests/{request.challenge}")
    assert "上一次出示未通过" in page.text
    seen = (await visitor.state(request.challenge))["path"].removeprefix("/results/")
    assert (await visitor.state(request.challenge, seen)) == {"state": "open"}
    assert (await visitor.phone(desk.world.answer(request)))[1]["verified"] is True
    assert "path" in await visitor.state(request.challenge, seen)


async def test_an_expired_answer_is_refused(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    message = desk.world.answer(request)
    desk.clock.advance(seconds=301)
    await visitor.get("/scan")
    assert "request.expired" in await taken(visitor, json.dumps(message))
    assert "时间已到" in (await visitor.get(f"/requests/{request.challenge}")).text


async def test_a_revoked_card_is_refused(desk: Counter, visitor: Visitor) -> None:
    desk.world.lists.set["revocation"] = [94567]
    keep_lists(desk.home.path, desk.world)
    await desk.start()
    other = desk.visitor()
    request = await desk.request(other)
    assert (await other.phone(desk.world.answer(request)))[1]["codes"] == ["status.revoked"]


async def test_without_a_status_list_nothing_is_accepted(desk: Counter, visitor: Visitor) -> None:
    for path in (desk.home.path / "status").iterdir():
        path.unlink()
    request = await desk.request(visitor)
    status, told = await visitor.phone(desk.world.answer(request))
    assert (status, told["verified"]) == (200, False)
    page = await visitor.get((await visitor.state(request.challenge))["path"])
    assert page.heading == "无法判定，不予通过"


async def test_another_desk_sees_neither_the_request_nor_the_result(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    await visitor.phone(desk.world.answer(request))
    path = (await visitor.state(request.challenge))["path"]
    stranger = desk.visitor()
    await stranger.get("/")
    assert (await stranger.get(path)).status == 410
    assert (await stranger.get(f"/requests/{request.challenge}")).status == 404
    assert "王小明" not in stranger.page.text


async def test_a_result_is_forgotten_after_five_minutes(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    await visitor.phone(desk.world.answer(request))
    path = (await visitor.state(request.challenge))["path"]
    desk.clock.advance(seconds=301)
    assert (await visitor.get(path)).status == 410
    assert "结果已清除" in visitor.page.text


async def test_a_restart_keeps_the_request_and_the_result_for_its_desk(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    await desk.start()
    assert "正在等待手机应答" in (await visitor.get(f"/requests/{request.challenge}")).text
    assert (await visitor.phone(desk.world.answer(request)))[1]["verified"] is True
    path = (await visitor.state(request.challenge))["path"]
    await desk.start()
    assert (await visitor.get(path)).status == 200
    desk.clock.advance(minutes=6)
    assert (await visitor.get(path)).status == 410
    assert (await visitor.state(request.challenge)) == {"state": "used"}
    assert "此请求已完成核验" in (await visitor.get(f"/requests/{request.challenge}")).text


async def test_one_form_makes_one_request_however_often_it_is_pressed(desk: Counter, visitor: Visitor) -> None:
    page = await visitor.get("/")
    first = await visitor.submit("/requests", scenario="hotel-check-in", variant="min")
    visitor.page = page
    second = await visitor.submit("/requests", scenario="hotel-check-in", variant="min")
    assert first.path == second.path


async def test_the_day_is_counted_without_anything_personal(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    message = desk.world.answer(request)
    await visitor.phone(tampered(message, _rename))
    await visitor.phone(message)
    await visitor.phone(message)
    page = await visitor.get("/today")
    assert "旅馆入住" in page.text
    assert "一次一验" in page.text
    assert not any(secret in page.text for secret in SECRETS)
    content = b"".join(path.read_bytes() for path in desk.home.path.glob("verifier.db*"))
    assert not any(secret.encode() in content for secret in SECRETS)
    with sqlite3.connect(desk.home.path / "verifier.db") as connection:
        rows = connection.execute("SELECT result, refused, count FROM tally ORDER BY result, refused").fetchall()
    connection.close()
    assert rows == [("failed", "proof", 1), ("failed", "replay", 1), ("passed", "", 1)]
    desk.clock.advance(hours=24)
    assert "今天还没有核验" in (await visitor.get("/today")).text


async def test_nothing_personal_is_written_to_disk_or_the_log(
    desk: Counter, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    request = await desk.request(visitor, variant="law")
    assert (await visitor.phone(desk.world.answer(request)))[1]["verified"] is True
    await visitor.get((await visitor.state(request.challenge))["path"])
    for path in desk.home.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), path.name
            assert PORTRAIT not in content
    assert not any(secret in caplog.text for secret in SECRETS)


async def test_the_pages_say_how_old_the_lists_are(desk: Counter, visitor: Visitor) -> None:
    page = await visitor.get("/")
    assert "离线工作" in page.text
    assert "状态列表 2 份" in page.text
    assert "lists-bad" not in page.text
    desk.clock.advance(hours=72)
    page = await visitor.get("/")
    assert "3 天前" in page.text
    assert "lists-bad" in page.text
    desk.clock.advance(days=40)
    assert "信任列表不可用" in (await visitor.get("/")).text
    assert "所有证照都会被拒绝" in (await visitor.get("/lists")).text


async def test_scenarios_of_the_police_are_not_offered_to_a_hotel(desk: Counter, visitor: Visitor) -> None:
    page = await visitor.get("/")
    assert "限公安机关" in page.text
    refused = await visitor.submit("/requests", scenario="street-check", variant="min")
    assert refused.status == 409


async def test_every_page_speaks_english_at_a_switch(desk: Counter, visitor: Visitor) -> None:
    page = await visitor.get("/?lang=en")
    assert page.heading == "What is it for?"
    request = await desk.request(visitor)
    assert "Let the holder scan this code" in visitor.page.text
    await visitor.phone(desk.world.answer(request))
    assert (await visitor.get((await visitor.state(request.challenge))["path"])).heading == "Verified"
    for path in ("/scan", "/today", "/lists", "/tester"):
        assert 'lang="en"' in (await visitor.get(path)).text


@pytest.mark.parametrize("desk", [{"passcode": "a long passcode"}], indirect=True)
async def test_a_counter_with_a_passcode_lets_nobody_in_without_it(desk: Counter, visitor: Visitor) -> None:
    for path in ("/", "/scan", "/today", "/lists", "/tester", "/results/x", "/requests/x"):
        assert (await visitor.get(path)).path == "/enter"
    assert (await visitor.submit("/requests", scenario="hotel-check-in", variant="min")).status == 403
    await visitor.get("/enter")
    assert (await visitor.submit("/enter", passcode="wrong")).status == 403
    assert (await visitor.submit("/enter", passcode="a long passcode")).path == "/"
    challenge = await visitor.ask()
    await desk.start()
    assert (await visitor.get(f"/requests/{challenge}")).path == f"/requests/{challenge}"


@pytest.mark.parametrize("desk", [{"passcode": "a long passcode"}], indirect=True)
async def test_a_passcode_can_be_tried_five_times_a_minute(desk: Counter, visitor: Visitor) -> None:
    await visitor.get("/enter")
    statuses = [(await visitor.submit("/enter", passcode=f"wrong {n}")).status for n in range(6)]
    assert statuses == [403] * 5 + [429]


async def test_a_counter_that_others_reach_needs_a_passcode(desk: Counter) -> None:
    desk.options = {"origin": "https://hotel.cq.example"}
    with pytest.raises(ValueError, match="passcode"):
        desk.make()
    desk.options["passcode"] = "short"
    with pytest.raises(ValueError, match="8 characters"):
        desk.make()


async def test_strangers_can_not_crowd_out_a_result(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    message = desk.world.answer(request)
    assert (await visitor.phone(message))[1]["verified"] is True
    path = (await visitor.state(request.challenge))["path"]
    for _ in range(30):
        await visitor.phone(tampered(message, _rename))
        await visitor.phone({"verifiablePresentation": {"type": "VerifiablePresentation"}})
    assert (await visitor.get(path)).heading == "核验通过"
    assert "（没有对应请求）" not in (await visitor.get("/today")).text


async def test_the_counter_works_below_a_path(desk: Counter) -> None:
    desk.options = {"root": "/counter"}
    site = web.Application()
    site.add_subapp("/counter", desk.make())
    server = TestServer(site, host="127.0.0.1")
    await server.start_server()
    desk.servers.append(server)
    visitor = desk.visitor()
    await visitor.get("/counter/")
    page = await visitor.submit("/counter/requests", scenario="hotel-check-in", variant="min")
    assert page.path.startswith("/counter/requests/")
    challenge = page.path.rpartition("/")[2]
    async with visitor.client.get(f"/counter/api/requests/{challenge}") as answer:
        body = await answer.json()
    assert body["answers"] == "http://127.0.0.1/counter/api/answers"
    message = desk.world.answer(PresentationRequest.from_dict(body["request"]))
    await visitor.get("/counter/scan")
    status, told = await visitor.script("/counter/answers", json.dumps(message))
    assert status == 200
    assert (await visitor.get(json.loads(told)["path"])).heading == "核验通过"


async def test_processes_that_start_at_once_share_one_secret(desk: Counter) -> None:
    secret = (desk.home.path / "web-secret").read_bytes()
    runner = web.AppRunner(desk.make())
    await runner.setup()
    await runner.cleanup()
    assert (desk.home.path / "web-secret").read_bytes() == secret
    assert (desk.home.path / "web-secret").stat().st_mode & 0o077 == 0
    assert (desk.home.path / "counter.db").exists() is False
