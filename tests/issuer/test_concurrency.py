"""Two processes at once, and processes that die in the middle: no index twice, nothing half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import did
import vc
from issuer.audit import Act
from issuer.database import Database
from issuer.environment import system_clock, system_random
from issuer.status_indexes import draw
from issuer.tables import (
    Application,
    AuditEntry,
    Base,
    CredentialRecord,
    Device,
    StatusEntry,
    StatusListRecord,
)

pytestmark = pytest.mark.long

World = Any

# What a second issuing process runs. argv: database URL, then what the test hands over as JSON.
_PRELUDE = """
import json, os, signal, sys
from datetime import UTC, datetime
import did, vc
from issuer.authority import Authority
url, given = sys.argv[1], json.loads(sys.argv[2])
now = datetime.fromisoformat(given["now"])

class Outbox:
    code = ""
    def deliver(self, delivery):
        self.code = delivery.code

def authority(**options):
    key = did.SoftwareKey.from_seed("P-256", b"the authority of the issuer's tests")
    return Authority(url, key, name="n", region="510000", base_url="https://sichuan.example", channel=outbox,
                     clock=lambda: now, **options)

outbox = Outbox()
def issue(a, name, number, device):
    application = a.apply(name, number, kind=given["kind"])
    proved = a.prove(application.reference, outbox.code)
    signed = vc.present([], device, challenge=proved.challenge, domain=proved.domain, now=now)
    return a.issue(application.reference, signed)
"""


def start(url: str, given: dict[str, Any], program: str) -> subprocess.Popen[str]:
    source = _PRELUDE + textwrap.dedent(program)
    return subprocess.Popen(
        [sys.executable, "-c", source, url, json.dumps(given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def given(world: World, **more: Any) -> dict[str, Any]:
    return {"now": world.clock.now.isoformat(), "kind": "household-member", **more}


def test_two_processes_never_draw_the_same_index(make_world: Callable[..., World], database_url: str) -> None:
    people = 12
    world = make_world(database_url)
    rows = []
    for index in range(people):
        number = world.number("19900101", 2 * index + 1)
        rows.append({**world.family[2], "公民身份号码": number, "姓名": f"王{'一二三四五六七八九十百千'[index]}"})
    assert world.import_rows(*rows).imported == people
    program = """
    with authority() as a:
        for name, number in given["people"]:
            for _ in range(2):
                [card] = issue(a, name, number, did.generate("P-256"))
                print(json.dumps(card.document["credentialStatus"]))
    """
    names = [[row["姓名"], row["公民身份号码"]] for row in rows]
    processes = [start(database_url, given(world, people=part), program) for part in (names[:6], names[6:])]
    drawn = [
        (entry["statusListCredential"], entry["statusListIndex"])
        for process in processes
        for line in finish(process).splitlines()
        for entry in json.loads(line)
    ]
    assert len(drawn) == people * 2 * 2
    assert max(Counter(drawn).values()) == 1
    assert len(world.authority.credentials()) == people * 2
    assert world.authority.verify_audit().intact


_DRAW = """
import sys
from sqlalchemy import select
from issuer.database import Database
from issuer.environment import system_random
from issuer.status_indexes import draw
from issuer.tables import CredentialRecord
database = Database(sys.argv[1])
with database.reading() as session:
    ids = list(session.scalars(select(CredentialRecord.id).order_by(CredentialRecord.id)))
for credential_id in ids[int(sys.argv[2])::2]:
    def one(session):
        found, position = draw(session, "revocation", credential_id, random=system_random, size=64)
        return found.number, position
    print(*database.run(one))
