"""Where status lists come from: files for offline work, HTTPS through the guarded fetcher, or both in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson

from did import DidError
from did.resolution import FetchRequest, FetchResponse

from ..needs import Source as StatusSource
from ..needs import Unavailable as StatusUnavailable
from ..problems import ProblemError

__all__ = [
    "Fetches",
    "FileStatusSource",
    "FirstStatusSource",
    "HttpsStatusSource",
    "KnownStatusLists",
    "StatusSource",
    "StatusUnavailable",
]

MAX_DOCUMENT = 12 * 1024 * 1024
"""The most bytes of a status list credential."""

MEDIA_TYPES = (
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
    "application/json",
    "application/vc+jwt",
    "application/vc+sd-jwt",
    "application/vc+cose",
    "application/statuslist+jwt",
    "application/statuslist+cwt",
)
"""What a status list may be: a credential in any of its forms, or a status list token."""


class FileStatusSource:
    """Lists kept as files, found by the ``id`` (``sub`` of a status list token) inside them: nothing is fetched.

    Files are read when the source is made; ``update`` reads more. Raises StatusUnavailable for a file that can't be
    read, is too large, or is no status list credential with an ``id`` and no status list token.
    """

    def __init__(self, paths: Iterable[str | Path] = ()) -> None:
        self._documents: dict[str, bytes] = {}
        self.update(paths)

    def update(self, paths: Iterable[str | Path]) -> None:
        """Read these files as well; a later one replaces an earlier one of the same id."""
        for path in paths:
            content = _read(Path(path))
            self._documents[_id_of(content, path)] = content

    def urls(self) -> frozenset[str]:
        """The URLs of the lists that are at hand."""
        return frozenset(self._documents)

    def get(self, url: str) -> bytes:
        try:
            return self._documents[url]
        except KeyError:
            raise StatusUnavailable("no file holds this status list") from None

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


class KnownStatusLists:
    """Lists as bytes at hand, found as those of FileStatusSource are. Raises StatusUnavailable for what is none."""

    def __init__(self, contents: Iterable[bytes]) -> None:
        self._documents = {_id_of(content, f"status list {n}"): content for n, content in enumerate(contents, 1)}

    def get(self, url: str) -> bytes:
        try:
            return self._documents[url]
        except KeyError:
            raise StatusUnavailable("none of the lists given is this one") from None

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


class Fetches(Protocol):
    """The part of ``did.fetcher.Fetcher`` that is used here."""

    def fetch(self, request: FetchRequest) -> FetchResponse: ...

    async def fetch_async(self, request: FetchRequest) -> FetchResponse: ...


class HttpsStatusSource:
    """Lists over HTTPS, through the guarded fetcher, whose rules on schemes, addresses and redirects hold.

    ``media_types`` are those that are asked for and accepted.
    """

    def __init__(self, fetcher: Fetches, *, media_types: tuple[str, ...] = MEDIA_TYPES) -> None:
        self._fetcher = fetcher
        self._media_types = media_types

    def get(self, url: str) -> bytes:
        try:
            return _body(self._fetcher.fetch(self._request(url)))
        except DidError as error:
            raise StatusUnavailable(str(error)) from None

    async def get_async(self, url: str) -> bytes:
        try:
            return _body(await self._fetcher.fetch_async(self._request(url)))
        except DidError as error:
            raise StatusUnavailable(str(error)) from None

    def _request(self, url: str) -> FetchRequest:
        return FetchRequest(url, media_types=self._media_types, max_bytes=MAX_DOCUMENT)


class FirstStatusSource:
    """Asks sources in turn; the first that has the list decides."""

    def __init__(self, *sources: StatusSource) -> None:
        self._sources = sources

    def get(self, url: str) -> bytes:
        reasons = []
        for source in self._sources:
            try:
                return source.get(url)
            except StatusUnavailable as error:
                reasons.append(str(error))
        raise StatusUnavailable("; ".join(reasons) or "there is no source of status lists")

    async def get_async(self, url: str) -> bytes:
        reasons = []
        for source in self._sources:
            try:
                return await source.get_async(url)
            except StatusUnavailable as error:
                reasons.append(str(error))
        raise StatusUnavailable("; ".join(reasons) or "there is no source of status lists")


def _body(response: FetchResponse) -> bytes:
    if response.status != 200:
        raise StatusUnavailable(f"the server answered {response.status}")
    return response.body


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_DOCUMENT + 1)
    except OSError as error:
        raise StatusUnavailable(f"can't read {path}: {error.strerror}") from None
    if len(content) > MAX_DOCUMENT:
        raise StatusUnavailable(f"{path} is larger than {MAX_DOCUMENT} bytes")
    return content


def _id_of(content: bytes, path: str | Path) -> str:
    try:
        document: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        document = _enveloped(content, path)
    identifier = document.get("id") if isinstance(document, Mapping) else None
    if not isinstance(identifier, str):
        raise StatusUnavailable(f"{path} is not a status list credential with an id; liangzheng what tells what it is")
    return identifier


def _enveloped(content: bytes, path: str | Path) -> Mapping[str, Any]:
    """What an envelope (not verified here) holds; for a status list token, its subject as ``id``."""
    from ..envelope.reading import read_envelope
    from .status_list_token import read_status_list_token

    try:
        return {"id": read_status_list_token(content).uri}
    except ProblemError:
        pass
    try:
        return read_envelope(content).claims
    except ProblemError:
        raise StatusUnavailable(
            f"{path} is no status list that can be read (liangzheng what tells what it is)"
        ) from None
