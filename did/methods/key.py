"""did:key (CCG did:key Method v0.9): the DID is the key. No network, no update, no deactivation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from .. import multibase
from ..errors import (
    DidError,
    DidNotFound,
    InvalidDid,
    InvalidDidUrl,
    InvalidOptions,
    KeyFormatInvalid,
    KeyTypeUnsupported,
    PurposeNotAllowed,
)
from ..key_dids import DID_KEY
from ..key_dids import did_key_of as did_of
from ..key_dids import method_of_did_key as verification_method_of
from ..key_types import KEY_TYPES, method_form
from ..multicodec import decode_varint
from ..public_keys import JWK_JCS, PublicKey
from ..resolution import Resolution, Steps
from ..strict_json import loads
from ..verification_methods import VerificationMethod

__all__ = [
    "FORMATS",
    "METHOD",
    "agreement_of",
    "did_of",
    "flag",
    "method_for",
    "public_key_of",
    "verification_method_of",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A form a did:key document can take: the member, the context, for which keys, and the form of the derived key."""

    member: str
    context: str
    key_type: str = ""
    agreement: str = ""
    experimental: bool = False


_SUITES: Final = "https://w3id.org/security/suites/"
FORMATS: Final[dict[str, Format]] = {
    "Multikey": Format("publicKeyMultibase", "https://w3id.org/security/multikey/v1"),
    "JsonWebKey": Format("publicKeyJwk", "https://w3id.org/security/jwk/v1"),
    "JsonWebKey2020": Format("publicKeyJwk", _SUITES + "jws-2020/v1"),
}
"""The forms ``publicKeyFormat`` can name for every key; those for one key type are stated by that (``MethodForm``)."""

_SHORTEST_JWK: Final = 80
_LONGEST_JWK: Final = 512
_JWK_MEMBERS: Final = frozenset({"kty", "crv", "x", "y"})
_SIGNING: Final = frozenset({"assertionMethod", "authentication", "capabilityDelegation", "capabilityInvocation"})
_AGREEING: Final = frozenset({"keyAgreement"})


@lru_cache(maxsize=4096)
def public_key_of(did: str) -> PublicKey:
    """The public key that a did:key names. Raises InvalidDid or KeyInvalid."""
    value = did[len(DID_KEY) :]
    if not did.startswith(DID_KEY + "z"):
        raise InvalidDid("a did:key holds one multibase value that starts with 'z'", did)
    try:
        return _of_jwk_jcs(value) or PublicKey.from_multikey(value)
    except DidError as error:
        raise type(error)(error.message, did) from None


def _of_jwk_jcs(value: str) -> PublicKey | None:
    """The key of a value in jwk_jcs-pub form, as EBSI writes them: a JWK in its one canonical text; None for others."""
    if not _SHORTEST_JWK < len(value) <= _LONGEST_JWK:
        return None
    data = multibase.decode(value)
    code, used = decode_varint(data)
    if code != JWK_JCS:
        return None
    import rfc8785

    jwk = loads(data[used:])
    if not isinstance(jwk, dict) or not jwk.keys() <= _JWK_MEMBERS or rfc8785.dumps(jwk) != data[used:]:
        raise KeyFormatInvalid(
            "a jwk_jcs-pub key is a JWK with its required members only, in canonical form (RFC 8785)"
        )
    return PublicKey.from_jwk(jwk)


@lru_cache(maxsize=4096)
def _method(did_url: str) -> tuple[VerificationMethod, frozenset[str]]:
    did, _, fragment = did_url.partition("#")
    if not fragment:
        raise InvalidDidUrl("a verification method is named by a DID URL with a fragment", did_url)
    key = public_key_of(did)
    if fragment != did[len(DID_KEY) :]:
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
        """Options of the specification: ``publicKeyFormat`` (``Multikey``; a type of ``FORMATS``),
        ``enableExperimentalPublicKeyTypes`` (false), ``enableEncryptionKeyDerivation`` (false): list an X25519 key that
        is derived from an Ed25519 one under keyAgreement.
        """
        yield from ()
        key = public_key_of(did)
        wanted = options.get("publicKeyFormat") or "Multikey"
        experimental = flag(options, "enableExperimentalPublicKeyTypes", did)
        _check_format(wanted, key, experimental, did)
        derived = agreement_of(key) if flag(options, "enableEncryptionKeyDerivation", did) else None
        return Resolution(did, _document(did, key, derived, wanted), {}, {"contentType": "application/did"})


def flag(options: Mapping[str, Any], name: str, did: str) -> bool:
    """A boolean option, also as the text ``true`` or ``false`` that a URL carries. Raises InvalidOptions."""
    value = options.get(name, False)
    if value in (True, False, None, "true", "false"):
        return value in (True, "true")
    raise InvalidOptions(f"{name} is true or false", did)


def agreement_of(key: PublicKey) -> PublicKey | None:
    """The key for key agreement that a key maps to: the X25519 key of an Ed25519 one; None for other keys."""
    found = KEY_TYPES[key.key_type].agreement(key.raw)
    return None if found is None else PublicKey(*found)


def _format(name: object, did: str) -> Format:
    if isinstance(name, str) and name in FORMATS:
        return FORMATS[name]
    found = method_form(name) if isinstance(name, str) else None
    if found is None or not found[1].written:
        raise KeyTypeUnsupported("the publicKeyFormat isn't known", did)
    kind, form = found
    return Format(form.written, form.context, kind.name, form.agreement, form.experimental)


def _check_format(wanted: str, key: PublicKey, experimental: bool, did: str) -> None:
    form = _format(wanted, did)
    if form.experimental and not experimental:
        raise KeyFormatInvalid(f"{wanted} needs enableExperimentalPublicKeyTypes", did)
    if form.key_type and key.key_type != form.key_type:
        raise KeyFormatInvalid(f"a {key.key_type} key can't be written as {wanted}", did)


def _document(did: str, key: PublicKey, derived: PublicKey | None, wanted: str) -> dict[str, Any]:
    own = {**_method_object(did, key, wanted), "id": verification_method_of(did)}
    written = _format(wanted, did)
    signs = KEY_TYPES[key.key_type].signs
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", written.context],
        "id": did,
        "verificationMethod": [own],
        **{purpose: [own["id"]] for purpose in sorted(_SIGNING if signs else _AGREEING)},
    }
    if derived is not None:
        form = written.agreement or wanted
        context = _format(form, did).context
        if context not in document["@context"]:
            document["@context"].append(context)
        agreement = _method_object(did, derived, form)
        document["verificationMethod"].append(agreement)
        document["keyAgreement"] = [agreement["id"]]
    return document


def _method_object(did: str, key: PublicKey, kind: str) -> dict[str, Any]:
    method: dict[str, Any] = {"id": f"{did}#{key.to_multikey()}", "type": kind, "controller": did}
    member = _format(kind, did).member
    if member == "publicKeyJwk":
        method[member] = key.to_jwk()
    else:
        method[member] = key.to_multikey() if member == "publicKeyMultibase" else multibase.encode_base58(key.raw)
    return method


METHOD: Final = _KeyMethod()
