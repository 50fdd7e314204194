"""Base45 is RFC 9285, to the letter: its examples, everything it refuses, and back again for any bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc.problems import ProblemError
from vc.qr import base45

VECTORS = Path(__file__).parents[2] / "vectors" / "base45"


def vectors(kind: str) -> list[pytest.param]:  # type: ignore[valid-type]
    return [pytest.param(json.loads(file.read_text()), id=file.stem) for file in sorted(VECTORS.glob(f"{kind}-*.json"))]


@pytest.mark.parametrize("vector", vectors("ok"))
def test_the_examples_of_the_specification_come_out_in_both_directions(vector: dict[str, str]) -> None:
    assert base45.encode(vector["text"].encode()) == vector["base45"]
    assert base45.decode(vector["base45"]) == vector["text"].encode()


@pytest.mark.parametrize("vector", vectors("reject"))
def test_the_examples_to_reject_are_rejected(vector: dict[str, str]) -> None:
    with pytest.raises(ProblemError) as caught:
        base45.decode(vector["base45"])
    assert caught.value.code == "qr.base45"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("::", "one byte"),
        (":::", "two bytes"),
        ("GGW", "two bytes"),
        ("V5", "one byte"),
        ("A", "1 characters"),
        ("BB8A", "4 characters"),
        ("bb8", "position 0"),
        ("BB8\n", "position 3"),
        ("BB=", "position 2"),
        ("BB８", "position 2"),
        ("BB\u0000", "position 2"),
        ("QED8WEX0 ", "position 6"),  # A space is a character of the alphabet, not something to trim.
    ],
)
def test_what_is_not_base45_is_refused_and_nothing_is_trimmed(text: str, says: str) -> None:
    with pytest.raises(ProblemError, match=says) as caught:
        base45.decode(text)
    assert caught.value.code == "qr.base45"


def test_every_group_of_two_bytes_has_one_text_and_the_largest_is_the_last() -> None:
    assert base45.decode("FGW") == b"\xff\xff"
    assert base45.encode(b"\xff\xff") == "FGW"
    assert base45.decode("U5") == b"\xff"
    assert base45.encode(b"") == "" == base45.decode("").decode()


@given(st.binary(max_size=300))
def test_any_bytes_come_back(data: bytes) -> None:
    text = base45.encode(data)
    assert set(text) <= set(base45.ALPHABET)
    assert base45.decode(text) == data


@given(st.text(alphabet=base45.ALPHABET, max_size=60))
def test_any_text_decodes_to_bytes_that_encode_to_it_or_is_refused(text: str) -> None:
    try:
        data = base45.decode(text)
    except ProblemError as error:
        assert error.code == "qr.base45"
    else:
        assert base45.encode(data) == text
