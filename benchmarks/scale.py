"""How the cost grows: documents on one and two processes, a process that verifies one file, memory, HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def measure() -> dict[str, Any]:
    """Everything here, printed and as JSON."""
    with _compiled():
        result = {"verify_many": processes(), "start": start_up(), "http": http()}
    print(json.dumps(result, indent=1))
    return result


@contextlib.contextmanager
def _compiled() -> Iterator[None]:
    """Let processes that are started keep compiled modules, as an installed package has them; elsewhere, for now."""
    with tempfile.TemporaryDirectory() as folder:
        before = dict(os.environ)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


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


def processes(count: int = 65_536, few: int = 8192) -> dict[str, Any]:
    """Documents a second with verify_many on 1 and 2 processes (rounds in turn), and one after another.

    The time of 2 processes includes their start: that is also given alone, as the time to the first verdict, and the
    ratio for a batch of only a ``few``, in which it weighs more.
    """
    import vc

    texts, known = _signed(count)
    first: list[float] = []

    def many(workers: int, size: int) -> int:
        start = time.perf_counter()
        verified = 0
        for number, verdict in enumerate(vc.verify_many(iter(texts[:size]), processes=workers, contexts=known)):
            if number == 0 and workers == 2:
                first.append(time.perf_counter() - start)
            verified += verdict.verified
        if verified != size:
            raise AssertionError("a good document was refused")
        return size

    def one_by_one() -> int:
        return sum(vc.verify(text, contexts=known).verified for text in texts[:few])

    works: dict[str, Callable[[], int]] = {
        "loop": one_by_one,
        "one": lambda: many(1, count),
        "two": lambda: many(2, count),
        "one_few": lambda: many(1, few),
        "two_few": lambda: many(2, few),
    }
    many(2, few)  # The modules are compiled now.
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(3):
        for name, work in works.items():
            taken[name].append(_rate(work, 1))
    rates = {name: round(statistics.median(values)) for name, values in taken.items()}
    return {
        **rates,
        "two_to_one": round(rates["two"] / rates["one"], 2),
        "two_to_one_few": round(rates["two_few"] / rates["one_few"], 2),
        "first_verdict_of_two_ms": round(1000 * statistics.median(first[1:])),
        "peak_child_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "documents": count,
        "few": few,
    }


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


def http(seconds: float = 2.0, rounds: int = 3) -> dict[str, Any]:
    """Requests a second of the verify service (uvloop, one process) beside the rate in this process, in turn.

    The load is bounded: 8 connections on loopback for a few seconds, from a second process.
    """
    import vc

    texts, known = _signed(64)
    bodies = json.dumps([(b'{"verifiableCredential": ' + text + b"}").decode() for text in texts])
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.http_service"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    )
    inside, outside = [], []
    try:
        port = int((server.stdout or sys.stdin).readline())
        command = [sys.executable, "-m", "benchmarks.http_load", str(port), str(seconds)]
        for _ in range(rounds):
            inside.append(_rate(lambda: sum(vc.verify(text, contexts=known).verified for text in texts * 32), 3))
            load = subprocess.run(
                command, cwd=ROOT, input=bodies, capture_output=True, text=True, check=True, env=environment
            )
            outside.append(float(load.stdout))
    finally:
        server.terminate()
        server.wait(10)
    rates = {"in_process": round(statistics.median(inside)), "http": round(statistics.median(outside))}
    return {**rates, "http_to_in_process": round(statistics.median(outside) / statistics.median(inside), 2)}
