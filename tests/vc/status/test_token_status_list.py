"""The Token Status List: published lists decode and are written byte for byte, bad ones are refused."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from did.multibase import encode_base64url
from vc import ProblemError
from vc.status import StatusType, TokenStatusList
from vc.status.bitstring import MAX_BYTES

VECTORS = Path(__file__).parents[2] / "vectors" / "token-status-list"


def load(name: str) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads((VECTORS / name).read_bytes())
    return vector


@pytest.mark.parametrize("name", sorted(path.name for path in VECTORS.glob("bits*.json")))
def test_a_published_list_decodes_to_its_values_and_is_written_byte_for_byte(name: str) -> None:
    vector = load(name)
    values = {int(index): value for index, value in vector["nonZeroIndexes"].items()}
    from_json = TokenStatusList.from_json(vector["statusList"])
    from_cbor = TokenStatusList.from_cbor(cbor2.loads(bytes.fromhex(vector["statusListCborHex"])))
    assert dict(from_json.items()) == dict(from_cbor.items()) == values
    made = TokenStatusList(vector["decodedBytes"] * 8 // from_json.bits, from_json.bits)
    for index, value in values.items():
        made[index] = value
    assert made.to_json() == vector["statusList"]
    assert cbor2.dumps(made.to_cbor()).hex() == vector["statusListCborHex"]


def test_index_0_is_in_the_least_significant_bits() -> None:
    statuses = TokenStatusList(4, 2)
    statuses[0], statuses[1], statuses[3] = 1, 2, 3
    assert statuses.to_bytes() == b"\xc9"


@pytest.mark.parametrize(("entries", "bits", "length"), [(1, 1, 8), (9, 1, 16), (5, 2, 8), (3, 4, 4), (3, 8, 3)])
def test_the_length_is_that_of_whole_bytes(entries: int, bits: int, length: int) -> None:
    assert len(TokenStatusList(entries, bits)) == length


def packed(data: bytes) -> str:
    return encode_base64url(zlib.compress(data))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "status.malformed"),
        ([], "status.malformed"),
        ("eNrbuRgAAhcBXQ", "status.malformed"),
        ({}, "status.malformed"),
        ({"lst": packed(b"a")}, "status.malformed"),
        *(
            ({"bits": bits, "lst": packed(b"a")}, "status.malformed")
            for bits in (0, 3, 5, 16, -1, True, "1", 1.0, None, 10**30)
        ),
        ({"bits": 1, "lst": packed(b"a"), "aggregation_uri": 5}, "status.malformed"),
        ({"bits": 1}, "status.encoding"),
        ({"bits": 1, "lst": None}, "status.encoding"),
        ({"bits": 1, "lst": b"eNrbuRgAAhcBXQ"}, "status.encoding"),
        ({"bits": 1, "lst": ""}, "status.encoding"),
        ({"bits": 1, "lst": packed(b"a") + "="}, "status.encoding"),
        ({"bits": 1, "lst": "!!!!"}, "status.encoding"),
        ({"bits": 1, "lst": "eNrb+RgAAhcBXQ"}, "status.encoding"),
        ({"bits": 1, "lst": encode_base64url(b"plain bytes")}, "status.encoding"),
        ({"bits": 1, "lst": encode_base64url(zlib.compress(b"a")[:-1])}, "status.encoding"),
        ({"bits": 1, "lst": encode_base64url(zlib.compress(b"a") + b"x")}, "status.encoding"),
        ({"bits": 1, "lst": encode_base64url(zlib.compress(b"a")[:-4] + bytes(4))}, "status.encoding"),
        ({"bits": 1, "lst": encode_base64url(zlib.compress(b"a", wbits=-15))}, "status.encoding"),
        ({"bits": 1, "lst": encode_base64url(zlib.compress(b"a", wbits=31))}, "status.encoding"),
        ({"bits": 1, "lst": packed(bytes(MAX_BYTES + 1))}, "status.limit"),
        ({"bits": 1, "lst": packed(bytes(200 * 1024 * 1024))}, "status.limit"),
        ({"bits": 1, "lst": "A" * (MAX_BYTES * 2)}, "status.limit"),
    ],
)
def test_bad_lists_are_refused(value: Any, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        TokenStatusList.from_json(value)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"bits": 1, "lst": "eNrbuRgAAhcBXQ"}, "status.encoding"),
        ({"bits": 1, "lst": bytes(MAX_BYTES * 2)}, "status.limit"),
        ({b"bits": 1, b"lst": zlib.compress(b"a")}, "status.malformed"),
    ],
)
def test_bad_lists_in_cbor_are_refused(value: Any, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        TokenStatusList.from_cbor(value)
    assert raised.value.code == code


def test_an_index_or_status_outside_the_list_is_a_range_error() -> None:
    statuses = TokenStatusList(8, 2)
    for index, value in ((-1, 0), (8, 0), (10**30, 0), (0, 4), (0, -1)):
        with pytest.raises(ProblemError) as raised:
            statuses[index] = value
        assert raised.value.code == "status.range"
    with pytest.raises(ProblemError):
        statuses[8]


@pytest.mark.parametrize(("entries", "bits"), [(0, 1), (-1, 1), (10**12, 1), (8, 3), (MAX_BYTES + 1, 8)])
def test_a_list_that_cannot_be_is_not_made(entries: int, bits: int) -> None:
    with pytest.raises(ProblemError):
        TokenStatusList(entries, bits)


@given(
    st.sampled_from([1, 2, 4, 8]).flatmap(
        lambda bits: st.tuples(
            st.just(bits), st.dictionaries(st.integers(0, 999), st.integers(0, (1 << bits) - 1), max_size=40)
        )
    )
)
def test_statuses_come_back_as_they_were_set(case: tuple[int, dict[int, int]]) -> None:
    bits, values = case
    statuses = TokenStatusList(1000, bits)
    for index, value in values.items():
        statuses[index] = (1 << bits) - 1
        statuses[index] = value
    for again in (TokenStatusList.from_json(statuses.to_json()), TokenStatusList.from_cbor(statuses.to_cbor())):
        assert dict(again.items()) == {index: value for index, value in values.items() if value}


@given(st.binary(max_size=300), st.sampled_from([1, 2, 4, 8]))
def test_no_bytes_make_unpacking_raise_anything_else(data: bytes, bits: int) -> None:
    with pytest.raises(ProblemError) as raised:
        TokenStatusList.unpack(data, bits)
    assert raised.value.code == "status.encoding"


def test_the_registered_statuses() -> None:
    assert [status.value for status in StatusType] == [0, 1, 2]
