"""One odd entry spoils nothing else of a DID document: it is left out, and its reason is given."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import did
from did import (
    DidNotFound,
    FetchRefused,
    InvalidDidDocument,
    KeyTypeUnsupported,
    MethodNotSupported,
    Resolver,
    multibase,
)
from did.methods.given import given_methods
from did.methods.web import ANY_MEDIA_TYPE
from did.multicodec import encode_varint
from did.resolution import FetchRequest, FetchResponse
from did.usable import usable_part

DID = "did:web:police.example"
KEY = did.SoftwareKey.from_seed("P-256", b"usable").public_key
GOOD = {"id": DID + "#good", "type": "Multikey", "controller": DID, "publicKeyMultibase": KEY.to_multikey()}
OTHER = did.SoftwareKey.from_seed("P-256", b"another").public_key.to_multikey()


def document(*odd: Any, **members: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/did/v1",
        "id": DID,
        "verificationMethod": [*odd, GOOD],
        "assertionMethod": [DID + "#good", DID + "#odd"],
        **members,
    }


class Served:
    def __init__(self, body: bytes, media_type: str = "application/did+json", status: int = 200) -> None:
        self.response = (status, body, media_type)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        status, body, media_type = self.response
        if media_type not in request.media_types:
            raise FetchRefused("not wanted", request.url)
        return FetchResponse(request.url, status, body, media_type)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        return self.fetch(request)


def resolver(value: Any, **more: Any) -> Resolver:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Resolver(fetcher=Served(body, **more))


ODD: dict[str, tuple[Any, str]] = {
    "a string": ("#odd", "object"),
    "without type": ({"id": DID + "#odd", "controller": DID}, "'type'"),
    "a list of types": ({**GOOD, "id": "#odd", "type": ["Multikey"]}, "'type'"),
    "no DID URL": ({**GOOD, "id": "https://police.example/#odd"}, "DID URL"),
    "a controller that is no URL": ({**GOOD, "id": "#odd", "controller": "police"}, "controller"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_method_is_left_out_with_its_reason_and_the_others_serve(name: str) -> None:
    odd, reason = ODD[name]
    world = resolver(document(odd))
    assert world.dereference(DID + "#good", "assertionMethod").public_key == KEY
    result = world.resolve(DID)
    assert result.document is not None
    assert result.document["verificationMethod"] == [GOOD]
    [left_out] = result.metadata["unusable"]
    assert left_out["pointer"] == "/verificationMethod/0"
    assert reason in left_out["reason"]
    if left_out.get("id") == DID + "#odd":
        for ask in (
            lambda: world.dereference(DID + "#odd", "assertionMethod"),
            lambda: world.dereference_url(DID + "#odd"),
        ):
            with pytest.raises(InvalidDidDocument) as refused:
                ask()
            assert left_out["reason"] in refused.value.message


@pytest.mark.parametrize(
    "members",
    [
        {"service": [{"id": "s"}, 7]},
        {"service": "https://police.example"},
        {"alsoKnownAs": "police"},
        {"controller": 5},
        {"@context": ["https://example.org/odd"]},
        {"authentication": "#good"},
        {"authentication": [5, "x", ["#good"]]},
        {"keyAgreement": None},
    ],
)
def test_an_odd_member_spoils_nothing_else(members: dict[str, Any]) -> None:
    world = resolver(document(**members))
    assert world.dereference(DID + "#good", "assertionMethod").public_key == KEY
    assert world.resolve(DID).metadata["unusable"]
    assert not world.resolve(DID, expandRelativeUrls=True).deactivated


def test_a_method_that_is_equal_and_embedded_again_is_one_method() -> None:
    value = document(assertionMethod=[{**GOOD, "id": "#good"}])
    result = resolver(value).resolve(DID)
    assert "unusable" not in result.metadata
    assert resolver(value).dereference(DID + "#good", "assertionMethod").public_key == KEY


@pytest.mark.parametrize("where", ["verificationMethod", "assertionMethod", "authentication"])
def test_of_two_methods_of_one_id_that_differ_neither_is_used(where: str) -> None:
    other = {**GOOD, "publicKeyMultibase": OTHER}
    value = document()
    value[where] = [*value.get(where, []), other]
    with pytest.raises(InvalidDidDocument, match="differ"):
        resolver(value).dereference(DID + "#good", "assertionMethod")


def test_an_odd_twin_can_not_take_a_methods_place() -> None:
    value = document({**GOOD, "type": ["Multikey"], "publicKeyMultibase": OTHER})
    with pytest.raises(InvalidDidDocument):
        resolver(value).dereference(DID + "#good", "assertionMethod")


@pytest.mark.parametrize(
    "value",
    [
        document(id=DID + "x"),
        document({**GOOD, "id": "#odd", "secretKeyMultibase": "z1"}),
        document({"id": 5, "publicKeyJwk": {**KEY.to_jwk(), "d": "AQ"}}),
        document(extra={"deep": [{"privateKeyBase58": "1"}]}),
        document(service=[{"id": "#s"}] * 513),
        [],
    ],
)
def test_a_document_is_refused_for_its_id_its_size_and_secrets(value: Any) -> None:
    with pytest.raises(InvalidDidDocument):
        resolver(value).resolve(DID)


def test_an_empty_controller_is_the_document_itself() -> None:
    value = document({**GOOD, "id": "#k1", "controller": ""}, assertionMethod=["#k1"])
    assert resolver(value).dereference(DID + "#k1", "assertionMethod").controller == DID


LEAVES = st.none() | st.integers(-99, 99) | st.text(max_size=5) | st.sampled_from(["#a", DID + "#a", DID])
NAMES = st.sampled_from(["id", "type", "controller", "publicKeyJwk", "serviceEndpoint"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)


@given(VALUES, st.sampled_from(["verificationMethod", "assertionMethod", "service", "controller", "@context"]))
def test_no_value_of_a_member_crashes_or_takes_the_good_key_away(value: Any, member: str) -> None:
    given_document = document(**{member: value})
    usable, metadata = usable_part(given_document, DID)
    json.dumps([usable, metadata])
    if member in ("service", "controller", "@context"):
        assert resolver(given_document).dereference(DID + "#good", "assertionMethod").public_key == KEY


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert resolver(b"\xef\xbb\xbf" + json.dumps(document()).encode()).resolve(DID).document is not None


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream", ""])
def test_general_media_types_are_taken_under_a_policy_that_the_refusal_names(media_type: str) -> None:
    body = json.dumps(document()).encode()
    with pytest.raises(FetchRefused, match=ANY_MEDIA_TYPE):
        resolver(body, media_type=media_type).resolve(DID)
    allowing = Resolver(fetcher=Served(body, media_type), policies=frozenset({ANY_MEDIA_TYPE}))
    assert allowing.resolve(DID).metadata["servedAs"] == media_type


def test_a_web_page_is_taken_under_no_policy() -> None:
    allowing = Resolver(fetcher=Served(b"{}", "text/html"), policies=frozenset({ANY_MEDIA_TYPE}))
    with pytest.raises(FetchRefused):
        allowing.resolve(DID)


def test_a_policy_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match=ANY_MEDIA_TYPE):
        Resolver(policies=frozenset({"anything"}))


def test_a_port_that_is_not_encoded_is_hinted_at() -> None:
    with pytest.raises(DidNotFound, match="localhost%3A8443"):
        Resolver(fetcher=Served(b"", status=404)).resolve("did:web:localhost:8443")


def test_an_unknown_method_is_told_the_known_ones_and_how_to_add_one() -> None:
    with pytest.raises(MethodNotSupported) as refused:
        Resolver().resolve("did:ebsi:zkC6cUFUs3FiRp2xedNwih2")
    for word in ("jwk, key, peer, web, webvh", "liangzheng.did_methods", "--did-document"):
        assert word in refused.value.message


def test_a_document_that_was_given_serves_for_any_method() -> None:
    name = "did:ebsi:zkC6cUFUs3FiRp2xedNwih2"
    value = json.loads(json.dumps(document()).replace(DID, name))
    world = Resolver(methods=given_methods({name: value}))
    assert world.dereference(name + "#good", "assertionMethod").public_key == KEY
    assert world.resolve(name).metadata["given"] is True
    with pytest.raises(DidNotFound):
        world.resolve("did:ebsi:another")
    with pytest.raises(InvalidDidDocument):
        Resolver(methods=given_methods({name: document()})).resolve(name)


def test_a_bare_key_is_told_that_its_multicodec_prefix_is_missing() -> None:
    bare = multibase.encode(did.SoftwareKey.from_seed("Ed25519", b"bare").public_key.raw)
    with pytest.raises(KeyTypeUnsupported, match="multicodec prefix"):
        did.PublicKey.from_multikey(bare)


def jwk_jcs(jwk: Any) -> str:
    data = rfc8785.dumps(jwk) if isinstance(jwk, dict) else jwk
    return "did:key:" + multibase.encode(encode_varint(0xEB51) + data)


@pytest.mark.parametrize("key_type", ["P-256", "Ed25519", "secp256k1", "P-384"])
def test_a_did_key_in_jwk_form_is_its_key(key_type: str) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"jwk").public_key
    name = jwk_jcs(key.to_jwk())
    method = Resolver().dereference(f"{name}#{name[8:]}", "assertionMethod")
    assert method.public_key == key
    found = Resolver().resolve(name, publicKeyFormat="JsonWebKey2020").document
    assert found is not None
    [listed] = found["verificationMethod"]
    assert listed["id"] == f"{name}#{name[8:]}"
    assert found["assertionMethod"] == [listed["id"]]
    assert listed["publicKeyJwk"] == key.to_jwk()


def test_a_did_key_in_jwk_form_has_one_text_and_no_secret() -> None:
    jwk = KEY.to_jwk()
    for odd in (
        json.dumps(jwk).encode(),
        {**jwk, "kid": "1"},
        {**jwk, "d": jwk["x"]},
        json.dumps(jwk)[:-5].encode(),
        b"[" * 100 + b"]" * 100,
    ):
        name = jwk_jcs(odd)
        with pytest.raises(did.DidError):
            Resolver().dereference(f"{name}#{name[8:]}", "assertionMethod")
