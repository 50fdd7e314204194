"""The suites that sign a whole document give every intermediate value of the published vectors."""

from __future__ import annotations

import copy
import json

import pytest

import did
from vc.integrity import CRYPTOSUITES
from vc.integrity.chain import input_document, matching_proofs, without_proof
from vc.problems import ProblemError

# Folder, suffix of its files, name of the suite. Source of the values: see tests/vectors/README.md.
CASES = [
    ("vc-di-eddsa/eddsa-rdfc-2022-basic", "DataInt", "eddsa-rdfc-2022"),
    ("vc-di-eddsa/eddsa-jcs-2022-basic", "JCS", "eddsa-jcs-2022"),
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p256-basic", "ECDSAP256", "ecdsa-rdfc-2019"),
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p256-employ", "ECDSAP256", "ecdsa-rdfc-2019"),
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p384-employ", "ECDSAP384", "ecdsa-rdfc-2019"),
    ("vc-di-ecdsa/ecdsa-jcs-2019-p256-basic", "JCSECDSAP256", "ecdsa-jcs-2019"),
]


def _secret(folder, case):
    pair = case("vc-di-eddsa").json("keyPair") if "eddsa" in folder else case(folder).json("keyPair")
    return pair.get("privateKeyMultibase") or pair["secretKeyMultibase"]


@pytest.fixture(params=CASES, ids=[folder.split("/")[1] for folder, _, _ in CASES])
def vector(request, case, signer):
    folder, suffix, suite = request.param
    values = case(folder)
    signed = values.json(f"signed{suffix}")
    key = signer(_secret(folder, case), signed["proof"]["verificationMethod"])
    return values, suffix, CRYPTOSUITES[suite], signed, key


def test_creation_gives_every_published_value(vector):
    values, suffix, suite, signed, key = vector
    document = values.json("unsigned")
    config = {k: v for k, v in values.json(f"proofConfig{suffix}").items() if k != "@context"}
    trace: dict = {}
    proof = suite.create_proof(document, key, config, trace=trace)
    assert trace["canonDoc"] == values.text(f"canonDoc{suffix}")
    assert trace["docHash"] == values.line(f"docHash{suffix}")
    assert trace["proofConfig"] == values.json(f"proofConfig{suffix}")
    assert trace["proofCanon"] == values.text(f"proofCanon{suffix}")
    assert trace["proofHash"] == values.line(f"proofHash{suffix}")
    assert trace["combinedHash"] == values.line(f"combinedHash{suffix}")
    assert trace["sigHex"] == values.line(f"sigHex{suffix}")
    assert trace["sigBTC58"] == values.line(f"sigBTC58{suffix}")
    assert proof == signed["proof"]


def test_verification_accepts_the_published_document_and_computes_the_same(vector):
    values, suffix, suite, signed, _ = vector
    method = did.Resolver().dereference(signed["proof"]["verificationMethod"], "assertionMethod")
    trace: dict = {}
    suite.verify_proof(without_proof(signed), signed["proof"], method, trace=trace)
    for name in ("canonDoc", "proofCanon"):
        assert trace[name] == values.text(name + suffix)
    for name in ("docHash", "proofHash", "combinedHash", "sigHex", "sigBTC58"):
        assert trace[name] == values.line(name + suffix)


def test_any_changed_member_of_the_proof_fails(vector):
    _, _, suite, signed, _ = vector
    method = did.Resolver().dereference(signed["proof"]["verificationMethod"], "assertionMethod")
    for change in ({"created": "2023-02-24T23:36:39Z"}, {"proofPurpose": "authentication"}, {"nonce": "x"}):
        with pytest.raises(ProblemError) as error:
            suite.verify_proof(without_proof(signed), signed["proof"] | change, method)
        assert error.value.code == "proof.signature"


def test_any_changed_member_of_the_document_fails(vector):
    _, _, suite, signed, _ = vector
    method = did.Resolver().dereference(signed["proof"]["verificationMethod"], "assertionMethod")
    document = without_proof(signed)
    for name in document.keys() - {"@context"}:
        changed = copy.deepcopy(document)
        del changed[name]
        with pytest.raises(ProblemError) as error:
            suite.verify_proof(changed, signed["proof"], method)
        assert error.value.code in ("proof.signature", "jsonld.undefined_term"), name


def test_nothing_given_is_changed(vector):
    values, _, suite, signed, key = vector
    document = values.json("unsigned")
    config = {k: v for k, v in signed["proof"].items() if k not in ("@context", "proofValue")}
    before = json.dumps([document, config])
    suite.create_proof(document, key, config)
    assert json.dumps([document, config]) == before


