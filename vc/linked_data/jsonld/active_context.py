"""Context processing (JSON-LD 1.1 API section 4.1): from local contexts to an active context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contexts import ContextError, ContextRegistry

from .faults import Fault, invalid
from .iri import is_absolute, resolve
from .limits import CONTEXT_WORK
from .term_definition import KEYWORDS, Building, TermDefinition, define

__all__ = ["ActiveContext", "Loader", "process"]


@dataclass(frozen=True, slots=True, eq=False)
class ActiveContext:
    """The state that gives terms their meaning; treat as immutable."""

    terms: Mapping[str, TermDefinition]
    vocab: str | None = None
    language: str | None = None
    direction: str | None = None
    base: str | None = None
    original_base: str | None = None
    previous: ActiveContext | None = None


@dataclass(slots=True)
class Loader:
    """Where contexts come from, and how much work may be spent on them.

    ``work`` counts down by the terms copied, and ten times those defined.
    """

    contexts: ContextRegistry
    work: int = CONTEXT_WORK

    def load(self, url: str) -> Any:
        """The ``@context`` of a registered context document. Raises Fault."""
        try:
            document = self.contexts.get(url)
        except ContextError as error:
            raise Fault(error.code, str(error)) from None
        if not isinstance(document, dict) or "@context" not in document:
            raise invalid("invalid remote context", f"{url!r} has no @context", "context.invalid")
        return document["@context"]

    def spend(self, amount: int) -> None:
        """Count work; raises Fault (jsonld.limit) when all is spent."""
        self.work -= amount
        if self.work < 0:
            raise Fault("jsonld.limit", "the contexts of this document take too much work")


def process(
    active: ActiveContext,
    local: Any,
    loader: Loader,
    *,
    url: str | None = None,
    override_protected: bool = False,
    propagate: bool = True,
    chain: tuple[str, ...] = (),
    validate_scoped: bool = True,
) -> ActiveContext:
    """The active context after a local context (section 4.1.2).

    ``local`` is the value of an ``@context`` entry, ``url`` the document in which it stands, ``chain`` the context
    documents it was reached through. Raises Fault.
    """
    if isinstance(local, dict) and isinstance(local.get("@propagate"), bool):
        propagate = local["@propagate"]
    result = active
    if not propagate and result.previous is None:
        result = replace(result, previous=active)
    for context in local if isinstance(local, list) else [local]:
        if context is None:
            if not override_protected and any(term.protected for term in result.terms.values()):
                raise invalid(
                    "invalid context nullification",
                    "@context null would drop protected terms",
                    "jsonld.protected_term",
                )
            previous = result if not propagate else None
            result = ActiveContext({}, base=active.original_base, original_base=active.original_base, previous=previous)
        elif isinstance(context, str):
            result = _process_remote(result, context, loader, url, chain, validate_scoped)
        elif isinstance(context, dict):
            whole = isinstance(local, list) and context.keys() == {"@context"} and isinstance(context["@context"], dict)
            # A whole context document in the list: jsonld.js and PyLD read what it holds, and so do we.
            entries = context["@context"] if whole else context
            result = _process_map(result, entries, loader, url, override_protected, chain)
        else:
            raise invalid("invalid local context", f"{type(context).__name__} as @context", "context.invalid")
    return result


def _process_remote(
    active: ActiveContext,
    reference: str,
    loader: Loader,
    url: str | None,
    chain: tuple[str, ...],
    validate_scoped: bool,
) -> ActiveContext:
    base = url or active.original_base
    target = reference if base is None or reference in loader.contexts else resolve(reference, base)
    if target in chain and not validate_scoped:
        return active
    if len(chain) >= 16 or chain.count(target) > 1:
        raise invalid("context overflow", f"contexts include each other at {target!r}", "context.invalid")
    return process(
        active, loader.load(target), loader, url=target, chain=(*chain, target), validate_scoped=validate_scoped
    )


def _process_map(
    active: ActiveContext,
    context: dict[str, Any],
    loader: Loader,
    url: str | None,
    override_protected: bool,
    chain: tuple[str, ...],
) -> ActiveContext:
    version = context.get("@version", 1.1)
    if isinstance(version, bool) or version != 1.1:
        raise invalid("invalid @version value", repr(version), "context.invalid")
    if "@import" in context:
        context = _with_import(context, loader, url or active.original_base)
    if not all(isinstance(term, str) for term in context):
        raise invalid("invalid local context", "a term that is no text", "context.invalid")
    loader.spend(len(active.terms) + 10 * len(context) + 1)
    building = Building(context, url, dict(active.terms), active.vocab, active.base, override_protected)
    _base_entry(building, chain)
    _vocab_entry(building)
    if not isinstance(context.get("@propagate", True), bool):
        raise invalid("invalid @propagate value", repr(context["@propagate"]), "context.invalid")
    if not isinstance(context.get("@protected", False), bool):
        raise invalid("invalid @protected value", repr(context["@protected"]), "context.invalid")
    for term in context:
        if term not in _CONTEXT_KEYWORDS:
            define(building, term)
    result = replace(
        active,
        terms=building.terms,
        vocab=building.vocab,
        language=_language_entry(context, active.language),
        direction=_direction_entry(context, active.direction),
        base=building.base,
    )
    _check_scoped(result, context, loader, url, chain)
    return result


_CONTEXT_KEYWORDS = frozenset(
    ("@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab")
)


def _with_import(context: dict[str, Any], loader: Loader, base: str | None) -> dict[str, Any]:
    reference = context["@import"]
    if not isinstance(reference, str):
        raise invalid("invalid @import value", repr(reference), "context.invalid")
    target = reference if base is None or reference in loader.contexts else resolve(reference, base)
    imported = loader.load(target)
    if not isinstance(imported, dict):
        raise invalid("invalid remote context", f"@import of {target!r}, which is not one map", "context.invalid")
    if "@import" in imported:
        raise invalid("invalid context entry", f"@import of {target!r}, which imports", "context.invalid")
    merged = {**imported, **context}
    del merged["@import"]
    return merged


def _check_scoped(
    active: ActiveContext, context: dict[str, Any], loader: Loader, url: str | None, chain: tuple[str, ...]
) -> None:
    """Process every scoped context once where it is defined (section 4.2.2, step 21.3), to find errors early."""
    if len(chain) > 12:
        return
    for term, value in context.items():
        if isinstance(value, dict) and "@context" in value and term not in KEYWORDS:
            try:
                process(
                    active,
                    value["@context"],
                    loader,
                    url=url,
                    override_protected=True,
                    chain=chain,
                    validate_scoped=False,
                )
            except Fault as fault:
                if fault.code not in {"context.invalid", "jsonld.invalid"}:
                    raise
                raise invalid("invalid scoped context", f"of {term!r}: {fault.detail}", "context.invalid") from None


def _base_entry(building: Building, chain: tuple[str, ...]) -> None:
    if "@base" not in building.local or chain:
        return
    base = building.local["@base"]
    if base is None:
        building.base = None
    elif not isinstance(base, str):
        raise invalid("invalid base IRI", repr(base), "context.invalid")
    elif is_absolute(base):
        building.base = base
    elif building.base is not None:
        building.base = resolve(base, building.base)
    else:
        raise invalid("invalid base IRI", f"{base!r} is relative", "context.invalid")


def _vocab_entry(building: Building) -> None:
    if "@vocab" not in building.local:
        return
    vocab = building.local["@vocab"]
    if vocab is None:
        building.vocab = None
        return
    if not isinstance(vocab, str):
        raise invalid("invalid vocab mapping", repr(vocab), "context.invalid")
    expanded = building.expand(vocab, relative=True, define_first=False)
    if expanded is None or (not is_absolute(expanded) and not expanded.startswith("_:")):
        raise invalid("invalid vocab mapping", f"{vocab!r} is not an absolute IRI", "context.invalid")
    building.vocab = expanded


def _language_entry(context: Mapping[str, Any], inherited: str | None) -> str | None:
    if "@language" not in context:
        return inherited
    language = context["@language"]
    if language is not None and not isinstance(language, str):
        raise invalid("invalid default language", repr(language), "context.invalid")
    return language.lower() if language is not None else None


def _direction_entry(context: Mapping[str, Any], inherited: str | None) -> str | None:
    if "@direction" not in context:
        return inherited
    direction = context["@direction"]
    if direction is None or (isinstance(direction, str) and direction in {"ltr", "rtl"}):
        return direction
    raise invalid("invalid base direction", repr(direction), "context.invalid")
