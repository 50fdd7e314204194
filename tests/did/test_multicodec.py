from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from did import EncodingInvalid, KeyTypeUnsupported
from did.key_types import KEY_TYPES, by_public_code, by_secret_code, key_type
from did.multicodec import decode_varint, encode_varint

NAMES = {
    "Ed25519": "ed25519",
    "P-256": "p256",
    "P-384": "p384",
    "P-521": "p521",
    "secp256k1": "secp256k1",
    "X25519": "x25519",
    "BLS12-381-G2": "bls12_381-g2",
    "SM2": "sm2",
}


def test_the_codes_are_those_of_the_multicodec_table(vectors: Path) -> None:
    with (vectors / "multicodec" / "table.csv").open() as file:
        table = {row[0].strip(): int(row[2], 16) for row in csv.reader(file) if row[2].strip().startswith("0x")}
    assert NAMES.keys() <= KEY_TYPES.keys()  # Others may have come in from outside: a page of the docs brings one.
    for kind in map(KEY_TYPES.__getitem__, NAMES):
        assert kind.public_code == table[NAMES[kind.name] + "-pub"]
        assert kind.secret_code == table[NAMES[kind.name] + "-priv"]
        assert by_public_code(kind.public_code) is kind
        assert by_secret_code(kind.secret_code) is kind


@given(st.integers(0, 2**63 - 1), st.binary(max_size=4))
def test_a_varint_comes_back_with_its_length(value: int, rest: bytes) -> None:
    text = encode_varint(value)
    assert decode_varint(text + rest) == (value, len(text))


@given(st.binary(max_size=12))
def test_only_the_shortest_varint_is_read(data: bytes) -> None:
    try:
        value, used = decode_varint(data)
    except EncodingInvalid:
        return
    assert encode_varint(value) == data[:used]


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xed\x81\x00", b"\x80\x00", b"\xff" * 12])
def test_a_varint_that_is_cut_or_padded_is_refused(data: bytes) -> None:
    with pytest.raises(EncodingInvalid):
        decode_varint(data)


@pytest.mark.parametrize("value", [-1, 2**63])
def test_a_number_out_of_range_has_no_varint(value: int) -> None:
    with pytest.raises(ValueError, match="varint"):
        encode_varint(value)


def test_unknown_types_are_named_in_the_error() -> None:
    with pytest.raises(KeyTypeUnsupported, match="RSA"):
        key_type("RSA")
    with pytest.raises(KeyTypeUnsupported):
        key_type(["P-256"])  # type: ignore[arg-type]
    with pytest.raises(KeyTypeUnsupported, match="0x1205"):
        by_public_code(0x1205)
    with pytest.raises(KeyTypeUnsupported):
        by_secret_code(0xED)
