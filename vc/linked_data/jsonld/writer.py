"""Where a walk writes: the quads so far, and what did not become part of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vc.problems import Problem

from ..rdf.literal import is_rounded, native
from ..rdf.quads import Group, Link, Quads
from .active_context import Loader
from .compiled import Compiled
from .faults import Fault
from .iri import is_absolute
from .limits import NODES

__all__ = ["Node", "Writer"]

_PROBLEMS = 100


class Node:
    """A node being written: where its quads go, and what they begin and end with.

    ``subject``: the blank node's number, ``<iri>``, or None: a node that RDF can't name, whose own quads are dropped.
    """

    __slots__ = ("graph", "group", "key", "prefix", "subject", "tail")

    def __init__(self, subject: int | str | None, graph: int | str | None, group: Group, tail: str) -> None:
        self.subject = subject
        self.graph = graph
        self.group = group
        self.prefix = subject + " " if subject.__class__ is str else ""
        self.tail = tail
        self.key: str | None = None
        """The property under which the node stands (the active property of the JSON-LD algorithms)."""


class Writer:
    """The state of one walk. ``quote`` writes literals; with ``origins`` every quad's JSON pointer is kept."""

    __slots__ = ("_blank", "_indexes", "atoms", "budget", "loader", "origins", "problems", "quads", "quote", "unsigned")

    def __init__(self, loader: Loader, quote: Callable[[str], bytes], origins: bool) -> None:
        self.loader = loader
        self.quote = quote
        self.origins = origins
        self.quads = Quads(origins)
        self.problems: list[Problem] = []
        self.unsigned: list[str] = []
        """Pointers of what RDF does not carry: @index, digits of doubles beyond the sixteenth."""
        self.atoms: list[str] = []
        """Pointers of values that can't be disclosed in part: lists, JSON literals, value objects."""
        self.budget = NODES
        self._blank: dict[str, int] = {}
        self._indexes: dict[int | str, str] = {}

    def lose(self, code: str, detail: str, pointer: str) -> None:
        """Note something that would not become part of the dataset."""
        if len(self.problems) < _PROBLEMS:
            self.problems.append(Problem(code, detail, pointer))

    def literal(self, text: str) -> str:
        """A text between quotes."""
        return self.quote(text).decode()

    def number(self, value: Any, datatype: str | None, tail: str, path: str) -> str:
        """The literal for a JSON number or boolean. Raises Fault."""
        try:
            literal = native(value, datatype, tail)
        except Fault as fault:
            raise fault.at(path) from None
        if is_rounded(value):
            self.not_written(path)
        return literal

    def not_written(self, pointer: str) -> None:
        """Note a part that JSON-LD keeps and RDF does not carry."""
        self.unsigned.append(pointer)

    def index(self, subject: int | str | None, index: str, path: str) -> None:
        """Note an index, which RDF does not carry. Raises Fault when the same node has two."""
        self.not_written(path)
        if subject is not None and self._indexes.setdefault(subject, index) != index:
            raise Fault("jsonld.invalid", "conflicting indexes: the same node has two", path)

    def blank(self) -> int:
        """A new blank node. Raises Fault (jsonld.limit) when there are too many."""
        self.budget -= 1
        if self.budget < 0:
            raise Fault("jsonld.limit", f"more than {NODES:,} nodes")
        quads = self.quads
        number = quads.count
        quads.count = number + 1
        return number

    def named_blank(self, identifier: str) -> int:
        """The blank node with this identifier ("_:..." in the document)."""
        number = self._blank.get(identifier)
        if number is None:
            number = self._blank[identifier] = self.blank()
        self.quads.repeats = True
        return number

    def reference(self, context: Compiled, value: Any, path: str) -> int | str | None:
        """The subject or object for an ``@id`` value; None (and a problem) when it is no absolute IRI."""
        if value.__class__ is not str:
            raise Fault("jsonld.invalid", "invalid @id value: it has to be a string", path)
        return self.resource(context.expand_reference(value), value, path)

    def resource(self, iri: str | None, value: str, path: str) -> int | str | None:
        """The term for an expanded IRI; None (and a problem) when it is none."""
        if iri is not None:
            if is_absolute(iri):
                return f"<{iri}>"
            if iri.startswith("_:"):
                return self.named_blank(iri)
        self.lose("jsonld.relative_iri", f"{value[:100]!r} is not an absolute IRI", path)
        return None

    def write(self, node: Node, predicate: str, term: int | str, origin: str) -> None:
        """Write one quad of a node. ``predicate`` ends in a space, ``term`` is text or a blank node."""
        group = node.group
        if isinstance(term, str):
            group.texts.append(f"{node.prefix}{predicate}{term}{node.tail}")
            if group.origins is not None:
                group.origins.append(origin)
        elif node.subject is not None:
            quads = self.quads
            quads.links.append(Link(group.subject, node.prefix + predicate, term, node.tail, group.graph))
            if quads.link_origins is not None:
                quads.link_origins.append(origin)

    def node_for(self, subject: int | str | None, graph: int | str | None) -> Node:
        """Where the quads of a subject in a graph are written."""
        if graph is None:
            blank_graph, tail = None, " .\n"
        elif graph.__class__ is str:
            blank_graph, tail = None, f" {graph} .\n"
        else:
            blank_graph, tail = graph, ""
        if subject is None:
            return Node(None, graph, Group(None, blank_graph, self.origins), tail)  # type: ignore[arg-type]
        key = (None if subject.__class__ is str else subject, blank_graph)
        group = self.quads.groups.get(key)  # type: ignore[arg-type]
        if group is None:
            group = self.quads.groups[key] = Group(*key, self.origins)  # type: ignore[index, arg-type]
        return Node(subject, graph, group, tail)
