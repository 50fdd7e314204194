from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK

import did
from did import DidError, EncodingInvalid, KeyInvalid, KeyLengthInvalid, KeyTypeUnsupported, PublicKey, multibase
from did.key_types import KEY_TYPES, verifier
from did.key_types.ecdsa import ecdsa_der, ecdsa_parts
from did.multicodec import encode_varint

SIGNING = ["Ed25519", "P-256", "P-384", "P-521", "secp256k1"]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

ED25519 = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.mark.parametrize("key_type", list(KEY_TYPES))
def test_a_key_comes_back_from_multikey_and_from_jwk(key_type: str) -> None:
    key = did.SoftwareKey.from_seed(key_type, b"1").public_key
    assert PublicKey.from_multikey(key.to_multikey()) == key
    assert PublicKey.from_jwk(key.to_jwk()) == key


@pytest.mark.parametrize("key_type", list(KEY_TYPES))
def test_the_jwk_is_the_one_jwcrypto_reads_with_the_same_thumbprint(key_type: str) -> None:
    jwk = did.SoftwareKey.from_seed(key_type, b"2").public_key.to_jwk()
    assert json.loads(JWK(**jwk).export_public()) == jwk


@pytest.mark.parametrize("key_type", SIGNING)
def test_a_signature_holds_for_its_data_and_key_only(key_type: str) -> None:
    signer = did.generate(key_type)
    signature = signer.sign(b"data")
    assert signer.public_key.verify(signature, b"data")
    assert not signer.public_key.verify(signature, b"datb")
    assert not signer.public_key.verify(signature[:-1] + bytes([signature[-1] ^ 1]), b"data")
    assert not did.generate(key_type).public_key.verify(signature, b"data")


@pytest.mark.parametrize("key_type", SIGNING)
@pytest.mark.parametrize(
    "signature",
    [b"", b"\0", bytes(63), bytes(64), bytes(65), bytes(96), bytes(132), b"\xff" * 64, b"\xff" * 96, b"\xff" * 132],
)
def test_a_malformed_signature_is_false_not_an_error(key_type: str, signature: bytes) -> None:
    assert did.SoftwareKey.from_seed(key_type, b"3").public_key.verify(signature, b"data") is False


@pytest.mark.parametrize("signature", [None, "text", 1, [], bytearray(64)])
def test_a_signature_of_the_wrong_type_is_false_not_an_error(signature: Any) -> None:
    for key_type in SIGNING:
        assert did.SoftwareKey.from_seed(key_type, b"3").public_key.verify(signature, b"data") is False


def test_der_signatures_are_not_ours() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    der = private.sign(b"data", ec.ECDSA(hashes.SHA256()))
    numbers = private.public_key().public_numbers()
    raw = bytes([2 + (numbers.y & 1)]) + numbers.x.to_bytes(32, "big")
    key = PublicKey("P-256", raw)
    r, s = decode_dss_signature(der)
    assert not key.verify(der, b"data")
    assert key.verify(r.to_bytes(32, "big") + s.to_bytes(32, "big"), b"data")
    assert key.verify(r.to_bytes(32, "big") + (P256_ORDER - s).to_bytes(32, "big"), b"data")
    assert not key.verify(r.to_bytes(32, "big") + (P256_ORDER).to_bytes(32, "big"), b"data")


@given(data=st.data(), size=st.sampled_from([32, 48, 66]))
def test_a_signature_has_the_der_form_that_cryptography_gives_it(data: st.DataObject, size: int) -> None:
    numbers = st.integers(0, 2 ** (8 * size) - 1) | st.integers(0, 300) | st.just(2 ** (8 * size - 1))
    r, s = data.draw(numbers), data.draw(numbers)
    assert ecdsa_der(r.to_bytes(size, "big") + s.to_bytes(size, "big"), size) == encode_dss_signature(r, s)


@given(first=st.integers(1, P256_ORDER - 1), second=st.integers(1, P256_ORDER - 1))
def test_a_der_signature_goes_both_ways(first: int, second: int) -> None:
    raw = first.to_bytes(32, "big") + second.to_bytes(32, "big")
    assert ecdsa_parts(ecdsa_der(raw, 32), 32) == raw


