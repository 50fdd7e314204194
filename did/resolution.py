"""What resolution gives and what a method may ask of the world (DID Resolution v1 section 4).

Methods are sans-IO: generators that yield a ``FetchRequest`` for each file they need and get a ``FetchResponse`` back,
so that the synchronous and the asynchronous resolver run the same code.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from .errors import DidError

__all__ = [
    "POLICIES",
    "DidMethod",
    "Ended",
    "FetchRequest",
    "FetchResponse",
    "FetcherProtocol",
    "Resolution",
    "Steps",
    "checked_policies",
    "next_request",
]


POLICIES: Final[Mapping[str, str]] = {
    "did-web-general-media-types": "a did:web document may be served as plain text, as bytes, or without a media type",
}
"""What a resolver may be allowed beyond the strict reading, by name (``Resolver(policies=...)``)."""


def checked_policies(names: Iterable[str]) -> frozenset[str]:
    """``names`` as a set. Raises ValueError for one that is no policy."""
    found = frozenset(names)
    if unknown := sorted(found - POLICIES.keys()):
        raise ValueError(f"no policy is called {unknown[0]!r}; there are {', '.join(POLICIES)}")
    return found


@dataclass(frozen=True, slots=True)
class Resolution:
    """A resolved DID: the document, and the two kinds of metadata by their registered names.

    ``ttl`` is how many seconds the method or the server allows the result to be kept; None leaves it to the resolver.
    A deactivated DID resolves, with ``deactivated: true`` in its document metadata (DID Resolution section 4.3).
    """

    did: str
    document: Mapping[str, Any] | None
    document_metadata: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ttl: float | None = None

    @property
    def deactivated(self) -> bool:
        """Whether the controller ended the DID."""
        return self.document_metadata.get("deactivated") is True

    def to_dict(self) -> dict[str, Any]:
        """The DID resolution result with its three members."""
        return {
            "@context": "https://w3id.org/did-resolution/v1",
            "didDocument": self.document,
            "didDocumentMetadata": dict(self.document_metadata),
            "didResolutionMetadata": dict(self.metadata),
        }


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A file a method needs. ``max_bytes`` counts after decompression; only ``media_types`` are accepted."""

    url: str
    media_types: tuple[str, ...] = ("application/json",)
    max_bytes: int = 1024 * 1024
    redirects: int = 0
    """How many redirects may be followed, each to the same host, port and scheme only."""


@dataclass(frozen=True, slots=True)
class FetchResponse:
    """What came back: ``status`` 200 with a complete ``body``, or another status with an empty one."""

    url: str
    status: int
    body: bytes = b""
    media_type: str = ""
    ttl: float | None = None


class FetcherProtocol(Protocol):
    """What the resolver asks of a fetcher (``did.fetcher.Fetcher``): two twins that give the same answers."""

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer to a request. Raises DidUnavailable."""
        ...

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        """As ``fetch``."""
        ...


Steps = Generator[FetchRequest, FetchResponse, Resolution]


_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Ended(Generic[_Result]):
    """What sans-IO steps came to."""

    value: _Result


def next_request(steps: Generator[Any, Any, _Result], answer: Any) -> tuple[Ended[_Result] | None, Any]:
    """One step of sans-IO work: its end, or what it needs next. An error as the answer is thrown in."""
    try:
        if answer is None:
            return None, next(steps)
        return None, steps.throw(answer) if isinstance(answer, DidError) else steps.send(answer)
    except StopIteration as done:
        return Ended(done.value), None


class DidMethod(Protocol):
    """A DID method, one object of one file. Third parties add theirs to the entry point ``liangzheng.did_methods``."""

    @property
    def name(self) -> str:
        """The method name, as in ``did:name:...``."""
        ...

    def resolve(self, did: str, options: Mapping[str, Any]) -> Steps:
        """Resolve ``did`` (syntactically valid, of this method). Raises a DidError.

        ``options`` are resolution options: ``versionId``, ``versionTime`` (aware datetime), and the method's own. A
        method ignores options that it doesn't know. The time is in ``options["now"]`` (aware datetime).
        """
        ...
