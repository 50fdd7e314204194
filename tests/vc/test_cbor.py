"""CBOR is looked through before anything is built of it; what costs more than its length is never decoded."""

from __future__ import annotations

import contextlib
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vc import cbor
from vc.cbor import CborLimits, CborRefused, loads, scan

KEYS = st.integers(-(2**63), 2**63) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
LONG = b"\xff" * 300
WIDE = CborLimits(bignums=32)


def items_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(items_of(key) + items_of(item) for key, item in value.items())
    return 1 + (sum(map(items_of, value)) if isinstance(value, list) else 0)


@given(value=VALUES)
def test_what_is_written_is_read_and_every_item_counted(value: Any) -> None:
    data = cbor2.dumps(value)
    assert loads(data) == value
    assert scan(data) == items_of(value)
    assert loads(cbor2.dumps(value, canonical=True), canonical=True) == value


@given(value=VALUES, cut=st.integers(1, 20), more=st.binary(min_size=1, max_size=3))
def test_what_is_cut_off_or_has_something_behind_it_is_refused(value: Any, cut: int, more: bytes) -> None:
    data = cbor2.dumps(value)
    for changed in (data[:-cut], data + more):
        with pytest.raises(CborRefused):
            loads(changed)


@settings(max_examples=300)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_refused_or_are_the_one_encoding_of_what_they_are(data: bytes) -> None:
    try:
        value = loads(data, WIDE)
    except CborRefused:
        return
    assert cbor2.dumps(value) == data
    scan(data, WIDE)


@pytest.mark.parametrize(
    "data",
    [
        cbor2.dumps(2**64),
        cbor2.dumps(-(2**64) - 1),
        b"\xc2\x59\x01\x2c" + LONG,
        b"\xc4\x82\x01\xc2\x59\x01\x2c" + LONG,
        b"\xc5\x82\x1a\x7f\xff\xff\xff\x01",
        b"\xd8\x1e\x82\x01\x02",
        b"\xc0\x6a2026-01-01",
        b"\xd8\x23\x64(a+)",
        b"\xd8\x1c\x81\xd8\x1d\x00",
        b"\xd9\xd9\xf7\x01",
        b"\x81\xd2\x01",
        b"\x9f\x01\xff",
        b"\xbf\xff",
        b"\x5f\x41\x00\xff",
        b"\x7f\x61a\xff",
        b"\xff",
        b"\xf7",
        b"\xf0",
        b"\xf8\x20",
        b"\x1c",
        b"\x18\x01",
        b"\x58\x01a",
        b"\x98\x01\x01",
        b"\xa2\x01\x02\x01\x03",
        b"\xa2\x61a\x01\x61a\x01",
        b"\x61\xff",
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x9b\x00\x00\x00\x00\xff\xff\xff\xff\x00",
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x81",
        b"\x58",
        b"\x5a\x00",
        b"",
    ],
    ids=lambda data: data[:8].hex(),
)
def test_what_has_no_place_is_refused(data: bytes) -> None:
    with pytest.raises(CborRefused) as refused:
        loads(data)
    assert not refused.value.limit


def test_tags_and_large_numbers_are_read_where_they_are_asked_for() -> None:
    assert loads(b"\xd2\x01", CborLimits(tags=frozenset({18}))) == cbor2.CBORTag(18, 1)
    for number in (2**64, 2**256 - 1, -(2**100)):
        assert loads(cbor2.dumps(number), WIDE) == number
    for data in (cbor2.dumps(2**256), b"\xc2\x01", b"\xc2", b"\xc2\x58\x20", b"\xc2\x41\x01", b"\xc4\x82\x01\x02"):
        with pytest.raises(CborRefused):
            loads(data, WIDE)


def test_byte_strings_can_be_kept_out() -> None:
    for data in (b"\x40", b"\x41\x00", b"\x58\x18" + bytes(24), b"\x81\x40"):
        with pytest.raises(CborRefused):
            loads(data, CborLimits(byte_strings=False))


@pytest.mark.parametrize("value", [[[[1]]], {"a": {"b": [1]}}, [[[], [1]]], [[[bytes(64)]]]])
def test_depth_is_limited(value: Any) -> None:
    assert loads(cbor2.dumps(value), CborLimits(depth=3)) == value
    with pytest.raises(CborRefused) as refused:
        loads(cbor2.dumps([value]), CborLimits(depth=3))
    assert refused.value.limit


def test_size_and_number_of_items_are_limited() -> None:
    for data in (bytes(10), cbor2.dumps(["a"] * 10), cbor2.dumps([bytes(64)] * 10), cbor2.dumps([[]] * 10)):
        with pytest.raises(CborRefused) as refused:
            loads(data, CborLimits(size=len(data) - 1))
        assert refused.value.limit
    with pytest.raises(CborRefused) as refused:
        loads(cbor2.dumps([bytes(64)] * 10), CborLimits(items=10))
    assert refused.value.limit
    assert len(loads(cbor2.dumps([bytes(64)] * 10), CborLimits(items=11))) == 10


class Counted(bytes):
    """Bytes that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, key: Any) -> Any:
        self.looks += 1
        return super().__getitem__(key)


@pytest.mark.parametrize(
    "data",
    [
        b"\x81" * 60_000,
        b"\x80" * 60_000,
        b"\x99\xea\x60" + b"\x80" * 60_000,
        b"\x9a\x00\x01\x00\x00" + b"\x00" * 65_536,
        b"\xc2" * 60_000,
        b"\xba\x00\x00\x80\x00" + b"\x00" * 65_536,
        b"\x59\xea\x60" + bytes(60_000),
        b"\x99\x01\x00" + (b"\xc4\x82\x01\xc2\x58\xc8" + bytes(200)) * 256,
    ],
    ids=lambda data: data[:4].hex(),
)
def test_looking_through_costs_a_few_looks_for_each_item_that_is_allowed(data: bytes) -> None:
    counted = Counted(data)
    with contextlib.suppress(CborRefused):
        scan(counted, CborLimits(items=1_000))
    assert counted.looks <= 3 * 1_001


def test_nothing_is_decoded_before_it_was_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: Any, **__: Any) -> Any:
        raise AssertionError("decoded")

    monkeypatch.setattr(cbor.cbor2, "loads", decode)
    for data in (b"\xc4\x82\x01\xc2\x59\x01\x2c" + LONG, b"\x9f" * 100, b"\x80" * 30_000, b"\xbb" + b"\xff" * 8):
        with pytest.raises(CborRefused):
            loads(data)
