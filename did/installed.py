"""What other packages bring under an entry point group: found once, loaded when asked for, never in place of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Installed"]

_LOG: Final = logging.getLogger(__name__)


class Installed:
    """The entry points of one group.

    ``own`` are the names that are ours: an entry point of such a name is refused. ``fault`` says what is wrong with a
    loaded object (its name and itself are given), or "". What can't be loaded is absent, with one warning in the log;
    ``failures`` says why, for the error message of whoever asked for it. One broken package stops no other.
    """

    def __init__(self, group: str, own: Collection[str], fault: Callable[[str, Any], str]) -> None:
        self._group = group
        self._own = own
        self._fault = fault
        self._lock = RLock()
        self._found: dict[str, EntryPoint] | None = None
        self._loaded: dict[str, Any] = {}
        self._failures: dict[str, str] = {}

    def names(self) -> list[str]:
        """The names that are installed and not known to fail. Nothing is loaded for that."""
        return [name for name in self._entries() if name not in self._failures]

    def get(self, name: str) -> Any | None:
        """The object of that name, or None: there is none, or it can't be used (see ``failures``)."""
        if name in self._loaded:
            return self._loaded[name]
        entry = self._entries().get(name)
        if entry is None or name in self._failures:
            return None
        with self._lock:
            if name not in self._loaded and name not in self._failures:
                self._load(name, entry)
            return self._loaded.get(name)

    def failures(self) -> str:
        """What is installed and can't be used, each with its reason; "" when there is none."""
        return "; ".join(f"{name}: {reason}" for name, reason in sorted(self._failures.items()))

    def _entries(self) -> dict[str, EntryPoint]:
        if self._found is None:
            from importlib.metadata import entry_points

            with self._lock:
                found: dict[str, EntryPoint] = {}
                for entry in entry_points(group=self._group):
                    if entry.name in self._own:
                        self._fail(entry.name, entry, "the name is one of ours, which nothing replaces", taken=True)
                    elif entry.name in found and found[entry.name].value != entry.value:
                        self._fail(entry.name, entry, f"the name is {_origin(found[entry.name])}'s", taken=True)
                    else:
                        found[entry.name] = entry
                self._found = found
        return self._found

    def _load(self, name: str, entry: EntryPoint) -> None:
        try:
            found = entry.load()
            fault = self._fault(name, found)
        except Exception as error:  # Whatever a package of somebody else raises when it is imported.
            self._fail(name, entry, f"{type(error).__name__}: {error}"[:300])
            return
        if fault:
            self._fail(name, entry, fault)
        else:
            self._loaded[name] = found

    def _fail(self, name: str, entry: EntryPoint, reason: str, *, taken: bool = False) -> None:
        """Keep the reason; under another key where the name is ``taken`` and stays usable."""
        said = f"{_origin(entry)} can't be used: {reason}"
        self._failures[f"{name} ({entry.value})" if taken else name] = said
        _LOG.warning("entry point %s of group %s: %s", name, self._group, said)


def _origin(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.value
