"""Whatever comes in, ``vc.verify`` gives a verdict, quickly, and never a good one for a changed envelope."""

from __future__ import annotations

import base64
import json
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import did
import vc
from did.multibase import encode_base64url
from vc.envelope.payload import enveloped_object
from vc.verdict import Verdict

KEY = did.SoftwareKey.from_seed("P-256", b"issuer")
CREDENTIAL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": KEY.did,
    "credentialSubject": {"name": "x", "nested": {"a": ["b", "c"]}},
}
JWT = str(vc.issue_enveloped(CREDENTIAL, KEY))
SD_JWT = str(vc.issue_enveloped(CREDENTIAL, KEY, envelope="vc+sd-jwt", disclosable=["/credentialSubject/name"]))
COSE = vc.issue_enveloped(CREDENTIAL, KEY, envelope="vc+cose")
assert isinstance(COSE, bytes)
SIGN1 = cbor2.loads(COSE).value


def part(value: Any) -> str:
    return encode_base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


def token(header: Any, payload: Any = None, signature: bytes = b"x" * 64) -> str:
    return f"{part(header)}.{part(CREDENTIAL if payload is None else payload)}.{part(signature)}"


def tagged(*parts: Any, tag: int = 18) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(tag, list(parts)))


DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
GOOD_HEADER = {"alg": "ES256", "typ": "vc+jwt"}

