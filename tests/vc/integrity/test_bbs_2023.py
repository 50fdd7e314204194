"""bbs-2023 gives every intermediate value of the published vectors, with each feature option, and refuses the rest."""

from __future__ import annotations

import json

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import did
import vc
from did import bbs, multibase
from did.bbs.ciphersuites import SHA_256
from vc.integrity import CRYPTOSUITES, Environment
from vc.integrity.bbs_2023 import commit
from vc.integrity.bbs_2023_proof_value import FEATURES, BaseProofValue, DerivedProofValue
from vc.integrity.chain import without_proof
from vc.problems import ProblemError

SUITE = CRYPTOSUITES["bbs-2023"]
PRESENTATION_HEADER = bytes.fromhex("113377aa")
SEED = b"3.141592653589793238462643383279"
CASES = {
    "wind": ("baseline", b"H2G_HM2S_", 0),
    "holder-binding": ("anonymous_holder_binding", b"BLIND_H2G_HM2S_", 2),
    "pseudonym": ("pseudonym", b"H2G_HM2S_PSEUDONYM_", 2),
}
"""Case -> feature option, api_id (also the tag of the mocked random scalars), messages beyond the signer's."""


@pytest.fixture(params=CASES)
def name(request):
    return request.param


@pytest.fixture
def values(case, name):
    return case(f"vc-di-bbs/bbs-2023-{name}")


@pytest.fixture
def method(values):
    return _method(values.json("derivedRevealDocument"))


def _method(document):
    return did.Resolver().dereference(document["proof"]["verificationMethod"], "assertionMethod")


def _mocked(dst, count):
    stream = SHA_256.expand_message(SEED, SHA_256.identifier + dst, 48 * count)
    chunks = iter([stream[at : at + 48] for at in range(0, len(stream), 48)])
    return Environment(random=lambda length: next(chunks))


def _create_options(values, name):
    feature = CASES[name][0]
    options = {"mandatory_pointers": values.json("mandatoryPointers"), "feature_option": feature}
    if feature != "baseline":
        options["commitment_with_proof"] = bytes.fromhex(values.json("commitmentInfo")["commitmentWithProof"])
    if feature == "pseudonym":
        options["signer_nym_entropy"] = bytes.fromhex(values.json("signerNymEntropy")["signerNymEntropyHex"])
        options["published_form"] = True
    return options


def _derive_options(values, name):
    options = {"presentation_header": PRESENTATION_HEADER}
    if name != "wind":
        options["secret_prover_blind"] = bytes.fromhex(values.json("commitmentInfo")["secretProverBlind"])
    if name == "holder-binding":
        options["holder_secret"] = bytes.fromhex(values.json("holderSecret")["holderSecretHex"])
    if name == "pseudonym":
        options["prover_nym"] = bytes.fromhex(values.json("proverNym")["proverNymHex"])
        options["nym_domain"] = values.json("verifierInfo")["verifierId"]
    return options


def _verify_options(values, name):
    domain = {"nym_domain": values.json("verifierInfo")["verifierId"]} if name == "pseudonym" else {}
    return {"presentation_header": PRESENTATION_HEADER} | domain


def _subset(trace, published):
    """The published members of a trace; the vectors leave out some, and others are written in another way."""
    return {key: trace[key] for key in published if key in trace}


def test_creation_gives_every_published_value(values, name, case):
    keys = case("vc-di-bbs").json("BBSKeyMaterial")
    key = did.SoftwareKey.from_secret("BLS12-381-G2", bytes.fromhex(keys["privateKeyHex"]))
    assert key.public_key.raw.hex() == keys["publicKeyHex"]
    config = values.json("addProofConfig")
    trace: dict = {}
    proof = SUITE.create_proof(
        values.json("unsigned"),
        key,
        config,
        env=Environment(random=lambda count: bytes.fromhex(keys["hmacKeyString"])[:count]),
        options=_create_options(values, name),
        trace=trace,
    )
    assert trace["addBaseDocCanon"] == values.json("addBaseDocCanon")
    assert trace["addBaseDocHMACCanon"] == values.json("addBaseDocHMACCanon")
    transform = values.json("addBaseTransform")
    transform["hmacKeyString"] = transform["hmacKeyString"].lower()
    assert trace["addBaseTransform"] == transform
    assert trace["addProofConfig"] == config
    assert trace["addProofConfigCanon"] == values.text("addProofConfigCanon")
    assert trace["addHashData"] == values.json("addHashData")
    published = values.json("addRawBaseSignatureInfo")
    assert _subset(trace["addRawBaseSignatureInfo"], published) == published
    assert proof == values.json("addSignedSDBase")["proof"]