database.close()
"""


def test_even_full_lists_of_64_give_each_index_once(database_url: str) -> None:
    database = Database(database_url)
    with database.transaction() as session:
        _fill(session, 200)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _DRAW, database_url, str(part)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for part in (0, 1)
    ]
    drawn = [tuple(line.split()) for process in processes for line in process.communicate(timeout=120)[0].splitlines()]
    assert len(drawn) == 200 and max(Counter(drawn).values()) == 1
    lists = Counter(number for number, _ in drawn)
    assert 4 <= len(lists) <= 8 and max(lists.values()) <= 64
    with database.reading() as session:
        assert session.execute(select(func.count()).select_from(StatusEntry)).scalar_one() == 200
        numbers = list(session.scalars(select(StatusListRecord.number).order_by(StatusListRecord.number)))
        assert numbers == list(range(1, len(numbers) + 1))
    database.close()


def _fill(session: Any, count: int) -> None:
    """So many credentials of one person and device, to draw indexes for."""
    from datetime import date

    from issuer.tables import Person

    now = system_clock()
    person = Person(
        citizen_identity_number="510199199001010017", name="王一", sex="1", ethnic_group="01", facts={},
        birth_date=date(1990, 1, 1), registered_division="510104", registered_address="x", life_status="living",
        updated_at=now,
    )  # fmt: skip
    device = Device(did="did:key:z", person=person, state="active", created_at=now)
    session.add(device)
    for index in range(count):
        session.add(
            CredentialRecord(
                reference=f"R{index}", card_type="X", person=person, device=device, licence_identifier=f"L{index}",
                licence_serial=f"S{index}", licence_version=1, state="active", issued_at=now, valid_from=now,
                valid_until=now, claims_digest="",
            )
        )  # fmt: skip


def test_indexes_are_spread_over_the_whole_list(tmp_path: Path) -> None:
    database = Database(tmp_path / "r.db")
    with database.transaction() as session:
        _fill(session, 300)
        ids = list(session.scalars(select(CredentialRecord.id)))
        positions = [draw(session, "revocation", found, random=system_random)[1] for found in ids]
    database.close()
    eighths = Counter(position * 8 // 131_072 for position in positions)
    assert len(set(positions)) == 300
    assert len(eighths) == 8 and max(eighths.values()) < 300 / 8 * 2.5


def test_an_index_is_never_reused_even_after_revocation(lite: World) -> None:
    seen: set[tuple[str, int]] = set()
    for _ in range(6):
        [card] = lite.issue(did.generate("P-256"), kind="household-member")
        for entry in card.document["credentialStatus"]:
            key = (entry["statusListCredential"], int(entry["statusListIndex"]))
            assert key not in seen
            seen.add(key)
        lite.authority.revoke(card.reference)
        lite.clock.forward(hours=2)


def _everything(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (CredentialRecord, StatusEntry, AuditEntry, Device)
        }


STEPS = ["record", "indexes", "proof", "audit"]


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_while_issuing_leaves_nothing_half_done(world: World, step: str) -> None:
    device = did.generate("P-256")
    application = world.proved("张伟", world.zhang_wei, kind="household-member")
    before = _everything(world.authority.database)
    signed = world.possession(application, device)
    program = """
    def die(step):
        if step == given["step"]:
            os.kill(os.getpid(), signal.SIGKILL)
    with authority(on_step=die) as a:
        a.issue(given["application"], given["signed"])
    """
    process = start(world.url, given(world, step=step, application=application.reference, signed=signed), program)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert _everything(world.authority.database) == before
    assert world.authority.verify_audit().intact
    # The application stands where it stood: the same signed challenge still brings the card.
    [card] = world.authority.issue(application.reference, signed)
    assert vc.derive(card.document, selective_pointers=["/credentialSubject/name"])
    after = _everything(world.authority.database)
    assert after["credential"] == before["credential"] + 1 and after["status_entry"] == before["status_entry"] + 2


@pytest.mark.parametrize("step", ["proof", "envelope", "audit"])
def test_a_process_killed_while_issuing_in_two_forms_leaves_neither(world: World, step: str) -> None:
    device = did.generate("P-256")
    application = world.proved("张伟", world.zhang_wei, kind="household-member")
    before = _everything(world.authority.database)
    signed = world.possession(application, device)
    program = """
    def die(step):
        if step == given["step"]:
            os.kill(os.getpid(), signal.SIGKILL)
    with authority(on_step=die) as a:
        a.issue(given["application"], given["signed"], envelopes=["dc+sd-jwt"])
    """
    process = start(world.url, given(world, step=step, application=application.reference, signed=signed), program)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert _everything(world.authority.database) == before
    assert world.authority.verify_audit().intact
    [card] = world.authority.issue(application.reference, signed, envelopes=["dc+sd-jwt"])
    assert card.document and card.envelopes["dc+sd-jwt"]
    assert _everything(world.authority.database)["status_entry"] == before["status_entry"] + 3


@pytest.mark.parametrize("step", ["proof", "audit"])
def test_a_process_killed_while_updating_leaves_the_old_card_valid(world: World, step: str) -> None:
    device = did.generate("P-256")
    [old] = world.issue(device, kind="household-member")
    world.import_rows({**world.family[0], "职业": "教师"})
    before = _everything(world.authority.database)
    program = """
    def die(step):
        if step == given["step"]:
            os.kill(os.getpid(), signal.SIGKILL)
    with authority(on_step=die) as a:
        a.update(given["credential"])
    """
    process = start(world.url, given(world, step=step, credential=old.reference), program)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert _everything(world.authority.database) == before
    assert world.authority.credential(old.reference).state == "active"
    assert world.authority.update(old.reference)[0].kind == "changed"


def test_a_process_killed_while_importing_imports_nothing(make_world: Callable[..., World], database_url: str) -> None:
    world = make_world(database_url)
    program = """
    def die(rows, length):
        for done, row in enumerate(rows):
            if done == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            yield row
    with authority() as a:
        a.import_file(given["file"].encode(), progress=die)
    """
    text = world.to_csv(world.family).decode()
    process = start(database_url, given(world, file=text), program)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert world.authority.counts()["people"] == 0
    assert world.import_rows(*world.family).imported == 3


def test_two_updates_at_once_make_one_successor(world: World) -> None:
    [old] = world.issue(did.generate("P-256"), kind="household-member")
    world.import_rows({**world.family[0], "职业": "教师"})
    program = """
    from issuer.errors import StateError
    with authority() as a:
        try:
            print(a.update(given["credential"])[0].kind.value)
        except StateError as error:
            print(error.code)
    """
    processes = [start(world.url, given(world, credential=old.reference), program) for _ in range(2)]
    assert sorted(finish(process).strip() for process in processes) == ["changed", "credential.revoked"]
    assert [view.state for view in world.authority.credentials()] == ["revoked", "active"]


def test_two_devices_race_for_one_application_and_one_wins(world: World) -> None:
    application = world.proved("张伟", world.zhang_wei, kind="household-member")
    program = """
    from issuer.errors import IssuerError
    with authority() as a:
        try:
            print(len(a.issue(given["application"], given["signed"])))
        except IssuerError as error:
            print(error.code)
    """
    processes = [
        start(
            world.url,
            given(
                world,
                application=application.reference,
                signed=world.possession(application, did.generate("P-256")),
            ),
            program,
        )
        for _ in range(2)
    ]
    answers = sorted(finish(process).strip() for process in processes)
    assert answers[0] == "1" and answers[1] in ("application.challenge", "device.possession")
    assert len(world.authority.credentials()) == 1


def test_a_loss_and_an_issuance_at_once_leave_no_valid_card(world: World) -> None:
    device = did.generate("P-256")
    world.issue(device, kind="household-member")
    application = world.proved("张伟", world.zhang_wei, kind="household-register")
    signed = world.possession(application, device)
    issuing = """
    from issuer.errors import IssuerError
    with authority() as a:
        try:
            a.issue(given["application"], given["signed"])
        except IssuerError as error:
            print(error.code)
    """
    losing = """
    with authority() as a:
        a.report_lost(given["device"])
    """
    processes = [
        start(world.url, given(world, application=application.reference, signed=signed), issuing),
        start(world.url, given(world, device=device.did), losing),
    ]
    for process in processes:
        finish(process)
    assert {view.state for view in world.authority.credentials()} == {"suspended"}


def test_two_processes_create_the_tables_once(database_url: str, tmp_path: Path) -> None:
    program = "import sys\nfrom issuer.database import Database\nDatabase(sys.argv[1]).close()\n"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for _ in range(3)
    ]
    for process in processes:
        finish(process)
    database = Database(database_url)
    with database.reading() as session:
        assert (
            session.execute(select(func.count()).select_from(Base.metadata.tables["schema_version"])).scalar_one() == 1
        )
        assert session.execute(select(func.count()).select_from(Application)).scalar_one() == 0
    database.close()


def test_a_transaction_that_fails_keeps_nothing(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(RuntimeError), database.transaction() as session:
        Act(session, system_clock(), "test").note("something")
        raise RuntimeError
    with database.reading() as session:
        assert session.execute(select(func.count()).select_from(AuditEntry)).scalar_one() == 0
    database.close()
