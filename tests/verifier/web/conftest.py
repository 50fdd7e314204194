"""The counter's application over a verifier's folder, and a visitor who fills in its forms."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from verifier import Home, Settings
from verifier.web import create_app
from webshell import RateLimits

from ..conftest import ANCHOR, DOMAIN, HOTEL, LISTS, Clock, World, trust_document

__all__ = ["Counter", "Visitor", "make_home"]


def make_home(path: Path, world: World, *, name: str = "重庆样例酒店", domain: str = DOMAIN) -> Home:
    """A folder with all that a counter needs to work without a network."""
    home = Home(path)
    home.write_settings(Settings(did=HOTEL, name=name, domain=domain, region="500000", anchors=(ANCHOR.did,)))
    (path / "trust-list.json").write_text(json.dumps(trust_document()), encoding="utf-8")
    keep_lists(path, world)
    return home


def keep_lists(path: Path, world: World) -> None:
    """Put the present status lists into the folder."""
    (path / "status").mkdir(exist_ok=True)
    for url in LISTS.values():
        (path / "status" / f"{hashlib.sha256(url.encode()).hexdigest()}.json").write_bytes(world.lists.get(url))


@dataclass
class Page:
    """An answer as a person sees it."""

    status: int
    text: str
    path: str
    headers: Any

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.S)
        return re.sub(r"\s*<[^>]+>\s*", "", found[1]).strip() if found else ""

    def token(self) -> dict[str, str]:
        """The hidden fields of the page's first form."""
        found = {name: re.search(rf'name="{name}" value="([^"]+)"', self.text) for name in ("csrf", "form")}
        return {name: match[1] for name, match in found.items() if match is not None}


@dataclass
class Visitor:
    """A browser with its cookies."""

    client: ClientSession
    page: Page = field(default_factory=lambda: Page(0, "", "", {}))

    async def get(self, path: str, **options: Any) -> Page:
        async with self.client.get(path, **options) as answer:
            self.page = Page(answer.status, await answer.text(), answer.url.path, answer.headers)
        return self.page

    async def submit(self, path: str, **fields: str) -> Page:
        """Send a form of the page that is open."""
        async with self.client.post(path, data={**self.page.token(), **fields}) as answer:
            self.page = Page(answer.status, await answer.text(), answer.url.path, answer.headers)
        return self.page

    async def script(self, path: str, body: bytes | str) -> tuple[int, str]:
        """Send a body as the page's script does."""
        headers = {"X-CSRF-Token": self.page.token()["csrf"], "Accept": "application/json"}
        content = io.BytesIO(body.encode() if isinstance(body, str) else body)
        async with self.client.post(path, data=content, headers=headers) as answer:
            return answer.status, await answer.text()

    async def ask(self, scenario: str = "hotel-check-in", variant: str = "min", **fields: str) -> str:
        """Choose a scenario; the request's challenge."""
        await self.get("/")
        page = await self.submit("/requests", scenario=scenario, variant=variant, **fields)
        assert page.status == 200, page.text
        return page.path.removeprefix("/requests/")

    async def phone(self, message: Any) -> tuple[int, dict[str, Any]]:
        """Send an answer as a wallet does."""
        async with self.client.post("/api/answers", json=message) as answer:
            return answer.status, await answer.json()

    async def state(self, challenge: str, seen: str = "") -> dict[str, Any]:
        async with self.client.get(f"/requests/{challenge}/state?seen={seen}") as answer:
            result: dict[str, Any] = await answer.json()
            return result


@dataclass
class Counter:
    """The application that runs, and the world around it."""

    world: World
    home: Home
    clients: list[ClientSession] = field(default_factory=list)
    servers: list[TestServer] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def make(self) -> web.Application:
        options = {"limits": RateLimits(), "clock": self.clock, "origin": "http://127.0.0.1", **self.options}
        return create_app(self.home, **options)

    async def start(self) -> None:
        """Start, or start again at the same port."""
        port = None
        if self.servers:
            port = self.servers[-1].port
            await self.servers[-1].close()
        self.servers.append(TestServer(self.make(), host="127.0.0.1", port=port))
        await self.servers[-1].start_server()

    def visitor(self) -> Visitor:
        """Another browser."""
        self.clients.append(ClientSession(self.servers[-1].make_url("/"), cookie_jar=CookieJar(unsafe=True)))
        return Visitor(self.clients[-1])

    async def request(self, visitor: Visitor, **options: str) -> Any:
        """Ask at the counter, and what the phone reads at the request URI."""
        from vc.scenarios import PresentationRequest

        challenge = await visitor.ask(**options)
        async with visitor.client.get(f"/api/requests/{challenge}") as answer:
            assert answer.status == 200
            return PresentationRequest.from_dict((await answer.json())["request"])

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        for server in self.servers:
            await server.close()


@pytest.fixture
async def desk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Counter]:
    world = World(tmp_path)
    made = Counter(world, make_home(tmp_path, world), options=dict(getattr(request, "param", {})))
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def visitor(desk: Counter) -> Visitor:
    return desk.visitor()
