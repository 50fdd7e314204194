"""What the three web applications look like and how they defend themselves: pages, sessions, limits, cards as cards.

Presentation only: no role's knowledge is here. An application makes a ``Site``, installs it and renders its templates
over ``layout.html``; docs/web.md shows how. Needs the extra ``http``.
"""

from __future__ import annotations

from .assets import Assets
from .card_pictures import CardFace, CardField, CardPicture, card_picture, in_order
from .form_data import Form, FormProblem
from .limits import RateLimits
from .once import Once
from .sessions import FileSessions, MemorySessions, Session, SessionStore
from .site import Link, PageError, Site, api

__all__ = [
    "Assets",
    "CardFace",
    "CardField",
    "CardPicture",
    "FileSessions",
    "Form",
    "FormProblem",
    "Link",
    "MemorySessions",
    "Once",
    "PageError",
    "RateLimits",
    "Session",
    "SessionStore",
    "Site",
    "api",
    "card_picture",
    "in_order",
]
