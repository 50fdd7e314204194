"""Keys in a PKCS#11 token: made, used, listed, retired; pulled out and put back; PINs. Against SoftHSM."""

from __future__ import annotations

import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import did
import vc
from did import tokens
from did.key_types import known_key_types
from did.tokens import TokenUri

from .conftest import PIN, SoftHsm

pytestmark = pytest.mark.softhsm

FOR_TOKENS = [kind.name for kind in known_key_types() if kind.token]


def right() -> str:
    return PIN


def wrong() -> str:
    return "000000"


@pytest.mark.parametrize("key_type", FOR_TOKENS)
def test_a_key_made_in_the_token_signs_as_one_in_software_does(token: SoftHsm, key_type: str) -> None:
    key = tokens.generate(token.uri("issuer"), key_type, right)
    assert isinstance(key, did.Signer)
    assert key.algorithm == key.public_key.key_type == key_type
    assert key.did == f"did:key:{key.public_key.to_multikey()}"
    assert key.public_key.verify(key.sign(b"data"), b"data")
    assert not key.public_key.verify(key.sign(b"data"), b"other data")


def test_a_credential_issued_with_a_key_in_the_token_verifies(token: SoftHsm) -> None:
    for name, key_type in (("a", "P-256"), ("b", "P-384"), ("c", "Ed25519")):
        key = tokens.generate(token.uri(name), key_type, right)
        credential = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": key.did,
            "credentialSubject": {"id": "did:example:subject"},
        }
        assert vc.verify(vc.issue(credential, key)).verified
        assert vc.verify(vc.issue_enveloped(credential, key)).verified


