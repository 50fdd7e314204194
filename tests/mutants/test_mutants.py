"""The campaign can be believed: its rooms are there, its changes are changes, and what was judged can still be made."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants.changes import KINDS, Change, changes_of
from tests.mutants.judged import judged
from tests.mutants.rooms import ROOMS, ROOT, Room


def changes(source: str) -> list[Change]:
    return list(changes_of(ast.parse(source)))


def changed(source: str, change: Change) -> str:
    """The source with one change, found again in a fresh tree."""
    tree = ast.parse(source)
    same = next(one for one in changes_of(tree) if one[:5] == change[:5])
    same.apply()
    return ast.unparse(tree)


@pytest.mark.parametrize("room", ROOMS.values(), ids=list(ROOMS))
def test_every_file_and_every_test_of_a_room_is_there(room: Room) -> None:
    for pattern in room.files:
        assert list(ROOT.glob(pattern)), f"no file is {pattern}"
    for place in room.tests:
        path = ROOT / place
        found = [path] if path.is_file() else list(path.rglob("test_*.py")) if path.is_dir() else []
        assert found, f"no tests are at {place}"


@pytest.mark.parametrize(
    "package", ["vc/verification", "vc/checks", "vc/integrity", "vc/envelope", "vc/status", "vc/mdoc", "did/methods"]
)
def test_no_file_of_a_secure_room_is_left_out(package: str) -> None:
    held = {path for room in ROOMS.values() for path in room.paths()}
    missing = {path for path in (ROOT / package).rglob("*.py") if path not in held}
    assert not missing


SOURCE = '''
LIMIT = 16

class Door:
    def open(self, who, when):
        """Who may come in."""
        if who is None or when < self.begin:
            raise ValueError("nobody")
        record.failed("door", who, stop=True)
        yield from self.check(who)
        return [one for one in who if one.good and not one.late]
'''


def test_a_check_can_be_taken_out_turned_and_loosened() -> None:
    made = {(change.kind, change.before, change.after) for change in changes(SOURCE)}
    assert made >= {
        ("number", "16", "17"),
        ("condition", "who is None or when < self.begin", "False"),
        ("condition", "who is None or when < self.begin", "True"),
        ("operand", "who is None or when < self.begin", "who is None"),
        ("operand", "who is None or when < self.begin", "when < self.begin"),
        ("comparison", "who is None or when < self.begin", "who is None or when <= self.begin"),
        ("removed", "raise ValueError('nobody')", "pass"),
        ("removed", "record.failed('door', who, stop=True)", "pass"),
        ("truth", "record.failed('door', who, stop=True)", "record.failed('door', who, stop=False)"),
        ("argument", "record.failed('door', who, stop=True)", "record.failed('door', who)"),
        ("removed", "yield from self.check(who)", "yield from ()"),
        ("operand", "[one for one in who if one.good and (not one.late)]", "[one for one in who if not one.late]"),
    }
    assert {change.function for change in changes(SOURCE)} == {"LIMIT", "Door.open"}
    assert {change.kind for change in changes(SOURCE)} <= set(KINDS)


def test_every_change_makes_another_program_that_still_compiles() -> None:
    plain = ast.unparse(ast.parse(SOURCE))
    for change in changes(SOURCE):
        text = changed(SOURCE, change)
        assert text != plain, change
        compile(text, "changed", "exec")


def test_what_was_judged_can_still_be_changed_so() -> None:
    for row in judged():
        path = ROOT / row.file
        assert path.is_file(), f"docs/mutants.md names {row.file}, which is gone"
        possible = {(c.function, c.before, c.after) for c in changes(path.read_text(encoding="utf-8"))}
        if possible:
            assert (row.function, row.before, row.after) in possible, f"docs/mutants.md names what is gone: {row}"
            assert len(row.reason) > 15, row


def test_what_was_judged_is_of_a_room_and_stands_there_once() -> None:
    rows = judged()
    held = {str(path.relative_to(ROOT)) for room in ROOMS.values() for path in room.paths()}
    assert {row.file for row in rows} <= held
    assert len({row[:4] for row in rows}) == len(rows)
    assert Path(ROOT / "docs" / "mutants.md").is_file()
