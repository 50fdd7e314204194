from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
from did import DidError, DidNotFound, InvalidDid, InvalidDidDocument, Resolver, multibase
from did.documents import check
from did.methods import peer

RESOLVER = Resolver()
ED = did.SoftwareKey.from_seed("Ed25519", b"peer").public_key
X = did.SoftwareKey.from_seed("X25519", b"peer").public_key

# The example of the specification (peer-did-method-spec, Method 2).
SPEC_2 = (
    "did:peer:2.Vz6Mkj3PUd1WjvaDhNZhhhXQdz5UnZXmS7ehtx8bsPpD47kKc.Ez6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR"
    ".SeyJ0IjoiZG0iLCJzIjp7InVyaSI6Imh0dHA6Ly9leGFtcGxlLmNvbS9kaWRjb21tIiwiYSI6WyJkaWRjb21tL3YyIl0sInIiOlsiZGlkOmV4YW1w"
    "bGU6MTIzNDU2Nzg5YWJjZGVmZ2hpI2tleS0xIl19fQ"
    ".SeyJ0IjoiZG0iLCJzIjp7InVyaSI6Imh0dHA6Ly9leGFtcGxlLmNvbS9hbm90aGVyIiwiYSI6WyJkaWRjb21tL3YyIl0sInIiOlsiZGlkOmV4YW1w"
    "bGU6MTIzNDU2Nzg5YWJjZGVmZ2hpI2tleS0yIl19fQ"
)


def service(number: int, path: str) -> dict[str, Any]:
    return {
        "type": "DIDCommMessaging",
        "serviceEndpoint": {
            "uri": f"http://example.com/{path}",
            "accept": ["didcomm/v2"],
            "routingKeys": [f"did:example:123456789abcdefghi#key-{number}"],
        },
    }


class TestNumber2:
    def test_the_example_of_the_specification_resolves(self) -> None:
        document = dict(RESOLVER.resolve(SPEC_2).document or {})
        assert [method["id"] for method in document["verificationMethod"]] == ["#key-1", "#key-2"]
        assert document["authentication"] == ["#key-1"]
        assert document["keyAgreement"] == ["#key-2"]
        assert document["service"] == [
            {**service(1, "didcomm"), "id": "#service"},
            {**service(2, "another"), "id": "#service-1"},
        ]

    def test_it_is_made_of_the_same_parts(self) -> None:
        keys = [
            ("authentication", did.PublicKey.from_multikey("z6Mkj3PUd1WjvaDhNZhhhXQdz5UnZXmS7ehtx8bsPpD47kKc")),
            ("keyAgreement", did.PublicKey.from_multikey("z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR")),
        ]
        assert peer.create_2(keys, [service(1, "didcomm"), service(2, "another")]) == SPEC_2

    def test_its_keys_serve_their_purposes(self) -> None:
        identifier = peer.create_2([("assertionMethod", ED), ("authentication", ED), ("keyAgreement", X)])
        assert RESOLVER.dereference(identifier + "#key-1", "assertionMethod").public_key == ED
        assert RESOLVER.dereference(identifier + "#key-2", "authentication").controller == identifier
        assert RESOLVER.dereference(identifier + "#key-3", "keyAgreement").public_key == X
        with pytest.raises(did.PurposeNotAllowed):
            RESOLVER.dereference(identifier + "#key-1", "authentication")

    @pytest.mark.parametrize(
        "identifier",
        [
            "did:peer:2",
            "did:peer:2.",
            "did:peer:2.V",
            "did:peer:2.Vz6Mk",
            "did:peer:2.X" + ED.to_multikey(),
            "did:peer:2." + ED.to_multikey(),
            "did:peer:2.V" + ED.to_multikey() + ".S",
            "did:peer:2.V" + ED.to_multikey() + ".Se30=",
            "did:peer:2.V" + ED.to_multikey() + ".SW10",
            "did:peer:2.V" + ED.to_multikey() + ".S" + multibase.encode_base64url(b'{"t":"dm","t":"x"}'),
            "did:peer:2.V"
            + ED.to_multikey()
            + ".S"
            + multibase.encode_base64url(b'{"id":"did:web:a#s","t":"dm","s":"x"}'),
            "did:peer:2.V" + ED.to_multikey() + ".S" + multibase.encode_base64url(b'{"t":"dm"}'),
            "did:peer:2.V" + ED.to_multikey() + ".S" + multibase.encode_base64url(b"[" * 500),
            "did:peer:2.Vu" + multibase.encode_base64url(b"\xed\x01" + ED.raw),
            "did:peer:2:V" + ED.to_multikey(),
            "did:peer:2" + (".V" + ED.to_multikey()) * 65,
        ],
    )
    def test_anything_else_is_refused(self, identifier: str) -> None:
        with pytest.raises((InvalidDid, InvalidDidDocument)):
            RESOLVER.resolve(identifier)


