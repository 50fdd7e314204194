"""What a context URL means: fixed at installation, by digest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .errors import ContextDigestError, ContextFormError, UnknownContextError

__all__ = ["CONTEXTS", "VARIABLE", "ContextRegistry", "with_entries"]

_HERE = Path(__file__).parent
MAX_CONTEXT = 4 * 1024 * 1024
"""Bytes of a context that is added, at most."""
VARIABLE = "LIANGZHENG_CONTEXTS"
"""Names more contexts to install, for every program: one a line, ``URL=FILE`` or a folder (``with_folder``)."""
_MAX_FILES = 1024


@dataclass(frozen=True)
class ContextRegistry:
    """An immutable map from context URL to the one document it stands for.

    ``pinned`` maps a URL to (SHA-256 in lower-case hex, path of the file or the bytes themselves).
    A document is read, compared with its digest and parsed when it is first asked for.
    """

    pinned: Mapping[str, tuple[str, Path | bytes]]
    _parsed: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"<ContextRegistry of {len(self.pinned)} contexts>"  # It stands in signatures, as a default.

    def __contains__(self, url: object) -> bool:
        return url in self.pinned

    def urls(self) -> frozenset[str]:
        """All registered URLs."""
        return frozenset(self.pinned)

    def get(self, url: str) -> dict[str, Any]:
        """The context document (with its ``@context`` member). Treat it as read-only.

        Raises UnknownContextError for an unregistered URL, ContextDigestError when the bytes are not the pinned ones.
        """
        document = self._parsed.get(url)
        if document is None:
            document = self._parsed[url] = _parse(url, self.raw(url))
        return document

    def raw(self, url: str) -> bytes:
        """The bytes of the context document, compared with their digest. Errors as for ``get``."""
        try:
            digest, source = self.pinned[url]
        except KeyError:
            raise UnknownContextError(url) from None
        content = source if isinstance(source, bytes) else _read(source)
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise ContextDigestError(url, digest, found)
        return content

    def digest(self, url: str) -> str:
        """SHA-256 of the document's bytes, lower-case hex. Raises UnknownContextError."""
        try:
            return self.pinned[url][0]
        except KeyError:
            raise UnknownContextError(url) from None

    def with_context(self, url: str, content: bytes, sha256: str) -> ContextRegistry:
        """A registry that knows one more context: an explicit act, pinned by digest.

        Raises ContextDigestError when ``content`` does not have the digest ``sha256`` (lower-case hex), or when
        ``url`` is registered already with another digest; ContextFormError when it is no context document.
        """
        found = hashlib.sha256(content).hexdigest()
        known = self.pinned.get(url, (sha256,))[0]
        for expected in (sha256, known):
            if found != expected:
                raise ContextDigestError(url, expected, found)
        _parse(url, content)
        return ContextRegistry({**self.pinned, url: (sha256, content)})

    def with_file(self, url: str, path: str | Path) -> ContextRegistry:
        """A registry that knows the context in a file, pinned by the digest that it has now. Also OSError."""
        content = _bounded(Path(path), url)
        return self.with_context(url, content, hashlib.sha256(content).hexdigest())

    def with_folder(self, folder: str | Path) -> ContextRegistry:
        """A registry that knows the contexts in a folder.

        They are those that its ``manifest.json`` lists (``{"contexts": [{"url", "file", "sha256"}]}``, each compared
        with its digest), or without one the files whose names are percent-encoded URLs, with or without ``.json`` or
        ``.jsonld``. Raises ContextDigestError, ContextFormError (``url`` is the folder for a bad manifest), OSError.
        """
        place = Path(folder)
        registry = self
        for url, path, digest in _listed(place):
            content = _bounded(path, url)
            registry = registry.with_context(url, content, digest or hashlib.sha256(content).hexdigest())
        return registry

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all (URL, digest) pairs: equal for registries that mean the same."""
        lines = sorted(f"{url} {digest}\n" for url, (digest, _) in self.pinned.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _read(path: Path) -> bytes:
    """The file's bytes; a file that is gone has none, so its digest is wrong."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _bounded(path: Path, url: str) -> bytes:
    """The bytes of a context that somebody brings."""
    with path.open("rb") as file:
        content = file.read(MAX_CONTEXT + 1)
    if len(content) > MAX_CONTEXT:
        raise ContextFormError(url)
    return content


def _listed(folder: Path) -> list[tuple[str, Path, str]]:
    """URL, file and pinned digest ("" for none) of every context in a folder."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        files = sorted(path for path in folder.iterdir() if "%3A" in path.name or "%3a" in path.name)[:_MAX_FILES]
        return [(unquote(path.name.removesuffix(".json").removesuffix(".jsonld")), path, "") for path in files]
    try:
        entries = json.loads(_bounded(manifest, str(folder)))["contexts"][:_MAX_FILES]
        found = [(entry["url"], folder / entry["file"], entry["sha256"]) for entry in entries]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ContextFormError(str(folder)) from None
    inside = folder.resolve()
    for url, path, _ in found:
        if not path.resolve().is_relative_to(inside):
            raise ContextFormError(url)
    return found


def _parse(url: str, content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "@context" not in document:
        raise ContextFormError(url)
    return document


def _installed() -> ContextRegistry:
    pinned: dict[str, tuple[str, Path | bytes]] = {}
    for manifest in sorted(_HERE.glob("*/manifest.json")):
        for entry in json.loads(manifest.read_bytes())["contexts"]:
            pinned[entry["url"]] = (entry["sha256"], manifest.parent / entry["file"])
    return with_entries(ContextRegistry(pinned), os.environ.get(VARIABLE, "").splitlines())


def with_entries(registry: ContextRegistry, entries: Iterable[str]) -> ContextRegistry:
    """``registry`` and the contexts of ``entries``, each ``URL=FILE`` or a folder. Errors as of ``with_folder``."""
    for entry in entries:
        url, separator, file = entry.rpartition("=")
        if separator and ":" in url:
            registry = registry.with_file(url, file)
        elif entry.strip():
            registry = registry.with_folder(entry)
    return registry


CONTEXTS = _installed()
"""The contexts that are installed with this package (the W3C's, other bodies' and the cards') and those that the
environment variable LIANGZHENG_CONTEXTS names. Nothing gives a URL of the first another meaning."""
