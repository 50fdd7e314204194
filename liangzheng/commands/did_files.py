"""The files of did:web and did:webvh on disk: a folder that stands for a web server, and safe writing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .. import terminal
from ..terminal import t

if TYPE_CHECKING:
    from did.methods.webvh.authoring import Log
    from did.resolution import FetchRequest, FetchResponse

__all__ = ["FolderFetcher", "is_log", "read_document", "read_log", "write_file", "write_files"]


class FolderFetcher:
    """Reads from a folder what would be fetched from a server: ``FOLDER/path/did.json``, or ``FOLDER/did.json``."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        if not self._folder.is_dir():
            raise NotADirectoryError(20, "not a folder", folder)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """The file, or 404."""
        from did import FetchRefused
        from did.resolution import FetchResponse

        path = unquote(urlsplit(request.url).path).lstrip("/")
        for candidate in (self._folder / path, self._folder / path.rpartition("/")[2]):
            if not candidate.resolve().is_relative_to(self._folder.resolve()) or not candidate.is_file():
                continue
            with candidate.open("rb") as file:
                body = file.read(request.max_bytes + 1)
            if len(body) > request.max_bytes:
                raise FetchRefused(f"{candidate} is larger than {request.max_bytes} bytes", request.url)
            return FetchResponse(request.url, 200, body, request.media_types[0])
        return FetchResponse(request.url, 404)

    async def fetch_async(self, request: FetchRequest) -> FetchResponse:
        """As ``fetch``."""
        return self.fetch(request)


def is_log(path: str) -> bool:
    """Whether a file is a did:webvh log by its name; otherwise it is a did:web document."""
    return path.endswith(".jsonl")


def read_document(path: str) -> dict[str, Any]:
    """A DID document from a file; ``-`` is stdin. Raises InvalidDidDocument."""
    from did import InvalidDidDocument
    from did.strict_json import loads

    document = loads(terminal.read_input(path))
    if not isinstance(document, dict):
        raise InvalidDidDocument("a DID document is a JSON object")
    return document


def read_log(path: str) -> Log:
    """A did:webvh log from a file, verified. Raises InvalidDidLog."""
    from did.methods.webvh.authoring import open_log

    return open_log(terminal.read_input(path))


def write_files(folder: str, files: Mapping[str, bytes]) -> list[str]:
    """Write new files under ``folder`` as they are to be published; none that is there already is touched."""
    targets = [Path(folder) / path for path in files]
    for target in targets:
        if target.exists():
            terminal.fail(t(f"{target} 已存在", f"{target} exists already"))
    for target, data in zip(targets, files.values(), strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(str(target), data)
    return [str(target) for target in targets]


def write_file(path: str, data: bytes) -> None:
    """Replace a file in one step, so that a reader finds the old or the new one, whole."""
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".did-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, target)  # noqa: PTH105 - one atomic step
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
