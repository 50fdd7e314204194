"""Ed448 (RFC 8032) as a key type: one file."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey

from did.errors import KeyInvalid
from did.key_types import KeyType, MethodForm, OpenKey, Verify


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ed448(KeyType):
    def verifier(self, raw: bytes) -> Verify:
        try:
            key = Ed448PublicKey.from_public_bytes(raw)
        except ValueError:
            raise KeyInvalid("Ed448 public key that isn't a point on the curve") from None

        def verify(signature: bytes, data: bytes) -> bool:
            try:
                key.verify(signature, data)
            except InvalidSignature:
                return False
            return True

        return verify

    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        key = Ed448PrivateKey.from_private_bytes(secret)
        return OpenKey(key.public_key().public_bytes_raw(), key.sign)

    def raw_of(self, key: object) -> bytes | None:
        return key.public_bytes_raw() if isinstance(key, Ed448PublicKey) else None


ED448 = _Ed448(
    name="Ed448",
    public_code=0x1203,
    secret_code=0x1311,
    public_length=57,
    secret_length=57,
    jwk_kty="OKP",
    jwk_curve="Ed448",
    signature_length=114,
    proof_hash="sha512",
    default_cryptosuite="ed448-rdfc-test",
    jose=("Ed448", "EdDSA"),
    cose=(-53, -8),
    method_forms=(
        MethodForm(
            "Ed448VerificationKey2020",
            ("publicKeyMultibase",),
            "publicKeyMultibase",
            "https://example.org/ed448-2020/v1",
        ),
    ),
)

TAKES_A_NAME = _Ed448(
    name="P-256",
    public_code=0x1290,
    secret_code=0x1390,
    public_length=57,
    secret_length=57,
    jwk_kty="OKP",
    jwk_curve="other",
)

TAKES_A_CODE = _Ed448(
    name="Ed448-other",
    public_code=0x1200,
    secret_code=0x1390,
    public_length=57,
    secret_length=57,
    jwk_kty="OKP",
    jwk_curve="other",
)

NO_KEY_TYPE = "Ed448"
