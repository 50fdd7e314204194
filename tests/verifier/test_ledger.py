"""One ledger for all desks: on SQLite and on PostgreSQL, with processes, servers and disks that fail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from verifier import LedgerUnavailable, ReplayGuard, RequestBook, Verifier
from verifier.ledger import SqliteLedger, open_ledger
from verifier.ledger.protocol import VERSION
from verifier.web.book import CounterBook
from verifier.web.results import DeskKey, Results

from .conftest import World, identity_card, issued, outcomes

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
POSTGRES = os.environ.get("LIANGZHENG_TEST_POSTGRES")

_TAKER = """
import sys
from datetime import datetime, timedelta, UTC
from verifier import LedgerUnavailable, ReplayGuard
skew = timedelta(minutes=int(sys.argv[2]))
now = datetime(2026, 11, 23, 8, tzinfo=UTC) + skew
guard = ReplayGuard(sys.argv[1])
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
won = []
for n in range(40):
    try:
        won.append(guard.accept([f"challenge-{n}", f"proof-{n}"], keep_until=now + timedelta(minutes=5), now=now))
    except LedgerUnavailable:
        won.append(False)
    print(int(won[-1]), end="", flush=True)
"""


@pytest.fixture
def postgres_url() -> Iterator[str]:
    if POSTGRES is None:
        pytest.skip("LIANGZHENG_TEST_POSTGRES is not set: no PostgreSQL server to test with")
    import psycopg

    base = POSTGRES.replace("postgresql+psycopg://", "postgresql://")
    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(base, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = base.rsplit("/", 1)[0] + "/" + name
    yield url
    open_ledger(url).close()  # type: ignore[attr-defined]
    with psycopg.connect(base, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a fresh ledger of each kind is."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return str(tmp_path / "ledger" / "verifier.db")


def test_the_first_takes_and_what_is_refused_leaves_nothing_behind(where: str) -> None:
    guard = ReplayGuard(where)
    assert guard.accept(["challenge", "proof"], keep_until=LATER, now=NOW)
    assert not guard.accept(["another challenge", "proof"], keep_until=LATER, now=NOW)
    assert not guard.seen(["another challenge"])
    assert ReplayGuard(where).seen(["x", "challenge"])


def test_of_threads_with_keys_in_any_order_one_wins(where: str) -> None:
    guard = ReplayGuard(where)
    with ThreadPoolExecutor(8) as pool:
        keys = [["a", "b"], ["b", "a"], ["b"], ["a"]] * 6
        won = list(pool.map(lambda mine: guard.accept(mine, keep_until=LATER, now=NOW), keys))
    assert 1 <= sum(won) <= 2  # One that takes both, or one for each.
    assert guard.seen(["a"])
    assert guard.seen(["b"]) or not guard.accept(["a", "b"], keep_until=LATER, now=NOW)


@pytest.mark.long
def test_of_processes_whose_clocks_differ_one_wins_and_a_killed_one_takes_nothing_back(where: str) -> None:
    ReplayGuard(where).seen(["warm"])
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKER, where, skew], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for skew in ("-2", "0", "0", "2")
    ]
    try:
        for taker in takers:
            assert taker.stdout is not None
            assert taker.stdout.readline() == "ready\n"
        for taker in takers:
            assert taker.stdin is not None
            taker.stdin.write("go\n")
            taker.stdin.flush()
        assert takers[1].stdout is not None
        takers[1].stdout.read(5)
        takers[1].kill()
        results = [taker.communicate(timeout=120)[0] for taker in (takers[0], takers[2], takers[3])]
    finally:
        for taker in takers:
            taker.kill()
            taker.communicate()
    for n in range(40):
        assert sum(int(result[n]) for result in results) <= 1
    after = ReplayGuard(where)
    for n in range(40):
        assert not after.accept([f"challenge-{n}", f"proof-{n}"], keep_until=LATER, now=NOW)


def test_any_desk_asks_any_judges_and_the_asking_one_sees_the_result(where: str, world: World) -> None:
    one, other = _counter(world, where), _counter(world, where)
    desk = DeskKey("session of the browser")
    asked = one.request("hotel-check-in")
    CounterBook(where).asked(asked.challenge, desk.name, now=NOW)
    verdict = other.verify(json.dumps(world.answer(asked, issued(identity_card()))).encode())
    assert verdict.verified
    owner = CounterBook(where).desk(asked.challenge)
    assert owner == desk.name
    kept = Results(where, lambda: NOW, os.urandom).add(verdict, asked, frozenset({owner}))
    elsewhere = Results(where, lambda: NOW + timedelta(minutes=4), os.urandom)
    (seen,) = elsewhere.of(asked.challenge, desk)
    assert (seen.id, seen.request, seen.verdict.effect) == (kept.id, asked, verdict.effect)
    assert seen.verdict.to_dict() == verdict.to_dict()
    assert seen.verdict.document == verdict.document
    assert elsewhere.get(kept.id, DeskKey("another browser")) is None
    assert elsewhere.of(asked.challenge, DeskKey("another browser")) == []
    assert Results(where, lambda: NOW + timedelta(minutes=6), os.urandom).get(kept.id, desk) is None
    assert one.answered(asked)


def test_nobody_reads_a_result_in_the_database(where: str, world: World) -> None:
    counter = _counter(world, where)
    asked = counter.request("hotel-check-in")
    verdict = counter.verify(world.answer(asked, issued(identity_card())))
    Results(where, lambda: NOW, os.urandom).add(verdict, asked, frozenset({DeskKey("browser").name}))
    with open_ledger(where).transaction(write=False) as statements:
        ((desk, sealed),) = statements.rows("SELECT desk, sealed FROM result")
    text = sealed + desk
    assert "王小明" not in text
    assert DeskKey("browser ").open(sealed) is None
    assert DeskKey("browser").open(sealed[:-8] + "AAAAAAA=") is None
    assert DeskKey(desk).open(sealed) is None  # The public half opens nothing.


def test_tables_of_a_newer_product_are_refused_by_name(where: str) -> None:
    ledger = open_ledger(where)
    with ledger.transaction() as statements:
        if isinstance(ledger, SqliteLedger):
            statements.run(f"PRAGMA user_version={VERSION + 1}")
        else:
            statements.run("INSERT INTO ledger_version VALUES (?)", (VERSION + 1,))
    ledger.close()  # type: ignore[attr-defined]
    fresh = type(ledger)(where)  # type: ignore[call-arg]
    with pytest.raises(LedgerUnavailable, match=f"version {VERSION + 1}"), fresh.transaction():
        raise AssertionError


def test_an_error_inside_rolls_back_and_the_ledger_goes_on(where: str) -> None:
    ledger = open_ledger(where)
    with pytest.raises(ZeroDivisionError), ledger.transaction() as statements:  # noqa: PT012
        statements.run("INSERT INTO used (key, keep_until) VALUES (?, ?)", ("a", 1))
        raise ZeroDivisionError
    assert ReplayGuard(where).accept(["a"], keep_until=LATER, now=NOW)


def test_a_full_disk_leaves_it_undecided_and_forgets_nothing(tmp_path: Path, world: World) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        limit_is_enough(tmp_path)
        return
    try:
        path = disk / "verifier.db"
        counter = _counter(world, str(path))
        first, second = counter.request("hotel-check-in"), counter.request("hotel-check-in")
        assert counter.verify(world.answer(first)).verified
        (disk / "rest").write_bytes(b"")
        with (disk / "rest").open("wb", buffering=0) as rest:
            try:
                while True:
                    rest.write(bytes(1024))
            except OSError:
                pass
        verdict = counter.verify(world.answer(second))
        assert not verdict.verified
        assert outcomes(verdict)["replay"] == "indeterminate"
        (disk / "rest").unlink()
        assert counter.verify(world.answer(second)).verified
        assert not counter.verify(world.answer(first)).verified
    finally:
        SqliteLedger.at(disk / "verifier.db").close()
        subprocess.run(["umount", str(disk)], check=True)


def limit_is_enough(tmp_path: Path) -> None:
    """Where nothing can be mounted: the database itself may grow no further."""
    ledger = SqliteLedger(tmp_path / "small.db")
    with ledger.transaction() as statements:
        pages = int(statements.rows("PRAGMA page_count")[0][0])
    with pytest.raises(LedgerUnavailable), ledger.transaction() as statements:  # noqa: PT012
        statements.rows(f"PRAGMA max_page_count={pages}")
        for number in range(10_000):
            statements.run("INSERT INTO used (key, keep_until) VALUES (?, ?)", (f"{number:064}", 1))


@pytest.fixture
def own_server() -> Iterator[_Server]:
    if POSTGRES is None:
        pytest.skip("LIANGZHENG_TEST_POSTGRES is not set: no PostgreSQL server to test with")
    folder = Path(tempfile.mkdtemp())  # Not pytest's: the server's user must be able to reach it.
    server = _Server(folder)
    yield server
    open_ledger(server.url).close()  # type: ignore[attr-defined]
    server.end()
    shutil.rmtree(folder)


class _Server:
    """A PostgreSQL server of our own, to be paused and killed."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self._bin = found[-1].parent
        self._data = folder / "data"
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", self._data, "-U", "liangzheng", "-A", "trust", "-E", "UTF8")
        self.start()
        self.url = f"postgresql://liangzheng@127.0.0.1:{self.port}/postgres"

    def _run(self, name: str, *arguments: object) -> None:
        command = [str(self._bin / name), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._data / "log", "-o", options, "start")

    def signal(self, number: signal.Signals) -> None:
        """To the server and all its processes."""
        main = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(main)], capture_output=True, text=True, check=True
        ).stdout
        for process in (main, *map(int, children.split())):
            os.kill(process, number)

    def start_again(self) -> None:
        """After it was killed: its shared memory and lock file are left behind for a moment."""
        for _ in range(50):
            try:
                return self.start()
            except subprocess.CalledProcessError:
                time.sleep(0.1)
        raise AssertionError((self._data / "log").read_text())

    def end(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")


@pytest.mark.long
@pytest.mark.postgres
def test_a_paused_server_leaves_it_undecided_in_bounded_time_and_never_accepts_twice(
    own_server: _Server, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.ledger.postgres._PATIENCE", 1.0)
    counter = _counter(world, own_server.url)
    first, second = counter.request("hotel-check-in"), counter.request("hotel-check-in")
    answers = [json.dumps(world.answer(asked)).encode() for asked in (first, second)]
    assert counter.verify(answers[0], first).verified
    own_server.signal(signal.SIGSTOP)
    try:
        verdict = counter.verify(answers[1], second)
        assert not verdict.verified
        assert outcomes(verdict)["replay"] == "indeterminate"
    finally:
        own_server.signal(signal.SIGCONT)
    again = [counter.verify(answers[1], second).verified for _ in range(3)]
    assert sum(again) <= 1  # The server may have carried out what nobody waited for: then it counts as used.
    assert not counter.verify(answers[0], first).verified


@pytest.mark.long
@pytest.mark.postgres
def test_a_killed_server_forgets_nothing_that_was_accepted(own_server: _Server, world: World) -> None:
    counter = _counter(world, own_server.url)
    first, second = counter.request("hotel-check-in"), counter.request("hotel-check-in")
    answers = [json.dumps(world.answer(asked)).encode() for asked in (first, second)]
    assert counter.verify(answers[0], first).verified
    own_server.signal(signal.SIGKILL)
    verdict = counter.verify(answers[1], second)
    assert not verdict.verified
    assert outcomes(verdict)["replay"] == "indeterminate"
    own_server.start_again()
    assert not counter.verify(answers[0], first).verified
    assert counter.verify(answers[1], second).verified


def _counter(world: World, where: str) -> Verifier:
    return world.counter(replay=ReplayGuard(where), requests=RequestBook(where))
