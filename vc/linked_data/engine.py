"""From a JSON-LD document to its dataset and canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from contexts import CONTEXTS, ContextRegistry
from vc.problems import Problem

from .active_context import Loader
from .compiled import compile_context
from .dataset import Dataset
from .errors import LinkedDataError
from .faults import Fault
from .keywords import graph_nodes
from .literal import quote, quote_exactly
from .nquads import parse_nquads
from .quads import Quads
from .rdfc import canonical_labels
from .selection import Provenance
from .term_definition import UNSET
from .walk import Walk

__all__ = ["canonicalize", "canonicalize_nquads", "to_dataset"]


def to_dataset(
    document: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS, provenance: bool = False
) -> Dataset:
    """The RDF dataset of a JSON-LD document (JSON-LD 1.1 API 8.1, nothing dropped, no base IRI).

    ``provenance`` keeps the JSON pointers every quad comes from, which ``Relabelled.select`` needs.
    Raises LinkedDataError with every problem found.
    """
    walk = read(document, contexts, provenance)
    if walk.problems:
        raise LinkedDataError(*walk.problems)
    kept = None
    if provenance:
        kept = Provenance(document, frozenset(walk.atoms))
    return Dataset(walk.quads, kept, tuple(walk.unsigned))


def canonicalize(
    document: Mapping[str, Any],
    *,
    hash_name: Literal["sha256", "sha384"] = "sha256",
    contexts: ContextRegistry = CONTEXTS,
) -> str:
    """The canonical N-Quads of a JSON-LD document (RDFC-1.0): lines that each end in a line feed.

    Raises LinkedDataError.
    """
    walk = read(document, contexts)
    if walk.problems:
        raise LinkedDataError(*walk.problems)
    return _canonical_text(walk.quads, hash_name)


def canonicalize_nquads(text: str, *, hash_name: Literal["sha256", "sha384"] = "sha256") -> str:
    """The canonical form (RDFC-1.0) of a dataset given as N-Quads.

    Raises LinkedDataError: rdfc.syntax, rdfc.budget.
    """
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


def read(document: Any, contexts: ContextRegistry, provenance: bool = False, *, base: str | None = None) -> Walk:
    """Walk a document; the walk holds its quads and the problems. Raises LinkedDataError for an invalid document.

    ``base`` is the document's base IRI: only for documents whose place is part of their meaning.
    """
    loader = Loader(contexts)
    walk = Walk(loader, quote, provenance)
    try:
        _walk_top(walk, document, base)
        if _needs_exact_quoting(walk.quads):
            walk = Walk(loader, quote_exactly, provenance)
            _walk_top(walk, document, base)
    except Fault as fault:
        raise LinkedDataError(Problem(fault.code, fault.detail, fault.pointer or ""), *walk.problems) from None
    except UnicodeEncodeError:
        raise LinkedDataError(Problem("jsonld.invalid", "a lone surrogate is no text", _surrogate(document))) from None
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


def _needs_exact_quoting(quads: Quads) -> bool:
    """Whether the quick quoting may have gone wrong: control and non-characters. Raises UnicodeEncodeError."""
    for group in quads.groups.values():
        text = "".join(group.texts)
        if "\\u00" in text or "\x7f" in text:
            return True
        if not text.isascii():
            text.encode()
            if "\ufffe" in text or "\uffff" in text:
                return True
    return False


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
