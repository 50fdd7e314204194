"""The rules of the data model, one by one: what is changed, and where and as what it is reported."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contexts import CONTEXTS
from vc.model import CREDENTIALS_V1, CREDENTIALS_V2, validate

MISSING = object()
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
EMPTY_SHA256_MULTIHASH = "zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy of the document with ``value`` at the JSON pointer ``path``, or without the member for MISSING."""
    result = copy.deepcopy(document)
    *parents, last = path.split("/")[1:]
    node: Any = result
    for token in parents:
        node = node[int(token)] if isinstance(node, list) else node[token]
    key: Any = int(last) if isinstance(node, list) else last
    if value is MISSING:
        del node[key]
    else:
        node[key] = value
    return result


def found(document: object, **options: Any) -> set[tuple[str, str]]:
    return {(problem.code, problem.pointer) for problem in validate(document, **options)}


def test_a_credential_with_every_property_has_no_problem(credential: dict[str, Any]) -> None:
    assert validate(credential) == []


def test_a_presentation_has_no_problem(presentation: dict[str, Any]) -> None:
    assert validate(presentation) == []


BAD_CREDENTIALS: list[tuple[str, object, str, str]] = [
    # path, new value, code, pointer
    ("/@context", MISSING, "model.context", ""),
    ("/@context", [], "model.context", "/@context"),
    ("/@context", CREDENTIALS_V2, "model.context", "/@context"),
    ("/@context", None, "model.context", "/@context"),
    ("/@context", {"name": "https://schema.org/name"}, "model.context", "/@context"),
    ("/@context", [EXAMPLES, CREDENTIALS_V2], "model.context", "/@context/0"),
    ("/@context", [{"a": "urn:xx:a"}, CREDENTIALS_V2], "model.context", "/@context/0"),
    ("/@context", [CREDENTIALS_V2, 123192875], "model.context", "/@context/1"),
    ("/@context", [CREDENTIALS_V2, None], "model.context", "/@context/1"),
    ("/@context", [CREDENTIALS_V2, "https ://not-a-url/"], "model.context", "/@context/1"),
    ("/@context", [CREDENTIALS_V2, "relative"], "model.context", "/@context/1"),
    ("/@context", [CREDENTIALS_V2, [EXAMPLES]], "model.context", "/@context/1"),
    ("/@context", [CREDENTIALS_V2, EXAMPLES, EXAMPLES], "model.context", "/@context"),
    ("/type", MISSING, "model.type", ""),
    ("/type", [], "model.type", "/type"),
    ("/type", "ExampleCredential", "model.type", "/type"),
    ("/type", ["VerifiableCredential", 1], "model.type", "/type"),
    ("/type", ["VerifiableCredential", ""], "model.type", "/type"),
    ("/type", {"VerifiableCredential": True}, "model.type", "/type"),
    ("/id", None, "model.id", "/id"),
    ("/id", "", "model.id", "/id"),
    ("/id", "not a url", "model.id", "/id"),
    ("/id", ["https://a.example/1", "https://a.example/2"], "model.id", "/id"),
    ("/id", {"id": "urn:xx:a"}, "model.id", "/id"),
    ("/@id", "urn:xx:other", "model.keyword", "/@id"),
    ("/@type", "VerifiableCredential", "model.keyword", "/@type"),
    ("/@graph", [], "model.keyword", "/@graph"),
    ("/@a~b", 1, "model.keyword", "/@a~0b"),
    ("/issuer", MISSING, "model.issuer", ""),
    ("/issuer", None, "model.issuer", "/issuer"),
    ("/issuer", "issuer", "model.issuer", "/issuer"),
    ("/issuer", 1, "model.issuer", "/issuer"),
    ("/issuer", ["did:example:1"], "model.issuer", "/issuer"),
    ("/issuer", {"name": "No id"}, "model.issuer", "/issuer"),
    ("/issuer/id", None, "model.issuer", "/issuer/id"),
    ("/issuer/id", "fake", "model.issuer", "/issuer/id"),
    ("/issuer/id", "did:example:", "model.issuer", "/issuer/id"),
    ("/issuer/@id", "did:example:x", "model.keyword", "/issuer/@id"),
    ("/issuer/name", {"@value": "x", "url": "did:example:x"}, "model.text", "/issuer/name/url"),
    ("/name", 1, "model.text", "/name"),
    ("/name", None, "model.text", "/name"),
    ("/name", [], "model.text", "/name"),
    ("/name", ["plain"], "model.text", "/name/0"),
    ("/name", {"@language": "en"}, "model.text", "/name"),
    ("/name", {"@value": 1, "@language": "en"}, "model.text", "/name"),
    ("/name/@language", "not a tag", "model.text", "/name/@language"),
    ("/name/@language", None, "model.text", "/name/@language"),
    ("/name/@language", "en-" * 100 + "x", "model.text", "/name/@language"),
    ("/name/@direction", "up", "model.text", "/name/@direction"),
    ("/name/@type", "rdf:HTML", "model.text", "/name/@type"),
    ("/description", {"@value": "x", "a/b": 1}, "model.text", "/description/a~1b"),
    ("/validFrom", "2026-01-01", "model.date_time", "/validFrom"),
    ("/validFrom", "2026-01-01T00:00:00", "model.date_time", "/validFrom"),
    ("/validFrom", 1767225600, "model.date_time", "/validFrom"),
    ("/validFrom", ["2026-01-01T00:00:00Z"], "model.date_time", "/validFrom"),
    ("/validUntil", None, "model.date_time", "/validUntil"),
    ("/validUntil", "2026-02-30T00:00:00Z", "model.date_time", "/validUntil"),
    ("/validUntil", "2025-12-31T15:59:59Z", "model.period", "/validUntil"),
    ("/credentialSubject", MISSING, "model.subject", ""),
    ("/credentialSubject", None, "model.subject", "/credentialSubject"),
    ("/credentialSubject", "did:example:1", "model.subject", "/credentialSubject"),
    ("/credentialSubject", {}, "model.subject", "/credentialSubject"),
    ("/credentialSubject", [], "model.subject", "/credentialSubject"),
    ("/credentialSubject", [{"id": "did:example:1"}, {}], "model.subject", "/credentialSubject/1"),
    ("/credentialSubject", ["did:example:1"], "model.subject", "/credentialSubject/0"),
    ("/credentialSubject", {"name": None}, "model.subject", "/credentialSubject"),
    ("/credentialSubject/0/id", None, "model.id", "/credentialSubject/0/id"),
    ("/credentialSubject/0/id", ["did:example:1"], "model.id", "/credentialSubject/0/id"),
    ("/credentialSubject/0/id", "someone", "model.id", "/credentialSubject/0/id"),
    ("/credentialSubject/0/@id", "did:example:2", "model.keyword", "/credentialSubject/0/@id"),
    ("/credentialStatus/type", MISSING, "model.type", "/credentialStatus"),
    ("/credentialStatus/type", 1, "model.type", "/credentialStatus/type"),
    ("/credentialStatus/id", "https ://not-a-url", "model.id", "/credentialStatus/id"),
    ("/credentialStatus/id", ["did:example:1", "did:example:2"], "model.id", "/credentialStatus/id"),
    ("/credentialStatus", "https://issuer.example/status/1", "model.object", "/credentialStatus"),
    ("/credentialStatus", [], "model.object", "/credentialStatus"),
    ("/credentialStatus/statusListIndex", 5, "status.malformed", "/credentialStatus/statusListIndex"),
    ("/credentialStatus/statusListIndex", "-5", "status.malformed", "/credentialStatus/statusListIndex"),
    ("/credentialStatus/statusListIndex", "05", "status.malformed", "/credentialStatus/statusListIndex"),
    ("/credentialStatus/statusListIndex", "٥", "status.malformed", "/credentialStatus/statusListIndex"),
    ("/credentialStatus/statusListIndex", "9" * 5000, "status.malformed", "/credentialStatus/statusListIndex"),
    ("/credentialStatus/statusPurpose", MISSING, "status.malformed", "/credentialStatus/statusPurpose"),
    ("/credentialStatus/statusPurpose", ["revocation"], "status.malformed", "/credentialStatus/statusPurpose"),
    ("/credentialStatus/statusListCredential", "x", "status.malformed", "/credentialStatus/statusListCredential"),
    ("/credentialStatus/id", "https://issuer.example/status/1", "status.malformed", "/credentialStatus/id"),
    ("/credentialStatus/statusReference", ["x"], "status.malformed", "/credentialStatus/statusReference"),
    ("/credentialStatus/statusSize", 0, "status.malformed", "/credentialStatus/statusSize"),
    ("/credentialStatus/statusSize", True, "status.malformed", "/credentialStatus/statusSize"),
    ("/credentialStatus/statusSize", 10**9, "status.malformed", "/credentialStatus/statusSize"),
    ("/credentialStatus/statusSize", 2, "status.malformed", "/credentialStatus"),
    ("/credentialStatus/statusMessage", [], "status.messages", "/credentialStatus/statusMessage"),
    ("/credentialStatus/statusMessage", ["a", "b"], "status.malformed", "/credentialStatus/statusMessage/0"),
    (
        "/credentialStatus/statusMessage",
        [{"status": "0x0", "message": "a"}, {"status": "0x0", "message": "b"}],
        "status.malformed",
        "/credentialStatus/statusMessage",
    ),
    ("/credentialSchema/id", MISSING, "model.id", "/credentialSchema"),
    ("/credentialSchema/id", "schema", "model.id", "/credentialSchema/id"),
    ("/credentialSchema/type", MISSING, "model.type", "/credentialSchema"),
    ("/credentialSchema", [], "model.object", "/credentialSchema"),
    ("/credentialSchema/digestSRI", "sha256-AAAA", "model.digest", "/credentialSchema/digestSRI"),
    ("/refreshService/type", MISSING, "model.type", "/refreshService"),
    ("/refreshService", None, "model.object", "/refreshService"),
    ("/termsOfUse/0/type", MISSING, "model.type", "/termsOfUse/0"),
    ("/termsOfUse/0/id", 5, "model.id", "/termsOfUse/0/id"),
    ("/termsOfUse", "https://issuer.example/terms", "model.object", "/termsOfUse"),
    ("/evidence", {}, "model.type", "/evidence"),
    ("/evidence", [], "model.object", "/evidence"),
    ("/evidence/1", "seen", "model.object", "/evidence/1"),
    ("/renderMethod", {"id": "urn:xx:a"}, "model.type", "/renderMethod"),
    ("/confidenceMethod", {"id": "urn:xx:a"}, "model.type", "/confidenceMethod"),
    ("/relatedResource", [], "model.related_resource", "/relatedResource"),
    ("/relatedResource", ["https://issuer.example/x"], "model.related_resource", "/relatedResource/0"),
    ("/relatedResource/id", MISSING, "model.related_resource", "/relatedResource"),
    ("/relatedResource/id", "x", "model.related_resource", "/relatedResource"),
    ("/relatedResource/mediaType", "svg", "model.related_resource", "/relatedResource/mediaType"),
    ("/relatedResource/digestSRI", MISSING, "model.related_resource", "/relatedResource"),
    ("/relatedResource/digestSRI", None, "model.digest", "/relatedResource/digestSRI"),
    ("/relatedResource/digestSRI", [], "model.digest", "/relatedResource/digestSRI"),
    ("/relatedResource/digestSRI", "md5-AAAA", "model.digest", "/relatedResource/digestSRI"),
    ("/relatedResource/digestSRI", "sha384-AAAA", "model.digest", "/relatedResource/digestSRI"),
    ("/relatedResource/digestMultibase", "zzz", "model.digest", "/relatedResource/digestMultibase"),
    ("/relatedResource/digestMultibase", "mAAAA", "model.digest", "/relatedResource/digestMultibase"),
    ("/relatedResource/digestMultibase", "z" + "1" * 5000, "model.digest", "/relatedResource/digestMultibase"),
    ("/proof", None, "model.proof", "/proof"),
    ("/proof", [], "model.proof", "/proof"),
    ("/proof", "proof", "model.proof", "/proof"),
    ("/proof/type", MISSING, "model.proof", "/proof"),
    ("/proof", [{"type": "DataIntegrityProof"}, {}], "model.proof", "/proof/1"),
    ("/proof/type", ["DataIntegrityProof", "Other"], "model.proof", "/proof"),
]


