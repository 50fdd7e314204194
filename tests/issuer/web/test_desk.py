"""Officers in a browser: roles, the register, cards and phones, the audit log."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

import did
from issuer.columns import columns
from issuer.errors import ProofingError, RateLimitError, StateError
from issuer.officers import Officers, Role
from issuer.register import facts
from issuer.tables import Person
from vc.cards import CARDS
from vc.cards.model import claims_from_record

from .conftest import on_each_database

# The head of the household comes into the register last: Zhang Wei is person 3.
ROLES = {
    "/desk": {"clerk", "boss", "aud"},
    "/desk/register": {"clerk", "boss"},
    "/desk/people/3": {"clerk", "boss"},
    "/desk/people/3/correct": {"clerk", "boss"},
    "/desk/people/3/portrait": {"clerk", "boss"},
    "/desk/applications": {"clerk", "boss"},
    "/desk/audit": {"boss", "aud"},
}


def _events(desk: Any) -> list[tuple[str, str]]:
    return [(entry["actor"], entry["event"]) for entry in desk.world.authority.audit_entries(limit=100)]


async def _officer(desk: Any, username: str = "boss") -> Any:
    visitor = await desk.visit()
    assert (await visitor.sign_in_officer(username)).path == "/desk"
    return visitor


@pytest.mark.parametrize("username", ["clerk", "boss", "aud"])
async def test_each_role_sees_its_pages_and_no_others(desk: Any, username: str) -> None:
    visitor = await _officer(desk, username)
    seen = {path: (await visitor.get(path)).status for path in ROLES}
    assert seen == {path: 200 if username in roles else 403 for path, roles in ROLES.items()}


@pytest.mark.parametrize("path", ROLES)
async def test_strangers_and_residents_are_sent_to_the_officers_sign_in(desk: Any, path: str) -> None:
    stranger, resident = await desk.visit(), await desk.visit()
    assert (await stranger.get(path)).path == "/desk/sign-in"
    await resident.sign_in(desk.world)
    assert (await resident.get(path)).path == "/desk/sign-in"


async def test_a_clerk_may_suspend_but_not_revoke(desk: Any) -> None:
    [card] = desk.world.issue(did.generate("P-256"))
    visitor = await _officer(desk, "clerk")
    page = await visitor.get("/desk/people/3")
    assert "/revoke" not in page.text and "/life-status" not in page.text
    fields = {**page.fields(f"/desk/cards/{card.reference}/suspend"), "reason": "authority-decision"}
    assert (await visitor.post(f"/desk/cards/{card.reference}/revoke", fields)).status == 403
    assert (await visitor.post("/desk/people/3/life-status", {**fields, "status": "deceased"})).status == 403
    assert desk.world.authority.credential(card.reference).state == "active"
    page = await visitor.post(f"/desk/cards/{card.reference}/suspend", fields)
    assert "证照已暂停" in page.text and desk.world.authority.credential(card.reference).state == "suspended"
    assert ("officer:clerk", "credential.suspended") in _events(desk)


@on_each_database
async def test_suspend_resume_and_revoke_are_in_the_log_under_the_officer_s_name(desk: Any) -> None:
    [card] = desk.world.issue(did.generate("P-256"))
    visitor = await _officer(desk)
    base = f"/desk/cards/{card.reference}"
    await visitor.get("/desk/people/3")
    await visitor.submit(f"{base}/suspend", reason="holder-request")
    page = await visitor.submit(f"{base}/resume")
    assert "已解除暂停" in page.text
    page = await visitor.submit(f"{base}/revoke", reason="authority-decision")
    assert "证照已吊销" in page.text and "机关决定" in page.text
    found = [event for actor, event in _events(desk) if actor == "officer:boss"]
    assert [event for event in found if event.startswith("credential.")] == [
        "credential.suspended",
        "credential.resumed",
        "credential.revoked",
    ]


@pytest.mark.parametrize("reason", ["", "because", "superseded\x00", "device-lost'--", "x" * 300])
async def test_a_reason_that_is_not_listed_changes_nothing(desk: Any, reason: str) -> None:
    [card] = desk.world.issue(did.generate("P-256"))
    visitor = await _officer(desk)
    await visitor.get("/desk/people/3")
    page = await visitor.submit(f"/desk/cards/{card.reference}/revoke", reason=reason)
    assert page.path == "/desk/people/3" and any("原因须为" in notice for notice in page.notices)
    assert desk.world.authority.credential(card.reference).state == "active"


@on_each_database
async def test_people_are_found_by_number_or_name_and_what_was_looked_for_is_in_no_url_or_log(desk: Any) -> None:
    visitor = await _officer(desk)
    await visitor.get("/desk/register")
    page = await visitor.submit("/desk/register", words="张")
    assert page.path == "/desk/register" and "找到 2 人" in page.text
    page = await visitor.submit("/desk/register", words=desk.world.li_na.lower())
    assert "找到 1 人" in page.text and "李娜" in page.text
    for words in ("%", "_", "' OR '1'='1", "张%", "\\"):
        assert "找到 0 人" in (await visitor.submit("/desk/register", words=words)).text
    log = str(desk.world.authority.audit_entries(limit=100))
    assert ("officer:boss", "register.searched") in _events(desk)
    assert "李娜" not in log and desk.world.li_na not in log


async def test_looking_at_a_person_is_noted(desk: Any) -> None:
    visitor = await _officer(desk, "clerk")
    page = await visitor.get("/desk/people/3")
    assert "张伟" in page.heading and "四川省成都市锦江区示例路1号" in page.text
    assert ("officer:clerk", "register.viewed") in _events(desk)
    assert (await visitor.get("/desk/people/999")).status == 404
    assert (await visitor.get("/desk/people/0x1")).status == 404
    assert (await visitor.get("/desk/people/999999999999")).status == 404


@on_each_database
async def test_a_correction_is_checked_as_an_import_is_and_names_facts_not_values_in_the_log(desk: Any) -> None:
    visitor = await _officer(desk, "clerk")
    await visitor.get("/desk/people/3/correct")
    bad = {"fact.birth_date": "1999-13-40", "fact.registered_address": "四川省成都市锦江区新路9号"}
    page = await visitor.submit("/desk/people/3/correct", **bad)
    assert page.status == 400 and "登记未变" in page.text and "1999-13-40" in page.text
    page = await visitor.submit("/desk/people/3/correct", **{**bad, "fact.birth_date": "1985-02-14"})
    assert page.path == "/desk/people/3" and "已更正 1 项" in page.text and "新路9号" in page.text
    [entry] = [e for e in desk.world.authority.audit_entries(limit=100) if e["event"] == "register.corrected"]
    assert (entry["actor"], entry["details"]) == ("officer:clerk", {"facts": ["registered_address"]})


@pytest.mark.parametrize(
    "fields",
    [
        {"fact.sex": "2"},
        {"fact.ethnic_group": "火星"},
        {"fact.name": "<b>x</b>"},
        {"fact.card_valid_until": "2000-01-01"},
        {"fact.registered_division": "510199"},
        {"fact.registered_address": "=cmd|' /C calc'!A0"},
        {"fact.household_issue_date": "yesterday"},
    ],
)
async def test_a_bad_correction_changes_nothing(desk: Any, fields: dict[str, str]) -> None:
    visitor = await _officer(desk)
    before = (await visitor.get("/desk/people/3/correct")).fields("/desk/people/3/correct")
    page = await visitor.submit("/desk/people/3/correct", **fields)
    assert page.status == 400 and "Traceback" not in page.text and "<b>x</b>" not in page.text
    after = (await visitor.get("/desk/people/3/correct")).fields("/desk/people/3/correct")
    assert {k: v for k, v in after.items() if k[:5] == "fact."} == {k: v for k, v in before.items() if k[:5] == "fact."}


# Li Na comes into the register first.
LI_NA = "/desk/people/1"
PARTS = {
    "person": {"fact.name": "李娜娜", "fact.registered_address": "四川省成都市锦江区新路9号"},
    "household": {"fact.registration_authority": "成都市公安局锦江区分局新派出所"},
    "permit": {"fact.residence_address": "四川省成都市武侯区新街3号"},
    "facts": {"fact.workplace": "示例公司"},
    "driving-licence": {"fact.driving_classes": "C1、E"},
    "vehicle-licence": {"fact.plate_number": "川A·Z9999"},
    "security-guard-certificate": {"fact.guard_employer": "新示例保安公司"},
    "blasting-operator-permit": {"fact.blasting_valid_until": "2029-02-28"},
}


def _held(desk: Any) -> dict[str, Any]:
    """What the register has for every card of Li Na: card type -> claims."""
    with desk.world.authority.database.reading() as session:
        person = session.get(Person, 1)
        return {card.type: claims_from_record(card, facts(person, card)) for card in CARDS.values()}


async def _corrected(visitor: Any, part: str, **fields: str) -> Any:
    await visitor.get(f"{LI_NA}/correct/{part}")
    return await visitor.submit(f"{LI_NA}/correct/{part}", **{f"fact.{fact}": text for fact, text in fields.items()})


@on_each_database
async def test_an_entry_with_the_facts_of_every_card_is_corrected_part_by_part(desk: Any) -> None:
    desk.world.license_li_na()
    before = _held(desk)
    visitor = await _officer(desk, "clerk")
    for part, fields in PARTS.items():
        await visitor.get(f"{LI_NA}/correct/{part}")
        page = await visitor.submit(f"{LI_NA}/correct/{part}", **fields)
        assert (page.status, page.path, page.notices) == (200, LI_NA, [f"已更正 {len(fields)} 项登记信息"])
    entries = desk.world.authority.audit_entries(limit=100)
    noted = [entry["details"] for entry in entries if entry["event"] == "register.corrected"]
    assert noted == [{"facts": sorted(name[5:] for name in fields)} for fields in PARTS.values()]
    after = _held(desk)
    changed = {
        (card, term) for card, claims in after.items() for term in claims if before[card].get(term) != claims[term]
    }
    assert {term for _, term in changed} == {
        "name", "address", "registeredAddress", "residenceAddress", "issuingAgency", "workplace", "drivingClass",
        "plateNumber", "employer", "cardValidUntil",
    }  # fmt: skip
    assert {card for card, _ in changed} == set(CARDS) and all(
        before[card].keys() <= after[card].keys() for card in CARDS
    )


async def test_the_cards_of_every_department_follow_a_correction(desk: Any) -> None:
    desk.world.license_li_na()
    device = did.generate("P-256")
    authority = desk.world.authority
    cards = {
        card.card_type: card.reference
        for department in sorted({card.department_id for card in CARDS.values()})
        for card in desk.world.issue(device, "李娜", desk.world.li_na, department=department)
    }
    assert cards.keys() == CARDS.keys()
    visitor = await _officer(desk, "clerk")
    await _corrected(visitor, "person", registered_address="四川省成都市锦江区新路9号")
    await _corrected(visitor, "vehicle-licence", plate_number="川A·Z9999")
    updates = {card: authority.update(reference) for card, reference in cards.items()}
    changed = {card for card, (updated, _) in updates.items() if updated.kind == "changed"}
    assert changed == {
        "ResidentIdentityCardCredential",
        "ResidencePermitCredential",
        "DrivingLicenceCredential",
        "VehicleLicenceCredential",
    }
    assert {card for card, reference in cards.items() if authority.credential(reference).state == "revoked"} == changed
    assert all(updated.kind == "unchanged" for card, (updated, _) in updates.items() if card not in changed)
    assert updates["VehicleLicenceCredential"][1].document["credentialSubject"]["plateNumber"] == "川A·Z9999"


@pytest.mark.parametrize(
    ("part", "fact", "bad", "zh", "en"),
    [
        ("person", "name", "<b>x</b>", "姓名格式不正确", "not a name"),
        ("person", "registered_address", "路" * 201, "内容过长", "the text is too long"),
        ("person", "registered_address", "路\x00号", "含控制字符", "control"),
        ("permit", "endorsed_until", "2025-01-01", "日期先后顺序有误", "wrong order"),
        ("driving-licence", "driving_classes", "C1、Z9", "代码或名称不在代码表中", "not a code"),
        ("driving-licence", "driving_valid_until", "2020-01-01", "日期先后顺序有误", "wrong order"),
        ("driving-licence", "driving_issuing_agency_division", "519999", "行政区划代码不存在", "no such"),
        ("vehicle-licence", "vehicle_identification_number", "LSVAA49J13204737O", "17 位", "17 letters"),
        ("vehicle-licence", "vehicle_issue_date", "2019-08-08", "日期先后顺序有误", "wrong order"),
        ("vehicle-licence", "inspection_valid_until", "2027-13", "年月无法识别", "not a year and month"),
        ("vehicle-licence", "seating_capacity", "five", "不是整数", "not a whole number"),
        ("vehicle-licence", "plate_number", "川" * 13, "内容过长", "the text is too long"),
        ("security-guard-certificate", "guard_issue_date", "yesterday", "日期无法识别", "not a date"),
        ("blasting-operator-permit", "operator_category", "飞行员", "代码或名称不在代码表中", "not a code"),
        ("blasting-operator-permit", "blasting_valid_until", "2025-02-28", "日期先后顺序有误", "wrong order"),
    ],
)
async def test_a_bad_value_is_refused_where_it_stands_in_both_languages(
    desk: Any, part: str, fact: str, bad: str, zh: str, en: str
) -> None:
    desk.world.license_li_na()
    before = _held(desk)
    visitor = await _officer(desk, "clerk")
    page = await _corrected(visitor, part, **{fact: bad})
    assert page.status == 400 and zh in _problem(page, fact) and page.text.count('class="problem"') == 1
    assert "\x00" in bad or page.fields(f"{LI_NA}/correct")[f"fact.{fact}"] == bad  # What was typed is there still.
    await visitor.get(f"{LI_NA}/correct/{part}?lang=en")
    page = await visitor.submit(f"{LI_NA}/correct/{part}", **{f"fact.{fact}": bad})
    assert page.status == 400 and en in _problem(page, fact)
    assert _held(desk) == before


def _problem(page: Any, fact: str) -> str:
    found = re.search(rf'id="fact\.{fact}-problem">([^<]*)<', page.text)
    return found[1] if found else ""


@pytest.mark.parametrize("part", PARTS)
async def test_the_longest_texts_of_a_part_are_read_and_judged(desk: Any, part: str) -> None:
    desk.world.license_li_na()
    visitor = await _officer(desk, "clerk")
    form = (await visitor.get(f"{LI_NA}/correct/{part}")).fields(f"{LI_NA}/correct")
    longest = {name: "字" * int(_longest(visitor.page, name)) for name in form if name.startswith("fact.")}
    page = await visitor.post(f"{LI_NA}/correct/{part}", {**form, **longest})
    assert page.status == 400 and "登记未变" in page.text


def _longest(page: Any, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}"[^>]* maxlength="(\d+)"', page.text)
    assert found is not None
    return found[1]


async def test_the_parts_have_every_entry_once_and_no_others(desk: Any) -> None:
    desk.world.license_li_na()
    visitor, clerk = await _officer(desk), await _officer(desk, "clerk")
    names: list[str] = []
    for part in PARTS:
        form = (await visitor.get(f"{LI_NA}/correct/{part}")).fields(f"{LI_NA}/correct")
        names += [name[5:] for name in form if name.startswith("fact.")]
    fixed = {"citizen_identity_number", "life_status", "household_number", "relationship_to_head", "address_changes"}
    assert sorted(names) == sorted(set(columns()) - fixed)
    # The phone that one-time codes go to is not a clerk's to change.
    form = (await clerk.get(f"{LI_NA}/correct/person")).fields(f"{LI_NA}/correct")
    assert "fact.name" in form and "fact.phone" not in form
    assert (await clerk.submit(f"{LI_NA}/correct/person", **{"fact.phone": "13900000009"})).status == 403
    assert (await visitor.get(f"{LI_NA}/correct/nothing")).status == 404
    assert (await visitor.get("/desk/people/3/correct/vehicle-licence")).status == 404


async def test_facts_of_several_parts_are_corrected_together_or_not_at_all(desk: Any) -> None:
    desk.world.license_li_na()
    visitor = await _officer(desk, "clerk")
    both = {"registered_address": "四川省成都市锦江区新路9号", "vehicle_identification_number": "O" * 17}
    page = await _corrected(visitor, "person", **both)
    assert page.status == 400 and "17 位" in _problem(page, "vehicle_identification_number")
    page = await visitor.submit(f"{LI_NA}/correct/person", **{"fact.vehicle_identification_number": "L" * 17})
    assert page.notices == ["已更正 2 项登记信息"] and "新路9号" in page.text and "L" * 17 in page.text


@pytest.mark.parametrize(("part", "card"), [("person", "card"), ("driving-licence", "driving")])
async def test_a_last_day_and_long_term_validity_take_each_other_s_place(desk: Any, part: str, card: str) -> None:
    desk.world.license_li_na()
    visitor = await _officer(desk, "clerk")
    until, flag = f"{card}_valid_until", f"{card}_valid_long_term"

    def held(page: Any) -> tuple[str, str]:
        fields = page.fields(f"{LI_NA}/correct")
        return fields[f"fact.{until}"], fields[f"fact.{flag}"]

    for fields, expected in (
        ({flag: "是"}, ("", "是")),
        ({until: "2041-06-18"}, ("2041-06-18", "")),
        ({until: "长期"}, ("", "是")),
    ):
        page = await _corrected(visitor, part, **fields)
        assert page.notices == ["已更正 1 项登记信息"]
        assert held(await visitor.get(f"{LI_NA}/correct/{part}")) == expected
    page = await _corrected(visitor, part, **{flag: "否"})
    assert page.status == 400 and "须填写有效期止" in _problem(page, until)
    page = await _corrected(visitor, part, **{flag: "是", until: "2041-06-18"})
    assert held(await visitor.get(f"{LI_NA}/correct/{part}")) == ("2041-06-18", "")
    page = await _corrected(visitor, part, **{flag: "是", until: "2042-06-18"})
    assert page.status == 400 and "不能同时填写" in _problem(page, until)


async def test_the_number_and_unknown_facts_are_not_corrected(desk: Any) -> None:
    visitor = await _officer(desk)
    await visitor.get("/desk/people/3/correct")
    fields = {
        "fact.citizen_identity_number": desk.world.li_na,
        "fact.life_status": "死亡",
        "fact.id": "7",
        "fact.": "x",
    }
    page = await visitor.submit("/desk/people/3/correct", **fields)
    assert "没有需要更正的内容" in page.text and desk.world.zhang_wei in page.text


async def test_the_desk_issues_to_whoever_stands_there_by_an_offer(desk: Any) -> None:
    visitor = await _officer(desk, "clerk")
    await visitor.get("/desk/people/3")
    page = await visitor.submit("/desk/people/3/issue", kind="resident-identity-card")
    assert page.path.startswith("/desk/applications/") and "<svg" in page.text
    reference = page.path.rsplit("/", 1)[1]
    desk.world.collect(desk.world.authority.application(reference), did.generate("P-256"))
    assert ("officer:clerk", "application.opened") in _events(desk)
    page = await visitor.get("/desk/people/3")
    page = await visitor.get(page.link(r"^/desk/people/3/cards/"))
    assert "card-front" in page.text and "card-back" in page.text
    assert "张伟" in (await visitor.get("/desk/applications?state=issued")).text


async def test_a_phone_is_reported_lost_and_found_at_the_desk(desk: Any) -> None:
    [card] = desk.world.issue(did.generate("P-256"))
    visitor = await _officer(desk, "clerk")
    await visitor.get("/desk/people/3")
    await visitor.submit("/desk/phones/1/lost")
    assert desk.world.authority.credential(card.reference).state == "suspended"
    page = await visitor.submit("/desk/phones/1/found")
    assert "恢复使用" in page.text and desk.world.authority.credential(card.reference).state == "active"


async def test_a_death_revokes_every_card(desk: Any) -> None:
    [card] = desk.world.issue(did.generate("P-256"))
    visitor = await _officer(desk)
    await visitor.get("/desk/people/3")
    page = await visitor.submit("/desk/people/3/life-status", status="deceased")
    assert "吊销证照 1 张" in page.text and desk.world.authority.credential(card.reference).state == "revoked"


async def test_the_audit_log_is_shown_verified_and_a_change_in_it_is_found(desk: Any) -> None:
    visitor = await _officer(desk, "aud")
    page = await visitor.get("/desk/audit")
    head = "{}:{}".format(*desk.world.authority.audit_head())
    assert head in page.text and "officer:aud" in page.text
    page = await visitor.submit("/desk/audit", head=head)
    assert "日志完整" in page.text
    page = await visitor.submit("/desk/audit", head="1:" + "0" * 64)
    assert "与记录的末端摘要不符" in page.text
    with desk.world.authority.database.transaction() as session:
        session.execute(text("DROP TRIGGER audit_entry_UPDATE"))
        session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 3"))
    page = await visitor.submit("/desk/audit", head="")
    assert "自第 3 条起" in page.text and "条目内容被改动" in page.text


@pytest.mark.parametrize("head", ["x", "1", ":", "1:2", "99999999999999999999:" + "0" * 64, "-1:" + "0" * 64])
async def test_a_malformed_head_is_refused(desk: Any, head: str) -> None:
    visitor = await _officer(desk, "aud")
    await visitor.get("/desk/audit")
    assert (await visitor.submit("/desk/audit", head=head)).status == 400


async def test_a_new_password_or_a_closed_account_ends_the_session(desk: Any) -> None:
    officers = Officers(desk.world.authority)
    clerk, boss = await _officer(desk, "clerk"), await _officer(desk, "boss")
    officers.set_password("clerk", "another horse 77")
    officers.set_active("boss", False)
    assert (await clerk.get("/desk")).path == "/desk/sign-in"
    assert (await boss.get("/desk")).path == "/desk/sign-in"
    await boss.get("/desk/sign-in")
    assert (await boss.submit("/desk/sign-in", username="boss", password="correct horse battery")).status == 400


@on_each_database
async def test_wrong_passwords_lock_the_account_and_say_no_more_than_unknown_names(desk: Any) -> None:
    visitor = await desk.visit()
    await visitor.get("/desk/sign-in")
    known = await visitor.submit("/desk/sign-in", username="boss", password="wrong")
    unknown = await visitor.submit("/desk/sign-in", username="ghost", password="wrong")
    assert (
        known.status == unknown.status == 400
        and "用户名或密码错误" in known.text
        and "用户名或密码错误" in unknown.text
    )
    officers = desk.world.authority
    for _ in range(4):
        await visitor.submit("/desk/sign-in", username="boss", password="wrong")
    page = await visitor.submit("/desk/sign-in", username="boss", password="correct horse battery")
    assert page.status == 429
    desk.world.clock.forward(minutes=16)
    assert (await visitor.submit("/desk/sign-in", username="boss", password="correct horse battery")).path == "/desk"
    assert officers is desk.world.authority


async def test_an_officer_signs_in_from_a_known_browser_while_a_stranger_tries_the_name(desk: Any) -> None:
    owner, stranger = await _officer(desk), await desk.visit()
    await owner.get("/desk")
    await owner.submit("/desk/sign-out")
    await stranger.get("/desk/sign-in")
    for _ in range(6):
        page = await stranger.submit("/desk/sign-in", username="boss", password="wrong")
    assert page.status == 429 and "登录过的设备" in page.text
    await owner.get("/desk/sign-in")
    assert (await owner.submit("/desk/sign-in", username="boss", password="correct horse battery")).path == "/desk"


@pytest.mark.parametrize(
    ("username", "name", "password"),
    [("a", "甲", "long enough 1"), ("ok", "", "long enough 1"), ("名字", "甲", "long enough 1"), ("ok", "甲", "short"),
     ("ok1", "甲", "my ok1 password"), ("clerk", "甲", "long enough 1"), ("ok", "甲", "x" * 129)],
)  # fmt: skip
async def test_accounts_are_made_with_sound_names_and_passwords_only(
    desk: Any, username: str, name: str, password: str
) -> None:
    officers = Officers(desk.world.authority)
    with pytest.raises(StateError):
        officers.add(username, name, Role.CLERK, password)


async def test_a_password_is_kept_as_an_argon2id_hash(desk: Any) -> None:
    Officers(desk.world.authority).add("fresh", "新人", "clerk", "long enough 123")
    with desk.world.authority.database.reading() as session:
        [kept] = session.execute(text("SELECT password_hash FROM officer WHERE username = 'fresh'")).scalars()
    assert kept.startswith("$argon2id$") and "long enough" not in kept


async def test_a_refused_sign_in_is_an_error_with_a_code(desk: Any) -> None:
    officers = Officers(desk.world.authority)
    with pytest.raises(ProofingError, match=r"officer\.refused"):
        officers.sign_in("clerk", "wrong")
    with pytest.raises(ProofingError, match=r"officer\.refused"):
        officers.sign_in("\udcff", "wrong\udcff")
    for _ in range(4):
        with pytest.raises(ProofingError):
            officers.sign_in("clerk", "wrong")
    with pytest.raises(RateLimitError):
        officers.sign_in("clerk", "correct horse battery")


async def test_a_database_from_before_the_desk_gets_its_tables(desk: Any) -> None:
    from sqlalchemy import inspect

    from issuer.database import _MIGRATIONS

    with desk.world.authority.database.engine.begin() as connection:
        for table in ("officer", "device_challenge"):
            connection.execute(text(f"DROP TABLE {table}"))
        _MIGRATIONS[2](connection)
        assert {"officer", "device_challenge"} <= set(inspect(connection).get_table_names())


@pytest.mark.parametrize("way", ["desk", "import", "import without the household"])
async def test_the_household_page_follows_its_head_s_address(desk: Any, way: str) -> None:
    world, new = desk.world, "四川省成都市锦江区新路9号"
    phone = did.generate("P-256")
    [card] = world.issue(phone, kind="household-register")
    if way == "desk":
        visitor = await _officer(desk)
        await visitor.get("/desk/people/3/correct")
        await visitor.submit("/desk/people/3/correct", **{"fact.registered_address": new})
    elif way == "import":
        world.import_rows({**world.family[0], "户籍住址": new})
    else:
        world.import_rows({"公民身份号码": world.zhang_wei, "姓名": "张伟", "户籍住址": new})
    _, updated = world.authority.update(card.reference)
    assert updated is not None and new in str(updated.document["credentialSubject"])


async def test_a_member_s_address_is_not_the_household_s(desk: Any) -> None:
    world = desk.world
    [card] = world.issue(did.generate("P-256"), kind="household-register")
    world.import_rows({"公民身份号码": world.li_na, "姓名": "李娜", "户籍住址": "别处1号"})
    updated, _ = world.authority.update(card.reference)
    assert updated.kind.value == "unchanged"


async def test_two_officers_issue_what_one_opened_and_the_page_says_who_is_missing(desk: Any) -> None:
    from issuer.applications import ApplicationState

    clerk, boss, phone = await _officer(desk, "clerk"), await _officer(desk), did.generate("P-256")
    await clerk.get("/desk/people/3")
    page = await clerk.submit("/desk/people/3/issue", kind="resident-identity-card")
    reference = page.path.rsplit("/", 1)[1]
    authority = desk.world.authority
    authority.offers.ask(reference, phone.did)
    assert phone.did[-8:] in (await clerk.get(page.path)).text and "/admit" not in clerk.page.text
    page = await boss.get(page.path)
    assert phone.did[-8:] in page.text
    # The clerk sends the supervisor's form: it is refused, and nothing changes.
    form = {
        **page.fields(f"{page.path}/admit"),
        "csrf": (await clerk.get("/desk/people/3")).fields("/desk")["csrf"],
    }
    refused = await clerk.post(f"{page.path}/admit", form)
    assert refused.status == 403 or any("另一名民警" in notice for notice in refused.notices)
    assert authority.application(reference).admitted_by is None
    await boss.submit(f"{page.path}/admit")
    assert authority.application(reference).admitted_by == "officer:boss"
    view = authority.challenge(reference)
    assert authority.issue(reference, desk.world.possession(view, phone))
    assert authority.application(reference).state is ApplicationState.ISSUED


async def test_holds_are_placed_shown_and_lifted_by_who_may(desk: Any) -> None:
    clerk, boss, resident = await _officer(desk, "clerk"), await _officer(desk), await desk.visit()
    await clerk.get("/desk/people/3")
    page = await clerk.submit("/desk/people/3/hold", type="ResidentIdentityCardCredential", note="案件 1")
    assert "机关决定暂停该证照" in page.text and "案件 1" in page.text and "由主管解除" in page.text
    assert "/lift" not in page.text
    fields = page.fields("/desk/people/3/hold")
    assert (await clerk.post("/desk/holds/1/lift", {**fields, "person": "3"})).status == 403
    await resident.sign_in(desk.world)
    page = await resident.get("/apply")
    assert "机关决定暂停该证照" in page.text and "窗口" in page.text and "案件 1" not in page.text
    page = await resident.post("/apply", {**page.fields("/apply"), "kind": "resident-identity-card", "department": ""})
    assert "没有可签发的证照" in page.text and "机关暂停向您签发该证照" in page.text
    page = await boss.get("/desk/people/3")
    page = await boss.submit("/desk/holds/1/lift")
    assert "没有限制" in page.text
    events = _events(desk)
    assert ("officer:clerk", "hold.placed") in events and ("officer:boss", "hold.lifted") in events