HOSTILE: dict[str, Any] = {
    "one dot": "a.b",
    "four dots": "a.b.c.d",
    "dots only": "..",
    "tildes only": "~~~",
    "a word": "hello",
    "a long word": "A" * 100_000,
    "no base64": "!!!.???.***",
    "padding": "e30=.e30=.e30=",
    "standard alphabet": JWT.replace("-", "+").replace("_", "/") + "+/",
    "spaces inside": JWT[:50] + " " + JWT[50:],
    "stray bits": "e31.e30.AA",
    "lone surrogate": "\ud800.\ud800.\ud800",
    "full-width digits": "１.２.３",
    "empty header": token({}),
    "header is a list": token([1]),
    "header is a number": token(5),
    "header twice alg": token(b'{"alg":"none","alg":"ES256","typ":"vc+jwt"}'),
    "deep header": f"{part(DEEP)}.{part(CREDENTIAL)}.AAAA",
    "large header": token({**GOOD_HEADER, "x": "y" * 100_000}),
    "deep payload": token(GOOD_HEADER, DEEP),
    "payload twice": token(GOOD_HEADER, b'{"a":1,"a":2}'),
    "payload is a list": token(GOOD_HEADER, [1]),
    "payload is text": token(GOOD_HEADER, b"text"),
    "payload is not UTF-8": token(GOOD_HEADER, b'{"a":"\xff"}'),
    "no signature": token(GOOD_HEADER, signature=b""),
    "short signature": token(GOOD_HEADER, signature=b"x"),
    "long signature": token(GOOD_HEADER, signature=b"x" * 100_000),
    "null signature": token(GOOD_HEADER, signature=bytes(64)),
    "number as kid": token({**GOOD_HEADER, "kid": 5}),
    "SD-JWT without end": SD_JWT.rstrip("~"),
    "SD-JWT with an empty disclosure": SD_JWT + "~",
    "many disclosures": JWT + "~" + "W10~" * 10_000,
    "too many parts": JWT.replace(".", "~"),
    "JWT as SD-JWT": JWT + "~",
    "SD-JWT with two bindings": SD_JWT + JWT + "~" + JWT,
    "half a COSE": COSE[: len(COSE) // 2],
    "COSE and more": COSE + b"\0",
    "COSE of three": tagged(*SIGN1[:3]),
    "COSE of five": tagged(*SIGN1, b""),
    "COSE with another tag": tagged(*SIGN1, tag=98),
    "COSE with tags in tags": cbor2.dumps(cbor2.CBORTag(18, cbor2.CBORTag(18, SIGN1))),
    "COSE header is text": tagged("x", {}, SIGN1[2], SIGN1[3]),
    "COSE header is no map": tagged(cbor2.dumps([1]), {}, SIGN1[2], SIGN1[3]),
    "COSE header empty": tagged(b"", {}, SIGN1[2], SIGN1[3]),
    "COSE header twice": tagged(b"\xa2\x01\x26\x01\x27", {}, SIGN1[2], SIGN1[3]),
    "COSE alg in the wrong header": tagged(cbor2.dumps({16: "application/vc+cose"}), {1: -7}, SIGN1[2], SIGN1[3]),
    "COSE type in the wrong header": tagged(cbor2.dumps({1: -7}), {16: "application/vc+cose"}, SIGN1[2], SIGN1[3]),
    "COSE crit": tagged(cbor2.dumps({1: -7, 2: [1], 16: "application/vc+cose"}), {}, SIGN1[2], SIGN1[3]),
    "COSE alg is text": tagged(cbor2.dumps({1: "ES256", 16: "application/vc+cose"}), {}, SIGN1[2], SIGN1[3]),
    "COSE kid is no text": tagged(cbor2.dumps({1: -7, 4: b"\xff", 16: "application/vc+cose"}), {}, SIGN1[2], SIGN1[3]),
    "COSE detached": tagged(SIGN1[0], {}, None, SIGN1[3]),
    "COSE deep": b"\xd2\x84" + b"\x81" * 100_000,
    "COSE huge length": b"\xd2\x84\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    "COSE as hex": COSE.hex(),
    "COSE as two alphabets": base64.b64encode(COSE).decode() + "+_",
    "CBOR map": b"\xa1\x01\x02",
    "zeros": bytes(1000),
    "wrapper of nothing": enveloped_object("", "application/vc+jwt"),
    "wrapper in a wrapper": enveloped_object(
        json.dumps(enveloped_object(JWT, "application/vc+jwt")), "application/vc+jwt"
    ),
    "wrapper of an SD-JWT VC": enveloped_object(SD_JWT, "application/dc+sd-jwt"),
    "wrapper of COSE as text": enveloped_object(base64.b64encode(COSE).decode(), "application/vc+cose"),
    "wrapper with parameters": enveloped_object(JWT, "application/vc+jwt;charset=utf-8"),
    "JWS of numbers": {"payload": 1, "signature": 2, "protected": 3},
    "JWS without protected": {"payload": "", "signature": ""},
    "JWS of nobody": {"payload": "", "signatures": []},
    "JWS of many": {"payload": "", "signatures": [{}] * 1000},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gets_a_verdict_and_is_refused(name: str) -> None:
    verdict = vc.verify(HOSTILE[name])
    assert isinstance(verdict, Verdict)
    assert not verdict.verified
    assert "verification.internal" not in {problem.code for problem in verdict.problems}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_in_a_presentation_is_refused(name: str) -> None:
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": KEY.did,
        "verifiableCredential": [value if not isinstance(value := HOSTILE[name], bytes) else value.hex()],
    }
    verdict = vc.verify(presentation)
    assert not verdict.verified
    assert "verification.internal" not in {problem.code for problem in verdict.problems}


def test_the_samples_are_good() -> None:
    assert all(vc.verify(value).verified for value in (JWT, SD_JWT, COSE))


@pytest.mark.parametrize("blank", [" ", "\n", "\r\n\t "])
@pytest.mark.parametrize("text", [JWT, SD_JWT])
def test_blanks_around_an_envelope_are_no_part_of_it(text: str, blank: str) -> None:
    for around in (blank + text, text + blank, blank + text + blank):
        assert vc.verify(around).verified
        assert vc.verify(around.encode()).verified


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_changed_envelope_verifies(data: st.DataObject) -> None:
    sample: bytes = data.draw(st.sampled_from([JWT.encode(), SD_JWT.encode(), COSE]))  # type: ignore[assignment]
    position = data.draw(st.integers(0, len(sample) - 1))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete", "cut"]))
    byte = bytes([data.draw(st.integers(0, 255))])
    if kind == "replace":
        changed = sample[:position] + byte + sample[position + 1 :]
    elif kind == "insert":
        changed = sample[:position] + byte + sample[position:]
    elif kind == "delete":
        changed = sample[:position] + sample[position + 1 :]
    else:
        changed = sample[:position]
    verdict = vc.verify(changed)
    assert "verification.internal" not in {problem.code for problem in verdict.problems}
    # A line end or blank around text is no change of it, dropping all disclosures is a choice, COSE's tag is optional.
    same = {sample, SD_JWT.split("~")[0].encode() + b"~", COSE[1:]}
    assert verdict.verified == (changed in same or changed.strip(b"\r\n\t ") == sample)


@settings(max_examples=200, deadline=None)
@given(value=st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_and_text_get_a_verdict(value: bytes | str) -> None:
    assert not vc.verify(value).verified
