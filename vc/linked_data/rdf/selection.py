"""Selecting by JSON pointers (RFC 6901, vc-di-ecdsa 3.4.11 to 3.4.13)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from vc.problems import Problem

from ..errors import LinkedDataError

__all__ = ["Origins", "Provenance", "parse_pointer", "select_json_ld"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What selecting quads needs to know of the document they came from.

    ``atoms``: pointers of values that are selected whole or not at all.
    """

    document: Mapping[str, Any]
    atoms: frozenset[str]


class Origins:
    """Where in a document numbered lines came from (JSON pointer -> numbers)."""

    __slots__ = ("_ordered", "by_pointer")

    def __init__(self, by_pointer: dict[str, list[int]]) -> None:
        self.by_pointer = by_pointer
        self._ordered = sorted(by_pointer)

    def select(self, pointers: Sequence[str], provenance: Provenance) -> list[int]:
        """The numbers of the lines that the pointers select, sorted. Raises LinkedDataError with every bad pointer."""
        selected: set[int] = set()
        ancestors: set[str] = set()
        problems: list[Problem] = []
        for pointer in pointers:
            try:
                self._check(pointer, provenance)
            except LinkedDataError as error:
                problems += error.problems
                continue
            self._subtree(pointer, selected)
            path = pointer
            while path:
                path = path[: path.rindex("/")]
                if path in ancestors:
                    break
                ancestors.add(path)
        if problems:
            raise LinkedDataError(*problems)
        for ancestor in ancestors:
            selected.update(self.by_pointer.get(ancestor, ()))
            for name in _IDENTITY:
                self._subtree(f"{ancestor}/{name}", selected)
        return sorted(selected)

    def _check(self, pointer: str, provenance: Provenance) -> None:
        """Refuse a pointer that matches nothing, or a part of a value that is no set of quads of its own."""
        if pointer.__class__ is not str or pointer not in self.by_pointer:
            value: Any = provenance.document
            for step in parse_pointer(pointer):
                value = _child(value, step, pointer)
        atoms = provenance.atoms
        path = pointer
        while atoms and path:
            path = path[: path.rindex("/")]
            if path in atoms:
                detail = "a part of a list, a value object or a JSON literal can't be selected: select it whole"
                raise LinkedDataError(Problem("pointer.partial", f"{pointer!r}: {detail}", path))

    def _subtree(self, pointer: str, selected: set[int]) -> None:
        here = self.by_pointer.get(pointer)
        if here is not None:
            selected.update(here)
        ordered = self._ordered
        below = pointer + "/"
        at = bisect_left(ordered, below)
        while at < len(ordered) and ordered[at].startswith(below):
            selected.update(self.by_pointer[ordered[at]])
            at += 1


def parse_pointer(pointer: str) -> list[str]:
    """The steps of a JSON pointer (RFC 6901 section 3). Raises LinkedDataError: pointer.form."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise LinkedDataError(Problem("pointer.form", f"{pointer!r} is no JSON pointer: it has to start with '/'"))
    steps = []
    for step in pointer.split("/")[1:]:
        if step.replace("~0", "").replace("~1", "").count("~"):
            raise LinkedDataError(Problem("pointer.form", f"{pointer!r}: '~' stands only in '~0' and '~1'"))
        steps.append(step.replace("~1", "/").replace("~0", "~"))
    return steps


def _child(value: Any, step: str, pointer: str) -> Any:
    if isinstance(value, Mapping) and step in value:
        return value[step]
    if isinstance(value, list) and step.isascii() and step.isdigit() and (step == "0" or step[0] != "0"):
        index = int(step) if len(step) < 10 else len(value)
        if index < len(value):
            return value[index]
    raise LinkedDataError(Problem("pointer.no_match", f"{pointer!r} matches nothing in the document", pointer))


def select_json_ld(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any] | None:
    """selectJsonLd (vc-di-ecdsa 3.4.13): the parts of the document under the pointers, with ``@context`` and, of every
    ancestor, ``id`` and ``type``. None without pointers. The result shares nothing with the document.

    Raises LinkedDataError: pointer.form, pointer.no_match.
    """
    if not pointers:
        return None
    selected: dict[str, Any]
    tree = _tree(pointers)
    if tree is not None:
        try:
            selected = _select(document, tree)
            return selected
        except (LookupError, ValueError, AttributeError):
            pass  # A pointer matches nothing: which one is told below.
    tree = {}
    for pointer in pointers:
        value: Any = document
        steps = parse_pointer(pointer)
        for step in steps:
            value = _child(value, step, pointer)
        tree = _with(tree, steps)
    selected = _select(document, tree)
    return selected


_WHOLE: Any = object()


def _tree(pointers: Sequence[str]) -> Any:
    """The steps of pointers as a tree that the document alone can refuse; None where each has to be looked at."""
    key = tuple(pointers)
    if len(key) > _POINTERS or any(pointer.__class__ is not str for pointer in key) or sum(map(len, key)) > _CHARACTERS:
        return None
    return _remembered_tree(key)


@lru_cache(maxsize=256)
def _remembered_tree(pointers: tuple[str, ...]) -> Any:
    tree: dict[str, Any] = {}
    try:
        paths = sorted({tuple(parse_pointer(pointer)) for pointer in pointers})
    except LinkedDataError:
        return None
    # What lies below another pointer, or below what is always whole, would not be met when selecting.
    if any(below[: len(above)] == above for above, below in pairwise(paths)):
        return None
    for path in paths:
        if not _ALWAYS.isdisjoint(path[:-1]):
            return None
        tree = _with(tree, list(path))
    return tree


def _with(tree: Any, steps: list[str]) -> Any:
    """The tree of steps with one more path; where a path ends, all below is selected."""
    if not steps or tree is _WHOLE:
        return _WHOLE
    return {**tree, steps[0]: _with(tree.get(steps[0], {}), steps[1:])}


def _select(value: Any, tree: Any) -> Any:
    """The part of a value that the tree of steps names.

    Raises LookupError, ValueError or AttributeError for a step that leads nowhere.
    """
    if tree is _WHOLE:
        return _copied(value)
    if isinstance(value, list):
        indexes = sorted(map(int, tree))
        if indexes[0] < 0 or len(set(indexes)) != len(tree):
            raise LookupError
        return [_select(value[index], tree[str(index)]) for index in indexes]
    result: dict[str, Any] = {}
    left = len(tree)
    for key, item in value.items():
        below = tree.get(key)
        if below is not None:
            left -= 1
        if key in _ALWAYS and not (key in _IDS and isinstance(item, str) and item.startswith("_:")):
            result[key] = _copied(item)
        elif below is not None:
            result[key] = _select(item, below)
    if left:
        raise LookupError
    return result


def _copied(value: Any) -> Any:
    if value.__class__ is str:
        return value
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


_POINTERS: Final = 64
"""How many pointers a list may have whose tree is remembered."""
_CHARACTERS: Final = 4096
"""How many characters they may have in all."""

_IDS = ("id", "@id")
_IDENTITY = ("type", "@type", *_IDS)
_ALWAYS = frozenset(("@context", *_IDENTITY))
