"""X25519 (RFC 7748): keys that agree on a shared secret, and sign nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .definition import KeyType, MethodForm, OpenKey, Verify, never

__all__ = ["X25519"]

_SUITES: Final = "https://w3id.org/security/suites/"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _X25519(KeyType):
    def verifier(self, raw: bytes) -> Verify:
        return never

    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return OpenKey(X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


X25519: Final = _X25519(
    name="X25519",
    public_code=0xEC,
    secret_code=0x1302,
    public_length=32,
    secret_length=32,
    jwk_kty="OKP",
    jwk_curve="X25519",
    signs=False,
    agrees=True,
    method_forms=(
        MethodForm(
            "X25519KeyAgreementKey2020", ("publicKeyMultibase",), "publicKeyMultibase", _SUITES + "x25519-2020/v1"
        ),
        MethodForm(
            "X25519KeyAgreementKey2019",
            ("publicKeyBase58",),
            "publicKeyBase58",
            _SUITES + "x25519-2019/v1",
            experimental=True,
        ),
    ),
)
