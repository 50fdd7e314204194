"""``make mutants ROOM=status``, or ``python -m tests.mutants --room status --sample 200 --seed 7``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter

import pytest

from .changes import GUARDS, KINDS
from .judged import judged
from .rooms import ROOMS, ROOT
from .running import Campaign, Result

_OUT = ROOT / "out" / "mutants"


def main() -> int:
    """Run the rooms that are asked for, one after the other; 1 when a survivor is not listed in docs/mutants.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "--room", action="append", default=[], choices=list(ROOMS), help="may be repeated; default: all"
    )
    parser.add_argument(
        "--only", action="append", default=[], help="only files whose path has this in it; may be repeated"
    )
    parser.add_argument(
        "--kinds", default="all", help=f"all, guards ({', '.join(GUARDS)}), or some of {', '.join(KINDS)}"
    )
    parser.add_argument("--sample", type=int, default=0, help="at most so many changes of a room, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="only what no test noticed the last time")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long the tests of one change may take")
    asked = parser.parse_args()
    kinds = {"all": KINDS, "guards": GUARDS}.get(asked.kinds) or tuple(asked.kinds.split(","))
    if not set(kinds) <= set(KINDS):
        parser.error(f"the kinds are {', '.join(KINDS)}")
    worst = 0
    for name in asked.room or ROOMS:
        child = os.fork()
        if child == 0:
            os._exit(_room(name, asked, kinds))
        worst = max(worst, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return worst


def _unnoticed(results: str) -> set[tuple[str, ...]]:
    """What survived or was not reached in an earlier run, wherever it stands by now."""
    lines = [json.loads(line) for line in results.splitlines()]
    return {
        tuple(line[name] for name in ("function", "before", "after"))
        for line in lines
        if line["outcome"] in ("survived", "unreached")
    }


def _room(name: str, asked: argparse.Namespace, kinds: tuple[str, ...]) -> int:
    _OUT.mkdir(parents=True, exist_ok=True)
    known = {(row.file, row.function, row.before, row.after) for row in judged()}
    counts: Counter[str] = Counter()
    start = time.monotonic()
    part = "-".join([name, *(piece.replace("/", ".") for piece in asked.only)])
    before = _OUT / f"{part}.jsonl"
    again = _unnoticed(before.read_text(encoding="utf-8")) if asked.again else None
    if asked.again:
        part += "-again"
    with (_OUT / f"{part}.jsonl").open("w", encoding="utf-8") as results:

        def tell(result: Result) -> None:
            change = result.change
            equivalent = (result.file, change.function, change.before, change.after) in known
            outcome = "equivalent" if equivalent and result.outcome in ("survived", "unreached") else result.outcome
            counts[outcome] += 1
            results.write(json.dumps(result.to_dict() | {"outcome": outcome}, ensure_ascii=False) + "\n")
            results.flush()
            if outcome in ("survived", "unreached"):
                text = f"{outcome} {change.kind}: {result.file}:{change.lines[0]} {change.function}"
                print(f"{text}\n    {change.before}\n    {change.after}", flush=True)

        campaign = Campaign(
            ROOMS[name],
            only=asked.only,
            again=again,
            kinds=kinds,
            sample=asked.sample,
            seed=asked.seed,
            seconds=asked.seconds,
            tell=tell,
        )
        options = [
            "-q",
            "-s",
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:rerunfailures",
            "-m",
            "not long and not browser",
        ]
        os.chdir(ROOT)
        pytest.main([*options, *ROOMS[name].tests], plugins=[campaign])
    tried = sum(counts.values())
    summary = {
        "room": part,
        "changes": campaign.total,
        "tried": tried,
        **{outcome: counts[outcome] for outcome in ("killed", "survived", "unreached", "equivalent", "not made")},
        "not run": campaign.total - tried,
        "seconds": round(time.monotonic() - start),
        "seed": asked.seed,
        "kinds": list(kinds),
        "tests that fail unchanged": campaign.broken,
    }
    (_OUT / f"{part}.summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(", ".join(f"{key} {value}" for key, value in summary.items() if key != "kinds"), flush=True)
    return 1 if counts["survived"] or counts["unreached"] or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
