"""How the cost grows: documents on one and two processes, a process that verifies one file, memory, HTTP."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def measure() -> dict[str, Any]:
    """Everything here, printed and as JSON."""
    result = {"verify_many": processes(), "start": start_up(), "http": http()}
    print(json.dumps(result, indent=1))
    return result


def _signed(count: int) -> tuple[list[bytes], Any]:
    import did
    import vc
    from benchmarks import documents
    from benchmarks.ours import KNOWN

    key = did.generate("Ed25519")
    made = documents.variants("resident", key.did, 64)
    secured = [json.dumps(vc.issue(one, key, cryptosuite="eddsa-rdfc-2022", contexts=KNOWN)).encode() for one in made]
    return (secured * (count // len(secured) + 1))[:count], KNOWN


def _rate(work: Callable[[], int], rounds: int = 3) -> float:
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        count = work()
        rates.append(count / (time.perf_counter() - start))
    return statistics.median(rates)


def processes(count: int = 8192) -> dict[str, Any]:
    """Documents a second with verify_many on 1 and 2 processes (rounds in turn), and one after another."""
    import vc

    texts, known = _signed(count)

    def many(workers: int) -> int:
        results = list(vc.verify_many(iter(texts), processes=workers, contexts=known))
        if not all(verdict.verified for verdict in results):
            raise AssertionError("a good document was refused")
        return len(results)

    def one_by_one() -> int:
        return sum(vc.verify(text, contexts=known).verified for text in texts)

    single, one, two = ([] for _ in range(3))
    for _ in range(3):
        single.append(_rate(one_by_one, 1))
        one.append(_rate(lambda: many(1), 1))
        two.append(_rate(lambda: many(2), 1))
    rates = {name: round(statistics.median(v)) for name, v in (("loop", single), ("one", one), ("two", two))}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {**rates, "two_to_one": round(rates["two"] / rates["one"], 2), "peak_child_mib": peak, "documents": count}


def start_up(runs: int = 9) -> dict[str, Any]:
    """Milliseconds of whole processes: the interpreter, `import vc`, `liangzheng verify FILE`; peak memory in MiB."""
    import did
    import vc

    key = did.generate("Ed25519")
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"id": "did:example:subject", "name": "Zhang San"},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "credential.json"
        path.write_text(json.dumps(vc.issue(credential, key)))
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "import_vc": [sys.executable, "-c", "import vc"],
            "verify_one_file": [sys.executable, "-m", "liangzheng", "verify", str(path)],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
                taken[name].append(1000 * (time.perf_counter() - start))
        peak = _peak_memory(commands["verify_one_file"])
    return {f"{name}_ms": round(statistics.median(v), 1) for name, v in taken.items()} | {"verify_peak_mib": peak}


def _peak_memory(command: list[str]) -> int:
    """Peak resident memory of a command in MiB, by the operating system's own account."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def http(seconds: float = 4.0) -> dict[str, Any]:
    """Requests a second of the verify service (uvloop, one process) beside the rate in this process; load from here.

    The load is bounded: 8 connections on loopback for a few seconds, from a second process.
    """
    import vc

    texts, known = _signed(64)
    in_process = _rate(lambda: sum(vc.verify(text, contexts=known).verified for text in texts * 16), 3)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.http_service"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        port = int((server.stdout or sys.stdin).readline())
        bodies = [b'{"verifiableCredential": ' + text + b"}" for text in texts]
        load = subprocess.run(
            [sys.executable, "-m", "benchmarks.http_load", str(port), str(seconds)],
            cwd=ROOT,
            input=json.dumps([body.decode() for body in bodies]),
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
    finally:
        server.terminate()
        server.wait(10)
    rate = float(load.stdout)
    return {"in_process": round(in_process), "http": round(rate), "http_to_in_process": round(rate / in_process, 2)}
