"""The CBOR of mdocs (ISO/IEC 18013-5 section 8.1): read strictly, and kept as it came where it is digested or signed.

Everything is read by ``vc.cbor``: shortest heads, definite lengths, each key once, few tags. So a value has one
encoding, and what was read gives the same bytes when it is written again.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import cbor2

from ..cbor import CborLimits, CborRefused, loads
from ..problems import Problem, ProblemError

__all__ = [
    "MAX_BYTES",
    "at",
    "decode",
    "embedded",
    "encode",
    "encode_embedded",
    "plain",
    "problem",
    "read_base64url",
    "write_base64url",
]

MAX_BYTES: Final = 1024 * 1024
"""The most bytes of a DeviceResponse or IssuerSigned that are read."""

_EMBEDDED: Final = 24
_TAGS: Final = frozenset({0, _EMBEDDED, 1004})
"""Date and time, encoded CBOR, and calendar date (RFC 8943)."""
_LIMITS: Final = CborLimits(size=MAX_BYTES, items=20_000, depth=16, tags=_TAGS)


def decode(data: bytes, what: str, pointer: str = "") -> Any:
    """The one CBOR item that ``data`` is; ``what`` it is, for people. Tags 0 and 1004 become datetimes and dates.

    Raises ProblemError (``mdoc.form``, ``parse.limit``).
    """
    try:
        return loads(data, _LIMITS)
    except CborRefused as error:
        raise problem("parse.limit" if error.limit else "mdoc.form", f"{what}: {error}", pointer) from None


def encode(value: Any) -> bytes:
    """``value`` as CBOR: shortest heads, definite lengths, keys in the order they have."""
    return cbor2.dumps(value)


def encode_embedded(data: bytes) -> bytes:
    """``#6.24(bstr .cbor ...)`` of bytes that are CBOR already."""
    return cbor2.dumps(cbor2.CBORTag(_EMBEDDED, data))


def embedded(value: object) -> bytes | None:
    """The bytes in a value of tag 24 as it was decoded; None for any other value."""
    if isinstance(value, cbor2.CBORTag) and value.tag == _EMBEDDED and isinstance(value.value, bytes):
        return value.value
    return None


def plain(value: Any, pointer: str = "") -> Any:
    """A value as JSON (RFC 8949 section 6.1): byte strings as base64url, dates as their text, tags left out.

    Raises ProblemError (``mdoc.element``) for a map whose keys are not texts: two of its keys could become one.
    """
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise problem("mdoc.element", "the keys of maps in elements are texts", pointer)
        return {name: plain(item, pointer) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, pointer) for item in value]
    if isinstance(value, bytes):
        return write_base64url(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, cbor2.CBORTag):
        return plain(value.value, pointer)
    if isinstance(value, float) and not math.isfinite(value):
        raise problem("mdoc.element", "a number that is none (NaN, infinity)", pointer)
    return value


def read_base64url(text: str, what: str) -> bytes:
    """The bytes of base64url without padding (RFC 7515), in its one form. Raises ProblemError (``mdoc.form``)."""
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        raise problem("parse.limit", f"{what}: more than {MAX_BYTES:,} bytes")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise problem("mdoc.form", f"{what} is not base64url") from None
    if write_base64url(data) != text:
        raise problem("mdoc.form", f"{what} is not base64url in its one form")
    return data


def write_base64url(data: bytes) -> str:
    """``data`` as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def at(pointer: str, name: str) -> str:
    """The JSON pointer (RFC 6901) of the member ``name`` of what ``pointer`` points to."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    """A ProblemError with one problem."""
    return ProblemError(Problem(code, detail, pointer))
