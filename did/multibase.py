"""Multibase (CID 1.0 section 2.4) with its two encodings, base58btc ``z`` and base64url ``u``; both strict.

Strict means that every byte string has one text: no padding, no spaces, no stray trailing bits, no other alphabet.
Base58 is written here rather than taken from the ``base58`` package because it is on the path of every proof value:
done on many characters at once it takes a fraction of the time, and the package strips trailing spaces. The tests
compare the two.
"""

from __future__ import annotations

import binascii
from typing import Final, Literal

from .errors import EncodingInvalid

__all__ = [
    "MAX_BASE58",
    "MAX_BASE64URL",
    "decode",
    "decode_base58",
    "decode_base64url",
    "encode",
    "encode_base58",
    "encode_base64url",
]

MAX_BASE58: Final = 8192
"""Characters of base58btc that are decoded at most: the conversion takes quadratic time."""
MAX_BASE64URL: Final = 32 * 1024 * 1024
"""Characters of base64url that are decoded at most."""

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_NO_DIGIT: Final = b"\xff"
_DIGITS: Final = bytes(_ALPHABET.find(chr(code)) & 0xFF for code in range(256))
_PAIRS: Final = [first + second for first in _ALPHABET for second in _ALPHABET]
_58_POW_2: Final = 58**2
_58_POW_10: Final = 58**10

_BLOCK: Final = 128
_58_POW_BLOCK: Final = 58**_BLOCK
# Lanes of so many bits; a mask over every other lane; what the left one of two lanes counts.
_JOINS: Final = tuple(
    (width, sum(((1 << width) - 1) << place for place in range(0, 8 * _BLOCK, 2 * width)), 58 ** (width // 8))
    for width in (8, 16, 32, 64, 128, 256, 512)
)

_PADDING: Final = (b"", b"=", b"==", b"=")  # Of one character too many there is no right one: it is refused.
# By length modulo 4: the last characters that leave no stray bits.
_LAST: Final = ("", "", "AQgw", "AEIMQUYcgkosw048")


def encode(data: bytes, base: Literal["z", "u"] = "z") -> str:
    """``data`` in multibase: ``z`` for base58btc, ``u`` for base64url without padding."""
    if base == "z":
        return "z" + encode_base58(data)
    if base == "u":
        return "u" + encode_base64url(data)
    raise ValueError(f"multibase {base!r} is not used here; take 'z' or 'u'")


def decode(text: str) -> bytes:
    """The bytes of a multibase text starting with ``z`` or ``u``. Raises EncodingInvalid for anything else."""
    if not isinstance(text, str) or not text:
        raise EncodingInvalid("a multibase value is a non-empty string")
    if text[0] == "z":
        return decode_base58(text[1:])
    if text[0] == "u":
        return decode_base64url(text[1:])
    raise EncodingInvalid(f"multibase prefix {text[0]!r} is not supported; use 'z' (base58btc) or 'u' (base64url)")


def encode_base58(data: bytes) -> str:
    """``data`` in base58btc, without a multibase prefix."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    parts: list[str] = []
    while number:
        number, chunk = divmod(number, _58_POW_10)
        for _ in range(5):
            chunk, pair = divmod(chunk, _58_POW_2)
            parts.append(_PAIRS[pair])
    parts.reverse()
    return "1" * zeros + "".join(parts).lstrip("1")


def decode_base58(text: str) -> bytes:
    """The bytes of base58btc text without a multibase prefix. Raises EncodingInvalid."""
    length = len(text)
    if length > MAX_BASE58:
        raise EncodingInvalid(f"base58btc text of {length} characters; at most {MAX_BASE58} are decoded")
    try:
        digits = text.encode("ascii").translate(_DIGITS)
    except UnicodeEncodeError:
        digits = _NO_DIGIT
    if _NO_DIGIT in digits:
        raise EncodingInvalid("a character that is not in the base58btc alphabet")
    number = 0
    for start in range(-(-length % _BLOCK), length, _BLOCK):
        number = number * _58_POW_BLOCK + _block(digits[max(start, 0) : start + _BLOCK])
    zeros = length - len(digits.lstrip(b"\0"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _block(digits: bytes) -> int:
    """The value of up to _BLOCK base-58 digits: all neighbours are joined at once, then all pairs, then all fours..."""
    number = int.from_bytes(digits, "big")
    for width, mask, weight in _JOINS:
        number = (number & mask) + ((number >> width) & mask) * weight
    return number


def encode_base64url(data: bytes) -> str:
    """``data`` in base64url without padding (RFC 4648 section 5)."""
    text = binascii.b2a_base64(data, newline=False).replace(b"+", b"-").replace(b"/", b"_")
    return text.rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes of base64url text without padding; the one canonical text only. Raises EncodingInvalid."""
    length = len(text)
    if length > MAX_BASE64URL:
        raise EncodingInvalid(f"base64url text of {length} characters; at most {MAX_BASE64URL} are decoded")
    if "+" in text or "/" in text or "=" in text:
        raise EncodingInvalid("not base64url without padding")
    try:
        standard = text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/")
        data = binascii.a2b_base64(standard + _PADDING[length & 3], strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise EncodingInvalid("not base64url without padding") from None
    if length & 3 and text[-1] not in _LAST[length & 3]:
        raise EncodingInvalid("base64url text with stray bits at its end")
    return data
