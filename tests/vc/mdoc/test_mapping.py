"""Claims as elements, and back, by one table."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vc
from vc import mdoc
from vc.mdoc import COMMON_NAME_SPACE, Element, ElementMapping
from vc.mdoc.encoding import plain

from .conftest import OWN, SESSION

MAPPING = ElementMapping(
    {
        "/name": Element("family_name_unicode"),
        "/birthDate": Element("birth_date", kind="full-date"),
        "/sex": Element("sex", kind="digits"),
        "/ageOver18": Element("age_over_18", kind="boolean"),
        "/memberCount": Element("member_count", OWN, "integer"),
        "/portrait/content": Element("portrait", kind="bytes"),
        "/issuingAgency/name": Element("issuing_authority_unicode"),
        "/residenceAddress": Element("residence_address", OWN, "value"),
        "/issuedAt": Element("issued_at", OWN, "tdate"),
    },
    left_out=["/portrait/digestMultibase", "/type"],
)
CLAIMS = {
    "name": "王小明",
    "birthDate": "1990-02-28",
    "sex": "1",
    "ageOver18": True,
    "memberCount": 3,
    "portrait": {"content": "_9j_", "digestMultibase": "z"},
    "issuingAgency": {"name": "公安局"},
    "residenceAddress": {"administrativeDivision": "510199"},
    "issuedAt": "2026-06-01T16:00:00+08:00",
    "type": "Person",
}


def test_claims_become_elements_of_their_namespaces_and_kinds():
    spaces = MAPPING.name_spaces(CLAIMS)
    assert spaces[COMMON_NAME_SPACE] == {
        "family_name_unicode": "王小明",
        "birth_date": date(1990, 2, 28),
        "sex": 1,
        "age_over_18": True,
        "portrait": b"\xff\xd8\xff",
        "issuing_authority_unicode": "公安局",
    }
    assert spaces[OWN]["residence_address"] == {"administrativeDivision": "510199"}
    assert spaces[OWN]["issued_at"] == datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def test_a_verified_mdoc_gives_the_claims_back(authority, device, judge):
    issued = authority.issue(device.public_key, MAPPING.name_spaces(CLAIMS))
    chosen = {COMMON_NAME_SPACE: ["birth_date", "sex", "portrait", "issuing_authority_unicode"], OWN: ["issued_at"]}
    verdict = judge(mdoc.present(issued, chosen, device, transcript=SESSION))
    assert MAPPING.claims(verdict.document["documents"][0]["issuerSigned"]) == {
        "birthDate": "1990-02-28",
        "sex": "1",
        "portrait": {"content": "_9j_"},
        "issuingAgency": {"name": "公安局"},
        "issuedAt": "2026-06-01T08:00:00Z",
    }


def test_elements_of_others_are_passed_over():
    assert MAPPING.claims({"example.other": {"family_name_unicode": "x"}, COMMON_NAME_SPACE: {"height": 1}}) == {}


def test_an_element_leads_to_its_claim():
    assert MAPPING.pointer(COMMON_NAME_SPACE, "birth_date") == "/birthDate"
    assert MAPPING.pointer(OWN, "birth_date") is None


@pytest.mark.parametrize(
    "claims",
    [
        {"nickname": "x"},
        {"issuingAgency": {"code": "1"}},
        {"name": 1},
        {"birthDate": "1990-02-30"},
        {"sex": "01"},
        {"sex": "男"},
        {"sex": 1},
        {"ageOver18": 1},
        {"memberCount": True},
        {"portrait": {"content": "=="}},
        {"issuedAt": "2026-06-01T16:00:00"},
        {"issuedAt": "soon"},
    ],
)
def test_no_claim_is_lost_or_bent(claims):
    with pytest.raises(vc.ProblemError) as caught:
        MAPPING.name_spaces(claims)
    assert caught.value.code == "mdoc.element"


@pytest.mark.parametrize(
    "elements",
    [{"/a": Element("x"), "/b": Element("x")}, {"a": Element("x")}, {"/a": Element("x"), "/a/b": Element("y")}],
)
def test_a_table_says_one_thing_of_each_claim(elements):
    with pytest.raises(ValueError, match="claim"):
        ElementMapping(elements)


_TEXT = st.text(max_size=6)
_CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "name": _TEXT,
        "birthDate": st.dates().map(date.isoformat),
        "sex": st.integers(0, 10**9).map(str),
        "ageOver18": st.booleans(),
        "memberCount": st.integers(-(2**40), 2**40),
        "issuingAgency": st.fixed_dictionaries({"name": _TEXT}),
        "residenceAddress": st.dictionaries(_TEXT, _TEXT, max_size=3),
    },
)


@given(_CLAIMS)
def test_claims_come_back_as_they_went(claims):
    assert MAPPING.claims(plain(MAPPING.name_spaces(claims))) == claims
