"""What the registered contexts call things: every term with the IRIs and value types that some context gives it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from contexts import CONTEXTS

__all__ = ["iris_of", "prefixed"]

_PREFIXES = {
    "https://www.w3.org/2018/credentials#": "cred:",
    "https://w3id.org/security#": "sec:",
    "https://schema.org/": "schema:",
    "https://www.w3.org/ns/credentials/status#": "status:",
}


def iris_of(term: str) -> tuple[tuple[str, str | None], ...]:
    """The (IRI, value type or None) pairs of ``term``; in the examples' vocabulary when no context has it."""
    return _terms().get(term, (("https://www.w3.org/ns/credentials/examples#" + term, None),))


def prefixed(iri: str) -> str:
    """``iri`` as a compact IRI, where a prefix is in use for it."""
    for namespace, prefix in _PREFIXES.items():
        if iri.startswith(namespace):
            return prefix + iri.removeprefix(namespace)
    return iri


@lru_cache(maxsize=1)
def _terms() -> dict[str, tuple[tuple[str, str | None], ...]]:
    found: dict[str, dict[tuple[str, str | None], None]] = {}
    for url in sorted(CONTEXTS.urls()):
        pending: list[Any] = [CONTEXTS.get(url).get("@context")]
        while pending:
            node = pending.pop()
            if isinstance(node, list):
                pending.extend(node)
            if not isinstance(node, Mapping):
                continue
            for term, definition in node.items():
                if isinstance(definition, str) and ":" in definition:
                    found.setdefault(term, {})[(definition, None)] = None
                elif isinstance(definition, Mapping):
                    iri = definition.get("@id")
                    if isinstance(iri, str) and ":" in iri:
                        found.setdefault(term, {})[(iri, definition.get("@type"))] = None
                    pending.append(definition.get("@context"))
    return {term: tuple(pairs) for term, pairs in found.items() if not term.startswith("@")}
