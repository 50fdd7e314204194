"""A PIN has six digits and is not one that is guessed first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holder import PinForm, PinWeak
from holder.pin import check_form, check_new

# An identity number with an unallocated district part and a valid check digit.
NUMBER = "510199199003074259"
BIRTH_DATE = "1990-03-07"


@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567", "12345a", "83170２", "831 02", "-31702", "831702\n", " 831702", "8३1702", "831702\x00"],
)
def test_anything_but_six_digits_is_no_pin(pin: str) -> None:
    with pytest.raises(PinForm) as caught:
        check_form(pin)
    assert not pin.strip() or pin not in str(caught.value)


@pytest.mark.parametrize("pin", [None, 831702, b"831702", ["8", "3"]])
def test_what_is_no_text_is_no_pin(pin: object) -> None:
    with pytest.raises(PinForm):
        check_form(pin)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("000000", "equal"),
        ("777777", "equal"),
        ("123456", "run"),
        ("012345", "run"),
        ("654321", "run"),
        ("987654", "run"),
        ("567890", "run"),
        ("789012", "run"),
        ("210987", "run"),
        ("510199", "part of"),
        ("199003", "part of"),
        ("074259", "part of"),
        ("900307", "part of"),
        ("070390", "part of"),
        ("030790", "part of"),
        ("903007"[:2] + "0703", "part of"),
        ("031990", "part of"),
        ("071990", "part of"),
        ("901990", None),
        ("831702", None),
        ("135790", None),
        ("112233", None),
    ],
)
def test_pins_that_are_guessed_first_are_refused(pin: str, why: str | None) -> None:
    if why is None:
        check_new(pin, [NUMBER, BIRTH_DATE])
    else:
        with pytest.raises(PinWeak, match=why):
            check_new(pin, [NUMBER, BIRTH_DATE])


def test_a_birth_date_alone_is_enough_to_refuse_it() -> None:
    with pytest.raises(PinWeak):
        check_new("900307", [BIRTH_DATE])
    check_new("900307", ["1985-11-30"])
    check_new("900307")


def test_a_number_of_fifteen_digits_gives_its_birth_date_away_too() -> None:
    with pytest.raises(PinWeak):
        check_new("070390", ["510199900307425"])
    with pytest.raises(PinWeak):
        check_new("990030", ["510199900307425"])


@given(st.text(max_size=20))
def test_personal_data_of_any_form_never_breaks_the_check(text: str) -> None:
    check_form("831702")
    try:
        check_new("831702", [text])
    except PinWeak:
        assert "831702" in "".join(c for c in text if c in "0123456789")
