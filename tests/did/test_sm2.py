"""SM2 with SM3: the standard's figures, keys in every form, an independent library on the other side, bad inputs."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import gmssl_pyx
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import did
from did import KeyInvalid, KeyTypeUnsupported, PublicKey, SoftwareKey, libcrypto, multibase
from did.key_files import Argon2id
from did.key_types import KEY_TYPES
from did.key_types.ecdsa import ecdsa_der, ecdsa_parts
from did.libcrypto import LibcryptoMissing, Sm2Key, sm2_missing
from liangzheng import terminal
from liangzheng.cli import cli

KEY = SoftwareKey.from_seed("SM2", b"an authority's key")
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


@pytest.fixture(scope="module")
def sample(vectors: Path) -> dict[str, str]:
    """GB/T 32918.5 appendix A.2."""
    found: dict[str, str] = json.loads((vectors / "sm" / "sm2-sign.json").read_bytes())
    return found


def point(key: PublicKey) -> bytes:
    """x and y, as the other library has it."""
    return b"".join(Sm2Key.public(key.raw).coordinates())


class TestTheStandardsFigures:
    def test_the_digests_of_sm3_are_met(self, vectors: Path) -> None:
        for case in json.loads((vectors / "sm" / "sm3-basic.json").read_bytes())["sm3"]:
            assert hashlib.new("sm3", case["message"].encode()).hexdigest() == case["hex"]

    @given(st.binary(max_size=300))
    def test_any_digest_is_what_the_other_library_makes(self, data: bytes) -> None:
        assert hashlib.new("sm3", data).digest() == bytes(gmssl_pyx.sm3_hash(data))

    def test_the_key_pair_fits(self, sample: dict[str, str]) -> None:
        key = SoftwareKey.from_secret("SM2", bytes.fromhex(sample["privateKey"]))
        assert key.public_key.raw.hex() == sample["publicCompressedHex"]
        assert point(key.public_key).hex().upper() == sample["publicX"] + sample["publicY"]

    def test_the_signature_verifies_with_the_standards_identity_and_no_other(self, sample: dict[str, str]) -> None:
        key = PublicKey("SM2", bytes.fromhex(sample["publicCompressedHex"]))
        signature, message = bytes.fromhex(sample["r"] + sample["s"]), sample["message"].encode()
        assert key.verify(signature, message)
        opened = Sm2Key.public(key.raw)
        assert opened.verify(ecdsa_der(signature, 32), message, sample["id"].encode())
        for other in (b"", b"1234567812345679", b"ALICE123@YAHOO.COM"):
            assert not opened.verify(ecdsa_der(signature, 32), message, other)

    def test_what_is_signed_counts_the_identity_in(self, sample: dict[str, str]) -> None:
        z, e = bytes.fromhex(sample["Z"]), sample["e"]
        assert hashlib.new("sm3", z + sample["message"].encode()).hexdigest().upper() == e


class TestForms:
    def test_multikeys_are_those_of_the_public_precedent(self) -> None:
        # github.com/Instun/sm2-multikey @ 32b74c8 (MIT), test/multicodec.test.js.
        secret = SoftwareKey.from_multikey("z4G1CtDVyCTyctEtfS6WD768wvhPWeN6zyMhJURHmWQwB3K4")
        assert secret.public_key == SoftwareKey.from_secret("SM2", bytes.fromhex("1234567890abcdef" * 4)).public_key
        assert multibase.decode(secret.public_key.to_multikey())[:2] == b"\x86\x24"
        # Its public key is encoded as ours are; but no point of the curve has that x, so it is no key.
        encoded = "zEPJcCQ4kKGebz5ombkjw9mgikPckWeYDLhvZBzPckNsfjBa4"
        raw = "02d03b573a12baa0614b004eb17a3683953ac1d45c2a0c8cff55a8dc44c8a6b8d5"
        assert multibase.decode(encoded) == b"\x86\x24" + bytes.fromhex(raw)
        with pytest.raises(KeyInvalid):
            PublicKey.from_multikey(encoded)

    def test_the_jwk_has_the_precedents_names(self) -> None:
        jwk = KEY.public_key.to_jwk()
        assert (jwk["kty"], jwk["crv"], sorted(jwk)) == ("EC", "SM2", ["crv", "kty", "x", "y"])
        assert PublicKey.from_jwk(jwk) == KEY.public_key

    @pytest.mark.parametrize("method", ["key", "jwk"])
    def test_a_did_of_either_method_is_for_signing_only(self, method: str) -> None:
        key = did.generate("SM2", method=method)
        resolver = did.Resolver()
        found = resolver.dereference(key.verification_method, "assertionMethod").public_key
        assert found.verify(key.sign(b"x"), b"x")
        with pytest.raises(did.PurposeNotAllowed):
            resolver.dereference(key.verification_method, "keyAgreement")

    def test_no_envelope_algorithm_is_claimed(self) -> None:
        kind = KEY_TYPES["SM2"]
        assert (kind.jose, kind.cose, kind.jwk_algorithms, kind.experimental) == ((), (), (), True)
        with pytest.raises(KeyInvalid):
            PublicKey.from_jwk({**KEY.public_key.to_jwk(), "alg": "ES256"})

    def test_a_key_file_gives_the_key_back(self, tmp_path: Path) -> None:
        did.save(KEY, tmp_path / "key", "a password", kdf=Argon2id(memory=19 * 1024, passes=2, lanes=1))
        assert did.load(tmp_path / "key", "a password").public_key == KEY.public_key

    def test_the_command_says_that_they_are_experimental(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIANGZHENG_PASSWORD", "a password")
        for kind, said in (("SM2", True), ("P-256", False)):
            result = CliRunner().invoke(cli, ["--lang", "en", "keys", "generate", str(tmp_path / kind), "--type", kind])
            assert (result.exit_code, "experimental" in result.stderr) == (0, said)
        terminal.set_language(None)

    def test_lists_of_key_types_say_that_it_is_experimental(self) -> None:
        with pytest.raises(KeyTypeUnsupported, match=r"SM2 \(experimental\)"):
            did.generate("no such type")


class TestTheOtherSide:
    """GmSSL (gmssl-pyx): another implementation of everything, the curve included."""

    @given(st.binary(min_size=1, max_size=500))
    @settings(max_examples=25, deadline=None)
    def test_what_we_sign_it_verifies_and_nothing_else(self, data: bytes) -> None:
        signature = ecdsa_der(KEY.sign(data), 32)
        assert gmssl_pyx.sm2_verify(point(KEY.public_key), data, signature)
        assert not gmssl_pyx.sm2_verify(point(KEY.public_key), data + b"\0", signature)
        assert not gmssl_pyx.sm2_verify(point(KEY.public_key), data, signature, signer_id=b"another")

    @given(st.binary(min_size=1, max_size=500))
    @settings(max_examples=10, deadline=None)
    def test_what_it_signs_we_verify_and_nothing_else(self, data: bytes) -> None:
        public, private = gmssl_pyx.sm2_key_generate()
        raw = bytes([2 + (public[63] & 1)]) + bytes(public[:32])
        signature = ecdsa_parts(bytes(gmssl_pyx.sm2_sign(private, public, data)), 32)
        assert PublicKey("SM2", raw).verify(signature, data)
        assert not PublicKey("SM2", raw).verify(signature, data + b"\0")
        other = ecdsa_parts(bytes(gmssl_pyx.sm2_sign(private, public, data, signer_id=b"another")), 32)
        assert not PublicKey("SM2", raw).verify(other, data)


class TestBadInput:
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            bytes(33),
            b"\4" + bytes(32),
            b"\2" + bytes(31) + b"\2",  # no point has this x
            b"\2" + b"\xff" * 32,  # beyond the field
            KEY.public_key.raw + b"\0",
            KEY.public_key.raw[1:],
        ],
    )
    def test_what_is_no_point_is_no_key(self, raw: bytes) -> None:
        with pytest.raises(KeyInvalid):
            PublicKey("SM2", raw)

    def test_a_point_of_another_curve_is_no_key(self) -> None:
        with pytest.raises(KeyInvalid):
            PublicKey.from_jwk({**SoftwareKey.from_seed("P-256", b"x").public_key.to_jwk(), "crv": "SM2"})

    @pytest.mark.parametrize("scalar", [0, ORDER - 1, ORDER, 2**256 - 1])
    def test_a_secret_out_of_range_is_refused(self, scalar: int) -> None:
        with pytest.raises(KeyInvalid):
            SoftwareKey.from_secret("SM2", scalar.to_bytes(32, "big"))

    @pytest.mark.parametrize("scalar", [1, ORDER - 2])
    def test_the_outermost_secrets_sign(self, scalar: int) -> None:
        key = SoftwareKey.from_secret("SM2", scalar.to_bytes(32, "big"))
        assert key.public_key.verify(key.sign(b"x"), b"x")

    @pytest.mark.parametrize("change", ["r", "s", "both", "swapped", "order", "high"])
    def test_a_changed_signature_is_false(self, change: str) -> None:
        signature = KEY.sign(b"data")
        r, s = signature[:32], signature[32:]
        changed = {
            "r": bytes(32) + s,
            "s": r + bytes(32),
            "both": bytes(64),
            "swapped": s + r,
            "order": r + ORDER.to_bytes(32, "big"),
            "high": r + (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big"),  # good in ECDSA, not in SM2
        }[change]
        assert KEY.public_key.verify(changed, b"data") is False

    @given(st.binary(max_size=80), st.binary(max_size=40))
    def test_no_bytes_verify_or_raise(self, signature: bytes, data: bytes) -> None:
        assert KEY.public_key.verify(signature, data) is False

    def test_a_signature_of_ecdsa_over_the_same_digest_is_false(self) -> None:
        other = SoftwareKey.from_seed("P-256", b"x")
        assert KEY.public_key.verify(other.sign(b"data"), b"data") is False


def test_a_key_for_one_use_signs_and_its_randomness_can_be_passed_in() -> None:
    for random in ({}, {"random": lambda count: b"\7" * count}):
        public, signatures = SoftwareKey.sign_once([b"a", b"b"], key_type="SM2", **random)  # type: ignore[arg-type]
        key = PublicKey("SM2", public)
        assert key.verify(signatures[0], b"a") and key.verify(signatures[1], b"b")
    assert SoftwareKey.sign_once([], key_type="SM2")[0] != SoftwareKey.sign_once([], key_type="SM2")[0]


def test_one_key_serves_many_threads() -> None:
    wrong: list[Any] = []

    def work(number: int) -> None:
        for turn in range(40):
            data = b"%d %d" % (number, turn)
            signature = KEY.sign(data)
            if not KEY.public_key.verify(signature, data) or KEY.public_key.verify(signature, data + b"x"):
                wrong.append(data)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_keys_are_freed() -> None:
    """Making and dropping many takes no memory to speak of: each is more than 1 KiB in libcrypto."""
    code = (
        "import resource, did\n"
        "from did.libcrypto import Sm2Key\n"
        "raw = did.SoftwareKey.from_seed('SM2', b'x').public_key.raw\n"
        "signature = did.SoftwareKey.from_seed('SM2', b'x').sign(b'x')\n"
        "def turn(n):\n"
        "    for _ in range(n):\n"
        "        key = Sm2Key.public(raw); key.coordinates(); key.verify(b'no', b'x')\n"
        "turn(2000); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "turn(8000); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4096  # KiB; 8,000 keys that were kept would be twice that and more


class TestAMachineWithoutIt:
    @pytest.fixture(autouse=True)
    def _forgotten(self) -> Any:
        yield
        libcrypto._looked_up.cache_clear()

    @pytest.mark.parametrize("case", ["none", "old", "lacking", "deaf"])
    def test_says_once_and_clearly_what_is_missing(self, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
        real = libcrypto._loaded()

        def loaded() -> Any:
            if case == "none":
                raise LibcryptoMissing("none was found")
            return real

        monkeypatch.setattr(libcrypto, "_loaded", loaded)
        if case == "old":
            monkeypatch.setattr(libcrypto, "_OLDEST", 0xFFFFFFFF)
        if case == "lacking":
            monkeypatch.setitem(libcrypto._FUNCTIONS, "EVP_no_such_function", (None, []))
        if case == "deaf":  # It takes every identity for the same: what it verifies is not SM2 of the standard.
            monkeypatch.setattr(libcrypto, "_verify", lambda *_: True)
        libcrypto._looked_up.cache_clear()
        missing = sm2_missing()
        assert missing is not None
        assert "OpenSSL 3" in str(missing)
        with pytest.raises(KeyTypeUnsupported, match="OpenSSL 3"):
            did.generate("SM2")
        with pytest.raises(KeyTypeUnsupported, match="OpenSSL 3"):
            PublicKey("SM2", b"\2" + bytes(31) + b"\5")
        assert did.generate("P-256").sign(b"x")
