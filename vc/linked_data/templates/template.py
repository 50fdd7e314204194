"""Templates of documents, for the quick way: what documents have in common is worked out once (``compiler.py``).

The *template* of a document is its JSON text without what differs from card to card: structure, member names and types
stay; texts, references and numbers are taken out. A template knows its nodes, their predicates, the order of their
lines and where each value is written; later documents are *instances* of it (``instance.py``).

Templates are for what most credentials and presentations are: a tree of nodes with texts, whole numbers, booleans,
references, language maps and graphs of one node, in which no two blank nodes look alike. All else, and all that is
wrong, goes the general way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from .lines import TemplateLines

__all__ = [
    "GRAPH",
    "SUBJECT",
    "OneReading",
    "Pick",
    "Reference",
    "Template",
    "TemplateNode",
    "Templates",
    "Unusual",
]

_FIRST = 2
"""Which document of a structure gets a template; after it the one with ``_AGAIN`` times its number, and so on."""
_AGAIN = 2
_TEMPLATES: Final = 16
"""How many templates are kept for one structure."""

SUBJECT: Final = b"\2"
"""Stands for the subject in the lines of a node. JSON has no such byte: it would be escaped."""
GRAPH: Final = b"\3"
"""Likewise, for the graph that the lines are in."""


class Unusual(Exception):
    """The general way has to be taken."""


Pick = Callable[[list[bytes]], tuple[bytes, ...]]


class Reference(NamedTuple):
    """A value that has to become an absolute IRI.

    ``prefixes``: schemes that are prefixes here, so that a value with one is no absolute IRI; None when every value may
    be a term. ``expand`` makes an IRI of what is none.
    """

    token: int
    prefixes: frozenset[bytes] | None
    expand: Callable[[str], str | None]
    word: Callable[[str], str] | None
    """For a value that may be a term: the one word that stands for an IRI."""


class TemplateNode(NamedTuple):
    """One node of a template. Tokens are named by their number in the cut text.

    ``parts``: the text of the node's lines, with empty places at odd numbers; ``picks`` gives what is written there, in
    order. ``sets``: place, and the lines of a property with several values: what stands before the token, the token,
    what stands behind. ``links``: place, what stands before the object, and objects: numbers of nodes, or (below zero)
    inverted tokens of references.
    """

    subject: int | None
    """The token of its ``@id``; None for a blank node."""
    parts: list[bytes]
    picks: Pick
    sets: tuple[tuple[int, tuple[tuple[bytes, int, bytes], ...]], ...]
    links: tuple[tuple[int, bytes, tuple[int, ...]], ...]
    parent: int
    """The number of the node that links here; -1 for a node at the top of the document, or of a graph."""
    from_named: bytes
    """The line of that link after its subject when that has a name, this node being ``_:a``."""
    from_blank: bytes
    """The whole line of that link when its subject is a blank node."""
    graph: int
    """The number of the graph that its lines are in; -1 for the default graph."""
    end: bytes
    """What stands behind the object of its links."""


class OneReading:
    """Whether documents of a template have one reading (``compaction/reading.py``), and what that leaves to each.

    ``passed`` is set when the first document did: names, arrays, types and numbers are the same in all.
    """

    __slots__ = ("alone", "apart", "passed")

    def __init__(self, apart: tuple[tuple[Pick, int], ...], alone: Pick | None) -> None:
        self.passed = False
        self.apart = apart
        """For each graph its ids, for each property with several values these, and how many: no two may be equal."""
        self.alone = alone
        """Texts that some values of which are taken for another than they are: see ``instance.py``."""


class Template(NamedTuple):
    """What documents of one template have in common. ``fixed`` picks the tokens that they share: ``names``."""

    structure: bytes
    fixed: Pick
    names: tuple[bytes, ...]
    references: tuple[Reference, ...]
    nodes: tuple[TemplateNode, ...]
    blank: tuple[int, ...]
    """The numbers of the blank nodes."""
    graphs: dict[int, tuple[int, ...]]
    """The blank nodes that name graphs, and the numbers of the nodes in each. They have no lines of their own."""
    lines: TemplateLines
    reading: OneReading


class Templates:
    """The templates of one structure (or, hardly ever, of several with one hash), and when to make another one.

    Making a template takes several times as long as going the general way once. So the first document of a structure
    does that, and the more documents come of which no template is known, the fewer get one: who sends nothing but new
    names gains nothing by it.
    """

    __slots__ = ("known", "misses", "wait")

    def __init__(self) -> None:
        self.known: list[Template] = []
        self.misses = 0
        self.wait = _FIRST

    def is_worth_it(self) -> bool:
        """Whether a template is to be made of a document of which none is known; called for each such document."""
        self.misses += 1
        if self.misses < self.wait:
            return False
        self.wait = self.misses * _AGAIN
        return True

    def keep(self, template: Template) -> None:
        """Remember a template, and forget the others when there are too many."""
        if len(self.known) >= _TEMPLATES:
            self.known.clear()
        self.known.append(template)
