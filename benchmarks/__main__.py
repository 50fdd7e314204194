"""`make bench`: floor, ours and the installed peers in one interleaved run; ratios first, JSON beside the table.

    python -m benchmarks [--rounds 3] [--ms 300] [--only REGEX] [--out out/bench.json]

Each round visits every program once, one process at a time, so that a slow minute of the machine touches all alike. A
figure is the median over the rounds of each round's median. Peers run where `make bench-peers` has installed them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import documents, interpreter, scale

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "out" / "peers"
Key = tuple[str, str, str, str]

# What the bare primitives of one piece of work cost: (suite, op, doc) -> [(how many, primitive, of what)].
# A derived ecdsa-sd-2023 credential here discloses 8 of 37 statements; bbs-2023 signs 37 messages.
FLOORS: dict[tuple[str, str], list[tuple[int, str, str]]] = {
    ("eddsa-rdfc-2022", "issue"): [(1, "sign", "Ed25519")],
    ("eddsa-rdfc-2022", "verify"): [(1, "verify", "Ed25519")],
    ("eddsa-rdfc-2022", "verify-bytes"): [(1, "verify", "Ed25519")],
    ("Ed25519Signature2020", "issue"): [(1, "sign", "Ed25519")],
    ("Ed25519Signature2020", "verify-bytes"): [(1, "verify", "Ed25519")],
    ("eddsa-jcs-2022", "issue"): [(1, "sign", "Ed25519")],
    ("eddsa-jcs-2022", "verify"): [(1, "verify", "Ed25519")],
    ("ecdsa-rdfc-2019-p256", "issue"): [(1, "sign", "P-256")],
    ("ecdsa-rdfc-2019-p256", "verify"): [(1, "verify", "P-256")],
    ("ecdsa-rdfc-2019-p384", "issue"): [(1, "sign", "P-384")],
    ("ecdsa-rdfc-2019-p384", "verify"): [(1, "verify", "P-384")],
    ("ecdsa-jcs-2019-p256", "issue"): [(1, "sign", "P-256")],
    ("ecdsa-jcs-2019-p256", "verify"): [(1, "verify", "P-256")],
    ("ecdsa-sd-2023", "issue"): [(38, "sign", "P-256"), (1, "make-key", "P-256")],
    ("ecdsa-sd-2023", "verify"): [(9, "verify", "P-256"), (1, "read-key", "P-256")],
    ("sd-jwt-vc", "issue"): [(1, "sign", "P-256")],
    ("sd-jwt-vc", "present"): [(1, "sign", "P-256")],
    ("sd-jwt-vc", "verify"): [(2, "verify", "P-256")],
    # sign: B over 37 messages and the header's generator, then A.
    ("bbs-2023", "issue"): [(1, "sum", "38 products"), (1, "multiply", "BLS12-381 G1")],
    # derive: B again, Abar, D and T1, the sum T2 over the 29 that stay hidden, one point read.
    ("bbs-2023", "derive"): [
        (1, "sum", "38 products"),
        (1, "sum", "30 products"),
        (9, "multiply", "BLS12-381 G1"),
        (1, "decompress", "BLS12-381 G1"),
    ],
    # verify: T1, T2 with Bv, three points read, the pairing check.
    ("bbs-2023", "verify"): [
        (1, "sum", "41 products"),
        (1, "sum", "3 products"),
        (3, "decompress", "BLS12-381 G1"),
        (1, "pairing-check", "BLS12-381"),
    ],
}


def programs(folder: Path) -> Iterator[tuple[list[str], Path]]:
    """The programs of a round: (command, folder to run in)."""
    yield [sys.executable, "-m", "benchmarks.floor"], ROOT
    yield [sys.executable, "-m", "benchmarks.ours"], ROOT
    if shutil.which("softhsm2-util") and find_spec("pkcs11"):
        yield [sys.executable, "-m", "benchmarks.softhsm"], ROOT
    python = PEERS / "venv" / "bin" / "python"
    if python.exists():
        yield [str(python), "benchmarks/peers/openvc_core.py"], ROOT
        yield [str(python), "benchmarks/peers/pyld_canonical.py"], ROOT
        yield [str(python), "benchmarks/peers/sd_jwt_python.py"], ROOT
        yield [str(python), "benchmarks/peers/didkit_rust.py"], ROOT
    if (PEERS / "node_modules").exists():
        for part in ("stack", "canonicalize", "bbs", "sdjwt"):
            yield ["node", str(ROOT / "benchmarks" / "peers" / "node.mjs"), str(folder), part], PEERS


def run(rounds: int, environment: dict[str, str]) -> tuple[dict[Key, float], dict[Key, str]]:
    """Medians in microseconds and errors, by (suite, op, doc, peer)."""
    rows: dict[Key, list[float]] = defaultdict(list)
    errors: dict[Key, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents.write(folder)
        shutil.copy(ROOT / "contexts" / "w3c" / "credentials-v2.jsonld", folder / "credentials-v2.json")
        for number in range(rounds):
            for command, place in programs(folder):
                done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
                for line in done.stdout.splitlines():
                    row: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
                    if not row:
                        continue
                    key = (row["suite"], row["op"], row["doc"], row["peer"])
                    if "error" in row:
                        errors[key] = row["error"]
                    else:
                        rows[key].append(row["median_us"])
                if done.returncode:
                    print(f"{command[-1]} ended with {done.returncode}: {done.stderr.strip()[-300:]}", file=sys.stderr)
            print(f"round {number + 1} of {rounds} done", file=sys.stderr)
    return {key: statistics.median(values) for key, values in rows.items()}, errors


def floor_of(medians: dict[Key, float], suite: str, op: str, doc: str) -> float | None:
    """Microseconds of the primitives that this work can't avoid, or None where no floor is stated."""
    parts = FLOORS.get((suite, op)) if doc.startswith("resident") else None
    if (suite, op, doc) == ("canonicalize", "canonicalize", doc):
        return None
    if suite.lower().startswith("ed") or (suite.startswith("ecdsa") and "sd" not in suite):
        parts = FLOORS.get((suite, op))
    if not parts:
        return None
    costs = [medians.get(("primitive", primitive, what, "floor")) for _, primitive, what in parts]
    if any(cost is None for cost in costs):
        return None
    return sum(count * cost for (count, _, _), cost in zip(parts, costs, strict=True) if cost is not None)


