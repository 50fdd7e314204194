"""What the selective disclosure suites share: JSON pointers, and the statements they select (vc-di-ecdsa 3.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..linked_data import LinkedDataError, Relabelled
from ..problems import Problem, ProblemError

__all__ = ["MAX_POINTERS", "Groups", "check_pointers", "combine_pointers", "grouped"]

MAX_POINTERS = 4096
"""How many pointers one call takes."""

_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*", re.DOTALL)


def check_pointers(pointers: Any) -> list[str]:
    """The pointers as a list. Raises ProblemError (``pointer.form``) with every one that is no RFC 6901 pointer."""
    if isinstance(pointers, str | bytes) or not isinstance(pointers, Sequence):
        raise ProblemError(Problem("pointer.form", "pointers are given as a list of strings"))
    if len(pointers) > MAX_POINTERS:
        raise ProblemError(Problem("pointer.form", f"{len(pointers)} pointers; at most {MAX_POINTERS} are taken"))
    problems = [
        Problem("pointer.form", f"{pointer!r:.200} is not a JSON pointer (RFC 6901): it starts with '/'")
        for pointer in pointers
        if not isinstance(pointer, str) or _POINTER.fullmatch(pointer) is None
    ]
    if problems:
        raise ProblemError(*problems)
    return list(pointers)


def combine_pointers(mandatory: Sequence[str], selective: Sequence[str]) -> list[str]:
    """Mandatory and selective pointers, each once. Raises ProblemError when there are none: nothing is disclosed."""
    combined = list(dict.fromkeys([*mandatory, *selective]))
    if not combined:
        detail = "nothing is disclosed: the credential has no mandatory pointers, so give selective pointers"
        raise ProblemError(Problem("pointer.no_match", detail))
    return combined


@dataclass(frozen=True, slots=True)
class Groups:
    """Indexes into the relabelled lines, sorted (canonicalizeAndGroup, vc-di-ecdsa 3.4.16)."""

    mandatory: list[int]
    selective: list[int]
    combined: list[int]

    def mandatory_among_combined(self) -> list[int]:
        """The mandatory lines as indexes into the disclosed lines."""
        mandatory = set(self.mandatory)
        return [position for position, index in enumerate(self.combined) if index in mandatory]

    def positions_among_non_mandatory(self) -> list[int]:
        """The disclosed lines that are not mandatory, as indexes into all lines that are not mandatory."""
        mandatory = self.mandatory
        positions: list[int] = []
        before = 0  # mandatory lines ahead of the line at hand
        for index in self.combined:
            if before < len(mandatory) and mandatory[before] == index:
                before += 1
            else:
                positions.append(index - before)
        return positions

    def to_dict(self, count: int) -> dict[str, list[int]]:
        """The groups as in the specifications' test vectors; ``count`` is how many lines there are."""
        mandatory = set(self.mandatory)
        return {
            "combinedIndexes": self.combined,
            "mandatoryIndexes": self.mandatory,
            "nonMandatoryIndexes": [index for index in range(count) if index not in mandatory],
            "selectiveIndexes": self.selective,
        }


def grouped(relabelled: Relabelled, mandatory: Sequence[str], selective: Sequence[str]) -> Groups:
    """The groups that the pointers select. Raises LinkedDataError naming every pointer that matches nothing."""
    problems: list[Problem] = []
    selected: list[list[int]] = []
    for pointers in (mandatory, selective):
        try:
            selected.append(relabelled.select(pointers))
        except LinkedDataError as error:
            problems.extend(error.problems)
    if problems:
        raise LinkedDataError(*problems)
    first, second = selected
    return Groups(first, second, sorted({*first, *second}))
