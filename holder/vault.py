"""The wallet's file: who can open it, and how.

An SQLite file whose every record is sealed with AES-256-GCM under keys that follow from one random master key. The
master key is kept sealed under a key made of two things: the PIN, stretched with Argon2id, and the device's secret,
which is in another place (``holder.keystore``) and which the stretched PIN is mixed with by HMAC. From this follows

* *The wallet's file alone* (a backup, a copied disk, a shared folder) opens with no PIN at all: there are 256 unknown
  bits in the keystore. It shows how many cards and log entries there are and how large, nothing else.
* *The device's files without the wallet's* hold no card and no key.
* *Who has the unlocked device* has ten guesses at the PIN among nearly a million (``holder.lock``), counted in the
  keystore before each is looked at, so that neither ending the process nor putting back an older wallet file nor
  turning back the clock gives one more.
* *Who has both files* can try all PINs offline at the price of one Argon2id each (64 MiB and 3 passes): a day or so on
  one machine. A phone's hardware keystore, which computes the HMAC but never gives the secret out, closes this;
  ``FileKeystore`` can't. The same holds for malware that runs as the holder.
* *A changed file*: each sealed record is bound to its wallet, table and row, so that records can't be edited, swapped
  or taken from another wallet. An older copy of the whole file is not noticed, except by what the usage log says.

The PIN is needed to open the wallet and again for each signature: an opened wallet can list and show its cards, but the
key that opens the device key is derived anew from the PIN each time and forgotten at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import did
from did.key_files import Argon2id

from .database import connect, damaged, transaction
from .errors import PinBlocked, PinWrong, WalletChanged, WalletDamaged, WalletExists, WalletMissing, WalletUnusable
from .form_migration import to_forms
from .keystore import Keystore
from .pin import check_form
from .places import check_apart
from .sealing import KEY_BYTES, Random, Unsealable, seal, subkey, unseal

__all__ = ["Vault"]

_FORMAT: Final = 2
_SALT_BYTES: Final = 16
_SCHEMA: Final = """
CREATE TABLE wallet (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, wallet TEXT NOT NULL,
  kdf TEXT NOT NULL, salt BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE TABLE device_key (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT;
CREATE TABLE cards (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL,
  attachments BLOB NOT NULL) STRICT;
CREATE TABLE log (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE log_head (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT;
"""


class Vault:
    """An opened wallet file: seals and unseals records, and checks the PIN. Made by ``create`` and ``open``."""

    def __init__(self, connection: sqlite3.Connection, keystore: Keystore, random: Random, wallet: str) -> None:
        self.connection = connection
        self.wallet = wallet
        self._keystore = keystore
        self._random = random
        self._record_key = b""

    @classmethod
    def create(
        cls,
        path: Path,
        pin: str,
        keystore: Keystore,
        *,
        cost: Argon2id,
        random: Random,
        furnish: Callable[[Vault, bytes], None],
    ) -> Vault:
        """Make a new file with a new master key. It appears whole or not at all.

        ``furnish`` is called with the vault and the master key to put in what a new wallet has.

        Raises WalletExists, WalletPlace, PinForm; OSError as the system does.
        """
        check_form(pin)
        cost.check()
        check_apart(path, keystore)
        if path.exists():
            raise _exists(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        wallet, master = random(16).hex(), random(KEY_BYTES)
        keystore.create(wallet, hashlib.sha256(subkey(master, "confirm")).digest())
        temporary = path.with_name(f".{path.name}-{random(8).hex()}")
        try:
            with closing(connect(temporary)) as connection:
                made = cls(connection, keystore, random, wallet)
                made._record_key = subkey(master, "records")
                row = made._wrap(master, pin, cost)
                with transaction(connection):
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)
                    connection.execute("INSERT INTO wallet VALUES (1, ?, ?, ?, ?, ?)", (_FORMAT, wallet, *row))
                    furnish(made, master)
                keystore.confirm(wallet, subkey(master, "confirm"))
            os.link(temporary, path)
        except BaseException as error:
            keystore.drop(wallet)
            if isinstance(error, FileExistsError):
                raise _exists(path) from None
            raise
        finally:
            temporary.unlink(missing_ok=True)
        opened = cls(connect(path), keystore, random, wallet)
        opened._record_key = subkey(master, "records")
        return opened

    @classmethod
    def open(cls, path: Path, pin: str, keystore: Keystore, *, random: Random) -> Vault:
        """Open a file with its PIN, which is counted as a try.

        Raises WalletMissing, WalletDamaged, WalletPlace, KeystoreMissing, PinForm, PinWrong, PinLocked, PinBlocked.
        """
        check_form(pin)
        check_apart(path, keystore)
        if not path.is_file():
            raise WalletMissing(f"there is no wallet at {path}", f"{path} 处没有卡包")
        connection = connect(path)
        try:
            wallet, written = _identify(connection)
            opened = cls(connection, keystore, random, wallet)
            opened._record_key = subkey(opened._unlock(pin), "records")
            if written != _FORMAT:
                opened._migrate()
        except BaseException:
            connection.close()
            raise
        return opened

    @staticmethod
    def erase(path: Path, keystore: Keystore) -> None:
        """Destroy the device's secret for the wallet, then the file. Needs no PIN: it opens nothing."""
        if not path.is_file():
            raise WalletMissing(f"there is no wallet at {path}", f"{path} 处没有卡包")
        with closing(connect(path)) as connection:
            wallet, _ = _identify(connection)
        keystore.drop(wallet)
        path.unlink()

    def close(self) -> None:
        """Forget the keys and close the file."""
        self._record_key = b""
        self.connection.close()

    def sealing_key(self, pin: str) -> bytes:
        """The key of the device key. The PIN is counted as a try; errors as of ``open``."""
        return subkey(self._unlock(pin), "device key")

    def change_pin(self, old: str, new: str) -> None:
        """Seal the master key under a new PIN. The rules for new PINs are the caller's. Errors as of ``open``."""
        check_form(new)
        before = self._row()
        master = self._unlock(old, before)
        row = self._wrap(master, new, _cost(before[0]))
        self._keystore.confirm(self.wallet, subkey(master, "confirm"))
        with transaction(self.connection) as connection:
            if self._row() != before:
                raise WalletChanged
            connection.execute("UPDATE wallet SET kdf = ?, salt = ?, sealed = ?", row)

    def seal(self, data: bytes, place: str) -> bytes:
        """A record sealed for its place (table and row) in this wallet."""
        return seal(self._record_key, data, f"{self.wallet}/{place}", self._random)

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """What was sealed. Raises WalletDamaged."""
        return unseal(self._record_key, sealed, f"{self.wallet}/{place}")

    def _migrate(self) -> None:
        """Bring the file to this format, all of it or nothing."""
        with transaction(self.connection) as connection:
            _, written = _identify(connection)  # Another process may have been first.
            for reached in range(written + 1, _FORMAT + 1):
                _MIGRATIONS[reached](self)
            connection.execute("UPDATE wallet SET format = ?", (_FORMAT,))

    def _row(self) -> tuple[str, bytes, bytes]:
        row: tuple[str, bytes, bytes] | None = self.connection.execute(
            "SELECT kdf, salt, sealed FROM wallet"
        ).fetchone()
        if row is None or not (isinstance(row[0], str) and isinstance(row[1], bytes) and isinstance(row[2], bytes)):
            raise damaged("the wallet's file", "wallet")
        if len(row[1]) != _SALT_BYTES:
            raise damaged("the wallet's file", "salt")
        return row

    def _unlock(self, pin: str, row: tuple[str, bytes, bytes] | None = None) -> bytes:
        check_form(pin)
        self._keystore.check(self.wallet)
        kdf, salt, sealed = row or self._row()
        key = self._mix(pin, _cost(kdf), salt)
        try:
            master = unseal(key, sealed, f"{self.wallet}/wallet/{kdf}")
        except Unsealable:
            state = self._keystore.state(self.wallet)
            if state.blocked:
                raise PinBlocked from None
            until = state.since + state.wait if state.wait else None
            raise PinWrong(state.tries_left, until) from None
        self._keystore.confirm(self.wallet, subkey(master, "confirm"))
        return master

    def _wrap(self, master: bytes, pin: str, cost: Argon2id) -> tuple[str, bytes, bytes]:
        kdf = json.dumps({"argon2id": [cost.memory, cost.passes, cost.lanes]})
        salt = self._random(_SALT_BYTES)
        key = self._mix(pin, cost, salt)
        return kdf, salt, seal(key, master, f"{self.wallet}/wallet/{kdf}", self._random)

    def _mix(self, pin: str, cost: Argon2id, salt: bytes) -> bytes:
        """The key made of PIN and device secret. The keystore counts a try."""
        from argon2.low_level import Type, hash_secret_raw

        stretched = hash_secret_raw(pin.encode(), salt, cost.passes, cost.memory, cost.lanes, KEY_BYTES, Type.ID)
        return subkey(self._keystore.attempt(self.wallet, b"liangzheng/holder/pin\0" + stretched), "pin", salt=salt)


_MIGRATIONS: Final[dict[int, Callable[[Vault], None]]] = {2: to_forms}
"""Format -> what brings a file of the format before to it."""


def _identify(connection: sqlite3.Connection) -> tuple[str, int]:
    """The wallet's name, and the format of its file."""
    rows = connection.execute("SELECT format, wallet FROM wallet").fetchall()
    if len(rows) != 1 or not isinstance(rows[0][0], int) or rows[0][0] < 1 or not isinstance(rows[0][1], str):
        raise damaged("the wallet's file", "no form known here")
    written, wallet = rows[0]
    if written > _FORMAT:
        raise WalletUnusable(
            f"the wallet's file has format {written}, newer than this program's {_FORMAT}: use a newer program",
            f"卡包文件的格式 {written} 比本程序（{_FORMAT}）新，请使用新版程序",
        )
    return wallet, written


def _cost(kdf: str) -> Argon2id:
    try:
        memory, passes, lanes = json.loads(kdf)["argon2id"]
        cost = Argon2id(memory, passes, lanes)
        cost.check()
    except (ValueError, TypeError, KeyError, did.DidError):
        raise WalletDamaged("the wallet's key derivation is not acceptable", "卡包的密钥派生参数不可接受") from None
    return cost


def _exists(path: Path) -> WalletExists:
    return WalletExists(f"{path} exists already; a wallet is never written over", f"{path} 已存在，不会覆盖")
