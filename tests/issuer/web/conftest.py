"""The issuer's application with a visitor who fills in forms as a browser would."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from issuer.officers import Officers
from issuer.web import Messages, create_app
from webshell import MemorySessions, RateLimits

PASSWORD = "correct horse battery"
on_each_database = pytest.mark.parametrize(
    "desk",
    [{}, pytest.param({"postgres": True}, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgresql"],
    indirect=True,
)
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((known.get("action", ""), {}))
            self.open = True
        elif tag == "input" and self.open and "name" in known:
            self.forms[-1][1][known["name"]] = known.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = False


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
        return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""

    @property
    def notices(self) -> list[str]:
        return [html.unescape(text) for text in re.findall(r'<p class="notice[^>]*>(.*?)</p>', self.text, re.S)]

    def fields(self, action: str) -> dict[str, str]:
        """The fields of the first form that posts to ``action`` (a beginning)."""
        parser = _Forms()
        parser.feed(self.text)
        return next(fields for path, fields in parser.forms if path.startswith(action))

    def action(self, pattern: str) -> str:
        """The first form's action that fits a pattern."""
        parser = _Forms()
        parser.feed(self.text)
        return next(path for path, _ in parser.forms if re.search(pattern, path))

    def link(self, pattern: str) -> str:
        paths: list[str] = re.findall(r'href="([^"]+)"', self.text)
        return next(path for path in paths if re.search(pattern, path))


@dataclass
class Visitor:
    """A browser with its cookies."""

    client: TestClient[Any, Any]
    page: Page = field(default_factory=lambda: Page(0, "", "", {}))

    async def get(self, path: str, **options: Any) -> Page:
        async with self.client.get(path, **options) as answer:
            self.page = Page(answer.status, await answer.text(errors="replace"), answer.url.path, answer.headers)
        return self.page

    async def submit(self, action: str, **fields: str) -> Page:
        """Fill in a form of the page and send it."""
        return await self.post(action, {**self.page.fields(action), **fields})

    async def post(self, action: str, fields: dict[str, str], **options: Any) -> Page:
        async with self.client.post(action, data=fields, **options) as answer:
            self.page = Page(answer.status, await answer.text(errors="replace"), answer.url.path, answer.headers)
        return self.page

    async def sign_in(self, world: Any, name: str = "张伟", number: str | None = None) -> Page:
        await self.get("/sign-in")
        await self.submit("/sign-in", name=name, number=number or world.zhang_wei)
        return await self.submit("/sign-in/code", code=world.outbox.sent[-1].code)

    async def sign_in_officer(self, username: str = "boss") -> Page:
        await self.get("/desk/sign-in")
        return await self.submit("/desk/sign-in", username=username, password=PASSWORD)


@dataclass
class Desk:
    """An application that runs, and what it runs on."""

    world: Any
    app: aiohttp.web.Application
    visit: Callable[[], Awaitable[Visitor]]
    messages: Messages | None
    restart: Callable[[], Awaitable[None]]


@pytest.fixture
async def desk(make_world: Callable[..., Any], request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A portal and desk on loopback, with the family of three and three officers."""
    param = dict(getattr(request, "param", {}))
    postgres = request.getfixturevalue("postgres_url") if param.pop("postgres", False) else None
    world = make_world(postgres, base_url="http://127.0.0.1")
    world.import_rows(*world.family)
    for person in (world.zhang_wei, world.li_na):
        world.authority.set_portrait(person, world.jpeg)
    officers = Officers(world.authority, hasher=CHEAP)
    for username, name, role in (
        ("clerk", "王芳", "clerk"),
        ("boss", "李强", "supervisor"),
        ("aud", "赵敏", "auditor"),
    ):
        officers.add(username, name, role, PASSWORD)
    options = {"recheck": 0, "secret": b"s" * 32, "sessions": MemorySessions(), **param}
    clients: list[TestClient[Any, Any]] = []
    servers: list[TestServer] = []

    def make() -> aiohttp.web.Application:
        return create_app(world.authority, hasher=CHEAP, limits=RateLimits(), **options)

    async def start(port: int | None = None) -> None:
        made.app = make()
        server = TestServer(made.app, host="127.0.0.1", port=port)
        servers.append(server)
        await server.start_server()

    async def restart() -> None:
        port = servers[-1].port
        await servers[-1].close()
        await start(port)

    async def visit() -> Visitor:
        client = TestClient(servers[-1], cookie_jar=aiohttp.CookieJar(unsafe=True))
        clients.append(client)
        return Visitor(client)

    made = Desk(world, aiohttp.web.Application(), visit, options.get("messages"), restart)
    await start()
    yield made
    for client in clients:
        await client.close()
    for server in servers:
        await server.close()
