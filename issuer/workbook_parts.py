"""The parts of an untrusted XLSX workbook, looked through before anything is made of them (ECMA-376, parts 1 and 2).

The directory of the archive is read first: what would unpack to too much isn't unpacked. Each part that could be read
as XML is then streamed through expat, which knows what encoding it is in: a document type (and with it any entity),
deep nesting, and more elements than a file of its size has any use for are refused. What openpyxl does afterwards is
bounded by that: it keeps nodes of all parts but the sheets in memory, and fills up rows and columns that are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from .errors import ImportFileError

__all__ = ["Bounds", "look_through"]

_CHUNK: Final = 64 * 1024
_DEPTH: Final = 64
_MANY: Final = 2 * 1024 * 1024
_LONGEST: Final = 512 * 1024
"""Bytes of one tag, comment or text at most. A cell has 32,767 characters at most."""
_GAP: Final = 10_000
"""How many rows a sheet may leave out in all."""
_REFERENCE: Final = re.compile(r"[A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")
_XML: Final = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a workbook may have: parts, bytes after unpacking, rows, columns. The rest follows from its ``size``."""

    size: int
    parts: int
    unpacked: int
    rows: int
    columns: int

    @property
    def all_unpacked(self) -> int:
        """Bytes of all parts unpacked: sheets shrink to a tenth, seldom to a twentieth."""
        return min(self.unpacked, 1024 * 1024 + 24 * self.size)

    @property
    def cells(self) -> int:
        """Cells and rows of all sheets: a filled cell takes some 5 bytes of the file, and 5 µs to read."""
        return 6144 + min(self.size, _MANY) // 4 + max(0, self.size - _MANY) // 16

    @property
    def strings(self) -> int:
        """Elements of the table of shared strings, two for each."""
        return 16_384 + self.size // 16

    @property
    def ranges(self) -> int:
        """Ranges of merged cells in one sheet."""
        return 1024 + self.size // 64

    @property
    def nodes(self) -> int:
        """Elements of one part that is neither a sheet nor the table of strings: styles, relations."""
        return min(40_000, 4096 + self.size // 64)

    @property
    def elements(self) -> int:
        """Elements of all kinds in all parts."""
        return 16_384 + self.size * 3 // 4


@dataclass(slots=True)
class _Seen:
    """What was seen so far in all parts."""

    elements: int = 0
    cells: int = 0
    merged: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


def look_through(data: bytes, bounds: Bounds) -> Mapping[str, list[tuple[int, int]]]:
    """Refuse a workbook that is not one, or not within its bounds. Raises ImportFileError.

    Returns for each sheet's part the rows (first, last) that its merged cells span.
    """
    seen = _Seen()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            # A member is never read beyond the size its header states, so the sum of the headers bounds it all.
            if len(members) > bounds.parts or sum(member.file_size for member in members) > bounds.all_unpacked:
                raise _too_much()
            names = [member.filename for member in members]
            if "[Content_Types].xml" not in names:
                raise _error("file.format", "这个压缩文件不是 XLSX", "this archive is not an XLSX workbook")
            if len(set(names)) != len(names):
                raise _error("file.xlsx", "XLSX 文件已损坏", "the XLSX file is damaged")
            for member in members:
                with archive.open(member) as part:
                    _Part(member.filename, bounds, seen).read(part)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        LookupError,
        expat.ExpatError,
        zlib.error,
    ) as error:
        raise _error("file.xlsx", "XLSX 文件已损坏", "the XLSX file is damaged") from error
    return seen.merged


class _Part:
    """One part on its way through expat."""

    def __init__(self, name: str, bounds: Bounds, seen: _Seen) -> None:
        self._name, self._bounds, self._seen = name, bounds, seen
        self._depth = self._own = self._rows = self._row = self._in_row = 0
        lowered = name.lower()
        self._sheet = "worksheets/" in lowered and "/_rels/" not in lowered
        self._most = bounds.elements if self._sheet else bounds.nodes
        if lowered.endswith("sharedstrings.xml"):
            self._most = bounds.strings

    def read(self, part: IO[bytes]) -> None:
        """Look at all of it, if it could be XML. Raises ImportFileError, ExpatError."""
        chunk = part.read(_CHUNK)
        if not chunk.lstrip()[:1024].startswith(_XML) and b"\0" not in chunk[:4]:
            if self._name.lower().endswith((".xml", ".rels", ".vml")):
                raise _error("file.xlsx", "XLSX 文件已损坏", "the XLSX file is damaged")
            while part.read(_CHUNK):  # Pictures and the like are nobody's to parse: they only have to be whole.
                pass
            return
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        fed = without = 0
        while chunk:
            before = self._own
            parser.Parse(chunk, False)
            fed += len(chunk)
            without = 0 if self._own != before else without + len(chunk)
            if without > _LONGEST or fed - max(parser.CurrentByteIndex, 0) > _LONGEST:
                raise _too_much()
            chunk = part.read(_CHUNK)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise _error("file.xlsx", "XLSX 含不允许的 XML 声明", "the XLSX file holds a forbidden XML declaration")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        seen = self._seen
        seen.elements += 1
        self._own += 1
        self._depth += 1
        if self._depth > _DEPTH or self._own > self._most or seen.elements > self._bounds.elements:
            raise _too_much()
        if self._sheet:
            tag = name.rpartition(":")[2]
            if tag == "c":
                self._cell(attributes.get("r"))
            elif tag == "row":
                self._next_row(attributes.get("r"))
            elif tag == "mergeCell":
                self._merge(attributes.get("ref", ""))

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _cell(self, reference: str | None) -> None:
        self._count()
        self._in_row += 1
        column = self._in_row
        if reference is not None:
            column = 0
            for letter in reference.rstrip("0123456789")[:4]:
                column = column * 26 + ord(letter) - 64
        if not 0 < column <= self._bounds.columns or self._in_row > self._bounds.columns:
            raise _error(
                "file.columns",
                f"第 {self._row} 行超过 {self._bounds.columns} 列",
                f"row {self._row} has more than {self._bounds.columns} columns",
            )

    def _next_row(self, number: str | None) -> None:
        self._count()
        self._rows += 1
        self._in_row = 0
        self._row = int(number[:9]) if number is not None else self._row + 1
        if self._row > self._bounds.rows + 1 or self._row > self._rows + _GAP:
            raise _error("file.rows", f"超过 {self._bounds.rows} 行", f"more than {self._bounds.rows} rows")

    def _count(self) -> None:
        self._seen.cells += 1
        if self._seen.cells > self._bounds.cells:
            raise _too_much()

    def _merge(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return
        ranges = self._seen.merged.setdefault(self._name, [])
        if len(ranges) >= self._bounds.ranges:
            raise _too_much()
        ranges.append((int(match[1]), int(match[2])))


def _too_much() -> ImportFileError:
    return _error("file.unpacked", "XLSX 解压后过大，请另存为 CSV", "the XLSX file unpacks to too much: save it as CSV")


def _error(code: str, zh: str, en: str) -> ImportFileError:
    return ImportFileError(code, zh, en)
