"""A wallet with an injected clock, made with the least Argon2id that is accepted, so that tests are quick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from did.key_files import Argon2id
from holder import FileKeystore, Wallet

PIN = "831702"
COST = Argon2id(memory=19 * 1024, passes=2, lanes=1)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keystore(tmp_path: Path, clock: Clock) -> FileKeystore:
    return FileKeystore(tmp_path / "device.keystore", clock=clock)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wallet.db"


@pytest.fixture
def wallet(path: Path, keystore: FileKeystore, clock: Clock) -> Iterator[Wallet]:
    with Wallet.create(path, PIN, keystore, cost=COST, clock=clock) as made:
        yield made


@pytest.fixture
def open_wallet(path: Path, clock: Clock, wallet: Wallet, keystore: FileKeystore) -> Callable[..., Wallet]:
    """Opens the wallet once more, as another process would."""

    def opened(pin: str = PIN, using: FileKeystore | None = None) -> Wallet:
        return Wallet.open(path, pin, using or keystore, clock=clock)

    return opened
