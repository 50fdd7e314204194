"""The documents of the W3C test suite for VCDM 2.0: each ``-ok`` is accepted, each ``-fail`` refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vc.model import validate

VECTORS = Path(__file__).parents[2] / "vectors" / "vcdm2"
CASES = sorted(path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*.json"))

# What no look at the JSON can tell: the JSON-LD engine finds these (an undefined term, a redefined protected one).
LINKED_DATA = {
    "credential-redef-type-fail.json",
    "credential-redef-type2-fail.json",
    "credential-type-mapped-nonurl-fail.json",
    "credential-type-unmapped-fail.json",
}


def load(name: str) -> dict[str, Any]:
    """The document, completed as the suite completes it: an issuer's id, a past and a future date."""
    document = json.loads((VECTORS / name).read_bytes())
    for date, moment in (("PAST DATE", "2020-01-01T00:00:00Z"), ("FUTURE DATE", "2999-01-01T00:00:00Z")):
        for member in ("validFrom", "validUntil"):
            if document.get(member) == date:
                document[member] = moment
    if name.startswith(("credential", "names-and-descriptions/")):
        issuer = document.setdefault("issuer", {})
        if isinstance(issuer, dict):
            issuer.setdefault("id", "did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj")
    return document


def test_the_vectors_are_there() -> None:
    assert len(CASES) == 80


@pytest.mark.parametrize("name", [name for name in CASES if "-fail" not in name])
def test_a_conforming_document_has_no_problem(name: str) -> None:
    assert validate(load(name)) == []


@pytest.mark.parametrize("name", [name for name in CASES if "-fail" in name and name not in LINKED_DATA])
def test_a_document_against_the_model_is_refused(name: str) -> None:
    assert validate(load(name)) != []
