"""Residents in a browser: signing in, applying, phones, and what a page must never do."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

import did
import vc
from issuer.errors import StateError
from issuer.web import Messages

from .conftest import on_each_database


async def _collect(desk: Any, visitor: Any, device: did.SoftwareKey, kind: str = "resident-identity-card") -> Any:
    """Apply in the browser and collect with a device."""
    await visitor.get("/apply")
    page = await visitor.post("/apply", {**visitor.page.fields("/apply"), "kind": kind, "department": ""})
    reference = page.path.rsplit("/", 1)[1]
    desk.world.collect(desk.world.authority.application(reference), device)
    return page


@on_each_database
async def test_a_resident_signs_in_with_a_code_and_sees_their_name(desk: Any) -> None:
    visitor = await desk.visit()
    page = await visitor.sign_in(desk.world)
    assert (page.status, page.path) == (200, "/cards")
    assert "张伟" in page.heading and desk.world.zhang_wei not in page.text


async def test_a_stranger_sees_what_a_resident_sees_until_the_code(desk: Any) -> None:
    pages = []
    for name in ("张伟", "李四"):
        visitor = await desk.visit()
        await visitor.get("/sign-in")
        page = await visitor.submit("/sign-in", name=name, number=desk.world.zhang_wei)
        pages.append((page.status, page.path, re.sub(r'value="[^"]*"', "", page.text)))
    assert pages[0] == pages[1]
    assert len(desk.world.outbox.sent) == 1
    assert (await visitor.submit("/sign-in/code", code=desk.world.outbox.sent[0].code)).status == 400


async def test_a_wrong_code_is_refused_and_the_form_stays(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.get("/sign-in")
    await visitor.submit("/sign-in", name="张伟", number=desk.world.zhang_wei)
    page = await visitor.submit("/sign-in/code", code="000000")
    assert page.status == 400 and "验证码不正确" in page.text
    assert (await visitor.submit("/sign-in/code", code=desk.world.outbox.sent[-1].code)).path == "/cards"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("", ""),
        ("张伟", ""),
        ("", "510199198502140119"),
        ("张伟", "51019919850214011X"),
        ("张伟", "abc"),
        ("张" * 61, "1" * 400),
        ("张\x00伟", "510199198502140119"),
        ("张伟", "５１０１９９１９８５０２１４０１１９"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("<script>alert(1)</script>", "{{7*7}}"),
    ],
)
async def test_bad_input_at_the_sign_in_is_explained_and_never_a_defect(desk: Any, name: str, number: str) -> None:
    visitor = await desk.visit()
    await visitor.get("/sign-in")
    page = await visitor.submit("/sign-in", name=name, number=number)
    assert page.status == 400 and 'aria-invalid="true"' in page.text
    assert "Traceback" not in page.text and "<script>alert" not in page.text and ">49<" not in page.text


async def test_signing_in_gives_the_session_another_name(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.get("/sign-in")
    before = {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}["lz_issuer"]
    await visitor.submit("/sign-in", name="张伟", number=desk.world.zhang_wei)
    await visitor.submit("/sign-in/code", code=desk.world.outbox.sent[-1].code)
    after = {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}["lz_issuer"]
    assert before != after
    thief = await desk.visit()
    page = await thief.get("/cards", headers={"Cookie": f"lz_issuer={before}"})
    assert page.path == "/sign-in"


async def test_signing_out_ends_the_session_on_the_server(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    cookie = {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}["lz_issuer"]
    page = await visitor.submit("/sign-out")
    assert page.path == "/" and "已退出" in page.text
    thief = await desk.visit()
    assert (await thief.get("/cards", headers={"Cookie": f"lz_issuer={cookie}"})).path == "/sign-in"


async def test_a_session_ends_after_half_an_hour_without_use(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    desk.world.clock.forward(minutes=29)
    assert (await visitor.get("/cards")).path == "/cards"
    desk.world.clock.forward(minutes=31)
    assert (await visitor.get("/cards")).path == "/sign-in"


@pytest.mark.parametrize("path", ["/cards", "/cards/ABC", "/apply", "/applications", "/applications/x", "/phones"])
async def test_pages_of_residents_ask_strangers_to_sign_in(desk: Any, path: str) -> None:
    visitor = await desk.visit()
    assert (await visitor.get(path)).path == "/sign-in"


async def test_cards_are_shown_by_kind_and_by_department(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    page = await visitor.get("/apply")
    assert "人口管理" in page.text and "居民身份证" in page.text and "申领本部门全部（3 种）" in page.text
    assert page.text.index("居民身份证") < page.text.index("机动车驾驶证")
    page = await visitor.post("/apply", {**page.fields("/apply"), "kind": "", "department": "population"})
    assert page.path.startswith("/applications/") and "居民户口簿（户）" in page.text


@pytest.mark.parametrize("kind", ["", "passport", "../..", "resident-identity-card\x00", "x" * 500])
async def test_an_unknown_kind_is_refused_in_words(desk: Any, kind: str) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    await visitor.get("/apply")
    page = await visitor.post("/apply", {**visitor.page.fields("/apply"), "kind": kind, "department": ""})
    assert page.path == "/apply" and page.status == 200 and any("不签发" in notice for notice in page.notices)


async def test_a_double_click_applies_once(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    await visitor.get("/apply")
    fields = {**visitor.page.fields("/apply"), "kind": "resident-identity-card", "department": ""}
    before = desk.world.authority.counts()["applications"]

    async def press() -> str:
        async with visitor.client.post("/apply", data=fields, allow_redirects=False) as answer:
            return str(answer.headers["Location"])

    first, second, third = await asyncio.gather(press(), press(), press())
    assert first == second == third
    assert desk.world.authority.counts()["applications"] == before + 1


async def test_the_offer_is_a_symbol_and_a_link_that_ends_when_collected(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    page = await _collect(desk, visitor, did.generate("P-256"))
    assert "<svg" in page.text and 'class="symbol" role="img"' in page.text
    offer = f"/offers/{page.path.rsplit('/', 1)[1]}"
    assert offer in page.text
    after = await visitor.get(page.path)
    assert "证照已签发" in after.text and offer not in after.text
    assert (await visitor.get(offer)).status == 410
    async with visitor.client.get(page.path + "/state") as state:
        assert await state.json() == {"state": "issued"}


async def test_a_card_is_drawn_front_and_back_with_its_portrait(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    await _collect(desk, visitor, did.generate("P-256"))
    page = await visitor.get("/cards")
    assert "card-identity card-front" in page.text and "card-back" not in page.text
    page = await visitor.get(page.link(r"^/cards/[A-Z0-9]+$"))
    assert "card-front" in page.text and "card-back" in page.text and 'src="/portrait"' in page.text
    assert "1985 年 2 月 14 日" in page.text and "2020.05.01-2040.05.01" in page.text
    async with visitor.client.get("/portrait") as portrait:
        assert await portrait.read() == desk.world.jpeg and portrait.headers["Cache-Control"] == "no-store"


async def test_nobody_sees_another_resident_s_card_application_or_phone(desk: Any) -> None:
    owner, other = await desk.visit(), await desk.visit()
    await owner.sign_in(desk.world)
    application = await _collect(desk, owner, did.generate("P-256"))
    card = (await owner.get("/cards")).link(r"^/cards/[A-Z0-9]+$")
    lost = (await owner.get("/phones")).action("/lost$")
    await other.sign_in(desk.world, "李娜", desk.world.li_na)
    assert (await other.get(card)).status == 404
    assert (await other.get(application.path)).status == 404
    await other.get("/apply")
    fields = other.page.fields("/apply")
    assert (await other.post(lost, fields)).status == 404
    assert (await other.post(card + "/update", fields)).status == 404
    assert {device.state for device in _devices(desk)} == {"active"}


def _devices(desk: Any) -> Any:
    from sqlalchemy import select

    from issuer.tables import Device

    with desk.world.authority.database.reading() as session:
        return list(session.scalars(select(Device)))


@on_each_database
async def test_a_lost_phone_suspends_every_card_at_once_in_the_published_list(desk: Any) -> None:
    visitor, device = await desk.visit(), did.generate("P-256")
    await visitor.sign_in(desk.world)
    await _collect(desk, visitor, device)
    await _collect(desk, visitor, device, "household-member")
    async with visitor.client.get("/status/suspension/1") as before:
        tag = before.headers["ETag"]
    await visitor.get("/phones")
    page = await visitor.submit(visitor.page.action("/lost$"))
    assert "2 张证照已立即暂停" in page.text
    desk.world.clock.now += desk.world.authority.status_lists.interval
    async with visitor.client.get("/status/suspension/1", headers={"If-None-Match": tag}) as after:
        assert after.status == 200
        encoded = (await after.json(content_type=None))["credentialSubject"]["encodedList"]
    from vc.status import StatusList

    assert len(list(StatusList.decode(encoded).items())) == 2
    assert "card-is-suspended" in (await visitor.get("/cards")).text


@on_each_database
async def test_a_new_phone_ends_the_old_one_when_its_cards_are_issued_not_before(desk: Any) -> None:
    visitor, old, new = await desk.visit(), did.generate("P-256"), did.generate("P-256")
    await visitor.sign_in(desk.world)
    await _collect(desk, visitor, old)
    await visitor.get("/phones")
    page = await visitor.submit(visitor.page.action("/replace$"))
    assert page.heading == "换领到新手机"
    reference = page.path.rsplit("/", 1)[1]
    authority, now = desk.world.authority, desk.world.clock.now
    assert [view.state for view in authority.credentials(device=old.did)] == ["active"]
    view = authority.challenge(reference)
    with pytest.raises(StateError, match=r"device\.same"):
        authority.issue(reference, vc.present([], old, challenge=view.challenge, domain=view.domain, now=now))
    assert [view.state for view in authority.credentials(device=old.did)] == ["active"]
    desk.world.collect(authority.application(reference), new)
    assert [view.state for view in authority.credentials(device=old.did)] == ["revoked"]
    assert [view.state for view in authority.credentials(device=new.did)] == ["active"]
    page = await visitor.get("/phones")
    assert "已注销" in page.text and "使用中" in page.text


async def test_an_update_tells_what_it_did(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    await _collect(desk, visitor, did.generate("P-256"))
    card = (await visitor.get("/cards")).link(r"^/cards/[A-Z0-9]+$")
    await visitor.get(card)
    assert "没有变化" in (await visitor.submit(card + "/update")).text
    row = {**desk.world.family[0], "户籍住址": "四川省成都市锦江区示例路2号"}
    desk.world.import_rows(row)
    await visitor.get(card)
    assert "已生成新版本" in (await visitor.submit(card + "/update")).text
    assert "示例路2号" in (await visitor.get("/cards")).text


async def test_a_session_survives_a_restart_of_the_server(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    await visitor.get("/apply")
    fields = {**visitor.page.fields("/apply"), "kind": "resident-identity-card", "department": ""}
    port = visitor.client.port
    await desk.restart()
    other = await desk.visit()
    other.client.session.cookie_jar.update_cookies(
        {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}
    )
    assert other.client.port == port
    assert (await other.post("/apply", fields)).path.startswith("/applications/")


@pytest.mark.parametrize("desk", [{"sessions": None, "secret": None}], indirect=True)
async def test_without_kept_sessions_a_restart_asks_to_sign_in_again(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    await visitor.get("/apply")
    fields = {**visitor.page.fields("/apply"), "kind": "resident-identity-card", "department": ""}
    await desk.restart()
    other = await desk.visit()
    other.client.session.cookie_jar.update_cookies(
        {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}
    )
    page = await other.post("/apply", fields)
    assert page.status == 403 and "页面已失效" in page.text
    assert (await other.get("/cards")).path == "/sign-in"


async def test_the_back_button_after_signing_out_shows_nothing_kept(desk: Any) -> None:
    visitor = await desk.visit()
    page = await visitor.sign_in(desk.world)
    assert page.headers["Cache-Control"] == "no-store"
    old = (await visitor.get("/apply")).fields("/apply")
    await visitor.submit("/sign-out")
    page = await visitor.post("/apply", {**old, "kind": "resident-identity-card"})
    assert page.status == 403 and desk.world.authority.counts()["applications"] == 1


async def test_names_from_the_register_are_text_never_markup(desk: Any) -> None:
    evil = '<img src=x onerror="alert(1)">'
    desk.world.authority.act("test", lambda act: act.session.execute(_rename(desk.world.zhang_wei, evil)) and None)
    visitor = await desk.visit()
    page = await visitor.sign_in(desk.world, evil)
    assert "<img src=x" not in page.text and "&lt;img src=x" in page.text
    await _collect(desk, visitor, did.generate("P-256"))
    page = await visitor.get("/cards")
    assert "<img src=x" not in page.text
    officer = await desk.visit()
    await officer.sign_in_officer()
    await officer.get("/desk/register")
    page = await officer.submit("/desk/register", words="<img")
    assert "<img src=x" not in page.text and "找到 1 人" in page.text
    page = await officer.get(page.link("^/desk/people/"))
    assert "<img src=x" not in page.text and "&lt;img src=x" in page.text


def _rename(number: str, name: str) -> Any:
    from sqlalchemy import update

    from issuer.tables import Person

    return update(Person).where(Person.citizen_identity_number == number).values(name=name)


async def test_too_many_sign_ins_wait(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.get("/sign-in")
    fields = visitor.page.fields("/sign-in")
    statuses = []
    for attempt in range(12):
        page = await visitor.post("/sign-in", {**fields, "name": "李四", "number": "abc", "form": str(attempt)})
        statuses.append(page.status)
    assert statuses[:10] == [400] * 10 and statuses[10:] == [429, 429]
    assert int(page.headers["Retry-After"]) > 0 and "请" in page.text


async def test_simulated_messages_exist_for_demonstrations_only(desk: Any) -> None:
    visitor = await desk.visit()
    assert (await visitor.get("/demo/messages")).status == 404
    assert "模拟短信" not in (await visitor.get("/sign-in")).text


@pytest.mark.parametrize("desk", [{"messages": Messages()}], indirect=True)
async def test_a_demonstration_shows_the_codes_on_a_page(desk: Any) -> None:
    desk.messages.deliver(_delivery(desk))
    visitor = await desk.visit()
    page = await visitor.get("/demo/messages")
    assert "仅供演示" in page.text and "123456" in page.text
    assert "模拟短信" in (await visitor.get("/sign-in")).text


def _delivery(desk: Any) -> Any:
    from issuer.proofing import CodeDelivery

    return CodeDelivery("ref", "13800000001", "123456", desk.world.clock.now)


async def test_every_page_speaks_english_at_a_switch(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.sign_in(desk.world)
    page = await visitor.get("/apply?lang=en")
    assert page.path == "/apply" and '<html lang="en">' in page.text and page.heading == "Apply for licences"
    assert "Resident identity card" in (await visitor.get("/apply")).text
