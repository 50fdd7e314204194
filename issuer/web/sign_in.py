"""How residents sign in: name and number, then the code that went to the registered phone; and out."""

from __future__ import annotations

from aiohttp import web

from issuer.errors import ProofingError, RateLimitError
from webshell import FormProblem

from .context import context_of, page, post, threaded

__all__ = ["routes"]


@page
async def sign_in_page(request: web.Request) -> web.StreamResponse:
    """``GET /sign-in``."""
    return _sign_in_form(request, "", [])


@page
async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /sign-in``: name and number; a code goes to the registered phone."""
    context = context_of(request)
    context.site.limit(request, "sign-in", count=10, seconds=60)
    form = await context.site.form(request)
    name, number = form.text("name", 60), form.text("number", 24)
    problems = []
    if not name:
        problems.append(FormProblem("name", "请填写姓名", "Enter your name"))
    if not number:
        problems.append(FormProblem("number", "请填写公民身份号码", "Enter your citizen identity number"))
    if problems:
        return _sign_in_form(request, name, problems)
    session = context.site.session(request)

    account = await threaded(lambda: context.portal.account(name, number))
    known = context.site.known_device(request, account)

    async def begin() -> str:
        reference = await threaded(lambda: context.portal.sign_in(name, number, device=known))
        session.data["signing_in"], session.data["signing_account"] = reference, account
        return "/sign-in/code"

    try:
        await context.site.run_once(request, begin)
    except ProofingError as error:
        return _sign_in_form(request, name, [FormProblem("number", error.zh, error.en)])
    except RateLimitError as error:
        return _sign_in_form(request, name, [FormProblem("number", error.zh, error.en)], status=429)


def _sign_in_form(
    request: web.Request, name: str, problems: list[FormProblem], *, status: int | None = None
) -> web.Response:
    site = context_of(request).site
    found = {problem.field: site.t(request, problem.zh, problem.en) for problem in problems}
    return site.render(
        request,
        "sign_in.html",
        status=status or (400 if problems else 200),
        name=name,
        problems=found,
        messages=context_of(request).messages is not None,
    )


@page
async def code_page(request: web.Request) -> web.StreamResponse:
    """``GET /sign-in/code``."""
    return _code_form(request, None)


@page
async def enter_code(request: web.Request) -> web.StreamResponse:
    """``POST /sign-in/code``: the code; right, the session gets another name."""
    context = context_of(request)
    context.site.limit(request, "code", count=20, seconds=60)
    session = context.site.session(request)
    reference = _signing_in(request)
    code = (await context.site.form(request)).text("code", 20).replace(" ", "")
    try:
        resident = await threaded(lambda: context.portal.confirm(reference, code))
    except (ProofingError, RateLimitError) as error:
        zh = "验证码不正确或已失效" if isinstance(error, ProofingError) else error.zh
        en = "The code is wrong or no longer valid" if isinstance(error, ProofingError) else error.en
        return _code_form(request, context.site.t(request, zh, en))
    context.site.remember_device(request, str(session.data.get("signing_account", "")))
    session.sign_in(resident=resident.id)
    return context.site.redirect("/cards")


@page
async def resend(request: web.Request) -> web.StreamResponse:
    """``POST /sign-in/resend``: another code."""
    context = context_of(request)
    context.site.limit(request, "sign-in", count=10, seconds=60)
    reference = _signing_in(request)

    def work() -> str:
        context.portal.resend(reference)
        return "/sign-in/code"

    await post(request, "/sign-in/code", work)


def _signing_in(request: web.Request) -> str:
    reference = context_of(request).site.session(request).data.get("signing_in")
    if not isinstance(reference, str):
        context_of(request).site.redirect("/sign-in")
    return reference


def _code_form(request: web.Request, problem: str | None) -> web.Response:
    context = context_of(request)
    _signing_in(request)
    status = 400 if problem else 200
    return context.site.render(
        request, "code.html", status=status, problem=problem, messages=context.messages is not None
    )


@page
async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /sign-out``."""
    site = context_of(request).site
    site.session(request).sign_out()
    site.session(request).flash("已退出", "You are signed out", "info")
    site.redirect("/")


def routes() -> list[web.RouteDef]:
    """The routes of signing in and out."""
    return [
        web.get("/sign-in", sign_in_page),
        web.post("/sign-in", sign_in),
        web.get("/sign-in/code", code_page),
        web.post("/sign-in/code", enter_code),
        web.post("/sign-in/resend", resend),
        web.post("/sign-out", sign_out),
    ]
