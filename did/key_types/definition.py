"""What a key type is: every fact about a kind of key, and the arithmetic it needs, in one frozen value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from .. import multibase
from ..errors import KeyInvalid, KeyLengthInvalid

__all__ = ["KeyType", "MessageSigner", "MethodForm", "OpenKey", "Sign", "TokenKey", "Verify", "jwk_bytes", "never"]

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]
"""``verify(signature, data)``: never raises."""


class MethodForm(NamedTuple):
    """A verification method type that is older than Multikey and holds keys of one type only.

    ``members`` are the key members it is read with. ``written`` is the one that did:key writes it with ("" where
    did:key has no such form) under ``context``; ``agreement`` the form of the X25519 key that is derived beside it;
    ``experimental`` forms have to be asked for.
    """

    type: str
    members: tuple[str, ...]
    written: str = ""
    context: str = ""
    agreement: str = ""
    experimental: bool = False


class TokenKey(NamedTuple):
    """How PKCS#11 v3.1 calls a key type: key type (``EC``), signature mechanism (``ECDSA``), CKA_EC_PARAMS in DER.

    The first of ``parameters`` is written, all are read. The mechanism gets the digest of ``KeyType.signing_hash``, or
    the data where there is none; it gives the signature in the form that ``did`` has.
    """

    key_type: str
    mechanism: str
    parameters: tuple[bytes, ...]


class MessageSigner(Protocol):
    """A private key that signs lists of messages with BBS. The arguments are those of ``did.BbsSigner``."""

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes: ...

    def blind_sign_messages(self, commitment_with_proof: bytes, header: bytes, messages: Sequence[bytes]) -> bytes: ...

    def blind_sign_messages_with_nym(
        self,
        commitment_with_proof: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        signer_nym_entropy: bytes | None = None,
    ) -> tuple[bytes, bytes]: ...


class OpenKey(NamedTuple):
    """A private key at work: its public bytes, and what it signs with. Only ``did.SoftwareKey`` keeps one."""

    public: bytes
    sign: Sign | None = None
    messages: MessageSigner | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeyType(ABC):
    """One key type. Give a new one to ``did.key_types.register``, or install it (see docs/adding-a-key-type.md).

    ``public_code`` and ``secret_code`` are multicodecs; ``public_length`` and ``secret_length`` bytes (a compressed
    point, a 32-byte u-coordinate, ...). What is written of JWKs here is the form of RFC 8037 (``x`` alone).
    """

    name: str
    public_code: int
    secret_code: int
    public_length: int
    secret_length: int
    jwk_kty: str
    jwk_curve: str
    signs: bool = True
    """Whether did:key lists it for what is signed; False for keys that only agree on a shared secret."""
    agrees: bool = False
    """Whether did:jwk lists it for key agreement."""
    signature_length: int = 0
    """Bytes of a signature; 0 for keys that don't sign bytes."""
    signing_hash: str = ""
    """The hash (hashlib's name) that ``sign`` applies to the data; "" for schemes that sign the data itself."""
    proof_hash: str = ""
    """The hash (hashlib's name) that Data Integrity goes with; "" where no cryptosuite takes these keys."""
    default_cryptosuite: str = ""
    """The cryptosuite used when none is named; "" for none."""
    jose: tuple[str, ...] = ()
    """The values of ``alg`` it signs envelopes with; the first is what is written."""
    cose: tuple[int, ...] = ()
    """The COSE algorithms it signs envelopes with; the first is what is written."""
    jwk_algorithms: tuple[str, ...] = ()
    """The signature algorithms that the ``alg`` of a JWK may name, where they are others than ``jose``."""
    method_forms: tuple[MethodForm, ...] = ()
    token: TokenKey | None = None
    """How a PKCS#11 token calls it; None where tokens don't hold such keys."""
    experimental: bool = False
    """Whether it may still change: lists of key types say so."""

    @abstractmethod
    def verifier(self, raw: bytes) -> Verify:
        """How signatures of the public key ``raw`` (of ``public_length`` bytes) are verified.

        Raises KeyInvalid when it isn't a valid point. For keys that don't sign bytes it returns ``never``. Callers
        go through ``did.key_types.verifier``, which keeps the answers.
        """

    @abstractmethod
    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        """The private key ``secret`` at work. ``deterministic``: where a scheme draws a nonce, take it from key and
        message. Raises KeyInvalid for a secret that isn't one.
        """

    def secret_from(self, material: bytes) -> bytes:
        """A secret from ``secret_length + 16`` random bytes, evenly distributed."""
        return material[: self.secret_length]

    def sign_once(self, messages: Sequence[bytes], random: Callable[[int], bytes] | None) -> tuple[bytes, list[bytes]]:
        """A new key for these messages alone: its public bytes, and the signatures in order.

        ``random`` gives so many random bytes, and decides nonces as well; None is the system's source.
        """
        import secrets

        drawn = (random or secrets.token_bytes)(self.secret_length + 16)
        key = self.open(self.secret_from(drawn), deterministic=random is not None)
        if key.sign is None:
            raise KeyInvalid(f"a key of type {self.name} doesn't sign bytes")
        return key.public, [key.sign(message) for message in messages]

    def public_jwk(self, raw: bytes) -> dict[str, str]:
        """The public JWK, required members only."""
        return {"kty": self.jwk_kty, "crv": self.jwk_curve, "x": multibase.encode_base64url(raw)}

    def raw_of_jwk(self, jwk: Mapping[str, Any]) -> bytes:
        """The public bytes of a JWK of this ``kty`` and ``crv``. Raises KeyInvalid or EncodingInvalid."""
        return jwk_bytes(jwk, "x", self.public_length)

    def raw_of(self, key: object) -> bytes | None:
        """The public bytes of a key object of the library ``cryptography``; None when it isn't of this type."""
        return None

    def raw_of_point(self, point: bytes) -> bytes:
        """The public bytes of a token's CKA_EC_POINT, without its DER head. Raises KeyInvalid."""
        return point

    def agreement(self, raw: bytes) -> tuple[str, bytes] | None:
        """The key that did:key derives for key agreement, as key type and bytes; None for none."""
        return None


def never(signature: bytes, data: bytes) -> bool:
    """The ``Verify`` of keys that don't sign bytes."""
    return False


def jwk_bytes(jwk: Mapping[str, Any], name: str, size: int) -> bytes:
    """The ``size`` bytes in a member of a JWK. Raises KeyInvalid or EncodingInvalid."""
    text = jwk.get(name)
    if not isinstance(text, str):
        raise KeyInvalid(f"JWK member {name!r} is missing or not a string")
    data = multibase.decode_base64url(text) if len(text) <= 2 * size else b""
    if len(data) != size:
        raise KeyLengthInvalid(f"JWK member {name!r} holds {size} bytes for this curve")
    return data
