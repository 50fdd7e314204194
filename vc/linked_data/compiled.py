"""Compiled contexts: what each key of a node object leads to, worked out once and kept.

A ``Compiled`` is an active context with memories: a plan for every term that was met, and the contexts that follow from
it by types and by properties. A list of contexts is compiled when it is first met; later documents only look up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import orjson

from .active_context import ActiveContext, Loader, process
from .faults import invalid
from .iri import is_absolute, is_keyword_like, match_absolute, resolve
from .term_definition import KEYWORDS, UNSET, TermDefinition

__all__ = [
    "GRAPH",
    "ID",
    "INCLUDED",
    "INDEX",
    "LITERAL",
    "NEST",
    "OTHER",
    "RDF_TYPE",
    "REVERSE",
    "SKIP",
    "UNDEFINED",
    "VALUE",
    "VOCAB",
    "XSD",
    "Compiled",
    "Family",
    "Plan",
    "Typed",
    "key_of",
    "language_tail",
]

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "

# Kinds of keys. The first three write a string at once.
LITERAL: Final = 0
ID: Final = 1
VOCAB: Final = 2
OTHER: Final = 3
"""A property with a container, a JSON literal or a reverse property."""
SKIP: Final = 4
"""@context, @id, @type: read before the properties."""
INDEX: Final = 5
GRAPH: Final = 6
NEST: Final = 7
REVERSE: Final = 8
INCLUDED: Final = 9
VALUE: Final = 10
"""A keyword of value, list and set objects."""
UNDEFINED: Final = 11

_KINDS = {
    "@context": SKIP,
    "@id": SKIP,
    "@type": SKIP,
    "@index": INDEX,
    "@graph": GRAPH,
    "@nest": NEST,
    "@reverse": REVERSE,
    "@included": INCLUDED,
    "@value": VALUE,
    "@language": VALUE,
    "@direction": VALUE,
    "@list": VALUE,
    "@set": VALUE,
}

_NO_DEFINITION = TermDefinition(None)
_FEW = 256

FAMILY: Final = 50_000
"""How many plans and derived contexts are kept for one context list."""


def key_of(local: Any) -> bytes | None:
    """Bytes that stand for a local context; None when it is too large to be remembered or no JSON."""
    try:
        key = orjson.dumps(local)
    except TypeError:
        return None
    return None if len(key) > 65536 else key


@lru_cache(maxsize=512)
def language_tail(language: str) -> str | None:
    """``@`` and the language tag in lower case, or None when it is no well-formed tag (BCP 47)."""
    parts = language.split("-")
    if all(0 < len(part) <= 8 and part.isascii() and part.isalnum() for part in parts) and parts[0].isalpha():
        return "@" + language.lower()
    return None


class Plan:
    """What a key means in one context.

    ``predicate`` is ready to be written (``<iri> ``), ``tail`` what follows a quoted string (datatype or language),
    ``suffix`` the key as a step of a JSON pointer, ``datatype`` the IRI a native value is coerced to; ``true`` and
    ``false`` are the literals of these values.
    """

    __slots__ = (
        "context",
        "datatype",
        "definition",
        "false",
        "has_scope",
        "iri",
        "is_map",
        "key",
        "kind",
        "predicate",
        "reason",
        "reverse",
        "scoped",
        "scoped_kept",
        "suffix",
        "tail",
        "true",
    )

    def __init__(self, context: Compiled, key: str) -> None:
        self.context = context
        self.key = key
        self.suffix = "/" + key.replace("~", "~0").replace("/", "~1")
        self.definition = context.active.terms.get(key, _NO_DEFINITION)
        self.scoped: Compiled | None = None
        self.scoped_kept: Compiled | None = None
        self.predicate = self.tail = self.reason = self.true = self.false = ""
        self.datatype: str | None = None
        self.reverse = self.definition.reverse
        self.has_scope = self.definition.context is not UNSET
        self.is_map = "@language" in self.definition.container
        self.iri = iri = context.expand(key)
        self.kind = self._kind(iri)
        if self.kind <= OTHER:
            self.predicate = f"<{iri}> "
            self._coercion()
            boolean = f"^^<{XSD}boolean>" if self.datatype is None else self.tail
            self.true, self.false = f'"true"{boolean}', f'"false"{boolean}'

    def _kind(self, iri: str | None) -> int:
        if iri in _KINDS:
            return _KINDS[iri]
        if iri is None or iri in KEYWORDS or not is_absolute(iri):
            self.reason = (
                "no blank node can be a property"
                if iri is not None and iri.startswith("_:")
                else "no context defines it"
            )
            return UNDEFINED
        container = self.definition.container
        if self.definition.reverse or self.definition.type == "@json" or not container <= {"@set", "@language"}:
            return OTHER
        kind = {"@id": ID, "@vocab": VOCAB}.get(self.definition.type or "", LITERAL)
        return OTHER if kind == LITERAL and self.has_scope else kind

    def _coercion(self) -> None:
        definition, active = self.definition, self.context.active
        if definition.type is not None and definition.type != "@none":
            if not definition.type.startswith("@"):
                self.datatype = definition.type
                self.tail = "" if definition.type == XSD + "string" else f"^^<{definition.type}>"
            return
        language = active.language if definition.language is UNSET else definition.language
        if language is not None:
            tail = language_tail(language)
            if tail is None:
                raise invalid("invalid language mapping", f"{language!r} is no language tag", "context.invalid")
            self.tail = tail
        direction = active.direction if definition.direction is UNSET else definition.direction
        if direction is not None:
            self.kind = OTHER  # Strings here carry a direction, which must be noted as not written.

    @property
    def direction(self) -> str | None:
        """The base direction of strings under this term."""
        if self.definition.type is not None and self.definition.type != "@none":
            return None
        if self.definition.direction is UNSET:
            return self.context.active.direction
        direction: str | None = self.definition.direction
        return direction

    def enter(self, loader: Loader, keep: bool = False) -> Compiled:
        """The context inside an object under this property (JSON-LD 1.1 API 5.1.2, steps 7 and 8).

        ``keep``: a type-scoped context that does not propagate is kept (references, value objects). Raises Fault.
        """
        context = self.context
        if keep or context.previous is None:
            if self.scoped_kept is None:
                self.scoped_kept = context.scope(self.definition, loader)
            return self.scoped_kept
        if self.scoped is None:
            self.scoped = context.previous.scope(self.definition, loader)
        return self.scoped


class _Plans(dict[str, tuple[int, str, str, Plan]]):
    """key -> (kind, predicate, tail, plan), filled when a key is first met."""

    __slots__ = ("context",)

    def __init__(self, context: Compiled) -> None:
        super().__init__()
        self.context = context

    def __missing__(self, key: str) -> tuple[int, str, str, Plan]:
        if not isinstance(key, str):
            raise invalid("loading document failed", f"a member name that is {type(key).__name__}")
        plan = Plan(self.context, key)
        entry = (plan.kind, plan.predicate, plan.tail, plan)
        if len(key) < _FEW and self.context.family.grow(1):
            self[key] = entry
        return entry


class Typed:
    """What the types of a node lead to: its context, and its type quads.

    ``plain``: predicate and object of each, when every type has an IRI. ``all``: for each type in its place either that
    text, or a blank node identifier, or the code and detail of the problem.
    """

    __slots__ = ("all", "context", "plain")

    def __init__(self, context: Compiled, entries: list[tuple[str, str, str, str]]) -> None:
        self.context = context
        self.all = entries
        self.plain = [entry[0] for entry in entries] if all(entry[0] for entry in entries) else []


class Family:
    """All that was worked out from one context list: counted, so that memory stays bounded.

    When it is ``full`` nothing more is kept, and the list is compiled afresh for the next document.
    """

    __slots__ = ("full", "size")

    def __init__(self) -> None:
        self.size = 0
        self.full = False

    def grow(self, amount: int) -> bool:
        """Whether so much more (plans, or the like) may be kept."""
        if self.size + amount > FAMILY:
            self.full = True
            return False
        self.size += amount
        return True


class Compiled:
    """An active context with its plans. Shared by documents and threads; its memories only ever grow, to a bound."""

    __slots__ = (
        "_typed",
        "active",
        "family",
        "id_keys",
        "locals",
        "nest_keys",
        "plans",
        "prefixes",
        "previous",
        "special_keys",
        "templates",
        "type_keys",
        "value_keys",
    )

    def __init__(self, active: ActiveContext, family: Family, previous: Compiled | None = None) -> None:
        self.active = active
        self.family = family
        self.previous = previous
        self.plans = _Plans(self)
        self._typed: dict[str | tuple[str, ...], Typed] = {}
        self.locals: dict[bytes, Compiled] = {}
        self.templates: dict[tuple[str | None, ...], Any] = {}
        """For proof_configuration.py: what the lines of a proof are made of, by its type and members."""
        aliases: dict[str, list[str]] = {"@id": ["@id"], "@type": ["@type"], "@value": ["@value"]}
        aliases.update({"@list": ["@list"], "@set": ["@set"], "@language": ["@language"], "@nest": ["@nest"]})
        self.prefixes: dict[str, str] = {}
        for term, definition in active.terms.items():
            if definition.iri in aliases and definition.iri != term:
                aliases[definition.iri].append(term)
            if definition.prefix and definition.iri is not None:
                self.prefixes[term] = definition.iri
        self.id_keys = tuple(sorted(aliases["@id"]))
        self.type_keys = tuple(sorted(aliases["@type"]))
        self.special_keys = frozenset(aliases["@value"] + aliases["@list"] + aliases["@set"] + aliases["@language"])
        self.nest_keys = frozenset(aliases["@nest"])
        self.value_keys = frozenset(aliases["@value"])

    # IRI expansion (JSON-LD 1.1 API section 5.2).

    def expand(self, value: str) -> str | None:
        """The IRI, keyword or (possibly still relative) text for a key or a vocabulary-relative value."""
        if value in KEYWORDS:
            return value
        if is_keyword_like(value):
            return None
        definition = self.active.terms.get(value)
        if definition is not None:
            return definition.iri
        expanded = self._compact_iri(value)
        if expanded is not None:
            return expanded
        return value if self.active.vocab is None else self.active.vocab + value

    def expand_vocab_or_base(self, value: str) -> str | None:
        """Like ``expand``, and resolved against the base IRI when there is no vocabulary (types, @vocab values)."""
        expanded = self.expand(value)
        if expanded == value and self.active.base is not None and not is_absolute(value) and value not in KEYWORDS:
            return value if value.startswith("_:") else resolve(value, self.active.base)
        return expanded

    def expand_reference(self, value: str) -> str | None:
        """The IRI for an ``@id`` value, relative to the base IRI; None for a keyword-like text."""
        match = match_absolute(value)
        if match is not None and match[1] not in self.prefixes:
            return value
        if value in KEYWORDS:
            return value
        if is_keyword_like(value):
            return None
        expanded = self._compact_iri(value)
        if expanded is not None:
            return expanded
        return value if self.active.base is None else resolve(value, self.active.base)

    def _compact_iri(self, value: str) -> str | None:
        colon = value.find(":", 1)
        if colon < 1:
            return None
        prefix, suffix = value[:colon], value[colon + 1 :]
        if prefix == "_" or suffix.startswith("//"):
            return value
        if prefix in self.prefixes:
            return self.prefixes[prefix] + suffix
        return value if is_absolute(value) else None

    # Contexts that follow from this one.

    def scope(self, definition: TermDefinition, loader: Loader) -> Compiled:
        """This context with a property-scoped one applied. Raises Fault."""
        if definition.context is UNSET:
            return self
        active = process(self.active, definition.context, loader, url=definition.context_base, override_protected=True)
        return self._derived(active)

    def add(self, local: Any, loader: Loader) -> Compiled:
        """This context with the ``@context`` of a node applied. Raises Fault."""
        key = key_of(local)
        known = self.locals.get(key) if key is not None else None
        if known is None:
            known = self._derived(process(self.active, local, loader))
            if key is not None and self.family.grow(1 + len(key) // 1000):
                self.locals[key] = known
        return known

    def _derived(self, active: ActiveContext) -> Compiled:
        if active is self.active:
            return self
        previous = None
        if active.previous is not None:
            previous = self if active.previous is self.active else self.previous
            if previous is None or previous.active is not active.previous:
                previous = Compiled(active.previous, self.family)
        self.family.grow(1 + len(active.terms) // 8)
        return Compiled(active, self.family, previous)

    def types(self, values: str | list[Any], loader: Loader) -> Typed:
        """What a node's types (the value of ``@type``) lead to (JSON-LD 1.1 API 5.1.2, step 11). Raises Fault."""
        key = values if isinstance(values, str) else tuple(values)
        try:
            known = self._typed.get(key)
        except TypeError:
            known = None
        if known is None:
            known = self._types([values] if isinstance(values, str) else values, loader)
            if sum(map(len, key)) < 1000 and self.family.grow(1 + len(known.all)):
                self._typed[key] = known
        return known

    def _types(self, values: list[Any], loader: Loader) -> Typed:
        for value in values:
            if not isinstance(value, str):
                raise invalid("invalid type value", f"a {type(value).__name__} as a type")
        entries = []
        for value in values:
            iri = self.expand_vocab_or_base(value)
            if iri is not None and is_absolute(iri):
                entries.append((f"{RDF_TYPE}<{iri}>", "", "", ""))
            elif iri is not None and iri.startswith("_:"):
                entries.append(("", iri, "", ""))
            else:
                detail = f"the type {value[:100]!r} is neither defined by a context nor an absolute IRI"
                code = "jsonld.relative_iri" if "/" in value or ":" in value else "jsonld.undefined_term"
                entries.append(("", "", code, detail))
        return Typed(self.apply_types(values, loader), entries)

    def apply_types(self, values: list[str], loader: Loader) -> Compiled:
        """This context with the type-scoped contexts of the types applied, in code point order. Raises Fault."""
        context = self
        for value in sorted(values):
            definition = self.active.terms.get(value)
            if definition is not None and definition.context is not UNSET:
                active = process(
                    context.active, definition.context, loader, url=definition.context_base, propagate=False
                )
                context = context._derived(active)
        return context
