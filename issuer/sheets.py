"""Reading a table out of an untrusted CSV or XLSX file: bounded, and never guessing quietly.

CSV is UTF-8 (with or without a byte order mark) or GB18030. The two are told apart by strict decoding; a text that
both would read, differently, is only accepted when one reading alone is Chinese text. XLSX is unpacked within bounds,
without XML entities; formulas, error values and numbers too long to be exact are reported, not believed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .errors import ImportFileError
from .workbook_parts import Bounds, look_through

__all__ = ["Cell", "Limits", "Sheet", "read_sheet", "sheet_of"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is looked at: bytes, rows, columns, characters a cell, bytes after unpacking, parts."""

    size: int = 32 * 1024 * 1024
    rows: int = 200_000
    columns: int = 200
    cell: int = 1_000
    unpacked: int = 256 * 1024 * 1024
    parts: int = 1_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, or the code of what is wrong with it (``cell.formula``, ``cell.number``, ...)."""

    text: str = ""
    fault: str = ""


@dataclass(slots=True)
class Sheet:
    """A table as read: header texts, rows with their numbers as a spreadsheet shows them, and how it was read."""

    header: list[str]
    rows: Iterator[tuple[int, list[Cell]]]
    format: str
    encoding: str = ""
    merged_rows: set[int] = field(default_factory=set)


def read_sheet(data: bytes, *, encoding: str | None = None, limits: Limits | None = None) -> Sheet:
    """The table in ``data``. ``encoding`` (``utf-8``, ``gb18030``) is for CSV whose encoding can't be told.

    Raises ImportFileError for a file that can't be read; it may do so as late as while its rows are gone through.
    """
    limits = limits or Limits()
    if len(data) > limits.size:
        raise _error("file.size", f"文件超过 {limits.size} 字节", f"the file is larger than {limits.size} bytes")
    if not data.strip():
        raise _error("file.empty", "文件为空", "the file is empty")
    if data.startswith(b"PK\x03\x04"):
        return _xlsx(data, limits)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _error(
            "file.format",
            "旧版 .xls 或加密的表格无法读取，请另存为 .xlsx 或 CSV",
            "an old .xls or an encrypted workbook can't be read: save it as .xlsx or CSV",
        )
    return _csv(data, encoding, limits)


def sheet_of(texts: Mapping[str, str]) -> Sheet:
    """A table of one row that no file holds: header -> text. Its cells are bounded and judged as a file's are."""
    limits = Limits()
    return Sheet(list(texts), iter([(1, [_text_cell(text, limits) for text in texts.values()])]), "texts")


def _error(code: str, zh: str, en: str) -> ImportFileError:
    return ImportFileError(code, zh, en)


# --- CSV -----------------------------------------------------------------------------------------------------------


def _csv(data: bytes, encoding: str | None, limits: Limits) -> Sheet:
    text, name = _decode(data, encoding)
    if "\0" in text:
        raise _error("file.format", "文件含空字符，不是文本", "the file holds NUL characters: it is not text")
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbered = _csv_rows(records, limits)
    for _number, cells in numbered:
        if any(cell.text for cell in cells):
            return Sheet([cell.text for cell in cells], numbered, "csv", name)
    raise _error("file.empty", "文件没有表头", "the file has no header row")


def _csv_rows(records: Iterator[list[str]], limits: Limits) -> Iterator[tuple[int, list[Cell]]]:
    number = 0
    while True:
        number += 1
        try:
            record = next(records, None)
        except csv.Error as error:
            raise _error(
                "file.csv",
                f"第 {number} 行起引号不配对或内容被截断",
                f"from row {number} on the quotes don't match, or the file is cut off",
            ) from error
        if record is None:
            return
        _bound(number, len(record), limits)
        yield number, [_text_cell(value, limits) for value in record]


_PHONE = re.compile(r"\+[0-9][0-9 -]*")


def _text_cell(value: str, limits: Limits) -> Cell:
    value = value.strip()
    if len(value) > limits.cell:
        return Cell(fault="cell.length")
    if value.startswith(("=", "+", "@")) and _PHONE.fullmatch(value) is None:
        return Cell(fault="cell.formula")
    return Cell(value)


def _bound(number: int, columns: int, limits: Limits) -> None:
    if number > limits.rows + 1:
        raise _error("file.rows", f"超过 {limits.rows} 行", f"more than {limits.rows} rows")
    if columns > limits.columns:
        raise _error(
            "file.columns",
            f"第 {number} 行超过 {limits.columns} 列",
            f"row {number} has more than {limits.columns} columns",
        )


