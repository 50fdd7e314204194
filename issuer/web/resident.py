"""The residents' portal: cards, applications, phones."""

from __future__ import annotations

from typing import Any

import segno
from aiohttp import web
from markupsafe import Markup

from issuer.applications import ApplicationState, ApplicationView
from issuer.errors import NotFoundError
from issuer.holdings import HeldCard
from vc.cards.definition import CardDefinition
from vc.cards.display import display
from webshell import CardPicture, PageError, card_picture, in_order

from .context import Context, context_of, page, post, refusal, resident_of, threaded, words
from .texts import word

__all__ = ["offer_url", "picture_of", "routes", "symbol"]


def offer_url(context: Context, reference: str) -> str:
    """What the wallet scans."""
    return f"{context.authority.base_url}/offers/{reference}"


def symbol(text: str) -> Markup:
    """A QR symbol as SVG without inline styles."""
    return Markup(segno.make(text, error="m", micro=False).svg_inline(border=2, omitsize=True))  # noqa: S704 - drawn here


def picture_of(context: Context, request: web.Request, card: HeldCard, portrait: str) -> CardPicture | None:
    """The picture of an issued card; None when its document is erased."""
    return card_picture(
        card.document,
        context.site.language(request),
        portrait=portrait,
        state=card.state,
        cards=context.authority.cards,
    )


@page
async def start(request: web.Request) -> web.StreamResponse:
    """``GET /``: what there is, for everybody."""
    context = context_of(request)
    if "resident" in context.site.session(request).data:
        context.site.redirect("/cards")
    departments = _departments(context, list(context.authority.cards.values()))
    return context.site.render(request, "home.html", authority=context.authority, departments=departments)


# --- cards -----------------------------------------------------------------------------------------------------------


@page
async def my_cards(request: web.Request) -> web.StreamResponse:
    """``GET /cards``: the resident's cards and what waits to be collected."""
    context, resident = context_of(request), await resident_of(request)
    cards = await threaded(lambda: context.portal.cards(resident.id))
    applications = await threaded(lambda: context.portal.applications(resident.id))
    portrait = context.site.url("/portrait")
    shown = [
        (card, picture_of(context, request, card, portrait)) for card in in_order(cards, lambda card: card.card_type)
    ]
    return context.site.render(
        request,
        "my_cards.html",
        resident=resident,
        cards=[(card, picture) for card, picture in shown if picture is not None],
        former=[(card, _title(context, request, card.card_type)) for card, picture in shown if picture is None],
        waiting=[view for view in applications if view.state is ApplicationState.AWAITING_DEVICE],
        application_title=lambda view: application_title(context, request, view),
        word=words(request),
    )


@page
async def my_card(request: web.Request) -> web.StreamResponse:
    """``GET /cards/{reference}``: one card, front and back."""
    context, resident = context_of(request), await resident_of(request)
    cards = await threaded(lambda: context.portal.cards(resident.id))
    card = next((card for card in cards if card.reference == request.match_info["reference"]), None)
    if card is None or not card.document:
        raise PageError(404, "没有这张证照，或已吊销", "There is no such card, or it was revoked")
    return context.site.render(
        request,
        "my_card.html",
        card=card,
        picture=picture_of(context, request, card, context.site.url("/portrait")),
        claims=display(card.document, context.site.language(request), cards=context.authority.cards),
        word=words(request),
    )


@page
async def update_card(request: web.Request) -> web.StreamResponse:
    """``POST /cards/{reference}/update``."""
    context, resident = context_of(request), await resident_of(request)
    session, reference = context.site.session(request), request.match_info["reference"]

    def work() -> str:
        kind = context.portal.update(resident.id, reference)
        session.flash(word("update", kind, "zh"), word("update", kind, "en"), "info")
        return "/cards"

    await post(request, "/cards", work)


