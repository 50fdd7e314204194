"""Key binding of SD-JWTs (RFC 9901 section 4.3): the JWT by which a holder shows to have the key in ``cnf``."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from did.errors import DidError
from did.public_keys import PublicKey

from ..problems import Problem, ProblemError
from .disclosures import digest_of
from .jws import Jws, compact, dumps, parse_compact, read_json

if TYPE_CHECKING:
    from did import Signer

__all__ = ["KeyBinding", "bind_text", "confirmation_key", "read_binding", "seconds"]

_TYPE: Final = "kb+jwt"


class KeyBinding(NamedTuple):
    """A key binding JWT (section 4.3) whose form was checked, and the hash that it has to carry."""

    jws: Jws
    issued_at: float
    audience: str
    nonce: str
    sd_hash: str
    expected_hash: str
    expires: float | None = None
    not_before: float | None = None

    @property
    def covers(self) -> bool:
        """Whether it is about exactly the SD-JWT that it came with."""
        return hmac.compare_digest(self.sd_hash.encode(), self.expected_hash.encode())


def bind_text(without: str, name: str, signer: Signer, *, nonce: str, audience: str, now: datetime | None) -> str:
    """``without``, an SD-JWT as text that ends in ``~``, with a key binding JWT by ``signer``.

    ``name`` is the hash of its digests; ``now`` (aware) is by default the system's time.
    """
    claims = {
        "iat": int(time.time() if now is None else now.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": digest_of(without, name),
    }
    return without + compact({"typ": _TYPE}, dumps(claims), signer)


def read_binding(text: str, expected: str) -> KeyBinding:
    """A key binding JWT whose hash should be ``expected``. Raises ProblemError (``sd_jwt.binding``, ``envelope.*``)."""
    jws = parse_compact(text)
    if jws.header.get("typ") != _TYPE:
        raise _problem("sd_jwt.binding", "a key binding JWT has the typ kb+jwt")
    claims = read_json(jws.payload, "the key binding")
    issued_at = seconds(claims.get("iat"))
    audience, nonce, sd_hash = claims.get("aud"), claims.get("nonce"), claims.get("sd_hash")
    if issued_at is None or not (isinstance(audience, str) and isinstance(nonce, str) and isinstance(sd_hash, str)):
        missing = [name for name in ("iat", "aud", "nonce", "sd_hash") if name not in claims]
        wrong = f"{missing[0]} is missing" if missing else "one of them is of another type"
        raise _problem("sd_jwt.binding", f"a key binding JWT has iat, aud, nonce and sd_hash: {wrong}")
    if "exp" not in claims and "nbf" not in claims:
        return KeyBinding(jws, issued_at, audience, nonce, sd_hash, expected)
    ends = {name: seconds(claims[name]) for name in ("exp", "nbf") if name in claims}
    if None in ends.values():
        raise _problem("sd_jwt.binding", "exp and nbf of a key binding JWT are numbers of seconds")
    return KeyBinding(jws, issued_at, audience, nonce, sd_hash, expected, ends.get("exp"), ends.get("nbf"))


def confirmation_key(claims: Mapping[str, Any]) -> PublicKey:
    """The holder's key in ``cnf`` (RFC 7800 section 3.2). Raises ProblemError (sd_jwt.binding)."""
    confirmation = claims.get("cnf")
    jwk = confirmation.get("jwk") if confirmation.__class__ is dict or isinstance(confirmation, Mapping) else None
    if jwk.__class__ is not dict and not isinstance(jwk, Mapping):
        raise _problem("sd_jwt.binding", "the credential names no key of its holder (cnf.jwk)", "/cnf")
    try:
        values = jwk.values()
        if len(jwk) <= 4 and set(map(type, values)) == {str} and max(map(len, values)) < 100:
            return _key_of(tuple(jwk.items()))
        return PublicKey.from_jwk(jwk)
    except DidError as error:
        raise _problem("sd_jwt.binding", f"the holder's key can't be used: {error}", "/cnf/jwk") from None


@lru_cache(maxsize=1_024)
def _key_of(members: tuple[tuple[str, str], ...]) -> PublicKey:
    return PublicKey.from_jwk(dict(members))


def seconds(value: Any) -> float | None:
    """A NumericDate (RFC 7519 section 2); None for anything else."""
    if type(value) is int:
        return value
    return value if type(value) is float and math.isfinite(value) else None


def _problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    return ProblemError(Problem(code, detail, pointer))
