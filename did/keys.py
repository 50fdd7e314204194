"""Private keys and the protocols of those who sign. ``SoftwareKey`` is the one class that ever holds private bytes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn, Protocol, runtime_checkable

from . import multibase
from .curves import ecdsa_parts, elliptic_curve, prehashed
from .errors import KeyInvalid, KeyTypeUnsupported
from .multicodec import KeyType, by_secret_code, decode_varint, key_type
from .public_keys import PublicKey

__all__ = ["BbsSigner", "Signer", "SoftwareKey", "generate"]

_ORDERS: Final = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "P-521": (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    "secp256k1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    "BLS12-381-G2": 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001,
}


@runtime_checkable
class Signer(Protocol):
    """Whoever can sign: a key in a file, in a token, in a phone's keystore behind a remote call."""

    @property
    def algorithm(self) -> str:
        """The key type: ``Ed25519``, ``P-256``, ``P-384``, ``BLS12-381-G2``, ..."""
        ...

    @property
    def did(self) -> str:
        """The controller."""
        ...

    @property
    def verification_method(self) -> str:
        """The DID URL under which verifiers find the public key."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``: 64 bytes for Ed25519; ``r || s`` for ECDSA, with the curve's own hash."""
        ...


@runtime_checkable
class BbsSigner(Protocol):
    """Whoever can sign lists of messages with BBS (``did.bbs``). The rest is as in ``Signer``."""

    @property
    def algorithm(self) -> str: ...
    @property
    def did(self) -> str: ...
    @property
    def verification_method(self) -> str: ...
    @property
    def public_key(self) -> PublicKey: ...

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """The 80-byte BBS signature over ``header`` and ``messages``."""
        ...

    def blind_sign_messages(self, commitment_with_proof: bytes, header: bytes, messages: Sequence[bytes]) -> bytes:
        """The blind BBS signature over the holder's commitment as well; 80 bytes."""
        ...

    def blind_sign_messages_with_nym(
        self,
        commitment_with_proof: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        signer_nym_entropy: bytes | None = None,
    ) -> tuple[bytes, bytes]:
        """The blind signature with a pseudonym secret, and the signer's entropy in it; 80 and 32 bytes."""
        ...


