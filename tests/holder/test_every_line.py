"""What each line of PIN, lock and keystore is for: one guess more, or one wait less, would be a way in."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from holder import Wallet
from holder.errors import KeystoreMissing, PinBlocked, PinForm, PinLocked, PinWeak, WalletDamaged
from holder.keystore import FileKeystore
from holder.lock import BLOCKED_AT, FIRST_WAIT, LOCKED_AT, LockState
from holder.pin import check_form, check_new
from holder.sealing import Unsealable, seal, subkey, unseal

from .conftest import COST, PIN, Clock

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


class TestLock:
    def test_it_locks_at_five_and_blocks_at_ten(self) -> None:
        assert (LOCKED_AT, BLOCKED_AT, timedelta(minutes=15)) == (5, 10, FIRST_WAIT)
        for failures in range(12):
            state = LockState(failures, NOW)
            assert state.blocked is (failures >= 10)
            locked = failures >= 5
            assert (state.locked_until(NOW) is not None) is locked
            assert state.wait == (FIRST_WAIT * 2 ** (failures - 5) if locked else timedelta(0))
            assert state.tries_left == (0 if failures >= 10 else max(5 - failures, 1))

    def test_a_wait_is_over_at_its_end_and_not_before(self) -> None:
        state = LockState(5, NOW)
        end = NOW + FIRST_WAIT
        assert state.locked_until(end - INSTANT) == end
        assert state.locked_until(end) is None
        assert LockState(4, NOW).locked_until(NOW) is None
        assert LockState(4, NOW + INSTANT).locked_until(NOW) is None

    def test_a_clock_that_goes_back_begins_the_wait_anew(self) -> None:
        state = LockState(5, NOW)
        assert state.seen_at(NOW - INSTANT) == LockState(5, NOW - INSTANT)
        assert state.seen_at(NOW) is state
        assert state.seen_at(NOW + INSTANT) is state
        assert state.counted(NOW + INSTANT) == LockState(6, NOW + INSTANT)


class TestKeystore:
    TOKEN = b"what only the right PIN opens"

    @pytest.fixture
    def made(self, keystore: FileKeystore) -> FileKeystore:
        keystore.create("w", hashlib.sha256(self.TOKEN).digest())
        return keystore

    def test_each_try_counts_a_look_does_not_and_the_answer_is_that_of_its_secret(self, made: FileKeystore) -> None:
        for number in range(3):
            made.check("w")
            assert made.state("w").failures == number
            answer = made.attempt("w", b"data")
            with closing(sqlite3.connect(made.path)) as connection:
                (secret,) = connection.execute("SELECT secret FROM slots").fetchone()
            assert len(secret) == 32
            assert answer == hmac.digest(secret, b"data", "sha256")
            assert made.state("w").failures == number + 1

    def test_a_locked_one_answers_nobody_and_counts_no_more(self, made: FileKeystore, clock: Clock) -> None:
        for _ in range(5):
            made.attempt("w", b"data")
        for ask in (lambda: made.attempt("w", b"data"), lambda: made.check("w")):
            with pytest.raises(PinLocked):
                ask()
            assert made.state("w").failures == 5
        clock.advance(minutes=15)
        made.check("w")
        made.attempt("w", b"data")
        assert made.state("w").failures == 6
        with pytest.raises(PinLocked):
            made.attempt("w", b"data")

    def test_a_blocked_one_stays_so(self, made: FileKeystore, clock: Clock) -> None:
        for number in range(10):
            clock.advance(days=1)
            made.attempt("w", b"data")
            assert made.state("w").failures == number + 1
        for _ in range(3):
            clock.advance(days=3650)
            for ask in (lambda: made.attempt("w", b"data"), lambda: made.check("w")):
                with pytest.raises(PinBlocked):
                    ask()
                assert made.state("w").failures == 10

    def test_only_the_right_token_forgets_and_only_of_its_wallet(self, made: FileKeystore) -> None:
        made.create("other", hashlib.sha256(b"another token").digest())
        for wallet in ("w", "other"):
            made.attempt(wallet, b"data")
        for wrong in (b"", b"another token", self.TOKEN + b"x", hashlib.sha256(self.TOKEN).digest()):
            made.confirm("w", wrong)
            assert made.state("w").failures == 1
        made.confirm("w", self.TOKEN)
        assert (made.state("w").failures, made.state("other").failures) == (0, 1)

    def test_what_is_dropped_is_gone_and_the_rest_is_not(self, made: FileKeystore) -> None:
        made.create("other", bytes(32))
        made.drop("w")
        assert made.state("other").failures == 0
        for ask in (made.state, made.check, lambda wallet: made.attempt(wallet, b"data")):
            with pytest.raises(KeystoreMissing):
                ask("w")

    def test_its_folders_are_made(self, tmp_path: Path, clock: Clock) -> None:
        deep = FileKeystore(tmp_path / "a" / "b" / "c.keystore", clock=clock)
        deep.create("w", bytes(32))
        assert deep.state("w").failures == 0

    def test_none_is_none(self, tmp_path: Path, clock: Clock) -> None:
        nowhere = FileKeystore(tmp_path / "none" / "x.keystore", clock=clock)
        nowhere.drop("w")
        with pytest.raises(KeystoreMissing):
            nowhere.state("w")
        assert not nowhere.path.exists()
        empty = tmp_path / "empty.keystore"
        with closing(sqlite3.connect(empty)) as connection:
            connection.execute("CREATE TABLE notes (text TEXT)")
            connection.commit()
        empty.chmod(0o600)
        with pytest.raises(KeystoreMissing):
            FileKeystore(empty, clock=clock).state("w")

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("secret", bytes(31)),
            ("secret", bytes(33)),
            ("failures", -1),
            ("failures", 11),
            ("failures", 10**12),
            ("since", "yesterday"),
            ("since", "2026-11-23T08:00:00"),
            ("since", "9991-01-01T00:00:00+00:00"),
        ],
    )
    def test_a_count_that_can_not_be_read_is_not_taken_for_none(
        self, made: FileKeystore, column: str, value: Any
    ) -> None:
        with closing(sqlite3.connect(made.path)) as connection:
            connection.execute(f"UPDATE slots SET {column} = ?", (value,))
            connection.commit()
        for ask in (made.state, made.check, lambda wallet: made.attempt(wallet, b"data")):
            with pytest.raises(WalletDamaged):
                ask("w")

    @pytest.mark.parametrize("failures", [0, 5, 10])
    def test_a_count_that_can_be_is_taken(self, made: FileKeystore, failures: int) -> None:
        with closing(sqlite3.connect(made.path)) as connection:
            connection.execute("UPDATE slots SET failures = ?, since = '9990-01-01T00:00:00+00:00'", (failures,))
            connection.commit()
        assert made.state("w").failures == failures


class TestPins:
    @pytest.mark.parametrize(
        "pin", ["", "12345", "1234567", "12345a", "１２３４５６", " 12345", "123456\n", "12 456", "-12345"]
    )
    def test_anything_else_is_none(self, pin: str) -> None:
        for check in (check_form, check_new):
            with pytest.raises(PinForm):
                check(pin)

    @pytest.mark.parametrize("pin", ["000000", "777777", "012345", "456789", "890123", "987654", "210987", "543210"])
    def test_the_first_guesses_are_refused(self, pin: str) -> None:
        check_form(pin)
        with pytest.raises(PinWeak):
            check_new(pin)

    @pytest.mark.parametrize("pin", ["000001", "100000", "012346", "975318", "135790"])
    def test_and_others_are_not(self, pin: str) -> None:
        check_new(pin)

    NUMBER = "510199199003074258"

    @pytest.mark.parametrize("pin", ["510199", "101991", "074258", "199003", "900307", "070390", "030790", "900703"])
    def test_no_six_digits_of_a_number_nor_its_date_in_any_order(self, pin: str) -> None:
        with pytest.raises(PinWeak):
            check_new(pin, [self.NUMBER])
        check_new(pin)

    @pytest.mark.parametrize("pin", ["190703", "037199", "199073", "425810"])
    def test_others_may_be_had(self, pin: str) -> None:
        check_new(pin, [self.NUMBER])


class TestVault:
    def test_the_folders_of_a_wallet_are_made(self, tmp_path: Path, keystore: FileKeystore, clock: Clock) -> None:
        place = tmp_path / "a" / "b" / "wallet.db"
        with Wallet.create(place, PIN, keystore, cost=COST, clock=clock) as made:
            assert made.did.startswith("did:key:")
        assert [found.name for found in place.parent.iterdir()] == ["wallet.db"]
        with Wallet.open(place, PIN, keystore, clock=clock) as again:
            assert again.did == made.did

    def test_a_changed_pin_leaves_no_try_counted(self, wallet: Wallet, keystore: FileKeystore) -> None:
        wallet.change_pin(PIN, "975318")
        with closing(sqlite3.connect(keystore.path)) as connection:
            assert connection.execute("SELECT failures FROM slots").fetchall() == [(0,)]

    def test_a_file_that_lost_its_row_is_damaged(self, wallet: Wallet, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM wallet")
            connection.commit()
        with pytest.raises(WalletDamaged):
            wallet.change_pin(PIN, "975318")


class TestSealing:
    RANDOM = staticmethod(lambda count: b"n" * count)

    def test_only_the_same_key_and_place_open_what_was_sealed(self) -> None:
        key, other = bytes(32), b"\x01" * 32
        sealed = seal(key, b"data", "wallet/1", self.RANDOM)
        assert unseal(key, sealed, "wallet/1") == b"data"
        for args in (
            (other, sealed, "wallet/1"),
            (key, sealed, "wallet/2"),
            (key, sealed[:-1], "wallet/1"),
            (key, sealed + b"x", "wallet/1"),
            (key, sealed[:12], "wallet/1"),
            (key, b"", "wallet/1"),
            (key, bytes([sealed[0] ^ 1]) + sealed[1:], "wallet/1"),
        ):
            with pytest.raises(Unsealable):
                unseal(*args)

    def test_a_key_is_for_one_purpose_and_one_salt(self) -> None:
        keys = {subkey(bytes(32), purpose, salt=salt) for purpose in ("pin", "records") for salt in (b"", b"1", b"2")}
        assert len(keys) == 6
        assert {len(key) for key in keys} == {32}
