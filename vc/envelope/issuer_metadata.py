"""JWT VC Issuer Metadata (SD-JWT VC section 4): the keys of an issuer that is named by an https URL.

Used only where ``EnvelopeProfile.policies`` has ``jwt-vc-issuer-metadata``: whoever holds the host then vouches for the
keys, and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..checks.envelope_profile import EnvelopeProfile
from ..needs import Steps, Unavailable, fetch
from ..parsing import Limits
from ..problems import Problem, ProblemError
from .jws import read_json

if TYPE_CHECKING:
    from did import VerificationMethod

__all__ = ["issuer_method", "metadata_url"]

MAX_KEYS: Final = 64
_LIMITS: Final = Limits(size=256 * 1024, depth=16, members=5_000)
_WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"


def metadata_url(issuer: str) -> str:
    """Where the metadata of ``issuer``, an https URL, is: the well-known path goes between its host and its path.

    Raises ProblemError (``method.invalid``) for another URL, or one with a query or fragment.
    """
    parts = urlsplit(issuer)
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise _problem("an issuer with metadata is an https URL without user, query and fragment")
    return f"https://{parts.netloc}{_WELL_KNOWN}{parts.path.rstrip('/')}"


def issuer_method(issuer: str, kid: str | None, profile: EnvelopeProfile) -> Steps[VerificationMethod]:
    """The key of ``issuer`` that ``kid`` names; without a ``kid``, the only one.

    Raises ProblemError (``method.invalid``), Unavailable.
    """
    from did import DidError, PublicKey, VerificationMethod

    metadata = yield from _obtained(metadata_url(issuer), issuer, profile)
    if metadata.get("issuer") != issuer:
        raise _problem("the issuer metadata is about somebody else")
    if ("jwks" in metadata) == ("jwks_uri" in metadata):
        raise _problem("issuer metadata has either jwks or jwks_uri")
    keys: Any = metadata.get("jwks")
    if keys is None:
        url = metadata["jwks_uri"]
        if not isinstance(url, str) or not url.startswith("https://"):
            raise _problem("the jwks_uri of issuer metadata is an https URL")
        keys = yield from _obtained(url, url, profile)
    entries = keys.get("keys") if isinstance(keys, Mapping) else None
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise _problem(f"a key set has an array of {MAX_KEYS} keys at most")
    found = [entry for entry in entries if isinstance(entry, Mapping) and kid in (None, entry.get("kid"))]
    if len(found) != 1:
        raise _problem("the issuer's key set has no such key, or several")
    if found[0].get("use", "sig") != "sig":
        raise _problem("the issuer's key is not for signatures (use)")
    try:
        key = PublicKey.from_jwk(found[0])
    except DidError as error:
        raise _problem(f"the issuer's key can't be used: {error}") from None
    return VerificationMethod(f"{issuer}#{kid or ''}", "JsonWebKey", issuer, key)


def _obtained(url: str, name: str, profile: EnvelopeProfile) -> Steps[dict[str, Any]]:
    known = (profile.issuer_metadata or {}).get(name)
    if known is None:
        if profile.controller_source is None:
            raise Unavailable(f"the JWT VC issuer metadata at {url[:200]!r} is not known here")
        known = yield fetch(profile.controller_source, url)
        if not isinstance(known, bytes):
            raise known
    return read_json(known, "the issuer metadata", _LIMITS)


def _problem(detail: str) -> ProblemError:
    return ProblemError(Problem("method.invalid", detail))
