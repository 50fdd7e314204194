"""From the bytes of an mdoc to a verdict (ISO/IEC 18013-5 sections 9.1.2, 9.1.3 and 9.3.1).

The steps in order, for each document: its type, its certificates, the authority's signature, the digests of what is
shown, the period, what the device may sign and did sign, the status. What is cheap comes first, and after a failure
nothing dear is computed unless an explanation is asked for.
"""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING, Any, Final

from ..checks.record import Record
from ..envelope import cose
from ..envelope.algorithms import fits
from ..model import moment_of
from ..needs import Steps
from ..problems import Problem, ProblemError
from ..verdict import Verdict
from .certificates import DocumentSigner, trusted_signer
from .device_authentication import device_authentication, with_payload
from .encoding import at, plain
from .explaining import explained
from .reading import DeviceSigned, Document, IssuerSigned, read_issuer_signed, read_response

if TYPE_CHECKING:
    from did import PublicKey

    from ..checks.expectations import Expectations

__all__ = ["issued_verification", "response_verification"]

_NOT_REACHED: Final = "not reached: a check before it failed"


def response_verification(response: bytes | str, transcript: bytes, expected: Expectations) -> Steps[Verdict]:
    """The steps from a DeviceResponse to its verdict. Whatever happens on the way, there is a verdict.

    ``expected.envelopes`` has the anchors. Pointers of problems are into the response.
    """
    record, found = Record(), _Found()
    try:
        yield from _response(response, transcript, expected, record, found)
    except Exception as error:  # Fail closed: an oversight of ours must not become a way in, or a crash.
        _broke_off(error, record)
    return record.verdict(found.document, {"mdoc": found.explained} if found.explained else None)


def issued_verification(
    issuer_signed: bytes | str, device_key: PublicKey | None, expected: Expectations
) -> Steps[Verdict]:
    """The steps from an IssuerSigned, as a wallet gets it, to a verdict. It has to be bound to ``device_key``."""
    record, found = Record(), _Found()
    try:
        yield from _issued(issuer_signed, device_key, expected, record, found)
    except Exception as error:
        _broke_off(error, record)
    return record.verdict(found.document, {"mdoc": found.explained} if found.explained else None)


class _Found:
    """What goes into the verdict besides the checks: it is there as far as the verification came."""

    __slots__ = ("document", "explained")

    def __init__(self) -> None:
        self.document: dict[str, Any] | None = None
        self.explained: list[dict[str, Any]] = []


def _broke_off(error: Exception, record: Record) -> None:
    logging.getLogger(__name__).error("verification broke off: %s", type(error).__name__)
    detail = f"the verification broke off ({type(error).__name__}); the document counts as not verified"
    record.failed("proof", "", [Problem("verification.internal", detail)])


def _response(
    data: bytes | str, transcript: bytes, expected: Expectations, record: Record, found: _Found
) -> Steps[None]:
    try:
        response = read_response(data)
    except ProblemError as error:
        record.failed("parse", "", error.problems)
        return
    record.passed("parse", "")
    problems = []
    if response.status:
        problems.append(Problem("mdoc.response", f"the device reports the status {response.status}", "/status"))
    if not response.documents:
        problems.append(Problem("mdoc.response", "the response has no document", "/documents"))
    record.judged("response", "", problems)
    for doc_type, code in response.document_errors:
        detail = f"the device did not return {doc_type:.100} (code {code})"
        record.warnings.append(Problem("mdoc.document_error", detail, "/documentErrors"))
    documents: list[dict[str, Any]] = []
    errors = [{"docType": doc_type, "code": code} for doc_type, code in response.document_errors]
    found.document = {"version": "1.0", "documents": documents, "documentErrors": errors}
    for index, document in enumerate(response.documents):
        pointer = f"/documents/{index}"
        _check_doc_type(document, pointer, record)
        values = _contents(document.issuer_signed)
        values["deviceSigned"] = document.device_signed.elements
        documents.append(values)
        _warn_of_errors(document, pointer, record)
        signer = _check_issuer(document.issuer_signed, pointer + "/issuerSigned", expected, record)
        _check_device(document, pointer + "/deviceSigned", transcript, expected, record)
        yield from _finish(document.issuer_signed, signer, pointer, values, expected, record)
        if expected.explain:
            found.explained.append(explained(document.issuer_signed, pointer, document, transcript))


