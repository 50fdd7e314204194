"""How the rules of the data model report what they find: a growing list of problems, each with its place."""

from __future__ import annotations

from typing import Any

from ..problems import Problem
from .identifiers import is_url, types_of

__all__ = ["Findings", "escape", "one_or_more"]


def escape(token: str) -> str:
    """A member name as a JSON pointer token (RFC 6901 section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


class Findings(list[Problem]):
    """The problems of one document, in the order in which they were found."""

    def report(self, code: str, pointer: str, detail: str, detail_zh: str = "") -> None:
        """Note one problem at ``pointer``."""
        self.append(Problem(code, detail, pointer, detail_zh))

    def check_id(self, node: dict[str, Any], pointer: str, *, required: bool = False) -> None:
        """``id`` is a single URL, where there is one (VCDM 2.0 section 4.4)."""
        if "id" not in node:
            if required:
                self.report("model.id", pointer, "an id is required, and it must be a URL")
        elif not is_url(node["id"]):
            self.report("model.id", pointer + "/id", "id must be one absolute URL")
        if "@id" in node:
            self.report("model.keyword", pointer + "/@id", "write id: the document must be in compacted form")

    def check_typed(self, node: dict[str, Any], pointer: str) -> None:
        """The object has a ``type`` (VCDM 2.0 section 4.5)."""
        if not types_of(node):
            detail = "type must be one or more terms or URLs" if "type" in node else "the object must say its type"
            self.report("model.type", pointer + "/type" if "type" in node else pointer, detail)


def one_or_more(found: Findings, value: object, pointer: str, code: str, what: str) -> list[tuple[dict[str, Any], str]]:
    """Each object of a property that holds one object or a set of them, with its pointer.

    Reports under ``code`` what is no object, and an empty set.
    """
    if isinstance(value, dict):
        return [(value, pointer)]
    if not isinstance(value, list) or not value:
        found.report(code, pointer, f"{what} must be an object or a list of one or more objects")
        return []
    objects = []
    for index, item in enumerate(value):
        place = f"{pointer}/{index}"
        if isinstance(item, dict):
            objects.append((item, place))
        else:
            found.report(code, place, f"{what} must be an object")
    return objects
