"""Citizen identity numbers (GB 11643) and e-licence identifiers (GB/T 36904)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.cards.identifiers import (
    IdentityNumber,
    LicenceIdentifier,
    check_identity_number,
    check_licence_identifier,
    citizen_identity_number,
    division_warning,
    identity_check_character,
    licence_check_character,
)
from vc.problems import ProblemError

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "gb11643").glob("*.json"))
DAYS = st.dates(date(1900, 1, 1), date(2026, 12, 31))
SEQUENCES = st.integers(1, 999)


def number_of(day: date, sequence: int) -> str:
    digits = f"510199{day:%Y%m%d}{sequence:03d}"
    return digits + identity_check_character(digits)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vectors_are_accepted_or_refused_as_they_say(path: Path) -> None:
    vector = json.loads(path.read_bytes())
    problems = check_identity_number(vector["number"])
    assert (not problems) == (vector["expect"] == "valid")
    if not problems:
        number = IdentityNumber.parse(vector["number"])
        assert (number.division, number.birth_date.isoformat(), number.sex) == (
            vector["division"],
            vector["birth"],
            vector["sex"],
        )


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("110105491231002", "11010519491231002X"),  # 15 digits: the standard's first example before 1999
        ("11010519491231002x", "11010519491231002X"),
        ("  11010519491231002X\n", "11010519491231002X"),
        ("510199200002290018", "510199200002290018"),
    ],
)
def test_numbers_as_people_write_them_get_the_standard_form(written: str, standard: str) -> None:
    assert citizen_identity_number(written) == standard


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "identity_number.form"),
        (None, "identity_number.form"),
        (510199200002290018, "identity_number.form"),
        ("5101992000022900", "identity_number.form"),
        ("5101992000022900188", "identity_number.form"),
        ("５１０１９９２００００２２９００１８", "identity_number.form"),
        ("51019920000229001٨", "identity_number.form"),
        ("510199-20000229-0018", "identity_number.form"),
        ("010199200002290018", "identity_number.form"),
        ("51019920000229001\n", "identity_number.form"),
        ("5" * 10_000, "identity_number.form"),
        ("510199200102290014", "identity_number.date"),
        ("510199200013010010", "identity_number.date"),
        ("510199200002290019", "identity_number.check"),
        ("51019920000229001X", "identity_number.check"),
        ("510199000229000", "identity_number.form"),  # 15 digits with the sequence 000
        ("510199010229001", "identity_number.date"),  # 1901 had no 29 February
    ],
)
def test_what_is_no_number_is_refused_and_not_repeated(text: object, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        citizen_identity_number(text, pointer="/credentialSubject/citizenIdentityNumber")
    assert raised.value.code == code
    assert raised.value.problems[0].pointer == "/credentialSubject/citizenIdentityNumber"
    if isinstance(text, str) and text:
        assert text not in str(raised.value)


@given(DAYS, SEQUENCES)
def test_a_number_says_what_it_was_made_of(day: date, sequence: int) -> None:
    number = IdentityNumber.parse(number_of(day, sequence))
    assert number.birth_date == day
    assert number.sex == ("1" if sequence % 2 else "2")
    assert number.division == "510199"


@given(DAYS, SEQUENCES, st.integers(0, 17), st.integers(1, 9))
def test_no_single_wrong_digit_passes(day: date, sequence: int, position: int, shift: int) -> None:
    number = number_of(day, sequence)
    if number[position] == "X":
        return
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    assert check_identity_number(wrong)


@given(DAYS, SEQUENCES, st.integers(0, 16))
def test_no_two_neighbours_swapped_pass(day: date, sequence: int, position: int) -> None:
    number = number_of(day, sequence)
    swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    assert swapped == number or check_identity_number(swapped)


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), SEQUENCES)
def test_fifteen_digits_are_the_eighteen_without_century_and_check(day: date, sequence: int) -> None:
    number = number_of(day, sequence)
    assert citizen_identity_number(number[:6] + number[8:17]) == number


@given(st.text(max_size=30))
def test_reading_gives_the_standard_form_or_an_error(text: str) -> None:
    try:
        number = citizen_identity_number(text)
    except ProblemError:
        return
    assert check_identity_number(number) == []


@pytest.mark.parametrize(
    ("division", "warned"),
    [
        ("510104", ""),  # Jinjiang district
        ("110105", ""),  # a province that the list does not cover
        ("510202", "retired"),
        ("512301", "retired"),
        ("513521", "retired"),
        ("510199", "synthetic"),
        ("519999", "not in the list"),
    ],
)
def test_a_division_that_is_no_present_one_is_a_warning_only(division: str, warned: str) -> None:
    digits = f"{division}19700101001"
    number = digits + identity_check_character(digits)
    assert check_identity_number(number) == []
    warning = division_warning(number)
    assert (warning is None) == (warned == "")
    if warning is not None:
        assert warning.code == "identity_number.division"
        assert warned in warning.detail


# --- e-licence identifiers -------------------------------------------------------------------------------------------

# Identifiers in public documentation of e-licence interfaces (housing administration): facts, for the check character.
PUBLIC = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
]


def test_the_check_character_is_that_of_iso_7064() -> None:
    # The example of the Global Release Identifier standard, which uses MOD 37,36, too: A1-2425G-ABC1234002-M.
    assert licence_check_character("A12425GABC1234002") == "M"


@pytest.mark.parametrize("text", PUBLIC)
def test_public_identifiers_are_read_and_written_again(text: str) -> None:
    assert check_licence_identifier(text) == []
    assert str(LicenceIdentifier.parse(text)) == text


def test_an_update_counts_the_version() -> None:
    identifier = LicenceIdentifier.parse(PUBLIC[1])
    assert str(identifier.next_version()) == PUBLIC[0]
    with pytest.raises(ProblemError):
        LicenceIdentifier(identifier.type_code, identifier.issuer_code, "1", 999).next_version()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "licence_identifier.form"),
        ("", "licence_identifier.form"),
        (PUBLIC[0][:-2], "licence_identifier.form"),
        (PUBLIC[0].lower(), "licence_identifier.form"),
        (PUBLIC[0].replace("3005", "3006"), "licence_identifier.form"),
        (PUBLIC[0] + "\n", "licence_identifier.form"),
        (PUBLIC[0].replace("20230000403", "2" * 41), "licence_identifier.form"),
        (PUBLIC[0][:-1] + "T", "licence_identifier.check"),
        (PUBLIC[0].replace("20230000403", "20230000404"), "licence_identifier.check"),
    ],
)
def test_other_identifiers_are_refused(text: object, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        LicenceIdentifier.parse(text)
    assert raised.value.code == code


ALPHANUMERIC = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@given(
    st.text(ALPHANUMERIC, min_size=21, max_size=21),
    st.text(ALPHANUMERIC, min_size=18, max_size=18),
    st.text(ALPHANUMERIC, min_size=1, max_size=40),
    st.integers(0, 999),
)
def test_identifiers_survive_writing_and_reading(type_code: str, issuer: str, serial: str, version: int) -> None:
    identifier = LicenceIdentifier(type_code, issuer, serial, version)
    assert LicenceIdentifier.parse(str(identifier)) == identifier


@given(st.text(ALPHANUMERIC, min_size=2, max_size=60), st.data())
def test_a_wrong_character_changes_the_check_character(text: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(ALPHANUMERIC.filter(lambda character: character != text[position]))
    changed = text[:position] + other + text[position + 1 :]
    assert licence_check_character(changed) != licence_check_character(text)


def test_birth_dates_of_a_whole_leap_year_are_read() -> None:
    day = date(2000, 1, 1)
    while day.year == 2000:
        assert IdentityNumber.parse(number_of(day, 1)).birth_date == day
        day += timedelta(days=1)
