"""The resolver: from a DID to its document, from a DID URL to a verification method *for a purpose*."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from . import methods
from .errors import DidUnavailable
from .methods.key import method_for as did_key_method_for
from .resolution import Resolution
from .urls import parse_did
from .verification_methods import VerificationMethod

__all__ = ["Resolver"]


class Resolver:
    """Resolves did:key without the network."""

    def resolve(self, did: str, **options: Any) -> Resolution:
        """The document of ``did`` and its metadata. Raises a DidError."""
        steps = methods.method(parse_did(did).method).resolve(did, {"now": datetime.now(UTC), **options})
        try:
            next(steps)
        except StopIteration as done:
            result: Resolution = done.value
            return result
        raise DidUnavailable("this resolver has no network", did)

    def dereference(self, did_url: str, purpose: str) -> VerificationMethod:
        """The verification method of ``did_url`` when its controller lists it for ``purpose``. Raises a DidError."""
        return did_key_method_for(did_url, purpose)

    async def resolve_async(self, did: str, **options: Any) -> Resolution:
        """As ``resolve``."""
        return self.resolve(did, **options)

    async def dereference_async(self, did_url: str, purpose: str) -> VerificationMethod:
        """As ``dereference``."""
        return self.dereference(did_url, purpose)
