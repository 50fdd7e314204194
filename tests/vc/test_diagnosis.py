"""Why a signature doesn't match: each known way of signing otherwise is named, and stays unverified."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

import vc
from did import multibase
from vc.envelope import jws
from vc.explanation import explain
from vc.integrity.suite import DEFAULT_ENVIRONMENT
from vc.integrity.whole_document import JCS, RDFC

CREATED = "2026-05-01T00:00:00Z"


def proof_of(world: Any, key: Any, suite: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": CREATED,
        "verificationMethod": key.verification_method,
        "proofPurpose": "assertionMethod",
        **more,
    }


def hashed(way: Any, document: Any, proof: Any, name: str = "sha256") -> tuple[bytes, bytes]:
    configuration = way.configuration_bytes(document, proof, name, DEFAULT_ENVIRONMENT)
    transformed = way.document_bytes(document, name, DEFAULT_ENVIRONMENT)
    return hashlib.new(name, configuration).digest(), hashlib.new(name, transformed).digest()


def found(document: Any, world: Any) -> list[str]:
    explained = explain(document, now=world.now)
    assert explained["verdict"]["verified"] is False
    return [diagnosis["variant"] for diagnosis in explained["diagnoses"]]


def signed(world: Any, variant: str) -> dict[str, Any]:
    """A credential whose signer parted from the specification."""
    key = world.key("issuer", "P-384" if variant == "other-document-hash" else "P-256")
    document = world.credential(key)
    proof = proof_of(world, key, "ecdsa-rdfc-2019")
    if variant == "line-endings":
        document["name"] = "one\r\ntwo"
    if variant == "direction-dropped":
        document["name"] = {"@value": "اسم", "@language": "ar", "@direction": "rtl"}
    of_signer = copy.deepcopy(document)
    if variant == "line-endings":
        of_signer["name"] = "one\ntwo"
    if variant == "direction-dropped":
        del of_signer["name"]["@direction"]
    way = JCS if variant == "sibling-suite" else RDFC
    first, second = hashed(way, of_signer, proof)
    data = second + first if variant == "hashes-swapped" else first + second
    if variant == "double-hash":
        data = hashlib.sha256(data).digest()
    signature = key.sign(data)
    size = len(signature) // 2
    if variant == "swapped-r-s":
        signature = signature[size:] + signature[:size]
    if variant == "der-signature":
        r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
        signature = utils.encode_dss_signature(r, s)
    document["proof"] = {**proof, "proofValue": multibase.encode(signature)}
    return document


VARIANTS = [
    "sibling-suite",
    "hashes-swapped",
    "double-hash",
    "swapped-r-s",
    "der-signature",
    "other-document-hash",
    "line-endings",
    "direction-dropped",
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_known_way_of_signing_otherwise_is_named_and_not_verified(variant: str, world: Any) -> None:
    document = signed(world, variant)
    assert not vc.verify(document, now=world.now).verified
    assert found(document, world) == [variant]


def test_a_proof_signed_with_contexts_of_its_own_is_named(world: Any) -> None:
    key = world.key("issuer", "Ed25519")
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "issuanceDate": CREATED,
        "credentialSubject": {"id": "did:example:somebody"},
    }
    own = ["https://w3id.org/security/suites/ed25519-2020/v1"]
    proof = {**proof_of(world, key, ""), "type": "Ed25519Signature2020"}
    del proof["cryptosuite"]
    configuration = RDFC.configuration_bytes({"@context": own}, proof, "sha256", DEFAULT_ENVIRONMENT)
    transformed = RDFC.document_bytes(document, "sha256", DEFAULT_ENVIRONMENT)
    signature = key.sign(hashlib.sha256(configuration).digest() + hashlib.sha256(transformed).digest())
    secured = {**document, "proof": {"@context": own, **proof, "proofValue": multibase.encode(signature)}}
    assert found(secured, world) == ["proof-context"]
    [problem] = [p for p in vc.verify(secured, now=world.now).problems if p.code == "jsonld.undefined_term"]
    assert problem.pointer == "/proof/type"
    assert "https://w3id.org/security/suites/ed25519-2020/v1" in problem.detail


def test_a_document_that_was_changed_has_no_diagnosis(world: Any) -> None:
    document = vc.issue(world.credential(), world.key("issuer"), cryptosuite="ecdsa-rdfc-2019")
    document["name"] = "Another"
    assert found(document, world) == []


def test_a_document_that_verifies_is_not_diagnosed(world: Any) -> None:
    document = vc.issue(world.credential(), world.key("issuer"), cryptosuite="ecdsa-rdfc-2019")
    assert "diagnoses" not in explain(document, now=world.now)


@pytest.mark.parametrize("variant", ["swapped-r-s", "der-signature", "double-hash", "other-hash"])
def test_a_jwt_that_was_signed_otherwise_is_named(variant: str, world: Any) -> None:
    key = world.key("issuer")
    token = jws.compact({"typ": "vc+jwt", "kid": key.verification_method}, jws.dumps(world.credential()), key)
    signing_input = token.rpartition(".")[0]
    signature = key.sign(signing_input.encode())
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
    if variant == "swapped-r-s":
        signature = signature[32:] + signature[:32]
    if variant == "der-signature":
        signature = utils.encode_dss_signature(r, s)
    if variant == "double-hash":
        signature = key.sign(hashlib.sha256(signing_input.encode()).digest())
    if variant == "other-hash":
        secret = ec.derive_private_key(int.from_bytes(hashlib.sha256(b"made up").digest(), "big"), ec.SECP256R1())
        from did import PublicKey

        public = PublicKey.from_object(secret.public_key())
        name = "did:key:" + public.to_multikey()
        header = {"alg": "ES256", "typ": "vc+jwt", "kid": f"{name}#{name[8:]}"}
        document = {**world.credential(), "issuer": name}
        parts = [multibase.encode_base64url(jws.dumps(value)) for value in (header, document)]
        signing_input = ".".join(parts)
        r, s = utils.decode_dss_signature(secret.sign(signing_input.encode(), ec.ECDSA(hashes.SHA384())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    text = f"{signing_input}.{multibase.encode_base64url(signature)}"
    assert not vc.verify(text, now=world.now).verified
    assert found(text, world) == [variant]


def test_a_large_document_is_not_looked_into(world: Any) -> None:
    document = signed(world, "swapped-r-s")
    document["description"] = "x" * 300_000
    assert found(document, world) == []
