"""One web application's shell: pages in two languages, sessions, CSRF, security headers, limits, clear errors."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import jinja2
from aiohttp import web
from markupsafe import Markup

from did.languages import in_language, language_name, language_tag, languages
from did.refusal import Refusal
from did.serving import UNREADABLE, patience
from vc.cards.calendar import CHINA
from vc.cards.definition import Label
from vc.workroom import Busy

from .assets import Assets
from .form_data import MAX_FORM, Form, read_form
from .known_devices import KnownDevices
from .limits import RateLimits
from .once import Once
from .security import is_loopback, policy_headers
from .sessions import MemorySessions, Session, SessionPolicy, Sessions, SessionStore

__all__ = ["Link", "PageError", "Site", "api"]

_HERE = Path(__file__).parent
_log = logging.getLogger(__name__)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LANGUAGE_COOKIE = "lz_lang"
_KNOWN_SECONDS = 180 * 86_400
_SESSION = web.RequestKey("vc_web_session", Session)
_FORM = web.RequestKey("vc_web_form", Form)
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_H = TypeVar("_H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation; ``path`` is below the site's root."""

    path: str
    zh: str
    en: str


class PageError(Refusal):
    """Ends a request with a page that says what is wrong, in both languages."""

    code = "page.refused"

    def __init__(self, status: int, zh: str, en: str, *, retry_after: int | None = None) -> None:
        super().__init__(zh, en)
        self.status, self.retry_after = status, retry_after


_DEFECT = PageError(500, "系统出错，请稍后再试", "Something went wrong on our side. Try again later")


def api(handler: _H) -> _H:
    """Mark a handler for machines: no session and no CSRF token; JSON errors. It must ask for JSON bodies."""
    handler.vc_web_api = True  # type: ignore[attr-defined]
    return handler


