"""Status lists of a VC-API issuer: kept in memory, for a server whose keys live no longer than its process.

Indexes are drawn at random and never twice. ``source`` gives a verifier in the same process the lists without a
network.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

import vc
from did import Signer
from vc.problems import Problem, ProblemError
from vc.status import StatusList, StatusUnavailable, status_entry, status_list_credential

from .environment import Clock, Random, below, system_clock, system_random
from .status_indexes import LIST_SIZE

__all__ = ["StatusLists", "origin"]

_PATH = "/status-lists/"
_VALIDITY = timedelta(days=1)
_TTL = timedelta(minutes=5)
_FULL = 0.75
_MAX_LISTS = 8
_MAX_ORIGINS = 16
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def origin(request: web.Request) -> str:
    """The origin under which the client reached this server, as the request says. Raises ProblemError."""
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    host = request.headers.get("X-Forwarded-Host", request.host)
    if scheme not in ("http", "https") or _HOST.fullmatch(host) is None:
        raise ProblemError(Problem("parse.form", "the request names no usable host"))
    return f"{scheme}://{host}"


@dataclass(slots=True)
class _List:
    bits: StatusList
    drawn: set[int] = field(default_factory=set)
    signed: dict[str, tuple[datetime, dict[str, Any]]] = field(default_factory=dict)


class StatusLists:
    """The lists of one instance, for one purpose.

    ``size`` bits an entry; ``messages``, ``reference`` as in ``vc.status.status_entry``. ``members`` replaces or adds
    members of each entry as they are, well-formed or not: for a conformance profile only.
    """

    def __init__(
        self,
        signer: Signer,
        *,
        purpose: str = "revocation",
        size: int = 1,
        messages: Sequence[str] = (),
        reference: str | Sequence[str] | None = None,
        members: Mapping[str, Any] | None = None,
        clock: Clock = system_clock,
        random: Random = system_random,
        entries: int = LIST_SIZE,
    ) -> None:
        self._signer = signer
        self._purpose = purpose
        self._size = size
        self._messages = tuple(messages)
        self._reference = reference
        self._members = dict(members or {})
        self._clock = clock
        self._random = random
        self._entries = entries
        self._lists = [self._new_list()]
        self._by_id: dict[str, tuple[int, int]] = {}
        self._origins: set[str] = set()
        self._lock = threading.Lock()

    def with_entry(self, credential: Mapping[str, Any], base_url: str) -> dict[str, Any]:
        """The credential with a status entry of its own, beside those that it has. Raises ProblemError when full."""
        with self._lock:
            number, index = self._draw()
        if len(self._origins) < _MAX_ORIGINS:
            self._origins.add(base_url)
        entry: dict[str, Any] = {
            **status_entry(
                f"{base_url}{_PATH}{number}",
                index,
                self._purpose,
                size=self._size,
                messages=self._messages,
                reference=self._reference,
            ),
            **self._members,
        }
        if isinstance(credential.get("id"), str):
            self._by_id[credential["id"]] = (number, index)
        present = credential.get("credentialStatus")
        if present is None:
            return {**credential, "credentialStatus": entry}
        return {**credential, "credentialStatus": [*(present if isinstance(present, list) else [present]), entry]}

    def change(self, body: Mapping[str, Any]) -> None:
        """Set or clear a status: ``credentialId``, ``credentialStatus`` with its purpose, ``status`` (true: set).

        A credential without an id is named by ``credentialStatus.statusListIndex`` and ``statusListCredential``.
        Raises ProblemError.
        """
        wanted = body.get("credentialStatus")
        value = body.get("status", True)
        if not isinstance(wanted, Mapping) or not isinstance(value, bool):
            raise ProblemError(Problem("parse.form", "the body needs credentialStatus, and status true or false"))
        if wanted.get("statusPurpose", self._purpose) != self._purpose:
            problem = Problem("status.purpose", f"this list is for {self._purpose}", "/credentialStatus/statusPurpose")
            raise ProblemError(problem)
        number, index = self._place(body.get("credentialId"), wanted)
        found = self._lists[number - 1]
        with self._lock:
            found.bits[index] = int(value)
            found.signed.clear()

    def document(self, number: str, base_url: str) -> dict[str, Any] | None:
        """The signed list of that number as found under ``base_url``, or None when there is none."""
        if re.fullmatch(r"[1-9][0-9]{0,3}", number) is None or int(number) > len(self._lists):
            return None
        found = self._lists[int(number) - 1]
        with self._lock:
            return self._signed(found, number, base_url)

    def _signed(self, found: _List, number: str, base_url: str) -> dict[str, Any]:
        now = self._clock()
        kept = found.signed.get(base_url)
        if kept is not None and now - kept[0] < _TTL:
            return kept[1]
        unsigned = status_list_credential(
            found.bits,
            id=f"{base_url}{_PATH}{number}",
            issuer=self._signer.did,
            purpose=self._purpose,
            valid_from=now,
            valid_until=now + _VALIDITY,
            ttl=_TTL,
        )
        signed = vc.issue(unsigned, self._signer, now=now, random=self._random)
        if len(found.signed) >= _MAX_ORIGINS:
            found.signed.clear()
        found.signed[base_url] = (now, signed)
        return signed

    def source(self) -> Source:
        """A ``vc.status`` source of these lists, for a verifier in the same process."""
        return Source(self.document, lambda: frozenset(self._origins))

    def _new_list(self) -> _List:
        return _List(StatusList(self._entries, self._size))

    def _draw(self) -> tuple[int, int]:
        if len(self._lists[-1].drawn) >= self._entries * _FULL:
            if len(self._lists) >= _MAX_LISTS:
                raise ProblemError(Problem("status.range", "the status lists of this server are full"))
            self._lists.append(self._new_list())
        current = self._lists[-1]
        while (index := below(self._random, self._entries)) in current.drawn:
            pass
        current.drawn.add(index)
        return len(self._lists), index

    def _place(self, credential_id: object, wanted: Mapping[str, Any]) -> tuple[int, int]:
        if isinstance(credential_id, str) and credential_id in self._by_id:
            return self._by_id[credential_id]
        index, url = wanted.get("statusListIndex"), wanted.get("statusListCredential")
        if isinstance(index, str) and re.fullmatch(r"[0-9]{1,9}", index) and isinstance(url, str):
            number = url.rpartition(_PATH)[2]
            if re.fullmatch(r"[1-9][0-9]{0,3}", number) and int(number) <= len(self._lists):
                place = int(number), int(index)
                if place[1] in self._lists[place[0] - 1].drawn:
                    return place
        raise ProblemError(
            Problem("status.range", "no credential of that id or index was issued here", "/credentialId")
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Gives the lists of this process by URL; knows no others."""

    document: Callable[[str, str], dict[str, Any] | None]
    origins: Callable[[], frozenset[str]]

    def get(self, url: str) -> bytes:
        """The signed list. Raises StatusUnavailable."""
        base_url, _, number = url.rpartition(_PATH)
        found = self.document(number, base_url) if base_url in self.origins() else None
        if found is None:
            raise StatusUnavailable("this is no list of this server")
        return orjson.dumps(found)

    async def get_async(self, url: str) -> bytes:
        """The same."""
        return self.get(url)
