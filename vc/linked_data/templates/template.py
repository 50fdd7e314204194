"""The fast way from a whole document to canonical N-Quads: what documents have in common is worked out once.

The *form* of a document is its JSON text without what differs from card to card: structure, member names and types
stay; texts, references and numbers are taken out. A form knows its nodes, their predicates, the order of their lines
and where each value is written; later documents of the same form are cut at their quotation marks and filled in. JSON
and canonical N-Quads escape texts alike (but for what is looked for here), so that a value goes from one to the other
as it is.

Forms are for what most credentials and presentations are: a tree of nodes with texts, whole numbers, booleans,
references, language maps and graphs of one node, in which no two blank nodes look alike. All else, and all that is
wrong, goes the general way (``walk.py``): whatever is unusual here gives None, never an answer of its own. The tests
compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import orjson

from vc.json_text import BACKSLASH, QUOTE, cut, restored, structure_of

from ...hashes import hash_named
from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.context_cache import compile_context
from ..jsonld.faults import Fault
from ..jsonld.iri import is_absolute, match_absolute_utf8
from ..jsonld.term_definition import UNSET
from .lines import FormLines

__all__ = [
    "GRAPH",
    "SUBJECT",
    "Alike",
    "Filled",
    "Form",
    "FormNode",
    "Judgement",
    "Pick",
    "Reference",
    "Unusual",
    "canonical_by_form",
    "filled",
]

_STRUCTURES: Final = 1024
"""How many structures are known for one context list."""
_FIRST = 2
"""Which document of a structure gets a form; after it the one with ``_AGAIN`` times its number, and so on."""
_AGAIN = 2
_ALIKE: Final = 16
"""How many forms are kept for one structure."""
_STRUCTURE: Final = 65_536
"""How many bytes a structure may have: braces, brackets, colons, commas, and the quotation marks."""
_DIGITS: Final = 15
"""Digits of a whole number that are taken as they are."""

SUBJECT: Final = b"\2"
"""Stands for the subject in the lines of a node. JSON has no such byte: it would be escaped."""
GRAPH: Final = b"\3"
"""Likewise, for the graph that the lines are in."""

_NOTHING: Final = frozenset((b"", b"0", b"0.0E0", b"true", b"false"))
"""Texts of which it makes a difference whether they stand in an array, or whether they are texts at all."""

_NUMBER: Final = re.compile(rb"-?[0-9][0-9.eE+-]*")
_JSON: Final = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


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


class FormNode(NamedTuple):
    """One node of a form. Tokens are named by their number in the cut text.

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


class Judgement:
    """Whether documents of a form have one reading (``compaction/reading.py``), and what that leaves to each.

    ``passed`` is set when the first document did: names, arrays, types and numbers are the same in all.
    """

    __slots__ = ("alone", "apart", "passed")

    def __init__(self, apart: tuple[tuple[Pick, int], ...], alone: Pick | None) -> None:
        self.passed = False
        self.apart = apart
        """For each graph its ids, for each property with several values these, and how many: no two may be equal."""
        self.alone = alone
        """Texts that some values of which are taken for another than they are: see ``_NOTHING``."""


class Form(NamedTuple):
    """What documents of one form have in common. ``fixed`` picks the tokens that they share: ``names``."""

    structure: bytes
    fixed: Pick
    names: tuple[bytes, ...]
    references: tuple[Reference, ...]
    nodes: tuple[FormNode, ...]
    blank: tuple[int, ...]
    """The numbers of the blank nodes."""
    graphs: dict[int, tuple[int, ...]]
    """The blank nodes that name graphs, and the numbers of the nodes in each. They have no lines of their own."""
    lines: FormLines
    judgement: Judgement


class Alike:
    """The forms of one structure (or, hardly ever, of several with one hash), and when to make another one.

    Making a form takes several times as long as going the general way once. So the first document of a structure does
    that, and the more documents come of which no form is known, the fewer get one: who sends nothing but new names
    gains nothing by it.
    """

    __slots__ = ("forms", "misses", "wait")

    def __init__(self) -> None:
        self.forms: list[Form] = []
        self.misses = 0
        self.wait = _FIRST

    def is_worth_it(self) -> bool:
        """Whether a form is to be made of a document of which none is known; called for each such document."""
        self.misses += 1
        if self.misses < self.wait:
            return False
        self.wait = self.misses * _AGAIN
        return True

    def keep(self, form: Form) -> None:
        """Remember a form, and forget the others when there are too many."""
        if len(self.forms) >= _ALIKE:
            self.forms.clear()
        self.forms.append(form)