@pytest.mark.parametrize(("path", "value", "code", "pointer"), BAD_CREDENTIALS)
def test_what_is_against_the_model_is_reported_where_it_stands(
    credential: dict[str, Any], path: str, value: object, code: str, pointer: str
) -> None:
    document = changed(credential, path, value)
    before = copy.deepcopy(document)
    assert (code, pointer) in found(document)
    assert document == before


@pytest.mark.parametrize(("path", "value", "code", "pointer"), BAD_CREDENTIALS)
def test_a_problem_of_a_presented_credential_is_reported_inside_the_presentation(
    presentation: dict[str, Any], path: str, value: object, code: str, pointer: str
) -> None:
    document = changed(presentation, "/verifiableCredential/0" + path, value)
    assert (code, "/verifiableCredential/0" + pointer) in found(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/id", MISSING),
        ("/id", "https://例子.example/凭证/1"),
        ("/type", "VerifiableCredential"),
        ("/type", ["https://example.org/#Other", "VerifiableCredential"]),
        ("/issuer", "did:web:issuer.example"),
        ("/issuer", "https://issuer.example/"),
        ("/validFrom", MISSING),
        ("/validUntil", MISSING),
        ("/validFrom", "2026-03-31T15:59:59Z"),
        ("/credentialSubject", {"id": "did:example:subject"}),
        ("/credentialSubject", {"type": "Person"}),
        ("/credentialStatus", {"type": "OtherStatus"}),
        ("/credentialStatus", [{"type": "OtherStatus"}, {"type": "OtherStatus", "id": "urn:xx:1"}]),
        ("/name", [{"@value": "Dog", "@language": "en"}, {"@value": "كلب", "@language": "ar", "@direction": "rtl"}]),
        ("/relatedResource/digestMultibase", EMPTY_SHA256_MULTIHASH),
        ("/credentialSchema", [{"id": "https://a.example/1", "type": "JsonSchema"}]),
        ("/proof", MISSING),
        ("/proof", [{"type": "DataIntegrityProof"}, {"type": "DataIntegrityProof"}]),
    ],
)
def test_what_the_model_leaves_open_is_accepted(credential: dict[str, Any], path: str, value: object) -> None:
    assert validate(changed(credential, path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        ("/holder", None, "model.holder", "/holder"),
        ("/holder", "Acme", "model.holder", "/holder"),
        ("/holder", {"name": "Acme"}, "model.holder", "/holder"),
        ("/holder/id", "z6Mk", "model.holder", "/holder"),
        ("/holder", ["did:example:1"], "model.holder", "/holder"),
        ("/holder/@id", "did:example:x", "model.keyword", "/holder/@id"),
        ("/id", None, "model.id", "/id"),
        ("/type", "ExamplePresentation", "model.type", "/type"),
        ("/@context", [EXAMPLES], "model.context", "/@context/0"),
        ("/termsOfUse", {"id": "urn:xx:1"}, "model.type", "/termsOfUse"),
        ("/verifiableCredential", [], "model.credentials", "/verifiableCredential"),
        ("/verifiableCredential", None, "model.credentials", "/verifiableCredential"),
        ("/verifiableCredential", "eyJh.eyJh.c2ln", "model.credentials", "/verifiableCredential"),
        ("/verifiableCredential", ["eyJh.eyJh.c2ln"], "model.credentials", "/verifiableCredential/0"),
        ("/verifiableCredential", [["x"]], "model.credentials", "/verifiableCredential/0"),
        ("/verifiableCredential/1/@context", MISSING, "model.context", "/verifiableCredential/1/@context"),
        ("/verifiableCredential/1/@context", [], "model.context", "/verifiableCredential/1/@context"),
        ("/verifiableCredential/1/@context", EXAMPLES, "model.context", "/verifiableCredential/1/@context"),
        ("/verifiableCredential/1/type", MISSING, "model.type", "/verifiableCredential/1/type"),
        ("/verifiableCredential/1/type", "VerifiableCredential", "model.type", "/verifiableCredential/1/type"),
        (
            "/verifiableCredential/1/type",
            ["EnvelopedVerifiableCredential", "Other"],
            "model.type",
            "/verifiableCredential/1/type",
        ),
        (
            "/verifiableCredential/1/type",
            "EnvelopedVerifiablePresentation",
            "model.type",
            "/verifiableCredential/1/type",
        ),
        ("/verifiableCredential/1/id", "eyJh.eyJh.c2ln", "model.envelope", "/verifiableCredential/1/id"),
        ("/verifiableCredential/1/id", "https://a.example/", "model.envelope", "/verifiableCredential/1/id"),
        ("/verifiableCredential/1/id", "data:application/vc+jwt", "model.envelope", "/verifiableCredential/1/id"),
        ("/verifiableCredential/1/id", "data:application/vc+jwt,a b", "model.envelope", "/verifiableCredential/1/id"),
        ("/verifiableCredential/1/id", MISSING, "model.envelope", "/verifiableCredential/1/id"),
    ],
)
def test_what_is_wrong_with_a_presentation_is_reported(
    presentation: dict[str, Any], path: str, value: object, code: str, pointer: str
) -> None:
    assert (code, pointer) in found(changed(presentation, path, value))


