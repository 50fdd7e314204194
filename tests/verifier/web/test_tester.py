"""The tester's page: every form of document, every check and value, the first difference; never a traceback."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vc
from vc import qr
from vc.problems import ProblemError
from verifier.web.explaining import MAX_DOCUMENT, compare, explained

from ..conftest import NOW, PHONE, SICHUAN, identity_card, issued
from ..test_sd_jwt_answers import as_sd_jwt, shown
from ..test_sd_jwt_answers import message as message_of
from .conftest import Counter, Visitor

CARD = issued(identity_card())
DERIVED = vc.derive(CARD, selective_pointers=["/credentialSubject/name"])
VECTORS = Path(__file__).parents[2] / "vectors"


async def explain(visitor: Visitor, document: str, **fields: str) -> tuple[str, dict[str, Any]]:
    """What the script gets: the piece of the page, and the JSON in it."""
    await visitor.get("/tester")
    status, text = await visitor.script("/tester", json.dumps({"document": document, **fields}))
    assert status == 200, text
    found = re.search(r'<pre id="json"[^>]*>(.*?)</pre>', text, re.S)
    assert found is not None
    return text, json.loads(html.unescape(found[1]))


def simple() -> dict[str, Any]:
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": SICHUAN.did,
        "credentialSubject": {"id": PHONE.did},
    }
    return vc.issue(credential, SICHUAN, now=NOW)


async def test_every_check_and_value_of_a_credential_is_shown(desk: Counter, visitor: Visitor) -> None:
    text, content = await explain(visitor, json.dumps(DERIVED))
    assert content["form"] == "credential"
    assert content["proofs"][0]["cryptosuite"] == "ecdsa-sd-2023"
    for name in content["proofs"][0]:
        assert f"<code>{name}</code>" in text
    for check in content["verdict"]["checks"]:
        assert f"<code>{check['name']}</code>" in text


async def test_a_good_credential_is_verified_and_a_changed_one_is_not(desk: Counter, visitor: Visitor) -> None:
    good = simple()
    text, content = await explain(visitor, json.dumps(good))
    assert content["verdict"]["verified"] is True
    assert "验证通过" in text
    good["credentialSubject"]["id"] = SICHUAN.did
    text, content = await explain(visitor, json.dumps(good))
    assert [problem["code"] for problem in content["verdict"]["problemDetails"]] == ["proof.signature"]
    assert "签名与文档不符" in text


async def test_what_is_expected_of_a_presentation_counts(desk: Counter, visitor: Visitor) -> None:
    presentation = vc.present([DERIVED], PHONE, challenge="0123456789abcdef", domain="a.example", now=NOW)
    _, content = await explain(visitor, json.dumps(presentation), challenge="another challenge", domain="a.example")
    assert "proof.challenge" in json.dumps(content["verdict"]["problemDetails"])
    _, content = await explain(visitor, json.dumps(presentation), challenge="0123456789abcdef", domain="a.example")
    assert "proof.challenge" not in json.dumps(content["verdict"]["problemDetails"])
    _, content = await explain(visitor, json.dumps(presentation), now="2020-01-01T00:00:00+08:00")
    assert content["verdict"]["verified"] is False


async def test_messages_and_symbols_are_unwrapped(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    message = desk.world.answer(request)
    assert (await explain(visitor, json.dumps(message)))[1]["form"] == "message"
    texts = qr.encode(message, capacity=1500)
    assert (await explain(visitor, "\n".join(texts)))[1]["form"] == "qr"


async def test_envelopes_are_verified_too(desk: Counter, visitor: Visitor) -> None:
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": SICHUAN.did,
        "credentialSubject": {"id": PHONE.did},
    }
    for form, kind in (("vc+jwt", "jwt"), ("vc+sd-jwt", "sd-jwt"), ("vc+cose", "cose")):
        secured = vc.issue_enveloped(credential, SICHUAN, envelope=form)
        text = secured.hex() if isinstance(secured, bytes) else secured
        page, content = await explain(visitor, text)
        assert (content["form"], content["verdict"]["verified"]) == (kind, True), content["verdict"]
        assert content["proofs"][0]["payload"]["issuer"] == SICHUAN.did
        for name in content["proofs"][0]:
            assert f"<code>{name}</code>" in page


async def test_a_message_of_sd_jwts_is_explained_card_by_card(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor, envelope="dc+sd-jwt")
    credential = issued(identity_card(), status=False)
    texts = shown(desk.world, request, (credential, as_sd_jwt(credential, status=None)))
    message = message_of(texts)
    expected = {"challenge": request.challenge, "domain": request.domain}
    page, content = await explain(visitor, json.dumps(message), **expected)
    assert (content["form"], content["verdict"]["verified"]) == ("message of dc+sd-jwt", True), content["verdict"]
    assert "亮证消息（SD-JWT VC）" in page and "验证通过" in page
    [proof] = content["proofs"]
    assert proof["pointer"] == "/verifiableCredential/0"
    assert proof["keyBinding"]["payload"]["nonce"] == request.challenge
    symbols = "\n".join(qr.encode(message, capacity=1500))
    _, same = await explain(visitor, symbols, against=json.dumps(message), **expected)
    assert (same["form"], same["difference"]) == ("qr", None)
    other = {**expected, "challenge": "another challenge"}
    _, refused = await explain(visitor, json.dumps(message), **other)
    assert refused["verdict"]["verified"] is False
    unbound = {"sdJwts": [text[: text.rindex("~") + 1] for text in texts]}
    assert (await explain(visitor, json.dumps(unbound)))[1]["verdict"]["verified"] is False


@pytest.mark.parametrize(
    "message",
    [
        {"sdJwts": []},
        {"sdJwts": "x"},
        {"sdJwts": [1]},
        {"sdJwts": ["x"]},
        {"sdJwts": ["e30.e30.AA~"] * 9},
        {"sdJwts": ["e30.e30.AA~"], "x": 1},
        {"sdJwts": None, "type": "VerifiableCredential"},
    ],
    ids=str,
)
async def test_a_message_of_what_are_no_sd_jwts_is_refused_with_its_problem(
    desk: Counter, visitor: Visitor, message: dict[str, Any]
) -> None:
    text, content = await explain(visitor, json.dumps(message))
    assert content["verdict"]["verified"] is False
    assert content["verdict"]["problemDetails"][0]["code"] != "verification.internal"
    assert "无法读取" in text


async def test_two_documents_are_compared_as_the_command_does(desk: Counter, visitor: Visitor) -> None:
    one = simple()
    other = json.loads(json.dumps(one))
    other["credentialSubject"]["id"] = SICHUAN.did
    text, content = await explain(visitor, json.dumps(one), against=json.dumps(other))
    assert content["difference"]["name"] == "canonDoc"
    assert "首个不同的值" in text
    copied = json.dumps((await explain(visitor, json.dumps(one)))[1])
    text, content = await explain(visitor, json.dumps(one), against=copied)
    assert content["difference"] is None
    assert "全部中间值相同" in text


async def test_the_form_works_without_any_script(desk: Counter, visitor: Visitor) -> None:
    await visitor.get("/tester")
    page = await visitor.submit("/tester", document=json.dumps(simple()), against="", challenge="", domain="", now="")
    assert page.status == 200
    assert "验证通过" in page.text
    assert "<textarea" in page.text


UNUSABLE = {
    "nothing": "",
    "spaces": " \n\t ",
    "not json": "{",
    "truncated": json.dumps(DERIVED)[:-40],
    "duplicate keys": '{"a": 1, "a": 2}',
    "deeply nested": '{"a":' * 3000 + "1" + "}" * 3000,
    "an array": "[1, 2]",
    "a number": "17",
    "NaN": '{"a": NaN}',
    "half a character": '{"a": "\\ud800"}',
    "prose": "hello, world",
    "a damaged symbol": "LZ1:ABC",
    "a symbol alone": "LZ1:1/3:0A1B2C3D:AAAA",
    "markup": "<script>alert(1)</script>",
    "a huge text": "A" * (MAX_DOCUMENT + 1),
    "three parts": "a.b.c",
    "disclosures of nothing": "a.b.c~x~",
    "no header": "e30.e30.AA",
}


@pytest.mark.parametrize("document", UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_what_can_not_be_read_is_a_problem_and_no_traceback(
    desk: Counter, visitor: Visitor, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    text, content = await explain(visitor, document)
    assert content["verdict"]["verified"] is False
    assert content["verdict"]["problemDetails"]
    assert "Traceback" not in text
    assert "<script>" not in text
    assert not caplog.messages


BAD_DOCUMENTS: dict[str, Any] = {
    "empty": {},
    "a proof that is a text": {**simple(), "proof": "x"},
    "no proofs": {**simple(), "proof": []},
    "many proofs": {**simple(), "proof": [simple()["proof"]] * 2000},
    "an unknown context": {**simple(), "@context": ["https://evil.example/x"]},
    "an own context": {**simple(), "@context": ["https://www.w3.org/ns/credentials/v2", {"x": "urn:x"}]},
    "a wrong proof value": {**simple(), "proof": {**simple()["proof"], "proofValue": "z0OIl"}},
    "a type that is a number": {**simple(), "type": 5},
    "a holder of markup": {"type": "VerifiablePresentation", "holder": "<img src=x onerror=alert(1)>"},
    "credentials in credentials": {"type": "VerifiablePresentation", "verifiableCredential": [[[{}]]]},
    "a presentation inside a message": {"verifiablePresentation": {"type": 7}},
    "an explanation that is none": {"proofs": [1, None, "x"], "contexts": 3, "verdict": []},
    "an explanation of nonsense": {"proofs": [{"canonDoc": 5, "pointer": []}], "contexts": {"x": 1}, "verdict": {}},
    "an enveloped credential": {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"},
}


@pytest.mark.parametrize("document", BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS.keys())
async def test_bad_documents_are_explained_and_compared_without_a_traceback(
    desk: Counter, visitor: Visitor, document: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await visitor.get("/tester")
    for fields in ({"document": document}, {"document": simple(), "against": document}):
        body = json.dumps({name: json.dumps(value) for name, value in fields.items()})
        status, text = await visitor.script("/tester", body)
        assert status == 200
        assert "onerror=alert(1)>" not in text
    assert not caplog.messages


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"document": 5}', 400),
        (json.dumps({"document": "{}", "challenge": "x" * 300}).encode(), 400),
        (json.dumps({"document": "{}", "now": "yesterday"}).encode(), 400),
        (json.dumps({"document": "{}", "now": "2026-01-01T00:00:00"}).encode(), 400),
        (json.dumps({"document": "{}", "now": "0001-01-01T00:00:00+14:00"}).encode(), 400),
        (b"x" * (3 * MAX_DOCUMENT + 1), 413),
    ],
    ids=["empty", "array", "encoding", "number", "long", "no time", "no zone", "before time", "huge"],
)
async def test_bodies_of_another_form_are_refused(desk: Counter, visitor: Visitor, body: bytes, status: int) -> None:
    await visitor.get("/tester")
    assert (await visitor.script("/tester", body))[0] == status


async def test_the_page_needs_the_token_of_its_own_session(desk: Counter, visitor: Visitor) -> None:
    await visitor.get("/tester")
    visitor.page.text = 'name="csrf" value="wrong"'
    assert (await visitor.script("/tester", b"{}"))[0] == 403


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["@context", "type", "proof", "proofs", "verdict", "contexts", "id", "x"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_json_is_pasted_ends_in_an_explanation_or_a_problem(value: Any) -> None:
    try:
        found = explained(json.dumps(value), {"now": NOW})
    except ProblemError:
        return
    assert "verdict" in found.content
    compare(found, explained(json.dumps(simple()), {"now": NOW}))


async def test_what_is_wrapped_is_explained_with_the_place_where_it_stood(visitor: Visitor) -> None:
    text, content = await explain(visitor, json.dumps({"vp_token": {"id": [CARD]}}))
    assert content["found"] == {"kind": "credential", "in": "oid4vp-response", "pointer": "/vp_token/id/0"}
    assert "proofs" in content
    assert text


async def test_what_is_no_credential_is_named_in_the_readers_language(visitor: Visitor) -> None:
    text, _ = await explain(visitor, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----")
    assert "这是证书" in text
