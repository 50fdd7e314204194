"""Every intermediate value of an mdoc by its name: what was signed, digested and compared. Nothing is decided here."""

from __future__ import annotations

import hashlib
from typing import Any

from ..envelope import cose
from ..envelope.algorithms import hash_of
from ..problems import ProblemError
from .device_authentication import device_authentication, with_payload
from .encoding import plain
from .reading import Document, IssuerSigned, read_issuer_signed, read_response
from .transcripts import check_transcript

__all__ = ["explain", "explained"]


def explain(data: bytes | str, *, transcript: bytes | None = None) -> list[dict[str, Any]]:
    """Every value of a DeviceResponse, document by document, or of an IssuerSigned; nothing is verified.

    Without a ``transcript`` what the device signed is left out. Raises ProblemError for what can't be read.
    """
    try:
        response = read_response(data)
    except ProblemError as error:
        try:
            return [explained(read_issuer_signed(data), "", None, b"")]
        except ProblemError:
            raise error from None
    return [
        explained(
            document.issuer_signed,
            f"/documents/{index}",
            document if transcript is not None else None,
            b"" if transcript is None else check_transcript(transcript),
        )
        for index, document in enumerate(response.documents)
    ]


def explained(issued: IssuerSigned, pointer: str, document: Document | None, transcript: bytes) -> dict[str, Any]:
    """The values of one document. Byte strings that are hashed or signed are lower-case hex, others base64url.

    ``issuerAuth``: certificates, algorithm, what was signed and its hash. ``mobileSecurityObject``: as signed, without
    the digests. ``elements``: for each that is shown its random bytes, value, the IssuerSignedItemBytes, the digest of
    these and the one that was signed. ``undisclosed``: how many digests of a namespace belong to no element that is
    shown. ``deviceAuth``, with a document: the session transcript and what the device signed.
    """
    mso = issued.security_object
    values: dict[str, Any] = {
        "pointer": pointer,
        "docType": mso.doc_type,
        "issuerAuth": {"certificates": [_certificate(item) for item in issued.chain], **_signature(issued.auth)},
        "mobileSecurityObject": {
            "digestAlgorithm": mso.digest_algorithm,
            "validityInfo": plain(mso.validity.to_cbor()),
            "deviceKey": mso.device_key.to_jwk(),
            "keyAuthorizations": mso.key_authorizations.to_cbor(),
            "status": mso.status,
        },
        "elements": _elements(issued),
        "undisclosed": {
            name: len(digests) - len(issued.items.get(name, ())) for name, digests in mso.value_digests.items()
        },
    }
    if document is not None:
        values["deviceAuth"] = _device(document, transcript)
    return values


def _elements(issued: IssuerSigned) -> list[dict[str, Any]]:
    mso = issued.security_object
    return [
        {
            "nameSpace": name,
            "elementIdentifier": item.identifier,
            "elementValue": plain(item.value),
            "digestID": item.digest_id,
            "random": item.random.hex(),
            "issuerSignedItemBytes": item.encoded.hex(),
            "digest": mso.digest(item.encoded).hex(),
            "signedDigest": mso.value_digests.get(name, {}).get(item.digest_id, b"").hex(),
        }
        for name, items in issued.items.items()
        for item in items
    ]


def _device(document: Document, transcript: bytes) -> dict[str, Any]:
    device = document.device_signed
    authentication = device_authentication(transcript, document.doc_type, device.name_spaces)
    values: dict[str, Any] = {
        "sessionTranscript": transcript.hex(),
        "deviceNameSpaces": device.elements,
        "deviceAuthenticationBytes": authentication.hex(),
    }
    if device.signature is None:
        return {**values, "method": "deviceMac"}
    return {**values, "method": "deviceSignature", **_signature(with_payload(device.signature, authentication))}


def _signature(signed: cose.CoseSign1) -> dict[str, Any]:
    algorithm = signed.header[cose.ALG]
    values = {"algorithm": algorithm, "signingInput": signed.signing_input.hex(), "signature": signed.signature.hex()}
    name = hash_of(algorithm)
    if name:
        values["signingInputHash"] = hashlib.new(name, signed.signing_input).hexdigest()
    return values


def _certificate(certificate: Any) -> dict[str, str]:
    from cryptography.hazmat.primitives.hashes import SHA256

    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "notBefore": certificate.not_valid_before_utc.isoformat(),
        "notAfter": certificate.not_valid_after_utc.isoformat(),
        "sha256": certificate.fingerprint(SHA256()).hex(),
    }
