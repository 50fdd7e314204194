"""SM2 with SM3 (GB/T 32918.2-2016, GB/T 32905-2016), by OpenSSL's libcrypto (``did.libcrypto``). Experimental.

Signatures are ``r || s``, 32 bytes each, over ``SM3(Z || data)``; Z holds the curve, the public key and the identity
``1234567812345678``, which both sides take. Nonces come from libcrypto's random source: two signatures over the same
data differ, whatever random source is passed in.

Codes are those of the multicodec table (``sm2-pub``, ``sm2-priv``: draft), the JWK is the one of the public precedent
(``kty`` EC, ``crv`` SM2). No JOSE or COSE algorithm is registered, so envelopes can't be signed with these keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .. import multibase
from ..errors import KeyInvalid
from .definition import KeyType, OpenKey, Verify, jwk_bytes
from .ecdsa import ecdsa_der, ecdsa_parts

if TYPE_CHECKING:
    from ..libcrypto import Sm2Key

__all__ = ["SM2"]

_ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_KEPT_POINTS: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sm2(KeyType):
    def verifier(self, raw: bytes) -> Verify:
        key = _keys().public(raw)

        def verify(signature: bytes, data: bytes) -> bool:
            if len(signature) != 64:
                return False
            try:
                return key.verify(ecdsa_der(signature, 32), bytes(data))
            except Exception:
                return False

        return verify

    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        if not 0 < int.from_bytes(secret, "big") < _ORDER - 1:  # n - 1 has no signatures (GB/T 32918.1 section 6.1).
            raise KeyInvalid("a secret SM2 key that is zero or not below the group order less one")
        return _opened(_keys().private(secret))

    def secret_from(self, material: bytes) -> bytes:
        """The 16 bytes too many keep the scalar's distribution even."""
        return (int.from_bytes(material, "big") % (_ORDER - 2) + 1).to_bytes(self.secret_length, "big")

    def sign_once(self, messages: Sequence[bytes], random: Callable[[int], bytes] | None) -> tuple[bytes, list[bytes]]:
        """With the system's random source libcrypto makes the key: no private byte is ever a Python object."""
        if random is not None:
            return KeyType.sign_once(self, messages, random)
        key = _opened(_keys().generate())
        assert key.sign is not None
        return key.public, [key.sign(message) for message in messages]

    def public_jwk(self, raw: bytes) -> dict[str, str]:
        x, y = _coordinates(raw)
        encode = multibase.encode_base64url
        return {"kty": self.jwk_kty, "crv": self.jwk_curve, "x": encode(x), "y": encode(y)}

    def raw_of_jwk(self, jwk: Mapping[str, Any]) -> bytes:
        x, y = (jwk_bytes(jwk, name, 32) for name in ("x", "y"))
        raw = _compressed(x, y)
        if _coordinates(raw) != (x, y):
            raise KeyInvalid("SM2 public key that isn't a point on the curve")
        return raw


def _keys() -> type[Sm2Key]:
    """Loaded with the first key: who has none needs no ctypes."""
    from ..libcrypto import Sm2Key

    return Sm2Key


@lru_cache(maxsize=_KEPT_POINTS)
def _coordinates(raw: bytes) -> tuple[bytes, bytes]:
    return _keys().public(raw).coordinates()


def _compressed(x: bytes, y: bytes) -> bytes:
    return bytes([2 + (y[-1] & 1)]) + x


def _opened(key: Sm2Key) -> OpenKey:
    return OpenKey(_compressed(*key.coordinates()), lambda data: ecdsa_parts(key.sign(bytes(data)), 32))


SM2: Final = _Sm2(
    name="SM2",
    public_code=0x1206,
    secret_code=0x1310,
    public_length=33,
    secret_length=32,
    jwk_kty="EC",
    jwk_curve="SM2",
    signature_length=64,
    proof_hash="sm3",
    default_cryptosuite="sm2-2023",
    experimental=True,
)
