"""Browsers that signed in before: a signed cookie that lives long and opens nothing.

Wrong tries are counted by what they come from, so that a stranger who knows somebody's name can't lock them out: a
browser that signed in to an account before has tries of its own. The cookie names no account; each of its tags fits one
account and nothing is kept on the server.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable

__all__ = ["KnownDevices"]

_ID_BYTES, _TAG_BYTES = 18, 18
_MOST = 8
_FORM = re.compile(r"[A-Za-z0-9_-]{24}(\.[A-Za-z0-9_-]{24}){1,8}\Z")


class KnownDevices:
    """Makes and reads the cookies of one site. ``secret`` (32 bytes or more) signs them."""

    def __init__(self, secret: bytes, random: Callable[[int], bytes]) -> None:
        self._secret = secret
        self._random = random

    def device(self, cookie: str | None, account: str) -> str | None:
        """The name of the browser if it signed in to ``account`` before, else None. ``cookie`` is untrusted."""
        name, tags = _parts(cookie)
        wanted = self._tag(name, account)
        # Every tag is compared, so that the time tells nothing of which one fits.
        found = sum(hmac.compare_digest(tag, wanted) for tag in tags)
        return name if found else None

    def remember(self, cookie: str | None, account: str) -> str:
        """The cookie that remembers one more account, the newest first; the oldest of more than 8 is forgotten."""
        name, tags = _parts(cookie)
        known = [tag for tag in tags if tag]
        if not name:
            name, known = _text(self._random(_ID_BYTES)), []
        wanted = self._tag(name, account)
        return ".".join([name, wanted, *[tag for tag in known if tag != wanted][: _MOST - 1]])

    def _tag(self, name: str, account: str) -> str:
        message = f"known device\0{name}\0{account}".encode("utf-8", "surrogatepass")
        return _text(hmac.digest(self._secret, message, "sha256")[:_TAG_BYTES])


def _parts(cookie: str | None) -> tuple[str, list[str]]:
    if cookie is None or not _FORM.match(cookie):
        return "", []
    name, *tags = cookie.split(".")
    return name, tags


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
