"""A million credentials' status: allocate indexes, revoke at random, publish; time and memory. One JSON line a row.

    python -m benchmarks.status_scale                            # 20,000 credentials
    python -m benchmarks.status_scale --credentials 1000000

On SQLite in a temporary folder (or ``--database URL``, which must be empty), with the durability of production. Every
list that was published is verified and compared with the entries at the end.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

import did
import vc
from issuer.database import Database
from issuer.environment import system_clock, system_random
from issuer.status_indexes import draw, set_status
from issuer.status_lists import StatusLists
from issuer.status_tables import StatusPublication
from issuer.tables import CredentialRecord, Device, Person, StatusEntry, StatusListRecord
from vc.status import StatusList

BATCH = 1000
"""Credentials in one transaction where a step is not about single ones."""


def show(step: str, **figures: Any) -> None:
    """Print one row; ``peak_mib`` is the most memory that the process had until now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"step": step, **figures, "peak_mib": peak}), flush=True)


def batches(items: Sequence[int], size: int = BATCH) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Taken(NamedTuple):
    """Seconds by the clock, and of this process's processor time (which other load on the machine leaves alone)."""

    wall: float
    cpu: float


def timed(work: Callable[[], Any]) -> Taken:
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - start, time.process_time() - cpu)


def total(taken: Sequence[Taken]) -> Taken:
    return Taken(sum(one.wall for one in taken), sum(one.cpu for one in taken))


def median_ms(taken: Sequence[Taken]) -> dict[str, float]:
    return {
        "ms": round(1000 * statistics.median(one.wall for one in taken), 2),
        "cpu_ms": round(1000 * statistics.median(one.cpu for one in taken), 2),
    }


