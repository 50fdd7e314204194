"""Publishing status lists regularly: a task that runs beside a server, or alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from .status_lists import PublishedList, StatusLists

__all__ = ["StatusPublisher"]

_log = logging.getLogger(__name__)
_FIRST_RETRY = 1.0

_T = TypeVar("_T")


class StatusPublisher:
    """Publishes what is due, twice in ``lists.interval``: at once when it starts, then until it is cancelled.

    With ``directory`` every list is there as a file, too, whichever process published it. One list at a time, in a
    thread; a cancellation waits for the list at work, no longer. What fails is logged without details, and tried again.
    ``on_published`` is told what was published.
    """

    def __init__(
        self,
        lists: StatusLists,
        *,
        directory: Path | None = None,
        on_published: Callable[[Sequence[PublishedList]], None] = lambda published: None,
    ) -> None:
        self._lists = lists
        self._directory = directory
        self._on_published = on_published

    async def run(self) -> None:
        """Publish until cancelled. Never ends otherwise."""
        pause = self._lists.interval.total_seconds() / 2
        retry = _FIRST_RETRY
        while True:
            try:
                published = await self.publish()
                self._on_published(published)
                wait, retry = pause, _FIRST_RETRY
            except Exception as error:
                # A database's message can name a host or a path.
                _log.error("status lists could not be published (%s); trying again", type(error).__name__)
                wait, retry = min(retry, pause), retry * 2
            await asyncio.sleep(wait)

    async def publish(self) -> list[PublishedList]:
        """Publish what is due now, and bring the files up to date."""
        published = []
        for purpose, number in await _in_thread(self._lists.due):
            published.append(await _in_thread(partial(self._lists.publish_one, purpose, number, self._directory)))
        if self._directory is not None:
            await _in_thread(partial(self._lists.write_files, self._directory))
        return published


async def _in_thread(work: Callable[[], _T]) -> _T:
    """Do ``work`` in a thread. A cancellation comes through when it is done: nothing is left running behind it."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # Seen, so that it is not reported as never seen.
        raise
