"""The timer every Python part of the benchmark uses: one JSON line a row on standard output."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

BUDGET_NS = float(os.environ.get("BENCH_MS", "300")) * 1e6
ONLY = os.environ.get("BENCH_ONLY", "")


def bench(peer: str, suite: str, op: str, doc: str, items: Sequence[Any], work: Callable[[Any], Any]) -> None:
    """Call ``work`` on the items in turn for the budget, after a warm-up, and print the median in microseconds."""
    if ONLY and not re.search(ONLY, f"{peer} {suite} {op} {doc}"):
        return
    row: dict[str, Any] = {"peer": peer, "suite": suite, "op": op, "doc": doc}
    now, taken, i = time.perf_counter_ns, [], 0
    try:
        end = now() + 0.4 * BUDGET_NS
        while now() < end or i < 3:
            work(items[i % len(items)])
            i += 1
        end = now() + BUDGET_NS
        while now() < end or len(taken) < 5:
            item = items[i % len(items)]
            i += 1
            start = now()
            work(item)
            taken.append(now() - start)
        taken.sort()
        row |= {"n": len(taken), "min_us": taken[0] / 1000, "median_us": round(taken[len(taken) // 2] / 1000, 2)}
    except Exception as error:  # A peer may refuse an input: that is a row too.
        row["error"] = f"{type(error).__name__}: {error}"[:200]
    print(json.dumps(row), flush=True)