def credentials(database: Database, count: int) -> None:
    """So many credentials without documents: only their status is measured."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with database.transaction() as session:
        person = Person(
            citizen_identity_number="510199199001010017", name="王一", sex="1", ethnic_group="01", facts={},
            birth_date=now.date(), registered_division="510199", registered_address="x", life_status="living",
            updated_at=now,
        )  # fmt: skip
        device = Device(did="did:key:z", person=person, state="active", created_at=now)
        session.add(device)
        session.flush()
        common = {
            "card_type": "X", "person_id": person.id, "device_id": device.id, "licence_version": 1,
            "state": "active", "issued_at": now, "valid_from": now, "valid_until": now, "claims_digest": "",
        }  # fmt: skip
        for part in batches(range(1, count + 1), 10_000):
            rows = [
                {
                    **common,
                    "id": one,
                    "reference": f"R{one}",
                    "licence_identifier": f"L{one}",
                    "licence_serial": f"S{one}",
                }
                for one in part
            ]
            session.execute(insert(CredentialRecord), rows)


def allocate(database: Database, count: int) -> None:
    def some(part: Sequence[int]) -> None:
        with database.transaction() as session:
            for one in part:
                draw(session, "revocation", one, random=system_random)

    taken = timed(lambda: [some(part) for part in batches(range(1, count + 1))])
    with database.reading() as session:
        fill = select(func.count()).select_from(StatusEntry).group_by(StatusEntry.list_id).order_by(StatusEntry.list_id)
        entries = list(session.scalars(fill))
    show(
        "allocate",
        credentials=count,
        seconds=round(taken.wall, 2),
        us_each=round(1e6 * taken.wall / count, 1),
        cpu_us_each=round(1e6 * taken.cpu / count, 1),
        lists=len(entries),
        fullest=max(entries),
    )


def change(database: Database, chosen: Sequence[int], value: int, size: int) -> list[Taken]:
    """What each transaction of ``size`` changes took."""

    def some(part: Sequence[int]) -> None:
        with database.transaction() as session:
            for one in part:
                set_status(session, one, "revocation", value, at=system_clock())

    return [timed(lambda p=part: some(p)) for part in batches(chosen, size)]


def publish(lists: StatusLists, step: str, changes: int) -> None:
    each: list[Taken] = []
    for purpose, number in lists.due():
        each.append(timed(lambda p=purpose, n=number: lists.publish_one(p, n)))
    if not each:
        return
    show(
        step,
        changes=changes,
        lists=len(each),
        seconds=round(total(each).wall, 3),
        a_list=median_ms(each),
        ms_worst=round(1000 * max(one.wall for one in each), 2),
    )


def by_rows(database: Database) -> None:
    """For comparison: what a list costs whose set entries, or all of whose entries, are read."""
    set_only, everything = [], []
    with database.reading() as session:
        for list_id in session.scalars(select(StatusListRecord.id)).all():
            positions = select(StatusEntry.position).where(StatusEntry.list_id == list_id)

            def read(query: Any) -> None:
                bits = StatusList()
                for position in session.scalars(query):
                    bits[position] = 1

            set_only.append(timed(lambda p=positions: read(p.where(StatusEntry.value != 0))))
            everything.append(timed(lambda p=positions: read(p)))
    show(
        "for comparison: read the rows of a list, without signing",
        set_only=median_ms(set_only),
        all=median_ms(everything),
    )


def sizes(database: Database, lists: StatusLists, path: Path | None) -> None:
    """The size of a list as served, and whether all say what the entries say."""
    if lists.differing():
        raise AssertionError("a list differs from its entries")
    with database.reading() as session:
        contents = list(session.scalars(select(StatusPublication.content)))
        entries = session.execute(
            select(func.count()).select_from(StatusEntry).where(StatusEntry.value != 0)
        ).scalar_one()
    set_bits = 0
    for content in contents:
        if not vc.verify(content).verified:
            raise AssertionError("a list does not verify")
        encoded = json.loads(content)["credentialSubject"]["encodedList"]
        set_bits += int.from_bytes(StatusList.decode(encoded).to_bytes(), "big").bit_count()
    if set_bits != entries:
        raise AssertionError("the lists don't say what the entries say")
    show(
        "served",
        set=set_bits,
        bytes_a_list=round(statistics.median(len(content) for content in contents)),
        bytes_gzip=round(statistics.median(len(gzip.compress(content, 6)) for content in contents)),
        database_mib=path.stat().st_size // 2**20 if path is not None else None,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.status_scale", description=__doc__.splitlines()[0])
    parser.add_argument("--credentials", type=int, default=20_000)
    parser.add_argument("--revoked", type=float, default=0.05, help="the part of them that is revoked")
    parser.add_argument("--database", help="URL of an empty database, instead of SQLite in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = None if options.database else Path(folder) / "register.db"
        database = Database(options.database or path)
        lists = StatusLists(
            database,
            did.SoftwareKey.from_seed("P-256", b"status scale"),
            base_url="https://issuer.example",
            clock=system_clock,
            random=system_random,
        )
        show("start", database=database.engine.dialect.name)
        taken = timed(lambda: credentials(database, options.credentials))
        show("credentials", credentials=options.credentials, seconds=round(taken.wall, 2))
        allocate(database, options.credentials)
        publish(lists, "publish the empty lists", 0)

        # Reproducible, and no secret: which credentials are revoked here.
        chosen = random.Random(1).sample(range(1, options.credentials + 1), int(options.credentials * options.revoked))
        single, many = chosen[:200], chosen[200:]
        each = change(database, single, 1, 1)
        show("revoke, a transaction each", changes=len(single), each=median_ms(each))
        publish(lists, "publish", len(single))
        each = change(database, many, 1, BATCH)
        show(
            f"revoke, {BATCH} a transaction",
            changes=len(many),
            seconds=round(total(each).wall, 2),
            cpu_us_each=round(1e6 * total(each).cpu / max(1, len(many)), 1),
        )
        publish(lists, "publish", len(many))
        revoked = set(chosen)
        for one in [one for one in range(1, options.credentials + 1) if one not in revoked][:10]:
            change(database, [one], 1, 1)
            publish(lists, "publish one change", 1)
        by_rows(database)
        sizes(database, lists, path)
        database.close()


if __name__ == "__main__":
    main()
