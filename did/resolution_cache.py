"""What the resolver keeps: results and refusals, bounded, each with an end; and one fetch for many who ask at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from .errors import DidDeactivated, DidError, DidUnavailable
from .resolution import Resolution
from .verification_methods import VerificationMethod

__all__ = ["CachePolicy", "Kept", "ResolutionCache"]


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long things are kept, in seconds, and how many.

    ``ttl``: results of methods or servers that say nothing; ``ttl_by_method`` overrides it by method name. ``max_ttl``
    bounds what methods and servers say. ``negative_ttl``: decided refusals (no such DID, a bad document);
    ``unavailable_ttl``: failures of the network. ``stale_if_error``: how long after its end a result still serves when
    it can't be fetched again; 0 is never.
    """

    entries: int = 1024
    ttl: float = 300.0
    ttl_by_method: tuple[tuple[str, float], ...] = ()
    max_ttl: float = 86400.0
    negative_ttl: float = 30.0
    unavailable_ttl: float = 2.0
    stale_if_error: float = 0.0

    def lifetime(self, method: str, resolution: Resolution) -> float:
        """How long to keep a result."""
        fixed = dict(self.ttl_by_method).get(method)
        if fixed is not None:
            return fixed
        return min(self.ttl if resolution.ttl is None else resolution.ttl, self.max_ttl)

    def lifetime_of_error(self, error: DidError) -> float:
        """How long to keep a refusal."""
        return self.unavailable_ttl if isinstance(error, DidUnavailable) else self.negative_ttl


@dataclass(slots=True)
class Kept:
    """One result or refusal, until ``ends``; the verification methods read from it lie beside it."""

    result: Resolution | DidError
    ends: float
    serves_until: float
    methods: dict[tuple[str, str], VerificationMethod] = field(default_factory=dict)

    def resolution(self) -> Resolution:
        """The result. Raises the refusal."""
        if isinstance(self.result, DidError):
            raise type(self.result)(self.result.message, self.result.did)
        return self.result

    def active_document(self) -> Resolution:
        """The result, unless the DID is deactivated: then DidDeactivated."""
        found = self.resolution()
        if found.deactivated or found.document is None:
            raise DidDeactivated("the controller deactivated this DID", found.did)
        return found


class ResolutionCache:
    """Kept results by key, the least recently used leaving first. Safe for threads."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Kept | None:
        """What is kept, ended or not."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, ...], kept: Kept) -> None:
        """Keep a result."""
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._entries:
                self._kept.popitem(last=False)

    def forget(self, did: str | None = None) -> None:
        """Drop what is kept of ``did``, or everything."""
        with self._lock:
            for key in [key for key in self._kept if did is None or key[0] == did]:
                del self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)
