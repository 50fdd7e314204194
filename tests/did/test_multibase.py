from __future__ import annotations

import base64

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from did import EncodingInvalid, multibase


@given(st.binary(max_size=200))
def test_every_byte_string_comes_back(data: bytes) -> None:
    for base in ("z", "u"):
        assert multibase.decode(multibase.encode(data, base)) == data


@given(st.binary(max_size=200))
def test_base58_agrees_with_the_base58_package(data: bytes) -> None:
    assert multibase.encode_base58(data) == base58.b58encode(data).decode()


@given(st.binary(max_size=100))
def test_base64url_agrees_with_the_standard_library(data: bytes) -> None:
    assert multibase.encode_base64url(data) == base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(st.text(max_size=40))
def test_no_text_crashes_the_decoder_and_what_it_takes_is_canonical(text: str) -> None:
    try:
        data = multibase.decode(text)
    except EncodingInvalid:
        return
    assert multibase.encode(data, "z" if text[0] == "z" else "u") == text


@given(st.text(alphabet="ABCD_-zAQ", max_size=12))
def test_base64url_texts_are_accepted_in_one_form_only(text: str) -> None:
    try:
        data = multibase.decode_base64url(text)
    except EncodingInvalid:
        return
    assert multibase.encode_base64url(data) == text


@given(st.text(alphabet="ABgw048_-+/=A \n\x00é", max_size=9))
def test_base64url_refuses_what_is_not_the_one_text_of_the_standard_library(text: str) -> None:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if text.isascii() else b""
    except ValueError:
        data = b""
    canonical = base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text
    if canonical:
        assert multibase.decode_base64url(text) == data
    else:
        with pytest.raises(EncodingInvalid):
            multibase.decode_base64url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "f00",
        "mAQ",
        "x",
        "Zabc",
        "z0",
        "zO",
        "zI",
        "zl",
        "z1 ",
        " z1",
        "z1\n",
        "zé",
        "uA",
        "uAQ==",
        "uA Q",
        "uAQ\n",
        "u+/",
        "uAR",  # stray bits
        "uAAB",  # stray bits
        "uÀÀ",
        "z" + "2" * 8193,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(EncodingInvalid) as caught:
        multibase.decode(text)
    assert caught.value.code == "did.encoding_invalid"


@pytest.mark.parametrize("value", [None, 1, b"z1", ["z"], {}])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(EncodingInvalid):
        multibase.decode(value)  # type: ignore[arg-type]


def test_known_values() -> None:
    assert multibase.encode(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    assert multibase.decode("z2NEpo7TZRRrLZSi2U") == b"Hello World!"
    assert multibase.encode(b"\0\0\1") == "z112"
    assert multibase.decode("u") == b""
    assert multibase.decode("z") == b""


def test_another_base_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="not used"):
        multibase.encode(b"", "f")  # type: ignore[arg-type]
