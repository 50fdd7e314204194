"""Selective disclosure by templates gives what the general way gives: lines, labels, selections and errors."""

from __future__ import annotations

import copy
import hashlib
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonld_lab import CONTEXTS_OF_LAB, LAB, V2, places, trees, with_other_texts

from vc.linked_data import Dataset, LinkedDataError, Relabelled, to_dataset
from vc.linked_data.engine import read
from vc.linked_data.jsonld.active_context import Loader
from vc.linked_data.jsonld.context_cache import compile_context
from vc.linked_data.rdf.selection import Provenance
from vc.linked_data.templates import lines as template_lines
from vc.linked_data.templates.dataset import InstanceDataset

quiet = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def by_walk(document: dict[str, Any]) -> Dataset | None:
    try:
        walk = read(document, CONTEXTS_OF_LAB, True)
    except LinkedDataError:
        return None
    return None if walk.problems else Dataset(walk.quads, Provenance(document, frozenset(walk.atoms)))


def by_template(document: dict[str, Any]) -> InstanceDataset | None:
    try:
        found = to_dataset(document, contexts=CONTEXTS_OF_LAB, provenance=True)
    except LinkedDataError:
        return None
    assert found.unsigned == () or not isinstance(found, InstanceDataset)
    return found if isinstance(found, InstanceDataset) else None


def hidden(dataset: Dataset, hash_name: Any) -> tuple[Relabelled, dict[str, str]]:
    """The lines under labels that tell nothing, and canonical label -> label."""
    labels = dataset.canonicalize(hash_name).labels
    digests = {label: "u" + hashlib.sha256(label.encode()).hexdigest() for label in labels.values()}
    return dataset.relabel({node: digests[label] for node, label in labels.items()}), digests


def selected(relabelled: Relabelled, pointers: list[Any]) -> Any:
    try:
        return relabelled.select(pointers)
    except LinkedDataError as error:
        return error.problems


def renamed(relabelled: Relabelled, indexes: list[int], labels: dict[str, str]) -> list[str]:
    """The lines with these indexes, each blank node under the canonical label that ``labels`` gives it."""
    names = {f"_:{relabelled.labels[node]}": f"_:{label}" for node, label in labels.items()}
    return sorted(
        re.sub("(?:^|(?<= ))_:u[0-9a-f]{64}(?= )", lambda match: names[match[0]], relabelled.lines[index])
        for index in indexes
    )


def agree(document: dict[str, Any], choices: list[list[Any]], hash_name: Any = "sha256") -> bool:
    """Whether the quick way was taken; then it has to be right."""
    before = copy.deepcopy(document)
    fast, general = by_template(document), by_walk(document)
    if fast is None:
        return False
    assert general is not None
    assert fast.canonicalize(hash_name).lines == general.canonicalize(hash_name).lines
    assert fast.canonicalize(hash_name).text == general.canonicalize(hash_name).text
    ours, digests = hidden(fast, hash_name)
    theirs, expected_digests = hidden(general, hash_name)
    assert digests == expected_digests
    assert ours.lines == theirs.lines
    assert ours.encoded == theirs.encoded == [line.encode() for line in ours.lines]
    for pointers in choices:
        found, expected = selected(ours, pointers), selected(theirs, pointers)
        assert selected(ours, pointers) == found  # From memory, too.
        if not all(isinstance(index, int) for index in expected):
            assert found == expected
            continue
        assert found == expected
        revealed, expected_revealed = ours.canonicalize(found, hash_name), theirs.canonicalize(expected, hash_name)
        assert revealed.lines == expected_revealed.lines == renamed(ours, found, revealed.labels)
        assert sorted(revealed.labels.values()) == sorted(expected_revealed.labels.values())
        assert renamed(theirs, expected, expected_revealed.labels) == revealed.lines
    assert document == before
    return True


def pointers_into(document: dict[str, Any]) -> st.SearchStrategy[list[list[Any]]]:
    inside = st.sampled_from(places(document))
    beside = st.builds(lambda place, end: place + end, inside, st.sampled_from(["/no", "/0", "/9", "/", "~", "x"]))
    odd: st.SearchStrategy[Any] = st.sampled_from(["issuer", 1, None, ["/part"], True])
    usual = st.lists(inside, max_size=4)
    return st.lists(usual | usual | st.lists(inside | beside | odd, max_size=3), min_size=1, max_size=3)


