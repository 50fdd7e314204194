"""Quads as text, grouped so that labels of blank nodes can be put in late and cheaply."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from operator import eq
from typing import NamedTuple

__all__ = ["Group", "Link", "Quads", "once"]


class Link(NamedTuple):
    """A quad whose object is a blank node.

    ``head`` is the predicate, preceded by the subject unless ``subject`` is a blank node; ``tail`` the end of the line,
    with the graph unless ``graph`` is a blank node.
    """

    subject: int | None
    head: str
    object: int
    tail: str
    graph: int | None

    def line(self, labels: list[str]) -> str:
        """The quad with these labels."""
        graph = self.tail if self.graph is None else f" {labels[self.graph]} .\n"
        subject = "" if self.subject is None else labels[self.subject] + " "
        return f"{subject}{self.head}{labels[self.object]}{graph}"


class Group:
    """Quads without a blank node as object which share the blank node in the subject and in the graph position.

    A text lacks what is a blank node: the subject, and with a graph the end of the line. ``origins`` are the JSON
    pointers of the texts, one each, where they are kept.
    """

    __slots__ = ("graph", "origins", "subject", "texts")

    def __init__(self, subject: int | None, graph: int | None, origins: bool) -> None:
        self.subject = subject
        self.graph = graph
        self.texts: list[str] = []
        self.origins: list[str] | None = [] if origins else None

    def lines(self, labels: list[str]) -> list[str]:
        """The quads with these labels."""
        if self.graph is None:
            if self.subject is None:
                return self.texts
            subject = labels[self.subject] + " "
            return [subject + text for text in self.texts]
        subject = "" if self.subject is None else labels[self.subject] + " "
        graph = f" {labels[self.graph]} .\n"
        return [subject + text + graph for text in self.texts]


class Quads:
    """Groups and links over blank nodes 0 to ``count`` - 1."""

    __slots__ = ("count", "groups", "link_origins", "links", "names", "repeats")

    def __init__(self, origins: bool = False) -> None:
        self.count = 0
        self.repeats = False
        """Whether the same link may stand here twice. (Texts may always.)"""
        self.names: list[str] = []
        """The labels that the blank nodes had in N-Quads that were read; otherwise empty."""
        self.groups: dict[tuple[int | None, int | None], Group] = {(None, None): Group(None, None, origins)}
        self.links: list[Link] = []
        self.link_origins: list[str] | None = [] if origins else None

    def group(self, subject: int | None, graph: int | None) -> Group:
        """The group with this subject and graph, made when there is none."""
        group = self.groups.get((subject, graph))
        if group is None:
            group = self.groups[subject, graph] = Group(subject, graph, self.link_origins is not None)
        return group

    def lines(self, labels: list[str]) -> list[str]:
        """All quads with these labels ("_:" included), neither sorted nor rid of duplicates."""
        result: list[str] = []
        for group in self.groups.values():
            result += group.lines(labels)
        if self.links:
            result += [link.line(labels) for link in self.links]
        return result

    def size(self) -> int:
        """How many quads there are, duplicates included."""
        return len(self.links) + sum(len(group.texts) for group in self.groups.values())

    def sorted_lines(self, labels: list[str]) -> list[str]:
        """All quads with these labels in code point order, once each."""
        return once(sorted(self.lines(labels)))

    def used(self) -> set[int]:
        """The blank nodes that occur in a quad."""
        nodes: set[int | None] = set()
        for group in self.groups.values():
            if group.texts:
                nodes.update((group.subject, group.graph))
        for link in self.links:
            nodes.update((link.subject, link.object, link.graph))
        return {node for node in nodes if node is not None}

    def origins(self) -> list[str]:
        """The JSON pointers of the quads, in the order of ``lines``."""
        result: list[str] = []
        for group in self.groups.values():
            result += group.origins or ()
        return result + (self.link_origins or [])

    def subset(self, numbers: Iterable[int]) -> tuple[Quads, list[int]]:
        """Only the quads with these numbers in the order of ``lines``, and which blank nodes theirs are of these."""
        chosen = sorted(numbers)
        result = Quads()
        result.repeats = True
        nodes: dict[int, int] = {}

        def node(number: int | None) -> int | None:
            return None if number is None else nodes.setdefault(number, len(nodes))

        start = at = 0
        for group in self.groups.values():
            end = start + len(group.texts)
            if at < len(chosen) and chosen[at] < end:
                texts = result.group(node(group.subject), node(group.graph)).texts
                while at < len(chosen) and chosen[at] < end:
                    texts.append(group.texts[chosen[at] - start])
                    at += 1
            start = end
        for number in chosen[at:]:
            subject, head, target, tail, graph = self.links[number - start]
            result.links.append(Link(node(subject), head, nodes.setdefault(target, len(nodes)), tail, node(graph)))
        result.count = len(nodes)
        return result, list(nodes)


def once(lines: list[str]) -> list[str]:
    """A sorted list without its duplicates. (Comparing neighbours is cheaper than hashing everything for a set.)"""
    if any(map(eq, lines, islice(lines, 1, None))):
        return sorted(set(lines))
    return lines
