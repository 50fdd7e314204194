"""COSE_Sign1 (RFC 9052 section 4.2), as VC-JOSE-COSE section 3.3 uses it.

Written on cbor2: what is needed of COSE is one array of four and the ``Sig_structure``. Private keys stay behind
``did.Signer``; the key decides the algorithm, not the header; what is not in shortest form, or has a key twice, is
refused before anything in it is believed. python-cwt is the reference in tests (``make interop``); it asks for an older
cbor2 than the one the rest of the project uses.

The unprotected header is nobody's word: on the way anybody may have changed it. It may say where to find the key
(``kid``, ``x5chain``), where the protected header doesn't; every other label is refused, known here or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cbor2

from did import sign_checked

from ..cbor import CborLimits, CborRefused, loads
from ..parsing import LIMITS
from ..problems import Problem, ProblemError
from .algorithms import cose_algorithm, fits

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = [
    "ALG",
    "CONTENT_TYPE",
    "CRIT",
    "CWT_CLAIMS",
    "KID",
    "TYP",
    "X5CHAIN",
    "CoseSign1",
    "decode",
    "header_claims",
    "looks_like_cose",
    "parse",
    "sign",
]

ALG: Final = 1
CRIT: Final = 2
CONTENT_TYPE: Final = 3
KID: Final = 4
CWT_CLAIMS: Final = 15
"""Claims in the header (RFC 9597)."""
TYP: Final = 16
X5CHAIN: Final = 33

_CLAIMS: Final = {1: "iss", 2: "sub", 3: "aud", 4: "exp", 5: "nbf", 6: "iat", 7: "jti"}
_UNPROTECTED: Final = frozenset({KID, X5CHAIN})
_TAG_SIGN1: Final = 18
_MAX_HEADER: Final = 65_536
_LIMITS: Final = CborLimits(size=LIMITS.size, items=1_000, depth=8, tags=frozenset({_TAG_SIGN1}))
_HEADER_LIMITS: Final = CborLimits(size=_MAX_HEADER, items=1_000, depth=8)
_STARTS: Final = (b"\xd2\x84", b"\x84")  # Tag 18 and an array of four, or the array alone.


@dataclass(frozen=True, slots=True)
class CoseSign1:
    """One COSE_Sign1 as received. ``header`` is the protected header, ``unprotected`` the other one."""

    header: dict[Any, Any]
    unprotected: dict[Any, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes

    def verify(self, key: PublicKey, policies: frozenset[str] = frozenset()) -> bool:
        """Whether the signature is that of ``key``, and the header's algorithm one of the key's."""
        return fits(self.header[ALG], key.key_type, policies) and key.verify(self.signature, self.signing_input)


def looks_like_cose(data: bytes) -> bool:
    """Whether bytes can be a COSE_Sign1: they begin as no JSON and no compact JWS does."""
    return data.startswith(_STARTS)


def parse(data: bytes) -> CoseSign1:
    """The parts of a COSE_Sign1, tagged or not. Raises ProblemError (``envelope.*``, ``parse.limit``)."""
    if len(data) > LIMITS.size:
        raise ProblemError(Problem("parse.limit", f"{len(data):,} bytes; at most {LIMITS.size:,} are read"))
    if not looks_like_cose(data):
        raise _problem("envelope.form", "not a COSE_Sign1")
    value = decode(data, "the COSE_Sign1", _LIMITS)
    if isinstance(value, cbor2.CBORTag):
        value = value.value
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise _problem("envelope.form", "a COSE_Sign1 is an array of four")
    protected, unprotected, payload, signature = value
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise _problem("envelope.form", "header, payload and signature of a COSE_Sign1 are byte strings")
    if not isinstance(unprotected, Mapping) or len(protected) > _MAX_HEADER:
        raise _problem("envelope.form", "the headers of a COSE_Sign1 are maps")
    header = decode(protected, "the protected header") if protected else {}
    if not isinstance(header, Mapping):
        raise _problem("envelope.form", "the protected header of a COSE_Sign1 is a map")
    _check_header(header, unprotected)
    return CoseSign1(dict(header), dict(unprotected), payload, signature, _sig_structure(protected, payload))


def sign(header: Mapping[int, Any], payload: bytes, signer: Signer) -> bytes:
    """``payload`` as a tagged COSE_Sign1. The algorithm is added to the protected ``header`` by the key's type."""
    protected = cbor2.dumps({ALG: cose_algorithm(signer.algorithm), **header})
    signature = sign_checked(signer, _sig_structure(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(_TAG_SIGN1, [protected, {}, payload, signature]))


def header_claims(claims: Any) -> dict[str, Any]:
    """The claims in a protected header (label 15, RFC 9597), by their names in a JWT. Raises ProblemError."""
    if not isinstance(claims, Mapping) or not all(type(label) is int and label in _CLAIMS for label in claims):
        raise _problem("envelope.header", "the claims in the header (15) are of a kind that is not known here")
    return {_CLAIMS[label]: value for label, value in claims.items()}


def _sig_structure(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload])


def decode(data: bytes, what: str, limits: CborLimits = _HEADER_LIMITS) -> Any:
    """One CBOR item in shortest form; ``what`` it is. Raises ProblemError (``envelope.form``, ``parse.limit``)."""
    try:
        return loads(data, limits)
    except CborRefused as error:
        raise _problem("parse.limit" if error.limit else "envelope.form", f"{what}: {error}") from None


def _check_header(header: Mapping[Any, Any], unprotected: Mapping[Any, Any]) -> None:
    # 1.0 and true are equal to 1 in Python, and no labels in COSE.
    if not {type(label) for header_ in (header, unprotected) for label in header_} <= {int, str}:
        raise _problem("envelope.header", "the labels of COSE headers are integers and texts")
    if type(header.get(ALG)) is not int:
        raise _problem("envelope.algorithm", "the protected header names no signature algorithm that is known")
    if CRIT in header or CRIT in unprotected:
        raise _problem("envelope.header", "the header asks for extensions (crit) that are not supported")
    if ALG in unprotected or TYP in unprotected or CONTENT_TYPE in unprotected:
        raise _problem("envelope.header", "algorithm and types stand in the protected header, and only there")
    if not header.keys().isdisjoint(unprotected):  # RFC 9052 section 3.
        raise _problem("envelope.header", "a label stands in both headers")
    others = sorted(map(str, unprotected.keys() - _UNPROTECTED))
    if others:
        detail = "the unprotected header, which nobody signed, has kid and x5chain and nothing else"
        raise _problem("envelope.header", f"{detail}, not {others[0]:.40}")


def _problem(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
