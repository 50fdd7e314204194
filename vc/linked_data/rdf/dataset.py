"""A dataset, its canonical form, and its lines under other labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from operator import eq

from vc.problems import Problem

from ..errors import LinkedDataError
from ..jsonld.faults import Fault
from .quads import Quads
from .rdfc import UNUSED, canonical_labels
from .selection import Origins, Provenance

__all__ = ["Canonical", "Dataset", "Relabelled", "canonical"]


class Canonical:
    """Canonical N-Quads (RDFC-1.0 section 4.4).

    ``labels``: blank node of the dataset -> canonical label, e.g. ``{"b0": "c14n0"}``.
    """

    __slots__ = ("_lines", "_write", "labels")

    def __init__(self, write: Callable[[], list[str]], labels: dict[str, str]) -> None:
        self._write = write
        self._lines: list[str] | None = None
        self.labels = labels

    @property
    def lines(self) -> list[str]:
        """The quads: sorted in code point order, without duplicates, each ending in a line feed."""
        if self._lines is None:
            self._lines = self._write()
        return self._lines

    @property
    def text(self) -> str:
        """All lines as one text."""
        return "".join(self.lines)


class Relabelled:
    """The lines of a dataset under given labels, sorted, without duplicates (vc-di-ecdsa 3.4.3 to 3.4.5)."""

    __slots__ = ("_lines", "_order", "_origins", "_provenance", "_quads", "encoded", "labels")

    encoded: list[bytes]
    """The lines in UTF-8: what is signed."""
    labels: dict[str, str]
    """Blank node of the dataset -> its label here."""

    def __init__(self, quads: Quads, labels: dict[str, str], names: list[str], provenance: Provenance | None) -> None:
        written = quads.lines(names)
        order = sorted(range(len(written)), key=written.__getitem__)
        lines = [written[number] for number in order]
        self.labels = labels
        self._quads = quads
        self._provenance = provenance
        if any(map(eq, lines, islice(lines, 1, None))):
            lines = sorted(set(lines))
            positions = {line: index for index, line in enumerate(lines)}
            places = [positions[written[number]] for number in order]
        else:
            places = list(range(len(order)))
        self._lines: list[str] | None = lines
        self.encoded = [line.encode() for line in lines]
        self._order = {place: number for number, place in zip(order, places, strict=True)}
        self._origins: Origins | None = None
        if provenance is not None:
            origins = quads.origins()
            by_pointer: dict[str, list[int]] = {}
            for number, place in zip(order, places, strict=True):
                by_pointer.setdefault(origins[number], []).append(place)
            self._origins = Origins(by_pointer)

    @property
    def lines(self) -> list[str]:
        """The lines, each ending in a line feed."""
        if self._lines is None:
            self._lines = [line.decode() for line in self.encoded]
        return self._lines

    def select(self, pointers: Sequence[str]) -> list[int]:
        """The indexes of ``lines`` which selectJsonLd (vc-di-ecdsa 3.4.13) with these JSON pointers gives, sorted.

        Selected is the subtree under each pointer, with every ancestor's id and type and the links down. No pointers
        select nothing. Needs a dataset made with ``provenance=True``. Raises LinkedDataError: pointer.no_match (nothing
        is there), pointer.form (no RFC 6901 pointer), pointer.partial (a part of a list or JSON literal).
        """
        if self._origins is None or self._provenance is None:
            raise TypeError("selecting needs a dataset made with provenance=True")
        return self._origins.select(pointers, self._provenance)

    def canonicalize(self, indexes: Iterable[int], hash_name: str = "sha256") -> Canonical:
        """The canonical form of only the lines with these indexes; its ``labels`` are by the dataset's blank nodes.

        Raises LinkedDataError: rdfc.budget.
        """
        quads, nodes = self._quads.subset([self._order[index] for index in indexes])
        return canonical(quads, [f"b{node}" for node in nodes], hash_name)


class Dataset:
    """A set of RDF quads; blank nodes have names of the dataset's own ("b0", ...).

    ``unsigned``: JSON pointers of what JSON-LD keeps and RDF does not carry (``@index``, a double's digits
    beyond the sixteenth): no signature over the quads covers it.
    """

    __slots__ = ("_provenance", "_quads", "unsigned")

    unsigned: tuple[str, ...]

    def __init__(self, quads: Quads, provenance: Provenance | None = None, unsigned: tuple[str, ...] = ()) -> None:
        self._quads = quads
        self._provenance = provenance
        self.unsigned = unsigned

    def canonicalize(self, hash_name: str = "sha256") -> Canonical:
        """Canonicalize (RDFC-1.0) within a work budget. Raises LinkedDataError: rdfc.budget."""
        return canonical(self._quads, [f"b{node}" for node in range(self._quads.count)], hash_name)

    def relabel(self, labels: Mapping[str, str]) -> Relabelled:
        """The quads with each blank node named by ``labels`` (values without "_:"); each has to have one of its own."""
        names = [UNUSED] * self._quads.count
        used = self._quads.used()
        for node in used:
            names[node] = f"_:{labels[f'b{node}']}"
        if len({names[node] for node in used}) != len(used):
            raise ValueError("two blank nodes can't have one label")
        return Relabelled(self._quads, dict(labels), names, self._provenance)


def canonical(quads: Quads, names: list[str], hash_name: str) -> Canonical:
    """The canonical form of quads; ``names`` are those that their blank nodes have in the dataset.

    Raises LinkedDataError: rdfc.budget.
    """
    try:
        labels = canonical_labels(quads, hash_name)
    except Fault as fault:
        raise LinkedDataError(Problem(fault.code, fault.detail)) from None
    return Canonical(
        partial(quads.sorted_lines, labels), {names[node]: labels[node][2:] for node in sorted(quads.used())}
    )
