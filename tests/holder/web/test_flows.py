"""The wallet's flows: make it, open it, collect, present, look back, update, lock, erase."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from did import generate
from vc import qr

from ..conftest import Clock
from .conftest import PIN, CounterSide, IssuerSide, Phone

CONSENT = {"pin": PIN}


async def test_a_new_wallet_is_made_with_the_browsers_key_and_a_pin(phone: Phone) -> None:
    assert 'data-when="no-key"' in await phone.get("/")
    assert "卡包已建立" in await phone.start()
    assert "卡包里还没有证照" in phone.page
    assert phone.key.did in await phone.get("/more")


async def test_cards_are_collected_and_shown_as_cards(stocked_phone: Phone, issuer: IssuerSide) -> None:
    assert "已领取 3 张证照" in stocked_phone.page
    assert issuer.given == [stocked_phone.key.did]
    page = await stocked_phone.get("/")
    assert page.count('class="card-link"') == 3
    card = re.search(r'href="(/cards/[0-9a-f]+)"', page)
    assert card is not None
    shown = await stocked_phone.get(card[1])
    assert "王小明" in shown
    assert "data:image/jpeg;base64," in shown
    assert "card-back" in shown


async def test_a_request_is_considered_agreed_to_signed_and_shown(stocked_phone: Phone, counter: CounterSide) -> None:
    page = await stocked_phone.ask(json.dumps(counter.document()))
    assert stocked_phone.path.startswith("/consent/")
    assert "重庆样例酒店" in page
    assert "王小明" in page
    assert "510199" not in page
    page = await stocked_phone.agree()
    assert "正在用本机密钥签名" in page
    page = await stocked_phone.sign()
    assert stocked_phone.path.startswith("/show/")
    assert "5:00" in page
    svg = await stocked_phone.get(f"{stocked_phone.path}/1.svg")
    assert svg.startswith("<svg")


async def test_the_consent_page_warns_that_nobody_vouches_for_the_asker(
    stocked_phone: Phone, counter: CounterSide
) -> None:
    page = await stocked_phone.ask(json.dumps(counter.document()))
    warning = '<p class="notice notice-warn" role="alert">没有人为这个名称担保：任何人都可以自称任何单位。'
    assert page.count(warning) == 1
    assert page.index(warning) < page.index("重庆样例酒店")
    assert "人民警察证" not in page
    counter.scenario = "street-check"
    page = await stocked_phone.ask(json.dumps(counter.document()))
    assert warning in page
    assert "对方自称警察，本机无法核实：请先查看对方的人民警察证。" in page
    page = await stocked_phone.get(stocked_phone.path + "?lang=en")
    assert "Nobody vouches for this name" in page
    assert "ask to see their police identity card" in page


async def test_a_request_by_its_address_is_answered_there_with_the_portrait(
    stocked_phone: Phone, counter: CounterSide
) -> None:
    page = await stocked_phone.ask(counter.uri)
    assert "将直接发送至" in page
    await stocked_phone.agree()
    page = await stocked_phone.sign()
    assert "核验通过" in page
    assert len(counter.received) == 1
    assert counter.received[0]["attachments"]
    assert "核验通过" in await stocked_phone.get("/log")


async def test_cards_are_collected_and_shown_as_sd_jwts_too(
    phone: Phone, issuer: IssuerSide, counter: CounterSide
) -> None:
    issuer.envelopes = ("dc+sd-jwt",)
    await phone.start()
    await phone.collect(issuer.offer)
    counter.scenario, counter.envelope = "property-registration", "dc+sd-jwt"
    page = await phone.ask(counter.uri)
    assert "签发机关的签名（可关联各次出示）" in page
    await phone.agree()
    signed = 0
    while "data-signs" in phone.page:  # once for each card
        page, signed = await phone.sign(), signed + 1
    assert "核验通过" in page
    (body,) = counter.received
    assert signed == len(body["sdJwts"]) > 1

    counter.scenario, counter.challenge = "hotel-check-in", "n3Kx8pQ0vT5yR2mX"
    await phone.ask(json.dumps(counter.document()))
    await phone.agree()
    await phone.sign()
    assert phone.path.startswith("/show/") and "5:00" in phone.page


async def test_a_wrong_signature_on_one_of_several_cards_shows_nothing(
    phone: Phone, issuer: IssuerSide, counter: CounterSide
) -> None:
    issuer.envelopes = ("dc+sd-jwt",)
    await phone.start()
    await phone.collect(issuer.offer)
    counter.scenario, counter.envelope = "property-registration", "dc+sd-jwt"
    await phone.ask(counter.uri)
    await phone.agree()
    await phone.sign(generate("P-256"))
    while "data-signs" in phone.page:
        await phone.sign()
    assert "未出示任何信息" in phone.page
    assert counter.received == []


async def test_cards_without_that_form_are_not_asked_for_consent(stocked_phone: Phone, counter: CounterSide) -> None:
    counter.envelope = "dc+sd-jwt"
    await stocked_phone.ask(json.dumps(counter.document()))
    assert "/consent/" not in stocked_phone.path
    assert stocked_phone.status == 400


async def test_sensitive_claims_need_a_tick_each(stocked_phone: Phone, counter: CounterSide) -> None:
    counter.variant = "law"
    page = await stocked_phone.ask(counter.uri)
    path = stocked_phone.path
    ticks = re.findall(r'<input type="checkbox" name="(show\.[^"]+)"[^>]* required', page)
    assert ticks
    page = await stocked_phone.post(path, CONSENT)
    assert stocked_phone.status == 400
    assert "需逐项同意" in page
    await stocked_phone.post(path, CONSENT | dict.fromkeys(ticks[1:], "on"))
    assert stocked_phone.status == 400
    assert counter.received == []
    await stocked_phone.post(path, CONSENT | dict.fromkeys(ticks, "on"))
    assert "核验通过" in await stocked_phone.sign()


async def test_an_optional_claim_stays_here_unless_it_is_ticked(stocked_phone: Phone, counter: CounterSide) -> None:
    for ticked in (False, True):
        await stocked_phone.ask(counter.uri)
        await stocked_phone.agree(*(["show.card/ageOver18"] if ticked else []))
        await stocked_phone.sign()
        credential = counter.received[-1]["verifiablePresentation"]["verifiableCredential"][0]
        assert ("ageOver18" in credential["credentialSubject"]) is ticked


async def test_what_is_declined_does_not_leave_and_the_log_says_so(stocked_phone: Phone, counter: CounterSide) -> None:
    await stocked_phone.ask(counter.uri)
    await stocked_phone.post(f"{stocked_phone.path}/decline")
    assert "未出示任何信息" in stocked_phone.page
    assert counter.received == []
    assert "拒绝出示" in await stocked_phone.get("/log")


async def test_symbols_are_refused_when_their_time_is_over(
    stocked_phone: Phone, counter: CounterSide, clock: Clock
) -> None:
    await stocked_phone.ask("\n".join(qr.encode(counter.document(), capacity=500)))
    await stocked_phone.agree()
    await stocked_phone.sign()
    path = stocked_phone.path
    clock.advance(seconds=299)
    await stocked_phone.get(path)
    assert (stocked_phone.status, "0:01" in stocked_phone.page) == (200, True)
    await stocked_phone.get(f"{path}/1.svg")
    assert stocked_phone.status == 200
    clock.advance(seconds=1)
    for late in (path, f"{path}/1.svg"):
        await stocked_phone.get(late)
        assert stocked_phone.status == 410
        assert "<path" not in stocked_phone.page


async def test_a_shown_presentation_is_forgotten_when_done(stocked_phone: Phone, counter: CounterSide) -> None:
    await stocked_phone.ask(json.dumps(counter.document()))
    await stocked_phone.agree()
    await stocked_phone.sign()
    path = stocked_phone.path
    await stocked_phone.post(f"{path}/end")
    await stocked_phone.get(f"{path}/1.svg")
    assert stocked_phone.status == 404


async def test_a_counter_out_of_reach_gets_the_symbol_instead(stocked_phone: Phone, counter: CounterSide) -> None:
    counter.answers["answer"] = {"verified": "perhaps"}
    await stocked_phone.ask(counter.uri)
    await stocked_phone.agree()
    assert "未能直接发送" in await stocked_phone.sign()
    await stocked_phone.get(f"{stocked_phone.path}/1.svg")
    assert stocked_phone.status == 200


async def test_wrong_pins_lock_the_wallet_with_growing_waits(phone: Phone, clock: Clock) -> None:
    await phone.start()
    await phone.post("/lock")
    for left in (4, 3, 2, 1):
        assert f"还可尝试 {left} 次" in await phone.open("402918")
    assert "15 分钟后" in await phone.open("402918")
    assert "15 分钟后" in await phone.open()
    clock.advance(minutes=15, seconds=1)
    assert "30 分钟后" in await phone.open("402918")
    clock.advance(minutes=30, seconds=1)
    assert "卡包里还没有证照" in await phone.open()


async def test_wrong_pins_at_the_consent_count_as_well(stocked_phone: Phone, counter: CounterSide) -> None:
    await stocked_phone.ask(counter.uri)
    for _ in range(4):
        assert "还可尝试" in await stocked_phone.agree(pin="402918")
    assert "15 分钟后" in await stocked_phone.agree(pin="402918")
    assert "15 分钟后" in await stocked_phone.agree()
    assert counter.received == []


async def test_who_does_not_hold_the_key_gets_no_try(phone: Phone, phones: Callable[..., Phone]) -> None:
    await phone.start()
    thief = phones()
    await thief.get("/")
    jwk = phone.key.public_key.to_jwk()
    for _ in range(12):
        await thief.post("/open", {"key": f"{jwk['x']}.{jwk['y']}", "signature": "AA", "pin": "402918"})
        assert thief.status == 403
        await thief.get("/")
    await phone.post("/lock")
    assert "卡包里还没有证照" in await phone.open()


async def test_a_signature_by_another_key_releases_nothing(stocked_phone: Phone, counter: CounterSide) -> None:
    await stocked_phone.ask(counter.uri)
    await stocked_phone.agree()
    page = await stocked_phone.sign(generate("P-256"))
    assert "设备签名无效" in page
    assert counter.received == []


async def test_the_same_step_twice_is_done_once(stocked_phone: Phone, counter: CounterSide) -> None:
    await stocked_phone.ask(counter.uri)
    consent, page = stocked_phone.path, stocked_phone.page
    await stocked_phone.agree()
    signing, sign_page = stocked_phone.path, stocked_phone.page
    stocked_phone.page, stocked_phone.path = page, consent
    await stocked_phone.agree()
    assert stocked_phone.path == signing
    await stocked_phone.sign()
    shown = stocked_phone.path
    stocked_phone.page, stocked_phone.path = sign_page, signing
    await stocked_phone.sign()
    assert stocked_phone.path == shown
    assert len(counter.received) == 1


async def test_updates_replace_a_card_and_show_its_state(stocked_phone: Phone, issuer: IssuerSide) -> None:
    for result, told in (("unchanged", "没有新的证照"), ("changed", "已更新 1 张"), ("unchanged", "没有新的证照")):
        issuer.updates = result
        page = await stocked_phone.get("/update")
        card = re.search(r'name="card" value="([0-9a-f]+)"', page)
        assert card is not None
        await stocked_phone.post("/update", {"card": card[1], "pin": PIN})
        assert told in await stocked_phone.sign()
    assert (await stocked_phone.get("/")).count('class="card-link"') == 3


async def test_a_suspended_card_is_shown_as_such(stocked_phone: Phone, issuer: IssuerSide) -> None:
    issuer.updates = "suspended"
    card = re.search(r'name="card" value="([0-9a-f]+)"', await stocked_phone.get("/update"))
    assert card is not None
    await stocked_phone.post("/update", {"card": card[1], "pin": PIN})
    page = await stocked_phone.sign()
    assert "已被签发机关暂停" in page
    assert "card-is-suspended" in page


async def test_the_pin_is_changed_and_only_the_new_one_opens(phone: Phone) -> None:
    await phone.start()
    await phone.get("/pin")
    assert "密码已修改" in await phone.post("/pin", {"old": PIN, "pin": "592713", "again": "592713"})
    await phone.post("/lock")
    assert "密码错误" in await phone.open()
    assert "卡包里还没有证照" in await phone.open("592713")


async def test_a_wallet_locks_itself_when_nobody_uses_it(stocked_phone: Phone, clock: Clock) -> None:
    clock.advance(minutes=11)
    page = await stocked_phone.get("/log")
    assert "已自动锁定" in page
    assert "王小明" not in page
    assert "已自动锁定" not in await stocked_phone.open()


async def test_a_link_from_outside_leads_on_after_the_pin(
    phone: Phone, issuer: IssuerSide, counter: CounterSide
) -> None:
    await phone.start()
    await phone.post("/lock")
    await phone.get(f"/add?offer={issuer.offer}")
    assert issuer.offer in await phone.signed("/open", "open", {"pin": PIN})
    await phone.post("/lock")
    await phone.get(f"/scan?request={counter.uri}")
    assert counter.uri in await phone.signed("/open", "open", {"pin": PIN})


async def test_an_offer_that_was_scanned_leads_to_collecting(phone: Phone, issuer: IssuerSide) -> None:
    await phone.start()
    assert issuer.offer in await phone.ask(issuer.offer)
    assert phone.path == "/add"


async def test_erasing_takes_the_wallet_and_begins_anew(stocked_phone: Phone) -> None:
    await stocked_phone.get("/forgot")
    assert "data-forget-key" in await stocked_phone.signed("/erase", "erase", {})
    await stocked_phone.get("/")
    assert "服务器上没有本机的卡包" in await stocked_phone.open()
    assert "卡包里还没有证照" in await stocked_phone.start()


async def test_a_card_is_removed(stocked_phone: Phone) -> None:
    card = re.search(r'href="(/cards/[0-9a-f]+)"', await stocked_phone.get("/"))
    assert card is not None
    await stocked_phone.get(card[1])
    await stocked_phone.post(f"{card[1]}/remove")
    assert stocked_phone.page.count('class="card-link"') == 2
    await stocked_phone.get(card[1])
    assert stocked_phone.status == 404


async def test_records_are_exported_and_erased(stocked_phone: Phone) -> None:
    exported = json.loads(await stocked_phone.get("/log/export"))
    assert [entry["event"] for entry in exported["entries"]][:2] == ["created", "possession-proved"]
    await stocked_phone.get("/log")
    assert "清除使用记录" in await stocked_phone.post("/log/erase")


async def test_two_phones_do_not_see_each_other(stocked_phone: Phone, phones: Callable[..., Phone]) -> None:
    other = phones()
    await other.start()
    assert "卡包里还没有证照" in await other.get("/")
    card = re.search(r'href="(/cards/[0-9a-f]+)"', await stocked_phone.get("/"))
    assert card is not None
    await other.get(card[1])
    assert other.status == 404


async def test_chosen_claims_are_shown_without_a_request(stocked_phone: Phone, clock: Clock) -> None:
    card = re.search(r'href="(/cards/[0-9a-f]+)"', await stocked_phone.get("/"))
    assert card is not None
    await stocked_phone.get(f"{card[1]}/show")
    ticked = {"show.name": "on", "show.ageOver18": "on"}
    assert "还可尝试" in await stocked_phone.post(f"{card[1]}/show", {**ticked, "pin": "402918"})
    assert stocked_phone.page.count(" checked>") == 2
    await stocked_phone.post(f"{card[1]}/show", {**ticked, "pin": PIN})
    page = await stocked_phone.sign()
    assert "自行出示" in page
    assert "姓名、已满18周岁" in page
    clock.advance(seconds=300)
    await stocked_phone.get(f"{stocked_phone.path}/1.svg")
    assert stocked_phone.status == 410
    assert "自行出示" in await stocked_phone.get("/log")
    await stocked_phone.get(f"{card[1]}/show")
    for wrong in ("show.nothing", "show.issuingProvince", "show."):
        await stocked_phone.post(f"{card[1]}/show", {wrong: "on", "pin": PIN})
        assert stocked_phone.status == 400
        await stocked_phone.get(f"{card[1]}/show")
    await stocked_phone.get("/cards/nothing/show")
    assert stocked_phone.status == 404
