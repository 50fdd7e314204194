"""From the text of a cell to a value of the register, or to what is wrong with it.

A problem names the row, the column and the reason in Chinese and English, never the value: it may be personal data.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from vc.cards import codes
from vc.cards.identifiers import citizen_identity_number
from vc.cards.json_schema import PATTERNS
from vc.problems import ProblemError

from .columns import Column

__all__ = ["FAULTS", "CellFault", "parse_cell"]

FAULTS: dict[str, tuple[str, str]] = {
    "cell.required": ("必填项为空", "a required cell is empty"),
    "cell.length": ("内容过长", "the text is too long"),
    "cell.formula": ("单元格是公式或以 = + @ 开头", "the cell is a formula, or starts with = + @"),
    "cell.error": ("单元格是表格错误值", "the cell is an error value"),
    "cell.number": (
        "长数字被当作数值存储，已失真；请将该列设为文本",
        "a long number was stored as a number and lost digits: make the column text",
    ),
    "cell.type": ("单元格类型不受支持", "the cell has an unsupported type"),
    "cell.merged": ("该行含合并单元格", "the row has merged cells"),
    "cell.extra": ("该行的列数多于表头", "the row has more cells than the header"),
    "text.characters": ("含控制字符或不允许的字符", "the text holds control or other forbidden characters"),
    "name.form": ("姓名格式不正确", "not a name"),
    "number.form": ("公民身份号码格式不正确", "not a citizen identity number"),
    "number.date": ("公民身份号码中的出生日期不存在", "the birth date in the number does not exist"),
    "number.check": ("公民身份号码校验码错误", "the number's check character is wrong"),
    "number.duplicate": ("与本文件前面某行的公民身份号码重复", "an earlier row of this file has the same number"),
    "number.birth_date": ("出生日期与公民身份号码不符", "the birth date disagrees with the number"),
    "number.sex": ("性别与公民身份号码不符", "the sex disagrees with the number"),
    "date.form": ("日期无法识别（如 2020-01-31）", "not a date (such as 2020-01-31)"),
    "date.order": ("日期先后顺序有误", "the dates are in the wrong order"),
    "validity.both": ("有效期止与长期有效不能同时填写", "a last day and long-term validity exclude each other"),
    "validity.none": ("不再长期有效时须填写有效期止", "without long-term validity a last day is needed"),
    "date.range": ("日期超出合理范围", "the date is out of range"),
    "month.form": ("年月无法识别（如 2020-01）", "not a year and month (such as 2020-01)"),
    "boolean.form": ("请填“是”或“否”", "not yes or no"),
    "integer.form": ("不是整数", "not a whole number"),
    "integer.range": ("数值超出范围", "the number is out of range"),
    "code.unknown": ("代码或名称不在代码表中", "not a code or name of the code list"),
    "division.unknown": ("行政区划代码不存在", "no such administrative division"),
    "division.level": ("行政区划级别不对", "the administrative division is of the wrong level"),
    "value.unknown": ("取值不在允许范围内", "not one of the allowed values"),
    "phone.form": ("电话号码格式不正确", "not a phone number"),
    "vehicle.form": (
        "车辆识别代号应为 17 位字母和数字（不含 I、O、Q）",
        "not 17 letters and digits without I, O and Q",
    ),
    "household.conflict": ("与本文件中同一户的其他行不一致", "disagrees with another row of the same household"),
    "household.head": ("该户已有户主", "the household has a head already"),
    "household.incomplete": ("填写户号时须填写与户主关系", "a household number needs the relationship to the head"),
    "household.type": ("新登记的户须填写户别", "a new household needs its type"),
    "permit.incomplete": ("新登记的居住证缺少必填项", "a new residence permit lacks a required cell"),
    "permit.taken": ("居住证编号属于他人", "the residence permit number belongs to somebody else"),
}
"""Code -> (Chinese, English)."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell: a code of FAULTS."""

    code: str


