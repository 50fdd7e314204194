"""CBOR-LD 1.0 (JSON-LD CG draft of 2025-05, as digitalbazaar/cborld 8 implements it): JSON-LD by its terms' integers.

Tag 51997 (0xCB1D) over ``[registry entry, payload]``. Entry 0 is plain CBOR, entry 1 has terms and value forms but no
tables (what the reference implementation does with it), others need tables from the caller. Only this form is read,
none of the older tags. Decoded content is as untrusted as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import cbor2

from contexts import CONTEXTS, ContextError
from vc.cbor import CborLimits, CborRefused, loads

from .cbor_ld_terms import ActiveContext, Terms, refuse
from .cbor_ld_values import DEFAULT_TABLES, NO_TABLES, Tables, decode_value, encode_value

__all__ = ["DEFAULT_TABLES", "MAX_BYTES", "TAG", "Tables", "decode", "encode"]

TAG: Final = 0xCB1D
MAX_BYTES: Final = 256 * 1024
_MAX_DEPTH: Final = 64
_MAX_NODES: Final = 2000
_LIMITS: Final = CborLimits(size=MAX_BYTES, items=20_000, depth=_MAX_DEPTH + 2)
_HEAD: Final = bytes((0xD9, TAG >> 8, TAG & 0xFF))

Loader = Callable[[str], Mapping[str, Any]]


def _known_context(url: str) -> Mapping[str, Any]:
    try:
        return CONTEXTS.get(url)
    except ContextError:
        raise refuse(f"the context {url[:200]!r} is not known") from None


def encode(
    document: Mapping[str, Any],
    *,
    entry: int = 1,
    tables: Tables | None = None,
    load: Loader = _known_context,
) -> bytes:
    """``document`` (JSON-LD) as CBOR-LD.

    ``entry`` is the registry entry, ``tables`` are those of an entry other than 0 and 1, ``load`` gives the documents
    of contexts. Raises ProblemError ``qr.payload`` (an unknown context, an invalid or redefined protected term, missing
    tables), ``qr.limit``.
    """
    if entry == 0:
        payload: Any = dict(document)
    else:
        walk = _Walk(_tables(entry, tables), load, written=True)
        payload = walk.compress(document, ActiveContext(), 0)
    return cbor2.dumps(cbor2.CBORTag(TAG, [entry, payload]), canonical=True)


def decode(
    data: bytes,
    *,
    tables: Callable[[int], Tables | None] = lambda entry: None,
    load: Loader = _known_context,
) -> dict[str, Any]:
    """The document of ``data`` (untrusted). ``tables`` gives those of an entry other than 0 and 1.

    Raises ProblemError: ``qr.limit``, ``qr.payload``.
    """
    if len(data) > MAX_BYTES:
        raise refuse(f"CBOR-LD has {MAX_BYTES} bytes at most here", "qr.limit")
    if not data.startswith(_HEAD):
        raise refuse("the content does not begin with the tag of CBOR-LD")
    try:
        found = loads(data[len(_HEAD) :], _LIMITS, canonical=True)
    except CborRefused as error:
        raise refuse(f"the content: {error}", "qr.limit" if error.limit else "qr.payload") from None
    if not isinstance(found, list) or len(found) != 2:
        raise refuse("CBOR-LD is an array of registry entry and payload")
    entry, payload = found
    if not isinstance(entry, int) or isinstance(entry, bool) or entry < 0 or not isinstance(payload, Mapping):
        raise refuse("CBOR-LD is an array of registry entry and payload")
    if entry == 0:
        plain: dict[str, Any] = _plain(payload, 0)
        return plain
    walk = _Walk(_tables(entry, tables(entry)), load, written=False)
    try:
        document: dict[str, Any] = _plain(walk.decompress(payload, ActiveContext(), 0), 0)
    except (TypeError, AttributeError, OverflowError):
        raise refuse("the content is not the CBOR-LD of a document") from None
    return document


def _tables(entry: int, tables: Tables | None) -> Tables:
    if entry == 1:
        return NO_TABLES
    if tables is None:
        raise refuse(f"there are no tables for the registry entry {entry} (ERR_NO_TYPETABLE)")
    return tables


def _plain(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise refuse("the content is too deep", "qr.limit")
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise refuse("a member's name is text")
        return {name: _plain(member, depth + 1) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member, depth + 1) for member in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise refuse("the content holds something that JSON has no word for")


class _Walk:
    """One document's way through its contexts."""

    def __init__(self, tables: Tables, load: Loader, *, written: bool) -> None:
        self._tables = tables
        self._terms = Terms(load, written=written)
        self._nodes = 0

    # --- in --------------------------------------------------------------------------------------------------------

    def compress(self, node: Mapping[str, Any], active: ActiveContext, depth: int) -> dict[Any, Any]:
        """A node with integers for terms."""
        self._count(depth)
        result: dict[Any, Any] = {}
        if "@context" in node:
            contexts = node["@context"]
            several = isinstance(contexts, list)
            named = [self._context_number(context) for context in (contexts if several else [contexts])]
            result[1 if several else 0] = named if several else named[0]
            active = self._terms.embedded(active, contexts)
        active = self._terms.typed(active, _types(node, active))
        for term, value in sorted(node.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass")):
            if term != "@context":
                number = self._terms.ids.get(term)
                key = term if number is None else number + isinstance(value, list)
                result[key] = self._compressed(term, value, active, depth)
        return result

    def _compressed(self, term: str, value: Any, active: ActiveContext, depth: int) -> Any:
        if isinstance(value, list):
            return [self._compressed(term, item, active, depth + 1) for item in value]
        if isinstance(value, Mapping):
            return self.compress(value, self._terms.below(active, term), depth + 1)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        return encode_value(active.kind(term), value, self._tables, self._terms, active)

    def _count(self, depth: int) -> None:
        # Each node may bring a context of hundreds of terms into force.
        self._nodes += 1
        _check_depth(depth)
        if self._nodes > _MAX_NODES:
            raise refuse(f"a document has {_MAX_NODES} nodes at most", "qr.limit")

    def _context_number(self, context: Any) -> Any:
        number = self._tables.number("context", context) if isinstance(context, str) else None
        return context if number is None else number

    # --- out -------------------------------------------------------------------------------------------------------

    def decompress(self, node: Mapping[Any, Any], active: ActiveContext, depth: int) -> dict[str, Any]:
        """A node with its terms again."""
        self._count(depth)
        result: dict[str, Any] = {}
        if 0 in node and 1 in node:
            raise refuse("a node has two contexts")
        for key in (0, 1):
            if key in node:
                named = node[key]
                if (key == 1) is not isinstance(named, list):
                    raise refuse("a plural term has an array, a singular one has none")
                contexts = [self._context(item) for item in named] if key else self._context(named)
                result["@context"] = contexts
                active = self._terms.embedded(active, contexts)
        active = self._terms.typed(active, self._decoded_types(node, active))
        for key in sorted(node, key=_order):
            if key in (0, 1) and not isinstance(key, bool):
                continue
            term = self._name(key)
            if term in result:
                raise refuse("a term stands twice")
            value = node[key]
            plural = isinstance(value, list) and (isinstance(key, str) or key % 2 == 1)
            if isinstance(key, int) and (key % 2 == 1) is not plural:
                raise refuse("a plural term has an array")
            result[term] = self._decompressed(term, value, active, depth, plural=plural)
        return result

    def _decoded_types(self, node: Mapping[Any, Any], active: ActiveContext) -> list[str]:
        found: list[str] = []
        aliases = active.aliases("@type")
        for key, member in node.items():
            if type(key) is int and self._terms.names.get(key - key % 2) in aliases:
                values = member if key % 2 and isinstance(member, list) else [member]
                decoded = [decode_value("@type", value, self._tables, self._terms) for value in values]
                found += [value for value in decoded if isinstance(value, str)]
        return found

    def _decompressed(self, term: str, value: Any, active: ActiveContext, depth: int, *, plural: bool) -> Any:
        _check_depth(depth)
        if plural:
            several = [isinstance(item, list) and not _is_one_value(active.kind(term)) for item in value]
            return [
                self._decompressed(term, item, active, depth + 1, plural=nested)
                for item, nested in zip(value, several, strict=True)
            ]
        if isinstance(value, Mapping):
            return self.decompress(value, self._terms.below(active, term), depth + 1)
        kind = active.kind(term)
        if isinstance(value, list) and not _is_one_value(kind):
            raise refuse("a singular term has no array")
        return decode_value(kind, value, self._tables, self._terms)

    def _name(self, key: Any) -> str:
        if isinstance(key, str):
            return key
        if not isinstance(key, int) or isinstance(key, bool):
            raise refuse("a term is text or an integer")
        found = self._terms.names.get(key - key % 2)
        if found is None:
            raise refuse(f"the term {key} is not defined")
        return found

    def _context(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            found = self._tables.value("context", value)
            if found is None:
                raise refuse("a context's integer is unknown (ERR_UNDEFINED_COMPRESSED_CONTEXT)")
            return found
        return _plain(value, 0)


def _is_one_value(kind: str) -> bool:
    """Whether an array may be one value of this kind: a URL in parts, a time with milliseconds."""
    return kind in ("@id", "@type", "@vocab") or kind.endswith("#dateTime")


def _order(key: Any) -> tuple[bool, Any]:
    return isinstance(key, str), key


def _types(node: Mapping[str, Any], active: ActiveContext) -> list[str]:
    found: list[str] = []
    aliases = active.aliases("@type")
    for values in [value for term, value in node.items() if term in aliases]:
        found += [value for value in (values if isinstance(values, list) else [values]) if isinstance(value, str)]
    return found


def _check_depth(depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise refuse("the content is too deep", "qr.limit")
