"""SECURITY.md's appendix names every regular expression, decoder, recursion and loop over input, and nothing else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from walker import DECODER, LOOP, PATTERN, RECURSION, ROOT, Found, found

_HEADINGS = {
    "Regular expressions": PATTERN,
    "Decoders": DECODER,
    "Recursions": RECURSION,
    "Loops": LOOP,
}
_PLACE = re.compile(r"`((?:[a-z_]+/)+[a-z0-9_]+\.py:[A-Za-z0-9_.]+)`")


def listed() -> list[Found]:
    appendix = (ROOT / "SECURITY.md").read_text("utf-8").split("## Appendix: every bound", 1)[1]
    parts = re.split(r"^### (.+)$", appendix, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    assert sections.keys() == _HEADINGS.keys()
    return [Found(_HEADINGS[title], place) for title, text in sections.items() for place in _PLACE.findall(text)]


@pytest.mark.parametrize("kind", _HEADINGS.values())
def test_what_the_code_has_is_listed_with_its_bound(kind: str) -> None:
    missing = {one for one in found() if one.kind == kind} - set(listed())
    assert not missing, "give each a bound, and name it in the appendix of SECURITY.md"


@pytest.mark.parametrize("kind", _HEADINGS.values())
def test_what_is_listed_is_in_the_code(kind: str) -> None:
    assert not {one for one in listed() if one.kind == kind} - found()


def test_no_place_is_listed_twice() -> None:
    places = listed()
    assert len(places) == len(set(places))


def test_every_entry_says_its_bound_before_its_places() -> None:
    appendix = (ROOT / "SECURITY.md").read_text("utf-8").split("### Regular expressions", 1)[1]
    entries = re.findall(r"^- (.+)$", appendix, flags=re.MULTILINE)
    assert len(entries) > 30
    assert all(not entry.startswith("`") or ":" in entry.split("`")[2] for entry in entries)


def test_the_walk_finds_what_it_is_for(tmp_path: Path) -> None:
    import ast

    from walker import _Visitor

    code = """
import re, zlib
A = re.compile("a")
def f(x):
    while x:
        x = zlib.decompress(x)
    return g(x)
def g(x):
    return f(x)
class C:
    def h(self, x):
        return self.h(x) or f"{re.sub('a', 'b', x)}"
    def k(self, x):
        return h(x)
"""
    visitor = _Visitor("m.py")
    visitor.visit(ast.parse(code))
    places = {(one.kind, one.place) for one in visitor.found}
    assert places == {(PATTERN, "m.py:A"), (LOOP, "m.py:f"), (DECODER, "m.py:f"), (PATTERN, "m.py:C.h")}
    assert visitor.recursive() == {"f", "g", "C.h"}
