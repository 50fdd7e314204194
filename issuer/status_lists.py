"""Publishing status lists: from the database's bits to signed credentials (Bitstring Status List 1.0 section 2.2).

There is a list for each purpose. A publication is made while its list is locked, and its number goes up, so that an
older state of a list can never be written over a newer one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

import vc
from did import Signer
from vc.status import StatusList, status_list_credential

from .audit import Act
from .database import Database
from .environment import Clock, Random
from .errors import NotFoundError
from .status_indexes import LIST_SIZE, PURPOSES, open_list
from .tables import StatusEntry, StatusListRecord

__all__ = ["PublishedList", "StatusLists", "list_url"]


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as published: its URL, what it is for, how many bits are set, the signed credential, the file if any."""

    url: str
    purpose: str
    number: int
    publication: int
    set_bits: int
    document: Mapping[str, Any]
    path: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """The publication as JSON, without the document."""
        return {
            "url": self.url,
            "purpose": self.purpose,
            "number": self.number,
            "publication": self.publication,
            "set": self.set_bits,
            "validUntil": self.document["validUntil"],
            "file": str(self.path) if self.path else None,
        }


def list_url(base_url: str, purpose: str, number: int) -> str:
    """Where a list is found: ``<base>/status/revocation/1``."""
    return f"{base_url}/status/{purpose}/{number}"


class StatusLists:
    """The status lists of one authority.

    ``ttl`` is how long a verifier may keep a list, ``validity`` how long a publication counts at all: offline verifiers
    need a new one in that time.
    """

    def __init__(
        self,
        database: Database,
        signer: Signer,
        *,
        base_url: str,
        clock: Clock,
        random: Random,
        ttl: timedelta = timedelta(minutes=15),
        validity: timedelta = timedelta(hours=24),
        size: int = LIST_SIZE,
    ) -> None:
        self._database = database
        self._signer = signer
        self._base_url = base_url
        self._clock = clock
        self._random = random
        self._ttl = ttl
        self._validity = validity
        self._size = size

    def publish(self, directory: Path | None = None) -> list[PublishedList]:
        """Sign every list anew; with ``directory``, write each to ``<purpose>-<number>.json`` there."""
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        return [self._publish_in_transaction(purpose, number, directory) for purpose, number in self._keys()]

    def publish_one(self, purpose: str, number: int) -> PublishedList:
        """Sign one list anew. Raises NotFoundError."""
        return self._publish_in_transaction(purpose, number, None)

    def _publish_in_transaction(self, purpose: str, number: int, directory: Path | None) -> PublishedList:
        return self._database.run(lambda session: self._publish(session, purpose, number, directory))

    def _keys(self) -> list[tuple[str, int]]:
        def collect(session: Session) -> list[tuple[str, int]]:
            for purpose in PURPOSES:
                open_list(session, purpose, self._size)
            query = select(StatusListRecord).order_by(StatusListRecord.purpose, StatusListRecord.number)
            return [(record.purpose, record.number) for record in session.scalars(query)]

        return self._database.run(collect)

    def _publish(self, session: Session, purpose: str, number: int, directory: Path | None) -> PublishedList:
        locked = select(StatusListRecord).where(StatusListRecord.purpose == purpose, StatusListRecord.number == number)
        known = purpose in PURPOSES and 0 < number < 2**31
        locked = locked.with_for_update().execution_options(populate_existing=True)
        record = session.scalars(locked).one_or_none() if known else None
        if record is None:
            raise NotFoundError("status_list.unknown", "没有这个状态列表", "there is no such status list")
        now = self._clock()
        bits = StatusList(record.size)
        positions = select(StatusEntry.position).where(StatusEntry.list_id == record.id, StatusEntry.value.is_(True))
        set_bits = 0
        for position in session.scalars(positions):
            bits[position] = 1
            set_bits += 1
        document = self._signed(bits, list_url(self._base_url, purpose, number), purpose, now)
        record.publication += 1
        record.published_at = now
        Act(session, now, "authority").note(
            "status_list.published", f"status-list:{purpose}/{number}", publication=record.publication, set=set_bits
        )
        # The file comes last, under the lock: if the transaction then fails, the file is right all the same.
        path = None if directory is None else _write(directory / f"{purpose}-{number}.json", document)
        return PublishedList(str(document["id"]), purpose, number, record.publication, set_bits, document, path)

    def _signed(self, bits: StatusList, url: str, purpose: str, now: datetime) -> dict[str, Any]:
        unsigned = status_list_credential(
            bits,
            id=url,
            issuer=self._signer.did,
            purpose=purpose,
            valid_from=now,
            valid_until=now + self._validity,
            ttl=self._ttl,
        )
        return vc.issue(unsigned, self._signer, now=now, random=self._random)


def _write(path: Path, document: Mapping[str, Any]) -> Path:
    """Replace the file in one step: a reader sees the old list or the new one, whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
