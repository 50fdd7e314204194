"""Mobile documents (mdoc, ISO/IEC 18013-5): issue, present and verify on CBOR and COSE.

::

    issued = mdoc.issue(doc_type, name_spaces, device.public_key, document_signer, [certificate], valid_until=...)
    session = mdoc.redirect_transcript(client_id="...", nonce="...", response_uri="...")
    response = mdoc.present(issued, {"org.iso.23220.1": ["age_over_18"]}, device, transcript=session)
    verdict = mdoc.verify(response, transcript=session, anchors=[root])

An authority's root (IACA) signs the certificate of a document signer, this signs the digests of all elements, and the
device signs the session in which some of them are shown. What is named here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engagement import DeviceEngagement, RetrievalMethod
    from .explaining import explain
    from .issuing import issue
    from .judging import issued_verification, response_verification
    from .mapping import COMMON_NAME_SPACE, Element, ElementMapping
    from .presenting import PendingDeviceResponse, prepare, present
    from .reading import DeviceResponse, IssuerSigned, looks_like_response, read_issuer_signed, read_response
    from .security_object import KeyAuthorizations
    from .transcripts import dc_api_transcript, jwk_thumbprint, proximity_transcript, redirect_transcript
    from .verifying import verify, verify_async, verify_issued, verify_issued_async

__all__ = [
    "COMMON_NAME_SPACE",
    "DeviceEngagement",
    "DeviceResponse",
    "Element",
    "ElementMapping",
    "IssuerSigned",
    "KeyAuthorizations",
    "PendingDeviceResponse",
    "RetrievalMethod",
    "dc_api_transcript",
    "explain",
    "issue",
    "issued_verification",
    "jwk_thumbprint",
    "looks_like_response",
    "prepare",
    "present",
    "proximity_transcript",
    "read_issuer_signed",
    "read_response",
    "redirect_transcript",
    "response_verification",
    "verify",
    "verify_async",
    "verify_issued",
    "verify_issued_async",
]

_HOMES = {
    "COMMON_NAME_SPACE": "mapping",
    "DeviceEngagement": "engagement",
    "DeviceResponse": "reading",
    "Element": "mapping",
    "ElementMapping": "mapping",
    "IssuerSigned": "reading",
    "KeyAuthorizations": "security_object",
    "PendingDeviceResponse": "presenting",
    "RetrievalMethod": "engagement",
    "dc_api_transcript": "transcripts",
    "explain": "explaining",
    "issue": "issuing",
    "issued_verification": "judging",
    "jwk_thumbprint": "transcripts",
    "looks_like_response": "reading",
    "prepare": "presenting",
    "present": "presenting",
    "proximity_transcript": "transcripts",
    "read_issuer_signed": "reading",
    "read_response": "reading",
    "redirect_transcript": "transcripts",
    "response_verification": "judging",
    "verify": "verifying",
    "verify_async": "verifying",
    "verify_issued": "verifying",
    "verify_issued_async": "verifying",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'vc.mdoc' has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
