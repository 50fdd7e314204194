"""The fast way from a whole document to canonical N-Quads: templates of node objects.

Node objects of the same shape (context, types, keys and classes of values) differ in their texts only. Their predicates
are known, and so is the order of their lines: the first of a shape is read closely and becomes a template, later ones
are filled in. Nodes then only have to be put in the order of their subjects; nothing else is left to sort.

This way is for what most credentials are: a tree of nodes with texts, native values, references and language maps, in
which no two blank nodes look alike. All else, and all that is wrong, goes the general way (``walk.py``): whatever is
unusual here gives None, never an answer of its own. The tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from .active_context import Loader
from .compiled import Compiled
from .context_cache import compile_context
from .faults import Fault
from .iri import is_absolute, match_absolute
from .literal import native, quote
from .plan import ID, LITERAL, RDF_TYPE, SKIP, VOCAB, Plan, language_tail
from .rdfc import HASHES
from .term_definition import UNSET

__all__ = ["canonical_by_shape"]

_SHAPES: Final = 256
"""How many shapes are kept for one context."""
_KEY: Final = 16_384
"""How many characters the keys and types of a shape may have."""
_DEPTH: Final = 16
_BLANKS: Final = 10_000
_END: Final = b" .\n"
_SUBJECT: Final = b"\0"
"""Stands for the subject in the lines of a node. No literal and no IRI has it: it would be escaped, or refused."""


class _Unusual(Exception):
    """The general way has to be taken."""


_Writer = Callable[[Plan, Any], bytes]


class _Shape(NamedTuple):
    """A template: ``parts`` has the text of the node's lines, and empty places for what is filled in."""

    context: Compiled
    """The one after the types."""
    parts: list[bytes]
    texts: tuple[tuple[int, str], ...]
    """Place in ``parts`` and key of texts that become literals."""
    lines: tuple[tuple[int, str, _Writer, Plan], ...]
    """Place, key, what writes the lines for the value, and the plan."""
    links: tuple[tuple[int, str, Plan, bytes], ...]
    """Place, key, plan and predicate of node objects, and of arrays."""
    identifier: str | None
    """The key of the node's ``@id``."""
    nested: bool
    """Whether it may stand inside another node: it has no ``@context`` of its own."""
    bare: bool
    """Whether it says nothing but who it is."""


class _Node:
    """A node that is being filled in. ``parent`` is the subject that links to it with ``predicate``."""

    __slots__ = ("links", "parent", "parts", "predicate")

    def __init__(self, parts: list[bytes], parent: bytes | int | None, predicate: bytes) -> None:
        self.parts = parts
        self.parent = parent
        self.predicate = predicate
        self.links: list[tuple[int, bytes, list[bytes | int]]] = []
        """Place, predicate, and objects: terms, or numbers of blank nodes."""

    def text(self, subject: bytes, labels: list[bytes] | None) -> bytes:
        """The lines, in order. Blank nodes in them are named by ``labels``; without, all are ``_:z``."""
        if not self.links:
            if len(self.parts) > 1:
                self.parts = [b"".join(self.parts)]
            return self.parts[0].replace(_SUBJECT, subject)
        for place, predicate, objects in self.links:
            lines = []
            for item in objects:
                term = item if item.__class__ is bytes else b"_:z" if labels is None else labels[item]  # type: ignore[index]
                lines.append(b"\0%b%b .\n" % (predicate, term))
            lines.sort()
            self.parts[place] = lines[0] if len(lines) == 1 else b"".join(lines)
        return b"".join(self.parts).replace(_SUBJECT, subject)


def canonical_by_shape(document: dict[str, Any], hash_name: str, loader: Loader) -> bytes | None:
    """The canonical N-Quads (RDFC-1.0) of a document as UTF-8, or None when the general way has to be taken."""
    filling = _Filling(loader)
    try:
        filling.node(document, compile_context(document.get("@context", UNSET), loader), None, b"", 0)
        text = filling.canonical(hash_name)
    except (_Unusual, Fault, LookupError, TypeError, ValueError, RecursionError):
        return None
    # What JSON and N-Quads escape differently: see ``literal.is_quoted_well``.
    if b"\x7f" in text or (b"\\" in text and b"\\u00" in text):
        return None
    return None if b"\xef" in text and (b"\xef\xbf\xbe" in text or b"\xef\xbf\xbf" in text) else text