class TestNumber4:
    INPUT: ClassVar[dict[str, Any]] = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "verificationMethod": [{"id": "#k", "type": "Multikey", "publicKeyMultibase": ED.to_multikey()}],
        "assertionMethod": ["#k"],
    }

    def test_the_long_form_resolves(self) -> None:
        long = peer.create_4(self.INPUT)
        document = dict(RESOLVER.resolve(long).document or {})
        check(document, long)
        assert document["alsoKnownAs"] == [peer.short_form(long)]
        assert document["verificationMethod"][0]["controller"] == long
        assert RESOLVER.dereference(long + "#k", "assertionMethod").public_key == ED

    def test_the_short_form_resolves_where_the_long_one_is_known(self) -> None:
        long = peer.create_4(self.INPUT)
        short = peer.short_form(long)
        with pytest.raises(DidNotFound):
            RESOLVER.resolve(short)
        knowing = Resolver(methods={"peer": peer.PeerMethod([long])})
        assert dict(knowing.resolve(short).document or {})["alsoKnownAs"] == [long]
        assert knowing.dereference(short + "#k", "assertionMethod").public_key == ED

    def test_a_changed_document_is_refused(self) -> None:
        long, other = peer.create_4(self.INPUT), peer.create_4({**self.INPUT, "alsoKnownAs": ["https://x.example/"]})
        swapped = peer.short_form(long) + ":" + other.rpartition(":")[2]
        with pytest.raises(InvalidDid, match="hash"):
            RESOLVER.resolve(swapped)

    @pytest.mark.parametrize(
        "data", [b"", b"\x80\x04", b"\x80\x04[]", b"\x80\x04{", b'\x80\x04{"id":"x"}', b"{}", b'\x80\x04{"a":1,"a":1}']
    )
    def test_what_holds_no_document_is_refused(self, data: bytes) -> None:
        encoded = multibase.encode(data)
        with pytest.raises((InvalidDid, InvalidDidDocument)):
            RESOLVER.resolve(f"did:peer:4{peer._hash(encoded)}:{encoded}")

    @pytest.mark.parametrize(
        "members", [{"id": "did:peer:4z"}, {"alsoKnownAs": "x"}, {"verificationMethod": {}}, {"assertionMethod": [5]}]
    )
    def test_an_unsound_document_isnt_made(self, members: dict[str, Any]) -> None:
        with pytest.raises(DidError):
            peer.create_4({**self.INPUT, **members})


def test_number_0_is_like_did_key() -> None:
    identifier = "did:peer:0" + ED.to_multikey()
    document = dict(RESOLVER.resolve(identifier).document or {})
    check(document, identifier)
    assert RESOLVER.dereference(f"{identifier}#{ED.to_multikey()}", "authentication").public_key == ED


@pytest.mark.parametrize(
    "identifier",
    [
        "did:peer:1z6Mk",
        "did:peer:3zQm",
        "did:peer:9",
        "did:peer:z",
        "did:peer:0",
        "did:peer:0z",
        "did:peer:4",
        "did:peer:4:z",
    ],
)
def test_other_numbers_are_refused(identifier: str) -> None:
    with pytest.raises(DidError):
        RESOLVER.resolve(identifier)


