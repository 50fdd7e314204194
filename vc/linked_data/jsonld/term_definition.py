"""Creating a term definition (JSON-LD 1.1 API section 4.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from .faults import Fault, invalid
from .iri import is_absolute, is_keyword_like, match_absolute, resolve

__all__ = ["KEYWORDS", "UNSET", "Building", "TermDefinition", "define"]

KEYWORDS: Final = frozenset(
    [
        "@base",
        "@container",
        "@context",
        "@direction",
        "@graph",
        "@id",
        "@import",
        "@included",
        "@index",
        "@json",
        "@language",
        "@list",
        "@nest",
        "@none",
        "@prefix",
        "@propagate",
        "@protected",
        "@reverse",
        "@set",
        "@type",
        "@value",
        "@version",
        "@vocab",
    ]
)


class _Unset:
    """The type of UNSET: an entry that is absent, where null means something else."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()


@dataclass(frozen=True, slots=True)
class TermDefinition:
    """What a term means (JSON-LD 1.1 API section 4.2). ``iri`` None: the term is ignored on purpose."""

    iri: str | None
    prefix: bool = False
    protected: bool = False
    reverse: bool = False
    type: str | None = None
    language: Any = UNSET
    direction: Any = UNSET
    container: frozenset[str] = frozenset()
    context: Any = UNSET
    context_base: str | None = field(default=None, compare=False)
    """The URL of the context document in which ``context`` stands."""
    nest: str | None = None
    index: str | None = None


@dataclass(slots=True)
class Building:
    """The terms of an active context while a local context is being added to them."""

    local: Mapping[str, Any]
    url: str | None
    terms: dict[str, TermDefinition]
    vocab: str | None
    base: str | None
    override: bool
    """Whether protected terms may be redefined (in property-scoped contexts)."""
    defined: dict[str, bool] = field(default_factory=dict)
    """False while a term is being defined, then True."""

    def expand(self, value: str, *, relative: bool = False, define_first: bool = True) -> str | None:
        """IRI expansion while defining (section 5.2), relative to the vocabulary; None for a keyword-like text."""
        if value in KEYWORDS:
            return value
        if is_keyword_like(value):
            return None
        if define_first and value in self.local and not self.defined.get(value):
            define(self, value)
        definition = self.terms.get(value)
        if definition is not None:
            return definition.iri
        colon = value.find(":", 1)
        if colon > 0:
            prefix, suffix = value[:colon], value[colon + 1 :]
            if prefix == "_" or suffix.startswith("//"):
                return value
            if define_first and prefix in self.local and not self.defined.get(prefix):
                define(self, prefix)
            definition = self.terms.get(prefix)
            if definition is not None and definition.prefix and definition.iri is not None:
                return definition.iri + suffix
            if match_absolute(value):
                return value
        if self.vocab is not None:
            return self.vocab + value
        if relative and self.base is not None:
            return resolve(value, self.base)
        return value


_ENTRIES = frozenset(
    (
        "@id",
        "@reverse",
        "@container",
        "@context",
        "@direction",
        "@index",
        "@language",
        "@nest",
        "@prefix",
        "@protected",
        "@type",
    )
)
_CONTAINERS = frozenset(("@graph", "@id", "@index", "@language", "@list", "@set", "@type"))


def define(building: Building, term: str) -> None:
    """Define one term of ``building.local``, and first the terms it depends on. Raises Fault."""
    state = building.defined.get(term)
    if state:
        return
    if state is False:
        raise invalid("cyclic IRI mapping", repr(term), "context.invalid")
    value = building.local[term]
    if term == "":
        raise invalid("invalid term definition", "an empty term", "context.invalid")
    if term in KEYWORDS and not (term == "@type" and _is_type_container(value)):
        raise invalid("keyword redefinition", repr(term), "context.invalid")
    if term not in KEYWORDS and is_keyword_like(term):
        return  # Reserved: as if it were not there; using it is an undefined term.
    building.defined[term] = False
    previous = building.terms.pop(term, None)
    simple = value is None or isinstance(value, str)
    entries = {"@id": value} if simple else value
    if not isinstance(entries, dict):
        raise invalid("invalid term definition", f"{term!r} is {type(value).__name__}", "context.invalid")
    unknown = entries.keys() - _ENTRIES
    if unknown:
        raise invalid("invalid term definition", f"{term!r} has {min(unknown)!r}", "context.invalid")
    definition = _definition(building, term, entries, simple)
    if definition is None:
        if previous is not None:
            building.terms[term] = previous
    else:
        if previous is not None and previous.protected and not building.override:
            if replace(definition, protected=True) != previous:
                raise Fault(
                    "jsonld.protected_term", f"protected term redefinition: {term!r} can't be given another meaning"
                )
            definition = previous
        building.terms[term] = definition
    building.defined[term] = True


