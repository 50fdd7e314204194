"""The officers' desk: register, applications, cards, phones, audit log. ``correcting`` has the corrections."""

from __future__ import annotations

from aiohttp import web

from issuer.applications import ApplicationView
from issuer.errors import ProofingError, RateLimitError
from issuer.lifecycle import DEVICE_LOST, REVOCATION_REASONS, SUSPENSION_CAUSES
from issuer.officers import OfficerView, Permission
from issuer.person_pages import PersonPage
from vc.cards.display import display
from webshell import PageError, in_order

from .context import context_of, officer_of, page, post, threaded, words
from .entries import grouped
from .resident import application_context, application_title, picture_of

__all__ = ["routes"]

_ASKED_CAUSES = [cause for cause in SUSPENSION_CAUSES if cause != DEVICE_LOST]
_ASKED_REASONS = [reason for reason in REVOCATION_REASONS if reason != "superseded"]


@page
async def desk(request: web.Request) -> web.StreamResponse:
    """``GET /desk``."""
    context, officer = context_of(request), await officer_of(request)
    figures = await threaded(lambda: context.desk.figures(officer))
    return context.site.render(request, "desk_home.html", officer=officer, figures=figures, word=words(request))


@page
async def sign_in_page(request: web.Request) -> web.StreamResponse:
    """``GET /desk/sign-in``."""
    return context_of(request).site.render(request, "desk_sign_in.html", problem=None, username="")


@page
async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /desk/sign-in``."""
    context = context_of(request)
    context.site.limit(request, "desk-sign-in", count=10, seconds=60)
    form = await context.site.form(request)
    username, password = form.text("username", 40), form.fields.get("password", "")
    try:
        async with context.passwords:
            known, address = context.site.known_device(request, f"officer/{username}"), context.site.address(request)
            officer = await threaded(
                lambda: context.officers.sign_in(username, password, device=known, address=address)
            )
    except (ProofingError, RateLimitError) as error:
        problem = context.site.t(request, error.zh, error.en)
        status = 429 if isinstance(error, RateLimitError) else 400
        return context.site.render(request, "desk_sign_in.html", status=status, problem=problem, username=username)
    context.site.remember_device(request, f"officer/{username}")
    context.site.session(request).sign_in(officer=officer.id, stamp=officer.stamp)
    return context.site.redirect("/desk")


@page
async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /desk/sign-out``."""
    context, officer = context_of(request), await officer_of(request)
    await threaded(lambda: context.desk.note(officer, "officer.signed_out"))
    context.site.session(request).sign_out()
    context.site.redirect("/desk/sign-in")


# --- the register ----------------------------------------------------------------------------------------------------


@page
async def register(request: web.Request) -> web.StreamResponse:
    """``GET /desk/register``: the form, and what the last search found."""
    context, officer = context_of(request), await officer_of(request, Permission.REGISTER)
    looked_for = str(context.site.session(request).data.get("words", ""))
    people = await threaded(lambda: context.desk.search(officer, looked_for))
    return context.site.render(request, "desk_register.html", looked_for=looked_for, people=people, word=words(request))


@page
async def search(request: web.Request) -> web.StreamResponse:
    """``POST /desk/register``: what is looked for is personal data and stays out of URLs."""
    context, _ = context_of(request), await officer_of(request, Permission.REGISTER)
    form = await context.site.form(request)
    context.site.session(request).data["words"] = form.text("words", 60)
    context.site.redirect("/desk/register")


async def _person(request: web.Request, officer: OfficerView) -> PersonPage:
    context, person_id = context_of(request), int(request.match_info["id"])
    return await threaded(lambda: context.desk.person(officer, person_id))


@page
async def person(request: web.Request) -> web.StreamResponse:
    """``GET /desk/people/{id}``."""
    context, officer = context_of(request), await officer_of(request, Permission.REGISTER)
    found = await _person(request, officer)
    return context.site.render(
        request,
        "desk_person.html",
        officer=officer,
        page=found,
        held=in_order(found.cards, lambda card: card.card_type),
        claimable=in_order(found.claimable, lambda claim: claim.card.type),
        groups=grouped(request, found),
        causes=_ASKED_CAUSES,
        reasons=_ASKED_REASONS,
        cards=context.authority.cards,
        word=words(request),
    )


