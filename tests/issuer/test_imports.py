"""Importing people: what is read, what is refused and why, and that a second import changes nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from issuer.cell_values import FAULTS
from issuer.columns import columns, find_column
from issuer.errors import ImportFileError
from issuer.sheets import Limits, read_sheet
from issuer.tables import Household, LicenceRecord, Membership, Person, ResidencePermit

World = Any
SAMPLE = Path(__file__).parents[2] / "issuer" / "sample"


def xlsx(rows: list[list[Any]], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    change(sheet)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def as_table(rows: list[dict[str, str]]) -> list[list[Any]]:
    headers = list(dict.fromkeys(header for row in rows for header in row))
    return [headers, *[[row.get(header) for header in headers] for row in rows]]


def person(world: World, number: str) -> Person:
    with world.authority.database.reading() as session:
        found = session.scalars(select(Person).where(Person.citizen_identity_number == number)).one()
        assert isinstance(found, Person)
        return found


@pytest.fixture
def empty(make_world: Callable[..., World]) -> World:
    return make_world()


# --- good files ----------------------------------------------------------------------------------------------------


def test_a_family_is_imported_with_its_household_and_permit(
    make_world: Callable[..., World], database_url: str
) -> None:
    world = make_world(database_url)
    report = world.import_rows(*world.family)
    assert (report.imported, report.updated, report.unchanged, report.refused) == (3, 0, 0, 0)
    assert world.authority.counts() == {
        "people": 3, "households": 1, "memberships": 3, "residencePermits": 1,
        "devices": 0, "applications": 0, "credentials": 0,
    }  # fmt: skip
    found = person(world, world.zhang_wei)
    assert (found.name, found.sex, found.ethnic_group, found.birth_date) == ("张伟", "1", "01", date(1985, 2, 14))
    assert found.card_valid_until == date(2040, 5, 1)


def test_a_second_import_of_the_same_file_changes_nothing(make_world: Callable[..., World], database_url: str) -> None:
    world = make_world(database_url)
    world.import_rows(*world.family)

    def everything() -> list[dict[str, Any]]:
        with world.authority.database.reading() as session:
            rows = [*session.scalars(select(Person)), *session.scalars(select(Household))]
            rows += [*session.scalars(select(Membership)), *session.scalars(select(ResidencePermit))]
            return [{c.key: getattr(row, c.key) for c in row.__table__.columns} for row in rows]

    before = everything()
    world.clock.forward(days=1)
    report = world.import_rows(*world.family)
    assert (report.imported, report.updated, report.unchanged, report.refused) == (0, 0, 3, 0)
    assert everything() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_utf8_and_gb18030(empty: World, encoding: str) -> None:
    report = empty.authority.import_file(empty.to_csv(empty.family, encoding))
    assert report.imported == 3
    assert report.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")
    assert person(empty, empty.li_na).name == "李娜"


def test_a_rare_character_survives_gb18030(empty: World) -> None:
    row = {**empty.family[0], "姓名": "张𫍯䶮"}  # Outside the basic plane, and extension A.
    assert empty.authority.import_file(empty.to_csv([row], "gb18030")).imported == 1
    assert person(empty, empty.zhang_wei).name == "张𫍯䶮"


def test_xlsx_gives_the_same_as_csv(empty: World) -> None:
    table = as_table(empty.family)
    assert empty.authority.import_file(xlsx(table)).imported == 3
    assert empty.import_rows(*empty.family).unchanged == 3


def test_xlsx_dates_and_whole_numbers_are_read(empty: World) -> None:
    row = {**empty.family[0], "身高（厘米）": 175, "证件有效期起": date(2020, 5, 1)}
    assert empty.authority.import_file(xlsx(as_table([row]))).imported == 1
    found = person(empty, empty.zhang_wei)
    assert found.card_valid_from == date(2020, 5, 1) and found.facts["height_cm"] == 175


def test_a_phone_number_may_begin_with_a_plus(empty: World) -> None:
    assert empty.import_rows({**empty.family[0], "联系电话": "+86 138-0000-0001"}).imported == 1


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_other_separators_are_understood(empty: World, separator: str) -> None:
    text = empty.to_csv([empty.family[2]]).decode().replace(",", separator)
    assert empty.authority.import_file(text.encode()).imported == 1


def test_headers_in_english_and_as_facts_mean_the_same(empty: World) -> None:
    chinese = empty.family[2]
    renamed = {
        "公民身份号码": "citizenIdentityNumber", "姓名": "name", "民族": "ethnic_group",
        "户籍住址": "Registered Address",
        "户籍行政区划": "registered_division", "户号": "household_number", "户别": "householdType",
        "登记日期": "registration_date", "与户主关系": "relationshipToHead", "户口登记机关": "registration_authority",
        "户口登记机关行政区划": "registration_authority_division", "户口簿签发日期": "household_issue_date",
    }  # fmt: skip
    english = {renamed[header]: value for header, value in chinese.items()}
    assert empty.import_rows(english).imported == 1
    assert empty.import_rows(chinese).unchanged == 1


def test_every_column_is_found_by_its_own_header() -> None:
    for fact, column in columns().items():
        assert find_column(fact) is column
        assert (found := find_column(column.headers[0])) is None or column.headers[0] in found.headers


def test_blank_rows_and_unknown_columns_are_passed_over(empty: World) -> None:
    table = as_table([{**row, "备注": "x"} for row in empty.family])
    table.insert(2, [None] * len(table[0]))
    table.append(["   "])
    report = empty.authority.import_file(xlsx(table))
    assert report.imported == 3 and report.refused == 0
    assert report.ignored_columns == ["备注"]


def test_a_15_digit_number_and_a_small_x_are_read(empty: World) -> None:
    long = empty.number("19850214", 11)
    assert empty.import_rows({**empty.family[0], "公民身份号码": long[:6] + long[8:17]}).imported == 1
    assert person(empty, long).name == "张伟"
    sequence = next(n for n in range(1, 400, 2) if empty.number("19850214", n).endswith("X"))
    with_x = empty.number("19850214", sequence)
    row = {**empty.family[0], "公民身份号码": with_x.lower(), "户号": "", "与户主关系": ""}
    assert empty.import_rows(row).imported == 1
    assert person(empty, with_x)


def test_a_blank_cell_leaves_what_the_register_holds(empty: World) -> None:
    empty.import_rows({**empty.family[0], "职业": "教师"})
    assert empty.import_rows({**empty.family[0], "职业": ""}).unchanged == 1
    assert person(empty, empty.zhang_wei).facts["occupation"] == "教师"


def test_long_term_and_a_last_day_exclude_each_other(empty: World) -> None:
    empty.import_rows({**empty.family[0], "证件有效期止": "长期"})
    found = person(empty, empty.zhang_wei)
    assert found.card_valid_long_term is True and found.card_valid_until is None
    assert empty.import_rows(empty.family[0]).updated == 1
    found = person(empty, empty.zhang_wei)
    assert found.card_valid_long_term is None and found.card_valid_until == date(2040, 5, 1)
    both = {**empty.family[0], "长期有效": "是"}
    assert [p.code for p in empty.import_rows(both).problems] == ["validity.both"]


def test_a_household_may_change_its_head_within_one_file(empty: World) -> None:
    empty.import_rows(*empty.family)
    wife = {**empty.family[1], "与户主关系": "户主"}
    husband = {**empty.family[0], "与户主关系": "夫"}
    assert empty.import_rows(wife, husband).updated == 2
    with empty.authority.database.reading() as session:
        heads = session.scalars(select(Membership).where(Membership.relationship_to_head == "02")).all()
        assert [head.person.name for head in heads] == ["李娜"]


def test_licences_of_other_departments_need_no_table_of_their_own(empty: World) -> None:
    row = {**empty.family[0], "guard_certificate_number": "BA001", "guard_issue_date": "2024-01-02"}
    assert empty.import_rows(row).imported == 1
    with empty.authority.database.reading() as session:
        [licence] = session.scalars(select(LicenceRecord))
        assert licence.card_type == "SecurityGuardCertificateCredential"
        assert licence.facts == {"guard_certificate_number": "BA001", "guard_issue_date": "2024-01-02"}
    assert empty.import_rows(row).unchanged == 1


def test_the_sample_is_imported_whole(empty: World) -> None:
    empty.clock.forward(days=365)
    report = empty.authority.import_file(SAMPLE / "sichuan.csv")
    assert report.refused == 0 and report.imported > 400
    assert empty.authority.import_file(SAMPLE / "sichuan.csv").unchanged == report.imported


def test_progress_is_told(empty: World) -> None:
    told: list[tuple[int, int]] = []

    def progress(rows: Any, length: int) -> Any:
        for done, row in enumerate(rows, start=1):
            yield row
            told.append((done, length))

    empty.authority.import_file(empty.to_csv(empty.family), progress=progress)
    assert told == [(1, 3), (2, 3), (3, 3)]


# --- bad rows ------------------------------------------------------------------------------------------------------

BAD_CELLS: list[tuple[str, str, str]] = [
    ("公民身份号码", "", "cell.required"),
    ("公民身份号码", "51019919850214011", "number.form"),
    ("公民身份号码", "510199198502300118", "number.date"),
    ("公民身份号码", "510199198502140110", "number.check"),
    ("公民身份号码", "５１０１９９198502140110", "number.form"),
    ("公民身份号码", "x" * 1001, "cell.length"),
    ("公民身份号码", "=1+1", "cell.formula"),
    ("姓名", "", "cell.required"),
    ("姓名", "123", "name.form"),
    ("姓名", "张", ""),
    ("姓名", "张" * 61, "name.form"),
    ("姓名", "张\u202e伟", "text.characters"),
    ("姓名", "张\ue000", "text.characters"),
    ("姓名", "<script>", "name.form"),
    ("性别", "女", "number.sex"),
    ("性别", "未知数", "code.unknown"),
    ("出生日期", "1985-02-15", "number.birth_date"),
    ("出生日期", "1985-02-30", "date.form"),
    ("民族", "", "cell.required"),
    ("民族", "99", "code.unknown"),
    ("户籍行政区划", "", "cell.required"),
    ("户籍行政区划", "510199", "division.unknown"),
    ("户籍行政区划", "510100", "division.level"),
    ("户籍行政区划", "519999", "division.unknown"),
    ("户籍行政区划", "成都", "division.unknown"),
    ("户籍住址", "", "cell.required"),
    ("户籍住址", "路" * 201, "cell.length"),
    ("户籍住址", "=HYPERLINK(1)", "cell.formula"),
    ("户籍住址", "@SUM(1)", "cell.formula"),
    ("户籍住址", "一\x07二", "text.characters"),
    ("人员状态", "失踪", "value.unknown"),
    ("联系电话", "none", "phone.form"),
    ("证件有效期起", "20200431", "date.form"),
    ("证件有效期止", "2020-01-01", "date.order"),
    ("证件有效期起", "0999-01-01", "date.range"),
    ("证件有效期起", "1985-02-13", "date.order"),
    ("长期有效", "也许", "boolean.form"),
    ("身高（厘米）", "高", "integer.form"),
    ("身高（厘米）", "10", "integer.range"),
    ("与户主关系", "", "household.incomplete"),
    ("与户主关系", "邻居", "code.unknown"),
    ("户别", "", "household.type"),
    ("居住证编号", "JZ9", "permit.incomplete"),
    ("inspection_valid_until", "2020-13", "month.form"),
]


@pytest.mark.parametrize(("column", "text", "code"), BAD_CELLS)
def test_a_bad_cell_is_reported_with_row_column_and_reason(empty: World, column: str, text: str, code: str) -> None:
    bad = {**empty.family[0], column: text}
    good = {**empty.family[2], "户号": "", "与户主关系": ""}
    report = empty.import_rows(bad, good)
    assert person(empty, empty.zhang_xiaoming)
    if not code:
        assert report.imported == 2
        return
    assert (report.imported, report.refused) == (1, 1)
    assert (2, column, code) in [(p.row, p.column, p.code) for p in report.problems] or code == "permit.incomplete"
    assert {p.code for p in report.problems} == {code}
    assert all(p.zh and p.en for p in report.problems)
    # The report never repeats a value: it may be personal.
    assert len(text) < 3 or text not in str(report.to_dict()["problems"])


def test_every_problem_of_a_row_is_reported(empty: World) -> None:
    bad = {**empty.family[0], "公民身份号码": "1", "民族": "99", "户籍行政区划": "999"}
    assert [p.code for p in empty.import_rows(bad).problems] == ["number.form", "code.unknown", "division.unknown"]


def test_all_faults_have_a_text_in_two_languages() -> None:
    assert all(zh and en and zh != en for zh, en in FAULTS.values())


def test_people_who_are_not_born_yet_are_refused(empty: World) -> None:
    row = {**empty.family[2], "公民身份号码": empty.number("20260302", 13)}
    assert [p.code for p in empty.import_rows(row).problems] == ["date.range"]


def test_a_number_twice_in_a_file_is_imported_once(empty: World) -> None:
    report = empty.import_rows(empty.family[0], {**empty.family[0], "户籍住址": "别处"})
    assert (report.imported, report.refused) == (1, 1)
    assert [(p.row, p.code) for p in report.problems] == [(3, "number.duplicate")]
    assert person(empty, empty.zhang_wei).registered_address.endswith("1号")


def test_a_household_has_one_head(empty: World) -> None:
    second = {**empty.family[1], "与户主关系": "户主"}
    report = empty.import_rows(empty.family[0], second)
    assert [(p.row, p.code) for p in report.problems] == [(3, "household.head")]
    assert [(p.row, p.code) for p in empty.import_rows(second).problems] == [(2, "household.head")]


def test_rows_of_a_household_agree(empty: World) -> None:
    other = {**empty.family[1], "户别": "集体户"}
    report = empty.import_rows(empty.family[0], other)
    assert [(p.row, p.column, p.code) for p in report.problems] == [(3, "户别", "household.conflict")]


def test_a_permit_number_belongs_to_one_person(empty: World) -> None:
    empty.import_rows(*empty.family)
    permit = {key: value for key, value in empty.family[1].items() if "居住" in key or "签注" in key}
    report = empty.import_rows({**empty.family[0], **permit})
    assert [p.code for p in report.problems] == ["permit.taken"]


def test_a_new_endorsement_may_not_end_before_the_permit_begins(empty: World) -> None:
    empty.import_rows(*empty.family)
    shorter = {"公民身份号码": empty.li_na, "姓名": "李娜", "签注有效期至": "2025-01-01"}
    assert [p.code for p in empty.import_rows(shorter).problems] == ["date.order"]


# --- bad XLSX cells and files --------------------------------------------------------------------------------------


def _set(cell: str, value: Any) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet[cell] = value

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_set("B2", "=A1"), "cell.formula"),
        (_set("A2", 510199198502140119), "cell.number"),
        (_set("A2", 1.5), "cell.number"),
        (_set("B2", True), "cell.type"),
        (_set("B2", "#N/A"), "cell.error"),
        (lambda sheet: sheet.merge_cells("B2:B3"), "cell.merged"),
        (_set("AZ2", "beyond the header"), "cell.extra"),
    ],
)
def test_a_bad_xlsx_cell_is_reported(empty: World, change: Callable[[Any], None], code: str) -> None:
    report = empty.authority.import_file(xlsx(as_table([empty.family[0]]), change))
    assert code in [p.code for p in report.problems]
    assert report.imported == 0


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _tampered(part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    workbook = io.BytesIO(xlsx([["姓名", "公民身份号码"], ["张伟", "1"]]))
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def _bomb(mebibytes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        with archive.open(_SHEET, "w") as part:
            for _ in range(mebibytes):
                part.write(b" " * 1024 * 1024)
    return out.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'

BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "file.empty"),
    "blanks": (lambda: b" \r\n \n", "file.empty"),
    "commas": (lambda: b",,,\n,,,\n", "file.empty"),
    "binary": (lambda: bytes(range(256)) * 10, "file.encoding"),
    "NULs": (lambda: b"a,b\n\0,1\n", "file.format"),
    "UTF-16": (lambda: "姓名,公民身份号码\n".encode("utf-16"), "file.encoding"),
    "cut off in a character": (lambda: "姓名,公民身份号码\n张".encode()[:-1], "file.encoding"),
    "cut off in quotes": (lambda: bytes('姓名,公民身份号码\n"张', "utf-8"), "file.csv"),
    "text after quotes": (lambda: bytes('姓名,公民身份号码\n"张"伟,1\n', "utf-8"), "file.csv"),
    "an endless field": (lambda: b'name,citizenIdentityNumber\n"' + b"x" * 200_000, "file.csv"),
    "too large": (lambda: b"x" * (32 * 1024 * 1024 + 1), "file.size"),
    "too many columns": (lambda: b"name" + b",x" * 300 + b"\n", "file.columns"),
    "no known header": (lambda: b"a,b\n1,2\n", "header.missing"),
    "half the header": (lambda: bytes("姓名,民族\n张,汉\n", "utf-8"), "header.missing"),
    "a header twice": (lambda: bytes("姓名,name,公民身份号码\n张,张,1\n", "utf-8"), "header.twice"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file.format"),
    "another archive": (lambda: _zip({"content.xml": b"<x/>"}), "file.format"),
    "a cut archive": (lambda: xlsx([["姓名"]])[:-100], "file.xlsx"),
    "a damaged archive": (lambda: xlsx([["姓名"]])[:200] + b"\0" * 500 + xlsx([["姓名"]])[700:], "file.xlsx"),
    "an empty workbook": (lambda: xlsx([]), "file.empty"),
    "no sheet": (lambda: _tampered("xl/workbook.xml", lambda _: b"<workbook/>"), "file.xlsx"),
    "broken XML": (lambda: _tampered(_SHEET, lambda content: content[: len(content) // 2]), "file.xlsx"),
    "XML entities": (lambda: _tampered(_SHEET, lambda content: _LAUGHS + content), "file.xlsx"),
    "an XML bomb": (lambda: _bomb(257), "file.unpacked"),
    "too many parts": (
        lambda: _zip({"[Content_Types].xml": b"", **{f"p{n}": b"" for n in range(1001)}}), "file.unpacked"
    ),
    "a row far away": (
        lambda: _tampered(_SHEET, lambda content: content.replace(b'r="2"', b'r="1048576"')), "file.rows"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_whole_and_nothing_is_lost(empty: World, case: str) -> None:
    make, code = BAD_FILES[case]
    empty.import_rows(*empty.family)
    before = empty.authority.counts()
    with pytest.raises(ImportFileError) as refused:
        empty.authority.import_file(make())
    assert refused.value.code == code
    assert refused.value.zh and refused.value.en
    assert empty.authority.counts() == before


def test_too_many_rows_are_refused(empty: World) -> None:
    data = empty.to_csv(empty.family)
    with pytest.raises(ImportFileError) as refused:
        empty.authority.import_file(data, limits=Limits(rows=2))
    assert refused.value.code == "file.rows"
    assert empty.authority.import_file(data, limits=Limits(rows=3)).imported == 3


def test_short_utf8_files_are_not_taken_for_gb18030(empty: World) -> None:
    # Strictly valid, and all ideographs, in both encodings: the wrong reading has rare characters only.
    data = "姓名,公民身份号码,签注有效期至\n李娜,1,\n".encode()
    assert data.decode("gb18030") != data.decode()
    assert read_sheet(data).encoding == "utf-8"
    assert read_sheet(data).header[0] == "姓名"


def test_gb18030_that_happens_to_be_utf8_is_read_as_chinese() -> None:
    # 联通 in GB 2312 is famous for looking like UTF-8 to a careless reader.
    assert read_sheet("name,addressText\n联通,路\n".encode("gb18030")).encoding == "gb18030"
    # 潞 in GB 2312 is C2 BA, which is also the UTF-8 of º.
    ambiguous = "潞".encode("gb18030")
    assert ambiguous.decode("utf-8") == "º"
    assert read_sheet(b"name\n" + ambiguous).encoding == "gb18030"


def test_a_file_that_can_not_be_told_apart_asks_which() -> None:
    # Rare characters in both readings.
    data = b"name\n" + "愱愱".encode()
    assert data.decode("gb18030") != data.decode()
    with pytest.raises(ImportFileError) as refused:
        read_sheet(data)
    assert refused.value.code == "file.encoding"
    assert "--encoding" in refused.value.en
    assert [cells[0].text for _, cells in read_sheet(data, encoding="utf-8").rows] == ["愱愱"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-7", "no such", "rot13"])
def test_only_the_two_encodings_are_taken(encoding: str) -> None:
    with pytest.raises(ImportFileError) as refused:
        read_sheet(b"name\n", encoding=encoding)
    assert refused.value.code == "file.encoding"
