"""The wallets' API: collecting, updating, status lists; and everything that it refuses."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

import did
import vc

from .conftest import on_each_database


def _present(desk: Any, device: did.SoftwareKey, challenge: str, domain: str) -> dict[str, Any]:
    return vc.present([], device, challenge=challenge, domain=domain, now=desk.world.clock.now)


async def _call(desk: Any, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    visitor = await desk.visit()
    options = {} if body is None else {"json": body}
    async with visitor.client.request(method, path, **options) as answer:
        assert answer.content_type == "application/json" and "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in answer.headers
        return answer.status, await answer.json()


async def _collect(desk: Any, device: did.SoftwareKey, **selection: str) -> list[dict[str, Any]]:
    view = desk.world.proved("张伟", desk.world.zhang_wei, **(selection or {"department": "population"}))
    _, offer = await _call(desk, "GET", f"/api/applications/{view.reference}")
    proof = {"verifiablePresentation": _present(desk, device, offer["challenge"], offer["domain"])}
    status, answer = await _call(desk, "POST", f"/api/applications/{view.reference}/credentials", proof)
    assert status == 200
    cards: list[dict[str, Any]] = answer["credentials"]
    return cards


async def _prove(desk: Any, device: did.SoftwareKey) -> dict[str, Any]:
    _, challenge = await _call(desk, "POST", "/api/challenges", {"device": device.did})
    return _present(desk, device, challenge["challenge"], challenge["domain"])


async def test_a_wallet_collects_its_cards_with_their_portraits(desk: Any) -> None:
    device = did.generate("P-256")
    view = desk.world.proved("张伟", desk.world.zhang_wei, department="population")
    status, offer = await _call(desk, "GET", f"/api/applications/{view.reference}")
    assert status == 200 and offer["domain"] == "http://127.0.0.1" and offer["state"] == "awaiting-device"
    assert offer["issuer"] == {"id": desk.world.authority.did, "name": "四川省公安厅"}
    assert {card["kind"]: card["state"] for card in offer["cards"]}["residence-permit"] == "refused"
    proof = {"verifiablePresentation": _present(desk, device, offer["challenge"], offer["domain"])}
    status, answer = await _call(desk, "POST", f"/api/applications/{view.reference}/credentials", proof)
    assert status == 200 and len(answer["credentials"]) == 3
    assert answer["refused"] == [{"type": "ResidencePermitCredential", "reason": "register.no_record"}]
    card = next(c for c in answer["credentials"] if c["type"] == "ResidentIdentityCardCredential")
    assert card["verifiableCredential"]["credentialSubject"]["id"] == device.did
    [(digest, attachment)] = card["attachments"].items()
    assert digest == card["verifiableCredential"]["credentialSubject"]["portrait"]["digestMultibase"]
    assert base64.urlsafe_b64decode(attachment["data"] + "==") == desk.world.jpeg


@on_each_database
async def test_a_wallet_that_wants_it_collects_its_cards_as_sd_jwt_too(desk: Any) -> None:
    device = did.generate("P-256")
    view = desk.world.proved("张伟", desk.world.zhang_wei, kind="resident-identity-card")
    _, offer = await _call(desk, "GET", f"/api/applications/{view.reference}")
    assert offer["envelopes"] == ["dc+sd-jwt"]
    body = {"verifiablePresentation": _present(desk, device, offer["challenge"], offer["domain"])}
    path = f"/api/applications/{view.reference}/credentials"
    status, answer = await _call(desk, "POST", path, body | {"envelopes": ["dc+sd-jwt"]})
    assert status == 200
    [card] = answer["credentials"]
    assert card["verifiableCredential"]["proof"]["cryptosuite"] == "ecdsa-sd-2023"
    claims = vc.verify(card["envelopes"]["dc+sd-jwt"], now=desk.world.clock.now).document
    assert claims is not None and claims["cnf"]["jwk"] == device.public_key.to_jwk()
    visitor = await desk.visit()
    async with visitor.client.request("GET", urlsplit(claims["vct"]).path) as published:
        assert published.status == 200 and published.content_type == "application/json"
        assert (await published.json())["vct"] == claims["vct"]


async def test_a_card_is_renewed_for_a_wallet_that_wants_it_in_an_envelope(desk: Any) -> None:
    device = did.generate("P-256")
    [card] = await _collect(desk, device, kind="household-member")
    assert "envelopes" not in card
    for wanted, result in ((["dc+sd-jwt"], "renewed"), (["dc+sd-jwt"], "changed"), ([], "changed")):
        body = {"credentials": [card["reference"]], "verifiablePresentation": await _prove(desk, device)}
        status, answer = await _call(desk, "POST", "/api/credentials/update", body | {"envelopes": wanted})
        # Asked again, the old reference gives the version that took its place.
        assert (status, answer["credentials"][0]["result"]) == (200, result)
        assert answer["credentials"][0]["credential"]["envelopes"]["dc+sd-jwt"].count("~") > 3


@pytest.mark.parametrize(
    ("envelopes", "status", "code"),
    [
        ("dc+sd-jwt", 400, "parse.form"),
        ([7], 400, "parse.form"),
        (["dc+sd-jwt"] * 9, 400, "parse.form"),
        (["vc+cose"], 409, "card.envelope"),
    ],
)
async def test_envelopes_that_are_not_offered_are_refused_and_nothing_is_issued(
    desk: Any, envelopes: Any, status: int, code: str
) -> None:
    device = did.generate("P-256")
    view = desk.world.proved("张伟", desk.world.zhang_wei, kind="resident-identity-card")
    _, offer = await _call(desk, "GET", f"/api/applications/{view.reference}")
    body = {"verifiablePresentation": _present(desk, device, offer["challenge"], offer["domain"])}
    path = f"/api/applications/{view.reference}/credentials"
    found, answer = await _call(desk, "POST", path, body | {"envelopes": envelopes})
    assert (found, answer["code"]) == (status, code)
    assert (await _call(desk, "POST", path, body))[0] == 200


@pytest.mark.parametrize("path", ["/credentials/v1/Nothing", "/credentials/v9/ResidentIdentityCardCredential"])
async def test_there_is_type_metadata_of_known_cards_only(desk: Any, path: str) -> None:
    status, answer = await _call(desk, "GET", path)
    assert (status, answer["code"]) == (404, "card.unknown")


async def test_a_lost_answer_is_collected_again_by_the_same_device_only(desk: Any) -> None:
    device = did.generate("P-256")
    view = desk.world.proved("张伟", desk.world.zhang_wei, kind="resident-identity-card")
    path = f"/api/applications/{view.reference}"
    seen = []
    for wallet in (device, device, did.generate("P-256")):
        _, offer = await _call(desk, "GET", path)
        proof = {"verifiablePresentation": _present(desk, wallet, offer["challenge"], offer["domain"])}
        seen.append(await _call(desk, "POST", path + "/credentials", proof))
    assert seen[0] == seen[1] and seen[2][0] == 409 and seen[2][1]["code"] == "application.device"


async def test_a_presentation_is_good_once_and_for_its_challenge(desk: Any) -> None:
    device = did.generate("P-256")
    view = desk.world.proved("张伟", desk.world.zhang_wei, kind="resident-identity-card")
    path = f"/api/applications/{view.reference}"
    _, first = await _call(desk, "GET", path)
    _, second = await _call(desk, "GET", path)
    stale = {"verifiablePresentation": _present(desk, device, first["challenge"], first["domain"])}
    status, answer = await _call(desk, "POST", path + "/credentials", stale)
    assert (status, answer["code"]) == (403, "device.possession")
    elsewhere = {"verifiablePresentation": _present(desk, device, second["challenge"], "https://evil.example")}
    assert (await _call(desk, "POST", path + "/credentials", elsewhere))[0] == 403
    good = {"verifiablePresentation": _present(desk, device, second["challenge"], second["domain"])}
    assert (await _call(desk, "POST", path + "/credentials", good))[0] == 200
    assert (await _call(desk, "POST", path + "/credentials", good))[0] in (403, 409)


@on_each_database
async def test_an_update_brings_the_new_version_and_brings_it_again(desk: Any) -> None:
    device = did.generate("P-256")
    [card] = await _collect(desk, device, kind="resident-identity-card")
    body = {"credentials": [card["reference"]]}
    _, answer = await _call(
        desk, "POST", "/api/credentials/update", {**body, "verifiablePresentation": await _prove(desk, device)}
    )
    assert answer["credentials"] == [{"reference": card["reference"], "result": "unchanged"}]
    desk.world.import_rows({**desk.world.family[0], "户籍住址": "四川省成都市锦江区示例路2号"})
    answers = []
    for _ in range(2):
        proof = await _prove(desk, device)
        answers.append(await _call(desk, "POST", "/api/credentials/update", {**body, "verifiablePresentation": proof}))
    assert answers[0] == answers[1]
    [updated] = answers[0][1]["credentials"]
    assert updated["result"] == "changed" and updated["credential"]["reference"] != card["reference"]
    address = updated["credential"]["verifiableCredential"]["credentialSubject"]["registeredAddress"]
    assert address["addressText"].endswith("2号")


async def test_an_update_of_somebody_else_s_revoked_or_suspended_card_gives_no_card(desk: Any) -> None:
    device, other = did.generate("P-256"), did.generate("P-256")
    cards = await _collect(desk, device)
    await _collect(desk, other, kind="resident-identity-card")
    desk.world.authority.suspend(cards[0]["reference"])
    desk.world.authority.revoke(cards[1]["reference"])
    references = [card["reference"] for card in cards] + ["nothing"]
    body = {"credentials": references, "verifiablePresentation": await _prove(desk, device)}
    _, answer = await _call(desk, "POST", "/api/credentials/update", body)
    results = [(entry["result"], entry.get("code")) for entry in answer["credentials"]]
    assert results[:3] == [("refused", "credential.suspended"), ("revoked", None), ("unchanged", None)]
    assert {code for _, code in results[3:]} == {"credential.unknown"}
    body = {"credentials": references[:3], "verifiablePresentation": await _prove(desk, other)}
    _, answer = await _call(desk, "POST", "/api/credentials/update", body)
    assert {entry.get("code") for entry in answer["credentials"]} == {"credential.unknown"}


@on_each_database
async def test_a_device_s_challenge_is_good_once_and_for_minutes(desk: Any) -> None:
    device = did.generate("P-256")
    [card] = await _collect(desk, device, kind="resident-identity-card")
    body = {"credentials": [card["reference"]], "verifiablePresentation": await _prove(desk, device)}
    assert (await _call(desk, "POST", "/api/credentials/update", body))[0] == 200
    assert await _code(desk, body) == (409, "device.challenge")
    late = {**body, "verifiablePresentation": await _prove(desk, device)}
    desk.world.clock.forward(minutes=11)
    assert await _code(desk, late) == (409, "device.challenge")


async def _code(desk: Any, body: dict[str, Any]) -> tuple[int, str]:
    status, answer = await _call(desk, "POST", "/api/credentials/update", body)
    return status, answer["code"]


async def test_an_unknown_device_gets_a_challenge_that_opens_nothing(desk: Any) -> None:
    body = {"credentials": [], "verifiablePresentation": await _prove(desk, did.generate("P-256"))}
    assert await _code(desk, body) == (409, "device.challenge")


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/api/challenges", b"", 400),
        ("/api/challenges", b"[]", 400),
        ("/api/challenges", b'{"device": 7}', 400),
        ("/api/challenges", b'{"device": "a", "device": "b"}', 400),
        ("/api/challenges", b"\xff\xfe", 400),
        ("/api/challenges", b'{"a":' * 5000, 413),
        ("/api/challenges", b'{"device": "' + b"x" * 1_100_000 + b'"}', 413),
        ("/api/challenges", b'{"device": "\\ud800"}', 400),
        ("/api/challenges", b'{"device": "did:key:nonsense"}', 200),
        ("/api/credentials/update", b"{}", 400),
        ("/api/credentials/update", b'{"credentials": "x"}', 400),
        ("/api/credentials/update", b'{"credentials": [1], "verifiablePresentation": {}}', 400),
        ("/api/credentials/update", b'{"credentials": []}', 400),
        ("/api/credentials/update", b'{"credentials": [], "verifiablePresentation": {}}', 409),
        ("/api/credentials/update", b'{"credentials": [], "verifiablePresentation": {"holder": 7}}', 409),
        (
            "/api/credentials/update",
            json.dumps({"credentials": ["x"] * 17, "verifiablePresentation": {}}).encode(),
            400,
        ),
        ("/api/applications/none/credentials", b'{"verifiablePresentation": {}}', 404),
        ("/api/applications/%00/credentials", b'{"verifiablePresentation": {}}', 404),
        ("/api/applications/" + "x" * 3000 + "/credentials", b'{"verifiablePresentation": {}}', 404),
    ],
)
async def test_bad_input_is_an_answer_with_a_status_never_a_defect(
    desk: Any, path: str, content: bytes, status: int
) -> None:
    visitor = await desk.visit()
    async with visitor.client.post(
        path, data=io.BytesIO(content), headers={"Content-Type": "application/json"}
    ) as answer:
        body = await answer.json()
        assert answer.status == status
        assert status == 200 or {"status", "title", "zh", "en"} <= set(body)
        assert "Traceback" not in str(body)


async def test_a_page_of_another_site_can_t_send_what_the_api_takes(desk: Any) -> None:
    visitor = await desk.visit()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": content_type, "Origin": "https://evil.example"}
        async with visitor.client.post("/api/challenges", data=b'{"device": "x"}', headers=headers) as answer:
            assert answer.status == 415
    async with visitor.client.options("/api/challenges", headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 405 and "Access-Control-Allow-Origin" not in answer.headers


async def test_status_lists_are_public_cacheable_and_compressed(desk: Any) -> None:
    visitor = await desk.visit()
    assert (await visitor.get("/status/revocation/1")).status == 404  # Nothing was issued yet.
    desk.world.issue(did.generate("P-256"))
    async with visitor.client.get("/status/revocation/1", headers={"Origin": "https://any.example"}) as answer:
        assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "max-age=" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
        document, tag = await answer.json(content_type=None), answer.headers["ETag"]
    verdict = vc.verify(document, now=desk.world.clock.now)
    assert verdict.verified and document["id"] == "http://127.0.0.1/status/revocation/1"
    async with visitor.client.get("/status/revocation/1", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    for path in ("/status/revocation/2", "/status/revocation/0", "/status/x/1", "/status/revocation/1e9"):
        assert (await visitor.get(path)).status == 404


async def test_challenges_are_limited_by_address(desk: Any) -> None:
    visitor = await desk.visit()
    statuses = []
    for _ in range(62):
        async with visitor.client.post("/api/challenges", json={"device": "did:key:z"}) as answer:
            statuses.append(answer.status)
    assert statuses[0] == 200 and statuses[-1] == 429


async def test_an_offer_asks_a_new_wallet_for_the_code_that_was_sent(desk: Any) -> None:
    from issuer.portal import Portal

    view = Portal(desk.world.authority).apply(3, kind="resident-identity-card")
    path, device = f"/api/applications/{view.reference}", did.generate("P-256")
    _, offer = await _call(desk, "GET", path)
    assert offer["transactionCode"] is True
    proof = {"verifiablePresentation": _present(desk, device, offer["challenge"], offer["domain"])}
    status, answer = await _call(desk, "POST", f"{path}/credentials", proof)
    assert (status, answer["code"]) == (403, "offer.code_required") and "验证码" in answer["zh"]
    assert await _call(desk, "POST", f"{path}/code", {"device": device.did}) == (200, {"needed": True, "sent": True})
    assert len(desk.world.outbox.sent) == 1
    status, answer = await _call(desk, "POST", f"{path}/credentials", {**proof, "transactionCode": "000000x"})
    assert (status, answer["code"]) == (403, "offer.code_wrong")
    code = desk.world.outbox.sent[-1].code
    # What failed used neither the offer nor its challenge up.
    status, answer = await _call(desk, "POST", f"{path}/credentials", {**proof, "transactionCode": code})
    assert status == 200 and len(answer["credentials"]) == 1
    assert await _call(desk, "POST", f"{path}/code", {"device": device.did}) != (200, {"needed": True, "sent": True})


@pytest.mark.parametrize("code", [7, None, ["1"], "1" * 21, {"a": 1}])
async def test_a_code_that_is_no_text_is_an_answer_not_a_defect(desk: Any, code: Any) -> None:
    from issuer.portal import Portal

    view = Portal(desk.world.authority).apply(3, kind="resident-identity-card")
    body = {"verifiablePresentation": {}, "transactionCode": code}
    status, _ = await _call(desk, "POST", f"/api/applications/{view.reference}/credentials", body)
    assert status in (400, 403)


async def test_no_update_brings_a_held_card_up_to_date(desk: Any) -> None:
    device = did.generate("P-256")
    [card] = await _collect(desk, device, kind="resident-identity-card")
    desk.world.authority.place_hold(desk.world.zhang_wei, "ResidentIdentityCardCredential")
    body = {"credentials": [card["reference"]], "verifiablePresentation": await _prove(desk, device)}
    _, answer = await _call(desk, "POST", "/api/credentials/update", {**body, "envelopes": ["dc+sd-jwt"]})
    assert answer["credentials"][0]["result"] == "refused" and "credential" not in answer["credentials"][0]