class SoftwareKey:
    """A private key in this process. It signs; its bytes come out only through ``did.save``, encrypted.

    Make one with ``did.generate``, ``did.load``, ``SoftwareKey.from_jwk``, ``from_multikey``, ``from_secret`` or, in
    tests, ``from_seed``. Its ``repr`` shows no secret, and it can't be pickled or copied by accident.

    A new key speaks for its own did:key; ``with_controller`` binds it to another DID, such as an authority's did:web.
    """

    __slots__ = ("_did", "_handle", "_public_key", "_secret", "_sign", "_verification_method")

    def __init__(
        self,
        key_type_name: str,
        secret: bytes,
        *,
        did: str = "",
        verification_method: str = "",
        deterministic: bool = True,
    ) -> None:
        kind = key_type(key_type_name)
        _check_secret(kind, secret)
        self._secret = secret
        self._handle, self._public_key = _open(kind, secret)
        self._sign = _signing_function(kind, self._handle, deterministic)
        self._did = did
        self._verification_method = verification_method

    @classmethod
    def from_secret(cls, key_type_name: str, secret: bytes) -> SoftwareKey:
        """The key of ``secret``: the 32-byte seed of Ed25519, else a big-endian scalar of the key type's length."""
        return cls(key_type_name, secret)

    @classmethod
    def from_seed(cls, key_type_name: str, seed: bytes) -> SoftwareKey:
        """A key made from ``seed`` (any bytes), the same each time. For tests and demonstrations only."""
        kind = key_type(key_type_name)
        material = hashlib.shake_256(b"liangzheng key from seed\0" + key_type_name.encode() + b"\0" + seed)
        return cls(key_type_name, _secret_from(kind, material.digest(kind.secret_length + 16)))

    @classmethod
    def from_multikey(cls, text: str) -> SoftwareKey:
        """The key of a ``secretKeyMultibase`` (CID 1.0 section 2.2.2). Raises KeyInvalid or EncodingInvalid."""
        data = multibase.decode(text)
        code, used = decode_varint(data)
        return cls(by_secret_code(code).name, data[used:])

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> SoftwareKey:
        """The key of a private JWK; its public members must fit. Raises KeyInvalid or EncodingInvalid."""
        public = PublicKey.from_jwk({name: value for name, value in jwk.items() if name != "d"})
        secret = jwk.get("d")
        if not isinstance(secret, str):
            raise KeyInvalid("a private JWK has the member 'd'")
        key = cls(public.key_type, multibase.decode_base64url(secret))
        if key.public_key != public:
            raise KeyInvalid("the private and public members of the JWK don't belong together")
        return key

    def with_controller(self, did: str, verification_method: str) -> SoftwareKey:
        """The same key, speaking for ``did`` under ``verification_method`` (a DID URL, or a fragment ``#...``)."""
        from .urls import parse_did, parse_did_url

        parse_did(did)
        if verification_method.startswith("#"):
            verification_method = did + verification_method
        if not parse_did_url(verification_method).fragment:
            raise KeyInvalid("a verification method is named by a DID URL with a fragment", did)
        return SoftwareKey(self.algorithm, self._secret, did=did, verification_method=verification_method)

    @property
    def algorithm(self) -> str:
        """The key type."""
        return self._public_key.key_type

    @property
    def key_type(self) -> str:
        """The key type."""
        return self._public_key.key_type

    @property
    def did(self) -> str:
        """The controller."""
        if not self._did:
            from .methods.key import did_of

            self._did = did_of(self._public_key)
        return self._did

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        if not self._verification_method:
            from .methods.key import verification_method_of

            self._verification_method = verification_method_of(self.did)
        return self._verification_method

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``; ECDSA is deterministic (RFC 6979). KeyTypeUnsupported for BLS and X25519."""
        return self._sign(data)

    @staticmethod
    def sign_once(
        messages: Sequence[bytes], *, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> tuple[bytes, list[bytes]]:
        """A new P-256 key for these messages alone: its compressed point (33 bytes), and its signatures in order.

        The private key is gone when this returns. With the system's random source OpenSSL makes it and the nonces, and
        no private byte is ever a Python object. With another ``random`` source both come from that: the same each time.
        """
        if random is not secrets.token_bytes:
            key = generate("P-256", random=random)
            return key.public_key.raw, [key.sign(message) for message in messages]
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        hash_of, algorithm = prehashed("P-256")
        size = key_type("P-256").coordinate
        handle = ec.generate_private_key(elliptic_curve("P-256")[0])
        sign = handle.sign
        signatures = [ecdsa_parts(sign(hash_of(message).digest(), algorithm), size) for message in messages]
        return handle.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint), signatures

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """The BBS signature over ``header`` and ``messages`` (BLS12-381-G2 keys only); 80 bytes."""
        from . import bbs

        return bbs.sign(self._scalar(), self._public_key.raw, header, messages)

    def blind_sign_messages(self, commitment_with_proof: bytes, header: bytes, messages: Sequence[bytes]) -> bytes:
        """The blind BBS signature (BLS12-381-G2 keys only); 80 bytes."""
        from . import bbs

        return bbs.blind_sign(self._scalar(), self._public_key.raw, commitment_with_proof, header, messages)

    def blind_sign_messages_with_nym(
        self,
        commitment_with_proof: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        signer_nym_entropy: bytes | None = None,
    ) -> tuple[bytes, bytes]:
        """The blind BBS signature with a pseudonym secret, and the signer's entropy (BLS12-381-G2 keys only)."""
        from . import bbs

        return bbs.blind_sign_with_nym(
            self._scalar(),
            self._public_key.raw,
            commitment_with_proof,
            header,
            messages,
            signer_nym_entropy=signer_nym_entropy,
        )

    def _scalar(self) -> int:
        if self.algorithm != "BLS12-381-G2":
            raise KeyTypeUnsupported(f"BBS signs with BLS12-381-G2 keys, not with {self.algorithm}", self.did)
        return int.from_bytes(self._secret, "big")

    def _private_jwk(self) -> dict[str, str]:
        """For ``did.key_files``, which encrypts it at once."""
        return {**self._public_key.to_jwk(), "d": multibase.encode_base64url(self._secret)}

    def __repr__(self) -> str:
        return f"<SoftwareKey {self.algorithm} {self.verification_method}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SoftwareKey can't be pickled or copied: keep it with did.save")


