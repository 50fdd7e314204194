"""Canonical forms of the documents and proof configurations in the specifications' test vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from vc.linked_data import canonicalize, proof_configuration_bytes

VECTORS = Path(__file__).parents[2] / "vectors"
RDFC = [*sorted((VECTORS / "vc-di-ecdsa").glob("*rdfc*")), *sorted((VECTORS / "vc-di-eddsa").glob("*rdfc*"))]
SELECTIVE = [VECTORS / "vc-di-ecdsa" / "ecdsa-sd-2023-prc", *sorted((VECTORS / "vc-di-bbs").glob("bbs-2023-*"))]


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def name(folder: Path) -> str:
    return folder.name


def hash_of(folder: Path) -> Literal["sha256", "sha384"]:
    return "sha384" if "p384" in folder.name else "sha256"


@pytest.mark.parametrize("folder", RDFC, ids=name)
def test_documents(folder: Path) -> None:
    expected = next(folder.glob("canonDoc*")).read_text()
    assert canonicalize(load(folder / "unsigned.json"), hash_name=hash_of(folder)) == expected


@pytest.mark.parametrize("folder", RDFC, ids=name)
def test_proof_configurations(folder: Path) -> None:
    configuration = load(next(folder.glob("proofConfig*")))
    expected = next(folder.glob("proofCanon*")).read_text()
    assert canonicalize(configuration, hash_name=hash_of(folder)) == expected
    context = configuration["@context"]
    assert proof_configuration_bytes(context, {**configuration, "proofValue": "z"}).decode() == expected


@pytest.mark.parametrize("folder", SELECTIVE, ids=name)
def test_documents_and_proof_configurations_of_selective_disclosure(folder: Path) -> None:
    assert canonicalize(load(folder / "unsigned.json")) == "".join(load(folder / "addBaseDocCanon.json"))
    configuration = load(folder / "addProofConfig.json")
    expected = (folder / "addProofConfigCanon.txt").read_text()
    assert canonicalize(configuration) == expected
    assert proof_configuration_bytes(configuration["@context"], configuration).decode() == expected