def _issued(
    data: bytes | str, device_key: PublicKey | None, expected: Expectations, record: Record, found: _Found
) -> Steps[None]:
    try:
        issued = read_issuer_signed(data)
    except ProblemError as error:
        record.failed("parse", "", error.problems)
        return
    record.passed("parse", "")
    found.document = values = _contents(issued)
    signer = _check_issuer(issued, "", expected, record)
    if device_key is None:
        record.not_applicable("holder_binding", "", "no device key was given to compare with")
    else:
        same = issued.security_object.device_key == device_key
        problem = Problem("mdoc.device_key", "the mdoc is bound to another key", "/issuerAuth/payload/deviceKeyInfo")
        record.judged("holder_binding", "", [] if same else [problem], stop=False)
    yield from _finish(issued, signer, "", values, expected, record)
    if expected.explain:
        found.explained.append(explained(issued, "", None, b""))


def _contents(issued: IssuerSigned) -> dict[str, Any]:
    mso = issued.security_object
    values: dict[str, Any] = {
        "docType": mso.doc_type,
        "issuer": None,
        "issuerSigned": issued.elements,
        "validityInfo": plain(mso.validity.to_cbor()),
        "deviceKey": mso.device_key.to_jwk(),
    }
    if mso.status is not None:
        values["status"] = mso.status
    return values


def _check_doc_type(document: Document, pointer: str, record: Record) -> None:
    problems = []
    if document.doc_type != document.issuer_signed.security_object.doc_type:
        detail = "the document is not of the type that its authority signed"
        problems.append(Problem("mdoc.doc_type", detail, pointer + "/docType"))
    record.judged("doc_type", pointer, problems)


def _warn_of_errors(document: Document, pointer: str, record: Record) -> None:
    for name, codes in document.errors.items():
        for element, code in codes.items():
            detail = f"the device did not return {element:.100} (code {code})"
            record.warnings.append(Problem("mdoc.document_error", detail, at(at(pointer + "/errors", name), element)))


# --- the authority ---------------------------------------------------------------------------------------------------


def _check_issuer(issued: IssuerSigned, pointer: str, expected: Expectations, record: Record) -> DocumentSigner | None:
    """Certificates, signature, digests. Returns who signed, when that was found to be a trusted document signer."""
    place = pointer + "/issuerAuth"
    signer = None
    try:
        signer = trusted_signer(issued.chain, expected.envelopes.anchors, expected.now, place)
        problems = _signed_in_time(issued, signer, place)
    except ProblemError as error:
        problems = list(error.problems)
    record.judged("issuer", pointer, problems)
    if signer is None or (record.stopped and not expected.explain):
        record.not_applicable("proof", pointer, _NOT_REACHED)
    else:
        record.judged("proof", pointer, _signature(issued.auth, signer.public_key, "proof.signature", place))
    if record.stopped and not expected.explain:
        record.not_applicable("digests", pointer, _NOT_REACHED)
    else:
        record.judged("digests", pointer, _digests(issued, pointer))
    return signer


def _signed_in_time(issued: IssuerSigned, signer: DocumentSigner, place: str) -> list[Problem]:
    certificate, signed = signer.certificate, issued.security_object.validity.signed
    if certificate.not_valid_before_utc <= signed <= certificate.not_valid_after_utc:
        return []
    detail = "the mdoc was not signed while its signer's certificate was valid"
    return [Problem("mdoc.signed", detail, place + "/payload/validityInfo/signed")]


def _signature(signed: cose.CoseSign1, key: PublicKey, code: str, place: str) -> list[Problem]:
    if not fits(signed.header[cose.ALG], key.key_type):
        return [Problem("envelope.algorithm", "the algorithm in the header is not one of the key's", place)]
    return [] if signed.verify(key) else [Problem(code, "the signature does not match", place)]


