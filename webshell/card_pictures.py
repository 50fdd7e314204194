"""A card as it looks, front and back, from its claims: what ``card.html`` draws.

Which claim stands where is data (card_layouts.json), by card type; a card without a layout gets one from its
definition. Only what is given is drawn: of a disclosed card that is only what was disclosed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from did.languages import in_language
from vc.cards.definition import CARDS, CardDefinition, CardSet
from vc.cards.display import claims_of, text_of
from vc.cards.portrait import JPEG

__all__ = ["CardFace", "CardField", "CardPicture", "card_picture", "in_order"]

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_ROWS_A_FACE = 6
_Card = TypeVar("_Card")


@dataclass(frozen=True, slots=True)
class CardField:
    """One field: label and reading, how many of 12 columns it takes, its style, whether it is sensitive."""

    term: str
    label: str
    text: str
    span: int
    styles: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class CardFace:
    """The front or the back."""

    side: str
    rows: tuple[tuple[CardField, ...], ...]
    portrait: bool = False


@dataclass(frozen=True, slots=True)
class CardPicture:
    """A card to draw. ``portrait`` is a URL (``data:`` or the application's own), ``state`` a badge's, if any."""

    type: str
    theme: str
    title: str
    department: str
    language: str
    faces: tuple[CardFace, ...]
    portrait: str | None = None
    state: str | None = None


def card_picture(
    credential: Mapping[str, Any],
    language: str = "zh",
    *,
    portrait: bytes | str | None = None,
    state: str | None = None,
    cards: CardSet = CARDS,
) -> CardPicture | None:
    """The picture of a credential's claims; None for a credential of no known card.

    ``credential`` may be untrusted or disclosed in part: it needs ``type`` and ``credentialSubject``. ``portrait`` is
    JPEG bytes or a URL, drawn when the claims name a portrait. ``state`` such as ``suspended`` is drawn across.
    """
    card = cards.of_credential(credential)
    if card is None:
        return None
    claims = claims_of(credential)
    layout = _layouts().get(card.type) or _layout_of(card)
    shown = "portrait" in claims
    if isinstance(portrait, bytes):
        portrait = f"data:{JPEG};base64,{base64.b64encode(portrait).decode()}"
    faces = tuple(
        CardFace(side, rows, portrait=shown and side == "front")
        for side in ("front", "back")
        if (rows := _rows(card, claims, layout, side, language)) or side == "front"
    )
    return CardPicture(
        type=card.type,
        theme=layout["theme"],
        title=card.title.in_language(language),
        department=card.department.in_language(language),
        language=language,
        faces=faces,
        portrait=portrait if shown else None,
        state=state,
    )


def in_order(cards: Iterable[_Card], type_of: Callable[[_Card], str]) -> list[_Card]:
    """Cards as people look for them: the order of the layouts, others last, as they were."""
    order = list(_layouts())
    return sorted(cards, key=lambda card: order.index(kind) if (kind := type_of(card)) in order else len(order))


@cache
def _layouts() -> dict[str, Any]:
    layouts: dict[str, Any] = json.loads((Path(__file__).parent / "card_layouts.json").read_bytes())
    return layouts


def _layout_of(card: CardDefinition) -> dict[str, Any]:
    terms = [term for term, claim in card.claims.items() if claim.derive is None and term != "portrait"]
    rows = [[{"term": term, "span": 12}] for term in terms]
    return {"theme": "plain", "front": rows[:_ROWS_A_FACE], "back": rows[_ROWS_A_FACE:]}


def _rows(
    card: CardDefinition, claims: Mapping[str, Any], layout: Mapping[str, Any], side: str, language: str
) -> tuple[tuple[CardField, ...], ...]:
    long = layout.get("dates") == "long"
    rows = []
    for row in layout.get(side, ()):
        fields = [field for entry in row if (field := _field(card, claims, entry, language, long)) is not None]
        if fields:
            rows.append(tuple(fields))
    return tuple(rows)


def _field(
    card: CardDefinition, claims: Mapping[str, Any], entry: Mapping[str, Any], language: str, long: bool
) -> CardField | None:
    first, _, last = entry["term"].partition("..")
    claim = card.claims.get(first)
    if claim is None or not any(term in claims for term in (first, last) if term):
        return None
    if entry.get("as") == "codes" and isinstance(claims[first], list):
        text = " ".join(code[:20] for code in claims[first][:20] if isinstance(code, str))
    elif last:
        text = _period(claims, first, last, language)
    elif long and language == "zh" and isinstance(claims[first], str) and (match := _DATE.match(claims[first])):
        text = f"{match[1]} 年 {int(match[2])} 月 {int(match[3])} 日"
    else:
        text = text_of(claim, claims[first], language)
    label = in_language(entry.get("zh") or claim.label.zh, entry.get("en") or claim.label.en, language)
    return CardField(entry["term"], label, text, entry["span"], tuple(entry.get("style", "").split()), claim.sensitive)


def _period(claims: Mapping[str, Any], first: str, last: str, language: str) -> str:
    """``2020.05.01-2040.05.01``, as cards print it."""

    def dotted(term: str) -> str:
        value = claims.get(term)
        return value.replace("-", ".")[:20] if isinstance(value, str) else ""

    long_term = claims.get("cardValidityLongTerm") is True
    until = in_language("长期", "long-term", language) if long_term else dotted(last)
    return f"{dotted(first)}-{until}"