def test_all_problems_are_reported_not_only_the_first() -> None:
    document = {"@context": [CREDENTIALS_V2], "type": [], "id": None, "evidence": {}, "validFrom": "now", "name": 1}  # type: ignore[var-annotated]
    assert {code for code, _ in found(document)} == {
        "model.type",
        "model.id",
        "model.issuer",
        "model.subject",
        "model.date_time",
        "model.text",
    }


@pytest.mark.parametrize("document", [None, True, 1, 1.5, "text", [], [{}]])
def test_what_is_no_object_is_no_document(document: object) -> None:
    assert found(document) == {("model.object", "")}


def test_the_kind_asked_for_is_the_kind_required(credential: dict[str, Any], presentation: dict[str, Any]) -> None:
    assert ("model.type", "/type") in found(credential, kind="presentation")
    assert ("model.type", "/type") in found(presentation, kind="credential")
    envelope = presentation["verifiableCredential"][1]
    assert validate(envelope) == validate(envelope, kind="credential") == []
    assert ("model.type", "/type") in found(envelope, kind="presentation")


def test_an_enveloped_presentation_is_a_document() -> None:
    envelope = {
        "@context": [CREDENTIALS_V2],
        "type": ["EnvelopedVerifiablePresentation"],
        "id": "data:application/vp+jwt,eyJh.eyJh.c2ln",
    }
    assert validate(envelope) == []
    assert ("model.type", "/type") in found(envelope, kind="credential")