def test_keys_that_only_agree_never_verify() -> None:
    key = did.generate("X25519").public_key
    assert key.verify(bytes(64), b"") is False


class TestEd25519Rules:
    """Canonical S, no point of small order, no cofactor: as libsodium."""

    cases = json.loads((Path(__file__).parent / "vectors" / "ed25519-speccheck.json").read_text())

    @pytest.mark.parametrize("number", range(12))
    def test_the_twelve_edge_cases_of_taming_the_many_eddsas(self, number: int) -> None:
        case = {name: bytes.fromhex(value) for name, value in self.cases[number].items()}
        try:
            accepted = PublicKey("Ed25519", case["pub_key"]).verify(case["signature"], case["message"])
        except KeyInvalid:
            accepted = False
        assert accepted is (number == 3)

    @pytest.mark.parametrize("number", [0, 1, 10, 11])
    def test_a_key_of_small_order_is_refused_when_it_is_read(self, number: int) -> None:
        raw = bytes.fromhex(self.cases[number]["pub_key"])
        with pytest.raises(KeyInvalid):
            PublicKey("Ed25519", raw)

    def test_a_key_off_the_curve_is_refused(self) -> None:
        off = next(raw for n in range(2, 50) if not _on_the_edwards_curve(raw := n.to_bytes(32, "little")))
        with pytest.raises(KeyInvalid, match="curve"):
            PublicKey("Ed25519", off)

    def test_openssl_agrees_on_honest_signatures(self) -> None:
        private = ed25519.Ed25519PrivateKey.generate()
        key = PublicKey("Ed25519", private.public_key().public_bytes_raw())
        assert key.verify(private.sign(b"data"), b"data")


