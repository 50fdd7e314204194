from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

import did
from did import KeyFileError, KeyFileExists, KeyFileInvalid, KeyFileLimit, KeyFileLocked, KeyFileWeak, multibase
from did.key_files import Argon2id, decrypt, encrypt
from did.key_types import KEY_TYPES

PASSWORD = "correct horse 正确"


@pytest.fixture(scope="module")
def sealed(quick_kdf: Argon2id) -> bytes:
    return encrypt(did.SoftwareKey.from_seed("P-256", b"file"), PASSWORD, kdf=quick_kdf)


def with_header(sealed: bytes, **changes: Any) -> bytes:
    first, rest = sealed.decode().split(".", 1)
    header = json.loads(multibase.decode_base64url(first))
    kdf = header["kdf"]
    for name, value in changes.items():
        (kdf if name in kdf else header)[name] = value
    return (multibase.encode_base64url(json.dumps(header).encode()) + "." + rest).encode()


@pytest.mark.parametrize("key_type", list(KEY_TYPES))
def test_a_key_comes_back_with_its_controller(key_type: str, tmp_path: Path, quick_kdf: Argon2id) -> None:
    key = did.generate(key_type).with_controller("did:web:police.example", "#key-2")
    did.save(key, tmp_path / "key", PASSWORD, kdf=quick_kdf)
    loaded = did.load(tmp_path / "key", PASSWORD)
    assert loaded.public_key == key.public_key
    assert (loaded.did, loaded.verification_method) == (key.did, key.verification_method)


def test_the_default_derivation_is_argon2id_with_64_mib(tmp_path: Path) -> None:
    did.save(did.generate(), tmp_path / "key", PASSWORD)
    header = json.loads(multibase.decode_base64url((tmp_path / "key").read_text().split(".")[0]))
    assert header["alg"] == "dir"
    assert header["enc"] == "A256GCM"
    assert {name: header["kdf"][name] for name in ("name", "v", "m", "t", "p")} == {
        "name": "argon2id",
        "v": 19,
        "m": 65536,
        "t": 3,
        "p": 4,
    }
    assert did.load(tmp_path / "key", PASSWORD.encode()).algorithm == "P-256"


def test_another_jose_library_opens_the_file(sealed: bytes) -> None:
    header = json.loads(multibase.decode_base64url(sealed.decode().split(".")[0]))
    kdf = header["kdf"]
    salt = multibase.decode_base64url(kdf["salt"])
    key = hash_secret_raw(PASSWORD.encode(), salt, kdf["t"], kdf["m"], kdf["p"], 32, Type.ID)
    jwe = JWE()
    jwe.deserialize(sealed.decode().strip(), JWK(kty="oct", k=multibase.encode_base64url(key)))
    assert json.loads(jwe.payload)["crv"] == "P-256"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_only_the_owner_may_read_the_file(tmp_path: Path, quick_kdf: Argon2id) -> None:
    before = os.umask(0)
    try:
        did.save(did.generate(), tmp_path / "key", PASSWORD, kdf=quick_kdf)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_file_is_never_written_over(tmp_path: Path, quick_kdf: Argon2id) -> None:
    (tmp_path / "key").write_text("precious")
    with pytest.raises(KeyFileExists):
        did.save(did.generate(), tmp_path / "key", PASSWORD, kdf=quick_kdf)
    assert (tmp_path / "key").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_no_private_byte_is_readable_in_the_file(tmp_path: Path, quick_kdf: Argon2id) -> None:
    secret = bytes(range(1, 33))
    data = encrypt(did.SoftwareKey.from_secret("Ed25519", secret), PASSWORD, kdf=quick_kdf)
    assert multibase.encode_base64url(secret).encode() not in data


def test_two_files_of_one_key_share_neither_salt_nor_nonce(quick_kdf: Argon2id) -> None:
    key = did.generate()
    one, other = (encrypt(key, PASSWORD, kdf=quick_kdf).split(b".") for _ in range(2))
    assert one[0] != other[0]
    assert one[2] != other[2]