class TestRelatedResources:
    URL = "https://www.w3.org/ns/credentials/v2"
    SRI = "sha384-" + "l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"

    def digest(self, member: str, algorithm: str = "sha384") -> str:
        import base64
        import hashlib

        from did import multibase

        value = hashlib.new(algorithm, CONTEXTS.raw(self.URL)).digest()
        if member == "digestSRI":
            return f"{algorithm}-{base64.b64encode(value).decode()}"
        prefix = {"sha256": b"\x12\x20", "sha384": b"\x20\x30", "sha512": b"\x13\x40"}[algorithm]
        return multibase.encode(prefix + value, "u")

    @pytest.mark.parametrize("member", ["digestSRI", "digestMultibase"])
    @pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
    def test_the_right_digest_of_a_registered_context_is_accepted(
        self, credential: dict[str, Any], member: str, algorithm: str
    ) -> None:
        credential["relatedResource"] = [{"id": self.URL, member: self.digest(member, algorithm)}]
        assert validate(credential) == []

    @pytest.mark.parametrize("member", ["digestSRI", "digestMultibase"])
    def test_another_digest_of_a_registered_context_is_a_problem(self, credential: dict[str, Any], member: str) -> None:
        other = {
            "digestSRI": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "digestMultibase": EMPTY_SHA256_MULTIHASH,
        }
        credential["relatedResource"] = [{"id": self.URL, member: other[member]}]
        assert found(credential) == {("model.digest_mismatch", f"/relatedResource/0/{member}")}

    def test_the_strongest_of_several_digests_decides(self, credential: dict[str, Any]) -> None:
        weak, strong = self.digest("digestSRI", "sha256"), self.digest("digestSRI", "sha512")
        broken = "sha512-" + "A" * 86 + "=="
        credential["relatedResource"] = {"id": self.URL, "digestSRI": [weak, strong]}
        assert validate(credential) == []
        credential["relatedResource"] = {"id": self.URL, "digestSRI": [weak, broken]}
        assert found(credential) == {("model.digest_mismatch", "/relatedResource/digestSRI")}

    def test_a_resource_may_be_listed_once_only(self, credential: dict[str, Any]) -> None:
        credential["relatedResource"] = [
            {"id": self.URL, "digestSRI": self.digest("digestSRI")},
            {"id": self.URL, "digestMultibase": self.digest("digestMultibase")},
        ]
        assert found(credential) == {("model.related_resource", "/relatedResource/1/id")}

    def test_resources_come_from_the_caller_when_it_has_them(self, credential: dict[str, Any]) -> None:
        assert validate(credential, resources={"https://issuer.example/logo.svg": b""}.get) == []
        assert found(credential, resources={"https://issuer.example/logo.svg": b"<svg/>"}.get) == {
            ("model.digest_mismatch", "/relatedResource/digestSRI")
        }

    def test_a_digest_that_the_caller_accepts_is_not_compared(self, credential: dict[str, Any]) -> None:
        draft = "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"
        credential["relatedResource"] = {"id": self.URL, "digestMultibase": draft}
        assert found(credential) == {("model.digest", "/relatedResource/digestMultibase")}
        assert validate(credential, accepted_digests={self.URL: {draft}}) == []
        assert validate(credential, accepted_digests={"https://other.example/": {draft}}) != []


