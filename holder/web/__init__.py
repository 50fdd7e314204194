"""The wallet in a browser: cards, consent, presentations; the device key stays in the browser.

``create_app`` makes the application; docs/wallet.md says who can do what. Needs the extra ``holder``.
"""

from __future__ import annotations

from .app import create_app

__all__ = ["create_app"]
