"""JSON Web Signatures (RFC 7515): read strictly, made through a ``did.Signer``.

The signing input is assembled here because the private key stays behind the ``Signer`` protocol, which jwcrypto has no
place for; and signatures are checked by ``did.PublicKey``, whose algorithm is that of the key, so that no header can
choose it. jwcrypto is the reference in the tests, both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from did import sign_checked
from did.errors import EncodingInvalid
from did.multibase import decode_base64url, encode_base64url

from ..parsing import LIMITS, Limits, loads
from ..problems import Problem, ProblemError
from .algorithms import fits, jose_algorithm

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = ["MAX_TEXT", "Jws", "compact", "decoded", "dumps", "parse_compact", "parse_parts", "read_json"]

MAX_TEXT: Final = LIMITS.size * 4 // 3 + 4 * 65_536
"""Characters of an envelope that are looked at, at most."""

_HEADER_LIMITS: Final = Limits(size=65_536, depth=8, members=1_000)
_MAX_SIGNATURE: Final = 1_024
_SHORT: Final = 512
_TEXT: Final = {str}


class Jws(NamedTuple):
    """One signature over one payload, as received. ``header`` is the protected header."""

    header: dict[str, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes

    def verify(self, key: PublicKey, policies: frozenset[str] = frozenset()) -> bool:
        """Whether the signature is that of ``key``, and the header's ``alg`` one of the key's."""
        return fits(self.header["alg"], key.key_type, policies) and key.verify(self.signature, self.signing_input)


def parse_compact(text: str) -> Jws:
    """The parts of a compact serialisation. Raises ProblemError (``envelope.*``, ``parse.*``)."""
    if len(text) > MAX_TEXT:
        raise ProblemError(Problem("parse.limit", f"{len(text):,} characters; at most {MAX_TEXT:,} are read"))
    parts = text.split(".", 5)
    if len(parts) == 5:
        raise _problem("envelope.form", "five parts are an encrypted JWT (JWE): only who has its key can open it")
    if len(parts) != 3:
        raise _problem("envelope.form", "a compact JWS has three parts, separated by dots")
    return parse_parts(*parts)


def parse_parts(protected: str, payload: str, signature: str) -> Jws:
    """A JWS from its three base64url parts. Raises ProblemError (``envelope.*``, ``parse.*``)."""
    header = _short_header(protected) if len(protected) <= _SHORT else _header(protected)
    if len(signature) > _MAX_SIGNATURE:
        raise _problem("envelope.form", "the signature is longer than any signature")
    body = decoded(payload, "the payload")
    return Jws(header, body, decoded(signature, "the signature"), f"{protected}.{payload}".encode("ascii"))


def _header(protected: str) -> dict[str, Any]:
    header = read_json(decoded(protected, "the header"), "the header", _HEADER_LIMITS)
    _check_header(header)
    return header


@lru_cache(maxsize=1_024)
def _short_header(protected: str) -> dict[str, Any]:
    """The headers of one signer are all the same, so they are read once. Nobody changes a header."""
    return _header(protected)


def compact(header: Mapping[str, Any], payload: bytes, signer: Signer) -> str:
    """``payload`` signed, in compact serialisation. ``alg`` is added to ``header`` by the key's type."""
    if set(map(type, header.values())) == _TEXT:
        protected = _text_header(signer.algorithm, tuple(header.items()))
    else:
        protected = _protected(signer.algorithm, header)
    signing_input = f"{protected}.{encode_base64url(payload)}"
    return f"{signing_input}.{encode_base64url(sign_checked(signer, signing_input.encode('ascii')))}"


def _protected(key_type: str, header: Mapping[str, Any]) -> str:
    return encode_base64url(dumps({"alg": jose_algorithm(key_type), **header}))


@lru_cache(maxsize=256)
def _text_header(key_type: str, members: tuple[tuple[str, str], ...]) -> str:
    """The headers of one signer are all the same, so they are written once."""
    return _protected(key_type, dict(members))


def dumps(value: Any) -> bytes:
    """``value`` as JSON. Raises ProblemError (parse.form) for what JSON can't hold."""
    try:
        return orjson.dumps(value)
    except (TypeError, RecursionError) as error:
        raise _problem("parse.form", f"can't be written as JSON: {error}"[:300]) from None


def decoded(text: str, what: str) -> bytes:
    """Strict base64url. Raises ProblemError (envelope.form)."""
    try:
        return decode_base64url(text)
    except EncodingInvalid as error:
        raise _problem("envelope.form", f"{what}: {error}") from None


def read_json(data: bytes, what: str, limits: Limits = LIMITS) -> dict[str, Any]:
    """The JSON object in ``data``. Raises ProblemError (``parse.*``) that says ``what`` it was."""
    try:
        return loads(data, limits=limits)
    except ProblemError as error:
        raise ProblemError(*(Problem(p.code, f"{what}: {p.detail}", p.pointer) for p in error.problems)) from None


def _check_header(header: Mapping[str, Any]) -> None:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise _problem("envelope.algorithm", "the header names no signature algorithm: unsigned envelopes are refused")
    if "crit" in header or "b64" in header:
        raise _problem("envelope.header", "the header asks for extensions (crit, b64) that are not supported")


def _problem(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
