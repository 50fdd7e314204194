"""From an application to a card on a device, and the card's life."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import did
import vc
from issuer.authority import Authority
from issuer.errors import CardError, DeviceError, IssuerError, NotFoundError, RegisterError, StateError
from vc.cards.model import from_credential
from vc.status import FileStatusSource, StatusChecker

World = Any
ID_CARD = "ResidentIdentityCardCredential"


def _status_indexes(document: dict[str, Any]) -> dict[str, int]:
    return {entry["statusPurpose"]: int(entry["statusListIndex"]) for entry in document["credentialStatus"]}


def test_a_card_goes_to_the_device_that_proved_its_key(world: World, device: did.SoftwareKey) -> None:
    [card] = world.issue(device)
    document = dict(card.document)
    assert document["issuer"] == world.authority.did
    assert document["credentialSubject"]["id"] == device.did
    assert document["proof"]["cryptosuite"] == "ecdsa-sd-2023"
    assert from_credential({k: v for k, v in document.items() if k != "proof"}).name == "张伟"
    assert list(card.attachments) == [document["credentialSubject"]["portrait"]["digestMultibase"]]


def test_what_the_wallet_derives_verifies_and_hides_the_rest(world: World, device: did.SoftwareKey) -> None:
    [card] = world.issue(device)
    derived = vc.derive(card.document, selective_pointers=["/credentialSubject/ageOver18"])
    presentation = vc.present([derived], device, challenge="c", domain="d", now=world.clock.now)
    verdict = vc.verify(presentation, challenge="c", domain="d", now=world.clock.now)
    assert verdict.verified, verdict.problems
    subject = presentation["verifiableCredential"][0]["credentialSubject"]
    assert set(subject) == {"id", "type", "ageOver18", "issuingProvince"}
    assert subject["issuingProvince"] == "510000"


def test_a_department_brings_every_card_that_the_register_supports(world: World, device: did.SoftwareKey) -> None:
    cards = world.issue(device, "李娜", world.li_na, department="population")
    assert {card.card_type for card in cards} == {
        ID_CARD,
        "HouseholdRegisterCredential",
        "HouseholdMemberCredential",
        "ResidencePermitCredential",
    }
    permit = next(card for card in cards if card.card_type == "ResidencePermitCredential")
    # 30 days, but never beyond the endorsement.
    assert permit.document["validUntil"] == "2026-03-30T23:59:59+08:00"


def test_a_permit_ends_with_its_endorsement(lite: World, device: did.SoftwareKey) -> None:
    lite.clock.forward(days=80)
    [permit] = lite.issue(device, "李娜", lite.li_na, kind="residence-permit")
    assert permit.document["validUntil"] == "2026-05-31T23:59:59+08:00"


def test_a_card_the_register_does_not_hold_is_refused_by_itself(lite: World) -> None:
    application = lite.proved("张小明", lite.zhang_xiaoming, department="population")
    reasons = {card.card_type: card.reason for card in application.cards}
    assert reasons[ID_CARD] == "register.no_record"
    assert reasons["HouseholdMemberCredential"] is None


def test_an_application_without_any_card_ends_refused(lite: World) -> None:
    application = lite.proved("张小明", lite.zhang_xiaoming, kind="resident-identity-card")
    assert application.state.value == "refused"
    assert application.challenge is None


def test_a_second_card_for_the_same_device_is_refused(lite: World, device: did.SoftwareKey) -> None:
    lite.issue(device)
    with pytest.raises(StateError) as refused:
        lite.issue(device)
    assert refused.value.code == "card.issued"


def test_another_device_gets_its_own_credential(lite: World, device: did.SoftwareKey) -> None:
    [first] = lite.issue(device)
    [second] = lite.issue(did.generate("P-256"))
    assert first.document["credentialSubject"]["id"] != second.document["credentialSubject"]["id"]
    assert (
        first.document["credentialSubject"]["licenceIdentifier"]
        != second.document["credentialSubject"]["licenceIdentifier"]
    )


def test_a_device_key_belongs_to_one_person(lite: World, device: did.SoftwareKey) -> None:
    lite.issue(device)
    with pytest.raises(StateError) as refused:
        lite.issue(device, "李娜", lite.li_na)
    assert refused.value.code == "device.owner"


def test_a_lost_answer_can_be_collected_again_by_the_same_device_only(lite: World, device: did.SoftwareKey) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    [card] = lite.authority.issue(application.reference, lite.possession(application, device))
    again = lite.authority.challenge(application.reference)
    [same] = lite.authority.issue(application.reference, lite.possession(again, device))
    assert same.document == card.document and same.reference == card.reference
    once_more = lite.authority.challenge(application.reference)
    with pytest.raises(StateError) as refused:
        lite.authority.issue(application.reference, lite.possession(once_more, did.generate("P-256")))
    assert refused.value.code == "application.device"
    assert len(lite.authority.credentials()) == 1


def test_a_challenge_is_good_once(lite: World, device: did.SoftwareKey) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    possession = lite.possession(application, device)
    lite.authority.issue(application.reference, possession)
    with pytest.raises(IssuerError):
        lite.authority.issue(application.reference, possession)


def _signed_by(world: World, application: Any, key: did.SoftwareKey, **changes: Any) -> dict[str, Any]:
    options = {"challenge": application.challenge, "domain": application.domain, "now": world.clock.now, **changes}
    return vc.present([], key, **options)


def _with_credential(world: World, application: Any, key: did.SoftwareKey) -> dict[str, Any]:
    [card] = world.issue(key)
    derived = vc.derive(card.document, selective_pointers=["/credentialSubject/name"])
    return vc.present([derived], key, challenge=application.challenge, domain=application.domain, now=world.clock.now)


BAD_POSSESSION: dict[str, Callable[[World, Any, did.SoftwareKey], Any]] = {
    "nothing": lambda w, a, k: b"",
    "not JSON": lambda w, a, k: b"{",
    "not UTF-8": lambda w, a, k: b"\xff\xfe{}",
    "a list": lambda w, a, k: b"[]",
    "null": lambda w, a, k: b"null",
    "deeply nested": lambda w, a, k: b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "huge": lambda w, a, k: b'{"holder":"' + b"x" * 20_000_000 + b'"}',
    "duplicate keys": lambda w, a, k: json.dumps(_signed_by(w, a, k)).replace(
        '{"@context"', '{"type":"x","@context"', 1
    ),
    "cut off": lambda w, a, k: json.dumps(_signed_by(w, a, k))[:-20],
    "unsigned": lambda w, a, k: {n: v for n, v in _signed_by(w, a, k).items() if n != "proof"},
    "another challenge": lambda w, a, k: _signed_by(w, a, k, challenge="another"),
    "no challenge": lambda w, a, k: _signed_by(w, a, k, challenge=None),
    "another domain": lambda w, a, k: _signed_by(w, a, k, domain="https://phishing.example"),
    "expired": lambda w, a, k: _signed_by(w, a, k, expires_in=1, now=w.clock.now.replace(year=2025)),
    "another holder": lambda w, a, k: {**_signed_by(w, a, k), "holder": did.generate("P-256").did},
    "no holder": lambda w, a, k: {n: v for n, v in _signed_by(w, a, k).items() if n != "holder"},
    "a key of another curve": lambda w, a, k: _signed_by(w, a, did.generate("Ed25519")),
    "a key of P-384": lambda w, a, k: _signed_by(w, a, did.generate("P-384")),
    "a changed signature": lambda w, a, k: _changed_proof(_signed_by(w, a, k)),
    "a proof for another purpose": lambda w, a, k: _repurposed(_signed_by(w, a, k)),
    "two proofs": lambda w, a, k: {**(p := _signed_by(w, a, k)), "proof": [p["proof"], p["proof"]]},
    "a credential inside": _with_credential,
}


def _changed_proof(document: dict[str, Any]) -> dict[str, Any]:
    value = document["proof"]["proofValue"]
    return {**document, "proof": {**document["proof"], "proofValue": value[:-1] + ("2" if value[-1] != "2" else "3")}}


def _repurposed(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "proof": {**document["proof"], "proofPurpose": "assertionMethod"}}


@pytest.mark.parametrize("case", BAD_POSSESSION)
def test_no_card_without_proof_of_possession(lite: World, device: did.SoftwareKey, case: str) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    presentation = BAD_POSSESSION[case](lite, application, device)
    before = len(lite.authority.credentials())
    with pytest.raises(DeviceError):
        lite.authority.issue(application.reference, presentation)
    assert len(lite.authority.credentials()) == before
    # Nothing is lost: the real proof still works.
    if case != "a credential inside":
        assert lite.authority.issue(application.reference, lite.possession(application, device))


def test_a_challenge_runs_out(lite: World, device: did.SoftwareKey) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    lite.clock.forward(minutes=11)
    with pytest.raises(StateError) as refused:
        lite.authority.issue(application.reference, lite.possession(application, device))
    assert refused.value.code == "application.challenge"
    fresh = lite.authority.challenge(application.reference)
    assert fresh.challenge != application.challenge
    assert lite.authority.issue(application.reference, lite.possession(fresh, device))


def test_nothing_is_issued_before_the_applicant_is_proved(lite: World, device: did.SoftwareKey) -> None:
    application = lite.authority.apply("张伟", lite.zhang_wei, kind="resident-identity-card")
    assert application.challenge is None and application.cards == ()
    signed = vc.present([], device, challenge="guess", domain="https://sichuan.example", now=lite.clock.now)
    with pytest.raises(IssuerError):
        lite.authority.issue(application.reference, signed)
    with pytest.raises(StateError):
        lite.authority.challenge(application.reference)


def test_an_agency_of_another_region_is_not_this_authoritys(
    make_world: Callable[..., World], device: did.SoftwareKey
) -> None:
    world = make_world(region="500000", name="重庆市公安局", base_url="https://chongqing.example")
    world.import_rows(*world.family)
    world.authority.set_portrait(world.zhang_wei, world.jpeg)
    with pytest.raises(CardError) as refused:
        world.issue(device)
    assert refused.value.code == "card.region"
    assert world.authority.credentials() == []


def test_two_authorities_have_their_own_databases(
    make_world: Callable[..., World], tmp_path: Path, authority_key: did.SoftwareKey
) -> None:
    make_world()
    with pytest.raises(RegisterError) as refused:
        make_world(signer=did.generate("P-256"))
    assert refused.value.code == "register.authority"
    with pytest.raises(RegisterError) as moved:
        make_world(base_url="https://elsewhere.example")
    assert moved.value.code == "register.base_url"


# --- update --------------------------------------------------------------------------------------------------------


def test_an_update_says_when_nothing_changed(world: World, device: did.SoftwareKey) -> None:
    [card] = world.issue(device)
    updated, new = world.authority.update(card.reference)
    assert updated.kind == "unchanged" and new is None
    assert world.authority.credential(card.reference).state == "active"


def test_a_change_in_the_register_makes_the_next_version_and_revokes_the_old(
    world: World, device: did.SoftwareKey
) -> None:
    [old] = world.issue(device)
    row = {**world.family[0], "户籍住址": "四川省成都市锦江区新居路9号"}
    assert world.import_rows(row).updated == 1
    updated, new = world.authority.update(old.reference)
    assert updated.kind == "changed" and new is not None
    subject = new.document["credentialSubject"]
    assert subject["registeredAddress"]["addressText"] == "四川省成都市锦江区新居路9号"
    before, after = (
        old.document["credentialSubject"]["licenceIdentifier"].split("."),
        subject["licenceIdentifier"].split("."),
    )
    assert before[:-2] == after[:-2] and (before[-2], after[-2]) == ("001", "002")
    assert world.authority.credential(old.reference).state == "revoked"
    bits = world.bits()
    assert bits["https://sichuan.example/status/revocation/1"] == {_status_indexes(old.document)["revocation"]}
    with pytest.raises(StateError):
        world.authority.update(old.reference)


def test_a_card_near_its_end_is_renewed_though_nothing_changed(lite: World, device: did.SoftwareKey) -> None:
    [old] = lite.issue(device)
    lite.clock.forward(days=60)
    assert lite.authority.update(old.reference)[0].kind == "unchanged"
    lite.clock.forward(days=10)
    updated, new = lite.authority.update(old.reference)
    assert updated.kind == "renewed" and new is not None
    assert new.document["validUntil"] > old.document["validUntil"]


def test_a_card_that_ends_with_its_endorsement_is_not_renewed_in_vain(lite: World, device: did.SoftwareKey) -> None:
    lite.clock.forward(days=88)  # Two days before the endorsement ends.
    [old] = lite.issue(device, "李娜", lite.li_na, kind="residence-permit")
    assert lite.authority.update(old.reference)[0].kind == "unchanged"


def test_an_age_that_is_reached_counts_as_a_change(lite: World, device: did.SoftwareKey) -> None:
    born = lite.number("20080310", 33)  # 18 on 10 March 2026.
    row = {**lite.family[0], "公民身份号码": born, "姓名": "王芳", "与户主关系": "长女", "证件有效期起": "2024-05-01",
           "证件有效期止": "2034-05-01"}  # fmt: skip
    row["公民身份号码"] = born = lite.number("20080310", 34)
    assert lite.import_rows(row).imported == 1
    lite.authority.set_portrait(born, lite.jpeg)
    [old] = lite.issue(device, "王芳", born)
    assert "ageOver18" not in old.document["credentialSubject"]
    lite.clock.forward(days=9)
    updated, new = lite.authority.update(old.reference)
    assert updated.kind == "changed" and new.document["credentialSubject"]["ageOver18"] is True


def test_a_lapsed_endorsement_suspends_and_a_late_one_brings_a_new_version(
    lite: World, device: did.SoftwareKey
) -> None:
    [old] = lite.issue(device, "李娜", lite.li_na, kind="residence-permit")
    lite.clock.forward(days=100)
    updated, new = lite.authority.update(old.reference)
    assert updated.kind == "suspended" and new is None
    assert lite.authority.credential(old.reference).causes == ("endorsement-lapsed",)
    assert lite.authority.update(old.reference)[0].kind == "suspended"
    lite.import_rows({**lite.family[1], "签注日期": "2026-06-08", "签注有效期至": "2027-06-07"})
    updated, new = lite.authority.update(old.reference)
    assert updated.kind == "changed"
    assert new.document["credentialSubject"]["endorsement"]["endorsedUntil"] == "2027-06-07"
    assert lite.authority.credential(old.reference).state == "revoked"


def test_a_suspended_card_is_not_updated_around_its_suspension(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.authority.suspend(card.reference, "authority-decision")
    lite.import_rows({**lite.family[0], "户籍住址": "新居"})
    with pytest.raises(StateError) as refused:
        lite.authority.update(card.reference)
    assert refused.value.code == "credential.suspended"


def test_a_death_revokes_every_card(lite: World, device: did.SoftwareKey) -> None:
    cards = lite.issue(device, department="population")
    revoked = lite.authority.set_life_status(lite.zhang_wei, "deceased")
    assert sorted(revoked) == sorted(card.reference for card in cards)
    assert {view.state for view in lite.authority.credentials()} == {"revoked"}
    with pytest.raises(IssuerError):
        lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")


def test_a_death_that_came_by_file_revokes_at_the_next_update(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.import_rows({**lite.family[0], "人员状态": "死亡"})
    assert lite.authority.update(card.reference)[0].kind == "revoked"
    assert lite.authority.credential(card.reference).state == "revoked"


# --- suspend, resume, revoke, lost ---------------------------------------------------------------------------------


def test_suspension_is_lifted_and_its_bit_with_it(world: World, device: did.SoftwareKey) -> None:
    [card] = world.issue(device)
    index = _status_indexes(card.document)["suspension"]
    url = "https://sichuan.example/status/suspension/1"
    assert world.authority.suspend(card.reference).state == "suspended"
    assert world.bits()[url] == {index}
    assert world.authority.resume(card.reference).state == "active"
    assert world.bits()[url] == set()


def test_causes_of_suspension_stand_by_themselves(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.authority.suspend(card.reference, "holder-request")
    lite.authority.suspend(card.reference, "authority-decision")
    with pytest.raises(StateError) as refused:
        lite.authority.resume(card.reference)
    assert refused.value.code == "credential.causes"
    assert lite.authority.resume(card.reference, "holder-request").state == "suspended"
    assert lite.authority.resume(card.reference, "authority-decision").state == "active"


def test_revocation_is_final(world: World, device: did.SoftwareKey) -> None:
    [card] = world.issue(device)
    assert world.authority.revoke(card.reference, "holder-request").state == "revoked"
    for again in (world.authority.revoke, world.authority.suspend, world.authority.resume, world.authority.update):
        with pytest.raises(StateError):
            again(card.reference)
    assert world.bits()["https://sichuan.example/status/revocation/1"] == {_status_indexes(card.document)["revocation"]}


def test_a_lost_device_suspends_all_its_cards_at_once(world: World, device: did.SoftwareKey) -> None:
    cards = world.issue(device, department="population")
    other = did.generate("P-256")
    [kept] = world.issue(other)
    lost = world.authority.report_lost(device.did)
    assert {view.reference for view in lost} == {card.reference for card in cards}
    assert {view.state for view in lost} == {"suspended"}
    assert world.authority.credential(kept.reference).state == "active"
    assert len(world.bits()["https://sichuan.example/status/suspension/1"]) == len(cards)
    with pytest.raises(StateError):
        world.authority.resume(cards[0].reference)
    with pytest.raises(StateError):
        world.issue(device)


def test_a_found_device_gets_back_what_only_its_loss_suspended(lite: World, device: did.SoftwareKey) -> None:
    identity, *others = sorted(lite.issue(device, department="population"), key=lambda card: card.card_type != ID_CARD)
    lite.authority.suspend(identity.reference, "authority-decision")
    lite.authority.report_lost(device.did)
    back = lite.authority.report_found(device.did)
    assert {view.reference for view in back} == {card.reference for card in others}
    assert lite.authority.credential(identity.reference).causes == ("authority-decision",)


def test_a_confirmed_loss_revokes(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device)
    lite.authority.report_lost(device.did)
    assert [view.state for view in lite.authority.confirm_lost(device.did)] == ["revoked"]
    with pytest.raises(StateError):
        lite.authority.report_found(device.did)
    # The holder applies anew on another device.
    [new] = lite.issue(did.generate("P-256"))
    assert new.reference != card.reference


UNKNOWN = ["", "nothing", "'; DROP TABLE credential; --", "x" * 100_000, "did:key:z6Mk", "\0", "凭证", "\ud800"]


@pytest.mark.parametrize("reference", UNKNOWN)
def test_unknown_references_are_said_to_be_unknown(world: World, reference: str) -> None:
    authority = world.authority
    for call in (
        authority.update,
        authority.suspend,
        authority.resume,
        authority.revoke,
        authority.credential,
        authority.report_lost,
        authority.report_found,
        authority.confirm_lost,
        authority.application,
        authority.challenge,
        authority.resend,
        lambda ref: authority.prove(ref, "000000"),
        lambda ref: authority.issue(ref, b"{}"),
        authority.publish_status_list,
        lambda ref: authority.set_life_status(ref, "deceased"),
        lambda ref: authority.set_portrait(ref, world.jpeg),
    ):
        with pytest.raises(NotFoundError):
            call(reference)


@pytest.mark.parametrize("cause", ["", "device-lost", "because", "superseded"])
def test_a_cause_that_does_not_exist_is_refused(lite: World, device: did.SoftwareKey, cause: str) -> None:
    [card] = lite.issue(device)
    with pytest.raises(StateError) as refused:
        lite.authority.suspend(card.reference, cause)
    assert refused.value.code == "reason.unknown"
    assert lite.authority.credential(card.reference).state == "active"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff" + b"0" * 200_000], ids=len)
def test_a_portrait_that_is_no_jpeg_of_good_size_is_refused(lite: World, content: bytes) -> None:
    with pytest.raises(CardError) as refused:
        lite.authority.set_portrait(lite.zhang_wei, content)
    assert refused.value.code == "portrait.form"


# --- publication ---------------------------------------------------------------------------------------------------


def test_an_offline_verifier_sees_revocation_in_the_published_files(
    lite: World, device: did.SoftwareKey, tmp_path: Path
) -> None:
    [card] = lite.issue(device)
    derived = vc.derive(card.document, selective_pointers=["/credentialSubject/name"])

    def verdict() -> vc.Verdict:
        files = [published.path for published in lite.authority.publish(tmp_path / "status")]
        checker = StatusChecker(FileStatusSource([path for path in files if path]))
        return vc.verify(derived, status=checker, now=lite.clock.now)

    assert verdict().verified
    lite.authority.suspend(card.reference)
    assert [problem.code for problem in verdict().problems] == ["status.suspended"]
    lite.authority.resume(card.reference)
    assert verdict().verified
    lite.authority.revoke(card.reference)
    assert [problem.code for problem in verdict().problems] == ["status.revoked"]
    assert sorted(path.name for path in (tmp_path / "status").iterdir()) == ["revocation-1.json", "suspension-1.json"]


def test_lists_say_how_long_they_count(lite: World) -> None:
    revocation, suspension = lite.authority.publish()
    assert (revocation.purpose, suspension.purpose) == ("revocation", "suspension")
    subject = revocation.document["credentialSubject"]
    assert subject["ttl"] == 15 * 60 * 1000
    assert revocation.document["validUntil"] == "2026-03-02T04:00:00Z"
    assert vc.verify(revocation.document, now=lite.clock.now).verified
    lite.clock.forward(hours=25)
    assert not vc.verify(revocation.document, now=lite.clock.now).verified
    assert lite.authority.publish()[0].publication == 2


def test_a_directory_that_can_not_be_written_loses_nothing(lite: World, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a directory should be")
    with pytest.raises(FileExistsError):
        lite.authority.publish(blocked)
    assert lite.authority.publish()[0].publication == 1


# --- no personal data beside the register --------------------------------------------------------------------------


def test_the_audit_log_names_nobody_and_holds_together(world: World, device: did.SoftwareKey) -> None:
    [card] = world.issue(device)
    world.authority.suspend(card.reference)
    world.authority.report_lost(device.did)
    world.authority.publish()
    log = json.dumps(world.authority.audit_entries(limit=1000), ensure_ascii=False)
    assert "credential.issued" in log and "device.lost" in log
    for personal in ("张伟", "李娜", world.zhang_wei, world.zhang_wei[6:14], "锦江区", "13800000001", device.did):
        assert personal not in log
    assert world.authority.verify_audit().intact


def test_errors_name_no_person(lite: World, device: did.SoftwareKey) -> None:
    for call in (
        lambda: lite.authority.prove(
            lite.authority.apply("张伟", lite.zhang_wei, kind="residence-permit").reference, "1"
        ),
        lambda: lite.authority.apply("张" * 100, lite.zhang_wei, kind="residence-permit"),
        lambda: lite.authority.credentials(number=lite.number("19990101", 99)),
        lambda: lite.authority.credentials(number="11010519491231002X0"),
    ):
        with pytest.raises(IssuerError) as error:
            call()
        text = f"{error.value} {error.value.zh} {error.value.en}"
        assert not any(personal in text for personal in ("张", "19850214", "19990101", "19491231"))


def test_an_authority_closes_what_it_opened(tmp_path: Path, authority_key: did.SoftwareKey) -> None:
    settings: dict[str, Any] = {"name": "n", "region": "510000", "base_url": "https://a.example"}
    with Authority(tmp_path / "r.db", authority_key, **settings) as authority:
        assert authority.counts()["people"] == 0
    with pytest.raises(RegisterError) as refused:
        Authority(tmp_path / "other.db", authority_key, **{**settings, "region": "110000"})
    assert refused.value.code == "authority.region"


def test_a_faulty_signature_of_the_authority_is_not_handed_out(
    lite: World, device: did.SoftwareKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    possession = lite.possession(application, device)
    monkeypatch.setattr(did.SoftwareKey, "sign", lambda self, data: bytes(64))
    with pytest.raises(did.SignatureFault):
        lite.authority.issue(application.reference, possession)
    monkeypatch.undo()
    assert lite.authority.credentials() == []
    assert lite.authority.issue(application.reference, possession)
