"""Session transcripts: what a device signs besides its elements, so that an answer is good for one session only.

OpenID4VP 1.0 appendix B.2.6 (redirects and the Digital Credentials API) and ISO/IEC 18013-5 section 9.1.5.1 (near by,
after a QR code or NFC). Each function gives the CBOR of a SessionTranscript.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .encoding import decode, embedded, encode, encode_embedded, problem

__all__ = ["check_transcript", "dc_api_transcript", "jwk_thumbprint", "proximity_transcript", "redirect_transcript"]


def redirect_transcript(
    *, client_id: str, nonce: str, response_uri: str, encryption_key: Mapping[str, Any] | None = None
) -> bytes:
    """The transcript of a request by redirect (``OpenID4VPHandover``, appendix B.2.6.1).

    ``client_id`` is with its prefix; ``response_uri`` is that or the ``redirect_uri`` of the request;
    ``encryption_key`` is the public JWK that the answer is encrypted to, None for an answer that is not encrypted.
    """
    info = [_text(client_id, "client_id"), _text(nonce, "nonce"), _thumbprint(encryption_key)]
    return _handover("OpenID4VPHandover", [*info, _text(response_uri, "response_uri")])


def dc_api_transcript(*, origin: str, nonce: str, encryption_key: Mapping[str, Any] | None = None) -> bytes:
    """The transcript of a request by the Digital Credentials API (``OpenID4VPDCAPIHandover``, appendix B.2.6.2).

    ``origin`` is the page's, as the browser has it, without the prefix ``origin:``. Raises ValueError for one with it.
    """
    if _text(origin, "origin").startswith("origin:"):
        raise ValueError("the origin stands in the transcript without the prefix 'origin:'")
    info = [origin, _text(nonce, "nonce"), _thumbprint(encryption_key)]
    return _handover("OpenID4VPDCAPIHandover", info)


def proximity_transcript(
    device_engagement: bytes, e_reader_key: bytes, nfc_handover: tuple[bytes, bytes | None] | None = None
) -> bytes:
    """The transcript of a session near by (ISO/IEC 18013-5 section 9.1.5.1).

    ``device_engagement`` is the CBOR of the DeviceEngagement as it was shown, ``e_reader_key`` that of the reader's
    ephemeral COSE_Key as it was sent. ``nfc_handover`` has the messages of the NFC handover, Select and (None with
    static handover) Request; without it the engagement was a QR code. Raises ProblemError for what is not CBOR.
    """
    decode(device_engagement, "the device engagement")
    decode(e_reader_key, "the reader's key")
    handover = encode(None if nfc_handover is None else list(nfc_handover))
    return b"\x83" + encode_embedded(device_engagement) + encode_embedded(e_reader_key) + handover


def check_transcript(transcript: bytes) -> bytes:
    """``transcript``, when it has the form of a SessionTranscript. Raises ProblemError (``mdoc.form``)."""
    value = decode(transcript, "the session transcript")
    if not isinstance(value, list) or len(value) != 3:
        raise problem("mdoc.form", "a session transcript is an array of three")
    if not all(part is None or embedded(part) is not None for part in value[:2]):
        raise problem("mdoc.form", "device engagement and reader key of a transcript are encoded CBOR, or null")
    return transcript


def jwk_thumbprint(jwk: Mapping[str, Any]) -> bytes:
    """The SHA-256 thumbprint of a public JWK (RFC 7638), 32 bytes. Raises ValueError for what is no JWK."""
    from jwcrypto.jwk import JWK, InvalidJWKType, InvalidJWKValue

    try:
        text = JWK(**jwk).thumbprint()
    except (InvalidJWKType, InvalidJWKValue, TypeError, ValueError) as error:
        raise ValueError("the encryption key is not a JWK") from error
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _handover(name: str, info: list[Any]) -> bytes:
    return encode([None, None, [name, hashlib.sha256(encode(info)).digest()]])


def _thumbprint(key: Mapping[str, Any] | None) -> bytes | None:
    return None if key is None else jwk_thumbprint(key)


def _text(value: str, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is a text that is not empty")
    return value
