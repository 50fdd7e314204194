"""The Status List Token: a Token Status List, signed as JWT or CWT (draft-ietf-oauth-status-list section 5).

Issued through a ``did.Signer``. Read in two steps: ``read_status_list_token`` takes a token apart, its list is unpacked
only by ``status_list``, which a caller uses when the signature was found good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from ..cbor import CborLimits
from ..model import is_url
from ..problems import Problem, ProblemError
from .token_status_list import TokenStatusList

if TYPE_CHECKING:
    from did import PublicKey, Signer

    from ..envelope.cose import CoseSign1
    from ..envelope.jws import Jws

__all__ = [
    "CWT_TYPE",
    "JWT_TYPE",
    "MEDIA_TYPES",
    "StatusListToken",
    "issue_status_list_cwt",
    "issue_status_list_jwt",
    "read_status_list_token",
    "status_reference",
]

JWT_TYPE: Final = "statuslist+jwt"
CWT_TYPE: Final = "application/statuslist+cwt"
MEDIA_TYPES: Final = ("application/statuslist+jwt", "application/statuslist+cwt")

# CWT claims (RFC 8392 section 4; section 5.2 of the draft).
_NAMES: Final = {1: "iss", 2: "sub", 4: "exp", 5: "nbf", 6: "iat", 65533: "status_list", 65534: "ttl"}
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that a datetime holds.
_MAX_IDX: Final = 2**53 - 1
_LIMITS: Final = CborLimits(items=1_000, depth=8)


@dataclass(frozen=True, slots=True)
class StatusListToken:
    """A token that was taken apart. Nothing in it is believed before ``verify`` said so.

    ``uri`` is its subject, ``issued_at``, ``expires``, ``not_before`` are seconds since 1970, ``ttl`` is in seconds.
    ``kid`` and ``chain`` (``x5c``, ``x5chain``) say which key signed.
    """

    form: Literal["jwt", "cwt"]
    uri: str
    issued_at: float
    expires: float | None
    not_before: float | None
    ttl: float | None
    issuer: str | None
    kid: str | None
    chain: Any
    content: Mapping[str, Any]
    signed: Jws | CoseSign1

    def verify(self, key: PublicKey) -> bool:
        """Whether ``key`` signed this token, with an algorithm that is the key's."""
        return self.signed.verify(key)

    def status_list(self) -> TokenStatusList:
        """The list, unpacked. Raises ProblemError (``status.malformed``, ``status.encoding``, ``status.limit``)."""
        return (TokenStatusList.from_json if self.form == "jwt" else TokenStatusList.from_cbor)(self.content)


def status_reference(uri: str, index: int) -> dict[str, Any]:
    """The ``status`` claim of a token whose status is at ``index`` of the list ``uri`` (section 6.2).

    Raises ProblemError (``status.malformed``).
    """
    if not is_url(uri):
        raise _error("status.malformed", "the uri of a status list must be a URL")
    if type(index) is not int or not 0 <= index <= _MAX_IDX:
        raise _error("status.malformed", "the index must be a whole number, 0 or more")
    return {"status_list": {"idx": index, "uri": uri}}


def issue_status_list_jwt(
    status_list: TokenStatusList,
    signer: Signer,
    *,
    uri: str,
    issued_at: datetime,
    expires: datetime | None = None,
    ttl: timedelta | None = None,
    aggregation_uri: str | None = None,
) -> str:
    """The token as JWT, in compact serialisation (section 5.1); ``kid`` is the signer's verification method.

    ``uri`` is where the token is found, the dates are aware, ``ttl`` is how long it may be kept. Raises ProblemError
    (``status.malformed``, ``method.key_type``), ValueError for naive dates.
    """
    from ..envelope.jws import compact, dumps

    claims = _claims(signer, uri, issued_at, expires, ttl, aggregation_uri)
    claims["status_list"] = status_list.to_json(aggregation_uri=aggregation_uri)
    return compact({"typ": JWT_TYPE, "kid": signer.verification_method}, dumps(claims), signer)


def issue_status_list_cwt(
    status_list: TokenStatusList,
    signer: Signer,
    *,
    uri: str,
    issued_at: datetime,
    expires: datetime | None = None,
    ttl: timedelta | None = None,
    aggregation_uri: str | None = None,
) -> bytes:
    """The token as CWT: a tagged COSE_Sign1 (section 5.2). Arguments and errors as for the JWT."""
    import cbor2

    from ..envelope.cose import KID, TYP, sign

    claims = _claims(signer, uri, issued_at, expires, ttl, aggregation_uri)
    claims["status_list"] = status_list.to_cbor(aggregation_uri=aggregation_uri)
    numbers = {name: number for number, name in _NAMES.items()}
    payload = cbor2.dumps({numbers[name]: value for name, value in claims.items()})
    return sign({TYP: CWT_TYPE, KID: signer.verification_method.encode()}, payload, signer)


