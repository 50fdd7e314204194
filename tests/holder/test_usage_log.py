"""The usage log tells the holder what left, shows gaps, and is the holder's to export and erase."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from holder import Wallet
from holder.usage_log import Entry, check_chain

from .conftest import Clock

Open = Callable[..., Wallet]


@pytest.fixture
def filled(wallet: Wallet, clock: Clock) -> Wallet:
    for number in range(4):
        clock.advance(minutes=1)
        wallet.log.append("presented", scenario="hotel-check-in", challenge=f"challenge {number}")
    return wallet


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_entries_come_back_in_order_with_time_and_details(filled: Wallet) -> None:
    entries = filled.log.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[0].event == "created"
    assert entries[-1].when == "2026-11-23T08:04:00Z"
    assert entries[-1].details == {"scenario": "hotel-check-in", "challenge": "challenge 3"}
    assert filled.log.check() == []


def test_the_log_survives_reopening(filled: Wallet, open_wallet: Open) -> None:
    with open_wallet() as again:
        assert again.log.entries() == filled.log.entries()
        again.log.append("presented")
    assert len(filled.log.entries()) == 6
    assert filled.log.check() == []


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("DELETE FROM log WHERE number = 3", [3]),
        ("DELETE FROM log WHERE number = 1", [1]),
        ("DELETE FROM log WHERE number = 5", [5]),
        ("DELETE FROM log WHERE number > 3", [4, 5]),
        ("DELETE FROM log", [1, 2, 3, 4, 5]),
        ("UPDATE log SET sealed = zeroblob(100) WHERE number = 2", [2]),
        ("UPDATE log SET sealed = (SELECT sealed FROM log WHERE number = 2) WHERE number = 4", [4]),
        ("UPDATE log SET number = 9 WHERE number = 5", [5, 9]),
    ],
)
def test_entries_taken_out_or_changed_show(filled: Wallet, path: Path, statement: str, broken: list[int]) -> None:
    change(path, statement)
    assert filled.log.check() == broken


def test_taking_out_the_log_altogether_shows(filled: Wallet, path: Path) -> None:
    change(path, "DELETE FROM log")
    change(path, "DELETE FROM log_head")
    assert filled.log.check() == [1]


def test_an_exported_log_can_be_checked_without_the_wallet(filled: Wallet) -> None:
    exported = json.loads(json.dumps(filled.log.export()))
    entries = [Entry.from_dict(entry) for entry in exported["entries"]]
    assert check_chain(entries) == []
    assert check_chain([*entries[:2], *entries[3:]]) == [3]
    exported["entries"][2]["details"]["scenario"] = "internet-cafe"
    assert check_chain([Entry.from_dict(entry) for entry in exported["entries"]]) == [3]


def test_an_exported_entry_with_a_forged_digest_breaks_the_next(filled: Wallet) -> None:
    entries = filled.log.entries()
    from holder.usage_log import _content, _digest

    content = _content(3, entries[2].when, "declined", {}, entries[2].previous)
    forged = Entry(3, entries[2].when, "declined", entries[2].previous, _digest(content))
    assert check_chain([*entries[:2], forged, *entries[3:]]) == [4]


def test_erasing_leaves_one_entry_that_says_so(filled: Wallet, path: Path) -> None:
    last = filled.log.entries()[-1]
    assert filled.log.erase() == 5
    (only,) = filled.log.entries()
    assert (only.event, only.number, only.previous, dict(only.details)) == (
        "log-erased",
        6,
        last.digest,
        {"entries": 5},
    )
    assert filled.log.check() == []
    filled.log.append("presented")
    assert filled.log.check() == []


def test_a_failed_transaction_leaves_no_entry(filled: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    before = filled.log.entries()
    monkeypatch.setattr(filled._vault, "seal", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        filled.log.append("presented")
    monkeypatch.undo()
    assert filled.log.entries() == before
    assert filled.log.check() == []
