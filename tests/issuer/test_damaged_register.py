"""A damaged register is said to be one: which file, what is wrong, what to do; never a failure of the program."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import did
from issuer.authority import Authority
from issuer.database import Database
from issuer.desk import Desk
from issuer.errors import IssuerError, RegisterError
from issuer.officers import Officers, OfficerView, Role
from issuer.portal import Portal
from vc.problems import ProblemError

from ..mutations import damage, damages, other_files
from .conftest import FAMILY, ZHANG_WEI, Outbox, OwnClock, World, to_csv

KEY = did.SoftwareKey.from_seed("P-256", b"the authority of the issuer's tests")
BOSS = OfficerView(1, "boss", "李强", Role.SUPERVISOR, "")
SETTINGS: dict[str, Any] = {"name": "n", "region": "510000", "base_url": "https://sichuan.example"}


def _open(path: Path) -> Authority:
    return Authority(path, KEY, channel=Outbox(), clock=OwnClock(), **SETTINGS)


def _whole() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path, device = Path(folder) / "register.db", did.generate("P-256")
        clock, outbox = OwnClock(), Outbox()
        with Authority(path, KEY, channel=outbox, clock=clock, **SETTINGS) as authority:
            authority.import_file(to_csv(FAMILY))
            world = World(authority, clock, outbox, str(path))
            [card] = world.issue(device, kind="household-member")
            world.authority.suspend(card.reference)
            authority.publish()
        return path.read_bytes()


WHOLE = _whole()


def _use(path: Path) -> None:
    """Everything that reads: each part may refuse by itself."""
    with _open(path) as authority:
        desk, portal = Desk(authority), Portal(authority)
        parts: list[Callable[[], object]] = [
            authority.counts,
            lambda: authority.credentials(number=ZHANG_WEI),
            lambda: authority.apply("张伟", ZHANG_WEI, kind="household-member"),
            lambda: authority.import_file(to_csv(FAMILY)),
            authority.audit_head,
            authority.verify_audit,
            authority.publish,
            lambda: authority.holds(ZHANG_WEI),
            lambda: authority.update(authority.credentials()[0].reference),
            lambda: desk.search(BOSS, "张"),
            lambda: desk.applications(BOSS),
            lambda: desk.figures(BOSS),
            lambda: Officers(authority).sign_in("ghost", "x"),
            *[lambda n=n: desk.person(BOSS, n) for n in (1, 2, 3)],  # type: ignore[misc]
            *[lambda n=n: portal.cards(n) for n in (1, 2, 3)],  # type: ignore[misc]
        ]
        for part in parts:
            with suppress(IssuerError, ProblemError, IndexError):
                part()


@settings(max_examples=25, deadline=None)
@given(damages())
def test_every_damage_ends_as_an_error_of_the_register(what: tuple[str, int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.db"
        path.write_bytes(damage(WHOLE, *what))
        with suppress(IssuerError):
            _use(path)


@pytest.mark.parametrize("kind", ["text", "zeros", "another database", "header only"])
def test_another_file_in_its_place_is_told_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "register.db"
    content = other_files(tmp_path)[kind]
    path.write_bytes(content)
    with pytest.raises(RegisterError) as refused:
        Database(path)
    assert refused.value.code == "register.damaged"
    assert "register.db" in refused.value.zh and "备份" in refused.value.zh and "register.db" in refused.value.en
    if kind == "another database":
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("notes",)]
    else:
        assert path.read_bytes() == content


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(RegisterError) as refused:
        Database(tmp_path)
    assert refused.value.code == "register.unusable" and str(tmp_path) in refused.value.en


def test_a_file_of_others_is_told(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(WHOLE)
    path.chmod(0)
    if os.geteuid() == 0:  # Root reads every file: then it is a link to nowhere that can't be opened.
        path.unlink()
        path.symlink_to(tmp_path / "gone" / "register.db")
    with pytest.raises(RegisterError) as refused:
        Database(path)
    assert refused.value.code == "register.unusable"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_register_and_what_sqlite_keeps_beside_it_are_their_owner_s_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with _open(tmp_path / "register.db") as authority:
            authority.import_file(to_csv(FAMILY))
            modes = {item.name: stat.S_IMODE(item.stat().st_mode) for item in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"register.db": 0o600, "register.db-wal": 0o600, "register.db-shm": 0o600}


def test_a_register_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(WHOLE)
    beside = tmp_path / "register.db-wal"
    beside.touch()
    for file in (path, beside):
        file.chmod(0o666)
    with _open(path) as authority:
        authority.counts()
        assert all(stat.S_IMODE(item.stat().st_mode) == 0o600 for item in tmp_path.iterdir())