@pytest.mark.parametrize("password", ["", "Correct horse 正确", PASSWORD + " ", b"\xff\xfe"])
def test_a_wrong_password_opens_nothing(sealed: bytes, password: str | bytes) -> None:
    with pytest.raises(KeyFileLocked) as caught:
        decrypt(sealed, password)
    assert caught.value.code == "keyfile.locked"


def test_composed_and_decomposed_passwords_are_one(quick_kdf: Argon2id) -> None:
    assert decrypt(encrypt(did.generate(), "café", kdf=quick_kdf), "cafe\u0301")


@pytest.mark.parametrize("part", [2, 3, 4])
def test_a_changed_file_stays_locked(sealed: bytes, part: int) -> None:
    parts = sealed.strip().split(b".")
    parts[part] = (b"B" if parts[part][:1] != b"B" else b"C") + parts[part][1:]
    with pytest.raises(KeyFileLocked):
        decrypt(b".".join(parts), PASSWORD)


def test_a_changed_header_stays_locked(sealed: bytes) -> None:
    with pytest.raises(KeyFileLocked):
        decrypt(with_header(sealed, cty="text/plain"), PASSWORD)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"m": 1024}, KeyFileWeak),
        ({"t": 1}, KeyFileWeak),
        ({"t": 0}, KeyFileWeak),
        ({"p": 0}, KeyFileWeak),
        ({"m": -1}, KeyFileWeak),
        ({"salt": "AAAA"}, KeyFileWeak),
        ({"name": "argon2i"}, KeyFileWeak),
        ({"name": "pbkdf2"}, KeyFileWeak),
        ({"v": 16}, KeyFileWeak),
        ({"m": 2**40}, KeyFileLimit),
        ({"m": 1024 * 1024, "t": 16}, KeyFileLimit),
        ({"t": 10**9}, KeyFileLimit),
        ({"p": 255}, KeyFileLimit),
        ({"salt": "A" * 200}, KeyFileLimit),
        ({"m": "65536"}, KeyFileInvalid),
        ({"m": 65536.0}, KeyFileInvalid),
        ({"t": True}, KeyFileInvalid),
        ({"salt": 5}, KeyFileInvalid),
        ({"salt": "!"}, KeyFileInvalid),
        ({"kdf": []}, KeyFileInvalid),
        ({"alg": "none"}, KeyFileInvalid),
        ({"alg": "PBES2-HS256+A128KW"}, KeyFileInvalid),
        ({"enc": "A128CBC-HS256"}, KeyFileInvalid),
        ({"typ": "JWT"}, KeyFileInvalid),
        ({"crit": ["exp"]}, KeyFileInvalid),
    ],
)
def test_a_header_outside_the_limits_is_refused_before_any_work(
    sealed: bytes, changes: dict[str, Any], expected: type[KeyFileError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("did.key_files._derive", lambda *_: pytest.fail("the key was derived"))
    with pytest.raises(expected):
        decrypt(with_header(sealed, **changes), PASSWORD)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"a.b.c",
        b"a.b.c.d.e",
        b"....",
        b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
        "é.é.é.é.é".encode(),
        b"bnVsbA..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
        multibase.encode_base64url(b"[" * 20000).encode() + b"..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(KeyFileInvalid):
        decrypt(data, PASSWORD)


def test_a_truncated_file_is_refused_at_every_length(sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("did.key_files._derive", lambda *_: bytes(32))
    for length in range(0, len(sealed) - 2, 7):
        with pytest.raises(KeyFileError):
            decrypt(sealed[:length], PASSWORD)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"A" * 70_000)
    with pytest.raises(KeyFileLimit):
        did.load(tmp_path / "key", PASSWORD)


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        did.load(tmp_path / "none", PASSWORD)


def test_a_weak_derivation_or_no_password_cant_be_chosen() -> None:
    key = did.generate()
    with pytest.raises(KeyFileWeak):
        encrypt(key, PASSWORD, kdf=Argon2id(memory=1024))
    with pytest.raises(KeyFileLimit):
        encrypt(key, PASSWORD, kdf=Argon2id(memory=2**30))
    with pytest.raises(KeyFileWeak):
        encrypt(key, "")


@given(st.binary(max_size=200))
def test_random_bytes_never_crash_the_reader(data: bytes) -> None:
    with pytest.raises(KeyFileError):
        decrypt(data, PASSWORD)
