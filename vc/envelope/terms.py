"""What an envelope, or a key binding, says of its making: the terms that are checked as those of a proof are."""

from __future__ import annotations

import hmac
import math
from typing import TYPE_CHECKING, NamedTuple

from ..model import Moment
from .reading import Envelope
from .sd_jwt import KeyBinding

if TYPE_CHECKING:
    from ..checks.expectations import Expectations

__all__ = ["EnvelopeTerms", "answers", "moment_at", "terms_of", "terms_of_binding"]


class EnvelopeTerms(NamedTuple):
    """What an envelope, or a key binding, says of itself; read as a proof's members are."""

    purpose: str
    challenge: str | None = None
    domains: tuple[str, ...] | None = None
    created: Moment | None = None
    expires: Moment | None = None


def terms_of(envelope: Envelope) -> EnvelopeTerms:
    """The terms of an envelope whose claims were found to be of the right types."""
    claims = envelope.claims
    created = moment_at(claims["iat"]) if "iat" in claims else None
    expires = moment_at(claims["exp"]) if "exp" in claims else None
    audience = claims.get("aud")
    domains = (audience,) if isinstance(audience, str) else None if audience is None else tuple(audience)
    if envelope.kind != "presentation":  # A credential answers nobody: what presents it does. It may be for some only.
        # The exp of an SD-JWT VC, and of a VC-JWT, is the end of its validity period.
        own = envelope.form.data_model and not envelope.version_1_1
        return EnvelopeTerms("assertionMethod", None, domains, created, expires if own else None)
    return EnvelopeTerms("authentication", claims.get("nonce"), domains, created, expires)


def terms_of_binding(binding: KeyBinding) -> EnvelopeTerms:
    """The terms of a key binding."""
    ends = None if binding.expires is None else moment_at(binding.expires)
    return EnvelopeTerms("authentication", binding.nonce, (binding.audience,), moment_at(binding.issued_at), ends)


def answers(terms: EnvelopeTerms, expected: Expectations) -> bool:
    """Whether the challenge and the one domain that are expected are those that are answered; in constant time."""
    challenge, domains = expected.challenge, expected.domains
    if challenge is None or domains is None or len(domains) != 1:
        return False
    if terms.challenge is None or terms.domains is None or len(terms.domains) != 1:
        return False
    return _same(terms.challenge, challenge) and _same(terms.domains[0], domains[0])


def _same(found: str, wanted: str) -> bool:
    return hmac.compare_digest(found.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass"))


def moment_at(when: float) -> Moment:
    """A NumericDate as a moment."""
    whole = math.floor(when)
    return Moment(whole, f"{when - whole:.6f}"[2:].rstrip("0") if when != whole else "")
