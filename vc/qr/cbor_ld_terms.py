"""The terms of CBOR-LD: which contexts are in force at a place, what they define, and the integer of each term.

Terms get even integers from 100 on, in the order in which contexts are met and sorted within one (CBOR-LD 1.0; plural
values take the next odd one). Adding a term to a context therefore shifts those after it: contexts are frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vc.problems import Problem, ProblemError

__all__ = ["KEYWORDS", "ActiveContext", "Terms", "refuse"]

KEYWORDS = {
    name: 2 * index
    for index, name in enumerate(
        (
            "@context", "@type", "@id", "@value", "@direction", "@graph", "@included", "@index", "@json", "@language",
            "@list", "@nest", "@reverse", "@base", "@container", "@default", "@embed", "@explicit", "@none",
            "@omitDefault", "@prefix", "@preserve", "@protected", "@requireAll", "@set", "@version", "@vocab",
        )
    )
}  # fmt: skip
_FIRST_TERM = 100
_MAX_TERMS = 20_000
_MAX_CONTEXTS = 64
_MAX_WORK = 400_000
"""Definitions that are brought into force, in all nodes together: each node may bring hundreds."""


def refuse(detail: str, code: str = "qr.payload") -> ProblemError:
    """The error for content that CBOR-LD has no way for."""
    return ProblemError(Problem(code, detail))


@dataclass(frozen=True, slots=True)
class ActiveContext:
    """What is in force at a place. ``previous`` is what is again in force in nodes below, when a type changed it."""

    terms: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    previous: ActiveContext | None = None
    _aliases: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def definition(self, term: str) -> Mapping[str, Any]:
        """What a term is defined as; empty when it is not."""
        return self.terms.get(term) or {}

    def kind(self, term: str) -> str:
        """How the values of a term are typed: ``@id``, ``@type``, ``@vocab``, a datatype's IRI, or ``none``."""
        if term in ("@id", "@type"):
            return term
        definition = self.definition(term)
        datatype = definition.get("@type")
        if isinstance(datatype, str) and datatype != "@none":
            return self._expanded(datatype)
        if datatype is None and definition.get("@id") in ("@id", "@type"):
            return str(definition["@id"])
        return "none"

    def aliases(self, keyword: str) -> frozenset[str]:
        """The terms that stand for a keyword, itself included."""
        if keyword not in self._aliases:
            named = (term for term, found in self.terms.items() if found and found.get("@id") == keyword)
            self._aliases[keyword] = frozenset((keyword, *named))
        return self._aliases[keyword]

    def _expanded(self, text: str) -> str:
        for _ in range(8):
            prefix, colon, suffix = text.partition(":")
            if colon and not suffix.startswith("//"):
                base = self.definition(prefix).get("@id")
            else:
                prefix, suffix, base = text, "", self.definition(text).get("@id") if not colon else None
            if not isinstance(base, str) or base == text:
                break
            text = base + suffix
        return text


