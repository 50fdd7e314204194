"""Who gets the files, and what they get."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import vc
from did.key_files import Argon2id
from holder import (
    FileKeystore,
    KeystoreMissing,
    PinForm,
    PinWeak,
    PinWrong,
    SignatureNotGranted,
    Wallet,
    WalletChanged,
    WalletDamaged,
    WalletExists,
    WalletMissing,
)
from holder.errors import HolderError, WalletUnusable

from .conftest import COST, PIN, Clock

Open = Callable[..., Wallet]
NEW_PIN = "275839"


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_a_stolen_wallet_file_does_not_open_even_with_the_right_pin(
    path: Path, tmp_path: Path, wallet: Wallet, clock: Clock
) -> None:
    stolen = shutil.copy(path, path.with_name("stolen.db"))
    thief = FileKeystore(tmp_path / "thief" / "thief.keystore", clock=clock)
    with pytest.raises(KeystoreMissing):
        Wallet.open(stolen, PIN, thief, clock=clock)
    # Not for want of a slot: with a secret of the thief's own, the right PIN is as good as any other.
    with closing(sqlite3.connect(path)) as connection:
        (name,) = connection.execute("SELECT wallet FROM wallet").fetchone()
    thief.create(name, bytes(32))
    with pytest.raises(PinWrong):
        Wallet.open(stolen, PIN, thief, clock=clock)


def test_nothing_readable_is_in_the_file(path: Path, wallet: Wallet, tmp_path: Path) -> None:
    wallet.prove_possession("c" * 16, "police.example", pin=PIN)
    content = path.read_bytes()
    for text in (wallet.did, wallet.did[8:20], "police.example", "possession", PIN, "zDna"):
        assert text.encode() not in content
    assert PIN.encode() not in (tmp_path / "device" / "device.keystore").read_bytes()


def test_both_files_are_for_their_owner_only(path: Path, wallet: Wallet, tmp_path: Path) -> None:
    for file in (path, tmp_path / "device" / "device.keystore"):
        assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.rglob("*.*")) == ["device.keystore", "wallet.db"]


def test_a_wallet_is_never_written_over(path: Path, wallet: Wallet, keystore: FileKeystore, open_wallet: Open) -> None:
    with pytest.raises(WalletExists):
        Wallet.create(path, NEW_PIN, keystore, cost=COST)
    open_wallet().close()


def test_a_wallet_that_could_not_be_made_leaves_nothing(tmp_path: Path, keystore: FileKeystore) -> None:
    def no_randomness(_: int) -> bytes:
        raise OSError("no randomness")

    calls = iter([bytes(16), bytes(32), bytes(8)])
    with pytest.raises(OSError, match="randomness"):
        Wallet.create(
            tmp_path / "wallet" / "w.db",
            PIN,
            keystore,
            cost=COST,
            random=lambda n: next(calls, b"") or no_randomness(n),
        )
    assert [file.name for file in tmp_path.rglob("*.*")] == ["device.keystore"]
    with pytest.raises(KeystoreMissing):
        keystore.state(bytes(16).hex())


def test_one_keystore_holds_the_secrets_of_several_wallets(
    tmp_path: Path, keystore: FileKeystore, clock: Clock
) -> None:
    for name, pin in (("a", PIN), ("b", NEW_PIN)):
        Wallet.create(tmp_path / "wallet" / name, pin, keystore, cost=COST, clock=clock).close()
    with pytest.raises(PinWrong):
        Wallet.open(tmp_path / "wallet" / "a", NEW_PIN, keystore, clock=clock)
    Wallet.open(tmp_path / "wallet" / "b", NEW_PIN, keystore, clock=clock).close()
    assert keystore.state(_name(tmp_path / "wallet" / "a")).failures == 1
    assert keystore.state(_name(tmp_path / "wallet" / "b")).failures == 0


def _name(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT wallet FROM wallet").fetchone()[0])


@pytest.mark.parametrize("pin", ["000000", "123456", "900307"])
def test_a_weak_pin_makes_no_wallet(path: Path, keystore: FileKeystore, pin: str) -> None:
    with pytest.raises(PinWeak):
        Wallet.create(path, pin, keystore, personal=["510199199003074259"], cost=COST)
    assert not path.exists()


def test_a_changed_pin_opens_the_wallet_and_the_old_one_does_not(wallet: Wallet, open_wallet: Open) -> None:
    device = wallet.did
    wallet.change_pin(PIN, NEW_PIN)
    with pytest.raises(PinWrong):
        open_wallet(PIN)
    with open_wallet(NEW_PIN) as again:
        assert again.did == device
        again.prove_possession("c" * 16, "issuer.example", pin=NEW_PIN)
    wallet.prove_possession("c" * 16, "issuer.example", pin=NEW_PIN)


@pytest.mark.parametrize(("new", "error"), [("111111", PinWeak), ("12345", PinForm), ("", PinForm)])
def test_a_bad_new_pin_changes_nothing(wallet: Wallet, open_wallet: Open, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        wallet.change_pin(PIN, new)
    open_wallet(PIN).close()


def test_two_pin_changes_at_once_are_not_mixed(wallet: Wallet, open_wallet: Open) -> None:
    with open_wallet() as other:
        before = other._vault._row()
        wallet.change_pin(PIN, NEW_PIN)
        other._vault._row = iter([before, wallet._vault._row()]).__next__  # type: ignore[method-assign]
        with pytest.raises(WalletChanged):
            other._vault.change_pin(PIN, "604815")
    open_wallet(NEW_PIN).close()


def test_the_device_key_signs_only_with_the_pin_and_once(wallet: Wallet) -> None:
    with pytest.raises(SignatureNotGranted):
        wallet.device_key.sign(b"data")
    with pytest.raises(SignatureNotGranted):
        vc.present([], wallet.device_key, challenge="c" * 16, domain="d")
    granted = wallet.device_key.grant(wallet._vault.sealing_key(PIN))
    assert wallet.device_key.public_key.verify(granted.sign(b"data"), b"data")
    with pytest.raises(SignatureNotGranted):
        granted.sign(b"more")
    assert granted.verification_method == wallet.device_key.verification_method


def test_no_object_of_the_wallet_shows_the_key(wallet: Wallet) -> None:
    granted = wallet.device_key.grant(wallet._vault.sealing_key(PIN))
    for thing in (wallet.device_key, granted):
        assert repr(thing).endswith(f"{wallet.device_key.verification_method}>")
        assert not hasattr(thing, "__dict__")


def test_possession_is_proved_to_one_issuer_once(wallet: Wallet, clock: Clock) -> None:
    proof = wallet.prove_possession("c" * 16, "police.example", pin=PIN)
    verdict = vc.verify(proof, challenge="c" * 16, domain="police.example", now=clock.now)
    assert verdict.verified
    assert proof["holder"] == wallet.did
    assert "verifiableCredential" not in proof
    clock.advance(seconds=301)
    assert not vc.verify(proof, challenge="c" * 16, domain="police.example", now=clock.now).verified


@pytest.mark.parametrize(("challenge", "domain"), [("short", "d"), ("c" * 16, ""), ("c" * 257, "d"), ("", "d")])
def test_possession_is_not_proved_over_nothing(wallet: Wallet, challenge: str, domain: str) -> None:
    with pytest.raises(vc.ProblemError) as caught:
        wallet.prove_possession(challenge, domain, pin=PIN)
    assert caught.value.code == "request.form"


def test_erasing_makes_even_a_copy_of_the_wallet_worthless(
    path: Path, wallet: Wallet, keystore: FileKeystore, clock: Clock
) -> None:
    copy = shutil.copy(path, path.with_suffix(".copy"))
    wallet.close()
    Wallet.erase(path, keystore)
    assert not path.exists()
    with pytest.raises(KeystoreMissing):
        Wallet.open(copy, PIN, keystore, clock=clock)
    with pytest.raises(WalletMissing):
        Wallet.erase(path, keystore)


DAMAGE = {
    "empty": lambda data: b"",
    "text": lambda data: b"this is no database, this is a text",
    "cut off": lambda data: data[:3000],
    "a database of something else": None,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_what_is_no_wallet_is_refused(path: Path, wallet: Wallet, open_wallet: Open, how: str) -> None:
    wallet.close()
    damage = DAMAGE[how]
    if damage is None:
        path.unlink()
        change(path, "CREATE TABLE other (a)")
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WalletDamaged):
        open_wallet()


def test_there_may_be_no_wallet_or_a_folder(tmp_path: Path, keystore: FileKeystore) -> None:
    (tmp_path / "wallet" / "folder").mkdir(parents=True)
    for place in (tmp_path / "wallet" / "none", tmp_path / "wallet" / "folder"):
        with pytest.raises(WalletMissing):
            Wallet.open(place, PIN, keystore)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE wallet SET format = 3", WalletUnusable),
        ("DELETE FROM wallet", WalletDamaged),
        ("UPDATE wallet SET kdf = '{\"argon2id\": [8, 1, 1]}'", WalletDamaged),
        ("UPDATE wallet SET kdf = '{\"argon2id\": [999999999, 99, 99]}'", WalletDamaged),
        ("UPDATE wallet SET kdf = 'nonsense'", WalletDamaged),
        ("UPDATE wallet SET kdf = '{\"argon2id\": [19456, 3, 1]}'", PinWrong),
        ("UPDATE wallet SET sealed = zeroblob(60)", PinWrong),
        ("UPDATE wallet SET sealed = x'00'", PinWrong),
        ("UPDATE wallet SET wallet = 'other'", KeystoreMissing),
        ("UPDATE device_key SET sealed = zeroblob(200)", WalletDamaged),
        ("UPDATE device_key SET sealed = (SELECT sealed FROM log_head)", WalletDamaged),
        ("DELETE FROM device_key", WalletDamaged),
    ],
)
def test_a_changed_wallet_is_refused(
    path: Path, wallet: Wallet, open_wallet: Open, statement: str, error: type[HolderError]
) -> None:
    wallet.close()
    change(path, statement)
    with pytest.raises(error):
        open_wallet()


def test_a_device_key_of_another_wallet_is_refused(
    path: Path, tmp_path: Path, wallet: Wallet, open_wallet: Open, keystore: FileKeystore, clock: Clock
) -> None:
    other = path.with_name("other.db")
    Wallet.create(other, PIN, keystore, cost=COST, clock=clock).close()
    wallet.close()
    with closing(sqlite3.connect(other)) as connection:
        (sealed,) = connection.execute("SELECT sealed FROM device_key").fetchone()
    change(path, "UPDATE device_key SET sealed = ?", sealed)
    with pytest.raises(WalletDamaged):
        open_wallet()


def test_a_keystore_that_is_no_keystore_is_said_so(path: Path, wallet: Wallet, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "other").mkdir()
    broken = tmp_path / "other" / "broken"
    broken.write_text("no database")
    with pytest.raises(WalletDamaged):
        Wallet.open(path, PIN, FileKeystore(broken, clock=clock))
    empty = tmp_path / "other" / "empty"
    empty.touch()
    with pytest.raises(KeystoreMissing):
        Wallet.open(path, PIN, FileKeystore(empty, clock=clock))


def test_a_wallet_is_not_made_with_weak_key_derivation(path: Path, keystore: FileKeystore) -> None:
    with pytest.raises(ValueError, match="weak"):
        Wallet.create(path, PIN, keystore, cost=Argon2id(memory=1024, passes=1, lanes=1))