def _digests(issued: IssuerSigned, pointer: str) -> list[Problem]:
    mso, problems = issued.security_object, []
    for name, items in issued.items.items():
        place = at(pointer + "/nameSpaces", name)
        signed = mso.value_digests.get(name, {})
        for index, item in enumerate(items):
            digest = signed.get(item.digest_id)
            if digest is None or not hmac.compare_digest(digest, mso.digest(item.encoded)):
                detail = f"{item.identifier:.100} is not what its authority signed"
                problems.append(Problem("mdoc.digest", detail, f"{place}/{index}"))
    return problems


# --- the device ------------------------------------------------------------------------------------------------------


def _check_device(document: Document, pointer: str, transcript: bytes, expected: Expectations, record: Record) -> None:
    mso, device = document.issuer_signed.security_object, document.device_signed
    problems = [
        Problem(
            "mdoc.device_authorization",
            f"the authority did not allow the device to sign {element:.100}",
            at(at(pointer + "/nameSpaces", name), element),
        )
        for name, elements in device.elements.items()
        for element in elements
        if not mso.key_authorizations.allow(name, element)
    ]
    record.judged("device_authorization", pointer, problems)
    if device.signature is None:
        detail = "the device authenticated by a MAC, which only a reader with a key of its own can check"
        record.failed("holder_binding", pointer, [Problem("mdoc.device_mac", detail, pointer + "/deviceAuth")])
    elif record.stopped and not expected.explain:
        record.not_applicable("holder_binding", pointer, _NOT_REACHED)
    else:
        record.judged("holder_binding", pointer, _device_signature(document, device, transcript, pointer))


def _device_signature(document: Document, device: DeviceSigned, transcript: bytes, pointer: str) -> list[Problem]:
    if device.signature is None:
        return []
    payload = device_authentication(transcript, document.doc_type, device.name_spaces)
    signed = with_payload(device.signature, payload)
    key = document.issuer_signed.security_object.device_key
    return _signature(signed, key, "mdoc.device_signature", pointer + "/deviceAuth/deviceSignature")


# --- time and status -------------------------------------------------------------------------------------------------


def _finish(
    issued: IssuerSigned,
    signer: DocumentSigner | None,
    pointer: str,
    values: dict[str, Any],
    expected: Expectations,
    record: Record,
) -> Steps[None]:
    if signer is not None:
        values["issuer"] = signer.issuer
    validity = issued.security_object.validity
    problems = []
    place = pointer + "/validityInfo"
    if moment_of(validity.valid_from) > expected.latest:
        problems.append(Problem("period.not_yet", f"valid from {validity.valid_from:%Y-%m-%d %H:%M:%SZ}", place))
    if moment_of(validity.valid_until) < expected.earliest:
        problems.append(Problem("period.over", f"valid until {validity.valid_until:%Y-%m-%d %H:%M:%SZ}", place))
    record.judged("validity_period", pointer, problems, stop=False)
    yield from _check_status(issued, signer, pointer, expected, record)


def _check_status(
    issued: IssuerSigned, signer: DocumentSigner | None, pointer: str, expected: Expectations, record: Record
) -> Steps[None]:
    status, place = issued.security_object.status, pointer + "/status"
    checker = expected.envelopes.token_status
    if checker is None and expected.status is not None:
        checker = expected.status.tokens
    if status is None:
        record.not_applicable("status", pointer, "the mdoc has no status")
    elif record.stopped or signer is None:
        record.not_applicable("status", pointer, _NOT_REACHED)
    elif checker is None:
        detail = "the mdoc has a status; it was not checked, as no checker was given"
        record.warnings.append(Problem("warning.status", detail, place))
        record.not_applicable("status", pointer, detail)
    else:
        judgement = yield from checker.judge(
            status,
            issuer=signer.issuer,
            now=expected.now,
            resolver=expected.resolver,
            profile=expected.envelopes,
            pointer=place,
        )
        record.add("status", pointer, judgement)
