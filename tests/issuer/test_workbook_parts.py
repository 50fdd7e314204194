"""Workbooks made to be dear, or to hide what they hold, are refused; what a spreadsheet writes is read as before."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from benchmarks.nasty import _around_rows, _workbook
from issuer.errors import ImportFileError
from issuer.sheets import read_sheet
from issuer.workbook_parts import Bounds

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no:UserWarning")

DOCTYPE = '<!DOCTYPE worksheet [<!ENTITY a "x">]>'
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row></sheetData></worksheet>'
)


def code_of(data: bytes) -> str:
    with pytest.raises(ImportFileError) as refused:
        list(read_sheet(data).rows)
    return refused.value.code


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-be"),
        ("UTF-16", "utf-16-le"),
        ("iso-8859-1", "iso-8859-1"),
    ],
)
def test_a_document_type_is_refused_in_whatever_encoding(declared: str, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    assert code_of(_workbook((head + DOCTYPE + SHEET).encode(encoding))) == "file.xlsx"


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/other.bin", "xl/styles.XML", "docProps/core.xml"])
def test_a_document_type_is_refused_in_whatever_part(name: str) -> None:
    assert code_of(_workbook(SHEET.encode(), **{name: ("\n  " + DOCTYPE + SHEET).encode()})) == "file.xlsx"


def test_a_sheet_in_utf_16_without_one_is_read() -> None:
    sheet = read_sheet(_workbook(('<?xml version="1.0" encoding="UTF-16"?>' + SHEET).encode("utf-16")))
    assert sheet.header == ["name"]


def test_merged_cells_in_a_comment_are_none() -> None:
    comment = b"<!-- " + b'<mergeCell ref="A1:A199999"/>' * 15_000 + b" -->"
    sheet = read_sheet(_workbook(_around_rows(b"", comment)))
    assert (list(sheet.rows), sheet.merged_rows) == ([], set())


def test_merged_cells_are_counted_once_a_row_and_not_without_end() -> None:
    def merged(count: int) -> bytes:
        ranges = b'<mergeCell ref="A2:B150000"/>' * count
        return _workbook(
            _around_rows(b'<row r="2"><c r="A2"><v>1</v></c></row>', b"<mergeCells>" + ranges + b"</mergeCells>")
        )

    assert len(read_sheet(merged(1000)).merged_rows) == 149_999
    assert code_of(merged(2000)) == "file.unpacked"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (b'<row r="1048576"/>', "file.rows"),
        (b'<row r="20000"/>', "file.rows"),
        (b'<row r="2"><c r="XFD2"/></row>', "file.columns"),
        (b'<row r="2"><c r="GS2"/></row>', "file.columns"),
        (b'<row r="2"><c r="7"/></row>', "file.columns"),
        (b"<a>" * 70 + b"</a>" * 70, "file.unpacked"),
        (b'<row r="2">' + b"<c/>" * 201 + b"</row>", "file.columns"),
        (b'<row r="2">' + b'<c r="A2"/>' * 201 + b"</row>", "file.columns"),
        ((b"<row>" + b"<c/>" * 200 + b"</row>") * 100, "file.unpacked"),
        (b'<row r="2"><c t="' + b"x" * 1_000_000 + b'"/></row>', "file.unpacked"),
        (b"<row/><!--" + b"x" * 1_000_000 + b"-->", "file.unpacked"),
        (b'<row r="2"><c><v>' + b"1" * 1_200_000 + b"</v></c></row>", "file.unpacked"),
        (b"<row", "file.xlsx"),
    ],
)
def test_what_a_sheet_has_no_use_for_is_refused(rows: bytes, code: str) -> None:
    assert code_of(_workbook(_around_rows(rows))) == code


def test_a_directory_that_says_too_much_is_believed_and_nothing_is_unpacked() -> None:
    data = _workbook(SHEET.encode(), **{"xl/media/zero.bin": bytes(64 * 1024 * 1024)})
    assert code_of(data) == "file.unpacked"


def test_two_parts_of_one_name_are_refused() -> None:
    content = io.BytesIO(_workbook(SHEET.encode()))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", SHEET)
    assert code_of(content.getvalue()) == "file.xlsx"


def test_a_workbook_of_some_thousand_people_is_read_whole() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append([f"column {n}" for n in range(12)])
    for row in range(4000):
        sheet.append([f"name {row}", *(f"{row * n % 977} some text" for n in range(11))])
    sheet.merge_cells("A2:A3")
    content = io.BytesIO()
    book.save(content)
    read = read_sheet(content.getvalue())
    assert sum(1 for _ in read.rows) == 4000
    assert read.merged_rows == {2, 3}


def test_bounds_grow_with_the_file_and_end() -> None:
    small, large = (Bounds(size, 1000, 256 * 1024 * 1024, 200_000, 200) for size in (1000, 32 * 1024 * 1024))
    for name in ("all_unpacked", "cells", "strings", "elements", "ranges", "nodes"):
        assert 0 < getattr(small, name) < getattr(large, name)
    assert (large.all_unpacked, large.nodes) == (256 * 1024 * 1024, 40_000)
