"""A card's claims for people: labels in Chinese or English, and the names of codes instead of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from did.languages import in_language
from vc.model import subject_of

from .codes import code_list, division
from .definition import CARDS, CardDefinition, CardSet, ClaimDefinition, FieldDefinition

__all__ = ["DisplayedClaim", "claims_of", "display", "labels", "text_of"]


@dataclass(frozen=True, slots=True)
class DisplayedClaim:
    """One claim as people read it. ``value`` is the claim as it stands in the credential, ``text`` its reading."""

    term: str
    label: str
    text: str
    value: Any
    sensitive: bool
    pointer: str


def claims_of(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that a credential states or discloses: term -> value, without the subject's ``id`` and ``type``.

    Never fails: a credential of another form has no claims.
    """
    subject = subject_of(credential)
    if subject is None:
        return {}
    return {str(term): value for term, value in subject.items() if term not in {"id", "type"}}


def labels(card: CardDefinition, language: str = "zh") -> dict[str, str]:
    """The label of every claim of a card: term -> text in ``zh`` or ``en``."""
    return {term: claim.label.in_language(language) for term, claim in card.claims.items()}


def display(credential: Mapping[str, Any], language: str = "zh", *, cards: CardSet = CARDS) -> list[DisplayedClaim]:
    """The disclosed claims in the order of the card's definition; unknown terms last, under their own names.

    ``credential`` may be untrusted: nothing is believed about the form of its values.
    """
    claims = claims_of(credential)
    card = cards.of_credential(credential)
    known = card.claims if card is not None else {}
    shown = [
        DisplayedClaim(
            term,
            claim.label.in_language(language),
            text_of(claim, claims[term], language),
            claims[term],
            claim.sensitive,
            claim.pointer,
        )
        for term, claim in known.items()
        if term in claims
    ]
    shown += [
        DisplayedClaim(term, term, _plain(value), value, False, f"/credentialSubject/{term}")
        for term, value in claims.items()
        if term not in known
    ]
    return shown


def text_of(field: FieldDefinition, value: Any, language: str = "zh") -> str:
    """The reading of one value: the name of a code, 是/yes for true, the members of a node, several values joined."""
    comma = in_language("、", ", ", language)
    if isinstance(field, ClaimDefinition) and field.many and isinstance(value, list):
        return comma.join(_one(field, item, language) for item in value[:100])
    return _one(field, value, language)


def _one(field: FieldDefinition, value: Any, language: str) -> str:
    if isinstance(field, ClaimDefinition) and field.fields and isinstance(value, Mapping):
        return _node(field, value, language)
    if value is True:
        return in_language("是", "yes", language)
    if value is False:
        return in_language("否", "no", language)
    if field.codes == "divisions" and isinstance(value, str):
        return division(value[:6]).full_name if len(value) == 6 else _plain(value)
    if field.codes is not None and isinstance(value, str):
        entry = code_list(field.codes).get(value)
        if entry is not None:
            return in_language(entry.card, entry.en, language)
    return _plain(value)


def _node(claim: ClaimDefinition, node: Mapping[Any, Any], language: str) -> str:
    members = [(field, node[field.term]) for field in claim.fields if field.term in node]
    if claim.node == "Portrait":
        return in_language("照片（见图）", "portrait (see picture)", language)
    # An address or an agency's name says its division already.
    texts = [_one(f, value, language) for f, value in members if f.codes != "divisions" or len(members) == 1]
    return in_language(" ", ", ", language).join(texts)


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 500 else text[:499] + "…"
