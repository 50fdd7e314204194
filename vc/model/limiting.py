"""What ends, limits or binds a credential: members that its holder has no business hiding.

A credential without ``validUntil`` never ends, one without ``credentialStatus`` can't be taken back, one without the id
of its subject is anybody's. In selective disclosure the holder chooses what to show; the issuer decides what there is
no choice about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["LIMITING", "SHOWN", "limiting_pointers"]

LIMITING: Final = (
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialStatus",
    "credentialSchema",
    "termsOfUse",
    "evidence",
    "refreshService",
    "confidenceMethod",
    "nonTransferable",
)
"""Members of a credential (VCDM 2.0 and 1.1) that say who vouches for it, until when, for whom and on what terms."""

_OF_SUBJECT: Final = ("id", "confidenceMethod")
"""The same of a subject: who it is, and how the one who shows the credential is found to be it."""

SHOWN: Final = ("/credentialSubject/id", "/validFrom", "/validUntil", "/credentialStatus", "/credentialSchema")
"""JSON pointers of what a verifier looks for in every credential, and misses in a derived one that does not show it."""


def limiting_pointers(credential: Mapping[str, Any]) -> list[str]:
    """JSON pointers (RFC 6901) of the limiting members that ``credential`` has; none for what it has not."""
    found = [f"/{name}" for name in LIMITING if _stated(credential.get(name))]
    value = credential.get("credentialSubject")
    subjects = [(f"/{index}", item) for index, item in enumerate(value)] if isinstance(value, list) else [("", value)]
    for place, subject in subjects:
        if isinstance(subject, Mapping):
            found += [f"/credentialSubject{place}/{name}" for name in _OF_SUBJECT if _stated(subject.get(name))]
    return found


def _stated(value: object) -> bool:
    """Whether a member says anything: JSON-LD drops null and empty arrays."""
    return value is not None and value != []
