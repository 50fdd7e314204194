"""did:jwk (community specification, quartzjer): the DID is a JWK in base64url, its one method is ``#0``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .. import multibase
from ..errors import DidError, InvalidDid, KeyInvalid
from ..key_dids import DID_JWK
from ..key_dids import did_jwk_of as did_of
from ..key_types import KEY_TYPES
from ..public_keys import PublicKey
from ..resolution import Resolution, Steps
from ..strict_json import loads
from ..verification_methods import RELATIONSHIPS

__all__ = ["MAX_DID_JWK", "METHOD", "did_of", "jwk_of"]

MAX_DID_JWK: Final = 4096
"""Characters of a did:jwk at most; a JWK with certificates belongs elsewhere."""


def jwk_of(did: str) -> dict[str, Any]:
    """The JWK in a did:jwk. Raises InvalidDid, or KeyInvalid for a key that can't be used or is private."""
    if not did.startswith(DID_JWK) or len(did) > MAX_DID_JWK:
        raise InvalidDid(f"a did:jwk holds a JWK in base64url, in at most {MAX_DID_JWK} characters", did)
    try:
        jwk = loads(multibase.decode_base64url(did[len(DID_JWK) :]))
    except DidError as error:
        raise InvalidDid(f"a did:jwk that doesn't hold a JWK: {error.message}", did) from None
    if not isinstance(jwk, dict):
        raise InvalidDid("a did:jwk that doesn't hold a JSON object", did)
    if jwk.get("use") not in (None, "sig", "enc"):
        raise KeyInvalid("the 'use' of a JWK is 'sig' or 'enc'", did)
    return jwk


class _JwkMethod:
    name = "jwk"

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        """``verificationMethodType``: ``JsonWebKey2020`` as the specification has it (default), or ``JsonWebKey``."""
        yield from ()
        jwk = jwk_of(did)
        try:
            key = PublicKey.from_jwk(jwk)
        except DidError as error:
            raise type(error)(error.message, did) from None
        modern = options.get("verificationMethodType") == "JsonWebKey"
        context = "https://w3id.org/security/jwk/v1" if modern else "https://w3id.org/security/suites/jws-2020/v1"
        kind = "JsonWebKey" if modern else "JsonWebKey2020"
        method = {"id": did + "#0", "type": kind, "controller": did, "publicKeyJwk": jwk}
        document: dict[str, Any] = {
            "@context": ["https://www.w3.org/ns/did/v1", context],
            "id": did,
            "verificationMethod": [method],
        }
        for relationship in RELATIONSHIPS:
            if _listed(relationship, key, jwk.get("use")):
                document[relationship] = [did + "#0"]
        return Resolution(did, document, {}, {"contentType": "application/did"})


def _listed(relationship: str, key: PublicKey, use: str | None) -> bool:
    kind = KEY_TYPES[key.key_type]
    if relationship == "keyAgreement":
        return use != "sig" and kind.agrees
    return use != "enc" and kind.signs


METHOD: Final = _JwkMethod()
