"""Keys in a PKCS#11 token: made there, used there, listed and retired. No private byte ever leaves the token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ..errors import KeyTypeUnsupported, SignerError, SignerExists, SignerUnavailable, SignerUnknown
from ..key_dids import did_key_of, method_of_did_key
from ..key_types import KeyType, known_key_types
from ..key_types import key_type as type_named
from ..public_keys import PublicKey
from ..urls import parse_did, parse_did_url
from .session import TokenSession, session_of
from .uri import TokenUri

if TYPE_CHECKING:
    from ..secret import Secret

__all__ = ["TokenKeyEntry", "TokenSigner", "generate", "keys_in", "open_signer", "retire"]

_IDENTIFIER_BYTES: Final = 16
_CHECK: Final = b"liangzheng: a token's private and public key belong together"


@dataclass(frozen=True, slots=True)
class TokenKeyEntry:
    """A key as the token lists it. A retired one can't sign any more; its public key is still there to be compared.

    ``public_key`` is None for keys of a type that is not known here.
    """

    label: str
    id: bytes
    public_key: PublicKey | None
    active: bool
    uri: str


class TokenSigner:
    """A key in a token as a ``did.Signer``. Thread-safe; signatures of one module are made one after the other.

    When the token is pulled out, ``sign`` raises SignerUnavailable; when it is back, the same signer signs again.
    """

    __slots__ = ("_did", "_generation", "_handle", "_kind", "_public_key", "_session", "_uri", "_verification_method")

    def __init__(self, session: TokenSession, uri: TokenUri) -> None:
        self._session = session
        self._uri = uri
        self._handle: Any = None
        self._generation = 0
        self._public_key = session.do(lambda opened: _public_key(_one(opened, uri, "PUBLIC_KEY")))
        self._kind = type_named(self._public_key.key_type)
        self._did, self._verification_method = _controller(uri, self._public_key)
        if not self._public_key.verify(self.sign(_CHECK), _CHECK):
            raise SignerError("the private and public key of that name in the token don't belong together", self._did)

    @property
    def algorithm(self) -> str:
        """The key type."""
        return self._public_key.key_type

    @property
    def did(self) -> str:
        """The controller."""
        return self._did

    @property
    def verification_method(self) -> str:
        """The DID URL of the public key."""
        return self._verification_method

    @property
    def public_key(self) -> PublicKey:
        """The public key."""
        return self._public_key

    @property
    def uri(self) -> str:
        """The URI that names this key."""
        return str(self._uri)

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``, as ``did.Signer`` has it; the data is hashed here, where the scheme hashes.

        Raises SignerUnavailable, SignerLocked, SignerError.
        """
        kind = self._kind
        signed = hashlib.new(kind.signing_hash, data).digest() if kind.signing_hash else data
        signature = self._session.do(lambda opened: self._sign(opened, signed))
        if len(signature) != kind.signature_length:
            raise SignerError(f"the token gave a signature of {len(signature)} bytes, not {kind.signature_length}")
        return signature

    def _sign(self, opened: Any, signed: bytes) -> bytes:
        from pkcs11 import Mechanism

        if self._handle is None or self._generation != self._session.generation:
            raw = _public_key(_one(opened, self._uri, "PUBLIC_KEY"))
            if raw != self._public_key:
                raise SignerUnavailable("the token that was put back has another key of this name", self._did)
            self._handle = _one(opened, self._uri, "PRIVATE_KEY")
            self._generation = self._session.generation
        token = self._kind.token
        assert token is not None
        return bytes(self._handle.sign(signed, mechanism=Mechanism[token.mechanism]))

    def with_controller(self, did: str, verification_method: str) -> TokenSigner:
        """The same key, speaking for ``did`` under ``verification_method`` (a DID URL, or a fragment ``#...``)."""
        return TokenSigner(self._session, replace(self._uri, did=did, verification_method=verification_method))

    def __repr__(self) -> str:
        return f"<TokenSigner {self.algorithm} {self.verification_method}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TokenSigner can't be pickled or copied: open it again by its URI")


def open_signer(uri: str, secret: Secret) -> TokenSigner:
    """The signer of a ``pkcs11:`` URI, as ``did.signer_from_uri`` has it. ``secret`` is asked where the URI names no
    ``pin-source``.
    """
    wanted = TokenUri.parse(uri)
    if not wanted.object and not wanted.id:
        raise SignerUnknown("a PKCS#11 URI of a key names it: object=LABEL, or id=%01...")
    return TokenSigner(session_of(wanted, secret), wanted)


def generate(uri: str, key_type: str, secret: Secret) -> TokenSigner:
    """Make a key pair in the token, named by the URI's ``object``; the private key can't be read out.

    The signer's ``uri`` has the new key's ``id`` as well. Raises SignerExists for a name that is taken, SignerUnknown,
    SignerLocked, SignerUnavailable, KeyTypeUnsupported for a type that is not for tokens or that this one hasn't.
    """
    wanted = TokenUri.parse(uri)
    kind = type_named(key_type)
    if kind.token is None:
        raise KeyTypeUnsupported(f"tokens hold no keys of type {kind.name}")
    if not wanted.object:
        raise SignerUnknown("a new key needs a name: object=LABEL in the URI")
    _controller(wanted, None)
    session = session_of(wanted, secret)
    made = wanted.key(wanted.object, wanted.id or secrets.token_bytes(_IDENTIFIER_BYTES))
    session.do(lambda opened: _make(opened, kind, made))
    return TokenSigner(session, made)


