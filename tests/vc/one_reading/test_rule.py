"""The rule of docs/reading.md, part by part: what is refused, where, and what is accepted."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_reading_lab import (
    CHALLENGE,
    DEVICE,
    DOMAIN,
    EXAMPLES,
    FOREIGN,
    ISSUER,
    NOW,
    NS,
    REGISTRY,
    V2,
    XSD,
    credential,
    foreign,
    sample,
)

import vc
from vc.linked_data import LinkedDataError, canonical_bytes, to_dataset
from vc.linked_data.compaction.reading import differences
from vc.linked_data.jsonld import context_cache
from vc.linked_data.templates import template
from vc.problems import PROBLEMS, ProblemError

ID = "urn:x:1"
EX = "https://www.w3.org/ns/credentials/examples#"
C = "https://www.w3.org/2018/credentials#"


def found(members: dict[str, Any], context: Any = FOREIGN) -> list[tuple[str, str]]:
    """Code and pointer of each difference in a document; the engine takes all of them for sound."""
    document = {"@context": context, "id": ID, **members}
    to_dataset(document, contexts=REGISTRY)
    return [(problem.code, problem.pointer) for problem in differences(document, REGISTRY)]


AGAIN = {"memo": {"@value": "a", "@language": "AR", "@direction": "rtl"}}
TWICE = {"child": [{"@id": "urn:c", "note": "a"}, {"@id": "urn:c", "count": 1}]}
BELOW = {"child": [{"@id": "urn:c"}, {"note": "a", "child": {"@id": "urn:c", "note": "b"}}]}
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("an absolute IRI for a term", {NS + "note": "a"}, "reading.name", "/https:~1~1foreign.example~1ns#note"),
    ("a compact IRI for a term", {"f:note": "a"}, "reading.name", "/f:note"),
    ("an absolute IRI for a compact one", {NS + "else": "a"}, "reading.name", "/https:~1~1foreign.example~1ns#else"),
    ("the longer of two terms", {"nickname": "a"}, "reading.name", "/nickname"),
    ("a keyword for its alias", {"child": {"@id": "urn:y", "note": "a"}}, "reading.name", "/child/@id"),
    ("a value object for a text", {"note": {"@value": "a"}}, "reading.value", "/note"),
    ("a value object for a number", {"count": {"@value": 5}}, "reading.value", "/count"),
    ("a native value with its type", {"count": {"@value": "5", "@type": "xsd:integer"}}, "reading.value", "/count"),
    ("a text with the type of texts", {"note": {"@value": "a", "@type": "xsd:string"}}, "reading.value", "/note"),
    ("the term's type again", {"born": {"@value": "2001-01-01", "@type": "xsd:date"}}, "reading.value", "/born"),
    ("another type than the term's", {"born": {"@value": "x", "@type": "f:x"}}, "reading.value", "/born"),
    ("a datatype that has a short name", {"note": {"@value": "a", "@type": NS + "t"}}, "reading.name", "/note/@type"),
    ("the term's language and direction again", AGAIN, "reading.value", "/memo"),
    ("null", {"note": None}, "reading.dropped", "/note"),
    ("null in an array", {"note": ["a", None]}, "reading.dropped", "/note/1"),
    ("an empty array", {"note": []}, "reading.dropped", "/note"),
    ("no types", {"type": []}, "reading.dropped", "/type"),
    ("a type twice", {"type": ["Member", "Member"]}, "reading.value", "/type/1"),
    ("an array in an array", {"note": [["a"], "b"]}, "reading.value", "/note/0"),
    ("a text twice", {"note": ["a", "b", "a"]}, "reading.value", "/note/2"),
    ("a reference twice", {"home": ["urn:y", "urn:y"]}, "reading.value", "/home/1"),
    ("a reference twice, once as an object", {"home": ["urn:y", {"@id": "urn:y"}]}, "reading.value", "/home/1"),
    ("false in an array", {"note": [False]}, "reading.value", "/note"),
    ("0 in an array", {"count": [0]}, "reading.value", "/count"),
    ("no text in an array", {"note": [""]}, "reading.value", "/note"),
    ("the text 0 in an array", {"note": ["0"]}, "reading.value", "/note"),
    ("an empty object in an array", {"child": [{}]}, "reading.value", "/child"),
    ("a date in an array", {"born": ["2001-01-01"]}, "reading.value", "/born"),
    ("false without the array of its set", {"tags": False}, "reading.value", "/tags"),
    ("the text of a boolean", {"adult": "false"}, "reading.value", "/adult"),
    ("the text of 0", {"height": "0"}, "reading.value", "/height"),
    ("a number for a date", {"born": 2001}, "reading.value", "/born"),
    ("a number for a reference", {"home": 5}, "reading.value", "/home"),
    ("minus zero", {"count": -0.0}, "reading.number", "/count"),
    ("minus zero in a JSON literal", {"data": {"a": [-0.0]}}, "reading.number", "/data"),
    ("more digits than are signed", {"count": 0.30000000000000004}, "reading.dropped", "/count"),
    ("a set object", {"note": {"@set": ["a"]}}, "reading.value", "/note"),
    ("a list object for a list", {"steps": {"@list": ["a"]}}, "reading.value", "/steps"),
    ("one entry of a list", {"steps": "a"}, "reading.value", "/steps"),
    ("null in a list", {"steps": ["a", None]}, "reading.dropped", "/steps/1"),
    ("a list object in a list", {"steps": [{"@list": ["a"]}]}, "reading.value", "/steps/0"),
    ("an index", {"@index": "a", "note": "b"}, "reading.dropped", "/@index"),
    ("an index of a value", {"note": {"@value": "a", "@index": "x"}}, "reading.dropped", "/note/@index"),
    ("a map by index", {"by": {"a": {"note": "b"}}}, "reading.dropped", "/by"),
    ("nested members", {"box": {"note": "a"}}, "reading.name", "/box"),
    ("included objects", {"@included": [{"note": "a"}]}, "reading.name", "/@included"),
    ("a reverse property", {"childOf": {"note": "a"}}, "reading.name", "/childOf"),
    ("properties in reverse", {"@reverse": {"child": {"note": "a"}}}, "reading.name", "/@reverse"),
    ("an explicit graph", {"note": "a", "@graph": [{"note": "b"}]}, "reading.name", "/@graph"),
    ("a context below", {"child": {"@context": EXAMPLES, "note": "a"}}, "reading.name", "/child/@context"),
    ("a word by its IRI", {"kind": NS + "gold"}, "reading.reference", "/kind"),
    ("a type by its IRI", {"type": NS + "Member"}, "reading.reference", "/type"),
    ("a reference through a prefix", {"home": "f:home"}, "reading.reference", "/home"),
    ("an id through a prefix", {"child": {"@id": "f:c", "note": "a"}}, "reading.reference", "/child/@id"),
    ("the label of a blank node", {"child": {"@id": "_:c", "note": "a"}}, "reading.dropped", "/child/@id"),
    ("a language twice", {"names": {"en": "a", "EN": "b"}}, "reading.value", "/names/EN"),
    ("a text twice in a language", {"names": {"en": ["a", "a"]}}, "reading.value", "/names/en"),
    ("a language without a text", {"names": {"en": None, "de": "a"}}, "reading.dropped", "/names/en"),
    ("a map of no language", {"names": {"@none": "a"}}, "reading.value", "/names/@none"),
    ("tagged texts for a map", {"names": [{"@value": "a", "@language": "en"}]}, "reading.value", "/names/0"),
    ("one thing in two places", TWICE, "reading.split", "/child/1"),
    ("the document itself, below", {"child": {"@id": ID, "count": 1}}, "reading.split", "/child"),
    ("a thing named above and described below", BELOW, "reading.split", "/child/0"),
]  # fmt: skip


@pytest.mark.parametrize(("members", "code", "pointer"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(members: dict[str, Any], code: str, pointer: str) -> None:
    members = {"note": "n", **members} if "note" not in members else members
    context = [FOREIGN, {"id": "@id", "type": "@type"}]
    assert (code, pointer) in found(members, context)
    assert code in PROBLEMS
    document = {"@context": context, "id": ID, **members}
    with pytest.raises(LinkedDataError) as error:
        canonical_bytes(document, contexts=REGISTRY, one_reading=True)
    assert (code, pointer) in [(problem.code, problem.pointer) for problem in error.value.problems]


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("an IRI that nothing here is short for", {"urn:else:p": "a"}),
    ("a compact IRI where there is no term", {"f:else": "a"}),
    ("a text in an array", {"nick": ["a"]}),
    ("a text of a set, alone", {"tags": "a"}),
    ("an object in an array", {"child": [{"note": "a"}]}),
    ("false in the array of its set", {"tags": [False]}),
    ("true and false", {"note": [True, False]}),
    ("a tagged text", {"note": {"@value": "a", "@language": "zh-Hans"}}),
    ("a text without the term's language", {"memo": {"@value": "a"}}),
    ("a text with a direction", {"note": {"@value": "a", "@direction": "rtl"}}),
    ("a value of a type of its own", {"note": {"@value": "a", "type": "f:t"}}),
    ("the text of a number", {"height": "170"}),
    ("a text that no number gives", {"note": {"@value": "05", "type": "xsd:integer"}, "height": "0170"}),
    ("a list where no term has one", {"f:else": {"@list": ["a", "a"]}}),
    ("an empty list", {"steps": []}),
    ("an empty set", {"tags": []}),
    ("lists in a list", {"steps": [["a"], [], ["a"]]}),
    ("one entry in a list", {"steps": [False]}),
    ("a map of languages", {"names": {"en": ["a", "b"], "zh-Hans": "c", "@none": "d"}}),
    ("a text where languages are usual", {"names": "a"}),
    ("any JSON in a literal", {"data": {"a": [None, [], [[False]], 0.30000000000000004]}}),
    ("a word", {"kind": "gold"}),
    ("a word that nobody named", {"kind": "urn:else:word"}),
    ("another spelling of a number", {"count": 7.0}),
    ("a number beyond 2^53", {"count": 1e20}),
    ("and with all its digits", {"count": 10**20}),
    ("a reference as an object", {"home": {"id": "urn:c"}}),
    ("a thing described above and named below", {"child": [{"id": "urn:c", "note": "a"}, {"home": "urn:c"}]}),
    ("siblings without names that say the same", {"child": [{"note": "a"}, {"note": "a"}]}),
]


@pytest.mark.parametrize("members", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_accepted(members: dict[str, Any]) -> None:
    assert found(members, [V2, FOREIGN]) == []


def test_every_difference_is_told_with_what_to_write() -> None:
    document = {"@context": [V2, FOREIGN], "id": ID, "@type": "Member", "f:note": "a", "kind": NS + "gold"}
    details = {problem.pointer: problem.detail for problem in differences(document, REGISTRY)}
    assert details.keys() == {"/@type", "/f:note", "/kind"}
    assert "written 'type'" in details["/@type"]
    assert "written 'note'" in details["/f:note"]
    assert "written 'gold'" in details["/kind"]


def test_names_of_a_context_that_was_taken_away_are_known() -> None:
    assert found({EX + "ageOver18": True}, V2) == [
        ("reading.name", "/https:~1~1www.w3.org~1ns~1credentials~1examples#ageOver18")
    ]
    assert found({"type": EX + "Person"}, V2) == [("reading.reference", "/type")]
    assert found({NS + "adult": True}, V2) == [("reading.name", "/https:~1~1foreign.example~1ns#adult")]


# At every entrance.


def bad(document: dict[str, Any]) -> dict[str, Any]:
    """A credential with its end under the absolute IRI."""
    document = copy.deepcopy(document)
    document[C + "validUntil"] = {"type": XSD + "dateTime", "@value": document.pop("validUntil")}
    return document


POINTER = "/https:~1~1www.w3.org~12018~1credentials#validUntil"


@pytest.mark.parametrize(
    ("key", "suite"),
    [
        ("Ed25519", "eddsa-rdfc-2022"),
        ("P-256", "ecdsa-jcs-2019"),
        ("P-256", "ecdsa-sd-2023"),
        ("BLS12-381-G2", "bbs-2023"),
        ("Ed25519", "Ed25519Signature2020"),
    ],
)
def test_nobody_signs_what_would_be_refused(key: str, suite: str) -> None:
    with pytest.raises(ProblemError) as error:
        vc.issue(bad(credential(ISSUER[key])), ISSUER[key], cryptosuite=suite, now=NOW, contexts=REGISTRY)
    assert [(problem.code, problem.pointer) for problem in error.value.problems] == [("reading.name", POINTER)]


def test_nobody_derives_from_it_and_who_presents_it_is_refused() -> None:
    key = ISSUER["P-256"]
    base = vc.issue(credential(key), key, cryptosuite="ecdsa-sd-2023", now=NOW)
    with pytest.raises(ProblemError) as error:
        vc.derive(bad(base), selective_pointers=["/credentialSubject"])
    assert error.value.problems[0].code == "reading.name"
    shown = bad(sample("ecdsa-sd-2023").document)
    for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        presentation = vc.present([shown], DEVICE, cryptosuite=suite, challenge=CHALLENGE, domain=DOMAIN, now=NOW)
        verdict = sample("a presentation").verify(presentation)
        problems = [(problem.code, problem.pointer) for problem in verdict.problems]
        assert ("reading.name", "/verifiableCredential/0" + POINTER) in problems


def test_the_verdict_names_the_place() -> None:
    for name in ("eddsa-rdfc-2022", "ecdsa-sd-2023", "bbs-2023"):
        verdict = sample(name).verify(bad(sample(name).document))
        assert ("reading.name", POINTER) in [(problem.code, problem.pointer) for problem in verdict.problems]


def test_members_of_a_proof_are_read_by_the_same_rule() -> None:
    original = sample("a presentation")
    document = copy.deepcopy(original.document)
    name = "https://w3id.org/security#expiration"
    document["proof"][name] = {"@value": document["proof"].pop("expires"), "type": XSD + "dateTime"}
    problems = original.verify(document).problems
    assert ("reading.name", f"/proof/{name.replace('/', '~1')}") in [(p.code, p.pointer) for p in problems]


def test_contexts_added_after_signing_may_not_change_what_is_said() -> None:
    original = sample("eddsa-jcs-2022").document
    more = {**original, "@context": [*original["@context"], "https://w3id.org/security/data-integrity/v2"]}
    assert sample("eddsa-jcs-2022").verify(more).verified
    other = {**original, "@context": [*original["@context"], "https://www.w3.org/ns/credentials/undefined-terms/v2"]}
    assert [problem.code for problem in sample("eddsa-jcs-2022").verify(other).problems] == ["proof.context"]


def test_a_foreign_credential_in_its_own_spelling_is_accepted() -> None:
    key = ISSUER["Ed25519"]
    document = foreign(key)
    assert document["credentialSubject"]["nick"] == ["Ming"]
    assert vc.verify(vc.issue(document, key, now=NOW, contexts=REGISTRY), now=NOW, contexts=REGISTRY).verified


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_large_number_is_the_same_with_and_without_an_exponent(suite: str) -> None:
    key = ISSUER["Ed25519"]
    document = credential(key)
    document["credentialSubject"]["atoms"] = 1e20
    secured = vc.issue(document, key, cryptosuite=suite, now=NOW)
    for number in (1e20, 10**20):
        again = copy.deepcopy(secured)
        again["credentialSubject"]["atoms"] = number
        assert vc.verify(again, now=NOW).verified
        assert vc.verify(json.dumps(again), now=NOW).verified
    for number in (2**53 + 1, 10**20 + 1, 10**400):
        again["credentialSubject"]["atoms"] = number
        assert not vc.verify(again, now=NOW).verified
        assert not vc.verify(json.dumps(again), now=NOW).verified


# The quick way.

VALUES = st.sampled_from(
    ["", "0", "a", "b", "urn:a", "urn:b", "gold", NS + "gold", "f:x", "2001-01-01", "true", "5", "_:a"]
)


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    """Documents of few forms, with many values."""
    shape = draw(st.integers(0, 5))
    text = lambda: draw(VALUES)  # noqa: E731
    members: dict[str, Any] = [
        {"note": [text()], "home": text()},
        {"note": [text(), text()], "kind": text(), "count": draw(st.integers(-3, 3))},
        {"tags": text(), "child": [{"id": text(), "note": text()}, {"id": text(), "count": 1}]},
        {"adult": text(), "height": text()},
        {"child": {"id": text()}, "home": [text(), text()], "steps2": None},
        {"born": text(), "names": {"en": text(), "EN": text()}, "nick": text()},
    ][shape]
    members.pop("steps2", None)
    return {"@context": [V2, FOREIGN], "id": text(), **members}


@pytest.fixture
def forms_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_FIRST", 1)
    monkeypatch.setattr(template, "_AGAIN", 1)
    context_cache._LISTS.known.clear()


@settings(max_examples=600, deadline=None)
@given(st.lists(documents(), min_size=1, max_size=4))
def test_documents_of_a_form_are_judged_as_each_would_be(those: list[dict[str, Any]]) -> None:
    for document in those * 2:
        try:
            to_dataset(document, contexts=REGISTRY)
        except LinkedDataError:
            continue
        expected = differences(document, REGISTRY)
        for way in (canonical_bytes, to_dataset):
            problems: tuple[Any, ...] = ()
            try:
                way(document, contexts=REGISTRY, one_reading=True)
            except LinkedDataError as error:
                problems = error.problems
            assert list(problems) == expected


test_documents_of_a_form_are_judged_as_each_would_be = pytest.mark.usefixtures("forms_at_once")(
    test_documents_of_a_form_are_judged_as_each_would_be
)