def test_derivation_gives_every_published_value(values, name):
    base = values.json("addSignedSDBase")
    _, dst, more = CASES[name]
    hidden = len(values.json("addBaseTransform")["nonMandatory"]) - len(
        values.json("derivedAdjIndexes")["adjSelectiveIndexes"]
    )
    trace: dict = {}
    derived = SUITE.derive_proof(  # type: ignore[attr-defined]
        without_proof(base),
        base["proof"],
        values.json("selectivePointers"),
        env=_mocked(dst, 5 + hidden + more),
        options=_derive_options(values, name),
        trace=trace,
    )
    recovered = values.json("derivedRecoveredBaseData")
    if name == "pseudonym":  # The header of the published base proof is that of the other feature.
        recovered["featureOption"] = "holder_binding_pseudonym"
    assert _subset(trace["derivedRecoveredBaseData"], recovered) == recovered
    assert trace["derivedGroupIndexes"] == values.json("derivedGroupIndexes")
    assert trace["derivedAdjIndexes"] == values.json("derivedAdjIndexes")
    disclosure = values.json("derivedDisclosureData")
    disclosure["presentationHeader"] = bytes(disclosure["presentationHeader"].values()).hex()
    if name == "pseudonym":
        disclosure["featureOption"] = "holder_binding_pseudonym"
    assert _subset(trace["derivedDisclosureData"], disclosure) == disclosure
    assert trace["derivedUnsignedReveal"] == values.json("derivedUnsignedReveal")
    assert derived == values.json("derivedRevealDocument")


def test_verification_computes_every_published_value(values, name, method):
    derived = values.json("derivedRevealDocument")
    trace: dict = {}
    SUITE.verify_proof(
        without_proof(derived), derived["proof"], method, options=_verify_options(values, name), trace=trace
    )
    if name != "wind":
        published = values.json("verifyDerivedProofValue")
        published["labelMap"] = dict(published["labelMap"])
        assert _subset(trace["verifyDerivedProofValue"], published) == published
        assert trace["verifyNQuads"] == values.json("verifyNQuads")
    hashes = values.json("addHashData")
    assert trace["verifyCreateVerifyData"]["proofHash"] == hashes["proofHash"]
    assert trace["verifyCreateVerifyData"]["mandatoryHash"] == hashes["mandatoryHash"]


def test_no_secret_of_the_holder_is_in_a_trace_or_a_representation(values, name):
    options = _derive_options(values, name)
    base = values.json("addSignedSDBase")
    trace: dict = {}
    derived = SUITE.derive_proof(  # type: ignore[attr-defined]
        without_proof(base), base["proof"], values.json("selectivePointers"), options=options, trace=trace
    )
    everything = json.dumps([trace, derived])
    for secret in ("secret_prover_blind", "holder_secret", "prover_nym"):
        if secret in options:
            assert options[secret].hex() not in everything
            assert multibase.encode(options[secret], "u")[1:] not in everything


# Our own credentials, with each feature option.

ISSUER = did.SoftwareKey.from_seed("BLS12-381-G2", b"issuer of the bbs-2023 tests")
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential", "ExampleDegreeCredential"],
    "issuer": ISSUER.did,
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {
        "name": "张三",
        "alumniOf": {"name": ["Example University", "示例大学"]},
        "degree": {"type": "ExampleBachelorDegree", "name": "Bachelor of Science and Arts"},
    },
}
SHOWN = "/credentialSubject/degree/name"
DOMAIN = "verifier.example"


class Holder:
    """One holder with its secrets, and a credential issued under a feature option."""

    def __init__(self, feature, mandatory=("/issuer", "/validFrom")):
        option = FEATURES[feature]
        secrets = {}
        if option.holder_binding:
            secrets["holder_secret"] = b"a holder secret of more than 32 bytes"
        if option.pseudonym:
            secrets["prover_nym"] = bbs.random_scalar()
        suite_options = {"feature_option": feature}
        self.options = dict(secrets)
        if option.committed:
            suite_options["commitment_with_proof"], self.options["secret_prover_blind"] = commit(feature, **secrets)  # type: ignore[arg-type]
        if option.pseudonym:
            self.options["nym_domain"] = DOMAIN  # type: ignore[assignment]
        self.credential = vc.issue(CREDENTIAL, ISSUER, mandatory_pointers=mandatory, suite_options=suite_options)

    def derive(self, pointers=(SHOWN,), **changes):
        options = {name: value for name, value in {**self.options, **changes}.items() if value is not None}
        return vc.derive(self.credential, selective_pointers=pointers, suite_options=options)


