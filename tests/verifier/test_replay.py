"""The replay guard: of all who take a key, in any number of threads and processes, exactly one is the first."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from verifier import LedgerUnavailable, ReplayGuard
from verifier.replay import replay_keys

from .conftest import DOMAIN, World, identity_card, issued

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)

_TAKER = """
import sys, time
from datetime import datetime, timedelta, UTC
from verifier import ReplayGuard
now = datetime(2026, 11, 23, 8, tzinfo=UTC)
guard = ReplayGuard(sys.argv[1])
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
until = now + timedelta(minutes=5)
won = [guard.accept([f"challenge-{n}", f"proof-{n}"], keep_until=until, now=now) for n in range(10)]
print("".join("1" if w else "0" for w in won))
"""


@pytest.fixture
def guard(tmp_path: Path) -> ReplayGuard:
    return ReplayGuard(tmp_path / "verifier.db")


def test_the_first_is_accepted_and_nobody_after(guard: ReplayGuard) -> None:
    assert not guard.seen(["a", "b"])
    assert guard.accept(["a", "b"], keep_until=LATER, now=NOW)
    assert guard.seen(["x", "b"])
    assert not guard.accept(["a", "b"], keep_until=LATER, now=NOW)


def test_one_key_in_common_is_enough(guard: ReplayGuard) -> None:
    assert guard.accept(["challenge", "proof"], keep_until=LATER, now=NOW)
    assert not guard.accept(["challenge", "another proof"], keep_until=LATER, now=NOW)
    assert not guard.accept(["another challenge", "proof"], keep_until=LATER, now=NOW)
    # What was refused left nothing behind.
    assert guard.accept(["another challenge", "another proof"], keep_until=LATER, now=NOW)


def test_nothing_is_not_a_key(guard: ReplayGuard) -> None:
    with pytest.raises(ValueError, match="without keys"):
        guard.accept([], keep_until=LATER, now=NOW)


def test_it_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    assert ReplayGuard(tmp_path / "db").accept(["a"], keep_until=LATER, now=NOW)
    assert not ReplayGuard(tmp_path / "db").accept(["a"], keep_until=LATER, now=NOW)


def test_keys_are_forgotten_a_day_after_they_are_needed(guard: ReplayGuard, tmp_path: Path) -> None:
    guard.accept(["old"], keep_until=LATER, now=NOW)
    guard.accept(["b"], keep_until=LATER, now=LATER + timedelta(hours=23))
    assert guard.seen(["old"])
    guard.accept(["c"], keep_until=LATER, now=LATER + timedelta(hours=25))
    assert not guard.seen(["old"])
    assert guard.seen(["b"])


def test_a_clock_that_is_set_back_forgets_nothing(guard: ReplayGuard) -> None:
    guard.accept(["a"], keep_until=LATER, now=NOW)
    assert not guard.accept(["a"], keep_until=LATER, now=NOW - timedelta(days=3000))


def test_of_many_threads_one_wins(guard: ReplayGuard) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: guard.accept(["a", "b"], keep_until=LATER, now=NOW), range(40)))
    assert sum(won) == 1


def test_of_many_processes_one_wins(tmp_path: Path) -> None:
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKER, str(tmp_path / "new" / "verifier.db")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    try:
        for taker in takers:
            assert taker.stdout is not None
            assert taker.stdout.readline() == "ready\n"
        for taker in takers:
            assert taker.stdin is not None
            taker.stdin.write("go\n")
            taker.stdin.flush()
        results = [taker.communicate(timeout=120)[0].strip() for taker in takers]
    finally:
        for taker in takers:
            taker.kill()
            taker.wait()
    assert [sum(int(result[n]) for result in results) for n in range(10)] == [1] * 10


def test_of_many_counters_one_accepts_an_answer(world: World) -> None:
    request = world.counter().request("hotel-check-in")
    message = json.dumps(world.answer(request, issued(identity_card()))).encode()
    counters = [world.counter() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda counter: counter.verify(message), counters * 2))
    assert sum(verdict.verified for verdict in verdicts) == 1
    assert {p.code for v in verdicts if not v.verified for p in v.problems} == {"replay.used"}


def test_only_digests_are_kept(world: World) -> None:
    counter = world.counter()
    request = counter.request("hotel-check-in")
    assert counter.verify(world.answer(request)).verified
    content = b"".join(path.read_bytes() for path in world.path.glob("verifier.db*"))
    assert b"used" in content
    for secret in ("王小明", "5101991990", "proofValue"):
        assert secret.encode() not in content


def test_the_database_is_for_its_owner_only(guard: ReplayGuard, tmp_path: Path) -> None:
    guard.accept(["a"], keep_until=LATER, now=NOW)
    assert (tmp_path / "verifier.db").stat().st_mode & 0o077 == 0


def test_a_database_that_is_none_is_unavailable_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(b"x" * 8192)
    for use in (ReplayGuard(path).seen, lambda keys: ReplayGuard(path).accept(keys, keep_until=LATER, now=NOW)):
        with pytest.raises(LedgerUnavailable):
            use(["a"])


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable):
        ReplayGuard(tmp_path).seen(["a"])


def test_a_database_that_somebody_holds_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.ledger.sqlite._PATIENCE", 0.05)
    guard = ReplayGuard(tmp_path / "db")
    guard.accept(["a"], keep_until=LATER, now=NOW)
    holder = sqlite3.connect(tmp_path / "db", isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerUnavailable):
            guard.accept(["b"], keep_until=LATER, now=NOW)
    finally:
        holder.close()
    assert guard.accept(["b"], keep_until=LATER, now=NOW)


def test_keys_differ_by_challenge_domain_and_proof() -> None:
    first = replay_keys(DOMAIN, "c", [("proof", "z1")])
    assert len(first) == 2
    for other in (
        replay_keys(DOMAIN, "d", [("proof", "z2")]),
        replay_keys("https://other.example", "c", [("proof", "z2")]),
    ):
        assert not set(first) & set(other)
    assert set(first) & set(replay_keys(DOMAIN, "d", [("proof", "z1")]))
    assert not set(first[1:]) & set(replay_keys(DOMAIN, "d", [("key binding", "z1")]))
