"""Which certificates make a document signer (ISO/IEC 18013-5 annex B), and which don't."""

from __future__ import annotations

from datetime import timedelta

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

import vc
from vc import mdoc
from vc.mdoc.certificates import check_profile, read_chain, trusted_signer

from .conftest import COMMON, NOW, ROOT, SESSION, Authority, codes, usage

SIGNER = ObjectIdentifier("1.0.18013.5.1.2")
READER = ObjectIdentifier("1.0.18013.5.1.6")


def name(**attributes: str) -> x509.Name:
    oids = {"c": NameOID.COUNTRY_NAME, "cn": NameOID.COMMON_NAME, "st": NameOID.STATE_OR_PROVINCE_NAME}
    return x509.Name([x509.NameAttribute(oids[key], value) for key, value in attributes.items()])


def refused(chain, authority, now=NOW):
    with pytest.raises(vc.ProblemError) as caught:
        trusted_signer(chain, [authority.root], now, "/x")
    assert caught.value.problems[0].pointer == "/x"
    return caught.value.code


def test_a_document_signer_is_trusted_through_its_root(authority):
    found = trusted_signer([authority.leaf], [Authority("Other").root, authority.root], NOW, "")
    assert found.issuer == "https://police.example/authority"
    assert found.public_key == authority.signer.public_key


PROFILE = {
    "no key usage": {"without": x509.KeyUsage},
    "a key usage that is not critical": {"replace": (usage(digital_signature=True), False)},
    "a key that does more than sign": {"replace": (usage(digital_signature=True, content_commitment=True), True)},
    "a key that signs certificates": {"replace": (usage(digital_signature=True, key_cert_sign=True), True)},
    "a key that does not sign": {"replace": (usage(key_agreement=True), True)},
    "no extended key usage": {"without": x509.ExtendedKeyUsage},
    "an extended key usage that is not critical": {"replace": (x509.ExtendedKeyUsage([SIGNER]), False)},
    "a reader's certificate": {"replace": (x509.ExtendedKeyUsage([READER]), True)},
    "a certificate for readers as well": {"replace": (x509.ExtendedKeyUsage([SIGNER, READER]), True)},
    "no authority key identifier": {"without": x509.AuthorityKeyIdentifier},
    "another authority key identifier": {"replace": (x509.AuthorityKeyIdentifier(bytes(20), None, None), False)},
    "no subject key identifier": {"without": x509.SubjectKeyIdentifier},
    "no issuer alternative name": {"without": x509.IssuerAlternativeName},
    "an authority's certificate": {"replace": (x509.BasicConstraints(True, None), True)},
    "too long a validity": {"days": 458},
    "another country": {"subject": name(c="US", cn="x")},
    "no country": {"subject": name(cn="x")},
    "a state that the root does not have": {"subject": name(c="CN", st="Sichuan", cn="x")},
    "no common name": {"subject": name(c="CN")},
}


@pytest.mark.parametrize("case", PROFILE)
def test_the_profile_of_annex_b_holds(case, authority):
    code = refused([authority.signer_certificate(**PROFILE[case])], authority)  # type: ignore[arg-type]
    # Some of it is asked by RFC 5280, too.
    assert code in ("mdoc.certificate", "envelope.chain")
    if case not in ("no authority key identifier", "another authority key identifier", "an authority's certificate"):
        assert code == "mdoc.certificate"


@pytest.mark.parametrize("case", PROFILE)
def test_the_profile_is_asked_for_whatever_else_is(case, authority):
    with pytest.raises(vc.ProblemError) as caught:
        check_profile(authority.signer_certificate(**PROFILE[case]), authority.root)  # type: ignore[arg-type]
    assert caught.value.code == "mdoc.certificate"


def test_457_days_are_not_too_long(authority):
    assert trusted_signer([authority.signer_certificate(days=457)], [authority.root], NOW, "")


@pytest.mark.parametrize("days", [-31, 401])
def test_a_certificate_is_good_while_it_is_valid(days, authority):
    assert refused([authority.leaf], authority, NOW + timedelta(days=days)) == "envelope.chain"


def test_a_root_that_has_ended_is_no_anchor():
    authority = Authority()
    authority.root = authority.certificate(authority.name, authority.key, days=31, **ROOT)
    assert trusted_signer([authority.leaf], [authority.root], NOW, "")
    assert refused([authority.leaf], authority, NOW + timedelta(days=2)) == "envelope.chain"


def test_a_certificate_that_another_key_signed_is_refused(authority):
    forged = authority.signer_certificate(signed_by=ec.generate_private_key(ec.SECP256R1()))
    assert refused([forged], authority) == "envelope.chain"


def test_a_self_signed_certificate_is_no_document_signer_even_if_it_is_an_anchor(authority):
    own = name(c="CN", cn="self")
    leaf = authority.signer_certificate(subject=own, issuer=own, signed_by=authority.signer_key)
    with pytest.raises(vc.ProblemError) as caught:
        trusted_signer([leaf], [authority.root, leaf], NOW, "")
    assert caught.value.code == "envelope.chain"


