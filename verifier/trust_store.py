"""The trust list in use, kept as a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vc.model import Moment, moment
from vc.parsing import loads
from vc.problems import Problem, ProblemError

from .trust import MAX_TRUST_LIST, TrustList

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["TrustStore"]


class TrustStore:
    """The trust list that is in use, kept in the file ``path`` and verified each time it is read.

    ``anchors`` are the DIDs that may sign it.
    """

    def __init__(self, path: str | Path, *, anchors: Iterable[str], resolver: Resolver | None = None) -> None:
        self._path = Path(path)
        self._anchors = frozenset(anchors)
        self._resolver = resolver

    def load(self, now: datetime) -> TrustList:
        """The list in use. Raises ProblemError (``trust.unavailable`` when there is none; else as TrustList.load)."""
        try:
            with self._path.open("rb") as file:
                content = file.read(MAX_TRUST_LIST + 1)
        except OSError as error:
            raise _error("trust.unavailable", f"there is no trust list at hand: {error.strerror}") from None
        return TrustList.load(content, anchors=self._anchors, now=now, resolver=self._resolver)

    def install(self, content: bytes, now: datetime) -> TrustList:
        """Verify a newer list and put it into use. Raises ProblemError (``trust.older`` for an older one), OSError."""
        fresh = TrustList.load(content, anchors=self._anchors, now=now, resolver=self._resolver)
        kept = self._kept_since()
        if kept is not None and fresh.valid_from < kept:
            raise _error("trust.older", "the list in use is newer", "/validFrom")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".trust-list.", dir=self._path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return fresh

    def _kept_since(self) -> Moment | None:
        """Since when the list in the file is valid, whether or not it still is."""
        try:
            document = loads(self._path.read_bytes()[: MAX_TRUST_LIST + 1])
            return moment(document.get("validFrom"))
        except (OSError, ValueError):
            return None


def _error(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
