"""An authority's root, the certificate of its document signer, and that signer."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID, ObjectIdentifier

import did


def _name(common: str) -> x509.Name:
    country, common_name = NameOID.COUNTRY_NAME, NameOID.COMMON_NAME
    return x509.Name([x509.NameAttribute(country, "CN"), x509.NameAttribute(common_name, common)])


def _certificate(subject: str, key: ec.EllipticCurvePrivateKey, days: int, *extensions: x509.ExtensionType):
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name("Example root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.IssuerAlternativeName([x509.UniformResourceIdentifier("https://police.example")]), False)
    )
    for extension in extensions:
        critical = isinstance(extension, x509.KeyUsage | x509.ExtendedKeyUsage | x509.BasicConstraints)
        builder = builder.add_extension(extension, critical)
    return builder.sign(_root_key, SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, False, not signs, not signs, False, False)


_root_key, _signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
root = _certificate("Example root", _root_key, 3650, x509.BasicConstraints(True, 0), _usage(signs=False))
certificate = _certificate(
    "Example document signer",
    _signer_key,
    400,
    x509.AuthorityKeyIdentifier.from_issuer_public_key(_root_key.public_key()),
    _usage(signs=True),
    x509.ExtendedKeyUsage([ObjectIdentifier("1.0.18013.5.1.2")]),
)
signer = did.SoftwareKey.from_secret("P-256", _signer_key.private_numbers().private_value.to_bytes(32, "big"))
