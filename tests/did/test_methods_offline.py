from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
from did import (
    DidError,
    DidNotFound,
    InvalidDid,
    InvalidDidUrl,
    KeyInvalid,
    MethodNotSupported,
    PurposeNotAllowed,
    Resolver,
    multibase,
)
from did.documents import check
from did.key_types import KEY_TYPES
from did.methods import jwk as did_jwk
from did.methods.key import public_key_of

RESOLVER = Resolver()
ALL = list(KEY_TYPES)
SIGNING = ["assertionMethod", "authentication", "capabilityDelegation", "capabilityInvocation"]


@pytest.mark.parametrize("method", ["key", "jwk"])
@pytest.mark.parametrize("key_type", ALL)
def test_a_key_signs_under_its_own_did(method: str, key_type: str) -> None:
    key = did.generate(key_type, method=method)
    document = RESOLVER.resolve(key.did).document
    check(document, key.did)
    purposes = SIGNING if KEY_TYPES[key_type].signs else ["keyAgreement"]
    for purpose in purposes:
        assert RESOLVER.dereference(key.verification_method, purpose).public_key == key.public_key
    refused = "keyAgreement" if method == "key" and KEY_TYPES[key_type].signs else "serviceEndpoint"
    with pytest.raises(PurposeNotAllowed):
        RESOLVER.dereference(key.verification_method, refused)


@pytest.mark.parametrize("key_type", ALL)
def test_the_fast_way_for_did_key_says_what_the_document_says(key_type: str) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"fast")
    slow = Resolver(methods={"key": did.methods.method("key")})
    for purpose in (*SIGNING, "keyAgreement", "nothing"):
        results = []
        for resolver in (RESOLVER, slow):
            try:
                results.append(resolver.dereference(key.verification_method, purpose))
            except DidError as error:
                results.append(error.code)  # type: ignore[arg-type]
        assert results[0] == results[1]


async def test_the_asynchronous_twins_agree() -> None:
    key = did.generate()
    assert await RESOLVER.resolve_async(key.did) == RESOLVER.resolve(key.did)
    assert (await RESOLVER.dereference_async(key.verification_method, "assertionMethod")).public_key == key.public_key


class TestDidKey:
    def cases(self, vectors: Path) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted(vectors.glob("did-key/*/*.json"))]

    def test_the_identifiers_of_the_vectors_hold_the_keys_of_the_vectors(self, vectors: Path) -> None:
        seen = 0
        for case in self.cases(vectors):
            if case["curve"] == "bls12381g1g2":
                with pytest.raises(KeyInvalid):
                    public_key_of(case["did"])
                continue
            key = public_key_of(case["did"])
            method = (
                case.get("verificationMethod")
                or case.get("verificationKeyPair")
                or case["didDocument"]["verificationMethod"][0]
            )
            if "publicKeyJwk" in method:
                assert key.to_jwk() == method["publicKeyJwk"]
            elif method["type"] != "X25519KeyAgreementKey2019" or case["curve"] == "x25519":
                assert multibase.encode_base58(key.raw) == method["publicKeyBase58"]
            seen += 1
        assert seen >= 15

    def test_the_secrets_of_the_vectors_make_their_identifiers(self, vectors: Path) -> None:
        seen = 0
        for case in self.cases(vectors):
            pair = case.get("verificationKeyPair") or case.get("verificationMethod") or {}
            jwk, text = pair.get("privateKeyJwk"), pair.get("privateKeyBase58")
            if case["curve"].startswith("bls"):
                continue
            if jwk is not None:
                assert did.SoftwareKey.from_jwk(jwk).did == case["did"]
            elif text is not None and case["curve"] in ("p256", "secp256k1"):
                kind = {"p256": "P-256", "secp256k1": "secp256k1"}[case["curve"]]
                assert did.SoftwareKey.from_secret(kind, multibase.decode_base58(text)).did == case["did"]
            elif "seed" in case and case["curve"] == "ed25519":
                assert did.SoftwareKey.from_secret("Ed25519", bytes.fromhex(case["seed"])).did == case["did"]
            else:
                continue
            seen += 1
        assert seen >= 10

    @pytest.mark.parametrize(
        "identifier",
        [
            "did:key:",
            "did:key:z",
            "did:key:6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:uzAGf",
            "did:key:fed01",
            "did:key:-4:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:1.1:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do0",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK%20",
            "did:key:zTjsVPtY",
            "did:key:z" + "2" * 5000,
        ],
    )
    def test_anything_else_is_refused(self, identifier: str) -> None:
        with pytest.raises(DidError) as caught:
            RESOLVER.resolve(identifier)
        assert caught.value.code in (
            "did.invalid",
            "did.encoding_invalid",
            "did.key_invalid",
            "did.key_length_invalid",
            "did.key_type_unsupported",
        )

    def test_the_fragment_repeats_the_key(self) -> None:
        one, other = did.generate(), did.generate()
        swapped = f"{one.did}#{other.public_key.to_multikey()}"
        with pytest.raises(DidNotFound):
            RESOLVER.dereference(swapped, "assertionMethod")

    @pytest.mark.parametrize("tail", ["", "#", "?versionId=1#k", "/path#k"])
    def test_a_method_is_named_by_a_plain_fragment(self, tail: str) -> None:
        with pytest.raises(DidError):
            RESOLVER.dereference(did.generate().did + tail, "assertionMethod")

    @given(st.text(max_size=40))
    def test_no_text_crashes_the_reader(self, text: str) -> None:
        with pytest.raises(DidError):
            RESOLVER.dereference("did:key:" + text, "assertionMethod")


