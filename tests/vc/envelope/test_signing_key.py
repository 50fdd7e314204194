"""Which key may have signed: DID URLs, controlled identifier documents, certificates that lead to a pinned anchor."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import did
import vc
from vc.envelope import EnvelopeProfile, SourceUnavailable, jws
from vc.problems import ProblemError
from vc.verdict import Verdict

ISSUER = "https://issuer.example/authority"
VCT = "https://example.org/types/person"


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def credential(world: Any, issuer: str) -> dict[str, Any]:
    document: dict[str, Any] = world.credential()
    document["issuer"] = issuer
    return document


# --- DIDs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["key", "jwk"])
def test_a_key_is_named_in_each_way(world: Any, method: str) -> None:
    key = did.generate("P-256", method=method)
    fragment = key.verification_method.partition("#")[2]
    document = credential(world, key.did)
    for kid in (key.verification_method, "#" + fragment, fragment, key.did, None):
        header = {"typ": "vc+jwt"} if kid is None else {"typ": "vc+jwt", "kid": kid}
        verdict = vc.verify(jws.compact(header, jws.dumps(document), key), now=world.now)
        assert verdict.verified, (kid, verdict.problems)


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "#",
        "x",
        5,
        None,
        "did:key:zzz",
        "did:example:1#a",
        "https://issuer.example/a#b",
        "#x",
        "k" * 3000,
        "did:key:z6Mk#z",
    ],
    ids=lambda kid: str(kid)[:20],
)
def test_a_key_that_is_not_there_is_refused(world: Any, kid: Any) -> None:
    key = world.key("issuer")
    document = credential(world, "did:web:issuer.example")
    verdict = vc.verify(jws.compact({"typ": "vc+jwt", "kid": kid}, jws.dumps(document), key), now=world.now)
    assert not verdict.verified


def test_a_key_out_of_reach_leaves_it_undecided(world: Any) -> None:
    key = world.key("issuer").with_controller("did:web:issuer.example", "#key-1")
    token = vc.issue_enveloped(credential(world, "did:web:issuer.example"), key)
    verdict = vc.verify(token, now=world.now)
    assert verdict.indeterminate
    assert codes(verdict) == {"method.unavailable"}


# --- controlled identifier documents ---------------------------------------------------------------------------------


def controller(key: did.SoftwareKey, **changes: Any) -> dict[str, Any]:
    method = {
        "id": "#key-1",
        "type": "JsonWebKey",
        "controller": ISSUER,
        "publicKeyJwk": {**key.public_key.to_jwk(), "kid": "the-key"},
    }
    document = {
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": ISSUER,
        "verificationMethod": [method],
        "assertionMethod": ["#key-1"],
    }
    return {**document, **changes}


def signed(world: Any, kid: str, **changes: Any) -> str:
    document = {**credential(world, ISSUER), **changes}
    return jws.compact({"typ": "vc+jwt", "kid": kid}, jws.dumps(document), world.key("issuer"))


@pytest.mark.parametrize("kid", [ISSUER + "#key-1", "#key-1", "the-key", "key-1"])
def test_a_jwk_in_a_controlled_identifier_document_verifies(world: Any, kid: str) -> None:
    profile = EnvelopeProfile(controllers={ISSUER: controller(world.key("issuer"))})
    verdict = vc.verify(signed(world, kid), now=world.now, envelopes=profile)
    assert verdict.verified, verdict.problems


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"assertionMethod": []}, "method.purpose"),
        ({"assertionMethod": [], "authentication": ["#key-1"]}, "method.purpose"),
        ({"assertionMethod": "#key-1"}, "method.purpose"),
        ({"id": "https://other.example"}, "method.invalid"),
        ({"verificationMethod": []}, "method.invalid"),
        ({"verificationMethod": "x"}, "method.invalid"),
        ({"verificationMethod": [5, {}]}, "method.invalid"),
    ],
    ids=str,
)
def test_a_document_that_does_not_list_the_key_is_refused(world: Any, changes: Any, code: str) -> None:
    profile = EnvelopeProfile(controllers={ISSUER: controller(world.key("issuer"), **changes)})
    assert codes(vc.verify(signed(world, "the-key"), now=world.now, envelopes=profile)) == {code}


def test_a_key_of_another_controller_or_with_its_secret_is_refused(world: Any) -> None:
    for change in ({"controller": "https://other.example"}, {"secretKeyMultibase": "z1"}, {"type": "Unknown"}):
        document = controller(world.key("issuer"))
        document["verificationMethod"][0].update(change)
        profile = EnvelopeProfile(controllers={ISSUER: document})
        assert codes(vc.verify(signed(world, "the-key"), now=world.now, envelopes=profile)) == {"method.invalid"}


def test_an_ended_key_is_refused(world: Any) -> None:
    document = controller(world.key("issuer"))
    document["verificationMethod"][0]["revoked"] = "2026-01-01T00:00:00Z"
    profile = EnvelopeProfile(controllers={ISSUER: document})
    assert codes(vc.verify(signed(world, "the-key"), now=world.now, envelopes=profile)) == {"method.expired"}


class Answers:
    """A source of documents that counts what it was asked."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers

    def get(self, url: str) -> bytes:
        if url not in self.answers:
            raise SourceUnavailable("out of reach")
        return self.answers[url]

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


