"""JWT, SD-JWT and COSE envelopes, key bindings and a thief's, certificate chains."""

from __future__ import annotations

import json
from typing import Any

import vc
from vc.envelope import EnvelopeProfile
from vc.envelope.certificates import load_chain
from vc.envelope.key_binding import bind_text
from vc.envelope.sd_jwt import parse
from vc.problems import ProblemError
from vc.status import TokenStatusChecker

from .. import mutators, world
from ..meaning import Meaning, says_more
from ..target import CORPUS, Target, Violation, refused
from .proofs import _verdict


def _profile() -> EnvelopeProfile:
    return EnvelopeProfile(
        token_status=TokenStatusChecker(world.Lists({world.TOKEN_URL: world.status_token().encode()}))
    )


PROFILE = _profile()


def _form(data: bytes) -> str | bytes:
    """Text where it can be text: JWTs come as text, COSE as bytes."""
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        return data


def _credential(data: bytes) -> Meaning | None:
    return _verdict(_form(data), envelopes=PROFILE, status=world.status_checker("ecdsa-sd-2023"))


def _presentation(data: bytes) -> Meaning | None:
    return _verdict(
        _form(data), challenge=world.CHALLENGE, domain=world.DOMAIN, envelopes=PROFILE,
        status=world.status_checker("ecdsa-sd-2023"),
    )  # fmt: skip


def _sd_jwt(data: bytes) -> None:
    """Fewer disclosures are a holder's right; another claim is not."""
    found = _credential(data)
    if found is None:
        return
    originals = [_credential(item) for item in _corpus("envelope-sd-jwt")]
    more = [says_more(found["document"], original["document"]) for original in originals if original is not None]
    if None not in more:
        raise Violation(f"an SD-JWT says what was not signed | at {more[:1]}")


@refused(ProblemError)
def _derive(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    shown = vc.derive_enveloped(text, ["/name", "/credentialSubject/fullName"][: 1 + len(text) % 2])
    parse(shown)


@refused(ProblemError)
def _theft(data: bytes) -> None:
    """A thief binds somebody else's SD-JWT, changed as they like, with their own key."""
    if not data.isascii():
        return
    bound = bind_text(
        data.decode(), "sha-256", world.THIEF, nonce=world.CHALLENGE, audience=world.DOMAIN, now=world.NOW
    )
    if _presentation(bound.encode("utf-8", "replace")) is not None:
        raise Violation("a stolen SD-JWT verifies with the thief's own key")


@refused(ProblemError)
def _chain(data: bytes) -> None:
    load_chain(json.loads(data) if data.startswith(b"[") else [data])


def _corpus(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("valid-*"))]


@refused(ValueError)
def _guarded_chain(data: bytes) -> None:
    if data.startswith(b"["):
        json.loads(data)
    _chain(data)


TARGETS = (
    Target("envelope-jwt", mutators.compact, _credential, signed=True),
    Target("envelope-sd-jwt", mutators.compact, _sd_jwt),
    Target("envelope-sd-jwt-derive", mutators.compact, _derive),
    Target("envelope-cose", mutators.cbor, _credential, signed=True),
    Target("envelope-json", mutators.json_document, _credential, signed=True),
    Target("envelope-presentation", mutators.compact, _presentation, signed=True),
    Target("envelope-theft", mutators.compact, _theft),
    Target("certificate", mutators.raw, _guarded_chain),
)


def _claims(**changes: Any) -> dict[str, Any]:
    return {
        "vct": "https://example.com/vct",
        "iss": world.LICENSOR.did,
        "iat": 1_767_225_600,
        "exp": 1_798_761_600,
        "name": "王小明",
        "ageOver18": False,
        "address": {"city": "成都"},
        "status": {"status_list": {"idx": world.GOOD % 997, "uri": world.TOKEN_URL}},
        **changes,
    }


def _dc(**changes: Any) -> str:
    return str(
        vc.issue_enveloped(
            _claims(**changes), world.LICENSOR, envelope="dc+sd-jwt", disclosable=["/name", "/ageOver18", "/address"],
            holder_key=world.DEVICE.public_key, now=world.NOW,
        )
    )  # fmt: skip


def _bound(card: str, **changes: Any) -> bytes:
    asked = {"challenge": world.CHALLENGE, "domain": world.DOMAIN, "now": world.NOW, **changes}
    return vc.derive_enveloped(card, ["/name", "/ageOver18"], signer=world.DEVICE, **asked).encode()


def seeds() -> dict[str, dict[str, bytes]]:
    """Envelopes: good, expired, revoked, for somebody else."""
    credential = world.credential(world.LICENSOR.did)
    over = world.credential(world.LICENSOR.did, validFrom="2020-01-01T00:00:00Z", validUntil="2021-01-01T00:00:00Z")
    revoked = world.credential(world.LICENSOR.did, index=world.REVOKED)

    def sealed(document: dict[str, Any], form: str, **more: Any) -> bytes:
        made = vc.issue_enveloped(document, world.LICENSOR, envelope=form, **more)
        return made.encode() if isinstance(made, str) else made

    def presented(*credentials: Any, **changes: Any) -> bytes:
        asked = {
            "envelope": "vp+jwt",
            "challenge": world.CHALLENGE,
            "domain": world.DOMAIN,
            "now": world.NOW,
            **changes,
        }
        made = vc.present_enveloped(list(credentials), world.DEVICE, **asked)
        return made.encode() if isinstance(made, str) else made

    jwt = sealed(credential, "vc+jwt")
    hidden = sealed(credential, "vc+sd-jwt", disclosable=["/credentialSubject/fullName", "/credentialSubject/address"])
    card, expired, withdrawn = (
        _dc(),
        _dc(exp=1_700_000_000),
        _dc(status={"status_list": {"idx": 7, "uri": world.TOKEN_URL}}),
    )
    wrapped = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+jwt," + jwt.decode(),
    }
    return {
        "envelope-jwt": {
            "valid-credential.jwt": jwt,
            "refused-expired.jwt": sealed(over, "vc+jwt"),
            "refused-revoked.jwt": sealed(revoked, "vc+jwt"),
        },
        "envelope-sd-jwt": {
            "valid-credential.txt": hidden,
            "valid-card.txt": card.encode(),
            "refused-expired.txt": expired.encode(),
            "refused-revoked.txt": withdrawn.encode(),
        },
        "envelope-sd-jwt-derive": {"valid-card.txt": card.encode(), "valid-credential.txt": hidden},
        "envelope-cose": {
            "valid-credential.cbor": sealed(credential, "vc+cose"),
            "refused-expired.cbor": sealed(over, "vc+cose"),
            "refused-revoked.cbor": sealed(revoked, "vc+cose"),
        },
        "envelope-json": {"valid-credential.json": mutators.dumps(wrapped)},
        "envelope-presentation": {
            "valid-bound.txt": _bound(card),
            "valid-jwt.jwt": presented(jwt.decode()),
            "refused-revoked.txt": _bound(withdrawn),
            "refused-replayed.txt": _bound(card, challenge="another"),
            "refused-elsewhere.txt": _bound(card, domain="https://a.b"),
            "refused-replayed.jwt": presented(jwt.decode(), challenge="another"),
        },
        "envelope-theft": {
            "refused-card.txt": card.encode(),
            "refused-bound.txt": _bound(card),
        },
        "certificate": {"valid-certificate.der": _certificate()},
    }


def _certificate() -> bytes:
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "synthetic")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, world.NOW, world.NOW + timedelta(days=365))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example")]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
