from __future__ import annotations

import copy
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import did
from did import (
    DidError,
    DidNotFound,
    InvalidDidDocument,
    InvalidDidUrl,
    KeyInvalid,
    KeyTypeUnsupported,
    PurposeNotAllowed,
    VerificationMethod,
    multibase,
)
from did.documents import MAX_ENTRIES, check, find, method_for
from did.strict_json import loads

DID = "did:web:police.example"
ED, P256, P384, SECP, X = (
    did.SoftwareKey.from_seed(kind, b"doc").public_key for kind in ("Ed25519", "P-256", "P-384", "secp256k1", "X25519")
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def document(**members: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "verificationMethod": [
            {"id": f"{DID}#a", "type": "Multikey", "controller": DID, "publicKeyMultibase": P256.to_multikey()},
            {"id": f"{DID}#b", "type": "Multikey", "controller": DID, "publicKeyMultibase": ED.to_multikey()},
        ],
        "assertionMethod": [f"{DID}#a"],
        "authentication": ["#b"],
        **members,
    }


def with_method(**members: Any) -> dict[str, Any]:
    method = {"id": f"{DID}#m", "controller": DID, **members}
    return document(verificationMethod=[method], assertionMethod=["#m"], authentication=[])


def test_a_sound_document_passes_and_isnt_touched() -> None:
    given = document()
    before = copy.deepcopy(given)
    check(given, DID)
    assert given == before


@pytest.mark.parametrize(
    "members",
    [
        {"@context": "https://www.w3.org/ns/did/v1"},
        {"@context": ["https://www.w3.org/ns/did/v1.1", {"x": "https://x.example/"}]},
        {"@context": ["https://www.w3.org/ns/cid/v1"]},
        {"controller": "did:web:ministry.example"},
        {"controller": ["did:web:ministry.example", "https://ministry.example/"]},
        {"alsoKnownAs": ["https://police.example/", "did:example:1"]},
        {"service": [{"id": "#s", "type": ["A", "B"], "serviceEndpoint": ["https://a.example/", {"uri": "x"}]}]},
        {"service": [{"id": "https://police.example/s", "type": "A", "serviceEndpoint": {"uri": "x"}}]},
        {"keyAgreement": [{"id": "#x", "type": "Multikey", "controller": DID, "publicKeyMultibase": X.to_multikey()}]},
        {"unknown": {"member": 1}},
    ],
)
def test_forms_that_the_specification_allows_pass(members: dict[str, Any]) -> None:
    check(document(**members), DID)


def test_a_document_in_plain_json_needs_no_context() -> None:
    given = document()
    del given["@context"]
    check(given, DID)


METHOD = document()["verificationMethod"][0]
BAD: dict[str, Any] = {
    "not an object": [],
    "null": None,
    "a string": "{}",
    "empty": {},
    "of another DID": document(id="did:web:other.example"),
    "id with a fragment": document(id=DID + "#"),
    "id in a list": document(id=[DID]),
    "context null": document(**{"@context": None}),
    "context a number": document(**{"@context": 5}),
    "context empty": document(**{"@context": []}),
    "context in the wrong order": document(
        **{"@context": ["https://w3id.org/security/multikey/v1", "https://www.w3.org/ns/did/v1"]}
    ),
    "context of a credential": document(**{"@context": "https://www.w3.org/ns/credentials/v2"}),
    "controller a number": document(controller=5),
    "controller no URL": document(controller="police"),
    "controller null": document(controller=None),
    "alsoKnownAs a string": document(alsoKnownAs="https://x.example/"),
    "alsoKnownAs no URI": document(alsoKnownAs=["x y"]),
    "methods an object": document(verificationMethod={}),
    "methods null": document(verificationMethod=None),
    "a method that is a string": document(verificationMethod=["#a"]),
    "a method without id": document(verificationMethod=[{"type": "Multikey", "controller": DID}]),
    "a method without type": document(verificationMethod=[{"id": "#a", "controller": DID}]),
    "a method without controller": document(verificationMethod=[{"id": "#a", "type": "Multikey"}]),
    "a method with a list of types": document(verificationMethod=[{**METHOD, "type": ["Multikey"]}]),
    "a method with a list of controllers": document(verificationMethod=[{**METHOD, "controller": [DID]}]),
    "a method whose id has no fragment": document(verificationMethod=[{**METHOD, "id": DID}]),
    "a method whose id is a URL": document(verificationMethod=[{**METHOD, "id": "https://x.example/#a"}]),
    "a method whose id isn't one": document(verificationMethod=[{**METHOD, "id": "a"}]),
    "two methods of one id": document(verificationMethod=[METHOD, {**METHOD, "id": "#a"}]),
    "an embedded method of a taken id": document(assertionMethod=[METHOD]),
    "two key members": document(verificationMethod=[{**METHOD, "publicKeyJwk": P256.to_jwk()}]),
    "a secret key": document(verificationMethod=[{**METHOD, "secretKeyMultibase": "z1"}]),
    "a private JWK": document(
        verificationMethod=[
            {"id": "#a", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": {**P256.to_jwk(), "d": "AQ"}}
        ]
    ),
    "a relationship that is a string": document(assertionMethod="#a"),
    "a relationship with a number": document(assertionMethod=[1]),
    "a relationship with a list": document(assertionMethod=[["#a"]]),
    "a reference that isn't a DID URL": document(assertionMethod=["a"]),
    "a reference without fragment": document(assertionMethod=[DID]),
    "too many references": document(assertionMethod=["#a"] * (MAX_ENTRIES + 1)),
    "a service that is a string": document(service=["#s"]),
    "a service without id": document(service=[{"type": "A", "serviceEndpoint": "https://x.example/"}]),
    "a service without type": document(service=[{"id": "#s", "serviceEndpoint": "https://x.example/"}]),
    "a service with an empty type": document(
        service=[{"id": "#s", "type": [], "serviceEndpoint": "https://x.example/"}]
    ),
    "a service without endpoint": document(service=[{"id": "#s", "type": "A"}]),
    "a service with a number": document(service=[{"id": "#s", "type": "A", "serviceEndpoint": [1]}]),
    "a service whose id isn't a URL": document(
        service=[{"id": "s", "type": "A", "serviceEndpoint": "https://x.example/"}]
    ),
    "a service with the id of a method": document(
        service=[{"id": "#a", "type": "A", "serviceEndpoint": "https://x.example/"}]
    ),
    "two services of one id": document(
        service=[{"id": i, "type": "A", "serviceEndpoint": "https://x.example/"} for i in ("#s", DID + "#s")]
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_an_unsound_document_is_refused(name: str) -> None:
    with pytest.raises(InvalidDidDocument) as caught:
        check(BAD[name], DID)
    assert caught.value.code == "did.document_invalid"


@settings(max_examples=200)
@given(st.sampled_from([*document(), "controller", "alsoKnownAs", "service", "keyAgreement"]), JSON)
def test_no_value_of_a_member_crashes_the_checks(member: str, value: Any) -> None:
    given = document(**{member: value})
    try:
        check(given, DID)
        method_for(given, f"{DID}#a", "assertionMethod")
    except DidError:
        pass


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["id", "type", "controller", "publicKeyMultibase", "publicKeyJwk", "expires"]), JSON
    )
)
def test_no_method_crashes_the_reader(method: dict[str, Any]) -> None:
    with suppress(DidError):
        VerificationMethod.from_dict(method, DID)


class TestPurpose:
    def test_a_listed_method_is_found(self) -> None:
        found = method_for(document(), f"{DID}#a", "assertionMethod")
        assert found == VerificationMethod(f"{DID}#a", "Multikey", DID, P256)

    def test_relative_references_count(self) -> None:
        assert method_for(document(), f"{DID}#b", "authentication").public_key == ED

    @pytest.mark.parametrize(
        ("fragment", "purpose"),
        [
            ("a", "authentication"),
            ("b", "assertionMethod"),
            ("a", "keyAgreement"),
            ("a", "verificationMethod"),
            ("a", "@context"),
            ("a", "service"),
            ("a", ""),
        ],
    )
    def test_a_method_is_used_for_nothing_it_isnt_listed_for(self, fragment: str, purpose: str) -> None:
        with pytest.raises(PurposeNotAllowed) as caught:
            method_for(document(), f"{DID}#{fragment}", purpose)
        assert caught.value.code == "did.purpose_not_allowed"

    def test_an_embedded_method_counts_for_its_relationship_only(self) -> None:
        embedded = {"id": "#e", "type": "Multikey", "controller": DID, "publicKeyMultibase": P384.to_multikey()}
        given = document(capabilityInvocation=[embedded])
        check(given, DID)
        assert method_for(given, f"{DID}#e", "capabilityInvocation").public_key == P384
        with pytest.raises(PurposeNotAllowed):
            method_for(given, f"{DID}#e", "assertionMethod")

    @pytest.mark.parametrize("url", [f"{DID}#c", f"{DID}#A", "did:web:other.example#a"])
    def test_what_isnt_there_isnt_found(self, url: str) -> None:
        with pytest.raises(DidNotFound):
            method_for(document(), url, "assertionMethod")

    @pytest.mark.parametrize("url", [DID, DID + "#", "a", ""])
    def test_a_method_needs_a_fragment(self, url: str) -> None:
        with pytest.raises(InvalidDidUrl):
            method_for(document(), url, "assertionMethod")

    def test_a_method_of_another_controller_is_refused(self) -> None:
        given = with_method(type="Multikey", publicKeyMultibase=ED.to_multikey())
        given["verificationMethod"][0]["controller"] = "did:web:other.example"
        check(given, DID)
        with pytest.raises(InvalidDidDocument, match="another controller"):
            method_for(given, f"{DID}#m", "assertionMethod")

    def test_a_method_that_lives_elsewhere_isnt_taken_from_here(self) -> None:
        foreign = {**METHOD, "id": "did:web:other.example#a", "controller": "did:web:other.example"}
        given = document(assertionMethod=[foreign])
        check(given, DID)
        with pytest.raises(InvalidDidDocument):
            method_for(given, "did:web:other.example#a", "assertionMethod")

    def test_one_bad_key_doesnt_spoil_the_others(self) -> None:
        given = document()
        given["verificationMethod"].append({"id": "#u", "type": "Quantum2050", "controller": DID, "publicKeyQ": "?"})
        given["assertionMethod"].append("#u")
        check(given, DID)
        assert method_for(given, f"{DID}#a", "assertionMethod")
        with pytest.raises(KeyTypeUnsupported):
            method_for(given, f"{DID}#u", "assertionMethod")


FORMS: list[tuple[str, str, Any, did.PublicKey]] = [
    ("Multikey", "publicKeyMultibase", ED.to_multikey(), ED),
    ("Multikey", "publicKeyMultibase", "u" + multibase.encode_base64url(b"\x80\x24" + P256.raw), P256),
    ("JsonWebKey", "publicKeyJwk", P384.to_jwk(), P384),
    ("JsonWebKey2020", "publicKeyJwk", SECP.to_jwk(), SECP),
    ("Ed25519VerificationKey2020", "publicKeyMultibase", ED.to_multikey(), ED),
    ("Ed25519VerificationKey2018", "publicKeyBase58", multibase.encode_base58(ED.raw), ED),
    ("X25519KeyAgreementKey2020", "publicKeyMultibase", X.to_multikey(), X),
    ("X25519KeyAgreementKey2019", "publicKeyBase58", multibase.encode_base58(X.raw), X),
    ("EcdsaSecp256r1VerificationKey2019", "publicKeyJwk", P256.to_jwk(), P256),
    ("EcdsaSecp256r1VerificationKey2019", "publicKeyMultibase", P256.to_multikey(), P256),
    ("EcdsaSecp256r1VerificationKey2019", "publicKeyBase58", multibase.encode_base58(P256.raw), P256),
    ("EcdsaSecp256k1VerificationKey2019", "publicKeyBase58", multibase.encode_base58(SECP.raw), SECP),
    ("EcdsaSecp256k1VerificationKey2019", "publicKeyJwk", SECP.to_jwk(), SECP),
    ("P256Key2021", "publicKeyBase58", multibase.encode_base58(P256.raw), P256),
    ("P384Key2021", "publicKeyBase58", multibase.encode_base58(P384.raw), P384),
]


@pytest.mark.parametrize(("kind", "member", "value", "key"), FORMS)
def test_every_form_in_the_wild_is_read(kind: str, member: str, value: Any, key: did.PublicKey) -> None:
    given = with_method(type=kind, **{member: value})
    check(given, DID)
    assert method_for(given, f"{DID}#m", "assertionMethod").public_key == key


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"type": "Multikey"}, KeyInvalid),
        ({"type": "Multikey", "publicKeyHex": ED.raw.hex()}, KeyInvalid),
        ({"type": "Multikey", "publicKeyJwk": ED.to_jwk()}, KeyInvalid),
        ({"type": "Multikey", "publicKeyMultibase": None}, KeyInvalid),
        ({"type": "Multikey", "publicKeyMultibase": [ED.to_multikey()]}, KeyInvalid),
        ({"type": "JsonWebKey", "publicKeyJwk": "{}"}, KeyInvalid),
        ({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": P256.to_multikey()}, KeyInvalid),
        ({"type": "Ed25519VerificationKey2018", "publicKeyHex": ED.raw.hex()}, KeyInvalid),
        ({"type": "Ed25519VerificationKey2018", "publicKeyBase58": "1" * 10_000}, KeyInvalid),
        ({"type": "Ed25519VerificationKey2018", "publicKeyBase58": multibase.encode_base58(bytes(31))}, KeyInvalid),
        ({"type": "Ed25519VerificationKey2018", "publicKeyBase58": 5}, KeyInvalid),
        ({"type": "EcdsaSecp256r1VerificationKey2019", "publicKeyJwk": P384.to_jwk()}, KeyInvalid),
        ({"type": "RsaVerificationKey2018", "publicKeyPem": "-----BEGIN"}, KeyTypeUnsupported),
        ({"type": "x" * 10_000, "publicKeyPem": ""}, KeyTypeUnsupported),
    ],
)
def test_other_forms_are_refused_when_they_are_used(members: dict[str, Any], expected: type[DidError]) -> None:
    given = with_method(**members)
    try:
        check(given, DID)
    except InvalidDidDocument:
        return  # pydid found it first
    with pytest.raises(expected):
        method_for(given, f"{DID}#m", "assertionMethod")


