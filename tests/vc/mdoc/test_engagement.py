"""Device engagement as data: to a QR code and back, and from strangers."""

from __future__ import annotations

import base64

import cbor2
import pytest

import did
import vc
from vc import mdoc
from vc.mdoc.cose_key import from_cose_key, to_cose_key
from vc.mdoc.engagement import BLE, NFC

from .conftest import COMMON, codes

READER_KEY = cbor2.dumps(to_cose_key(did.SoftwareKey.from_seed("P-256", b"reader").public_key))


def engagement() -> mdoc.DeviceEngagement:
    key = did.SoftwareKey.from_seed("P-256", b"session").public_key
    ble = mdoc.RetrievalMethod(BLE, 1, {0: False, 1: True, 11: bytes(16)})
    return mdoc.DeviceEngagement.create(key, ble, mdoc.RetrievalMethod(NFC, 1, {0: 255, 1: 65536}))


def test_an_engagement_goes_into_a_qr_code_and_comes_back():
    made = engagement()
    text = made.to_uri()
    assert text.startswith("mdoc:") and "=" not in text
    assert mdoc.DeviceEngagement.from_uri(text) == made


def test_a_session_near_by_is_signed_and_verified(issued, device, judge):
    made = engagement()
    session = mdoc.proximity_transcript(made.encoded, READER_KEY)
    response = mdoc.present(issued, {COMMON: ["age_over_18"]}, device, transcript=session)
    assert judge(response, transcript=session).verified
    by_nfc = mdoc.proximity_transcript(made.encoded, READER_KEY, (b"Hs", None))
    assert codes(judge(response, transcript=by_nfc)) == ["mdoc.device_signature"]


def changed(**members) -> str:
    content = {**cbor2.loads(engagement().encoded), **{int(k[1:]): v for k, v in members.items()}}
    data = cbor2.dumps({key: value for key, value in content.items() if value is not None})
    return "mdoc:" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mdoc:",
        "MDOC:" + engagement().to_uri()[5:],
        "https://police.example",
        engagement().to_uri() + "=",
        engagement().to_uri()[:-4],
        "mdoc:" + "A" * 5000,
        changed(_0="2.0"),
        changed(_0=None),
        changed(_1=None),
        changed(_1=[2, cbor2.CBORTag(24, READER_KEY)]),
        changed(_1=[1, READER_KEY]),
        changed(_1=[1, cbor2.CBORTag(24, b"\xa0")]),
        changed(_2={}),
        changed(_2=[[2, 1]]),
        changed(_2=[["BLE", 1, {}]]),
        changed(_2=[[2, 1, {}]] * 17),
        "mdoc:" + base64.urlsafe_b64encode(b"\xa1\xf4\x631.0").decode().rstrip("="),
    ],
)
def test_what_is_no_engagement_is_refused(text):
    with pytest.raises(vc.ProblemError) as caught:
        mdoc.DeviceEngagement.from_uri(text)
    assert caught.value.code in ("mdoc.form", "mdoc.device_key", "parse.limit")


@pytest.mark.parametrize("key_type", ["P-256", "P-384", "P-521", "Ed25519"])
def test_a_key_comes_back_from_its_cose_form(key_type):
    key = did.generate(key_type).public_key
    encoded = to_cose_key(key)
    assert from_cose_key(encoded) == key
    if -3 in encoded:
        assert from_cose_key({**encoded, -3: bool(encoded[-3][-1] & 1)}) == key


@pytest.mark.parametrize(
    "change",
    [{1: True}, {1: 3}, {-1: 1.0}, {-2: "x"}, {-2: b""}, {-3: bytes(31)}, {-3: None}, {True: 2}, {3: -8}, {3: "ES256"}],
)
def test_a_key_of_another_form_is_refused(change):
    encoded = to_cose_key(did.SoftwareKey.from_seed("P-256", b"x").public_key)
    value = {**{k: v for k, v in encoded.items() if k not in change}, **change}
    with pytest.raises(vc.ProblemError) as caught:
        from_cose_key(value)
    assert caught.value.code == "mdoc.device_key"


@pytest.mark.parametrize("value", [None, [], {"x": 1, b"y": 2}])
def test_what_is_no_key_is_refused(value):
    with pytest.raises(vc.ProblemError):
        from_cose_key(value)


def test_the_origin_stands_in_a_transcript_without_its_prefix():
    with pytest.raises(ValueError, match="prefix"):
        mdoc.dc_api_transcript(origin="origin:https://v.example", nonce="n")


@pytest.mark.parametrize("name", ["client_id", "nonce", "response_uri"])
def test_a_transcript_needs_every_value(name):
    values = {"client_id": "c", "nonce": "n", "response_uri": "https://v.example", name: ""}
    with pytest.raises(ValueError, match=name):
        mdoc.redirect_transcript(**values)  # type: ignore[arg-type]


def test_the_key_that_an_answer_is_encrypted_to_is_in_the_transcript():
    key = did.generate().public_key.to_jwk()
    plain, encrypted = (mdoc.dc_api_transcript(origin="o", nonce="n", encryption_key=k) for k in (None, key))
    assert plain != encrypted
    with pytest.raises(ValueError, match="JWK"):
        mdoc.dc_api_transcript(origin="o", nonce="n", encryption_key={"kty": "x"})
