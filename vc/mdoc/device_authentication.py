"""DeviceAuthentication (ISO/IEC 18013-5 section 9.1.3.4): what the device signs, for one session and one document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..envelope import cose
from .encoding import encode, encode_embedded

__all__ = ["device_authentication", "with_payload"]


def device_authentication(transcript: bytes, doc_type: str, name_spaces: bytes) -> bytes:
    """``DeviceAuthenticationBytes``. ``transcript`` and ``name_spaces`` (DeviceNameSpacesBytes) go in as they are."""
    return encode_embedded(b"\x84" + encode("DeviceAuthentication") + transcript + encode(doc_type) + name_spaces)


def with_payload(signature: tuple[bytes, Mapping[Any, Any], bytes], payload: bytes) -> cose.CoseSign1:
    """A device's signature with the payload that is not in it."""
    protected, unprotected, value = signature
    return cose.parse(encode([protected, unprotected, payload, value]))
