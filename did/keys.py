"""Private keys and the protocols of those who sign. ``SoftwareKey`` is the one class that ever holds private bytes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, runtime_checkable

from . import multibase
from .errors import KeyInvalid, KeyTypeUnsupported
from .key_types import by_secret_code
from .key_types import key_type as type_named
from .multicodec import decode_varint
from .public_keys import PublicKey

if TYPE_CHECKING:
    from .key_types import KeyType, OpenKey, Sign
    from .key_types.definition import MessageSigner

__all__ = ["BbsSigner", "Signer", "SoftwareKey", "generate"]


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

    __slots__ = ("_did", "_messages", "_public_key", "_secret", "_sign", "_verification_method")

    def __init__(
        self,
        key_type_name: str,
        secret: bytes,
        *,
        did: str = "",
        verification_method: str = "",
        deterministic: bool = True,
    ) -> None:
        kind = type_named(key_type_name)
        key = _opened(kind, secret, deterministic)
        self._secret = secret
        self._public_key = PublicKey(kind.name, key.public)
        self._sign = key.sign or _refusing(kind)
        self._messages = key.messages
        self._did = did
        self._verification_method = verification_method

    @classmethod
    def from_secret(cls, key_type_name: str, secret: bytes) -> SoftwareKey:
        """The key of ``secret``: the 32-byte seed of Ed25519, else a big-endian scalar of the key type's length."""
        return cls(key_type_name, secret)

    @classmethod
    def from_seed(cls, key_type_name: str, seed: bytes) -> SoftwareKey:
        """A key made from ``seed`` (any bytes), the same each time. For tests and demonstrations only."""
        kind = type_named(key_type_name)
        material = hashlib.shake_256(b"liangzheng key from seed\0" + key_type_name.encode() + b"\0" + seed)
        return cls(key_type_name, kind.secret_from(material.digest(kind.secret_length + 16)))

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
            from .key_dids import did_key_of

            self._did = did_key_of(self._public_key)
        return self._did

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        if not self._verification_method:
            from .key_dids import method_of_did_key

            self._verification_method = method_of_did_key(self.did)
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
        messages: Sequence[bytes],
        *,
        key_type: str = "P-256",
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> tuple[bytes, list[bytes]]:
        """A new key for these messages alone: its public bytes (a compressed point), and its signatures in order.

        The private key is gone when this returns. With the system's random source OpenSSL makes ECDSA keys and nonces,
        and no private byte is ever a Python object. With another ``random`` source both come from that: the same each
        time.
        """
        return type_named(key_type).sign_once(messages, None if random is secrets.token_bytes else random)

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """The BBS signature over ``header`` and ``messages`` (BLS12-381-G2 keys only); 80 bytes."""
        return self._bbs().sign_messages(header, messages)

    def blind_sign_messages(self, commitment_with_proof: bytes, header: bytes, messages: Sequence[bytes]) -> bytes:
        """The blind BBS signature (BLS12-381-G2 keys only); 80 bytes."""
        return self._bbs().blind_sign_messages(commitment_with_proof, header, messages)

    def blind_sign_messages_with_nym(
        self,
        commitment_with_proof: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        signer_nym_entropy: bytes | None = None,
    ) -> tuple[bytes, bytes]:
        """The blind BBS signature with a pseudonym secret, and the signer's entropy (BLS12-381-G2 keys only)."""
        return self._bbs().blind_sign_messages_with_nym(
            commitment_with_proof, header, messages, signer_nym_entropy=signer_nym_entropy
        )

    def _bbs(self) -> MessageSigner:
        if self._messages is None:
            raise KeyTypeUnsupported(f"BBS signs with BLS12-381-G2 keys, not with {self.algorithm}", self.did)
        return self._messages

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

    if method not in ("key", "jwk"):
        raise MethodNotSupported(f"a key alone doesn't make a did:{method}; generate it, then use with_controller")
    kind = type_named(key_type)
    secret = kind.secret_from(random(kind.secret_length + 16))
    key = SoftwareKey(key_type, secret, deterministic=deterministic)
    if method == "jwk":
        from .key_dids import did_jwk_of

        own = did_jwk_of(key.public_key)
        return key.with_controller(own, own + "#0")
    return key


def _opened(kind: KeyType, secret: bytes, deterministic: bool) -> OpenKey:
    if not isinstance(secret, bytes) or len(secret) != kind.secret_length:
        raise KeyInvalid(f"a secret {kind.name} key has {kind.secret_length} bytes")
    return kind.open(secret, deterministic=deterministic)


def _refusing(kind: KeyType) -> Sign:
    def refuse(data: bytes) -> NoReturn:
        raise KeyTypeUnsupported(f"a key of type {kind.name} doesn't sign bytes")

    return refuse
