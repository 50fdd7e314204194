"""From a JSON-LD document to its dataset and canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from contexts import CONTEXTS, ContextRegistry
from vc.problems import Problem

from .compaction.reading import differences
from .errors import LinkedDataError
from .jsonld.active_context import Loader
from .jsonld.context_cache import compile_context
from .jsonld.faults import Fault
from .jsonld.keywords import graph_nodes
from .jsonld.limits import DEPTH
from .jsonld.term_definition import UNSET
from .jsonld.walk import Walk
from .rdf.dataset import Dataset
from .rdf.literal import is_quoted_well, quote, quote_exactly
from .rdf.quads import Quads
from .rdf.rdfc import canonical_labels
from .rdf.selection import Provenance
from .templates.dataset import InstanceDataset
from .templates.instance import Instance, instance_of
from .templates.template import Unusual

__all__ = ["canonical_by_walk", "canonical_bytes", "canonicalize", "canonicalize_nquads", "check_terms", "to_dataset"]


def to_dataset(
    document: Mapping[str, Any],
    *,
    contexts: ContextRegistry = CONTEXTS,
    provenance: bool = False,
    one_reading: bool = False,
) -> Dataset:
    """The RDF dataset of a JSON-LD document (JSON-LD 1.1 API 8.1, nothing dropped, no base IRI).

    ``provenance`` keeps the JSON pointers every quad comes from, which ``Relabelled.select`` needs. ``one_reading``
    refuses what can be read in two ways (docs/reading.md). Raises LinkedDataError with every problem found.
    """
    if document.__class__ is dict:
        found = instance_of(document, Loader(contexts))
        if found is not None:
            with suppress(Unusual):
                dataset = InstanceDataset(found, document if provenance else None)
                if one_reading and not found.reads_one_way():
                    _read_one_way(document, contexts, found)
                return dataset
    walk = read(document, contexts, provenance)
    if walk.problems:
        raise LinkedDataError(*walk.problems)
    if one_reading:
        _read_one_way(document, contexts, None, walk.unsigned)
    kept = None
    if provenance:
        kept = Provenance(document, frozenset(walk.atoms))
    return Dataset(walk.quads, kept, tuple(walk.unsigned))


def canonicalize(
    document: Mapping[str, Any],
    *,
    hash_name: str = "sha256",
    contexts: ContextRegistry = CONTEXTS,
) -> str:
    """The canonical N-Quads of a JSON-LD document (RDFC-1.0): lines that each end in a line feed.

    Raises LinkedDataError.
    """
    return canonical_bytes(document, hash_name=hash_name, contexts=contexts).decode()


def canonical_bytes(
    document: Mapping[str, Any],
    *,
    hash_name: str = "sha256",
    contexts: ContextRegistry = CONTEXTS,
    one_reading: bool = False,
) -> bytes:
    """As ``canonicalize``, in UTF-8: what is hashed. ``one_reading`` refuses what can be read in two ways."""
    if document.__class__ is dict:
        found = instance_of(document, Loader(contexts))
        if found is not None:
            try:
                text = found.canonical(hash_name)
            except Unusual:
                pass
            else:
                if one_reading and not found.reads_one_way():
                    _read_one_way(document, contexts, found)
                return text
    return canonical_by_walk(document, hash_name, contexts, one_reading=one_reading).encode()


def check_terms(
    document: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS, one_reading: bool = False
) -> None:
    """Make sure that every term of a document means something and every reference is absolute.

    For signatures over JSON text, which cover terms whatever they mean. ``one_reading`` refuses what can be read in two
    ways, too. Raises LinkedDataError with all that ``canonicalize`` would not take.
    """
    found = instance_of(document, Loader(contexts)) if document.__class__ is dict else None
    if found is None:
        to_dataset(document, contexts=contexts, one_reading=one_reading)
    elif one_reading and not found.reads_one_way():
        _read_one_way(document, contexts, found)


def _read_one_way(
    document: Mapping[str, Any], contexts: ContextRegistry, found: Instance | None, unsigned: Sequence[str] = ()
) -> None:
    """Refuse a document that can be read in two ways. Raises LinkedDataError.

    ``found`` is the document as an instance where it is one: when it passes, its template is judged with it.
    """
    problems = differences(document, contexts)
    if unsigned and not problems:
        detail = "this is not part of any statement, so that no signature covers it: leave it out"
        problems = [Problem("reading.dropped", detail, pointer) for pointer in unsigned]
    if problems:
        raise LinkedDataError(*problems)
    if found is not None:
        found.template.reading.passed = True


def canonical_by_walk(
    document: Mapping[str, Any], hash_name: str, contexts: ContextRegistry, *, one_reading: bool = False
) -> str:
    """The canonical N-Quads of any document, by the general way. Raises LinkedDataError."""
    for exact in (False, True):
        walk = read(document, contexts, exact=exact)
        if walk.problems:
            raise LinkedDataError(*walk.problems)
        if one_reading and not exact:
            _read_one_way(document, contexts, None, walk.unsigned)
        text = _canonical_text(walk.quads, hash_name)
        if is_quoted_well(text):
            break
    return text


def canonicalize_nquads(text: str, *, hash_name: str = "sha256") -> str:
    """The canonical form (RDFC-1.0) of a dataset given as N-Quads.

    Raises LinkedDataError: rdfc.syntax, rdfc.budget.
    """
    from .rdf.nquads import parse_nquads

    try:
        quads = parse_nquads(text)
    except Fault as fault:
        raise LinkedDataError(Problem(fault.code, fault.detail)) from None
    return _canonical_text(quads, hash_name)


def _canonical_text(quads: Quads, hash_name: str) -> str:
    try:
        labels = canonical_labels(quads, hash_name)
    except Fault as fault:
        raise LinkedDataError(Problem(fault.code, fault.detail)) from None
    return "".join(quads.sorted_lines(labels))


def read(
    document: Any,
    contexts: ContextRegistry,
    provenance: bool = False,
    *,
    base: str | None = None,
    exact: bool | None = None,
) -> Walk:
    """Walk a document; the walk holds its quads and the problems. Raises LinkedDataError for an invalid document.

    ``base`` is the document's base IRI: only for documents whose place is part of their meaning. ``exact`` says how
    literals are quoted: quickly, exactly, or (None) exactly where the quick way turns out to be wrong. What Python has
    beside JSON's own types is read as orjson writes it, as it is on the quick way.
    """
    walk = Walk(Loader(contexts), quote_exactly if exact else quote, provenance)
    try:
        _walk_top(walk, document, base)
    except Fault as fault:
        written = _written(document)
        if written != document:
            return read(written, contexts, provenance, base=base, exact=exact)
        raise LinkedDataError(Problem(fault.code, fault.detail, fault.pointer or ""), *walk.problems) from None
    except RecursionError:
        raise LinkedDataError(Problem("jsonld.limit", "nested too deep")) from None
    except (orjson.JSONEncodeError, UnicodeEncodeError):
        raise LinkedDataError(Problem("jsonld.invalid", "a lone surrogate is no text", _surrogate(document))) from None
    if exact is None and not all(is_quoted_well("".join(group.texts)) for group in walk.quads.groups.values()):
        return read(document, contexts, provenance, base=base, exact=True)
    return walk


def _walk_top(walk: Walk, document: Any, base: str | None) -> None:
    if isinstance(document, Mapping):
        document = document if document.__class__ is dict else dict(document)
        try:
            context = compile_context(document.get("@context", UNSET), walk.loader, base)
        except Fault as fault:
            raise Fault(fault.code, fault.detail, "/@context") from None
        walk.top(document, context)
        return
    context = compile_context(UNSET, walk.loader, base)
    graph_nodes(walk, context, document, "", 0, None)


def _written(value: Any, depth: int = 0) -> Any:
    """The value with arrays for tuples and texts for UUIDs."""
    from uuid import UUID

    if depth > DEPTH:
        return value
    kind = value.__class__
    if kind is dict:
        return {key: _written(item, depth + 1) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_written(item, depth + 1) for item in value]
    return str(value) if kind is UUID else value


def _surrogate(value: Any, path: str = "") -> str:
    """The pointer of the first text with a lone surrogate."""
    if isinstance(value, dict):
        for key, item in value.items():
            place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            found = _surrogate(item, place)
            if found:
                return found
    elif isinstance(value, list):
        for position, item in enumerate(value):
            found = _surrogate(item, f"{path}/{position}")
            if found:
                return found
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return path
    return ""
