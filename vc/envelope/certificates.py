"""``x5c``: from the certificates in a header to a key, when they lead to a pinned anchor (RFC 7515 section 4.1.6).

Chains are built and judged by cryptography's X.509 verifier: signatures, validity at the time of the verification, CA
constraints, name constraints. Only the purpose extensions of a web server's certificate are not asked for.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from did.multibase import encode_base64url

from ..checks.envelope_policies import X5C_OTHER_NAMES, X5C_SUBJECT, allowing
from ..problems import Problem, ProblemError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from did import PublicKey, VerificationMethod

__all__ = ["MAX_CERTIFICATES", "certified_method", "check_thumbprint", "load_chain", "public_key_of"]

MAX_CERTIFICATES: Final = 8
_MAX_CERTIFICATE: Final = 16_384


def certified_method(
    chain: Sequence[Certificate],
    anchors: Sequence[Certificate],
    issuer: str | None,
    now: datetime,
    *,
    policies: frozenset[str] = frozenset(),
) -> VerificationMethod:
    """The key of the first certificate of ``chain``, for ``issuer`` whom that certificate has to name.

    ``issuer`` is the ``iss`` or ``issuer`` of the credential; it is named by a URI of the subject alternative names, or
    by a DNS name that is its host. Without one (SD-JWT VC lets it out) the certificate's URI is the issuer. Policies
    may allow other names, or the certificate's subject (RFC 4514) as issuer. Raises ProblemError (``envelope.chain``,
    ``method.invalid``).
    """
    from did import VerificationMethod

    _verify_chain(chain, anchors, now)
    leaf = chain[0]
    uris, hosts = _names(leaf)
    if issuer is None:
        if len(uris) != 1 and (uris or X5C_SUBJECT not in policies or not leaf.subject.rdns):
            detail = "the envelope names no issuer, and its certificate not exactly one"
            raise _problem(detail if uris else detail + allowing(X5C_SUBJECT))
        issuer = uris[0] if uris else leaf.subject.rfc4514_string()
    elif (
        issuer not in uris
        and not (issuer.startswith("https://") and urlsplit(issuer).hostname in hosts)
        and X5C_OTHER_NAMES not in policies
    ):
        names = ", ".join([*uris, *hosts][:5]) or "none"
        detail = f"the certificate is not that of {issuer!r:.100}: its names are {names:.200}"
        raise _problem(detail + allowing(X5C_OTHER_NAMES))
    from cryptography.hazmat.primitives.hashes import SHA256

    name = f"urn:x-x5t:{leaf.fingerprint(SHA256()).hex()}"
    return VerificationMethod(name, "X509Certificate", issuer, public_key_of(leaf))


def load_chain(value: Any) -> list[Certificate]:
    """The certificates of ``x5c`` (base64 of DER each), or of COSE's ``x5chain`` (DER). Raises ProblemError."""
    from cryptography import x509

    entries = [value] if isinstance(value, bytes) else value
    if not isinstance(entries, list | tuple) or not 0 < len(entries) <= MAX_CERTIFICATES:
        raise _problem(f"a certificate chain has one to {MAX_CERTIFICATES} certificates")
    chain = []
    for entry in entries:
        try:
            if len(entry) > _MAX_CERTIFICATE * 4 // 3 + 4:
                raise ValueError("too long")
            data = entry if isinstance(entry, bytes) else base64.b64decode(entry, validate=True)
            chain.append(x509.load_der_x509_certificate(data))
        except (ValueError, TypeError, binascii.Error, x509.InvalidVersion):
            raise _problem("not a certificate") from None
    return chain


def check_thumbprint(leaf: Certificate, header: Mapping[str, Any]) -> None:
    """A thumbprint in the header (``x5t#S256``) is that of the first certificate. Raises ProblemError."""
    from cryptography.hazmat.primitives.hashes import SHA256

    expected = header.get("x5t#S256")
    if expected is not None and expected != encode_base64url(leaf.fingerprint(SHA256())):
        raise _problem("the thumbprint in the header (x5t#S256) is not that of the first certificate")


def _verify_chain(chain: Sequence[Certificate], anchors: Sequence[Certificate], now: datetime) -> None:
    from cryptography.x509.verification import (
        ExtensionPolicy,
        PolicyBuilder,
        Store,
        VerificationError,
    )

    if not anchors:
        raise _problem("the envelope is signed with a certificate, and no anchor is trusted")
    leaf = chain[0]
    if leaf in anchors or leaf.issuer == leaf.subject:
        raise _problem("a trust anchor does not sign credentials itself")
    policy = (
        PolicyBuilder()
        .store(Store(list(anchors)))
        .time(now)
        .max_chain_depth(MAX_CERTIFICATES)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all())
    )
    try:
        policy.build_client_verifier().verify(leaf, list(chain[1:]))
    except (VerificationError, ValueError) as error:
        raise _problem(f"the certificates do not lead to a trusted anchor: {error}"[:300]) from None
    _check_use(leaf)


def _check_use(leaf: Certificate) -> None:
    """An end entity's certificate that may sign (RFC 5280 sections 4.2.1.3 and 4.2.1.9)."""
    from cryptography import x509

    try:
        if leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise _problem("a certificate authority's certificate does not sign credentials")
    except x509.ExtensionNotFound:
        pass
    try:
        if not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            raise _problem("the certificate's key may not sign")
    except x509.ExtensionNotFound:
        pass


def _names(leaf: Certificate) -> tuple[list[str], list[str]]:
    from cryptography import x509

    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return [], []
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris, [name.lower() for name in names.get_values_for_type(x509.DNSName)]


def public_key_of(leaf: Certificate) -> PublicKey:
    """A certificate's key. Raises ProblemError (method.invalid) for one of a type that is not supported."""
    from cryptography.exceptions import UnsupportedAlgorithm

    from did import KeyTypeUnsupported, PublicKey

    try:
        return PublicKey.from_object(leaf.public_key())
    except (KeyTypeUnsupported, UnsupportedAlgorithm):
        detail = "the certificate has a key of a type that is not supported"
        raise ProblemError(Problem("method.invalid", detail)) from None


def _problem(detail: str) -> ProblemError:
    return ProblemError(Problem("envelope.chain", detail))
