"""Showing: the chosen elements and nothing else, for one session, signed here or elsewhere."""

from __future__ import annotations

import base64

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import did
import vc
from vc import mdoc

from .conftest import COMMON, NAME_SPACES, NOW, OWN, SESSION, codes


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_the_chosen_elements_are_shown_and_verify(shown, judge):
    verdict = judge(shown)
    assert verdict.verified, verdict.problems
    document = verdict.document["documents"][0]
    assert document["issuerSigned"][COMMON] == {"family_name": "王", "age_over_18": True}
    assert document["issuerSigned"][OWN]["residence_address"]["administrativeDivision"] == "510199"
    assert document["deviceSigned"] == {}


def test_nothing_else_leaves(shown):
    for hidden in ("given_name", "birth_date", "portrait", "classes", "小明"):
        assert hidden.encode() not in shown


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.sampled_from([(name, element) for name in NAME_SPACES for element in NAME_SPACES[name]])))
def test_whatever_is_chosen_is_shown_and_of_the_rest_not_even_the_random_bytes(chosen, issued, device, judge):
    elements = {name: [e for n, e in chosen if n == name] for name in NAME_SPACES}
    response = mdoc.present(issued, elements, device, transcript=SESSION)
    shown = judge(response).document["documents"][0]["issuerSigned"]
    assert {(name, element) for name, values in shown.items() for element in values} == chosen
    for name, items in mdoc.read_issuer_signed(issued).items.items():
        for item in items:
            assert (item.random in response) == ((name, item.identifier) in chosen)


def test_elements_are_shown_in_the_order_in_which_they_were_issued(issued, device):
    names = ["sex", "age_over_18", "family_name"]
    one, other = (mdoc.present(issued, {COMMON: order}, device, transcript=SESSION) for order in (names, names[::-1]))
    assert one == other


def test_a_document_can_be_shown_without_any_element(issued, device, judge):
    response = mdoc.present(issued, {}, device, transcript=SESSION)
    assert "nameSpaces" not in cbor2.loads(response)["documents"][0]["issuerSigned"]
    verdict = judge(response)
    assert verdict.verified and verdict.document["documents"][0]["issuerSigned"] == {}


def test_both_forms_are_taken_bytes_and_base64url(issued, device, judge):
    response = mdoc.present(encoded(issued), {COMMON: ["sex"]}, device, transcript=SESSION)
    assert judge(encoded(response)).verified


def test_a_key_elsewhere_signs_what_is_prepared(issued, device, judge):
    pending = mdoc.prepare(issued, {COMMON: ["sex"]}, transcript=SESSION)
    assert pending.key == device.public_key
    response = pending.complete(device.sign(pending.data_to_sign))
    assert judge(response).verified


def test_a_signature_of_another_key_completes_nothing(issued):
    pending = mdoc.prepare(issued, {COMMON: ["sex"]}, transcript=SESSION)
    for signature in (did.generate().sign(pending.data_to_sign), bytes(64), b""):
        with pytest.raises(vc.ProblemError) as caught:
            pending.complete(signature)
        assert caught.value.code == "mdoc.device_signature"


def test_an_answer_is_good_for_its_session_only(shown, judge):
    others = [
        mdoc.redirect_transcript(client_id="x509_hash:abd", nonce="n-0S6_WzA2Mj", response_uri="https://v.example/r"),
        mdoc.redirect_transcript(client_id="x509_hash:abc", nonce="n-0S6_WzA2Mk", response_uri="https://v.example/r"),
        mdoc.redirect_transcript(client_id="x509_hash:abc", nonce="n-0S6_WzA2Mj", response_uri="https://v.example/s"),
        mdoc.dc_api_transcript(origin="https://v.example", nonce="n-0S6_WzA2Mj"),
    ]
    for transcript in others:
        assert codes(judge(shown, transcript=transcript)) == ["mdoc.device_signature"]


@pytest.mark.parametrize("elements", [{COMMON: ["nationality"]}, {"org.iso.18013.5.1": ["family_name"]}])
def test_an_element_that_the_mdoc_does_not_have_is_not_shown(elements, issued, device):
    with pytest.raises(vc.ProblemError) as caught:
        mdoc.present(issued, elements, device, transcript=SESSION)
    assert caught.value.code == "mdoc.element"


def test_a_text_is_no_collection_of_identifiers(issued, device):
    with pytest.raises(TypeError, match="collection"):
        mdoc.present(issued, {COMMON: "sex"}, device, transcript=SESSION)


def test_only_the_device_that_the_mdoc_is_bound_to_shows_it(issued):
    with pytest.raises(vc.ProblemError) as caught:
        mdoc.present(issued, {COMMON: ["sex"]}, did.generate(), transcript=SESSION)
    assert caught.value.code == "mdoc.device_key"


def test_a_transcript_has_the_form_of_one(issued, device):
    for transcript in (b"", b"\x80", cbor2.dumps([None, None]), cbor2.dumps([1, None, None]), SESSION + b"\0"):
        with pytest.raises(vc.ProblemError) as caught:
            mdoc.present(issued, {}, device, transcript=transcript)
        assert caught.value.code == "mdoc.form"


@pytest.mark.parametrize(
    "authorizations",
    [
        mdoc.KeyAuthorizations(name_spaces=frozenset({"example.payment"})),
        mdoc.KeyAuthorizations(data_elements={"example.payment": frozenset({"amount"})}),
    ],
)
def test_the_device_signs_elements_of_its_own_where_the_authority_allows_it(authorizations, authority, device, judge):
    issued = authority.issue(device.public_key, key_authorizations=authorizations)
    own = {"example.payment": {"amount": 12}}
    verdict = judge(mdoc.present(issued, {}, device, transcript=SESSION, device_signed=own))
    assert verdict.verified, verdict.problems
    assert verdict.document["documents"][0]["deviceSigned"] == own


@pytest.mark.parametrize("own", [{"example.payment": {"payee": "x"}}, {COMMON: {"age_over_21": True}}])
def test_and_nowhere_else(own, authority, device):
    authorizations = mdoc.KeyAuthorizations(data_elements={"example.payment": frozenset({"amount"})})
    issued = authority.issue(device.public_key, key_authorizations=authorizations)
    with pytest.raises(vc.ProblemError) as caught:
        mdoc.present(issued, {}, device, transcript=SESSION, device_signed=own)
    assert caught.value.code == "mdoc.device_authorization"


def test_an_mdoc_is_read_without_being_believed(issued):
    read = mdoc.read_issuer_signed(issued)
    assert read.security_object.validity.signed == NOW
    assert read.elements[COMMON]["sex"] == 1
    assert "小明" not in repr(read)