def _is_type_container(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and value.keys() <= {"@container", "@protected"}
        and value.get("@container", "@set") in ("@set", ["@set"])
    )


def _definition(building: Building, term: str, entries: Mapping[str, Any], simple: bool) -> TermDefinition | None:
    protected = entries.get("@protected", building.local.get("@protected", False))
    if not isinstance(protected, bool):
        raise invalid("invalid @protected value", f"of {term!r}", "context.invalid")
    type_ = _type(building, term, entries)
    prefix = False
    if "@reverse" in entries:
        iri = _reverse(building, term, entries)
        if iri is None:
            return None
    else:
        known, iri, prefix = _iri(building, term, entries, simple)
        if not known:
            return None
    container = _container(term, entries)
    if "@reverse" in entries and not container <= {"@index", "@set"}:
        raise invalid("invalid reverse property", f"@container of {term!r}", "context.invalid")
    if "@type" in container:
        type_ = type_ or "@id"
        if type_ not in ("@id", "@vocab"):
            raise invalid("invalid type mapping", f"of {term!r} with @container @type", "context.invalid")
    if "@prefix" in entries:
        prefix = _prefix(term, entries["@prefix"], iri)
    if iri == "@context":
        raise invalid("invalid keyword alias", f"{term!r} as an alias of @context", "context.invalid")
    return TermDefinition(
        iri=iri,
        prefix=prefix,
        protected=protected,
        reverse="@reverse" in entries,
        type=type_,
        language=_language(term, entries),
        direction=_direction(term, entries),
        container=container,
        context=entries.get("@context", UNSET),
        context_base=building.url if "@context" in entries else None,
        nest=_nest(term, entries),
        index=_index(building, term, entries, container),
    )


def _type(building: Building, term: str, entries: Mapping[str, Any]) -> str | None:
    if "@type" not in entries:
        return None
    type_ = entries["@type"]
    if not isinstance(type_, str):
        raise invalid("invalid type mapping", f"of {term!r}", "context.invalid")
    expanded = building.expand(type_)
    if expanded in ("@id", "@vocab", "@json", "@none"):
        return expanded
    if expanded is None or not is_absolute(expanded):
        raise invalid("invalid type mapping", f"{type_!r} of {term!r}", "context.invalid")
    return expanded


def _reverse(building: Building, term: str, entries: Mapping[str, Any]) -> str | None:
    if "@id" in entries or "@nest" in entries:
        raise invalid("invalid reverse property", f"{term!r} has @id or @nest too", "context.invalid")
    reverse = entries["@reverse"]
    if not isinstance(reverse, str):
        raise invalid("invalid IRI mapping", f"@reverse of {term!r}", "context.invalid")
    if reverse not in KEYWORDS and is_keyword_like(reverse):
        return None
    iri = building.expand(reverse)
    if iri is None or not (is_absolute(iri) or iri.startswith("_:")):
        raise invalid("invalid IRI mapping", f"@reverse of {term!r}", "context.invalid")
    return iri


