"""``x5c``: from the certificates in a header to a key, when they lead to a pinned anchor (RFC 7515 section 4.1.6).

Chains are built and judged by cryptography's X.509 verifier: signatures, validity at the time of the verification, CA
constraints, name constraints. Only the purpose extensions of a web server's certificate are not asked for.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..problems import Problem, ProblemError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from did import PublicKey, VerificationMethod

__all__ = ["MAX_CERTIFICATES", "certified_method", "load_chain", "public_key_of"]

MAX_CERTIFICATES: Final = 8
_MAX_CERTIFICATE: Final = 16_384


def certified_method(
    chain: Sequence[Certificate], anchors: Sequence[Certificate], issuer: str | None, now: datetime
) -> VerificationMethod:
    """The key of the first certificate of ``chain``, for ``issuer`` whom that certificate has to name.

    ``issuer`` is the ``iss`` or ``issuer`` of the credential; it is named by a URI of the subject alternative names, or
    by a DNS name that is its host. Without one (SD-JWT VC lets it out) the certificate's URI is the issuer. Raises
    ProblemError (``envelope.chain``, ``method.invalid``).
    """
    from did import VerificationMethod

    _verify_chain(chain, anchors, now)
    leaf = chain[0]
    uris, hosts = _names(leaf)
    if issuer is None:
        if len(uris) != 1:
            raise _problem("the envelope names no issuer, and its certificate not exactly one")
        issuer = uris[0]
    elif issuer not in uris and not (issuer.startswith("https://") and urlsplit(issuer).hostname in hosts):
        raise _problem("the certificate is not the issuer's: it has other names")
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
            data = entry if isinstance(entry, bytes) else base64.b64decode(entry, validate=True)
            if len(data) > _MAX_CERTIFICATE:
                raise ValueError("too long")
            chain.append(x509.load_der_x509_certificate(data))
        except (ValueError, TypeError, binascii.Error, x509.InvalidVersion):
            raise _problem("not a certificate") from None
    return chain


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
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from did import PublicKey

    names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
    key = leaf.public_key()
    if isinstance(key, Ed25519PublicKey):
        return PublicKey("Ed25519", key.public_bytes_raw())
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in names:
        return PublicKey(names[key.curve.name], key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    raise ProblemError(Problem("method.invalid", "the certificate has a key of a type that is not supported"))


def _problem(detail: str) -> ProblemError:
    return ProblemError(Problem("envelope.chain", detail))
