"""What makes the wallet installable: manifest, service worker, the page for when the server is out of reach."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import web

from did.languages import language_tag
from webshell import Site

__all__ = ["Shell"]

_SHELL = ("base.css", "cards.css", "holder.css", "base.js", "wallet.js", "seal.svg")
"""What the service worker keeps, beside the offline page. It never keeps a page with anybody's data."""


class Shell:
    """The files that a browser asks for at fixed names."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._worker = (Path(__file__).parent / "service_worker.js").read_text("utf-8")

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/manifest.webmanifest", self.manifest),
            web.get("/service-worker.js", self.worker),
            web.get("/offline", self.offline),
        ]

    async def manifest(self, request: web.Request) -> web.Response:
        """The web app manifest (W3C Web Application Manifest)."""
        site = self._site
        sizes = {"icon-192.png": "192x192", "icon-512.png": "512x512"}
        icons = [
            {"src": site.url(site.assets.url(name)), "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size in sizes.items()
            for purpose in ("any", "maskable")
        ]
        body = {
            "id": site.url("/"),
            "name": site.t(request, "两证电子卡包", "Liangzheng wallet"),
            "short_name": site.t(request, "卡包", "Wallet"),
            "lang": language_tag(site.language(request)),
            "start_url": site.url("/"),
            "scope": site.url("/"),
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#f6f5f1",
            "theme_color": "#14345f",
            "icons": icons,
        }
        headers = {"Cache-Control": "no-cache"}
        text = json.dumps(body, ensure_ascii=False)
        return web.Response(text=text, content_type="application/manifest+json", headers=headers)

    async def worker(self, request: web.Request) -> web.Response:
        """The service worker, with the names of what it keeps."""
        site = self._site
        kept = [site.url("/offline"), *(site.url(site.assets.url(name)) for name in _SHELL)]
        text = self._worker.replace('"KEPT"', json.dumps(kept)).replace('"VERSION"', json.dumps(site.assets.digest))
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": site.url("/")}
        return web.Response(text=text, content_type="text/javascript", headers=headers)

    async def offline(self, request: web.Request) -> web.Response:
        """The page for when the server is out of reach."""
        return self._site.render(request, "offline.html")
