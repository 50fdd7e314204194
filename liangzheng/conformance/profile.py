"""What the conformance server tolerates, by name, and why. Library, command and services tolerate nothing.

Public suites ask for some leniency that security forbids elsewhere. It is data here, handed to the routes of this
server only, and each verification it saves says so in its warnings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vc.envelope import EnvelopeProfile
from vc.model.limiting import LIMITING

from .envelopes import OldClaimsProfile

__all__ = ["CONFORMANCE", "STRICT", "Profile"]


@dataclass(frozen=True, slots=True)
class Profile:
    """``problems``: codes that are warnings when all signatures are good. ``digests``: URL -> further accepted digests
    of a related resource. ``status_members``: members of each entry of the status-list instance. ``envelopes``:
    how JOSE, SD-JWT and COSE are judged. ``hideable``: JSON pointers of what ends, limits or binds a credential that
    holders may hide when a request to issue does not make it mandatory.
    """

    name: str
    problems: frozenset[str] = frozenset()
    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)
    status_members: Mapping[str, Any] = field(default_factory=dict)
    envelopes: EnvelopeProfile = field(default_factory=EnvelopeProfile)
    hideable: frozenset[str] = frozenset()


STRICT = Profile("strict")
"""Tolerates nothing."""

CONFORMANCE = Profile(
    "conformance",
    # The specifications' own test vectors name an issuer (https://vc.example/...) that does not control the did:key
    # that signed; five tests of the ecdsa suite and one of the eddsa suite verify them.
    # Two documents of the ecdsa suite bring a context object of their own, and so do two of those vectors.
    # The entries below are malformed by the Recommendation; a status that can't be read is then not looked at.
    problems=frozenset({"issuer.controller", "context.inline", "status.messages"}),
    # The VCDM 2.0 suite states the digests of a draft of credentials/v2 (of 2024-07-20), the second as a bare SHA-256
    # without a multihash header.
    digests={
        "https://www.w3.org/ns/credentials/v2": frozenset(
            {
                "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg",
                "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k",
            }
        )
    },
    # The Bitstring Status List suite wants statusSize above 1 and as many messages as statusSize says; the
    # Recommendation (section 2.1) wants two to the power of statusSize, four here.
    status_members={
        "statusSize": 2,
        "statusMessage": [
            {"status": "0x0", "message": "valid"},
            {"status": "0x1", "message": "revoked"},
        ],
        "statusReference": "https://licences.sichuan.example/status-messages",
    },
    envelopes=OldClaimsProfile(),
    # The ecdsa-sd and bbs suites state every mandatory pointer, and look at what is disclosed besides.
    hideable=frozenset({*(f"/{name}" for name in LIMITING), "/credentialSubject/id"}),
)
"""For public conformance suites."""
