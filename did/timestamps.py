"""Points in time as XML Schema 1.1 writes them (``dateTimeStamp``: VCDM 2.0 section 4.9 and appendix C.1; DIDs).

Every value the standard allows is read exactly: years before 1 and after 9999, ``24:00:00`` (the next day's midnight),
fractions of any length. Days that don't exist and leap seconds are refused, as the standard refuses them, and so are
the other spellings of ISO 8601 (``20260131T080000Z``, ``+0800``, a comma, a week). Whoever reads a time or a day, for
whatever purpose, reads it here: two readers that disagree are two opinions on what has expired.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Moment", "datetime_of", "moment", "moment_of", "read_date", "read_datetime", "what_is_wrong"]

_MAX_LENGTH = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN_IN_ANY_ZONE = timedelta(hours=14)
_EARLIEST = datetime.min.replace(tzinfo=UTC) + _SHOWN_IN_ANY_ZONE
_LATEST = datetime.max.replace(tzinfo=UTC) - _SHOWN_IN_ANY_ZONE
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAYS_IN_400_YEARS = 146_097
_PATTERN = re.compile(
    r"(-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(?:([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]+))?|24:00:00(?:\.0+)?)"
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Moment(NamedTuple):
    """A point in time that can be compared: ``seconds`` since 1970-01-01T00:00:00Z, ``fraction`` the digits after it.

    The fraction has no trailing zeros, so that comparing its text compares its value.
    """

    seconds: int
    fraction: str = ""


def moment(text: object, *, zone_required: bool = True) -> Moment:
    """The point in time that ``text`` names.

    ``zone_required`` False also takes an ``xsd:dateTime`` without a zone, which means UTC (VCDM 1.1 allows it).
    Raises ValueError for anything that is no such value, or is longer than 64 characters.
    """
    if not isinstance(text, str) or len(text) > _MAX_LENGTH:
        raise ValueError("not a dateTimeStamp")
    return _moment(text, zone_required)


def moment_of(when: datetime) -> Moment:
    """The moment of an aware ``datetime``. Raises ValueError for a naive one: its zone would be a guess."""
    if when.tzinfo is None or when.utcoffset() is None:
        raise ValueError("the time must have a time zone")
    since = when - _EPOCH
    return Moment(since.days * 86_400 + since.seconds, f"{since.microseconds:06}".rstrip("0"))


def datetime_of(when: Moment) -> datetime:
    """The moment as a ``datetime`` in UTC, for showing and counting: cut to microseconds.

    What lies outside the years 1 to 9999 becomes the first or the last ``datetime`` that every time zone can show: it
    stays long past, or far ahead.
    """
    try:
        found = _EPOCH + timedelta(seconds=when.seconds, microseconds=int(when.fraction[:6].ljust(6, "0")))
    except OverflowError:
        return _EARLIEST if when.seconds < 0 else _LATEST
    return min(max(found, _EARLIEST), _LATEST)


def read_datetime(text: object) -> datetime:
    """As ``datetime_of`` a ``dateTimeStamp``. Raises ValueError as ``moment`` does."""
    return datetime_of(moment(text))


def read_date(text: object) -> date:
    """The day of an ``xsd:date`` without time zone, years 1 to 9999: ``2026-01-31``. Raises ValueError."""
    if not isinstance(text, str) or _DATE.fullmatch(text) is None:
        raise ValueError("not a date such as 2026-01-31")
    return date.fromisoformat(text)


_PARTS = re.compile(
    r"-?[0-9]+-([0-9]{1,2})-([0-9]{1,2})[Tt ]([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.[0-9]+)?)?(.{0,12})"
)
_AS = "2026-01-31T08:00:00+08:00"


def what_is_wrong(text: object) -> tuple[str, str]:
    """Why ``text`` is no dateTimeStamp, in English and Chinese: for what ``moment`` refuses."""
    if not isinstance(text, str):
        return f"it is no string; a date and time is written as {_AS}", f"它不是字符串；日期时间写作 {_AS}"
    shown = text[:_MAX_LENGTH]
    if len(text) > _MAX_LENGTH:
        return f"{shown!r}… is longer than {_MAX_LENGTH} characters", f"“{shown}…”超过 {_MAX_LENGTH} 个字符"
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return f"{shown!r} is not written as {_AS}", f"“{shown}”的写法不是 {_AS}"
    reason, reason_zh = _wrong_part(*parts.groups())
    return f"{shown!r}: {reason}", f"“{shown}”：{reason_zh}"


def _wrong_part(month: str, day: str, hour: str, minute: str, second: str | None, zone: str) -> tuple[str, str]:
    """The first part of a date and time that is out of range; each group is one of ``_PARTS``."""
    if not 1 <= int(month) <= 12:
        return f"there is no month {month}", f"没有 {month} 月"
    if int(hour) > 24 or (int(hour) == 24 and (int(minute) or int(second or 0))):
        return f"hour {hour}", f"小时为 {hour}"
    if int(minute) > 59:
        return f"minute {minute}", f"分钟为 {minute}"
    if second is None:
        return "the seconds are missing", "缺少秒"
    if int(second) == 60:
        return "second 60: leap seconds can't be written (XML Schema 1.1)", "第 60 秒：不能写闰秒（XML Schema 1.1）"
    if int(second) > 59:
        return f"second {second}", f"秒数为 {second}"
    if not zone:
        return "the time zone is missing (Z or +08:00)", "缺少时区（Z 或 +08:00）"
    if not _ZONE.fullmatch(zone):
        return f"{zone!r} is no time zone (Z or +08:00)", f"“{zone}”不是时区（Z 或 +08:00）"
    if not 1 <= int(day) <= 31 or len(month) == 2 == len(day) == len(hour) == len(minute) == len(second):
        return f"there is no day {month}-{day}", f"没有 {month} 月 {day} 日"
    return f"every part has two digits, as {_AS}", f"各部分应为两位数字，如 {_AS}"


_ZONE = re.compile(r"Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00")


@lru_cache(maxsize=4096)
def _moment(text: str, zone_required: bool) -> Moment:
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError("not a dateTimeStamp")
    year_text, month, day, hour, minute, second, fraction, zone = match.groups()
    if zone is None and zone_required:
        raise ValueError("a dateTimeStamp needs a time zone")
    # The calendar repeats every 400 years, so any year has a twin that ``date`` can hold (and checks for us).
    year = int(year_text)
    twin = (year - 1) % 400 + 1
    try:
        ordinal = date(twin, int(month), int(day)).toordinal()
    except ValueError:
        raise ValueError("not a dateTimeStamp: there is no such day") from None
    days = ordinal + (year - twin) // 400 * _DAYS_IN_400_YEARS - _EPOCH_ORDINAL
    seconds = 86_400 if hour is None else int(hour) * 3600 + int(minute) * 60 + int(second)
    if zone is not None and zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        seconds -= offset if zone[0] == "+" else -offset
    return Moment(days * 86_400 + seconds, (fraction or "").rstrip("0"))
