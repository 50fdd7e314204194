"""The trust list in use, kept as a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vc.model import Moment, moment
from vc.parsing import loads
from vc.problems import Problem, ProblemError

from .trust import MAX_TRUST_LIST, TrustList

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["TrustStore"]


_TRUSTED_FOR = timedelta(hours=1)
"""How long a list is used before its signature, and with it the anchor's keys, are looked at again."""


class TrustStore:
    """The trust list that is in use, kept in the file ``path``; verified when the file is new, and every hour.

    ``anchors`` are the DIDs that may sign it.
    """

    def __init__(self, path: str | Path, *, anchors: Iterable[str], resolver: Resolver | None = None) -> None:
        self._path = Path(path)
        self._anchors = frozenset(anchors)
        self._resolver = resolver
        self._kept: tuple[tuple[int, int, int], TrustList, datetime] | None = None

    def load(self, now: datetime) -> TrustList:
        """The list in use. Raises ProblemError (``trust.unavailable`` when there is none; else as TrustList.load)."""
        try:
            with self._path.open("rb") as file:
                about = os.fstat(file.fileno())
                state = (about.st_ino, about.st_mtime_ns, about.st_size)
                if self._kept is not None and self._kept[0] == state and abs(now - self._kept[2]) < _TRUSTED_FOR:
                    problems = self._kept[1].check_time(now)
                    if problems:
                        raise ProblemError(*problems)
                    return self._kept[1]
                content = file.read(MAX_TRUST_LIST + 1)
        except OSError as error:
            raise _error("trust.unavailable", f"there is no trust list at hand: {error.strerror}") from None
        found = TrustList.load(content, anchors=self._anchors, now=now, resolver=self._resolver)
        self._kept = (state, found, now)
        return found

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
