"""Selecting by JSON pointers (RFC 6901, vc-di-ecdsa 3.4.11 to 3.4.13)."""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc.problems import Problem

from .errors import LinkedDataError

__all__ = ["Provenance", "parse_pointer", "select_json_ld"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What selecting quads needs to know of the document they came from.

    ``atoms``: pointers of values that are selected whole or not at all.
    """

    document: Mapping[str, Any]
    atoms: frozenset[str]

    def select(self, pointers: Sequence[str], origins: Mapping[str, list[int]]) -> list[int]:
        """The numbers, sorted, that ``origins`` (JSON pointer -> numbers) has for what the pointers select."""
        selected: set[int] = set()
        problems: list[Problem] = []
        ordered = sorted(origins)
        ancestors: set[str] = set()
        for pointer in pointers:
            try:
                normal = self._normal(pointer)
            except LinkedDataError as error:
                problems += error.problems
                continue
            self._subtree(normal, origins, ordered, selected)
            while normal:
                normal = normal[: normal.rindex("/")]
                if normal in ancestors:
                    break
                ancestors.add(normal)
        if problems:
            raise LinkedDataError(*problems)
        for ancestor in ancestors:
            selected.update(origins.get(ancestor, ()))
            for name in _ALWAYS[1:]:
                self._subtree(f"{ancestor}/{name}", origins, ordered, selected)
        return sorted(selected)

    def _normal(self, pointer: str) -> str:
        """The pointer as quads carry it. Raises LinkedDataError."""
        value: Any = self.document
        path = ""
        for step in parse_pointer(pointer):
            if path in self.atoms:
                detail = "a part of a list, a value object or a JSON literal can't be selected: select it whole"
                raise LinkedDataError(Problem("pointer.partial", f"{pointer!r}: {detail}", path))
            value = _child(value, step, pointer)
            path = f"{path}/{step.replace('~', '~0').replace('/', '~1')}"
        return path

    @staticmethod
    def _subtree(pointer: str, origins: Mapping[str, list[int]], ordered: list[str], selected: set[int]) -> None:
        selected.update(origins.get(pointer, ()))
        start = bisect_left(ordered, pointer + "/")
        for origin in ordered[start : bisect_left(ordered, pointer + "0", start)]:
            selected.update(origins[origin])


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
    tree: dict[str, Any] = {}
    for pointer in pointers:
        value: Any = document
        steps = parse_pointer(pointer)
        for step in steps:
            value = _child(value, step, pointer)
        tree = _with(tree, steps)
    selected: dict[str, Any] = _select(document, tree)
    return selected


_WHOLE: Any = object()


def _with(tree: Any, steps: list[str]) -> Any:
    """The tree of steps with one more path; where a path ends, all below is selected."""
    if not steps or tree is _WHOLE:
        return _WHOLE
    return {**tree, steps[0]: _with(tree.get(steps[0], {}), steps[1:])}


def _select(value: Any, tree: Any) -> Any:
    """The part of a value that the tree of steps names."""
    if tree is _WHOLE:
        return copy.deepcopy(value)
    if isinstance(value, list):
        return [_select(value[int(step)], tree[step]) for step in sorted(tree, key=int)]
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key in _ALWAYS and not (key in _IDS and isinstance(item, str) and item.startswith("_:")):
            result[key] = copy.deepcopy(item)
        elif key in tree:
            result[key] = _select(item, tree[key])
    return result


_IDS = ("id", "@id")
_ALWAYS = ("@context", "type", "@type", *_IDS)
