"""One walk over a document that writes its quads (JSON-LD 1.1 API 5.1 expansion, 7.2 node maps, 8.1 to RDF, at once).

A node object writes its quads into the ``Group`` of its subject and graph. What the JSON-LD algorithms would drop is
noted as a problem, with its JSON pointer; what makes a document invalid is raised as a Fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .compiled import Compiled, Typed
from .containers import language_map, special
from .faults import Fault
from .iri import is_absolute, match_absolute
from .keywords import graph_nodes, keyword, nested_ids
from .limits import DEPTH
from .plan import ID, LITERAL, NEST, OTHER, RDF_TYPE, SKIP, VOCAB, Plan
from .values import list_object, value_object
from .writer import Node, Writer

__all__ = ["Walk"]


class Walk(Writer):
    """A walk over one document."""

    __slots__ = ()

    # Contexts.

    def enter(self, plan: Plan, value: dict[str, Any], path: str, keep: bool = False) -> Compiled:
        """The context inside an object that is the value of a property: see ``Plan.inside``."""
        try:
            return plan.inside(value, self.loader, keep)
        except Fault as fault:
            raise fault.at(path) from None

    def local(self, context: Compiled, value: dict[str, Any], path: str) -> Compiled:
        """The context after the ``@context`` of a node object."""
        try:
            return context.add(value["@context"], self.loader)
        except Fault as fault:
            raise fault.at(path + "/@context") from None

    def typed(self, context: Compiled, keys: list[str], value: dict[str, Any], path: str) -> Typed:
        """What the types of a node object lead to (5.1.2 step 11)."""
        found = [value[key] for key in keys]
        for types in found:
            if types.__class__ is not str and types.__class__ is not list:
                raise Fault("jsonld.invalid", "invalid type value: it has to be a string or an array of strings", path)
        if len(found) > 1:
            found = [[item for types in found for item in ([types] if types.__class__ is str else types)]]
        try:
            return context.types(found[0], self.loader)
        except Fault as fault:
            raise fault.at(f"{path}/{keys[0]}") from None

    # Node objects.

    def top(self, value: dict[str, Any], context: Compiled) -> None:
        """Write a document that is one object. ``context`` is the one after the document's ``@context``."""
        if context.special_keys.isdisjoint(value) and context.graph_keys.isdisjoint(value):
            for key in value:
                if key != "@context" and key not in context.id_keys:
                    self.node(value, context, "", 0, None, None, done=True)
                    return
        keys = {key for key in value if key != "@context" and _stays(context.plans[key][3], value[key])}
        keywords = {context.plans[key][3].iri for key in keys}
        if keywords == {"@graph"}:
            for key in keys:
                graph_nodes(self, context, value[key], "/" + key, 1, None)
        elif keywords & {"@value", "@list", "@set"} or keywords <= {"@id"}:
            graph_nodes(self, context, {key: value[key] for key in keys}, "", 0, None)
        else:
            self.node(value, context, "", 0, None, None, done=True)

    def node(
        self,
        value: dict[str, Any],
        context: Compiled,
        path: str,
        depth: int,
        graph: int | str | None,
        key: str | None,
        subject: int | str | None = None,
        done: bool = False,
    ) -> int | str | None:
        """Write a node object; its subject, or None for one that RDF can't name.

        ``context`` is the one inside the object, before its own ``@context`` (unless that is ``done``) and types.
        ``key`` is the property under which it stands, if any; ``subject`` is given when it stands in an id map.
        """
        if depth > DEPTH:
            raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
        if not done and "@context" in value:
            context = self.local(context, value, path)
        typed = None
        for name in context.type_keys:
            if name in value:
                type_keys = [name for name in context.type_keys if name in value]
                typed, outer = self.typed(context, type_keys, value, path), context
                context = typed.context
                break
        named = False
        for name in context.id_keys:
            if name in value:
                if named:
                    raise Fault("jsonld.invalid", f"colliding keywords: {name!r} is not the only @id", path)
                named = True
                subject = self.reference(context, value[name], f"{path}/{name}")
        if not context.nest_keys.isdisjoint(value):
            nested = list(nested_ids(self, context, value, path))
            if len(nested) + named > 1:
                raise Fault("jsonld.invalid", "colliding keywords: @id twice, nested", path)
            if nested:
                named, subject = True, self.reference(*nested[0])
        if subject is None and not named:
            subject = self.blank()
        node = self.node_for(subject, graph)
        node.key = key
        if typed is not None:
            if typed.plain and not self.origins:
                prefix, tail = node.prefix, node.tail
                node.group.texts += [f"{prefix}{line}{tail}" for line in typed.plain]
            else:
                self.write_types(node, outer, type_keys, value, path)
        self.properties(node, value, context, path, depth)
        return subject

    def write_types(self, node: Node, context: Compiled, keys: list[str], value: dict[str, Any], path: str) -> None:
        """Write the type quads of a node with their origins. ``context`` is the one before the types."""
        for key in keys:
            types = value[key]
            entries = context.types(types, self.loader).all
            for position, (line, identifier, code, detail) in enumerate(entries):
                origin = f"{path}/{key}" if types.__class__ is str else f"{path}/{key}/{position}"
                if line:
                    self.write(node, RDF_TYPE, line[len(RDF_TYPE) :], origin)
                elif identifier:
                    self.write(node, RDF_TYPE, self.named_blank(identifier), origin)
                else:
                    self.lose(code, detail, origin)

    def properties(self, node: Node, value: dict[str, Any], context: Compiled, path: str, depth: int) -> None:
        """Write the properties of a node object into the node."""
        plans = context.plans
        quote = self.quote
        prefix, tail, graph = node.prefix, node.tail, node.graph
        append = node.group.texts.append
        origins = node.group.origins
        for key, item in value.items():
            kind, predicate, literal_tail, plan = plans[key]
            kind_of = item.__class__
            if kind_of is str:
                if kind == LITERAL:
                    append(f"{prefix}{predicate}{quote(item).decode()}{literal_tail}{tail}")
                    if origins is not None:
                        origins.append(path + plan.suffix)
                    continue
                if kind == ID and not plan.has_scope:
                    match = match_absolute(item)
                    if match is not None and match[1] not in context.prefixes:
                        append(f"{prefix}{predicate}<{item}>{tail}")
                        if origins is not None:
                            origins.append(path + plan.suffix)
                        continue
            if kind <= VOCAB:
                if kind_of is list and kind == LITERAL:
                    place = path + plan.suffix
                    for position, entry in enumerate(item):
                        if entry.__class__ is str:
                            append(f"{prefix}{predicate}{quote(entry).decode()}{literal_tail}{tail}")
                            if origins is not None:
                                origins.append(f"{place}/{position}")
                        elif entry is not None:
                            for term, origin in self.terms(plan, entry, f"{place}/{position}", depth + 1, graph):
                                self.write(node, predicate, term, origin)
                    continue
                if kind_of is bool and kind == LITERAL:
                    append(f"{prefix}{predicate}{plan.true if item else plan.false}{tail}")
                    if origins is not None:
                        origins.append(path + plan.suffix)
                    continue
                if kind_of is dict and not plan.is_map:
                    place = path + plan.suffix
                    inside = self.enter(plan, item, place)
                    if "@context" not in item and inside.special_keys.isdisjoint(item):
                        subject = self.node(item, inside, place, depth + 1, graph, key)
                        if subject is not None:
                            self.write(node, predicate, subject, place)
                        continue
                if item is not None:
                    place = path + plan.suffix
                    if kind_of is dict and plan.is_map:
                        terms = language_map(self, plan, item, place)
                    else:
                        terms = self.terms(plan, item, place, depth, graph)
                    for term, origin in terms:
                        self.write(node, predicate, term, origin)
            elif kind == OTHER:
                special(self, node, plan, item, path + plan.suffix, depth)
            elif kind != SKIP:
                keyword(self, node, plan, item, path + plan.suffix, depth)

    def write_reversed(self, node: Node, plan: Plan, terms: Iterator[tuple[int | str, str]]) -> None:
        """Write a property from each of the terms to this node."""
        self.quads.repeats = True
        for term, origin in terms:
            if isinstance(term, str) and not term.startswith("<"):
                raise Fault("jsonld.invalid", "invalid reverse property value: it has to be a node", origin)
            if node.subject is not None:
                self.write(self.node_for(term, node.graph), plan.predicate, node.subject, origin)

    # Values.

    def terms(
        self, plan: Plan, value: Any, path: str, depth: int, graph: int | str | None, from_map: bool = False
    ) -> Iterator[tuple[int | str, str]]:
        """The objects that a property's value stands for, each with its JSON pointer; nodes in it are written."""
        kind_of = value.__class__
        term: int | str | None
        if kind_of is list:
            if depth > DEPTH:
                raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
            for position, item in enumerate(value):
                place = f"{path}/{position}"
                if item.__class__ is list or item.__class__ is dict:
                    yield from self.terms(plan, item, place, depth + 1, graph, from_map)
                elif (term := self.scalar(plan, item, place)) is not None:
                    yield term, place
            return
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
            term = self.node(value, context, path, depth + 1, graph, plan.key)
        else:
            term = self.scalar(plan, value, path)
        if term is not None:
            yield term, path

    def scalar(self, plan: Plan, value: Any, path: str) -> int | str | None:
        """The object for a scalar (value expansion, section 5.3)."""
        if plan.has_scope:
            plan = self.enter(plan, {}, path, keep=True).plans[plan.key][3]
        if value.__class__ is str:
            type_ = plan.definition.type
            if type_ == "@id":
                return self.reference(plan.context, value, path)
            if type_ == "@vocab":
                return self.vocabulary(plan.context, value, path)
            return self.literal(value) + plan.tail
        if value is None:
            return None
        return self.number(value, plan.datatype, plan.tail, path)

    def vocabulary(self, context: Compiled, value: str, path: str) -> int | str | None:
        """The object for a string under a term of type ``@vocab``."""
        iri = context.expand_vocab_or_base(value)
        usable = iri is not None and (is_absolute(iri) or iri.startswith("_:"))
        if not usable and ":" not in value and "/" not in value:
            self.lose("jsonld.undefined_term", f"the term {value[:100]!r} is undefined: no context defines it", path)
            return None
        return self.resource(iri, value, path)

    def set_object(
        self, plan: Plan, context: Compiled, value: dict[str, Any], path: str, depth: int, graph: int | str | None
    ) -> Iterator[tuple[int | str, str]]:
        """The objects of a set object."""
        plan = context.plans[plan.key][3]
        for key, item in value.items():
            of_key = context.plans[key][3]
            place = path + of_key.suffix
            if of_key.iri == "@set":
                yield from self.terms(plan, item, place, depth + 1, graph)
            elif of_key.iri == "@index":
                self.not_written(place)
            elif key != "@context":
                raise Fault("jsonld.invalid", f"invalid set or list object: {key[:100]!r} beside @set", place)


def _stays(plan: Plan, value: Any) -> bool:
    """Whether an entry is there after expansion: properties without a value, and nests without an entry, are not."""
    if plan.kind == NEST:
        entries = [item for nest in (value if value.__class__ is list else [value]) for item in _entries(nest)]
        return any(_stays(plan.context.plans[key][3], item) for key, item in entries)
    return value is not None or plan.kind > OTHER


def _entries(nest: Any) -> list[tuple[str, Any]]:
    """The entries of a nested value; of one that is wrong, something that stays."""
    return list(nest.items()) if nest.__class__ is dict else [("@index", nest)]
