"""Making the template of a document (``template.py``), for the quick way.

What is decided here depends on structure, names and types alone.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ..compaction.names import word
from ..compaction.written_values import BOOLEANS, NUMBERS
from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.faults import Fault
from ..jsonld.plan import ID, LITERAL, OTHER, RDF_TYPE, SKIP, XSD, Plan, directed_tail, language_tail
from .lines import NodeLines, Run, TemplateLines
from .template import GRAPH, SUBJECT, OneReading, Pick, Reference, Template, TemplateNode, Unusual

__all__ = ["make_template"]

_DEPTH: Final = 16
_END: Final = b" .\n"
_GRAPH_END: Final = b" " + GRAPH + _END
_GRAPHS: Final = (frozenset({"@graph"}), frozenset({"@graph", "@set"}))
_TYPES: Final = ("type", "@type")


class _Line(NamedTuple):
    """One line: what stands before a token, the token (None where the line is whole), what stands behind."""

    before: bytes
    token: int | None
    behind: bytes
    origin: str
    """The JSON pointer of the value."""


class _Link(NamedTuple):
    """One line whose object is a node: its number, or the inverted token of a reference."""

    node: int
    origin: str


_Slot = list[_Line] | list[_Link]
"""The lines of one predicate."""


def make_template(
    document: dict[str, Any], structure: bytes, strings: int, tokens: list[bytes], context: Compiled, loader: Loader
) -> Template:
    """The template of a document as it was parsed from JSON; one without nodes when the general way has to be taken.

    ``structure`` is that of its text, ``tokens`` the text cut at the quotation marks of ``strings`` strings, with its
    numbers behind that. ``context`` is the one after the document's ``@context``.
    """
    places = _Places(2 * strings + 1)
    maker = _Maker(places.of(document), loader)
    try:
        maker.node(document, context, maker.places, "", -1, b"", -1)
    except (Unusual, Fault):
        maker.nodes.clear()
        maker.lines.clear()
        maker.graphs.clear()
    fixed = _picking(places.fixed)
    nodes = tuple(maker.nodes.values())
    blank = tuple(number for number, node in enumerate(nodes) if node.subject is None)
    graphs = {
        graph: tuple(number for number, node in enumerate(nodes) if node.graph == graph) for graph in maker.graphs
    }
    lines = TemplateLines(list(maker.lines.values()), blank, context.family)
    reading = OneReading(
        tuple((_picking(those), len(those)) for those in (*maker.ids.values(), *maker.sets) if len(those) > 1),
        _picking(maker.alone) if maker.alone else None,
    )
    return Template(structure, fixed, fixed(tokens), tuple(maker.references), nodes, blank, graphs, lines, reading)


def _picking(tokens: list[int]) -> Pick:
    """A function that picks these tokens."""
    if len(tokens) > 1:
        return itemgetter(*tokens)
    if not tokens:
        return lambda _: ()
    only = tokens[0]
    return lambda found: (found[only],)


class _Places:
    """Where the strings and numbers of a document are in its cut text, and which of them its template is known by."""

    def __init__(self, first_number: int) -> None:
        self.string = 1
        self.number = first_number
        self.fixed: list[int] = []

    def of(self, value: Any, is_fixed: bool = False, inner: bool = False) -> Any:
        """The token of a text or number, a dict or list of such, or None for other values.

        Texts that decide what others mean are ``is_fixed``: types, and all that is in a context but for the one at the
        top, which the template is kept with.
        """
        kind = value.__class__
        if kind is str:
            self.string += 2
            if is_fixed:
                self.fixed.append(self.string - 2)
            return self.string - 2
        if kind is dict:
            found = {}
            for name, item in value.items():
                self.fixed.append(self.string)
                self.string += 2
                found[name] = self.of(item, is_fixed or name in _TYPES or (inner and name == "@context"), True)
            return found
        if kind is list:
            return [self.of(item, is_fixed, True) for item in value]
        if kind is int:
            self.number += 1
            return self.number - 1
        return None


class _Maker:
    """The nodes and references of one document."""

    def __init__(self, places: Any, loader: Loader) -> None:
        self.places = places
        self.loader = loader
        self.references: list[Reference] = []
        self.nodes: dict[int, TemplateNode] = {}
        self.lines: dict[int, NodeLines] = {}
        self.graphs: list[int] = []
        # For the judgement whether a document has one reading: tokens of ids by graph, of several values of a property,
        # of texts for which an array makes a difference, or that stand where numbers are usual.
        self.ids: dict[int, list[int]] = {}
        self.sets: list[list[int]] = []
        self.alone: list[int] = []

    def node(
        self,
        value: dict[str, Any],
        context: Compiled,
        places: dict[str, Any],
        path: str,
        parent: int,
        predicate: bytes,
        graph: int,
    ) -> int:
        """Note a node object and those below it. Its number; or, inverted, the token of a mere reference.

        ``path`` is its JSON pointer; ``parent`` is the node that links to it with ``predicate``, in the same ``graph``
        (-1 for none). Raises Unusual or Fault.
        """
        if not value or path.count("/") > _DEPTH:
            raise Unusual
        if path and "@context" in value:
            context = context.add(value["@context"], self.loader)
        before = context
        if any(name in value for name in context.type_keys if name != "type"):
            raise Unusual
        slots: dict[str, _Slot] = {}
        number = len(self.nodes)
        if "type" in value:
            context = self._types(value["type"], context, path + "/type", slots)
        identifiers = [name for name in context.id_keys if name in value]
        others = context.special_keys | context.nest_keys | context.graph_keys | before.special_keys | before.graph_keys
        if len(identifiers) > 1 or not others.isdisjoint(value):
            raise Unusual
        subject = None
        if identifiers:
            subject = self._reference(value[identifiers[0]], places[identifiers[0]], context)
            self.ids.setdefault(graph, []).append(subject)
        # Its number is taken before those of the nodes below it.
        self.nodes[number], self.lines[number] = _assembled({}, number, subject, parent, predicate, graph, graph)
        for name, item in value.items():
            kind, written, _, plan = context.plans[name]
            if kind == SKIP:
                continue
            if kind > OTHER or written in slots:
                raise Unusual
            if kind == OTHER:
                slots[written] = self._graphs(plan, item, places[name], path + plan.suffix, number, graph)
            else:
                slots[written] = self._values(plan, item, places[name], path + plan.suffix, number, graph)
        if subject is not None and not slots:
            if parent < 0 or number != len(self.nodes) - 1:
                raise Unusual
            del self.nodes[number], self.lines[number]
            return ~subject
        self.nodes[number], self.lines[number] = _assembled(slots, number, subject, parent, predicate, graph, graph)
        return number

    def _graphs(self, plan: Plan, item: Any, place: Any, path: str, parent: int, graph: int) -> _Slot:
        """A property each of whose values stands in a graph of its own (5.1.2 step 13.12)."""
        definition = plan.definition
        if definition.container not in _GRAPHS or plan.reverse or definition.type == "@json":
            raise Unusual
        many = item.__class__ is list
        found = []
        for at, (value, where) in enumerate(zip(item, place, strict=True) if many else [(item, place)]):
            if value.__class__ is not dict:
                raise Unusual
            inside = f"{path}/{at}" if many else path
            name = len(self.nodes)
            predicate = plan.predicate.encode()
            self.nodes[name], self.lines[name] = _assembled({}, name, None, parent, predicate, -1, graph)
            self.graphs.append(name)
            node = self.node(value, plan.inside(value, self.loader), where, inside, -1, b"", name)
            if node < 0 or not self.lines[node].origins:  # Nothing is said of it: it is not in the graph.
                raise Unusual
            found.append(_Link(name, inside))
        return found

    def _types(self, types: Any, context: Compiled, path: str, slots: dict[str, _Slot]) -> Compiled:
        if "type" not in context.type_keys or types.__class__ not in (str, list):
            raise Unusual
        typed = context.types(types, self.loader)
        if not typed.plain or len(set(typed.plain)) != len(typed.plain):
            raise Unusual
        many = types.__class__ is list
        found = sorted((line, f"{path}/{place}" if many else path) for place, line in enumerate(typed.plain))
        slots[RDF_TYPE] = [_Line(SUBJECT + line.encode() + _END, None, b"", origin) for line, origin in found]
        return typed.context

    def _reference(self, value: Any, token: int, context: Compiled) -> int:
        if value.__class__ is not str:
            raise Unusual
        prefixes = frozenset(prefix.encode() for prefix in context.prefixes)
        self.references.append(Reference(token, prefixes, context.expand_reference, None))
        return token

    def _values(self, plan: Plan, item: Any, place: Any, path: str, subject: int, graph: int) -> _Slot:
        """The lines of a property, or the nodes it leads to."""
        kind = item.__class__
        predicate = plan.predicate.encode()
        if kind is dict and plan.is_map:
            return [self._in_language(plan, predicate, key, item[key], place[key], path) for key in item]
        if kind is dict:
            return [_Link(self._below(plan, item, place, path, subject, graph), path)]
        if kind is not list:
            if kind is str and "@set" in plan.definition.container:
                self.alone.append(place)
            return [self._line(plan, predicate, item, place, path)]
        if item and all(entry.__class__ is dict for entry in item):
            return [
                _Link(self._below(plan, entry, where, f"{path}/{at}", subject, graph), f"{path}/{at}")
                for at, (entry, where) in enumerate(zip(item, place, strict=True))
            ]
        if not all(entry.__class__ is str for entry in item):
            raise Unusual
        if len(place) > 1:
            self.sets.append(place)
        elif "@set" not in plan.definition.container:
            self.alone += place
        return [
            self._line(plan, predicate, entry, where, f"{path}/{at}")
            for at, (entry, where) in enumerate(zip(item, place, strict=True))
        ]

    def _below(
        self, plan: Plan, value: dict[str, Any], places: dict[str, Any], path: str, subject: int, graph: int
    ) -> int:
        inside = plan.inside(value, self.loader)
        return self.node(value, inside, places, path, subject, plan.predicate.encode(), graph)

    def _line(self, plan: Plan, predicate: bytes, item: Any, place: Any, path: str) -> _Line:
        kind = item.__class__
        if plan.has_scope:
            scoped = plan.enter(self.loader, keep=True).plans[plan.key][3]
            if scoped.kind != plan.kind:
                raise Unusual
            plan = scoped
        if kind is str and plan.kind == LITERAL:
            if plan.datatype in BOOLEANS or plan.datatype in NUMBERS:
                self.alone.append(place)
            return _Line(b'%b%b"' % (SUBJECT, predicate), place, b'"' + plan.tail.encode() + _END, path)
        if kind is str:
            if plan.kind == ID:
                self._reference(item, place, plan.context)
            else:
                context = plan.context
                self.references.append(Reference(place, None, context.expand_vocab_or_base, partial(word, context)))
            return _Line(b"%b%b<" % (SUBJECT, predicate), place, b">" + _END, path)
        if kind is bool and plan.kind == LITERAL:
            return _Line(SUBJECT + predicate + (plan.true if item else plan.false).encode() + _END, None, b"", path)
        if kind is int and plan.kind == LITERAL and plan.datatype != XSD + "double":
            tail = plan.tail if plan.datatype is not None else f"^^<{XSD}integer>"
            return _Line(b'%b%b"' % (SUBJECT, predicate), place, b'"' + tail.encode() + _END, path)
        raise Unusual

    def _in_language(self, plan: Plan, predicate: bytes, language: str, text: Any, token: int, path: str) -> _Line:
        tail = language_tail(language)
        terms = plan.context.active.terms
        if tail is not None and plan.direction is not None:
            tail = directed_tail(language, plan.direction)
        if text.__class__ is not str or tail is None or (language in terms and terms[language].iri == "@none"):
            raise Unusual
        where = f"{path}/{language}"
        return _Line(b'%b%b"' % (SUBJECT, predicate), token, b'"' + tail.encode() + _END, where)


def _assembled(
    slots: dict[str, _Slot],
    number: int,
    subject: int | None,
    parent: int,
    predicate: bytes,
    graph: int,
    link_graph: int,
) -> tuple[TemplateNode, NodeLines]:
    """The node with this ``number`` and these lines by predicate, in a ``graph`` (-1 for the default graph).

    ``predicate`` is the one of the link from its ``parent``, in ``link_graph``.
    """
    parts = [b""]
    picked: list[int] = []
    sets: list[tuple[int, tuple[tuple[bytes, int, bytes], ...]]] = []
    links: list[tuple[int, bytes, tuple[int, ...]]] = []
    origins: list[str] = []
    targets: list[int] = []
    runs: list[Run] = []

    def place() -> int:
        """A place in which an instance writes something."""
        picked.append(0)
        parts.extend((b"", b""))
        return len(parts) - 2

    for written in sorted(slots):
        found = slots[written]
        at = len(origins)
        origins += [entry.origin for entry in found]
        targets += [entry.node if isinstance(entry, _Link) else -1 for entry in found]
        if found and found[0].__class__ is _Link:
            objects = tuple(entry.node for entry in found if isinstance(entry, _Link))
            links.append((place(), SUBJECT + written.encode(), objects))
            if len(objects) > 1:
                runs.append(Run(number, at, (), objects))
            continue
        lines = [entry for entry in found if isinstance(entry, _Line)]
        if graph >= 0:
            lines = [_in_a_graph(line) for line in lines]
        several = tuple((line.before, line.token, line.behind) for line in lines if line.token is not None)
        if len(lines) > 1 and len(several) == len(lines):
            sets.append((place(), several))
            runs.append(Run(number, at, several, ()))
            continue
        for line in lines:
            parts[-1] += line.before
            if line.token is not None:
                picked.append(line.token)
                parts += [b"", line.behind]
    end = _END if graph < 0 else _GRAPH_END
    link = predicate + (b"_:a .\n" if link_graph < 0 else b"_:a _:z .\n")
    node = TemplateNode(
        subject,
        parts,
        _picking(picked),
        tuple(sets),
        tuple(links),
        parent,
        b" " + link,
        b"_:z " + link,
        graph,
        end,
    )
    return node, NodeLines(tuple(origins), tuple(targets), tuple(runs))


def _in_a_graph(line: _Line) -> _Line:
    """The same line with a place for its graph."""
    if line.token is None:
        return line._replace(before=line.before.removesuffix(_END) + _GRAPH_END)
    return line._replace(behind=line.behind.removesuffix(_END) + _GRAPH_END)
