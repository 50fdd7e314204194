"""Style sheets, scripts and pictures, served from memory under a URL that holds their digest, cached for a year.

All files of a site share one digest, so that a style sheet or a module may name its neighbours by relative URLs.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

__all__ = ["Assets"]

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".json": "application/json",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    compressed: bytes | None
    media_type: str


class Assets:
    """The files of some folders (flat, known endings only), by name.

    Raises ValueError when two folders hold a file of one name.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._files: dict[str, _Asset] = {}
        digest = hashlib.sha256()
        for folder in folders:
            for path in sorted(folder.iterdir()):
                if path.suffix not in _TYPES:
                    continue
                if path.name in self._files:
                    raise ValueError(f"two assets are called {path.name}")
                content = path.read_bytes()
                digest.update(path.name.encode() + b"\0" + hashlib.sha256(content).digest())
                compressed = gzip.compress(content, 9, mtime=0)
                smaller = len(compressed) < len(content) * 0.9
                self._files[path.name] = _Asset(content, compressed if smaller else None, _TYPES[path.suffix])
        self.digest = digest.hexdigest()[:16]

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def url(self, name: str) -> str:
        """The path of a file, below the site's root. Raises KeyError for a name that there is not."""
        if name not in self._files:
            raise KeyError(f"there is no asset {name}")
        return f"/assets/{self.digest}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        """Answer ``/assets/{digest}/{name}``. Under an older digest the file is served, but not kept."""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        headers = {
            "Content-Type": asset.media_type,
            "Cache-Control": _FOREVER if request.match_info["digest"] == self.digest else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if asset.compressed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=asset.compressed, headers=headers)
        return web.Response(body=asset.content, headers=headers)
