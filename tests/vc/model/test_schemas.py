"""credentialSchema: JsonSchema and JsonSchemaCredential, and what a hostile schema can't do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Generator
from typing import Any

import pytest

from vc.model import SchemaChecker, SchemaUnavailable
from vc.needs import run, run_async
from vc.verdict import Check, Outcome, Verdict

URL = "https://issuer.example/schemas/email.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
EMAIL = {
    "$id": URL,
    "$schema": DIALECT,
    "type": "object",
    "properties": {
        "credentialSubject": {
            "type": "object",
            "properties": {"emailAddress": {"type": "string", "format": "email"}},
            "required": ["emailAddress"],
        }
    },
}


def schema(**members: Any) -> bytes:
    return json.dumps({"$id": URL, "$schema": DIALECT, **members}).encode()


def credential(subject: dict[str, Any], **node: Any) -> dict[str, Any]:
    return {
        "issuer": "did:example:issuer",
        "credentialSchema": {"id": URL, "type": "JsonSchema", **node},
        "credentialSubject": subject,
    }


def sri(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


class Network:
    """A source that counts what it is asked for."""

    def __init__(self, **documents: bytes) -> None:
        self.documents = documents
        self.asked: list[str] = []

    def get(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.documents:
            raise SchemaUnavailable("no answer")
        return self.documents[url]

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


def judge(document: dict[str, Any], content: bytes | None, **options: Any) -> Any:
    known = {} if content is None else {URL: content}
    return run(SchemaChecker(known.get, **options).judge(document))


GOOD = credential({"emailAddress": "subject@example.com"})


def test_a_credential_that_fits_its_registered_schema_passes() -> None:
    assert judge(GOOD, json.dumps(EMAIL).encode()).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("subject", "pointer"),
    [
        ({}, "/credentialSubject"),
        ({"emailAddress": 5}, "/credentialSubject/emailAddress"),
        ({"emailAddress": "not an email"}, "/credentialSubject/emailAddress"),
    ],
)
def test_a_misfit_is_reported_with_its_place_and_without_the_value(subject: dict[str, Any], pointer: str) -> None:
    judgement = judge(credential(subject), json.dumps(EMAIL).encode())
    assert judgement.outcome is Outcome.FAILED
    (problem,) = judgement.problems
    assert (problem.code, problem.pointer) == ("schema.mismatch", pointer)
    assert "not an email" not in problem.detail


def test_every_misfit_is_reported_up_to_a_limit() -> None:
    content = schema(properties={"credentialSubject": {"items": {"type": "integer"}}})
    document = credential({})
    document["credentialSubject"] = ["x"] * 1000
    assert len(judge(document, content).problems) == 32


def test_the_pointer_of_a_presented_credential_leads_into_the_presentation() -> None:
    checker = SchemaChecker({URL: json.dumps(EMAIL).encode()}.get)
    judgement = run(checker.judge(credential({}), pointer="/verifiableCredential/1"))
    assert judgement.problems[0].pointer == "/verifiableCredential/1/credentialSubject"


def test_a_credential_without_a_schema_has_nothing_to_check() -> None:
    assert judge({"credentialSubject": {}}, None).outcome is Outcome.NOT_APPLICABLE


def test_an_unregistered_schema_leaves_the_check_undecided_and_fetches_nothing() -> None:
    judgement = judge(GOOD, None)
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, "schema.unavailable")
    network = Network()
    judgement = judge(GOOD, None, source=network)
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, "schema.unavailable")
    assert network.asked == []


def test_a_schema_named_with_its_digest_is_fetched_and_compared() -> None:
    content = json.dumps(EMAIL).encode()
    network = Network(**{URL: content})
    document = credential({"emailAddress": "a@b"}, digestSRI=sri(content))
    assert judge(document, None, source=network).outcome is Outcome.PASSED
    assert network.asked == [URL]
    changed = credential({"emailAddress": "a@b"}, digestSRI=sri(content + b" "))
    judgement = judge(changed, None, source=network)
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, "schema.digest")
    assert asyncio.run(run_async(SchemaChecker({}.get, network).judge(document))).outcome is Outcome.PASSED  # type: ignore[arg-type]


def test_a_schema_that_cannot_be_fetched_leaves_the_check_undecided() -> None:
    document = credential({}, digestSRI=sri(b""))
    judgement = judge(document, None, source=Network())
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, "schema.unavailable")


def test_the_digest_of_a_registered_schema_is_compared_too() -> None:
    judgement = judge(credential({"emailAddress": "a@b"}, digestSRI=sri(b"other")), json.dumps(EMAIL).encode())
    assert judgement.problems[0].code == "schema.digest"


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ({"type": "OtherSchema"}, "schema.unsupported"),
        ({"type": ["JsonSchema", "OtherSchema"]}, "schema.unsupported"),
        ({"type": 5}, "schema.unsupported"),
        ({"id": 5}, "schema.unsupported"),
    ],
)
def test_a_schema_of_an_unknown_kind_leaves_the_check_undecided(node: dict[str, Any], code: str) -> None:
    judgement = judge(credential({}, **node), json.dumps(EMAIL).encode())
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, code)


def test_an_older_dialect_leaves_the_check_undecided() -> None:
    content = json.dumps({**EMAIL, "$schema": "https://json-schema.org/draft/2019-09/schema"}).encode()
    judgement = judge(GOOD, content)
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.INDETERMINATE, "schema.unsupported")


def nested(depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for _ in range(depth):
        result = {"not": result}
    return result


LAUGHS = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(40)}

BAD_SCHEMAS: list[tuple[str, bytes]] = [
    ("no JSON", b"{"),
    ("no UTF-8", b"\xff\xfe"),
    ("no object", b"[]"),
    ("true", b"true"),
    ("no $id", json.dumps({"$schema": DIALECT}).encode()),
    ("wrong keyword", schema(type="no such type")),
    ("wrong pattern type", schema(pattern=5)),
    ("too deep", schema(**nested(70))),
    ("too deep for the parser", b'{"a":' * 5000 + b"1" + b"}" * 5000),
    ("too many values", schema(enum=list(range(6000)))),
    ("too large", schema(description="x" * 600_000)),
    ("remote reference", schema(**{"$ref": "https://attacker.example/schema.json"})),
    ("file reference", schema(**{"$ref": "file:///etc/passwd"})),
    ("dangling reference", schema(**{"$ref": "#/$defs/none"})),
    ("reference to itself", schema(**{"$ref": "#"})),
    ("references that double", schema(**{"$ref": "#/$defs/d0", "$defs": {**LAUGHS, "d40": {"type": "object"}}})),
]


@pytest.mark.parametrize("content", [case[1] for case in BAD_SCHEMAS], ids=[case[0] for case in BAD_SCHEMAS])
@pytest.mark.parametrize("registered", [True, False])
def test_an_unusable_schema_fails_the_check(content: bytes, registered: bool) -> None:
    if registered:
        judgement = judge(GOOD, content)
    else:
        document = credential({"emailAddress": "a@b"}, digestSRI=sri(content))
        judgement = judge(document, None, source=Network(**{URL: content}))
    assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, "schema.invalid")


def test_references_lead_to_registered_schemas_only() -> None:
    known = {
        URL: schema(properties={"credentialSubject": {"$ref": "https://issuer.example/subject.json"}}),
        "https://issuer.example/subject.json": json.dumps({"$schema": DIALECT, "required": ["name"]}).encode(),
    }
    checker = SchemaChecker(known.get)
    assert run(checker.judge(credential({"name": "x"}))).outcome is Outcome.PASSED
    assert run(checker.judge(credential({}))).problems[0].code == "schema.mismatch"


def fetched(content: bytes, subject: dict[str, Any]) -> Any:
    document = credential(subject, digestSRI=sri(content))
    return judge(document, None, source=Network(**{URL: content}))


def test_patterns_of_fetched_schemas_run_in_linear_time() -> None:
    pytest.importorskip("re2")
    content = schema(properties={"credentialSubject": {"properties": {"x": {"pattern": "^(a+)+$"}}}})
    # With a backtracking matcher this takes longer than the age of the universe.
    judgement = fetched(content, {"x": "a" * 5000 + "!"})
    assert [problem.code for problem in judgement.problems] == ["schema.mismatch"]
    assert fetched(content, {"x": "aaa"}).outcome is Outcome.PASSED


@pytest.mark.parametrize("pattern", ["(a)\\1", "(?<=a)b", "(", "a" * 600, "((a{100}){100}){100}"])
def test_patterns_that_have_no_linear_time_are_refused_in_fetched_schemas(pattern: str) -> None:
    pytest.importorskip("re2")
    content = schema(properties={"credentialSubject": {"properties": {"x": {"pattern": pattern}}}})
    assert fetched(content, {"x": "ab"}).problems[0].code == "schema.invalid"


def test_member_patterns_are_refused_in_fetched_schemas() -> None:
    content = schema(properties={"credentialSubject": {"patternProperties": {"^(a+)+$": {"type": "string"}}}})
    assert fetched(content, {"a": "x"}).problems[0].code == "schema.invalid"


def test_long_lists_are_not_compared_item_by_item() -> None:
    content = schema(properties={"credentialSubject": {"properties": {"x": {"uniqueItems": True}}}})
    assert fetched(content, {"x": [{"n": n} for n in range(2000)]}).problems[0].code == "schema.invalid"
    assert fetched(content, {"x": [{"n": n} for n in range(20)]}).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", "2026-02-28", "2026-02-30"),
        ("date", "2026-02-28", "20260228"),
        ("date-time", "2026-02-28T00:00:00+08:00", "2026-02-28T00:00:00"),
        ("uri", "https://a.example/", "a.example"),
    ],
)
def test_formats_are_asserted(kind: str, good: str, bad: str) -> None:
    content = schema(properties={"credentialSubject": {"properties": {"x": {"format": kind}}}})
    assert judge(credential({"x": good}), content).outcome is Outcome.PASSED
    assert judge(credential({"x": bad}), content).problems[0].code == "schema.mismatch"


class TestSchemaCredential:
    def document(self, **changes: Any) -> dict[str, Any]:
        return {
            "type": ["VerifiableCredential", "JsonSchemaCredential"],
            "issuer": "did:example:issuer",
            "credentialSubject": {"id": URL, "type": "JsonSchema", "jsonSchema": EMAIL},
            **changes,
        }

    def judge(self, document: dict[str, Any], subject: dict[str, Any], outcome: Outcome = Outcome.PASSED) -> Any:
        content = json.dumps(document).encode()

        def verify(received: bytes) -> Generator[Any, Any, Verdict]:
            assert received == content
            return Verdict(outcome is Outcome.PASSED, (Check("proof", outcome),), document=document)
            yield

        checker = SchemaChecker({}.get, Network(**{URL: content}))  # type: ignore[arg-type]
        return run(checker.judge(credential(subject, type="JsonSchemaCredential"), verify=verify))

    def test_the_schema_inside_a_verified_credential_is_used(self) -> None:
        assert self.judge(self.document(), {"emailAddress": "a@b"}).outcome is Outcome.PASSED
        assert self.judge(self.document(), {}).problems[0].code == "schema.mismatch"

    @pytest.mark.parametrize(
        "changes",
        [
            {"issuer": "did:example:other"},
            {"issuer": None},
            {"type": ["VerifiableCredential"]},
            {"credentialSubject": {"id": URL, "type": "Other", "jsonSchema": EMAIL}},
            {"credentialSubject": {"id": URL, "type": "JsonSchema"}},
            {"credentialSubject": {"id": URL, "type": "JsonSchema", "jsonSchema": "text"}},
            {"credentialSubject": []},
        ],
    )
    def test_a_credential_that_holds_no_schema_of_the_same_issuer_fails(self, changes: dict[str, Any]) -> None:
        judgement = self.judge(self.document(**changes), {"emailAddress": "a@b"})
        assert (judgement.outcome, judgement.problems[0].code) == (Outcome.FAILED, "schema.invalid")

    def test_a_schema_credential_that_does_not_verify_is_not_believed(self) -> None:
        failed = self.judge(self.document(), {"emailAddress": "a@b"}, Outcome.FAILED)
        assert (failed.outcome, failed.problems[0].code) == (Outcome.FAILED, "schema.invalid")
        undecided = self.judge(self.document(), {"emailAddress": "a@b"}, Outcome.INDETERMINATE)
        assert (undecided.outcome, undecided.problems[0].code) == (Outcome.INDETERMINATE, "schema.unavailable")

    def test_without_a_way_to_verify_it_the_check_is_undecided(self) -> None:
        checker = SchemaChecker({URL: b"{}"}.get)
        assert run(checker.judge(credential({}, type="JsonSchemaCredential"))).outcome is Outcome.INDETERMINATE
