"""Entries of node objects that are no properties: graphs, included nodes, nested values, reverse properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..rdf.quads import Quads
from .compiled import Compiled
from .containers import special
from .faults import Fault
from .limits import DEPTH
from .plan import GRAPH, INCLUDED, INDEX, NEST, OTHER, REVERSE, UNDEFINED, Plan

if TYPE_CHECKING:
    from .walk import Walk
    from .writer import Node

__all__ = ["graph_nodes", "keyword", "nested_ids"]


def keyword(walk: Walk, node: Node, plan: Plan, item: Any, path: str, depth: int) -> None:
    """Write an entry of a node object that is no property. Raises Fault."""
    kind = plan.kind
    if kind == UNDEFINED:
        walk.lose("jsonld.undefined_term", f"the term {plan.key[:100]!r} is undefined: {plan.reason}", path)
    elif kind == INDEX:
        if item.__class__ is not str:
            raise Fault("jsonld.invalid", "invalid @index value: it has to be a string", path)
        walk.index(node.subject, item, path)
    elif kind == GRAPH:
        _named_graph(walk, node, plan, item, path, depth)
    elif kind == INCLUDED:
        _included(walk, node, plan, item, path, depth)
    elif kind == NEST:
        _nested(walk, node, plan, item, path, depth)
    elif kind == REVERSE:
        _reversed(walk, node, plan, item, path, depth)
    else:
        raise Fault("jsonld.invalid", f"invalid value object: {plan.iri} in a node object", path)


# Graphs.


def _named_graph(walk: Walk, node: Node, plan: Plan, item: Any, path: str, depth: int) -> None:
    kept = walk.quads
    if node.subject is None:  # No graph can be named so: nothing in it is kept.
        walk.quads = Quads(walk.origins)
        walk.quads.count = kept.count
    graph_nodes(walk, plan.context, item, path, depth + 1, node.subject)
    if node.subject is None:
        kept.count = walk.quads.count
        walk.quads = kept


def graph_nodes(walk: Walk, context: Compiled, value: Any, path: str, depth: int, graph: int | str | None) -> None:
    """Write the nodes of a graph, or of the top of a document; values and bare references there are lost."""
    if depth > DEPTH:
        raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
    if value.__class__ is list:
        for position, item in enumerate(value):
            graph_nodes(walk, context, item, f"{path}/{position}", depth + 1, graph)
    elif value.__class__ is dict:
        context = context if context.previous is None else context.previous
        inside = context
        if "@context" in value:
            inside = walk.local(inside, value, path)
            if len(value) == 1:
                return
        keywords = {inside.plans[key][3].iri for key in value if key != "@context"}
        if "@set" in keywords:
            for key, item in value.items():
                if inside.plans[key][3].iri == "@set":
                    graph_nodes(walk, inside, item, path + inside.plans[key][3].suffix, depth + 1, graph)
        elif "@value" in keywords or "@list" in keywords:
            walk.lose("jsonld.dropped_value", "a value that belongs to no node", path)
        elif keywords <= {"@id"}:
            for key, item in value.items():
                if key != "@context":
                    walk.reference(inside, item, f"{path}/{key}")
                    walk.lose("jsonld.dropped_value", "a node of which nothing is said", path)
        else:
            walk.node(value, context, path, depth, graph, None)
    elif value is not None:
        walk.lose("jsonld.dropped_value", "a value that belongs to no node", path)


def _included(walk: Walk, node: Node, plan: Plan, value: Any, path: str, depth: int) -> None:
    # The active property is still the one under which the including node stands (5.1.2 step 13.4.6): so is its context.
    active = plan if node.key is None else plan.context.plans[node.key][3]
    for place, item in _items(value, path):
        inside = walk.enter(active, item, place) if item.__class__ is dict else None
        if inside is None or not inside.special_keys.isdisjoint(item):
            raise Fault("jsonld.invalid", "invalid @included value: it has to be a node object", place)
        walk.node(item, inside, place, depth + 1, node.graph, node.key)


# Nested values, which belong to the node itself.


def _nested(walk: Walk, node: Node, plan: Plan, value: Any, path: str, depth: int) -> None:
    if depth > DEPTH:
        raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
    for context, item, place in _nested_values(walk, plan, value, path):
        type_keys = [key for key in context.type_keys if key in item]
        if type_keys:
            inside = walk.typed(context, type_keys, item, place).context
            walk.write_types(node, context, type_keys, item, place)
            walk.properties(node, item, inside, place, depth + 1)
        else:
            walk.properties(node, item, context, place, depth + 1)


def _nested_values(walk: Walk, plan: Plan, value: Any, path: str) -> Iterator[tuple[Compiled, dict[str, Any], str]]:
    """The maps of an ``@nest`` value, each with the context inside it and its pointer."""
    for place, item in _items(value, path):
        if item.__class__ is not dict:
            raise Fault("jsonld.invalid", "invalid @nest value: it has to be a map", place)
        context = walk.enter(plan, item, place, keep=True)
        if "@context" in item:
            context = walk.local(context, item, place)
        if not context.value_keys.isdisjoint(item):
            raise Fault("jsonld.invalid", "invalid @nest value: it has @value", place)
        yield context, item, place


def nested_ids(
    walk: Walk, context: Compiled, value: dict[str, Any], path: str, depth: int = 0
) -> Iterator[tuple[Compiled, Any, str]]:
    """The ids that stand in nested values of a node object: context, ``@id`` value, pointer."""
    if depth > DEPTH:
        raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
    for key, nest in value.items():
        plan = context.plans[key][3]
        if plan.kind == NEST:
            for inside, item, place in _nested_values(walk, plan, nest, path + plan.suffix):
                type_keys = [name for name in inside.type_keys if name in item]
                after = walk.typed(inside, type_keys, item, place).context if type_keys else inside
                for name in after.id_keys:
                    if name in item:
                        yield after, item[name], f"{place}/{name}"
                yield from nested_ids(walk, after, item, place, depth + 1)


# Reverse properties, which point at the node.


def _reversed(walk: Walk, node: Node, plan: Plan, value: Any, path: str, depth: int) -> None:
    if value.__class__ is not dict:
        raise Fault("jsonld.invalid", "invalid @reverse value: it has to be a map", path)
    for key, item in value.items():
        of_key = plan.context.plans[key][3]
        place = path + of_key.suffix
        if of_key.kind == UNDEFINED:
            walk.lose("jsonld.undefined_term", f"the term {key[:100]!r} is undefined: {of_key.reason}", place)
        elif of_key.kind > OTHER:
            raise Fault("jsonld.invalid", f"invalid reverse property map: {of_key.iri} in @reverse", place)
        else:
            special(walk, node, of_key, item, place, depth, reverse=not of_key.reverse)


def _items(value: Any, path: str) -> list[tuple[str, Any]]:
    if value.__class__ is list:
        return [(f"{path}/{position}", item) for position, item in enumerate(value)]
    return [(path, value)]
