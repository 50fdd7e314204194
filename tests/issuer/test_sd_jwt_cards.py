"""Cards as SD-JWT VC beside their JSON-LD form: of one transaction, the same claims and key, with a shared fate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import did
import vc
from contexts import CONTEXTS
from issuer.errors import CardError, StateError
from issuer.forms import check_forms, secured_as
from issuer.tables import CardForm
from vc.cards.definition import CARDS
from vc.cards.formats import FORMATS
from vc.cards.formats.sd_jwt_vc import to_credential
from vc.cards.model import from_credential
from vc.status import FileStatusSource, StatusChecker

World = Any
SD_JWT = "dc+sd-jwt"


def claims_of(secured: str, world: World) -> dict[str, Any]:
    verdict = vc.verify(secured, now=world.clock.now)
    assert verdict.verified, verdict.problems
    assert verdict.document is not None
    return dict(verdict.document)


def status_problems(world: World, folder: Path, document: Any) -> set[str]:
    """What a verifier says of a card with the lists that are published now."""
    world.authority.publish(folder)
    files = [path for path in folder.iterdir() if path.suffix in (".json", ".jwt")]
    verdict = vc.verify(document, now=world.clock.now, status=StatusChecker(FileStatusSource(files)))
    return {problem.code for problem in verdict.problems}


def test_a_device_gets_both_forms_of_the_same_card(world: World, device: did.SoftwareKey) -> None:
    cards = world.issue(device, "李娜", world.li_na, envelopes=[SD_JWT], department="population")
    assert len(cards) == 4
    for card in cards:
        claims = claims_of(card.envelopes[SD_JWT], world)
        same = to_credential(claims)
        unsecured = {k: v for k, v in card.document.items() if k not in ("proof", "credentialStatus")}
        assert same == unsecured
        assert from_credential(same) == from_credential({**unsecured})
        assert claims["cnf"]["jwk"] == device.public_key.to_jwk()
        assert claims["sub"] == device.did
        assert set(claims["status"]) == {"status_list"} and "credentialStatus" not in claims


def test_the_json_ld_form_alone_is_what_a_device_gets_that_asks_for_nothing(
    world: World, device: did.SoftwareKey
) -> None:
    [card] = world.issue(device)
    assert card.envelopes == {}
    assert "envelopes" not in card.to_dict()


def test_nothing_in_it_tells_the_moment_of_issuance(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device, envelopes=[SD_JWT])
    claims = claims_of(card.envelopes[SD_JWT], lite)
    assert claims["iat"] == claims["nbf"]


def test_what_the_device_derives_is_bound_to_it_and_hides_the_rest(lite: World, device: did.SoftwareKey) -> None:
    [card] = lite.issue(device, envelopes=[SD_JWT])
    secured, now = card.envelopes[SD_JWT], lite.clock.now
    shown = vc.derive_enveloped(secured, ["/ageOver18"], signer=device, challenge="n", domain="hotel", now=now)
    verdict = vc.verify(shown, challenge="n", domain="hotel", now=now)
    assert verdict.verified and verdict.document is not None
    terms = CARDS["ResidentIdentityCardCredential"].claims
    assert {name for name in verdict.document if name in terms} == {"ageOver18", "issuingProvince"}
    with pytest.raises(vc.ProblemError) as refused:
        vc.derive_enveloped(secured, [], signer=did.generate("P-256"), challenge="n", domain="hotel")
    assert refused.value.code == "holder.binding"


class TestOneFate:
    """What befalls the card befalls both of its forms."""

    def test_a_revocation(self, lite: World, device: did.SoftwareKey, tmp_path: Path) -> None:
        [card] = lite.issue(device, envelopes=[SD_JWT])
        secured = card.envelopes[SD_JWT]
        derived = vc.derive(card.document, selective_pointers=[])
        assert not status_problems(lite, tmp_path, derived) and not status_problems(lite, tmp_path, secured)
        lite.clock.forward(minutes=1)
        lite.authority.revoke(card.reference)
        assert status_problems(lite, tmp_path, derived) == {"status.revoked"}
        assert status_problems(lite, tmp_path, secured) == {"status.revoked"}
        assert lite.authority.database.run(lambda s: s.scalars(select(CardForm)).all()) == []

    def test_a_lost_device_that_is_found(self, lite: World, device: did.SoftwareKey, tmp_path: Path) -> None:
        [card] = lite.issue(device, envelopes=[SD_JWT])
        derived = vc.derive(card.document, selective_pointers=[])
        for step, expected in (("report_lost", {"status.suspended"}), ("report_found", set())):
            lite.clock.forward(minutes=1)
            getattr(lite.authority, step)(device.did)
            assert status_problems(lite, tmp_path, derived) == expected
            assert status_problems(lite, tmp_path, card.envelopes[SD_JWT]) == expected

    def test_an_update(self, lite: World, device: did.SoftwareKey, tmp_path: Path) -> None:
        [card] = lite.issue(device, envelopes=[SD_JWT], kind="household-member")
        lite.import_rows({**lite.family[0], "职业": "教师"})
        lite.clock.forward(minutes=1)
        updated, new = lite.authority.update(card.reference)
        assert updated.kind == "changed" and new is not None
        assert status_problems(lite, tmp_path, card.envelopes[SD_JWT]) == {"status.revoked"}
        assert status_problems(lite, tmp_path, new.envelopes[SD_JWT]) == set()
        assert claims_of(new.envelopes[SD_JWT], lite)["occupation"] == "教师"


def test_the_same_status_entry_is_in_no_other_card_or_form(world: World) -> None:
    [one] = world.issue(did.generate("P-256"), envelopes=[SD_JWT])
    [two] = world.issue(did.generate("P-256"), envelopes=[SD_JWT])
    entries = [claims_of(card.envelopes[SD_JWT], world)["status"]["status_list"] for card in (one, two)]
    assert entries[0]["uri"] == entries[1]["uri"] == "https://sichuan.example/status/token/1"
    assert entries[0]["idx"] != entries[1]["idx"]


def test_a_lost_answer_is_collected_again_in_both_forms(lite: World, device: did.SoftwareKey) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    [card] = lite.authority.issue(application.reference, lite.possession(application, device), envelopes=[SD_JWT])
    again = lite.authority.challenge(application.reference)
    [same] = lite.authority.issue(application.reference, lite.possession(again, device), envelopes=[SD_JWT])
    assert same.envelopes == card.envelopes and same.document == card.document


@pytest.mark.parametrize("wanted", [["vc+jwt"], ["dc+sd-jwt", "x"], [""], ["ldp_vc"]])
def test_an_unknown_envelope_is_refused_before_anything_is_issued(
    lite: World, device: did.SoftwareKey, wanted: list[str]
) -> None:
    application = lite.proved("张伟", lite.zhang_wei, kind="resident-identity-card")
    signed = lite.possession(application, device)
    with pytest.raises(StateError) as refused:
        lite.authority.issue(application.reference, signed, envelopes=wanted)
    assert refused.value.code == "card.envelope"
    assert lite.authority.credentials() == []
    assert lite.authority.issue(application.reference, signed)


def test_a_key_that_signs_no_envelopes_offers_none() -> None:
    key = did.SoftwareKey.from_seed("BLS12-381-G2", b"an authority with bbs")
    assert check_forms((), key) == frozenset()
    with pytest.raises(StateError) as refused:
        check_forms([SD_JWT], key)
    assert refused.value.code == "card.envelope"


@pytest.mark.parametrize("device_did", ["did:web:phone.example", "did:key:", "did:key:zNothing", "zDn", ""])
def test_a_card_is_bound_to_a_key_or_not_made(lite: World, device: did.SoftwareKey, device_did: str) -> None:
    [card] = lite.issue(device)
    unsecured = {k: v for k, v in card.document.items() if k not in ("proof", "credentialStatus")}
    with pytest.raises(CardError) as refused:
        secured_as(
            FORMATS[SD_JWT],
            unsecured,
            CARDS[card.card_type],
            lite.authority.signer,
            device_did=device_did,
            status={},
            now=lite.clock.now,
            random=bytes,
            contexts=CONTEXTS,
        )
    assert refused.value.code == "device.key"
