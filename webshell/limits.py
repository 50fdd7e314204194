"""Rate limits by token bucket, in memory and bounded: who is over gets 429 and when to come back."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["RateLimits"]

_MAX_KEYS = 20_000


class RateLimits:
    """Buckets by key. ``monotonic`` gives seconds that never go back."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, *, count: int, seconds: float) -> int:
        """Take one of ``count`` tokens that come back over ``seconds``: 0, or the seconds to wait."""
        now = self._monotonic()
        tokens, at = self._buckets.pop(key, (float(count), now))
        tokens = min(float(count), tokens + (now - at) * count / seconds)
        wait = 0 if tokens >= 1 else math.ceil((1 - tokens) * seconds / count)
        self._buckets[key] = (tokens if wait else tokens - 1, now)
        while len(self._buckets) > _MAX_KEYS:
            # The longest unused bucket goes: it is the nearest to full.
            self._buckets.popitem(last=False)
        return wait
