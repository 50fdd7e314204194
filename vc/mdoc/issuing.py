"""Issuing an mdoc (ISO/IEC 18013-5 section 9.1.2): elements with random bytes, their digests, one signature."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import cbor2

from ..envelope import cose
from ..envelope.algorithms import cose_algorithm
from ..envelope.certificates import public_key_of
from .encoding import at, encode, encode_embedded, problem
from .reading import read_issuer_signed
from .security_object import DIGESTS, KeyAuthorizations, MobileSecurityObject, ValidityInfo

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from did import PublicKey, Signer

__all__ = ["issue"]

_RANDOM: Final = 32
_NONE: Final = KeyAuthorizations()


def issue(
    doc_type: str,
    name_spaces: Mapping[str, Mapping[str, Any]],
    device_key: PublicKey,
    signer: Signer,
    certificates: Sequence[Certificate],
    *,
    valid_until: datetime,
    valid_from: datetime | None = None,
    expected_update: datetime | None = None,
    status: Mapping[str, Any] | None = None,
    key_authorizations: KeyAuthorizations = _NONE,
    digest_algorithm: str = "SHA-256",
    now: datetime | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """The IssuerSigned (CBOR) of a document of type ``doc_type`` for the holder of ``device_key``.

    ``name_spaces`` is namespace -> element -> value: text, bytes, int, float, bool, ``date``, aware ``datetime``, and
    lists and maps of these. Digest ids are drawn by lot, so that they don't tell which element is hidden. ``signer`` is
    the document signer; ``certificates`` begins with its own and leaves the root out. ``status`` is the claim of a
    Token Status List (``vc.status.status_reference``).

    Times are aware and lose their fractions of a second; ``valid_from`` is by default the time of signing, ``now``. To
    keep a batch from being linked by it, give ``now`` rounded. Raises ProblemError: for values that mdocs can't hold,
    a certificate that is not the signer's, times outside the certificate's.
    """
    if digest_algorithm not in DIGESTS:
        raise problem("mdoc.security_object", f"the digest algorithm is one of {', '.join(DIGESTS)}")
    signed = _second(datetime.now(UTC) if now is None else now)
    validity = ValidityInfo(
        signed,
        signed if valid_from is None else _second(valid_from),
        _second(valid_until),
        None if expected_update is None else _second(expected_update),
    )
    _check_certificates(certificates, signer, validity)
    items = {name: _items(name, elements, random) for name, elements in name_spaces.items() if elements}
    hash_only = MobileSecurityObject(doc_type, digest_algorithm, {}, device_key, validity)
    mso = MobileSecurityObject(
        doc_type=doc_type,
        digest_algorithm=digest_algorithm,
        # In the order of the ids: that of the elements would say which is which.
        value_digests={name: {n: hash_only.digest(item) for n, item in sorted(i.items())} for name, i in items.items()},
        device_key=device_key,
        validity=validity,
        key_authorizations=key_authorizations,
        status=status,
    )
    data = encode(
        {
            "nameSpaces": {name: [cbor2.loads(item) for item in found.values()] for name, found in items.items()},
            "issuerAuth": _signed(mso.encoded(), signer, certificates),
        }
    )
    read_issuer_signed(data)  # What would be refused is not issued.
    return data


def _items(name_space: str, elements: Mapping[str, Any], random: Callable[[int], bytes]) -> dict[int, bytes]:
    """Digest id -> IssuerSignedItemBytes, in the order of the elements."""
    lots = sorted(range(len(elements)), key=lambda _: random(16))
    found = {}
    for number, (name, value) in zip(lots, elements.items(), strict=True):
        item = {"digestID": number, "random": random(_RANDOM), "elementIdentifier": name, "elementValue": value}
        try:
            found[number] = encode_embedded(encode(item))
        except Exception as error:  # cbor2 lets errors of many kinds through: values of other types, naive times.
            detail = f"the element can't be written as CBOR: {type(error).__name__}"
            raise problem("mdoc.element", detail, at(at("", name_space), name)) from None
    return found


def _signed(payload: bytes, signer: Signer, certificates: Sequence[Certificate]) -> list[Any]:
    from cryptography.hazmat.primitives.serialization import Encoding

    protected = encode({cose.ALG: cose_algorithm(signer.algorithm)})
    chain = [certificate.public_bytes(Encoding.DER) for certificate in certificates]
    unprotected = {cose.X5CHAIN: chain[0] if len(chain) == 1 else chain}
    unsigned = cose.parse(encode([protected, unprotected, payload, b""]))
    return [protected, unprotected, payload, signer.sign(unsigned.signing_input)]


def _check_certificates(certificates: Sequence[Certificate], signer: Signer, validity: ValidityInfo) -> None:
    if not certificates or public_key_of(certificates[0]) != signer.public_key:
        raise problem("mdoc.certificate", "the first certificate is that of the signer's key")
    if any(certificate.issuer == certificate.subject for certificate in certificates):
        raise problem("envelope.chain", "the root certificate is left out, and a self-signed one is no signer's")
    begin, end = certificates[0].not_valid_before_utc, certificates[0].not_valid_after_utc
    if not begin <= validity.signed <= end or validity.valid_until > end:
        raise problem("mdoc.signed", f"an mdoc is signed, and ends, while its certificate is valid: {begin} to {end}")


def _second(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("the times of an mdoc have a time zone")
    return when.astimezone(UTC).replace(microsecond=0)
