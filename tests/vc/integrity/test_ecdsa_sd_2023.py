"""ecdsa-sd-2023 gives every intermediate value of the published vector, and refuses what is no proof of its form."""

from __future__ import annotations

import cbor2
import pytest

import did
import vc
from did import multibase
from vc.integrity import CRYPTOSUITES, Environment
from vc.integrity.chain import without_proof
from vc.integrity.ecdsa_sd_2023 import BaseProofValue, DerivedProofValue
from vc.problems import ProblemError

SUITE = CRYPTOSUITES["ecdsa-sd-2023"]


@pytest.fixture
def values(case):
    return case("vc-di-ecdsa/ecdsa-sd-2023-prc")


@pytest.fixture
def method(values):
    url = values.json("addProofConfig")["verificationMethod"]
    return did.Resolver().dereference(url, "assertionMethod")


def _environment(values):
    """The published HMAC key, then what makes the published key of the proof."""
    keys = values.json("SDKeyMaterial")
    scalar = multibase.decode(keys["proofKeyPair"]["secretKeyMultibase"])[2:]
    pool = {32: bytes.fromhex(keys["hmacKeyString"]), 48: (int.from_bytes(scalar, "big") - 1).to_bytes(48, "big")}
    return Environment(random=lambda count: pool[count])


def test_look_alike_siblings_are_told_apart_alike_by_issuer_and_holder():
    """Whichever documents of the form either has met before."""
    key = did.SoftwareKey.from_seed("P-256", b"look-alike")
    contexts = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]

    def issued(name):
        member = {"type": "Member", "label": name, "card": [{"label": "x"}, {"label": "z"}]}
        document = {
            "@context": contexts,
            "type": ["VerifiableCredential", "ExampleCredential"],
            "issuer": key.did,
            "credentialSubject": {"member": [dict(member) for _ in range(4)]},
        }
        pointers = ["/issuer", "/credentialSubject/member/2"]
        return vc.issue(document, key, cryptosuite="ecdsa-sd-2023", mandatory_pointers=pointers)

    bases = [issued(f"name {number}") for number in range(4)]
    for base in [*bases, *bases]:
        assert vc.verify(vc.derive(base, selective_pointers=["/credentialSubject/member/0/label"])).verified


