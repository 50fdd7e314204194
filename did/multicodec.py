"""Multicodec prefixes: unsigned varints (CID 1.0 section 2.5). What the codes of keys mean is in ``did.key_types``."""

from __future__ import annotations

from .errors import EncodingInvalid

__all__ = ["decode_varint", "encode_varint"]


def encode_varint(value: int) -> bytes:
    """``value`` as an unsigned varint, the shortest one (multiformats unsigned-varint)."""
    if value < 0 or value >= 1 << 63:
        raise ValueError("a varint holds 0 to 2**63 - 1")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode_varint(data: bytes) -> tuple[int, int]:
    """The number at the start of ``data``, and how many bytes it takes (9 at most). Raises EncodingInvalid."""
    value = 0
    for index, byte in enumerate(data[:9]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index:
                raise EncodingInvalid("a varint that is longer than it has to be")
            return value, index + 1
    raise EncodingInvalid("a varint without an end")
