"""The Token Status List (draft-ietf-oauth-status-list section 4): statuses of 1, 2, 4 or 8 bits, packed with ZLIB.

On each point the opposite of a Bitstring Status List: index 0 is in the *least* significant bits of the first byte, the
packing is ZLIB, the text is base64url alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any

from did import EncodingInvalid
from did.multibase import decode_base64url, encode_base64url

from ..problems import Problem, ProblemError
from .bitstring import MAX_BYTES

__all__ = ["BITS", "StatusType", "TokenStatusList"]

BITS = (1, 2, 4, 8)
"""How many bits a status may have."""

_SET_BYTE = re.compile(rb"[^\0]")
# ZLIB packs at best 1032 to 1; incompressible bytes grow by a little.
_MAX_PACKED = MAX_BYTES + MAX_BYTES // 1000 + 64
_MAX_TEXT = _MAX_PACKED * 4 // 3 + 4


class StatusType(IntEnum):
    """The registered status values (section 7.1). 3 and 12 to 15 are an application's own, the others reserved."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


class TokenStatusList:
    """The statuses of at least ``entries`` tokens, each of ``bits`` bits, all 0 (valid) at first.

    The length is a whole number of bytes, so a few entries more than asked for may be there. Raises ProblemError:
    ``status.malformed`` for other ``bits`` than 1, 2, 4 and 8, ``status.limit`` for a list that is too long.
    """

    __slots__ = ("_statuses", "bits")

    def __init__(self, entries: int, bits: int = 1) -> None:
        _check_bits(bits)
        if not 1 <= entries <= MAX_BYTES * 8 // bits:
            raise _error("status.limit", f"a list holds 1 to {MAX_BYTES * 8 // bits} statuses of {bits} bits")
        self.bits = bits
        self._statuses = bytearray((entries * bits + 7) // 8)

    def __len__(self) -> int:
        return len(self._statuses) * 8 // self.bits

    def __getitem__(self, index: int) -> int:
        """The status at ``index``. Raises ProblemError (``status.range``) outside the list."""
        position, shift = self._place(index)
        return self._statuses[position] >> shift & ((1 << self.bits) - 1)

    def __setitem__(self, index: int, status: int) -> None:
        """Set the status at ``index``. Raises ProblemError (``status.range``) for an index or status out of range."""
        highest = (1 << self.bits) - 1
        if not 0 <= status <= highest:
            raise _error("status.range", f"a status of this list is 0 to {highest}")
        position, shift = self._place(index)
        self._statuses[position] = self._statuses[position] & ~(highest << shift) & 0xFF | status << shift

    def items(self) -> Iterator[tuple[int, int]]:
        """(index, status) of every entry that isn't 0, in order."""
        step = 8 // self.bits
        for found in _SET_BYTE.finditer(bytes(self._statuses)):
            for index in range(found.start() * step, (found.start() + 1) * step):
                if status := self[index]:
                    yield index, status

    # --- packed ----------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The byte array, not packed."""
        return bytes(self._statuses)

    @classmethod
    def from_bytes(cls, statuses: bytes, bits: int = 1) -> TokenStatusList:
        """The list of a byte array. Raises ProblemError (``status.malformed``, ``status.limit``)."""
        _check_bits(bits)
        if len(statuses) > MAX_BYTES:
            raise _error("status.limit", f"the status list has more than {MAX_BYTES} bytes")
        status_list = cls.__new__(cls)
        status_list.bits, status_list._statuses = bits, bytearray(statuses)
        return status_list

    def pack(self) -> bytes:
        """The byte array in ZLIB format (RFC 1950). The same list gives the same bytes."""
        return zlib.compress(bytes(self._statuses), 9)

    @classmethod
    def unpack(cls, packed: object, bits: object) -> TokenStatusList:
        """Read an untrusted packed array whose statuses have ``bits`` bits.

        Raises ProblemError: ``status.malformed`` for ``bits``, ``status.encoding`` for anything but one whole ZLIB
        stream, ``status.limit`` when it inflates beyond ``bitstring.MAX_BYTES``.
        """
        size = _check_bits(bits)
        if not isinstance(packed, bytes):
            raise _error("status.encoding", "lst must be a byte string")
        if len(packed) > _MAX_PACKED:
            raise _error("status.limit", "lst is too long")
        return cls.from_bytes(_inflate(packed), size)

    # --- in JSON and CBOR ------------------------------------------------------------------------------------------

    def to_json(self, *, aggregation_uri: str | None = None) -> dict[str, Any]:
        """The ``status_list`` of a JWT (section 4.2)."""
        more = {} if aggregation_uri is None else {"aggregation_uri": aggregation_uri}
        return {"bits": self.bits, "lst": encode_base64url(self.pack()), **more}

    @classmethod
    def from_json(cls, value: object) -> TokenStatusList:
        """Read an untrusted ``status_list`` of a JWT. Raises ProblemError as ``unpack``; other members are ignored."""
        value = _mapping(value)
        text = value.get("lst")
        if not isinstance(text, str):
            raise _error("status.encoding", "lst must be a base64url text")
        if len(text) > _MAX_TEXT:
            raise _error("status.limit", "lst is too long")
        try:
            packed = decode_base64url(text)
        except EncodingInvalid:
            raise _error("status.encoding", "lst is not base64url without padding") from None
        return cls.unpack(packed, value.get("bits"))

    def to_cbor(self, *, aggregation_uri: str | None = None) -> dict[str, Any]:
        """The ``status_list`` of a CWT (section 4.3), as a map to be written in CBOR."""
        more = {} if aggregation_uri is None else {"aggregation_uri": aggregation_uri}
        return {"bits": self.bits, "lst": self.pack(), **more}

    @classmethod
    def from_cbor(cls, value: object) -> TokenStatusList:
        """Read an untrusted ``status_list`` of a CWT, a map decoded from CBOR. Raises ProblemError as ``unpack``."""
        value = _mapping(value)
        return cls.unpack(value.get("lst"), value.get("bits"))

    def _place(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise _error("status.range", f"the index lies outside the list of {len(self)} statuses")
        return index * self.bits // 8, index * self.bits % 8


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _error("status.malformed", "status_list must be an object with bits and lst")
    _check_bits(value.get("bits"))
    aggregation = value.get("aggregation_uri", "")
    if not isinstance(aggregation, str):
        raise _error("status.malformed", "aggregation_uri must be a text")
    return value


def _inflate(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        statuses = unpacker.decompress(packed, MAX_BYTES + 1)
    except zlib.error:
        raise _error("status.encoding", "lst is not ZLIB") from None
    if len(statuses) > MAX_BYTES:
        raise _error("status.limit", f"the status list inflates to more than {MAX_BYTES} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise _error("status.encoding", "lst is not one whole ZLIB stream")
    return statuses


def _check_bits(bits: object) -> int:
    if type(bits) is not int or bits not in BITS:
        raise _error("status.malformed", "bits must be 1, 2, 4 or 8")
    return bits


def _error(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
