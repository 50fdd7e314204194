"""The shell of a web application: headers, CSRF, sessions, hosts, limits, languages, errors, assets."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from vc.cards import Label
from webshell import Assets, FileSessions, Link, MemorySessions, Once, PageError, RateLimits, Site, api
from webshell.sessions import Sessions

SECRET = bytes(range(32))
EVIL = '"><script>alert(1)</script>'


class Clock:
    now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def make(tmp_path: Path, **options: Any) -> tuple[web.Application, Site]:
    folder = tmp_path / "pages"
    folder.mkdir(exist_ok=True)
    (folder / "form.html").write_text(
        '{% extends "layout.html" %}{% block title %}{{ said }}{% endblock %}'
        '{% block main %}<p id="said">{{ said }}</p><form method="post" action="{{ url("/say") }}">{{ csrf() }}</form>'
        "{% endblock %}"
    )
    (folder / "plain.html").write_text('{% extends "layout.html" %}{% block main %}x{% endblock %}')
    made = Site(
        "test", Label("测试", "Test"), **{"origin": "http://127.0.0.1", "secret": SECRET, **options}, templates=[folder]
    )

    async def form(request: web.Request) -> web.Response:
        return made.render(request, "form.html", said=str(made.session(request).data.get("said", "")))

    async def say(request: web.Request) -> web.Response:
        made.session(request).data["said"] = (await made.form(request)).text("said")
        made.redirect("/form")
        raise AssertionError

    async def sign_in(request: web.Request) -> web.Response:
        made.session(request).sign_in(user="me")
        return web.Response(text="in")

    async def who(request: web.Request) -> web.Response:
        return web.Response(text=str(made.session(request).data.get("user")))

    async def plain(request: web.Request) -> web.Response:
        return made.render(request, "plain.html")

    async def defect(request: web.Request) -> web.Response:
        raise RuntimeError("a secret in the message")

    async def refused(request: web.Request) -> web.Response:
        raise PageError(409, "不行", "No")

    async def limited(request: web.Request) -> web.Response:
        made.limit(request, "few", count=2, seconds=60)
        return web.Response(text="ok")

    @api
    async def machine(request: web.Request) -> web.Response:
        if request.query.get("fail"):
            raise RuntimeError("a secret")
        return web.json_response({"session": made.session(request).data})

    app = web.Application()
    made.install(app)
    app.router.add_get("/form", form)
    app.router.add_post("/say", say)
    app.router.add_post("/sign-in", sign_in)
    for path, handler in (("/", plain), ("/who", who), ("/defect", defect), ("/refused", refused), ("/few", limited)):
        app.router.add_get(path, handler)
    app.router.add_route("*", "/api", machine)
    return app, made


Browse = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture
async def browse(tmp_path: Path) -> AsyncIterator[Browse]:
    clients: list[TestClient[Any, Any]] = []

    async def start(app: web.Application | None = None, **options: Any) -> TestClient[Any, Any]:
        served = app or make(tmp_path, **options)[0]
        client = TestClient(TestServer(served, host="127.0.0.1"), cookie_jar=aiohttp.CookieJar(unsafe=True))
        await client.start_server()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


async def _text(client: TestClient[Any, Any], path: str, **options: Any) -> tuple[int, str]:
    async with client.get(path, **options) as answer:
        return answer.status, await answer.text()


async def _token(client: TestClient[Any, Any]) -> str:
    _, text = await _text(client, "/form")
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found
    return found[1]


async def test_every_answer_carries_a_policy_that_forbids_what_pages_do_not_need(browse: Browse) -> None:
    client = await browse()
    for path, status in (("/", 200), ("/nothing", 404), ("/defect", 500), ("/few", 200), ("/api", 200)):
        async with client.get(path) as answer:
            policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
            assert answer.status == status
            assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" == policy["style-src"]
            assert "unsafe" not in str(policy) and policy["frame-ancestors"] == "'none'"
            assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Server" not in answer.headers
            assert "camera=()" in answer.headers["Permissions-Policy"]


async def test_pages_have_no_inline_script_or_style(browse: Browse) -> None:
    client = await browse()
    for path in ("/", "/form", "/nothing"):
        _, text = await _text(client, path)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text)


async def test_a_camera_is_allowed_only_where_the_site_says_so(browse: Browse) -> None:
    client = await browse(camera=True)
    async with client.get("/") as answer:
        assert "camera=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize("origin", ["http://issuer.example", "ftp://127.0.0.1", "issuer.example", ""])
def test_an_origin_that_browsers_must_not_trust_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(ValueError, match="https"):
        make(tmp_path, origin=origin)


async def test_on_https_cookies_are_secure_host_only_and_transport_is_strict(browse: Browse) -> None:
    client = await browse(origin="https://issuer.example")
    async with client.get("/form", headers={"Host": "issuer.example"}) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-lz_test=") and "max-age" in answer.headers["Strict-Transport-Security"]
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"])
async def test_a_foreign_name_that_resolves_here_reaches_nothing(browse: Browse, host: str) -> None:
    client = await browse()
    assert (await _text(client, "/", headers={"Host": host}))[0] == 421
    assert (await _text(client, "/api", headers={"Host": host}))[0] == 421


async def test_a_form_without_its_token_is_refused(browse: Browse) -> None:
    client = await browse()
    token = await _token(client)
    cases: list[tuple[dict[str, str], dict[str, str], int]] = [
        ({}, {}, 403),
        ({"csrf": ""}, {}, 403),
        ({"csrf": token[:-1] + ("A" if token[-1] != "A" else "B")}, {}, 403),
        ({"csrf": token}, {"Origin": "https://evil.example"}, 403),
        ({"csrf": token}, {"Origin": "null"}, 403),
        ({"csrf": token}, {"Sec-Fetch-Site": "cross-site"}, 403),
        ({"csrf": token}, {"Sec-Fetch-Site": "same-site"}, 403),
        ({"csrf": token}, {"Sec-Fetch-Site": "same-origin"}, 200),
        ({"csrf": token}, {}, 200),
    ]
    for fields, headers, status in cases:
        async with client.post("/say", data={**fields, "said": "x"}, headers=headers) as answer:
            assert answer.status == status


async def test_the_token_of_one_visitor_is_worth_nothing_to_another(browse: Browse, tmp_path: Path) -> None:
    app, _ = make(tmp_path)
    mine = await browse(app)
    token = await _token(mine)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        await (await other.get(mine.make_url("/form"))).read()
        async with other.post(mine.make_url("/say"), data={"csrf": token, "said": "x"}) as answer:
            assert answer.status == 403


async def test_a_script_sends_the_token_in_a_header(browse: Browse) -> None:
    client = await browse()
    token = await _token(client)
    async with client.post("/sign-in", json={}, headers={"X-CSRF-Token": token}) as answer:
        assert answer.status == 200
    async with client.post("/sign-in", json={}, headers={"X-CSRF-Token": "é" + token}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"csrf=a&csrf=b", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(100)), "application/x-www-form-urlencoded", 400),
        (b"csrf=%ff%fe", "application/x-www-form-urlencoded", 403),
        (b"{}", "application/json", 415),
        (b"", "", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"csrf=a", "application/x-www-form-urlencoded; charset=utf-7000", 400),
    ],
)
async def test_a_form_of_another_shape_is_refused(
    browse: Browse, content: bytes, content_type: str, status: int
) -> None:
    client = await browse()
    async with client.post("/say", data=io.BytesIO(content), headers={"Content-Type": content_type}) as answer:
        assert answer.status == status and "Traceback" not in await answer.text()


async def test_what_visitors_say_is_shown_as_text(browse: Browse) -> None:
    client = await browse()
    async with client.post("/say", data={"csrf": await _token(client), "said": EVIL}) as answer:
        text = await answer.text()
    assert EVIL not in text and "&lt;script&gt;" in text


async def test_a_defect_shows_no_more_than_that_there_is_one(browse: Browse) -> None:
    client = await browse()
    status, text = await _text(client, "/defect")
    assert status == 500 and "secret" not in text and "Traceback" not in text and "系统出错" in text
    async with client.get("/api?fail=1") as answer:
        assert answer.status == 500 and set(await answer.json()) == {"status", "title", "zh", "en"}
        assert "secret" not in await answer.text()


async def test_a_refusal_is_a_page_or_json_as_asked(browse: Browse) -> None:
    client = await browse()
    assert (await _text(client, "/refused"))[1].count("不行") >= 1
    async with client.get("/refused", headers={"Accept": "application/json"}) as answer:
        assert answer.status == 409 and (await answer.json())["zh"] == "不行"
    async with client.post("/who", data={"csrf": await _token(client)}) as answer:
        assert answer.status == 405 and answer.headers["Allow"] == "GET,HEAD"


async def test_machines_get_no_session_even_with_a_cookie(browse: Browse) -> None:
    client = await browse()
    async with client.post("/say", data={"csrf": await _token(client), "said": "x"}) as answer:
        assert answer.status == 200
    async with client.get("/api") as answer:
        assert await answer.json() == {"session": {}} and "Set-Cookie" not in answer.headers


async def test_chinese_comes_first_and_english_at_a_switch_without_leaving_the_site(browse: Browse) -> None:
    client = await browse()
    assert '<html lang="zh-CN">' in (await _text(client, "/", headers={"Accept-Language": "en"}))[1]
    async with client.get("/form?lang=en&a=1", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/form?a=1")
    assert '<html lang="en">' in (await _text(client, "/"))[1]
    double = client.make_url("/").with_path("//evil.example/", encoded=True).with_query("lang=en")
    async with aiohttp.ClientSession() as other, other.get(double, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/evil.example/"
    assert (await _text(client, "/?lang=xx"))[0] == 200


async def test_a_visitor_without_forms_gets_no_cookie(browse: Browse) -> None:
    client = await browse()
    async with client.get("/") as answer:
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "a" * 32 + "." + "b" * 43, "é.é", "x" * 5000, ".", "\u2028"])
async def test_a_cookie_that_is_not_ours_is_a_new_visitor(browse: Browse, cookie: str) -> None:
    sessions = Sessions(SECRET, MemorySessions(), clock=Clock(), random=bytes)
    session = sessions.open(cookie)
    assert session.data == {} and not session.wanted


def test_a_session_is_signed_renamed_at_sign_in_and_ended_at_sign_out() -> None:
    numbers = iter(range(1, 100))
    sessions = Sessions(SECRET, MemorySessions(), clock=Clock(), random=lambda n: bytes([next(numbers)]) * n)
    visitor = sessions.open(None)
    visitor.data["before"] = 1
    first = sessions.save(visitor)
    visitor = sessions.open(first)
    visitor.sign_in(user=7)
    second = sessions.save(visitor)
    assert first and second and first != second
    assert sessions.open(first).data == {} and sessions.open(second).data == {"user": 7}
    assert sessions.open(first).csrf != sessions.open(second).csrf
    visitor = sessions.open(second)
    visitor.sign_out()
    sessions.save(visitor)
    assert sessions.open(second).data == {}


def test_a_session_ends_when_it_is_idle_or_old() -> None:
    clock = Clock()
    sessions = Sessions(SECRET, MemorySessions(), clock=clock, random=lambda n: bytes(range(n)))
    visitor = sessions.open(None)
    visitor.data["user"] = 1
    cookie = sessions.save(visitor)
    for _ in range(39):
        clock.now += timedelta(minutes=15)
        session = sessions.open(cookie)
        assert session.data == {"user": 1}
        sessions.save(session)
    clock.now += timedelta(minutes=16)
    assert sessions.open(cookie).data == {}


def test_sessions_in_a_file_survive_and_hold_no_name(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    clock = Clock()
    kept = FileSessions(path)
    sessions = Sessions(SECRET, kept, clock=clock, random=lambda n: b"\x07" * n)
    visitor = sessions.open(None)
    visitor.data["user"] = 1
    cookie = sessions.save(visitor)
    kept.close()
    assert path.stat().st_mode & 0o077 == 0 and cookie is not None
    assert cookie.split(".")[0].encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("sessions.db*"))
    kept = FileSessions(path)
    try:
        again = Sessions(SECRET, kept, clock=clock, random=lambda n: b"\x08" * n)
        assert again.open(cookie).data == {"user": 1}
        other = Sessions(bytes(32), kept, clock=clock, random=lambda n: b"\x08" * n)
        assert other.open(cookie).data == {}
        clock.now += timedelta(hours=11)
        fresh = again.open(None)
        fresh.data["user"] = 2
        again.save(fresh)
        assert kept.get("x") is None
    finally:
        kept.close()


def test_a_session_that_would_grow_without_bound_is_a_defect() -> None:
    sessions = Sessions(SECRET, MemorySessions(), clock=Clock(), random=lambda n: bytes(range(n)))
    visitor = sessions.open(None)
    visitor.data["big"] = "x" * 20_000
    with pytest.raises(ValueError, match="too much"):
        sessions.save(visitor)
    with pytest.raises(ValueError, match="32 bytes"):
        Sessions(b"short", MemorySessions(), clock=Clock(), random=bytes)


def test_the_memory_of_sessions_and_limits_is_bounded() -> None:
    kept = MemorySessions(most=3)
    for number in range(10):
        kept.put(str(number), "{}", 0, 0)
    assert [kept.get(str(number)) is not None for number in range(10)] == [False] * 7 + [True] * 3
    limits = RateLimits(lambda: 0.0)
    for number in range(30_000):
        limits.take(str(number), count=1, seconds=60)
    assert len(limits._buckets) <= 20_000


def test_tokens_come_back_over_time() -> None:
    now = [0.0]
    limits = RateLimits(lambda: now[0])
    taken = [limits.take("a", count=3, seconds=60) for _ in range(5)]
    assert taken == [0, 0, 0, 20, 20] and limits.take("b", count=3, seconds=60) == 0
    now[0] = 20.0
    assert [limits.take("a", count=3, seconds=60) for _ in range(2)] == [0, 20]


async def test_a_limit_counts_by_address_behind_a_trusted_proxy_only(browse: Browse) -> None:
    direct, proxied = await browse(), await browse(proxies=1)
    for client, expected in ((direct, [200, 200, 429]), (proxied, [200, 200, 200])):
        seen = []
        for number in range(3):
            seen.append((await _text(client, "/few", headers={"X-Forwarded-For": f"10.0.0.{number}"}))[0])
        assert seen == expected
    async with direct.get("/few") as answer:
        assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0


async def test_work_is_done_once_and_again_after_it_failed() -> None:
    once: Once[str] = Once()
    done: list[int] = []

    async def work() -> str:
        done.append(1)
        await asyncio.sleep(0)
        return "there"

    assert await asyncio.gather(*(once.run("k", work) for _ in range(5))) == ["there"] * 5
    assert await once.run("k", work) == "there" and done == [1]

    async def fail() -> str:
        done.append(2)
        raise OSError("no")

    for _ in range(2):
        with pytest.raises(OSError, match="no"):
            await once.run("f", fail)
    assert done == [1, 2, 2]


async def test_assets_have_a_digest_and_are_kept_for_a_year(browse: Browse, tmp_path: Path) -> None:
    client = await browse()
    _, text = await _text(client, "/")
    paths = re.findall(r'(?:href|src)="(/assets/[^"]+)"', text)
    assert {path.rsplit("/", 1)[1] for path in paths} >= {"base.css", "cards.css", "base.js", "seal.svg"}
    for path in paths:
        async with client.get(path) as answer:
            assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
    async with client.get("/assets/0000/base.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
    for path in ("/assets/x/nothing.css", "/assets/x/..%2f..%2fsite.py", "/assets/x/%2e%2e"):
        assert (await _text(client, path))[0] == 404


def test_two_assets_of_one_name_and_a_missing_one_are_defects(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.css").write_text(folder)
    (tmp_path / "a" / "notes.txt").write_text("not served")
    with pytest.raises(ValueError, match=r"x\.css"):
        Assets([tmp_path / "a", tmp_path / "b"])
    assets = Assets([tmp_path / "a"])
    assert "x.css" in assets and "notes.txt" not in assets
    with pytest.raises(KeyError):
        assets.url("y.css")


async def test_a_mounted_site_names_its_own_paths(browse: Browse, tmp_path: Path) -> None:
    links = (Link("/", "首", "Start"), Link("/form", "表", "Form"))
    app, _ = make(tmp_path, root="/desk", navigation=lambda request: links)
    outer = web.Application()
    outer.add_subapp("/desk", app)
    client = await browse(outer)
    status, text = await _text(client, "/desk/form")
    assert status == 200 and 'action="/desk/say"' in text and 'href="/desk/form" aria-current="page"' in text
    assert text.count('aria-current="page"') == 1
    assert (await _text(client, re.findall(r'href="([^"]+base\.css)"', text)[0]))[0] == 200
    assert (await _text(client, "/desk/nothing"))[0] == 404


async def test_a_flash_is_shown_once_in_the_language_of_the_page(tmp_path: Path, browse: Browse) -> None:
    app, site = make(tmp_path)

    async def flash(request: web.Request) -> web.Response:
        site.session(request).flash("好<b>", "good<b>")
        site.redirect("/")
        raise AssertionError

    app.router.add_get("/flash", flash)
    client = await browse(app)
    assert "好&lt;b&gt;" in (await _text(client, "/flash"))[1]
    assert "好&lt;b&gt;" not in (await _text(client, "/"))[1]
