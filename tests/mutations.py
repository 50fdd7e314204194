"""Damage that happens to files: flipped bytes, cut ends, blocks of zeros, another file in the place."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hypothesis import strategies as st

__all__ = ["damage", "damages", "other_files"]

_PAGE = 512


def damages() -> st.SearchStrategy[tuple[str, int, int]]:
    """A kind of damage, where (0 to 9999 of the file's length) and how much."""
    kinds = st.sampled_from(["flip", "byte", "cut", "zeros", "swap", "grow"])
    return st.tuples(kinds, st.integers(0, 9999), st.integers(1, 255))


def damage(content: bytes, kind: str, place: int, amount: int) -> bytes:
    """The damaged content."""
    at = len(content) * place // 10_000
    changed = bytearray(content)
    match kind:
        case "flip":
            for step in range(1 + amount % 8):
                changed[(at + step * 97) % len(changed)] ^= 1 << (amount % 8)
        case "byte":
            changed[at] = amount
        case "cut":
            del changed[at:]
        case "zeros":
            changed[at : at + _PAGE * (1 + amount % 8)] = bytes(len(changed[at : at + _PAGE * (1 + amount % 8)]))
        case "swap":
            block = changed[at : at + _PAGE]
            other = (at + _PAGE * amount) % len(changed)
            changed[at : at + _PAGE], changed[other : other + _PAGE] = changed[other : other + _PAGE], block
        case _:
            changed += bytes([amount]) * _PAGE
    return bytes(changed)


def other_files(folder: Path) -> dict[str, bytes]:
    """What may stand in a database's place and is none, or another's."""
    path = folder / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text TEXT)")
    connection.commit()
    connection.close()
    return {
        "empty": b"",
        "text": b"not a database\n" * 200,
        "zeros": bytes(8192),
        "another database": path.read_bytes(),
        "header only": b"SQLite format 3\x00",
    }
