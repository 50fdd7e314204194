"""Whoever reads a date gives the same answer or the same refusal: two opinions on it are two on what has expired."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from did.methods.webvh.proofs import _timestamp as webvh_timestamp
from did.timestamps import datetime_of, moment, moment_of, read_date, read_datetime
from did.verification_methods import parse_timestamp
from liangzheng.commands.shared import MOMENT
from vc.cards.calendar import day_of, parse_date, parse_moment
from vc.model.json_schema import _FORMATS
from vc.qr.cbor_ld_values import _decode_date_time, _encode_date_time
from vc.scenarios.request import _Reader
from verifier.trust_document import _Reader as _TrustReader

ROOT = Path(__file__).parent.parent
ROOMS = ("contexts", "did", "vc", "webshell", "issuer", "holder", "verifier", "liangzheng")

SPELLINGS = (
    "2026-01-31T24:00:00Z",
    "2026-01-31T24:00:00.000+08:00",
    "2026-01-31T24:00:01Z",
    "2026-01-31T080000+0800",
    "20260131T080000Z",
    "2026-01-31T08:00:00+0800",
    "2026-01-31T08:00:00+08",
    "2026-01-31T08:00Z",
    "2026-01-31T08Z",
    "2026-W05-6T08:00:00Z",
    "2026-031T08:00:00Z",
    "2026-01-31 08:00:00Z",
    "2026-01-31t08:00:00z",
    "2026-01-31T08:00:00,5Z",
    "2026-01-31T08:00:00.1234567891Z",
    "2026-01-31T08:00:00+14:00",
    "2026-01-31T08:00:00+23:59",
    "2026-01-31T08:00:00+08:00:30",
    "2026-01-31T08:00:00",
    "2016-12-31T23:59:60Z",
    "2026-02-29T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "-0001-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T24:00:00Z",
    "10000-01-01T00:00:00Z",
    "123456789-01-01T00:00:00Z",
    "２０２６-01-31T08:00:00Z",
    "",
)

_NEARLY = st.from_regex(
    r"-?[0-9]{4,5}-?(?:[01][0-9]-?[0-3][0-9]|W[0-5][0-9]-?[1-7])[Tt ][0-2][0-9]:?[0-6][0-9]:?[0-6][0-9]"
    r"(?:[.,][0-9]{1,9})?(?:Z|z|[+-][01][0-9]:?[0-5][0-9])?",
    fullmatch=True,
)
_TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat)
TEXTS = st.one_of(_NEARLY, _TIMES, st.sampled_from(SPELLINGS), st.text(max_size=40))


def _of_request(text: str) -> datetime:
    reader = _Reader()
    found = reader.moment(text, "/created")
    if reader.problems:
        raise ValueError
    return found


def _of_trust_list(text: str) -> datetime | None:
    reader = _TrustReader()
    found = reader.moment({"validFrom": text}, "validFrom", "")
    if reader.problems or found is None:
        raise ValueError
    return datetime_of(found)


def _of_schema(text: str) -> datetime:
    schema = {"type": "string", "format": "date-time"}
    if not Draft202012Validator(schema, format_checker=_FORMATS).is_valid(text):
        raise ValueError
    return read_datetime(text)


def _of_card(text: str) -> datetime:
    found = parse_moment(text)
    if found is None:
        raise ValueError
    return found


def _of_option(text: str) -> Any:
    try:
        return MOMENT.convert(text, None, None)
    except click.BadParameter:
        raise ValueError from None


READERS: dict[str, Callable[[str], Any]] = {
    "a card's validity": _of_card,
    "a DID document's dates": parse_timestamp,
    "a did:webvh proof": webvh_timestamp,
    "a verifier's request": _of_request,
    "a trust list": _of_trust_list,
    "a JSON Schema's date-time": _of_schema,
    "a command's option": _of_option,
}


@given(TEXTS)
def test_every_reader_of_times_gives_the_same_answer_or_refuses(text: str) -> None:
    try:
        expected = datetime_of(moment(text))
    except ValueError:
        expected = None
    for name, read in READERS.items():
        try:
            found = read(text)
        except ValueError:
            found = None
        assert found == expected, name


@given(TEXTS)
def test_a_time_in_a_symbol_names_the_moment_that_its_text_names(text: str) -> None:
    encoded = _encode_date_time(text)
    assert encoded == text or _decode_date_time(encoded) == text


@given(
    st.one_of(
        st.dates().map(str), st.text(max_size=12), st.from_regex(r"[0-9]{4}-?[0-9W]{2}-?[0-9]{1,3}", fullmatch=True)
    )
)
@example("2026-W05-1")
@example("20260131")
@example("0000-01-01")
def test_every_reader_of_days_gives_the_same_answer_or_refuses(text: str) -> None:
    try:
        expected = read_date(text)
        assert expected.isoformat() == text
    except ValueError:
        expected = None
    assert parse_date(text) == expected
    schema = {"type": "string", "format": "date"}
    assert Draft202012Validator(schema, format_checker=_FORMATS).is_valid(text) == (expected is not None)


@given(_TIMES)
def test_a_datetime_read_is_the_moment_to_the_microsecond(text: str) -> None:
    assert moment_of(read_datetime(text)) == moment(text)
    assert MOMENT.convert(text, None, None) == read_datetime(text)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("-0044-03-15T12:00:00Z", 1),
        ("0000-01-01T00:00:00Z", 1),
        ("9999-12-31T24:00:00Z", 9999),
        ("98765-01-01T00:00:00Z", 9999),
    ],
)
def test_what_a_datetime_cant_hold_stays_far_past_or_far_ahead_and_can_be_shown_everywhere(
    text: str, year: int
) -> None:
    found = read_datetime(text)
    assert found.year == year
    assert abs(day_of(found).year - year) <= 1


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {"fromisoformat", "strptime"} & set(names)


OWN_RECORDS = {"holder/keystore.py"}
"""Where a row of one's own is read back, that the same module wrote with ``isoformat``: from the year 1 on."""


def test_nothing_else_in_the_product_reads_times_or_days() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "test" not in path.parts and _calls(path)
    }
    assert found - OWN_RECORDS == {"did/timestamps.py"}