class Terms:
    """The integers of one document's terms. ``load`` gives the context document of a URL (``{"@context": ...}``).

    ``written``: the document is being written, and every term has to map to an IRI.
    """

    def __init__(self, load: Callable[[str], Mapping[str, Any]], *, written: bool = False) -> None:
        self._load = load
        self._written = written
        self._loaded: dict[int | str, Mapping[str, Any]] = {}
        self._kept: list[Mapping[str, Any]] = []
        self.ids: dict[str, int] = dict(KEYWORDS)
        self.names: dict[int, str] = {number: name for name, number in KEYWORDS.items()}
        self._next = _FIRST_TERM
        self._work = 0

    def embedded(self, active: ActiveContext, contexts: object) -> ActiveContext:
        """With the ``@context`` of a node."""
        return self._apply(active, contexts, propagate=True)

    def typed(self, active: ActiveContext, types: Iterable[str]) -> ActiveContext:
        """With the contexts of a node's types, in code point order."""
        scope = active
        for name in sorted(set(types)):
            definition = scope.definition(name)
            if "@context" in definition:
                active = self._apply(active, definition["@context"], propagate=False)
        return active

    def below(self, active: ActiveContext, term: str) -> ActiveContext:
        """In the nodes that are values of a term: without what a type put in force, with the term's own context."""
        definition = active.definition(term)
        active = active.previous or active
        if "@context" in definition:
            active = self._apply(active, definition["@context"], propagate=True, override=True)
        return active

    def _apply(
        self, active: ActiveContext, contexts: object, *, propagate: bool, override: bool = False
    ) -> ActiveContext:
        terms, previous = dict(active.terms), active.previous
        for context in contexts if isinstance(contexts, list) else [contexts]:
            if context is None:
                if not override and any(found and found.get("@protected") for found in terms.values()):
                    raise refuse("a protected term would be taken away (ERR_PROTECTED_TERM_REDEFINITION)")
                terms, previous = {}, None
                continue
            entry = self._entry(context)
            self._work += len(terms) + len(entry)
            if self._work > _MAX_WORK:
                raise refuse("the document has far too many contexts in far too many nodes", "qr.limit")
            for term, definition in entry.items():
                if term == "@propagate":
                    continue
                known = terms.get(term)
                if known and known.get("@protected") and not override and _plain(known) != _plain(definition):
                    raise refuse(f"the protected term {term!r} is defined anew (ERR_PROTECTED_TERM_REDEFINITION)")
                if known and known.get("@protected") and definition and _plain(known) == _plain(definition):
                    continue
                terms[term] = definition
            propagates = (entry.get("@propagate") or {}).get("value", propagate)
            if not propagates and previous is None:
                previous = active
        return ActiveContext(terms, previous)

    def _entry(self, context: object) -> Mapping[str, Mapping[str, Any] | None]:
        key = context if isinstance(context, str) else id(context)
        if key in self._loaded:
            return self._loaded[key]
        if len(self._loaded) >= _MAX_CONTEXTS:
            raise refuse("the document uses too many contexts", "qr.limit")
        body: object = context
        if isinstance(context, str):
            body = self._load(context).get("@context")
        if isinstance(body, list):
            merged: dict[str, Any] = {}
            for part in body:
                merged.update(self._entry(part))
            self._loaded[key] = merged
            return merged
        if not isinstance(body, Mapping):
            raise refuse("a context is an object or a URL")
        self._kept.append(body)  # so that an id() is never used again
        self._loaded[key] = self._read(body)
        return self._loaded[key]

    def _read(self, body: Mapping[str, Any]) -> dict[str, Mapping[str, Any] | None]:
        protected = body.get("@protected") is True
        found: dict[str, Mapping[str, Any] | None] = {}
        if body.get("@propagate") is not None:
            found["@propagate"] = {"value": body["@propagate"] is True}
        for term in sorted(body, key=lambda name: name.encode("utf-16-be")):
            if term in {*KEYWORDS, "@propagate", "@import"}:
                continue
            definition = body[term]
            if definition is None:
                found[term] = None
                continue
            if isinstance(definition, str):
                definition = {"@id": definition}
            if not isinstance(definition, Mapping) or not isinstance(definition.get("@type", ""), str):
                raise refuse(f"the definition of {term!r} is not valid (ERR_INVALID_TERM_DEFINITION)")
            if not _means_something(term, definition, body, written=self._written):
                raise refuse(f"the term {term!r} maps to no IRI (ERR_INVALID_TERM_DEFINITION)")
            self._number(term)
            found[term] = {"@protected": protected, **definition}
        return found

    def _number(self, term: str) -> None:
        if term not in self.ids:
            if len(self.ids) >= _MAX_TERMS:
                raise refuse("the contexts define too many terms", "qr.limit")
            self.ids[term], self.names[self._next] = self._next, term
            self._next += 2


def _means_something(term: str, definition: Mapping[str, Any], context: Mapping[str, Any], *, written: bool) -> bool:
    """Whether a term is defined as an IRI (or a keyword): by its definition, by its own form, or by ``@vocab``.

    What JSON-LD drops without a word, a reader of the integers would take for a claim. Only what is ``written`` has to
    be an IRI in form, too: the reference implementation reads others.
    """
    named = definition.get("@id", definition.get("@reverse", term))
    if not isinstance(named, str) or not named:
        return False
    if named.startswith("@") or ":" in named or isinstance(context.get("@vocab"), str):
        return True
    return named != term and (not written or context.get(named) is not None)


def _plain(definition: Mapping[str, Any] | None) -> object:
    return None if definition is None else {name: value for name, value in definition.items() if name != "@protected"}
