"""Writing synthetic people as the files that an authority imports: CSV (UTF-8 or GB18030) and XLSX, Chinese headers."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from issuer.columns import columns
from vc.cards.codes import code_list

__all__ = ["FACTS", "to_csv", "to_xlsx"]

FACTS = (
    "citizen_identity_number",
    "name",
    "former_names",
    "sex",
    "ethnic_group",
    "birth_date",
    "household_number",
    "household_type",
    "relationship_to_head",
    "registered_division",
    "registered_address",
    "registration_authority",
    "registration_authority_division",
    "household_issue_date",
    "registration_date",
    "birth_place",
    "native_place",
    "marital_status",
    "education_level",
    "military_service_status",
    "occupation",
    "workplace",
    "height_cm",
    "blood_type",
    "phone",
    "moved_to_city_date",
    "moved_to_city_from",
    "moved_to_city_reason",
    "moved_to_address_date",
    "moved_to_address_from",
    "moved_to_address_reason",
    "card_issuing_agency",
    "card_issuing_agency_division",
    "card_valid_from",
    "card_valid_until",
    "residence_permit_number",
    "residence_division",
    "residence_address",
    "permit_issuing_agency",
    "permit_issuing_agency_division",
    "permit_issue_date",
    "endorsed_on",
    "endorsed_until",
    "continuous_residence_since",
)
"""The columns of a file, in order. ``issuer.columns`` gives their headers."""


def to_csv(people: Iterable[Mapping[str, Any]], *, encoding: str = "utf-8") -> bytes:
    """The people as CSV in ``utf-8`` or ``gb18030``, without a byte order mark, lines ending in LF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(_table(people))
    return text.getvalue().encode(encoding)


def to_xlsx(people: Iterable[Mapping[str, Any]], *, modified: date) -> bytes:
    """The people as a workbook whose cells are all text. ``modified`` is the day written into it: same bytes again."""
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("人口登记")
    for row in _table(people):
        sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    workbook.close()
    return _undated(content.getvalue(), modified)


def _table(people: Iterable[Mapping[str, Any]]) -> Iterable[list[str]]:
    known = columns()
    yield [known[fact].headers[0] for fact in FACTS]
    for person in people:
        yield [_text(fact, person) for fact in FACTS]


def _text(fact: str, person: Mapping[str, Any]) -> str:
    if fact == "card_valid_until" and person.get("card_valid_long_term"):
        return "长期"
    value = person.get(fact)
    if value is None:
        return ""
    if isinstance(value, list):
        return "；".join(value)
    if isinstance(value, date):
        return value.isoformat()
    field = columns()[fact].field
    if field.codes is not None and field.codes != "divisions":
        entry = code_list(field.codes)[value]
        return entry.card if field.codes == "sex" else entry.zh
    return str(value)


def _undated(workbook: bytes, modified: date) -> bytes:
    """The same workbook with one fixed day instead of the moments at which it was written."""
    result = io.BytesIO()
    stamp = f"{modified.isoformat()}T00:00:00Z".encode()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"[0-9-]{10}T[0-9:]{8}Z", stamp, content)
            copied = zipfile.ZipInfo(entry.filename, (modified.year, modified.month, modified.day, 0, 0, 0))
            copied.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(copied, content)
    return result.getvalue()
