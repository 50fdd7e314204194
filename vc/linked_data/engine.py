"""From a JSON-LD document to its dataset and canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from contexts import CONTEXTS, ContextRegistry

from .dataset import Dataset

__all__ = ["canonicalize", "canonicalize_nquads", "to_dataset"]


def to_dataset(
    document: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS, provenance: bool = False
) -> Dataset:
    """The RDF dataset of a JSON-LD document (JSON-LD 1.1 API 8.1, nothing dropped, no base IRI).

    ``provenance`` keeps the JSON pointers every quad comes from, which ``Relabelled.select`` needs.
    Raises LinkedDataError with every problem found.
    """
    raise NotImplementedError


def canonicalize(
    document: Mapping[str, Any],
    *,
    hash_name: Literal["sha256", "sha384"] = "sha256",
    contexts: ContextRegistry = CONTEXTS,
) -> str:
    """The canonical N-Quads of a JSON-LD document (RDFC-1.0), each line ending in a line feed. Raises LinkedDataError."""
    raise NotImplementedError


def canonicalize_nquads(text: str, *, hash_name: Literal["sha256", "sha384"] = "sha256") -> str:
    """The canonical form (RDFC-1.0) of a dataset given as N-Quads. Raises LinkedDataError (rdfc.syntax, rdfc.budget)."""
    raise NotImplementedError
