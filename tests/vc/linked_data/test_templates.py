"""The quick way by templates gives what the general way gives, or leaves the document to it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonld_lab import CONTEXTS_OF_LAB, LAB, documents, texts, trees, with_other_texts

from contexts import CONTEXTS, ContextRegistry
from vc.linked_data import LinkedDataError, canonicalize
from vc.linked_data.engine import canonical_by_walk
from vc.linked_data.jsonld.active_context import Loader
from vc.linked_data.jsonld.context_cache import compile_context
from vc.linked_data.templates import instance as instances
from vc.linked_data.templates import template as templates
from vc.linked_data.templates.instance import canonical_by_template, instance_of

VECTORS = Path(__file__).parents[2] / "vectors"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
quiet = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)


def by_walk(document: dict[str, Any], contexts: ContextRegistry, hash_name: Any = "sha256") -> str | None:
    try:
        return canonical_by_walk(document, hash_name, contexts)
    except LinkedDataError:
        return None


def by_template(document: dict[str, Any], contexts: ContextRegistry, hash_name: Any = "sha256") -> str | None:
    text = canonical_by_template(document, hash_name, Loader(contexts))
    return None if text is None else text.decode()


def agree(document: dict[str, Any], contexts: ContextRegistry = CONTEXTS_OF_LAB, hash_name: Any = "sha256") -> bool:
    """Whether the quick way was taken; it then has to be right, also when the template is known already."""
    expected = by_walk(document, contexts, hash_name)
    fast = [by_template(document, contexts, hash_name) for _ in range(2)]
    assert fast[0] == fast[1]
    assert fast[0] in (None, expected)
    return fast[0] is not None


@quiet
@given(documents(texts), st.sampled_from(["sha256", "sha384"]))
def test_documents_of_all_sorts(document: dict[str, Any], hash_name: str) -> None:
    agree(document, hash_name=hash_name)


@quiet
@given(trees(2), st.sampled_from(["sha256", "sha384"]))
def test_trees_of_nodes_good_and_bad(node: dict[str, Any], hash_name: str) -> None:
    agree({"@context": LAB, **node}, hash_name=hash_name)


@pytest.mark.parametrize(
    "path",
    sorted([*(VECTORS / "vcdm2").glob("*.json"), *VECTORS.glob("vc-di-*/*/unsigned.json")]),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_published_documents(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    agree(document, CONTEXTS)
    agree(document, CONTEXTS, "sha384")


CARD: dict[str, Any] = {
    "@context": [V2, LAB],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential", "Plain"],
    "issuer": {"id": "did:example:issuer", "name": "Issuer"},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
    "credentialSubject": {
        "id": "did:example:subject",
        "text": ["b", "a", "a"],
        "count": 3,
        "names": {"en": "one", "zh-Hans": "一 \"\\\n"},
        "ref": ["urn:b", "urn:a"],
        "word": "red",
        "part": [{"german": "x"}, {"german": "y", "part": {"text": True}}, {"id": "urn:z", "text": "z"}],
    },
}  # fmt: skip


def test_a_usual_credential_goes_the_fast_way() -> None:
    assert agree(CARD)
    assert agree(CARD, hash_name="sha384")


def changed(*path: Any, to: Any) -> dict[str, Any]:
    document = copy.deepcopy(CARD)
    target: Any = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = to
    return document


@pytest.mark.parametrize("hash_name", ["sha256", "sha384"])
def test_a_blank_node_with_several_blank_nodes_below_is_labelled_as_one_with_several(hash_name: str) -> None:
    for number in range(20):
        below = [{"german": "a"}, {"german": "b"}, {"id": "urn:c", "text": "c"}, "urn:c", "urn:d", "urn:d"]
        mixed = [{"german": "a"}, {"german": "b"}, {"id": "urn:c", "text": "c"}]
        assert agree({"@context": LAB, "text": str(number), "part": mixed}, hash_name=hash_name)
        agree({"@context": LAB, "text": str(number), "ref": below}, hash_name=hash_name)


S = "credentialSubject"
UNUSUAL = {
    "an undefined term": changed(S, "undefined", to="x"),
    "an undefined term without a value": changed(S, "undefined", to=None),
    "an undefined type": changed(S, "type", to="Undefined"),
    "a type that is an object": changed(S, "type", to={"Plain": 1}),
    "a number as a type": changed(S, "type", to=[1]),
    "a relative id": changed(S, "id", to="subject"),
    "an id that is a number": changed(S, "id", to=1),
    "an id that closes the bracket": changed(S, "id", to="urn:a> <urn:b"),
    "an id with a line feed": changed(S, "id", to="urn:a\nb"),
    "an id with the sign for the subject": changed(S, "id", to="urn:a\2b"),
    "a reference with the sign for the subject": changed(S, "ref", to="urn:a\2b"),
    "an id with a quotation mark": changed(S, "id", to='urn:a"b'),
    "a reference with a backslash": changed(S, "ref", to="urn:a\\b"),
    "a word with a quotation mark": changed(S, "word", to='ex:"'),
    "two ids": changed(S, "ident", to="urn:a"),
    "two properties with one predicate": changed(S, "ex:text", to="c"),
    "a blank node with a name": changed(S, "id", to="_:b"),
    "blank nodes that look alike": changed(S, "part", 1, to={"german": "x"}),
    "a context inside that is not known": changed(S, "@context", to="urn:unknown"),
    "a value object": changed(S, "german", to={"@value": "x"}),
    "a nested list": changed(S, "text", to=[["a"]]),
    "a null in a list": changed(S, "text", to=["a", None]),
    "an unfit number": changed(S, "count", to=float("nan")),
    "an integer too large": changed(S, "count", to=2**60 + 1),
    "a double": changed(S, "count", to=1.5),
    "an integral double": changed(S, "count", to=1e22),
    "no value of JSON": changed(S, "text", to={1, 2}),
    "a key that is no text": changed(S, 1, to="a"),
    "a lone surrogate": changed(S, "text", to="\ud800"),
    "a control character": changed(S, "text", to="\0"),
    "a delete character": changed(S, "text", to="\x7f"),
    "U+FFFE": changed(S, "text", to="\ufffe"),
    "a bad language": changed(S, "names", to={"no tag": "x"}),
    "a language without text": changed(S, "names", to={"en": 1}),
    "no language": changed(S, "names", to={"none": "x"}),
    "an empty node": changed(S, "part", to={}),
    "a word that is no term": changed(S, "word", to="nothing"),
    "a subclass of str": changed(S, "text", to=type("Text", (str,), {})("a")),
    "an unknown context": changed("@context", to=[V2, "urn:unknown"]),
}


@pytest.mark.parametrize("document", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_goes_the_general_way(document: dict[str, Any]) -> None:
    assert agree(CARD)
    assert not agree(document)
    try:
        expected: Any = canonical_by_walk(document, "sha256", CONTEXTS_OF_LAB)
    except LinkedDataError as error:
        with pytest.raises(LinkedDataError) as found:
            canonicalize(document, contexts=CONTEXTS_OF_LAB)
        assert found.value.problems == error.problems
    else:
        assert canonicalize(document, contexts=CONTEXTS_OF_LAB) == expected


def test_deep_trees_go_the_general_way() -> None:
    document: dict[str, Any] = {"text": "end"}
    for number in range(40):
        document = {"part": document, "text": str(number)}
    assert not agree({"@context": LAB, **document})


@pytest.mark.parametrize(
    "text",
    [
        "\\u0041",
        "\\",
        '"',
        '\\"',
        '"\\',
        '\\\\"\\',
        '","',
        "\n",
        "\\n",
        "a\tb\r\b\f",
        '{"a": "b"}',
        "",
        "\ue000",
        "全角，（",
    ],
)
def test_texts_that_look_like_json_are_texts(text: str) -> None:
    assert agree(changed(S, "german", to=text))
    assert agree(changed(S, "text", to=[text, "a", f"x{text}", f"{text}x"]))
    assert agree(changed(S, "names", to={"en": text, "de": "x"}))


def test_values_of_other_lengths_are_sorted_as_they_are_written() -> None:
    assert agree(changed(S, "text", to=['a"', "a!", "a#", "a\\", "a[", "a]", "a"]))


@pytest.mark.parametrize("number", [0, -1, 7, 10**14, -(10**14) + 1, 10**15, 2**53 - 1])
def test_whole_numbers(number: int) -> None:
    document = changed(S, "count", to=number)
    agree(document)
    assert canonicalize(document, contexts=CONTEXTS_OF_LAB) == by_walk(document, CONTEXTS_OF_LAB)


def test_documents_that_differ_in_numbers_have_one_form() -> None:
    documents = [changed(S, "count", to=number) for number in range(-20, 20)]
    found = [instance_of(document, Loader(CONTEXTS_OF_LAB)) for document in documents]
    assert len({id(each.template) for each in found if each is not None}) == 1
    assert None not in found


@pytest.mark.parametrize(
    "same", [("text", ("b", "a")), ("text", UUID(int=7))], ids=["a tuple is an array", "a UUID is its text"]
)
def test_what_python_has_beside_json_is_read_as_it_is_written(same: tuple[str, Any]) -> None:
    name, value = same
    read = json.loads(orjson.dumps(value))
    assert by_template(changed(S, name, to=value), CONTEXTS_OF_LAB) == by_walk(
        changed(S, name, to=read), CONTEXTS_OF_LAB
    )


@quiet
@given(trees(2), st.sampled_from(["x", '"', "\\", "urn:", "_:", "\0", ",", "\x7f"]))
def test_later_documents_of_a_form_are_judged_by_their_own_values(node: dict[str, Any], sign: str) -> None:
    document = {"@context": LAB, **node}
    for other in (
        document,
        with_other_texts(document, lambda text: sign + text),
        with_other_texts(document, lambda text: text + sign),
        with_other_texts(document, lambda text: f"urn:{text}"),
        document,
    ):
        agree(other)


def test_the_memory_for_forms_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "_STRUCTURES", 3)
    monkeypatch.setattr(templates, "_TEMPLATES", 2)
    for count in range(8):
        for name in ("one", "two", "three"):
            subject: dict[str, Any] = {"id": "urn:x", "ex:" + name: ["x"] * count, "text": "y"}
            assert agree({"@context": [V2, LAB], "part": subject})
            context = compile_context([V2, LAB], Loader(CONTEXTS_OF_LAB))
            assert len(context.document_templates) <= 3
            assert all(len(each.known) <= 2 for each in context.document_templates.values())


def test_a_form_is_made_when_a_structure_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_FIRST", 2)
    document = {"@context": LAB, "id": "urn:x:first", "text": ["a", "b", "c", "d", "e", "f", "g"]}
    assert by_template(document, CONTEXTS_OF_LAB) is None
    assert by_template(document, CONTEXTS_OF_LAB) == by_walk(document, CONTEXTS_OF_LAB)


def test_who_sends_nothing_but_new_names_gets_fewer_and_fewer_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_FIRST", 2)
    monkeypatch.setattr(templates, "_AGAIN", 2)
    made = [
        number
        for number in range(1, 200)
        if by_template(
            {"@context": LAB, "ref": [f"urn:{n}" for n in range(11)], f"urn:new:{number}": "x"}, CONTEXTS_OF_LAB
        )
    ]
    assert made == [2, 4, 8, 16, 32, 64, 128]


def test_what_is_said_of_one_subject_in_several_places_is_put_in_order() -> None:
    assert agree(changed(S, "part", 2, "id", to="did:example:subject"))
    assert agree(changed(S, "part", 2, to={"id": "did:example:subject", "text": "a", "german": '"'}))


def test_contexts_inside_are_part_of_the_form() -> None:
    assert agree(changed(S, "@context", to={}))
    assert agree(changed(S, "@context", to={"german": {"@id": "urn:x:german", "@language": "fr"}}))
    assert agree(changed(S, "@context", to={"german": {"@id": "urn:y:german", "@language": "fr"}}))
    assert agree(changed(S, "@context", to={"german": {"@id": "urn:y:german", "@language": "de"}}))
    assert agree(changed(S, "part", 1, "@context", to=V2))
    assert agree(changed(S, "part", 1, "@context", to=EXAMPLES))


def presentation(*credentials: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": "did:example:subject",
        "verifiableCredential": credentials[0] if len(credentials) == 1 else list(credentials),
    }


def proof(value: str) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": "did:example:issuer#key",
        "proofPurpose": "assertionMethod",
        "proofValue": value,
    }


SECURED = CARD | {"proof": proof("z1")}
ANOTHER = {
    **CARD,
    "id": "urn:uuid:2",
    "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"},
    "credentialSubject": {"id": "did:example:subject", "german": "c", "part": {"german": "x", "text": ["d", "e"]}},
    "proof": proof("z2"),
}
NAMELESS = {name: value for name, value in ANOTHER.items() if name != "id"}


@pytest.mark.parametrize(
    "credentials",
    [
        (SECURED,),
        (SECURED, ANOTHER),
        (NAMELESS, SECURED),
        (CARD, ANOTHER),
        (SECURED | {"proof": [proof("z1"), proof("z3")]}, ANOTHER),
        (changed(S, to={"id": "did:example:subject", "german": 'a "b" \\'}), ANOTHER),
    ],
    ids=["one", "two of one subject", "one without a name", "one without proof", "a proof set", "escapes"],
)
def test_presentations_go_the_fast_way(credentials: tuple[dict[str, Any], ...]) -> None:
    for hash_name in ("sha256", "sha384"):
        assert agree(presentation(*credentials), hash_name=hash_name)


def test_links_that_look_the_same_while_blank_nodes_have_no_names_are_counted() -> None:
    parts = [{"german": "x"}, {"german": "y"}, {"german": "z", "part": [{"text": "a"}, {"text": "b"}]}]
    for part in (parts, parts[1:], parts[:2], [{"text": "", "part": [{"german": "1"}, {"german": ""}]}, {"text": ""}]):
        assert agree({"@context": LAB, "text": "", "part": part})
        assert agree(presentation(CARD | {S: {"german": "", "part": part}, "id": "urn:x"}))


def test_names_that_stand_twice_in_one_graph() -> None:
    twice = [{"id": "urn:z", "text": "z", "part": {"german": str(number)}} for number in (1, 2)]
    assert agree(changed(S, "part", to=twice))
    assert not agree(presentation(changed(S, "part", to=twice)))
    assert agree(changed(S, "part", to=[*twice, {"id": "urn:z"}, {"id": "urn:z"}]))


def test_graphs_that_look_alike_go_the_general_way() -> None:
    alike = {name: value for name, value in CARD.items() if name != "id"}
    alike[S] = {"german": "x"}
    assert not agree(presentation(alike, alike))
    assert not agree(presentation(SECURED, SECURED))


def test_a_graph_of_which_nothing_is_said_goes_the_general_way() -> None:
    assert not agree(presentation({"id": "urn:uuid:1"}))
    assert not agree(presentation({"@context": [V2], "id": "urn:uuid:1"}))


@quiet
@given(st.lists(trees(1), min_size=1, max_size=3), st.booleans())
def test_presentations_of_all_sorts(nodes: list[dict[str, Any]], named: bool) -> None:
    credentials = [{"@context": [V2, LAB], **node} for node in nodes]
    if named:
        credentials = [{"id": f"urn:{number}", **credential} for number, credential in enumerate(credentials)]
    document = presentation(*credentials)
    agree(document)
    agree(with_other_texts(document, lambda text: f"urn:{text}"))
