"""Wallet and keystore are never in one folder: with both, every PIN can be tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from holder import FileKeystore, Wallet
from holder.errors import WalletPlace
from holder.web import create_app

from .conftest import COST, PIN


@pytest.mark.parametrize(
    ("wallet", "keystore"),
    [("a/w.db", "a/k"), ("w.db", "deep/k"), ("deep/w.db", "k"), ("a/w.db", "a/b/../k"), ("link/w.db", "a/k")],
)
def test_one_folder_for_both_is_refused_with_both_places(tmp_path: Path, wallet: str, keystore: str) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    path, other = tmp_path / wallet, FileKeystore(tmp_path / keystore)
    with pytest.raises(WalletPlace) as refused:
        Wallet.create(path, PIN, other, cost=COST)
    for text in (refused.value.message, refused.value.message_zh):
        assert str(path) in text and str(tmp_path / keystore) in text and "--keystore" in text
    assert not path.exists() and not (tmp_path / keystore).exists()


def test_a_wallet_that_was_moved_beside_its_keystore_is_not_opened(
    path: Path, wallet: Wallet, keystore: FileKeystore
) -> None:
    moved = path.rename(keystore.path.with_name("wallet.db"))
    with pytest.raises(WalletPlace):
        Wallet.open(moved, PIN, keystore)
    assert keystore.state(wallet._vault.wallet).failures == 0


def test_the_web_wallet_does_not_start_with_both_in_one_folder(tmp_path: Path) -> None:
    for keystore in (tmp_path / "home" / "k", tmp_path / "home" / "wallets" / "k", tmp_path / "k"):
        with pytest.raises(WalletPlace):
            create_app(tmp_path / "home", origin="http://127.0.0.1", keystore=FileKeystore(keystore))


def test_a_keystore_that_was_inside_the_web_wallet_s_home_is_moved_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "device.keystore").write_bytes(b"as it was")
    create_app(home, origin="http://127.0.0.1")
    assert not (home / "device.keystore").exists()
    assert (tmp_path / "home-keystore" / "device.keystore").read_bytes() == b"as it was"
    assert (tmp_path / "home-keystore").stat().st_mode & 0o777 == 0o700
