"""Where servers do what takes a processor: beside the event loop, a few at a time, and not more than can be done soon.

One room for all applications of a process. Threads, not processes: an input within the limits of ``vc.parsing`` is
judged in at most some seconds (SECURITY.md, appendix), the interpreter hands over every few milliseconds, so that pages
are answered meanwhile; processes would cost every small verification more than it takes, and have caches of their own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

from .needs import Steps

__all__ = ["ROOM", "Busy", "Workroom"]

_T = TypeVar("_T")
_THREADS: Final = min(2, os.cpu_count() or 1)
_WAITING: Final = 64


class Busy(Exception):
    """The room is full; try again after ``retry_after`` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too much is being computed; try again in {retry_after} s")
        self.retry_after = retry_after


class Workroom:
    """Runs functions in ``threads`` threads; ``waiting`` more may wait for one, and the next is refused (``Busy``)."""

    def __init__(self, threads: int = _THREADS, waiting: int = _WAITING, *, retry_after: int = 2) -> None:
        self._most = threads + waiting
        self._threads = threads
        self._retry_after = retry_after
        self._lock = threading.Lock()
        self._inside = 0
        self._executor: ThreadPoolExecutor | None = None

    @property
    def inside(self) -> int:
        """How many are being worked on or wait."""
        return self._inside

    async def run(self, work: Callable[[], _T]) -> _T:
        """The result of ``work``, done in a thread. Raises Busy, and what ``work`` raises."""
        return await asyncio.wrap_future(self._enter(work, admitted=False))

    async def drive(self, steps: Steps[_T]) -> _T:
        """As ``vc.needs.run_async``, computing in the room: what is needed from outside is awaited on the loop.

        Only the first step can be sent away (``Busy``); who has been let in goes on.
        """
        answer: Any = None
        admitted = False
        while True:
            need, result = await asyncio.wrap_future(self._enter(partial(_advance, steps, answer), admitted=admitted))
            if need is None:
                return result  # type: ignore[no-any-return]
            admitted = True
            answer = await need.obtain_async()

    def close(self) -> None:
        """End the threads; what is being worked on is finished first."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _enter(self, work: Callable[[], _T], *, admitted: bool) -> Future[_T]:
        with self._lock:
            if self._inside >= self._most and not admitted:
                raise Busy(self._retry_after)
            self._inside += 1
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="liangzheng-work")
        future = self._executor.submit(work)
        # Whoever asked may have gone: the place is free when the work is done, not before.
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _: Future[Any]) -> None:
        with self._lock:
            self._inside -= 1


def _advance(steps: Steps[_T], answer: Any) -> tuple[Any, Any]:
    """The next need, or None and the result. (StopIteration can't be raised into a future.)"""
    try:
        return steps.send(answer), None
    except StopIteration as done:
        return None, done.value


ROOM: Final = Workroom()
"""The room of this process."""