def table(medians: dict[Key, float]) -> list[dict[str, Any]]:
    """One row for each piece of our work: figures and ratios."""
    result = []
    for (suite, op, doc, peer), ours in sorted(medians.items()):
        if peer != "ours":
            continue
        floor = floor_of(medians, suite, op, doc)
        same = {p: v for (s, o, d, p), v in medians.items() if (s, o, d) == (suite, op, doc) and p != "ours"}
        result.append(
            {
                "suite": suite,
                "op": op,
                "document": doc,
                "ours_us": round(ours, 1),
                "floor_us": None if floor is None else round(floor, 1),
                "ours_to_floor": None if floor is None else round(ours / floor, 2),
                "peers_us": {p: round(v, 1) for p, v in same.items()},
                "peers_to_ours": {p: round(v / ours, 2) for p, v in same.items()},
            }
        )
    return result


def show(rows: list[dict[str, Any]]) -> None:
    print(f"{'suite':24}{'work':14}{'document':20}{'ours us':>10}{'floor us':>10}{'ours/floor':>12}  peers/ours")
    for row in rows:
        ratios = ", ".join(f"{peer} {ratio:g}" for peer, ratio in row["peers_to_ours"].items())
        floor, ratio = ("-" if row[k] is None else f"{row[k]:g}" for k in ("floor_us", "ours_to_floor"))
        print(
            f"{row['suite']:24}{row['op']:14}{row['document']:20}{row['ours_us']:>10g}{floor:>10}{ratio:>12}  {ratios}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ms", type=int, default=300, help="milliseconds a row and round")
    parser.add_argument("--only", default="", help="rows whose 'peer suite work document' match this expression")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench.json")
    parser.add_argument("--no-scale", action="store_true", help="leave out processes, start-up, memory and HTTP")
    options = parser.parse_args()
    environment = os.environ | {
        "BENCH_MS": str(options.ms),
        "BENCH_ONLY": options.only,
        "PYTHONPATH": str(ROOT),
    }
    print(interpreter.described())
    medians, errors = run(options.rounds, environment)
    rows = table(medians)
    show(rows)
    for key, error in errors.items():
        print("refused:", *key, error)
    more = {} if options.no_scale else scale.measure()
    packages = ("cryptography", "pynacl", "pyld", "orjson", "cbor2", "py-arkworks-bls12381")
    versions = {name: version(name) for name in packages} | {"python": interpreter.described()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"rows": rows, "scale": more, "versions": versions}, indent=1), encoding="utf-8")
    print(f"written: {options.out.relative_to(ROOT) if options.out.is_relative_to(ROOT) else options.out}")


if __name__ == "__main__":
    main()
