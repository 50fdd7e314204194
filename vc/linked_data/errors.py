"""The one error of this package."""

from __future__ import annotations

from vc.problems import ProblemError

__all__ = ["LinkedDataError"]


class LinkedDataError(ProblemError):
    """The document can't be turned into canonical N-Quads without loss; ``problems`` says what and where.

    Codes: ``jsonld.undefined_term``, ``jsonld.relative_iri``, ``jsonld.dropped_value``, ``jsonld.protected_term``,
    ``jsonld.invalid``, ``jsonld.limit``, ``context.unknown``, ``context.digest``, ``context.invalid``, ``rdfc.budget``,
    ``rdfc.syntax``, ``pointer.form``, ``pointer.no_match``, ``pointer.partial``,
    ``reading.name``, ``reading.value``, ``reading.number``, ``reading.reference``, ``reading.dropped``,
    ``reading.split``.
    """
