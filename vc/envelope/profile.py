"""What a verifier knows and wants beyond the rules: trust anchors, documents of controllers, type metadata.

``EnvelopeProfile`` is strict. What may be allowed beyond is named in ``policies``. A conformance command that has to be
lenient in other ways overrides the hooks at its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from ..problems import Problem
from .policies import VCDM2_IN_VC_CLAIM, checked_policies

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from did import VerificationMethod

    from ..status import TokenStatusChecker
    from .media_types import Form
    from .reading import Envelope

__all__ = ["STRICT", "EnvelopeProfile", "Source", "SourceUnavailable"]


class SourceUnavailable(Exception):
    """What was asked for could not be obtained; says why."""


class Source(Protocol):
    """Where documents come from: controlled identifier documents by URL, type metadata by ``vct``."""

    def get(self, url: str) -> bytes:
        """The document of ``url``. Raises SourceUnavailable."""
        ...

    async def get_async(self, url: str) -> bytes:
        """As ``get``."""
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
    token_status: TokenStatusChecker | None = None
    binding_max_age: timedelta = timedelta(minutes=10)
    policies: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "policies", checked_policies(self.policies))

    @property
    def accepts_claims_around_2_0(self) -> bool:
        """Whether a ``vc`` or ``vp`` claim may hold a document of VCDM 2.0, which is the payload itself otherwise."""
        return VCDM2_IN_VC_CLAIM in self.policies

    def form(self, form: Form | None, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Form | None:
        """The form of an envelope whose own ``form`` was found, or None."""
        return form

    def claims(self, form: Form, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims that are judged, from those in the envelope."""
        return claims

    def method(self, envelope: Envelope, purpose: str) -> VerificationMethod | None:
        """A verification method that is known beforehand, in place of the one the envelope names."""
        return None

    def problems(self, envelope: Envelope) -> list[Problem]:
        """Further problems of an envelope."""
        return []


STRICT = EnvelopeProfile()
"""The profile of ``vc.verify``: no anchors, no documents but those of DIDs."""
