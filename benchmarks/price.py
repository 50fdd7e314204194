"""What each nasty input costs: processor time and memory, beside the budget (SECURITY.md, "a price for every input").

``make bench-price ARGS="--only NAME"``. Every input is judged in a process of its own, forked from one that has judged
a small one of its kind: imports and first-time work are not counted, memory that is given back still is.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import re
import resource
import sys
import time
from typing import Any

from benchmarks.nasty import INPUTS, LARGE, SMALL, Input

MS = {SMALL: 150.0, LARGE: 4000.0}
"""Milliseconds of processor time at most: for up to 64 KiB, and for up to 4 MiB."""
TIMES, MORE = 8, 32 * 1024 * 1024
"""Memory at most: so many times the input, and so many bytes more."""
_GIVE_UP = 60


def measure(one: Input, made: Any) -> dict[str, Any]:
    """Processor milliseconds and bytes of memory for judging what was made, in a child process."""
    here, there = os.pipe()
    gc.collect()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (_GIVE_UP, _GIVE_UP + 1))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start = time.process_time()
            answer = one.judge(made)
            row: dict[str, Any] = {"answer": answer, "ms": (time.process_time() - start) * 1000}
            row["bytes"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
            os.write(there, json.dumps(row).encode())
            code = 0
        except BaseException as error:
            os.write(there, json.dumps({"error": f"{type(error).__name__}: {error}"[:200]}).encode())
        finally:
            os._exit(code)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        content = pipe.read()
    os.waitpid(child, 0)
    return json.loads(content) if content else {"error": f"no answer within {_GIVE_UP} s of processor time"}


def length_of(made: Any) -> int:
    """Bytes of an input; of values, as JSON."""
    if isinstance(made, bytes | str):
        return len(made)
    return len(json.dumps(made, default=lambda value: dict(value) if hasattr(value, "keys") else value.decode()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.price", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="inputs whose name matches this expression")
    parser.add_argument("--size", choices=("small", "large", "both"), default="both")
    options = parser.parse_args()
    sizes = {"small": (SMALL,), "large": (LARGE,), "both": (SMALL, LARGE)}[options.size]
    over = 0
    print(f"{'input':52}{'bytes':>10}{'ms':>10}{'of':>8}{'MiB':>8}{'of':>8}  answer")
    for one in INPUTS.values():
        if not re.search(options.only, one.name):
            continue
        with contextlib.suppress(Exception):
            one.judge(one.make(4096))
        for size in sizes:
            made = one.make(min(size, one.most))
            length = length_of(made)
            row = measure(one, made)
            # An input that is smaller than it might be has the budget of its own size.
            milliseconds, memory = MS[SMALL] if length <= SMALL else MS[LARGE], TIMES * length + MORE
            if "error" in row:
                print(f"{one.name:52}{length:>10,}  {row['error']}")
                over += 1
                continue
            bad = row["ms"] > milliseconds or row["bytes"] > memory
            over += bad
            print(
                f"{one.name:52}{length:>10,}{row['ms']:>10.1f}{milliseconds:>8.0f}"
                f"{row['bytes'] / 2**20:>8.1f}{memory / 2**20:>8.1f}  {row['answer']}{'  OVER' if bad else ''}",
                flush=True,
            )
    print(f"{over} over the budget")
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