def test_the_anchor_is_left_out_of_the_chain(authority):
    with pytest.raises(vc.ProblemError, match="without its anchor"):
        trusted_signer([authority.leaf, authority.root], [authority.root], NOW, "")


class Below:
    """Authorities between a root and a document signer, so many of them."""

    def __init__(self, many: int) -> None:
        top = Authority()
        constraint = (x509.BasicConstraints(True, many), True)
        self.root = top.certificate(top.name, top.key, days=3650, replace=constraint, **ROOT)
        issuer, key, signer_key = top.name, top.key, ec.generate_private_key(ec.SECP256R1())
        between = []  # type: ignore[var-annotated]
        for level in range(many):
            next_key = ec.generate_private_key(ec.SECP256R1())
            certificate = top.certificate(
                name(c="CN", cn=f"level {level}"),
                next_key,
                issuer=issuer,
                signed_by=key,
                extensions=lambda _, k=key, left=many - level - 1: [  # type: ignore[misc]
                    (x509.AuthorityKeyIdentifier.from_issuer_public_key(k.public_key()), False),
                    (x509.BasicConstraints(True, left), True),
                    (usage(key_cert_sign=True, crl_sign=True), True),
                ],
            )
            between.insert(0, certificate)
            issuer, key = certificate.subject, next_key
        self.leaf = top.certificate(
            name(c="CN", cn="signer"),
            signer_key,
            issuer=issuer,
            signed_by=key,
            replace=(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False),
        )
        self.chain = [self.leaf, *between]


@pytest.mark.parametrize("many", [1, 2])
def test_authorities_between_are_taken_where_the_root_allows_them(many):
    below = Below(many)
    assert trusted_signer(below.chain, [below.root], NOW, "").certificate == below.leaf
    assert len(read_chain([item.public_bytes(Encoding.DER) for item in below.chain], "")) == many + 1


def test_a_chain_is_whole(authority):
    below = Below(2)
    for chain in ([below.leaf], below.chain[::2], [*below.chain, authority.leaf]):
        assert refused(chain, below) == "envelope.chain"


def test_a_chain_of_four_is_too_long():
    below = Below(3)
    assert refused(below.chain, below) == "envelope.chain"
    with pytest.raises(vc.ProblemError, match="at most 3"):
        read_chain([item.public_bytes(Encoding.DER) for item in below.chain], "")


def test_an_anchor_signs_no_documents(authority):
    assert refused([authority.root], authority) == "envelope.chain"


def test_certificates_that_do_not_belong_to_the_chain_are_refused(authority):
    assert refused([authority.leaf, authority.signer_certificate()], authority) == "envelope.chain"


def test_a_document_signer_does_not_make_document_signers(authority):
    key = ec.generate_private_key(ec.SECP256R1())
    below = authority.certificate(
        name(c="CN", cn="below"), key, issuer=authority.leaf.subject, signed_by=authority.signer_key
    )
    assert refused([below, authority.leaf], authority) == "envelope.chain"


def test_an_anchor_that_may_not_sign_certificates_is_none(authority):
    other = Authority()
    other.root = other.certificate(other.name, other.key, replace=(usage(crl_sign=True), True), **ROOT)
    assert refused([other.leaf], other) == "envelope.chain"


def test_a_chain_has_one_to_three_certificates(authority, device, judge, shown):
    value = cbor2.loads(shown)
    der = authority.leaf.public_bytes(Encoding.DER)
    for count in (0, 1, 4, 9):
        value["documents"][0]["issuerSigned"]["issuerAuth"][1] = {33: [der] * count}
        assert codes(judge(cbor2.dumps(value))) == ["envelope.chain"]


@pytest.mark.parametrize(
    ("without", "issuer"),
    [
        (x509.SubjectAlternativeName, "https://police.example/authority"),
        ((x509.SubjectAlternativeName, x509.IssuerAlternativeName), "C=CN,CN=Authority root"),
    ],
)
def test_the_issuer_is_named_by_its_certificate(without, issuer, authority):
    replace = None
    if isinstance(without, tuple):
        without, replace = without[0], (x509.IssuerAlternativeName([x509.RFC822Name("police@police.example")]), False)
    leaf = authority.signer_certificate(without=without, replace=replace)
    assert trusted_signer([leaf], [authority.root], NOW, "").issuer in (issuer, "CN=Authority root,C=CN")


def test_an_mdoc_of_a_signer_outside_the_profile_is_refused_with_its_pointer(authority, device, judge):
    leaf = authority.signer_certificate(replace=(x509.ExtendedKeyUsage([READER]), True))
    issued = authority.issue(device.public_key, certificates=[leaf])
    verdict = judge(mdoc.present(issued, {COMMON: ["sex"]}, device, transcript=SESSION))
    assert codes(verdict) == ["mdoc.certificate"]
    assert verdict.problems[0].pointer == "/documents/0/issuerSigned/issuerAuth"
