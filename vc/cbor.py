"""CBOR from outside (RFC 8949): looked through before anything is built of it, decoded once, in its one encoding.

cbor2 builds whatever a tag asks for: numbers of any length (tags 2 and 3), decimal fractions and big floats of these (4
and 5), whose cost grows with the square of their length, references, dates, expressions. None of that has a place in
what is read here, so ``scan`` walks over the heads of the items first and refuses it, with whatever is deep, manifold,
cut off or without a length. What cbor2 then decodes is small, and written again it has to give the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import cbor2

__all__ = ["CborLimits", "CborRefused", "loads", "scan"]


class CborRefused(Exception):
    """Why bytes are not decoded. ``limit``: they are over a limit, and may be CBOR all the same."""

    def __init__(self, detail: str, *, limit: bool = False) -> None:
        super().__init__(detail)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class CborLimits:
    """What CBOR may have at most: bytes, items in all (each key, value, element, tag and container is one), nesting.

    ``tags`` are the tags that may stand in it; by default there are none. ``bignums``: bytes of the numbers beyond 64
    bits (tags 2 and 3); by default there are none. ``byte_strings``: whether there may be such; JSON has none.
    """

    size: int = 4 * 1024 * 1024
    items: int = 20_000
    depth: int = 64
    tags: frozenset[int] = frozenset()
    bignums: int = 0
    byte_strings: bool = True


_DEFAULT: Final = CborLimits()
_TRUE_FALSE_NULL: Final = (0xF4, 0xF5, 0xF6)
_FLOATS: Final = {0xF9: 3, 0xFA: 5, 0xFB: 9}
_BYTES_OF_ONE: Final = 0x58


def _lengths() -> list[int]:
    """By the first byte of an item: how long it is in all, where that byte alone tells; else 0."""
    table = [0] * 256
    for major in (0, 1):
        for short in range(24):
            table[major << 5 | short] = 1
        for short, size in ((24, 2), (25, 3), (26, 5), (27, 9)):
            table[major << 5 | short] = size
    for major in (2, 3):
        for short in range(24):
            table[major << 5 | short] = 1 + short
    for byte in _TRUE_FALSE_NULL:
        table[byte] = 1
    for byte, size in _FLOATS.items():
        table[byte] = size
    return table


def _head(length: int) -> bytes:
    return bytes((0x40 | length,) if length < 24 else (_BYTES_OF_ONE, length))


_LENGTHS: Final = _lengths()
_USUAL_LENGTHS: Final = (1, 2, 3, 4, 16, 32, 35, 36, 48, 64, 80, 96, 112)
# What proofs and signatures are made of: integers, byte strings of usual lengths, arrays and maps with few entries.
# Data of these alone, no more bytes than there may be items, is looked through in one go. (Nesting is for cbor2.)
_USUAL: Final = re.compile(
    rb"(?:[\x00-\x17\x20-\x37\x40\x80-\x97\xa0-\xb7]|[\x18\x38].|[\x19\x39].{2}|"
    + b"|".join(rb"%b.{%d}" % (re.escape(_head(length)), length) for length in _USUAL_LENGTHS)
    + rb")*+",
    re.DOTALL,
)

_BIGNUMS: Final = (2, 3)


def _limits_depth() -> bool:
    """Whether this cbor2 counts nesting itself: those before version 6 don't."""
    try:
        return bool(cbor2.loads(b"\x01", max_depth=1))
    except TypeError:
        return False


_LIMITS_DEPTH: Final = _limits_depth()
_SIZES: Final = {24: 1, 25: 2, 26: 4, 27: 8}


def loads(data: bytes, limits: CborLimits = _DEFAULT, *, canonical: bool = False) -> Any:
    """The one item that ``data`` is, in its one encoding: shortest heads, definite lengths, each key of a map once.

    ``canonical``: the keys of maps are in their order, too (RFC 8949 section 4.2.1, as cbor2 sorts them). Raises
    CborRefused, and nothing else for any bytes.
    """
    size = len(data)
    quick = _LIMITS_DEPTH and size <= limits.items and size <= limits.size and limits.byte_strings
    if not quick or _USUAL.fullmatch(data) is None:
        scan(data, limits)
    try:
        value = cbor2.loads(data, max_depth=limits.depth) if _LIMITS_DEPTH else cbor2.loads(data)
        same = (cbor2.dumps(value, canonical=True) if canonical else cbor2.dumps(value)) == data
    except Exception:  # cbor2 lets errors of many kinds through: text that is not UTF-8, keys that can't be any.
        scan(data, limits)
        raise CborRefused("not CBOR") from None
    if not same:
        raise CborRefused("not in its one encoding (a key twice, a head longer than it must be)")
    return value


def scan(data: bytes, limits: CborLimits = _DEFAULT) -> int:
    """Look through ``data`` without building anything; returns how many items it has. Raises CborRefused.

    Costs one step for each item, however long that is, and stops at the first that is one too many.
    """
    end = len(data)
    if end > limits.size:
        raise CborRefused(f"{end:,} bytes of CBOR; at most {limits.size:,} are read", limit=True)
    lengths, most, depth = _LENGTHS, limits.items, limits.depth
    open_: list[int] = []  # How many items are still to come, in each container around the one that is read.
    left, position, items = 1, 0, 0
    byte_strings = limits.byte_strings
    while True:
        while not left:
            if not open_:
                if position != end:
                    raise CborRefused("bytes after the end of the CBOR item")
                return items
            left = open_.pop()
        left -= 1
        items += 1
        if items > most:
            raise CborRefused(f"more than {most:,} items of CBOR", limit=True)
        if position >= end:
            raise CborRefused("cut off")
        byte = data[position]
        length = lengths[byte]
        if length and (byte >> 5 != 2 or byte_strings):
            position += length
        elif byte == _BYTES_OF_ONE and byte_strings and position + 1 < end:
            position += 2 + data[position + 1]
        else:
            position, more = _container(data, position, byte, limits)
            if more > 0:
                open_.append(left)
                left = more
                if len(open_) > depth:
                    raise CborRefused(f"CBOR nested deeper than {depth}", limit=True)
        if position > end:
            raise CborRefused("cut off")


def _container(data: bytes, position: int, byte: int, limits: CborLimits) -> tuple[int, int]:
    """Behind the head of an item (a long string: behind it), and how many items are in it."""
    major, short = byte >> 5, byte & 31
    size = _SIZES.get(short, 0)
    if major in (0, 1, 7) or short > 27:
        raise CborRefused("an item of CBOR that has no place here (a simple value, a head without a length)")
    if major == 2 and not limits.byte_strings:
        raise CborRefused("a byte string, which has no place here")
    start = position + 1 + size
    argument = int.from_bytes(data[position + 1 : start], "big") if size else short
    if major in (2, 3):
        return start + argument, 0
    if major == 6:
        if argument not in limits.tags and not (argument in _BIGNUMS and _is_short(data, start, limits.bignums)):
            raise CborRefused(f"the tag {argument} has no place here")
        return start, 1
    if argument > len(data) - position:  # Each element has a byte at least.
        raise CborRefused("cut off")
    return start, argument * (major - 3)


def _is_short(data: bytes, position: int, most: int) -> bool:
    """Whether a byte string of ``most`` bytes or fewer follows."""
    head = data[position : position + 2]
    if len(head) < 2:
        return False
    return 0x40 <= head[0] <= 0x40 + min(most, 23) or (head[0] == _BYTES_OF_ONE and head[1] <= most)
