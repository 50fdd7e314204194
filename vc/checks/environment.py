"""What checking and making proofs may use of the world: contexts, one clock, one random source."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from contexts import CONTEXTS, ContextRegistry

from ..problems import ProblemError

__all__ = ["DEFAULT_ENVIRONMENT", "Environment", "Kept"]

_Result = TypeVar("_Result")


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Kept:
    """What was computed of the documents of one verification already, for the next proof that needs the same.

    Refusals are kept as results are: a document that can't be canonicalised costs as little the second time.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[int, Hashable], tuple[object, Any, ProblemError | None]] = {}

    def once(self, document: object, kind: Hashable, work: Callable[[], Any]) -> Any:
        """The result of ``work`` of this ``kind`` on ``document``, which must not change meanwhile."""
        key = (id(document), kind)
        found = self._found.get(key)
        if found is None:
            result, error = None, None
            try:
                result = work()
            except ProblemError as refused:
                error = refused
            # The document stays alive with its result: its place can't become another's.
            found = self._found[key] = (document, result, error)
        if found[2] is not None:
            raise found[2]
        return found[1]


class Environment(NamedTuple):
    """What a suite may use of the world: contexts, one clock (aware datetimes), one random source (count -> bytes).

    ``one_reading`` is False only where a holder signs that credentials of others were shown: what these look like is
    for verifiers to judge, who always do (docs/reading.md). ``kept`` is given where several proofs of one document are
    verified.
    """

    contexts: ContextRegistry = CONTEXTS
    clock: Callable[[], datetime] = _system_clock
    random: Callable[[int], bytes] = secrets.token_bytes
    one_reading: bool = True
    kept: Kept | None = None

    def once(self, document: object, kind: Hashable, work: Callable[[], _Result]) -> _Result:
        """``work()``; of several proofs that need the same of the same document, the first one's (``Kept.once``)."""
        return work() if self.kept is None else self.kept.once(document, kind, work)


DEFAULT_ENVIRONMENT = Environment()
