"""The values of CBOR-LD: URLs, dates, multibase texts and table entries as short CBOR, and back, without loss."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import base58

from did.timestamps import moment

from .cbor_ld_terms import ActiveContext, Terms, refuse

__all__ = ["DEFAULT_TABLES", "NO_TABLES", "Tables", "decode_value", "encode_value"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
DATE, DATE_TIME = f"{_XSD}date", f"{_XSD}dateTime"
MULTIBASE = "https://w3id.org/security#multibase"
CRYPTOSUITE = "https://w3id.org/security#cryptosuiteString"
_URLS = ("@id", "@type", "@vocab")
_NUMBERED = ("context", MULTIBASE, CRYPTOSUITE)
"""Kinds whose table entries are integers: their own values are never integers."""
_BYTES = ("none", "url", DATE, DATE_TIME)
"""Kinds whose table entries are byte strings, because their own values may be integers."""

_KNOWN_URLS = {
    "https://www.w3.org/ns/activitystreams": 16,
    "https://www.w3.org/2018/credentials/v1": 17,
    "https://www.w3.org/ns/did/v1": 18,
    "https://w3id.org/security/suites/ed25519-2018/v1": 19,
    "https://w3id.org/security/suites/ed25519-2020/v1": 20,
    "https://w3id.org/cit/v1": 21,
    "https://w3id.org/age/v1": 22,
    "https://w3id.org/security/suites/x25519-2020/v1": 23,
    "https://w3id.org/veres-one/v1": 24,
    "https://w3id.org/webkms/v1": 25,
    "https://w3id.org/zcap/v1": 26,
    "https://w3id.org/security/suites/hmac-2019/v1": 27,
    "https://w3id.org/security/suites/aes-2019/v1": 28,
    "https://w3id.org/vaccination/v1": 29,
    "https://w3id.org/vc-revocation-list-2020/v1": 30,
    "https://w3id.org/dcc/v1": 31,
    "https://w3id.org/vc/status-list/v1": 32,
    "https://www.w3.org/ns/credentials/v2": 33,
    "https://w3id.org/security/data-integrity/v1": 48,
    "https://w3id.org/security/multikey/v1": 49,
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json": 50,
    "https://w3id.org/security/data-integrity/v2": 51,
}


@dataclass(frozen=True, slots=True)
class Tables:
    """kind -> value -> integer. Kinds are ``context``, ``url``, ``none`` and datatypes' IRIs."""

    entries: Mapping[str, Mapping[Any, int]]

    def of(self, kind: str) -> Mapping[Any, int]:
        """The table of a kind, empty when there is none."""
        return self.entries.get("url" if kind in _URLS else kind, {})

    def has(self, kind: str) -> bool:
        """Whether there is a table of a kind, be it empty."""
        return ("url" if kind in _URLS else kind) in self.entries

    def number(self, kind: str, value: Any) -> int | None:
        """The integer of a value."""
        return None if isinstance(value, bool | float | dict | list) else self.of(kind).get(value)

    def value(self, kind: str, number: int) -> Any:
        """The value of an integer, None when there is none."""
        return next((value for value, known in self.of(kind).items() if known == number), None)


DEFAULT_TABLES = Tables(
    {
        "context": _KNOWN_URLS,
        "url": _KNOWN_URLS,
        "none": _KNOWN_URLS,
        CRYPTOSUITE: {"ecdsa-rdfc-2019": 1, "ecdsa-sd-2023": 2, "eddsa-rdfc-2022": 3, "ecdsa-xi-2023": 4},
    }
)
"""The tables that other entries usually begin with."""

NO_TABLES = Tables({})
"""Those of registry entry 1."""


