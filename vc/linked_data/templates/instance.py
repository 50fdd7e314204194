"""The quick way from a whole document to canonical N-Quads: a document as an instance of a template.

Its text is cut at the quotation marks, and its values are written where the template has a place for them. JSON and
canonical N-Quads escape texts alike (but for what is looked for here), so that a value goes from one to the other as it
is. Whatever is unusual here gives None, never an answer of its own; the general way (``walk.py``) answers then. The
tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from vc.json_text import BACKSLASH, QUOTE, cut, restored, structure_of

from ...hashes import hash_named
from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.context_cache import compile_context
from ..jsonld.faults import Fault
from ..jsonld.iri import is_absolute, match_absolute_utf8
from ..jsonld.term_definition import UNSET
from .compiler import make_template
from .template import GRAPH, SUBJECT, Template, Templates, Unusual

__all__ = ["Instance", "canonical_by_template", "instance_of"]

_STRUCTURES: Final = 1024
"""How many structures are known for one context list."""
_STRUCTURE: Final = 65_536
"""How many bytes a structure may have: braces, brackets, colons, commas, and the quotation marks."""
_DIGITS: Final = 15
"""Digits of a whole number that are taken as they are."""

_NOTHING: Final = frozenset((b"", b"0", b"0.0E0", b"true", b"false"))
"""Texts of which it makes a difference whether they stand in an array, or whether they are texts at all."""

_NUMBER: Final = re.compile(rb"-?[0-9][0-9.eE+-]*")
_JSON: Final = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


class Instance:
    """A document as an instance of its template. Raises Unusual when a reference in it is no absolute IRI."""

    __slots__ = ("context", "escaped", "respelled", "template", "tokens")

    def __init__(self, template: Template, tokens: list[bytes], escaped: bool, context: Compiled) -> None:
        self.template = template
        self.context = context
        """The one after the document's ``@context``."""
        self.tokens = tokens
        self.escaped = escaped
        """Whether quotation marks or backslashes in texts have something stand for them."""
        self.respelled = False
        """Whether a reference may not be written as compaction would."""
        for token, prefixes, expand, word in template.references:
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
        reading = self.template.reading
        if self.respelled or not reading.passed:
            return False
        tokens = self.tokens
        for pick, count in reading.apart:
            if len({*pick(tokens)}) != count:
                return False
        return reading.alone is None or _NOTHING.isdisjoint(reading.alone(tokens))

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
        for subject, fixed, picks, sets, links, _, _, _, _, _ in self.template.nodes:
            parts = fixed.copy()
            parts[1::2] = picks(tokens)
            for place, lines in sets:
                parts[place] = a_set(lines)
            texts.append(parts if links else b"".join(parts))
            terms.append(b"_:z" if subject is None else b"<" + tokens[subject] + b">")
        return terms, texts

    def written(self, terms: list[bytes], texts: list[Any]) -> list[bytes]:
        """The lines of each node under these terms. Escaped characters still have something stand for them."""
        nodes = self.template.nodes
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
        nodes, graphs, blank = self.template.nodes, self.template.graphs, self.template.blank
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
        names = [terms[number] for number in members if self.template.nodes[number].subject is not None]
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
        node = self.template.nodes[number]
        end = node.end
        for place, before, objects in node.links:
            if len(objects) == 1 and objects[0] >= 0:
                parts[place] = before + terms[objects[0]] + end
                continue
            # Two links to one name are one quad; two to blank nodes are two, also while these look the same.
            found = [terms[item] for item in objects if item >= 0 and self.template.nodes[item].subject is None]
            found += {
                terms[item] if item >= 0 else b"<" + self.tokens[~item] + b">"
                for item in objects
                if item < 0 or self.template.nodes[item].subject is not None
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


def instance_of(document: dict[str, Any], loader: Loader) -> Instance | None:
    """A document as an instance of its template; None when the general way has to be taken."""
    try:
        return _instance_of(document, loader)
    except (Unusual, Fault, LookupError, TypeError, ValueError, RecursionError):
        return None


def _instance_of(document: dict[str, Any], loader: Loader) -> Instance | None:
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
    templates = context.document_templates.get(key)
    if templates is None:
        if len(context.document_templates) >= _STRUCTURES:
            context.document_templates.clear()
        templates = context.document_templates[key] = Templates()
    for template in templates.known:
        if template.structure == structure and template.fixed(tokens) == template.names:
            return Instance(template, tokens, escaped, context) if template.nodes else None
    if not templates.is_worth_it():
        return None
    template = make_template(orjson.loads(text), structure, strings, tokens, context, loader)
    if context.family.grow(1 + len(tokens)):
        templates.keep(template)
    return Instance(template, tokens, escaped, context) if template.nodes else None


def canonical_by_template(document: dict[str, Any], hash_name: str, loader: Loader) -> bytes | None:
    """The canonical N-Quads (RDFC-1.0) of a document as UTF-8, or None when the general way has to be taken."""
    found = instance_of(document, loader)
    if found is None:
        return None
    try:
        return found.canonical(hash_name)
    except Unusual:
        return None
