"""Plans: what a key of a node object means in one context, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .faults import invalid
from .iri import is_absolute
from .term_definition import KEYWORDS, UNSET, TermDefinition

if TYPE_CHECKING:
    from .active_context import Loader
    from .compiled import Compiled

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
    "Plan",
    "Plans",
    "directed_tail",
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
_LONG = 256


@lru_cache(maxsize=512)
def language_tail(language: str) -> str | None:
    """``@`` and the language tag in lower case, or None when it is no well-formed tag (BCP 47)."""
    parts = language.split("-")
    if all(0 < len(part) <= 8 and part.isascii() and part.isalnum() for part in parts) and parts[0].isalpha():
        return "@" + language.lower()
    return None


I18N: Final = "https://www.w3.org/ns/i18n#"


def directed_tail(language: str | None, direction: str) -> str:
    """The datatype of a string with a base direction (JSON-LD 1.1 API 8.2.2 step 13, rdfDirection i18n-datatype).

    ``language`` is a well-formed tag, or None. Data Integrity does not say how a direction is signed; this is how it is
    signed by the implementations that sign it (w3c/vc-data-integrity#366).
    """
    return f"^^<{I18N}{(language or '').lower()}_{direction}>"


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
        if self.kind <= OTHER or self.kind == UNDEFINED:
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
        direction = self.direction
        if direction is not None:
            self.tail = directed_tail(language, direction)

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

    def inside(self, value: Mapping[str, Any], loader: Loader, keep: bool = False) -> Compiled:
        """The context inside an object that is the value of this property (5.1.2 steps 7 and 8). Raises Fault.

        A type-scoped context that does not propagate is left, but kept for references and value objects, and when
        ``keep`` is set.
        """
        context = self.context
        if context.previous is None:
            keep = True
        elif not keep:
            keep = (len(value) == 1 and next(iter(value)) in context.id_keys) or not context.value_keys.isdisjoint(
                value
            )
        inside = self.scoped_kept if keep else self.scoped
        return self.enter(loader, keep) if inside is None else inside


class Plans(dict[str, tuple[int, str, str, Plan]]):
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
        if len(key) < _LONG and self.context.family.grow(1):
            self[key] = entry
        return entry
