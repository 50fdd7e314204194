"""What a verifier keeps for work without a network: DID documents and status lists as files in its folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from did import DidError, DidUnavailable, FetchRefused
from did.methods.web import location
from did.resolution import FetcherProtocol, FetchRequest, FetchResponse
from vc.parsing import loads
from vc.problems import Problem, ProblemError
from vc.status import StatusSource, StatusUnavailable
from vc.status.sources import MAX_DOCUMENT

__all__ = ["KeptDocuments", "KeptStatusLists", "OnlineOrKept"]

_MAX_DID_DOCUMENT = 512 * 1024


class KeptDocuments:
    """did:web documents from files, for ``did.Resolver(fetcher=KeptDocuments(paths))``: nothing is fetched.

    The operator vouches for these files: they say which keys an issuer has. Raises ProblemError (``trust.form``) for a
    file that is no did:web document.
    """

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._documents: dict[str, bytes] = {}
        for path in map(Path, paths):
            try:
                with path.open("rb") as file:
                    content = file.read(_MAX_DID_DOCUMENT + 1)
                if len(content) > _MAX_DID_DOCUMENT:
                    raise ValueError("it is too large")
                self._documents[location(str(loads(content).get("id"))).url("did.json")] = content
            except (OSError, ValueError, DidError) as error:
                raise ProblemError(Problem("trust.form", f"{path} is not a did:web document: {error}")) from None

    @property
    def allow_loopback(self) -> bool:
        """Never: no server is asked."""
        return False

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The file that is kept for this URL. Raises DidUnavailable."""
        try:
            return FetchResponse(request.url, 200, self._documents[request.url], "application/json")
        except KeyError:
            raise DidUnavailable("offline, and no document of this DID is kept", request.url) from None

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        """As ``fetch``."""
        return self.fetch(request)


class OnlineOrKept:
    """Fetches through ``online``; a document that is out of reach there is taken from ``kept``.

    A server that answers with another document, or that there is none, is believed.
    """

    def __init__(self, online: FetcherProtocol, kept: KeptDocuments) -> None:
        self._online = online
        self._kept = kept

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer, or the file that is kept for this URL. Raises DidUnavailable."""
        try:
            return self._online.fetch(request)
        except FetchRefused:
            raise
        except DidUnavailable:
            return self._kept.fetch(request)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        """As ``fetch``."""
        try:
            return await self._online.fetch_async(request)
        except FetchRefused:
            raise
        except DidUnavailable:
            return self._kept.fetch(request)


class KeptStatusLists:
    """Status lists in a folder. With ``online`` each list is obtained there first, and kept for the time without.

    Whatever is in the folder is verified before it is believed, like a list that was just fetched.
    """

    def __init__(self, folder: str | Path, online: StatusSource | None = None) -> None:
        self._folder = Path(folder)
        self._online = online

    def get(self, url: str) -> bytes:
        """The list behind ``url``. Raises StatusUnavailable."""
        if self._online is None:
            return self._kept(url)
        try:
            content = self._online.get(url)
        except StatusUnavailable:
            return self._kept(url)
        self._keep(url, content)
        return content

    async def get_async(self, url: str) -> bytes:
        """As ``get``."""
        if self._online is None:
            return self._kept(url)
        try:
            content = await self._online.get_async(url)
        except StatusUnavailable:
            return self._kept(url)
        self._keep(url, content)
        return content

    def _path(self, url: str) -> Path:
        return self._folder / (hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest() + ".json")

    def _kept(self, url: str) -> bytes:
        try:
            with self._path(url).open("rb") as file:
                return file.read(MAX_DOCUMENT)
        except OSError:
            raise StatusUnavailable("no copy of this status list is kept, and it can't be fetched") from None

    def _keep(self, url: str, content: bytes) -> None:
        """Replace the copy in one step. A copy that can't be written is no reason not to verify."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".list.", dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(self._path(url))
        except OSError:
            return
