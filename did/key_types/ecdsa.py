"""ECDSA over P-256, P-384, P-521 and secp256k1: one class, four values.

Signatures are ``r || s`` of fixed length (vc-di-ecdsa section 3.2.6), over SHA-256 for P-256 and secp256k1, SHA-384 for
P-384, SHA-512 for P-521. Both ``s`` and ``n - s`` verify, as FIPS 186-5 has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from .. import multibase
from ..errors import KeyInvalid
from .definition import KeyType, MethodForm, OpenKey, TokenKey, Verify, jwk_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["P256", "P384", "P521", "SECP256K1", "EcdsaKeyType", "ecdsa_der", "ecdsa_parts"]

_KEPT_POINTS: Final = 4096
_ANY_MEMBER: Final = ("publicKeyJwk", "publicKeyMultibase", "publicKeyBase58")
_SUITES: Final = "https://w3id.org/security/suites/"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EcdsaKeyType(KeyType):
    """A key type on a Weierstrass curve that OpenSSL has: ``curve`` is its class in ``cryptography``'s ``ec``.

    ``coordinate`` is the length in bytes of x, y, r and s; ``order`` that of the group.
    """

    curve: str
    coordinate: int
    order: int

    def verifier(self, raw: bytes) -> Verify:
        check = _point(self, raw).verify
        size = self.coordinate
        hash_of, algorithm = _prehashed(self)

        def verify(signature: bytes, data: bytes) -> bool:
            if len(signature) != 2 * size:
                return False
            try:
                check(ecdsa_der(signature, size), hash_of(data).digest(), algorithm)
            except Exception:
                return False
            return True

        return verify

    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        from cryptography.hazmat.primitives.asymmetric import ec

        scalar = int.from_bytes(secret, "big")
        if not 0 < scalar < self.order:
            raise KeyInvalid(f"a secret {self.name} key that is zero or not below the group order")
        handle = ec.derive_private_key(scalar, _curve(self))
        (hash_of, algorithm), size = _prehashed(self, deterministic=deterministic), self.coordinate
        return OpenKey(
            _compressed(handle.public_key()),
            lambda data: ecdsa_parts(handle.sign(hash_of(data).digest(), algorithm), size),
        )

    def secret_from(self, material: bytes) -> bytes:
        """The 16 bytes too many keep the scalar's distribution even (FIPS 186-5 A.2.1)."""
        return (int.from_bytes(material, "big") % (self.order - 1) + 1).to_bytes(self.secret_length, "big")

    def sign_once(self, messages: Sequence[bytes], random: Callable[[int], bytes] | None) -> tuple[bytes, list[bytes]]:
        """With the system's random source OpenSSL makes key and nonces: no private byte is ever a Python object."""
        if random is not None:
            return KeyType.sign_once(self, messages, random)
        from cryptography.hazmat.primitives.asymmetric import ec

        hash_of, algorithm = _prehashed(self)
        size = self.coordinate
        handle = ec.generate_private_key(_curve(self))
        sign = handle.sign
        signatures = [ecdsa_parts(sign(hash_of(message).digest(), algorithm), size) for message in messages]
        return _compressed(handle.public_key()), signatures

    def public_jwk(self, raw: bytes) -> dict[str, str]:
        x, y = _coordinates(self, raw)
        encode = multibase.encode_base64url
        return {"kty": self.jwk_kty, "crv": self.jwk_curve, "x": encode(x), "y": encode(y)}

    def raw_of_jwk(self, jwk: Mapping[str, Any]) -> bytes:
        x, y = (jwk_bytes(jwk, name, self.coordinate) for name in ("x", "y"))
        raw = bytes([2 + (y[-1] & 1)]) + x
        if _coordinates(self, raw)[1] != y:
            raise KeyInvalid(f"{self.name} public key that isn't a point on the curve")
        return raw

    def raw_of(self, key: object) -> bytes | None:
        from cryptography.hazmat.primitives.asymmetric import ec

        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == _curve(self).name:
            return _compressed(key)
        return None

    def raw_of_point(self, point: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import ec

        try:
            return _compressed(ec.EllipticCurvePublicKey.from_encoded_point(_curve(self), point))
        except ValueError:
            raise KeyInvalid(f"{self.name} public key that isn't a point on the curve") from None


@cache
def _curve(kind: EcdsaKeyType) -> ec.EllipticCurve:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve: ec.EllipticCurve = getattr(ec, kind.curve)()
    return curve


@cache
def _prehashed(kind: EcdsaKeyType, *, deterministic: bool = False) -> tuple[Callable[[bytes], Any], ec.ECDSA]:
    """The hash (hashlib's: it is cheaper to call) that a key type goes with, and ECDSA over its digests."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    digest = getattr(hashes, kind.signing_hash.upper())()
    return getattr(hashlib, kind.signing_hash), ec.ECDSA(Prehashed(digest), deterministic_signing=deterministic)


@lru_cache(maxsize=_KEPT_POINTS)
def _point(kind: EcdsaKeyType, raw: bytes) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    if raw[0] not in (2, 3):
        raise KeyInvalid(f"{kind.name} public key that isn't a compressed point (it starts with 02 or 03)")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_curve(kind), raw)
    except ValueError:
        raise KeyInvalid(f"{kind.name} public key that isn't a point on the curve") from None


@lru_cache(maxsize=_KEPT_POINTS)
def _coordinates(kind: EcdsaKeyType, raw: bytes) -> tuple[bytes, bytes]:
    """The x and y of a compressed point, of fixed length each. Raises KeyInvalid."""
    numbers = _point(kind, raw).public_numbers()
    return numbers.x.to_bytes(kind.coordinate, "big"), numbers.y.to_bytes(kind.coordinate, "big")


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def ecdsa_parts(der: bytes, size: int) -> bytes:
    """A DER ECDSA signature, made by us, as ``r || s``, ``size`` bytes each."""
    if size <= 48:  # SEQUENCE { INTEGER r, INTEGER s } with lengths of one byte: r starts at 4, s behind its own head.
        end = 4 + der[3]
        return der[4:end][-size:].rjust(size, b"\0") + der[end + 2 :][-size:].rjust(size, b"\0")
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(der)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def ecdsa_der(signature: bytes, size: int) -> bytes:
    """An ECDSA signature ``r || s`` of ``size`` bytes each in DER: the shortest form, which is the only one."""
    r, s = signature[:size].lstrip(b"\0"), signature[size:].lstrip(b"\0")
    if size <= 48 and r and s:  # Lengths of one byte. (A zero is no signature, but has a form.)
        r, s = b"\0" + r if r[0] & 0x80 else r, b"\0" + s if s[0] & 0x80 else s
        first, second = len(r), len(s)
        return b"\x30%c\x02%c%b\x02%c%b" % (first + second + 4, first, r, second, s)
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


P256: Final = EcdsaKeyType(
    name="P-256",
    public_code=0x1200,
    secret_code=0x1306,
    public_length=33,
    secret_length=32,
    jwk_kty="EC",
    jwk_curve="P-256",
    agrees=True,
    signature_length=64,
    signing_hash="sha256",
    proof_hash="sha256",
    default_cryptosuite="ecdsa-rdfc-2019",
    jose=("ES256", "ESP256"),
    cose=(-7, -9),
    method_forms=(
        MethodForm("EcdsaSecp256r1VerificationKey2019", _ANY_MEMBER),
        MethodForm(
            "P256Key2021", ("publicKeyBase58",), "publicKeyBase58", _SUITES + "multikey-2021/v1", experimental=True
        ),
    ),
    token=TokenKey("EC", "ECDSA", (bytes.fromhex("06082a8648ce3d030107"),)),
    curve="SECP256R1",
    coordinate=32,
    order=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
P384: Final = EcdsaKeyType(
    name="P-384",
    public_code=0x1201,
    secret_code=0x1307,
    public_length=49,
    secret_length=48,
    jwk_kty="EC",
    jwk_curve="P-384",
    agrees=True,
    signature_length=96,
    signing_hash="sha384",
    proof_hash="sha384",
    default_cryptosuite="ecdsa-rdfc-2019",
    jose=("ES384", "ESP384"),
    cose=(-35, -51),
    method_forms=(
        MethodForm("EcdsaSecp384r1VerificationKey2019", _ANY_MEMBER),
        MethodForm(
            "P384Key2021", ("publicKeyBase58",), "publicKeyBase58", _SUITES + "multikey-2021/v1", experimental=True
        ),
    ),
    token=TokenKey("EC", "ECDSA", (bytes.fromhex("06052b81040022"),)),
    curve="SECP384R1",
    coordinate=48,
    order=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
)
P521: Final = EcdsaKeyType(
    name="P-521",
    public_code=0x1202,
    secret_code=0x1308,
    public_length=67,
    secret_length=66,
    jwk_kty="EC",
    jwk_curve="P-521",
    agrees=True,
    signature_length=132,
    signing_hash="sha512",
    jose=("ES512", "ESP512"),
    cose=(-36, -52),
    method_forms=(
        MethodForm(
            "P521Key2021", ("publicKeyBase58",), "publicKeyBase58", _SUITES + "multikey-2021/v1", experimental=True
        ),
    ),
    token=TokenKey("EC", "ECDSA", (bytes.fromhex("06052b81040023"),)),
    curve="SECP521R1",
    coordinate=66,
    order=(1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
)
SECP256K1: Final = EcdsaKeyType(
    name="secp256k1",
    public_code=0xE7,
    secret_code=0x1301,
    public_length=33,
    secret_length=32,
    jwk_kty="EC",
    jwk_curve="secp256k1",
    agrees=True,
    signature_length=64,
    signing_hash="sha256",
    jwk_algorithms=("ES256K",),
    method_forms=(
        MethodForm(
            "EcdsaSecp256k1VerificationKey2019",
            _ANY_MEMBER,
            "publicKeyBase58",
            _SUITES + "secp256k1-2019/v1",
            experimental=True,
        ),
    ),
    curve="SECP256K1",
    coordinate=32,
    order=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
)