class TestEnds:
    def method(self, **members: Any) -> VerificationMethod:
        given = with_method(type="Multikey", publicKeyMultibase=ED.to_multikey(), **members)
        check(given, DID)
        return method_for(given, f"{DID}#m", "assertionMethod")

    @pytest.mark.parametrize("member", ["expires", "revoked"])
    def test_a_method_ends_when_its_document_says_so(self, member: str) -> None:
        method = self.method(**{member: "2026-01-31T08:00:00+08:00"})
        end = datetime(2026, 1, 31, tzinfo=UTC)
        assert getattr(method, member) == end
        assert method.usable_at(end - timedelta(seconds=1))
        assert not method.usable_at(end)

    def test_without_an_end_it_lasts(self) -> None:
        assert self.method().usable_at(datetime(9999, 1, 1, tzinfo=UTC))

    @pytest.mark.parametrize(
        "value",
        ["2026-01-31", "2026-01-31T08:00:00", "soon", "", 5, None, "2026-13-31T08:00:00Z", "2026-01-31T080000+0800"],
    )
    def test_an_end_that_isnt_a_timestamp_is_refused(self, value: Any) -> None:
        with pytest.raises(InvalidDidDocument):
            self.method(expires=value)


def test_objects_are_found_by_their_id() -> None:
    given = document(service=[{"id": "#s", "type": "A", "serviceEndpoint": "https://x.example/"}])
    assert find(given, f"{DID}#s")["type"] == "A"
    assert find(given, f"{DID}#a")["type"] == "Multikey"
    with pytest.raises(DidNotFound):
        find(given, f"{DID}#x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{}{}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b"[NaN]",
        b"[Infinity]",
        b"[1e999]",
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'["\\ud800"]',
        b"[123456789012345678901234567890]",
        b" " * (1024 * 1024 + 1),
        "[1]".encode("utf-16"),
    ],
)
def test_json_that_could_be_read_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidDidDocument):
        loads(data)


@given(JSON)
def test_json_comes_back(value: Any) -> None:
    assert loads(json.dumps(value).encode()) == value
