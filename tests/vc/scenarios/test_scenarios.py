"""Scenarios as data: the request they make, what a wallet refuses, how an answer is judged."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.cards import CARDS, DefinitionError
from vc.problems import ProblemError
from vc.scenarios import (
    LEGAL_EFFECT,
    SCENARIOS,
    PresentationRequest,
    Scenario,
    assess,
    check_request,
    load,
)

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
HOTEL = SCENARIOS["hotel-check-in"]
ID, MEMBER, HOUSEHOLD, PERMIT = (
    "ResidentIdentityCardCredential",
    "HouseholdMemberCredential",
    "HouseholdRegisterCredential",
    "ResidencePermitCredential",
)


def request_of(scenario: Scenario = HOTEL, variant: Any = "min") -> PresentationRequest:
    return scenario.request("did:web:hotel.example", "春熙路旅馆", "c" * 22, "https://hotel.example", NOW, variant)


def shown(
    card_type: str, *, device: str = "did:key:zDevice", valid_from: str = "2026-06-01", **claims: Any
) -> dict[str, Any]:
    subject = {"id": device, "type": CARDS[card_type].subject_type, "issuingProvince": "510000", **claims}
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", CARDS[card_type].context],
        "type": ["VerifiableCredential", card_type],
        "issuer": "did:web:police.example",
        "validFrom": f"{valid_from}T00:00:00+08:00",
        "validUntil": "2026-08-29T23:59:59+08:00",
        "credentialSubject": subject,
    }


PORTRAIT = {"digestMultibase": "zQm", "mediaType": "image/jpeg"}


# --- the data --------------------------------------------------------------------------------------------------------


def test_every_scenario_of_the_design_is_there() -> None:
    assert set(SCENARIOS) == {
        "hotel-check-in",
        "internet-cafe",
        "street-check",
        "traffic-check",
        "property-registration",
        "school-enrolment",
        "medical-registration",
        "social-insurance",
        "senior-discount",
        "resident-discount",
        "guard-on-duty",
        "blasting-site-entry",
    }


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.id)
def test_a_scenarios_own_requests_are_read_again_and_consented_to(scenario: Scenario) -> None:
    for variant in scenario.variants():
        request = request_of(scenario, variant)
        assert PresentationRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request
        assert check_request(request, now=NOW) == []
        assert request.expires - request.created == timedelta(seconds=300)
        assert scenario.title.zh
        assert scenario.purpose.en


def test_the_hotel_asks_little_and_the_law_lets_it_ask_more() -> None:
    (card,) = request_of().cards
    assert [(claim.term, claim.optional) for claim in card.claims] == [
        ("name", False),
        ("portrait", False),
        ("ageOver18", True),
    ]
    (more,) = request_of(HOTEL, "law").cards
    assert {"citizenIdentityNumber", "sex", "ethnicGroup", "registeredAddress", "cardValidFrom"} <= {
        claim.term for claim in more.claims
    }
    ends = [claim for claim in more.claims if claim.term in ("cardValidUntil", "cardValidityLongTerm")]
    assert all(claim.optional and claim.any_of == "cardValidUntil" for claim in ends)
    assert {claim.term for claim in more.claims if claim.sensitive} == {
        "portrait",
        "citizenIdentityNumber",
        "ethnicGroup",
    }


def test_the_internet_cafe_learns_neither_name_nor_number() -> None:
    (card,) = request_of(SCENARIOS["internet-cafe"]).cards
    assert [claim.term for claim in card.claims] == ["ageOver18", "portrait"]
    assert not any(claim.optional for claim in card.claims)


def test_a_place_without_a_law_column_has_no_law_variant() -> None:
    with pytest.raises(ValueError, match="senior-discount"):
        request_of(SCENARIOS["senior-discount"], "law")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cards": [{"id": "card", "type": ID, "min": ["fingerprint"]}]}, "fingerprint"),
        ({"cards": [{"id": "card", "type": "UnknownCredential", "min": []}]}, "UnknownCredential"),
        ({"cards": [{"id": "card", "type": ID, "min": []}] * 2}, "same id"),
        ({"title": {"zh": "x"}}, "en"),
        ({"freshnessHours": "soon"}, "str"),
    ],
)
def test_a_scenario_that_can_not_be_used_is_named(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    source = Path(str(__import__("vc.scenarios").scenarios.__file__)).parent / "data" / "hotel-check-in.json"
    data = json.loads(source.read_bytes()) | change
    (tmp_path / "bad.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(DefinitionError, match=rf"bad\.json: .*{reason}"):
        load(tmp_path)


# --- reading a request -----------------------------------------------------------------------------------------------


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data = copy.deepcopy(request_of().to_dict())
    change(data)
    return data


CLAIM = "/cards/0/claims/0"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param(lambda d: d.pop("challenge"), "", id="no challenge"),
        pytest.param(lambda d: d.update(extra=1), "", id="unknown member"),
        pytest.param(lambda d: d.update(type="Request"), "/type", id="type"),
        pytest.param(lambda d: d.update(variant="all"), "/variant", id="variant"),
        pytest.param(lambda d: d.update(scenario="../x"), "/scenario", id="scenario"),
        pytest.param(lambda d: d.update(scenarioVersion=True), "/scenarioVersion", id="version"),
        pytest.param(lambda d: d.update(verifier="did:web:x"), "/verifier", id="verifier"),
        pytest.param(lambda d: d["verifier"].update(id="https://x"), "/verifier/id", id="verifier id"),
        pytest.param(lambda d: d["verifier"].update(name="x" * 101), "/verifier/name", id="long name"),
        pytest.param(lambda d: d["verifier"].update(name="旅馆\u202egnp"), "/verifier/name", id="turned text"),
        pytest.param(lambda d: d.update(purpose={"zh": "x"}), "/purpose", id="purpose"),
        pytest.param(lambda d: d.update(challenge="short"), "/challenge", id="short challenge"),
        pytest.param(lambda d: d.update(challenge="c" * 300), "/challenge", id="long challenge"),
        pytest.param(lambda d: d.update(domain=""), "/domain", id="domain"),
        pytest.param(lambda d: d.update(created="2026-06-01T08:00:00"), "/created", id="no time zone"),
        pytest.param(lambda d: d.update(created=0), "/created", id="number"),
        pytest.param(lambda d: d.update(expires="2026-06-01T07:59:59Z"), "/expires", id="backwards"),
        pytest.param(lambda d: d.update(expires="2027-06-01T08:00:00Z"), "/expires", id="too long"),
        pytest.param(lambda d: d.update(cards=[]), "/cards", id="no cards"),
        pytest.param(lambda d: d.update(cards=d["cards"] * 9), "/cards", id="many cards"),
        pytest.param(lambda d: d.update(cards=d["cards"] * 2), "/cards", id="same id"),
        pytest.param(lambda d: d["cards"][0].update(claims=[]), "/cards/0/claims", id="no claims"),
        pytest.param(lambda d: d["cards"][0].update(claims={}), "/cards/0/claims", id="claims no array"),
        pytest.param(
            lambda d: d["cards"][0].update(claims=d["cards"][0]["claims"] * 2), "/cards/0/claims", id="claim twice"
        ),
        pytest.param(lambda d: d["cards"][0].update(optional="yes"), "/cards/0/optional", id="optional"),
        pytest.param(lambda d: d["cards"][0].update(anyOf=""), "/cards/0/anyOf", id="any of"),
        pytest.param(lambda d: d["cards"][0]["claims"][0].update(pointer="/issuer"), CLAIM + "/pointer", id="pointer"),
        pytest.param(lambda d: d["cards"][0]["claims"][0].update(term="a/b"), CLAIM + "/term", id="term"),
        pytest.param(lambda d: d["cards"][0]["claims"][0].update(sensitive=0), CLAIM + "/sensitive", id="sensitive"),
        pytest.param(lambda d: d["cards"][0]["claims"][0].pop("label"), CLAIM, id="label"),
    ],
)
def test_a_request_of_another_form_is_refused_with_its_place(
    change: Callable[[dict[str, Any]], object], pointer: str
) -> None:
    with pytest.raises(ProblemError) as raised:
        PresentationRequest.from_dict(_changed(change))
    assert raised.value.code == "request.form"
    assert pointer in {problem.pointer for problem in raised.value.problems}


@pytest.mark.parametrize("data", [None, [], "x", 7, {}])
def test_what_is_no_request_is_refused(data: object) -> None:
    with pytest.raises(ProblemError):
        PresentationRequest.from_dict(data)


def test_the_number_of_problems_is_bounded() -> None:
    data = _changed(lambda d: d["cards"][0].update(claims=[7] * 64))
    with pytest.raises(ProblemError) as raised:
        PresentationRequest.from_dict(data)
    assert len(raised.value.problems) == 50


@given(
    st.sampled_from(sorted(request_of().to_dict())),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
)
def test_any_value_in_any_place_is_read_or_refused(name: str, value: Any) -> None:
    data = request_of().to_dict() | {name: value}
    try:
        request = PresentationRequest.from_dict(data)
    except ProblemError as error:
        assert error.code == "request.form"
    else:
        assert PresentationRequest.from_dict(request.to_dict()) == request


# --- consent ---------------------------------------------------------------------------------------------------------


def consent(change: Callable[[dict[str, Any]], object], now: datetime = NOW) -> set[str]:
    return {p.code for p in check_request(PresentationRequest.from_dict(_changed(change)), now=now)}


def _add(data: dict[str, Any], term: str) -> None:
    claim = CARDS[ID].claims[term]
    data["cards"][0]["claims"].append(
        {
            "pointer": claim.pointer,
            "term": term,
            "label": {"zh": claim.label.zh, "en": claim.label.en},
            "sensitive": claim.sensitive,
            "optional": False,
        }
    )


def test_a_request_beyond_the_law_column_is_refused() -> None:
    assert consent(lambda d: (d.update(variant="law"), _add(d, "licenceIdentifier"))) == {"request.excess"}  # type: ignore[func-returns-value]
    assert consent(lambda d: (d.update(variant="law"), _add(d, "citizenIdentityNumber"))) == set()  # type: ignore[func-returns-value]


def test_a_small_request_does_not_hide_what_only_the_law_column_allows() -> None:
    assert consent(lambda d: _add(d, "citizenIdentityNumber")) == {"request.excess"}


def test_a_card_that_the_scenario_does_not_need_is_refused() -> None:
    assert consent(lambda d: d["cards"][0].update(type=PERMIT)) == {"request.excess"}
    assert consent(lambda d: d["cards"][0].update(id="other")) == {"request.excess"}


def test_unknown_scenarios_and_versions_are_refused() -> None:
    assert consent(lambda d: d.update(scenario="door-to-door")) == {"scenario.unknown"}
    assert consent(lambda d: d.update(scenarioVersion=2)) == {"scenario.version"}


def test_texts_that_are_not_the_scenarios_are_refused() -> None:
    assert consent(lambda d: d.update(purpose={"zh": "抽奖", "en": "Lottery"})) == {"request.form"}
    assert consent(lambda d: d["cards"][0]["claims"][1].update(sensitive=False)) == {"request.form"}
    assert consent(lambda d: d["cards"][0]["claims"][1]["label"].update(zh="年龄")) == {"request.form"}


def test_a_request_holds_for_its_time_only() -> None:
    assert consent(lambda _: None, NOW + timedelta(seconds=359)) == set()
    assert consent(lambda _: None, NOW + timedelta(seconds=360)) == {"request.expired"}
    assert consent(lambda _: None, NOW - timedelta(seconds=61)) == {"request.expired"}


# --- judging the answer ----------------------------------------------------------------------------------------------


def judge(scenario: str, *credentials: dict[str, Any], **options: Any) -> list[str]:
    return [problem.code for problem in assess(SCENARIOS[scenario], credentials, now=NOW, **options).problems]


def test_a_good_answer_satisfies_and_carries_the_legal_effect() -> None:
    card = shown(ID, name="张三", portrait=PORTRAIT, ageOver18=True)
    assessment = assess(HOTEL, [card], now=NOW)
    assert assessment.satisfied
    assert assessment.warnings == ()
    assert assessment.matched == {"card": 0}
    assert assessment.notice == LEGAL_EFFECT
    assert "不" in assessment.notice.zh
    assert assessment.regions == ("510000", "500000")


def test_at_the_hotel_an_absent_age_is_advice_at_the_internet_cafe_it_is_refused() -> None:
    card = shown(ID, name="张三", portrait=PORTRAIT)
    hotel = assess(HOTEL, [card], now=NOW)
    assert hotel.satisfied
    assert [w.code for w in hotel.warnings] == ["scenario.claim_absent"]
    assert "未成年人" in hotel.advice[0].zh
    cafe = assess(SCENARIOS["internet-cafe"], [shown(ID, portrait=PORTRAIT)], now=NOW)
    assert [(p.code, p.pointer) for p in cafe.problems] == [
        ("scenario.claim_missing", "/verifiableCredential/0/credentialSubject/ageOver18")
    ]
    assert "不得接纳" in cafe.advice[0].zh


def test_a_missing_card_and_a_missing_claim_are_named() -> None:
    assert judge("hotel-check-in") == ["scenario.card_missing"]
    assert judge("hotel-check-in", shown(PERMIT, name="张三", portrait=PORTRAIT)) == ["scenario.card_missing"]
    assert judge("hotel-check-in", shown(ID, portrait=PORTRAIT)) == ["scenario.claim_missing"]
    assert (
        judge("hotel-check-in", shown(ID, name="张三", portrait=PORTRAIT), variant="law").count(
            "scenario.claim_missing"
        )
        == 6
    )


def test_what_nobody_asked_for_is_a_warning() -> None:
    card = shown(ID, portrait=PORTRAIT, ageOver18=True, name="张三")
    other = shown(PERMIT)
    assessment = assess(SCENARIOS["internet-cafe"], [card, other], now=NOW)
    assert assessment.satisfied
    assert {warning.code for warning in assessment.warnings} == {"scenario.claim_extra", "scenario.card_extra"}


def test_either_end_of_validity_will_do() -> None:
    base: dict[str, Any] = {
        "name": "张三",
        "citizenIdentityNumber": "x",
        "portrait": PORTRAIT,
        "cardValidFrom": "2020-01-01",
    }
    assert judge("street-check", shown(ID, **base, cardValidUntil="2030-01-01")) == []
    assert judge("street-check", shown(ID, **base, cardValidityLongTerm=True)) == []
    assert judge("street-check", shown(ID, **base)) == ["scenario.claim_missing"]


@pytest.mark.parametrize(
    ("claims", "valid"),
    [
        ({"cardValidFrom": "2026-06-01", "cardValidUntil": "2026-06-01"}, True),
        ({"cardValidFrom": "2020-01-01", "cardValidUntil": "2026-05-31"}, False),
        ({"cardValidFrom": "2026-06-02", "cardValidUntil": "2036-06-02"}, False),
        ({"cardValidFrom": "2020-01-01", "cardValidUntil": "some day"}, False),
        ({"cardValidFrom": 7, "cardValidUntil": "2030-01-01"}, False),
    ],
)
def test_the_card_itself_must_be_valid_today_in_china(claims: dict[str, Any], valid: bool) -> None:
    card = shown(ID, name="张三", citizenIdentityNumber="x", portrait=PORTRAIT, **claims)
    assert judge("street-check", card) == ([] if valid else ["scenario.card_validity"])


def test_an_endorsement_and_an_inspection_that_ended_count_as_well() -> None:
    insured = shown(ID, name="张三", citizenIdentityNumber="x", registeredPrefecture="511100")
    until = {"endorsedOn": "2025-05-01", "endorsedUntil": "2026-04-30"}
    permit = shown(PERMIT, residentOfPrefecture="510100", endorsement=until)
    assert judge("social-insurance", insured, permit) == ["scenario.card_validity"]
    driver = shown("DrivingLicenceCredential", drivingClass=["C1"], cardValidUntil="2030-01-01", portrait=PORTRAIT)
    for month, problems in (
        ("2026-06", []),
        *((bad, ["scenario.card_validity"]) for bad in ("2026-05", "zzzz-99", "2026-13", 7)),
    ):
        vehicle = shown(
            "VehicleLicenceCredential", plateNumber="川A00000", inspectionValidUntil=month, useCharacter="非营运"
        )
        assert judge("traffic-check", driver, vehicle) == problems


def test_a_young_credential_or_a_fresh_status_is_needed() -> None:
    old = shown(ID, name="张三", portrait=PORTRAIT, valid_from="2026-05-20")
    assert judge("hotel-check-in", old) == ["scenario.stale"]
    assert judge("hotel-check-in", old, status_as_of=[NOW - timedelta(hours=23)]) == []
    assert judge("hotel-check-in", old, status_as_of=[NOW - timedelta(hours=25)]) == ["scenario.stale"]
    assert judge("hotel-check-in", old, status_as_of=[None]) == ["scenario.stale"]
    assert judge("hotel-check-in", old | {"validFrom": "x"}) == ["scenario.stale"]
    assert judge("senior-discount", shown(ID, ageOver65=True, portrait=PORTRAIT, valid_from="2026-05-20")) == []


def test_cards_of_other_provinces_do_not_count() -> None:
    card = shown(ID, name="张三", portrait=PORTRAIT)
    assert judge("hotel-check-in", _with_subject(card, issuingProvince="500000")) == []
    assert judge("hotel-check-in", _with_subject(card, issuingProvince="330000")) == ["scenario.region"]
    assert judge("hotel-check-in", _with_subject(card, issuingProvince=None)) == ["scenario.region"]


def _with_subject(credential: dict[str, Any], **claims: Any) -> dict[str, Any]:
    return {**credential, "credentialSubject": {**credential["credentialSubject"], **claims}}


def test_one_of_several_cards_is_enough_where_the_scenario_says_so() -> None:
    by_register = shown(ID, registeredPrefecture="510100", portrait=PORTRAIT)
    by_permit = shown(PERMIT, residentOfPrefecture="510100", portrait=PORTRAIT)
    assert judge("resident-discount", by_register) == judge("resident-discount", by_permit) == []
    (problem,) = assess(SCENARIOS["resident-discount"], [], now=NOW).problems
    assert "ResidentIdentityCardCredential or ResidencePermitCredential" in problem.detail


def property_cards(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    card = {
        "name": "张三",
        "citizenIdentityNumber": "x",
        "portrait": PORTRAIT,
        "cardValidFrom": "2020-01-01",
        "cardValidityLongTerm": True,
    }
    member = {"name": "张三", "householdNumber": "1", "relationshipToHead": "02", "maritalStatus": "20"}
    household = {"householdNumber": "1", "headOfHousehold": {"name": "张三"}}
    return [
        shown(ID, **(card | changes.get("card", {}))),  # type: ignore[arg-type]
        shown(MEMBER, **(member | changes.get("member", {}))),
        shown(HOUSEHOLD, **(household | changes.get("household", {}))),
    ]


@pytest.mark.parametrize(
    ("changes", "bound"),
    [
        ({}, True),
        ({"member": {"name": "李四"}}, False),
        ({"household": {"householdNumber": "2"}}, False),
        ({"member": {"device": "did:key:zOther"}}, False),
        ({"household": {"device": "did:key:zOther"}}, False),
        ({"member": {"citizenIdentityNumber": "x"}}, True),
        ({"member": {"citizenIdentityNumber": "y"}}, False),
    ],
)
def test_the_cards_of_a_property_registration_belong_together(changes: dict[str, Any], bound: bool) -> None:
    problems = judge("property-registration", *property_cards(**changes))
    assert ("scenario.binding" not in problems) is bound


def test_cards_without_a_bound_device_do_not_belong_together() -> None:
    cards = property_cards()
    for card in cards:
        del card["credentialSubject"]["id"]
    assert "scenario.binding" in judge("property-registration", *cards)


def test_child_and_parent_take_their_places_by_what_they_show() -> None:
    child = shown(
        MEMBER,
        name="张小三",
        birthDate="2019-09-09",
        citizenIdentityNumber="x",
        householdNumber="1",
        relationshipToHead="22",
    )
    parent = shown(MEMBER, householdNumber="1", relationshipToHead="02")
    home = shown(HOUSEHOLD, registeredAddress={"administrativeDivision": "510104", "addressText": "x"})
    for order in ([child, parent, home], [home, parent, child]):
        assessment = assess(SCENARIOS["school-enrolment"], order, now=NOW)
        assert assessment.satisfied, assessment.problems
        assert order[assessment.matched["child"]] is child
    stranger = _with_subject(parent, householdNumber="2")
    assert judge("school-enrolment", child, stranger, home) == ["scenario.binding"]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from([["VerifiableCredential", ID], ID, [MEMBER], None, 7]),
                "credentialSubject": st.recursive(
                    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: (
                        st.lists(inner, max_size=3)
                        | st.dictionaries(st.sampled_from(sorted(CARDS[ID].claims)), inner, max_size=4)
                    ),
                    max_leaves=6,
                ),
            }
        ),
        max_size=3,
    )
)
def test_no_form_of_an_answer_raises(credentials: list[dict[str, Any]]) -> None:
    for scenario in SCENARIOS.values():
        assert assess(scenario, credentials, now=NOW).notice
        assert assess(scenario, ["text", None, *credentials], now=NOW).notice  # type: ignore[list-item]
