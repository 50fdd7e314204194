"""Sessions: an unguessable, signed name in a cookie; what it stands for stays on the server.

A visitor has a session from the first form on. Signing in changes its name, so that a name planted before is worth
nothing; signing out ends it on the server. A session ends after a time without use, and after a time at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from did.private_files import private_database

__all__ = ["FileSessions", "MemorySessions", "Session", "SessionPolicy", "SessionStore", "Sessions"]

_NAME_BYTES = 24
_NAME_LENGTH = _NAME_BYTES * 4 // 3
_MAX_DATA = 16 * 1024


@dataclass(slots=True)
class Session:
    """One visitor's session. ``data`` holds JSON values; a handler may change it."""

    name: str
    csrf: str
    data: dict[str, Any] = field(default_factory=dict)
    created: float = 0.0
    touched: float = 0.0
    stored: str = ""
    wanted: bool = False
    """Whether the visitor needs the cookie: something is kept, or a form was shown."""
    former: list[str] = field(default_factory=list)
    """Names under which the session is no longer known."""
    known_device: str = ""
    """The cookie that remembers this browser, when it has changed (``webshell.known_devices``)."""
    renew: Callable[[], tuple[str, str]] = lambda: ("", "")

    def sign_in(self, **data: Any) -> None:
        """Begin anew under another name, with this data only."""
        self.former.append(self.name)
        self.name, self.csrf = self.renew()
        self.data, self.created, self.stored = data, 0.0, ""

    def sign_out(self) -> None:
        """End the session on the server; the visitor goes on with an empty one."""
        self.sign_in()

    def flash(self, zh: str, en: str, kind: str = "good") -> None:
        """Say something on the next page: ``good``, ``bad`` or ``info``."""
        self.data["flash"] = [*self.data.get("flash", [])[-3:], [kind, zh, en]]


class SessionStore(Protocol):
    """Where sessions are kept: digest of a name -> (text, created, touched)."""

    def get(self, key: str) -> tuple[str, float, float] | None:
        """What is kept under a key."""

    def put(self, key: str, text: str, created: float, touched: float) -> None:
        """Keep."""

    def remove(self, key: str) -> None:
        """Forget."""

    def sweep(self, created_before: float, touched_before: float) -> None:
        """Forget what ended."""


class MemorySessions:
    """Sessions that end with the process; visitors then sign in again."""

    def __init__(self, most: int = 20_000) -> None:
        self._kept: OrderedDict[str, tuple[str, float, float]] = OrderedDict()
        self._most = most

    def get(self, key: str) -> tuple[str, float, float] | None:
        """What is kept under a key."""
        return self._kept.get(key)

    def put(self, key: str, text: str, created: float, touched: float) -> None:
        """Keep; the oldest goes when there are too many."""
        self._kept.pop(key, None)
        self._kept[key] = (text, created, touched)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def remove(self, key: str) -> None:
        """Forget."""
        self._kept.pop(key, None)

    def sweep(self, created_before: float, touched_before: float) -> None:
        """Forget what ended."""
        for key, (_, created, touched) in list(self._kept.items()):
            if created < created_before or touched < touched_before:
                del self._kept[key]


class FileSessions:
    """Sessions in an SQLite file: they survive a restart. ``close`` it."""

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.Lock()
        private_database(Path(path))
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS session"
            " (key TEXT PRIMARY KEY, text TEXT NOT NULL, created REAL NOT NULL, touched REAL NOT NULL)"
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def get(self, key: str) -> tuple[str, float, float] | None:
        """What is kept under a key."""
        with self._lock:
            row = self._connection.execute("SELECT text, created, touched FROM session WHERE key = ?", (key,))
            found: tuple[str, float, float] | None = row.fetchone()
        return found

    def put(self, key: str, text: str, created: float, touched: float) -> None:
        """Keep."""
        with self._lock:
            self._connection.execute("REPLACE INTO session VALUES (?, ?, ?, ?)", (key, text, created, touched))

    def remove(self, key: str) -> None:
        """Forget."""
        with self._lock:
            self._connection.execute("DELETE FROM session WHERE key = ?", (key,))

    def sweep(self, created_before: float, touched_before: float) -> None:
        """Forget what ended."""
        with self._lock:
            self._connection.execute(
                "DELETE FROM session WHERE created < ? OR touched < ?", (created_before, touched_before)
            )


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long a session lives."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=10)


class Sessions:
    """Opens and saves the sessions of one site. ``secret`` (32 bytes or more) signs names."""

    def __init__(
        self,
        secret: bytes,
        store: SessionStore,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
        policy: SessionPolicy | None = None,
    ) -> None:
        if len(secret) < 32:
            raise ValueError("the secret has 32 bytes at least")
        self._secret = secret
        self._store = store
        self._clock = clock
        self._random = random
        self._policy = policy or SessionPolicy()
        self._swept = 0.0

    def open(self, cookie: str | None) -> Session:
        """The session that a cookie names; an empty new one when it names none, or one that ended."""
        name = self._checked(cookie)
        if name is None:
            name, csrf = self._fresh()
            return Session(name, csrf, renew=self._fresh)
        session = Session(name, self._csrf(name), wanted=True, renew=self._fresh)
        kept = self._store.get(_key(name))
        if kept is None:
            return session
        text, created, touched = kept
        now = self._clock().timestamp()
        if now - touched > self._policy.idle.total_seconds() or now - created > self._policy.longest.total_seconds():
            self._store.remove(_key(name))
            return session
        session.data, session.stored, session.created, session.touched = json.loads(text), text, created, touched
        return session

    def save(self, session: Session) -> str | None:
        """Keep what changed; returns the cookie's value when the visitor needs it."""
        for name in session.former:
            self._store.remove(_key(name))
        now = self._clock().timestamp()
        text = json.dumps(session.data, ensure_ascii=False) if session.data else ""
        if len(text) > _MAX_DATA:
            raise ValueError("the session holds too much")
        if text and (text != session.stored or now - session.touched > 60):
            self._sweep(now)
            self._store.put(_key(session.name), text, session.created or now, now)
        elif not text and session.stored:
            self._store.remove(_key(session.name))
        if not (session.wanted or text or session.former):
            return None
        return f"{session.name}.{self._signature(session.name)}"

    def _sweep(self, now: float) -> None:
        if now - self._swept > 600:
            self._swept = now
            policy = self._policy
            self._store.sweep(now - policy.longest.total_seconds(), now - policy.idle.total_seconds())

    def _checked(self, cookie: str | None) -> str | None:
        if cookie is None or len(cookie) > 200 or not cookie.isascii():
            return None
        name, _, signature = cookie.partition(".")
        good = hmac.compare_digest(signature, self._signature(name))
        return name if good and len(name) == _NAME_LENGTH else None

    def _fresh(self) -> tuple[str, str]:
        name = _text(self._random(_NAME_BYTES))
        return name, self._csrf(name)

    def _csrf(self, name: str) -> str:
        return _text(hmac.digest(self._secret, b"csrf\0" + name.encode(), "sha256"))

    def _signature(self, name: str) -> str:
        return _text(hmac.digest(self._secret, b"session\0" + name.encode(), "sha256"))


def _key(name: str) -> str:
    # The store holds digests: who reads it can't make cookies of it.
    return hashlib.sha256(name.encode()).hexdigest()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