class _Filling:
    """One document being filled into templates."""

    __slots__ = ("blank", "loader", "named")

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.named: dict[bytes, _Node] = {}
        self.blank: list[_Node] = []

    def node(
        self, value: dict[str, Any], context: Compiled, parent: bytes | int | None, predicate: bytes, depth: int
    ) -> bytes | int:
        """Fill in a node object and those below it; its subject. Raises _Unusual, or any error of odd values."""
        types = value.get("type")
        key = (tuple(types) if types.__class__ is list else types, *value, *map(type, value.values()))
        shape = context.shapes.get(key)
        if shape is None:
            shape = _remembered(context, key, value, self.loader)
        if shape is False or (not shape.nested if depth else shape.bare):
            raise _Unusual
        after, template, texts, lines, links, identifier, _, bare = shape
        parts = template.copy()
        for place, name in texts:
            parts[place] = quote(value[name])
        for place, name, writer, plan in lines:
            parts[place] = writer(plan, value[name])
        node = _Node(parts, parent, predicate)
        subject: bytes | int
        if identifier is None:
            subject = len(self.blank)
            if subject == _BLANKS:
                raise _Unusual
            self.blank.append(node)
        else:
            subject = _reference(after, value[identifier])
            if not bare:
                if subject in self.named:
                    raise _Unusual
                self.named[subject] = node
        if links:
            if depth == _DEPTH:
                raise _Unusual
            for place, name, plan, written in links:
                node.links.append((place, written, self.objects(plan, value[name], subject, written, depth + 1)))
        return subject

    def objects(self, plan: Plan, value: Any, subject: bytes | int, predicate: bytes, depth: int) -> list[bytes | int]:
        """The objects that a node object, or an array of them or of texts, stands for."""
        if value.__class__ is dict:
            return [self.node(value, plan.inside(value, self.loader), subject, predicate, depth)]
        found: dict[bytes | int, None] = {}
        for item in value:
            if item.__class__ is dict:
                found[self.node(item, plan.inside(item, self.loader), subject, predicate, depth)] = None
            elif item.__class__ is not str:
                raise _Unusual
            elif plan.kind == LITERAL:
                found[quote(item) + plan.tail.encode()] = None
            elif plan.kind == ID:
                found[_reference(plan.context, item)] = None
            else:
                found[_absolute(plan.context.expand_vocab_or_base(item))] = None
        return list(found)

    def canonical(self, hash_name: str) -> bytes:
        """All lines, the blank nodes with their canonical labels (RDFC-1.0 section 4.4.3, without step 5)."""
        labels = self.labels(hash_name)
        nodes = {subject + b" ": node for subject, node in self.named.items()}
        for label, node in zip(labels, self.blank, strict=True):
            nodes[label + b" "] = node
        return b"".join([nodes[subject].text(subject, labels) for subject in sorted(nodes)])

    def labels(self, hash_name: str) -> list[bytes]:
        """The labels by first degree hashes. Raises _Unusual when two are the same."""
        if len(self.blank) < 2:
            return [b"_:c14n0"] * len(self.blank)
        algorithm = HASHES[hash_name]
        by_hash: dict[bytes, int] = {}
        for number, node in enumerate(self.blank):
            lines = node.text(b"_:a ", None)
            # The one line from above: in code point order "<" is before "_:a", and that before "_:z".
            if isinstance(node.parent, bytes):
                lines = b"%b %b_:a .\n%b" % (node.parent, node.predicate, lines)
            elif node.parent is not None:
                lines = b"%b_:z %b_:a .\n" % (lines, node.predicate)
            by_hash[algorithm(lines).digest()] = number
        if len(by_hash) != len(self.blank):
            raise _Unusual
        labels = [b""] * len(self.blank)
        for position, digest in enumerate(sorted(by_hash)):
            labels[by_hash[digest]] = b"_:c14n%d" % position
        return labels


def _remembered(
    context: Compiled, key: tuple[Any, ...], value: dict[str, Any], loader: Loader
) -> _Shape | Literal[False]:
    """The shape of a node object that was not met before, kept where there is room; False for an unusual one."""
    if len(context.shapes) >= _SHAPES or sum(map(len, value)) + len(str(key[0])) > _KEY:
        raise _Unusual
    shape: _Shape | Literal[False]
    try:
        shape = _shape_of(value, context, loader)
    except (_Unusual, Fault):
        shape = False
    if not context.family.grow(1 + len(value)):
        raise _Unusual
    context.shapes[key] = shape
    return shape


