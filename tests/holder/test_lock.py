"""Wrong PINs lock the wallet, longer each time, whatever is done to the process, the clock or the wallet's file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from holder import FileKeystore, PinBlocked, PinError, PinForm, PinLocked, PinWrong, Wallet
from holder.lock import LockState

from .conftest import PIN, Clock

Open = Callable[..., Wallet]
WRONG = "402918"


def fail(open_wallet: Open, times: int, clock: Clock | None = None) -> PinError:
    """So many wrong tries, waiting out each lock when a clock is given; the last error."""
    error: PinError = PinForm("", "")
    for _ in range(times):
        with pytest.raises((PinWrong, PinBlocked)) as caught:
            open_wallet(WRONG)
        error = caught.value
        if clock is not None and isinstance(error, PinWrong) and error.locked_until is not None:
            clock.now = error.locked_until
    return error


def test_a_wrong_pin_says_how_many_tries_are_left(open_wallet: Open) -> None:
    left = []
    for _ in range(4):
        error = fail(open_wallet, 1)
        assert isinstance(error, PinWrong)
        assert error.locked_until is None
        left.append(error.tries_left)
    assert left == [4, 3, 2, 1]


def test_the_fifth_wrong_try_locks_for_fifteen_minutes(open_wallet: Open, clock: Clock) -> None:
    error = fail(open_wallet, 5)
    assert isinstance(error, PinWrong)
    assert error.locked_until == clock.now + timedelta(minutes=15)
    with pytest.raises(PinLocked) as caught:
        open_wallet(PIN)
    assert caught.value.locked_until == error.locked_until
    clock.advance(minutes=14, seconds=59)
    with pytest.raises(PinLocked):
        open_wallet(PIN)
    clock.advance(seconds=1)
    open_wallet(PIN).close()


def test_each_further_wrong_try_doubles_the_wait_and_the_tenth_ends_it(open_wallet: Open, clock: Clock) -> None:
    fail(open_wallet, 4)
    waits = []
    for _ in range(5):
        before = clock.now
        error = fail(open_wallet, 1, clock)
        assert isinstance(error, PinWrong)
        waits.append((clock.now - before) / timedelta(minutes=1))
    assert waits == [15, 30, 60, 120, 240]
    assert isinstance(fail(open_wallet, 1), PinBlocked)
    clock.advance(days=10_000)
    with pytest.raises(PinBlocked):
        open_wallet(PIN)


def test_a_right_pin_forgets_the_wrong_ones(open_wallet: Open, clock: Clock) -> None:
    fail(open_wallet, 6, clock)
    open_wallet(PIN).close()
    error = fail(open_wallet, 1)
    assert isinstance(error, PinWrong)
    assert error.tries_left == 4


def test_a_lock_survives_a_restart(path: Path, open_wallet: Open, wallet: Wallet, tmp_path: Path, clock: Clock) -> None:
    fail(open_wallet, 5)
    wallet.close()
    again = FileKeystore(tmp_path / "device" / "device.keystore", clock=clock)
    with pytest.raises(PinLocked):
        Wallet.open(path, PIN, again, clock=clock)


def test_turning_the_clock_back_begins_the_wait_anew(open_wallet: Open, clock: Clock) -> None:
    fail(open_wallet, 5)
    clock.advance(minutes=14)
    clock.advance(days=-365)
    with pytest.raises(PinLocked) as caught:
        open_wallet(PIN)
    assert caught.value.locked_until == clock.now + timedelta(minutes=15)
    clock.advance(minutes=14)
    with pytest.raises(PinLocked):
        open_wallet(PIN)
    clock.advance(minutes=1)
    open_wallet(PIN).close()


def test_turning_the_clock_forward_gives_no_more_than_ten_tries(open_wallet: Open, clock: Clock) -> None:
    for _ in range(10):
        with pytest.raises((PinWrong, PinBlocked)):
            open_wallet(WRONG)
        clock.advance(days=365)
    with pytest.raises(PinBlocked):
        open_wallet(PIN)
    clock.advance(days=-10 * 365)
    with pytest.raises(PinBlocked):
        open_wallet(PIN)


def test_an_older_copy_of_the_wallet_does_not_bring_tries_back(open_wallet: Open, path: Path, wallet: Wallet) -> None:
    shutil.copy(path, path.with_suffix(".backup"))
    fail(open_wallet, 5)
    wallet.close()
    shutil.copy(path.with_suffix(".backup"), path)
    with pytest.raises(PinLocked):
        open_wallet(PIN)


def test_a_try_is_counted_before_it_is_looked_at(
    keystore: FileKeystore, open_wallet: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def killed(*_: object) -> bytes:
        raise Killed

    for _ in range(5):
        monkeypatch.setattr("holder.vault.unseal", killed)
        with pytest.raises(Killed):
            open_wallet(WRONG)
    monkeypatch.undo()
    with pytest.raises(PinLocked):
        open_wallet(PIN)


def test_a_pin_of_another_form_is_not_counted(open_wallet: Open) -> None:
    for _ in range(20):
        with pytest.raises(PinForm):
            open_wallet("12345")
    open_wallet(PIN).close()


def test_wrong_pins_while_presenting_and_changing_count_too(wallet: Wallet, open_wallet: Open) -> None:
    with pytest.raises(PinWrong):
        wallet.prove_possession("c" * 16, "issuer.example", pin=WRONG)
    with pytest.raises(PinWrong):
        wallet.change_pin(WRONG, "275839")
    error = fail(open_wallet, 1)
    assert isinstance(error, PinWrong)
    assert error.tries_left == 2


def test_the_keystore_forgets_tries_only_for_who_opened_the_wallet(keystore: FileKeystore) -> None:
    keystore.create("w", bytes(32))
    keystore.attempt("w", b"")
    keystore.confirm("w", b"a token that is not the one")
    assert keystore.state("w").failures == 1


@pytest.mark.parametrize(
    ("failures", "wait", "left"), [(0, 0, 5), (4, 0, 1), (5, 15, 1), (7, 60, 1), (9, 240, 1), (10, 480, 0)]
)
def test_the_table_of_waits(failures: int, wait: int, left: int) -> None:
    state = LockState(failures)
    assert state.wait == timedelta(minutes=wait)
    assert state.tries_left == left