@page
async def portrait(request: web.Request) -> web.StreamResponse:
    """``GET /desk/people/{id}/portrait``."""
    context, officer = context_of(request), await officer_of(request, Permission.REGISTER)
    person_id = int(request.match_info["id"])
    content = await threaded(lambda: context.desk.portrait(officer, person_id))
    if content is None:
        raise web.HTTPNotFound
    return web.Response(body=content, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@page
async def card(request: web.Request) -> web.StreamResponse:
    """``GET /desk/people/{id}/cards/{reference}``: a card as it looks."""
    context, officer = context_of(request), await officer_of(request, Permission.REGISTER)
    found = await _person(request, officer)
    held = next((held for held in found.cards if held.reference == request.match_info["reference"]), None)
    if held is None or not held.document:
        raise PageError(404, "没有这张证照，或已吊销", "There is no such card, or it was revoked")
    url = context.site.url(f"/desk/people/{found.person.id}/portrait")
    return context.site.render(
        request,
        "desk_card.html",
        page=found,
        card=held,
        picture=picture_of(context, request, held, url),
        claims=display(held.document, context.site.language(request), cards=context.authority.cards),
        word=words(request),
    )


@page
async def life_status(request: web.Request) -> web.StreamResponse:
    """``POST /desk/people/{id}/life-status``."""
    context, officer = context_of(request), await officer_of(request, Permission.REVOKE)
    person_id, session = int(request.match_info["id"]), context.site.session(request)
    status = (await context.site.form(request)).text("status", 16)

    def work() -> str:
        revoked = context.desk.set_life_status(officer, person_id, status)
        session.flash(f"人员状态已变更，吊销证照 {revoked} 张", f"Status changed, {revoked} cards revoked")
        return f"/desk/people/{person_id}"

    await post(request, f"/desk/people/{person_id}", work)


# --- applications ----------------------------------------------------------------------------------------------------


@page
async def applications(request: web.Request) -> web.StreamResponse:
    """``GET /desk/applications``."""
    context, officer = context_of(request), await officer_of(request, Permission.APPLICATIONS)
    state = request.rel_url.query.get("state")
    known = ("awaiting-device", "issued", "refused")
    rows = await threaded(lambda: context.desk.applications(officer, state if state in known else None))
    return context.site.render(
        request,
        "desk_applications.html",
        rows=rows,
        state=state if state in known else None,
        states=known,
        application_title=lambda view: application_title(context, request, view),
        word=words(request),
    )


@page
async def issue(request: web.Request) -> web.StreamResponse:
    """``POST /desk/people/{id}/issue``: an application for somebody at the desk."""
    context, officer = context_of(request), await officer_of(request, Permission.ISSUE)
    person_id = int(request.match_info["id"])
    form = await context.site.form(request)
    kind, department = form.text("kind", 64), form.text("department", 64)

    def work() -> str:
        view = context.desk.issue(officer, person_id, kind=kind or None, department=department if not kind else None)
        return f"/desk/applications/{view.reference}"

    await post(request, f"/desk/people/{person_id}", work)


@page
async def application(request: web.Request) -> web.StreamResponse:
    """``GET /desk/applications/{reference}``: the offer, for the wallet of the person at the desk."""
    context, officer = context_of(request), await officer_of(request, Permission.ISSUE)
    view = await threaded(lambda: context.desk.offer(officer, request.match_info["reference"]))
    shown = application_context(context, request, view)
    return context.site.render(request, "desk_application.html", officer=officer, waits=_waits(view), **shown)


def _waits(view: ApplicationView) -> str:
    """What an application waits for, as the page that waits compares it."""
    return view.state.value if view.asking is None else f"{view.state.value} {view.asking[-8:]}"


@page
async def admit(request: web.Request) -> web.StreamResponse:
    """``POST /desk/applications/{reference}/admit``: a second officer confirms the phone that wants the cards."""
    context, officer = context_of(request), await officer_of(request, Permission.ISSUE)
    session, reference = context.site.session(request), request.match_info["reference"]
    device = (await context.site.form(request)).text("device", 200)

    def work() -> str:
        context.desk.admit(officer, reference, device)
        session.flash(
            "已确认这部手机，请在手机上再点一次“领取”", "The phone is confirmed: press Collect on it once more"
        )
        return f"/desk/applications/{reference}"

    await post(request, f"/desk/applications/{reference}", work)


@page
async def place_hold(request: web.Request) -> web.StreamResponse:
    """``POST /desk/people/{id}/hold``: hold back a kind of card."""
    context, officer = context_of(request), await officer_of(request, Permission.SUSPEND)
    person_id, session = int(request.match_info["id"]), context.site.session(request)
    form = await context.site.form(request)
    card_type, note = form.text("type", 64), form.text("note", 200)

    def work() -> str:
        context.desk.place_hold(officer, person_id, card_type, note)
        session.flash("已暂停向此人签发该证照", "Cards of this kind are held back from this person")
        return f"/desk/people/{person_id}"

    await post(request, f"/desk/people/{person_id}", work)


@page
async def lift_hold(request: web.Request) -> web.StreamResponse:
    """``POST /desk/holds/{id}/lift``."""
    context, officer = context_of(request), await officer_of(request, Permission.SUSPEND)
    hold_id, session = int(request.match_info["id"]), context.site.session(request)
    back = (await context.site.form(request)).text("person", 12)

    def work() -> str:
        person_id = context.desk.lift_hold(officer, hold_id)
        session.flash("已解除签发限制", "The hold is lifted")
        return f"/desk/people/{person_id}"

    await post(request, f"/desk/people/{back}" if back.isdigit() else "/desk/register", work)


@page
async def application_state(request: web.Request) -> web.StreamResponse:
    """``GET /desk/applications/{reference}/state``."""
    context, officer = context_of(request), await officer_of(request, Permission.ISSUE)
    view = await threaded(lambda: context.desk.offer(officer, request.match_info["reference"]))
    return web.json_response({"state": _waits(view)}, headers={"Cache-Control": "no-store"})


# --- cards and phones ------------------------------------------------------------------------------------------------


@page
async def change_card(request: web.Request) -> web.StreamResponse:
    """``POST /desk/cards/{reference}/{change}``: suspend, resume or revoke."""
    change = request.match_info["change"]
    permission = Permission.REVOKE if change == "revoke" else Permission.SUSPEND
    context, officer = context_of(request), await officer_of(request, permission)
    session, reference = context.site.session(request), request.match_info["reference"]
    form = await context.site.form(request)
    reason = form.text("reason", 40)
    back = form.text("person", 12)

    def work() -> str:
        if change == "suspend":
            person_id = context.desk.suspend(officer, reference, reason)
            session.flash("证照已暂停", "The card is suspended")
        elif change == "resume":
            person_id = context.desk.resume(officer, reference, reason or None)
            session.flash("已解除暂停", "The suspension is lifted")
        else:
            person_id = context.desk.revoke(officer, reference, reason)
            session.flash("证照已吊销", "The card is revoked")
        return f"/desk/people/{person_id}"

    await post(request, f"/desk/people/{back}" if back.isdigit() else "/desk/register", work)


@page
async def change_phone(request: web.Request) -> web.StreamResponse:
    """``POST /desk/phones/{id}/{change}``: lost or found."""
    context, officer = context_of(request), await officer_of(request, Permission.SUSPEND)
    session, device, change = context.site.session(request), int(request.match_info["id"]), request.match_info["change"]
    back = (await context.site.form(request)).text("person", 12)

    def work() -> str:
        if change == "lost":
            person_id = context.desk.report_lost(officer, device)
            session.flash("手机已报失，其上证照已立即暂停", "The phone is reported lost: its cards are suspended")
        else:
            person_id = context.desk.report_found(officer, device)
            session.flash("手机已找回，其上证照恢复使用", "The phone is back: its cards are in use again")
        return f"/desk/people/{person_id}"

    await post(request, f"/desk/people/{back}" if back.isdigit() else "/desk/register", work)


# --- the audit log ---------------------------------------------------------------------------------------------------


@page
async def audit(request: web.Request) -> web.StreamResponse:
    """``GET /desk/audit``."""
    context, officer = context_of(request), await officer_of(request, Permission.AUDIT)
    entries = await threaded(lambda: context.desk.audit_entries(officer, limit=100))
    head = await threaded(context.authority.audit_head)
    report = context.site.session(request).data.pop("audit", None)
    return context.site.render(
        request, "desk_audit.html", entries=entries, head=head, report=report, problem=None, word=words(request)
    )


@page
async def verify_audit(request: web.Request) -> web.StreamResponse:
    """``POST /desk/audit``: check the whole chain, and a head noted earlier if one is given."""
    context, officer = context_of(request), await officer_of(request, Permission.AUDIT)
    context.site.limit(request, "audit", count=10, seconds=60)
    form = await context.site.form(request)
    noted = form.text("head", 100)
    expected = None
    if noted:
        number, _, digest = noted.partition(":")
        if not number.isdigit() or len(number) > 12 or len(digest) != 64:
            raise PageError(400, "末端摘要应为“序号:摘要”", "A head is written as number:digest")
        expected = (int(number), digest)
    report = await threaded(lambda: context.desk.verify_audit(officer, expected=expected))
    context.site.session(request).data["audit"] = report.to_dict()
    context.site.redirect("/desk/audit")


def routes() -> list[web.RouteDef]:
    """The desk's routes."""
    return [
        web.get("/desk", desk),
        web.get("/desk/sign-in", sign_in_page),
        web.post("/desk/sign-in", sign_in),
        web.post("/desk/sign-out", sign_out),
        web.get("/desk/register", register),
        web.post("/desk/register", search),
        web.get(r"/desk/people/{id:\d{1,12}}", person),
        web.get(r"/desk/people/{id:\d{1,12}}/portrait", portrait),
        web.get(r"/desk/people/{id:\d{1,12}}/cards/{reference}", card),
        web.post(r"/desk/people/{id:\d{1,12}}/life-status", life_status),
        web.post(r"/desk/people/{id:\d{1,12}}/issue", issue),
        web.get("/desk/applications", applications),
        web.get("/desk/applications/{reference}", application),
        web.get("/desk/applications/{reference}/state", application_state),
        web.post("/desk/applications/{reference}/admit", admit),
        web.post(r"/desk/people/{id:\d{1,12}}/hold", place_hold),
        web.post(r"/desk/holds/{id:\d{1,12}}/lift", lift_hold),
        web.post("/desk/cards/{reference}/{change:suspend|resume|revoke}", change_card),
        web.post(r"/desk/phones/{id:\d{1,12}}/{change:lost|found}", change_phone),
        web.get("/desk/audit", audit),
        web.post("/desk/audit", verify_audit),
    ]
