"""A dataset, its canonical form, and its lines under other labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from vc.problems import Problem

from .errors import LinkedDataError
from .faults import Fault
from .quads import Quads, Statement
from .rdfc import UNUSED, canonical_labels
from .selection import Provenance

__all__ = ["Canonical", "Dataset", "Relabelled"]

HashName = Literal["sha256", "sha384"]


@dataclass(frozen=True, slots=True)
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
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The lines of a dataset under given labels, sorted, without duplicates (vc-di-ecdsa 3.4.3 to 3.4.5)."""

    lines: list[str]
    labels: dict[str, str]
    _statements: dict[str, Statement] = field(repr=False)
    _provenance: Provenance | None = field(repr=False)
    _origins: dict[str, list[int]] = field(repr=False)

    def select(self, pointers: Sequence[str]) -> list[int]:
        """The indexes of ``lines`` which selectJsonLd (vc-di-ecdsa 3.4.13) with these JSON pointers gives, sorted.

        Selected is the subtree under each pointer, with every ancestor's id and type and the links down. No pointers
        select nothing. Needs a dataset made with ``provenance=True``. Raises LinkedDataError: pointer.no_match (nothing
        is there), pointer.form (no RFC 6901 pointer), pointer.partial (a part of a list or JSON literal).
        """
        if self._provenance is None:
            raise TypeError("selecting needs a dataset made with provenance=True")
        return self._provenance.select(pointers, self._origins)

    def canonicalize(self, indexes: Iterable[int], hash_name: HashName = "sha256") -> Canonical:
        """The canonical form of only the lines with these indexes; its ``labels`` are by the dataset's blank nodes.

        Raises LinkedDataError: rdfc.budget.
        """
        chosen = [self._statements[self.lines[index]] for index in indexes]
        quads, nodes = _subset(chosen)
        return _canonical(quads, [f"b{node}" for node in nodes], hash_name)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set of RDF quads; blank nodes have names of the dataset's own ("b0", ...).

    ``unsigned``: JSON pointers of what JSON-LD keeps and RDF does not carry (``@index``, ``@direction``): no signature
    over the quads covers it.
    """

    _quads: Quads = field(repr=False)
    _provenance: Provenance | None = field(default=None, repr=False)
    unsigned: tuple[str, ...] = ()

    def canonicalize(self, hash_name: HashName = "sha256") -> Canonical:
        """Canonicalize (RDFC-1.0) within a work budget. Raises LinkedDataError: rdfc.budget."""
        return _canonical(self._quads, [f"b{node}" for node in range(self._quads.count)], hash_name)

    def relabel(self, labels: Mapping[str, str]) -> Relabelled:
        """The quads with each blank node named by ``labels`` (values without "_:"); each has to be there."""
        names = [UNUSED] * self._quads.count
        for node in self._quads.used():
            names[node] = f"_:{labels[f'b{node}']}"
        lines = self._quads.lines(names)
        statements: dict[str, Statement] = {}
        for line, (statement, _) in zip(lines, self._quads.statements(), strict=True):
            statements[line] = statement
        ordered = sorted(statements)
        origins: dict[str, list[int]] = {}
        if self._provenance is not None:
            position = {line: index for index, line in enumerate(ordered)}
            for line, (_, origin) in zip(lines, self._quads.statements(), strict=True):
                origins.setdefault(origin, []).append(position[line])
        return Relabelled(ordered, dict(labels), statements, self._provenance, origins)


def _canonical(quads: Quads, names: list[str], hash_name: HashName) -> Canonical:
    try:
        labels = canonical_labels(quads, hash_name)
    except Fault as fault:
        raise LinkedDataError(Problem(fault.code, fault.detail)) from None
    lines = quads.sorted_lines(labels)
    return Canonical(lines, {name: label[2:] for name, label in zip(names, labels, strict=True) if label})


def _subset(statements: list[Any]) -> tuple[Quads, list[int]]:
    """Quads of these statements alone, and which blank nodes of the whole its nodes are."""
    quads = Quads()
    nodes: dict[int, int] = {}

    def number(node: int | None) -> int | None:
        return None if node is None else nodes.setdefault(node, len(nodes))

    for statement in statements:
        if isinstance(statement[1], str) and len(statement) == 2:
            group, text = statement
            quads.group(number(group.subject), number(group.graph)).texts.append(text)
        else:
            subject, obj, graph = number(statement.subject), number(statement.object), number(statement.graph)
            quads.links.append(statement._replace(subject=subject, object=obj, graph=graph))
    quads.count = len(nodes)
    return quads, list(nodes)
