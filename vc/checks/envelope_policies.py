"""What a verifier may allow beyond the strict reading of envelopes, by name: ``EnvelopeProfile.policies``.

Each is off unless it is named. A refusal that a policy would lift names that policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = [
    "ES256K",
    "ISSUER_METADATA",
    "KID_MISSING",
    "POLICIES",
    "TYP_MISSING",
    "VCDM2_IN_VC_CLAIM",
    "X5C_OTHER_NAMES",
    "X5C_SUBJECT",
    "allowing",
    "checked_policies",
]

TYP_MISSING: Final = "typ-missing"
VCDM2_IN_VC_CLAIM: Final = "vcdm2-in-vc-claim"
KID_MISSING: Final = "kid-missing"
X5C_OTHER_NAMES: Final = "x5c-other-names"
X5C_SUBJECT: Final = "x5c-subject-as-issuer"
ES256K: Final = "es256k"
ISSUER_METADATA: Final = "jwt-vc-issuer-metadata"

POLICIES: Final[dict[str, str]] = {
    TYP_MISSING: "a JWT without typ whose payload is a document of VCDM 2.0 is read as vc+jwt or vp+jwt",
    VCDM2_IN_VC_CLAIM: "a vc or vp claim may hold a document of VCDM 2.0",
    KID_MISSING: "without a kid, the only key that the issuer's DID document lists for the purpose is taken",
    X5C_OTHER_NAMES: "a certificate that leads to an anchor may sign for an issuer that it doesn't name",
    X5C_SUBJECT: "the subject of a certificate is the issuer of an SD-JWT VC without iss, if it names no URI",
    ES256K: "keys on secp256k1 may sign (ES256K)",
    ISSUER_METADATA: "an https issuer's keys may come from its JWT VC issuer metadata",
}
"""Every policy by name, and what it allows."""


def checked_policies(names: Iterable[str]) -> frozenset[str]:
    """``names`` as a set. Raises ValueError for one that is no policy."""
    found = frozenset(names)
    unknown = sorted(found - POLICIES.keys())
    if unknown:
        raise ValueError(f"no policy is called {unknown[0]!r}; there are {', '.join(POLICIES)}")
    return found


def allowing(name: str) -> str:
    """The end of a refusal that the policy ``name`` would lift."""
    return f" (the policy {name} would allow it)"
