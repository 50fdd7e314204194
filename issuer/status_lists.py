"""Publishing status lists: from the database's statuses to what is served (Bitstring Status List 1.0 section 2.2).

There are lists for each purpose. A publication takes what changed since the last one, merges it into the packed list,
signs that and keeps what it signed, in one transaction and while its list is locked: its cost is that of the changes
and of one list, however many credentials there are. Its number goes up, so that an older state can never be written
over a newer one. A process that dies leaves either all of that, or the changes still waiting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from did import Signer
from vc.status import StatusList, TokenStatusList

from .audit import Act
from .database import Database
from .environment import Clock, Random
from .errors import NotFoundError
from .status_indexes import LIST_SIZE, open_list
from .status_publications import MEDIA_TYPES, PublishedList, Served, SignedForm, file_of, sign_list, write_file
from .status_purposes import KINDS, PURPOSES, TOKEN, list_url
from .status_tables import StatusChange, StatusPublication
from .tables import StatusEntry, StatusListRecord

__all__ = ["INTERVAL", "PublishedList", "Served", "StatusLists", "list_url"]

INTERVAL = timedelta(seconds=30)
"""A status is on the published list no later than this after it was set."""

_MAX_NUMBER = 2**31


class StatusLists:
    """The status lists of one authority.

    ``ttl`` is how long a verifier may keep a list, ``validity`` how long a publication counts at all: offline verifiers
    need a new one in that time, and one is made when half of it is over. ``interval`` is how long a change may wait for
    its publication. ``on_step`` is called with the name of each step that was done; for tests that end the process in
    the middle.
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
        interval: timedelta = INTERVAL,
        on_step: Callable[[str], None] = lambda step: None,
    ) -> None:
        self._database = database
        self._signer = signer
        self._base_url = base_url
        self._clock = clock
        self._random = random
        self._ttl = ttl
        self._validity = validity
        self._size = size
        self._on_step = on_step
        self.interval = interval

    # --- publishing ------------------------------------------------------------------------------------------------

    def publish(self, directory: Path | None = None) -> list[PublishedList]:
        """Sign every list anew; with ``directory``, write each to ``<purpose>-<number>.json`` there."""
        _make(directory)
        return [self._publish_in_transaction(purpose, number, directory) for purpose, number in self._keys()]

    def publish_one(self, purpose: str, number: int, directory: Path | None = None) -> PublishedList:
        """Sign one list anew. Raises NotFoundError."""
        _make(directory)
        return self._publish_in_transaction(purpose, number, directory)

    def publish_due(self, directory: Path | None = None) -> list[PublishedList]:
        """Sign the lists with changes that wait, those never published and those half way to their end; no others."""
        _make(directory)
        return [self._publish_in_transaction(purpose, number, directory) for purpose, number in self.due()]

    def due(self, *, waited: timedelta = timedelta(0)) -> list[tuple[str, int]]:
        """(purpose, number) of the lists to be signed now; those with changes only when they waited that long."""
        now = self._clock()
        with self._database.reading() as session:
            oldest = func.min(StatusChange.at)
            waiting = select(StatusChange.list_id).group_by(StatusChange.list_id)
            if waited:
                # A change of the future was made by a process whose clock is ahead: it doesn't wait for ours.
                waiting = waiting.having((oldest <= now - waited) | (oldest > now))
            query = (
                select(StatusListRecord.purpose, StatusListRecord.number)
                .where(
                    (StatusListRecord.publication == 0)
                    | (StatusListRecord.valid_until.is_(None))
                    | (StatusListRecord.valid_until <= now + self._validity / 2)
                    | StatusListRecord.id.in_(waiting)
                )
                .order_by(StatusListRecord.purpose, StatusListRecord.number)
            )
            return [(row.purpose, row.number) for row in session.execute(query)]

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
        record = _record(session, purpose, number, lock=True)
        self._on_step("locked")
        now = self._clock()
        statuses = _merged(session, record)
        self._on_step("merged")
        url = list_url(self._base_url, purpose, number)
        valid_until = now + self._validity
        signed = sign_list(
            statuses,
            self._signer,
            url=url,
            purpose=purpose,
            now=now,
            valid_until=valid_until,
            ttl=self._ttl,
            random=self._random,
        )
        self._on_step("signed")
        record.state = statuses.to_bytes()
        record.publication += 1
        record.published_at, record.valid_until = now, valid_until
        _keep(session, record, signed)
        self._on_step("kept")
        set_entries = _count(statuses)
        Act(session, now, "authority").note(
            "status_list.published",
            f"status-list:{purpose}/{number}",
            publication=record.publication,
            set=set_entries,
        )
        self._on_step("noted")
        # Files come last, under the lock: if the transaction then fails, they are right all the same.
        paths = [write_file(directory, f"{purpose}-{number}", form) for form in signed] if directory else []
        self._on_step("written")
        return PublishedList(
            url=url,
            purpose=purpose,
            number=number,
            publication=record.publication,
            set_bits=set_entries,
            valid_until=valid_until,
            forms=tuple(signed),
            path=paths[0] if paths else None,
        )

    def write_files(self, directory: Path) -> list[Path]:
        """Write the files in ``directory`` that are not the last publication; returns them. Signs nothing.

        For lists that another process published, which writes no files, or other ones.
        """
        _make(directory)
        with self._database.reading() as session:
            query = select(
                StatusListRecord.id,
                StatusListRecord.purpose,
                StatusListRecord.number,
                StatusPublication.form,
                StatusPublication.digest,
            ).join(StatusPublication, StatusPublication.list_id == StatusListRecord.id)
            rows = session.execute(query).all()
        written = []
        for row in rows:
            name = f"{row.purpose}-{row.number}"
            if _digest(file_of(directory, name, row.form)) != row.digest:
                work = partial(_rewrite, list_id=row.id, name=name, form=row.form, directory=directory)
                written.append(self._database.run(work))
        return written

    # --- what is served --------------------------------------------------------------------------------------------

    def served(self, purpose: str, number: int, form: str = "vc") -> Served:
        """The list as it was published last, in one form (``vc``; ``jwt`` or ``cwt`` for the purpose token).

        It is published first when it never was, when it is half way to its end, or when a change has waited for
        ``interval``: so a list that is asked for is never staler than that, even where nobody publishes regularly.
        Raises NotFoundError.
        """
        if form not in (("jwt", "cwt") if purpose == TOKEN else ("vc",)):
            raise _unknown()
        with self._database.reading() as session:
            _record(session, purpose, number)
        if (purpose, number) in self.due(waited=self.interval):
            self.publish_one(purpose, number)
        with self._database.reading() as session:
            record = _record(session, purpose, number)
            found = session.get(StatusPublication, (record.id, form))
            if found is None or record.valid_until is None or record.published_at is None:
                raise _unknown()
            return Served(
                content=found.content,
                media_type=MEDIA_TYPES[form],
                digest=found.digest,
                publication=record.publication,
                published_at=record.published_at,
                valid_until=record.valid_until,
                ttl=self._ttl,
            )

    def differing(self) -> list[tuple[str, int]]:
        """(purpose, number) of lists whose packed state and waiting changes don't agree with the entries: none ever.

        Reads every entry that is set; for a check from time to time.
        """
        found = []
        with self._database.reading() as session:
            for record in session.scalars(select(StatusListRecord).options(undefer(StatusListRecord.state))):
                statuses = _packed(record)
                changes = select(StatusChange).where(StatusChange.list_id == record.id).order_by(StatusChange.id)
                for change in session.scalars(changes):
                    statuses[change.position] = change.value
                entries = select(StatusEntry.position, StatusEntry.value).where(
                    StatusEntry.list_id == record.id, StatusEntry.value != 0
                )
                if dict(statuses.items()) != {row.position: row.value for row in session.execute(entries)}:
                    found.append((record.purpose, record.number))
        return found


