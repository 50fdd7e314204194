"""Value objects and list objects (JSON-LD 1.1 API 5.1.2 steps 13 to 15, 8.2.2, 8.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..rdf.literal import JSON_TAIL, json_text
from .compiled import Compiled
from .faults import Fault
from .iri import is_absolute
from .limits import DEPTH
from .plan import XSD, Plan, directed_tail, language_tail

if TYPE_CHECKING:
    from .walk import Walk

__all__ = ["NIL", "json_literal", "list_object", "list_of", "value_object"]

_FIRST: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "
_REST: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> "
NIL: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>"


def value_object(walk: Walk, context: Compiled, value: dict[str, Any], path: str) -> str | None:
    """The literal of a value object; None (and a problem) when it has none."""
    walk.atoms.append(path)
    entries: dict[str, Any] = {}
    for key, item in value.items():
        if key == "@context":
            continue
        iri = context.plans[key][3].iri
        if iri not in ("@value", "@type", "@language", "@direction", "@index"):
            raise Fault("jsonld.invalid", f"invalid value object: {key[:100]!r} beside @value", path)
        if iri in entries:
            raise Fault("jsonld.invalid", f"colliding keywords: {iri} twice", path)
        entries[iri] = item
    if "@index" in entries:
        walk.not_written(path)
    if "@index" in entries and not isinstance(entries["@index"], str):
        raise Fault("jsonld.invalid", "invalid @index value: it has to be a string", path)
    if entries.get("@direction") not in (None, "ltr", "rtl"):
        raise Fault("jsonld.invalid", "invalid base direction: it has to be ltr or rtl", path)
    type_, language, content = entries.get("@type"), entries.get("@language"), entries["@value"]
    if type_ is not None:
        if "@language" in entries or "@direction" in entries:
            raise Fault("jsonld.invalid", "invalid value object: @type beside @language or @direction", path)
        return _typed(walk, context, type_, content, path)
    if content is None:
        walk.lose("jsonld.dropped_value", "a value object without a value", path)
        return None
    if isinstance(content, dict | list):
        raise Fault("jsonld.invalid", "invalid value object value: it has to be a scalar", path)
    if language is not None or entries.get("@direction") is not None:
        return _tagged(walk, language, entries.get("@direction"), content, path)
    if isinstance(content, str):
        return walk.literal(content)
    return walk.number(content, None, "", path)


def _typed(walk: Walk, context: Compiled, type_: Any, content: Any, path: str) -> str | None:
    iri = context.expand_vocab_or_base(type_) if isinstance(type_, str) else None
    if iri == "@json":
        return json_literal(walk, content, path)
    if iri is None or not is_absolute(iri):
        raise Fault("jsonld.invalid", "invalid typed value: @type has to be an absolute IRI or a term for one", path)
    if content is None:
        walk.lose("jsonld.dropped_value", "a value object without a value", path)
        return None
    if isinstance(content, dict | list):
        raise Fault("jsonld.invalid", "invalid value object value: it has to be a scalar", path)
    tail = "" if iri == XSD + "string" else f"^^<{iri}>"
    return walk.literal(content) + tail if isinstance(content, str) else walk.number(content, iri, tail, path)


def _tagged(walk: Walk, language: Any, direction: str | None, content: Any, path: str) -> str | None:
    if language is not None and not isinstance(language, str):
        raise Fault("jsonld.invalid", "invalid language-tagged string: @language has to be a string", path)
    if not isinstance(content, str):
        raise Fault("jsonld.invalid", "invalid language-tagged value: only strings have a language", path)
    tail = "" if language is None else language_tail(language)
    if tail is None:
        walk.lose("jsonld.dropped_value", f"{str(language)[:40]!r} is no language tag", path)
        return None
    if direction is not None:
        tail = directed_tail(language, direction)
    return walk.literal(content) + tail


def json_literal(walk: Walk, value: Any, path: str) -> str:
    """The literal for any JSON value (datatype rdf:JSON)."""
    walk.atoms.append(path)
    try:
        return walk.literal(json_text(value)) + JSON_TAIL
    except Fault as fault:
        raise Fault(fault.code, fault.detail, path) from None


def list_object(
    walk: Walk, plan: Plan, context: Compiled, value: dict[str, Any], path: str, depth: int, graph: int | str | None
) -> int | str:
    """The head of the list that a list object stands for."""
    entries: Any = None
    for key, item in value.items():
        iri = context.plans[key][3].iri
        if iri == "@list":
            entries = item
        elif iri == "@index":
            walk.not_written(path)
        elif key != "@context":
            raise Fault("jsonld.invalid", f"invalid set or list object: {key[:100]!r} beside @list", path)
    return list_of(walk, context.plans[plan.key][3], entries, path, depth + 1, graph)


def list_of(walk: Walk, plan: Plan, value: Any, path: str, depth: int, graph: int | str | None) -> int | str:
    """The head of a list with the entries of an array (or one entry); lists in it become lists of their own."""
    walk.atoms.append(path)
    if depth > DEPTH:
        raise Fault("jsonld.limit", f"nested deeper than {DEPTH}", path)
    terms: list[int | str | None] = []
    for position, item in enumerate(value) if isinstance(value, list) else [(0, value)]:
        place = f"{path}/{position}"
        if isinstance(item, list):
            terms.append(list_of(walk, plan, item, place, depth + 1, graph))
        else:
            lost = len(walk.problems)
            found: list[int | str | None] = [term for term, _ in walk.terms(plan, item, place, depth + 1, graph)]
            if not found and any(problem.code == "jsonld.relative_iri" for problem in walk.problems[lost:]):
                found = [None]
            if isinstance(item, dict) and any(plan.context.plans[key][3].iri == "@set" for key in item):
                terms.append(cells(walk, found, place, graph))
            else:
                terms += found
    return cells(walk, terms, path, graph)


def cells(walk: Walk, terms: list[int | str | None], path: str, graph: int | str | None) -> int | str:
    """Write a list (section 8.2.3); its head. None stands for an entry that was lost."""
    if not terms:
        return NIL
    heads = [walk.blank() for _ in terms]
    rest: list[int | str] = [*heads[1:], NIL]
    for head, term, following in zip(heads, terms, rest, strict=True):
        node = walk.node_for(head, graph)
        if term is not None:
            walk.write(node, _FIRST, term, path)
        walk.write(node, _REST, following, path)
    return heads[0]