@quiet
@given(trees(2), st.sampled_from(["sha256", "sha384"]), st.data())
def test_documents_and_pointers_of_all_sorts(node: dict[str, Any], hash_name: str, data: st.DataObject) -> None:
    document = {"@context": LAB, **node}
    agree(document, data.draw(pointers_into(document)), hash_name)


@quiet
@given(trees(2), st.sampled_from(["x", '"', "\\", "urn:", "_:", ",", "\x7f"]), st.data())
def test_later_documents_of_a_form_are_judged_by_their_own_values(
    node: dict[str, Any], sign: str, data: st.DataObject
) -> None:
    document = {"@context": LAB, **node}
    choices = data.draw(pointers_into(document))
    for other in (
        document,
        with_other_texts(document, lambda text: sign + text),
        with_other_texts(document, lambda text: text + sign),
        with_other_texts(document, lambda text: f"urn:{text}"),
        with_other_texts(document, lambda text: text[::-1]),
        document,
    ):
        agree(other, choices)


S = "credentialSubject"
CARD: dict[str, Any] = {
    "@context": [V2, LAB],
    "type": ["VerifiableCredential", "Plain"],
    "issuer": {"id": "did:example:issuer", "name": "Issuer"},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {
        "text": ["b", 'a"', "a\\", "a!"],
        "count": 3,
        "names": {"en": "one", "zh-Hans": "一 \"\\\n", "de": "eins"},
        "ref": ["urn:b", {"german": "r"}, "urn:a"],
        "word": "red",
        "part": [{"german": "x"}, {"german": "y", "part": {"text": True}}, {"id": "urn:z", "text": "z"}],
    },
}  # fmt: skip
POINTERS = [
    *[[place] for place in places(CARD)],
    ["/issuer", f"/{S}/part/1/part/text"],
    [f"/{S}/part/2", f"/{S}/part/0", f"/{S}/text/3", f"/{S}/text/0"],
    [f"/{S}/names/de", f"/{S}/ref/2", f"/{S}/ref/0"],
    ["/issuer", "/no", f"/{S}/part/3", f"/{S}/text/00", "issuer", "/type/2", "/a~"],
    [],
]


def changed(to: Any, *path: Any) -> dict[str, Any]:
    document = copy.deepcopy(CARD)
    target: Any = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = to
    return document


@pytest.mark.parametrize("hash_name", ["sha256", "sha384"])
def test_a_usual_credential_goes_the_fast_way(hash_name: str) -> None:
    assert agree({**CARD, S: {**CARD[S], "ref": ["urn:b", "urn:a"]}}, POINTERS, hash_name)
    by_values = [{**CARD, S: {**CARD[S], "ref": "urn:a", "text": [str(number), "b"]}} for number in range(10)]
    assert all(agree(document, POINTERS, hash_name) for document in by_values)


def labels_by_place(document: dict[str, Any], pointers: list[str]) -> list[list[str]]:
    """The lines under labels that tell nothing, for each pointer: what a base proof hangs on."""
    dataset = to_dataset(document, contexts=CONTEXTS_OF_LAB, provenance=True)
    relabelled, _ = hidden(dataset, "sha256")
    return [[relabelled.lines[index] for index in relabelled.select([pointer])] for pointer in pointers]


@quiet
@given(trees(2), st.integers(2, 4), st.data())
def test_look_alike_siblings_get_the_same_labels_whatever_was_met_before(
    node: dict[str, Any], count: int, data: st.DataObject
) -> None:
    document = {"@context": LAB, "part": [copy.deepcopy(node) for _ in range(count)], "text": "t"}
    try:
        first = labels_by_place(document, places(document))
    except LinkedDataError:
        return
    for _ in range(2):
        assert labels_by_place(document, places(document)) == first
    general = by_walk(document)
    assert general is not None
    relabelled, _ = hidden(general, "sha256")
    expected = [[relabelled.lines[index] for index in relabelled.select([pointer])] for pointer in places(document)]
    assert first == expected


def test_blank_nodes_that_look_alike_are_told_apart_on_the_general_way_alone() -> None:
    alike = [{"german": "x"}, {"german": "x"}, {"german": "y"}]
    document = {"@context": LAB, "text": "t", "part": alike}
    assert not agree(document, [["/part/0"], ["/part/1", "/part/2"], [""]])
    assert agree({**document, "part": alike[1:]}, [["/part/0"], ["/part/1"], [""], ["/text"], ["/part/0/german"]])


