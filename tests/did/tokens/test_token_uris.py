"""``pkcs11:`` URIs (RFC 7512): read strictly, written so that they read the same."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
from did.tokens import TokenUri

# Examples of RFC 7512 section 3, as far as they name what is supported.
READ = [
    ("pkcs11:", TokenUri()),
    ("pkcs11:object=my-pubkey", TokenUri(object="my-pubkey")),
    (
        "pkcs11:object=my-key;type=private?pin-source=file:/etc/token",
        TokenUri(object="my-key", pin_source="file:/etc/token"),
    ),
    (
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;"
        "object=my-certificate;id=%69%95%3E%5C%F4%BD%EC%91;serial=",
        TokenUri(
            token="The Software PKCS#11 Softtoken",
            manufacturer="Snake Oil, Inc.",
            model="1.0",
            object="my-certificate",
            id=b"\x69\x95>\\\xf4\xbd\xec\x91",
        ),
    ),
    ("pkcs11:slot-id=327;object=%E7%AD%BE%E5%8F%91", TokenUri(slot_id=327, object="签发")),
    (
        "pkcs11:object=a?module-path=/usr/lib/softhsm.so&x-did=did:web:a.example&x-method=%23key-1",
        TokenUri(object="a", module_path="/usr/lib/softhsm.so", did="did:web:a.example", verification_method="#key-1"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_uri_is_read(text: str, expected: TokenUri) -> None:
    assert TokenUri.parse(text) == expected
    assert TokenUri.parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "pkcs12:object=a",
        "object=a",
        "pkcs11:object",
        "pkcs11:object=a;object=b",
        "pkcs11:object=a;type=cert",
        "pkcs11:colour=red;object=a",
        "pkcs11:object=a?library=x",
        "pkcs11:object=a?module-path=/a&module-path=/b",
        "pkcs11:slot-id=one",
        "pkcs11:slot-id=-1",
        "pkcs11:object=%FF",
        "pkcs11:object=a;",
        "pkcs11:object=" + "a" * 5000,
    ],
)
def test_what_is_no_such_uri_is_refused(text: str) -> None:
    with pytest.raises(did.SignerUnknown):
        TokenUri.parse(text)


@pytest.mark.parametrize("text", ["pkcs11:object=a?pin-value=1234", "pkcs11:?pin-value=1234&module-path=/a"])
def test_a_pin_in_a_uri_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(did.SignerLocked) as refused:
        TokenUri.parse(text)
    assert "1234" not in str(refused.value)


@given(
    st.builds(
        TokenUri,
        token=st.text(max_size=20),
        manufacturer=st.text(max_size=20),
        serial=st.text(max_size=20),
        slot_id=st.none() | st.integers(0, 2**64),
        object=st.text(max_size=20),
        id=st.binary(max_size=20),
        module_path=st.text(max_size=20),
        pin_source=st.text(max_size=20).filter(lambda text: "pin-value" not in text),
        did=st.text(max_size=20),
        verification_method=st.text(max_size=20),
    )
)
def test_what_is_written_is_read_the_same(uri: TokenUri) -> None:
    assert TokenUri.parse(str(uri)) == uri


def test_a_key_is_named_in_the_token_of_another() -> None:
    assert str(TokenUri(token="police", object="old").key("new", b"\x01")) == "pkcs11:token=police;object=new;id=%01"


def test_a_file_descriptor_is_read_to_the_end_of_its_first_line_and_closed() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"1234\r\nmore")
    os.close(writing)
    assert TokenUri(pin_source=f"fd:{reading}").pin() == "1234"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)


def test_an_empty_pin_is_no_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICE_PIN", "")
    with pytest.raises(did.SignerLocked):
        TokenUri(pin_source="env:POLICE_PIN").pin()
    assert TokenUri().pin() is None
