"""Proof configurations as text, and contexts known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import orjson

from contexts import CONTEXTS, ContextRegistry

from .active_context import Loader
from .compiled import Compiled
from .context_cache import compile_context, registered_only
from .engine import canonicalize
from .faults import Fault
from .iri import is_absolute, match_absolute
from .literal import is_quoted_well, quote
from .plan import ID, LITERAL, RDF_TYPE, VOCAB, Plan

__all__ = ["contexts_known", "proof_configuration_lines"]

_BLANK: Final = "_:c14n0 "
_LEFT_OUT: Final = ("@context", "proofValue")
_TEMPLATES: Final = 64

_Line = tuple[str, int, str, Plan | None]
"""What the line begins with, the kind of value, the key and its plan; a line without a plan is whole."""


def proof_configuration_lines(
    context: Any,
    proof: Mapping[str, Any],
    *,
    hash_name: Literal["sha256", "sha384"] = "sha256",
    contexts: ContextRegistry = CONTEXTS,
) -> str:
    """Canonical N-Quads of a proof configuration (vc-di-eddsa 3.2.5, vc-di-ecdsa 3.2.5).

    ``context`` is the document's ``@context``, ``proof`` the proof's members; ``proofValue`` and ``@context`` in it are
    left out here. Where every member is a text and names a property, the lines are written from a template, which is
    made of the compiled context; anything else goes the general way. Raises LinkedDataError.
    """
    text = _from_template(context, proof, contexts)
    if text is not None:
        return text
    configuration = {"@context": context, **{key: value for key, value in proof.items() if key not in _LEFT_OUT}}
    return canonicalize(configuration, hash_name=hash_name, contexts=contexts)


def _from_template(context: Any, proof: Mapping[str, Any], contexts: ContextRegistry) -> str | None:
    """The lines, or None where no template fits (the general way then finds what is wrong, if anything is)."""
    loader = Loader(contexts)
    try:
        compiled = compile_context(context, loader)
        key = (proof.get("type"), *proof)
        template = compiled.templates.get(key, False)
        if template is False:
            template = _template(compiled, proof, loader)
            if len(compiled.templates) < _TEMPLATES and sum(len(part) for part in key if part) < 1000:
                compiled.templates[key] = template
        if template is None:
            return None
        text = "".join([_line(line, proof) for line in template])
    except (Fault, LookupError, TypeError, orjson.JSONEncodeError):
        return None
    return text if is_quoted_well(text) else None


def _line(line: _Line, proof: Mapping[str, Any]) -> str:
    begin, kind, key, plan = line
    if plan is None:
        return begin
    value = proof[key]
    if value.__class__ is not str:
        raise TypeError
    if kind == LITERAL:
        return f"{begin}{quote(value).decode()}{plan.tail} .\n"
    if kind == ID:
        match = match_absolute(value)
        if match is None or match[1] in plan.context.prefixes:
            raise LookupError
        return f"{begin}<{value}> .\n"
    iri = plan.context.expand_vocab_or_base(value)
    if iri is None or not is_absolute(iri):
        raise LookupError
    return f"{begin}<{iri}> .\n"


def _template(compiled: Compiled, proof: Mapping[str, Any], loader: Loader) -> list[_Line] | None:
    """The lines for a proof with these members and this type; None when they can't be told beforehand."""
    if proof.get("type").__class__ is not str or "type" not in compiled.type_keys:
        return None
    typed = compiled.types(proof["type"], loader)
    if not typed.plain:
        return None
    lines: dict[str, _Line] = {RDF_TYPE: (f"{_BLANK}{typed.plain[0]} .\n", LITERAL, "type", None)}
    for key in proof:
        if key in _LEFT_OUT or key == "type":
            continue
        kind, predicate, _, plan = typed.context.plans[key]
        if plan.has_scope and kind in (ID, VOCAB):
            plan = plan.enter(loader, keep=True).plans[key][3]
        if kind > VOCAB or plan.kind != kind or predicate in lines:
            return None
        lines[predicate] = (_BLANK + predicate, kind, key, plan)
    return [lines[predicate] for predicate in sorted(lines)]


def contexts_known(document: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS) -> bool:
    """Whether every ``@context`` of the document is a registered URL or a list of them
    (Data Integrity 2.4.1, 4.6): then what its terms mean was fixed beforehand, by digest."""
    stack: list[Any] = [document]
    while stack:
        value = stack.pop()
        if value.__class__ is list:
            items = value
        else:
            if "@context" in value and not registered_only(value["@context"], contexts):
                return False
            items = value.values()
        for item in items:
            if item.__class__ is dict or item.__class__ is list:
                stack.append(item)
    return True
