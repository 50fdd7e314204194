"""The device's keystore: a secret for each wallet that PINs are mixed with, and the count of wrong PINs.

``Keystore`` is what a phone's hardware offers (a key that computes HMACs and can't be read, with throttling beside
it); ``FileKeystore`` stands for it on a computer. It is kept apart from the wallet's file: whoever gets the wallet
alone can't try PINs, and putting back an older copy of the wallet does not put back the count.

Who gets the files of both can try six digits at the price of one Argon2id each; only hardware helps against that.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from .database import connect, damaged, transaction
from .errors import KeystoreMissing, PinBlocked, PinLocked
from .lock import BLOCKED_AT, LockState

__all__ = ["FileKeystore", "Keystore", "system_clock"]

_SECRET_BYTES = 32
_LAST_YEAR = 9990
_SCHEMA = """
CREATE TABLE IF NOT EXISTS slots (
  wallet TEXT PRIMARY KEY, secret BLOB NOT NULL, confirmation BLOB NOT NULL,
  failures INTEGER NOT NULL, since TEXT NOT NULL
) STRICT
"""


def system_clock() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class Keystore(Protocol):
    """What holds the device's secrets and counts the tries."""

    def create(self, wallet: str, confirmation: bytes) -> None:
        """Make a secret for a wallet. ``confirmation`` is the SHA-256 digest of the token ``confirm`` will be shown."""
        ...

    def state(self, wallet: str) -> LockState:
        """The tries so far. Raises KeystoreMissing."""
        ...

    def check(self, wallet: str) -> None:
        """Whether a PIN may be tried now; nothing is counted. Raises PinLocked, PinBlocked, KeystoreMissing."""
        ...

    def attempt(self, wallet: str, data: bytes) -> bytes:
        """Count a try, *then* return HMAC-SHA-256 of ``data`` under the wallet's secret.

        The count is on the disk before anything is computed: ending the process does not save a try. Raises PinLocked,
        PinBlocked, KeystoreMissing.
        """
        ...

    def confirm(self, wallet: str, token: bytes) -> None:
        """Forget the tries, if ``token`` is the one that only the right PIN opens. Raises KeystoreMissing."""
        ...

    def drop(self, wallet: str) -> None:
        """Erase the wallet's secret for good: the wallet's file can't be opened any more."""
        ...


class FileKeystore:
    """A keystore in an SQLite file, readable by its owner only."""

    def __init__(
        self,
        path: str | Path,
        *,
        clock: Callable[[], datetime] = system_clock,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._path = Path(path)
        self._clock = clock
        self._random = random

    @property
    def path(self) -> Path:
        """Where it is: never in one folder with a wallet (``holder.places``)."""
        return self._path

    def create(self, wallet: str, confirmation: bytes) -> None:
        """As ``Keystore.create``; the file is made when it is not there."""
        row = (wallet, self._random(_SECRET_BYTES), confirmation, 0, LockState().since.isoformat())
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(connect(self._path)) as connection, transaction(connection):
            connection.execute(_SCHEMA)
            connection.execute("INSERT INTO slots VALUES (?, ?, ?, ?, ?)", row)

    def state(self, wallet: str) -> LockState:
        """As ``Keystore.state``."""
        with self._open(wallet) as (_, _, _, state):
            return state

    def check(self, wallet: str) -> None:
        """As ``Keystore.check``."""
        self._look(wallet, count=False)

    def attempt(self, wallet: str, data: bytes) -> bytes:
        """As ``Keystore.attempt``."""
        return hmac.digest(self._look(wallet, count=True), data, "sha256")

    def confirm(self, wallet: str, token: bytes) -> None:
        """As ``Keystore.confirm``; a wrong token changes nothing."""
        with self._open(wallet) as (connection, _, confirmation, _):
            if hmac.compare_digest(hashlib.sha256(token).digest(), confirmation):
                _store(connection, wallet, LockState())

    def drop(self, wallet: str) -> None:
        """As ``Keystore.drop``."""
        if self._path.exists():
            with closing(connect(self._path)) as connection, transaction(connection):
                connection.execute(_SCHEMA)
                connection.execute("DELETE FROM slots WHERE wallet = ?", (wallet,))

    def _look(self, wallet: str, *, count: bool) -> bytes:
        with self._open(wallet) as (connection, secret, _, before):
            now = self._clock()
            state = before.seen_at(now)
            until = state.locked_until(now)
            allowed = until is None and not state.blocked
            _store(connection, wallet, state.counted(now) if allowed and count else state)
        if state.blocked:
            raise PinBlocked
        if until is not None:
            raise PinLocked(until)
        return secret

    @contextmanager
    def _open(self, wallet: str) -> Iterator[tuple[sqlite3.Connection, bytes, bytes, LockState]]:
        missing = KeystoreMissing(
            "this device's keystore has no secret for the wallet: it belongs to another device, or was erased",
            "本机密钥库中没有该卡包的密钥：卡包属于另一设备，或已被清除",
        )
        if not self._path.exists():
            raise missing
        with closing(connect(self._path)) as connection, transaction(connection):
            if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'slots'").fetchone() is None:
                raise missing
            row = connection.execute(
                "SELECT secret, confirmation, failures, since FROM slots WHERE wallet = ?", (wallet,)
            ).fetchone()
            if row is None:
                raise missing
            yield connection, *_slot(self._path.name, row)


def _slot(file: str, row: tuple[object, ...]) -> tuple[bytes, bytes, LockState]:
    """What a slot holds. Raises WalletDamaged: a count that can't be read is never taken for none."""
    secret, confirmation, failures, since = row
    if (
        not isinstance(secret, bytes)
        or len(secret) != _SECRET_BYTES
        or not isinstance(confirmation, bytes)
        or not isinstance(failures, int)
        or not 0 <= failures <= BLOCKED_AT
        or not isinstance(since, str)
    ):
        raise damaged(file, "slot")
    try:
        moment = datetime.fromisoformat(since)
        if moment.tzinfo is None or moment.year > _LAST_YEAR:
            raise ValueError
    except ValueError:
        raise damaged(file, "slot") from None
    return secret, confirmation, LockState(failures, moment)


def _store(connection: sqlite3.Connection, wallet: str, state: LockState) -> None:
    connection.execute(
        "UPDATE slots SET failures = ?, since = ? WHERE wallet = ?", (state.failures, state.since.isoformat(), wallet)
    )
