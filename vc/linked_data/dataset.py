"""A dataset, its canonical form, and its lines under other labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

__all__ = ["Canonical", "Dataset", "Relabelled"]


class Canonical:
    """Canonical N-Quads (RDFC-1.0 section 4.4).

    ``lines``: sorted in code point order, without duplicates, each ending in a line feed. ``labels``: blank node of the
    dataset -> canonical label, e.g. ``{"b0": "c14n0"}``.
    """

    lines: list[str]
    labels: dict[str, str]

    @property
    def text(self) -> str:
        """All lines as one text."""
        raise NotImplementedError


class Relabelled:
    """The lines of a dataset under given labels, sorted, without duplicates (vc-di-ecdsa 3.4.3 to 3.4.5)."""

    lines: list[str]
    labels: dict[str, str]

    def select(self, pointers: Sequence[str]) -> list[int]:
        """The indexes of ``lines`` which selectJsonLd (vc-di-ecdsa 3.4.13) with these JSON pointers gives, sorted.

        Selected is the subtree under each pointer, with every ancestor's id and type and the links down. No pointers
        select nothing. Needs a dataset made with ``provenance=True``. Raises LinkedDataError: pointer.no_match (nothing
        is there), pointer.invalid (no RFC 6901 pointer), pointer.partial (a part of a list or JSON literal).
        """
        raise NotImplementedError

    def canonicalize(self, indexes: Iterable[int], hash_name: Literal["sha256", "sha384"] = "sha256") -> Canonical:
        """The canonical form of only the lines with these indexes; its ``labels`` are by the dataset's blank nodes."""
        raise NotImplementedError


class Dataset:
    """A set of RDF quads; blank nodes have names of the dataset's own ("b0", ...)."""

    def canonicalize(self, hash_name: Literal["sha256", "sha384"] = "sha256") -> Canonical:
        """Canonicalize (RDFC-1.0) within a work budget. Raises LinkedDataError: rdfc.budget."""
        raise NotImplementedError

    def relabel(self, labels: Mapping[str, str]) -> Relabelled:
        """The quads with each blank node named by ``labels`` (all of them; values without "_:")."""
        raise NotImplementedError
