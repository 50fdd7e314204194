"""Canonical labels of blank nodes (RDFC-1.0 section 4), under a work budget."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from ..jsonld.faults import Fault
from ..jsonld.limits import CHAIN, RDFC_WORK
from .quads import Quads, once

__all__ = ["HASHES", "UNUSED", "canonical_labels"]

HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}

UNUSED: Final = ""
"""The label of a blank node that occurs in no quad. (A single one may get a label all the same: it is not seen.)"""

_Neighbours = list[list[tuple[str, str, int]]]


def canonical_labels(quads: Quads, hash_name: str = "sha256", budget: int = RDFC_WORK) -> list[str]:
    """The canonical labels ("_:c14n0" and so on) of the blank nodes, in their order.

    ``budget`` bounds the work on blank nodes that look alike, in steps that do not depend on the machine. Raises Fault
    (rdfc.budget).
    """
    count = quads.count
    if count < 2:
        return ["_:c14n0"] * count
    hash_text = _hash_text(hash_name)
    labels = [UNUSED] * count
    hashes = [hash_text("".join(sorted(lines))) if lines else "" for lines in _first_degree_lines(quads)]
    by_hash: dict[str, list[int]] = {}
    used = 0
    for node, digest in enumerate(hashes):
        if digest:
            used += 1
            by_hash.setdefault(digest, []).append(node)
    if len(by_hash) == used:
        for number, digest in enumerate(sorted(by_hash)):
            labels[by_hash[digest][0]] = f"_:c14n{number}"
        return labels
    try:
        issued = _NDegree(hashes, _neighbours(quads), hash_text, budget).run(by_hash)
    except RecursionError:
        raise Fault("rdfc.budget", "too long a chain of blank nodes that look alike") from None
    for node, number in issued.items():
        labels[node] = f"_:c14n{number}"
    return labels


def _hash_text(hash_name: str) -> Callable[[str], str]:
    algorithm = HASHES[hash_name]
    return lambda text: algorithm(text.encode()).hexdigest()


def _first_degree_lines(quads: Quads) -> list[list[str]]:
    """For every blank node the lines it occurs in, itself as _:a and others as _:z (section 4.6.3)."""
    result: list[list[str]] = [[] for _ in range(quads.count)]
    for group in quads.groups.values():
        subject, graph = group.subject, group.graph
        if subject is None and graph is None:
            continue
        texts = once(sorted(group.texts))
        if graph is None:
            assert subject is not None
            result[subject] += ["_:a " + text for text in texts]
        elif subject is None:
            result[graph] += [text + " _:a .\n" for text in texts]
        elif subject == graph:
            result[graph] += [f"_:a {text} _:a .\n" for text in texts]
        else:
            result[subject] += [f"_:a {text} _:z .\n" for text in texts]
            result[graph] += [f"_:z {text} _:a .\n" for text in texts]
    for link in set(quads.links) if quads.repeats else quads.links:
        subject, head, target, tail, graph = link
        if graph is None and subject is None:
            result[target].append(f"{head}_:a{tail}")
        elif graph is None and subject != target:
            assert subject is not None
            result[subject].append(f"_:a {head}_:z{tail}")
            result[target].append(f"_:z {head}_:a{tail}")
        else:
            for node in {subject, target, graph} - {None}:
                start = "" if subject is None else "_:a " if subject == node else "_:z "
                end = tail if graph is None else " _:a .\n" if graph == node else " _:z .\n"
                result[node].append(f"{start}{head}{'_:a' if target == node else '_:z'}{end}")  # type: ignore[index]
    return result


def _neighbours(quads: Quads) -> _Neighbours:
    """For every blank node its (position, <predicate>, other blank node), once per quad (sections 4.7.3, 4.8.3)."""
    result: _Neighbours = [[] for _ in range(quads.count)]
    for group in quads.groups.values():
        subject, graph = group.subject, group.graph
        if subject is not None and graph is not None and subject != graph:
            for text in set(group.texts):
                result[subject].append(("g", "", graph))
                result[graph].append(("s", text[: text.index(">") + 1], subject))
    for link in set(quads.links):
        predicate = link.head[link.head.rindex("<") :].rstrip()
        places = [("s", predicate, link.subject), ("o", predicate, link.object), ("g", "", link.graph)]
        for node in {link.subject, link.object, link.graph}:
            if node is not None:
                result[node] += [
                    (where, text, other) for where, text, other in places if other is not None and other != node
                ]
    return result


class _NDegree:
    """Hash N-Degree Quads and the issuing of labels after it (sections 4.4.3 step 5, 4.8)."""

    def __init__(
        self, hashes: list[str], neighbours: _Neighbours, hash_text: Callable[[str], str], budget: int
    ) -> None:
        self.hashes = hashes
        self.neighbours = neighbours
        self.hash_text = hash_text
        self.left = budget
        self.depth = 0
        self.canonical: dict[int, int] = {}

    def run(self, by_hash: dict[str, list[int]]) -> dict[int, int]:
        """Label every blank node: first those with a hash of their own, then the rest."""
        canonical = self.canonical
        shared: list[list[int]] = []
        for digest in sorted(by_hash):
            nodes = by_hash[digest]
            if len(nodes) == 1:
                canonical[nodes[0]] = len(canonical)
            else:
                shared.append(nodes)
        for nodes in shared:
            paths: list[tuple[str, dict[int, int]]] = []
            for node in nodes:
                if node not in canonical:
                    paths.append(self.hash_n_degree(node, {node: 0}))
            for _, issuer in sorted(paths, key=lambda path: path[0]):
                for node in issuer:
                    if node not in canonical:
                        canonical[node] = len(canonical)
        return canonical

    def spend(self, amount: int = 1) -> None:
        """Count work, and stop when the budget is used up (section 7.1: dataset poisoning)."""
        self.left -= amount
        if self.left < 0:
            raise Fault("rdfc.budget", "too many blank nodes look alike: labelling them takes too much work")

    def hash_related(self, node: int, issuer: dict[int, int], position: str, predicate: str) -> str:
        """Hash Related Blank Node (section 4.7)."""
        if node in self.canonical:
            name = f"_:c14n{self.canonical[node]}"
        elif node in issuer:
            name = f"_:b{issuer[node]}"
        else:
            name = self.hashes[node]
        return self.hash_text(f"{position}{predicate}{name}")

    def hash_n_degree(self, node: int, issuer: dict[int, int]) -> tuple[str, dict[int, int]]:
        """Hash N-Degree Quads (section 4.8.3): (hash, issuer). ``issuer`` maps nodes to temporary numbers."""
        related: dict[str, list[int]] = {}
        self.spend(1 + len(self.neighbours[node]))
        if self.depth >= CHAIN:
            raise Fault("rdfc.budget", "too long a chain of blank nodes that look alike")
        self.depth += 1
        for position, predicate, other in self.neighbours[node]:
            related.setdefault(self.hash_related(other, issuer, position, predicate), []).append(other)
        data = ""
        for digest in sorted(related):
            data += digest
            chosen_path, chosen_issuer = "", issuer
            for permutation in _permutations(sorted(related[digest])):
                found = self.path(permutation, issuer, chosen_path)
                if found is not None:
                    chosen_path, chosen_issuer = found
            data += chosen_path
            issuer = chosen_issuer
        self.depth -= 1
        return self.hash_text(data), issuer

    def path(self, permutation: list[int], issuer: dict[int, int], chosen: str) -> tuple[str, dict[int, int]] | None:
        """The path and issuer of one permutation, or None when it can't be less than the chosen path."""
        self.spend(len(permutation))
        issuer = dict(issuer)
        path = ""
        recursion: list[int] = []
        for other in permutation:
            if other in self.canonical:
                path += f"_:c14n{self.canonical[other]}"
            else:
                if other not in issuer:
                    recursion.append(other)
                    issuer[other] = len(issuer)
                path += f"_:b{issuer[other]}"
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        for other in recursion:
            digest, issuer_after = self.hash_n_degree(other, issuer)
            path += f"_:b{issuer[other]}<{digest}>"
            issuer = issuer_after
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        if chosen and not path < chosen:
            return None
        return path, issuer


def _permutations(items: list[int]) -> Iterator[list[int]]:
    """The distinct orders of a sorted list, in ascending order."""
    items = list(items)
    while True:
        yield items
        at = len(items) - 2
        while at >= 0 and items[at] >= items[at + 1]:
            at -= 1
        if at < 0:
            return
        other = len(items) - 1
        while items[other] <= items[at]:
            other -= 1
        items[at], items[other] = items[other], items[at]
        items[at + 1 :] = items[:at:-1]