async def test_a_controller_document_comes_from_a_source(world: Any) -> None:
    data = json.dumps(controller(world.key("issuer"))).encode()
    good = EnvelopeProfile(controller_source=Answers({ISSUER: data}))
    token = signed(world, "#key-1")
    assert vc.verify(token, now=world.now, envelopes=good).verified
    assert (await vc.verify_async(token, now=world.now, envelopes=good)).verified
    for answers in ({}, {ISSUER: b"no JSON"}):
        verdict = vc.verify(token, now=world.now, envelopes=EnvelopeProfile(controller_source=Answers(answers)))
        assert not verdict.verified
        assert verdict.indeterminate == (not answers)


# --- certificates ----------------------------------------------------------------------------------------------------

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)


class Authority:
    """A certificate authority, or an intermediate one."""

    def __init__(self, name: str, parent: Authority | None = None, length: int | None = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.parent = parent or self
        self.certificate = self.parent.sign(self.name, self.key.public_key(), ca=True, length=length)

    def sign(
        self,
        name: x509.Name,
        key: Any,
        *,
        ca: bool = False,
        length: int | None = None,
        names: list[x509.GeneralName] | None = None,
        signing: bool = True,
        end: datetime = END,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(BEGIN)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca, length), critical=True)
            .add_extension(x509.KeyUsage(signing, False, False, False, False, ca, ca, False, False), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())


ROOT = Authority("Root")
MIDDLE = Authority("Intermediate", ROOT, 0)
PROFILE = EnvelopeProfile(anchors=(ROOT.certificate,))


def leaf(world: Any, authority: Authority = MIDDLE, **options: Any) -> x509.Certificate:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), world.key("issuer").public_key.raw)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Leaf")])
    options.setdefault("names", [x509.UniformResourceIdentifier(ISSUER)])
    return authority.sign(name, key, **options)


def der(*certificates: x509.Certificate) -> list[bytes]:
    return [certificate.public_bytes(Encoding.DER) for certificate in certificates]


