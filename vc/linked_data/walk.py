"""One walk over a document that writes its quads (JSON-LD 1.1 API 5.1 expansion, 7.2 node maps, 8.1 to RDF, at once).

A node object writes its quads into the ``Group`` of its subject and graph. What the JSON-LD algorithms would drop is
noted as a problem, with its JSON pointer; what makes a document invalid is raised as a Fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vc.problems import Problem

from .active_context import Loader
from .compiled import (
    GRAPH,
    INCLUDED,
    INDEX,
    LITERAL,
    NEST,
    OTHER,
    REVERSE,
    SKIP,
    UNDEFINED,
    VOCAB,
    Compiled,
    Plan,
    Typed,
)
from .containers import language_map, special
from .faults import Fault
from .iri import is_absolute
from .literal import native
from .quads import Group, Link, Quads
from .term_definition import UNSET
from .values import NIL, list_object, value_object

__all__ = ["DEPTH", "Node", "Walk"]

DEPTH = 100
"""How deep objects and arrays may be nested."""

NODES = 100_000
"""How many node objects and list entries a document may have."""

_PROBLEMS = 100


class Node:
    """A node being written: where its quads go, and what they begin and end with."""

    __slots__ = ("graph", "group", "links", "prefix", "subject", "tail")

    def __init__(self, subject: int | str | None, graph: int | str | None, group: Group, tail: str) -> None:
        self.subject = subject
        """The blank node's number, ``<iri>``, or None: a node that RDF can't name, whose own quads are dropped."""
        self.graph = graph
        self.group = group
        self.prefix = subject + " " if isinstance(subject, str) else ""
        self.tail = tail


class Walk:
    """The state of one walk. ``quote`` writes literals; with ``origins`` every quad's JSON pointer is kept."""

    def __init__(self, loader: Loader, quote: Callable[[str], str], origins: bool) -> None:
        self.loader = loader
        self.quote = quote
        self.origins = origins
        self.quads = Quads(origins)
        self.problems: list[Problem] = []
        self.unsigned: list[str] = []
        """Pointers of what RDF does not carry: @index, @direction."""
        self.atoms: set[str] = set()
        """Pointers of values that can't be disclosed in part: lists, JSON literals, value objects."""
        self.aliases: set[str] = {"id", "type", "@id", "@type"}
        """Keys that hold ids and types."""
        self.budget = NODES
        self._blank: dict[str, int] = {}
        self._indexes: dict[int | str, str] = {}

    # Noting what is lost.

    def lose(self, code: str, detail: str, pointer: str) -> None:
        """Note something that would not become part of the dataset."""
        if len(self.problems) < _PROBLEMS:
            self.problems.append(Problem(code, detail, pointer))

    def not_written(self, pointer: str) -> None:
        """Note a part that JSON-LD keeps and RDF does not carry."""
        self.unsigned.append(pointer)

    # Terms.

    def blank(self, identifier: str | None = None) -> int:
        """A blank node: new, or the one with this identifier ("_:..." in the document)."""
        if identifier is not None:
            known = self._blank.get(identifier)
            if known is not None:
                return known
        self.budget -= 1
        if self.budget < 0:
            raise Fault("jsonld.limit", f"more than {NODES:,} nodes")
        number = self.quads.count
        self.quads.count = number + 1
        if identifier is not None:
            self._blank[identifier] = number
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
                return self.blank(iri)
        self.lose("jsonld.relative_iri", f"{value[:100]!r} is not an absolute IRI", path)
        return None

    def write(self, node: Node, predicate: str, term: int | str, origin: str) -> None:
        """Write one quad of a node. ``predicate`` ends in a space, ``term`` is text or a blank node."""
        if node.subject is None:
            return
        if term.__class__ is str:
            node.group.texts.append(f"{node.prefix}{predicate}{term}{node.tail}")
            if node.group.origins is not None:
                node.group.origins.append(origin)
        else:
            self.quads.links.append(
                Link(node.group.subject, node.prefix + predicate, term, node.tail, node.group.graph)  # type: ignore[arg-type]
            )
            if self.quads.link_origins is not None:
                self.quads.link_origins.append(origin)

    def node_for(self, subject: int | str | None, graph: int | str | None) -> Node:
        """Where the quads of a subject in a graph are written."""
        blank_graph = graph if isinstance(graph, int) else None
        tail = " .\n" if graph is None else f" {graph} .\n" if blank_graph is None else ""
        if subject is None:
            return Node(None, graph, Group(None, blank_graph, self.origins), tail)
        blank_subject = subject if isinstance(subject, int) else None
        return Node(subject, graph, self.quads.group(blank_subject, blank_graph), tail)

    # Contexts.

    def enter(self, plan: Plan, value: dict[str, Any], path: str, keep: bool = False) -> Compiled:
        """The context inside an object that is the value of a property."""
        context = plan.context
        if context.previous is None and plan.scoped_kept is not None:
            return plan.scoped_kept
        if context.previous is not None and not keep:
            keep = (len(value) == 1 and next(iter(value)) in context.id_keys) or any(
                plan_of[3].iri == "@value" for plan_of in map(context.plans.__getitem__, value)
            )
        try:
            return plan.enter(self.loader, keep)
        except Fault as fault:
            raise self._at(fault, path) from None

    def local(self, context: Compiled, value: dict[str, Any], path: str) -> Compiled:
        """The context after the ``@context`` of a node object."""
        try:
            return context.add(value["@context"], self.loader)
        except Fault as fault:
            raise self._at(fault, path + "/@context") from None

    def types(self, context: Compiled, keys: list[str], value: dict[str, Any], path: str) -> Typed:
        """What the types of a node object lead to."""
        found = value[keys[0]]
        if len(keys) > 1:
            found = [item for key in keys for item in (value[key] if isinstance(value[key], list) else [value[key]])]
        if found.__class__ is not str and found.__class__ is not list:
            raise Fault("jsonld.invalid", "invalid type value: it has to be a string or an array of strings", path)
        try:
            return context.types(found, self.loader)
        except Fault as fault:
            raise self._at(fault, f"{path}/{keys[0]}") from None

    @staticmethod
    def _at(fault: Fault, pointer: str) -> Fault:
        return Fault(fault.code, fault.detail, pointer if fault.pointer is None else fault.pointer)

    # Node objects.

    def top(self, value: dict[str, Any], context: Compiled) -> None:
        """Write a document that is one object. ``context`` is the one after the document's ``@context``."""
        keywords = {context.plans[key][3].iri for key in value if key != "@context"}
        if keywords == {"@graph"}:
            for key, item in value.items():
                if key != "@context":
                    self.graph(context, item, "/" + key, 1, None)
        elif keywords:
            bare = {key: item for key, item in value.items() if key != "@context"} if "@context" in value else value
            self.graph(context, bare, "", 0, None)

    def node(
        self,
        value: dict[str, Any],
        context: Compiled,
        path: str,
        depth: int,
        graph: int | str | None,
        subject: int | str | None = None,
    ) -> int | str | None:
        """Write a node object; its subject, or None for one that RDF can't name.

        ``context`` is the one inside the object, before its own ``@context`` and types. ``subject`` is given when the
        object stands in an id map.
        """
        if depth > DEPTH:
            raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
        if "@context" in value:
            context = self.local(context, value, path)
        typed: Typed | None = None
        type_keys = [key for key in context.type_keys if key in value]
        if type_keys:
            typed = self.types(context, type_keys, value, path)
            context = typed.context
        id_keys = [key for key in context.id_keys if key in value]
        if id_keys:
            if len(id_keys) > 1:
                raise Fault("jsonld.invalid", f"colliding keywords: {id_keys[0]!r} and {id_keys[1]!r}", path)
            subject = self.reference(context, value[id_keys[0]], f"{path}/{id_keys[0]}")
            if not context.nest_keys.isdisjoint(value) and any(self.nested_ids(context, value, path)):
                raise Fault("jsonld.invalid", "colliding keywords: @id twice, once nested", path)
        elif not context.nest_keys.isdisjoint(value) and (nested := list(self.nested_ids(context, value, path))):
            if len(nested) > 1:
                raise Fault("jsonld.invalid", "colliding keywords: @id twice in nested values", path)
            subject = self.reference(*nested[0])
        elif subject is None:
            subject = self.blank()
        node = self.node_for(subject, graph)
        if typed is not None:
            self.write_types(node, typed, type_keys, value, path)
        self.properties(node, value, context, path, depth)
        return subject

    def write_types(self, node: Node, typed: Typed, keys: list[str], value: dict[str, Any], path: str) -> None:
        """Write the type quads of a node."""
        if node.subject is not None and not self.origins and not typed.blank and not typed.lost:
            prefix, tail = node.prefix, node.tail
            node.group.texts += [f"{prefix}{line}{tail}" for _, line in typed.lines]
            return
        base = f"{path}/{keys[0]}"
        single = value[keys[0]].__class__ is str
        if len(keys) > 1:
            self.aliases.update(keys)
            single = True
        for position, line in typed.lines:
            predicate, _, term = line.partition(" ")
            self.write(node, predicate + " ", term, base if single else f"{base}/{position}")
        for position, identifier in typed.blank:
            predicate = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            self.write(node, predicate, self.blank(identifier), base if single else f"{base}/{position}")
        for position, code, detail in typed.lost:
            self.lose(code, detail, base if single else f"{base}/{position}")

    def properties(self, node: Node, value: dict[str, Any], context: Compiled, path: str, depth: int) -> None:
        """Write the properties of a node object into the node."""
        plans = context.plans
        quote = self.quote
        prefix, tail = node.prefix, node.tail
        append = node.group.texts.append
        origins = node.group.origins
        for key, item in value.items():
            kind, predicate, literal_tail, plan = plans[key]
            if kind == LITERAL:
                if item.__class__ is str:
                    append(f"{prefix}{predicate}{quote(item)}{literal_tail}{tail}")
                    if origins is not None:
                        origins.append(path + plan.suffix)
                elif item.__class__ is dict and "@language" in plan.definition.container:
                    for term, origin in language_map(self, plan, item, path + plan.suffix):
                        self.write(node, predicate, term, origin)
                elif item is not None:
                    for term, origin in self.terms(plan, item, path + plan.suffix, depth, node.graph):
                        self.write(node, predicate, term, origin)
            elif kind == SKIP:
                continue
            elif kind <= VOCAB:
                if item is not None:
                    for term, origin in self.terms(plan, item, path + plan.suffix, depth, node.graph):
                        self.write(node, predicate, term, origin)
            elif kind == OTHER:
                special(self, node, plan, item, path + plan.suffix, depth)
            else:
                self.keyword(node, plan, item, path + plan.suffix, depth)

    def keyword(self, node: Node, plan: Plan, item: Any, path: str, depth: int) -> None:
        """An entry of a node object that is no property."""
        kind = plan.kind
        if kind == UNDEFINED:
            self.lose("jsonld.undefined_term", f"the term {plan.key[:100]!r} is undefined: {plan.reason}", path)
        elif kind == INDEX:
            if item.__class__ is not str:
                raise Fault("jsonld.invalid", "invalid @index value: it has to be a string", path)
            self.index(node.subject, item, path)
        elif kind == GRAPH:
            kept = self.quads
            if node.subject is None:  # No graph can be named so: nothing in it is kept.
                self.quads = Quads(self.origins)
                self.quads.count = kept.count
            self.graph(plan.context, item, path, depth, node.subject)
            if node.subject is None:
                kept.count = self.quads.count
                self.quads = kept
        elif kind == INCLUDED:
            self.included(plan, item, path, depth, node.graph)
        elif kind == NEST:
            self.nested(node, plan, item, path, depth)
        elif kind == REVERSE:
            self.reversed(node, plan, item, path, depth)
        else:
            raise Fault("jsonld.invalid", f"invalid value object: {plan.iri} in a node object", path)

    def index(self, subject: int | str | None, index: str, path: str) -> None:
        """Note an index, which RDF does not carry."""
        self.not_written(path)
        if subject is not None and self._indexes.setdefault(subject, index) != index:
            raise Fault("jsonld.invalid", "conflicting indexes: the same node has two", path)

    def graph(self, context: Compiled, value: Any, path: str, depth: int, graph: int | str | None) -> None:
        """The nodes of a graph, or of the top of a document."""
        if depth > DEPTH:
            raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
        if value.__class__ is list:
            for position, item in enumerate(value):
                self.graph(context, item, f"{path}/{position}", depth + 1, graph)
        elif value.__class__ is dict:
            inside = context if context.previous is None else context.previous
            if "@context" in value:
                inside = self.local(inside, value, path)
                if value.keys() <= {"@context"}:
                    return
            keywords = {inside.plans[key][3].iri for key in value if key != "@context"}
            if "@set" in keywords:
                for key, item in value.items():
                    iri = inside.plans[key][3].iri
                    if iri == "@set":
                        self.graph(inside, item, f"{path}/{key}", depth + 1, graph)
            elif "@value" in keywords or "@list" in keywords:
                self.lose("jsonld.dropped_value", "a value that belongs to no node", path)
            elif keywords <= {"@id"}:
                if keywords:
                    for key in value:
                        self.reference(inside, value[key], f"{path}/{key}")
                    self.lose("jsonld.dropped_value", "a node of which nothing is said", path)
            else:
                self.node(value, context if context.previous is None else context.previous, path, depth, graph)
        elif value is not None:
            self.lose("jsonld.dropped_value", "a value that belongs to no node", path)

    def included(self, plan: Plan, value: Any, path: str, depth: int, graph: int | str | None) -> None:
        """The nodes of an ``@included`` entry."""
        for position, item in enumerate(value) if value.__class__ is list else [(None, value)]:
            place = path if position is None else f"{path}/{position}"
            if item.__class__ is not dict or not plan.context.special_keys.isdisjoint(item):
                raise Fault("jsonld.invalid", "invalid @included value: it has to be a node object", place)
            self.node(item, self.enter(plan, item, place), place, depth + 1, graph)

    def nested(self, node: Node, plan: Plan, value: Any, path: str, depth: int) -> None:
        """The entries of an ``@nest`` value, which belong to the node itself."""
        if depth > DEPTH:
            raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
        for context, item, place in self.nested_values(plan, value, path):
            type_keys = [key for key in context.type_keys if key in item]
            if type_keys:
                typed = self.types(context, type_keys, item, place)
                self.write_types(node, typed, type_keys, item, place)
                self.properties(node, item, typed.context, place, depth + 1)
            else:
                self.properties(node, item, context, place, depth + 1)

    def nested_values(self, plan: Plan, value: Any, path: str) -> Iterator[tuple[Compiled, dict[str, Any], str]]:
        """The maps of an ``@nest`` value, each with the context inside it and its pointer."""
        for position, item in enumerate(value) if value.__class__ is list else [(None, value)]:
            place = path if position is None else f"{path}/{position}"
            if item.__class__ is not dict:
                raise Fault("jsonld.invalid", "invalid @nest value: it has to be a map", place)
            context = self.enter(plan, item, place, keep=True)
            if "@context" in item:
                context = self.local(context, item, place)
            if any(context.plans[key][3].iri == "@value" for key in item):
                raise Fault("jsonld.invalid", "invalid @nest value: it has @value", place)
            yield context, item, place

    def nested_ids(
        self, context: Compiled, value: dict[str, Any], path: str, depth: int = 0
    ) -> Iterator[tuple[Compiled, Any, str]]:
        """The ids that stand in nested values of a node object: context, ``@id`` value, pointer."""
        if depth > DEPTH:
            raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
        for key, nest in value.items():
            plan = context.plans[key][3]
            if plan.kind == NEST:
                for inside, item, place in self.nested_values(plan, nest, path + plan.suffix):
                    type_keys = [name for name in inside.type_keys if name in item]
                    after = self.types(inside, type_keys, item, place).context if type_keys else inside
                    for name in after.id_keys:
                        if name in item:
                            yield after, item[name], f"{place}/{name}"
                    yield from self.nested_ids(after, item, place, depth + 1)

    def reversed(self, node: Node, plan: Plan, value: Any, path: str, depth: int) -> None:
        """The entries of an ``@reverse`` value: properties that point at the node."""
        if value.__class__ is not dict:
            raise Fault("jsonld.invalid", "invalid @reverse value: it has to be a map", path)
        plans = plan.context.plans
        for key, item in value.items():
            of_key = plans[key][3]
            place = path + of_key.suffix
            if of_key.kind == UNDEFINED:
                self.lose("jsonld.undefined_term", f"the term {key[:100]!r} is undefined: {of_key.reason}", place)
            elif of_key.kind > OTHER:
                raise Fault("jsonld.invalid", f"invalid reverse property map: {of_key.iri} in @reverse", place)
            else:
                special(self, node, of_key, item, place, depth, reverse=not of_key.reverse)

    def write_reversed(self, node: Node, plan: Plan, terms: Iterator[tuple[int | str, str]]) -> None:
        """Write a property from each of the terms to this node."""
        for term, origin in terms:
            if isinstance(term, str) and (term.startswith('"') or term == NIL):
                raise Fault("jsonld.invalid", "invalid reverse property value: it has to be a node", origin)
            if node.subject is not None:
                self.write(self.node_for(term, node.graph), plan.predicate, node.subject, origin)

    # Values.

    def terms(
        self, plan: Plan, value: Any, path: str, depth: int, graph: int | str | None, from_map: bool = False
    ) -> Iterator[tuple[int | str, str]]:
        """The objects that a property's value stands for, each with its JSON pointer; nodes in it are written."""
        kind_of = value.__class__
        if kind_of is list:
            if depth > DEPTH:
                raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
            for position, item in enumerate(value):
                yield from self.terms(plan, item, f"{path}/{position}", depth + 1, graph, from_map)
            return
        term: int | str | None
        if kind_of is dict:
            context = self.enter(plan, value, path, from_map)
            if "@context" in value or not context.special_keys.isdisjoint(value):
                inside = self.local(context, value, path) if "@context" in value else context
                keywords = {inside.plans[key][3].iri for key in value}
                if "@value" in keywords:
                    term = value_object(self, inside, value, path)
                    if term is not None:
                        yield term, path
                    return
                if "@list" in keywords:
                    yield list_object(self, plan, inside, value, path, depth, graph), path
                    return
                if "@set" in keywords:
                    yield from self.set_object(plan, inside, value, path, depth, graph)
                    return
                if keywords <= {"@language", "@context"} and "@language" in keywords:
                    self.lose("jsonld.dropped_value", "a language without a value", path)
                    return
            term = self.node(value, context, path, depth + 1, graph)
        else:
            term = self.scalar(plan, value, path)
        if term is not None:
            yield term, path

    def scalar(self, plan: Plan, value: Any, path: str) -> int | str | None:
        """The object for a scalar (value expansion, section 5.3)."""
        if plan.definition.context is not UNSET:
            plan = self.enter(plan, {}, path, keep=True).plans[plan.key][3]
        if value.__class__ is str:
            type_ = plan.definition.type
            if type_ == "@id":
                return self.reference(plan.context, value, path)
            if type_ == "@vocab":
                return self.vocabulary(plan.context, value, path)
            if plan.direction is not None:
                self.not_written(path)
            return self.quote(value) + plan.tail
        if value is None:
            return None
        try:
            return native(value, plan.datatype, plan.tail)
        except Fault as fault:
            raise self._at(fault, path) from None

    def vocabulary(self, context: Compiled, value: str, path: str) -> int | str | None:
        """The object for a string under a term of type ``@vocab``."""
        iri = context.expand_vocab_or_base(value)
        if (
            iri is not None
            and not is_absolute(iri)
            and not iri.startswith("_:")
            and ":" not in value
            and "/" not in value
        ):
            self.lose("jsonld.undefined_term", f"the term {value[:100]!r} is undefined: no context defines it", path)
            return None
        return self.resource(iri, value, path)

    def set_object(
        self, plan: Plan, context: Compiled, value: dict[str, Any], path: str, depth: int, graph: int | str | None
    ) -> Iterator[tuple[int | str, str]]:
        """The objects of a set object."""
        for key, item in value.items():
            iri = context.plans[key][3].iri
            place = path + context.plans[key][3].suffix
            if iri == "@set":
                yield from self.terms(plan, item, place, depth + 1, graph)
            elif iri == "@index":
                self.not_written(place)
            elif key != "@context":
                raise Fault("jsonld.invalid", f"invalid set or list object: {key[:100]!r} beside @set", place)
