"""Claims as data elements, and back: one table, read in both directions.

The common elements of ISO/IEC 23220-2 stand in ``org.iso.23220.1``, what is an issuer's own in a namespace of its own.
Which claim is which element is data of whoever defines a document; here is only how a table is applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from did.timestamps import read_date, read_datetime

from ..problems import ProblemError
from .encoding import problem, read_base64url

__all__ = ["COMMON_NAME_SPACE", "Element", "ElementMapping", "Kind"]

COMMON_NAME_SPACE: Final = "org.iso.23220.1"

Kind = Literal["text", "boolean", "integer", "digits", "full-date", "tdate", "bytes", "value"]
"""What a claim (JSON) is as an element: itself, when it is text, a boolean, an integer or any ``value``; ``digits`` is
an integer that the claim has as text; dates and times are tagged texts; ``bytes`` are base64url in the claim."""


@dataclass(frozen=True, slots=True)
class Element:
    """A data element, and what its value is."""

    identifier: str
    name_space: str = COMMON_NAME_SPACE
    kind: Kind = "text"


class ElementMapping:
    """Which claims are which elements, by their JSON pointers (members only: ``/name``, ``/issuingAgency/name``).

    ``left_out`` are the pointers of claims that are deliberately no elements. Raises ValueError for a table in which
    two claims are one element, or one pointer leads into another.
    """

    def __init__(self, elements: Mapping[str, Element], *, left_out: Collection[str] = ()) -> None:
        names = [(element.name_space, element.identifier) for element in elements.values()]
        if len(set(names)) != len(names):
            raise ValueError("two claims are one element")
        pointers = sorted([*elements, *left_out])
        for pointer in pointers:
            if not pointer.startswith("/") or any(other.startswith(pointer + "/") for other in pointers):
                raise ValueError(f"{pointer!r} is not the pointer of a claim, or leads to another one")
        self._elements = dict(elements)
        self._left_out = frozenset(left_out)

    @property
    def elements(self) -> Mapping[str, Element]:
        """JSON pointer -> element."""
        return dict(self._elements)

    def name_spaces(self, claims: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """``claims`` as namespace -> element -> value, for ``vc.mdoc.issue``.

        Raises ProblemError (``mdoc.element``) for a claim that the table doesn't have, or that is not of its kind:
        nothing is lost on the way.
        """
        found: dict[str, dict[str, Any]] = {}
        for pointer, value in self._claims(claims, ""):
            if pointer in self._left_out:
                continue
            element = self._elements.get(pointer)
            if element is None:
                raise problem("mdoc.element", "the claim has no element in this type of document", pointer)
            found.setdefault(element.name_space, {})[element.identifier] = _to_element(value, element.kind, pointer)
        return found

    def claims(self, name_spaces: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The claims in elements as a verdict shows them (``issuerSigned``: values as JSON).

        Elements that the table doesn't have are passed over: they are not ours.
        """
        claims: dict[str, Any] = {}
        for pointer, element in self._elements.items():
            values = name_spaces.get(element.name_space, {})
            if element.identifier not in values:
                continue
            value = values[element.identifier]
            *path, last = _parts(pointer)
            node = claims
            for part in path:
                node = node.setdefault(part, {})
            node[last] = str(value) if element.kind == "digits" else value
        return claims

    def pointer(self, name_space: str, identifier: str) -> str | None:
        """The claim that an element is; None for elements that the table doesn't have."""
        for pointer, element in self._elements.items():
            if (element.name_space, element.identifier) == (name_space, identifier):
                return pointer
        return None

    def _claims(self, value: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
        for name, item in value.items():
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if isinstance(item, Mapping) and place not in self._elements and place not in self._left_out:
                yield from self._claims(item, place)
            else:
                yield place, item


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _to_element(value: Any, kind: Kind, pointer: str) -> Any:
    try:
        if kind == "value":
            return value
        if kind == "boolean" and isinstance(value, bool):
            return value
        if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _from_text(value, kind)
    except (ValueError, ProblemError):
        pass
    raise problem("mdoc.element", f"the claim is not of the kind {kind!r}", pointer)


def _from_text(text: str, kind: Kind) -> Any:
    if kind == "text":
        return text
    if kind == "full-date":
        return read_date(text)
    if kind == "bytes":
        return read_base64url(text, "the claim")
    if kind == "digits" and text.isascii() and text.isdigit() and str(int(text)) == text:
        return int(text)
    if kind == "tdate":
        return read_datetime(text).replace(microsecond=0)
    raise ValueError(kind)
