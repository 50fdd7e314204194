"""From the certificates beside a signature to an issuing authority that is trusted (ISO/IEC 18013-5 annex B).

An authority's root (IACA) signs the certificates of its document signers, and these sign the security objects. Chains
are built and judged by ``cryptography``; what annex B.1.4 asks of a document signer's certificate beyond RFC 5280 is
asked here. Revocation lists of document signers are not fetched: an anchor that is no longer trusted is taken out of
the trust list, a document that is not is marked in its status list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from did import PublicKey

from ..envelope.certificates import load_chain, public_key_of
from ..problems import ProblemError
from .encoding import problem

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Extension

__all__ = ["DOCUMENT_SIGNER", "MAX_CHAIN", "DocumentSigner", "check_profile", "read_chain", "trusted_signer"]

DOCUMENT_SIGNER: Final = "1.0.18013.5.1.2"
"""The extended key usage of document signers (``mdlDS``)."""
MAX_CHAIN: Final = 3
_UNREADABLE: Final = "a certificate that can't be read"
_LONGEST: Final = timedelta(days=457)
"""Annex B.1.4: how long a document signer's certificate is valid at most."""


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """A document signer whose certificate leads to a trusted root.

    ``issuer`` names the authority: a URI of the certificate's subject alternative name, else of its issuer alternative
    name, else the root's subject (RFC 4514). Each is the root's word.
    """

    issuer: str
    certificate: Certificate
    public_key: PublicKey


def read_chain(x5chain: Any, pointer: str) -> list[Certificate]:
    """The certificates of ``x5chain`` (COSE label 33): one as bytes, or several. Raises ProblemError."""
    try:
        chain = load_chain(x5chain)
    except ProblemError as error:
        raise problem(error.code, error.problems[0].detail, pointer) from None
    except Exception:  # InvalidVersion, and warnings where these are errors.
        raise problem("envelope.chain", _UNREADABLE, pointer) from None
    if isinstance(x5chain, list) and len(x5chain) < 2:
        raise problem("envelope.chain", "a single certificate stands in x5chain without an array", pointer)
    if len(chain) > MAX_CHAIN:
        raise problem("envelope.chain", f"a chain has at most {MAX_CHAIN} certificates", pointer)
    for certificate in chain:
        _read_whole(certificate, pointer)
    return chain


def _read_whole(certificate: Certificate, pointer: str) -> None:
    """``cryptography`` reads a certificate's parts when they are asked for, and raises errors of many kinds then."""
    try:
        certificate.version, certificate.issuer, certificate.subject, certificate.extensions  # noqa: B018
        certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.signature_algorithm_oid  # noqa: B018
        certificate.public_key()
    except Exception:
        raise problem("envelope.chain", _UNREADABLE, pointer) from None


def trusted_signer(
    chain: Sequence[Certificate], anchors: Sequence[Certificate], now: datetime, pointer: str
) -> DocumentSigner:
    """The document signer of ``chain`` at the time ``now`` (aware). Raises ProblemError.

    ``envelope.chain`` when it doesn't lead to one of ``anchors``, has an anchor in it, or is self-signed;
    ``mdoc.certificate`` when the profile does not hold; ``method.invalid`` for a key of an unknown type.
    """
    from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

    leaf = chain[0]
    if not anchors:
        raise problem("envelope.chain", "the mdoc is signed with a certificate, and no anchor is trusted", pointer)
    if leaf.issuer == leaf.subject:
        raise problem("envelope.chain", "a document signer's certificate is not signed by itself", pointer)
    if any(certificate in anchors or certificate.issuer == certificate.subject for certificate in chain):
        raise problem("envelope.chain", "the chain comes without its anchor", pointer)
    policy = (
        PolicyBuilder()
        .store(Store(list(anchors)))
        .time(now)
        .max_chain_depth(MAX_CHAIN - 1)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all())
    )
    try:
        path = policy.build_client_verifier().verify(leaf, list(chain[1:])).chain
    except (VerificationError, ValueError) as error:
        detail = f"the certificates do not lead to a trusted anchor: {error}"
        raise problem("envelope.chain", detail[:300], pointer) from None
    if len(path) != len(chain) + 1:
        raise problem("envelope.chain", "the chain has certificates that don't belong to it", pointer)
    check_profile(leaf, path[1], pointer)
    try:
        key = public_key_of(leaf)
    except ProblemError as error:
        raise problem(error.code, error.problems[0].detail, pointer) from None
    return DocumentSigner(_issuer_of(leaf), leaf, key)


