"""RDFC-1.0: the published vectors, and what a document may not make us do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vc.linked_data import LinkedDataError, canonicalize_nquads
from vc.linked_data.nquads import parse_nquads
from vc.linked_data.rdfc import canonical_labels

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
