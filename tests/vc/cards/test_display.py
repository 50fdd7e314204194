"""Cards for people: labels and values in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vc.cards import CARDS, CardDefinition, claims_of, display, labels, to_credential
from vc.cards.codes import code_list, code_named, codes, division, divisions_in, prefecture_of, province_of

Claims = Callable[[str], dict[str, Any]]


def texts(card_type: str, claims: Claims, language: str) -> dict[str, str]:
    card = CARDS[card_type]
    credential = to_credential(claims(card_type), definition=card, issuer="did:example:i", valid_from=date(2026, 6, 1))
    return {claim.term: claim.text for claim in display(credential, language)}


def test_codes_are_shown_as_the_card_prints_them(claims: Claims) -> None:
    shown = texts("ResidentIdentityCardCredential", claims, "zh")
    assert (shown["sex"], shown["ethnicGroup"]) == ("男", "汉")
    assert shown["registeredAddress"] == "四川省成都市锦江区迎春路1号"
    assert shown["issuingProvince"] == "四川省"
    assert shown["registeredPrefecture"] == "四川省成都市"
    assert shown["ageOver18"] == "是"
    assert "zQm" not in shown["portrait"]


def test_codes_are_shown_in_english(claims: Claims) -> None:
    shown = texts("HouseholdMemberCredential", claims, "en")
    assert (shown["sex"], shown["ethnicGroup"], shown["maritalStatus"]) == ("Male", "Han", "Unmarried")
    assert shown["relationshipToHead"] == "Head of household"
    assert shown["formerName"] == "张小三, 张晓三"
    assert shown["movedToCity"] == "2010-09-01, 四川省乐山市, 升学"
    assert texts("DrivingLicenceCredential", claims, "en")["drivingClass"] == "Small car, Three-wheeled motorcycle"


def test_claims_stand_in_the_order_of_the_card_and_sensitive_ones_are_marked(
    credential: dict[str, Any], card: CardDefinition
) -> None:
    shuffled = dict(reversed(credential["credentialSubject"].items()))
    shown = display({**credential, "credentialSubject": shuffled})
    assert [claim.term for claim in shown] == [term for term in card.claims if term in shuffled]
    assert {claim.term for claim in shown if claim.sensitive} == {
        term for term in card.claims if card.claims[term].disclosure == "S!" and term in shuffled
    }
    assert {claim.label for claim in shown} <= set(labels(card, "zh").values())


def test_what_is_unknown_is_shown_under_its_own_name() -> None:
    shown = display({"type": "Other", "credentialSubject": {"id": "x", "colour": "red", "size": [1, 2]}})
    assert [(claim.label, claim.text) for claim in shown] == [("colour", "red"), ("size", "[1, 2]")]
    assert claims_of({"credentialSubject": "x"}) == {}
    assert claims_of({"credentialSubject": [{"id": "x", "colour": "red"}]}) == {"colour": "red"}


@given(
    st.dictionaries(
        st.sampled_from(sorted(CARDS["HouseholdMemberCredential"].claims)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=10),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=8,
    )
)
def test_no_form_of_a_claim_raises(subject: dict[str, Any]) -> None:
    credential = {"type": ["VerifiableCredential", "HouseholdMemberCredential"], "credentialSubject": subject}
    for language in ("zh", "en"):
        assert len(display(credential, language)) == len(subject)


def test_a_long_value_is_cut() -> None:
    (claim,) = display({"credentialSubject": {"note": "x" * 10_000}})
    assert len(claim.text) == 500


# --- code lists ------------------------------------------------------------------------------------------------------


def test_a_code_is_found_by_code_name_and_short_form() -> None:
    assert (
        code_named("ethnicGroup", "汉族") == code_named("ethnicGroup", "汉") == code_named("ethnicGroup", "01") == "01"
    )
    assert code_named("sex", " 女 ") == "2"
    assert code_named("sex", "x") is None
    assert len(codes("ethnicGroup")) == 58
    assert code_list("familyRelationship")["02"].zh == "户主"


def test_divisions_know_their_level_and_full_name() -> None:
    assert division("510000").level == "province"
    assert division("510100").full_name == "四川省成都市"
    assert division("510104").full_name == "四川省成都市锦江区"
    assert division("500103").full_name == "重庆市渝中区"
    assert division("510202").level == "retired"
    assert division("510199").level == "unallocated"
    assert division("519999").level == "unknown"
    assert division("110105").level == "elsewhere"
    assert (province_of("510104"), prefecture_of("510104"), prefecture_of("500103")) == ("510000", "510100", "500000")
    assert len(divisions_in("500000")) == 38
    assert len(divisions_in("510000")) == 183
    assert divisions_in("510100")[0] == "510104"
