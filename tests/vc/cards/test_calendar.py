"""Days in China time, ages, and validity by age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.cards import CARDS
from vc.cards.calendar import (
    add_years,
    age_on,
    age_reached,
    day_of,
    first_moment,
    last_moment,
    parse_date,
    parse_moment,
    validity_years,
)

STEPS = next(r["years"] for r in CARDS["ResidentIdentityCardCredential"].rules if r["rule"] == "validityByAge")
BIRTHS = st.dates(date(1900, 1, 1), date(2026, 1, 1))


def test_a_day_begins_in_china_eight_hours_before_it_begins_in_utc() -> None:
    assert day_of(datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)) == date(2026, 1, 31)
    assert day_of(datetime(2026, 1, 31, 16, 0, 0, tzinfo=UTC)) == date(2026, 2, 1)
    with pytest.raises(ValueError, match="time zone"):
        day_of(datetime(2026, 1, 31))


@given(st.dates(date(1, 1, 2), date(9999, 12, 30)))
def test_first_and_last_moment_enclose_the_day(day: date) -> None:
    first, last = parse_moment(first_moment(day)), parse_moment(last_moment(day))
    assert first is not None
    assert last is not None
    assert day_of(first) == day_of(last) == day
    assert last - first == timedelta(days=1, seconds=-1)
    assert day_of(first - timedelta(seconds=1)) == day - timedelta(days=1)


def test_moments_have_the_form_that_the_data_model_asks_for() -> None:
    assert first_moment(date(2026, 1, 2)) == "2026-01-02T00:00:00+08:00"
    assert last_moment(date(2026, 1, 2)) == "2026-01-02T23:59:59+08:00"


@pytest.mark.parametrize(
    ("birth", "years", "reached"),
    [
        (date(2000, 5, 6), 18, date(2018, 5, 6)),
        (date(2000, 2, 29), 18, date(2018, 3, 1)),
        (date(2000, 2, 29), 20, date(2020, 2, 29)),
        (date(1999, 12, 31), 14, date(2013, 12, 31)),
    ],
)
def test_an_age_is_reached_on_the_birthday(birth: date, years: int, reached: date) -> None:
    assert age_reached(birth, years) == reached
    assert age_on(birth, reached) == years
    assert age_on(birth, reached - timedelta(days=1)) == years - 1


@given(BIRTHS, st.integers(0, 120))
def test_age_and_the_day_of_reaching_it_agree(birth: date, years: int) -> None:
    reached = age_reached(birth, years)
    assert age_on(birth, reached) == years
    assert age_on(birth, reached - timedelta(days=1)) == years - 1


@pytest.mark.parametrize(
    ("age", "years"), [(0, 5), (15, 5), (16, 10), (25, 10), (26, 20), (45, 20), (46, None), (99, None)]
)
def test_the_identity_card_is_valid_by_the_age_at_issue(age: int, years: int | None) -> None:
    birth = date(1900, 7, 8)
    assert validity_years(birth, age_reached(birth, age), STEPS) == years
    assert validity_years(birth, age_reached(birth, age + 1) - timedelta(days=1), STEPS) == years


def test_a_card_issued_a_day_before_the_46th_birthday_gets_twenty_years() -> None:
    assert validity_years(date(1980, 6, 2), date(2026, 6, 1), STEPS) == 20


def test_validity_ends_on_the_same_calendar_day() -> None:
    assert add_years(date(2020, 3, 1), 10) == date(2030, 3, 1)
    assert add_years(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert add_years(date(2024, 2, 29), 20) == date(2044, 2, 29)


def test_the_end_of_the_calendar_is_no_error() -> None:
    assert age_reached(date(9990, 1, 1), 65) == add_years(date(9990, 1, 1), 65) == date.max


@pytest.mark.parametrize(
    "text",
    [
        None,
        20260131,
        "",
        "2026-1-31",
        "20260131",
        "2026-02-30",
        "2026-01-31Z",
        "2026-01-31 ",
        "２026-01-31",
        "2026-W01-1",
    ],
)
def test_what_is_no_calendar_date_is_none(text: object) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    [None, "", "2026-01-31", "2026-01-31T00:00:00", "2026-13-31T00:00:00Z", "2026-01-31 00:00:00+08:00", "x" * 30],
)
def test_what_is_no_moment_with_a_time_zone_is_none(text: object) -> None:
    assert parse_moment(text) is None