class TestVersion11:
    @pytest.fixture
    def old(self) -> dict[str, Any]:
        return {
            "@context": [CREDENTIALS_V1],
            "type": ["VerifiableCredential"],
            "issuer": "https://issuer.example/",
            "issuanceDate": "2020-03-10T04:24:12.164Z",
            "expirationDate": "2030-03-10T04:24:12Z",
            "credentialStatus": {"id": "https://issuer.example/status/24", "type": "OtherStatus"},
            "refreshService": {"id": "https://issuer.example/refresh", "type": "ManualRefreshService2018"},
            "credentialSubject": {"id": "did:example:subject"},
        }

    def test_a_credential_of_1_1_has_no_problem(self, old: dict[str, Any]) -> None:
        assert validate(old) == []

    def test_a_date_without_a_zone_is_allowed_in_1_1(self, old: dict[str, Any]) -> None:
        assert validate({**old, "issuanceDate": "2020-03-10T04:24:12"}) == []

    @pytest.mark.parametrize(
        ("path", "value", "code", "pointer"),
        [
            ("/issuanceDate", MISSING, "model.date_time", ""),
            ("/issuanceDate", "2020-03-10", "model.date_time", "/issuanceDate"),
            ("/expirationDate", "2019-03-10T04:24:12Z", "model.period", "/expirationDate"),
            ("/expirationDate", 5, "model.date_time", "/expirationDate"),
            ("/credentialStatus/id", MISSING, "model.id", "/credentialStatus"),
            ("/refreshService/id", MISSING, "model.id", "/refreshService"),
            ("/issuer", {"name": "x"}, "model.issuer", "/issuer"),
        ],
    )
    def test_the_rules_of_1_1_are_checked(
        self, old: dict[str, Any], path: str, value: object, code: str, pointer: str
    ) -> None:
        assert (code, pointer) in found(changed(old, path, value))

    def test_the_holder_of_1_1_is_a_url(self, old: dict[str, Any]) -> None:
        presentation = {
            "@context": [CREDENTIALS_V1],
            "type": ["VerifiablePresentation"],
            "holder": "did:example:holder",
            "verifiableCredential": old,
        }
        assert validate(presentation) == []
        assert found({**presentation, "holder": {"id": "did:example:holder"}}) == {("model.holder", "/holder")}


MEMBERS = [
    "@context",
    "@id",
    "@value",
    "@language",
    "id",
    "type",
    "issuer",
    "credentialSubject",
    "proof",
    "holder",
    "name",
    "validFrom",
    "validUntil",
    "evidence",
    "credentialStatus",
    "statusSize",
    "statusMessage",
    "relatedResource",
    "digestSRI",
    "digestMultibase",
    "verifiableCredential",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_no_json_value_makes_validation_raise(document: object) -> None:
    for kind in (None, "credential", "presentation"):
        assert isinstance(validate(document, kind=kind), list)  # type: ignore[arg-type]


@given(JSON, st.sampled_from(["VerifiableCredential", "VerifiablePresentation", "EnvelopedVerifiableCredential"]))
def test_no_member_of_a_document_makes_validation_raise(value: object, kind: str) -> None:
    document: dict[str, Any] = {"@context": [CREDENTIALS_V2], "type": [kind]}
    members = (
        "id",
        "issuer",
        "credentialSubject",
        "credentialStatus",
        "relatedResource",
        "proof",
        "name",
        "validUntil",
    )
    for member in (*members, "verifiableCredential", "holder", "evidence", "credentialSchema", "@context"):
        assert isinstance(validate({**document, member: value}), list)
