"""What each line of documents and DID URLs is for: the last that is taken, and the first that is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

import did
from did import (
    DidDeactivated,
    DidError,
    DidNotFound,
    InvalidDidDocument,
    InvalidDidUrl,
    KeyInvalid,
    PurposeNotAllowed,
    VerificationMethod,
    multibase,
)
from did.dereferencing import URI_LIST, dereferencing_steps
from did.documents import MAX_ENTRIES, check, find, method_for
from did.resolution import FetchRequest, FetchResponse, Resolution
from did.verification_methods import parse_timestamp

DID = "did:web:police.example"
KEY = did.SoftwareKey.from_seed("P-256", b"lines").public_key
V1 = "https://www.w3.org/ns/did/v1"
METHOD: dict[str, Any] = {
    "id": f"{DID}#a",
    "type": "Multikey",
    "controller": DID,
    "publicKeyMultibase": KEY.to_multikey(),
}


def document(**change: Any) -> dict[str, Any]:
    return {"@context": [V1], "id": DID, "verificationMethod": [METHOD], "assertionMethod": ["#a"], **change}


def refused(given: Any, name: str = DID) -> None:
    with pytest.raises(InvalidDidDocument):
        check(given, name)


class TestDocuments:
    def test_as_many_as_may_be_and_one_more(self) -> None:
        many = [{**METHOD, "id": f"#{number}"} for number in range(MAX_ENTRIES + 1)]
        check(document(verificationMethod=many[:MAX_ENTRIES], assertionMethod=[]), DID)
        refused(document(verificationMethod=many, assertionMethod=[]))
        refused(document(assertionMethod=["#a"] * (MAX_ENTRIES + 1)))
        check(document(**{"@context": [V1] + [{}] * 31}), DID)
        refused(document(**{"@context": [V1] + [{}] * 32}))

    @pytest.mark.parametrize("context", [[], [V1, 5], [V1, None], [5], ["https://x.example/"], [{}, V1], [[V1]], 5])
    def test_its_contexts_are_urls_and_objects_and_begin_with_the_known_one(self, context: Any) -> None:
        refused(document(**{"@context": context}))

    @pytest.mark.parametrize("endpoint", [None, 5, [], [5], ["https://a.example/", 5], [[]], True])
    def test_a_service_leads_somewhere(self, endpoint: Any) -> None:
        service = {"id": "#s", "type": "A", "serviceEndpoint": "https://a.example/"}
        check(document(service=[service]), DID)
        refused(document(service=[{**service, "serviceEndpoint": endpoint}]))
        refused(document(service=[{k: v for k, v in service.items() if k != "serviceEndpoint"}]))

    @pytest.mark.parametrize("kind", [None, 5, [], [5], ["A", 5], {}])
    def test_a_service_is_of_a_kind(self, kind: Any) -> None:
        refused(document(service=[{"id": "#s", "type": kind, "serviceEndpoint": "https://a.example/"}]))

    def test_no_two_things_have_one_id(self) -> None:
        service = {"id": "#s", "type": "A", "serviceEndpoint": "https://a.example/"}
        refused(document(service=[service, service]))
        refused(document(service=[{**service, "id": "#a"}]))
        refused(document(verificationMethod=[METHOD, METHOD]))
        refused(document(authentication=[METHOD]))

    @pytest.mark.parametrize("secret", ["secretKeyMultibase", "privateKeyJwk", "privateKeyHex", "secretKey"])
    def test_a_secret_in_a_document_makes_it_none(self, secret: str) -> None:
        refused(document(verificationMethod=[{**METHOD, secret: "x"}]))
        refused(document(authentication=[{**METHOD, "id": "#b", secret: "x"}]))
        with pytest.raises(KeyInvalid):
            VerificationMethod.from_dict({**METHOD, secret: "x"}, DID)
        jwk = {"id": "#j", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": {**KEY.to_jwk(), "d": "AA"}}
        refused(document(verificationMethod=[jwk], assertionMethod=[]))

    @pytest.mark.parametrize("controller", ["x", 5, None, [DID], "a b"])
    def test_a_method_has_a_controller_that_is_one(self, controller: Any) -> None:
        given = document(verificationMethod=[{**METHOD, "controller": controller}])
        for use in (lambda: check(given, DID), lambda: method_for(given, f"{DID}#a", "assertionMethod")):
            try:
                use()
            except DidError:
                return
        pytest.fail("nobody minds")


class TestMethods:
    def test_it_is_used_for_what_its_own_controller_lists_it_for(self) -> None:
        assert method_for(document(), f"{DID}#a", "assertionMethod").public_key == KEY
        for purpose in ("authentication", "keyAgreement", "verificationMethod", "service", "", None, 5):
            with pytest.raises(PurposeNotAllowed):
                method_for(document(), f"{DID}#a", purpose)  # type: ignore[arg-type]
        with pytest.raises(InvalidDidUrl):
            method_for(document(), DID, "assertionMethod")
        with pytest.raises(DidNotFound):
            method_for(document(), f"{DID}#b", "assertionMethod")

    def test_one_that_names_no_controller_or_another_is_not_used(self) -> None:
        nobodys = {k: v for k, v in METHOD.items() if k != "controller"}
        check(document(verificationMethod=[nobodys]), DID)
        for method in (nobodys, {**METHOD, "controller": "did:web:other.example"}):
            with pytest.raises(InvalidDidDocument):
                method_for(document(verificationMethod=[method]), f"{DID}#a", "assertionMethod")

    def test_the_same_name_in_another_document_lists_nothing(self) -> None:
        with pytest.raises(PurposeNotAllowed):
            method_for(document(assertionMethod=["did:web:other.example#a"]), f"{DID}#a", "assertionMethod")
        with pytest.raises(DidNotFound):
            find(document(), "did:web:other.example#a")

    @pytest.mark.parametrize("method", [None, 5, "x", [], {}, {**METHOD, "id": ""}, {**METHOD, "type": 5}])
    def test_what_is_none_is_none(self, method: Any) -> None:
        with pytest.raises(DidError):
            VerificationMethod.from_dict(method, DID)

    @pytest.mark.parametrize("controller", ["a b", "did web", "<x>"])
    def test_a_controller_is_a_url(self, controller: str) -> None:
        refused(document(verificationMethod=[{**METHOD, "controller": controller}]))

    def test_it_has_one_key_of_its_type(self) -> None:
        two = {**METHOD, "publicKeyJwk": KEY.to_jwk()}
        older = {**METHOD, "type": "Ed25519VerificationKey2020"}
        for method in (two, older, {**METHOD, "type": "JsonWebKey"}, {**METHOD, "publicKeyMultibase": 5}):
            with pytest.raises(DidError):
                VerificationMethod.from_dict(method, DID)

    def test_it_ends_at_the_second_it_says(self) -> None:
        end = datetime(2026, 1, 31, 8, tzinfo=UTC)
        for name in ("expires", "revoked"):
            method = VerificationMethod.from_dict({**METHOD, name: "2026-01-31T08:00:00Z"}, DID)
            assert not method.usable_at(end)
            assert method.usable_at(end.replace(hour=7, minute=59, second=59))

    @pytest.mark.parametrize(
        "text",
        [
            "2026-01-31T08:00:00.5",
            "2026-01-31T08:00:00",
            "2026-01-31 08:00:00Z",
            "2026-01-31T08:00Z",
            "2026-02-30T08:00:00Z",
            5,
            None,
        ],
    )
    def test_a_time_has_a_zone_and_is_one(self, text: Any) -> None:
        assert parse_timestamp("2026-01-31T08:00:00Z") == datetime(2026, 1, 31, 8, tzinfo=UTC)
        assert parse_timestamp("2026-01-31T08:00:00+08:00") == datetime(2026, 1, 31, tzinfo=UTC)
        with pytest.raises(InvalidDidDocument):
            parse_timestamp(text)


def dereferenced(url: str, given: dict[str, Any] | None, **options: Any) -> Any:
    """What a DID URL names, of a document that is ``given``; a file is whatever is asked for."""
    steps = dereferencing_steps(url, options)
    request = next(steps)
    assert isinstance(request, tuple)
    try:
        fetch = steps.send(Resolution(document=given, did=DID))
        assert isinstance(fetch, FetchRequest)
        steps.send(FetchResponse(fetch.url, 200, fetch.url.encode(), "text/plain"))
    except StopIteration as end:
        return end.value.content
    raise AssertionError("it asks for more than a file")


class TestUrls:
    FILES: ClassVar[Any] = {"id": "#files", "type": "relativeRef", "serviceEndpoint": "https://police.example/files"}

    def test_a_did_that_was_deactivated_names_nothing(self) -> None:
        for url in (DID, f"{DID}#a", f"{DID}?service=files", f"{DID}/a"):
            with pytest.raises(DidDeactivated):
                dereferenced(url, None)

    def test_a_part_is_told_with_its_absolute_names(self) -> None:
        relative = {**METHOD, "id": "#a", "controller": DID}
        part = dereferenced(f"{DID}#a", document(verificationMethod=[relative]))
        assert (part["id"], part["controller"], part["@context"]) == (f"{DID}#a", DID, [V1])
        own = {**relative, "@context": "https://own.example"}
        assert dereferenced(f"{DID}#a", document(verificationMethod=[own]))["@context"] == "https://own.example"
        bare = {k: v for k, v in document().items() if k != "@context"}
        assert "@context" not in dereferenced(f"{DID}#a", bare)

    def test_a_part_is_given_for_the_relationship_that_is_asked_for(self) -> None:
        assert dereferenced(f"{DID}#a", document(), verificationRelationship="assertionMethod")["id"] == f"{DID}#a"
        with pytest.raises(PurposeNotAllowed):
            dereferenced(f"{DID}#a", document(), verificationRelationship="authentication")

    @pytest.mark.parametrize(
        "reference",
        [
            "https:%2F%2Fevil.example",
            "https:x",
            "javascript:x",
            "data:x",
            "%2F%2Fevil.example",
            "..%2Fx",
            "a%2F..%2F..%2Fx",
            "%252e%252e%2Fx",
            "a%5C..%5Cx",
            "%25252e%25252e%252Fx",
        ],
    )
    def test_a_relative_reference_stays_below_its_service(self, reference: str) -> None:
        given = document(service=[self.FILES])
        url = f"{DID}?service=files&relativeRef="
        assert dereferenced(url + "%2Fa%2Fb", given, accept=URI_LIST) == ["https://police.example/files/a/b"]
        with pytest.raises(InvalidDidUrl):
            dereferenced(url + reference, given, accept=URI_LIST)

    @pytest.mark.parametrize("endpoint", ["ftp://police.example/", "file:///etc/", "did:web:x.example", "urn:x:y"])
    def test_and_its_service_is_a_web_address(self, endpoint: str) -> None:
        given = document(service=[{**self.FILES, "serviceEndpoint": endpoint}])
        for url in (f"{DID}?service=files&relativeRef=a", f"{DID}/a"):
            with pytest.raises(InvalidDidUrl):
                dereferenced(url, given, accept=URI_LIST)

    def test_a_path_is_a_file_of_the_service_for_files_and_whois_has_its_own(self) -> None:
        whois = {
            "id": "#whois",
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": "https://police.example/w.vp",
        }
        given = document(service=[self.FILES, whois])
        assert dereferenced(f"{DID}/a.txt", given) == b"https://police.example/files/a.txt"
        assert dereferenced(f"{DID}/whois", given) == b"https://police.example/w.vp"
        with pytest.raises(DidNotFound):
            dereferenced(f"{DID}/whois", document(service=[self.FILES]))
        with pytest.raises(DidNotFound):
            dereferenced(f"{DID}/a", document(service=[{**self.FILES, "type": "Other"}]))

    def test_what_is_asked_of_others_is_what_they_are_for(self) -> None:
        options = {"accept": None, "verificationRelationship": None, "noCache": True}
        steps = dereferencing_steps(f"{DID}/a", options)
        assert next(steps) == (DID, {"noCache": True})
        fetch = steps.send(Resolution(document=document(service=[self.FILES]), did=DID))
        assert isinstance(fetch, FetchRequest)
        assert "application/vc" in fetch.media_types and "None" not in fetch.media_types
        relative = {**METHOD, "id": "#a", "controller": "#c"}
        part = dereferenced(f"{DID}#a", document(verificationMethod=[relative]))
        assert part["controller"] == f"{DID}#c"

    def test_a_hash_is_that_of_the_resource(self) -> None:
        from hashlib import sha256

        def link(content: bytes, head: bytes = b"\x12\x20") -> str:
            return multibase.encode(head + sha256(content).digest(), "z")

        given, target = document(service=[self.FILES]), b"https://police.example/files/a"
        assert dereferenced(f"{DID}/a?hl={link(target)}", given) == target
        with pytest.raises(InvalidDidDocument):
            dereferenced(f"{DID}/a?hl={link(b'other')}", given)
        for wrong in (link(target, b"\x13\x20"), link(target)[:-4], "z", "nonsense!"):
            with pytest.raises(InvalidDidUrl):
                dereferenced(f"{DID}/a?hl={wrong}", given)

    @pytest.mark.parametrize("query", ["unknown=1", "hl2=z", "service=files&unknown=1"])
    def test_a_parameter_that_nobody_knows_names_nothing(self, query: str) -> None:
        with pytest.raises(DidNotFound):
            dereferenced(f"{DID}?{query}", document(service=[self.FILES]))
