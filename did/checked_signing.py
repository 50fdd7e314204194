"""A signature is looked at before it is handed out.

A fault while signing (a flipped bit, a disturbed chip) makes a signature from which, with a second one over the same
bytes, the private key may follow (deterministic EdDSA and ECDSA most of all); a remote signer may use another key than
it says, or answer with anything. Both show when the signature is verified once with the signer's public key.

* Whoever is not ``SoftwareKey`` (a token, a service, a phone) is always checked: ``sign_checked``.
* ``SoftwareKey`` is not, by itself: verifying costs 39 µs for Ed25519 and 45 µs for P-256 where signing costs 14 and 18
  (measured on 28 November 2026, libsodium and OpenSSL), which is half of what issuing a small document costs altogether.
  ``CheckedSigner`` has it checked where that is nothing: an issuing authority's key, and everything that lives long.
"""

from __future__ import annotations

from .errors import SignatureFault
from .keys import Signer, SoftwareKey
from .public_keys import PublicKey

__all__ = ["CheckedSigner", "sign_checked"]


def sign_checked(signer: Signer, data: bytes) -> bytes:
    """``signer.sign(data)``, verified unless a ``SoftwareKey`` made it. Raises SignatureFault."""
    signature = signer.sign(data)
    # By exact type: a subclass may sign elsewhere. CheckedSigner has looked already.
    return signature if type(signer) in (SoftwareKey, CheckedSigner) else _checked(signer, signature, data)


class CheckedSigner:
    """A ``Signer`` whose every signature is verified before it is handed out, whoever makes it."""

    __slots__ = ("_signer",)

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    @property
    def algorithm(self) -> str:
        """The key type."""
        return self._signer.algorithm

    @property
    def did(self) -> str:
        """The controller."""
        return self._signer.did

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        return self._signer.verification_method

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        return self._signer.public_key

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``. Raises SignatureFault for one that does not verify."""
        return _checked(self._signer, self._signer.sign(data), data)

    def __repr__(self) -> str:
        return f"<CheckedSigner {self.verification_method}>"


def _checked(signer: Signer, signature: object, data: bytes) -> bytes:
    if type(signature) is bytes and signer.public_key.verify(signature, data):
        return signature
    raise SignatureFault(
        "the signer's signature is not that of its public key: nothing was handed out. Check the token, the service or "
        "the key that it is set up with",
        signer.did,
    )
