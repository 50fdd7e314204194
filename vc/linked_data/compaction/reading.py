"""One reading: what a document says by the names that software reads is what its statements say (docs/reading.md).

RDF has many spellings for the same statements, and a signature over statements covers none of them. So a document that
is signed, verified or derived from has to have the one spelling that compacting it with its own contexts gives. Each
object is judged by itself, with the contexts as they are compiled; what takes the whole document is whether a thing
with an id is described in one place. Only documents that the engine can read are judged: this adds to its errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from contexts import ContextRegistry
from vc.problems import Problem

from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.context_cache import compile_context
from ..jsonld.faults import Fault
from ..jsonld.plan import UNDEFINED, Plan
from ..jsonld.term_definition import KEYWORDS, UNSET
from .names import Item, keyword_name, word
from .notes import WHY, Notes
from .written_values import TEXTS, alone_differs, is_native, json_numbers, native_written, text_written

__all__ = ["differences"]

_EMPTY: Final = frozenset(("@list", "@set"))
"""Containers that are arrays also when there is nothing in them."""
_MAPS: Final = frozenset(("@id", "@index", "@type"))


class _Named(NamedTuple):
    """An object with an id: where it stands, and whether anything is said of it there."""

    graph: int
    id: str
    depth: int
    pointer: str
    described: bool


def differences(document: Mapping[str, Any], contexts: ContextRegistry) -> list[Problem]:
    """Everything in a document that can be read in two ways, each with what is to be written in its place.

    Codes: ``reading.name``, ``reading.value``, ``reading.number``, ``reading.reference``, ``reading.dropped``,
    ``reading.split``. The document is one of which the engine makes statements without loss.
    """
    reader = _Reader(Loader(contexts))
    try:
        reader.node(document, compile_context(document.get("@context", UNSET), reader.loader), "", 0, 0)
    except Fault as fault:
        reader.note(fault.code, fault.detail, fault.pointer or "")
    except RecursionError:
        reader.note("jsonld.limit", "nested too deep", "")
    reader.places()
    return reader.problems


class _Reader(Notes):
    """The state of one judgement."""

    def __init__(self, loader: Loader) -> None:
        super().__init__(loader)
        self.named: list[_Named] = []
        self.graphs = 0

    # Objects.

    def node(
        self,
        value: Mapping[str, Any],
        context: Compiled,
        path: str,
        depth: int,
        graph: int,
        *,
        whole: bool = True,
        name: str | None = None,
    ) -> None:
        """Judge a node object. ``context`` is the one inside it, before its own ``@context`` and types.

        ``whole``: it is a document of its own, which may bring contexts. ``name`` is its id when an id map gives it.
        """
        if path and "@context" in value:
            if not whole:
                detail = "contexts stand at the top of a document: here the same name could mean something else"
                self.note("reading.name", detail, path + "/@context")
            context = context.add(value["@context"], self.loader)
        outer = context
        types = [key for key in context.type_keys if key in value]
        if types:
            found = [item for key in types for item in _listed(value[key])]
            context = context.types(found, self.loader).context
        described = False
        for key, item in value.items():
            if key == "@context":
                continue
            kind, _, _, plan = context.plans[key]
            place = path + plan.suffix
            if plan.iri in KEYWORDS:
                if self.keyword(plan, outer, item, place):
                    name = item if item.__class__ is str else None
                    continue
            elif kind != UNDEFINED:
                self.property(plan, item, place, depth + 1, graph)
            described = True
        if name is not None:
            self.named.append(_Named(graph, name, depth, path, described))

    def keyword(self, plan: Plan, outer: Compiled, item: Any, place: str) -> bool:
        """Judge an entry of a node object that is no property; True for its id."""
        keyword = plan.iri or ""
        why = WHY.get(keyword)
        if why is not None:
            code = "reading.dropped" if keyword == "@index" else "reading.name"
            self.note(code, f"{plan.key[:100]!r} is not to be used: {why}", place)
            return False
        expected = keyword_name(outer if keyword == "@type" else plan.context, keyword)
        if plan.key != expected:
            self.wrong_name(plan.key, expected, place)
        if keyword == "@type":
            if item == []:
                self.note("reading.dropped", "an empty array is no statement: leave the member out", place)
            seen: set[Any] = set()
            for at, entry in _places(item, place):
                self.word(outer, entry, at)
                if entry in seen:
                    self.note("reading.value", "the same type twice is one statement: write it once", at)
                seen.add(entry)
        elif keyword == "@id":
            self.reference(plan.context, item, place)
            return True
        return False

    def places(self) -> None:
        """Whether each thing is described in one place, and none is shown without what is said of it further in."""
        described: dict[tuple[int, str], _Named] = {}
        for here in sorted(self.named, key=lambda named: (named.depth, named.pointer)):
            if here.described:
                there = described.setdefault((here.graph, here.id), here)
                if there is not here:
                    detail = f"{here.id[:200]!r} is described here and at {there.pointer!r}: write it all there"
                    self.note("reading.split", detail, here.pointer)
        for here in self.named:
            found = None if here.described else described.get((here.graph, here.id))
            if found is not None and (here.depth, here.pointer) < (found.depth, found.pointer):
                detail = f"{here.id[:200]!r} is only named here and described at {found.pointer!r}: describe it here"
                self.note("reading.split", detail, here.pointer)

    # Properties.

    def property(self, plan: Plan, item: Any, place: str, depth: int, graph: int) -> None:
        """Judge a property: its name, and its values."""
        if plan.reverse:
            detail = f"{plan.key[:100]!r} is a reverse property: {WHY['@reverse']}"
            self.note("reading.name", detail, place)
            return
        container = plan.definition.container
        if item is None and plan.definition.type != "@json":
            self.note("reading.dropped", "null is no statement: leave the member out", place)
        elif item == [] and container.isdisjoint(_EMPTY) and plan.definition.type != "@json":
            self.note("reading.dropped", "an empty array is no statement: leave the member out", place)
        elif "@list" in container:
            self.named_by(plan, Item("list"), place)
            self.list(plan, item, place, depth, graph)
        elif plan.definition.type == "@json":
            self.named_by(plan, Item(type="@json"), place)
            self.take(json_numbers(item), place)
        elif "@language" in container and item.__class__ is dict:
            self.language_map(plan, item, place)
        elif not container.isdisjoint(_MAPS) and item.__class__ is dict:
            self.map(plan, item, place, depth, graph)
        else:
            self.values(plan, item, place, depth, graph)

    def values(self, plan: Plan, item: Any, place: str, depth: int, graph: int) -> None:
        """Judge the values of a property that has no order."""
        is_set = "@set" in plan.definition.container
        if item.__class__ is not list:
            if is_set and alone_differs(item):
                self.note("reading.value", f"one value of {plan.key[:100]!r} is written as an array", place)
            self.value(plan, item, place, depth, graph)
            return
        if len(item) == 1 and not is_set and (alone_differs(item[0]) or _is_single(plan)):
            self.note("reading.value", f"one value of {plan.key[:100]!r} is written without an array", place)
        seen: set[Any] = set()
        for at, entry in _places(item, place):
            if entry is None:
                self.note("reading.dropped", "null is no statement: leave it out", at)
            elif entry.__class__ is list:
                self.note("reading.value", "an array in an array is no statement of its own: write one array", at)
            else:
                key = self.same_as(plan, entry)
                if key is not None and key in seen:
                    self.note("reading.value", "the same value twice is one statement: write it once", at)
                seen.add(key)
                self.value(plan, entry, at, depth, graph)

    def same_as(self, plan: Plan, entry: Any) -> Any:
        """What is equal for values that are one statement; None for an object that has more to it."""
        if entry.__class__ is not dict:
            return (entry.__class__ is str, entry.__class__ is bool, entry)
        entries = {plan.context.plans[key][3].iri: item for key, item in entry.items()}
        if entries.keys() == {"@id"}:
            return (True, False, entries["@id"])
        if "@value" in entries:
            language = str(entries.get("@language")).lower()
            return (repr(entries["@value"]), language, repr(entries.get("@type")), repr(entries.get("@direction")))
        return None

    def value(self, plan: Plan, item: Any, place: str, depth: int, graph: int) -> None:
        """Judge one value."""
        if item.__class__ is dict:
            self.object(plan, item, place, depth, graph)
            return
        here = plan.enter(self.loader, keep=True).plans[plan.key][3] if plan.has_scope else plan
        type_ = here.definition.type
        if type_ in ("@id", "@vocab"):
            self.named_by(plan, Item("node"), place)
            if item.__class__ is not str:
                self.note("reading.value", f"{plan.key[:100]!r} names something: its value is a string", place)
            elif type_ == "@id":
                self.reference(here.context, item, place)
            else:
                self.word(here.context, item, place)
            return
        is_text = item.__class__ is str
        language = _language(here) if is_text else None
        self.named_by(plan, Item("value", here.datatype, language, here.direction if is_text else None), place)
        if not is_text:
            self.take(native_written(item, here.datatype), place)
        elif here.iri not in TEXTS:
            self.take(text_written(item, here.datatype), place)

    def object(self, plan: Plan, value: dict[str, Any], place: str, depth: int, graph: int) -> None:
        """Judge an object that is the value of a property."""
        inside = plan.inside(value, self.loader)
        if "@graph" in plan.definition.container:
            self.named_by(plan, Item("graph"), place)
            self.graphs += 1
            self.node(value, inside, place, depth, self.graphs)
            return
        here = inside.add(value["@context"], self.loader) if "@context" in value else inside
        keywords = {here.plans[key][3].iri: key for key in value}
        if "@value" in keywords:
            self.value_object(plan, here, value, place)
        elif "@list" in keywords:
            self.named_by(plan, Item("list"), place)
            self.spelled(here, value, place, ("@list",))
            self.list(here.plans[plan.key][3], value[keywords["@list"]], place, depth, graph)
        elif "@set" in keywords:
            self.note("reading.value", "a set object is no statement of its own: write its values", place)
        else:
            self.named_by(plan, Item("node"), place)
            self.node(value, inside, place, depth, graph, whole=False)

    def spelled(self, context: Compiled, value: dict[str, Any], place: str, allowed: tuple[str, ...]) -> dict[str, Any]:
        """The entries of a value or list object by keyword, their names judged."""
        entries = {}
        for key, item in value.items():
            plan = context.plans[key][3]
            keyword = plan.iri or ""
            entries[keyword] = item
            at = place + plan.suffix
            if keyword not in allowed:
                code = "reading.dropped" if keyword == "@index" else "reading.name"
                self.note(code, f"{key[:100]!r} is not to be used: {WHY.get(keyword, 'it says nothing here')}", at)
            elif key != keyword_name(context, keyword):
                self.wrong_name(key, keyword_name(context, keyword), at)
            elif item is None:
                self.note("reading.dropped", "null is no statement: leave the member out", at)
        return entries

    def value_object(self, plan: Plan, context: Compiled, value: dict[str, Any], place: str) -> None:
        """Judge a value object: one may stand only where the value can't be written without."""
        entries = self.spelled(context, value, place, ("@value", "@type", "@language", "@direction"))
        content, type_ = entries.get("@value"), entries.get("@type")
        language, direction = entries.get("@language"), entries.get("@direction")
        iri = context.expand_vocab_or_base(type_) if isinstance(type_, str) else None
        self.named_by(plan, Item("value", iri, language, direction), place)
        coerced = plan.definition.type not in (None, "@none")
        if iri is not None and iri != "@json":
            expected = word(context, iri)
            if expected != type_:
                self.wrong_name(str(type_), expected, place + "/@type")
        if iri == "@json" and not coerced:
            self.take(json_numbers(content), place)
        elif coerced or plan.is_map:
            what = f"of type {plan.definition.type}" if coerced else "a map of languages"
            self.note("reading.value", f"{plan.key[:100]!r} is {what} here: write it so, without a value object", place)
        elif iri is not None:
            if content.__class__ is not str or is_native(iri, content):
                self.note("reading.value", "this value is written without a value object", place)
        elif content.__class__ is not str:
            self.note("reading.value", "a number or boolean is written without a value object", place)
        elif ((language or "").lower(), direction) == ((_language(plan) or "").lower(), plan.direction):
            self.note("reading.value", "this text is written without a value object", place)

    # Containers.

    def list(self, plan: Plan, item: Any, place: str, depth: int, graph: int) -> None:
        """Judge a list, in which order and repetition mean something."""
        if item.__class__ is not list:
            self.note("reading.value", f"the list of {plan.key[:100]!r} is written as an array", place)
            return
        for at, entry in _places(item, place):
            if entry.__class__ is list:
                self.list(plan, entry, at, depth, graph)
            elif entry is None:
                self.note("reading.dropped", "null is no statement: leave it out", at)
            elif entry.__class__ is dict:
                self.entry(plan, entry, at, depth, graph)
            else:
                self.scalar_in_list(plan, entry, at)

    def entry(self, plan: Plan, value: dict[str, Any], place: str, depth: int, graph: int) -> None:
        """Judge an object in a list. (The name of the list was judged with the list.)"""
        inside = plan.inside(value, self.loader)
        keywords = {inside.plans[key][3].iri for key in value}
        if "@list" in keywords or "@set" in keywords:
            self.note("reading.value", "an array is written as an array", place)
        elif "@value" in keywords:
            before = len(self.problems)
            self.value_object(plan, inside, value, place)
            own = [p for p in self.problems[before:] if (p.pointer, p.code) != (place, "reading.name")]
            self.problems[before:] = own
        else:
            self.node(value, inside, place, depth, graph, whole=False)

    def scalar_in_list(self, plan: Plan, entry: Any, place: str) -> None:
        """Judge a text, number or boolean in a list."""
        here = plan.enter(self.loader, keep=True).plans[plan.key][3] if plan.has_scope else plan
        type_ = here.definition.type
        if type_ == "@json":
            self.take(json_numbers(entry), place)
        elif type_ in ("@id", "@vocab"):
            if entry.__class__ is not str:
                self.note("reading.value", f"{plan.key[:100]!r} names something: its value is a string", place)
            elif type_ == "@id":
                self.reference(here.context, entry, place)
            else:
                self.word(here.context, entry, place)
        elif entry.__class__ is str:
            self.take(text_written(entry, here.datatype), place)
        else:
            self.take(native_written(entry, here.datatype), place)

    def language_map(self, plan: Plan, value: dict[str, Any], place: str) -> None:
        """Judge texts by their language. Tags are the same in any case (BCP 47 section 2.1.1)."""
        terms = plan.enter(self.loader, keep=True).active.terms
        seen: set[str] = set()
        for key, item in value.items():
            at = place + plan.context.plans[key][3].suffix
            none = key == "@none" or (key in terms and terms[key].iri == "@none")
            self.named_by(plan, Item("value", None, None if none else key, plan.direction), place)
            if none and len(value) == 1:
                self.note("reading.value", "a text in no language is written without a map", at)
            if key.lower() in seen:
                self.note("reading.value", f"{key[:40]!r} stands here twice: write one entry", at)
            seen.add(key.lower())
            texts = _listed(item)
            if not texts or None in texts:
                self.note("reading.dropped", "neither null nor an empty array is a statement: leave it out", at)
            elif len(set(map(str, texts))) != len(texts):
                self.note("reading.value", "the same value twice is one statement: write it once", at)
            elif item.__class__ is list and len(item) == 1 and alone_differs(item[0]):
                self.note("reading.value", "one text is written without an array", at)

    def map(self, plan: Plan, value: dict[str, Any], place: str, depth: int, graph: int) -> None:
        """Judge a map by id, type or index."""
        container, outer = plan.definition.container, plan.context
        if "@graph" in container or ("@index" in container and plan.definition.index is None):
            self.note("reading.dropped", f"the keys of {plan.key[:100]!r} are no statement: write an array", place)
            return
        self.named_by(plan, Item("node"), place)
        by_type, here, whose = "@type" in container, plan, None
        if by_type and outer.previous is not None:
            outer = outer.previous
        for key, items in value.items():
            at = place + outer.plans[key][3].suffix
            if outer.expand(key) == "@none":
                self.note("reading.value", f"what has no key is no part of the map {plan.key[:100]!r}", at)
            elif "@id" in container:
                self.reference(plan.context, key, at)
                whose = key
            elif by_type:
                self.word(outer, key, at)
                here = outer.apply_types([key], self.loader).plans[plan.key][3]
            for where, item in _places(items, at):
                if item.__class__ is dict:
                    inside = here.inside(item, self.loader, keep=True)
                    self.node(item, inside, where, depth, graph, whole=False, name=whose)
                else:
                    self.note("reading.value", f"an entry of the map {plan.key[:100]!r} is an object", where)


def _is_single(plan: Plan) -> bool:
    """Whether what software reads under a name is one value of a kind of its own: dates, numbers, booleans."""
    datatype = plan.datatype or ""
    return "XMLSchema#" in datatype and not datatype.endswith("#string")


def _language(plan: Plan) -> str | None:
    """The language that texts under a term have by its context."""
    if plan.definition.type not in (None, "@none"):
        return None
    own = plan.definition.language
    language: str | None = plan.context.active.language if own is UNSET else own
    return language


def _listed(value: Any) -> list[Any]:
    return value if value.__class__ is list else [value]


def _places(value: Any, place: str) -> list[tuple[str, Any]]:
    if value.__class__ is list:
        return [(f"{place}/{position}", item) for position, item in enumerate(value)]
    return [(place, value)]
