"""A transport message as text for QR symbols, and back: CBOR, deflated, in Base45, behind the header ``LZ1:``.

One symbol holds ``LZ1:DATA``. A message too dense for one is cut into parts of equal size, one symbol each,
``LZ1:2/3:0A1B2C3D:DATA``: part 2 of 3 of the message whose compressed bytes have a SHA-256 digest that starts with
0A1B2C3D. Parts are numbered in the text, not by QR's structured append, because few readers report the latter.

Everything here is transport: what comes out of ``decode`` is as untrusted as what a stranger hands over.
"""

from __future__ import annotations

import hashlib
import math
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import cbor2

from vc.cbor import CborLimits, CborRefused, loads, scan
from vc.problems import Problem, ProblemError

from . import base45
from .dictionary import DICTIONARY

__all__ = ["MAX_MESSAGE", "MAX_PARTS", "MAX_TEXT", "Collector", "decode", "encode", "is_payload"]

HEADER = "LZ1:"
MAX_PARTS = 16
"""A message has at most so many parts."""
MAX_TEXT = 4296
"""Characters of one symbol: the alphanumeric capacity of QR version 40-L (ISO/IEC 18004 table 7)."""
MAX_MESSAGE = 256 * 1024
"""Bytes of the CBOR of one message."""

_MAX_DEPTH = 64
_LIMITS = CborLimits(size=MAX_MESSAGE, items=20_000, depth=_MAX_DEPTH, byte_strings=False)
_PART = re.compile(r"LZ1:([1-9][0-9]?)/([1-9][0-9]?):([0-9A-F]{8}):")
_PART_HEADER = len("LZ1:10/16:00000000:")


def encode(message: Mapping[str, Any], *, capacity: int = 1853) -> tuple[str, ...]:
    """The texts of the symbols that carry ``message``, which is JSON data (objects, arrays, strings, numbers, ...).

    ``capacity`` is the most characters one symbol may hold; 1853 is version 25-L, 117 modules wide, which a phone's
    camera still reads from another phone. Raises ProblemError ``qr.payload`` for what is not JSON data, ``qr.limit``
    for a message that needs more than MAX_PARTS symbols.
    """
    if not 100 <= capacity <= MAX_TEXT:
        raise ValueError(f"capacity must be from 100 to {MAX_TEXT} characters")
    _check_json(message, 0)
    packed = cbor2.dumps(message)
    if len(packed) > MAX_MESSAGE:
        raise _problem("qr.limit", f"the message has {len(packed)} bytes, the limit is {MAX_MESSAGE}")
    try:
        scan(packed, _LIMITS)
    except CborRefused as error:
        raise _refused(error) from None
    compressor = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_DEFAULT_STRATEGY, DICTIONARY)
    data = compressor.compress(packed) + compressor.flush()
    text = base45.encode(data)
    if len(HEADER) + len(text) <= capacity:
        return (HEADER + text,)
    total = -(-len(text) // (capacity - _PART_HEADER))
    if total > MAX_PARTS:
        raise _problem("qr.limit", f"the message needs {total} symbols, the limit is {MAX_PARTS}")
    size = -(-len(text) // total)
    name = _name(data)
    return tuple(f"{HEADER}{i + 1}/{total}:{name}:{text[i * size : (i + 1) * size]}" for i in range(total))


def decode(parts: str | Iterable[str]) -> dict[str, Any]:
    """The message of one text, or of all the parts of one message in any order.

    Raises ProblemError: ``qr.form`` (not ours), ``qr.base45``, ``qr.parts`` (missing, or of another message),
    ``qr.payload`` (damaged, or not JSON data in its one encoding), ``qr.limit``.
    """
    collector = Collector()
    for count, part in enumerate([parts] if isinstance(parts, str) else parts):
        if count > 4 * MAX_PARTS:
            raise _problem("qr.limit", "far more parts than a message has")
        collector.add(part)
    return collector.message()


def is_payload(text: str) -> bool:
    """Whether a text says that it is one of ours (its header only)."""
    return text.startswith(HEADER)


class Collector:
    """Takes the texts of a message's symbols as a camera sees them: in any order, some of them often."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._parts: dict[int, str] = {}
        self.total = 0

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the parts still to come; empty before the first and after the last."""
        return tuple(n for n in range(1, self.total + 1) if n not in self._parts)

    @property
    def complete(self) -> bool:
        """Whether every part is there."""
        return self.total > 0 and not self.missing

    def add(self, text: str) -> bool:
        """Take one symbol's text; true when it was new.

        Raises ProblemError ``qr.form``, ``qr.parts``, ``qr.limit``; what was collected before stays.
        """
        number, total, name, data = _read_part(text)
        if self.total and (total, name) != (self.total, self._name):
            raise _problem("qr.parts", "this symbol belongs to another message")
        if number in self._parts:
            if self._parts[number] != data:
                raise _problem("qr.parts", f"part {number} came with two different contents")
            return False
        self.total, self._name = total, name
        self._parts[number] = data
        return True

    def message(self) -> dict[str, Any]:
        """The message, when every part is there. Raises ProblemError as ``decode`` does."""
        if not self.complete:
            missing = ", ".join(map(str, self.missing)) or "all"
            raise _problem("qr.parts", f"parts are missing: {missing}")
        data = base45.decode("".join(self._parts[number] for number in sorted(self._parts)))
        if self._name and _name(data) != self._name:
            raise _problem("qr.parts", "the parts do not make the message they name")
        return _unpack(data)


def _read_part(text: str) -> tuple[int, int, str, str]:
    if len(text) > MAX_TEXT:
        raise _problem("qr.limit", f"a symbol holds at most {MAX_TEXT} characters")
    if not text.startswith(HEADER):
        raise _problem("qr.form", f"the text does not start with {HEADER}")
    match = _PART.match(text)
    if match is None:
        return 1, 1, "", text[len(HEADER) :]
    number, total = int(match[1]), int(match[2])
    if not (2 <= total <= MAX_PARTS and number <= total):
        raise _problem("qr.parts", f"part {number} of {total} is not possible")
    return number, total, match[3], text[match.end() :]


def _name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8].upper()


def _unpack(data: bytes) -> dict[str, Any]:
    inflater = zlib.decompressobj(15, DICTIONARY)
    try:
        packed = inflater.decompress(data, MAX_MESSAGE + 1)
    except zlib.error:
        raise _problem("qr.payload", "the content can't be inflated") from None
    if len(packed) > MAX_MESSAGE:
        raise _problem("qr.limit", f"the content inflates to more than {MAX_MESSAGE} bytes")
    if not inflater.eof or inflater.unused_data:
        raise _problem("qr.payload", "the content is cut off or has something behind it")
    try:
        message = loads(packed, _LIMITS)
    except CborRefused as error:
        raise _refused(error) from None
    if not isinstance(message, dict):
        raise _problem("qr.payload", "the content is not an object")
    _check_json(message, 0)
    return message


def _refused(error: CborRefused) -> ProblemError:
    return _problem("qr.limit" if error.limit else "qr.payload", f"the content: {error}")


def _check_json(value: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise _problem("qr.limit", f"the message is nested deeper than {_MAX_DEPTH}")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise _problem("qr.payload", "a text holds half a character")
    elif isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                raise _problem("qr.payload", "a member's name is not text")
            _check_json(key, depth)
            _check_json(member, depth + 1)
    elif isinstance(value, list | tuple):
        for member in value:
            _check_json(member, depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _problem("qr.payload", "a number is not finite")
    elif not (value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**64)):
        raise _problem("qr.payload", "the message holds something that JSON has no word for")


def _problem(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
