"""What compaction would write (JSON-LD 1.1 API 4.3, 4.4, 6.2): the one name that a property, type or keyword has here.

Only names and words of a vocabulary are worked out; ids are never shortened (docs/reading.md says why).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..jsonld.compiled import Compiled
from ..jsonld.term_definition import KEYWORDS, UNSET, TermDefinition

__all__ = ["Item", "chosen", "keyword_name", "terms_for", "word"]


@dataclass(frozen=True, slots=True)
class Item:
    """What a value is to term selection: a node, a graph, a list, or a literal of a type or a language."""

    kind: str = "value"
    """``value``, ``node``, ``graph`` or ``list``."""
    type: str | None = None
    """The datatype of a literal."""
    language: str | None = None
    direction: str | None = None


class _Names:
    """The names that a context gives, so that each is found without looking through all."""

    __slots__ = ("inverse", "prefixes", "terms")

    def __init__(self, context: Compiled) -> None:
        self.terms: dict[tuple[str, bool], list[str]] = {}
        """What a term stands for, and whether in reverse -> the terms, the one that is preferred first."""
        self.prefixes: dict[int, dict[str, list[str]]] = {}
        """Length of what a prefix stands for -> that -> the prefixes, likewise."""
        self.inverse: dict[str, dict[tuple[str, str, str], str]] = {}
        """Of properties with several terms: (container, kind of mapping, its value) -> term."""
        for term in sorted(context.active.terms, key=_order):
            definition = context.active.terms[term]
            if definition.iri is None:
                continue
            self.terms.setdefault((definition.iri, definition.reverse), []).append(term)
            if definition.prefix:
                self.prefixes.setdefault(len(definition.iri), {}).setdefault(definition.iri, []).append(term)


def _order(name: str) -> tuple[int, str]:
    return len(name), name


def _names(context: Compiled) -> _Names:
    names = context.names
    if names is None:
        names = context.names = _Names(context)
    found: _Names = names
    return found


def terms_for(context: Compiled, iri: str, reverse: bool = False) -> Sequence[str]:
    """The terms that stand for a property, type or keyword, the one that is preferred first."""
    return _names(context).terms.get((iri, reverse), ())


def keyword_name(context: Compiled, keyword: str) -> str:
    """The alias of a keyword, or the keyword where it has none."""
    return next(iter(terms_for(context, keyword)), keyword)


def word(context: Compiled, iri: str) -> str:
    """The name of a property, type or word of a vocabulary when its value has no part in the choice (6.2.2)."""
    if iri in KEYWORDS:
        return keyword_name(context, iri)
    terms = terms_for(context, iri)
    return terms[0] if terms else _without_term(context, iri)


def _without_term(context: Compiled, iri: str) -> str:
    """Relative to the vocabulary, through a prefix, or the IRI as it is."""
    active = context.active
    vocab = active.vocab
    if vocab is not None and iri.startswith(vocab) and len(iri) > len(vocab):
        suffix = iri[len(vocab) :]
        if suffix not in active.terms and context.expand(suffix) == iri:
            return suffix
    found = []
    for length, starts in _names(context).prefixes.items():
        for prefix in starts.get(iri[:length], ()) if length < len(iri) else ():
            compact = f"{prefix}:{iri[length:]}"
            if compact not in active.terms and context.expand(compact) == iri:
                found.append(compact)
                break
    return min(found, key=_order, default=iri)


def chosen(context: Compiled, iri: str, item: Item) -> str:
    """The name of a property with such a value (6.2.2 steps 4 to 11)."""
    terms = terms_for(context, iri)
    if len(terms) < 2:
        return terms[0] if terms else _without_term(context, iri)
    known = _names(context).inverse
    inverse = known.get(iri)
    if inverse is None:
        inverse = known[iri] = _inverse(context, terms)
    containers, kind, preferred = _preferences(item)
    for container in containers:
        for value in preferred:
            found = inverse.get((container, kind, value))
            if found is not None:
                return found
    return terms[0]


def _inverse(context: Compiled, terms: Sequence[str]) -> dict[tuple[str, str, str], str]:
    """The entries of the inverse context (4.3) for these terms, which are in order of preference."""
    found: dict[tuple[str, str, str], str] = {}
    active = context.active
    for term in terms:
        definition = active.terms[term]
        container = "".join(sorted(definition.container)) or "@none"
        for kind, value in [*_entries(definition, active.language, active.direction), ("@any", "@none")]:
            found.setdefault((container, kind, value), term)
    return found


def _entries(definition: TermDefinition, language: str | None, direction: str | None) -> list[tuple[str, str]]:
    if definition.type == "@none":
        return [("@language", "@any"), ("@type", "@any")]
    if definition.type is not None:
        return [("@type", definition.type)]
    if definition.language is not UNSET or definition.direction is not UNSET:
        own_language: Any = definition.language
        own_direction: Any = definition.direction
        if own_direction is UNSET:
            return [("@language", own_language or "@null")]
        if own_language is UNSET:
            return [("@language", f"_{own_direction}" if own_direction else "@none")]
        return [("@language", _language(own_language, own_direction) or "@null")]
    default = _language(language, direction) or "@none"
    return [("@language", default), ("@language", "@none"), ("@type", "@none")]


def _language(language: str | None, direction: str | None) -> str | None:
    if direction is not None:
        return f"{language or ''}_{direction}".lower()
    return language.lower() if language is not None else None


_CONTAINERS: Final = {
    "graph": ["@graph", "@graph@set", "@set", "@graph@index", "@graph@index@set", "@graph@id", "@graph@id@set"],
    "node": ["@id", "@id@set", "@type", "@set@type", "@set"],
    "list": ["@list"],
}
_AT_LAST: Final = ["@none", "@index", "@index@set"]


def _preferences(item: Item) -> tuple[list[str], str, list[str]]:
    """Containers, kind of mapping, and values of it, each in order of preference."""
    if item.kind in ("graph", "node"):
        return [*_CONTAINERS[item.kind], *_AT_LAST], "@type", ["@id", "@vocab", "@none", "@any"]
    containers = ["@list"] if item.kind == "list" else []
    if item.type is not None:
        return [*containers, "@set", *_AT_LAST], "@type", [item.type, "@none", "@any"]
    language = _language(item.language, item.direction)
    if language is not None:
        containers += ["@language", "@language@set"]
    values = [language or "@null", "@none", "@any"]
    if item.direction is not None:
        values.append(f"_{item.direction}")
    return [*containers, "@set", *_AT_LAST, "@language", "@language@set"], "@language", values
