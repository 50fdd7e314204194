"""The device key: a P-256 key that lies encrypted in the wallet and is opened for one signature at a time."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

from did import CheckedSigner, DidError, PublicKey, generate
from did.key_files import Argon2id, decrypt, encrypt

from .errors import SignatureNotGranted, WalletDamaged

__all__ = ["DeviceKey", "GrantedSignature"]

_COST = Argon2id(memory=19 * 1024, passes=2, lanes=1)
"""The least that key files accept: what it stretches here is a random key already."""


class DeviceKey:
    """A ``did.Signer`` that refuses to sign until ``grant`` is called with the key that only the PIN opens.

    Its private bytes exist in clear inside a ``did.SoftwareKey`` only, while one signature is made.
    """

    __slots__ = ("_did", "_encrypted", "_public_key", "_verification_method")

    def __init__(self, encrypted: bytes, public_key: PublicKey, controller: str, verification_method: str) -> None:
        self._encrypted = encrypted
        self._public_key = public_key
        self._did = controller
        self._verification_method = verification_method

    @classmethod
    def generate(cls, sealing_key: bytes, random: Callable[[int], bytes]) -> DeviceKey:
        """A new key, encrypted with ``sealing_key`` (32 bytes) at once."""
        key = generate("P-256", random=random)
        encrypted = encrypt(key, sealing_key, kdf=_COST, random=random)
        return cls(encrypted, key.public_key, key.did, key.verification_method)

    def to_record(self) -> bytes:
        """What the wallet keeps."""
        record = {
            "publicKeyMultibase": self._public_key.to_multikey(),
            "did": self._did,
            "verificationMethod": self._verification_method,
            "encrypted": self._encrypted.decode("ascii"),
        }
        return json.dumps(record).encode()

    @classmethod
    def from_record(cls, data: bytes) -> DeviceKey:
        """The key of what ``to_record`` gave."""
        record = json.loads(data)
        public_key = PublicKey.from_multikey(record["publicKeyMultibase"])
        return cls(record["encrypted"].encode(), public_key, record["did"], record["verificationMethod"])

    def grant(self, sealing_key: bytes) -> GrantedSignature:
        """A signer for exactly one signature."""
        return GrantedSignature(self, sealing_key)

    @property
    def algorithm(self) -> str:
        """The key type, ``P-256``."""
        return self._public_key.key_type

    @property
    def did(self) -> str:
        """The device's did:key."""
        return self._did

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        return self._verification_method

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """Raises SignatureNotGranted: see ``grant``."""
        raise SignatureNotGranted

    def _sign(self, sealing_key: bytes, data: bytes) -> bytes:
        try:
            key = decrypt(self._encrypted, sealing_key)
        except DidError:
            raise WalletDamaged("the device key does not open", "设备密钥无法解密") from None
        if not hmac.compare_digest(key.public_key.raw, self._public_key.raw):
            raise WalletDamaged("the device key is not the one of this wallet", "设备密钥与卡包不符")
        return CheckedSigner(key).sign(data)

    def __repr__(self) -> str:
        return f"<DeviceKey {self._verification_method}>"


class GrantedSignature:
    """A ``did.Signer`` that signs once, then never again."""

    __slots__ = ("_key", "_sealing_key")

    def __init__(self, key: DeviceKey, sealing_key: bytes) -> None:
        self._key = key
        self._sealing_key: bytes | None = sealing_key

    @property
    def algorithm(self) -> str:
        """The key type."""
        return self._key.algorithm

    @property
    def did(self) -> str:
        """The device's did:key."""
        return self._key.did

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        return self._key.verification_method

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        return self._key.public_key

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``. Raises SignatureNotGranted the second time."""
        sealing_key, self._sealing_key = self._sealing_key, None
        if sealing_key is None:
            raise SignatureNotGranted
        return self._key._sign(sealing_key, data)

    def __repr__(self) -> str:
        return f"<GrantedSignature {self.verification_method}>"