@given(st.text(alphabet="024.VESAz:_-6MkLS1", max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        RESOLVER.resolve("did:peer:" + text)
    except DidError:
        return
    pytest.fail("random text resolved")


class TestFormsOfDidKey:
    ALL = ("Multikey", "JsonWebKey", "JsonWebKey2020")

    @pytest.mark.parametrize("key_type", ["Ed25519", "X25519", "P-256", "P-384", "P-521", "secp256k1", "BLS12-381-G2"])
    @pytest.mark.parametrize("form", ALL)
    def test_every_key_has_the_general_forms(self, key_type: str, form: str) -> None:
        key = did.SoftwareKey.from_seed(key_type, b"form" * 10)
        document = dict(RESOLVER.resolve(key.did, publicKeyFormat=form).document or {})
        check(document, key.did)
        assert did.VerificationMethod.from_dict(document["verificationMethod"][0], key.did).public_key == key.public_key

    @pytest.mark.parametrize(
        ("key_type", "form"),
        [
            ("Ed25519", "Ed25519VerificationKey2018"),
            ("X25519", "X25519KeyAgreementKey2019"),
            ("secp256k1", "EcdsaSecp256k1VerificationKey2019"),
            ("P-256", "P256Key2021"),
            ("P-384", "P384Key2021"),
            ("P-521", "P521Key2021"),
            ("BLS12-381-G2", "Bls12381G2Key2020"),
        ],
    )
    def test_older_forms_are_given_when_they_are_enabled(self, key_type: str, form: str) -> None:
        key = did.SoftwareKey.from_seed(key_type, b"form" * 10)
        for enabled in (True, "true"):
            options = {"publicKeyFormat": form, "enableExperimentalPublicKeyTypes": enabled}
            document = dict(RESOLVER.resolve(key.did, **options).document or {})
            found = did.VerificationMethod.from_dict(document["verificationMethod"][0], key.did)
            assert (found.type, found.public_key) == (form, key.public_key)
        with pytest.raises(did.KeyFormatInvalid):
            RESOLVER.resolve(key.did, publicKeyFormat=form)

    def test_a_form_for_other_keys_is_refused(self) -> None:
        with pytest.raises(did.KeyFormatInvalid):
            RESOLVER.resolve(did.generate("P-256").did, publicKeyFormat="Ed25519VerificationKey2020")
        with pytest.raises(did.KeyTypeUnsupported):
            RESOLVER.resolve(did.generate("P-256").did, publicKeyFormat="unknown")
        with pytest.raises(did.InvalidOptions):
            RESOLVER.resolve(did.generate("P-256").did, enableEncryptionKeyDerivation="maybe")

    @pytest.mark.parametrize(
        ("form", "agreement"),
        [
            ("Multikey", "Multikey"),
            ("JsonWebKey", "JsonWebKey"),
            ("Ed25519VerificationKey2020", "X25519KeyAgreementKey2020"),
            ("Ed25519VerificationKey2018", "X25519KeyAgreementKey2019"),
        ],
    )
    def test_an_agreement_key_is_derived_when_it_is_asked_for(self, form: str, agreement: str) -> None:
        key = did.SoftwareKey.from_seed("Ed25519", b"derive")
        options = {
            "publicKeyFormat": form,
            "enableEncryptionKeyDerivation": True,
            "enableExperimentalPublicKeyTypes": True,
        }
        document = dict(RESOLVER.resolve(key.did, **options).document or {})
        check(document, key.did)
        derived = did.VerificationMethod.from_dict(document["verificationMethod"][1], key.did)
        assert (derived.type, derived.public_key.key_type) == (agreement, "X25519")
        assert document["keyAgreement"] == [derived.id]
        assert "keyAgreement" not in dict(RESOLVER.resolve(key.did).document or {})

    def test_the_derived_keys_of_the_vectors_are_met(self, vectors: Path) -> None:
        seen = 0
        for path in (vectors / "did-key" / "ed25519").glob("*.json"):
            case = json.loads(path.read_text())
            document = dict(RESOLVER.resolve(case["did"], enableEncryptionKeyDerivation=True).document or {})
            derived = did.PublicKey.from_multikey(document["verificationMethod"][1]["publicKeyMultibase"])
            text = json.dumps(case["didDocument"])
            encoded = multibase.encode_base58(derived.raw)
            jwk = derived.to_jwk()["x"]
            assert encoded in text or jwk in text or derived.to_multikey() in text
            assert re.search(r"z6LS", document["keyAgreement"][0])
            seen += 1
        assert seen >= 4