def generate(
    key_type: str = "P-256",
    *,
    method: str = "key",
    random: Callable[[int], bytes] = secrets.token_bytes,
    deterministic: bool = True,
) -> SoftwareKey:
    """A new key. ``method`` is ``key`` or ``jwk``: the DID it speaks for until ``with_controller`` says otherwise.

    ``random`` gives so many random bytes. ``deterministic``: ECDSA takes its nonces from key and message (RFC 6979);
    False takes them from OpenSSL's random source, which is faster. Raises KeyTypeUnsupported, or MethodNotSupported for
    a method whose DIDs aren't made from one key alone.
    """
    from .errors import MethodNotSupported
    from .multicodec import key_type as kind_of

    if method not in ("key", "jwk"):
        raise MethodNotSupported(f"a key alone doesn't make a did:{method}; generate it, then use with_controller")
    kind = kind_of(key_type)
    secret = _secret_from(kind, random(kind.secret_length + 16))
    key = SoftwareKey(key_type, secret, deterministic=deterministic)
    if method == "jwk":
        from .methods import jwk

        own = jwk.did_of(key.public_key)
        return key.with_controller(own, own + "#0")
    return key


def _secret_from(kind: KeyType, material: bytes) -> bytes:
    """Random bytes made a secret; the 16 bytes too many keep the scalar's distribution even (FIPS 186-5 A.2.1)."""
    if kind.name not in _ORDERS:
        return material[: kind.secret_length]
    if kind.name == "BLS12-381-G2":
        from . import bbs

        return bbs.key_gen(material).to_bytes(kind.secret_length, "big")
    return (int.from_bytes(material, "big") % (_ORDERS[kind.name] - 1) + 1).to_bytes(kind.secret_length, "big")


def _check_secret(kind: KeyType, secret: bytes) -> None:
    if not isinstance(secret, bytes) or len(secret) != kind.secret_length:
        raise KeyInvalid(f"a secret {kind.name} key has {kind.secret_length} bytes")
    order = _ORDERS.get(kind.name)
    if order is not None and not 0 < int.from_bytes(secret, "big") < order:
        raise KeyInvalid(f"a secret {kind.name} key that is zero or not below the group order")


def _open(kind: KeyType, secret: bytes) -> tuple[Any, PublicKey]:
    """What signs, and the public key."""
    if kind.name == "Ed25519":
        from nacl.bindings import crypto_sign_seed_keypair

        raw, pair = crypto_sign_seed_keypair(secret)
        return pair, PublicKey(kind.name, raw)
    if kind.name == "X25519":
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        agreement = X25519PrivateKey.from_private_bytes(secret)
        return agreement, PublicKey(kind.name, agreement.public_key().public_bytes_raw())
    if kind.name == "BLS12-381-G2":
        from . import bbs

        return None, PublicKey(kind.name, bbs.sk_to_pk(int.from_bytes(secret, "big")))
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.derive_private_key(int.from_bytes(secret, "big"), elliptic_curve(kind.name)[0])
    return key, PublicKey(kind.name, key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def _signing_function(kind: KeyType, handle: Any, deterministic: bool) -> Callable[[bytes], bytes]:
    if kind.name == "Ed25519":
        from nacl.bindings import crypto_sign

        return lambda data: crypto_sign(data, handle)[:64]
    if kind.coordinate:
        (hash_of, algorithm), size = prehashed(kind.name, deterministic=deterministic), kind.coordinate
        return lambda data: ecdsa_parts(handle.sign(hash_of(data).digest(), algorithm), size)

    def refuse(data: bytes) -> NoReturn:
        raise KeyTypeUnsupported(f"a key of type {kind.name} doesn't sign bytes")

    return refuse