def _iri(building: Building, term: str, entries: Mapping[str, Any], simple: bool) -> tuple[bool, str | None, bool]:
    """(Whether the term is defined at all, its IRI, whether it may be a prefix)."""
    if "@id" in entries and entries["@id"] != term:
        id_ = entries["@id"]
        if id_ is None:
            return True, None, False
        if not isinstance(id_, str):
            raise invalid("invalid IRI mapping", f"@id of {term!r}", "context.invalid")
        if id_ not in KEYWORDS and is_keyword_like(id_):
            return False, None, False
        iri = building.expand(id_)
        if iri is None or not (iri in KEYWORDS or is_absolute(iri) or iri.startswith("_:")):
            raise invalid("invalid IRI mapping", f"{id_!r} of {term!r}", "context.invalid")
        if ":" in term[1:-1] or "/" in term:
            building.defined[term] = True
            if building.expand(term) != iri:
                raise invalid("invalid IRI mapping", f"{term!r} does not expand to its definition", "context.invalid")
        may_be_prefix = (
            ":" not in term and "/" not in term and simple and (iri[-1:] in ":/?#[]@" or iri.startswith("_:"))
        )
        return True, iri, may_be_prefix
    colon = term.find(":", 1)
    if colon > 0:
        prefix = term[:colon]
        if prefix in building.local and not building.defined.get(prefix):
            define(building, prefix)
        definition = building.terms.get(prefix)
        if definition is not None and definition.iri is not None:
            return True, definition.iri + term[colon + 1 :], False
        if is_absolute(term) or term.startswith("_:"):
            return True, term, False
    elif "/" in term:
        iri = building.expand(term)
        if iri is not None and is_absolute(iri):
            return True, iri, False
    elif term == "@type":
        return True, term, False
    elif building.vocab is not None:
        return True, building.vocab + term, False
    raise invalid("invalid IRI mapping", f"{term!r} has no @id", "context.invalid")


def _container(term: str, entries: Mapping[str, Any]) -> frozenset[str]:
    if "@container" not in entries:
        return frozenset()
    value = entries["@container"]
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in values):
        raise invalid("invalid container mapping", f"of {term!r}", "context.invalid")
    container = frozenset(values)
    rest = container - {"@set"}
    good = (
        container <= _CONTAINERS
        and len(container) == len(values)
        and bool(container)
        and (len(rest) <= 1 or ("@graph" in rest and len(rest) == 2 and rest <= {"@graph", "@id", "@index"}))
        and not ("@list" in rest and "@set" in container)
    )
    if not good:
        raise invalid("invalid container mapping", f"of {term!r}", "context.invalid")
    return container


def _language(term: str, entries: Mapping[str, Any]) -> Any:
    if "@language" not in entries or "@type" in entries:
        return UNSET
    language = entries["@language"]
    if language is not None and not isinstance(language, str):
        raise invalid("invalid language mapping", f"of {term!r}", "context.invalid")
    return language.lower() if language is not None else None


def _direction(term: str, entries: Mapping[str, Any]) -> Any:
    if "@direction" not in entries or "@type" in entries:
        return UNSET
    if entries["@direction"] not in (None, "ltr", "rtl"):
        raise invalid("invalid base direction", f"of {term!r}", "context.invalid")
    return entries["@direction"]


def _nest(term: str, entries: Mapping[str, Any]) -> str | None:
    nest = entries.get("@nest")
    if "@nest" in entries and (not isinstance(nest, str) or (nest != "@nest" and nest in KEYWORDS)):
        raise invalid("invalid @nest value", f"of {term!r}", "context.invalid")
    return nest


def _index(building: Building, term: str, entries: Mapping[str, Any], container: frozenset[str]) -> str | None:
    if "@index" not in entries:
        return None
    index = entries["@index"]
    if "@index" not in container or not isinstance(index, str):
        raise invalid("invalid term definition", f"@index of {term!r}", "context.invalid")
    expanded = building.expand(index)
    if expanded is None or not is_absolute(expanded):
        raise invalid("invalid term definition", f"@index of {term!r} is no IRI", "context.invalid")
    return index


def _prefix(term: str, value: Any, iri: str | None) -> bool:
    if ":" in term or "/" in term:
        raise invalid("invalid term definition", f"@prefix on {term!r}", "context.invalid")
    if not isinstance(value, bool):
        raise invalid("invalid @prefix value", f"of {term!r}", "context.invalid")
    if value and iri in KEYWORDS:
        raise invalid("invalid term definition", f"the keyword alias {term!r} as a prefix", "context.invalid")
    return value
