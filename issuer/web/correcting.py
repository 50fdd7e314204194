"""Correcting the register at the desk, part by part.

A person may have entries for every card there is. One form with all of them would outgrow what a form may send, the
more the more kinds of cards there are; a part is as large as one card, whoever it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web

from issuer.columns import find_column
from issuer.officers import Permission

from .context import context_of, officer_of, page, threaded
from .entries import grouped

__all__ = ["routes"]

_LONGEST, _LONGEST_LIST = 200, 1000
"""Characters that a browser lets people type; what was typed otherwise is judged as an import's cells are."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a form sent, fact -> text, and what was wrong with it, fact -> reason."""

    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)


@page
async def correct_page(request: web.Request) -> web.StreamResponse:
    """``GET /desk/people/{id}/correct``, ``.../correct/{part}``."""
    return await _form(request, _Sent())


@page
async def correct(request: web.Request) -> web.StreamResponse:
    """``POST /desk/people/{id}/correct``, ``.../correct/{part}``."""
    context, officer = context_of(request), await officer_of(request, Permission.CORRECT)
    site, person_id = context.site, int(request.match_info["id"])
    form = await site.form(request)
    # As they were sent: a text that is too long or can't be typed is refused where it stands, not passed over.
    texts = {name[5:]: text.strip() for name, text in form.fields.items() if name.startswith("fact.")}
    correction = await threaded(lambda: context.desk.correct(officer, person_id, texts))
    if correction.problems:
        reasons = {problem.column: site.t(request, problem.zh, problem.en) for problem in correction.problems}
        return await _form(request, _Sent(texts, reasons))
    number = len(correction.changed)
    site.session(request).flash(
        f"已更正 {number} 项登记信息" if number else "没有需要更正的内容",
        f"{number} entries corrected" if number else "Nothing was changed",
        "good" if number else "info",
    )
    return site.redirect(f"/desk/people/{person_id}")


async def _form(request: web.Request, sent: _Sent) -> web.Response:
    """The form of the part that the URL names; after a refusal, of every part that something was sent for."""
    context, officer = context_of(request), await officer_of(request, Permission.CORRECT)
    found = await threaded(lambda: context.desk.person(officer, int(request.match_info["id"])))
    if not officer.may(Permission.CONTACT):
        # The phone that one-time codes go to is not a clerk's to change.
        found = replace(found, entries=tuple(entry for entry in found.entries if entry.fact != "phone"))
    parts = grouped(request, found, editable=True)
    name = request.match_info.get("part", parts[0].name)
    shown = [part for part in parts if any(entry.fact in sent.texts for entry in part.entries)]
    shown = shown or [part for part in parts if part.name == name]
    if not shown:
        raise web.HTTPNotFound
    return context.site.render(
        request,
        "desk_correct.html",
        status=400 if sent.problems else 200,
        page=found,
        parts=parts,
        shown=shown,
        texts=sent.texts,
        problems=sent.problems,
        elsewhere=_elsewhere(request, sent, {entry.fact for part in shown for entry in part.entries}),
        longest=lambda entry: _LONGEST_LIST if entry.column.many else _LONGEST,
    )


def _elsewhere(request: web.Request, sent: _Sent, shown: set[str]) -> list[tuple[str, str]]:
    """The problems of entries that the form does not have: label and reason."""
    language = context_of(request).site.language(request)
    found = [
        (find_column(fact, context_of(request).authority.cards), reason)
        for fact, reason in sent.problems.items()
        if fact not in shown
    ]
    return [(column.label.in_language(language) if column else "", reason) for column, reason in found]


def routes() -> list[web.RouteDef]:
    """The routes of corrections."""
    paths = (r"/desk/people/{id:\d{1,12}}/correct", r"/desk/people/{id:\d{1,12}}/correct/{part:[a-z-]{1,64}}")
    return [route for path in paths for route in (web.get(path, correct_page), web.post(path, correct))]
