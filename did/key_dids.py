"""What the DIDs that are made from a key are called. How they resolve is in ``methods/key.py``, ``methods/jwk.py``."""

from __future__ import annotations

from typing import Any, Final

from . import multibase
from .public_keys import PublicKey

__all__ = ["DID_JWK", "DID_KEY", "did_jwk_of", "did_key_of", "method_of_did_key"]

DID_KEY: Final = "did:key:"
DID_JWK: Final = "did:jwk:"


def did_key_of(key: PublicKey) -> str:
    """The did:key of a public key."""
    return DID_KEY + key.to_multikey()


def method_of_did_key(did: str) -> str:
    """The DID URL of the one verification method of a did:key: the multibase value is its fragment, too."""
    return f"{did}#{did[len(DID_KEY) :]}"


def did_jwk_of(key: PublicKey, *, use: str | None = None) -> str:
    """The did:jwk of a key, its JWK serialised with JCS so that one key has one DID.

    ``use`` is ``sig``, ``enc`` or None.
    """
    import rfc8785

    jwk: dict[str, Any] = dict(key.to_jwk())
    if use is not None:
        jwk["use"] = use
    return DID_JWK + multibase.encode_base64url(rfc8785.dumps(jwk))