def keys_in(uri: str, secret: Secret) -> list[TokenKeyEntry]:
    """The keys of the token that fit the URI, by label: those that sign, and those that were retired."""
    wanted = TokenUri.parse(uri)
    found = session_of(wanted, secret).do(lambda opened: _entries(opened, wanted))
    return sorted(found, key=lambda entry: (entry.label, entry.id))


def retire(uri: str, secret: Secret) -> TokenKeyEntry:
    """Destroy the private key that ``uri`` names, for ever. The public key stays there, and is listed as retired.

    What the DID document says of the key is the controller's to change.
    """
    wanted = TokenUri.parse(uri)
    if not wanted.object and not wanted.id:
        raise SignerUnknown("say which key is retired: object=LABEL, or id=%01...")
    session = session_of(wanted, secret)

    def work(opened: Any) -> TokenKeyEntry:
        from pkcs11 import Attribute

        private = _one(opened, wanted, "PRIVATE_KEY")
        public = _one(opened, wanted, "PUBLIC_KEY")
        label, identifier = public[Attribute.LABEL], bytes(public[Attribute.ID])
        private.destroy()
        key = _known_key(public)
        return TokenKeyEntry(label, identifier, key, False, str(wanted.key(label, identifier)))

    return session.do(work)


def _make(opened: Any, kind: KeyType, made: TokenUri) -> None:
    import pkcs11
    from pkcs11 import Attribute

    token = kind.token
    assert token is not None
    for template in ({Attribute.LABEL: made.object}, {Attribute.ID: made.id}):
        if list(opened.get_objects(template)):
            raise SignerExists(f"the token has a key {made.object!r} already; a key is never written over")
    try:
        parameters = opened.create_domain_parameters(
            pkcs11.KeyType[token.key_type], {Attribute.EC_PARAMS: token.parameters[0]}, local=True
        )
        parameters.generate_keypair(
            store=True,
            label=made.object,
            id=made.id,
            public_template={Attribute.VERIFY: True},
            private_template={
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.SIGN: True,
                Attribute.DERIVE: False,
            },
        )
    except (pkcs11.MechanismInvalid, pkcs11.AttributeValueInvalid, pkcs11.DomainParamsInvalid, KeyError):
        raise KeyTypeUnsupported(f"this token makes no keys of type {kind.name}") from None


def _objects(opened: Any, uri: TokenUri, kind: str) -> list[Any]:
    from pkcs11 import Attribute, ObjectClass

    wanted: dict[Any, Any] = {Attribute.CLASS: ObjectClass[kind]}
    if uri.object:
        wanted[Attribute.LABEL] = uri.object
    if uri.id:
        wanted[Attribute.ID] = uri.id
    return list(opened.get_objects(wanted))


def _one(opened: Any, uri: TokenUri, kind: str) -> Any:
    """The one object that the URI names. Raises SignerUnknown."""
    found = _objects(opened, uri, kind)
    if len(found) == 1:
        return found[0]
    what, name = kind.replace("_", " ").lower(), uri.object or uri.id.hex()
    if found:
        raise SignerUnknown(f"the token has {len(found)} objects of the name {name!r} ({what}): add id to the URI")
    raise SignerUnknown(f"the token has no {what} of the name {name!r}")


def _public_key(public: Any) -> PublicKey:
    key = _known_key(public)
    if key is None:
        raise KeyTypeUnsupported("the key in the token is of a type that is not known here")
    return key


def _known_key(public: Any) -> PublicKey | None:
    """The public key in a token's object; None for a type that is not known. Raises KeyInvalid for a broken one."""
    from asn1crypto.core import OctetString
    from pkcs11 import Attribute, KeyType

    kind_of_token = public[Attribute.KEY_TYPE]
    if kind_of_token not in (KeyType.EC, KeyType.EC_EDWARDS):
        return None
    parameters, point = bytes(public[Attribute.EC_PARAMS]), bytes(public[Attribute.EC_POINT])
    for kind in known_key_types():
        token = kind.token
        if token and KeyType[token.key_type] == kind_of_token and parameters in token.parameters:
            try:
                return PublicKey(kind.name, kind.raw_of_point(OctetString.load(point, strict=True).native))
            except ValueError:  # Some tokens leave the DER head away.
                return PublicKey(kind.name, kind.raw_of_point(point))
    return None


def _entries(opened: Any, uri: TokenUri) -> list[TokenKeyEntry]:
    from pkcs11 import Attribute

    signing = {bytes(private[Attribute.ID]) for private in _objects(opened, uri, "PRIVATE_KEY")}
    return [
        TokenKeyEntry(
            public[Attribute.LABEL],
            identifier,
            _known_key(public),
            identifier in signing,
            str(uri.key(public[Attribute.LABEL], identifier)),
        )
        for public in _objects(opened, uri, "PUBLIC_KEY")
        for identifier in (bytes(public[Attribute.ID]),)
    ]


def _controller(uri: TokenUri, key: PublicKey | None) -> tuple[str, str]:
    """The DID and the verification method that the key speaks for: its own did:key unless the URI says otherwise."""
    if not uri.did and not uri.verification_method:
        own = did_key_of(key) if key is not None else ""
        return own, method_of_did_key(own) if own else ""
    if not uri.did or not uri.verification_method:
        raise SignerUnknown("x-did and x-method go together: a DID, and the DID URL of the key (or its #fragment)")
    parse_did(uri.did)
    method = uri.did + uri.verification_method if uri.verification_method.startswith("#") else uri.verification_method
    if not parse_did_url(method).fragment:
        raise SignerUnknown("x-method is a DID URL with a fragment")
    return uri.did, method
