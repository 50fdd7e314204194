"""Documents of issuers over the network, by the guarded fetcher: a ``Source`` for ``EnvelopeProfile``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from did import DidError

from ..needs import Unavailable

if TYPE_CHECKING:
    from did.resolution import FetcherProtocol, FetchRequest, FetchResponse

__all__ = ["FetchedDocuments"]

MAX_DOCUMENT: Final = 256 * 1024
"""Bytes of a document, at most."""


class FetchedDocuments:
    """Controlled identifier documents, issuer metadata and type metadata from the https URLs that name them."""

    def __init__(self, fetcher: FetcherProtocol) -> None:
        self._fetcher = fetcher

    def get(self, url: str) -> bytes:
        """The document of ``url``. Raises Unavailable."""
        try:
            return _body(self._fetcher.fetch(_request(url)))
        except DidError as error:
            raise Unavailable(str(error)) from None

    async def get_async(self, url: str) -> bytes:
        """As ``get``."""
        try:
            return _body(await self._fetcher.fetch_async(_request(url)))
        except DidError as error:
            raise Unavailable(str(error)) from None


def _request(url: str) -> FetchRequest:
    from did.resolution import FetchRequest

    return FetchRequest(url, max_bytes=MAX_DOCUMENT)


def _body(response: FetchResponse) -> bytes:
    if response.status != 200:
        raise Unavailable(f"the server answered {response.status}")
    return response.body
