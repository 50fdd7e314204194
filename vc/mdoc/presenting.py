"""Showing an mdoc (ISO/IEC 18013-5 section 8.3.2.1.2.2): the chosen elements, signed by the device for one session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..envelope import cose
from ..envelope.algorithms import cose_algorithm
from .device_authentication import device_authentication
from .encoding import at, decode, encode, encode_embedded, problem
from .reading import IssuerSigned, read_issuer_signed, read_response
from .transcripts import check_transcript

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = ["PendingDeviceResponse", "prepare", "present"]

_STATUS_OK = 0


@dataclass(frozen=True, slots=True)
class PendingDeviceResponse:
    """A DeviceResponse that waits for its signature: ``prepare`` made it, another place signs.

    ``data_to_sign`` is what ``key``, the device key, signs: for ECDSA over P-256 with SHA-256 once more, as
    ``did.Signer.sign`` does.
    """

    data_to_sign: bytes
    key: PublicKey
    _document: Mapping[str, Any] = field(repr=False)
    _protected: bytes = field(repr=False)

    def complete(self, signature: bytes) -> bytes:
        """The DeviceResponse (CBOR) with its signature (``r || s`` for ECDSA, 64 bytes for Ed25519).

        Raises ProblemError (``mdoc.device_signature``) for one that is not the key's over ``data_to_sign``.
        """
        if not self.key.verify(signature, self.data_to_sign):
            raise problem("mdoc.device_signature", "the signature is not the device's over this session")
        return self._response(signature)

    def _response(self, signature: bytes) -> bytes:
        auth: dict[str, Any] = {"deviceSignature": [self._protected, {}, None, signature]}
        signed = {**self._document["deviceSigned"], "deviceAuth": auth}
        document = {**self._document, "deviceSigned": signed}
        return encode({"version": "1.0", "documents": [document], "status": _STATUS_OK})


def present(
    issuer_signed: bytes | str,
    elements: Mapping[str, Collection[str]],
    signer: Signer,
    *,
    transcript: bytes,
    device_signed: Mapping[str, Mapping[str, Any]] | None = None,
) -> bytes:
    """A DeviceResponse (CBOR) with one document that shows ``elements`` (namespace -> identifiers), and no others.

    ``issuer_signed`` is the mdoc as it was issued, ``signer`` its device key, ``transcript`` that of the session
    (``vc.mdoc.redirect_transcript`` and others). ``device_signed`` are elements of the device's own, which the
    authority has to have allowed.

    Raises ProblemError: an element that the mdoc doesn't have (``mdoc.element``), another key than the mdoc is bound to
    (``mdoc.device_key``), elements that the device may not sign (``mdoc.device_authorization``).
    """
    pending = prepare(issuer_signed, elements, transcript=transcript, device_signed=device_signed)
    if signer.public_key != pending.key:
        raise problem("mdoc.device_key", "the mdoc is bound to another key than the signer's")
    return pending.complete(signer.sign(pending.data_to_sign))


def prepare(
    issuer_signed: bytes | str,
    elements: Mapping[str, Collection[str]],
    *,
    transcript: bytes,
    device_signed: Mapping[str, Mapping[str, Any]] | None = None,
) -> PendingDeviceResponse:
    """The first half of ``present``, for a key that signs elsewhere: in a phone's keystore, in a browser.

    Raises ProblemError as ``present`` does.
    """
    check_transcript(transcript)
    issued = read_issuer_signed(issuer_signed)
    mso = issued.security_object
    shown = _chosen(issued, elements)
    own = encode(_own_elements(issued, device_signed or {}))
    name_spaces = encode_embedded(own)
    protected = encode({cose.ALG: cose_algorithm(mso.device_key.key_type)})
    payload = device_authentication(transcript, mso.doc_type, name_spaces)
    document = {
        "docType": mso.doc_type,
        "issuerSigned": {**({"nameSpaces": shown} if shown else {}), "issuerAuth": issued.issuer_auth},
        "deviceSigned": {"nameSpaces": decode(name_spaces, "the device's elements")},
    }
    signing_input = cose.parse(encode([protected, {}, payload, b""])).signing_input
    pending = PendingDeviceResponse(signing_input, mso.device_key, document, protected)
    read_response(pending._response(b"\0"))  # What would be refused is not shown to anybody.
    return pending


def _chosen(issued: IssuerSigned, elements: Mapping[str, Collection[str]]) -> dict[str, list[Any]]:
    """The IssuerSignedItemBytes of ``elements``, in the order in which they were issued."""
    shown = {}
    for name, wanted in elements.items():
        if isinstance(wanted, str):
            raise TypeError("the elements of a namespace are a collection of identifiers")
        items = [item for item in issued.items.get(name, ()) if item.identifier in wanted]
        missing = sorted(set(wanted) - {item.identifier for item in items})
        if missing:
            raise problem("mdoc.element", f"the mdoc has no element {missing[0]!r:.100}", at(at("", name), missing[0]))
        if items:
            shown[name] = [decode(item.encoded, "an element") for item in items]
    return shown


def _own_elements(issued: IssuerSigned, device_signed: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    for name, entries in device_signed.items():
        for element in entries:
            if not issued.security_object.key_authorizations.allow(name, element):
                detail = f"the authority did not allow the device to sign {element!r:.100}"
                raise problem("mdoc.device_authorization", detail, at(at("", name), element))
    return {name: dict(entries) for name, entries in device_signed.items() if entries}
