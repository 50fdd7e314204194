"""How the public suites' envelopes are judged: what they need beyond the strict profile of the library, by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from vc.envelope import EnvelopeProfile, Form
from vc.envelope.media_types import form_of_media_type

if TYPE_CHECKING:
    from did import VerificationMethod
    from vc.envelope import Envelope

__all__ = ["OldClaimsProfile", "SuiteKeyProfile"]


class OldClaimsProfile(EnvelopeProfile):
    """The VCDM 2.0 suite's one fixture of an enveloped presentation has a VCDM 2.0 document in an old ``vp`` claim."""

    @property
    def accepts_claims_around_2_0(self) -> bool:
        """True."""
        return True


@dataclass(frozen=True)
class SuiteKeyProfile(EnvelopeProfile):
    """The vc-jose-cose suite: one key is given for every document.

    * ``kid`` may be a JWK thumbprint instead of a verification method (all of the suite's documents).
    * ``iat`` may be a string (all of the suite's JWTs); it is then not looked at.
    * The credentials in a presentation are looked at for their form only: one of them ends in ``...``, and the keys of
      the others are not given.
    """

    known: VerificationMethod | None = None

    def claims(self, form: Form, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims without a textual ``iat``, and without credentials that have the form of an envelope."""
        left_out = {name for name in ("iat",) if isinstance(claims.get(name), str)}
        contained = claims.get("verifiableCredential")
        if form.kind == "presentation" and isinstance(contained, list) and all(map(_is_wrapper, contained)):
            left_out.add("verifiableCredential")
        return {name: value for name, value in claims.items() if name not in left_out}

    def method(self, envelope: Envelope, purpose: str) -> VerificationMethod | None:
        """The given key, when the envelope names it."""
        if self.known is None or envelope.kid not in (self.known.id, _thumbprint(self.known)):
            return None
        return self.known


def _is_wrapper(value: Any) -> bool:
    url = value.get("id") if isinstance(value, Mapping) else None
    if not isinstance(url, str) or value.get("type") not in (
        "EnvelopedVerifiableCredential",
        ["EnvelopedVerifiableCredential"],
    ):
        return False
    head, comma, text = url.partition(",")
    form = form_of_media_type(head.removeprefix("data:").removesuffix(";base64"))
    return head.startswith("data:") and bool(comma and text) and form is not None and form.kind == "credential"


def _thumbprint(method: VerificationMethod) -> str:
    """RFC 7638."""
    from did.multibase import encode_base64url

    members = orjson.dumps(method.public_key.to_jwk(), option=orjson.OPT_SORT_KEYS)
    return encode_base64url(hashlib.sha256(members).digest())
