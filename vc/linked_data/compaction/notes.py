"""What is found in a document that can be read in two ways: names and references that are written otherwise."""

from __future__ import annotations

from typing import Any, Final

from vc.problems import Problem

from ..jsonld.active_context import Loader
from ..jsonld.compiled import Compiled
from ..jsonld.iri import match_absolute
from ..jsonld.plan import Plan
from .known_names import is_known_name
from .names import Item, chosen, word
from .written_values import Finding

__all__ = ["WHY", "Notes"]

_PROBLEMS: Final = 100

WHY: Final = {
    "@nest": "members are written in the object itself, not nested in it",
    "@included": "objects are written where they belong, not included elsewhere",
    "@reverse": "properties are written in the object that they belong to",
    "@graph": "software that reads names does not look into an explicit graph",
    "@index": "an index is no statement: no signature would cover it",
}
"""Why some keywords have no place in a document that is signed."""


class Notes:
    """The differences found so far, and the rules for names and references."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.problems: list[Problem] = []

    def note(self, code: str, detail: str, pointer: str) -> None:
        """Note a difference."""
        if len(self.problems) < _PROBLEMS:
            self.problems.append(Problem(code, detail, pointer))

    def take(self, finding: Finding | None, pointer: str) -> None:
        """Note what was found in a value, if anything was."""
        if finding is not None:
            self.note(finding.code, finding.detail, pointer)

    def wrong_name(self, name: str, expected: str, pointer: str) -> None:
        """Note a name that compaction would not have written."""
        detail = f"{name[:200]!r} is read by no software: with these contexts it is written {expected[:200]!r}"
        self.note("reading.name", detail, pointer)

    def named_by(self, plan: Plan, item: Item, place: str) -> None:
        """Judge the name of a property with such a value."""
        iri = plan.iri or ""
        expected = chosen(plan.context, iri, item)
        if plan.key != expected:
            self.wrong_name(plan.key, expected, place)
        elif expected == iri and plan.key not in plan.context.active.terms:
            self.known_name(iri, place, "reading.name")

    def reference(self, context: Compiled, value: Any, place: str) -> None:
        """Judge an id: absolute, and as it is."""
        if value.__class__ is not str:
            return
        match = match_absolute(value)
        if match is not None and match[1] not in context.prefixes:
            return
        iri = context.expand_reference(value)
        if iri is not None and iri.startswith("_:"):
            detail = f"{value[:100]!r}: the label of a blank node is no statement; leave it out or give it an IRI"
            self.note("reading.dropped", detail, place)
        elif iri is not None:
            self.note("reading.reference", f"{value[:200]!r} stands for {iri[:200]!r}: write that", place)

    def word(self, context: Compiled, value: Any, place: str) -> None:
        """Judge a type or another word of a vocabulary."""
        iri = context.expand_vocab_or_base(value) if value.__class__ is str else None
        if iri is None:
            return
        expected = word(context, iri)
        if expected != value:
            detail = f"{value[:200]!r} is read by no software: with these contexts it is written {expected[:200]!r}"
            self.note("reading.reference", detail, place)
        elif expected == iri:
            self.known_name(iri, place, "reading.reference")

    def known_name(self, iri: str, place: str, code: str) -> None:
        """Refuse an absolute IRI that was a name before a context was taken away."""
        name = is_known_name(iri, self.loader.contexts)
        if name is not None:
            self.note(code, f"{iri[:200]!r} has the name {name[:100]!r} in a known context: use that context", place)
