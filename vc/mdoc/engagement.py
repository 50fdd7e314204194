"""Device engagement (ISO/IEC 18013-5 section 8.2.1): what a phone shows as a QR code before a session near by.

As data only: nothing here opens a radio. What was engaged goes into the session transcript
(``vc.mdoc.proximity_transcript``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from did import PublicKey

from .cose_key import from_cose_key, to_cose_key
from .encoding import decode, embedded, encode, encode_embedded, problem, read_base64url, write_base64url

__all__ = ["BLE", "NFC", "WIFI_AWARE", "DeviceEngagement", "RetrievalMethod"]

NFC: Final = 1
BLE: Final = 2
WIFI_AWARE: Final = 3
_SCHEME: Final = "mdoc:"
_VERSION: Final = "1.0"
_MAX_METHODS: Final = 16
_MAX_TEXT: Final = 4096
_CIPHER_SUITE: Final = 1


@dataclass(frozen=True, slots=True)
class RetrievalMethod:
    """One way to the device: ``type`` is ``NFC``, ``BLE`` or ``WIFI_AWARE``, ``options`` are those of the standard."""

    type: int
    version: int = 1
    options: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceEngagement:
    """What a device offers. ``encoded`` is the CBOR as it was shown: the transcript holds these bytes."""

    e_device_key: PublicKey
    methods: tuple[RetrievalMethod, ...]
    encoded: bytes = field(repr=False)

    @classmethod
    def create(cls, e_device_key: PublicKey, *methods: RetrievalMethod) -> DeviceEngagement:
        """An engagement with an ephemeral key of this session. Raises ProblemError for what can't be read again."""
        content: dict[int, Any] = {
            0: _VERSION,
            1: [_CIPHER_SUITE, decode(encode_embedded(encode(to_cose_key(e_device_key))), "the key")],
        }
        if methods:
            content[2] = [[method.type, method.version, dict(method.options)] for method in methods]
        return cls.read(encode(content))

    @classmethod
    def read(cls, data: bytes) -> DeviceEngagement:
        """The DeviceEngagement in CBOR (untrusted). Raises ProblemError (``mdoc.*``, ``parse.limit``)."""
        value = decode(data, "the device engagement")
        if not isinstance(value, dict) or not all(type(key) is int for key in value) or value.get(0) != _VERSION:
            raise problem("mdoc.form", f"a device engagement is a map, of version {_VERSION}")
        security = value.get(1)
        if not isinstance(security, list) or len(security) != 2 or security[0] != _CIPHER_SUITE:
            raise problem("mdoc.form", f"the security of an engagement is cipher suite {_CIPHER_SUITE} and a key", "/1")
        key = embedded(security[1])
        if key is None:
            raise problem("mdoc.form", "the key of an engagement is encoded once more (tag 24)", "/1")
        methods = value.get(2, [])
        if not isinstance(methods, list) or len(methods) > _MAX_METHODS:
            raise problem("mdoc.form", f"an engagement has at most {_MAX_METHODS} ways to the device", "/2")
        return cls(from_cose_key(decode(key, "the key"), "/1"), tuple(_method(item) for item in methods), data)

    @classmethod
    def from_uri(cls, text: str) -> DeviceEngagement:
        """The engagement in the text of a QR code (``mdoc:...``). Raises ProblemError."""
        if not text.startswith(_SCHEME) or len(text) > _MAX_TEXT:
            raise problem("mdoc.form", f"the text of a device engagement begins with {_SCHEME}")
        return cls.read(read_base64url(text.removeprefix(_SCHEME), "the device engagement"))

    def to_uri(self) -> str:
        """The text for a QR code."""
        return _SCHEME + write_base64url(self.encoded)


def _method(value: Any) -> RetrievalMethod:
    if not isinstance(value, list) or len(value) != 3:
        raise problem("mdoc.form", "a way to the device is an array of type, version and options", "/2")
    kind, version, options = value
    if type(kind) is not int or type(version) is not int or not isinstance(options, dict):
        raise problem("mdoc.form", "a way to the device has a number, a version and a map of options", "/2")
    return RetrievalMethod(kind, version, options)
