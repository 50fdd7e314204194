"""The counter in a browser: ask, scan, see the result at one glance; and a page for testers.

``create_app`` makes the application; docs/web.md says how wallets talk to it. Needs the extra ``verifier``.
"""

from __future__ import annotations

from .app import create_app

__all__ = ["create_app"]
