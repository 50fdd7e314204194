"""The campaign as a command: ``make fuzz MINUTES=5``, or ``python -m tests.fuzz --minutes 5 --target verify-``."""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time

from .campaign import Campaign, keep
from .coverage_guided import available
from .target import Finding
from .targets import TARGETS

_ROUND = 150  # Inputs a target gets before it is the next one's turn.
_GUIDED = 0.25  # The part of the time that goes to atheris where it is installed.


def main() -> int:
    """Run until the time is up; 1 when there was a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None, help="repeats a campaign; drawn and printed by default")
    parser.add_argument(
        "--target", action="append", default=[], help="the beginning of a target's name; may be repeated"
    )
    parser.add_argument("--dry", action="store_true", help="don't keep findings in the corpus")
    parser.add_argument("--plain", action="store_true", help="without atheris, even where it is installed")
    asked = parser.parse_args()
    seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
    targets = [target for name, target in TARGETS.items() if not asked.target or name.startswith(tuple(asked.target))]
    if not targets:
        parser.error(f"no such target; there are {', '.join(TARGETS)}")
    guided = available() and not asked.plain
    print(f"seed {seed}, {len(targets)} targets, atheris {'after Hypothesis' if guided else 'not used'}", flush=True)

    def tell(finding: Finding) -> None:
        place = (
            "not kept" if asked.dry else f"tests/fuzz/corpus/{finding.target}/{keep(TARGETS[finding.target], finding)}"
        )
        print(f"FOUND {finding.target}: {finding.signature}\n  {place}", flush=True)
        print("  " + finding.detail.strip().replace("\n", "\n  ")[-1500:], flush=True)

    campaign = Campaign(seed, tell)
    total = asked.minutes * 60
    until = time.monotonic() + total * (1 - _GUIDED if guided else 1)
    number = 0
    while time.monotonic() < until:
        for target in targets:
            if time.monotonic() < until:
                campaign.round(target, number, examples=_ROUND, until=until)
        number += 1
    inputs, seconds = sum(campaign.inputs.values()), sum(campaign.seconds.values())
    print(f"{number} rounds, {inputs:,} inputs, {seconds:.0f} s of processor time")
    for name in sorted(campaign.inputs):
        print(f"  {name:28} {campaign.inputs[name]:>8,} inputs {campaign.seconds[name]:>8.1f} s")
    ended = _guided([target.name for target in targets], total * _GUIDED, seed) if guided else 0
    print(f"{len(campaign.known) + ended} findings")
    return 1 if campaign.known or ended else 0


def _guided(names: list[str], seconds: float, seed: int) -> int:
    """Give each target its share under atheris, in a process of its own; returns how many had a finding."""
    share = max(1, round(seconds / len(names)))
    ended = 0
    for name in names:
        command = [sys.executable, "-m", "tests.fuzz.coverage_guided", name]
        options = [f"-max_total_time={share}", f"-seed={seed % 2**31 + 1}", "-verbosity=0", "-rss_limit_mb=4096"]
        done = subprocess.run([*command, *options], check=False, capture_output=True, text=True)
        found = [line for line in done.stdout.splitlines() if line.startswith(("FOUND", "->"))]
        if done.returncode or found:
            ended += 1
            print(
                "\n".join(found) or f"{name}: atheris ended with {done.returncode}\n{done.stderr[-1500:]}", flush=True
            )
    return ended


if __name__ == "__main__":
    sys.exit(main())
