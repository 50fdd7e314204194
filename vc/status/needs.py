"""What checking a status needs from outside."""

from __future__ import annotations

from dataclasses import dataclass

from .sources import StatusSource, StatusUnavailable

__all__ = ["StatusListNeed"]


@dataclass(frozen=True, slots=True)
class StatusListNeed:
    """A status list that has to be obtained: the answer is its bytes, or a StatusUnavailable."""

    url: str
    source: StatusSource

    def obtain(self) -> bytes | StatusUnavailable:
        """Ask the source, blocking."""
        try:
            return self.source.get(self.url)
        except StatusUnavailable as error:
            return error

    async def obtain_async(self) -> bytes | StatusUnavailable:
        """Ask the source without blocking the event loop."""
        try:
            return await self.source.get_async(self.url)
        except StatusUnavailable as error:
            return error
