"""Doing what a form asks once, however often its button is pressed: the second press gets the first one's answer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

__all__ = ["Once"]

_T = TypeVar("_T")
_MAX_KEPT = 5000


class Once(Generic[_T]):
    """Remembers the answers of forms by key, for one process. What can be done once only is guarded below, too."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, asyncio.Future[_T]] = OrderedDict()

    async def run(self, key: str, work: Callable[[], Awaitable[_T]]) -> _T:
        """The answer of ``work``, which runs once for a key. Work that failed may be tried again."""
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = asyncio.ensure_future(work())
            known.add_done_callback(lambda future: self._forget(key, future))
            while len(self._answers) > _MAX_KEPT:
                self._answers.popitem(last=False)
        # Shielded: a browser that gives up does not end work that another press waits for.
        return await asyncio.shield(known)

    def _forget(self, key: str, future: asyncio.Future[_T]) -> None:
        failed = future.cancelled() or future.exception() is not None
        if failed and self._answers.get(key) is future:
            del self._answers[key]
