"""What the authority holds back is not had by applying again: by no way, on no phone, until who may lift it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

import did
import vc
from issuer.applications import ApplicationState
from issuer.collecting import Collecting
from issuer.database import Database
from issuer.desk import Desk, ForbiddenError
from issuer.errors import HoldError, StateError
from issuer.issuance import UpdateKind
from issuer.officers import OfficerView, Role
from issuer.portal import Portal
from vc.status import StatusList

World = Any
ID_CARD = "ResidentIdentityCardCredential"
CLERK = OfficerView(1, "clerk", "王芳", Role.CLERK, "")
BOSS = OfficerView(2, "boss", "李强", Role.SUPERVISOR, "")


def _person(world: World, number: str | None = None) -> int:
    with world.authority.database.reading() as session:
        query = text("SELECT id FROM person WHERE citizen_identity_number = :number")
        return int(session.execute(query, {"number": number or world.zhang_wei}).scalar_one())


def _by_command(world: World, device: did.SoftwareKey) -> None:
    world.issue(device)


def _by_department(world: World, device: did.SoftwareKey) -> None:
    cards = world.issue(device, department="population")
    if ID_CARD not in {card.card_type for card in cards}:
        raise HoldError("left out", "", "")


def _as_sd_jwt(world: World, device: did.SoftwareKey) -> None:
    world.issue(device, envelopes=["dc+sd-jwt"])


def _by_portal(world: World, device: did.SoftwareKey) -> None:
    view = Portal(world.authority).apply(_person(world), kind="resident-identity-card")
    if view.state is ApplicationState.REFUSED:
        assert [card.reason for card in view.cards] == ["card.held"]
        raise HoldError("refused", "", "")
    world.collect(view, device)


def _by_desk(world: World, device: did.SoftwareKey) -> None:
    view = Desk(world.authority).issue(CLERK, _person(world), kind="resident-identity-card")
    if view.state is ApplicationState.REFUSED:
        raise HoldError("refused", "", "")
    world.collect(view, device)


WAYS: dict[str, Callable[[World, did.SoftwareKey], None]] = {
    "command": _by_command,
    "department": _by_department,
    "SD-JWT": _as_sd_jwt,
    "portal": _by_portal,
    "desk": _by_desk,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_nothing_issues_around_the_authority_s_decision(lite: World, way: Any, act: str) -> None:
    phone = did.generate("P-256")
    [card] = lite.issue(phone)
    if act == "suspend":
        lite.authority.suspend(card.reference, "authority-decision")
        devices = [did.generate("P-256")]
    else:
        lite.authority.revoke(card.reference, "authority-decision")
        devices = [phone, did.generate("P-256")]
    for device in devices:
        with pytest.raises((HoldError, StateError)):
            way(lite, device)
    states = {view.state for view in lite.authority.credentials() if view.card_type == ID_CARD}
    assert "active" not in states
    [hold] = lite.authority.holds(lite.zhang_wei)
    lite.authority.lift_hold(hold.id)
    way(lite, did.generate("P-256"))


def test_an_application_that_waited_when_the_hold_came_collects_nothing(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    waiting = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    lite.authority.revoke(card.reference, "authority-decision")
    with pytest.raises(HoldError) as refused:
        lite.authority.issue(waiting.reference, lite.possession(waiting, did.generate("P-256")))
    assert refused.value.code == "card.held" and "窗口" in refused.value.zh and "desk" in refused.value.en


def test_a_card_is_not_handed_over_again_while_it_is_held(lite: World, device: did.SoftwareKey) -> None:
    view = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    [card] = lite.authority.issue(view.reference, lite.possession(view, device))
    lite.authority.suspend(card.reference, "authority-decision")
    again = lite.authority.challenge(view.reference)
    with pytest.raises(HoldError):
        lite.authority.issue(view.reference, lite.possession(again, device))


def test_the_decision_reaches_the_cards_on_all_phones(lite: World) -> None:
    phones = [did.generate("P-256") for _ in range(2)]
    first, second = (lite.issue(phone)[0] for phone in phones)
    lite.authority.suspend(first.reference, "authority-decision")
    assert lite.authority.credential(second.reference).causes == ("authority-decision",)
    lite.authority.resume(second.reference, "authority-decision")
    assert {view.state for view in lite.authority.credentials()} == {"active"}
    assert lite.authority.holds(lite.zhang_wei) == []
    lite.authority.revoke(second.reference, "authority-decision")
    assert {view.state for view in lite.authority.credentials()} == {"revoked"}


def test_other_people_and_other_kinds_are_not_concerned(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.authority.revoke(card.reference, "authority-decision")
    assert lite.issue(device, kind="household-member")
    assert lite.issue(did.generate("P-256"), "李娜", lite.li_na)


def test_no_update_renews_a_held_card(lite: World) -> None:
    phones = [did.generate("P-256") for _ in range(2)]
    cards = [lite.issue(phone)[0] for phone in phones]
    lite.authority.place_hold(lite.zhang_wei, ID_CARD)
    lite.clock.forward(days=25)
    for card in cards:
        with pytest.raises(StateError):
            lite.authority.update(card.reference)
        with pytest.raises(StateError):
            Portal(lite.authority).update(_person(lite), card.reference)
    collecting = Collecting(lite.authority)
    challenge, _ = collecting.challenge(phones[0].did)

    proof = vc.present([], phones[0], challenge=challenge, domain=lite.authority.base_url, now=lite.clock.now)
    [outcome] = collecting.update([cards[0].reference], proof, envelopes=["dc+sd-jwt"])
    assert outcome.card is None and outcome.refused is not None


def test_revoking_the_card_by_losing_the_phone_does_not_end_a_hold(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.authority.suspend(card.reference, "authority-decision")
    portal, person = Portal(lite.authority), _person(lite)
    [phone] = portal.devices(person)
    portal.report_lost(person, phone.id)
    view = portal.replace(person, phone.id)
    assert [item.reason for item in view.cards] == ["card.held"]
    portal.confirm_lost(person, phone.id)
    with pytest.raises(HoldError):
        lite.issue(did.generate("P-256"))


def test_who_lost_a_phone_moves_to_a_new_one_but_does_not_just_apply(lite: World, device: did.SoftwareKey) -> None:
    lite.issue(device)
    portal, person = Portal(lite.authority), _person(lite)
    [phone] = portal.devices(person)
    portal.report_lost(person, phone.id)
    with pytest.raises(HoldError) as refused:
        lite.issue(did.generate("P-256"))
    assert "换领到新手机" in refused.value.zh
    lite.collect(portal.replace(person, phone.id), did.generate("P-256"))
    assert lite.authority.holds(lite.zhang_wei) == []


def test_a_found_phone_ends_its_hold_and_no_hand_does(lite: World, device: did.SoftwareKey) -> None:
    lite.issue(device)
    lite.authority.report_lost(device.did)
    [hold] = lite.authority.holds(lite.zhang_wei)
    with pytest.raises(StateError) as refused:
        lite.authority.lift_hold(hold.id)
    assert refused.value.code == "hold.event"
    lite.authority.report_found(device.did)
    assert lite.authority.holds(lite.zhang_wei) == []


def test_a_clerk_does_not_lift_what_the_authority_decided(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    desk = Desk(lite.authority)
    desk.suspend(CLERK, card.reference, "authority-decision")
    [hold] = lite.authority.holds(lite.zhang_wei)
    with pytest.raises(ForbiddenError):
        desk.resume(CLERK, card.reference, "authority-decision")
    with pytest.raises(ForbiddenError):
        desk.resume(CLERK, card.reference)
    with pytest.raises(ForbiddenError):
        desk.lift_hold(CLERK, hold.id)
    assert lite.authority.credential(card.reference).state == "suspended"
    desk.lift_hold(BOSS, hold.id)
    assert lite.authority.credential(card.reference).state == "active"
    acts = {(entry["actor"], entry["event"]) for entry in lite.authority.audit_entries()}
    assert {("officer:clerk", "hold.placed"), ("officer:boss", "hold.lifted")} <= acts


def test_a_hold_s_reason_is_in_no_log(lite: World) -> None:
    Desk(lite.authority).place_hold(BOSS, _person(lite), ID_CARD, "案件 0001")
    assert "0001" not in str(list(lite.authority.audit_entries()))
    assert lite.authority.holds(lite.zhang_wei)[0].note == "案件 0001"


def test_a_death_by_mistake_is_corrected_with_its_holds(lite: World, device: did.SoftwareKey) -> None:
    lite.issue(device)
    lite.authority.set_life_status(lite.zhang_wei, "deceased")
    [hold] = lite.authority.holds(lite.zhang_wei)
    with pytest.raises(StateError):
        lite.authority.lift_hold(hold.id)
    lite.authority.set_life_status(lite.zhang_wei, "living")
    assert lite.issue(did.generate("P-256"))


def test_a_lapsed_endorsement_is_not_mended_by_applying_again(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device, "李娜", lite.li_na, kind="residence-permit")
    lite.clock.now = lite.clock.now.replace(month=6, day=2)
    updated, _ = lite.authority.update(card.reference)
    assert updated.kind is UpdateKind.SUSPENDED
    with pytest.raises(Exception, match=r"card\.lapsed"):
        lite.issue(did.generate("P-256"), "李娜", lite.li_na, kind="residence-permit")


def test_a_database_from_before_holds_gets_those_that_were_meant(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.issue(device, kind="household-member")
    lite.authority.revoke(card.reference, "authority-decision")
    lite.authority.report_lost(device.did)
    with lite.authority.database.transaction() as session:
        session.execute(text("DROP TABLE hold"))
        session.execute(text("DROP TABLE sign_in_tries"))
        for column in ("opened_by", "offered", "asking", "code_until", "admitted", "admitted_by"):
            session.execute(text(f"ALTER TABLE application DROP COLUMN {column}"))
        session.execute(text("UPDATE schema_version SET version = 4"))
    lite.authority.close()
    Database(lite.url).close()
    assert [hold.rule.name for hold in lite.authority.holds(lite.zhang_wei)] == ["phone-lost", "authority-revoked"]


def test_the_published_list_has_every_card_of_a_held_kind(lite: World) -> None:
    for _ in range(2):
        lite.issue(did.generate("P-256"))
    lite.authority.place_hold(lite.zhang_wei, ID_CARD)
    [published] = [item for item in lite.authority.publish() if item.purpose == "suspension"]
    bits = StatusList.decode(published.document["credentialSubject"]["encodedList"])
    assert len(list(bits.items())) == 2
