"""Pictures with credentials baked into them (Open Badges 3.0 section 5.3), web pages and other markup.

A PNG is read chunk by chunk, nothing is drawn; markup is read with expat, and refused once it declares a document type
or an entity.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final
from xml.parsers import expat

from ..parsing import LIMITS
from .budget import Budget, Nested
from .result import Carried, Recognition

__all__ = ["PNG", "of_markup", "of_png"]

PNG: Final = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS: Final = 4096
_MAX_MARKUP: Final = 4 * 1024 * 1024
_KEYWORDS: Final = frozenset({b"openbadgecredential", b"openbadges"})
_NAMESPACES: Final = ("https://purl.imsglobal.org/ob/v3p0", "http://openbadges.org", "https://openbadges.org")
_SEVERAL: Final = (
    "there is more than one credential in the picture, and a reader may take either",
    "图片中不止一份凭证，不同读取者可能取用不同的一份",
)


def of_png(data: bytes, budget: Budget, nested: Nested) -> Recognition:
    """A PNG, and what its text chunks named openbadgecredential (openbadges: 2.0) hold."""
    found: list[Carried] = []
    version = ""
    for keyword, text in _texts(data):
        version = "Open Badges 3.0" if keyword == b"openbadgecredential" else version or "Open Badges 2.0"
        found.append(Carried("", nested(text, budget)))
    if len(found) == 1:
        return Recognition("png", data, version, carried=tuple(found))
    return Recognition("png", data, version, remarks=(_SEVERAL,) if found else (), carried=tuple(found[:16]))


def _texts(data: bytes) -> list[tuple[bytes, bytes]]:
    """The text of each chunk of a badge (PNG third edition, section 11.3.3)."""
    found: list[tuple[bytes, bytes]] = []
    place = len(PNG)
    for _ in range(_MAX_CHUNKS):
        if place + 12 > len(data):
            break
        size, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + size]
        if len(body) != size or kind == b"IEND":
            break
        place += 12 + size
        keyword = body[:80].partition(b"\0")[0]
        if keyword not in _KEYWORDS:
            continue
        text = _unpacked(kind, body[len(keyword) + 1 :])
        if text is not None:
            found.append((keyword, text))
    return found


def _unpacked(kind: bytes, rest: bytes) -> bytes | None:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt" and rest[:1] == b"\0":
        return _inflated(rest[1:])
    if kind != b"iTXt" or len(rest) < 4:
        return None
    compressed, method = rest[0], rest[1]
    _, language_end, after = rest[2:].partition(b"\0")
    _, translated_end, text = after.partition(b"\0")
    if not language_end or not translated_end:
        return None
    if compressed == 0:
        return text
    return _inflated(text) if compressed == 1 and method == 0 else None


def _inflated(data: bytes) -> bytes | None:
    """At most what a document may have; a bomb ends there."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(data, LIMITS.size)
    except zlib.error:
        return None
    return text if unpacking.eof else None


class _Refused(Exception):
    """A document type or an entity: nothing that a badge needs."""


def of_markup(text: str, budget: Budget, nested: Nested) -> Recognition:
    """A web page, an SVG badge, or other XML."""
    start = text[:2000].lower()
    if "<!doctype html" in start or "<html" in start:
        return Recognition("html", text)
    if "<svg" not in start and "svg" not in start:
        return Recognition("xml", text)
    if len(text) > _MAX_MARKUP:
        return Recognition("svg", text, left_off=True)
    reader = _Badge()
    try:
        reader.read(text)
    except (expat.ExpatError, _Refused, ValueError):
        remark = ("it is not plain XML, or declares a document type", "不是普通 XML，或声明了文档类型")
        return Recognition("svg", text, remarks=(remark,))
    carried = tuple(Carried("", nested(item, budget)) for item in reader.found[:16])
    return Recognition(
        "svg", text, "Open Badges" if carried else "", (), (_SEVERAL,) if len(carried) > 1 else (), carried
    )


class _Badge:
    """Collects what stands in the elements ``credential`` and ``assertion`` of the badges' namespaces."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._text: list[str] | None = None
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def read(self, text: str) -> None:
        """Read the whole. Raises ExpatError for what is no XML, and _Refused."""
        self._parser.Parse(text.encode("utf-8", "replace"), True)

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._is_badge(name):
            return
        if verify := attributes.get("verify"):  # A JWT stands in the attribute, JSON in the element.
            self.found.append(verify)
        else:
            self._text = []

    def _end(self, name: str) -> None:
        if self._is_badge(name) and self._text is not None:
            content = "".join(self._text).strip()
            if content:
                self.found.append(content)
            self._text = None

    def _characters(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    @staticmethod
    def _is_badge(name: str) -> bool:
        namespace, _, local = name.rpartition(" ")
        return local in ("credential", "assertion") and namespace.startswith(_NAMESPACES)
