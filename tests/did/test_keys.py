from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

import did
from did import KeyInvalid, KeyTypeUnsupported, MethodNotSupported, Signer, SoftwareKey, bbs, multibase
from did.key_types import KEY_TYPES
from did.multicodec import encode_varint

ALL = list(KEY_TYPES)


@pytest.mark.parametrize("key_type", ALL)
def test_a_new_key_speaks_for_its_own_did_key(key_type: str) -> None:
    key = did.generate(key_type)
    multikey = key.public_key.to_multikey()
    assert key.algorithm == key.key_type == key.public_key.key_type == key_type
    assert key.did == f"did:key:{multikey}"
    assert key.verification_method == f"did:key:{multikey}#{multikey}"
    assert isinstance(key, Signer)


def test_two_keys_differ() -> None:
    assert did.generate().did != did.generate().did


def test_randomness_is_passed_in() -> None:
    assert did.generate(random=lambda count: b"\7" * count).did == did.generate(random=lambda count: b"\7" * count).did


def test_a_key_from_a_seed_is_the_same_each_time() -> None:
    assert SoftwareKey.from_seed("P-256", b"a").did == SoftwareKey.from_seed("P-256", b"a").did
    assert SoftwareKey.from_seed("P-256", b"a").did != SoftwareKey.from_seed("P-256", b"b").did


def test_ecdsa_signatures_are_deterministic() -> None:
    key = SoftwareKey.from_seed("P-256", b"a")
    assert key.sign(b"data") == key.sign(b"data")


def test_the_sample_of_rfc_6979_is_met() -> None:
    secret = bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
    assert SoftwareKey.from_secret("P-256", secret).sign(b"sample").hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )


def test_the_first_sample_of_rfc_8032_is_met() -> None:
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = SoftwareKey.from_secret("Ed25519", secret)
    assert key.public_key.raw.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_the_key_pairs_of_the_specifications_fit(vectors: Path) -> None:
    pairs = [*vectors.glob("vc-di-eddsa/keyPair.json"), *vectors.glob("vc-di-ecdsa/*/keyPair.json")]
    assert len(pairs) >= 5
    for path in pairs:
        pair = json.loads(path.read_text())
        secret = pair.get("secretKeyMultibase") or pair["privateKeyMultibase"]
        assert SoftwareKey.from_multikey(secret).public_key.to_multikey() == pair["publicKeyMultibase"]


def test_a_key_can_be_bound_to_another_controller() -> None:
    key = did.generate()
    bound = key.with_controller("did:web:police.example", "#key-1")
    assert bound.did == "did:web:police.example"
    assert bound.verification_method == "did:web:police.example#key-1"
    assert bound.public_key == key.public_key
    assert key.did.startswith("did:key:")
    assert bound.public_key.verify(bound.sign(b"x"), b"x")


@pytest.mark.parametrize(
    ("controller", "method"),
    [
        ("police.example", "#key-1"),
        ("did:web:police.example", "key-1"),
        ("did:web:police.example", "did:web:police.example"),
        ("did:web:police.example", ""),
        ("did:web:police.example#key", "#key"),
    ],
)
def test_a_controller_and_a_method_must_be_well_formed(controller: str, method: str) -> None:
    with pytest.raises(did.DidError):
        did.generate().with_controller(controller, method)


def test_private_bytes_show_nowhere() -> None:
    secret = bytes(range(1, 33))
    key = SoftwareKey.from_secret("Ed25519", secret)
    shown = repr(key) + str(key) + format(key)
    for form in (secret.hex(), multibase.encode_base64url(secret), multibase.encode_base58(secret), repr(secret)):
        assert form not in shown
    assert not hasattr(key, "__dict__")


def test_a_key_cant_be_pickled_or_copied() -> None:
    key = did.generate()
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"did\.save"):
            attempt(key)


@pytest.mark.parametrize(
    ("key_type", "secret"),
    [
        ("P-256", b""),
        ("P-256", bytes(31)),
        ("P-256", bytes(32)),
        ("P-256", b"\xff" * 32),
        ("P-256", "text"),
        ("P-384", bytes(48)),
        ("Ed25519", bytes(31)),
        ("Ed25519", bytes(64)),
    ],
)
def test_a_bad_secret_is_refused(key_type: str, secret: bytes) -> None:
    with pytest.raises(KeyInvalid):
        SoftwareKey.from_secret(key_type, secret)


def test_a_public_multikey_is_no_secret_one() -> None:
    with pytest.raises(KeyTypeUnsupported):
        SoftwareKey.from_multikey(did.generate().public_key.to_multikey())
    with pytest.raises(KeyInvalid):
        SoftwareKey.from_multikey(multibase.encode(encode_varint(0x1306) + b"\1" * 31))


def test_a_private_jwk_is_read_when_its_halves_fit() -> None:
    one, other = SoftwareKey.from_seed("P-256", b"1"), SoftwareKey.from_seed("P-256", b"2")
    secret = multibase.encode_base64url(one._secret)
    assert SoftwareKey.from_jwk({**one.public_key.to_jwk(), "d": secret}).did == one.did
    for jwk in (
        {**other.public_key.to_jwk(), "d": secret},
        one.public_key.to_jwk(),
        {**one.public_key.to_jwk(), "d": 1},
    ):
        with pytest.raises(KeyInvalid):
            SoftwareKey.from_jwk(jwk)


def test_unknown_types_and_methods_are_refused() -> None:
    with pytest.raises(KeyTypeUnsupported):
        did.generate("RSA")
    with pytest.raises(MethodNotSupported):
        did.generate(method="web")


def test_keys_that_only_agree_dont_sign() -> None:
    with pytest.raises(KeyTypeUnsupported):
        did.generate("X25519").sign(b"x")


def test_bbs_is_for_bls_keys_only() -> None:
    with pytest.raises(KeyTypeUnsupported):
        did.generate("P-256").sign_messages(b"", [])


def test_a_bls_key_signs_messages(vectors: Path) -> None:
    material = json.loads((vectors / "vc-di-bbs" / "BBSKeyMaterial.json").read_text())
    key = SoftwareKey.from_secret("BLS12-381-G2", bytes.fromhex(material["privateKeyHex"]))
    assert key.public_key.raw.hex() == material["publicKeyHex"]
    assert key.did.startswith("did:key:zUC7")
    assert isinstance(key, did.BbsSigner)
    signature = key.sign_messages(b"header", [b"one", b"two"])
    assert bbs.verify(key.public_key.raw, signature, b"header", [b"one", b"two"])
    assert not bbs.verify(key.public_key.raw, signature, b"header", [b"one", b"three"])
    assert key.public_key.verify(signature, b"one") is False
    with pytest.raises(KeyTypeUnsupported):
        key.sign(b"one")