class TestDidJwk:
    # The examples of the did:jwk specification (quartzjer/did-jwk).
    P256 = (
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAi"
        "LCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
    )
    X25519 = (
        "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ1c2UiOiJlbmMi"
        "LCJ4IjoiM3A3YmZYdDl3YlRUVzJIQzdPUTFOei1EUThoYmVHZE5yZngtRkctSUswOCJ9"
    )

    def test_the_examples_of_the_specification_resolve(self) -> None:
        document = dict(RESOLVER.resolve(self.P256).document or {})
        assert document["verificationMethod"][0]["id"] == self.P256 + "#0"
        assert document["verificationMethod"][0]["type"] == "JsonWebKey2020"
        assert set(document) == {"@context", "id", "verificationMethod", *SIGNING, "keyAgreement"}
        agreement = dict(RESOLVER.resolve(self.X25519).document or {})
        assert set(agreement) == {"@context", "id", "verificationMethod", "keyAgreement"}

    def test_the_newer_type_is_an_option(self) -> None:
        document = dict(RESOLVER.resolve(self.P256, verificationMethodType="JsonWebKey").document or {})
        assert document["verificationMethod"][0]["type"] == "JsonWebKey"
        check(document, self.P256)

    def test_one_key_has_one_did(self) -> None:
        key = did.SoftwareKey.from_seed("P-256", b"jwk").public_key
        assert did_jwk.did_of(key) == did_jwk.did_of(did.PublicKey.from_jwk(dict(reversed(key.to_jwk().items()))))

    @pytest.mark.parametrize(("use", "listed"), [("sig", set(SIGNING)), ("enc", {"keyAgreement"})])
    def test_use_decides_the_relationships(self, use: str, listed: set[str]) -> None:
        identifier = did_jwk.did_of(did.SoftwareKey.from_seed("P-256", b"jwk").public_key, use=use)
        document = dict(RESOLVER.resolve(identifier).document or {})
        assert {name for name in document if name in (*SIGNING, "keyAgreement")} == listed

    @pytest.mark.parametrize(
        "jwk",
        [
            b"",
            b"null",
            b"[]",
            b'"x"',
            b"{}",
            b"{",
            b'{"kty":"EC","kty":"EC"}',
            b'{"kty":"RSA","n":"AQ","e":"AQAB"}',
            json.dumps({**did.SoftwareKey.from_seed("P-256", b"1").public_key.to_jwk(), "d": "AQ"}).encode(),
            json.dumps({**did.SoftwareKey.from_seed("P-256", b"1").public_key.to_jwk(), "use": "both"}).encode(),
            json.dumps({**did.SoftwareKey.from_seed("P-256", b"1").public_key.to_jwk(), "use": ["sig"]}).encode(),
            json.dumps({**did.SoftwareKey.from_seed("P-256", b"1").public_key.to_jwk(), "x5c": ["A" * 4000]}).encode(),
            b"\xff\xfe",
            b'{"a":' * 500,
        ],
    )
    def test_a_bad_jwk_is_refused(self, jwk: bytes) -> None:
        with pytest.raises(DidError) as caught:
            RESOLVER.resolve("did:jwk:" + (multibase.encode_base64url(jwk) or "_"))
        assert isinstance(caught.value, InvalidDid | KeyInvalid | did.EncodingInvalid)

    @pytest.mark.parametrize(
        "identifier", ["did:jwk:", "did:jwk:e30=", "did:jwk:e3", "did:jwk:" + "e" * 5000, "did:jwk:a:b"]
    )
    def test_a_bad_text_is_refused(self, identifier: str) -> None:
        with pytest.raises(DidError):
            RESOLVER.resolve(identifier)

    def test_the_only_method_is_number_0(self) -> None:
        with pytest.raises(DidNotFound):
            RESOLVER.dereference(self.P256 + "#1", "assertionMethod")


@pytest.mark.parametrize("identifier", ["did:experimental:x", "did:ion:x", "did:web2:x"])
def test_unknown_methods_are_named(identifier: str) -> None:
    with pytest.raises(MethodNotSupported):
        RESOLVER.resolve(identifier)


def test_methods_can_be_restricted() -> None:
    resolver = Resolver(allowed_methods=frozenset({"jwk"}))
    key = did.generate()
    with pytest.raises(MethodNotSupported):
        resolver.resolve(key.did)
    with pytest.raises(MethodNotSupported):
        resolver.dereference(key.verification_method, "assertionMethod")
    assert resolver.resolve(did.generate(method="jwk").did).document


@pytest.mark.parametrize("value", ["", "did:key", "x", "did:web:a b", None, 5, ["did:key:z"]])
def test_what_isnt_a_did_is_refused(value: Any) -> None:
    with pytest.raises(InvalidDid):
        RESOLVER.resolve(value)
    with pytest.raises(InvalidDidUrl):
        RESOLVER.dereference(value, "assertionMethod")
