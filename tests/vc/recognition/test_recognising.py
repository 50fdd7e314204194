"""What a file is, and the one thing in it that can be verified."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any
from urllib.parse import urlencode

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vc
from vc import qr
from vc.problems import ProblemError
from vc.recognition import KINDS, open_input, recognise
from vc.recognition.budget import MAX_CARRIED

ISSUED_AT = "2026-05-01T00:00:00Z"


@pytest.fixture(scope="module")
def card(world: Any) -> dict[str, Any]:
    return vc.issue(world.credential(), world.key("issuer"), cryptosuite="ecdsa-rdfc-2019")


@pytest.fixture(scope="module")
def jwt(world: Any) -> str:
    from vc.envelope import issue_enveloped

    text = issue_enveloped(world.credential(), world.key("issuer"), envelope="vc+jwt")
    assert isinstance(text, str)
    return text


@pytest.fixture(scope="module")
def sd_jwt(world: Any) -> str:
    from vc.envelope import issue_enveloped

    credential = world.credential()
    text = issue_enveloped(
        credential, world.key("issuer"), envelope="vc+sd-jwt", disclosable=["/credentialSubject/fullName"]
    )
    assert isinstance(text, str)
    return text


def one(content: Any) -> tuple[str, str, Any]:
    found = open_input(recognise(content if isinstance(content, bytes | str) else json.dumps(content).encode()))
    return found.whole.kind, found.pointer, found.content


WRAPPERS = [
    ("vc-api", "/verifiableCredential", lambda x: {"verifiableCredential": x, "options": {}}),
    ("oid4vci-response", "/credentials/0/credential", lambda x: {"credentials": [{"credential": x}]}),
    ("oid4vci-response", "/credential", lambda x: {"credential": x, "c_nonce": "n", "c_nonce_expires_in": 60}),
    ("oid4vp-response", "/vp_token/pid/0", lambda x: {"vp_token": {"pid": [x]}, "state": "s"}),
    ("oid4vp-response", "/vp_token", lambda x: {"vp_token": x, "presentation_submission": {"id": "p"}}),
    ("json-array", "/0", lambda x: [x]),
    ("json-wrapper", "/data/items/1/a~1b", lambda x: {"data": {"items": [7, {"a/b": x}]}}),
    ("did-configuration", "/linked_dids/0", lambda x: {"@context": "https://example.org/x", "linked_dids": [x]}),
    ("chapi", "/data", lambda x: {"type": "web", "dataType": "VerifiableCredential", "data": x}),
    ("didcomm", "/attachments/0/data/json", lambda x: {
        "type": "https://didcomm.org/issue-credential/3.0/issue-credential",
        "attachments": [{"data": {"json": x}}],
    }),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "pointer", "wrap"), WRAPPERS)
@pytest.mark.parametrize("form", ["json", "jwt", "sd-jwt"])
def test_what_is_wrapped_is_found_where_it_stands(
    kind: str, pointer: str, wrap: Any, form: str, card: Any, jwt: str, sd_jwt: str
) -> None:
    inner = {"json": card, "jwt": jwt, "sd-jwt": sd_jwt}[form]
    assert one(wrap(inner)) == (kind, pointer, inner)


def test_the_verdict_on_what_was_unwrapped_is_the_verdict_on_it_alone(card: Any, world: Any) -> None:
    found = open_input(recognise(json.dumps({"verifiableCredential": card}).encode()))
    verdict = vc.verify(found.content, now=world.now)
    assert verdict.verified
    assert verdict == vc.verify(card, now=world.now)


def test_a_credential_is_handed_on_as_it_came(card: Any) -> None:
    data = json.dumps(card, indent=3).encode()
    found = open_input(recognise(data))
    assert not found.unwrapped
    assert isinstance(found.content, str)
    assert found.content.encode() == data


def test_a_wrapper_with_a_member_twice_is_not_unwrapped(card: Any) -> None:
    text = json.dumps(card)
    twice = f'{{"verifiableCredential": {text}, "verifiableCredential": {text}}}'
    found = open_input(recognise(twice.encode()))
    assert not found.unwrapped
    [problem] = vc.verify(found.content).problems
    assert problem.code == "parse.duplicate_key"


def test_of_two_ways_none_is_taken_until_one_is_named(card: Any, jwt: str) -> None:
    whole = recognise(json.dumps({"vp_token": {"a": [card], "b": [jwt]}}).encode())
    with pytest.raises(ProblemError) as refused:
        open_input(whole)
    assert refused.value.code == "parse.carrier"
    assert "/vp_token/a/0, /vp_token/b/0" in refused.value.problems[0].detail
    assert open_input(whole, at="/vp_token/b/0").content == jwt
    with pytest.raises(ProblemError):
        open_input(whole, at="/vp_token/c/0")


def test_a_credential_in_an_unsigned_presentation_is_taken_when_it_is_named(card: Any) -> None:
    whole = recognise(json.dumps({"@context": card["@context"], "type": ["VerifiablePresentation"],
                                  "verifiableCredential": [card]}).encode())  # fmt: skip
    assert whole.kind == "unsecured-presentation"
    assert open_input(whole).what.kind == "unsecured-presentation"
    assert open_input(whole, at="/verifiableCredential/0").content == card


def test_what_is_inside_a_credential_is_its_own_affair(card: Any) -> None:
    outer = {**card, "evidence": [card]}
    assert one(outer)[:2] == ("credential", "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_texts_in_other_encodings_are_read(encoding: str, card: Any, world: Any) -> None:
    found = open_input(recognise(json.dumps(card, ensure_ascii=False).encode(encoding)))
    assert vc.verify(found.content, now=world.now).verified


WAYS = ["json string", "lines", "json string of json", "data url", "bearer", "mail", "quotes", "form", "form of json"]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_copied_badly_is_set_right(way: str, jwt: str, card: Any, world: Any) -> None:
    content = {
        "json string": json.dumps(jwt),
        "lines": "\r\n".join(jwt[i : i + 60] for i in range(0, len(jwt), 60)),
        "json string of json": json.dumps(json.dumps(card)),
        "data url": "data:application/vc+jwt," + jwt,
        "bearer": "Bearer " + jwt + "\n",
        "mail": "\n".join("> " + jwt[i : i + 60] for i in range(0, len(jwt), 60)),
        "quotes": f"“{jwt}”",
        "form": urlencode({"vp_token": jwt, "state": "s"}),
        "form of json": urlencode({"state": "s", "vp_token": json.dumps({"pid": [card]})}),
    }[way]
    assert vc.verify(open_input(recognise(content.encode())).content, now=world.now).verified


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def itxt(text: bytes, *, packed: bool = False) -> bytes:
    body = zlib.compress(text) if packed else text
    return chunk(b"iTXt", b"openbadgecredential\0" + (b"\1\0" if packed else b"\0\0") + b"\0\0" + body)


@pytest.mark.parametrize("packed", [False, True])
def test_a_badge_is_taken_out_of_its_picture(packed: bool, card: Any, world: Any) -> None:
    data = png(chunk(b"tEXt", b"Software\0x"), itxt(json.dumps(card).encode(), packed=packed))
    found = open_input(recognise(data))
    assert (found.whole.kind, found.whole.version) == ("png", "Open Badges 3.0")
    assert vc.verify(found.content, now=world.now).verified


def test_a_picture_with_two_badges_is_refused(card: Any, jwt: str) -> None:
    with pytest.raises(ProblemError) as refused:
        open_input(recognise(png(itxt(json.dumps(card).encode()), itxt(jwt.encode()))))
    assert refused.value.code == "parse.carrier"


def test_a_bomb_in_a_picture_ends_at_the_limit() -> None:
    bomb = zlib.compress(b" " * 40_000_000)
    found = recognise(png(chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + bomb)))
    assert (found.kind, found.carried) == ("png", ())


def svg(inner: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">{inner}<rect width="1"/></svg>'
    )


def test_a_badge_is_taken_out_of_an_svg(card: Any, jwt: str) -> None:
    as_json = svg(f"<openbadges:credential><![CDATA[{json.dumps(card)}]]></openbadges:credential>")
    assert json.loads(one(as_json)[2]) == card
    assert one(svg(f'<openbadges:credential verify="{jwt}"/>')) == ("svg", "", jwt)


def test_an_svg_that_declares_entities_is_not_read(jwt: str) -> None:
    declared = f'<!DOCTYPE svg [<!ENTITY a "{jwt}">]>'
    found = recognise(svg("<openbadges:credential>&a;</openbadges:credential>", declared))
    assert (found.kind, found.carried) == ("svg", ())


def test_our_own_qr_text_is_read(card: Any) -> None:
    text = "\n".join(qr.encode({"verifiableCredential": card}))
    assert json.loads(json.dumps(one(text)[2])) == card


def jose(header: dict[str, Any], claims: dict[str, Any], parts: int = 3) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return ".".join([part(header), part(claims), *(["AAAA"] * (parts - 2))])


NOT_TO_BE_VERIFIED: dict[str, Any] = {
    "jwe": jose({"alg": "ECDH-ES", "enc": "A256GCM"}, {}, 5),
    "key-file": jose({"alg": "dir", "enc": "A256GCM", "typ": "liangzheng-key+jwe"}, {}, 5),
    "status-list-token": jose({"alg": "ES256", "typ": "statuslist+jwt"}, {"status_list": {"bits": 1, "lst": ""}}),
    "other-jwt": jose({"alg": "ES256", "typ": "at+jwt"}, {"sub": "x", "scope": "openid"}),
    "presentation-request": {"dcql_query": {"credentials": []}, "nonce": "n"},
    "did-document": {"@context": "https://www.w3.org/ns/did/v1", "id": "did:web:example.org", "service": []},
    "private-key": {"kty": "EC", "crv": "P-256", "x": "", "y": "", "d": ""},
    "public-key": {"keys": [{"kty": "OKP"}]},
    "certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "html": "<!DOCTYPE html><html><body>Signed in</body></html>",
    "picture": b"\xff\xd8\xff\xe0" + bytes(20),
    "pdf": b"%PDF-1.7\n",
    "archive": b"PK\x03\x04" + bytes(20),
    "mdoc-issuer-signed": cbor2.dumps({"nameSpaces": {}, "issuerAuth": [b"", {}, b"", b""]}),
    "mdoc-device-response": cbor2.dumps(
        {"version": "1.0", "documents": [{"docType": "x", "issuerSigned": {"nameSpaces": {}}}], "status": 0}
    ),
    "qr-vpqr": "VP1-B3ECQDIYACEMHIGDODB6KOAMDB",
    "qr-vc-barcode": "VC1-RSJRPWCR803A3P0098G3A3-B02-J743853U53KGK0XJ6",
    "oid4vci-offer": "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2F1",
    "link": "https://issuer.example/credentials/1",
    "open-badge-2": {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "badge": "https://x.example"},
    "verification-result": {"verified": True, "checks": []},
    "empty": b" \n",
}


@pytest.mark.parametrize("kind", NOT_TO_BE_VERIFIED)
def test_what_can_not_be_verified_is_named_with_what_to_do(kind: str) -> None:
    content = NOT_TO_BE_VERIFIED[kind]
    if isinstance(content, dict):
        content = json.dumps(content)
    found = recognise(content if isinstance(content, bytes) else content.encode())
    assert found.kind == kind
    with pytest.raises(ProblemError) as refused:
        open_input(found)
    [problem] = refused.value.problems
    assert KINDS[kind].name in problem.detail
    assert KINDS[kind].name_zh in problem.detail_zh


def test_an_earlier_verdict_is_not_looked_into(card: Any) -> None:
    found = recognise(json.dumps({"verified": True, "checks": ["proof"], "document": card}).encode())
    assert (found.kind, found.carried) == ("verification-result", ())


def test_names_of_old_are_said_with_what_replaces_them(card: Any) -> None:
    old = {**card, "proof": {**card["proof"], "type": "JsonWebSignature2020"},
           "credentialStatus": {"type": "StatusList2021Entry"}}  # fmt: skip
    found = recognise(json.dumps(old).encode())
    assert [(entry.name, entry.by.split()[0]) for entry in found.superseded] == [
        ("JsonWebSignature2020", "DataIntegrityProof"),
        ("StatusList2021Entry", "BitstringStatusListEntry"),
    ]
    [entry] = recognise(jose({"alg": "ES256", "typ": "vc+ld+json+jwt"}, {"@context": []})).superseded
    assert entry.by == "vc+jwt"


def test_only_so_much_is_looked_at(jwt: str) -> None:
    many = recognise(json.dumps([jwt] * (MAX_CARRIED + 10)).encode())
    assert many.left_off
    assert len(many.carried) == MAX_CARRIED
    text = jwt
    for _ in range(12):
        text = json.dumps(text)
    with pytest.raises(ProblemError):
        open_input(recognise(text.encode()))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["VerifiableCredential", "did:x:y"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(
                ["@context", "type", "id", "proof", "vp_token", "credential", "keys", "payload", "signature"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=100).map(lambda body: b"\x89PNG\r\n\x1a\n" + body)
    | st.binary(max_size=100).map(itxt).map(png)
)
def test_nothing_is_raised_for_any_bytes_and_what_is_said_is_json(data: bytes) -> None:
    found = recognise(data)
    json.dumps(found.to_dict())
    try:
        opened = open_input(found)
    except ProblemError as error:
        assert all(problem.code == "parse.carrier" for problem in error.problems)
    else:
        assert vc.verify(opened.content).verified is False
