"""A device key that is elsewhere: in a browser's key store, in a phone's hardware. Only its public half is here."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from did import DidError, PublicKey

from .errors import SignatureNotGranted, WalletDamaged

__all__ = ["RemoteDeviceKey"]


class RemoteDeviceKey:
    """The names of a P-256 key that signs elsewhere; what it is to sign comes from ``Wallet.prepare``.

    Raises ValueError for another kind of key.
    """

    __slots__ = ("_public_key",)

    def __init__(self, public_key: PublicKey) -> None:
        if public_key.key_type != "P-256":
            raise ValueError("a device key is a P-256 key")
        self._public_key = public_key

    def to_record(self) -> bytes:
        """What the wallet keeps."""
        return json.dumps({"remote": self._public_key.to_multikey()}).encode()

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RemoteDeviceKey:
        """The key of what ``to_record`` gave, parsed."""
        try:
            return cls(PublicKey.from_multikey(record["remote"]))
        except (DidError, ValueError):
            raise WalletDamaged("the wallet's device key is not readable", "卡包的设备公钥不可读") from None

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

    def grant(self, sealing_key: bytes) -> NoReturn:
        """Raises SignatureNotGranted: there is nothing here to grant a signature with."""
        raise SignatureNotGranted

    def sign(self, data: bytes) -> bytes:
        """Raises SignatureNotGranted."""
        raise SignatureNotGranted

    def __repr__(self) -> str:
        return f"<RemoteDeviceKey {self.verification_method}>"