_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·.'\- ])*", re.UNICODE)
_PHONE = re.compile(r"\+?[0-9][0-9\- ]{4,18}")
_VEHICLE = re.compile(PATTERNS["vehicleIdentificationNumber"])
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?")
_TRUE, _FALSE = frozenset({"是", "true", "yes", "y", "1", "长期"}), frozenset({"否", "false", "no", "n", "0"})
_MANY = re.compile(r"[、;；|,，]")
_MAX_MANY = 50
# Categories that no register writes: controls, formats, surrogates, private use, unassigned.
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def parse_cell(column: Column, text: str) -> Any:
    """The register's value of a non-empty text in ``column``: text, date, bool, int or list; or a CellFault."""
    text = unicodedata.normalize("NFC", text.strip())
    if any(unicodedata.category(character) in _FORBIDDEN for character in text):
        return CellFault("text.characters")
    if column.many:
        parts = [part.strip() for part in _MANY.split(text) if part.strip()]
        if len(parts) > _MAX_MANY:
            return CellFault("cell.length")
        values = [_parse_one(column, part) for part in parts]
        return next((value for value in values if isinstance(value, CellFault)), values)
    return _parse_one(column, text)


def _parse_one(column: Column, text: str) -> Any:
    field = column.field
    if column.fact == "citizen_identity_number":
        return _number(text)
    if column.fact == "name":
        return text if _NAME.fullmatch(text) and len(text) <= field.max_length else CellFault("name.form")
    if field.format == "phone":
        return text if _PHONE.fullmatch(text) else CellFault("phone.form")
    if field.format == "vehicleIdentificationNumber":
        return text if _VEHICLE.fullmatch(text) else CellFault("vehicle.form")
    match field.datatype:
        case "date":
            return _date(text)
        case "yearMonth":
            return _month(text)
        case "boolean":
            lower = text.lower()
            return True if lower in _TRUE else False if lower in _FALSE else CellFault("boolean.form")
        case "integer":
            return _integer(column, text)
        case _:
            return _text(column, text)


def _number(text: str) -> str | CellFault:
    try:
        return citizen_identity_number(text)
    except ProblemError as error:
        return CellFault(error.code.replace("identity_number.", "number."))


def _text(column: Column, text: str) -> str | CellFault:
    field = column.field
    if field.codes == "divisions":
        return _division(column, text)
    if field.codes is not None:
        return codes.code_named(field.codes, text) or CellFault("code.unknown")
    if field.values:
        return _VALUES.get(text, text) if _VALUES.get(text, text) in field.values else CellFault("value.unknown")
    return text if len(text) <= field.max_length else CellFault("cell.length")


_VALUES = {"正常": "living", "在世": "living", "死亡": "deceased", "出国定居": "emigrated"}


def _division(column: Column, text: str) -> str | CellFault:
    if not re.fullmatch(r"[0-9]{6}", text):
        return CellFault("division.unknown")
    level = codes.division(text).level
    if column.field.retired or level == "elsewhere":
        return text
    if level in ("unknown", "retired", "unallocated"):
        return CellFault("division.unknown")
    wanted = column.field.level
    return text if wanted is None or level == wanted else CellFault("division.level")


def _date(text: str) -> date | CellFault:
    found = _DATE.fullmatch(text)
    if found is None:
        return CellFault("date.form")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        value = date(year, month, day)
    except ValueError:
        return CellFault("date.form")
    return value if 1800 <= year <= 2200 else CellFault("date.range")


def _month(text: str) -> str | CellFault:
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12:
        return CellFault("month.form")
    return f"{found[1]}-{int(found[2]):02d}"


def _integer(column: Column, text: str) -> int | CellFault:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        return CellFault("integer.form")
    value, field = int(text), column.field
    low, high = field.minimum, field.maximum
    outside = (low is not None and value < low) or (high is not None and value > high)
    return CellFault("integer.range") if outside else value