class Filled:
    """A document in its form. Raises Unusual when a reference in it is no absolute IRI."""

    __slots__ = ("context", "escaped", "form", "respelled", "tokens")

    def __init__(self, form: Form, tokens: list[bytes], escaped: bool, context: Compiled) -> None:
        self.form = form
        self.context = context
        """The one after the document's ``@context``."""
        self.tokens = tokens
        self.escaped = escaped
        """Whether quotation marks or backslashes in texts have something stand for them."""
        self.respelled = False
        """Whether a reference may not be written as compaction would."""
        for token, prefixes, expand, word in form.references:
            value = tokens[token]
            if prefixes is not None:
                match = match_absolute_utf8(value)
                if match is not None and match[1] not in prefixes:
                    continue
            iri = _expanded(value, expand)
            tokens[token] = iri.encode()
            if word is None or value == tokens[token] or word(iri).encode() != value:
                self.respelled = True

    def reads_one_way(self) -> bool:
        """Whether the document is sure to have one reading. If not, ``compaction/reading.py`` says."""
        judgement = self.form.judgement
        if self.respelled or not judgement.passed:
            return False
        tokens = self.tokens
        for pick, count in judgement.apart:
            if len({*pick(tokens)}) != count:
                return False
        return judgement.alone is None or _NOTHING.isdisjoint(judgement.alone(tokens))

    def canonical(self, hash_name: str) -> bytes:
        """The canonical N-Quads (RDFC-1.0). Raises Unusual."""
        terms, texts = self.nodes()
        self.label(terms, texts, hash_name)
        written = self.written(terms, texts)
        if len(set(terms)) == len(terms):
            written.sort()  # Each text begins with its subject, so that they are in order when the subjects are.
            whole = b"".join(written)
        else:
            whole = b"".join(sorted(set(self._lines(b"".join(written)))))  # A node in several places.
        return restored(whole) if self.escaped else whole

    def nodes(self) -> tuple[list[bytes], list[Any]]:
        """For each node its term, ``_:z`` for every blank node, and its lines: bytes, or for nodes that link to others
        the parts of them.
        """
        tokens, a_set = self.tokens, self._set
        terms: list[bytes] = []
        texts: list[Any] = []
        for subject, template, picks, sets, links, _, _, _, _, _ in self.form.nodes:
            parts = template.copy()
            parts[1::2] = picks(tokens)
            for place, lines in sets:
                parts[place] = a_set(lines)
            texts.append(parts if links else b"".join(parts))
            terms.append(b"_:z" if subject is None else b"<" + tokens[subject] + b">")
        return terms, texts

    def written(self, terms: list[bytes], texts: list[Any]) -> list[bytes]:
        """The lines of each node under these terms. Escaped characters still have something stand for them."""
        nodes = self.form.nodes
        result = []
        for number, term in enumerate(terms):
            text = texts[number]
            if text.__class__ is not bytes:
                text = self._linked(number, text, terms)
            text = text.replace(SUBJECT, term + b" ")
            graph = nodes[number].graph
            result.append(text if graph < 0 else text.replace(GRAPH, terms[graph]))
        return result

    def label(self, terms: list[bytes], texts: list[Any], hash_name: str) -> None:
        """Give the blank nodes their canonical labels (RDFC-1.0 section 4.4.3, without step 5). Raises Unusual."""
        nodes, graphs, blank = self.form.nodes, self.form.graphs, self.form.blank
        if len(blank) < 2:
            for number in blank:
                terms[number] = b"_:c14n0"
            return
        hash_of = hash_named(hash_name)
        by_hash: dict[bytes, int] = {}
        for number in blank:
            node = nodes[number]
            text = texts[number]
            if text.__class__ is not bytes:
                text = self._linked(number, text, terms)
            text = text.replace(SUBJECT, b"_:a ")
            if node.graph >= 0:
                text = text.replace(GRAPH, b"_:z")
            # The one line from above: in code point order "<" is before "_:a", and that before "_:z".
            if node.parent >= 0:
                above = terms[node.parent]
                text = text + node.from_blank if above == b"_:z" else above + node.from_named + text
            if number in graphs:
                text = b"".join(sorted(self._lines(text + self._in_graph(graphs[number], terms, texts))))
            by_hash[hash_of(restored(text) if self.escaped else text).digest()] = number
        if len(by_hash) != len(blank):
            raise Unusual
        for position, digest in enumerate(sorted(by_hash)):
            terms[by_hash[digest]] = b"_:c14n%d" % position

    def _in_graph(self, members: tuple[int, ...], terms: list[bytes], texts: list[Any]) -> bytes:
        """The lines of the nodes in a graph, the graph being ``_:a``. Raises Unusual when two have one name."""
        found = []
        names = [terms[number] for number in members if self.form.nodes[number].subject is not None]
        if len(set(names)) != len(names):  # What they both say is one quad; what looks the same of blank nodes is two.
            raise Unusual
        for number in members:
            text = texts[number]
            if text.__class__ is not bytes:
                text = self._linked(number, text, terms)
            found.append(text.replace(SUBJECT, terms[number] + b" ").replace(GRAPH, b"_:a"))
        return b"".join(found)

    def _linked(self, number: int, parts: list[bytes], terms: list[bytes]) -> bytes:
        """The lines of a node that links to others, under the terms as they are, in order."""
        node = self.form.nodes[number]
        end = node.end
        for place, before, objects in node.links:
            if len(objects) == 1 and objects[0] >= 0:
                parts[place] = before + terms[objects[0]] + end
                continue
            # Two links to one name are one quad; two to blank nodes are two, also while these look the same.
            found = [terms[item] for item in objects if item >= 0 and self.form.nodes[item].subject is None]
            found += {
                terms[item] if item >= 0 else b"<" + self.tokens[~item] + b">"
                for item in objects
                if item < 0 or self.form.nodes[item].subject is not None
            }
            parts[place] = b"".join(sorted([before + term + end for term in found]))
        return b"".join(parts)

    def _lines(self, text: bytes) -> list[bytes]:
        """The lines of a text. (None has a carriage return: that would be escaped.)"""
        return (restored(text) if self.escaped else text).splitlines(keepends=True)

    def _set(self, lines: tuple[tuple[bytes, int, bytes], ...]) -> bytes:
        """The lines of a property with several values, in order, once each."""
        tokens = self.tokens
        found = {before + tokens[token] + behind for before, token, behind in lines}
        # What stands for an escaped character does not sort as that character would.
        return b"".join(sorted(map(restored, found) if self.escaped else found))


