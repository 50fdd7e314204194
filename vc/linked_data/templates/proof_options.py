"""A quick way for proof configurations, which are written by templates of their own; and contexts known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from contexts import CONTEXTS, ContextRegistry
from vc.problems import ProblemError

from ..compaction.names import word
from ..compaction.reading import differences
from ..engine import canonical_bytes, check_terms
from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.context_cache import compile_context, registered_only
from ..jsonld.faults import Fault
from ..jsonld.iri import is_absolute, match_absolute
from ..jsonld.plan import ID, LITERAL, RDF_TYPE, VOCAB, Plan
from ..rdf.literal import is_quoted_well_utf8, quote
from .instance import instance_of

__all__ = ["check_configuration", "check_json", "contexts_known", "proof_configuration_bytes"]

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

    __slots__ = ("lines", "literals", "passed", "references", "written")

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.literals = [line.key for line in lines if line.plan is not None and line.plan.kind == LITERAL]
        self.references = [line.key for line in lines if line.plan is not None and line.plan.kind != LITERAL]
        self.written: dict[tuple[str, ...], tuple[list[bytes], bool]] = {}
        self.passed = False
        """Whether a proof of these members was found to have one reading; then all have whose words are the usual."""

    def reads_one_way(self, proof: Mapping[str, Any]) -> bool:
        """Whether the proof is sure to have one reading. Raises LookupError or TypeError as ``fill``."""
        if not self.passed:
            return False
        for key in self.literals:
            if proof[key].__class__ is not str:
                return False
        references = tuple([proof[key] for key in self.references])
        return (self.written.get(references) or self._parts(references))[1]

    def fill(self, proof: Mapping[str, Any]) -> tuple[bytes, bool]:
        """The lines for a proof, and whether it is sure to have one reading.

        Raises LookupError or TypeError where the general way has to be taken.
        """
        references = tuple([proof[key] for key in self.references])
        parts, usual = self.written.get(references) or self._parts(references)
        texts = [proof[key] for key in self.literals]
        for text in texts:
            if text.__class__ is not str:
                raise TypeError
        parts = parts.copy()
        parts[1::2] = map(quote, texts)
        return b"".join(parts), usual and self.passed

    def _parts(self, references: tuple[Any, ...]) -> tuple[list[bytes], bool]:
        """The text around the literals, with empty places for them; and whether the references are the usual words."""
        usual = True
        iris = dict(zip(self.references, references, strict=True))
        parts = [b""]
        for begin, key, plan in self.lines:
            parts[-1] += begin.encode()
            if plan is None:
                continue
            if plan.kind == LITERAL:
                parts += [b"", f"{plan.tail} .\n".encode()]
            else:
                iri = _absolute(iris[key], plan)
                parts[-1] += f"<{iri}> .\n".encode()
                if plan.kind == VOCAB and (iri == iris[key] or word(plan.context, iri) != iris[key]):
                    usual = False
        if sum(map(len, references)) <= _LONG:
            if len(self.written) >= _WRITTEN:
                self.written.clear()
            self.written[references] = parts, usual
        return parts, usual


def proof_configuration_bytes(
    context: Any,
    proof: Mapping[str, Any],
    *,
    hash_name: str = "sha256",
    contexts: ContextRegistry = CONTEXTS,
    one_reading: bool = False,
) -> bytes:
    """Canonical N-Quads, in UTF-8, of a proof configuration (vc-di-eddsa 3.2.5, vc-di-ecdsa 3.2.5).

    ``context`` is the document's ``@context``, ``proof`` the proof's members; ``proofValue`` and ``@context`` in it are
    left out here. Where every member is a text and names a property, the lines are written from a template, which is
    made of the compiled context; anything else goes the general way. ``one_reading`` refuses what can be read in two
    ways (docs/reading.md): ProblemError, its pointers relative to the proof. Raises LinkedDataError.
    """
    text, sure = None, False
    try:
        template = _template_for(context, proof, contexts)
        if template is not None:
            text, sure = template.fill(proof)
    except (Fault, LookupError, TypeError, ValueError):
        pass
    if text is None or not is_quoted_well_utf8(text):
        text = canonical_bytes(_configuration(context, proof), hash_name=hash_name, contexts=contexts)
    if one_reading and not sure:
        check_configuration(context, proof, contexts=contexts)
    return text


def check_json(document: Mapping[str, Any], proof: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS) -> None:
    """Make sure that a document and a proof in its contexts mean something, and one thing only (docs/reading.md).

    For signatures over JSON text, which cover terms whatever they mean. Raises LinkedDataError for the document, and
    ProblemError with pointers relative to the proof.
    """
    if document.__class__ is dict:
        found = instance_of(document, Loader(contexts))
        if found is not None and found.reads_one_way():
            template = found.context.templates.get((proof.get("type"), *proof))
            try:
                if template is not None and template.reads_one_way(proof):
                    return
            except (LookupError, TypeError):
                pass
    check_terms(document, contexts=contexts, one_reading=True)
    check_configuration(document.get("@context"), proof, contexts=contexts)


def check_configuration(context: Any, proof: Mapping[str, Any], *, contexts: ContextRegistry = CONTEXTS) -> None:
    """Refuse a proof whose members can be read in two ways with a ``context`` that defines them (docs/reading.md).

    Raises ProblemError, its pointers relative to the proof.
    """
    template = None
    try:
        template = _template_for(context, proof, contexts)
        if template is not None and template.reads_one_way(proof):
            return
    except (Fault, LookupError, TypeError, ValueError):
        pass
    problems = differences(_configuration(context, proof), contexts)
    if problems:
        raise ProblemError(*problems)
    if template is not None:
        template.passed = True


def _configuration(context: Any, proof: Mapping[str, Any]) -> dict[str, Any]:
    return {"@context": context, **{key: value for key, value in proof.items() if key not in _LEFT_OUT}}


def _template_for(context: Any, proof: Mapping[str, Any], contexts: ContextRegistry) -> _Template | None:
    """The template for a proof, or None where none fits (the general way then finds what is wrong, if anything is).

    Raises Fault, LookupError, TypeError or ValueError likewise.
    """
    loader = Loader(contexts)
    compiled = compile_context(context, loader)
    key = (proof.get("type"), *proof)
    template: Any = compiled.templates.get(key, False)
    if template is False:
        template = _template(compiled, proof, loader)
        if len(compiled.templates) < _TEMPLATES and sum(len(part) for part in key if part) < 1000:
            compiled.templates[key] = template
    found: _Template | None = template
    return found


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