@pytest.mark.parametrize("form", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_a_chain_to_a_pinned_anchor_verifies(world: Any, form: str) -> None:
    chain = der(leaf(world), MIDDLE.certificate)
    token = vc.issue_enveloped(credential(world, ISSUER), world.key("issuer"), envelope=form, certificates=chain)
    verdict = vc.verify(token, now=world.now, envelopes=PROFILE)
    assert verdict.verified, verdict.problems
    assert codes(vc.verify(token, now=world.now)) == {"envelope.chain"}
    assert codes(vc.verify(token, now=END + timedelta(days=1), envelopes=PROFILE)) == {"envelope.chain"}
    assert codes(
        vc.verify(token, now=world.now, envelopes=EnvelopeProfile(anchors=(Authority("Other").certificate,)))
    ) == {"envelope.chain"}


def test_a_dns_name_may_stand_for_the_issuer(world: Any) -> None:
    certificate = leaf(world, names=[x509.DNSName("issuer.example")])
    token = vc.issue_enveloped(
        credential(world, ISSUER), world.key("issuer"), certificates=der(certificate, MIDDLE.certificate)
    )
    assert vc.verify(token, now=world.now, envelopes=PROFILE).verified


def details(verdict: Verdict) -> str:
    return "; ".join(problem.detail for problem in verdict.problems)


def test_a_certificate_of_other_names_needs_a_policy(world: Any) -> None:
    chain = der(leaf(world, names=[x509.DNSName("other.example")]), MIDDLE.certificate)
    token = vc.issue_enveloped(credential(world, ISSUER), world.key("issuer"), certificates=chain)
    refused = vc.verify(token, now=world.now, envelopes=PROFILE)
    assert codes(refused) == {"envelope.chain"}
    for word in (ISSUER, "other.example", "x5c-other-names"):
        assert word in details(refused)
    allowing = EnvelopeProfile(anchors=PROFILE.anchors, policies=frozenset({"x5c-other-names"}))
    assert vc.verify(token, now=world.now, envelopes=allowing).verified
    unknown = EnvelopeProfile(policies=frozenset({"x5c-other-names"}))
    assert codes(vc.verify(token, now=world.now, envelopes=unknown)) == {"envelope.chain"}


def test_the_subject_of_a_certificate_is_the_issuer_under_a_policy(world: Any) -> None:
    chain = der(leaf(world, names=[]), MIDDLE.certificate)
    token = vc.issue_enveloped({"vct": VCT}, world.key("issuer"), envelope="dc+sd-jwt", certificates=chain)
    refused = vc.verify(token, now=world.now, envelopes=PROFILE)
    assert "x5c-subject-as-issuer" in details(refused)
    allowing = EnvelopeProfile(anchors=PROFILE.anchors, policies=frozenset({"x5c-subject-as-issuer"}))
    assert vc.verify(token, now=world.now, envelopes=allowing).verified
    several = der(
        leaf(world, names=[x509.UniformResourceIdentifier(f"https://{n}.example") for n in "ab"]), MIDDLE.certificate
    )
    other = vc.issue_enveloped({"vct": VCT}, world.key("issuer"), envelope="dc+sd-jwt", certificates=several)
    assert codes(vc.verify(other, now=world.now, envelopes=allowing)) == {"envelope.chain"}


def test_an_issuer_that_only_a_certificate_names_is_trusted_or_not(world: Any) -> None:
    chain = der(leaf(world), MIDDLE.certificate)
    token = vc.issue_enveloped({"vct": VCT}, world.key("issuer"), envelope="dc+sd-jwt", certificates=chain)
    told = {"now": world.now, "envelopes": PROFILE}
    good = vc.verify(token, trusted_issuers=[ISSUER], **told)
    assert good.verified, good.problems
    assert good.document is not None and "iss" not in good.document
    assert [check.outcome for check in good.checks if check.name == "trusted_issuer"] == [vc.Outcome.PASSED]
    for nobody in ([], ["https://other.example"], [world.key("issuer").did]):
        verdict = vc.verify(token, trusted_issuers=nobody, **told)
        assert codes(verdict) == {"policy.issuer"}
        assert not verdict.verified
    assert vc.verify(token, expected_vct=[VCT], **told).verified, "nothing is said of issuers"


@pytest.mark.parametrize("claims", [{}, {"iss": ""}])
def test_an_issuer_that_only_the_certificate_names_has_to_be_a_trusted_one(world: Any, claims: dict[str, str]) -> None:
    chain = der(leaf(world, names=[x509.UniformResourceIdentifier(ISSUER)]), MIDDLE.certificate)
    token = vc.issue_enveloped({"vct": VCT, **claims}, world.key("issuer"), envelope="dc+sd-jwt", certificates=chain)
    profile = EnvelopeProfile(anchors=PROFILE.anchors, policies=frozenset({"x5c-subject-as-issuer"}))
    given: dict[str, Any] = {"now": world.now, "envelopes": profile}
    assert vc.verify(token, **given).verified
    assert vc.verify(token, **given, trusted_issuers=[ISSUER]).verified
    refused = vc.verify(token, **given, trusted_issuers=["https://other.example"])
    assert codes(refused) == {"policy.issuer"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"kid": "a-name"}, None),
        ({"kid": "did:web:issuer.example#key-1"}, "envelope.header"),
        ({"x5t#S256": "AAAA"}, "envelope.chain"),
        ({"jwk": did.generate("P-256").public_key.to_jwk()}, "envelope.header"),
    ],
)
def test_a_header_with_a_certificate_names_no_other_key(world: Any, header: dict[str, Any], code: str | None) -> None:
    x5c = [base64.b64encode(item).decode() for item in der(leaf(world), MIDDLE.certificate)]
    payload = jws.dumps(credential(world, ISSUER))
    token = jws.compact({"typ": "vc+jwt", "x5c": x5c, **header}, payload, world.key("issuer"))
    assert codes(vc.verify(token, now=world.now, envelopes=PROFILE)) == ({code} if code else set())


