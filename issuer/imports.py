"""Importing people into the register from a CSV or XLSX file.

Every bad row is reported with its number, column and reason; the good ones are imported, all in one transaction. A row
is found again by its citizen identity number, so a second import of the same file changes nothing. A blank cell leaves
what the register holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from vc.cards.definition import CARDS, CardSet
from vc.cards.identifiers import IdentityNumber

from .audit import Act
from .cell_values import FAULTS, CellFault, parse_cell
from .columns import Column, find_column
from .date_rules import dates_in_order, long_term_flags
from .errors import ImportFileError
from .import_rows import Faults, Row, RowStore
from .register import HEAD
from .sheets import Cell, Limits, Sheet, read_sheet, sheet_of

__all__ = ["ImportReport", "ParsedPeople", "Progress", "RowProblem", "read_people", "read_texts", "save_people"]

Progress = Callable[[Iterable[Any], int], Iterable[Any]]
"""Passes on what it is given, of which there are so many, and tells somebody how far it got."""

_IDENTIFYING = ("citizen_identity_number", "name")
_IMPORT_LOCK = 0x4C5A0002


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with one row. ``row`` is the number that a spreadsheet shows, ``column`` the header; no value."""

    row: int
    column: str
    code: str

    @property
    def zh(self) -> str:
        """The reason in Chinese."""
        return FAULTS[self.code][0]

    @property
    def en(self) -> str:
        """The reason in English."""
        return FAULTS[self.code][1]

    def to_dict(self) -> dict[str, Any]:
        """The problem as JSON."""
        return {"row": self.row, "column": self.column, "code": self.code, "zh": self.zh, "en": self.en}


@dataclass(slots=True)
class ParsedPeople:
    """A file as read and checked by itself: rows to save, and those refused already, with why."""

    format: str
    encoding: str
    sha256: str
    ignored_columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    cards: CardSet = CARDS
    """The cards whose facts the file may state."""


@dataclass(slots=True)
class ImportReport:
    """What an import did: rows new, changed, as they were, and refused, and why."""

    format: str
    encoding: str
    sha256: str
    ignored_columns: list[str]
    problems: list[RowProblem]
    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        """Rows that were not blank."""
        return self.imported + self.updated + self.unchanged + self.refused

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "format": self.format,
            "encoding": self.encoding,
            "sha256": self.sha256,
            "rows": self.rows,
            "imported": self.imported,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "ignoredColumns": self.ignored_columns,
            "problems": [problem.to_dict() for problem in self.problems],
        }


def read_people(
    data: bytes, *, encoding: str | None = None, limits: Limits | None = None, today: date, cards: CardSet = CARDS
) -> ParsedPeople:
    """Read and check a file; ``today`` is the day in China. Raises ImportFileError when it can't be read at all."""
    sheet = read_sheet(data, encoding=encoding, limits=limits)
    return _parsed(sheet, hashlib.sha256(data).hexdigest(), today, cards)


def read_texts(texts: Mapping[str, str], *, today: date, cards: CardSet = CARDS) -> ParsedPeople:
    """Read and check one row that no file holds, header -> text, as a file's row is. Raises ImportFileError."""
    return _parsed(sheet_of(texts), "", today, cards)


def _parsed(sheet: Sheet, sha256: str, today: date, cards: CardSet) -> ParsedPeople:
    parsed = ParsedPeople(sheet.format, sheet.encoding, sha256, cards=cards)
    columns = _columns(sheet, parsed)
    parsed.rows = _consistent(list(_checked(sheet, columns, today, parsed)), parsed)
    return parsed


def save_people(act: Act, parsed: ParsedPeople, *, progress: Progress | None = None) -> ImportReport:
    """Save the rows of a file in the act's transaction; ``progress`` sees each row go by."""
    report = ImportReport(
        parsed.format,
        parsed.encoding,
        parsed.sha256,
        parsed.ignored_columns,
        list(parsed.problems),
        refused=parsed.refused,
    )
    if act.session.get_bind().dialect.name == "postgresql":
        act.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
    saved: Iterable[tuple[Row, str | Faults]] = RowStore(act.session, act.at, parsed.cards).save_all(parsed.rows)
    if progress is not None:
        saved = progress(saved, len(parsed.rows))
    for row, outcome in saved:
        if isinstance(outcome, str):
            setattr(report, outcome, getattr(report, outcome) + 1)
        else:
            report.refused += 1
            report.problems += _row_problems(row, outcome)
    report.problems.sort(key=lambda problem: problem.row)
    act.note(
        "register.imported",
        sha256=report.sha256,
        imported=report.imported,
        updated=report.updated,
        unchanged=report.unchanged,
        refused=report.refused,
    )
    return report


