"""``liangzheng serve all`` as a process: three ports, one folder that it goes on with, an orderly end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "liangzheng.cli", "serve", "all", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LIANGZHENG_LANG": "en", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def port() -> int:
    """The first of three free ports."""
    for first in range(20_000, 30_000, 7):
        probes = [socket.socket() for _ in range(3)]
        try:
            for number, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + number))
        except OSError:
            continue
        else:
            return first
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no three free ports in a row")


def answered(process: subprocess.Popen[str], port: int) -> str:
    """What is at a port, once the process serves there."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
    raise AssertionError("it does not answer")


def stopped(process: subprocess.Popen[str]) -> tuple[str, str]:
    """End it by SIGTERM; its standard output and error."""
    process.send_signal(signal.SIGTERM)
    told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    return told


def somebody(told: str) -> str:
    return next(line for line in told.splitlines() if "somebody to try with" in line)


def test_it_serves_three_applications_ends_at_sigterm_and_goes_on_where_it_was(
    start: Start, port: int, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    process = start("--home", str(home), "--port", str(port))
    titles = [answered(process, port + number).partition("<title>")[2].partition("</title>")[0] for number in range(3)]
    assert len(set(titles)) == 3
    out, first = stopped(process)
    assert [line.rpartition(":")[2] for line in out.splitlines()] == [str(port + number) for number in range(3)]
    accounts, key = (home / "officers.txt").read_bytes(), (home / "issuer" / "authority.key").read_bytes()
    register = (home / "issuer" / "register.db").stat().st_ino
    process = start("--home", str(home), "--port", str(port))
    answered(process, port + 2)
    _, second = stopped(process)
    assert somebody(second) == somebody(first)
    assert (home / "officers.txt").read_bytes() == accounts
    assert (home / "issuer" / "authority.key").read_bytes() == key
    assert (home / "issuer" / "register.db").stat().st_ino == register
    for secret in ("officers.txt", "somebody.txt", "issuer-secret", "issuer/password", "issuer/authority.key"):
        assert (home / secret).stat().st_mode & 0o077 == 0
    # The folder belongs to its origins: at another port it is refused, not started half.
    _refused(start("--home", str(home), "--port", str(port + 3)), "can't start")
    # A port that is taken is named.
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        _refused(start("--home", str(home), "--port", str(port)), f"127.0.0.1:{port + 1}")


@pytest.mark.parametrize("place", ["a file", "below a file"])
def test_a_home_that_can_not_be_a_folder_is_refused(start: Start, port: int, tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    _refused(start("--home", str(file if place == "a file" else file / "home"), "--port", str(port)), "file")


def test_a_port_beyond_the_last_is_refused(start: Start, tmp_path: Path) -> None:
    _refused(start("--home", str(tmp_path / "home"), "--port", "65534"), "--port")
    assert not (tmp_path / "home").exists()


def _refused(process: subprocess.Popen[str], told: str) -> None:
    out, error = process.communicate(timeout=60)
    assert process.returncode == 2, (out, error)
    assert told in error
    assert "Traceback" not in error
