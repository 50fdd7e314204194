"""The holder reads exactly what would leave; a request for more than its scenario allows is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from holder import Consent, Disclosure, RequestRefused, Wallet
from vc.scenarios import SCENARIOS, PresentationRequest

from .conftest import (
    PORTRAIT,
    Clock,
    household_page,
    identity_card,
    issued,
    member_page,
    request,
    residence_permit,
)


def leaving(disclosure: Disclosure) -> dict[str, list[str]]:
    return {card.place: [claim.term for claim in card.claims] for card in disclosure.cards}


def test_a_hotel_gets_name_portrait_and_majority(stocked: Wallet, clock: Clock) -> None:
    disclosure = stocked.consider(request("hotel-check-in", clock))
    assert leaving(disclosure) == {"card": ["name", "portrait", "ageOver18"]}
    (card,) = disclosure.cards
    name, portrait, adult = card.claims
    assert (name.label.zh, name.label.en, name.text.zh) == ("姓名", "Name", "王小明")
    assert (name.sensitive, portrait.sensitive, adult.sensitive) == (False, True, False)
    assert (name.optional, adult.optional) == (False, True)
    assert (adult.text.zh, adult.text.en) == ("是", "yes")
    assert [claim.term for _, claim in disclosure.sensitive] == ["portrait"]
    assert disclosure.request.verifier_name == "重庆样例酒店"
    assert disclosure.scenario.notice.zh.startswith("经核验")


def test_what_always_leaves_with_a_card_is_said_too(stocked: Wallet, clock: Clock) -> None:
    (card,) = stocked.consider(request("hotel-check-in", clock)).cards
    always = {label.en: text for label, text in card.always}
    assert always["Kind of card"].zh == "居民身份证"
    assert always["Issuing province"].zh == "四川省"
    assert always["Issuer"].en == card.card.issuer
    assert always["Device identifier (links presentations)"].zh == stocked.did
    assert "Electronic licence valid until" in always
    assert "Status entry (links presentations)" in always


def test_by_law_a_hotel_may_have_more(stocked: Wallet, clock: Clock) -> None:
    terms = leaving(stocked.consider(request("hotel-check-in", clock, "law")))["card"]
    assert terms == [
        *("name", "portrait", "citizenIdentityNumber", "sex", "ethnicGroup", "registeredAddress"),
        *("cardValidFrom", "cardValidUntil", "ageOver18"),
    ]


def test_of_claims_of_which_one_is_enough_the_one_the_card_has_leaves(wallet: Wallet, clock: Clock) -> None:
    wallet.add(issued(identity_card(birth=date(1960, 1, 2), sequence=101), wallet.did), [PORTRAIT])
    (card,) = wallet.consider(request("hotel-check-in", clock, "law")).cards
    terms = [claim.term for claim in card.claims]
    assert "cardValidityLongTerm" in terms
    assert "cardValidUntil" not in terms
    assert card.absent == ()
    assert not next(claim for claim in card.claims if claim.term == "cardValidityLongTerm").optional


def test_an_optional_claim_that_the_card_does_not_have_is_said_to_be_absent(wallet: Wallet, clock: Clock) -> None:
    child = identity_card("王小小", date(2012, 4, 5), 301)
    import dataclasses

    child = dataclasses.replace(child, card_valid_from=date(2024, 5, 1), card_valid_until=date(2029, 5, 1))
    wallet.add(issued(child, wallet.did), [PORTRAIT])
    (card,) = wallet.consider(request("hotel-check-in", clock)).cards
    assert [claim.term for claim in card.claims] == ["name", "portrait"]
    assert [label.en for label in card.absent] == ["Aged 18 or over"]
    with pytest.raises(RequestRefused) as caught:
        wallet.consider(request("internet-cafe", clock))
    assert caught.value.code == "scenario.claim_missing"
    assert "ageOver18" in caught.value.problems[0].detail


def test_three_cards_that_belong_together_are_shown_for_property(stocked: Wallet, clock: Clock) -> None:
    stocked.add(issued(member_page("王小妹", date(1995, 2, 3), 224), stocked.did))
    stocked.add(issued(household_page("510104000999", "李四"), stocked.did))
    disclosure = stocked.consider(request("property-registration", clock))
    assert leaving(disclosure) == {
        "card": ["name", "citizenIdentityNumber", "portrait", "cardValidFrom", "cardValidUntil"],
        "member": ["name", "householdNumber", "relationshipToHead", "maritalStatus"],
        "household": ["householdNumber", "headOfHousehold"],
    }
    shown = {card.place: card.card.claims for card in disclosure.cards}
    assert shown["member"]["citizenIdentityNumber"] == shown["card"]["citizenIdentityNumber"]
    assert shown["household"]["householdNumber"] == shown["member"]["householdNumber"]


def test_cards_that_do_not_belong_together_are_not_shown_together(wallet: Wallet, clock: Clock) -> None:
    wallet.add(issued(identity_card(), wallet.did), [PORTRAIT])
    wallet.add(issued(member_page("王小妹", date(1995, 2, 3), 224), wallet.did))
    wallet.add(issued(household_page(), wallet.did))
    with pytest.raises(RequestRefused) as caught:
        wallet.consider(request("property-registration", clock))
    assert caught.value.code == "scenario.binding"


def test_the_holder_may_choose_the_card(stocked: Wallet, clock: Clock) -> None:
    second = stocked.add(issued(identity_card("王小妹", date(1995, 2, 3), 224), stocked.did), [PORTRAIT])
    chosen = stocked.consider(request("hotel-check-in", clock), choose={"card": second.id})
    assert chosen.cards[0].card == second
    with pytest.raises(RequestRefused) as caught:
        stocked.consider(request("hotel-check-in", clock), choose={"card": "ffffffff"})
    assert caught.value.code == "scenario.card_missing"


def test_of_two_places_of_which_one_is_enough_one_is_shown(stocked: Wallet, clock: Clock) -> None:
    disclosure = stocked.consider(request("resident-discount", clock))
    assert len(disclosure.cards) == 1
    assert disclosure.cards[0].card.type == "ResidentIdentityCardCredential"


def test_an_expired_card_is_as_good_as_none(stocked: Wallet, clock: Clock) -> None:
    clock.advance(days=100)
    with pytest.raises(RequestRefused) as caught:
        stocked.consider(request("hotel-check-in", clock))
    assert caught.value.code == "scenario.card_missing"


def _more(asked: dict[str, Any], term: str = "bloodType") -> dict[str, Any]:
    claim = {**asked["cards"][0]["claims"][0], "term": term, "pointer": f"/credentialSubject/{term}"}
    return {**asked, "cards": [{**asked["cards"][0], "claims": [*asked["cards"][0]["claims"], claim]}]}


def _claim(asked: dict[str, Any], **change: Any) -> dict[str, Any]:
    first, *rest = asked["cards"][0]["claims"]
    return {**asked, "cards": [{**asked["cards"][0], "claims": [{**first, **change}, *rest]}]}


BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no object": (lambda r: [], "request.form"),
    "empty": (lambda r: {}, "request.form"),
    "of another type": (lambda r: {**r, "type": "Request"}, "request.form"),
    "with a member too many": (lambda r: {**r, "also": 1}, "request.form"),
    "with a short challenge": (lambda r: {**r, "challenge": "short"}, "request.form"),
    "without domain": (lambda r: {**r, "domain": ""}, "request.form"),
    "of a verifier without a DID": (lambda r: {**r, "verifier": {"id": "hotel", "name": "x"}}, "request.form"),
    "with a name that turns the line around": (
        lambda r: {**r, "verifier": {"id": "did:web:x", "name": "\u202ehotel"}},
        "request.form",
    ),
    "without cards": (lambda r: {**r, "cards": []}, "request.form"),
    "with a thousand cards": (lambda r: {**r, "cards": r["cards"] * 1000}, "request.form"),
    "valid for a year": (lambda r: {**r, "expires": "2027-11-23T08:00:00Z"}, "request.form"),
    "without time zone": (lambda r: {**r, "created": "2026-11-23T08:00:00"}, "request.form"),
    "of an unknown scenario": (lambda r: {**r, "scenario": "curiosity"}, "scenario.unknown"),
    "of another version": (lambda r: {**r, "scenarioVersion": 2}, "scenario.version"),
    "asking for more than the law": (_more, "request.excess"),
    "asking for what only the law column has": (lambda r: _more(r, "citizenIdentityNumber"), "request.excess"),
    "asking for a card the scenario has no use for": (
        lambda r: {**r, "cards": [{**r["cards"][0], "id": "second", "type": "HouseholdRegisterCredential"}]},
        "request.excess",
    ),
    "hiding what it asks behind another label": (
        lambda r: _claim(r, label={"zh": "房号", "en": "Room number"}),
        "request.form",
    ),
    "calling the sensitive harmless": (
        lambda r: _claim(r, term="portrait", pointer="/credentialSubject/portrait", sensitive=False),
        "request.form",
    ),
    "with another purpose": (lambda r: {**r, "purpose": {"zh": "抽奖", "en": "Lottery"}}, "request.form"),
    "with a pointer that is not the term's": (
        lambda r: _claim(r, pointer="/credentialSubject/citizenIdentityNumber"),
        "request.form",
    ),
}


@pytest.mark.parametrize(("change", "code"), BAD.values(), ids=BAD)
def test_a_request_that_must_not_be_answered_is_refused_and_logged(
    stocked: Wallet, clock: Clock, change: Callable[[dict[str, Any]], Any], code: str
) -> None:
    with pytest.raises(RequestRefused) as caught:
        stocked.consider(change(request("hotel-check-in", clock)))
    assert caught.value.code == code
    assert caught.value.message_zh
    last = stocked.log.entries()[-1]
    assert last.event == "request-refused"
    assert code in last.details["reasons"]


def test_the_log_says_who_asked_for_too_much(stocked: Wallet, clock: Clock) -> None:
    with pytest.raises(RequestRefused):
        stocked.consider(_more(request("hotel-check-in", clock)))
    details = stocked.log.entries()[-1].details
    assert details["verifier"]["name"] == "重庆样例酒店"
    assert details["scenario"] == "hotel-check-in"


def test_a_request_lives_from_its_making_to_its_end(stocked: Wallet, clock: Clock) -> None:
    asked = request("hotel-check-in", clock)
    made = clock.now
    for offset, good in ((-61, False), (-60, True), (0, True), (359, True), (361, False)):
        clock.now = made + timedelta(seconds=offset)
        if good:
            stocked.consider(asked)
        else:
            with pytest.raises(RequestRefused) as caught:
                stocked.consider(asked)
            assert caught.value.code == "request.expired"


def test_only_what_is_optional_can_be_left_out(stocked: Wallet, clock: Clock) -> None:
    disclosure = stocked.consider(request("hotel-check-in", clock))
    ((_, claims),) = Consent(True, frozenset({"card/ageOver18"})).apply(disclosure)
    assert [claim.term for claim in claims] == ["name", "portrait"]
    for name in ("card/name", "card/portrait", "card", "card/sex", "other/ageOver18"):
        with pytest.raises(ValueError, match=name):
            Consent(True, frozenset({name})).apply(disclosure)


def test_an_optional_card_is_shown_when_there_is_one_and_can_be_left_out(stocked: Wallet, clock: Clock) -> None:
    assert len(stocked.consider(request("social-insurance", clock)).cards) == 1
    stocked.add(issued(residence_permit(), stocked.did), [PORTRAIT])
    disclosure = stocked.consider(request("social-insurance", clock))
    (kept, optional) = disclosure.cards
    assert (kept.optional, optional.optional) == (False, True)
    assert [card for card, _ in Consent(True, frozenset({optional.place})).apply(disclosure)] == [kept]
    assert [card for card, _ in Consent(True).apply(disclosure)] == [kept, optional]


def test_an_empty_wallet_says_which_cards_would_do(wallet: Wallet, clock: Clock) -> None:
    with pytest.raises(RequestRefused) as caught:
        wallet.consider(request("resident-discount", clock))
    assert caught.value.code == "scenario.card_missing"
    assert "ResidentIdentityCardCredential or ResidencePermitCredential" in caught.value.problems[0].detail


def test_of_two_places_the_holder_may_choose_the_other(stocked: Wallet, clock: Clock) -> None:
    permit = stocked.add(issued(residence_permit(), stocked.did), [PORTRAIT])
    asked = SCENARIOS["resident-discount"]
    place = next(card.id for card in asked.cards if card.type == permit.type)
    disclosure = stocked.consider(request("resident-discount", clock), choose={place: permit.id})
    assert [card.card for card in disclosure.cards] == [permit]


def test_a_request_made_by_a_program_is_judged_like_one_from_outside(stocked: Wallet, clock: Clock) -> None:
    made = PresentationRequest.from_dict(request("hotel-check-in", clock))
    assert stocked.consider(made) == stocked.consider(request("hotel-check-in", clock))
    clock.advance(hours=1)
    with pytest.raises(RequestRefused):
        stocked.consider(made)
