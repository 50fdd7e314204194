"""``did.signer_from_uri``: a signer by its URI. (Tokens: tests/did/tokens; installed schemes: tests/doors.)"""

from __future__ import annotations

from pathlib import Path

import pytest

import did
from did.key_files import Argon2id
from did.signers import scheme_of

KDF = Argon2id(memory=19 * 1024, passes=2, lanes=1)


@pytest.fixture
def key_file(tmp_path: Path) -> tuple[Path, did.SoftwareKey]:
    key = did.generate("P-256")
    path = tmp_path / "a key.jwe"
    did.save(key, path, "password", kdf=KDF)
    return path, key


@pytest.mark.parametrize("form", ["file:{}", "file://{}", "file://localhost{}", "FILE:{}"])
def test_a_key_file_is_opened_by_its_uri(key_file: tuple[Path, did.SoftwareKey], form: str) -> None:
    path, key = key_file
    signer = did.signer_from_uri(form.format(str(path).replace(" ", "%20")), "password")
    assert isinstance(signer, did.Signer)
    assert signer.public_key == key.public_key


def test_the_secret_may_be_asked_for(key_file: tuple[Path, did.SoftwareKey]) -> None:
    asked = []

    def secret() -> str:
        asked.append("once")
        return "password"

    assert did.signer_from_uri(f"file:{str(key_file[0]).replace(' ', '%20')}", secret)
    assert asked == ["once"]


def test_a_wrong_password_or_none_is_refused(key_file: tuple[Path, did.SoftwareKey]) -> None:
    uri = f"file:{str(key_file[0]).replace(' ', '%20')}"
    with pytest.raises(did.KeyFileLocked):
        did.signer_from_uri(uri, "wrong")
    with pytest.raises(did.SignerLocked):
        did.signer_from_uri(uri)


@pytest.mark.parametrize(
    "uri",
    ["", "a.key", "/etc/a.key", "C:\\a.key", "https://a.example/key", "file://elsewhere/a.key", "file:", "file:a?b"],
)
def test_what_names_no_signer_is_refused(uri: str) -> None:
    with pytest.raises(did.SignerUnknown):
        did.signer_from_uri(uri, "password")


@pytest.mark.parametrize(
    ("text", "scheme"),
    [("file:a", "file"), ("PKCS11:", "pkcs11"), ("a.key", ""), ("C:\\a.key", ""), ("./file:a", ""), ("1a:b", "")],
)
def test_a_scheme_is_told_from_a_path(text: str, scheme: str) -> None:
    assert scheme_of(text) == scheme


def test_a_uri_with_a_token_needs_the_name_of_a_key() -> None:
    with pytest.raises(did.SignerUnknown, match="object=LABEL"):
        did.signer_from_uri("pkcs11:token=police", "1234")