def _claims(
    signer: Signer,
    uri: str,
    issued_at: datetime,
    expires: datetime | None,
    ttl: timedelta | None,
    aggregation_uri: str | None,
) -> dict[str, Any]:
    for url in (uri, aggregation_uri):
        if url is not None and not is_url(url):
            raise _error("status.malformed", "the uri of a status list, and of an aggregation, must be a URL")
    claims: dict[str, Any] = {"iss": signer.did, "sub": uri, "iat": _seconds(issued_at)}
    if expires is not None:
        claims["exp"] = _seconds(expires)
        if claims["exp"] <= claims["iat"]:
            raise _error("status.malformed", "a token can't expire before it was issued")
    if ttl is not None:
        claims["ttl"] = ttl // timedelta(seconds=1)
        if claims["ttl"] <= 0:
            raise _error("status.malformed", "ttl must be a second or more")
    return claims


def _seconds(when: datetime) -> int:
    if when.tzinfo is None:
        raise ValueError("the dates of a status list must have a time zone")
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def read_status_list_token(data: bytes) -> StatusListToken:
    """Take an untrusted token apart, JWT or CWT.

    Raises ProblemError: ``envelope.*`` and ``parse.*`` for what is no JWS or COSE_Sign1, ``status.malformed`` for a
    token of another type, or with claims that are missing or wrong.
    """
    from ..envelope.cose import looks_like_cose

    return _read_cwt(data) if looks_like_cose(data) else _read_jwt(data)


def _read_jwt(data: bytes) -> StatusListToken:
    from ..envelope.jws import parse_compact, read_json

    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise _error("envelope.form", "neither a JWT nor a CWT") from None
    signed = parse_compact(text)
    if _type(signed.header.get("typ")) != JWT_TYPE:
        raise _error("status.malformed", f"the type (typ) of the token is not {JWT_TYPE}")
    claims = read_json(signed.payload, "the claims")
    _check_header(signed.header, claims)
    return _token("jwt", claims, signed.header.get("kid"), signed.header.get("x5c"), signed)


def _read_cwt(data: bytes) -> StatusListToken:
    from ..envelope.cose import CWT_CLAIMS, KID, TYP, X5CHAIN, header_claims, parse

    if not data.startswith(b"\xd2"):
        raise _error("envelope.form", "the CWT of a status list is a tagged COSE_Sign1")
    signed = parse(data)
    if signed.header.get(TYP) != CWT_TYPE:
        raise _error("status.malformed", f"the type (16) of the token is not {CWT_TYPE}")
    content = _cbor_map(signed.payload)
    if not content.keys().isdisjoint(_NAMES.values()):
        raise _error("status.malformed", "a claim of the CWT stands under its name, where its number is expected")
    claims = {_NAMES[key]: value for key, value in content.items() if key in _NAMES}
    _check_header(header_claims(signed.header.get(CWT_CLAIMS, {})), claims)
    kid = signed.header.get(KID, signed.unprotected.get(KID))
    try:
        kid = kid.decode() if isinstance(kid, bytes) else None
    except UnicodeDecodeError:
        kid = None
    return _token("cwt", claims, kid, signed.header.get(X5CHAIN, signed.unprotected.get(X5CHAIN)), signed)


def _check_header(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Claims in the header have to be those of the payload (RFC 7519 section 5.3, RFC 9597)."""
    for name in (*_NAMES.values(), "aud"):
        if name in header and (name not in claims or header[name] != claims[name]):
            raise _error("status.malformed", f"{name} in the header is not what the token says")


def _type(value: object) -> str:
    # RFC 7515 section 4.1.9: "application/" may be left out, and case means nothing.
    return value.lower().removeprefix("application/") if isinstance(value, str) else ""


def _cbor_map(data: bytes) -> dict[Any, Any]:
    from ..envelope.cose import decode

    value = decode(data, "the claims of the CWT", _LIMITS)
    if not isinstance(value, dict) or not set(map(type, value)) <= {int, str}:
        raise _error("envelope.form", "the claims of a CWT are a map by integers and texts")
    return value


def _token(
    form: Literal["jwt", "cwt"], claims: Mapping[str, Any], kid: object, chain: Any, signed: Jws | CoseSign1
) -> StatusListToken:
    uri, content, issuer = claims.get("sub"), claims.get("status_list"), claims.get("iss")
    if not isinstance(uri, str) or not uri:
        raise _error("status.malformed", "the token names no list (sub)")
    if not isinstance(content, Mapping):
        raise _error("status.malformed", "the token holds no status_list")
    if issuer is not None and not isinstance(issuer, str):
        raise _error("status.malformed", "the issuer (iss) must be a text")
    issued_at = _number(claims, "iat")
    if issued_at is None:
        raise _error("status.malformed", "the token doesn't say when it was issued (iat)")
    ttl = _number(claims, "ttl")
    if ttl is not None and ttl <= 0:
        raise _error("status.malformed", "ttl must be a positive number of seconds")
    return StatusListToken(
        form=form,
        uri=uri,
        issued_at=issued_at,
        expires=_number(claims, "exp"),
        not_before=_number(claims, "nbf"),
        ttl=ttl,
        issuer=issuer,
        kid=kid if isinstance(kid, str) else None,
        chain=chain,
        content=content,
        signed=signed,
    )


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if type(value) not in (int, float) or not 0 <= value <= _LAST_SECOND:  # type: ignore[operator]
        raise _error("status.malformed", f"{name} is no number of seconds that can be")
    return float(value)  # type: ignore[arg-type]


def _error(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
