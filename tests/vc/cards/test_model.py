"""Typed models in, credentials out, and back; values, rules and derived claims."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

import vc
from contexts import CONTEXTS
from vc.cards import (
    CARDS,
    CardDefinition,
    check_credential,
    check_household,
    claims_from_record,
    claims_of,
    derived_claims,
    from_claims,
    from_credential,
    models,
    to_claims,
    to_credential,
)
from vc.cards.calendar import add_years, age_on, first_moment, last_moment, validity_years
from vc.cards.identifiers import identity_check_character
from vc.problems import ProblemError

Claims = Callable[[str], dict[str, Any]]

ID = "ResidentIdentityCardCredential"
PERMIT = "ResidencePermitCredential"
MEMBER = "HouseholdMemberCredential"
HOUSEHOLD = "HouseholdRegisterCredential"
DAY = date(2026, 6, 1)


def credential_of(card_type: str, stated: dict[str, Any], day: date = DAY) -> dict[str, Any]:
    return to_credential(stated, definition=CARDS[card_type], issuer="did:example:issuer", valid_from=day)


def problems_of(card_type: str, stated: dict[str, Any], day: date = DAY) -> set[tuple[str, str]]:
    with pytest.raises(ProblemError) as raised:
        credential_of(card_type, stated, day)
    return {(p.code, p.pointer.removeprefix("/credentialSubject/")) for p in raised.value.problems}


# --- there and back --------------------------------------------------------------------------------------------------


def test_a_typed_model_comes_back_from_its_credential(card: CardDefinition, claims: Claims) -> None:
    model = from_claims(card, claims(card.type))
    assert type(model) is getattr(models, card.type.removesuffix("Credential"))
    credential = to_credential(model, issuer="did:example:issuer", valid_from=DAY, holder_did="did:example:device")
    assert from_credential(credential) == model
    assert from_credential(json.loads(json.dumps(credential))) == model
    assert to_claims(model) == claims(card.type)


def test_a_model_written_by_hand_becomes_a_credential() -> None:
    card = models.ResidentIdentityCard(
        name="欧阳娜",
        sex="2",
        ethnic_group="07",
        birth_date=date(2010, 12, 31),
        registered_address=models.Address(administrative_division="500103", address_text="重庆市渝中区望江巷3号"),
        citizen_identity_number="510199201012319982",
        portrait=models.Portrait(digest_multibase="zQm", media_type="image/jpeg"),
        issuing_agency=models.Agency(name="重庆市公安局渝中区分局", administrative_division="500103"),
        card_valid_from=date(2025, 2, 3),
        card_valid_until=date(2030, 2, 3),
        licence_identifier="1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
    )
    credential = to_credential(
        card,
        issuer={"id": "did:example:issuer", "name": "重庆市公安局"},
        valid_from=datetime(2026, 5, 31, 16, tzinfo=UTC),
        holder_did="did:key:zDevice",
        status={"type": "BitstringStatusListEntry"},
        credential_id="urn:uuid:0b7a2b57-0b0c-4f8b-8f4e-6f6d7e3a9b10",
    )
    subject = credential["credentialSubject"]
    assert credential["id"].startswith("urn:uuid:")
    assert credential["validFrom"] == "2026-06-01T00:00:00+08:00"
    assert credential["validUntil"] == "2026-08-29T23:59:59+08:00"
    assert credential["credentialStatus"] == {"type": "BitstringStatusListEntry"}
    assert (subject["id"], subject["type"]) == ("did:key:zDevice", "Person")
    assert subject["ageOver14"] is True
    assert "ageOver16" not in subject
    assert (subject["issuingProvince"], subject["issuingRegion"]) == ("500000", "500000")
    assert from_credential(credential) == card


def test_a_credential_lives_for_the_cards_lifetime(card: CardDefinition, claims: Claims) -> None:
    credential = credential_of(card.type, claims(card.type))
    assert credential["validFrom"] == first_moment(DAY)
    assert credential["validUntil"] == last_moment(DAY + timedelta(days=card.lifetime_days - 1))


def test_a_credential_never_outlives_the_card_or_the_endorsement(claims: Claims) -> None:
    stated = claims(PERMIT)
    stated["endorsement"]["endorsedUntil"] = "2026-06-11"
    assert credential_of(PERMIT, stated)["validUntil"] == last_moment(date(2026, 6, 11))
    assert credential_of(ID, claims(ID), date(2030, 2, 28))["validUntil"] == last_moment(date(2030, 3, 1))


def test_nothing_of_the_caller_is_changed(claims: Claims) -> None:
    stated, status = claims(ID), [{"type": "BitstringStatusListEntry"}]
    credential = to_credential(stated, definition=CARDS[ID], issuer="did:example:i", valid_from=DAY, status=status)
    assert stated == claims(ID)
    credential["credentialStatus"][0]["type"] = "Other"
    assert status == [{"type": "BitstringStatusListEntry"}]


def test_another_object_is_no_card() -> None:
    with pytest.raises(TypeError, match="no model of a card"):
        to_credential(object(), issuer="did:example:i", valid_from=DAY)


# --- JSON-LD ---------------------------------------------------------------------------------------------------------


def _loader(url: str, _: Any = None) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": json.loads(CONTEXTS.raw(url))}


def test_no_term_of_a_card_is_dropped_and_the_engine_agrees_with_pyld(credential: dict[str, Any]) -> None:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _loader}
    quads = jsonld.normalize(credential, options)
    assert vc.canonicalize(credential) == quads

    def literals(value: Any) -> int:
        if isinstance(value, dict):
            return sum(literals(entry) for name, entry in value.items() if name not in {"@context", "id", "type"})
        return sum(literals(entry) for entry in value) if isinstance(value, list) else 1

    about = ["credentialSubject"]
    expected = sum(literals(credential[name]) for name in about)
    namespaces = ("<https://liangzheng.example/vocab#", "<https://schema.org/", "<https://w3id.org/security#digest")
    found = [line for line in quads.splitlines() if line.split(" ", 2)[1].startswith(namespaces)]
    assert sum(line.split(" ", 2)[2].startswith('"') for line in found) == expected


def test_dates_and_numbers_are_typed_literals(claims: Claims) -> None:
    quads = vc.canonicalize(credential_of(HOUSEHOLD, claims(HOUSEHOLD)))
    assert '"3"^^<http://www.w3.org/2001/XMLSchema#integer>' in quads
    assert '"2015-05-05"^^<http://www.w3.org/2001/XMLSchema#date>' in quads
    assert '<https://liangzheng.example/vocab#changeDate> "2019-01-02"' in quads
    assert '"510000" .' in quads
    vehicle = vc.canonicalize(credential_of("VehicleLicenceCredential", claims("VehicleLicenceCredential")))
    assert '"2028-02"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>' in vehicle
    person = vc.canonicalize(credential_of(ID, claims(ID)))
    assert '<https://schema.org/birthDate> "2000-02-29"^^<http://www.w3.org/2001/XMLSchema#date>' in person
    assert '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>' in person


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "value", "code", "pointer"),
    [
        ("name", "", "card.claim_value", "name"),
        ("name", " 张三", "card.claim_value", "name"),
        ("name", "张\u202e三", "card.claim_value", "name"),
        ("name", "张" * 61, "card.claim_value", "name"),
        ("name", ["张三"], "card.claim_value", "name"),
        ("name", None, "card.claim_value", "name"),
        ("sex", "3", "card.code_unknown", "sex"),
        ("sex", 1, "card.claim_value", "sex"),
        ("ethnicGroup", "57", "card.code_unknown", "ethnicGroup"),
        ("ethnicGroup", {}, "card.claim_value", "ethnicGroup"),
        ("birthDate", "2000-02-30", "card.claim_value", "birthDate"),
        ("birthDate", "29.02.2000", "card.claim_value", "birthDate"),
        ("citizenIdentityNumber", "51019920000229001x", "identity_number.form", "citizenIdentityNumber"),
        ("citizenIdentityNumber", "510199200002290019", "identity_number.check", "citizenIdentityNumber"),
        ("licenceIdentifier", "1.2.156", "licence_identifier.form", "licenceIdentifier"),
        ("cardValidityLongTerm", False, "card.claim_value", "cardValidityLongTerm"),
        ("cardValidityLongTerm", "true", "card.claim_value", "cardValidityLongTerm"),
        ("registeredAddress", "成都", "card.claim_value", "registeredAddress"),
        ("registeredAddress", {"addressText": "x"}, "card.claim_missing", "registeredAddress/administrativeDivision"),
        (
            "registeredAddress",
            {"addressText": "x", "administrativeDivision": "510199"},
            "card.code_unknown",
            "registeredAddress/administrativeDivision",
        ),
        (
            "registeredAddress",
            {"addressText": "x", "administrativeDivision": "510202"},
            "card.code_unknown",
            "registeredAddress/administrativeDivision",
        ),
        (
            "registeredAddress",
            {"addressText": "x", "administrativeDivision": "510100"},
            "card.code_unknown",
            "registeredAddress/administrativeDivision",
        ),
        (
            "issuingAgency",
            {"name": "成都市公安局", "administrativeDivision": "510100"},
            "card.code_unknown",
            "issuingAgency/administrativeDivision",
        ),
        (
            "portrait",
            {"digestMultibase": "x", "mediaType": "image/jpeg"},
            "card.claim_value",
            "portrait/digestMultibase",
        ),
        (
            "portrait",
            {"digestMultibase": "zQm", "mediaType": "image/svg+xml"},
            "card.claim_value",
            "portrait/mediaType",
        ),
        ("fingerprint", "x", "card.claim_unknown", "fingerprint"),
        ("a/b~c", "x", "card.claim_unknown", "a~1b~0c"),
    ],
)
def test_a_wrong_value_is_named_with_its_pointer(
    claims: Claims, term: str, value: object, code: str, pointer: str
) -> None:
    assert (code, pointer) in problems_of(ID, claims(ID) | {term: value})


@pytest.mark.parametrize("term", [t for t, claim in CARDS[ID].claims.items() if claim.required])
def test_a_missing_claim_is_named(claims: Claims, term: str) -> None:
    stated = claims(ID)
    del stated[term]
    assert ("card.claim_missing", term) in problems_of(ID, stated)


@pytest.mark.parametrize(
    ("card_type", "term", "value", "code"),
    [
        (MEMBER, "relationshipToHead", "03", "card.code_unknown"),
        (MEMBER, "formerName", [], "card.claim_value"),
        (MEMBER, "formerName", "张小三", "card.claim_value"),
        (MEMBER, "heightCm", "172", "card.claim_value"),
        (MEMBER, "heightCm", True, "card.claim_value"),
        (MEMBER, "heightCm", 1720, "card.claim_value"),
        (MEMBER, "birthPlace", "5102", "card.claim_value"),
        (HOUSEHOLD, "householdType", "single", "card.code_unknown"),
        (HOUSEHOLD, "memberCount", 0, "card.claim_value"),
        ("VehicleLicenceCredential", "vehicleIdentificationNumber", "LZZO0000000000001", "card.claim_value"),
        ("VehicleLicenceCredential", "inspectionValidUntil", "2028-13", "card.claim_value"),
        ("DrivingLicenceCredential", "drivingClass", ["C9"], "card.code_unknown"),
        (
            "SecurityGuardCertificateCredential",
            "issuingAgency",
            {"name": "x", "administrativeDivision": "510104"},
            "card.code_unknown",
        ),
    ],
)
def test_wrong_values_of_other_cards(claims: Claims, card_type: str, term: str, value: object, code: str) -> None:
    assert code in {found for found, _ in problems_of(card_type, claims(card_type) | {term: value})}


def test_all_problems_are_reported_not_only_the_first(claims: Claims) -> None:
    stated = claims(ID) | {"name": "", "sex": "3", "birthDate": "x", "extra": 1}
    assert len(problems_of(ID, stated)) >= 4


def test_no_problem_repeats_a_value(claims: Claims) -> None:
    stated = claims(ID) | {"name": "张三\x00", "citizenIdentityNumber": "510199200002290019", "sex": "秘密"}
    with pytest.raises(ProblemError) as raised:
        credential_of(ID, stated)
    for secret in ("张三", "510199200002290019", "秘密"):
        assert secret not in str(raised.value)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_birth_date_and_sex_agree_with_the_number(claims: Claims) -> None:
    assert problems_of(MEMBER, claims(MEMBER) | {"birthDate": "2000-03-01"}) == {("card.inconsistent", "birthDate")}
    assert problems_of(MEMBER, claims(MEMBER) | {"sex": "2"}) == {("card.inconsistent", "sex")}
    assert problems_of(MEMBER, claims(MEMBER) | {"sex": "9"}) == {("card.inconsistent", "sex")}
    blasting = "BlastingOperatorPermitCredential"
    assert problems_of(blasting, claims(blasting) | {"sex": "2"}) == {("card.inconsistent", "sex")}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"cardValidityLongTerm": True}, "cardValidUntil"),
        ({"cardValidUntil": None}, "cardValidUntil"),
        ({"cardValidUntil": "2030-02-28"}, "cardValidUntil"),
        ({"cardValidUntil": "2040-03-01"}, "cardValidUntil"),
        ({"cardValidUntil": None, "cardValidityLongTerm": True}, "cardValidUntil"),
        ({"cardValidFrom": "1999-03-01", "cardValidUntil": "2004-03-01"}, "cardValidFrom"),
        ({"cardValidFrom": "2026-06-02", "cardValidUntil": "2046-06-02"}, "cardValidFrom"),
    ],
)
def test_the_identity_cards_validity_is_that_of_the_age(claims: Claims, change: dict[str, Any], pointer: str) -> None:
    stated = {term: value for term, value in (claims(ID) | change).items() if value is not None}
    assert ("card.validity", pointer) in problems_of(ID, stated)


def test_long_term_validity_has_no_last_day(claims: Claims) -> None:
    stated = claims(ID) | {
        "birthDate": "1964-01-01",
        "citizenIdentityNumber": "500199196401011230",
        "cardValidFrom": "2015-03-01",
        "cardValidityLongTerm": True,
    }
    del stated["cardValidUntil"]
    credential = credential_of(ID, stated)
    assert credential["credentialSubject"]["cardValidityLongTerm"] is True
    assert "cardValidUntil" not in credential["credentialSubject"]
    assert credential["credentialSubject"]["ageOver60"] is True


def test_an_expired_card_gives_no_credential(claims: Claims) -> None:
    with pytest.raises(ProblemError, match="card itself has ended"):
        credential_of(ID, claims(ID), date(2030, 3, 2))


def test_dates_do_not_run_backwards(claims: Claims) -> None:
    stated = claims(PERMIT)
    stated["endorsement"]["endorsedOn"] = "2024-03-04"
    assert ("card.inconsistent", "endorsement/endorsedOn") in problems_of(PERMIT, stated)


def test_a_derived_claim_can_not_be_stated_otherwise(claims: Claims) -> None:
    assert ("card.inconsistent", "issuingProvince") in problems_of(ID, claims(ID) | {"issuingProvince": "500000"})
    assert ("card.inconsistent", "ageOver60") in problems_of(ID, claims(ID) | {"ageOver60": True})
    credential = credential_of(ID, claims(ID) | {"ageOver18": True, "issuingProvince": "510000"})
    assert credential == credential_of(ID, claims(ID))


# --- derived claims --------------------------------------------------------------------------------------------------

AGES = (14, 16, 18, 20, 22, 60, 65)


@given(st.dates(date(1930, 1, 1), DAY))
def test_an_age_claim_is_true_from_the_birthday_on_and_never_false(birth: date) -> None:
    found = derived_claims(CARDS[ID], {"birthDate": birth.isoformat()}, DAY)
    age = age_on(birth, DAY)
    assert found == {f"ageOver{years}": True for years in AGES if age >= years}


@pytest.mark.parametrize(("day", "stated"), [(date(2018, 2, 28), False), (date(2018, 3, 1), True)])
def test_who_was_born_on_29_february_is_18_on_1_march(day: date, stated: bool) -> None:
    assert ("ageOver18" in derived_claims(CARDS[ID], {"birthDate": "2000-02-29"}, day)) is stated


def test_regions_follow_from_addresses_and_agency(claims: Claims) -> None:
    found = derived_claims(CARDS[PERMIT], claims(PERMIT), DAY)
    assert found == {"residentOfPrefecture": "511100", "issuingProvince": "510000", "issuingRegion": "511100"}
    found = derived_claims(CARDS[ID], claims(ID), DAY)
    assert (found["registeredProvince"], found["registeredPrefecture"]) == ("510000", "510100")


# --- credentials of others -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": ["VerifiableCredential"]}, "card.unknown"),
        ({"type": ["VerifiableCredential", ID, PERMIT]}, "card.unknown"),
        ({"type": None}, "card.unknown"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "card.form"),
        ({"credentialSubject": []}, "card.form"),
        ({"credentialSubject": [{}, {}]}, "card.form"),
        ({"credentialSubject": {"type": "Household", "name": "x"}}, "card.form"),
        ({"validFrom": "2026-06-01"}, "card.form"),
        ({"credentialSubject": {"type": "Person", "name": 7}}, "card.claim_value"),
        ({"credentialSubject": {"type": "Person", "ageOver18": False}}, "card.claim_value"),
        ({"credentialSubject": {"type": "Person", "birthDate": "2020-01-01", "ageOver18": True}}, "card.inconsistent"),
        (
            {
                "credentialSubject": {
                    "type": "Person",
                    "cardValidUntil": "2030-03-01",
                    "cardValidityLongTerm": True,
                }
            },
            "card.validity",
        ),
    ],
)
def test_a_credential_that_is_no_good_card_is_refused(claims: Claims, change: dict[str, Any], code: str) -> None:
    credential = credential_of(ID, claims(ID)) | change
    assert code in {problem.code for problem in check_credential(credential)}
    with pytest.raises(ProblemError):
        from_credential(credential)


def test_every_disclosure_of_a_good_card_is_good(credential: dict[str, Any], card: CardDefinition) -> None:
    subject = credential["credentialSubject"]
    for term in claims_of(credential):
        shown = {name: subject[name] for name in ("id", "type", "issuingProvince", term)}
        assert check_credential({**credential, "credentialSubject": shown}) == []
    assert {
        p.code
        for p in check_credential({**credential, "credentialSubject": {"type": card.subject_type}}, complete=True)
    } == {"card.claim_missing"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(CARDS[PERMIT].claims)), JSON, max_size=6), JSON)
def test_no_form_of_an_untrusted_credential_raises(subject: dict[str, Any], other: Any) -> None:
    base = {"@context": other, "type": ["VerifiableCredential", PERMIT], "validFrom": first_moment(DAY)}
    for form in ({**base, "credentialSubject": {"type": "Person", **subject}}, {**base, "credentialSubject": other}):
        assert all(problem.detail for problem in check_credential(form))
    check_credential({"type": other})


# --- the register ----------------------------------------------------------------------------------------------------


def test_claims_come_from_a_registers_record_by_the_definitions_columns() -> None:
    record = {
        "name": "张三",
        "sex": "1",
        "birth_date": date(2000, 2, 29),
        "registered_division": "510104",
        "registered_address": "四川省成都市锦江区迎春路1号",
        "former_names": [],
        "blood_type": "",
        "moved_to_city_date": None,
        "height_cm": 172,
        "religion": "never asked for",
        "card_valid_long_term": False,
        "address_changes": [{"date": date(2019, 1, 2), "addressText": "x"}],
    }
    assert claims_from_record(CARDS[MEMBER], record) == {
        "name": "张三",
        "sex": "1",
        "birthDate": "2000-02-29",
        "heightCm": 172,
    }
    card = claims_from_record(CARDS[ID], record)
    assert card["registeredAddress"] == {
        "administrativeDivision": "510104",
        "addressText": "四川省成都市锦江区迎春路1号",
    }
    assert "cardValidityLongTerm" not in card
    household = claims_from_record(CARDS[HOUSEHOLD], record)
    assert household["addressChange"] == [{"date": "2019-01-02", "addressText": "x"}]


@pytest.mark.parametrize(
    ("household", "member", "pointer"),
    [
        ({"memberCount": 2}, {}, "/memberCount"),
        ({"householdNumber": "1"}, {}, "/householdNumber"),
        ({"headOfHousehold": {"name": "李四"}}, {}, "/headOfHousehold"),
        ({}, {"relationshipToHead": "22"}, "/headOfHousehold"),
    ],
)
def test_a_household_that_does_not_fit_its_members_is_refused(
    claims: Claims, household: dict[str, Any], member: dict[str, Any], pointer: str
) -> None:
    page = claims(HOUSEHOLD) | {"memberCount": 1} | household
    found = check_household(page, [claims(MEMBER) | member])
    assert [problem.pointer for problem in found] == ["/credentialSubject" + pointer]


def test_a_household_has_one_head_and_a_family_only_relatives(claims: Claims) -> None:
    page, head = claims(HOUSEHOLD) | {"memberCount": 2}, claims(MEMBER)
    assert check_household(page, [head, head | {"relationshipToHead": "22"}]) == []
    assert check_household(page, [head, head])[0].code == "card.household"
    assert check_household(page, [head, head | {"relationshipToHead": "99"}])[0].pointer.endswith("householdType")
    assert check_household(page | {"householdType": "collective"}, [head, head | {"relationshipToHead": "99"}]) == []


@given(st.dates(date(1930, 1, 1), date(2025, 1, 1)), st.integers(0, 999), st.integers(1, 999))
def test_a_card_with_the_validity_of_the_age_at_issue_is_accepted(birth: date, days: int, sequence: int) -> None:
    issued = max(birth, DAY - timedelta(days=days))
    steps = next(rule["years"] for rule in CARDS[ID].rules if rule["rule"] == "validityByAge")
    years = validity_years(birth, issued, steps)
    digits = f"510199{birth:%Y%m%d}{sequence:03d}"
    subject: dict[str, Any] = {
        "type": "Person",
        "sex": "1" if sequence % 2 else "2",
        "birthDate": birth.isoformat(),
        "citizenIdentityNumber": digits + identity_check_character(digits),
        "cardValidFrom": issued.isoformat(),
    }
    subject |= (
        {"cardValidityLongTerm": True} if years is None else {"cardValidUntil": add_years(issued, years).isoformat()}
    )
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CARDS[ID].context],
        "type": ["VerifiableCredential", ID],
        "validFrom": first_moment(DAY),
        "credentialSubject": subject,
    }
    assert check_credential(credential) == []