def _record(session: Session, purpose: str, number: int, *, lock: bool = False) -> StatusListRecord:
    query = select(StatusListRecord).where(StatusListRecord.purpose == purpose, StatusListRecord.number == number)
    query = query.execution_options(populate_existing=True)
    if lock:
        query = query.options(undefer(StatusListRecord.state)).with_for_update()
    known = purpose in KINDS and 0 < number < _MAX_NUMBER
    found = session.scalars(query).one_or_none() if known else None
    if found is None:
        raise _unknown()
    return found


def _packed(record: StatusListRecord) -> StatusList | TokenStatusList:
    if record.purpose == TOKEN:
        if record.state is None:
            return TokenStatusList(record.size, record.bits)
        return TokenStatusList.from_bytes(record.state, record.bits)
    if record.state is None:
        return StatusList(record.size, record.bits)
    return StatusList.from_bytes(record.state, size=record.bits, minimum_entries=record.size)


def _merged(session: Session, record: StatusListRecord) -> StatusList | TokenStatusList:
    """The list with the changes that waited, which are taken away: all that this transaction sees, and no others."""
    statuses = _packed(record)
    taken = session.execute(
        delete(StatusChange)
        .where(StatusChange.list_id == record.id)
        .returning(StatusChange.id, StatusChange.position, StatusChange.value)
    ).all()
    for _, position, value in sorted(tuple(row) for row in taken):
        statuses[position] = value
    return statuses


def _count(statuses: StatusList | TokenStatusList) -> int:
    one_bit = (statuses.size if isinstance(statuses, StatusList) else statuses.bits) == 1
    if one_bit:
        return int.from_bytes(statuses.to_bytes(), "big").bit_count()
    return sum(1 for _ in statuses.items())


def _keep(session: Session, record: StatusListRecord, signed: Sequence[SignedForm]) -> None:
    for form in signed:
        kept = session.get(StatusPublication, (record.id, form.form))
        if kept is None:
            kept = StatusPublication(list_id=record.id, form=form.form)
            session.add(kept)
        kept.content, kept.digest = form.content, form.digest
    session.flush()


def _rewrite(session: Session, *, list_id: int, name: str, form: str, directory: Path) -> Path:
    # Under the list's lock: a newer publication can't be overwritten with this one.
    session.execute(select(StatusListRecord.id).where(StatusListRecord.id == list_id).with_for_update())
    kept = session.get_one(StatusPublication, (list_id, form))
    return write_file(directory, name, SignedForm(form, kept.content))


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _make(directory: Path | None) -> None:
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)


def _unknown() -> NotFoundError:
    return NotFoundError("status_list.unknown", "没有这个状态列表", "there is no such status list")