@page
async def portrait(request: web.Request) -> web.StreamResponse:
    """``GET /portrait``: the resident's own."""
    context, resident = context_of(request), await resident_of(request)
    content = await threaded(lambda: context.portal.portrait(resident.id))
    if content is None:
        raise web.HTTPNotFound
    return web.Response(body=content, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


# --- applications ----------------------------------------------------------------------------------------------------


@page
async def apply_page(request: web.Request) -> web.StreamResponse:
    """``GET /apply``: the cards one may claim, by kind and by department."""
    context, resident = context_of(request), await resident_of(request)
    found = await threaded(lambda: context.portal.claimable(resident.id))
    by_type = {claim.card.type: claim for claim in found}
    departments = _departments(context, [claim.card for claim in found])
    return context.site.render(request, "apply.html", departments=departments, claims=by_type)


@page
async def apply(request: web.Request) -> web.StreamResponse:
    """``POST /apply``: for one kind, or for all of a department."""
    context, resident = context_of(request), await resident_of(request)
    context.site.limit(request, "apply", count=20, seconds=60, key=str(resident.id))
    form = await context.site.form(request)
    kind, department = form.text("kind", 64), form.text("department", 64)

    def work() -> str:
        view = context.portal.apply(resident.id, kind=kind or None, department=department if not kind else None)
        return f"/applications/{view.reference}"

    await post(request, "/apply", work)


@page
async def my_applications(request: web.Request) -> web.StreamResponse:
    """``GET /applications``."""
    context, resident = context_of(request), await resident_of(request)
    views = await threaded(lambda: context.portal.applications(resident.id))
    return context.site.render(
        request,
        "applications.html",
        applications=views,
        application_title=lambda view: application_title(context, request, view),
        word=words(request),
    )


@page
async def my_application(request: web.Request) -> web.StreamResponse:
    """``GET /applications/{reference}``: where it stands, and the offer for the wallet."""
    context, resident = context_of(request), await resident_of(request)
    view = await threaded(lambda: context.portal.application(resident.id, request.match_info["reference"]))
    return context.site.render(request, "application.html", **application_context(context, request, view))


@page
async def application_state(request: web.Request) -> web.StreamResponse:
    """``GET /applications/{reference}/state``: for the page that waits."""
    context, resident = context_of(request), await resident_of(request)
    view = await threaded(lambda: context.portal.application(resident.id, request.match_info["reference"]))
    return web.json_response({"state": view.state.value}, headers={"Cache-Control": "no-store"})


@page
async def send_code(request: web.Request) -> web.StreamResponse:
    """``POST /applications/{reference}/code``: another code for the phone that collects."""
    context, resident = context_of(request), await resident_of(request)
    context.site.limit(request, "offer-code", count=10, seconds=300, key=str(resident.id))
    session, reference = context.site.session(request), request.match_info["reference"]

    def work() -> str:
        context.portal.send_code(resident.id, reference)
        session.flash("验证码已发送到您登记的手机", "A code was sent to your registered phone", "info")
        return f"/applications/{reference}"

    await post(request, f"/applications/{reference}", work)


@page
async def offer(request: web.Request) -> web.StreamResponse:
    """``GET /offers/{reference}``: what somebody sees who opens an offer in a browser instead of the wallet."""
    context = context_of(request)
    context.site.limit(request, "offer", count=30, seconds=60)
    try:
        view = await threaded(lambda: context.authority.application(request.match_info["reference"]))
    except NotFoundError as error:
        raise refusal(error) from None
    if view.state is not ApplicationState.AWAITING_DEVICE:
        raise PageError(410, "该领取链接已失效", "This offer is no longer valid")
    return context.site.render(request, "offer.html", **application_context(context, request, view))


def application_title(context: Context, request: web.Request, view: ApplicationView) -> str:
    """What an application is for, in words."""
    site = context.site
    if view.selector == "replacement":
        return site.t(request, "换领到新手机", "Move to a new phone")
    if view.selector == "kind":
        return next(
            (
                card.title.in_language(site.language(request))
                for card in context.authority.cards.values()
                if card.kind == view.selected
            ),
            view.selected,
        )
    for card in context.authority.cards.values():
        if card.department_id == view.selected:
            name = card.department.in_language(site.language(request))
            return site.t(request, f"{name}（全部证照）", f"All cards of {name}")
    return view.selected


def application_context(context: Context, request: web.Request, view: ApplicationView) -> dict[str, Any]:
    """What the pages of an application show."""
    url = offer_url(context, view.reference)
    return {
        "application": view,
        "title": application_title(context, request, view),
        "cards": [(card, _title(context, request, card.card_type)) for card in view.cards],
        "offer": url,
        "symbol": symbol(url),
        "word": words(request),
    }


# --- phones ----------------------------------------------------------------------------------------------------------


@page
async def phones(request: web.Request) -> web.StreamResponse:
    """``GET /phones``."""
    context, resident = context_of(request), await resident_of(request)
    devices = await threaded(lambda: context.portal.devices(resident.id))
    return context.site.render(request, "phones.html", devices=devices, word=words(request))


@page
async def phone_lost(request: web.Request) -> web.StreamResponse:
    """``POST /phones/{id}/lost``: every card on it is suspended at once."""
    context, resident = context_of(request), await resident_of(request)
    session, device = context.site.session(request), int(request.match_info["id"])

    def work() -> str:
        cards = context.portal.report_lost(resident.id, device)
        session.flash(
            f"手机已报失，其上 {cards} 张证照已立即暂停",
            f"The phone is reported lost: its {cards} cards are suspended at once",
        )
        return "/phones"

    await post(request, "/phones", work)


@page
async def phone_gone(request: web.Request) -> web.StreamResponse:
    """``POST /phones/{id}/retire``: it will not come back; its cards are revoked."""
    context, resident = context_of(request), await resident_of(request)
    session, device = context.site.session(request), int(request.match_info["id"])

    def work() -> str:
        cards = context.portal.confirm_lost(resident.id, device)
        session.flash(f"手机已注销，其上 {cards} 张证照已吊销", f"The phone is retired: its {cards} cards are revoked")
        return "/phones"

    await post(request, "/phones", work)


@page
async def phone_replace(request: web.Request) -> web.StreamResponse:
    """``POST /phones/{id}/replace``: an offer for the new phone."""
    context, resident = context_of(request), await resident_of(request)
    device = int(request.match_info["id"])

    def work() -> str:
        return f"/applications/{context.portal.replace(resident.id, device).reference}"

    await post(request, "/phones", work)


@page
async def messages_page(request: web.Request) -> web.StreamResponse:
    """``GET /demo/messages``: the simulated text messages of a demonstration."""
    context = context_of(request)
    if context.messages is None:
        raise web.HTTPNotFound
    return context.site.render(request, "messages.html", messages=context.messages.newest())


def _departments(context: Context, cards: list[CardDefinition]) -> list[tuple[str, Any, list[CardDefinition]]]:
    found: dict[str, tuple[Any, list[CardDefinition]]] = {}
    for card in in_order(cards, lambda card: card.type):
        found.setdefault(card.department_id, (card.department, []))[1].append(card)
    return [(department_id, label, held) for department_id, (label, held) in found.items()]


def _title(context: Context, request: web.Request, card_type: str) -> str:
    card = context.authority.cards.get(card_type)
    return card.title.in_language(context.site.language(request)) if card is not None else card_type


def routes() -> list[web.RouteDef]:
    """The portal's routes."""
    return [
        web.get("/", start),
        web.get("/cards", my_cards),
        web.get("/cards/{reference}", my_card),
        web.post("/cards/{reference}/update", update_card),
        web.get("/portrait", portrait),
        web.get("/apply", apply_page),
        web.post("/apply", apply),
        web.get("/applications", my_applications),
        web.get("/applications/{reference}", my_application),
        web.get("/applications/{reference}/state", application_state),
        web.post("/applications/{reference}/code", send_code),
        web.get("/offers/{reference}", offer),
        web.get("/phones", phones),
        web.post(r"/phones/{id:\d{1,12}}/lost", phone_lost),
        web.post(r"/phones/{id:\d{1,12}}/retire", phone_gone),
        web.post(r"/phones/{id:\d{1,12}}/replace", phone_replace),
        web.get("/demo/messages", messages_page),
    ]