def check_profile(leaf: Certificate, authority: Certificate, pointer: str = "") -> None:
    """What annex B.1.4 asks of a document signer's certificate that ``authority`` signed.

    Asked for: at most 457 days, key identifiers that fit, the authority's country (and state), key usage
    digitalSignature alone, the extended key usage ``DOCUMENT_SIGNER`` alone (both critical), an issuer alternative
    name. Not asked for: the revocation list's address. Raises ProblemError (``mdoc.certificate``).
    """
    from cryptography import x509

    try:
        extensions = leaf.extensions
        authority_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise problem("mdoc.certificate", f"extensions that can't be read: {error}"[:200], pointer) from None

    def extension(kind: type[Any]) -> Extension[Any] | None:
        try:
            return extensions.get_extension_for_class(kind)
        except x509.ExtensionNotFound:
            return None

    usage, purposes = extension(x509.KeyUsage), extension(x509.ExtendedKeyUsage)
    basic, issuer_id = extension(x509.BasicConstraints), extension(x509.AuthorityKeyIdentifier)
    if leaf.not_valid_after_utc - leaf.not_valid_before_utc > _LONGEST:
        detail = f"a document signer's certificate is valid for {_LONGEST.days} days at most"
        raise problem("mdoc.certificate", detail, pointer)
    if basic is not None and basic.value.ca:
        raise problem("mdoc.certificate", "an authority's certificate does not sign documents", pointer)
    if usage is None or not usage.critical or not _only_signs(usage.value):
        raise problem("mdoc.certificate", "the key usage is digitalSignature alone, and critical", pointer)
    if purposes is None or not purposes.critical or [oid.dotted_string for oid in purposes.value] != [DOCUMENT_SIGNER]:
        detail = f"the extended key usage is {DOCUMENT_SIGNER} alone, and critical"
        raise problem("mdoc.certificate", detail, pointer)
    if issuer_id is None or issuer_id.value.key_identifier != authority_id:
        raise problem("mdoc.certificate", "the authority key identifier is not that of the root", pointer)
    if extension(x509.SubjectKeyIdentifier) is None or extension(x509.IssuerAlternativeName) is None:
        raise problem("mdoc.certificate", "subject key identifier and issuer alternative name are missing", pointer)
    _check_subject(leaf, authority, pointer)


def _check_subject(leaf: Certificate, authority: Certificate, pointer: str) -> None:
    from cryptography.x509.oid import NameOID

    if not leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        raise problem("mdoc.certificate", "the subject has no common name", pointer)
    for oid, what, needed in (
        (NameOID.COUNTRY_NAME, "country", True),
        (NameOID.STATE_OR_PROVINCE_NAME, "state", False),
    ):
        own, its = (
            [attribute.value for attribute in certificate.subject.get_attributes_for_oid(oid)]
            for certificate in (leaf, authority)
        )
        if (needed and not own) or own != its:
            raise problem("mdoc.certificate", f"the {what} is not that of the root", pointer)


def _only_signs(usage: Any) -> bool:
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign")
    return usage.digital_signature and not usage.crl_sign and not any(getattr(usage, name) for name in others)


def _issuer_of(leaf: Certificate) -> str:
    from cryptography import x509

    for kind in (x509.SubjectAlternativeName, x509.IssuerAlternativeName):
        try:
            names: Any = leaf.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            continue
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        if uris:
            return str(uris[0])
    return leaf.issuer.rfc4514_string()
