"""Making what shows a fault as small as it can be while it still shows the same fault: decisions, then bytes."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Sequence

from .mutators import dumps
from .trees import places

__all__ = ["fewest", "minimised"]


def fewest(decisions: Sequence[int], shows: Callable[[Sequence[int]], bool], *, seconds: float = 8) -> list[int]:
    """The plainest decisions found for which ``shows`` is still true: as few as can be, then as small as can be.

    An input that was made by fewer changes differs less from the seed: what is left tells what matters.
    """
    until = time.monotonic() + seconds
    kept = list(decisions)
    while kept and kept[-1] == 0:
        kept.pop()
    size = max(1, len(kept) // 2)
    while time.monotonic() < until:
        start, changed = 0, False
        while start < len(kept) and time.monotonic() < until:
            for candidate in (kept[:start] + kept[start + size :], kept[:start] + [0] * size + kept[start + size :]):
                if candidate != kept and shows(candidate):
                    kept, changed = candidate, True
                    break
            else:
                start += size
        if size == 1 and not changed:
            break
        size = max(1, size // 2)
    return kept


def minimised(data: bytes, shows: Callable[[bytes], bool], *, seconds: float = 8) -> bytes:
    """The smallest input found in ``seconds`` for which ``shows`` is still true, as it is for ``data``."""
    until = time.monotonic() + seconds
    data = _smaller_tree(data, shows, until)
    size = max(1, len(data) // 2)
    while size and time.monotonic() < until:
        start, changed = 0, False
        while start < len(data) and time.monotonic() < until:
            candidate = data[:start] + data[start + size :]
            if shows(candidate):
                data, changed = candidate, True
            else:
                start += size
        if not changed or size > 1:
            size //= 2
    return data


def _smaller_tree(data: bytes, shows: Callable[[bytes], bool], until: float) -> bytes:
    """JSON with members and entries left out, one after the other, the outermost first."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(value, dict | list) or not shows(dumps(value)):
        return data
    index = 0
    while time.monotonic() < until:
        candidate = copy.deepcopy(value)
        found = places(candidate)
        if index >= len(found):
            return dumps(value)
        del found[index].container[found[index].key]
        if shows(dumps(candidate)):
            value = candidate
        else:
            index += 1
    return dumps(value)
