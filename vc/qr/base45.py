"""Base45 (RFC 9285): bytes in the 45 characters of a QR symbol's alphanumeric mode.

Two bytes become three characters, a lone last byte two, least significant character first.
"""

from __future__ import annotations

from vc.problems import Problem, ProblemError

__all__ = ["ALPHABET", "decode", "encode"]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The characters in the order of their values (RFC 9285 section 4.2)."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS = tuple(low + high for high in ALPHABET for low in ALPHABET)


def encode(data: bytes) -> str:
    """The Base45 text of ``data`` (RFC 9285 section 4)."""
    whole = len(data) & ~1
    out = []
    for i in range(0, whole, 2):
        high, low = divmod(data[i] << 8 | data[i + 1], 2025)
        out.append(_PAIRS[low] + ALPHABET[high])
    if whole != len(data):
        out.append(_PAIRS[data[-1]])
    return "".join(out)


def decode(text: str) -> bytes:
    """The bytes of a Base45 text; nothing is trimmed or changed in case.

    Raises ProblemError ``qr.base45`` for a character outside the alphabet, an impossible length, or a group above
    65535 (three characters) or 255 (two) (RFC 9285 section 6).
    """
    try:
        values = [_VALUES[character] for character in text]
    except KeyError as error:
        position = text.index(error.args[0])
        raise _refuse(f"the character at position {position} is outside the Base45 alphabet") from None
    whole, rest = len(values) // 3 * 3, len(values) % 3
    if rest == 1:
        raise _refuse(f"a Base45 text can't have {len(values)} characters")
    out = bytearray()
    for i in range(0, whole, 3):
        group = values[i] + 45 * values[i + 1] + 2025 * values[i + 2]
        if group > 0xFFFF:
            raise _refuse(f"the group at position {i} stands for more than two bytes")
        out += group.to_bytes(2, "big")
    if rest:
        group = values[whole] + 45 * values[whole + 1]
        if group > 0xFF:
            raise _refuse(f"the group at position {whole} stands for more than one byte")
        out.append(group)
    return bytes(out)


def _refuse(detail: str) -> ProblemError:
    return ProblemError(Problem("qr.base45", detail))
