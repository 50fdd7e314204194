"""An offer's symbol alone collects nothing, and an officer alone issues nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

import did
from issuer.desk import Desk, ForbiddenError
from issuer.errors import DeviceError, NotFoundError, OfferError, RateLimitError, StateError
from issuer.officers import OfficerView, Role
from issuer.portal import Portal

World = Any
CLERK = OfficerView(1, "clerk", "王芳", Role.CLERK, "")
OTHER = OfficerView(3, "clerk2", "刘洋", Role.CLERK, "")
BOSS = OfficerView(2, "boss", "李强", Role.SUPERVISOR, "")
AUDITOR = OfficerView(4, "aud", "赵敏", Role.AUDITOR, "")


def _person(world: World, number: str) -> int:
    with world.authority.database.reading() as session:
        query = text("SELECT id FROM person WHERE citizen_identity_number = :number")
        return int(session.execute(query, {"number": number}).scalar_one())


def _applied(world: World, kind: str = "resident-identity-card") -> Any:
    return Portal(world.authority).apply(_person(world, world.zhang_wei), kind=kind)


def _at_desk(world: World, number: str | None = None, kind: str = "resident-identity-card") -> Any:
    return Desk(world.authority).issue(CLERK, _person(world, number or world.zhang_wei), kind=kind)


def _try(world: World, view: Any, device: did.SoftwareKey, code: str | None = None) -> Any:
    fresh = world.authority.challenge(view.reference)
    return world.authority.issue(view.reference, world.possession(fresh, device), code=code)


def test_who_photographed_the_symbol_gets_no_card(lite: World) -> None:
    view, thief = _applied(lite), did.generate("P-256")
    with pytest.raises(OfferError, match=r"offer\.code_required"):
        _try(lite, view, thief)
    right = lite.outbox.sent[-1].code
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(OfferError, match=r"offer\.code_wrong"):
            _try(lite, view, thief, wrong)
    # Five tries are all: the right code comes too late.
    with pytest.raises(OfferError, match=r"offer\.code_wrong"):
        _try(lite, view, thief, right)
    assert lite.authority.credentials() == []


def test_tries_are_bounded_over_many_codes(lite: World) -> None:
    view, thief = _applied(lite), did.generate("P-256")
    tried = 0
    with pytest.raises(RateLimitError):  # noqa: PT012 - after some tries, whichever
        for _ in range(100):
            lite.authority.offers.send(view.reference)
            for _ in range(5):
                with pytest.raises(OfferError):
                    _try(lite, view, thief, "no code")
                tried += 1
    assert tried <= 15


def test_the_owner_s_new_phone_collects_with_the_code(lite: World) -> None:
    view, phone = _applied(lite), did.generate("P-256")
    with pytest.raises(OfferError):
        _try(lite, view, phone)
    [card] = _try(lite, view, phone, lite.outbox.sent[-1].code)
    assert card.document["credentialSubject"]["id"] == phone.did
    # A lost answer is collected again without another code, by that phone only.
    assert _try(lite, view, phone)[0].reference == card.reference
    with pytest.raises(StateError):
        _try(lite, view, did.generate("P-256"))


def test_a_phone_in_use_needs_no_code_for_what_its_owner_applied_for(lite: World) -> None:
    phone = did.generate("P-256")
    lite.collect(_applied(lite), phone)
    sent = len(lite.outbox.sent)
    assert _try(lite, _applied(lite, "household-member"), phone)
    assert len(lite.outbox.sent) == sent


def test_somebody_else_s_phone_in_use_is_no_way_around_the_code(lite: World) -> None:
    other = did.generate("P-256")
    lite.issue(other, "李娜", lite.li_na)
    with pytest.raises(OfferError):
        _try(lite, _applied(lite), other)


def test_a_lost_phone_does_not_collect_as_a_known_one(lite: World) -> None:
    phone = did.generate("P-256")
    lite.collect(_applied(lite, "household-member"), phone)
    lite.authority.report_lost(phone.did)
    with pytest.raises(StateError):
        _try(lite, _applied(lite), phone)


def test_a_code_is_for_its_offer_only(lite: World) -> None:
    first, second, phone = _applied(lite), _applied(lite, "household-member"), did.generate("P-256")
    with pytest.raises(OfferError):
        _try(lite, first, phone)
    code = lite.outbox.sent[-1].code
    with pytest.raises(OfferError, match=r"offer\.code_wrong"):
        _try(lite, second, phone, code)


def test_asking_again_sends_no_second_code_while_the_first_is_good(lite: World) -> None:
    view = _applied(lite)
    for _ in range(10):
        assert lite.authority.offers.ask(view.reference, did.generate("P-256").did).sent
    assert len(lite.outbox.sent) == 1


@pytest.mark.parametrize("device", ["", "did:web:example.com", "did:key:z\x00", "x" * 5000])
def test_only_a_device_is_asked_for(lite: World, device: str) -> None:
    with pytest.raises(DeviceError):
        lite.authority.offers.ask(_applied(lite).reference, device)
    with pytest.raises(NotFoundError):
        lite.authority.offers.ask("nothing", "did:key:zDnae")


def test_a_collection_that_fails_does_not_use_the_offer_up(lite: World) -> None:
    phone, new = did.generate("P-256"), did.generate("P-256")
    lite.collect(_applied(lite), phone)
    view = _applied(lite)
    with pytest.raises(StateError, match=r"card\.issued"):
        _try(lite, view, phone)
    assert lite.authority.application(view.reference).state.value == "awaiting-device"
    with pytest.raises(OfferError):
        _try(lite, view, new)
    assert _try(lite, view, new, lite.outbox.sent[-1].code)


# --- two officers, or the resident -----------------------------------------------------------------------------------


def test_a_clerk_alone_issues_nothing(lite: World) -> None:
    view, mine = _at_desk(lite), did.generate("P-256")
    with pytest.raises(OfferError):
        _try(lite, view, mine)
    with pytest.raises(OfferError, match=r"offer\.same_officer"):
        Desk(lite.authority).admit(CLERK, view.reference, mine.did)
    with pytest.raises(OfferError):
        _try(lite, view, mine, "000000")
    assert lite.authority.credentials() == []


def test_not_even_to_a_phone_that_is_known(lite: World) -> None:
    phone = did.generate("P-256")
    lite.issue(phone, kind="household-member")
    with pytest.raises(OfferError):
        _try(lite, _at_desk(lite), phone)


def test_the_resident_s_code_completes_what_a_clerk_opened(lite: World) -> None:
    view, phone = _at_desk(lite), did.generate("P-256")
    with pytest.raises(OfferError):
        _try(lite, view, phone)
    assert _try(lite, view, phone, lite.outbox.sent[-1].code)
    log = {(entry["actor"], entry["event"]) for entry in lite.authority.audit_entries()}
    assert {("officer:clerk", "application.opened"), ("applicant", "application.admitted")} <= log


@pytest.mark.parametrize("second", [OTHER, BOSS])
def test_a_second_officer_completes_it_for_the_phone_that_asks(lite: World, second: OfficerView) -> None:
    # The son has no registered phone.
    view, phone = _at_desk(lite, lite.zhang_xiaoming, "household-member"), did.generate("P-256")
    with pytest.raises(OfferError, match=r"offer\.officer_required"):
        _try(lite, view, phone)
    desk = Desk(lite.authority)
    with pytest.raises(StateError, match=r"offer\.device"):
        desk.admit(second, view.reference, did.generate("P-256").did)
    desk.admit(second, view.reference, phone.did)
    with pytest.raises(StateError):
        _try(lite, view, did.generate("P-256"))
    assert _try(lite, view, phone)
    [entry] = [e for e in lite.authority.audit_entries() if e["event"] == "application.admitted"]
    assert (entry["actor"], entry["details"]["openedBy"]) == (second.actor, "officer:clerk")


def test_who_only_audits_or_nobody_confirms_it(lite: World) -> None:
    view, phone = _at_desk(lite), did.generate("P-256")
    lite.authority.offers.ask(view.reference, phone.did)
    with pytest.raises(ForbiddenError):
        Desk(lite.authority).admit(AUDITOR, view.reference, phone.did)
    applied = _applied(lite, "household-member")
    lite.authority.offers.ask(applied.reference, phone.did)
    with pytest.raises(StateError, match=r"offer\.applicant"):
        Desk(lite.authority).admit(BOSS, applied.reference, phone.did)


def test_a_clerk_does_not_send_the_codes_to_a_phone_of_their_own(lite: World) -> None:
    desk, person = Desk(lite.authority), _person(lite, lite.zhang_wei)
    with pytest.raises(ForbiddenError):
        desk.correct(CLERK, person, {"phone": "13900000009"})


def test_nor_does_a_supervisor_use_the_codes_of_a_phone_that_they_changed(lite: World) -> None:
    desk, person = Desk(lite.authority), _person(lite, lite.zhang_wei)
    assert desk.correct(BOSS, person, {"phone": "13900000009"}).changed == ("phone",)
    view = desk.issue(BOSS, person, kind="resident-identity-card")
    phone = did.generate("P-256")
    with pytest.raises(OfferError, match=r"offer\.officer_required"):
        _try(lite, view, phone)
    with pytest.raises(OfferError, match=r"offer\.officer_required"):
        _try(lite, view, phone, "123456")
    assert lite.outbox.sent == []
    desk.admit(CLERK, view.reference, phone.did)
    assert _try(lite, view, phone)