def encode_value(kind: str, value: Any, tables: Tables, terms: Terms, active: ActiveContext) -> Any:
    """A scalar as CBOR data."""
    number = tables.number(kind, value)
    if number is not None:
        return _as_bytes(number) if kind in _BYTES or kind in _URLS else number
    if kind not in _BYTES and kind not in _NUMBERED and kind not in _URLS and tables.has(kind):
        return _as_bytes(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, str):
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if numeric and kind != "none" and kind in {*_URLS, *_NUMBERED, *_BYTES}:
            raise refuse("a number where the context wants text would come back as something else")
        return value
    if kind in ("@type", "@vocab") and value in terms.ids and value in active.terms:
        return terms.ids[value]
    if kind in _URLS:
        return _encode_url(value)
    encoder = {DATE: _encode_date, DATE_TIME: _encode_date_time, MULTIBASE: _encode_multibase}.get(kind)
    return value if encoder is None else encoder(value)


def decode_value(kind: str, value: Any, tables: Tables, terms: Terms) -> Any:
    """What ``encode_value`` was given. Raises ProblemError for what it never gives."""
    if value is None or isinstance(value, bool):
        return value
    if kind in _URLS:
        if isinstance(value, int) and not isinstance(value, bool) and kind != "@id" and value in terms.names:
            return terms.names[value]
        return _known(kind, int.from_bytes(value, "big"), tables) if isinstance(value, bytes) else _decode_url(value)
    if kind in _NUMBERED:
        if isinstance(value, int) and not isinstance(value, bool):
            return _known(kind, value, tables)
        return _decode_multibase(value) if kind == MULTIBASE else value
    if kind in _BYTES:
        if isinstance(value, bytes):
            return _known(kind, int.from_bytes(value, "big"), tables)
        if isinstance(value, int | list) and not isinstance(value, bool) and kind != "none":
            return _decode_date(value) if kind == DATE else _decode_date_time(value)
        return value
    if tables.has(kind):
        if isinstance(value, bytes):
            return int.from_bytes(value, "big", signed=True)
        if isinstance(value, int) and not isinstance(value, bool):
            return _known(kind, value, tables)
    return value


def _known(kind: str, number: int, tables: Tables) -> Any:
    found = tables.value(kind, number)
    if found is None:
        raise refuse("a value has an integer that no table knows")
    return found


def _as_bytes(number: int) -> bytes:
    if number < 0:
        size = next(n for n in (1, 2, 4, 8) if -(1 << 8 * n - 1) <= number)
        return number.to_bytes(size, "big", signed=True)
    size = next(n for n in (1, 2, 4, 8) if number < 1 << 8 * n)
    return number.to_bytes(size, "big")


# --- dates ------------------------------------------------------------------------------------------------------------

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{3}))?Z\Z")


def _seconds(text: str) -> int | None:
    """Since 1970; None for what would not be written so again: ``24:00:00`` is, but as the next day's ``00:00:00``."""
    try:
        seconds = moment(text, zone_required=False).seconds
        return seconds if _moment(seconds) == text else None
    except ValueError:  # no such time, or of a year that isn't written in four digits
        return None


def _moment(seconds: int) -> str:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    except (OverflowError, ValueError):
        raise refuse("a date is out of range") from None


def _encode_date(text: str) -> Any:
    seconds = _seconds(text + "T00:00:00") if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    return text if seconds is None else seconds


def _decode_date(value: Any) -> str:
    if not isinstance(value, int) or value % 86_400:
        raise refuse("a date is a whole number of days")
    return _moment(value)[:10]


def _encode_date_time(text: str) -> Any:
    match = _DATE_TIME.match(text)
    seconds = _seconds(match[1]) if match else None
    if match is None or seconds is None:
        return text
    return [seconds, int(match[2])] if match[2] else seconds


def _decode_date_time(value: Any) -> str:
    if isinstance(value, int):
        return _moment(value) + "Z"
    if len(value) != 2 or not all(isinstance(part, int) for part in value) or not 0 <= value[1] <= 999:
        raise refuse("a time is seconds, or seconds and milliseconds")
    return f"{_moment(value[0])}.{value[1]:03}Z"


# --- multibase --------------------------------------------------------------------------------------------------------


