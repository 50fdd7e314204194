"""The way of a card as SD-JWT VC through all three roles: issued, kept, shown, accepted, revoked, refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from issuer.authority import IssuedCard
from liangzheng.demo.world import PIN, World, build, import_registers
from vc import qr
from vc.cards.message import Message
from vc.scenarios import PresentationRequest
from vc.verdict import Verdict
from verifier import Verifier

pytestmark = pytest.mark.long

SD_JWT = "dc+sd-jwt"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with build(tmp_path_factory.mktemp("story")) as made:
        import_registers(made)
        yield made


@pytest.fixture(scope="module")
def cards(world: World) -> list[IssuedCard]:
    """All cards of the person, in both forms, in the wallet."""
    view = world.sichuan.apply(world.person.name, world.person.number, department="population")
    view = world.sichuan.prove(view.reference, world.phone.codes[view.reference])
    proof = world.wallet.prove_possession(str(view.challenge), str(view.domain), pin=PIN)
    issued = world.sichuan.issue(view.reference, proof, envelopes=[SD_JWT])
    for card in issued:
        world.wallet.add(card.document, card.attachments.values(), forms=card.envelopes)
    return issued


@pytest.fixture
def hotel(world: World, cards: list[IssuedCard]) -> Verifier:
    published = world.sichuan.publish(world.folder / "status")
    world.status.update([item.path for item in published if item.path is not None])
    return world.verifier("重庆样例酒店", "500000", "hotel.chongqing.example")


def shown(world: World, request: PresentationRequest) -> Message:
    return world.wallet.present(request, lambda _: True, pin=PIN)


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


@pytest.mark.parametrize("scenario", ["hotel-check-in", "internet-cafe", "property-registration"])
def test_each_scenario_takes_the_cards_in_either_form(world: World, hotel: Verifier, scenario: str) -> None:
    json_ld = hotel.verify(world.wallet.present(hotel.request(scenario), lambda _: True, pin=PIN))
    sd_jwt = hotel.verify(shown(world, hotel.request(scenario, envelope=SD_JWT)).to_dict())
    assert json_ld.verified and sd_jwt.verified, (json_ld.problems, sd_jwt.problems)
    assert json_ld.effect is not None and sd_jwt.effect is not None
    assert json_ld.effect.cards == sd_jwt.effect.cards
    assert json_ld.portraits.keys() == sd_jwt.portraits.keys()


def test_an_answer_travels_as_symbols_like_any_other(world: World, hotel: Verifier) -> None:
    request = hotel.request("hotel-check-in", envelope=SD_JWT)
    assert PresentationRequest.from_dict(qr.decode(qr.encode(request.to_dict()))) == request
    answer = shown(world, request).to_dict()
    del answer["attachments"]
    assert qr.decode(qr.encode(answer)) == answer


def test_a_revocation_ends_both_forms(world: World, hotel: Verifier, cards: list[IssuedCard]) -> None:
    card = next(card for card in cards if card.card_type == "ResidentIdentityCardCredential")
    world.clock.pass_seconds(60)
    world.sichuan.revoke(card.reference)
    published = world.sichuan.publish(world.folder / "status")
    world.status.update([item.path for item in published if item.path is not None])
    cafe = world.verifier("示例网吧", "500000", "cafe.chongqing.example")
    answer = shown(world, cafe.request("internet-cafe", envelope=SD_JWT))
    assert codes(cafe.verify(answer.to_dict())) == {"status.revoked"}
    json_ld = world.wallet.present(cafe.request("internet-cafe"), lambda _: True, pin=PIN)
    assert codes(cafe.verify(json_ld)) == {"status.revoked"}