@pytest.fixture(scope="module")
def holders():
    return {feature: Holder(feature) for feature in FEATURES}


@pytest.fixture(params=FEATURES)
def feature(request):
    return request.param


@pytest.fixture
def holder(holders, feature):
    return holders[feature]


def _header(document):
    return multibase.decode(document["proof"]["proofValue"])[:3].hex()


def test_what_is_issued_can_be_derived_from_and_verified(holder, feature):
    derived = holder.derive(presentation_header=b"nonce and audience")
    assert vc.verify(derived).verified
    assert vc.verify(derived, presentation_header=b"nonce and audience").verified
    headers = {
        "baseline": ("d95d02", "d95d03"),
        "anonymous_holder_binding": ("d95d04", "d95d05"),
        "pseudonym": ("d95d06", "d95d07"),
        "holder_binding_pseudonym": ("d95d08", "d95d09"),
    }
    assert (_header(holder.credential), _header(derived)) == headers[feature]
    assert "张三" not in json.dumps(derived, ensure_ascii=False)
    assert "created" not in derived["proof"]


def test_a_verifier_gets_what_it_expects_or_nothing(holder, feature):
    derived = holder.derive(presentation_header=b"nonce")
    other = vc.verify(derived, presentation_header=b"other nonce")
    assert not other.verified
    assert "proof.challenge" in [problem.code for problem in other.problems]
    assert vc.verify(derived, nym_domain=DOMAIN).verified is FEATURES[feature].pseudonym
    elsewhere = vc.verify(derived, nym_domain="another.example")
    assert "proof.domain" in [problem.code for problem in elsewhere.problems]


@pytest.mark.parametrize("expected", [{"presentation_header": "nonce"}, {"nym_domain": ""}, {"nym_domain": b"x"}])
def test_unusable_expectations_are_the_callers_error(holders, expected):
    with pytest.raises(TypeError):
        vc.verify(holders["baseline"].derive(), **expected)


def test_a_base_proof_is_refused_by_a_verifier(holder):
    assert SUITE.is_base_proof(holder.credential["proof"])  # type: ignore[attr-defined]
    verdict = vc.verify(holder.credential)
    assert not verdict.verified
    assert [problem.code for problem in verdict.problems] == ["proof.base"]


def test_a_derived_proof_is_no_base_to_derive_from(holder):
    derived = holder.derive()
    assert not SUITE.is_base_proof(derived["proof"])  # type: ignore[attr-defined]
    with pytest.raises(ProblemError):
        vc.derive(derived, selective_pointers=[SHOWN], suite_options=holder.options)
    with pytest.raises(ProblemError) as error:
        SUITE.derive_proof(without_proof(derived), derived["proof"], [SHOWN], options=holder.options)  # type: ignore[attr-defined]
    assert error.value.code == "proof.value"


def test_two_derived_proofs_share_nothing_but_the_pseudonym(holder, feature):
    first, second = (DerivedProofValue.parse(holder.derive()["proof"]["proofValue"]) for _ in range(2))
    assert first.pseudonym == second.pseudonym
    assert (first.pseudonym is not None) is FEATURES[feature].pseudonym
    blocks = {first.bbs_proof[at : at + 16] for at in range(0, len(first.bbs_proof), 16)}
    assert blocks.isdisjoint(second.bbs_proof[at : at + 16] for at in range(0, len(second.bbs_proof), 16))


def test_a_pseudonym_differs_between_domains(holders):
    holder = holders["pseudonym"]
    here, there = holder.derive(), holder.derive(nym_domain="another.example")
    values = [DerivedProofValue.parse(document["proof"]["proofValue"]) for document in (here, there)]
    assert values[0].pseudonym != values[1].pseudonym
    assert vc.verify(there, nym_domain="another.example").verified


