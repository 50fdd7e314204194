"""Days as cards count them: dates in China time, ages, validity by age, a credential's first and last moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Final

from did.timestamps import read_date, read_datetime

__all__ = [
    "CHINA",
    "add_years",
    "age_on",
    "age_reached",
    "day_of",
    "first_moment",
    "last_moment",
    "parse_date",
    "parse_moment",
    "validity_years",
]

CHINA: Final = timezone(timedelta(hours=8), "UTC+8")
"""The time in which cards count days. China has one time zone and no summer time."""


def day_of(moment: datetime) -> date:
    """The calendar day in China of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CHINA).date()


def first_moment(day: date) -> str:
    """A day's first moment as ``xsd:dateTimeStamp``: what ``validFrom`` says."""
    return f"{day.isoformat()}T00:00:00+08:00"


def last_moment(day: date) -> str:
    """A day's last second as ``xsd:dateTimeStamp``: what ``validUntil`` says."""
    return f"{day.isoformat()}T23:59:59+08:00"


def parse_date(text: object) -> date | None:
    """The day of an ``xsd:date`` without time zone (``2026-01-31``), or None when ``text`` is none."""
    try:
        return read_date(text)
    except ValueError:
        return None


def parse_moment(text: object) -> datetime | None:
    """The moment of an ``xsd:dateTimeStamp`` in UTC, or None when ``text`` is none (no time zone, no such day...).

    For showing, as ``did.timestamps.datetime_of`` cuts it; ``vc.model.validity_period`` says what is valid.
    """
    try:
        return read_datetime(text)
    except ValueError:
        return None


def age_reached(birth: date, years: int) -> date:
    """The day on which an age is reached: the birthday; for 29 February, 1 March in a common year."""
    if birth.year + years > date.max.year:
        return date.max
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def age_on(birth: date, day: date) -> int:
    """Full years of age (周岁) on ``day``; negative before birth."""
    years = day.year - birth.year
    return years if age_reached(birth, years) <= day else years - 1


def add_years(day: date, years: int) -> date:
    """The same calendar day ``years`` later; 29 February becomes 28 February in a common year."""
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def validity_years(birth: date, issued: date, steps: Sequence[Sequence[int]]) -> int | None:
    """For how many years a card is valid that was issued on ``issued``; None is long-term (长期).

    ``steps`` is a rising list of (age below which, years): ``[(16, 5), (26, 10), (46, 20)]`` for the resident
    identity card.
    """
    age = age_on(birth, issued)
    return next((years for below, years in steps if age < below), None)
