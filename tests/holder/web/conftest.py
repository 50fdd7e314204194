"""The wallet's application with an issuer and a counter at its side, all on loopback, and a phone that holds a key."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

import vc
from did import SoftwareKey, generate, multibase
from holder.web import create_app
from vc.cards import CARDS
from vc.cards import message as messages
from vc.cards.portrait import digest_multibase
from vc.scenarios import SCENARIOS, Variant, assess
from vc.vc_api import read_body

from ..conftest import (
    COST,
    ISSUER,
    PIN,
    PORTRAIT,
    Clock,
    as_sd_jwt,
    household_page,
    identity_card,
    issued,
    member_page,
)

__all__ = ["PIN", "CounterSide", "IssuerSide", "Phone", "make_wallet"]


KEY_BINDING = b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9."
"""How wallet.js knows a key binding JWT: by its header {"alg":"ES256","typ":"kb+jwt"}."""


def make_wallet(home: Path, clock: Clock, **change: Any) -> web.Application:
    """The application under test."""
    return create_app(home, origin="http://127.0.0.1", clock=clock, cost=COST, **change)


@dataclass
class IssuerSide:
    """The issuer's API for wallets as docs/web.md describes it, for one application."""

    clock: Clock
    base: str = ""
    reference: str = "Qm9Kx8pQ0vT5yR2mWabcde"
    challenge: str = "issuer-challenge-0001"
    domain: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    updates: str = "unchanged"
    version: int = 1
    envelopes: tuple[str, ...] = ()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/applications/{reference}", self.application)
        app.router.add_post("/api/applications/{reference}/credentials", self.collect)
        app.router.add_post("/api/challenges", self.new_challenge)
        app.router.add_post("/api/credentials/update", self.update)
        return app

    @property
    def offer(self) -> str:
        return f"{self.base}/offers/{self.reference}"

    async def application(self, request: web.Request) -> web.Response:
        if "application" in self.answers:
            return _answer(self.answers["application"])
        if request.match_info["reference"] != self.reference:
            return web.json_response({"status": 404, "code": "x", "zh": "没有这个申请", "en": "No such"}, status=404)
        return web.json_response(
            {
                "reference": self.reference,
                "state": "awaiting-device",
                "challenge": self.challenge,
                "domain": self.domain or self.base,
                "issuer": {"id": ISSUER.did, "name": "四川省公安厅"},
                **({"envelopes": list(self.envelopes)} if self.envelopes else {}),
                "cards": [
                    {"type": t, "title": {"zh": CARDS[t].title.zh, "en": CARDS[t].title.en}, "state": "pending"}
                    for t in (
                        "ResidentIdentityCardCredential",
                        "HouseholdRegisterCredential",
                        "HouseholdMemberCredential",
                    )
                ],
            }
        )

    async def collect(self, request: web.Request) -> web.Response:
        if "collect" in self.answers:
            return _answer(self.answers["collect"])
        body = await read_body(request)
        device = self._device(body)
        if device is None:
            return web.json_response({"status": 403, "zh": "密钥未证明", "en": "Key not proved"}, status=403)
        assert tuple(body.get("envelopes", ())) == self.envelopes
        self.given.append(device)
        cards = [(identity_card(), True), (household_page(), False), (member_page(), False)]
        entries = [self._entry(f"REF{n}", card, device, portrait) for n, (card, portrait) in enumerate(cards)]
        return web.json_response({"credentials": entries, "refused": []})

    async def new_challenge(self, request: web.Request) -> web.Response:
        return web.json_response({"challenge": self.challenge, "domain": self.domain or self.base})

    async def update(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        device = self._device(body)
        if device is None:
            return web.json_response({"status": 403, "zh": "密钥未证明", "en": "Key not proved"}, status=403)
        results = []
        for reference in body["credentials"]:
            entry: dict[str, Any] = {"reference": reference, "result": self.updates}
            if reference != "REF0":
                entry["result"] = "unchanged"
            elif self.updates == "changed":
                entry["credential"] = self._entry("REF0V2", identity_card(version=2), device, True)
            results.append(entry)
        return web.json_response({"credentials": results})

    def _device(self, body: Mapping[str, Any]) -> str | None:
        verdict = vc.verify(
            body["verifiablePresentation"], challenge=self.challenge, domain=self.base, now=self.clock.now
        )
        return verdict.document["holder"] if verdict.verified and verdict.document else None

    def _entry(self, reference: str, card: object, device: str, portrait: bool) -> dict[str, Any]:
        credential = issued(card, device)
        attachments = {
            digest_multibase(PORTRAIT): {"mediaType": "image/jpeg", "data": multibase.encode_base64url(PORTRAIT)}
        }
        return {
            "reference": reference,
            "type": credential["type"][-1],
            "verifiableCredential": credential,
            "attachments": attachments if portrait else {},
            **({"envelopes": {"dc+sd-jwt": as_sd_jwt(credential, device)}} if self.envelopes else {}),
        }


@dataclass
class CounterSide:
    """A verifier with a network, as docs/web.md describes it: judges by signature, time and scenario."""

    clock: Clock
    base: str = ""
    domain: str | None = None
    scenario: str = "hotel-check-in"
    variant: Variant = "min"
    received: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    challenge: str = "n3Kx8pQ0vT5yR2mW"
    envelope: str | None = None

    def app(self) -> web.Application:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_get("/api/requests/{id}", self.request)
        app.router.add_post("/api/answers", self.answer)
        return app

    @property
    def uri(self) -> str:
        return f"{self.base}/api/requests/1"

    def document(self) -> dict[str, Any]:
        domain = self.domain or self.base
        made = SCENARIOS[self.scenario].request(
            "did:web:hotel.cq.example",
            "重庆样例酒店",
            self.challenge,
            domain,
            self.clock.now,
            self.variant,
            envelope=self.envelope,
        )
        return made.to_dict()

    async def request(self, request: web.Request) -> web.Response:
        if "request" in self.answers:
            return _answer(self.answers["request"])
        return web.json_response({"request": self.document(), "answers": f"{self.base}/api/answers"})

    async def answer(self, request: web.Request) -> web.Response:
        if "answer" in self.answers:
            return _answer(self.answers["answer"])
        body = await read_body(request)
        self.received.append(body)
        verified = self.judge(body)
        zh, en = ("核验通过", "Verified") if verified else ("核验未通过", "Not verified")
        return web.json_response({"verified": verified, "zh": zh, "en": en})

    def judge(self, body: dict[str, Any]) -> bool:
        if self.envelope is not None:
            answer, domain = messages.read(body), self.domain or self.base
            shown = [
                vc.verify(text, challenge=self.challenge, domain=domain, now=self.clock.now) for text in body["sdJwts"]
            ]
            credentials = answer.presentation["verifiableCredential"]
            judged = assess(SCENARIOS[self.scenario], credentials, now=self.clock.now, variant=self.variant)
            return all(verdict.verified for verdict in shown) and judged.satisfied
        message = messages.read(body)
        verdict = vc.verify(
            message.presentation, challenge=self.challenge, domain=self.domain or self.base, now=self.clock.now
        )
        credentials = message.presentation.get("verifiableCredential", [])
        judged = assess(SCENARIOS[self.scenario], credentials, now=self.clock.now, variant=self.variant)
        return verdict.verified and judged.satisfied


def _answer(prepared: Any) -> web.Response:
    if isinstance(prepared, web.Response):
        return prepared
    if isinstance(prepared, bytes):
        return web.Response(body=prepared, content_type="application/json")
    return web.json_response(prepared)


@pytest.fixture
async def issuer(clock: Clock) -> AsyncIterator[IssuerSide]:
    side = IssuerSide(clock)
    async with TestServer(side.app()) as server:
        side.base = str(server.make_url("")).rstrip("/")
        yield side


@pytest.fixture
async def counter(clock: Clock) -> AsyncIterator[CounterSide]:
    side = CounterSide(clock)
    async with TestServer(side.app()) as server:
        side.base = str(server.make_url("")).rstrip("/")
        yield side


class Phone:
    """A browser without a screen: cookies, the last page, a key, and forms that it fills in and signs."""

    def __init__(self, client: TestClient[Any, Any], key: SoftwareKey | None = None) -> None:
        self.client = client
        self.key = key or generate("P-256")
        self.page = ""
        self.status = 0
        self.path = ""

    async def get(self, path: str, **options: Any) -> str:
        return await self._took(await self.client.get(path, **options))

    async def post(self, path: str, fields: Mapping[str, str] | None = None, **options: Any) -> str:
        data = {"csrf": self.csrf, **(fields or {})}
        return await self._took(await self.client.post(path, data=data, **options))

    async def signed(self, path: str, purpose: str, fields: Mapping[str, str]) -> str:
        """A form that the device key signs, as wallet.js does."""
        origin = str(self.client.make_url("")).rstrip("/")
        text = f"liangzheng wallet\n{purpose}\n{origin}\n{self.csrf}\n"
        jwk = self.key.public_key.to_jwk()
        signature = multibase.encode_base64url(self.key.sign(text.encode()))
        return await self.post(path, {"key": f"{jwk['x']}.{jwk['y']}", "signature": signature, **fields})

    async def start(self, pin: str = PIN) -> str:
        await self.get("/start")
        return await self.signed("/start", "start", {"pin": pin, "again": pin})

    async def open(self, pin: str = PIN) -> str:
        await self.get("/")
        return await self.signed("/open", "open", {"pin": pin})

    async def sign(self, key: SoftwareKey | None = None) -> str:
        """What the signing page does by itself."""
        found = re.search(r'data-signs="([^"]+)"', self.page)
        assert found is not None, self.page
        data = multibase.decode_base64url(found[1])
        assert len(data) == 64 or data.startswith(KEY_BINDING)
        return await self.post(self.path, {"signature": multibase.encode_base64url((key or self.key).sign(data))})

    async def agree(self, *also: str, pin: str = PIN) -> str:
        """Tick what must be ticked and ``also`` these, give the PIN; the signing page comes next."""
        ticks = re.findall(r'<input type="checkbox" name="(show\.[^"]+)"[^>]* required', self.page)
        return await self.post(self.path, {"pin": pin, **dict.fromkeys([*ticks, *also], "on")})

    async def collect(self, offer: str, pin: str = PIN) -> str:
        await self.get("/add")
        await self.post("/add", {"offer": offer})
        if "data-signs" not in self.page and self.path.startswith("/add/"):
            await self.post(self.path, {"pin": pin})
            if "data-signs" in self.page:
                await self.sign()
        return self.page

    async def ask(self, text: str) -> str:
        await self.get("/scan")
        return await self.post("/scan", {"text": text})

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        return found[1] if found else ""

    async def _took(self, answer: ClientResponse) -> str:
        self.status, self.path = answer.status, answer.url.path
        self.page = await answer.text()
        return self.page


@pytest.fixture
async def phones(tmp_path: Path, clock: Clock) -> AsyncIterator[Callable[..., Phone]]:
    """Makes phones, all of the same server."""
    clients: list[TestClient[Any, Any]] = []
    server = TestServer(make_wallet(tmp_path / "wallet-home", clock))
    await server.start_server()

    def phone(key: SoftwareKey | None = None) -> Phone:
        clients.append(TestClient(server, cookie_jar=CookieJar(unsafe=True)))
        return Phone(clients[-1], key)

    yield phone
    for client in clients:
        await client.session.close()
    await server.close()


@pytest.fixture
async def phone(phones: Callable[..., Phone]) -> Phone:
    return phones()


@pytest.fixture
async def stocked_phone(phone: Phone, issuer: IssuerSide) -> Phone:
    await phone.start()
    await phone.collect(issuer.offer)
    return phone
