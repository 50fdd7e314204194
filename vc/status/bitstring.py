"""The bitstring of a status list (Bitstring Status List 1.0 sections 2.2, 3.3 and 3.4).

Index 0 is the most significant bit of the first byte. Packed with GZIP and written in multibase base64url.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from did import DidError, multibase

from ..model.status_entry import MAX_STATUS_SIZE
from ..problems import Problem, ProblemError

__all__ = ["MAX_BYTES", "MINIMUM_ENTRIES", "StatusList"]

MINIMUM_ENTRIES = 131_072
"""The fewest entries of a list, for herd privacy (section 6.1)."""
MAX_BYTES = 8 * 1024 * 1024
"""The most bytes a bitstring may have here after inflating: some 67 million entries of one bit."""

_GZIP = 16 + zlib.MAX_WBITS
_SET_BYTE = re.compile(rb"[^\0]")
# What can't be packed is stored, with a few bytes for each 16 KiB: text beyond this can't be a list that is allowed.
_MAX_TEXT = MAX_BYTES * 4 // 3 + 16 * 1024


class StatusList:
    """The status values of ``entries`` credentials, each of ``size`` bits, all 0 at first.

    Raises ProblemError: ``status.malformed`` for a size that can't be, ``status.length`` for a list that is too short,
    ``status.limit`` for one that is too long.
    """

    __slots__ = ("_bits", "entries", "size")

    def __init__(self, entries: int = MINIMUM_ENTRIES, size: int = 1) -> None:
        _check_size(size)
        if entries < MINIMUM_ENTRIES:
            raise _error("status.length", f"a status list holds at least {MINIMUM_ENTRIES} entries")
        if entries > MAX_BYTES * 8 // size:
            raise _error("status.limit", f"a status list holds at most {MAX_BYTES * 8 // size} entries of {size} bits")
        self.entries = entries
        self.size = size
        self._bits = bytearray((entries * size + 7) // 8)

    def __len__(self) -> int:
        return self.entries

    def __getitem__(self, index: int) -> int:
        """The value at ``index``. Raises ProblemError (``status.range``) outside the list."""
        return self._window(index)[0]

    def __setitem__(self, index: int, value: int) -> None:
        """Set the value at ``index``. Raises ProblemError (``status.range``) for an index or value out of range."""
        if not 0 <= value < 1 << self.size:
            raise _error("status.range", f"a value of this list is 0 to {(1 << self.size) - 1}")
        old, window, start, end, shift = self._window(index)
        window ^= (old ^ value) << shift
        self._bits[start:end] = window.to_bytes(end - start, "big")

    def items(self) -> Iterator[tuple[int, int]]:
        """(index, value) of every entry that isn't 0, in order."""
        step = 8 // self.size if 8 % self.size == 0 else 0
        if not step:
            yield from ((index, value) for index in range(self.entries) if (value := self[index]))
            return
        for found in _SET_BYTE.finditer(bytes(self._bits)):
            first = found.start() * step
            for index in range(first, min(first + step, self.entries)):
                if value := self[index]:
                    yield index, value

    def encode(self) -> str:
        """The ``encodedList``: multibase base64url of the GZIP of the bitstring. The same list gives the same text."""
        # Level 9 takes ten times as long for a list with some statuses set, and saves 6 %.
        packer = zlib.compressobj(level=6, wbits=_GZIP)
        return multibase.encode(packer.compress(bytes(self._bits)) + packer.flush(), "u")

    @classmethod
    def decode(cls, encoded: object, *, size: int = 1, minimum_entries: int = MINIMUM_ENTRIES) -> StatusList:
        """Read an untrusted ``encodedList`` whose entries have ``size`` bits.

        Raises ProblemError: ``status.encoding`` when it is not multibase base64url of one whole GZIP stream,
        ``status.length`` when it has fewer than ``minimum_entries`` entries, ``status.limit`` when it inflates beyond
        ``MAX_BYTES``.
        """
        _check_size(size)
        return cls.from_bytes(_inflate(_packed(encoded)), size=size, minimum_entries=minimum_entries)

    @classmethod
    def from_bytes(cls, bits: bytes, *, size: int = 1, minimum_entries: int = MINIMUM_ENTRIES) -> StatusList:
        """The list whose bitstring is ``bits``, as many entries of ``size`` bits as it holds.

        Raises ProblemError (``status.malformed``, ``status.length``, ``status.limit``).
        """
        _check_size(size)
        entries = len(bits) * 8 // size
        if entries < minimum_entries:
            raise _error("status.length", f"the status list has {entries} entries; the fewest are {minimum_entries}")
        if len(bits) > MAX_BYTES:
            raise _error("status.limit", f"the status list has more than {MAX_BYTES} bytes")
        status_list = cls.__new__(cls)
        status_list.entries, status_list.size, status_list._bits = entries, size, bytearray(bits)
        return status_list

    def to_bytes(self) -> bytes:
        """The bitstring."""
        return bytes(self._bits)

    def _window(self, index: int) -> tuple[int, int, int, int, int]:
        """The value at ``index``; the one or two bytes around it as a number, where they begin and end; the shift."""
        if not 0 <= index < self.entries:
            raise _error("status.range", f"the index lies outside the list of {self.entries} entries")
        first = index * self.size
        start, end = first // 8, (first + self.size + 7) // 8
        window = int.from_bytes(self._bits[start:end], "big")
        shift = end * 8 - first - self.size
        return window >> shift & ((1 << self.size) - 1), window, start, end, shift


def _packed(encoded: object) -> bytes:
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        raise _error("status.encoding", "encodedList must be multibase base64url: a text that starts with u")
    if len(encoded) > _MAX_TEXT:
        raise _error("status.limit", "encodedList is too long")
    try:
        return multibase.decode(encoded)
    except DidError:
        raise _error("status.encoding", "encodedList is not base64url without padding") from None


def _inflate(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        bits = unpacker.decompress(packed, MAX_BYTES + 1)
    except zlib.error:
        raise _error("status.encoding", "encodedList is not GZIP") from None
    if len(bits) > MAX_BYTES:
        raise _error("status.limit", f"the status list inflates to more than {MAX_BYTES} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise _error("status.encoding", "encodedList is not one whole GZIP stream")
    return bits


def _check_size(size: int) -> None:
    if type(size) is not int or not 1 <= size <= MAX_STATUS_SIZE:
        raise _error("status.malformed", f"statusSize must be 1 to {MAX_STATUS_SIZE}")


def _error(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
