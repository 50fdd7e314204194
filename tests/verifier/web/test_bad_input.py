"""What strangers and broken devices send to the counter: refused with its reason, never a failure of ours."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from vc.cards.message import MAX_MESSAGE
from vc.qr.pictures import MAX_PICTURE

from .conftest import Counter, Visitor

MESSAGES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "not json": (b"{", 400),
    "not utf-8": (b'{"a": "\xff"}', 400),
    "an array": (b"[]", 400),
    "a text": (b'"x"', 400),
    "duplicate keys": (b'{"verifiablePresentation": {}, "verifiablePresentation": {}}', 400),
    "deeply nested": (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
    "another member": (b'{"verifiablePresentation": {}, "x": 1}', 400),
    "a presentation that is a text": (b'{"verifiablePresentation": "x"}', 400),
    "a credential": (b'{"type": ["VerifiableCredential"]}', 400),
    "attachments that are a list": (b'{"verifiablePresentation": {}, "attachments": []}', 400),
    "huge": (b" " * (MAX_MESSAGE + 1), 413),
    "no request": (b'{"verifiablePresentation": {"type": "VerifiablePresentation"}}', 200),
    "a foreign challenge": (
        b'{"verifiablePresentation": {"type": "VerifiablePresentation", "proof": {"challenge": "x"}}}',
        200,
    ),
    "a challenge that is a list": (
        b'{"verifiablePresentation": {"type": "VerifiablePresentation", "proof": [{"challenge": []}, 5]}}',
        200,
    ),
}


@pytest.mark.parametrize(("body", "status"), MESSAGES.values(), ids=MESSAGES.keys())
async def test_a_wallet_is_told_what_is_wrong(
    desk: Counter, visitor: Visitor, body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Content-Type": "application/json"}
    async with visitor.client.post("/api/answers", data=io.BytesIO(body), headers=headers) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == status, told
    assert told.get("verified") is not True
    assert told["zh"]
    assert told["en"]
    assert "unexpected error" not in caplog.text


async def test_only_json_is_taken_so_that_no_foreign_page_can_post_it(desk: Counter, visitor: Visitor) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        async with visitor.client.post("/api/answers", data=b"{}", headers={"Content-Type": kind}) as answer:
            assert answer.status == 415


SCANNED: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "spaces": (b" \r\n ", 400),
    "prose": ("你好".encode(), 400),
    "a link": (b"https://hotel.example/api/requests/x", 400),
    "not utf-8": (b"\xff\xfe", 400),
    "a damaged symbol": (b"LZ1:ABC", 400),
    "a lower-case symbol": (b"LZ1:abc", 400),
    "one part of three": (b"LZ1:1/3:0A1B2C3D:AAAA", 400),
    "parts of two messages": (b"LZ1:1/2:0A1B2C3D:AA\nLZ1:2/2:0A1B2C3E:AA", 400),
    "far too many parts": (b"\n".join(b"LZ1:1/2:0A1B2C3D:AA" for _ in range(200)), 400),
    "huge": (b"{" + b" " * MAX_MESSAGE + b"}", 413),
    "more than a picture": (b"x" * (MAX_PICTURE + 1), 413),
    "json of something else": (b'{"hello": 1}', 200),
    "a request": (b'{"type": "PresentationRequest"}', 200),
}


@pytest.mark.parametrize(("body", "status"), SCANNED.values(), ids=SCANNED.keys())
async def test_what_was_scanned_is_refused_with_its_reason(
    desk: Counter, visitor: Visitor, body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    await visitor.get("/scan")
    found, text = await visitor.script("/answers", body)
    assert found == status, text
    if status == 200:
        assert (await visitor.get(json.loads(text)["path"])).heading == "未通过"
    else:
        assert json.loads(text)["zh"]
    assert "unexpected error" not in caplog.text


PICTURES = {
    "nothing": b"",
    "a text": b"hello",
    "half a png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "an svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a gif": b"GIF89a\x01\0\x01\0\0\0\0;",
}


@pytest.mark.parametrize("body", PICTURES.values(), ids=PICTURES.keys())
async def test_what_is_no_picture_is_refused(desk: Counter, visitor: Visitor, body: bytes) -> None:
    await visitor.get("/scan")
    assert (await visitor.script("/pictures", body))[0] == 400


async def test_a_picture_that_is_too_large_is_refused(desk: Counter, visitor: Visitor) -> None:
    await visitor.get("/scan")
    assert (await visitor.script("/pictures", b"x" * (MAX_PICTURE + 1)))[0] == 413


@pytest.mark.parametrize(
    ("scenario", "variant"),
    [("nonsense", "min"), ("", "min"), ("hotel-check-in", "all"), ("hotel-check-in", ""), ("guard-on-duty", "law")],
)
async def test_only_known_scenarios_and_variants_are_asked(
    desk: Counter, visitor: Visitor, scenario: str, variant: str
) -> None:
    await visitor.get("/")
    assert (await visitor.submit("/requests", scenario=scenario, variant=variant)).status == 400


@pytest.mark.parametrize(
    "envelope", ["", "sd-jwt", "DC+SD-JWT", "dc sd-jwt", "vc+jwt", "json-ld,dc+sd-jwt", "x" * 5000]
)
async def test_only_known_forms_of_answer_are_asked_for(desk: Counter, visitor: Visitor, envelope: str) -> None:
    await visitor.get("/")
    page = await visitor.submit("/requests", scenario="hotel-check-in", variant="min", envelope=envelope)
    assert (page.status, page.path) == (400, "/requests")
    assert "没有这种应答形式，请选择 JSON-LD 或 SD-JWT VC" in page.text
    assert (await visitor.get("/", params={"envelope": envelope})).status == 400
    page = await visitor.get("/", params={"envelope": envelope, "lang": "en"})
    assert "There is no such form of answer. Choose JSON-LD or SD-JWT VC" in page.text


async def test_one_form_of_answer_is_asked_for_at_a_time(desk: Counter, visitor: Visitor) -> None:
    await visitor.get("/")
    fields = [*visitor.page.token().items(), ("scenario", "hotel-check-in"), ("variant", "min")]
    twice = [*fields, ("envelope", "json-ld"), ("envelope", "dc+sd-jwt")]
    async with visitor.client.post("/requests", data=twice) as answer:
        assert answer.status == 400


@pytest.mark.parametrize("path", ["/requests", "/answers", "/pictures", "/tester"])
async def test_nothing_is_changed_without_the_token(desk: Counter, visitor: Visitor, path: str) -> None:
    await visitor.get("/")
    async with visitor.client.post(path, data={"scenario": "hotel-check-in", "text": "x"}) as answer:
        assert answer.status == 403
    headers = {"Origin": "https://evil.example", "X-CSRF-Token": visitor.page.token()["csrf"]}
    async with visitor.client.post(path, data=b"x", headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    "path",
    ["/requests/x", "/requests/x/state", "/requests/" + "a" * 5000, "/results/x", "/results/%00", "/requests/%E4%BD"],
)
async def test_unknown_names_are_pages_that_say_so(desk: Counter, visitor: Visitor, path: str) -> None:
    await visitor.get("/")
    assert (await visitor.get(path)).status in (404, 410)


@pytest.mark.parametrize("seen", ["-1", "x", "9" * 5000, "１", ""])
async def test_a_strange_count_is_no_answer(desk: Counter, visitor: Visitor, seen: str) -> None:
    challenge = await visitor.ask()
    async with visitor.client.get(f"/requests/{challenge}/state", params={"seen": seen}) as answer:
        assert (answer.status, (await answer.json())["state"]) == (200, "open")


async def test_a_foreign_host_name_reaches_nothing(desk: Counter, visitor: Visitor) -> None:
    for path in ("/", "/api/requests/x"):
        assert (await visitor.get(path, headers={"Host": "evil.example"})).status == 421


async def test_pages_carry_a_strict_policy_and_are_not_kept(desk: Counter, visitor: Visitor) -> None:
    for path in ("/", "/scan", "/today", "/lists", "/tester"):
        page = await visitor.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert " style=" not in page.text
        assert " onclick=" not in page.text


async def test_answers_are_limited_by_address(desk: Counter, visitor: Visitor) -> None:
    statuses = [(await visitor.phone({}))[0] for _ in range(61)]
    assert statuses.count(429) >= 1
    assert set(statuses) == {400, 429}


async def test_a_database_that_can_not_be_used_verifies_nothing(desk: Counter, visitor: Visitor) -> None:
    request = await desk.request(visitor)
    message = desk.world.answer(request)
    (desk.home.path / "verifier.db").write_bytes(b"this is no database, not at all, not even a little")
    status, told = await visitor.phone(message)
    assert (status, told["verified"]) == (200, False)
    assert (await visitor.get(f"/requests/{request.challenge}")).status == 503