def test_a_proof_of_the_published_form_needs_the_verifiers_domain(values, name):
    derived = values.json("derivedRevealDocument")
    method = _method(derived)
    if name != "pseudonym":
        SUITE.verify_proof(without_proof(derived), derived["proof"], method)
        return
    for options in ({}, {"nym_domain": "https://other.example/"}):
        with pytest.raises(ProblemError):
            SUITE.verify_proof(without_proof(derived), derived["proof"], method, options=options)


@pytest.mark.parametrize("mandatory", [(), ("/issuer",), ("",)])
def test_all_or_nothing_may_be_mandatory(mandatory):
    holder = Holder("baseline", mandatory)
    derived = holder.derive(["/issuer", SHOWN])
    assert vc.verify(derived).verified
    assert derived["credentialSubject"]["degree"]["name"] == CREDENTIAL["credentialSubject"]["degree"]["name"]  # type: ignore[index]


POINTERS = [
    "/credentialSubject/name",
    "/credentialSubject/alumniOf/name/1",
    "/credentialSubject/alumniOf",
    SHOWN,
    "/credentialSubject/degree",
    "/validFrom",
    "/type/1",
    "/issuer",
]


@settings(max_examples=25, deadline=None)
@given(
    mandatory=st.lists(st.sampled_from(POINTERS), max_size=3, unique=True),
    selective=st.lists(st.sampled_from(POINTERS), min_size=1, max_size=4),
    presentation_header=st.binary(max_size=40),
    feature=st.sampled_from(sorted(FEATURES)),
)
def test_any_choice_of_pointers_verifies(mandatory, selective, presentation_header, feature):
    derived = Holder(feature, mandatory).derive(["/issuer", *selective], presentation_header=presentation_header)
    assert vc.verify(derived, presentation_header=presentation_header).problems == ()


def test_every_pointer_that_matches_nothing_is_named(holder):
    with pytest.raises(ProblemError) as error:
        holder.derive(["/nothing", SHOWN, "/credentialSubject/nobody"])
    assert {problem.code for problem in error.value.problems} == {"pointer.no_match"}
    assert "/nothing" in str(error.value)
    assert "/credentialSubject/nobody" in str(error.value)


