"""Names that registered contexts have for IRIs.

The contexts of a document are no part of its statements. Who takes one away and writes its names as absolute IRIs has
a document with the same statements, which software that looks for the names no longer finds. Such an IRI is known.
"""

from __future__ import annotations

from typing import Any, Final

from contexts import ContextRegistry

from ..jsonld.active_context import ActiveContext, Loader, process
from ..jsonld.faults import Fault
from ..jsonld.term_definition import UNSET

__all__ = ["is_known_name"]

_REGISTRIES: Final = 4
_SCOPES: Final = 6
"""How deep scoped contexts are looked into."""


class _Names:
    """IRI -> name, and the vocabularies, of all contexts of a registry."""

    def __init__(self) -> None:
        self.terms: dict[str, str] = {}
        self.vocabularies: set[str] = set()


_known: dict[Any, _Names] = {}


def is_known_name(iri: str, contexts: ContextRegistry) -> str | None:
    """The name that a registered context has for an absolute IRI, or None."""
    key = contexts.fingerprint
    names = _known.get(key)
    if names is None:
        if len(_known) >= _REGISTRIES:
            _known.clear()
        names = _known[key] = _of(contexts)
    found = names.terms.get(iri)
    if found is None:
        for vocabulary in names.vocabularies:
            if iri.startswith(vocabulary) and len(iri) > len(vocabulary):
                return iri[len(vocabulary) :]
    return found


def _of(contexts: ContextRegistry) -> _Names:
    names = _Names()
    for url in sorted(contexts.pinned):
        loader = Loader(contexts)
        try:
            active = process(ActiveContext({}), [url], loader)
        except Fault:
            continue  # It can't be used, and so hides nothing.
        _add(names, ActiveContext({}), active, loader, 0)
    return names


def _add(names: _Names, outer: ActiveContext, active: ActiveContext, loader: Loader, depth: int) -> None:
    """Add what an active context has beside those of the one around it, and what its scoped contexts have."""
    if active.vocab is not None:
        names.vocabularies.add(active.vocab)
    own = [(term, found) for term, found in active.terms.items() if outer.terms.get(term) is not found]
    for term, definition in own:
        if definition.iri is not None:
            names.terms.setdefault(definition.iri, term)
    for _, definition in own:
        if depth < _SCOPES and definition.context is not UNSET and definition.context is not None:
            url = definition.context_base
            try:
                scoped = process(active, definition.context, loader, url=url, override_protected=True)
            except Fault:
                continue
            _add(names, active, scoped, loader, depth + 1)
