"""did:key (CCG did:key Method v0.9): the DID is the key. No network, no update, no deactivation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ..errors import DidError, DidNotFound, InvalidDid, InvalidDidUrl, PurposeNotAllowed
from ..multicodec import KEY_TYPES
from ..public_keys import PublicKey
from ..resolution import Resolution, Steps
from ..verification_methods import VerificationMethod

__all__ = ["METHOD", "did_of", "method_for", "public_key_of", "verification_method_of"]

_PREFIX: Final = "did:key:"
_SIGNING: Final = frozenset({"assertionMethod", "authentication", "capabilityDelegation", "capabilityInvocation"})
_AGREEING: Final = frozenset({"keyAgreement"})


def did_of(key: PublicKey) -> str:
    """The did:key of a public key."""
    return _PREFIX + key.to_multikey()


def verification_method_of(did: str) -> str:
    """The DID URL of the one verification method of a did:key: the multibase value is its fragment, too."""
    return f"{did}#{did[len(_PREFIX) :]}"


@lru_cache(maxsize=4096)
def public_key_of(did: str) -> PublicKey:
    """The public key that a did:key names. Raises InvalidDid or KeyInvalid."""
    value = did[len(_PREFIX) :]
    if not did.startswith(_PREFIX + "z"):
        raise InvalidDid("a did:key holds one multibase value that starts with 'z'", did)
    try:
        return PublicKey.from_multikey(value)
    except DidError as error:
        raise type(error)(error.message, did) from None


@lru_cache(maxsize=4096)
def _method(did_url: str) -> tuple[VerificationMethod, frozenset[str]]:
    did, _, fragment = did_url.partition("#")
    if not fragment:
        raise InvalidDidUrl("a verification method is named by a DID URL with a fragment", did_url)
    key = public_key_of(did)
    if fragment != did[len(_PREFIX) :]:
        raise DidNotFound("the fragment of a did:key verification method repeats its multibase value", did_url)
    purposes = _SIGNING if KEY_TYPES[key.key_type].signs else _AGREEING
    return VerificationMethod(did_url, "Multikey", did, key), purposes


def method_for(did_url: str, purpose: str) -> VerificationMethod:
    """The verification method of a did:key for a purpose, without making a document. Raises a DidError."""
    method, purposes = _method(did_url)
    if not isinstance(purpose, str) or purpose not in purposes:
        raise PurposeNotAllowed(f"this {method.public_key.key_type} key isn't for {purpose}", did_url)
    return method


class _KeyMethod:
    name = "key"

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        yield from ()
        key = public_key_of(did)
        return Resolution(did, _document(did, key), {}, {"contentType": "application/did"})


def _document(did: str, key: PublicKey) -> dict[str, Any]:
    method = verification_method_of(did)
    purposes = _SIGNING if KEY_TYPES[key.key_type].signs else _AGREEING
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": key.to_multikey()}
        ],
        **{purpose: [method] for purpose in sorted(purposes)},
    }


METHOD: Final = _KeyMethod()
