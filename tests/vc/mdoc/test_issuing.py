"""Issuing: what is signed, what it gives away, and what is not issued."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import timezone as Zone

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import did
import vc
from vc import mdoc

from .conftest import COMMON, DOC_TYPE, NAME_SPACES, NOW, OWN, Authority, codes, outcome, software_key


def security_object(issuer_signed: bytes):
    return cbor2.loads(cbor2.loads(cbor2.loads(issuer_signed)["issuerAuth"][2]).value)


def test_an_issued_mdoc_verifies_and_shows_every_element(issued, authority, device):
    verdict = mdoc.verify_issued(issued, anchors=[authority.root], device_key=device.public_key, now=NOW)
    assert verdict.verified, verdict.problems
    assert verdict.document["docType"] == DOC_TYPE  # type: ignore[index]
    assert verdict.document["issuer"] == "https://police.example/authority"  # type: ignore[index]
    shown = verdict.document["issuerSigned"]  # type: ignore[index]
    assert shown[COMMON]["birth_date"] == "1990-02-28" and shown[COMMON]["age_over_18"] is True
    assert shown[OWN] == NAME_SPACES[OWN]


@pytest.mark.parametrize("curve", [ec.SECP256R1, ec.SECP384R1])
@pytest.mark.parametrize("device_type", ["P-256", "P-384", "P-521", "Ed25519"])
def test_every_key_type_signs_and_is_bound(curve, device_type):
    authority, device = Authority(curve=curve), did.generate(device_type)
    issued = authority.issue(device.public_key)
    session = mdoc.dc_api_transcript(origin="https://v.example", nonce="n")
    response = mdoc.present(issued, {COMMON: ["age_over_18"]}, device, transcript=session)
    assert mdoc.verify(response, transcript=session, anchors=[authority.root], now=NOW).verified


@pytest.mark.parametrize("algorithm", ["SHA-256", "SHA-384", "SHA-512"])
def test_every_digest_algorithm(algorithm, authority, device):
    issued = authority.issue(device.public_key, digest_algorithm=algorithm)
    assert mdoc.verify_issued(issued, anchors=[authority.root], now=NOW).verified
    size = int(algorithm[-3:]) // 8
    assert {len(d) for d in security_object(issued)["valueDigests"][OWN].values()} == {size}


def test_an_element_has_random_bytes_of_its_own(issued):
    items = [cbor2.loads(item.value) for item in cbor2.loads(issued)["nameSpaces"][COMMON]]
    assert all(len(item["random"]) >= 16 for item in items)
    assert len({item["random"] for item in items}) == len(items)


def test_digest_ids_and_the_order_of_digests_do_not_tell_which_element_is_which(authority, device):
    found = set()
    for _ in range(12):
        issued = authority.issue(device.public_key)
        found.add(tuple(cbor2.loads(item.value)["digestID"] for item in cbor2.loads(issued)["nameSpaces"][COMMON]))
        digests = security_object(issued)["valueDigests"][COMMON]
        assert list(digests) == sorted(digests) == list(range(len(NAME_SPACES[COMMON])))
    assert len(found) > 6


def test_the_same_random_source_gives_the_same_mdoc(authority, device):
    first, second = (authority.issue(device.public_key, random=bytes) for _ in range(2))
    assert first == second


def test_times_lose_their_fractions_and_zones(authority, device):
    now = datetime(2026, 6, 1, 16, 0, 0, 123456, tzinfo=Zone(timedelta(hours=8)))
    info = security_object(authority.issue(device.public_key, now=now))["validityInfo"]
    assert info["signed"] == datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def test_the_status_and_the_expected_update_are_signed(authority, device):
    status = {"status_list": {"idx": 7, "uri": "https://police.example/status/1"}}
    issued = authority.issue(device.public_key, status=status, expected_update=NOW + timedelta(days=60))
    verdict = mdoc.verify_issued(issued, anchors=[authority.root], now=NOW)
    assert verdict.document["status"] == status  # type: ignore[index]
    assert verdict.document["validityInfo"]["expectedUpdate"] == "2026-07-31T08:00:00Z"  # type: ignore[index]
    assert outcome(verdict, "status") == "not applicable" and verdict.warnings[0].code == "warning.status"


def test_a_wallet_sees_that_an_mdoc_is_bound_to_another_key(issued, authority):
    other = did.generate().public_key
    verdict = mdoc.verify_issued(issued, anchors=[authority.root], device_key=other, now=NOW)
    assert codes(verdict) == ["mdoc.device_key"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_until": NOW - timedelta(days=1)}, "mdoc.security_object"),
        ({"valid_until": NOW + timedelta(days=399)}, "mdoc.signed"),
        ({"now": NOW - timedelta(days=31)}, "mdoc.signed"),
        ({"valid_from": NOW - timedelta(days=1)}, "mdoc.security_object"),
        ({"certificates": []}, "mdoc.certificate"),
        ({"digest_algorithm": "SHA-1"}, "mdoc.security_object"),
        ({"name_spaces": {}}, "mdoc.security_object"),
        ({"name_spaces": {COMMON: {"": 1}}}, "mdoc.security_object"),
        ({"name_spaces": {COMMON: {"a": object()}}}, "mdoc.element"),
        ({"name_spaces": {COMMON: {"a": {1: 2}}}}, "mdoc.element"),
        ({"name_spaces": {COMMON: {"a": 2**70}}}, "mdoc.form"),
        ({"name_spaces": {COMMON: {"a": float("nan")}}}, "mdoc.element"),
        ({"name_spaces": {COMMON: {"a": datetime(2026, 1, 1)}}}, "mdoc.element"),
        ({"name_spaces": {COMMON: {"a": bytes(2**21)}}}, "parse.limit"),
        ({"doc_type": ""}, "mdoc.security_object"),
    ],
)
def test_what_would_be_refused_is_not_issued(changes, code, authority, device):
    with pytest.raises(vc.ProblemError) as caught:
        authority.issue(device.public_key, **changes)
    assert caught.value.code == code


def test_a_certificate_of_another_key_is_refused(authority, device):
    other = software_key(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(vc.ProblemError) as caught:
        mdoc.issue(
            DOC_TYPE, NAME_SPACES, device.public_key, other, [authority.leaf], valid_until=NOW + timedelta(1), now=NOW
        )
    assert caught.value.code == "mdoc.certificate"


def test_the_root_is_left_out(authority, device):
    with pytest.raises(vc.ProblemError) as caught:
        authority.issue(device.public_key, certificates=[authority.leaf, authority.root])
    assert caught.value.code == "envelope.chain"


def test_a_device_key_that_cannot_sign_is_refused(authority):
    for key_type in ("secp256k1", "X25519"):
        with pytest.raises(vc.ProblemError) as caught:
            authority.issue(did.generate(key_type).public_key)
        assert caught.value.code == "mdoc.device_key"


def test_naive_times_are_a_mistake_of_the_caller(authority, device):
    with pytest.raises(ValueError, match="time zone"):
        authority.issue(device.public_key, valid_until=datetime(2026, 9, 1))


def test_dates_are_tagged_as_dates(issued):
    item = next(i for i in cbor2.loads(issued)["nameSpaces"][COMMON] if b"birth_date" in i.value)
    assert b"\xd9\x03\xec\x6a1990-02-28" in item.value
    assert cbor2.loads(item.value)["elementValue"] == date(1990, 2, 28)
