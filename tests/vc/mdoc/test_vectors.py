"""The example of ISO/IEC 18013-5 annex D, and the transcripts of OpenID4VP 1.0 appendix B.2.6."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vc import mdoc
from vc.mdoc.device_authentication import device_authentication
from vc.mdoc.transcripts import check_transcript

from .conftest import codes, outcome

VECTORS = Path(__file__).parents[2] / "vectors" / "mdoc"
ANNEX_D = json.loads((VECTORS / "annex-d.json").read_text())
TRANSCRIPTS = json.loads((VECTORS / "openid4vp-transcripts.json").read_text())
ROOT = x509.load_der_x509_certificate(bytes.fromhex(ANNEX_D["iaca_certificate"]))
RESPONSE = bytes.fromhex(ANNEX_D["device_response"])
TRANSCRIPT_BYTES = bytes.fromhex(ANNEX_D["session_transcript_bytes"])
TRANSCRIPT = cbor2.loads(TRANSCRIPT_BYTES).value
THEN = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def verdict():
    return mdoc.verify(RESPONSE, transcript=TRANSCRIPT, anchors=[ROOT], now=THEN)


def test_everything_that_the_authority_of_annex_d_signed_is_found_good(verdict):
    for name in ("parse", "response", "doc_type", "issuer", "proof", "digests", "validity_period"):
        assert outcome(verdict, name) == "passed", name


def test_the_elements_of_annex_d_are_read(verdict):
    document = verdict.document["documents"][0]
    shown = document["issuerSigned"]["org.iso.18013.5.1"]
    assert document["docType"] == "org.iso.18013.5.1.mDL"
    assert (shown["family_name"], shown["issue_date"], shown["document_number"]) == ("Doe", "2019-10-20", "123456789")
    assert [entry["vehicle_category_code"] for entry in shown["driving_privileges"]] == ["A", "B"]
    assert document["validityInfo"]["validUntil"] == "2021-10-01T13:30:02Z"


def test_its_authentication_by_mac_is_refused_by_name(verdict):
    assert not verdict.verified
    assert codes(verdict) == ["mdoc.device_mac"]


def test_its_issuer_signed_part_alone_verifies():
    issuer_signed = cbor2.dumps(cbor2.loads(RESPONSE)["documents"][0]["issuerSigned"])
    verdict = mdoc.verify_issued(issuer_signed, anchors=[ROOT], now=THEN)
    assert verdict.verified
    assert verdict.document["issuer"] == "C=US,CN=utopia iaca"  # type: ignore[index]


def test_a_day_after_its_certificate_ended_it_is_refused():
    issuer_signed = cbor2.dumps(cbor2.loads(RESPONSE)["documents"][0]["issuerSigned"])
    verdict = mdoc.verify_issued(issuer_signed, anchors=[ROOT], now=datetime(2021, 10, 2, tzinfo=UTC))
    assert codes(verdict)[0] == "envelope.chain"


def test_its_mac_is_over_our_device_authentication():
    # Section 9.1.3.5. The MAC itself is not supported; that it fits says that what devices sign is built rightly.
    device, reader = ANNEX_D["static_device_key"], ANNEX_D["e_reader_key"]
    theirs = ec.EllipticCurvePublicNumbers(int(reader["x"], 16), int(reader["y"], 16), ec.SECP256R1()).public_key()
    secret = ec.derive_private_key(int(device["d"], 16), ec.SECP256R1()).exchange(ec.ECDH(), theirs)
    salt = hashlib.sha256(TRANSCRIPT_BYTES).digest()
    key = HKDF(hashes.SHA256(), 32, salt=salt, info=b"EMacKey").derive(secret)
    document = cbor2.loads(RESPONSE)["documents"][0]
    protected, _, _, tag = document["deviceSigned"]["deviceAuth"]["deviceMac"]
    name_spaces = cbor2.dumps(document["deviceSigned"]["nameSpaces"])
    payload = device_authentication(TRANSCRIPT, document["docType"], name_spaces)
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(cbor2.dumps(["MAC0", protected, b"", payload]))
    mac.verify(tag)


def test_its_transcript_is_built_from_engagement_reader_key_and_handover():
    engagement, reader_key, handover = cbor2.loads(TRANSCRIPT)
    built = mdoc.proximity_transcript(engagement.value, reader_key.value, tuple(handover))
    assert built == TRANSCRIPT
    # (That session began by NFC; the engagement by QR code is another example with the same key.)
    qr = mdoc.DeviceEngagement.read(bytes.fromhex(ANNEX_D["device_engagement"]))
    assert mdoc.DeviceEngagement.read(engagement.value).e_device_key == qr.e_device_key


def test_its_device_engagement_is_read_and_shown_as_a_qr_code():
    engagement = mdoc.DeviceEngagement.read(bytes.fromhex(ANNEX_D["device_engagement"]))
    x, y = (bytes.fromhex(ANNEX_D["e_device_key"][name]) for name in "xy")
    assert engagement.e_device_key.raw == bytes((2 + y[-1] % 2,)) + x
    assert [(method.type, method.version) for method in engagement.methods] == [(2, 1)]
    assert mdoc.DeviceEngagement.from_uri(engagement.to_uri()) == engagement


def test_the_transcript_of_openid4vp_by_redirect():
    case, key = TRANSCRIPTS["redirect"], TRANSCRIPTS["encryption_key"]
    built = mdoc.redirect_transcript(
        client_id=case["client_id"], nonce=case["nonce"], response_uri=case["response_uri"], encryption_key=key
    )
    assert built.hex() == case["session_transcript"]
    assert check_transcript(built) == built


def test_the_transcript_of_openid4vp_by_the_digital_credentials_api():
    case, key = TRANSCRIPTS["dc_api"], TRANSCRIPTS["encryption_key"]
    built = mdoc.dc_api_transcript(origin=case["origin"], nonce=case["nonce"], encryption_key=key)
    assert built.hex() == case["session_transcript"]


@pytest.mark.parametrize("name", ["redirect", "dc_api"])
def test_the_handover_is_the_hash_of_the_published_info(name):
    handover = cbor2.loads(bytes.fromhex(TRANSCRIPTS[name]["session_transcript"]))[2]
    assert handover[1] == hashlib.sha256(bytes.fromhex(TRANSCRIPTS[name]["handover_info"])).digest()
    assert mdoc.jwk_thumbprint(TRANSCRIPTS["encryption_key"]) in bytes.fromhex(TRANSCRIPTS[name]["handover_info"])