def _shape_of(value: dict[str, Any], context: Compiled, loader: Loader) -> _Shape:
    """The template for node objects like ``value``. Raises _Unusual or Fault."""
    before = context
    if not value or any(name in value for name in context.type_keys if name != "type"):
        raise _Unusual
    slots: dict[str, tuple[str, Plan | None]] = {}
    if "type" in value:
        types = value["type"]
        if "type" not in context.type_keys or types.__class__ not in (str, list):
            raise _Unusual
        typed = context.types(types, loader)
        if not typed.plain:
            raise _Unusual
        context = typed.context
        slots[RDF_TYPE] = ("".join(sorted({f"\0{line} .\n" for line in typed.plain})), None)
    identifiers = [name for name in context.id_keys if name in value]
    others = context.special_keys | context.nest_keys | context.graph_keys | before.special_keys | before.graph_keys
    if len(identifiers) > 1 or not others.isdisjoint(value):
        raise _Unusual
    for name, item in value.items():
        kind, predicate, _, plan = context.plans[name]
        if kind == SKIP:
            continue
        if kind > VOCAB or predicate in slots:
            raise _Unusual
        if item is not None:
            slots[predicate] = (name, plan)
    return _assembled(slots, value, context, identifiers[0] if identifiers else None)


def _assembled(
    slots: dict[str, tuple[str, Plan | None]], value: dict[str, Any], context: Compiled, identifier: str | None
) -> _Shape:
    """The shape with these slots: predicate -> whole lines, or a key and its plan."""
    parts = [b""]
    texts: list[tuple[int, str]] = []
    lines: list[tuple[int, str, _Writer, Plan]] = []
    links: list[tuple[int, str, Plan, bytes]] = []
    for predicate in sorted(slots):
        name, plan = slots[predicate]
        if plan is None:
            parts[-1] += name.encode()
            continue
        place = len(parts)
        parts += [b"", b""]
        if plan.kind == LITERAL and value[name].__class__ is str:
            parts[place - 1] += _SUBJECT + predicate.encode()
            parts[place + 1] = plan.tail.encode() + _END
            texts.append((place, name))
            continue
        writer = _writer(plan, value[name])
        if writer is None:
            links.append((place, name, plan, predicate.encode()))
        else:
            lines.append((place, name, writer, plan))
    return _Shape(
        context, parts, tuple(texts), tuple(lines), tuple(links), identifier, "@context" not in value, not slots
    )


# Lines of single properties.


def _writer(plan: Plan, item: Any) -> _Writer | None:
    """What writes the lines for values of the class of ``item``; None for node objects and arrays."""
    kind_of = item.__class__
    if kind_of is str and not plan.has_scope:
        return _reference_line if plan.kind == ID else _vocabulary_line
    if kind_of is dict and plan.is_map:
        return _language_lines
    if kind_of is dict or (kind_of is list and not plan.has_scope):
        return None
    if plan.kind == LITERAL and kind_of in (bool, int, float):
        return _native_line
    raise _Unusual


def _reference(context: Compiled, value: Any) -> bytes:
    """``<iri>`` for a reference. Raises _Unusual when it is no absolute IRI."""
    if value.__class__ is not str:
        raise _Unusual
    match = match_absolute(value)
    if match is not None and match[1] not in context.prefixes:
        return b"<%b>" % value.encode()
    return _absolute(context.expand_reference(value))


def _absolute(iri: str | None) -> bytes:
    if iri is None or not is_absolute(iri):
        raise _Unusual
    return b"<%b>" % iri.encode()


def _reference_line(plan: Plan, value: Any) -> bytes:
    return b"\0%b%b .\n" % (plan.predicate.encode(), _reference(plan.context, value))


def _vocabulary_line(plan: Plan, value: Any) -> bytes:
    return b"\0%b%b .\n" % (plan.predicate.encode(), _absolute(plan.context.expand_vocab_or_base(value)))


def _native_line(plan: Plan, value: Any) -> bytes:
    if value.__class__ is bool:
        return f"\0{plan.predicate}{plan.true if value else plan.false} .\n".encode()
    return f"\0{plan.predicate}{native(value, plan.datatype, plan.tail)} .\n".encode()


def _language_lines(plan: Plan, value: Any) -> bytes:
    """The lines of a language map."""
    lines = set()
    terms = plan.context.active.terms
    for language, text in value.items():
        tail = language_tail(language)
        if text.__class__ is not str or tail is None or (language in terms and terms[language].iri == "@none"):
            raise _Unusual
        lines.add(b"\0%b%b%b .\n" % (plan.predicate.encode(), quote(text), tail.encode()))
    return b"".join(sorted(lines))