def _columns(sheet: Sheet, parsed: ParsedPeople) -> list[Column | None]:
    found = [find_column(header, parsed.cards) if header else None for header in sheet.header]
    for header, column in zip(sheet.header, found, strict=True):
        if column is None and header:
            parsed.ignored_columns.append(header[:60])
        elif column is not None and found.count(column) > 1:
            raise ImportFileError(
                "header.twice",
                f"表头中“{column.label.zh}”出现多次",
                f"the header has {column.fact} more than once",
            )
    facts = {column.fact for column in found if column is not None}
    missing = [fact for fact in _IDENTIFYING if fact not in facts]
    if missing:
        labels = [column.label.zh for fact in missing if (column := find_column(fact, parsed.cards))]
        raise ImportFileError(
            "header.missing",
            f"表头缺少：{'、'.join(labels)}",
            f"the header lacks {', '.join(missing)}",
        )
    return found


def _checked(sheet: Sheet, columns: list[Column | None], today: date, parsed: ParsedPeople) -> Iterator[Row]:
    seen: set[str] = set()
    for number, cells in sheet.rows:
        if not any(cell.text or cell.fault for cell in cells):
            continue
        row = Row(number, {column.fact: header for column, header in zip(columns, sheet.header, strict=True) if column})
        faults = _read_cells(row, cells, columns, parsed.cards)
        if number in sheet.merged_rows:
            faults.append(("", "cell.merged"))
        faults += [
            (fact, "cell.required") for fact in _IDENTIFYING if not row.values.get(fact) and fact not in dict(faults)
        ]
        faults += [fault for fault in _against_number(row, today, parsed.cards) if fault[0] not in dict(faults)]
        person = row.values.get("citizen_identity_number")
        if person in seen:
            faults.append(("citizen_identity_number", "number.duplicate"))
        if faults:
            _refuse(parsed, row, faults)
            continue
        seen.add(str(person))
        yield row


def _read_cells(row: Row, cells: list[Cell], columns: list[Column | None], cards: CardSet) -> Faults:
    faults = []
    flags = long_term_flags(cards)
    for index, cell in enumerate(cells):
        if index >= len(columns):
            if cell.text or cell.fault:
                faults.append(("", "cell.extra"))
                break
            continue
        column = columns[index]
        if column is None or not (cell.text or cell.fault):
            continue
        if cell.text == "长期" and column.fact in flags:
            # A card's last day may be written 长期 in its own column.
            row.values[flags[column.fact]] = True
            continue
        value = CellFault(cell.fault) if cell.fault else parse_cell(column, cell.text)
        if isinstance(value, CellFault):
            faults.append((column.fact, value.code))
        else:
            row.values[column.fact] = value
    return faults


def _against_number(row: Row, today: date, cards: CardSet) -> Faults:
    """What in a row disagrees with the number; sex and birth date are filled in from it."""
    faults = []
    values = row.values
    if "citizen_identity_number" in values:
        number = IdentityNumber(values["citizen_identity_number"])
        if number.birth_date > today:
            faults.append(("citizen_identity_number", "date.range"))
        if values.setdefault("birth_date", number.birth_date) != number.birth_date:
            faults.append(("birth_date", "number.birth_date"))
        if values.setdefault("sex", number.sex) != number.sex:
            faults.append(("sex", "number.sex"))
    for facts in dates_in_order(cards):
        stated = [fact for fact in facts if isinstance(values.get(fact), date)]
        faults += [(later, "date.order") for earlier, later in pairwise(stated) if values[earlier] > values[later]]
    faults += [
        (fact, "validity.both") for fact, flag in long_term_flags(cards).items() if values.get(flag) and fact in values
    ]
    if "household_number" in values and "relationship_to_head" not in values:
        faults.append(("relationship_to_head", "household.incomplete"))
    return list(dict.fromkeys(faults))


_OF_HOUSEHOLD = ("household_type", "registration_authority", "registration_authority_division", "household_issue_date")


def _consistent(rows: list[Row], parsed: ParsedPeople) -> list[Row]:
    """The rows whose households agree within the file, heads last (see RowStore)."""
    stated: dict[tuple[str, str], Any] = {}
    heads: set[str] = set()
    good = []
    for row in rows:
        household = row.values.get("household_number")
        faults: Faults = []
        if household is not None:
            for fact in _OF_HOUSEHOLD:
                if fact in row.values and stated.setdefault((household, fact), row.values[fact]) != row.values[fact]:
                    faults.append((fact, "household.conflict"))
            if row.values.get("relationship_to_head") == HEAD:
                if household in heads:
                    faults.append(("relationship_to_head", "household.head"))
                heads.add(household)
        if faults:
            _refuse(parsed, row, faults)
        else:
            good.append(row)
    for row in good:
        household = row.values.get("household_number", "")
        row.household_facts = {fact: stated[household, fact] for fact in _OF_HOUSEHOLD if (household, fact) in stated}
    return sorted(good, key=lambda row: row.values.get("relationship_to_head") == HEAD)


def _refuse(parsed: ParsedPeople, row: Row, faults: Faults) -> None:
    parsed.refused += 1
    parsed.problems += _row_problems(row, faults)


def _row_problems(row: Row, faults: Faults) -> list[RowProblem]:
    return [RowProblem(row.number, row.headers.get(fact, fact)[:60], code) for fact, code in faults]
