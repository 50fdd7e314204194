"""Proof configurations as text, and contexts known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from contexts import CONTEXTS, ContextRegistry

from ..engine import canonical_bytes
from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.context_cache import compile_context, registered_only
from ..jsonld.faults import Fault
from ..jsonld.iri import is_absolute, match_absolute
from ..jsonld.plan import ID, LITERAL, RDF_TYPE, VOCAB, Plan
from ..rdf.literal import is_quoted_well_utf8, quote

__all__ = ["contexts_known", "proof_configuration_bytes"]

_BLANK: Final = "_:c14n0 "
_LEFT_OUT: Final = ("@context", "proofValue")
_TEMPLATES: Final = 64
_WRITTEN: Final = 1024
"""How many sets of references are kept for one template."""
_LONG: Final = 2048
"""Characters that a set of references may have to be kept."""


class _Line(NamedTuple):
    """One line of a configuration. Without a plan it is whole, and the same for all proofs of the template."""

    begin: str
    key: str
    plan: Plan | None


class _Template:
    """What the lines of a proof with certain members and a certain type are made of.

    Values of ``references`` become IRIs, those of ``literals`` texts. Verifiers meet the same verification methods and
    purposes again and again: what they are written as, with the places for the texts between them, is kept.
    """

    __slots__ = ("lines", "literals", "references", "written")

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.literals = [line.key for line in lines if line.plan is not None and line.plan.kind == LITERAL]
        self.references = [line.key for line in lines if line.plan is not None and line.plan.kind != LITERAL]
        self.written: dict[tuple[str, ...], list[bytes]] = {}

    def fill(self, proof: Mapping[str, Any]) -> bytes:
        """The lines for a proof. Raises LookupError or TypeError where the general way has to be taken."""
        references = tuple([proof[key] for key in self.references])
        parts = self.written.get(references)
        if parts is None:
            parts = self._parts(references)
        texts = [proof[key] for key in self.literals]
        for text in texts:
            if text.__class__ is not str:
                raise TypeError
        parts = parts.copy()
        parts[1::2] = map(quote, texts)
        return b"".join(parts)

    def _parts(self, references: tuple[Any, ...]) -> list[bytes]:
        """The text around the literals, with empty places for them."""
        iris = dict(zip(self.references, references, strict=True))
        parts = [b""]
        for begin, key, plan in self.lines:
            parts[-1] += begin.encode()
            if plan is None:
                continue
            if plan.kind == LITERAL:
                parts += [b"", f"{plan.tail} .\n".encode()]
            else:
                parts[-1] += f"<{_absolute(iris[key], plan)}> .\n".encode()
        if sum(map(len, references)) <= _LONG:
            if len(self.written) >= _WRITTEN:
                self.written.clear()
            self.written[references] = parts
        return parts


def proof_configuration_bytes(
    context: Any,
    proof: Mapping[str, Any],
    *,
    hash_name: Literal["sha256", "sha384"] = "sha256",
    contexts: ContextRegistry = CONTEXTS,
) -> bytes:
    """Canonical N-Quads, in UTF-8, of a proof configuration (vc-di-eddsa 3.2.5, vc-di-ecdsa 3.2.5).

    ``context`` is the document's ``@context``, ``proof`` the proof's members; ``proofValue`` and ``@context`` in it are
    left out here. Where every member is a text and names a property, the lines are written from a template, which is
    made of the compiled context; anything else goes the general way. Raises LinkedDataError.
    """
    text = _from_template(context, proof, contexts)
    if text is not None:
        return text
    configuration = {"@context": context, **{key: value for key, value in proof.items() if key not in _LEFT_OUT}}
    return canonical_bytes(configuration, hash_name=hash_name, contexts=contexts)


def _from_template(context: Any, proof: Mapping[str, Any], contexts: ContextRegistry) -> bytes | None:
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
        text: bytes = template.fill(proof)
    except (Fault, LookupError, TypeError, ValueError):
        return None
    return text if is_quoted_well_utf8(text) else None


def _absolute(value: Any, plan: Plan) -> str:
    """The absolute IRI that a value stands for. Raises LookupError or TypeError where it is none."""
    if value.__class__ is not str:
        raise TypeError
    if plan.kind == ID:
        match = match_absolute(value)
        if match is None or match[1] in plan.context.prefixes:
            raise LookupError
        return value
    iri = plan.context.expand_vocab_or_base(value)
    if iri is None or not is_absolute(iri):
        raise LookupError
    return iri


def _template(compiled: Compiled, proof: Mapping[str, Any], loader: Loader) -> _Template | None:
    """The template for a proof with these members and this type; None when they can't be told beforehand."""
    if proof.get("type").__class__ is not str or "type" not in compiled.type_keys:
        return None
    typed = compiled.types(proof["type"], loader)
    if not typed.plain:
        return None
    lines: dict[str, _Line] = {RDF_TYPE: _Line(f"{_BLANK}{typed.plain[0]} .\n", "type", None)}
    for key in proof:
        if key in _LEFT_OUT or key == "type":
            continue
        kind, predicate, _, plan = typed.context.plans[key]
        if plan.has_scope and kind in (ID, VOCAB):
            plan = plan.enter(loader, keep=True).plans[key][3]
        if kind > VOCAB or plan.kind != kind or predicate in lines:
            return None
        lines[predicate] = _Line(_BLANK + predicate, key, plan)
    return _Template([lines[predicate] for predicate in sorted(lines)])


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
