"""The lines of a template, and where in a document they come from: what selective disclosure asks of the quick way.

Which lines JSON pointers select depends on structure, names and types alone: that is, on the template. What was
selected once is therefore kept with the template, a bounded number of times. Nothing of a document's values is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..jsonld.compiled import Family
from ..rdf.selection import Origins, Provenance

__all__ = ["NodeLines", "Run", "TemplateLines"]

_SELECTIONS: Final = 32
"""How many lists of pointers one template remembers."""
_POINTERS: Final = 64
"""How many pointers a list may have that is remembered."""
_CHARACTERS: Final = 4096
"""How many characters they may have in all."""


class Run(NamedTuple):
    """A property with several values: in what order its lines stand differs from document to document.

    ``at``: its first line among those of the node. ``lines`` are those of ``TemplateNode.sets``, or ``objects`` those
    of ``TemplateNode.links``.
    """

    node: int
    at: int
    lines: tuple[tuple[bytes, int, bytes], ...]
    objects: tuple[int, ...]


class NodeLines(NamedTuple):
    """The lines of one node: predicates in order, several values of one as in the document.

    ``origins``: the JSON pointers of the values. ``targets``: the nodes that the lines lead to; below zero for none.
    """

    origins: tuple[str, ...]
    targets: tuple[int, ...]
    runs: tuple[Run, ...]


class TemplateLines:
    """The lines of a template, numbered node after node.

    ``numbers``: for each node those of its lines. ``subjects`` and ``targets``: for each line the blank node that is
    its subject or object, or -1. ``blank``: the blank nodes that occur in a line.
    """

    __slots__ = ("_family", "_origins", "_selected", "blank", "count", "numbers", "runs", "subjects", "targets")

    def __init__(self, nodes: Sequence[NodeLines], blank: Sequence[int], family: Family) -> None:
        self.numbers: list[list[int]] = []
        self.runs = [run for node in nodes for run in node.runs]
        self.subjects: list[int] = []
        self.targets: list[int] = []
        unnamed = frozenset(blank)
        by_pointer: dict[str, list[int]] = {}
        for node, (origins, targets, _) in enumerate(nodes):
            first = len(self.subjects)
            self.numbers.append(list(range(first, first + len(origins))))
            self.subjects += [node if node in unnamed else -1] * len(origins)
            self.targets += [target if target in unnamed else -1 for target in targets]
            for number, origin in enumerate(origins, first):
                by_pointer.setdefault(origin, []).append(number)
        self.count = len(self.subjects)
        self.blank = sorted(unnamed.intersection([*self.subjects, *self.targets]))
        self._origins = Origins(by_pointer)
        self._selected: dict[tuple[str, ...], frozenset[int]] = {}
        self._family = family

    def select(self, pointers: Sequence[str], document: Mapping[str, Any]) -> frozenset[int]:
        """The numbers of the lines that the pointers select. ``document`` is an instance of this template.

        Raises LinkedDataError as ``Origins.select`` does.
        """
        key = tuple(pointers)
        try:
            found = self._selected.get(key)
        except TypeError:  # Something in it is no text: that is told below.
            found = None
        if found is None:
            found = frozenset(self._origins.select(pointers, Provenance(document, frozenset())))
            if len(key) <= _POINTERS and sum(map(len, key)) <= _CHARACTERS:
                if len(self._selected) >= _SELECTIONS:
                    self._selected.clear()
                if self._family.grow(1 + len(found) // 4):
                    self._selected[key] = found
        return found