def _decode(data: bytes, encoding: str | None) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(
            "file.encoding",
            "文件是 UTF-16，请另存为 UTF-8 或 GB18030",
            "the file is UTF-16: save it as UTF-8 or GB18030",
        )
    if data.startswith(b"\xef\xbb\xbf"):
        data, encoding = data[3:], encoding or "utf-8"
    if encoding not in (None, "utf-8", "gb18030"):
        raise _error("file.encoding", "编码须为 utf-8 或 gb18030", "the encoding is utf-8 or gb18030")
    candidates = [encoding] if encoding else ["utf-8", "gb18030"]
    readings = {name: reading for name in candidates if (reading := _strictly(data, name)) is not None}
    if not readings:
        raise _error(
            "file.encoding",
            "文件既不是 UTF-8 也不是 GB18030，或已损坏",
            "the file is neither UTF-8 nor GB18030, or it is damaged",
        )
    if len(readings) == 2 and readings["utf-8"] != readings["gb18030"]:
        readings = _plausible(readings)
        if len(readings) != 1:
            raise _error(
                "file.encoding",
                "无法判断文件是 UTF-8 还是 GB18030，请用 --encoding 指明",
                "the file could be UTF-8 or GB18030: say which with --encoding",
            )
    name = next(iter(readings))
    return readings[name], name


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and error.reason == "unexpected end of data" and not data[: error.start].isascii():
            raise _error(
                "file.encoding", "文件在一个字符中间被截断", "the file is cut off in the middle of a character"
            ) from None
        return None


def _plausible(readings: dict[str, str]) -> dict[str, str]:
    """Of two readings of the same bytes, the one that is Chinese and made of common characters, if one alone is.

    UTF-8 text read as GB18030 is all rare characters, and GB18030 read as UTF-8 is hardly Chinese at all.
    """
    chinese = {name: text for name, text in readings.items() if _CHINESE.fullmatch(text)}
    if len(chinese) < 2:
        return chinese
    shares = {name: _common_share(text) for name, text in chinese.items()}
    likely, unlikely = sorted(shares, key=lambda name: -shares[name])
    return {likely: chinese[likely]} if shares[likely] >= 0.6 and shares[unlikely] <= shares[likely] / 2 else chinese


# What Chinese tables are written in: ASCII, CJK punctuation and ideographs (with their extensions), full-width forms,
# and a few marks of GB 2312's first rows. A wrong reading falls outside nearly always.
_CHINESE = re.compile(
    "[\x00-\x7f·—‘’“”…‰′″℃№\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff]*"
)
_IDEOGRAPH = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def _common_share(text: str) -> float:
    """How many of a text's ideographs (of the first 100,000) are among the 3,755 common ones (GB 2312 level 1)."""
    ideographs = _IDEOGRAPH.findall(text[:100_000])
    common = sum(
        1 for character in ideographs if 0xB0 <= character.encode("gb18030")[0] <= 0xD7 and _in_gb2312(character)
    )
    return common / len(ideographs) if ideographs else 0.0


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


# --- XLSX ----------------------------------------------------------------------------------------------------------

_EXACT_DIGITS = 15  # A spreadsheet's numbers are doubles: more digits are already lost.


def _xlsx(data: bytes, limits: Limits) -> Sheet:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    broken = _error("file.xlsx", "XLSX 文件已损坏", "the XLSX file is damaged")
    merged_ranges = look_through(data, Bounds(len(data), limits.parts, limits.unpacked, limits.rows, limits.columns))
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,  # What xml.etree and lxml, which openpyxl uses where it is installed, raise for broken XML.
        OSError,
    ) as error:
        raise broken from error
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise broken
    sheet = sheets[0]
    sheet.reset_dimensions()
    merged = _merged_rows(merged_ranges.get(sheet._worksheet_path.lstrip("/"), ()), limits)
    numbered = _xlsx_rows(sheet, limits)
    for _number, cells in numbered:
        if any(cell.text or cell.fault for cell in cells):
            return Sheet([cell.text for cell in cells], numbered, "xlsx", merged_rows=merged)
    raise _error("file.empty", "工作表没有表头", "the sheet has no header row")


def _merged_rows(ranges: Iterable[tuple[int, int]], limits: Limits) -> set[int]:
    """The rows in any of the ranges; a row in many of them is taken once."""
    rows: set[int] = set()
    done = 0
    for first, last in sorted(ranges):
        rows.update(range(max(first, done + 1), min(last, limits.rows + 2) + 1))
        done = max(done, last)
    return rows


def _xlsx_rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[Cell]]]:
    rows = enumerate(sheet.iter_rows(), start=1)
    while True:
        try:
            number, row = next(rows, (0, ()))
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as error:
            raise _error("file.xlsx", "工作表已损坏", "the sheet is damaged") from error
        if number == 0:
            return
        _bound(number, 0, limits)
        cells = [_xlsx_cell(cell.value, cell.data_type, limits) for cell in row]
        while cells and cells[-1] == Cell():
            cells.pop()
        _bound(number, len(cells), limits)
        yield number, cells


def _xlsx_cell(value: Any, kind: str, limits: Limits) -> Cell:
    match value:
        case None:
            return Cell()
        case str() if kind == "f":
            return Cell(fault="cell.formula")
        case str() if kind == "e":
            return Cell(fault="cell.error")
        case str():
            return _text_cell(value, limits)
        case bool():
            return Cell(fault="cell.type")
        case datetime():
            return Cell(value.date().isoformat()) if value.time() == value.time().min else Cell(fault="cell.type")
        case date():
            return Cell(value.isoformat())
        case int() | float() if value == int(value) and abs(value) < 10**_EXACT_DIGITS:
            return Cell(str(int(value)))
        case int() | float():
            return Cell(fault="cell.number")
        case _:
            return Cell(fault="cell.type" if kind != "f" else "cell.formula")
