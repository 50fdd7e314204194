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
from ..multicodec import KEY_TYPES
from ..public_keys import PublicKey
from ..resolution import Resolution, Steps
from ..verification_methods import VerificationMethod

__all__ = ["FORMATS", "METHOD", "did_of", "flag", "method_for", "public_key_of", "verification_method_of", "x25519_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """A form a did:key document can take: the member, the context, for which keys, and the form of the derived key."""

    member: str
    context: str
    key_types: frozenset[str] = frozenset()
    agreement: str = ""
    experimental: bool = False


_SUITES: Final = "https://w3id.org/security/suites/"
FORMATS: Final[dict[str, Format]] = {
    "Multikey": Format("publicKeyMultibase", "https://w3id.org/security/multikey/v1"),
    "JsonWebKey": Format("publicKeyJwk", "https://w3id.org/security/jwk/v1"),
    "JsonWebKey2020": Format("publicKeyJwk", _SUITES + "jws-2020/v1"),
    "Ed25519VerificationKey2020": Format(
        "publicKeyMultibase", _SUITES + "ed25519-2020/v1", frozenset({"Ed25519"}), "X25519KeyAgreementKey2020"
    ),
    "X25519KeyAgreementKey2020": Format("publicKeyMultibase", _SUITES + "x25519-2020/v1", frozenset({"X25519"})),
    "Ed25519VerificationKey2018": Format(
        "publicKeyBase58", _SUITES + "ed25519-2018/v1", frozenset({"Ed25519"}), "X25519KeyAgreementKey2019", True
    ),
    "X25519KeyAgreementKey2019": Format(
        "publicKeyBase58", _SUITES + "x25519-2019/v1", frozenset({"X25519"}), experimental=True
    ),
    "EcdsaSecp256k1VerificationKey2019": Format(
        "publicKeyBase58", _SUITES + "secp256k1-2019/v1", frozenset({"secp256k1"}), experimental=True
    ),
    "P256Key2021": Format("publicKeyBase58", _SUITES + "multikey-2021/v1", frozenset({"P-256"}), experimental=True),
    "P384Key2021": Format("publicKeyBase58", _SUITES + "multikey-2021/v1", frozenset({"P-384"}), experimental=True),
    "P521Key2021": Format("publicKeyBase58", _SUITES + "multikey-2021/v1", frozenset({"P-521"}), experimental=True),
    "Bls12381G2Key2020": Format(
        "publicKeyBase58", _SUITES + "bls12381-2020/v1", frozenset({"BLS12-381-G2"}), experimental=True
    ),
}
"""The forms ``publicKeyFormat`` can name."""

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
        """Options of the specification: ``publicKeyFormat`` (``Multikey``; a type of ``FORMATS``),
        ``enableExperimentalPublicKeyTypes`` (false), ``enableEncryptionKeyDerivation`` (false): list an X25519 key that
        is derived from an Ed25519 one under keyAgreement.
        """
        yield from ()
        key = public_key_of(did)
        wanted = options.get("publicKeyFormat") or "Multikey"
        experimental = flag(options, "enableExperimentalPublicKeyTypes", did)
        if wanted not in FORMATS:
            raise KeyTypeUnsupported("the publicKeyFormat isn't known", did)
        _check_format(wanted, key, experimental, did)
        derived = None
        if flag(options, "enableEncryptionKeyDerivation", did) and key.key_type == "Ed25519":
            derived = x25519_of(key)
        return Resolution(did, _document(did, key, derived, wanted), {}, {"contentType": "application/did"})


def flag(options: Mapping[str, Any], name: str, did: str) -> bool:
    """A boolean option, also as the text ``true`` or ``false`` that a URL carries. Raises InvalidOptions."""
    value = options.get(name, False)
    if value in (True, False, None, "true", "false"):
        return value in (True, "true")
    raise InvalidOptions(f"{name} is true or false", did)


def x25519_of(key: PublicKey) -> PublicKey:
    """The X25519 key that an Ed25519 key maps to (RFC 7748 section 4.1)."""
    from nacl.bindings import crypto_sign_ed25519_pk_to_curve25519

    return PublicKey("X25519", crypto_sign_ed25519_pk_to_curve25519(key.raw))


def _check_format(wanted: str, key: PublicKey, experimental: bool, did: str) -> None:
    form = FORMATS[wanted]
    if form.experimental and not experimental:
        raise KeyFormatInvalid(f"{wanted} needs enableExperimentalPublicKeyTypes", did)
    if form.key_types and key.key_type not in form.key_types:
        raise KeyFormatInvalid(f"a {key.key_type} key can't be written as {wanted}", did)


def _document(did: str, key: PublicKey, derived: PublicKey | None, wanted: str) -> dict[str, Any]:
    own = _method_object(did, key, wanted)
    signs = KEY_TYPES[key.key_type].signs
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", FORMATS[wanted].context],
        "id": did,
        "verificationMethod": [own],
        **{purpose: [own["id"]] for purpose in sorted(_SIGNING if signs else _AGREEING)},
    }
    if derived is not None:
        form = FORMATS[wanted].agreement or wanted
        if FORMATS[form].context not in document["@context"]:
            document["@context"].append(FORMATS[form].context)
        agreement = _method_object(did, derived, form)
        document["verificationMethod"].append(agreement)
        document["keyAgreement"] = [agreement["id"]]
    return document


def _method_object(did: str, key: PublicKey, kind: str) -> dict[str, Any]:
    method: dict[str, Any] = {"id": f"{did}#{key.to_multikey()}", "type": kind, "controller": did}
    member = FORMATS[kind].member
    if member == "publicKeyJwk":
        method[member] = key.to_jwk()
    else:
        method[member] = key.to_multikey() if member == "publicKeyMultibase" else multibase.encode_base58(key.raw)
    return method


METHOD: Final = _KeyMethod()
