"""What a verifier brings to a verification besides the document: contexts, DID documents, status lists, trust anchors,
type metadata and schemas; as one value, which an offline kit (``vc.kit``) carries under a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contexts import CONTEXTS, ContextRegistry

if TYPE_CHECKING:
    from did.resolution import FetcherProtocol

    from .checks.expectations import PolicyArguments

__all__ = ["VerificationMaterial"]


@dataclass(frozen=True, slots=True)
class VerificationMaterial:
    """``contexts``, ``schemas`` and ``type_metadata`` are bytes by URL, ``dids`` documents by DID; ``status_lists`` are
    status list credentials or tokens as received (verified like any others); ``anchors`` certificates in PEM.
    """

    contexts: Mapping[str, bytes] = field(default_factory=dict)
    dids: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    status_lists: tuple[bytes, ...] = ()
    anchors: tuple[bytes, ...] = ()
    type_metadata: Mapping[str, bytes] = field(default_factory=dict)
    schemas: Mapping[str, bytes] = field(default_factory=dict)

    def __or__(self, other: VerificationMaterial) -> VerificationMaterial:
        """Both; for one name, what ``other`` has."""
        return VerificationMaterial(
            {**self.contexts, **other.contexts},
            {**self.dids, **other.dids},
            (*self.status_lists, *other.status_lists),
            (*self.anchors, *other.anchors),
            {**self.type_metadata, **other.type_metadata},
            {**self.schemas, **other.schemas},
        )

    def registry(self, base: ContextRegistry = CONTEXTS) -> ContextRegistry:
        """``base`` and the contexts. Raises ContextError, also for a known URL with another content."""
        import hashlib

        for url, content in self.contexts.items():
            base = base.with_context(url, content, hashlib.sha256(content).hexdigest())
        return base

    def add_to(
        self,
        expectations: PolicyArguments,
        *,
        fetcher: FetcherProtocol | None = None,
        status_issuers: frozenset[str] = frozenset(),
        did_policies: frozenset[str] = frozenset(),
    ) -> None:
        """Put all that is here into the keyword arguments of ``vc.verify``; what is there of other kinds stays.

        ``fetcher`` is asked for what is not here. ``status_issuers`` are believed for the status of any credential;
        ``did_policies`` are those of ``did.Resolver``.
        Raises ContextError, DidError, ValueError (an anchor that is no certificate).
        """
        if self.contexts:
            expectations["contexts"] = self.registry(expectations.get("contexts", CONTEXTS))
        if self.dids or did_policies:
            from did import Resolver
            from did.methods.given import given_methods

            methods = given_methods(self.dids)
            expectations["resolver"] = Resolver(fetcher=fetcher, methods=methods, policies=did_policies)
        if self.status_lists or (status_issuers and fetcher is not None):
            expectations["status"] = self._status(fetcher, status_issuers)
        if self.schemas:
            from .model.schemas import SchemaChecker

            expectations["schemas"] = SchemaChecker(dict(self.schemas).get)
        if self.anchors or self.type_metadata:
            from cryptography.x509 import load_pem_x509_certificates

            from .checks.envelope_profile import STRICT

            profile = expectations.get("envelopes") or STRICT
            anchors = tuple(found for pem in self.anchors for found in load_pem_x509_certificates(pem))
            metadata = {**(profile.type_metadata or {}), **self.type_metadata}
            expectations["envelopes"] = replace(profile, anchors=(*profile.anchors, *anchors), type_metadata=metadata)

    def _status(self, fetcher: FetcherProtocol | None, status_issuers: frozenset[str]) -> Any:
        from .status import FirstStatusSource, HttpsStatusSource, KnownStatusLists, StatusChecker

        sources: list[Any] = [KnownStatusLists(self.status_lists)]
        if fetcher is not None:
            sources.append(HttpsStatusSource(fetcher))

        def believed(issuer: str, of_list: str) -> bool:
            return issuer == of_list or of_list in status_issuers

        return StatusChecker(FirstStatusSource(*sources), same_issuer=believed)
