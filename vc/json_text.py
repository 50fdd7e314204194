"""JSON text as orjson writes it, cut at its quotation marks: what is a string and what is not, without parsing it."""

from __future__ import annotations

from typing import Final

__all__ = ["BACKSLASH", "QUOTE", "cut", "restored", "structure_of"]

BACKSLASH: Final = b"\0"
QUOTE: Final = b"\1"
"""These stand for an escaped backslash and an escaped quotation mark. JSON has no such bytes: they would be escaped."""

_MARK: Final = ord('"')
_NUMBERED: Final = ord("u")
_FEW: Final = 64
"""Up to so many backslashes are looked at one by one, which is quicker; pieces of many would take memory."""


def cut(text: bytes) -> list[bytes] | None:
    """The text cut at its quotation marks: the tokens at odd places are its strings, names among them, as escaped.

    Escaped quotation marks and backslashes have ``QUOTE`` and ``BACKSLASH`` stand for them. None for a text with a
    character that is escaped by its number (orjson does that with control characters only).
    """
    pieces = text.split(b"\\", _FEW)
    if len(pieces) > _FEW:
        # Pairs first, from the left: what is left then escapes something else.
        text = text.replace(b"\\\\", BACKSLASH).replace(b'\\"', QUOTE)
        if b"\\u" in text:
            return None
    elif len(pieces) > 1:
        joined = [pieces[0]]
        following = iter(pieces)
        next(following)
        for piece in following:
            if not piece:  # Two in a row: a backslash that is escaped.
                joined += (BACKSLASH, next(following))
            elif piece[0] == _MARK:
                joined += (QUOTE, piece[1:])
            elif piece[0] == _NUMBERED:
                return None
            else:
                joined += (b"\\", piece)
        text = b"".join(joined)
    return text.split(b'"')


def restored(text: bytes) -> bytes:
    """A part of such a text with its escaped backslashes and quotation marks."""
    return text.replace(QUOTE, b'\\"').replace(BACKSLASH, b"\\\\")


def structure_of(tokens: list[bytes]) -> bytes:
    """All that is not in a string: brackets, colons, commas, numbers and literal names, with ``"`` for each string."""
    return b'"'.join(tokens[::2])