def _on_the_edwards_curve(raw: bytes) -> bool:
    p = 2**255 - 19
    y2 = int.from_bytes(raw, "little") ** 2 % p
    x2 = (y2 - 1) * pow(-121665 * pow(121666, -1, p) * y2 + 1, -1, p) % p
    return pow(x2, (p - 1) // 2, p) in (0, 1)


BAD_MULTIKEYS: dict[str, tuple[Any, type[DidError]]] = {
    "empty": ("", EncodingInvalid),
    "no text": (None, KeyInvalid),
    "bytes": (b"z6Mk", KeyInvalid),
    "prefix only": ("z", EncodingInvalid),
    "base16": ("fed01" + "00" * 32, EncodingInvalid),
    "code only": (multibase.encode(encode_varint(0xED)), KeyLengthInvalid),
    "31 bytes": (multibase.encode(encode_varint(0xED) + bytes(31)), KeyLengthInvalid),
    "33 bytes": (multibase.encode(encode_varint(0xED) + bytes(33)), KeyLengthInvalid),
    "varint padded": (multibase.encode(b"\xed\x81\x00" + bytes(32)), EncodingInvalid),
    "code not as varint": (multibase.encode(b"\x12\x00" + bytes(33)), KeyTypeUnsupported),
    "RSA": (multibase.encode(encode_varint(0x1205) + bytes(270)), KeyLengthInvalid),
    "X448": (multibase.encode(encode_varint(0x1204) + bytes(56)), KeyTypeUnsupported),
    "SM2 uncompressed prefix": (multibase.encode(encode_varint(0x1206) + b"\4" + bytes(32)), KeyInvalid),
    "SM2 not on the curve": (multibase.encode(encode_varint(0x1206) + b"\2" + bytes(31) + b"\2"), KeyInvalid),
    "secret key": (multibase.encode(encode_varint(0x1300) + bytes(32)), KeyTypeUnsupported),
    "P-256 uncompressed prefix": (multibase.encode(encode_varint(0x1200) + b"\4" + bytes(32)), KeyInvalid),
    "P-256 off the curve": (multibase.encode(encode_varint(0x1200) + b"\2" + b"\xff" * 32), KeyInvalid),
    "P-256 uncompressed": (multibase.encode(encode_varint(0x1200) + b"\4" + bytes(64)), KeyLengthInvalid),
    "P-384 off the curve": (multibase.encode(encode_varint(0x1201) + b"\3" + b"\xff" * 48), KeyInvalid),
    "BLS zeros": (multibase.encode(encode_varint(0xEB) + bytes(96)), KeyInvalid),
    "BLS identity": (multibase.encode(encode_varint(0xEB) + b"\xc0" + bytes(95)), KeyInvalid),
    "BLS off the curve": (multibase.encode(encode_varint(0xEB) + b"\x80" + b"\1" * 95), KeyInvalid),
    "trailing space": (ED25519 + " ", EncodingInvalid),
    "trailing line": (ED25519 + "\n", EncodingInvalid),
    "huge": ("z" + "2" * 100_000, KeyLengthInvalid),
}


@pytest.mark.parametrize("name", BAD_MULTIKEYS)
def test_a_bad_multikey_is_a_clear_error(name: str) -> None:
    text, expected = BAD_MULTIKEYS[name]
    with pytest.raises(expected):
        PublicKey.from_multikey(text)


JWK_P256 = did.SoftwareKey.from_seed("P-256", b"jwk").public_key.to_jwk()
JWK_ED = did.SoftwareKey.from_seed("Ed25519", b"jwk").public_key.to_jwk()
BAD_JWKS: dict[str, tuple[Any, type[DidError]]] = {
    "no object": ([], KeyInvalid),
    "a string": ("{}", KeyInvalid),
    "empty": ({}, KeyTypeUnsupported),
    "kty of another curve": ({**JWK_P256, "kty": "OKP"}, KeyTypeUnsupported),
    "kty a list": ({**JWK_P256, "kty": ["EC"]}, KeyTypeUnsupported),
    "RSA": ({"kty": "RSA", "n": "AQ", "e": "AQAB"}, KeyTypeUnsupported),
    "secret": ({"kty": "oct", "k": "AQ"}, KeyInvalid),
    "private": ({**JWK_P256, "d": "AQ"}, KeyInvalid),
    "no y": ({name: value for name, value in JWK_P256.items() if name != "y"}, KeyInvalid),
    "x a number": ({**JWK_P256, "x": 1}, KeyInvalid),
    "x cut": ({**JWK_P256, "x": multibase.encode_base64url(bytes(31))}, KeyLengthInvalid),
    "x padded": ({**JWK_P256, "x": JWK_P256["x"] + "="}, EncodingInvalid),
    "x huge": ({**JWK_P256, "x": "A" * 1_000_000}, KeyLengthInvalid),
    "y of another point": ({**JWK_P256, "y": JWK_P256["x"]}, KeyInvalid),
    "x beyond the field": ({**JWK_P256, "x": multibase.encode_base64url(b"\xff" * 32)}, KeyInvalid),
    "curve of another length": ({**JWK_P256, "crv": "P-384"}, KeyLengthInvalid),
    "alg of another curve": ({**JWK_P256, "alg": "ES384"}, KeyInvalid),
    "alg of another kind": ({**JWK_ED, "alg": "ES256"}, KeyInvalid),
}


@pytest.mark.parametrize("name", BAD_JWKS)
def test_a_bad_jwk_is_a_clear_error(name: str) -> None:
    jwk, expected = BAD_JWKS[name]
    with pytest.raises(expected):
        PublicKey.from_jwk(jwk)


def test_other_members_of_a_jwk_are_ignored() -> None:
    assert PublicKey.from_jwk({**JWK_P256, "alg": "ES256", "use": "sig", "kid": "1"}).to_jwk() == JWK_P256


@settings(max_examples=300)
@given(st.sampled_from(sorted(KEY_TYPES)), st.binary(max_size=100))
def test_random_bytes_never_crash_the_reader(key_type: str, raw: bytes) -> None:
    try:
        key = PublicKey(key_type, raw)
    except KeyInvalid:
        return
    assert key.verify(raw, raw) is False


@given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "d", "alg"]), st.text(max_size=5) | st.none()))
def test_random_jwks_never_crash_the_reader(jwk: dict[str, Any]) -> None:
    with pytest.raises(DidError):
        PublicKey.from_jwk(jwk)


def test_equal_keys_are_equal_and_hashable() -> None:
    assert {PublicKey.from_multikey(ED25519), PublicKey.from_multikey(ED25519)} == {PublicKey.from_multikey(ED25519)}


def test_parsed_keys_are_kept_within_bounds() -> None:
    assert verifier.cache_info().maxsize == 4096
