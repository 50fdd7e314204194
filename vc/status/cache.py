"""Verified lists kept for reuse: thread-safe, bounded in number and in bytes, the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar

from ..model import Moment

__all__ = ["MAX_KEPT_BYTES", "Keepable", "KeptLists"]

MAX_KEPT_BYTES = 64 * 1024 * 1024
"""The most bytes of bitstrings that are kept: some 4,000 lists of the usual size, or 8 of the largest."""


class Keepable(Protocol):
    """A verified list: how large it is, and until when it may be used."""

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        ...

    @property
    def fresh_until(self) -> Moment:
        """When it has to be asked for again."""
        ...


_List = TypeVar("_List", bound=Keepable)


class KeptLists(Generic[_List]):
    """Lists by URL, at most ``limit`` of them and at most ``MAX_KEPT_BYTES`` (but always the newest)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lists: OrderedDict[str, _List] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, url: str) -> _List | None:
        """The list kept for ``url``, fresh or not."""
        with self._lock:
            found = self._lists.get(url)
            if found is not None:
                self._lists.move_to_end(url)
            return found

    def keep(self, url: str, status_list: _List) -> None:
        """Keep a list for ``url`` instead of the one before it."""
        with self._lock:
            before = self._lists.pop(url, None)
            self._bytes += status_list.weight - (before.weight if before is not None else 0)
            self._lists[url] = status_list
            while len(self._lists) > 1 and (len(self._lists) > self._limit or self._bytes > MAX_KEPT_BYTES):
                _, dropped = self._lists.popitem(last=False)
                self._bytes -= dropped.weight
