"""The dataset of an instance of a template: the quick way of selective disclosure (``template.py``, ``lines.py``).

It does what ``rdf/dataset.py`` does and gives the same answers; what is worked out once for a template is which lines
there are, where they come from and which of them pointers select. Labels, values and the order of the lines are those
of the document at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vc.json_text import restored

from ..rdf.dataset import Canonical, Dataset, Relabelled, canonical
from ..rdf.quads import Link, Quads
from .instance import Instance
from .template import Unusual

__all__ = ["InstanceDataset"]


class InstanceDataset(Dataset):
    """The dataset of an instance. Raises Unusual for one with graphs, with a node in two places, with a line twice, or
    with blank nodes that look alike.

    Of nodes that look alike it is an accident which gets which label, and a base proof depends on it: issuer and holder
    have to meet the same accident, whichever documents they met before. So it is always that of the general way.

    ``document`` is given when lines are to be selected.
    """

    __slots__ = ("_document", "_instance", "_labelled", "_ranks", "_terms", "_texts")

    def __init__(self, instance: Instance, document: Mapping[str, Any] | None) -> None:
        self._instance = instance
        self._document = document
        self._terms, self._texts = instance.nodes()
        template = instance.template
        if template.graphs or len(set(self._terms)) != len(self._terms) - max(len(template.blank) - 1, 0):
            raise Unusual
        self._ranks: list[list[int] | None] = []
        for run in template.lines.runs:
            if run.lines:
                self._ranks.append(_ranks(_several(instance, run.lines)))
                continue
            named = [term for term in _objects(instance, run.objects, self._terms) if term != b"_:z"]
            if len(set(named)) != len(named):
                raise Unusual
            self._ranks.append(None)  # Their order depends on labels.
        self._labelled: dict[str, list[bytes]] = {}
        self._label("sha256")
        self.unsigned = ()

    def _label(self, hash_name: str) -> list[bytes]:
        """The terms of the nodes under their canonical labels. Raises Unusual."""
        terms = self._labelled.get(hash_name)
        if terms is None:
            terms = self._terms.copy()
            self._instance.label(terms, self._texts, hash_name)
            self._labelled[hash_name] = terms
        return terms

    def canonicalize(self, hash_name: str = "sha256") -> Canonical:
        """See ``Dataset``."""
        terms = self._label(hash_name)
        labels = {_name(node): terms[node][2:].decode() for node in self._instance.template.lines.blank}
        return Canonical(lambda: self.relabel(labels).lines, labels)

    def relabel(self, labels: Mapping[str, str]) -> Relabelled:
        """See ``Dataset``."""
        instance = self._instance
        terms = self._terms.copy()
        for node in instance.template.lines.blank:
            terms[node] = f"_:{labels[_name(node)]}".encode()
        if len(set(terms)) != len(terms):
            raise ValueError("two blank nodes can't have one label")
        texts = instance.written(terms, self._texts)
        order = sorted(range(len(texts)), key=texts.__getitem__)
        whole = b"".join([texts[node] for node in order])
        # No carriage return stands in a line: it is escaped in literals and no part of an IRI.
        encoded = (restored(whole) if instance.escaped else whole).splitlines(keepends=True)
        return _InstanceRelabelled(instance, encoded, dict(labels), terms, order, self._ranks, self._document)


class _InstanceRelabelled(Relabelled):
    """The lines of an instance under given labels. ``order``: its nodes in the order of their lines."""

    __slots__ = ("_document", "_instance", "_node_order", "_numbers", "_ranks", "_terms")

    def __init__(
        self,
        instance: Instance,
        encoded: list[bytes],
        labels: dict[str, str],
        terms: list[bytes],
        order: list[int],
        ranks: list[list[int] | None],
        document: Mapping[str, Any] | None,
    ) -> None:
        self.encoded = encoded
        self.labels = labels
        self._instance = instance
        self._terms = terms
        self._node_order = order
        self._ranks = ranks
        self._document = document
        self._lines = None
        self._numbers: list[int] | None = None

    def select(self, pointers: Sequence[str]) -> list[int]:
        """See ``Relabelled``."""
        if self._document is None:
            raise TypeError("selecting needs a dataset made with provenance=True")
        chosen = self._instance.template.lines.select(pointers, self._document)
        return [index for index, number in enumerate(self._in_order()) if number in chosen]

    def canonicalize(self, indexes: Iterable[int], hash_name: str = "sha256") -> Canonical:
        """See ``Relabelled``."""
        lines, numbers = self._instance.template.lines, self._in_order()
        chosen = sorted(set(indexes))
        found = [numbers[index] for index in chosen]
        used = {lines.subjects[number] for number in found} | {lines.targets[number] for number in found}
        used.discard(-1)
        if len(used) > 1:
            return canonical(*self._chosen(chosen), hash_name)
        labels = {_name(node): "c14n0" for node in used}
        return Canonical(lambda: canonical(*self._chosen(chosen), hash_name).lines, labels)

    def _in_order(self) -> list[int]:
        """The numbers in the template of the lines, in their order."""
        if self._numbers is None:
            lines = self._instance.template.lines
            own = lines.numbers.copy()
            for (node, at, _, objects), known in zip(lines.runs, self._ranks, strict=True):
                ranks = known or _ranks(_objects(self._instance, objects, self._terms))
                numbers = lines.numbers[node]
                if own[node] is numbers:
                    own[node] = numbers.copy()
                own[node][at : at + len(ranks)] = [numbers[at] + rank for rank in ranks]
            self._numbers = [number for node in self._node_order for number in own[node]]
        return self._numbers

    def _chosen(self, indexes: list[int]) -> tuple[Quads, list[str]]:
        """The lines with these indexes as quads, and the dataset's names of their blank nodes."""
        lines, numbers, terms = self._instance.template.lines, self._in_order(), self._terms
        quads = Quads()
        nodes: dict[int, int] = {}
        for index in indexes:
            number = numbers[index]
            text = self.encoded[index].decode()
            subject, target = lines.subjects[number], lines.targets[number]
            own = None
            if subject >= 0:
                own = nodes.setdefault(subject, len(nodes))
                text = text[len(terms[subject].decode()) + 1 :]
            if target < 0:
                quads.group(own, None).texts.append(text)
                continue
            head = text[: text.rindex(" ", 0, -3) + 1]
            quads.links.append(Link(own, head, nodes.setdefault(target, len(nodes)), " .\n", None))
        quads.count = len(nodes)
        return quads, [_name(node) for node in nodes]


def _name(node: int) -> str:
    """The dataset's name of a blank node."""
    return f"b{node}"


def _several(instance: Instance, lines: tuple[tuple[bytes, int, bytes], ...]) -> list[bytes]:
    """The lines of a property with several values, as in the document."""
    tokens = instance.tokens
    found = [before + tokens[token] + behind for before, token, behind in lines]
    return list(map(restored, found)) if instance.escaped else found


def _objects(instance: Instance, objects: tuple[int, ...], terms: list[bytes]) -> list[bytes]:
    """The objects of the links of a property, as in the document."""
    return [terms[item] if item >= 0 else b"<" + instance.tokens[~item] + b">" for item in objects]


def _ranks(texts: list[bytes]) -> list[int]:
    """Which of the texts is first in order, and so on. Raises Unusual when one stands there twice."""
    if len(set(texts)) != len(texts):
        raise Unusual
    return sorted(range(len(texts)), key=texts.__getitem__)
