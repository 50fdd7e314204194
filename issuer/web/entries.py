"""The register's entries on a person in parts: where the register keeps them, or the card that they are for."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from issuer.person_pages import Entry, PersonPage

from .context import context_of

__all__ = ["Part", "grouped"]

_TITLES = {
    "person": ("个人信息", "Person"),
    "household": ("户口", "Household"),
    "permit": ("居住证", "Residence permit"),
    "facts": ("其他登记项目", "Further entries"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Entries under one heading. ``name`` is how a URL names the part: ``person``, or a kind of card."""

    name: str
    title: str
    entries: tuple[Entry, ...]


def grouped(request: web.Request, found: PersonPage, *, editable: bool = False) -> list[Part]:
    """The parts that have entries: those with a text, or those that a correction may state."""
    context = context_of(request)
    groups: dict[str, list[Entry]] = {name: [] for name in _TITLES}
    for entry in found.entries:
        if (entry.editable if editable else entry.text) and entry.fact not in (
            "citizen_identity_number",
            "life_status",
        ):
            home = "household" if entry.column.home == "membership" else entry.column.home
            groups.setdefault(home, []).append(entry)

    def part(home: str, entries: list[Entry]) -> Part:
        if home in _TITLES:
            return Part(home, context.site.t(request, *_TITLES[home]), tuple(entries))
        card = context.authority.cards[home]
        return Part(card.kind, card.title.in_language(context.site.language(request)), tuple(entries))

    return [part(home, entries) for home, entries in groups.items() if entries]
