"""A signature is looked at before it is handed out.

A fault while signing (a flipped bit, a disturbed chip) makes a signature from which, with a second one over the same
bytes, the private key may follow (deterministic EdDSA and ECDSA most of all); a remote signer may use another key than
it says, or answer with anything. Both show when the signature is verified once with the signer's public key.

* Whoever is not ``SoftwareKey`` (a token, a service, a phone) is always checked: ``sign_checked``.
* ``SoftwareKey`` is not, by itself: verifying costs 39 µs for Ed25519 and 45 µs for P-256 where signing costs 14 and 18
  (process time, 28 November 2026, libsodium and OpenSSL), half of what issuing a small document costs altogether.
  ``CheckedSigner`` has it checked where that is nothing: an issuing authority's key, a wallet's device key.
"""

from __future__ import annotations

from collections.abc import Sequence

from .errors import SignatureFault
from .keys import BbsSigner, Signer, SoftwareKey
from .public_keys import PublicKey

__all__ = ["CheckedElsewhere", "CheckedSigner", "sign_checked", "sign_messages_checked"]


def sign_checked(signer: Signer, data: bytes) -> bytes:
    """``signer.sign(data)``, verified unless a ``SoftwareKey`` made it. Raises SignatureFault."""
    signature = signer.sign(data)
    return signature if _is_left(signer) else _checked(signer, signature, data)


def sign_messages_checked(signer: BbsSigner, header: bytes, messages: Sequence[bytes]) -> bytes:
    """``signer.sign_messages(header, messages)``, verified unless a ``SoftwareKey`` made it. Raises SignatureFault.

    Blind signatures can only be checked by the holder, who unblinds them.
    """
    signature = signer.sign_messages(header, messages)
    if not _is_left(signer):
        from . import bbs

        if type(signature) is not bytes or not bbs.verify(signer.public_key.raw, signature, header, messages):
            raise _fault(signer)
    return signature


class CheckedElsewhere:
    """The base of stand-ins for a signer, where the code that has the true signature checks it: when it is put into a
    prepared presentation, or in the process that has the key."""

    __slots__ = ()


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


def _is_left(signer: Signer | BbsSigner) -> bool:
    """Whether there is nothing to look at here."""
    # By exact type: a subclass may sign elsewhere. CheckedSigner has looked already.
    return type(signer) in (SoftwareKey, CheckedSigner) or isinstance(signer, CheckedElsewhere)


def _checked(signer: Signer, signature: object, data: bytes) -> bytes:
    if type(signature) is bytes and signer.public_key.verify(signature, data):
        return signature
    raise _fault(signer)


def _fault(signer: Signer | BbsSigner) -> SignatureFault:
    return SignatureFault(
        "the signer's signature is not that of its public key: nothing was handed out. Check the token, the service or "
        "the key that it is set up with",
        signer.did,
    )
