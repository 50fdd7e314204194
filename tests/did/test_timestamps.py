"""Points in time, to the letter of XML Schema 1.1 part 2 section 3.4.28."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.model import moment, moment_of, validity_period


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T08:00:00+08:00"),
        ("2024-02-28T24:00:00Z", "2024-02-29T00:00:00Z"),
        ("2023-12-31T24:00:00.000Z", "2024-01-01T00:00:00-00:00"),
        ("2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z"),
        ("2026-01-01T00:00:00.500Z", "2026-01-01T00:00:00.5Z"),
        ("0000-02-29T00:00:00Z", "-0001-12-31T00:00:00Z"),
        ("12026-06-01T00:00:00Z", "12026-05-31T22:00:00-02:00"),
    ],
)
def test_values_that_name_the_same_moment_are_equal(text: str, same_as: str) -> None:
    if text.startswith("0000"):
        # 60 days from 31 December of the year before: year 0 is a leap year.
        assert moment(text).seconds - moment(same_as).seconds == 60 * 86_400
    else:
        assert moment(text) == moment(same_as)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00Z",
        "2026-1-1T00:00:00Z",
        "26-01-01T00:00:00Z",
        "02026-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+8:00",
        "2026-01-01T00:00:00+0800",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:00+15:00",
        "2026-01-01T00:00:00+08:60",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "２０２６-01-01T00:00:00Z",
        "Sat 25 Feb 2023 07:16:31 PM CST",
        "2026-01-01T00:00:00." + "0" * 100 + "Z",
        None,
        20260101,
        ["2026-01-01T00:00:00Z"],
        b"2026-01-01T00:00:00Z",
    ],
)
def test_what_is_no_date_time_stamp_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="dateTimeStamp"):
        moment(text)


def test_order_is_kept_beyond_the_years_that_datetime_can_hold() -> None:
    texts = ["-10000-01-01T00:00:00Z", "-0001-06-01T00:00:00Z", "0001-01-01T00:00:00Z", "2026-01-01T00:00:00.25Z"]
    texts += ["2026-01-01T00:00:00.3Z", "9999-12-31T23:59:59.999999Z", "10000-01-01T00:00:00Z", "98765-01-01T00:00:00Z"]
    assert [moment(text) for text in texts] == sorted({moment(text) for text in texts})


@given(st.datetimes(timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))))
def test_the_moment_of_a_datetime_is_that_of_its_text(when: datetime) -> None:
    assert moment(when.isoformat()) == moment_of(when)


def test_a_time_without_a_zone_has_no_moment() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moment_of(datetime(2026, 1, 1))


class TestValidityPeriod:
    CREDENTIAL: ClassVar = {"validFrom": "2026-01-01T00:00:00+08:00", "validUntil": "2026-03-31T23:59:59+08:00"}

    @pytest.mark.parametrize(
        ("now", "codes"),
        [
            (datetime(2025, 12, 31, 15, 58, 59, tzinfo=UTC), ["period.not_yet"]),
            (datetime(2025, 12, 31, 15, 59, 0, tzinfo=UTC), []),
            (datetime(2026, 2, 1, tzinfo=UTC), []),
            (datetime(2026, 3, 31, 16, 0, 59, tzinfo=UTC), []),
            (datetime(2026, 3, 31, 16, 1, 0, tzinfo=UTC), ["period.over"]),
        ],
    )
    def test_both_ends_are_widened_by_the_skew(self, now: datetime, codes: list[str]) -> None:
        assert [problem.code for problem in validity_period(self.CREDENTIAL, now=now)] == codes

    def test_without_skew_the_ends_themselves_are_inside(self) -> None:
        for when in (datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)):
            assert validity_period(self.CREDENTIAL, now=when, skew=timedelta(0)) == []

    def test_the_pointer_names_the_date(self) -> None:
        (problem,) = validity_period(
            self.CREDENTIAL, now=datetime(2027, 1, 1, tzinfo=UTC), pointer="/verifiableCredential/2"
        )
        assert problem.pointer == "/verifiableCredential/2/validUntil"

    def test_a_credential_without_dates_is_valid_at_any_time(self) -> None:
        assert validity_period({}, now=datetime(2026, 1, 1, tzinfo=UTC)) == []

    def test_the_dates_of_1_1_are_read_too(self) -> None:
        old = {"issuanceDate": "2020-01-01T00:00:00", "expirationDate": "2021-01-01T00:00:00Z"}
        assert [p.code for p in validity_period(old, now=datetime(2019, 1, 1, tzinfo=UTC))] == ["period.not_yet"]
        assert [p.code for p in validity_period(old, now=datetime(2022, 1, 1, tzinfo=UTC))] == ["period.over"]

    def test_a_date_that_cannot_be_read_fails(self) -> None:
        problems = validity_period({"validUntil": "never"}, now=datetime(2026, 1, 1, tzinfo=UTC))
        assert [problem.code for problem in problems] == ["model.date_time"]
