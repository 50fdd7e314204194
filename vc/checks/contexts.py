"""Whether the meaning of every term was fixed beforehand (Data Integrity 1.0 section 4.6, "context validation")."""

from __future__ import annotations

from typing import Any

from contexts import ContextRegistry

from ..linked_data import contexts_known
from ..problems import Problem
from .record import Record

__all__ = ["all_registered", "check_contexts"]

_UNKNOWN = (
    "unknown context {0!r}: contexts are never fetched; give it as a file with --context {0}=FILE, in the library with "
    "ContextRegistry.with_context"
)
_UNKNOWN_ZH = "未知的上下文 {0}：上下文从不联网获取；请以 --context {0}=文件 提供，库中用 ContextRegistry.with_context"


def all_registered(context: object, registry: ContextRegistry) -> bool:
    """Whether ``context`` is one or more URLs of the registry."""
    if not isinstance(context, list):
        return isinstance(context, str) and context in registry
    for item in context:
        if item.__class__ is not str or item not in registry.pinned:
            return False
    return bool(context)


def check_contexts(
    document: dict[str, Any], pointer: str, record: Record, registry: ContextRegistry, *, plain: bool
) -> None:
    """The contexts of ``document`` (which has no proofs any more) are registered ones, and stand at its top.

    ``plain``: ``@context`` stands nowhere but at the top, so that nothing below has to be looked at.
    """
    context = document.get("@context")
    if plain and all_registered(context, registry):
        record.passed("context", pointer)
        return
    if "verifiableCredential" in document:  # Those carry contexts of their own, checked one by one.
        document = {name: value for name, value in document.items() if name != "verifiableCredential"}
    if contexts_known(document, contexts=registry):
        record.passed("context", pointer)
        return
    place = pointer + "/@context"
    unknown = [
        Problem("context.unknown", _UNKNOWN.format(url[:300]), f"{place}/{index}", _UNKNOWN_ZH.format(url[:300]))
        for index, url in enumerate(context if isinstance(context, list) else [context])
        if isinstance(url, str) and url not in registry
    ]
    if unknown:
        record.failed("context", place, unknown)
        return
    detail = "the document brings its own definitions; only registered contexts at its top say what terms mean"
    record.failed("context", place, [Problem("context.inline", detail, place)], stop=False)
