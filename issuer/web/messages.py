"""Text messages of a demonstration: one-time codes on a page instead of a telephone network. Never for real people."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from issuer.proofing import CodeDelivery

__all__ = ["Messages"]

_KEPT = 30


class Messages:
    """A channel (``issuer.proofing.Channel``) that keeps the newest messages in memory, for the page /demo/messages."""

    def __init__(self) -> None:
        self._kept: deque[CodeDelivery] = deque(maxlen=_KEPT)

    def deliver(self, delivery: CodeDelivery) -> None:
        """Keep a message."""
        self._kept.appendleft(delivery)

    def newest(self) -> Sequence[CodeDelivery]:
        """The messages, the newest first."""
        return tuple(self._kept)
