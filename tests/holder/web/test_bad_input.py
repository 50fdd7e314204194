"""Whatever is sent to the wallet's server, or answered to it, ends in a clear page: no traceback, no half-done work."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from vc import qr
from vc.qr.pictures import MAX_PICTURE

from ..conftest import Clock
from .conftest import PIN, CounterSide, IssuerSide, Phone

DEEP = "[" * 5000 + "]" * 5000
CHALLENGE = {"challenge": "issuer-challenge-0001"}


def of(counter: CounterSide, **change: Any) -> str:
    return json.dumps({**counter.document(), **change})


SCANNED: dict[str, Callable[[CounterSide], str]] = {
    "empty": lambda _: "",
    "spaces": lambda _: " \r\n ",
    "words": lambda _: "亮证",
    "half a symbol": lambda counter: qr.encode(counter.document())[0][:300],
    "one part of two": lambda counter: qr.encode(counter.document(), capacity=500)[0],
    "parts of two messages": lambda counter: "\n".join(
        (
            qr.encode(counter.document(), capacity=500)[0],
            qr.encode({**counter.document(), "x": 1}, capacity=500)[1],
        )
    ),
    "half of JSON": lambda counter: of(counter)[:-20],
    "a list": lambda _: "[1, 2]",
    "a key twice": lambda _: '{"type": "PresentationRequest", "type": "PresentationRequest"}',
    "too deep": lambda _: '{"type": ' + DEEP + "}",
    "too long": lambda _: "{" + " " * 61_000 + "}",
    "half a character": lambda _: '{"type": "\\ud800"}',
    "control characters": lambda _: '{"type": "\x00"}',
    "another type": lambda counter: of(counter, type="Credential"),
    "an unknown scenario": lambda counter: of(counter, scenario="everything"),
    "another version": lambda counter: of(counter, scenarioVersion=99),
    "more than the scenario allows": lambda counter: json.dumps(
        {
            **(document := counter.document()),
            "cards": [
                {
                    **document["cards"][0],
                    "claims": [
                        *document["cards"][0]["claims"],
                        {
                            "pointer": "/credentialSubject/ethnicGroup",
                            "term": "ethnicGroup",
                            "label": {"zh": "民族", "en": "Ethnic group"},
                            "sensitive": True,
                            "optional": False,
                        },
                    ],
                }
            ],
        }
    ),
    "a member of its own": lambda counter: of(counter, extra=True),
    "a short challenge": lambda counter: of(counter, challenge="short"),
    "expired": lambda counter: of(counter, created="2020-01-01T00:00:00Z", expires="2020-01-01T00:05:00Z"),
    "of tomorrow": lambda counter: of(counter, created="2030-01-01T00:00:00Z", expires="2030-01-01T00:05:00Z"),
    "valid for a year": lambda counter: of(counter, expires="2027-11-23T08:00:00Z"),
    "a name that turns the text around": lambda counter: of(
        counter, verifier={"id": "did:web:x.example", "name": "\u202egnitset"}
    ),
    "plain http elsewhere": lambda _: "http://example.com/api/requests/1",
    "a private address": lambda _: "https://10.0.0.1/api/requests/1",
    "the cloud's own address": lambda _: "http://169.254.169.254/latest/meta-data",
    "a URL with a password": lambda _: "https://user:secret@hotel.example/api/requests/1",
    "another scheme": lambda _: "file:///etc/passwd",
    "a port nobody listens at": lambda _: "http://127.0.0.1:9/api/requests/1",
}


@pytest.mark.parametrize("name", SCANNED)
async def test_what_is_no_request_is_refused_on_the_page(stocked_phone: Phone, counter: CounterSide, name: str) -> None:
    page = await stocked_phone.ask(SCANNED[name](counter))
    assert 400 <= stocked_phone.status < 500
    assert 'role="alert"' in page
    assert "Traceback" not in page
    assert stocked_phone.path == "/scan"


REQUEST_ANSWERS: dict[str, Callable[[CounterSide], Any]] = {
    "no JSON": lambda _: b"<html>",
    "a list": lambda _: b"[]",
    "nothing": lambda _: {},
    "no place for the answer": lambda counter: {"request": counter.document()},
    "another site for the answer": lambda counter: {
        "request": counter.document(),
        "answers": "https://evil.example/api/answers",
    },
    "another place's request": lambda counter: {
        "request": {**counter.document(), "domain": "https://hotel.cq.example"},
        "answers": f"{counter.base}/api/answers",
    },
    "another place's request by its name": lambda counter: {
        "request": {**counter.document(), "domain": "hotel.cq.example"},
        "answers": f"{counter.base}/api/answers",
    },
    "a request of no form": lambda counter: {"request": {"type": 1}, "answers": f"{counter.base}/api/answers"},
    "too large": lambda _: b'{"x": "' + b"x" * 1_100_000 + b'"}',
    "a redirect": lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}),
    "gone": lambda _: web.json_response({"zh": "请求已过期", "en": "Expired"}, status=410),
    "broken": lambda _: web.Response(status=500, text="Traceback (most recent call last)"),
    "markup as its reason": lambda _: web.json_response({"zh": "<b>坏</b>", "en": "<b>bad</b>"}, status=409),
}


@pytest.mark.parametrize("name", REQUEST_ANSWERS)
async def test_what_a_counter_says_instead_of_a_request_is_refused(
    stocked_phone: Phone, counter: CounterSide, name: str
) -> None:
    counter.answers["request"] = REQUEST_ANSWERS[name](counter)
    page = await stocked_phone.ask(counter.uri)
    assert 400 <= stocked_phone.status < 500
    assert 'role="alert"' in page
    assert "Traceback" not in page
    assert "<b>坏</b>" not in page


OFFERS = [
    "",
    "x",
    "ftp://issuer.example/offers/Qm9Kx8pQ0vT5yR2mW",
    "https://issuer.example/other/Qm9Kx8pQ0vT5yR2mW",
    "https://issuer.example/offers/",
    "https://issuer.example/offers/short",
    "https://issuer.example/offers/Qm9Kx8pQ0vT5yR2mW?x=1",
    "https://issuer.example/offers/Qm9Kx8pQ0vT5yR2mW/../../x",
    "http://10.0.0.1/offers/Qm9Kx8pQ0vT5yR2mW",
    "https://169.254.169.254/offers/Qm9Kx8pQ0vT5yR2mW",
    "https://" + "a" * 2000 + "/offers/Qm9Kx8pQ0vT5yR2mW",
    "http://127.0.0.1:9/offers/Qm9Kx8pQ0vT5yR2mW",
]


@pytest.mark.parametrize("offer", OFFERS)
async def test_what_is_no_offer_is_refused(phone: Phone, offer: str) -> None:
    await phone.start()
    await phone.get("/add")
    page = await phone.post("/add", {"offer": offer})
    assert 400 <= phone.status < 500
    assert 'role="alert"' in page


APPLICATION_ANSWERS: dict[str, Any] = {
    "nothing": {},
    "no JSON": b"<html>",
    "a short challenge": {"challenge": "short", "domain": "x"},
    "a long challenge": {"challenge": "x" * 300, "domain": "x"},
    "numbers": {"challenge": 1234567890123456, "domain": 1},
    "another issuer's domain": {**CHALLENGE, "domain": "https://real-issuer.example"},
    "too deep": b'{"cards": ' + DEEP.encode() + b"}",
}


@pytest.mark.parametrize("name", APPLICATION_ANSWERS)
async def test_an_issuer_that_makes_no_sense_gets_no_signature(phone: Phone, issuer: IssuerSide, name: str) -> None:
    await phone.start()
    issuer.answers["application"] = APPLICATION_ANSWERS[name]
    await phone.collect(issuer.offer)
    assert phone.status == 409
    assert 'role="alert"' in phone.page
    assert "possession-proved" not in await phone.get("/log/export")


CARDS_ANSWERS: dict[str, Any] = {
    "nothing": {},
    "no list": {"credentials": {}},
    "too many": {"credentials": [{}] * 100},
    "no objects": {"credentials": [1]},
    "no reference": {"credentials": [{"verifiableCredential": {}}]},
    "a reference that is a path": {"credentials": [{"reference": "../x", "verifiableCredential": {}}]},
    "no card": {"credentials": [{"reference": "A", "verifiableCredential": {"type": ["VerifiableCredential"]}}]},
    "attachments of no form": {"credentials": [{"reference": "A", "verifiableCredential": {}, "attachments": [1]}]},
    "attachments with another digest": {
        "credentials": [
            {
                "reference": "A",
                "verifiableCredential": {},
                "attachments": {"zQmX": {"mediaType": "image/jpeg", "data": "AA"}},
            }
        ]
    },
    "a card for another phone": {
        "credentials": [
            {
                "reference": "A",
                "verifiableCredential": {
                    "@context": ["https://www.w3.org/ns/credentials/v2"],
                    "type": ["VerifiableCredential", "ResidentIdentityCardCredential"],
                    "credentialSubject": {"id": "did:key:zDnaeWrong"},
                },
            }
        ]
    },
}


@pytest.mark.parametrize("name", CARDS_ANSWERS)
async def test_what_an_issuer_hands_over_instead_of_cards_is_not_taken_in(
    phone: Phone, issuer: IssuerSide, name: str
) -> None:
    await phone.start()
    issuer.answers["collect"] = CARDS_ANSWERS[name]
    page = await phone.collect(issuer.offer)
    assert "notice-bad" in page
    assert "卡包里还没有证照" in await phone.get("/")


PINS = ["", "12345", "1234567", "abcdef", "１２３４５６", "12 456", "-12345", "1" * 5000]


@pytest.mark.parametrize("pin", [*PINS, "111111", "123456", "987654"])
async def test_what_can_not_be_a_pin_is_refused_when_the_wallet_is_made(phone: Phone, pin: str) -> None:
    page = await phone.start(pin)
    assert phone.status == 400
    assert 'role="alert"' in page


@pytest.mark.parametrize("pin", PINS)
async def test_what_can_not_be_a_pin_is_no_try(phone: Phone, pin: str) -> None:
    await phone.start()
    await phone.post("/lock")
    for _ in range(3):
        assert "notice-bad" in await phone.open(pin)
    assert "还可尝试 4 次" in await phone.open("402918")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"key": "", "signature": ""},
        {"key": "AA.AA", "signature": "AA"},
        {"key": "." * 150, "signature": "AA"},
        {"key": "x" * 5000, "signature": "AA"},
        {"key": "A" * 43 + "." + "A" * 43, "signature": "A" * 86},
        {"key": "😀.😀", "signature": "😀"},
    ],
)
@pytest.mark.parametrize("path", ["/start", "/open", "/erase"])
async def test_a_form_that_no_key_signed_is_refused(phone: Phone, path: str, fields: dict[str, str]) -> None:
    await phone.get("/start")
    await phone.post(path, {"pin": PIN, "again": PIN, **fields})
    assert phone.status == 403
    assert "Traceback" not in phone.page


async def test_a_signature_for_one_purpose_is_not_good_for_another(phone: Phone) -> None:
    await phone.start()
    await phone.post("/lock")
    await phone.signed("/erase", "open", {"pin": PIN})
    assert phone.status == 403
    await phone.get("/")
    assert "卡包里还没有证照" in await phone.open()


@pytest.mark.parametrize("signature", ["", "AA", "x" * 86, "A" * 86, "A" * 5000, "😀"])
async def test_what_is_no_signature_releases_nothing(
    stocked_phone: Phone, counter: CounterSide, signature: str
) -> None:
    await stocked_phone.ask(counter.uri)
    await stocked_phone.agree()
    assert "签名无效" in await stocked_phone.post(stocked_phone.path, {"signature": signature})
    assert counter.received == []


@pytest.mark.parametrize(
    "fields",
    [
        {"card.card": "nothing"},
        {"card.card": "x" * 5000},
        {"card.": "x", "card.nowhere": "x"},
        {"show.card": "on", "show.nowhere/name": "on"},
        {f"show.card/{n}": "on" for n in range(40)},
    ],
)
async def test_choices_that_are_not_there_show_nothing_more(
    stocked_phone: Phone, counter: CounterSide, fields: dict[str, str]
) -> None:
    await stocked_phone.ask(counter.uri)
    await stocked_phone.post(stocked_phone.path, {"pin": PIN, "show.card/portrait": "on", **fields})
    assert stocked_phone.status < 500
    if "data-signs" in stocked_phone.page:
        await stocked_phone.sign()
    for body in counter.received:
        shown = body["verifiablePresentation"]["verifiableCredential"][0]["credentialSubject"]
        assert set(shown) <= {"id", "type", "name", "portrait", "issuingProvince"}


@pytest.mark.parametrize(
    "path",
    [
        "/cards/../../etc/passwd",
        "/cards/%00",
        "/cards/" + "a" * 3000,
        "/consent/x",
        "/sign/x",
        "/show/x",
        "/show/x/1.svg",
        "/show/x/99999.svg",
        "/add/x",
        "/update?card=" + "x" * 3000,
        "/scan?request=%00%ff",
        "/add?offer=javascript:alert(1)",
        "/log/export/x",
        "/?lang=xx",
        "/assets/x/../app.py",
    ],
)
async def test_no_address_makes_the_server_stumble(stocked_phone: Phone, path: str) -> None:
    page = await stocked_phone.get(path)
    assert stocked_phone.status < 500
    assert "Traceback" not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    "path", ["/log", "/log/export", "/more", "/pin", "/scan", "/add", "/update", "/cards/x", "/consent/x", "/show/x"]
)
async def test_without_the_pin_every_page_leads_to_it(phone: Phone, path: str) -> None:
    await phone.get(path)
    assert phone.path == "/"
    assert 'data-when="key"' in phone.page


@pytest.mark.parametrize("path", ["/start", "/open", "/lock", "/erase", "/scan", "/add", "/pin", "/log/erase"])
async def test_a_form_without_this_sites_token_is_refused(stocked_phone: Phone, path: str) -> None:
    for fields, headers in (
        ({"csrf": "x"}, {}),
        ({}, {"X-CSRF-Token": "x"}),
        ({"csrf": stocked_phone.csrf}, {"Origin": "https://evil.example"}),
        ({"csrf": stocked_phone.csrf}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        answer = await stocked_phone.client.post(path, data=fields, headers=headers, allow_redirects=False)
        assert answer.status == 403
    assert (await stocked_phone.get("/")).count('class="card-link"') == 3


async def test_pictures_that_are_none_are_refused(stocked_phone: Phone) -> None:
    await stocked_phone.get("/scan")
    headers = {"X-CSRF-Token": stocked_phone.csrf, "Content-Type": "application/octet-stream"}
    for data, status in ((b"", 400), (b"GIF89a", 400), (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, 400)):
        answer = await stocked_phone.client.post("/pictures", data=data, headers=headers)
        assert (answer.status, "zh" in await answer.json()) == (status, True)
    answer = await stocked_phone.client.post("/pictures", data=io.BytesIO(bytes(MAX_PICTURE + 5000)), headers=headers)
    assert answer.status == 413


async def test_every_page_has_a_strict_policy_and_is_not_kept(stocked_phone: Phone) -> None:
    for path in ("/", "/scan", "/log", "/more", "/nothing", "/log/export"):
        answer = await stocked_phone.client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers


async def test_what_waits_is_bounded(stocked_phone: Phone, counter: CounterSide, clock: Clock) -> None:
    first = None
    for _ in range(20):
        await stocked_phone.ask(json.dumps(counter.document()))
        first = first or stocked_phone.path
    assert first is not None
    await stocked_phone.get(first)
    assert "这一步已结束" in stocked_phone.page
