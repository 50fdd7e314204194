"""Public keys as COSE_Key (RFC 9053 section 7, ISO/IEC 18013-5 section 9.1.2.4), to and from ``did.PublicKey``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from did import DidError, PublicKey
from did.key_types import KEY_TYPES, by_jwk

from ..envelope.algorithms import fits
from .encoding import problem, read_base64url, write_base64url

__all__ = ["from_cose_key", "to_cose_key"]

_KTY, _ALG, _CRV, _X, _Y, _D = 1, 3, -1, -2, -3, -4
_OKP, _EC2 = 1, 2
# IANA's COSE elliptic curves, by their names in a JWK.
_CURVES: Final[dict[tuple[int, int], tuple[str, str]]] = {
    (_EC2, 1): ("EC", "P-256"),
    (_EC2, 2): ("EC", "P-384"),
    (_EC2, 3): ("EC", "P-521"),
    (_OKP, 6): ("OKP", "Ed25519"),
}
_NUMBERS: Final = {names: numbers for numbers, names in _CURVES.items()}


def to_cose_key(key: PublicKey) -> dict[int, Any]:
    """``key`` as a COSE_Key. Raises ProblemError (``mdoc.device_key``) for a type that mdocs have no curve for."""
    jwk = key.to_jwk()
    numbers = _NUMBERS.get((jwk["kty"], jwk["crv"]))
    if numbers is None:
        raise problem("mdoc.device_key", f"a key of type {key.key_type} has no form as a device key")
    point = {_KTY: numbers[0], _CRV: numbers[1], _X: read_base64url(jwk["x"], "x")}
    return {**point, _Y: read_base64url(jwk["y"], "y")} if "y" in jwk else point


def from_cose_key(value: Any, pointer: str = "") -> PublicKey:
    """The key of a COSE_Key as decoded. Raises ProblemError (``mdoc.device_key``), also for a private key."""
    if not isinstance(value, Mapping) or not all(type(label) in (int, str) for label in value):
        raise problem("mdoc.device_key", "a COSE_Key is a map with integers and texts for labels", pointer)
    if _D in value:
        raise problem("mdoc.device_key", "a public key with its private part: treat that key as lost", pointer)
    numbers = (value.get(_KTY), value.get(_CRV))
    names = _CURVES.get(numbers) if all(type(number) is int for number in numbers) else None  # type: ignore[arg-type]
    x, y = value.get(_X), value.get(_Y)
    if names is None or not isinstance(x, bytes):
        raise problem("mdoc.device_key", "a key of a type or curve that is not supported", pointer)
    kty, curve = names
    try:
        if kty == "EC" and type(y) is bool:  # The sign of y: a compressed point.
            kind = by_jwk(kty, curve)
            key = PublicKey(kind.name, bytes((2 + y,)) + x)
        else:
            jwk = {"kty": kty, "crv": curve, "x": write_base64url(x)}
            if isinstance(y, bytes):
                jwk["y"] = write_base64url(y)
            key = PublicKey.from_jwk(jwk)
    except DidError as error:
        raise problem("mdoc.device_key", f"not a key: {error}"[:200], pointer) from None
    if _ALG in value and not (type(value[_ALG]) is int and fits(value[_ALG], key.key_type)):
        raise problem("mdoc.device_key", "the algorithm of the key is not one of its type", pointer)
    if not KEY_TYPES[key.key_type].cose:
        raise problem("mdoc.device_key", f"keys of type {key.key_type} sign no COSE", pointer)
    return key
