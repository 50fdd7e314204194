"""Several processes use one wallet at once, and one that is killed in the middle of a write loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from holder import FileKeystore, PinBlocked, PinLocked, PinWrong, Wallet

from .conftest import COST, PIN

pytestmark = pytest.mark.long

COMMON = """
import sys
from pathlib import Path
from holder import FileKeystore, PinLocked, PinWrong, PinBlocked, Wallet
folder, pin = Path(sys.argv[1]), sys.argv[2]
def opened(pin=pin):
    return Wallet.open(folder / "wallet" / "wallet.db", pin, FileKeystore(folder / "device" / "device.keystore"))
"""


def start(folder: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    code = COMMON + textwrap.dedent(script)
    command = [sys.executable, "-c", code, str(folder), PIN, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a wallet that no process has open; the clock is the system's."""
    Wallet.create(
        tmp_path / "wallet" / "wallet.db", PIN, FileKeystore(tmp_path / "device" / "device.keystore"), cost=COST
    ).close()
    return tmp_path


def reopen(folder: Path) -> Wallet:
    return Wallet.open(folder / "wallet" / "wallet.db", PIN, FileKeystore(folder / "device" / "device.keystore"))


def test_entries_of_several_processes_make_one_chain(folder: Path) -> None:
    script = """
        with opened() as wallet:
            for number in range(25):
                wallet.log.append("presented", process=sys.argv[3], number=number)
    """
    for process in [start(folder, script, name) for name in ("a", "b", "c")]:
        finish(process)
    with reopen(folder) as wallet:
        entries = [entry for entry in wallet.log.entries() if entry.event == "presented"]
        assert wallet.log.check() == []
    assert len(entries) == 75
    for name in ("a", "b", "c"):
        mine = [entry.details["number"] for entry in entries if entry.details["process"] == name]
        assert mine == list(range(25))


def test_processes_that_try_pins_at_once_share_one_count(folder: Path) -> None:
    script = """
        outcomes = []
        for pin in sys.argv[3].split():
            try:
                opened(pin).close()
            except (PinWrong, PinLocked, PinBlocked) as error:
                outcomes.append(type(error).__name__)
        print(" ".join(outcomes))
    """
    processes = [start(folder, script, " ".join(f"40291{n + 5 * p}" for n in range(5))) for p in range(2)]
    outcomes = " ".join(finish(process) for process in processes).split()
    assert len(outcomes) == 10
    assert outcomes.count("PinWrong") <= 5
    assert "PinLocked" in outcomes
    with pytest.raises(PinLocked):
        reopen(folder)


def test_what_a_killed_process_said_was_written_is_there(folder: Path) -> None:
    script = """
        wallet = opened()
        number = 0
        while True:
            entry = wallet.log.append("presented", filler="x" * 5000)
            print(entry.number, flush=True)
    """
    last = 1
    for lines in (3, 20, 41):
        process = start(folder, script)
        assert process.stdout is not None
        for _ in range(lines):
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        # Not communicate: it would leave out what readline has taken from the pipe beyond its line.
        rest = process.stdout.read()
        process.communicate()
        said = [int(line) for line in rest.split("\n")[:-1] if line]
        last = max([last, *said])
        with reopen(folder) as wallet:
            numbers = [entry.number for entry in wallet.log.entries()]
            assert wallet.log.check() == []
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers[-1] in (last, last + 1)


def test_killing_the_process_while_it_tries_a_pin_saves_no_try(folder: Path) -> None:
    script = """
        import os, signal, holder.vault
        def killed(*_):
            os.kill(os.getpid(), signal.SIGKILL)
        holder.vault.unseal = killed
        opened("402918")
    """
    for _ in range(5):
        process = start(folder, script)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    with pytest.raises((PinLocked, PinBlocked)):
        reopen(folder)


def test_of_two_wallets_made_at_once_in_one_place_one_remains(tmp_path: Path) -> None:
    script = """
        from did.key_files import Argon2id
        from holder import WalletExists
        try:
            wallet = Wallet.create(folder / "wallet" / "wallet.db", pin,
                                   FileKeystore(folder / "device" / "device.keystore"), cost=Argon2id(19 * 1024, 2, 1))
            print("made", wallet.did)
            wallet.close()
        except WalletExists:
            print("exists")
    """
    outcomes = [finish(process) for process in [start(tmp_path, script) for _ in range(3)]]
    made = [outcome.split()[1] for outcome in outcomes if outcome.startswith("made")]
    assert len(made) == 1
    with reopen(tmp_path) as wallet:
        assert wallet.did == made[0]
    assert sorted(file.name for file in tmp_path.rglob("*.*")) == ["device.keystore", "wallet.db"]


def test_a_pin_changed_by_another_process_counts_at_once(folder: Path) -> None:
    with reopen(folder) as wallet:
        finish(start(folder, 'opened().change_pin(pin, "275839")'))
        with pytest.raises(PinWrong):
            wallet.prove_possession("c" * 16, "issuer.example", pin=PIN)
        wallet.prove_possession("c" * 16, "issuer.example", pin="275839")
