"""RDFC-1.0: the published vectors, and what a document may not make us do."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.linked_data import LinkedDataError, canonicalize_nquads
from vc.linked_data.jsonld.faults import Fault
from vc.linked_data.rdf.nquads import parse_nquads
from vc.linked_data.rdf.rdfc import canonical_labels

VECTORS = Path(__file__).parents[2] / "vectors" / "rdfc10"
MANIFEST = json.loads((VECTORS / "manifest.jsonld").read_text())


def entries(kind: str) -> list[dict[str, str]]:
    found = [entry for entry in MANIFEST["entries"] if entry["type"] == f"rdfc:{kind}"]
    return [entry for entry in found if (VECTORS / entry["action"]).exists()]


def hash_name(entry: dict[str, str]) -> str:
    return entry.get("hashAlgorithm", "SHA256").lower()


def of(entry: dict[str, str]) -> str:
    return entry["id"].lstrip("#")


def text(name: str) -> str:
    return (VECTORS / name).read_bytes().decode()


@pytest.mark.parametrize("entry", entries("RDFC10EvalTest"), ids=of)
def test_the_canonical_form_is_the_published_one(entry: dict[str, str]) -> None:
    assert canonicalize_nquads(text(entry["action"]), hash_name=hash_name(entry)) == text(entry["result"])


@pytest.mark.parametrize("entry", entries("RDFC10MapTest"), ids=of)
def test_the_labels_are_the_published_ones(entry: dict[str, str]) -> None:
    quads = parse_nquads(text(entry["action"]))
    labels = [label[2:] for label in canonical_labels(quads, hash_name(entry))]
    assert dict(zip(quads.names, labels, strict=True)) == json.loads(text(entry["result"]))


@pytest.mark.parametrize("entry", entries("RDFC10NegativeEvalTest"), ids=of)
def test_a_poison_graph_is_refused_by_the_work_budget(entry: dict[str, str]) -> None:
    with pytest.raises(LinkedDataError) as caught:
        canonicalize_nquads(text(entry["action"]), hash_name=hash_name(entry))
    assert caught.value.code == "rdfc.budget"


labels_of_nodes = st.sampled_from(["_:e0", "_:e1", "_:e2", "_:e3"])
quads_of_text = st.builds(
    lambda s, p, o, g: f"{s} <u:{p}> {o} {g}.\n",
    labels_of_nodes | st.just("<u:s>"),
    st.sampled_from("ppq"),
    labels_of_nodes | st.sampled_from(['"1"', '"1"@en', '"\\u0001"', "<u:o>"]),
    st.just("") | (labels_of_nodes | st.just("<u:g>")).map(lambda g: g + " "),
)


@given(st.lists(quads_of_text, max_size=7), st.booleans(), st.randoms())
def test_small_graphs_full_of_likeness_are_labelled_as_by_pyoxigraph(
    lines: list[str], sha384: bool, random: Random
) -> None:
    dataset = pyoxigraph.Dataset(pyoxigraph.parse("".join(lines), format=pyoxigraph.RdfFormat.N_QUADS))
    algorithm = pyoxigraph.CanonicalizationAlgorithm
    dataset.canonicalize(algorithm.RDFC_1_0_SHA_384 if sha384 else algorithm.RDFC_1_0_SHA_256)
    text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
    assert text is not None
    expected = "".join(sorted(line + "\n" for line in text.decode().split("\n") if line))
    random.shuffle(lines)
    assert canonicalize_nquads("".join(lines), hash_name="sha384" if sha384 else "sha256") == expected


@pytest.mark.parametrize(
    "line",
    [
        "<u:s> <u:p> .",
        "<u:s> <u:p> <u:o>",
        "<u:s> <u:p> <u:o> <u:g> <u:h> .",
        "<u:s> _:p <u:o> .",
        '"s" <u:p> <u:o> .',
        '<u:s> <u:p> "o" "g" .',
        "<s> <u:p> <u:o> .",
        "<u:s s> <u:p> <u:o> .",
        "<u:s\\u0020s> <u:p> <u:o> .",
        '<u:s> <u:p> "a" b" .',
        '<u:s> <u:p> "\\x" .',
        '<u:s> <u:p> "\\uD800" .',
        '<u:s> <u:p> "\\UFFFFFFFF" .',
        '<u:s> <u:p> "o"@- .',
        '<u:s> <u:p> "o"^^_:b .',
        '<u:s> <u:p> "\ud800" .',
        "<u:s> <u:p> <<( <u:s> <u:p> <u:o> )>> .",
    ],
)
def test_what_is_no_n_quad_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(LinkedDataError) as caught:
        canonicalize_nquads(f"# a comment\n\n<u:s> <u:p> <u:o> .\n{line}\n")
    assert caught.value.code == "rdfc.syntax"
    assert "line 4" in str(caught.value)


def test_comments_spaces_and_escapes_are_read() -> None:
    text = ' <u:s>\t<u:p>"\\u00e9\\U0001F600\\n\\"\'"@en-GB<u:g>.# end\r\n  # nothing\r\n'
    assert canonicalize_nquads(text) == '<u:s> <u:p> "é😀\\n\\"\'"@en-GB <u:g> .\n'
    assert canonicalize_nquads("") == ""


def clique(size: int) -> str:
    return "".join(f"_:n{a} <u:p> _:n{b} .\n" for a in range(size) for b in range(size) if a != b)


@pytest.mark.parametrize("size", [10, 40])
def test_cliques_are_refused(size: int) -> None:
    with pytest.raises(LinkedDataError) as caught:
        canonicalize_nquads(clique(size))
    assert caught.value.code == "rdfc.budget"


def test_a_long_chain_of_likes_is_refused_and_not_followed_down_the_stack() -> None:
    ring = "".join(f"_:n{a} <u:p> _:n{(a + 1) % 5000} .\n" for a in range(5000))
    with pytest.raises(LinkedDataError) as caught:
        canonicalize_nquads(ring)
    assert caught.value.code == "rdfc.budget"


def test_many_likes_without_relations_are_no_trouble() -> None:
    lines = "".join(f'<u:s> <u:p> _:n{a} .\n_:n{a} <u:q> "1" .\n' for a in range(500))
    assert canonicalize_nquads(lines).count("\n") == 1000


def test_the_budget_can_be_measured_in_steps() -> None:
    quads = parse_nquads(clique(3))
    assert canonical_labels(quads, budget=200)
    with pytest.raises(Fault):
        canonical_labels(quads, budget=10)
