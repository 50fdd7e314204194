"""An authority with a root and a document signer, a device, and mdocs of a made-up person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

import did
from vc import mdoc
from vc.envelope import cose

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
DOC_TYPE = "example.police.residence.1"
COMMON = mdoc.COMMON_NAME_SPACE
OWN = "example.police.residence.1"
SESSION = mdoc.redirect_transcript(client_id="x509_hash:abc", nonce="n-0S6_WzA2Mj", response_uri="https://v.example/r")
NAME_SPACES: dict[str, dict[str, Any]] = {
    COMMON: {
        "family_name": "王",
        "given_name": "小明",
        "birth_date": date(1990, 2, 28),
        "age_over_18": True,
        "sex": 1,
        "portrait": b"\xff\xd8\xff" + bytes(600),
    },
    OWN: {
        "residence_address": {"administrativeDivision": "510199", "addressText": "人民路 12 号"},
        "classes": ["A", "B"],
    },
}


def software_key(key: ec.EllipticCurvePrivateKey) -> did.SoftwareKey:
    value = key.private_numbers().private_value
    return did.SoftwareKey.from_secret(f"P-{key.curve.key_size}", value.to_bytes((key.curve.key_size + 7) // 8, "big"))


class Authority:
    """A root (IACA), and what it takes to make certificates of document signers, good and bad ones."""

    def __init__(self, name: str = "Authority", curve: type[ec.EllipticCurve] = ec.SECP256R1) -> None:
        self.name = _name(name + " root")
        self.curve = curve
        self.key = ec.generate_private_key(curve())
        self.root = self.certificate(self.name, self.key, days=3650, **ROOT)
        self.signer_key = ec.generate_private_key(curve())
        self.signer = software_key(self.signer_key)
        self.leaf = self.certificate(_name(name + " document signer"), self.signer_key)

    def certificate(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        days: int = 400,
        begin: datetime = NOW - timedelta(days=30),
        issuer: x509.Name | None = None,
        signed_by: ec.EllipticCurvePrivateKey | None = None,
        without: type[x509.ExtensionType] | None = None,
        replace: tuple[x509.ExtensionType, bool] | None = None,
        extensions: Callable[[Authority], list[tuple[x509.ExtensionType, bool]]] | None = None,
    ) -> x509.Certificate:
        wanted = (extensions or signer_extensions)(self)
        if replace is not None:
            wanted = [entry for entry in wanted if type(entry[0]) is not type(replace[0])] + [replace]
        wanted = [entry for entry in wanted if without is None or not isinstance(entry[0], without)]
        wanted.append((x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=days))
        )
        for extension, critical in wanted:
            if without is None or not isinstance(extension, without):
                builder = builder.add_extension(extension, critical)
        return builder.sign(signed_by or self.key, hashes.SHA256())

    def signer_certificate(self, **changes: Any) -> x509.Certificate:
        return self.certificate(changes.pop("subject", _name("Another document signer")), self.signer_key, **changes)

    def issue(self, device: did.PublicKey, name_spaces: Any = NAME_SPACES, **more: Any) -> bytes:
        arguments = {"valid_until": NOW + timedelta(days=90), "now": NOW, **more}
        doc_type, certificates = arguments.pop("doc_type", DOC_TYPE), arguments.pop("certificates", [self.leaf])
        return mdoc.issue(doc_type, name_spaces, device, self.signer, certificates, **arguments)

    def sign_again(self, issuer_signed: Any, change: Callable[[dict[str, Any]], None]) -> None:
        """What an authority could have signed instead: ``change`` the security object, and sign that."""
        protected, unprotected, payload, _ = issuer_signed["issuerAuth"]
        content = cbor2.loads(cbor2.loads(payload).value)
        change(content)
        payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(content)))
        signing_input = cose.parse(cbor2.dumps([protected, unprotected, payload, b""])).signing_input
        issuer_signed["issuerAuth"] = [protected, unprotected, payload, self.signer.sign(signing_input)]


def usage(**given: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    others = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{**dict.fromkeys((*names, *others), False), **given})


def _name(common: str, country: str = "CN") -> x509.Name:
    entries = [x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name(entries)


def signer_extensions(authority: Authority) -> list[tuple[x509.ExtensionType, bool]]:
    uri = x509.UniformResourceIdentifier("https://police.example/authority")
    return [
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), False),
        (x509.IssuerAlternativeName([uri]), False),
        (x509.SubjectAlternativeName([uri]), False),
        (usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ObjectIdentifier("1.0.18013.5.1.2")]), True),
    ]


def _root_extensions(authority: Authority) -> list[tuple[x509.ExtensionType, bool]]:
    return [
        (x509.IssuerAlternativeName([x509.UniformResourceIdentifier("https://police.example/authority")]), False),
        (x509.BasicConstraints(True, 0), True),
        (usage(key_cert_sign=True, crl_sign=True), True),
    ]


ROOT: dict[str, Any] = {"extensions": _root_extensions}


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def device() -> did.SoftwareKey:
    return did.SoftwareKey.from_seed("P-256", b"device")


@pytest.fixture(scope="session")
def issued(authority: Authority, device: did.SoftwareKey) -> bytes:
    return authority.issue(device.public_key)


@pytest.fixture(scope="session")
def shown(issued: bytes, device: did.SoftwareKey) -> bytes:
    """Two elements of the common namespace and one of our own."""
    elements = {COMMON: ["family_name", "age_over_18"], OWN: ["residence_address"]}
    return mdoc.present(issued, elements, device, transcript=SESSION)


@pytest.fixture(scope="session")
def judge(authority: Authority):
    def verify(response: bytes | str, **changes: Any):
        return mdoc.verify(response, **{"transcript": SESSION, "anchors": [authority.root], "now": NOW, **changes})

    return verify


def codes(verdict: Any) -> list[str]:
    return [problem.code for problem in verdict.problems]


def outcome(verdict: Any, name: str) -> str:
    return next(check.outcome.value for check in verdict.checks if check.name == name)
