"""The table of key types: ours, those a program registers, and those installed under ``liangzheng.key_types``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import RLock
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ..errors import KeyLengthInvalid, KeyTypeUnsupported
from ..installed import Installed
from .bls12381 import BLS12_381_G2
from .definition import KeyType, MethodForm, Verify
from .ecdsa import P256, P384, P521, SECP256K1
from .ed25519 import ED25519
from .sm2 import SM2
from .x25519 import X25519

__all__ = [
    "KEY_TYPES",
    "PARSED_KEYS",
    "by_jwk",
    "by_public_code",
    "by_secret_code",
    "key_type",
    "known_key_types",
    "method_form",
    "register",
    "signs_with",
    "type_of",
    "verifier",
]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

PARSED_KEYS: Final = 4096
"""How many parsed public keys are kept."""

_OURS: Final = (ED25519, P256, P384, P521, SECP256K1, X25519, BLS12_381_G2, SM2)

_by_name: Final[dict[str, KeyType]] = {}
_by_public_code: Final[dict[int, KeyType]] = {}
_by_secret_code: Final[dict[int, KeyType]] = {}
_by_jwk: Final[dict[tuple[str, str], KeyType]] = {}
_by_method_form: Final[dict[str, tuple[KeyType, MethodForm]]] = {}
_lock: Final = RLock()

KEY_TYPES: Final[Mapping[str, KeyType]] = MappingProxyType(_by_name)
"""Key types by name: ours, and those of others as far as they were loaded (``known_key_types`` loads them all)."""


def register(kind: KeyType) -> None:
    """Make ``kind`` known in this process. Raises ValueError when its name, a code, its JWK curve or a form is taken.

    A package that brings a key type names it under the entry point group ``liangzheng.key_types`` instead.
    """
    with _lock:
        if reason := _fault(kind.name, kind):
            raise ValueError(f"the key type {kind.name!r} can't be registered: {reason}")
        _take(kind)


def key_type(name: str) -> KeyType:
    """The key type of that name. Raises KeyTypeUnsupported."""
    found = _look_up(_by_name, name) if isinstance(name, str) else None
    if found is None:
        raise _unsupported(f"key type {name!r:.80} is not known; known are {_names()}")
    return found


def by_public_code(code: int) -> KeyType:
    """The key type of a public-key multicodec. Raises KeyTypeUnsupported."""
    found = _look_up(_by_public_code, code)
    if found is None:
        raise _unsupported(f"multicodec {code:#x} is not a public key of a supported type")
    return found


def by_secret_code(code: int) -> KeyType:
    """The key type of a secret-key multicodec. Raises KeyTypeUnsupported."""
    found = _look_up(_by_secret_code, code)
    if found is None:
        raise _unsupported(f"multicodec {code:#x} is not a secret key of a supported type")
    return found


def by_jwk(kty: object, curve: object) -> KeyType:
    """The key type of a JWK with that ``kty`` and ``crv``. Raises KeyTypeUnsupported."""
    found = _look_up(_by_jwk, (kty, curve)) if isinstance(kty, str) and isinstance(curve, str) else None
    if found is None:
        raise _unsupported(f"JWK with kty {kty!r:.80} and crv {curve!r:.80} is not supported")
    return found


def method_form(type_name: str) -> tuple[KeyType, MethodForm] | None:
    """The verification method form of that ``type`` and its key type, of those that are for one key type only."""
    return _look_up(_by_method_form, type_name)


def signs_with(algorithm: object) -> bool:
    """Whether a JOSE name is a signature algorithm of any key type that is known."""
    return any(algorithm in kind.jose or algorithm in kind.jwk_algorithms for kind in known_key_types())


def known_key_types() -> tuple[KeyType, ...]:
    """Every key type, the installed ones loaded."""
    _load_installed()
    return tuple(_by_name.values())


def type_of(key: object) -> tuple[KeyType, bytes] | None:
    """The type and bytes of a public key object of the library ``cryptography``; None when no key type takes it."""
    for kind in known_key_types():
        raw = kind.raw_of(key)
        if raw is not None:
            return kind, raw
    return None


@lru_cache(maxsize=PARSED_KEYS)
def verifier(name: str, raw: bytes) -> Verify:
    """``verify(signature, data) -> bool`` of a public key. Raises KeyInvalid when the key isn't a valid point.

    The function returned never raises. That of a key that can't sign bytes (X25519, BLS12-381) is always false.
    """
    kind = key_type(name)
    if len(raw) != kind.public_length:
        raise KeyLengthInvalid(f"{name} public key of {len(raw)} bytes; it has {kind.public_length}")
    return kind.verifier(raw)


def _fault(name: str, kind: Any) -> str:
    """What is against taking ``kind`` in under ``name``, or ""."""
    if not isinstance(kind, KeyType):
        return f"a {type(kind).__name__} is no did.key_types.KeyType"
    if kind.name != name:
        return f"its own name is {kind.name!r}"
    taken: tuple[tuple[str, Any, Mapping[Any, Any]], ...] = (
        ("name", kind.name, _by_name),
        ("public-key multicodec", kind.public_code, _by_public_code),
        ("secret-key multicodec", kind.secret_code, _by_secret_code),
        ("JWK curve", (kind.jwk_kty, kind.jwk_curve), _by_jwk),
        *(("verification method type", form.type, _by_method_form) for form in kind.method_forms),
    )
    for what, value, table in taken:
        if value in table:
            return f"the {what} {value!r} is taken"
    return ""


def _take(kind: KeyType) -> None:
    _by_public_code[kind.public_code] = kind
    _by_secret_code[kind.secret_code] = kind
    _by_jwk[kind.jwk_kty, kind.jwk_curve] = kind
    _by_method_form.update({form.type: (kind, form) for form in kind.method_forms})
    _by_name[kind.name] = kind


for _kind in _OURS:
    register(_kind)

_installed: Final = Installed("liangzheng.key_types", frozenset(_by_name), _fault)


class _Asked:
    """Whether the installed key types were taken in already, or are being taken in."""

    done = False
    running = False


def _look_up(table: Mapping[_Key, _Value], key: _Key) -> _Value | None:
    found = table.get(key)
    if found is None and not _Asked.done:
        _load_installed()
        found = table.get(key)
    return found


def _load_installed() -> None:
    """Take in what is installed, once in a process."""
    with _lock:
        if _Asked.done or _Asked.running:  # A package that looks up a key type while it is imported finds ours.
            return
        _Asked.running = True
        try:
            for name in _installed.names():
                kind = _installed.get(name)
                if kind is not None and name not in _by_name:
                    _take(kind)
        finally:
            _Asked.done, _Asked.running = True, False


def _names() -> str:
    return ", ".join(f"{name} (experimental)" if kind.experimental else name for name, kind in _by_name.items())


def _unsupported(message: str) -> KeyTypeUnsupported:
    failures = _installed.failures()
    return KeyTypeUnsupported(f"{message} ({failures})" if failures else message)
