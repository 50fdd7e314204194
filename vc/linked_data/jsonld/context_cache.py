"""Compiled contexts of whole context lists, remembered between documents."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Final

from contexts import ContextRegistry

from .active_context import ActiveContext, Loader, process
from .compiled import Compiled, Family, key_of
from .term_definition import UNSET

__all__ = ["compile_context", "registered_only"]


class _Cache:
    """The contexts that were used last."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.known: OrderedDict[Any, Compiled] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: Any) -> Compiled | None:
        """The compiled context under a key. Raises TypeError for a key with unhashable parts."""
        found = self.known.get(key)
        if found is None or found.family.full:
            return None
        try:  # noqa: SIM105 - suppress costs more than the look-up
            self.known.move_to_end(key)
        except KeyError:  # Another thread has dropped it just now.
            pass
        return found

    def put(self, key: Any, compiled: Compiled) -> None:
        """Remember a compiled context, and forget the one used longest ago when there are too many."""
        with self.lock:
            self.known[key] = compiled
            if len(self.known) > self.limit:
                self.known.popitem(last=False)


# Apart, so that documents with definitions of their own can't drive out the registered contexts.
_LISTS: Final = _Cache(64)
_INLINE: Final = _Cache(16)


def compile_context(local: Any, loader: Loader, base: str | None = None) -> Compiled:
    """The compiled context of a document whose ``@context`` is ``local``; from memory when it was met before.

    ``base`` is the document's base IRI, if it has one. Raises Fault.
    """
    registry = loader.contexts.fingerprint
    cache = _LISTS
    key: Any
    try:
        key = (registry, base, *local) if local.__class__ is list else (registry, base, local)
        known = cache.get(key)
    except TypeError:  # There are definitions in the document.
        cache = _INLINE
        text = key_of(local)
        key = None if text is None else (registry, base, text)
        known = cache.get(key) if key is not None else None
    if known is None:
        active = ActiveContext({}, base=base, original_base=base)
        if local is not UNSET:
            active = process(active, local, loader)
        previous = Compiled(active.previous, Family()) if active.previous is not None else None
        known = Compiled(active, Family(), previous)
        if key is not None:
            cache.put(key, known)
    return known


def registered_only(local: Any, contexts: ContextRegistry) -> bool:
    """Whether a local context consists of nothing but registered URLs."""
    if local.__class__ is str:
        return local in contexts
    return local.__class__ is list and bool(local) and all(item.__class__ is str and item in contexts for item in local)
