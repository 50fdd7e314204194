"""The API that wallets collect and update cards with (docs/web.md): JSON, no cookies, no sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from issuer.applications import ApplicationState
from issuer.authority import IssuedCard
from issuer.collecting import MAX_UPDATES, UpdateOutcome
from issuer.desk import ForbiddenError
from issuer.environment import rfc3339
from issuer.errors import CardError, DeviceError, IssuerError, NotFoundError, OfferError, RateLimitError
from issuer.forms import offered
from vc.cards.formats import FORMATS
from vc.problems import Problem, ProblemError
from vc.vc_api import answer, member, read_body
from webshell import PageError, api

from .context import Context, context_of, threaded

__all__ = ["MAX_BODY", "ask_code", "challenge_device", "collect", "show_application", "show_type", "update_cards"]

MAX_BODY = 1024 * 1024
"""Bytes of a request's body, at most."""
MAX_PRESENTATION = 128 * 1024
"""Bytes of a proof of possession with what goes with it, at most: it holds no cards."""
_SMALL = 16 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUSES: tuple[tuple[type[IssuerError], int], ...] = (
    (NotFoundError, 404),
    (DeviceError, 403),
    (ForbiddenError, 403),
    (OfferError, 403),
    (RateLimitError, 429),
    (CardError, 422),
    (IssuerError, 409),
)


def _endpoint(handler: Handler) -> Handler:
    """A handler whose refusals are answers with a code."""

    @api
    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if request.method == "POST" and request.content_type != "application/json":
            # A page of another site can't send this type unasked.
            raise PageError(415, "请求内容须为 JSON", "The body must be application/json")
        try:
            return await handler(request)
        except IssuerError as error:
            status = next(status for kind, status in _STATUSES if isinstance(error, kind))
            return _refused(status, error.code, error.zh, error.en)
        except ProblemError as error:
            problem = error.problems[0]
            return _refused(400, problem.code, "请求内容有误", f"{problem.detail} {problem.pointer}".strip())

    guarded.vc_web_api = True  # type: ignore[attr-defined]
    return guarded