CHANGES = {
    "a disclosed value": lambda d: d["credentialSubject"]["degree"].update(name="Doctor of Everything"),
    "a mandatory value": lambda d: d.update(validFrom="2025-01-01T00:00:00Z"),
    "a type": lambda d: d["credentialSubject"]["degree"].update(type="ExampleMasterDegree"),
    "an added value": lambda d: d["credentialSubject"].update(name="李四"),
    "a removed value": lambda d: d["credentialSubject"]["degree"].pop("name"),
    "the proof's creation": lambda d: d["proof"].update(created="2026-01-01T00:00:00Z"),
    "the proof's nonce": lambda d: d["proof"].update(nonce="x"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_document_fails(holder, change):
    derived = json.loads(json.dumps(holder.derive()))
    CHANGES[change](derived)
    verdict = vc.verify(derived)
    assert not verdict.verified
    assert {problem.code for problem in verdict.problems} <= {"proof.signature", "proof.value"}


def test_any_changed_byte_of_a_proof_value_fails(holders):
    derived = holders["holder_binding_pseudonym"].derive(presentation_header=b"nonce")
    document, method = without_proof(derived), _method(derived)
    raw = multibase.decode(derived["proof"]["proofValue"])
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        with pytest.raises(ProblemError):
            SUITE.verify_proof(
                document, derived["proof"] | {"proofValue": multibase.encode(bytes(changed), "u")}, method
            )


def _changed(document, change):
    components = cbor2.loads(multibase.decode(document["proof"]["proofValue"])[3:])
    header = multibase.decode(document["proof"]["proofValue"])[:3]
    value = multibase.encode(header + cbor2.dumps(change(components)), "u")
    return document | {"proof": document["proof"] | {"proofValue": value}}


# Changes to [bbsProof, labelMap, mandatoryIndexes, selectiveIndexes, presentationHeader, domain, pseudonym, length].
MALFORMED = {
    "proof a text": lambda c: [c[0].hex(), *c[1:]],
    "proof tagged": lambda c: [cbor2.CBORTag(64, c[0]), *c[1:]],
    "label map a list": lambda c: [c[0], list(c[1].items()), *c[2:]],
    "label map of texts": lambda c: [c[0], {f"c14n{k}": f"b{v}" for k, v in c[1].items()}, *c[2:]],
    "label map with bytes": lambda c: [c[0], {k: bytes([v]) for k, v in c[1].items()}, *c[2:]],
    "label map negative": lambda c: [c[0], {k: -1 - v for k, v in c[1].items()}, *c[2:]],
    "label map huge": lambda c: [c[0], {k: v + 2**40 for k, v in c[1].items()}, *c[2:]],
    "label map that merges nodes": lambda c: [c[0], dict.fromkeys(c[1], 0), *c[2:]],
    "label map with too few": lambda c: [c[0], {0: 0}, *c[2:]],
    "label map with too many": lambda c: [c[0], c[1] | {99: 99}, *c[2:]],
    "mandatory indexes a text": lambda c: [*c[:2], "0", *c[3:]],
    "mandatory indexes with a boolean": lambda c: [*c[:2], [True], *c[3:]],
    "mandatory indexes with a float": lambda c: [*c[:2], [0.0], *c[3:]],
    "mandatory indexes negative": lambda c: [*c[:2], [-1], *c[3:]],
    "mandatory indexes beyond the statements": lambda c: [*c[:2], [*c[2], 10**6], *c[3:]],
    "mandatory indexes repeated": lambda c: [*c[:2], [*c[2], c[2][0]], *c[3:]],
    "selective indexes do not ascend": lambda c: [*c[:3], c[3][::-1], *c[4:]],
    "selective indexes repeated": lambda c: [*c[:3], [c[3][0], *c[3]], *c[4:]],
    "selective indexes huge": lambda c: [*c[:3], [*c[3][:-1], 2**64], *c[4:]],
    "presentation header a text": lambda c: [*c[:4], "nonce", *c[5:]],
    "presentation header too long": lambda c: [*c[:4], bytes(70_000), *c[5:]],
    "domain bytes": lambda c: [*c[:5], c[5].encode(), *c[6:]],
    "domain null": lambda c: [*c[:5], 0, *c[6:]],
    "pseudonym too short": lambda c: [*c[:6], c[6][:-1], c[7]],
    "pseudonym a text": lambda c: [*c[:6], c[6].hex(), c[7]],
    "length negative": lambda c: [*c[:7], -1],
    "length a text": lambda c: [*c[:7], "3"],
    "length a boolean": lambda c: [*c[:7], True],
    "length huge": lambda c: [*c[:7], 2**40],
    "five components": lambda c: c[:5],
    "six components": lambda c: [*c[:5], c[7]],
    "nine components": lambda c: [*c, 0],
    "no components": lambda c: [],
    "a map": lambda c: dict(enumerate(c)),
}


@pytest.mark.parametrize("change", MALFORMED)
def test_malformed_components_are_refused(holders, change):
    derived = holders["pseudonym"].derive(["/credentialSubject"])
    verdict = vc.verify(_changed(derived, MALFORMED[change]))
    assert [problem.code for problem in verdict.problems] == ["proof.value"]


FOREIGN = {
    "proof truncated": lambda c: [c[0][:-1], *c[1:]],
    "proof empty": lambda c: [b"", *c[1:]],
    "proof with one more commitment": lambda c: [c[0] + c[0][-32:], *c[1:]],
    "proof of thousands of commitments": lambda c: [c[0] + c[0][-32:] * 5000, *c[1:]],
    "labels swapped": lambda c: [c[0], dict(zip(c[1], [*list(c[1].values())[1:], c[1][0]], strict=True)), *c[2:]],
    "a mandatory index left out": lambda c: [*c[:2], c[2][1:], *c[3:]],
    "other selective indexes": lambda c: [*c[:3], [index + 1 for index in c[3]], *c[4:]],
    "a selective index left out": lambda c: [*c[:3], c[3][1:], *c[4:]],
    "another presentation header": lambda c: [*c[:4], b"x", *c[5:]],
    "another domain": lambda c: [*c[:5], "another.example", *c[6:]],
    "the identity as pseudonym": lambda c: [*c[:6], b"\xc0" + bytes(47), c[7]],
    "another length": lambda c: [*c[:7], c[7] + 1],
    "a length of zero": lambda c: [*c[:7], 0],
}


@pytest.mark.parametrize("change", FOREIGN)
def test_components_of_another_proof_are_refused(holders, change):
    derived = holders["pseudonym"].derive(["/credentialSubject"])
    verdict = vc.verify(_changed(derived, FOREIGN[change]))
    assert [problem.code for problem in verdict.problems] == ["proof.signature"]


# Changes to the bytes of a derived proof value.
NOT_A_PROOF_VALUE = {
    "empty": lambda raw: b"",
    "header only": lambda raw: raw[:3],
    "truncated": lambda raw: raw[:-1],
    "trailing byte": lambda raw: raw + b"\0",
    "no header": lambda raw: raw[3:],
    "an unknown header": lambda raw: b"\xd9\x5d\x0b" + raw[3:],
    "the header of ecdsa-sd-2023": lambda raw: b"\xd9\x5d\x01" + raw[3:],
    "indefinite array": lambda raw: raw[:3] + b"\x9f" + raw[4:] + b"\xff",
    "longer length": lambda raw: raw[:3] + b"\x98\x05" + raw[4:],
    "tagged array": lambda raw: raw[:3] + b"\xd8\x40" + raw[3:],
    "nested without end": lambda raw: raw[:3] + b"\x81" * 50_000,
    "length of 2**63": lambda raw: raw[:3] + b"\x9b\x7f" + b"\xff" * 7,
    "a map with a key twice": lambda raw: raw[:3] + b"\x81\xa2\x00\x40\x00\x40",
    "undefined": lambda raw: raw[:3] + b"\xf7",
}


@pytest.mark.parametrize("change", NOT_A_PROOF_VALUE)
def test_bytes_that_are_no_proof_value_are_refused(holders, change):
    derived = holders["baseline"].derive()
    raw = NOT_A_PROOF_VALUE[change](multibase.decode(derived["proof"]["proofValue"]))
    document = derived | {"proof": derived["proof"] | {"proofValue": multibase.encode(raw, "u")}}
    assert [problem.code for problem in vc.verify(document).problems] == ["proof.value"]


def test_a_proof_under_the_header_of_another_feature_fails(holders):
    derived = holders["anonymous_holder_binding"].derive()
    raw = multibase.decode(derived["proof"]["proofValue"])
    for header in (b"\xd9\x5d\x03", b"\xd9\x5d\x07", b"\xd9\x5d\x09"):
        changed = derived["proof"] | {"proofValue": multibase.encode(header + raw[3:], "u")}
        assert not vc.verify(derived | {"proof": changed}).verified


def test_a_lone_surrogate_is_a_failure_and_no_exception(holders):
    derived = json.loads(json.dumps(holders["pseudonym"].derive()))
    assert not vc.verify(derived, nym_domain="\ud800").verified
    derived["credentialSubject"]["degree"]["name"] = "\ud800"
    assert not vc.verify(derived).verified


def test_contexts_of_the_document_take_the_place_of_the_proofs(holders):
    derived = holders["baseline"].derive()
    own = derived["proof"] | {"@context": ["https://www.w3.org/ns/credentials/v2"]}
    SUITE.verify_proof(without_proof(derived), own, _method(derived))


def test_another_issuers_key_fails(holder):
    derived = holder.derive()
    other = did.SoftwareKey.from_seed("BLS12-381-G2", b"another issuer")
    method = did.Resolver().dereference(other.verification_method, "assertionMethod")
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(without_proof(derived), derived["proof"], method)
    assert error.value.code == "proof.signature"


# What a holder can't do.


@pytest.mark.parametrize("name_", ["holder_secret", "prover_nym", "secret_prover_blind"])
def test_without_the_right_secret_nothing_is_derived(holders, name_):
    holder = holders["holder_binding_pseudonym"]
    for wrong in (None, b"\1" * 32):
        with pytest.raises(ProblemError) as error:
            holder.derive(**{name_: wrong})
        assert error.value.code in ("proof.generation", "proof.signature")
        assert "\\x01" not in str(error.value)


def test_a_base_proof_of_another_document_or_proof_is_refused(holder):
    other = json.loads(json.dumps(holder.credential))
    other["credentialSubject"]["name"] = "李四"
    renewed = holder.credential | {"proof": holder.credential["proof"] | {"nonce": "x"}}
    earlier = holder.credential | {"validFrom": "2025-01-01T00:00:00Z"}
    for document in (other, renewed, earlier):
        with pytest.raises(ProblemError) as error:
            vc.derive(document, selective_pointers=[SHOWN], suite_options=holder.options)
        assert error.value.code == "proof.signature"


BASE_CHANGES = {
    "signature too short": lambda c: [c[0][:-1], *c[1:]],
    "header too short": lambda c: [c[0], c[1][:-1], *c[2:]],
    "key too long": lambda c: [*c[:2], c[2] + b"\0", *c[3:]],
    "hmac key too short": lambda c: [*c[:3], c[3][:16], *c[4:]],
    "pointers no list": lambda c: [*c[:4], "/issuer", *c[5:]],
    "pointers no texts": lambda c: [*c[:4], [0], *c[5:]],
    "entropy too short": lambda c: [*c[:5], c[5][:-1]],
    "entropy negative": lambda c: [*c[:5], -(2**70)],
    "entropy too large": lambda c: [*c[:5], 2**256],
    "entropy left out": lambda c: c[:5],
    "one more": lambda c: [*c, 0],
}


@pytest.mark.parametrize("change", BASE_CHANGES)
def test_a_malformed_base_proof_is_refused(holders, change):
    holder = holders["pseudonym"]
    document = _changed(holder.credential, BASE_CHANGES[change])
    with pytest.raises(ProblemError) as error:
        vc.derive(document, selective_pointers=[SHOWN], suite_options=holder.options)
    assert error.value.code == "proof.value"


BASE_FOREIGN = {
    "signature": lambda c: [b"\xc0" + c[0][1:], *c[1:]],
    "key": lambda c: [*c[:2], did.SoftwareKey.from_seed("BLS12-381-G2", b"x").public_key.raw, *c[3:]],
    "identity as key": lambda c: [*c[:2], b"\xc0" + bytes(95), *c[3:]],
    "mandatory pointers": lambda c: [*c[:4], ["/issuer"], *c[5:]],
    "entropy": lambda c: [*c[:5], b"\1" * 32],
}


@pytest.mark.parametrize("change", BASE_FOREIGN)
def test_a_base_proof_with_anothers_part_is_refused(holders, change):
    holder = holders["pseudonym"]
    with pytest.raises(ProblemError) as error:
        vc.derive(
            _changed(holder.credential, BASE_FOREIGN[change]), selective_pointers=[SHOWN], suite_options=holder.options
        )
    assert error.value.code == "proof.signature"


def test_a_base_proof_with_anothers_hmac_key_is_refused_unless_it_orders_the_nodes_alike(holders):
    holder = holders["pseudonym"]
    outcomes = []
    for number in range(16):
        document = _changed(holder.credential, lambda c, key=bytes([number]) * 32: [*c[:3], key, *c[4:]])
        try:
            vc.derive(document, selective_pointers=[SHOWN], suite_options=holder.options)
            outcomes.append("derived")
        except ProblemError as error:
            outcomes.append(error.code)
    assert "proof.signature" in outcomes
    assert set(outcomes) <= {"proof.signature", "derived"}


# Options.

COMMITMENT = commit("anonymous_holder_binding", holder_secret=b"s" * 32)[0]
NYM_COMMITMENT = commit("pseudonym", prover_nym=b"\1" * 32)[0]


@pytest.mark.parametrize(
    "options",
    [
        {"feature_option": "no such feature"},
        {"feature_option": None, "x": 1},
        {"feature_option": ["baseline"]},
        {"feature_option": "baseline", "commitment_with_proof": COMMITMENT},
        {"feature_option": "anonymous_holder_binding"},
        {"feature_option": "anonymous_holder_binding", "commitment_with_proof": COMMITMENT.hex()},
        {"feature_option": "anonymous_holder_binding", "commitment_with_proof": COMMITMENT[:-1]},
        {"feature_option": "anonymous_holder_binding", "commitment_with_proof": b""},
        {"feature_option": "anonymous_holder_binding", "commitment_with_proof": NYM_COMMITMENT},
        {"feature_option": "anonymous_holder_binding", "commitment_with_proof": bbs.commit([])[0]},
        {"feature_option": "anonymous_holder_binding", "commitment_with_proof": bbs.commit([b"a", b"b"])[0]},
        {"feature_option": "holder_binding_pseudonym", "commitment_with_proof": NYM_COMMITMENT},
        {"feature_option": "pseudonym", "commitment_with_proof": COMMITMENT},
        {"feature_option": "pseudonym", "commitment_with_proof": NYM_COMMITMENT, "signer_nym_entropy": b"\1" * 31},
        {"feature_option": "pseudonym", "commitment_with_proof": NYM_COMMITMENT, "signer_nym_entropy": bytes(32)},
        {
            "feature_option": "anonymous_holder_binding",
            "commitment_with_proof": COMMITMENT,
            "signer_nym_entropy": b"\1" * 32,
        },
        {"commitment": COMMITMENT},
    ],
)
def test_unfit_options_of_issuing_are_refused(options):
    with pytest.raises(ProblemError) as error:
        vc.issue(CREDENTIAL, ISSUER, mandatory_pointers=["/issuer"], suite_options=options)
    assert error.value.code == "proof.generation"


@pytest.mark.parametrize(
    ("feature_", "changes"),
    [
        ("baseline", {"holder_secret": b"s" * 32}),
        ("baseline", {"nym_domain": DOMAIN}),
        ("baseline", {"presentation_header": "nonce"}),
        ("baseline", {"presentation_header": bytes(70_000)}),
        ("baseline", {"secret_prover_blind": b"\1" * 32}),
        ("baseline", {"nonce": b"x"}),
        ("anonymous_holder_binding", {"holder_secret": None}),
        ("anonymous_holder_binding", {"secret_prover_blind": None}),
        ("anonymous_holder_binding", {"secret_prover_blind": b"\1" * 31}),
        ("anonymous_holder_binding", {"secret_prover_blind": bytes(32)}),
        ("anonymous_holder_binding", {"prover_nym": b"\1" * 32}),
        ("pseudonym", {"nym_domain": None}),
        ("pseudonym", {"nym_domain": b"verifier"}),
        ("pseudonym", {"nym_domain": ""}),
        ("pseudonym", {"nym_domain": "\ud800"}),
        ("pseudonym", {"prover_nym": None}),
        ("pseudonym", {"prover_nym": bytes(32)}),
        ("pseudonym", {"holder_secret": b"s" * 32}),
    ],
)
def test_unfit_options_of_deriving_are_refused(holders, feature_, changes):
    with pytest.raises(ProblemError) as error:
        holders[feature_].derive(**changes)
    assert error.value.code == "proof.generation"


@pytest.mark.parametrize(
    ("feature_", "secrets"),
    [
        ("baseline", {}),
        ("other", {}),
        ("anonymous_holder_binding", {}),
        ("anonymous_holder_binding", {"holder_secret": "text"}),
        ("anonymous_holder_binding", {"holder_secret": b"s", "prover_nym": b"\1" * 32}),
        ("pseudonym", {"prover_nym": bytes(32)}),
        ("pseudonym", {"prover_nym": b"\xff" * 32}),
        ("pseudonym", {"prover_nym": b"\1" * 32, "holder_secret": b"s"}),
        ("holder_binding_pseudonym", {"prover_nym": b"\1" * 32}),
    ],
)
def test_no_commitment_is_made_from_unfit_secrets(feature_, secrets):
    with pytest.raises(ProblemError) as error:
        commit(feature_, **secrets)
    assert error.value.code == "proof.generation"


def test_a_key_of_another_kind_does_not_sign():
    key = did.SoftwareKey.from_seed("Ed25519", b"x")
    with pytest.raises(ProblemError):
        vc.issue(CREDENTIAL | {"issuer": key.did}, key, cryptosuite="bbs-2023")
    config = {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023", "proofPurpose": "assertionMethod"}
    with pytest.raises(ProblemError) as error:
        SUITE.create_proof(CREDENTIAL, key, config | {"verificationMethod": key.verification_method})
    assert error.value.code == "proof.generation"


@pytest.mark.parametrize("published_form", [False, True])
def test_proof_values_are_read_as_written(feature, published_form):
    option = FEATURES[feature]
    base = BaseProofValue(
        option,
        bytes(80),
        bytes(64),
        bytes(96),
        bytes(32),
        ["/issuer", "/a~1b"],
        b"\1" * 32 if option.pseudonym else None,
        published_form and feature == "holder_binding_pseudonym",
    )
    assert BaseProofValue.parse(base.serialize()) == base
    derived = DerivedProofValue(option, bytes(400), {300: 2, 2: 300}, [0, 9], [1, 5], b"header")
    if option.pseudonym:
        domain = None if published_form else "verifier.example"
        derived = DerivedProofValue(
            option, bytes(400), {0: 1, 1: 0}, [0], [1, 5], b"header", domain, b"\x80" + bytes(47), 23
        )
    elif option.committed:
        derived = DerivedProofValue(option, bytes(400), {}, [], [], b"", None, None, 0)
    assert DerivedProofValue.parse(derived.serialize()) == derived
