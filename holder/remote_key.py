"""A device key that is elsewhere: in a browser's key store, in a phone's hardware. Only its public half is here."""

from __future__ import annotations

import json
from typing import Any

from did import CheckedSigner, DidError, PublicKey, Signer

from .errors import SignatureNotGranted, WalletDamaged

__all__ = ["RemoteDeviceKey"]


class RemoteDeviceKey:
    """The names of a P-256 key that signs elsewhere; what it is to sign comes from ``Wallet.prepare``.

    With ``signer``, which has the key (a token, a phone's key store), the wallet has it sign once the PIN was given.
    Raises ValueError for another kind of key, or another DID than the key's did:key.
    """

    __slots__ = ("_public_key", "_signer")

    def __init__(self, public_key: PublicKey, signer: Signer | None = None) -> None:
        if public_key.key_type != "P-256":
            raise ValueError("a device key is a P-256 key")
        self._public_key = public_key
        self._signer = signer
        if signer is not None and (signer.public_key != public_key or signer.did != self.did):
            raise ValueError("the signer is not that of the device key")

    @classmethod
    def of(cls, key: Signer) -> RemoteDeviceKey:
        """The device key that a signer has. Raises ValueError."""
        return key if isinstance(key, RemoteDeviceKey) else cls(key.public_key, key)

    def to_record(self) -> bytes:
        """What the wallet keeps."""
        return json.dumps({"remote": self._public_key.to_multikey()}).encode()

    @classmethod
    def from_record(cls, record: dict[str, Any], signer: Signer | None = None) -> RemoteDeviceKey:
        """The key of what ``to_record`` gave, parsed. Raises WalletDamaged; ValueError for another key's ``signer``."""
        try:
            known = cls(PublicKey.from_multikey(record["remote"]))
        except (DidError, ValueError):
            raise WalletDamaged("the wallet's device key is not readable", "卡包的设备公钥不可读") from None
        return known if signer is None else cls(known.public_key, signer)

    @property
    def algorithm(self) -> str:
        """The key type, ``P-256``."""
        return self._public_key.key_type

    @property
    def did(self) -> str:
        """The device's did:key."""
        return f"did:key:{self._public_key.to_multikey()}"

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        return f"{self.did}#{self._public_key.to_multikey()}"

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        return self._public_key

    def grant(self, sealing_key: bytes) -> Signer:
        """What signs, checked; the PIN was given. Raises SignatureNotGranted where the key is out of reach."""
        if self._signer is None:
            raise SignatureNotGranted
        return CheckedSigner(self._signer)

    def sign(self, data: bytes) -> bytes:
        """Raises SignatureNotGranted."""
        raise SignatureNotGranted

    def __repr__(self) -> str:
        return f"<RemoteDeviceKey {self.verification_method}>"