def test_an_object_that_is_named_further_in_is_derived_and_one_under_a_keyword_is_not():
    key = did.SoftwareKey.from_seed("P-256", b"apart")
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": key.did,
        "credentialSubject": {
            "id": "https://x.example/a",
            "knows": {"id": "https://x.example/b", "near": {"id": "https://x.example/a"}},
            "name": "a",
        },
    }
    base = vc.issue(document, key, cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/issuer"])
    derived = vc.derive(base, selective_pointers=["/credentialSubject/knows"])
    assert vc.verify(derived).verified
    again = {**base, "credentialSubject": {**base["credentialSubject"], "@id": "https://x.example/a"}}
    del again["credentialSubject"]["id"]
    with pytest.raises(ProblemError) as error:
        vc.derive(again, selective_pointers=["/credentialSubject/knows"])
    assert error.value.problems[0].code == "reading.name"


def test_creation_gives_every_published_value(values, signer):
    keys = values.json("SDKeyMaterial")
    config = values.json("addProofConfig")
    del config["@context"]
    key = signer(keys["baseKeyPair"]["secretKeyMultibase"])
    trace: dict = {}
    proof = SUITE.create_proof(
        values.json("unsigned"),
        key,
        config,
        env=_environment(values),
        options={"mandatory_pointers": values.json("mandatoryPointers")},
        trace=trace,
    )
    assert trace["addBaseDocCanon"] == values.json("addBaseDocCanon")
    assert trace["addBaseDocHMACCanon"] == values.json("addBaseDocHMACCanon")
    transform = values.json("addBaseTransform")
    transform["hmacKeyString"] = transform["hmacKeyString"].lower()
    assert trace["addBaseTransform"] == transform
    assert trace["addProofConfig"] == values.json("addProofConfig")
    assert trace["addProofConfigCanon"] == values.text("addProofConfigCanon")
    assert trace["addHashData"] == values.json("addHashData")
    assert trace["addRawBaseSignatureInfo"] == values.json("addRawBaseSignatureInfo")
    assert proof == values.json("addSignedSDBase")["proof"]


def test_derivation_gives_every_published_value(values):
    base = values.json("addSignedSDBase")
    trace: dict = {}
    derived = SUITE.derive_proof(without_proof(base), base["proof"], values.json("selectivePointers"), trace=trace)  # type: ignore[attr-defined]
    assert trace["derivedRecoveredBaseData"] == {
        **values.json("derivedRecoveredBaseData"),
        "mandatoryPointers": values.json("mandatoryPointers"),
    }
    assert trace["derivedGroupIndexes"] == values.json("derivedGroupIndexes")
    assert trace["derivedAdjMandatoryIndexes"] == values.json("derivedAdjMandatoryIndexes")
    assert trace["derivedAdjSignatures"] == values.json("derivedAdjSignatures")
    assert trace["derivedDisclosureData"] == values.json("derivedDisclosureData")
    assert trace["derivedUnsignedReveal"] == values.json("derivedUnsignedReveal")
    groups = values.json("derivedAllGroupData")["groups"]
    for name in ("mandatory", "selective", "combined"):
        assert trace["derivedGroupIndexes"][f"{name}Indexes"] == [int(i) for i in groups[name]["matching"]]
    assert derived == values.json("derivedRevealDocument")


def test_verification_computes_every_published_value(values, method):
    derived = values.json("derivedRevealDocument")
    trace: dict = {}
    SUITE.verify_proof(without_proof(derived), derived["proof"], method, trace=trace)
    published = values.json("verifyDerivedProofValue")
    published["labelMap"] = dict(published["labelMap"])
    assert trace["verifyDerivedProofValue"] == published
    assert trace["verifyNQuads"] == values.json("verifyNQuads")
    assert trace["verifyCreateVerifyData"] == values.json("verifyCreateVerifyData")


def test_a_base_proof_is_refused_by_a_verifier(values, method):
    base = values.json("addSignedSDBase")
    assert SUITE.is_base_proof(base["proof"])  # type: ignore[attr-defined]
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(without_proof(base), base["proof"], method)
    assert error.value.code == "proof.base"


def test_a_derived_proof_is_no_base_to_derive_from(values):
    derived = values.json("derivedRevealDocument")
    assert not SUITE.is_base_proof(derived["proof"])  # type: ignore[attr-defined]
    with pytest.raises(ProblemError) as error:
        SUITE.derive_proof(without_proof(derived), derived["proof"], ["/issuer"])  # type: ignore[attr-defined]
    assert error.value.code == "proof.value"


def test_a_base_proof_of_another_document_is_refused(values):
    base = values.json("addSignedSDBase")
    document = without_proof(base)
    del document["name"]
    with pytest.raises(ProblemError) as error:
        SUITE.derive_proof(document, base["proof"], ["/issuer"])  # type: ignore[attr-defined]
    assert error.value.code == "proof.signature"


def test_every_pointer_that_matches_nothing_is_named(values):
    base = values.json("addSignedSDBase")
    with pytest.raises(ProblemError) as error:
        SUITE.derive_proof(  # type: ignore[attr-defined]
            without_proof(base), base["proof"], ["/nothing", "/issuer", "/credentialSubject/nobody", "/type/7"]
        )
    assert {problem.code for problem in error.value.problems} == {"pointer.no_match"}
    text = str(error.value)
    assert all(pointer in text for pointer in ("/nothing", "/credentialSubject/nobody", "/type/7"))


@pytest.mark.parametrize("pointer", ["issuer", "/a~2", "/~", 7, None, b"/issuer"])
def test_what_is_no_json_pointer_is_refused(values, pointer):
    base = values.json("addSignedSDBase")
    with pytest.raises(ProblemError) as error:
        SUITE.derive_proof(without_proof(base), base["proof"], [pointer])  # type: ignore[attr-defined]
    assert error.value.code in ("pointer.form", "pointer.invalid")


def test_with_no_pointers_at_all_there_is_nothing_to_disclose(values, signer):
    key = did.generate("P-256")
    config = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023", "proofPurpose": "assertionMethod"}
    config["verificationMethod"] = key.verification_method
    document = values.json("unsigned")
    proof = SUITE.create_proof(document, key, config)
    with pytest.raises(ProblemError) as error:
        SUITE.derive_proof(document, proof, [])  # type: ignore[attr-defined]
    assert error.value.code == "pointer.no_match"


def _components(proof_value):
    return cbor2.loads(multibase.decode(proof_value)[3:])


def _value(components, header="d95d01"):
    return "u" + multibase.encode_base64url(bytes.fromhex(header) + cbor2.dumps(components))


# Changes to the components [baseSignature, publicKey, signatures, labelMap, mandatoryIndexes] of a derived proof.
MALFORMED = {
    "base signature too short": lambda c: [c[0][:-1], *c[1:]],
    "base signature a text": lambda c: [c[0].hex(), *c[1:]],
    "base signature a tagged byte string": lambda c: [cbor2.CBORTag(64, c[0]), *c[1:]],
    "key too long": lambda c: [c[0], c[1] + b"\0", *c[2:]],
    "key of another type": lambda c: [c[0], b"\x81\x24" + c[1][2:], *c[2:]],
    "key not on the curve": lambda c: [c[0], c[1][:3] + b"\xff" * 32, *c[2:]],
    "key uncompressed mark": lambda c: [c[0], c[1][:2] + b"\x04" + c[1][3:], *c[2:]],
    "signatures no list": lambda c: [*c[:2], b"".join(c[2]), *c[3:]],
    "a signature too short": lambda c: [*c[:2], [c[2][0][:-1], *c[2][1:]], *c[3:]],
    "a signature tagged": lambda c: [*c[:2], [cbor2.CBORTag(64, c[2][0]), *c[2][1:]], *c[3:]],
    "label map a list": lambda c: [*c[:3], list(c[3].items()), c[4]],
    "label map with text keys": lambda c: [*c[:3], {f"c14n{k}": v for k, v in c[3].items()}, c[4]],
    "label map with a negative key": lambda c: [*c[:3], {-1: c[3][0]}, c[4]],
    "label map with boolean keys": lambda c: [*c[:3], {False: c[3][0], True: c[3][1]}, c[4]],
    "label map with short labels": lambda c: [*c[:3], {k: v[:-1] for k, v in c[3].items()}, c[4]],
    "label map that merges nodes": lambda c: [*c[:3], dict.fromkeys(c[3], c[3][0]), c[4]],
    "label map with too few": lambda c: [*c[:3], {0: c[3][0]}, c[4]],
    "label map with too many": lambda c: [*c[:3], c[3] | {2: bytes(32)}, c[4]],
    "indexes with a text": lambda c: [*c[:4], ["0"]],
    "indexes with a boolean": lambda c: [*c[:4], [True]],
    "indexes with a float": lambda c: [*c[:4], [0.0]],
    "indexes negative": lambda c: [*c[:4], [-1]],
    "indexes beyond the statements": lambda c: [*c[:4], [*c[4], 10**6]],
    "indexes repeated": lambda c: [*c[:4], [*c[4], c[4][-1]]],
    "four components": lambda c: c[:4],
    "six components": lambda c: [*c, 0],
    "no components": lambda c: [],
    "a map": lambda c: dict(enumerate(c)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_components_are_refused(values, method, name):
    derived = values.json("derivedRevealDocument")
    changed = _value(MALFORMED[name](_components(derived["proof"]["proofValue"])))
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(without_proof(derived), derived["proof"] | {"proofValue": changed}, method)
    assert error.value.code == "proof.value"


# Components of the right form that belong to another document or proof.
FOREIGN = {
    "signature left out": lambda c: [*c[:2], c[2][1:], *c[3:]],
    "signature added": lambda c: [*c[:2], [*c[2], c[2][0]], *c[3:]],
    "signatures swapped": lambda c: [*c[:2], [c[2][1], c[2][0], *c[2][2:]], *c[3:]],
    "base signature of zeros": lambda c: [bytes(64), *c[1:]],
    "labels swapped": lambda c: [*c[:3], {0: c[3][1], 1: c[3][0]}, c[4]],
    "a mandatory index left out": lambda c: [*c[:4], c[4][1:]],
    "another key of the proof": lambda c: [c[0], b"\x80\x24" + did.generate("P-256").public_key.raw, *c[2:]],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_components_of_another_proof_are_refused(values, method, name):
    derived = values.json("derivedRevealDocument")
    changed = _value(FOREIGN[name](_components(derived["proof"]["proofValue"])))
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(without_proof(derived), derived["proof"] | {"proofValue": changed}, method)
    assert error.value.code == "proof.signature"


def _raw(proof_value):
    return multibase.decode(proof_value)


# Changes to the bytes of a derived proof value.
NOT_CBOR = {
    "empty": lambda raw: b"",
    "header only": lambda raw: raw[:3],
    "truncated": lambda raw: raw[:-1],
    "trailing byte": lambda raw: raw + b"\0",
    "other header": lambda raw: b"\xd9\x5d\x02" + raw[3:],
    "no header": lambda raw: raw[3:],
    "indefinite array": lambda raw: raw[:3] + b"\x9f" + raw[4:] + b"\xff",
    "longer length": lambda raw: raw[:3] + b"\x98\x05" + raw[4:],
    "tagged array": lambda raw: raw[:3] + b"\xd8\x40" + raw[3:],
    "nested without end": lambda raw: raw[:3] + b"\x81" * 50_000,
    "length of 2**63": lambda raw: raw[:3] + b"\x9b\x7f" + b"\xff" * 7,
    "invalid text": lambda raw: raw[:3] + b"\x81\x61\xff",
    "a map with a key twice": lambda raw: raw[:3] + b"\x81\xa2\x00\x40\x00\x40",
    "undefined": lambda raw: raw[:3] + b"\xf7",
}


@pytest.mark.parametrize("name", NOT_CBOR)
def test_bytes_that_are_no_strict_cbor_are_refused(values, method, name):
    derived = values.json("derivedRevealDocument")
    changed = multibase.encode(NOT_CBOR[name](_raw(derived["proof"]["proofValue"])), "u")
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(without_proof(derived), derived["proof"] | {"proofValue": changed}, method)
    assert error.value.code == "proof.value"


@pytest.mark.parametrize("change", [lambda v: "z" + v[1:], lambda v: v + "=", lambda v: v[:-1], lambda v: v + " "])
def test_text_that_is_no_base64url_is_refused(values, method, change):
    derived = values.json("derivedRevealDocument")
    changed = change(derived["proof"]["proofValue"])
    with pytest.raises(ProblemError) as error:
        SUITE.verify_proof(without_proof(derived), derived["proof"] | {"proofValue": changed}, method)
    assert error.value.code == "proof.value"


def test_proof_values_are_read_as_written():
    base = BaseProofValue(bytes(64), b"\x80\x24" + b"\2" * 33, bytes(32), [bytes(64)] * 3, ["/issuer", "/a~1b"])
    assert BaseProofValue.parse(base.serialize()) == base
    derived = DerivedProofValue(
        bytes(64), b"\x80\x24" + b"\2" * 33, [bytes(64)], {300: b"a" * 32, 2: b"b" * 32}, [0, 9]
    )
    assert DerivedProofValue.parse(derived.serialize()) == derived