class Site:
    """The shell of one role's application.

    ``role`` names its cookies, ``title`` is in every page's head, ``origin`` is where browsers reach it
    (``https://issuer.example``; plain http for loopback only), ``root`` the path under which it is mounted. ``secret``
    signs sessions (a new one at each start means that visitors sign in again), ``sessions`` keeps them. ``templates``
    and ``assets`` are the application's folders, beside the shared ones. ``navigation`` gives a page's links.
    ``camera`` lets pages use the camera; ``proxies`` is how many proxies in front add to X-Forwarded-For.

    Raises ValueError for an origin that browsers must not trust.
    """

    def __init__(
        self,
        role: str,
        title: Label,
        *,
        origin: str,
        secret: bytes | None = None,
        sessions: SessionStore | None = None,
        session_policy: SessionPolicy | None = None,
        templates: Sequence[Path] = (),
        assets: Sequence[Path] = (),
        root: str = "",
        navigation: Callable[[web.Request], Sequence[Link]] = lambda request: (),
        camera: bool = False,
        proxies: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Callable[[int], bytes] = secrets.token_bytes,
        limits: RateLimits | None = None,
        requests_a_minute: int = 600,
    ) -> None:
        parts = urlsplit(origin)
        self.loopback = is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.loopback):
            raise ValueError("the origin must be https, or http on loopback")
        self.role, self.title, self.root = role, title, root.rstrip("/")
        self.secure = parts.scheme == "https"
        self._host = parts.netloc.lower()
        self.clock, self.random = clock, random
        self.navigation = navigation
        self.limits = limits or RateLimits()
        self.assets = Assets([_HERE / "assets", *assets])
        self.once: Once[str] = Once()
        self._proxies = proxies
        self._requests_a_minute = requests_a_minute
        self._headers = policy_headers(secure=self.secure, camera=camera)
        secret = secret or random(32)
        self._known = KnownDevices(secret, random)
        self._sessions = Sessions(
            secret, sessions or MemorySessions(), clock=clock, random=random, policy=session_policy
        )
        self._cookie = f"__Host-lz_{role}" if self.secure else f"lz_{role}"
        self._known_cookie = f"{self._cookie}_known"
        self._pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader([*templates, _HERE / "templates"]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Kept compiled, so that a page is never read from disk while serving.
        self._pages.auto_reload = False

    def install(self, app: web.Application) -> None:
        """Add the shell to an application: middlewares, headers, assets."""
        app.middlewares.append(patience())
        app.middlewares.append(self._shell)
        app.on_response_prepare.append(self._prepare)
        app.router.add_get("/assets/{digest}/{name}", self.assets.serve)

    # --- for handlers ----------------------------------------------------------------------------------------------

    def url(self, path: str) -> str:
        """A path of this application as browsers see it."""
        return self.root + path

    def session(self, request: web.Request) -> Session:
        """The visitor's session."""
        session: Session = request[_SESSION]
        return session

    def language(self, request: web.Request) -> str:
        """``zh``, ``en`` or one with a catalogue, as the visitor chose; Chinese first."""
        return _language(request)

    def t(self, request: web.Request, zh: str, en: str) -> str:
        """The text in the visitor's language."""
        return in_language(zh, en, _language(request))

    def render(self, request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
        """A page."""
        session = self.session(request)
        language = _language(request)
        flash = session.data.pop("flash", []) if session.data.get("flash") else []

        def csrf() -> Markup:
            session.wanted = True
            form_id = secrets.token_urlsafe(12)
            return Markup(
                '<input type="hidden" name="csrf" value="{}"><input type="hidden" name="form" value="{}">'
            ).format(session.csrf, form_id)

        def csrf_token() -> str:
            session.wanted = True
            return session.csrf

        html = self._pages.get_template(template).render(
            site=self,
            request_path=request.path,
            session=session,
            flash=[(kind, in_language(zh, en, language)) for kind, zh, en in flash],
            lang=language,
            languages=[(code, language_tag(code), language_name(code)) for code in languages()],
            tag=language_tag(language),
            t=lambda zh, en: in_language(zh, en, language),
            url=self.url,
            china=_china,
            asset=lambda name: self.url(self.assets.url(name)),
            csrf=csrf,
            csrf_token=csrf_token,
            navigation=self._menu(request, language),
            **context,
        )
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=headers)

    def redirect(self, path: str) -> NoReturn:
        """Go to another page of this application (303). ``path`` is the application's own, never a visitor's."""
        raise web.HTTPSeeOther(self.url(path), headers={"Cache-Control": "no-store"})

    async def form(self, request: web.Request) -> Form:
        """The form that was sent; its CSRF token was checked before the handler ran."""
        form: Form = request[_FORM]
        return form

    async def run_once(self, request: web.Request, work: Callable[[], Awaitable[str]]) -> NoReturn:
        """Do what the form asks once, and go where the first doing said: ``work`` returns a path."""
        form = await self.form(request)
        key = f"{self.session(request).name} {request.path} {form.fields.get('form', '')[:64]}"
        if not form.fields.get("form"):
            self.redirect(await work())
        self.redirect(await self.once.run(key, work))

    def limit(self, request: web.Request, name: str, *, count: int, seconds: float, key: str | None = None) -> None:
        """Count this request against a limit, by the visitor's address or by ``key``. Raises PageError 429."""
        wait = self.limits.take(f"{name} {key or self.address(request)}", count=count, seconds=seconds)
        if wait:
            raise PageError(
                429,
                f"操作过于频繁，请 {wait} 秒后再试",
                f"Too many tries. Try again in {wait} seconds",
                retry_after=wait,
            )

    def known_device(self, request: web.Request, account: str) -> str | None:
        """The browser's name if it signed in to ``account`` before; see ``webshell.known_devices``."""
        return self._known.device(request.cookies.get(self._known_cookie), account)

    def remember_device(self, request: web.Request, account: str) -> None:
        """This browser signed in to ``account``."""
        self.session(request).known_device = self._known.remember(request.cookies.get(self._known_cookie), account)

    def address(self, request: web.Request) -> str:
        """The visitor's address, as far as the proxies in front are trusted."""
        if self._proxies:
            forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
            if len(forwarded) >= self._proxies and forwarded[-self._proxies]:
                return forwarded[-self._proxies][:64]
        return request.remote or ""

    # --- the shell -------------------------------------------------------------------------------------------------

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        if "Server" in response.headers:
            del response.headers["Server"]

    @property
    def _shell(self) -> Any:
        @web.middleware
        async def shell(request: web.Request, handler: Handler) -> web.StreamResponse:
            machine = getattr(request.match_info.handler, "vc_web_api", False)
            cookie = None if machine else request.cookies.get(self._cookie)
            session = request[_SESSION] = self._sessions.open(None)
            known = False
            try:
                session = request[_SESSION] = self._sessions.open(cookie)  # A store out of reach says so: PageError.
                known = True
                self._check_host(request)
                self.limit(request, "all", count=self._requests_a_minute, seconds=60)
                chosen = _chosen_language(request)
                if chosen is not None and not machine:
                    return self._with_language(request, chosen)
                if request.method not in _SAFE and not machine:
                    await self._check_csrf(request, session)
                response = await handler(request)
            except web.HTTPRedirection as redirection:
                response = redirection
            except web.HTTPException as error:
                zh, en = _REASONS.get(error.status, ("请求无法处理", "This request can't be handled"))
                allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
                response = self._refusal(request, PageError(error.status, zh, en), machine)
                response.headers.update(allow)
            except PageError as error:
                response = self._refusal(request, error, machine)
            except Busy as busy:
                full = PageError(
                    503,
                    f"系统繁忙，请 {busy.retry_after} 秒后再试",
                    f"The system is busy. Try again in {busy.retry_after} seconds",
                    retry_after=busy.retry_after,
                )
                response = self._refusal(request, full, machine)
            except UNREADABLE:
                response = self._refusal(request, PageError(400, *_REASONS[400]), machine)
            except (asyncio.CancelledError, ConnectionResetError):
                raise
            except Exception:
                # The request may hold personal data: only the route and the traceback are logged.
                _log.exception("unexpected error in %s", getattr(request.match_info.handler, "__name__", "a handler"))
                response = self._refusal(request, _DEFECT, machine)
            if known and not machine:
                try:
                    self._keep(session, response, cookie)
                except PageError as error:
                    response = self._refusal(request, error, machine)
            if isinstance(response, web.HTTPException):
                raise response
            return response

        return shell

    def _keep(self, session: Session, response: web.StreamResponse, cookie: str | None) -> None:
        if session.known_device and not response.prepared:
            response.set_cookie(
                self._known_cookie,
                session.known_device,
                path="/",
                max_age=_KNOWN_SECONDS,
                httponly=True,
                secure=self.secure,
                samesite="Lax",
            )
        value = self._sessions.save(session)
        # What the visitor has is not sent again: a late answer then never puts an old name over a newer one.
        if value is not None and value != cookie and not response.prepared:
            response.set_cookie(self._cookie, value, path="/", httponly=True, secure=self.secure, samesite="Lax")

    def _check_host(self, request: web.Request) -> None:
        # A foreign name that resolves to this machine (DNS rebinding) is not this site.
        host = request.host.lower()
        known = is_loopback(urlsplit(f"//{host}").hostname or "") if self.loopback else host == self._host
        if not known:
            raise PageError(421, "此地址不属于本系统", "This address does not belong to this site")

    async def _check_csrf(self, request: web.Request, session: Session) -> None:
        refused = PageError(
            403,
            "页面已失效（登录状态可能已变化），请返回上一页刷新后重试",
            "This page is out of date (you may have signed in or out meanwhile). Go back, reload and try again",
        )
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
            raise refused
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise refused
        token = request.headers.get("X-CSRF-Token")
        if token is None:
            form = request[_FORM] = await read_form(request)
            token = form.fields.get("csrf", "")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), session.csrf.encode()):
            raise refused

    def _menu(self, request: web.Request, language: str) -> list[tuple[str, str, bool]]:
        """The links: URL, text, whether the page is that link's (of several, the most exact one's)."""
        links = [(self.url(link.path), in_language(link.zh, link.en, language)) for link in self.navigation(request)]
        above = [path for path, _ in links if request.path == path or request.path.startswith(path.rstrip("/") + "/")]
        here = max((path for path in above if path != self.url("/") or path == request.path), key=len, default=None)
        return [(path, text, path == here) for path, text in links]

    def _refusal(self, request: web.Request, error: PageError, machine: bool) -> web.Response:
        headers = {"Cache-Control": "no-store"}
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        if machine or request.headers.get("Accept", "").startswith("application/json"):
            body = {"status": error.status, "title": error.args[0], "zh": error.zh, "en": error.en}
            return web.json_response(body, status=error.status, headers=headers)
        try:
            page = self.render(request, "error.html", status=error.status, error=error)
        except Exception:
            _log.exception("the error page can't be rendered")
            page = web.Response(text=f"{error.zh}\n{error.en}\n", status=error.status)
        page.headers.update(headers)
        return page

    def _with_language(self, request: web.Request, chosen: str) -> web.Response:
        query = request.rel_url.without_query_params("lang").query_string
        # One leading slash: a browser reads two as another site.
        path = "/" + request.rel_url.raw_path.lstrip("/\\") + (f"?{query}" if query else "")
        response = web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
        response.set_cookie(
            _LANGUAGE_COOKIE, chosen, path="/", max_age=31_536_000, httponly=True, secure=self.secure, samesite="Lax"
        )
        return response


_REASONS: Mapping[int, tuple[str, str]] = {
    400: ("请求内容有误", "The request is malformed"),
    403: ("没有权限", "You may not do this"),
    404: ("没有这个页面", "There is no such page"),
    405: ("此页面不支持这种操作", "This page can't do that"),
    408: ("提交内容未在规定时间内传完", "What was sent did not arrive in time"),
    413: (f"提交内容过大（上限 {MAX_FORM // 1024} KB）", "What was sent is too large"),
    415: ("不支持的内容类型", "This kind of content is not supported"),
}


def _language(request: web.Request) -> str:
    chosen = request.cookies.get(_LANGUAGE_COOKIE)
    return chosen if chosen in languages() else "zh"


def _chosen_language(request: web.Request) -> str | None:
    chosen = request.rel_url.query.get("lang")
    return chosen if chosen in languages() and request.method in ("GET", "HEAD") else None


def _china(moment: datetime, form: str = "%Y-%m-%d") -> str:
    """A moment in China time, as people there read it."""
    return moment.astimezone(CHINA).strftime(form)
