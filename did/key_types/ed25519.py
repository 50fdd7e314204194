"""Ed25519, by one set of acceptance rules (vc-di-eddsa section 4.1), those of libsodium:

* the public key is a canonical encoding of a point on the curve that is not of small order;
* S is canonical (below the group order), R is canonical and not of small order;
* the equation without the cofactor holds: ``R == S·B - k·A``, compared as bytes.

A signature one party accepts and another refuses is then not possible among users of these rules. OpenSSL accepts
small-order keys, so it isn't used here; libsodium is also twice as fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import KeyInvalid
from .definition import KeyType, MethodForm, OpenKey, TokenKey, Verify

__all__ = ["ED25519"]

_P: Final = 2**255 - 19
_IDENTITY: Final = b"\x01" + bytes(31)
_SUITES: Final = "https://w3id.org/security/suites/"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ed25519(KeyType):
    def verifier(self, raw: bytes) -> Verify:
        from nacl.bindings import crypto_core_ed25519_add, crypto_sign_open

        if int.from_bytes(raw, "little") & ((1 << 255) - 1) >= _P:
            raise KeyInvalid("Ed25519 public key that isn't encoded canonically")
        try:
            point = raw
            for _ in range(3):
                point = crypto_core_ed25519_add(point, point)
        except Exception as error:
            raise KeyInvalid("Ed25519 public key that isn't a point on the curve") from error
        if point == _IDENTITY:
            raise KeyInvalid("Ed25519 public key of small order")

        def verify(signature: bytes, data: bytes) -> bool:
            if len(signature) != 64:
                return False
            try:
                crypto_sign_open(signature + data, raw)
            except Exception:
                return False
            return True

        return verify

    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

        raw, pair = crypto_sign_seed_keypair(secret)
        return OpenKey(raw, lambda data: crypto_sign(data, pair)[:64])

    def raw_of(self, key: object) -> bytes | None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else None

    def agreement(self, raw: bytes) -> tuple[str, bytes] | None:
        """The X25519 key that an Ed25519 key maps to (RFC 7748 section 4.1)."""
        from nacl.bindings import crypto_sign_ed25519_pk_to_curve25519

        return "X25519", crypto_sign_ed25519_pk_to_curve25519(raw)


ED25519: Final = _Ed25519(
    name="Ed25519",
    public_code=0xED,
    secret_code=0x1300,
    public_length=32,
    secret_length=32,
    jwk_kty="OKP",
    jwk_curve="Ed25519",
    signature_length=64,
    proof_hash="sha256",
    default_cryptosuite="eddsa-rdfc-2022",
    jose=("EdDSA", "Ed25519"),
    cose=(-8, -19),
    method_forms=(
        MethodForm(
            "Ed25519VerificationKey2020",
            ("publicKeyMultibase",),
            "publicKeyMultibase",
            _SUITES + "ed25519-2020/v1",
            "X25519KeyAgreementKey2020",
        ),
        MethodForm(
            "Ed25519VerificationKey2018",
            ("publicKeyBase58",),
            "publicKeyBase58",
            _SUITES + "ed25519-2018/v1",
            "X25519KeyAgreementKey2019",
            experimental=True,
        ),
    ),
    # The object identifier id-Ed25519 (RFC 8410), and the PrintableString "edwards25519": PKCS#11 v3.1 has both.
    token=TokenKey("EC_EDWARDS", "EDDSA", (bytes.fromhex("06032b6570"), bytes.fromhex("130c656477617264733235353139"))),
)