def test_a_chain_is_short_and_its_certificates_are_small(world: Any) -> None:
    one = base64.b64encode(der(leaf(world))[0]).decode()
    for x5c in ([one] * 9, ["A" * 40_000], [[]], [5], {}):  # type: ignore[var-annotated]
        token = jws.compact({"typ": "vc+jwt", "x5c": x5c}, jws.dumps(credential(world, ISSUER)), world.key("issuer"))
        assert codes(vc.verify(token, now=world.now, envelopes=PROFILE)) == {"envelope.chain"}


def test_an_sd_jwt_vc_may_leave_its_issuer_to_the_certificate(world: Any) -> None:
    chain = der(leaf(world), MIDDLE.certificate)
    token = vc.issue_enveloped({"vct": VCT}, world.key("issuer"), envelope="dc+sd-jwt", certificates=chain)
    verdict = vc.verify(token, now=world.now, envelopes=PROFILE)
    assert verdict.verified, verdict.problems
    # Whom the certificate names is the one to be trusted.
    issuer = next(check for check in verdict.checks if check.name == "issuer")
    assert issuer.outcome is vc.Outcome.PASSED
    assert vc.verify(token, now=world.now, envelopes=PROFILE, trusted_issuers=[ISSUER]).verified
    assert codes(vc.verify(token, now=world.now, envelopes=PROFILE, trusted_issuers=["https://other.example"])) == {
        "policy.issuer"
    }


@pytest.mark.parametrize(
    "options",
    [
        {"names": [x509.UniformResourceIdentifier("https://other.example")]},
        {"names": [x509.DNSName("other.example")]},
        {"names": []},
        {"signing": False},
        {"ca": True},
        {"end": BEGIN + timedelta(days=30)},
        {"authority": Authority("Rogue")},
        {"authority": Authority("Below", MIDDLE, 0)},
    ],
    ids=["another URI", "another host", "no name", "may not sign", "an authority", "ended", "rogue", "too deep"],
)
def test_a_certificate_that_may_not_speak_for_the_issuer_is_refused(world: Any, options: dict[str, Any]) -> None:
    certificate = leaf(world, **options)
    above = options.get("authority", MIDDLE)
    chain = der(certificate, above.certificate, MIDDLE.certificate)
    token = vc.issue_enveloped(credential(world, ISSUER), world.key("issuer"), certificates=chain)
    assert codes(vc.verify(token, now=world.now, envelopes=PROFILE)) == {"envelope.chain"}


@pytest.mark.parametrize("x5c", ["x", [], [5], ["!"], ["AAAA"], ["A" * 30_000], ["AAAA"] * 100, {}, [None]], ids=str)
def test_what_is_no_chain_is_refused(world: Any, x5c: Any) -> None:
    token = jws.compact({"typ": "vc+jwt", "x5c": x5c}, jws.dumps(credential(world, ISSUER)), world.key("issuer"))
    assert not vc.verify(token, now=world.now, envelopes=PROFILE).verified


def test_a_holder_does_not_authenticate_with_a_certificate(world: Any) -> None:
    import base64

    payload = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": ISSUER,
    }
    x5c = [base64.b64encode(item).decode() for item in der(leaf(world), MIDDLE.certificate)]
    token = jws.compact({"typ": "vp+jwt", "x5c": x5c}, jws.dumps(payload), world.key("issuer"))
    assert codes(vc.verify(token, now=world.now, envelopes=PROFILE)) == {"envelope.chain"}


def test_the_certificate_has_to_be_of_the_signers_key(world: Any) -> None:
    with pytest.raises(ProblemError) as refused:
        vc.issue_enveloped(credential(world, ISSUER), world.key("stranger"), certificates=der(leaf(world)))
    assert refused.value.code == "envelope.chain"
