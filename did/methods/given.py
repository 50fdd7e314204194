"""Documents that a verifier was given beforehand, for DIDs of any method: an explicit act, and no network.

It stands before the method of that name; of that are asked only DIDs whose documents were not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import DidNotFound, MethodNotSupported
from ..resolution import DidMethod, Resolution, Steps
from ..urls import parse_did
from ..usable import usable_part
from . import method

__all__ = ["GivenDocuments", "given_methods"]


class GivenDocuments:
    """A DID method that knows some documents, and asks the method of its name for all others."""

    def __init__(self, name: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.name = name
        self._documents = dict(documents)

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        """The document that was given; it is checked like one that was fetched."""
        document = self._documents.get(did)
        if document is None:
            try:
                otherwise: DidMethod = method(self.name)
            except MethodNotSupported:
                raise DidNotFound("no document was given for this DID, and its method is not known here", did) from None
            return (yield from otherwise.resolve(did, options))
        usable, left_out = usable_part(document, did)
        return Resolution(did, usable, {}, {"contentType": "application/did", "given": True, **left_out})


def given_methods(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, DidMethod]:
    """Methods for ``did.Resolver(methods=...)``, one for each method name among the DIDs. Raises InvalidDid."""
    by_name: dict[str, dict[str, Mapping[str, Any]]] = {}
    for did, document in documents.items():
        by_name.setdefault(parse_did(did).method, {})[did] = document
    return {name: GivenDocuments(name, known) for name, known in by_name.items()}
