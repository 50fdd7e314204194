"""Compiled contexts: active contexts with memories.

A ``Compiled`` keeps a plan for every term that was met, and the contexts that follow from it by types and by
properties. A list of contexts is compiled when it is first met; later documents only look up.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from .active_context import ActiveContext, Loader, process
from .faults import invalid
from .iri import is_absolute, is_keyword_like, match_absolute, resolve
from .plan import RDF_TYPE, Plans
from .term_definition import KEYWORDS, UNSET, TermDefinition

__all__ = ["FAMILY", "Compiled", "Family", "Typed", "key_of"]

FAMILY: Final = 50_000
"""How many plans and derived contexts are kept for one context list."""


def key_of(local: Any) -> bytes | None:
    """Bytes that stand for a local context; None when it is too large to be remembered or no JSON."""
    try:
        key = orjson.dumps(local)
    except TypeError:
        return None
    return None if len(key) > 65536 else key


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
        "document_templates",
        "family",
        "graph_keys",
        "id_keys",
        "locals",
        "names",
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
        self.plans = Plans(self)
        self._typed: dict[str | tuple[str, ...], Typed] = {}
        self.locals: dict[bytes, Compiled] = {}
        self.templates: dict[tuple[str | None, ...], Any] = {}
        """For proof_options.py: what the lines of a proof are made of, by its type and members."""
        self.document_templates: dict[int, Any] = {}
        """For template.py: those of documents that begin with this context, by the hash of their structure."""
        self.names: Any = None
        """For compaction/names.py: the names that terms and prefixes give, made when first asked for."""
        aliases: dict[str, list[str]] = {"@id": ["@id"], "@type": ["@type"], "@value": ["@value"]}
        aliases["@graph"] = ["@graph"]
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
        self.graph_keys = frozenset(aliases["@graph"])

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