def _expanded(value: bytes, expand: Callable[[str], str | None]) -> str:
    """The absolute IRI that a value stands for. Raises Unusual."""
    if b"\\" in value or BACKSLASH in value or QUOTE in value:
        raise Unusual
    iri = expand(value.decode())
    if iri is None or not is_absolute(iri):
        raise Unusual
    return iri


def filled(document: dict[str, Any], loader: Loader) -> Filled | None:
    """A document in its form; None when the general way has to be taken."""
    try:
        return _filled(document, loader)
    except (Unusual, Fault, LookupError, TypeError, ValueError, RecursionError):
        return None


def _filled(document: dict[str, Any], loader: Loader) -> Filled | None:
    text = orjson.dumps(document, option=_JSON)
    # What JSON and N-Quads escape differently, besides what ``cut`` refuses: see ``literal.is_quoted_well``.
    if b"\x7f" in text or (b"\xef" in text and b"\xef\xbf" in text):
        return None
    tokens = cut(text)
    if tokens is None:
        return None
    escaped = b"\\" in text
    strings = len(tokens) // 2
    # The pieces between the strings. No piece has a quotation mark, so that they can be told apart when joined by one.
    structure = structure_of(tokens)
    if len(structure) > _STRUCTURE:
        return None
    if structure.translate(None, b"0123456789") != structure:
        numbers = _NUMBER.findall(structure)
        for number in numbers:
            if len(number) > _DIGITS or not (number.isdigit() or number[1:].isdigit()):
                return None  # A double is written otherwise in N-Quads.
        structure = _NUMBER.sub(b"0", structure)
        tokens += numbers
    context = compile_context(document.get("@context", UNSET), loader)
    key = hash(structure)
    alike = context.forms.get(key)
    if alike is None:
        if len(context.forms) >= _STRUCTURES:
            context.forms.clear()
        alike = context.forms[key] = Alike()
    for form in alike.forms:
        if form.structure == structure and form.fixed(tokens) == form.names:
            return Filled(form, tokens, escaped, context) if form.nodes else None
    if not alike.is_worth_it():
        return None
    form = _made(text, structure, strings, tokens, context, loader)
    if context.family.grow(1 + len(tokens)):
        alike.keep(form)
    return Filled(form, tokens, escaped, context) if form.nodes else None


def _made(text: bytes, structure: bytes, strings: int, tokens: list[bytes], context: Compiled, loader: Loader) -> Form:
    """The form of a document that was not met before; without nodes for one that has to go the general way."""
    from .compiler import make_form

    return make_form(orjson.loads(text), structure, strings, tokens, context, loader)


def canonical_by_form(document: dict[str, Any], hash_name: str, loader: Loader) -> bytes | None:
    """The canonical N-Quads (RDFC-1.0) of a document as UTF-8, or None when the general way has to be taken."""
    found = filled(document, loader)
    if found is None:
        return None
    try:
        return found.canonical(hash_name)
    except Unusual:
        return None
