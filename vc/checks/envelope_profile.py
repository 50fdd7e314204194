"""What a verifier knows and wants beyond the rules: trust anchors, documents of controllers, type metadata.

``EnvelopeProfile`` is strict. What may be allowed beyond is named in ``policies``. A conformance command that has to be
lenient in other ways overrides the hooks at its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from ..needs import Source, Steps
from ..problems import Problem
from ..verdict import Judgement
from .envelope_policies import VCDM2_IN_VC_CLAIM, checked_policies

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from did import Resolver, VerificationMethod


__all__ = ["STRICT", "EnvelopeProfile", "StatusClaimChecker"]


class StatusClaimChecker(Protocol):
    """Judges the ``status`` claim of an SD-JWT VC (Token Status List)."""

    def judge(
        self,
        status: object,
        *,
        issuer: str,
        now: datetime,
        resolver: Resolver,
        profile: EnvelopeProfile | None = None,
        pointer: str = "/status",
    ) -> Steps[Judgement]:
        """The status that a claim of ``issuer``'s, which was verified, refers to, at the time ``now`` (aware)."""
        ...


@dataclass(frozen=True)
class EnvelopeProfile:
    """How envelopes are judged.

    ``anchors``: certificates that ``x5c`` chains may end in; none are trusted by default. ``controllers``: controlled
    identifier documents of issuers that have no DID, by their URL; ``controller_source`` obtains others.
    ``issuer_metadata``: JWT VC issuer metadata as received, by issuer, and key sets by their URL; looked at under the
    policy ``jwt-vc-issuer-metadata``, and obtained from ``controller_source`` if need be.
    ``type_metadata``: SD-JWT VC type metadata as received, by ``vct``; ``type_metadata_source`` obtains others; a type
    without metadata is judged without. ``token_status`` checks the ``status`` claims of SD-JWT VCs.
    ``binding_max_age``: how old a key binding may be. ``policies``: names of ``POLICIES`` (ValueError for others), each
    of which allows something that is refused by default.
    """

    anchors: tuple[Certificate, ...] = ()
    controllers: Mapping[str, Mapping[str, Any]] | None = None
    controller_source: Source | None = None
    issuer_metadata: Mapping[str, bytes] | None = None
    type_metadata: Mapping[str, bytes] | None = None
    type_metadata_source: Source | None = None
    token_status: StatusClaimChecker | None = None
    binding_max_age: timedelta = timedelta(minutes=10)
    policies: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "policies", checked_policies(self.policies))

    @property
    def accepts_claims_around_2_0(self) -> bool:
        """Whether a ``vc`` or ``vp`` claim may hold a document of VCDM 2.0, which is the payload itself otherwise."""
        return VCDM2_IN_VC_CLAIM in self.policies

    def form(self, form: Any, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Any:
        """The form (``vc.envelope.Form``) of an envelope whose own ``form`` was found, or None."""
        return form

    def claims(self, form: Any, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims that are judged, from those in the envelope."""
        return claims

    def method(self, envelope: Any, purpose: str) -> VerificationMethod | None:
        """A verification method that is known beforehand, in place of the one that a ``vc.envelope.Envelope`` names."""
        return None

    def problems(self, envelope: Any) -> list[Problem]:
        """Further problems of a ``vc.envelope.Envelope``."""
        return []


STRICT = EnvelopeProfile()
"""The profile of ``vc.verify``: no anchors, no documents but those of DIDs."""