def test_an_issuer_key_in_the_token_discloses_selectively(token: SoftHsm) -> None:
    key = tokens.generate(token.uri("issuer"), "P-256", right)
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"id": "did:example:subject"},
    }
    secured = vc.issue(credential, key, cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/issuer"])
    assert vc.verify(vc.derive(secured, selective_pointers=["/credentialSubject/id"])).verified


def test_a_key_is_opened_again_by_the_uri_it_was_given(token: SoftHsm) -> None:
    made = tokens.generate(token.uri("issuer"), "P-256", right)
    for uri in (made.uri, token.uri("issuer"), made.uri.replace("token=police;", "")):
        assert did.signer_from_uri(uri, PIN).public_key == made.public_key


def test_a_key_speaks_for_the_did_that_the_uri_names(token: SoftHsm) -> None:
    tokens.generate(token.uri("issuer"), "P-256", right)
    uri = token.uri("issuer", x_did="did:web:police.example", x_method="%23key-1")
    key = did.signer_from_uri(uri, PIN)
    assert (key.did, key.verification_method) == ("did:web:police.example", "did:web:police.example#key-1")
    bound = did.signer_from_uri(token.uri("issuer"), PIN).with_controller("did:web:police.example", "#key-1")  # type: ignore[attr-defined]
    assert did.signer_from_uri(bound.uri, PIN).verification_method == key.verification_method


@pytest.mark.parametrize("asked", [{"x_did": "did:web:a.example"}, {"x_method": "%23key-1"}])
def test_half_a_controller_is_refused(token: SoftHsm, asked: dict[str, str]) -> None:
    tokens.generate(token.uri("issuer"), "P-256", right)
    with pytest.raises(did.SignerUnknown):
        did.signer_from_uri(token.uri("issuer", **asked), PIN)


def test_the_private_key_cannot_be_read_out(token: SoftHsm) -> None:
    import pkcs11

    key = tokens.generate(token.uri("issuer"), "P-256", right)
    key.sign(b"data")
    for refused in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            refused(key)
    with pytest.raises((pkcs11.AttributeSensitive, pkcs11.PKCS11Error)):
        key._handle[pkcs11.Attribute.VALUE]
    assert key._handle[pkcs11.Attribute.EXTRACTABLE] is False
    assert PIN not in repr(key) and PIN not in key.uri


def test_a_key_is_never_made_over_another(token: SoftHsm) -> None:
    first = tokens.generate(token.uri("issuer"), "P-256", right)
    with pytest.raises(did.SignerExists):
        tokens.generate(token.uri("issuer"), "P-256", right)
    with pytest.raises(did.SignerExists):
        tokens.generate(first.uri.replace("object=issuer", "object=other"), "P-256", right)
    assert did.signer_from_uri(token.uri("issuer"), PIN).public_key == first.public_key


@pytest.mark.parametrize("key_type", ["BLS12-381-G2", "X25519", "secp256k1"])
def test_a_key_type_that_tokens_do_not_hold_is_refused(token: SoftHsm, key_type: str) -> None:
    with pytest.raises(did.KeyTypeUnsupported):
        tokens.generate(token.uri("issuer"), key_type, right)


class TestListing:
    def test_keys_are_listed_with_a_uri_that_opens_them(self, token: SoftHsm) -> None:
        made = [tokens.generate(token.uri(name), "P-256", right) for name in ("b", "a")]
        found = tokens.keys_in(token.uri(), right)
        assert [(entry.label, entry.active) for entry in found] == [("a", True), ("b", True)]
        assert [entry.public_key for entry in found] == [made[1].public_key, made[0].public_key]
        assert did.signer_from_uri(found[0].uri, PIN).public_key == made[1].public_key

    def test_a_retired_key_signs_no_more_and_is_still_listed(self, token: SoftHsm) -> None:
        key = tokens.generate(token.uri("issuer"), "P-256", right)
        signature = key.sign(b"data")
        entry = tokens.retire(key.uri, right)
        assert (entry.public_key, entry.active) == (key.public_key, False)
        with pytest.raises(did.SignerError):
            key.sign(b"data")
        with pytest.raises(did.SignerUnknown):
            did.signer_from_uri(key.uri, PIN)
        (left,) = tokens.keys_in(token.uri(), right)
        assert not left.active
        assert left.public_key is not None and left.public_key.verify(signature, b"data")
        with pytest.raises(did.SignerExists):
            tokens.generate(token.uri("issuer"), "P-256", right)

    def test_only_the_key_that_is_named_is_retired(self, token: SoftHsm) -> None:
        old, new = (tokens.generate(token.uri(name), "P-256", right) for name in ("old", "new"))
        tokens.retire(old.uri, right)
        assert new.public_key.verify(new.sign(b"data"), b"data")
        for uri in (token.uri(), token.uri("nothing")):
            with pytest.raises(did.SignerUnknown):
                tokens.retire(uri, right)


class TestPulledOutAndPutBack:
    def test_the_same_signer_signs_again(self, token: SoftHsm) -> None:
        key = tokens.generate(token.uri("issuer"), "P-256", right)
        token.pull_out()
        for _ in range(2):
            with pytest.raises(did.SignerUnavailable):
                key.sign(b"data")
        token.put_back()
        for _ in range(2):
            assert key.public_key.verify(key.sign(b"data"), b"data")

    def test_two_signers_of_one_token_both_sign_again_with_their_own_key(self, token: SoftHsm) -> None:
        keys = [tokens.generate(token.uri(name), kind, right) for name, kind in (("a", "P-256"), ("b", "Ed25519"))]
        by_serial = did.signer_from_uri(keys[0].uri.replace("token=police", f"serial={_serial(token)}"), PIN)
        token.pull_out()
        with pytest.raises(did.SignerUnavailable):
            keys[0].sign(b"data")
        token.put_back()
        for key in (keys[1], by_serial, keys[0]):
            assert key.public_key.verify(key.sign(b"data"), b"data")

    def test_a_session_that_was_closed_from_elsewhere_is_opened_again(self, token: SoftHsm) -> None:
        import pkcs11

        key = tokens.generate(token.uri("issuer"), "P-256", right)
        pkcs11.lib(token.module).reinitialize()
        assert key.public_key.verify(key.sign(b"data"), b"data")

    def test_another_token_of_the_same_name_is_not_taken_for_it(self, token: SoftHsm) -> None:
        key = tokens.generate(token.uri("issuer"), "P-256", right)
        token.pull_out()
        token.initialise()
        with pytest.raises(did.SignerUnavailable, match="another token"):
            key.sign(b"data")

    def test_a_token_that_is_not_there_is_said_to_be_away(self, token: SoftHsm) -> None:
        with pytest.raises(did.SignerUnavailable, match="nowhere"):
            did.signer_from_uri(token.uri("issuer", token="nowhere"), PIN)

    def test_two_tokens_of_one_name_are_told_apart_by_their_serial(self, token: SoftHsm) -> None:
        serial = _serial(token)
        tokens.generate(token.uri("issuer"), "P-256", right)
        token.initialise()
        from did.tokens import session

        session._modules.clear()
        import pkcs11

        pkcs11.lib(token.module).reinitialize()
        with pytest.raises(did.SignerUnknown, match="2 tokens"):
            did.signer_from_uri(token.uri("issuer"), PIN)
        assert did.signer_from_uri(token.uri("issuer").replace(";object", f";serial={serial};object"), PIN)


class TestPins:
    def test_a_wrong_pin_is_refused(self, token: SoftHsm) -> None:
        with pytest.raises(did.SignerLocked, match="PIN is wrong"):
            did.signer_from_uri(token.uri("issuer"), "000000")

    @pytest.mark.parametrize("uri", ["same", "by serial"])
    def test_a_wrong_pin_is_refused_while_the_token_is_open(self, token: SoftHsm, uri: str) -> None:
        key = tokens.generate(token.uri("issuer"), "P-256", right)
        again = key.uri if uri == "same" else key.uri.replace("token=police", f"serial={_serial(token)}")
        with pytest.raises(did.SignerLocked):
            did.signer_from_uri(again, "000000")
        assert key.sign(b"data")

    def test_a_refused_pin_is_not_tried_again(self, token: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
        import pkcs11

        from did.tokens import session

        key = tokens.generate(token.uri("issuer"), "P-256", right)
        opened = key._session
        opened.close()
        opened._pin = "000000"
        with pytest.raises(did.SignerLocked):
            key.sign(b"data")
        tries: list[str] = []
        monkeypatch.setattr(session._Module, "library", lambda self: tries.append("library") or pkcs11.lib(self.path))  # type: ignore[func-returns-value]
        with pytest.raises(did.SignerLocked):
            key.sign(b"data")
        assert tries == []

    def test_a_pin_comes_from_a_file_descriptor_once(self, token: SoftHsm) -> None:
        reading, writing = os.pipe()
        os.write(writing, f"{PIN}\n".encode())
        os.close(writing)
        tokens.generate(token.uri("issuer", pin_source=f"fd:{reading}"), "P-256", wrong)
        assert did.signer_from_uri(token.uri("issuer", pin_source=f"fd:{reading}")).sign(b"data")
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.read(reading, 1)

    def test_a_pin_comes_from_the_environment(self, token: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("POLICE_PIN", PIN)
        assert tokens.generate(token.uri("issuer", pin_source="env:POLICE_PIN"), "P-256", wrong).sign(b"data")

    def test_a_pin_comes_from_a_file(self, token: SoftHsm, tmp_path: Path) -> None:
        (tmp_path / "pin").write_text(f"{PIN}\nanother line\n", encoding="ascii")
        for source in (f"file:{tmp_path}/pin", f"file://{tmp_path}/pin"):
            assert tokens.keys_in(token.uri(pin_source=source), wrong) == []

    @pytest.mark.parametrize("source", ["env:POLICE_PIN_THAT_IS_NOT_SET", "env:", "fd:x", "|cat pin", "ldap://x"])
    def test_any_other_source_is_refused(self, token: SoftHsm, source: str) -> None:
        with pytest.raises(did.SignerLocked):
            tokens.keys_in(token.uri(pin_source=source), right)

    def test_without_a_pin_the_signer_stays_locked(self, token: SoftHsm) -> None:
        with pytest.raises(did.SignerLocked):
            did.signer_from_uri(token.uri("issuer"))


def test_threads_share_one_token(token: SoftHsm) -> None:
    keys = [tokens.generate(token.uri(name), kind, right) for name, kind in (("a", "P-256"), ("b", "Ed25519"))]

    def sign(number: int) -> bool:
        key, data = keys[number % 2], str(number).encode()
        return key.public_key.verify(key.sign(data), data)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(sign, range(40)))


def test_a_private_key_beside_the_public_key_of_another_is_refused(token: SoftHsm) -> None:
    import pkcs11

    first, second = (tokens.generate(token.uri(name), "P-256", right) for name in ("a", "b"))

    def swap(opened: object) -> None:
        kinds = {"PUBLIC_KEY": "swapped", "PRIVATE_KEY": "kept"}
        for name in ("a", "b"):
            for kind, prefix in kinds.items():
                (found,) = tokens.keys._objects(opened, TokenUri(object=name), kind)
                label = "mixed" if (name == "a") == (kind == "PUBLIC_KEY") else f"{prefix}-{name}"
                found[pkcs11.Attribute.LABEL] = label

    first._session.do(swap)
    assert second.sign(b"still by its handle")
    with pytest.raises(did.SignerError, match="belong together"):
        did.signer_from_uri(token.uri("mixed"), PIN)


def test_a_module_that_cannot_be_loaded_is_named(token: SoftHsm, tmp_path: Path) -> None:
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")
    for path in (str(broken), str(tmp_path / "absent.so"), "libsofthsm2.so"):
        with pytest.raises(did.SignerUnknown):
            did.signer_from_uri(f"pkcs11:token=police;object=a?module-path={path}", PIN)
    with pytest.raises(did.SignerUnknown, match="LIANGZHENG_PKCS11_MODULE"):
        did.signer_from_uri("pkcs11:token=police;object=a", PIN)


def test_the_module_comes_from_the_environment_too(token: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGZHENG_PKCS11_MODULE", token.module)
    assert tokens.generate("pkcs11:token=police;object=issuer", "P-256", right).sign(b"data")


def _serial(token: SoftHsm) -> str:
    import pkcs11

    found = list(pkcs11.lib(token.module).get_tokens(token_label="police"))
    return found[0].serial.decode()