@pytest.mark.parametrize(
    ("proof_value", "why"),
    [
        ("", "not base58btc"),
        ("z", "holds 0 bytes"),
        ("u" + "A" * 86, "not base58btc"),
        ("z" + "1" * 63, "holds 63 bytes"),
        ("z" + "1" * 65, "holds 65 bytes"),
        ("z" + "0" * 64, "alphabet"),
        ("z" + "1" * 64 + " ", "alphabet"),
        ("z" + "1" * 200, "not a signature of"),
        ("z" + "é" * 64, "alphabet"),
    ],
)
def test_a_proof_value_that_is_no_signature_is_named(case, proof_value, why):
    signed = case("vc-di-eddsa/eddsa-rdfc-2022-basic").json("signedDataInt")
    method = did.Resolver().dereference(signed["proof"]["verificationMethod"], "assertionMethod")
    with pytest.raises(ProblemError) as error:
        CRYPTOSUITES["eddsa-rdfc-2022"].verify_proof(
            without_proof(signed), signed["proof"] | {"proofValue": proof_value}, method
        )
    assert error.value.code == "proof.value"
    assert why in str(error.value)


def test_a_jcs_proof_binds_the_contexts_it_carries(case):
    signed = case("vc-di-eddsa/eddsa-jcs-2022-basic").json("signedJCS")
    method = did.Resolver().dereference(signed["proof"]["verificationMethod"], "assertionMethod")
    suite = CRYPTOSUITES["eddsa-jcs-2022"]
    document = without_proof(signed)
    # vc-di-eddsa 3.3.2 step 4: the document's contexts start with the proof's; the proof's take their place.
    longer = {**document, "@context": [*document["@context"], "https://w3id.org/security/multikey/v1"]}
    suite.verify_proof(longer, signed["proof"], method)
    for contexts in (document["@context"][:1], document["@context"][::-1], [], document["@context"][0], None):  # type: ignore[var-annotated]
        with pytest.raises(ProblemError) as error:
            suite.verify_proof({**document, "@context": contexts}, signed["proof"], method)
        assert error.value.code == "proof.context"


def test_an_rdfc_proof_is_read_with_the_contexts_of_the_document(case):
    signed = case("vc-di-eddsa/eddsa-rdfc-2022-basic").json("signedDataInt")
    method = did.Resolver().dereference(signed["proof"]["verificationMethod"], "assertionMethod")
    document = without_proof(signed)
    for contexts in (document["@context"], document["@context"][:1], "https://w3id.org/security/data-integrity/v2"):
        # vc-di-eddsa 3.2.5 step 4: the document's contexts take the place of the proof's.
        CRYPTOSUITES["eddsa-rdfc-2022"].verify_proof(document, signed["proof"] | {"@context": contexts}, method)


def _verify_all(signed):
    proofs = signed["proof"]
    for proof in proofs:
        method = did.Resolver().dereference(proof["verificationMethod"], "assertionMethod")
        previous = proof.get("previousProof", [])
        matching = matching_proofs([previous] if isinstance(previous, str) else previous, proofs)
        document = input_document(without_proof(signed), matching)
        CRYPTOSUITES[proof["cryptosuite"]].verify_proof(document, proof, method)


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2"])
def test_published_proof_sets_verify(case, name):
    signed = case("vc-di-eddsa/proof-set").json(name)
    if isinstance(signed["proof"], dict):
        signed["proof"] = [signed["proof"]]
    _verify_all(signed)


@pytest.mark.parametrize("name", ["signedProofChain1", "signedProofChain2"])
def test_published_proof_chains_verify_in_any_order(case, name):
    signed = case("vc-di-eddsa/proof-chain").json(name)
    _verify_all(signed)
    signed["proof"].reverse()
    _verify_all(signed)


@pytest.mark.parametrize("step", [1, 2])
def test_published_proof_chains_are_made_alike(case, signer, step):
    values = case("vc-di-eddsa/proof-chain")
    published = values.json(f"proofChainConfigSigned{step}")
    document = values.json(f"proofChainTempDoc{step}")
    pairs = values.json("multiKeyPairs")
    fragment = published["verificationMethod"].partition("#")[2]
    secret = next(
        p.get("privateKeyMultibase") or p["secretKeyMultibase"] for p in pairs.values() if fragment in p.values()
    )
    config = {k: v for k, v in published.items() if k not in ("proofValue", "@context")}
    assert (
        CRYPTOSUITES["eddsa-rdfc-2022"].create_proof(document, signer(secret), config)["proofValue"]
        == published["proofValue"]
    )
