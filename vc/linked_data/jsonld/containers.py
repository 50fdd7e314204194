"""Properties whose value is not written as it stands: containers, JSON literals, reverse properties (5.1.2 step 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .faults import Fault
from .iri import is_absolute
from .plan import RDF_TYPE, Plan, directed_tail, language_tail
from .values import json_literal, list_of

if TYPE_CHECKING:
    from .walk import Walk
    from .writer import Node

__all__ = ["language_map", "special"]

_Terms = Iterator[tuple[int | str, str]]


def special(walk: Walk, node: Node, plan: Plan, value: Any, path: str, depth: int, reverse: bool | None = None) -> None:
    """Write a property with a container, of type ``@json``, or reversed."""
    found = _terms(walk, plan, value, path, depth, node.graph)
    if plan.reverse if reverse is None else reverse:
        _refuse_lists(plan, value, path)
        walk.write_reversed(node, plan, found)
        return
    for term, origin in found:
        walk.write(node, plan.predicate, term, origin)


def _refuse_lists(plan: Plan, value: Any, path: str) -> None:
    for place, item in _items(value, path):
        if item.__class__ is dict and any(plan.context.plans[key][3].iri == "@list" for key in item):
            raise Fault("jsonld.invalid", "invalid reverse property value: it has to be a node", place)


def _terms(walk: Walk, plan: Plan, value: Any, path: str, depth: int, graph: int | str | None) -> _Terms:
    container = plan.definition.container
    is_map = value.__class__ is dict
    if is_map and "@language" in container:
        yield from language_map(walk, plan, value, path)
    elif is_map and "@index" in container:
        yield from _index_map(walk, plan, value, path, depth, graph)
    elif is_map and "@id" in container:
        yield from _id_map(walk, plan, value, path, depth, graph)
    elif is_map and "@type" in container:
        yield from _type_map(walk, plan, value, path, depth, graph)
    elif plan.definition.type == "@json":
        literal = json_literal(walk, value, path)
        yield (literal if "@list" not in container else list_of(walk, plan, value, path, depth, graph)), path
    elif value is None:
        return
    elif "@list" in container:
        yield from _list(walk, plan, value, path, depth, graph)
    elif "@graph" in container and container.isdisjoint(("@id", "@index")):
        yield from _graphs(walk, plan, value, path, depth)
    elif "@graph" in container:
        for place, item in _items(value, path):
            yield from _graph(walk, plan, item, place, depth, None)
    else:
        yield from walk.terms(plan, value, path, depth, graph)


def language_map(walk: Walk, plan: Plan, value: dict[str, Any], path: str) -> _Terms:
    """The literals of a language map (section 5.1.2 step 13.7)."""
    terms = walk.enter(plan, {}, path, keep=True).active.terms
    direction = plan.direction
    for key, item in value.items():
        place = f"{path}/{_step(key)}"
        alias = terms.get(key)
        none = key == "@none" or (alias is not None and alias.iri == "@none")
        tail = "" if none else language_tail(key)
        if tail is not None and direction is not None:
            tail = directed_tail(None if none else key, direction)
        for origin, text in [(place, item)] if item.__class__ is str else _items(item, place):
            if text is None:
                continue
            if text.__class__ is not str:
                raise Fault("jsonld.invalid", "invalid language map value: it has to be a string", origin)
            if tail is None:
                walk.lose("jsonld.dropped_value", f"{key[:40]!r} is no language tag", origin)
            else:
                yield walk.literal(text) + tail, origin


def _list(walk: Walk, plan: Plan, value: Any, path: str, depth: int, graph: int | str | None) -> _Terms:
    if value.__class__ is dict:
        keywords = {plan.context.plans[key][3].iri for key in value}
        if "@list" in keywords:
            yield from walk.terms(plan, value, path, depth, graph)
            return
        if "@set" in keywords:
            value = [item for key, item in value.items() if plan.context.plans[key][3].iri == "@set"]
            value = value[0] if isinstance(value[0], list) else value
    yield list_of(walk, plan, value, path, depth, graph), path


# Maps by index, id and type (section 5.1.2 step 13.8).


def _index_map(walk: Walk, plan: Plan, value: dict[str, Any], path: str, depth: int, graph: int | str | None) -> _Terms:
    context = plan.context
    name = plan.definition.index
    by_property = context.plans[name][3] if name is not None else None
    for key, items in value.items():
        place = f"{path}/{_step(key)}"
        none = context.expand(key) == "@none"
        for origin, item in _items(items, place):
            if "@graph" in plan.definition.container:
                found = _graph(walk, plan, item, origin, depth, None)
            else:
                found = walk.terms(plan, item, origin, depth, graph, from_map=True)
            for term, at in found:
                if not none and by_property is not None:
                    _write_index_property(walk, by_property, key, term, at, graph)
                elif not none:
                    own = item.__class__ is dict and any(context.plans[name][3].iri == "@index" for name in item)
                    walk.index(None if own or _is_literal(term) else term, key, place)
                yield term, at


def _write_index_property(
    walk: Walk, plan: Plan, key: str, term: int | str, path: str, graph: int | str | None
) -> None:
    if _is_literal(term):
        raise Fault("jsonld.invalid", "invalid value object: a value has no property-valued index", path)
    index = walk.scalar(plan, key, path)
    if index is not None:
        walk.write(walk.node_for(term, graph), plan.predicate, index, path)


def _id_map(walk: Walk, plan: Plan, value: dict[str, Any], path: str, depth: int, graph: int | str | None) -> _Terms:
    context = plan.context
    inside = walk.enter(plan, {}, path, keep=True)
    for key, items in value.items():
        place = f"{path}/{_step(key)}"
        none = context.expand(key) == "@none"
        for origin, item in _items(items, place):
            name = None if none else walk.reference(context, key, place)
            if "@graph" in plan.definition.container:
                yield from _graph(walk, plan, item, origin, depth, name)
            elif item.__class__ is dict and inside.special_keys.isdisjoint(item):
                subject = walk.node(item, inside, origin, depth + 1, graph, plan.key, name)
                if subject is not None:
                    yield subject, origin
            else:
                for term, at in walk.terms(plan, item, origin, depth, graph, from_map=True):
                    if _is_literal(term):
                        raise Fault("jsonld.invalid", "invalid value object: a value has no id", at)
                    yield term, at


def _type_map(walk: Walk, plan: Plan, value: dict[str, Any], path: str, depth: int, graph: int | str | None) -> _Terms:
    outer = plan.context if plan.context.previous is None else plan.context.previous
    for key, items in value.items():
        place = f"{path}/{_step(key)}"
        context = outer.apply_types([key], walk.loader)
        plan_here = context.plans[plan.key][3]
        iri = outer.expand_vocab_or_base(key)
        for origin, item in _items(items, place):
            for term, at in walk.terms(plan_here, item, origin, depth, graph, from_map=True):
                if _is_literal(term):
                    raise Fault("jsonld.invalid", "invalid value object: a value has no type here", at)
                if iri != "@none":
                    _write_type(walk, iri, key, term, place, graph)
                yield term, at


def _write_type(walk: Walk, iri: str | None, key: str, term: int | str, path: str, graph: int | str | None) -> None:
    if iri is not None and is_absolute(iri):
        walk.write(walk.node_for(term, graph), RDF_TYPE, f"<{iri}>", path)
    elif iri is not None and iri.startswith("_:"):
        walk.write(walk.node_for(term, graph), RDF_TYPE, walk.named_blank(iri), path)
    else:
        walk.lose("jsonld.undefined_term", f"the type {key[:100]!r} is undefined: no context defines it", path)


# Graphs (section 5.1.2 steps 13.8.3.7 and 13.12).


def _graphs(walk: Walk, plan: Plan, value: Any, path: str, depth: int) -> _Terms:
    for place, item in _items(value, path):
        if item.__class__ is list:
            yield from _graphs(walk, plan, item, place, depth + 1)
        elif item.__class__ is dict and any(plan.context.plans[key][3].iri == "@set" for key in item):
            for key, inner in item.items():
                if plan.context.plans[key][3].iri == "@set":
                    yield from _graphs(walk, plan, inner, f"{place}/{_step(key)}", depth + 1)
        elif item is not None:
            name = walk.blank()
            _fill(walk, plan, item, place, depth, name)
            yield name, place


def _graph(walk: Walk, plan: Plan, item: Any, path: str, depth: int, name: int | str | None) -> _Terms:
    """An item of a container of graphs by id or index: a graph object as it is, anything else in a graph of its own."""
    if item is None:
        return
    context = plan.enter(walk.loader, keep=True)
    if item.__class__ is dict:
        keywords = {context.plans[key][3].iri for key in item}
        if "@graph" in keywords and keywords <= {"@graph", "@id", "@index", "@context"}:
            subject = walk.node(item, context, path, depth + 1, None, plan.key, name)
            if subject is not None:
                yield subject, path
            return
    name = walk.blank() if name is None else name
    _fill(walk, plan, item, path, depth, name, from_map=True)
    yield name, path


def _fill(walk: Walk, plan: Plan, item: Any, path: str, depth: int, graph: int | str, from_map: bool = False) -> None:
    """Write a value into a graph of its own."""
    for term, place in walk.terms(plan, item, path, depth, graph, from_map):
        plans = plan.enter(walk.loader, keep=True).plans
        if _is_literal(term) or item.__class__ is not dict or {plans[key][3].iri for key in item} == {"@id"}:
            walk.lose("jsonld.dropped_value", "a value of which nothing is said in its graph", place)


def _is_literal(term: int | str) -> bool:
    return isinstance(term, str) and term.startswith('"')


def _items(value: Any, path: str) -> list[tuple[str, Any]]:
    if value.__class__ is list:
        return [(f"{path}/{position}", item) for position, item in enumerate(value)]
    return [(path, value)]


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key
