"""CBOR-LD as the reference implementation writes and reads it, and whatever else may come in its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
import vc
from vc.problems import ProblemError
from vc.qr import cbor_ld
from vc.qr.cbor_ld_terms import ActiveContext

VECTORS = Path(__file__).parents[2] / "vectors" / "cbor-ld"
CASES = {path.stem: json.loads(path.read_bytes()) for path in sorted(VECTORS.glob("[de]*code-*.json"))}
V2 = "https://www.w3.org/ns/credentials/v2"


def tables(name: str | None) -> cbor_ld.Tables:
    if name is None:
        return cbor_ld.DEFAULT_TABLES
    kinds = json.loads((VECTORS / f"{name}.json").read_bytes())
    return cbor_ld.Tables({kind: dict(map(tuple, entries)) for kind, entries in kinds.items()})


def loader(case: Mapping[str, Any]) -> Any:
    return lambda url: case.get("contexts", {})[url]


def test_there_are_as_many_cases_as_were_recorded() -> None:
    assert len(CASES) == 109


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("encode")])
def test_documents_are_written_as_recorded(name: str) -> None:
    case = CASES[name]
    chosen = None if case.get("error") == "ERR_NO_TYPETABLE" else tables(case["typeTable"])

    def written() -> str:
        return cbor_ld.encode(case["input"], entry=case["registryEntryId"], tables=chosen, load=loader(case)).hex()

    if "error" in case:
        with pytest.raises(ProblemError, match=case["error"]):
            written()
    else:
        assert written() == case["cborldHex"]


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("decode")])
def test_documents_are_read_as_recorded(name: str) -> None:
    case = CASES[name]
    known = {int(entry): tables(table) for entry, table in case["typeTables"].items()}

    def read() -> dict[str, Any]:
        return cbor_ld.decode(bytes.fromhex(case["cborldHex"]), tables=known.get, load=loader(case))

    if "error" in case:
        with pytest.raises(ProblemError, match=case["error"]):
            read()
    else:
        assert read() == case["output"]


def test_a_secured_presentation_comes_back_and_verifies() -> None:
    issuer, device = did.generate("P-256"), did.generate("P-256")
    credential = {
        "@context": [V2],
        "id": "urn:uuid:75ef3fcc-9ae3-11eb-8e3e-10bf48838a41",
        "type": ["VerifiableCredential"],
        "issuer": issuer.did,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": device.did},
    }
    secured = vc.issue(credential, issuer, cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/issuer"])
    presentation = vc.present([vc.derive(secured, selective_pointers=["/credentialSubject"])], device, challenge="c")
    packed = cbor_ld.encode(presentation)
    assert len(packed) < len(json.dumps(presentation)) * 0.7
    again = cbor_ld.decode(packed)
    assert again == presentation
    assert vc.verify(again, challenge="c").verified


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.sampled_from(
        ["zLdp", "uAQID", "MAQID", "did:key:z6Mk#z6Mk", "did:key:#", "data:;base64,", "urn:uuid:x", "http://"]
    ),
    st.dates().map(lambda day: f"{day}"),
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z"),
)
KINDS = {
    "plain": "ex:plain",
    "url": {"@id": "ex:url", "@type": "@id"},
    "word": {"@id": "ex:word", "@type": "@vocab"},
    "day": {"@id": "ex:day", "@type": "http://www.w3.org/2001/XMLSchema#date"},
    "moment": {"@id": "ex:moment", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
    "key": {"@id": "ex:key", "@type": "https://w3id.org/security#multibase"},
    "id": "@id",
    "type": "@type",
}


@given(
    st.dictionaries(st.sampled_from([*KINDS, "unknown"]), st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=6)
)
def test_every_value_comes_back_as_it_was_or_is_refused(members: dict[str, Any]) -> None:
    document = {"@context": {**KINDS}, **members}
    try:
        packed = cbor_ld.encode(document)
    except ProblemError:
        typed = [value for term, value in members.items() if term not in ("plain", "unknown")]
        flat = [item for value in typed for item in (value if isinstance(value, list) else [value])]
        assert any(isinstance(item, int) for item in flat)
    else:
        assert cbor_ld.decode(packed) == document


def of(payload: Any, entry: Any = 1) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(cbor_ld.TAG, [entry, payload]), canonical=True)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


BAD = {
    "nothing": b"",
    "text": b"LZ1:",
    "another tag": cbor2.dumps(cbor2.CBORTag(0x0501, [1, {}])),
    "the older varint tag": b"\xd9\x06\x01\x43\x01\x02\x03",
    "no array": cbor2.dumps(cbor2.CBORTag(cbor_ld.TAG, {})),
    "three elements": cbor2.dumps(cbor2.CBORTag(cbor_ld.TAG, [1, {}, {}])),
    "no entry": of({}, "1"),
    "a negative entry": of({}, -1),
    "true for an entry": of({}, True),
    "an unknown entry": of({}, 77),
    "a list for a payload": of([]),
    "a cut end": of({"a": "b"})[:-1],
    "something behind": of({}) + b"\0",
    "a member twice": b"\xd9\xcb\x1d\x82\x01\xa2\x61a\x01\x61a\x02",
    "a length too long": b"\xd9\xcb\x1d\x82\x01\xb8\x00",
    "an undefined term": of({500: 1}),
    "a plural term without an array": of({0: {"a": "ex:a"}, 101: 1}),
    "a singular term with one": of({0: {"a": "ex:a"}, 100: [1, 2]}),
    "two contexts": of({0: V2, 1: [V2]}),
    "an unknown context": of({0: "https://unknown.example/v1"}),
    "a context's unknown integer": of({0: 4711}),
    "a context that is a number": of({0: 1.5}),
    "bytes for a plain value": of({"a": b"x"}),
    "a tag for a value": of({"a": cbor2.CBORTag(2, b"\x01")}),
    "undefined for a value": b"\xd9\xcb\x1d\x82\x01\xa1\x61a\xf7",
    "a URL of an unknown scheme": of({0: {"id": "@id"}, 100: [99, "x"]}),
    "a URL in too many parts": of({0: {"id": "@id"}, 100: [1, "a", "b", "c"]}),
    "half a UUID": of({0: {"id": "@id"}, 100: [3, b"\x01"]}),
    "a multibase value of an unknown alphabet": of(
        {0: {"k": {"@id": "ex:k", "@type": "https://w3id.org/security#multibase"}}, 100: b"Qx"}
    ),
    "base58 that takes for ever": of(
        {0: {"k": {"@id": "ex:k", "@type": "https://w3id.org/security#multibase"}}, 100: b"z" + b"\xff" * 200_000}
    ),
    "half a day": of({0: {"d": {"@id": "ex:d", "@type": "http://www.w3.org/2001/XMLSchema#date"}}, 100: 1}),
    "a day out of range": of(
        {0: {"d": {"@id": "ex:d", "@type": "http://www.w3.org/2001/XMLSchema#date"}}, 100: 86_400 * 10**12}
    ),
    "too many milliseconds": of(
        {0: {"d": {"@id": "ex:d", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}}, 100: [0, 1000]}
    ),
    "too deep": of(deep(100)),
    "far too deep": b"\xd9\xcb\x1d\x82\x01" + b"\xa1\x61a" * 5000 + b"\x01",
    "too many nodes": of({"a": [{}] * 5000}),
    "too large": b"\xd9\xcb\x1d" + bytes(cbor_ld.MAX_BYTES),
    "a length that is a lie": b"\xd9\xcb\x1d\x82\x01\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
}


@pytest.mark.parametrize(
    "definition",
    [{}, {"@id": None}, {"@type": "@id"}, {"@id": ""}, {"@id": 5}, "word", {"@id": "example.com/bar"}],
    ids=str,
)
def test_a_term_that_maps_to_no_iri_is_not_written(definition: Any) -> None:
    with pytest.raises(ProblemError, match="ERR_INVALID_TERM_DEFINITION"):
        cbor_ld.encode({"@context": {"term": definition}, "term": "x"})


@pytest.mark.parametrize(
    "context",
    [
        {"term": {"@type": "@id"}, "@vocab": "https://vocab.example/"},
        {"term": "word", "word": "ex:word"},
        {"term": {"@reverse": "ex:of"}},
        {"term": "@type"},
        {"term": None},
        {"ex:term": {"@type": "@id"}},
    ],
    ids=str,
)
def test_a_term_may_mean_something_in_each_way_of_json_ld(context: Any) -> None:
    document = {"@context": context, "name": "x"}
    assert cbor_ld.decode(cbor_ld.encode(document)) == document


def test_a_definition_that_names_nothing_is_not_read_either() -> None:
    for definition in ({}, {"@id": None}, {"@type": "@id"}):
        with pytest.raises(ProblemError, match="ERR_INVALID_TERM_DEFINITION"):
            cbor_ld.decode(of({0: {"term": definition}, 100: "x"}))


def test_the_aliases_of_a_context_are_looked_for_once() -> None:
    many = {f"a{number}": "@type" for number in range(300)}
    looked = 0

    class Counted(dict[str, Any]):
        def items(self) -> Any:
            nonlocal looked
            looked += 1
            return super().items()

    context = ActiveContext(Counted({name: {"@id": value} for name, value in many.items()}))
    assert [len(context.aliases("@type")) for _ in range(100)] == [301] * 100
    assert looked == 1


def test_contexts_in_force_are_counted_over_all_nodes() -> None:
    inner = {f"t{number}": f"ex:{number}" for number in range(500)}
    scoped = {"@context": {"T": {"@id": "ex:T", "@context": inner}}, "a": [{"@type": "T"} for _ in range(1_500)]}
    with pytest.raises(ProblemError) as refused:
        cbor_ld.encode(scoped)
    assert refused.value.code == "qr.limit"
    packed = cbor_ld.encode({**scoped, "a": scoped["a"][:100]})  # type: ignore[index]
    assert len(cbor_ld.decode(packed)["a"]) == 100


@pytest.mark.parametrize("name", BAD)
def test_whatever_else_comes_is_refused(name: str) -> None:
    with pytest.raises(ProblemError) as refused:
        cbor_ld.decode(BAD[name])
    assert {problem.code for problem in refused.value.problems} <= {"qr.payload", "qr.limit"}


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(data: bytes) -> None:
    for tail in (data, b"\xd9\xcb\x1d" + data, b"\xd9\xcb\x1d\x82\x01" + data):
        with suppress(ProblemError):
            cbor_ld.decode(tail)


def test_protected_terms_stay_what_they_are() -> None:
    document = {"@context": [V2, {"VerifiableCredential": "https://evil.example/VC"}], "type": "VerifiableCredential"}
    with pytest.raises(ProblemError, match="ERR_PROTECTED_TERM_REDEFINITION"):
        cbor_ld.encode(document)
