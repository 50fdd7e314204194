"""The JSON-LD context of a set of cards, made from their definitions.

Everything is protected and there is no ``@vocab``. Terms are scoped to the subject's type, and members of nodes to
their property, so that ``address`` or ``from`` mean what a card says only inside a card's subject. Terms that the VCDM
2.0 context defines already for every place (``name``, ``digestMultibase``, ``mediaType``) are not defined again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from contexts import CONTEXTS, ContextRegistry

from .definition import CardDefinition, CardSet, ClaimDefinition, DefinitionError, FieldDefinition

__all__ = ["VCDM", "context_bytes", "context_document", "context_urls", "register_contexts"]

VCDM = "https://www.w3.org/ns/credentials/v2"

_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATATYPES = {
    "date": _XSD + "date",
    "boolean": _XSD + "boolean",
    "integer": _XSD + "integer",
    "yearMonth": _XSD + "gYearMonth",
    "multibase": "https://w3id.org/security#multibase",
}


def context_urls(cards: CardSet) -> list[str]:
    """The context URLs that the cards name, sorted."""
    return sorted({card.context for card in cards.every()})


def context_document(cards: CardSet, url: str) -> dict[str, Any]:
    """The context document that the cards with context ``url`` need.

    Raises DefinitionError when two cards give a term of one subject type different meanings, or when a term would
    redefine a protected one of the VCDM context.
    """
    members = [card for card in cards.every() if card.context == url]
    context: dict[str, Any] = {"@protected": True, "id": "@id", "type": "@type"}
    for card in sorted(members, key=lambda c: c.type):
        _put(context, card.type, card.namespace + card.type, card)
    for subject in sorted({card.subject_type for card in members}):
        of_subject = [card for card in members if card.subject_type == subject]
        scoped: dict[str, Any] = {"@protected": True, "id": "@id", "type": "@type"}
        for card in of_subject:
            _scope(scoped, card.claims.values(), card)
            _put(context, subject, {"@id": card.subject_iri, "@context": scoped}, card)
        context[subject]["@context"] = {key: scoped[key] for key in sorted(scoped)}
    return {"@context": context}


def context_bytes(cards: CardSet, url: str) -> bytes:
    """The context document as the bytes that are frozen by digest."""
    return (json.dumps(context_document(cards, url), ensure_ascii=False, indent=2) + "\n").encode()


def register_contexts(cards: CardSet, contexts: ContextRegistry = CONTEXTS) -> ContextRegistry:
    """A registry that also knows the contexts of ``cards``; a context that is registered already must not change."""
    for url in context_urls(cards):
        content = context_bytes(cards, url)
        contexts = contexts.with_context(url, content, hashlib.sha256(content).hexdigest())
    return contexts


def _scope(scoped: dict[str, Any], fields: Iterable[FieldDefinition], card: CardDefinition) -> None:
    for field in fields:
        inherited = _vcdm_terms().get(field.term)
        definition = _term(field, card)
        if inherited is not None:
            if _meaning(inherited) != _meaning(definition):
                raise DefinitionError(
                    f"{card.type}: {field.term!r} is a protected term of the VCDM context with another meaning"
                )
            continue
        _put(scoped, field.term, definition, card)


def _term(field: FieldDefinition, card: CardDefinition) -> str | dict[str, Any]:
    definition: dict[str, Any] = {"@id": field.iri}
    if field.datatype in _DATATYPES:
        definition["@type"] = _DATATYPES[field.datatype]
    if isinstance(field, ClaimDefinition):
        if field.many:
            definition["@container"] = "@set"
        if field.fields:
            inner: dict[str, Any] = {"@protected": True}
            _scope(inner, field.fields, card)
            if len(inner) > 1:
                definition["@context"] = inner
    return field.iri if len(definition) == 1 else definition


def _put(target: dict[str, Any], key: str, value: Any, card: CardDefinition) -> None:
    if target.setdefault(key, value) != value:
        raise DefinitionError(f"{card.type}: {key!r} has another meaning in another card of this context")


def _meaning(definition: str | Mapping[str, Any]) -> tuple[Any, Any]:
    if isinstance(definition, str):
        return definition, None
    return definition["@id"], definition.get("@type")


@cache
def _vcdm_terms() -> Mapping[str, Any]:
    return {
        k: v for k, v in CONTEXTS.get(VCDM)["@context"].items() if not k.startswith("@") and k not in {"id", "type"}
    }
