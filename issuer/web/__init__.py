"""The issuer in a browser: the residents' portal, the officers' desk, and the API that wallets collect cards with.

docs/web.md says what is where. Needs the extra ``issuer``.
"""

from __future__ import annotations

from .app import create_app
from .messages import Messages

__all__ = ["Messages", "create_app"]