_MAX_BASE58 = 2048
"""Characters or bytes: base58 takes quadratic time."""


def _encode_multibase(text: str) -> Any:
    if text.startswith("z") and len(text) > _MAX_BASE58:
        return text
    try:
        content = _multibase_bytes(text)
    except (ValueError, binascii.Error):
        return text
    encoded = text[:1].encode() + content
    return encoded if _decode_multibase(encoded) == text else text


def _multibase_bytes(text: str) -> bytes:
    kind, rest = text[:1], text[1:]
    if kind == "z":
        return base58.b58decode(rest)
    if kind == "u":
        return base64.b64decode(rest + "=" * (-len(rest) % 4), altchars=b"-_", validate=True)
    if kind == "M":
        return base64.b64decode(rest + "=" * (-len(rest) % 4), validate=True)
    raise ValueError


def _decode_multibase(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    kind, rest = value[:1].decode("latin-1"), value[1:]
    if kind == "z" and len(rest) <= _MAX_BASE58:
        return "z" + base58.b58encode(rest).decode()
    if kind == "u":
        return "u" + base64.urlsafe_b64encode(rest).rstrip(b"=").decode()
    if kind == "M":
        return "M" + base64.b64encode(rest).decode()
    raise refuse("a multibase value has an unknown prefix")


# --- URLs -------------------------------------------------------------------------------------------------------------

_DIDS = {"did:v1:nym:": 1024, "did:key:": 1025}
_DID_NAMES = {number: name for name, number in _DIDS.items()}


def _encode_url(text: str) -> Any:
    for prefix, number in _DIDS.items():
        if text.startswith(prefix):
            parts = [_did_part(part) for part in text[len(prefix) :].split("#", 1)]
            return [number, *parts]
    if text.startswith("urn:uuid:"):
        rest = text[9:]
        try:
            found = uuid.UUID(rest)
        except ValueError:
            return [3, rest]
        return [3, found.bytes] if str(found) == rest else [3, rest]
    if text.startswith("data:"):
        return _encode_data(text[5:])
    for prefix, number in (("http://", 1), ("https://", 2)):
        if text.startswith(prefix):
            return [number, text[len(prefix) :]]
    return text


def _did_part(text: str) -> Any:
    if text.startswith("z") and len(text) <= 1024:
        try:
            content = base58.b58decode(text[1:])
        except ValueError:
            return text
        if "z" + base58.b58encode(content).decode() == text:
            return content
    return text


def _encode_data(rest: str) -> Any:
    media_type, mark, data = rest.partition(";base64,")
    if mark:
        try:
            content = base64.b64decode(data, validate=True)
        except binascii.Error:
            return [4, rest]
        if base64.b64encode(content).decode() == data:
            return [4, media_type, content]
    return [4, rest]


def _decode_url(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not 2 <= len(value) <= 3 or not isinstance(value[0], int):
        raise refuse("a URL is text or an array that begins with its scheme")
    scheme, *parts = value
    if scheme in _DID_NAMES:
        return _DID_NAMES[scheme] + "#".join(_did_text(part) for part in parts)
    if scheme in (1, 2, 3, 4) and len(parts) == 1:
        prefix = {1: "http://", 2: "https://", 3: "urn:uuid:", 4: "data:"}[scheme]
        if isinstance(parts[0], str):
            return prefix + parts[0]
        if scheme == 3 and isinstance(parts[0], bytes) and len(parts[0]) == 16:
            return prefix + str(uuid.UUID(bytes=parts[0]))
    if scheme == 4 and len(parts) == 2 and isinstance(parts[0], str) and isinstance(parts[1], bytes):
        return f"data:{parts[0]};base64,{base64.b64encode(parts[1]).decode()}"
    raise refuse("a URL has an unknown scheme or form")


def _did_text(part: Any) -> str:
    if isinstance(part, bytes) and len(part) <= 1024:
        return "z" + base58.b58encode(part).decode()
    if isinstance(part, str):
        return part
    raise refuse("a DID has an unknown form")
