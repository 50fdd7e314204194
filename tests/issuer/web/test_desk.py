"""Officers in a browser: roles, the register, cards and phones, the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

import did
from issuer.errors import ProofingError, RateLimitError, StateError
from issuer.officers import Officers, Role

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
    import vc

    visitor = await _officer(desk, "clerk")
    await visitor.get("/desk/people/3")
    page = await visitor.submit("/desk/people/3/issue", kind="resident-identity-card")
    assert page.path.startswith("/desk/applications/") and "<svg" in page.text
    reference = page.path.rsplit("/", 1)[1]
    device, view = did.generate("P-256"), desk.world.authority.challenge(reference)
    now = desk.world.clock.now
    proof = vc.present([], device, challenge=view.challenge, domain=view.domain, now=now)
    desk.world.authority.issue(reference, proof)
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
