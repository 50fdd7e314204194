"""A signer whose signature comes later, from elsewhere: a phone's key store, a token, a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .checked_signing import CheckedElsewhere

if TYPE_CHECKING:
    from .keys import Signer

__all__ = ["DeferredSigner"]


class DeferredSigner(CheckedElsewhere):
    """Stands in for a signer that is elsewhere: remembers in ``asked`` what it was asked to sign, in order.

    Whoever made something with it puts the true signatures in the place of those that it gives (zero bytes), and checks
    them. Of ``key`` only the names and the public key are used.
    """

    _PLACEHOLDER = bytes(64)  # As long as a signature of Ed25519 or P-256: there are places that look at the length.

    def __init__(self, key: Signer) -> None:
        self.algorithm = key.algorithm
        self.did = key.did
        self.verification_method = key.verification_method
        self.public_key = key.public_key
        self.asked: list[bytes] = []

    def sign(self, data: bytes) -> bytes:
        """No signature yet."""
        self.asked.append(data)
        return self._PLACEHOLDER
