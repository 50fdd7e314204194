"""A damaged wallet or keystore is said to be one: which file, what is wrong, what to do."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from holder import FileKeystore, HolderError, Wallet
from holder.errors import KeystoreMissing, PinError, WalletDamaged, WalletError, WalletUnusable

from ..mutations import damage, damages, other_files
from .conftest import COST, PIN, Clock, issued, member_page

WALLET, KEYSTORE = "wallet/wallet.db", "device/device.keystore"


def _whole() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name in (WALLET, KEYSTORE)}
        keystore = FileKeystore(paths[KEYSTORE], clock=Clock())
        with Wallet.create(paths[WALLET], PIN, keystore, cost=COST, clock=Clock()) as wallet:
            wallet.add(issued(member_page(), wallet.did))
        return {name: path.read_bytes() for name, path in paths.items()}


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return _whole()


def _place(folder: Path, files: dict[str, bytes]) -> tuple[Path, FileKeystore]:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / WALLET, FileKeystore(folder / KEYSTORE, clock=Clock())


def _use(path: Path, keystore: FileKeystore) -> None:
    """Everything that reads: each part may refuse by itself."""
    with Wallet.open(path, PIN, keystore, clock=Clock()) as wallet:
        parts: list[Any] = [
            wallet.list,
            wallet.log.entries,
            wallet.log.check,
            lambda: [wallet.attachments(card.id) for card in wallet.list()],
            lambda: wallet.prove_possession("c" * 20, "https://a.example", pin=PIN),
            lambda: wallet.change_pin(PIN, "730164"),
        ]
        for part in parts:
            with suppress(HolderError):
                part()


@pytest.mark.parametrize("name", [WALLET, KEYSTORE])
def test_every_damage_ends_as_an_error_of_the_wallet(whole: dict[str, bytes], name: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(damages())
    def check(what: tuple[str, int, int]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path, keystore = _place(Path(folder), {**whole, name: damage(whole[name], *what)})
            with suppress(HolderError):
                _use(path, keystore)
            with suppress(HolderError):
                Wallet.erase(path, keystore)

    check()


@pytest.mark.parametrize("kind", ["text", "zeros", "another database", "header only", "empty"])
@pytest.mark.parametrize("name", [WALLET, KEYSTORE])
def test_another_file_in_its_place_is_told(whole: dict[str, bytes], tmp_path: Path, name: str, kind: str) -> None:
    path, keystore = _place(tmp_path, {**whole, name: other_files(tmp_path)[kind]})
    with pytest.raises((WalletDamaged, KeystoreMissing)) as refused:
        _use(path, keystore)
    assert refused.value.message and refused.value.message_zh
    if isinstance(refused.value, WalletDamaged):
        assert "put back a copy" in refused.value.message and "备份" in refused.value.message_zh


@pytest.mark.parametrize("name", [WALLET, KEYSTORE])
def test_a_folder_in_its_place_is_told(whole: dict[str, bytes], tmp_path: Path, name: str) -> None:
    path, keystore = _place(tmp_path, whole)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(WalletError):
        _use(path, keystore)


def test_a_file_that_is_locked_or_read_only_is_no_damaged_one(whole: dict[str, bytes], tmp_path: Path) -> None:
    path, keystore = _place(tmp_path, whole)
    with (
        Wallet.open(path, PIN, keystore, clock=Clock()) as wallet,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        wallet._vault.connection.execute("PRAGMA query_only = ON")
        other.execute("ROLLBACK")
        with pytest.raises(WalletUnusable) as refused:
            wallet.log.append("test")
    assert refused.value.code == "wallet.unusable"


@pytest.mark.parametrize("failures", [-1, 11, 10**12, "none"])
def test_a_count_of_tries_that_can_t_be_is_never_taken_for_none(
    whole: dict[str, bytes], tmp_path: Path, failures: Any
) -> None:
    path, keystore = _place(tmp_path, whole)
    with closing(sqlite3.connect(tmp_path / KEYSTORE)) as connection, connection:
        try:
            connection.execute("UPDATE slots SET failures = ?", (failures,))
        except sqlite3.IntegrityError:
            return
    with pytest.raises((WalletDamaged, PinError)):
        _use(path, keystore)


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_wallet_and_keystore_are_their_owner_s_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        path, keystore = tmp_path / WALLET, FileKeystore(tmp_path / KEYSTORE, clock=Clock())
        with Wallet.create(path, PIN, keystore, cost=COST, clock=Clock()):
            modes = {stat.S_IMODE(item.stat().st_mode) for item in tmp_path.rglob("*.*")}
    finally:
        os.umask(before)
    assert modes == {0o600}
    path.chmod(0o644)
    with Wallet.open(path, PIN, keystore, clock=Clock()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