def _refused(status: int, code: str, zh: str, en: str) -> web.Response:
    response = answer({"status": status, "code": code, "title": en, "zh": zh, "en": en}, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(body: Mapping[str, Any]) -> web.Response:
    response = answer(body)
    response.headers["Cache-Control"] = "no-store"
    return response


@_endpoint
async def show_application(request: web.Request) -> web.StreamResponse:
    """``GET /api/applications/{reference}``: the application, with a new challenge."""
    context = context_of(request)
    context.site.limit(request, "api-challenge", count=60, seconds=60)
    view = await threaded(lambda: context.authority.challenge(request.match_info["reference"]))
    return _answer(
        {
            "reference": view.reference,
            "state": view.state.value,
            "challenge": view.challenge,
            "challengeExpires": rfc3339(view.challenge_expires) if view.challenge_expires else None,
            "domain": view.domain,
            "issuer": {"id": context.authority.did, "name": context.authority.name},
            "transactionCode": view.offered and view.state is ApplicationState.AWAITING_DEVICE,
            "envelopes": list(offered(context.authority.signer, context.authority.certificates)),
            "cards": [_card_of(context, card.card_type) | {"state": card.state} for card in view.cards],
        }
    )


@_endpoint
async def ask_code(request: web.Request) -> web.StreamResponse:
    """``POST /api/applications/{reference}/code``: whether this device needs a code for the offer; sends it."""
    context = context_of(request)
    context.site.limit(request, "api-code", count=20, seconds=60)
    reference = request.match_info["reference"]
    device = (await read_body(request)).get("device")
    if not isinstance(device, str):
        return _refused(400, "parse.form", "请求内容有误", "the body needs a text 'device'")
    asked = await threaded(lambda: context.authority.offers.ask(reference, device))
    return _answer({"needed": asked.needed, "sent": asked.sent})


@_endpoint
async def collect(request: web.Request) -> web.StreamResponse:
    """``POST /api/applications/{reference}/credentials``: proof of possession in, cards out."""
    context = context_of(request)
    context.site.limit(request, "api-issue", count=30, seconds=60)
    reference = request.match_info["reference"]
    body = await read_body(request, MAX_PRESENTATION)
    presentation, envelopes, code = member(body, "verifiablePresentation"), _envelopes(body), _code(body)
    cards = await threaded(lambda: context.authority.issue(reference, presentation, envelopes=envelopes, code=code))
    view = await threaded(lambda: context.authority.application(reference))
    refused = [{"type": card.card_type, "reason": card.reason} for card in view.cards if card.state == "refused"]
    return _answer({"credentials": [_issued(card) for card in cards], "refused": refused})


@_endpoint
async def challenge_device(request: web.Request) -> web.StreamResponse:
    """``POST /api/challenges``: a challenge for a device that updates its cards."""
    context = context_of(request)
    context.site.limit(request, "api-challenge", count=60, seconds=60)
    device = (await read_body(request, _SMALL)).get("device")
    if not isinstance(device, str):
        return _refused(400, "parse.form", "请求内容有误", "the body needs a text 'device'")
    challenge, expires = await threaded(lambda: context.collecting.challenge(device))
    return _answer({"challenge": challenge, "challengeExpires": rfc3339(expires), "domain": context.authority.base_url})


@_endpoint
async def update_cards(request: web.Request) -> web.StreamResponse:
    """``POST /api/credentials/update``: proof of possession and references in, new versions out."""
    context = context_of(request)
    context.site.limit(request, "api-issue", count=30, seconds=60)
    body = await read_body(request, MAX_PRESENTATION)
    references = body.get("credentials")
    if not isinstance(references, list) or not all(isinstance(item, str) for item in references):
        return _refused(400, "parse.form", "请求内容有误", "the body needs a list 'credentials' of references")
    if len(references) > MAX_UPDATES:
        return _refused(400, "update.limit", f"一次最多更新 {MAX_UPDATES} 张", f"at most {MAX_UPDATES} cards at once")
    presentation, envelopes = member(body, "verifiablePresentation"), _envelopes(body)
    outcomes = await threaded(lambda: context.collecting.update(references, presentation, envelopes=envelopes))
    return _answer({"credentials": [_outcome(outcome) for outcome in outcomes]})


@_endpoint
async def show_type(request: web.Request) -> web.StreamResponse:
    """``GET /credentials/{version}/{type}``: what a format publishes of a kind of card, such as its type metadata."""
    context = context_of(request)
    path = f"/credentials/{request.match_info['version']}/{request.match_info['type']}"
    for card in context.authority.cards.values():
        for known in FORMATS.usable():
            for url, document in known.published(card).items():
                if urlsplit(url).path == path:
                    headers = {"Cache-Control": "public, max-age=86400", "Access-Control-Allow-Origin": "*"}
                    return web.Response(body=document, content_type="application/json", headers=headers)
    raise NotFoundError("card.unknown", "没有这种证照", "there is no such kind of card")


def _envelopes(body: Mapping[str, Any]) -> list[str]:
    """What the wallet wants the cards in beside JSON-LD. Raises ProblemError."""
    wanted = body.get("envelopes", [])
    if not isinstance(wanted, list) or not all(isinstance(item, str) for item in wanted) or len(wanted) > 8:
        raise ProblemError(Problem("parse.form", "envelopes is a list of names", "/envelopes"))
    return wanted


def _code(body: Mapping[str, Any]) -> str | None:
    """The code of an offer. Raises ProblemError."""
    code = body.get("transactionCode")
    if code is not None and not (isinstance(code, str) and len(code) <= 20):
        raise ProblemError(Problem("parse.form", "transactionCode is a text", "/transactionCode"))
    return code


def _card_of(context: Context, card_type: str) -> dict[str, Any]:
    card = context.authority.cards[card_type]
    return {"type": card.type, "kind": card.kind, "title": {"zh": card.title.zh, "en": card.title.en}}


def _issued(card: IssuedCard) -> dict[str, Any]:
    known = card.to_dict()
    return {
        "reference": card.reference,
        "type": card.card_type,
        "verifiableCredential": known["credential"],
        "attachments": known["attachments"],
        **({"envelopes": known["envelopes"]} if card.envelopes else {}),
    }


def _outcome(outcome: UpdateOutcome) -> dict[str, Any]:
    if outcome.refused is not None:
        error = outcome.refused
        return {
            "reference": outcome.reference,
            "result": "refused",
            "code": error.code,
            "zh": error.zh,
            "en": error.en,
        }
    found: dict[str, Any] = {"reference": outcome.reference, "result": str(outcome.kind)}
    return found | ({"credential": _issued(outcome.card)} if outcome.card is not None else {})
