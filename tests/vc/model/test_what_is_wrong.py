"""What is wrong with a date and time is said: the part, and never less than the value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.model import moment, what_is_wrong


@pytest.mark.parametrize(
    ("text", "reason", "reason_zh"),
    [
        ("2010-01-01T19:73:24Z", "minute 73", "分钟为 73"),
        ("2016-12-31T23:59:60Z", "leap seconds", "闰秒"),
        ("2016-12-31T23:59:61Z", "second 61", "秒数为 61"),
        ("2016-12-31T25:00:00Z", "hour 25", "小时为 25"),
        ("2016-12-31T24:01:00Z", "hour 24", "小时为 24"),
        ("2016-13-31T23:59:00Z", "month 13", "没有 13 月"),
        ("2023-02-29T00:00:00Z", "no day 02-29", "没有 02 月 29 日"),
        ("2023-02-28T00:00:00", "time zone is missing", "缺少时区"),
        ("2023-02-28T00:00:00+0800", "no time zone", "不是时区"),
        ("2023-02-28T00:00Z", "seconds are missing", "缺少秒"),
        ("2023-2-28T00:00:00Z", "two digits", "两位数字"),
        ("2023-02-28", "is not written as", "写法不是"),
        ("1 May 2026", "is not written as", "写法不是"),
        ("2" * 100, "longer than 64", "超过 64"),
        (5, "no string", "不是字符串"),
    ],
)
def test_the_part_that_is_wrong_is_named(text: object, reason: str, reason_zh: str) -> None:
    with pytest.raises(ValueError, match="dateTimeStamp"):
        moment(text)
    english, chinese = what_is_wrong(text)
    assert reason in english
    assert reason_zh in chinese


@given(
    st.text(max_size=80)
    | st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9:.]{4,10}[Z+0-9:]{0,6}", fullmatch=True)
)
def test_something_is_said_of_any_text(text: str) -> None:
    english, chinese = what_is_wrong(text)
    assert english
    assert chinese