def test_blank_nodes_that_look_alike_only_in_what_is_shown() -> None:
    document = {"@context": LAB, "id": "urn:a", "part": [{"german": "x", "text": str(n)} for n in range(4)]}
    assert agree(document, [[f"/part/{n}/german" for n in range(4)], ["/part/0/german", "/part/3/german"]])


@pytest.mark.parametrize(
    "document",
    [
        changed(["a", "b", "a"], S, "text"),
        changed(["urn:a", "urn:b", "urn:a"], S, "ref"),
        changed(["urn:z", {"id": "urn:z", "text": "z"}], S, "part"),
        changed({"en": "one", "EN": "one"}, S, "names"),
    ],
    ids=["a text twice", "a reference twice", "a node and a reference to it", "a language twice"],
)
def test_a_line_that_stands_twice_goes_the_general_way(document: dict[str, Any]) -> None:
    assert not agree(document, POINTERS)
    dataset = to_dataset(document, contexts=CONTEXTS_OF_LAB, provenance=True)
    relabelled = dataset.relabel({name: name for name in dataset.canonicalize().labels})
    assert relabelled.select([""]) == list(range(len(relabelled.lines)))


def test_a_selection_is_remembered_for_the_form_and_for_no_other() -> None:
    one = {"@context": LAB, "id": "urn:a", "text": "1", "german": "2"}
    values = {"@context": LAB, "id": "urn:b", "text": "3", "german": "4"}
    names = {"@context": LAB, "id": "urn:a", "german": "1", "text": "2"}
    types = {"@context": LAB, "id": "urn:a", "type": "Other", "text": "1"}
    other_types = {"@context": LAB, "id": "urn:a", "type": "Plain", "text": "1"}
    for _ in range(2):
        for document in (one, values, names, types, other_types):
            assert agree(document, [["/text"], ["/german"], ["/text", "/no"], ["/id"]])


def test_the_memory_for_selections_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_lines, "_SELECTIONS", 3)
    monkeypatch.setattr(template_lines, "_POINTERS", 2)
    monkeypatch.setattr(template_lines, "_CHARACTERS", 10)
    document = {"@context": LAB, "id": "urn:a", "ex:boundedMemory": [str(number) for number in range(9)]}
    dataset = by_template(document)
    assert dataset is not None
    lines = dataset._instance.template.lines
    relabelled = dataset.relabel({})
    before = compile_context(LAB, Loader(CONTEXTS_OF_LAB)).family.size
    for number in range(9):
        assert len(relabelled.select([f"/ex:boundedMemory/{number}"])) == 1
        relabelled.select(["", "", ""])
        with pytest.raises(LinkedDataError):
            relabelled.select(["/no"])
    assert not lines._selected  # Too long, or wrong.
    for number in range(1, 9):
        assert relabelled.select(["" for _ in range(number)]) == list(range(9))
        assert len(relabelled.select(["/id"] * number)) == 0
        assert len(lines._selected) <= 3
    assert lines._selected
    assert compile_context(LAB, Loader(CONTEXTS_OF_LAB)).family.size > before


def test_labels_have_to_be_distinct_and_all_there() -> None:
    document = {"@context": LAB, "part": [{"german": "x"}, {"german": "y"}]}
    for dataset in (by_template(document), by_walk(document)):
        assert dataset is not None
        names = dataset.canonicalize().labels
        with pytest.raises(ValueError, match="one label"):
            dataset.relabel(dict.fromkeys(names, "same"))
        with pytest.raises(KeyError):
            dataset.relabel({})


def test_selecting_needs_provenance() -> None:
    document = {"@context": LAB, "text": "a"}
    dataset = to_dataset(document, contexts=CONTEXTS_OF_LAB)
    assert isinstance(dataset, InstanceDataset)
    with pytest.raises(TypeError, match="provenance"):
        dataset.relabel(dataset.canonicalize().labels).select(["/text"])


def test_a_document_without_statements_has_no_labels() -> None:
    document: dict[str, Any] = {"@context": LAB, "text": []}
    assert agree(document, [["/text"], [""], ["/no"]])
