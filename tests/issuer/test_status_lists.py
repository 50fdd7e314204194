"""Status lists from the database: what was set is published, once, from the packed state; nothing gets lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text

import did
import vc
from issuer.database import Database
from issuer.environment import system_random
from issuer.errors import NotFoundError, StateError
from issuer.status_indexes import draw, open_list, set_status
from issuer.status_lists import StatusLists
from issuer.status_purposes import KINDS, StatusMessages, entry_at
from issuer.status_tables import StatusChange, StatusPublication
from issuer.tables import CredentialRecord, Device, Person, StatusEntry, StatusListRecord
from vc.problems import ProblemError
from vc.status import MINIMUM_ENTRIES, StatusList, read_status_list_token

World = Any
BASE = "https://sichuan.example"
KEY = did.SoftwareKey.from_seed("P-256", b"the authority of the issuer's tests")
MESSAGES = StatusMessages(
    ("no message", "apply for the endorsement", "collect the card", "undefined"), f"{BASE}/status-messages"
)


class Clock:
    now = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class Bench:
    """Lists over a database with credentials that only have a status."""

    def __init__(self, database: Database, **options: Any) -> None:
        self.database = database
        self.clock = Clock()
        self.lists = StatusLists(database, KEY, base_url=BASE, clock=self.clock, random=system_random, **options)

    def credentials(self, count: int) -> list[int]:
        """The ids of so many new credentials."""
        with self.database.transaction() as session:
            before = session.execute(select(func.count()).select_from(CredentialRecord)).scalar_one()
            now = self.clock()
            device = session.scalars(select(Device)).first()
            if device is None:
                person = Person(
                    citizen_identity_number="510199199001010017", name="王一", sex="1", ethnic_group="01", facts={},
                    birth_date=now.date(), registered_division="510104", registered_address="x",
                    life_status="living", updated_at=now,
                )  # fmt: skip
                device = Device(did="did:key:z", person=person, state="active", created_at=now)
            made = [
                CredentialRecord(
                    reference=f"R{index}", card_type="X", person=device.person, device=device,
                    licence_identifier=f"L{index}", licence_serial=f"S{index}", licence_version=1, state="active",
                    issued_at=now, valid_from=now, valid_until=now, claims_digest="",
                )
                for index in range(before, before + count)
            ]  # fmt: skip
            session.add_all(made)
            session.flush()
            return [record.id for record in made]

    def draw(self, purpose: str, *credentials: int, size: int = MINIMUM_ENTRIES, **options: Any) -> list[int]:
        def all_of_them(session: Any) -> list[int]:
            return [draw(session, purpose, one, random=system_random, size=size, **options)[1] for one in credentials]

        return self.database.run(all_of_them)

    def set(self, credential: int, purpose: str, value: int = 1) -> bool:
        return self.database.run(lambda session: set_status(session, credential, purpose, value, at=self.clock()))

    def waiting(self) -> int:
        with self.database.reading() as session:
            return session.execute(select(func.count()).select_from(StatusChange)).scalar_one()

    def published(self, purpose: str, number: int = 1, size: int = 1) -> dict[int, int]:
        """What the last publication says."""
        with self.database.reading() as session:
            query = select(StatusListRecord.id).where(
                StatusListRecord.purpose == purpose, StatusListRecord.number == number
            )
            kept = session.get(StatusPublication, (session.scalars(query).one(), "vc"))
            assert kept is not None
            document = json.loads(kept.content)
        return dict(StatusList.decode(document["credentialSubject"]["encodedList"], size=size).items())


@pytest.fixture
def bench(database_url: str) -> Iterator[Bench]:
    database = Database(database_url)
    yield Bench(database)
    database.close()


@pytest.fixture
def lite_bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database(tmp_path / "register.db")
    yield Bench(database)
    database.close()


def test_a_change_waits_until_its_list_is_published(bench: Bench) -> None:
    first, second = bench.credentials(2)
    [place] = bench.draw("revocation", first)
    bench.draw("revocation", second)
    assert bench.lists.due() == [("revocation", 1)]
    [made] = bench.lists.publish_due()
    assert (made.set_bits, made.publication, bench.lists.due()) == (0, 1, [])
    assert bench.set(first, "revocation")
    assert bench.published("revocation") == {} and bench.waiting() == 1
    assert bench.lists.due() == [("revocation", 1)]
    [made] = bench.lists.publish_due()
    assert (made.set_bits, made.publication, bench.waiting()) == (1, 2, 0)
    assert bench.published("revocation") == {place: 1}
    assert bench.lists.publish_due() == []
    assert bench.lists.differing() == []


def test_a_publication_reads_no_entries(bench: Bench) -> None:
    credentials = bench.credentials(50)
    bench.draw("revocation", *credentials)
    for one in credentials[:20]:
        bench.set(one, "revocation")
    statements: list[str] = []
    event.listen(
        bench.database.engine, "before_cursor_execute", lambda *arguments: statements.append(str(arguments[2]))
    )
    [made] = bench.lists.publish_due()
    assert made.set_bits == 20
    assert not [statement for statement in statements if "status_entry" in statement]
    bench.set(credentials[30], "revocation")
    assert bench.lists.publish_due()[0].set_bits == 21


def test_the_last_of_several_changes_counts(bench: Bench) -> None:
    [one] = bench.credentials(1)
    [place] = bench.draw("suspension", one)
    for value in (1, 0, 1, 0, 1):
        assert bench.set(one, "suspension", value)
    bench.lists.publish_due()
    assert bench.published("suspension") == {place: 1}
    bench.set(one, "suspension", 0)
    bench.lists.publish_due()
    assert bench.published("suspension") == {}


def test_what_is_set_already_changes_nothing(bench: Bench) -> None:
    [one] = bench.credentials(1)
    assert not bench.set(one, "revocation")
    bench.draw("revocation", one)
    assert not bench.set(one, "revocation", 0)
    assert bench.set(one, "revocation")
    assert not bench.set(one, "revocation")
    assert bench.waiting() == 1


@pytest.mark.parametrize("purpose", ["revocation", "refresh"])
def test_what_is_final_is_not_taken_back(lite_bench: Bench, purpose: str) -> None:
    [one] = lite_bench.credentials(1)
    lite_bench.draw(purpose, one)
    lite_bench.set(one, purpose)
    with pytest.raises(ProblemError) as refused:
        lite_bench.set(one, purpose, 0)
    assert refused.value.code == "status.purpose"
    assert lite_bench.waiting() == 1


@pytest.mark.parametrize(("purpose", "value"), [("revocation", 2), ("suspension", -1), ("message", 4), ("token", 4)])
def test_a_status_that_does_not_fit_is_refused(lite_bench: Bench, purpose: str, value: int) -> None:
    [one] = lite_bench.credentials(1)
    lite_bench.draw(purpose, one)
    with pytest.raises(ProblemError) as refused:
        lite_bench.set(one, purpose, value)
    assert refused.value.code == "status.range"
    assert lite_bench.waiting() == 0


@pytest.mark.parametrize("bits", [1, 2, 3, 5, 8, 16])
def test_messages_of_any_size_are_published(lite_bench: Bench, bits: int) -> None:
    credentials = lite_bench.credentials(12)
    places = lite_bench.draw("message", *credentials, bits=bits)
    expected = {}
    for number, (one, place) in enumerate(zip(credentials, places, strict=True)):
        value = number % (1 << bits)
        lite_bench.set(one, "message", value)
        if value:
            expected[place] = value
    [made] = lite_bench.lists.publish_due()
    assert lite_bench.published("message", size=bits) == expected
    assert made.set_bits == len(expected)
    lite_bench.lists.publish()
    assert lite_bench.published("message", size=bits) == expected
    assert lite_bench.lists.differing() == []


def test_lists_of_another_size_are_lists_of_their_own(lite_bench: Bench) -> None:
    one, two, three = lite_bench.credentials(3)
    lite_bench.draw("message", one, bits=2)
    lite_bench.draw("message", two, bits=4)
    lite_bench.draw("message", three, bits=2)
    with lite_bench.database.reading() as session:
        found = session.execute(
            select(StatusListRecord.number, StatusListRecord.bits).order_by(StatusListRecord.number)
        ).all()
        drawn = session.scalars(select(StatusEntry.list_id).order_by(StatusEntry.credential_id)).all()
    assert [tuple(row) for row in found] == [(1, 2), (2, 4)]
    assert drawn[0] == drawn[2] != drawn[1]


def test_lists_fill_in_order_and_are_all_published(lite_bench: Bench) -> None:
    credentials = lite_bench.credentials(300)
    lite_bench.draw("token", *credentials, size=64)
    for one in credentials:
        lite_bench.set(one, "token", 1)
    published = lite_bench.lists.publish_due()
    assert [made.number for made in published] == list(range(1, len(published) + 1))
    assert sum(made.set_bits for made in published) == 300
    assert min(made.set_bits for made in published[:-1]) > 32
    assert lite_bench.lists.differing() == []


def test_a_token_list_is_signed_in_both_forms(lite_bench: Bench) -> None:
    one, two = lite_bench.credentials(2)
    [first, second] = lite_bench.draw("token", one, two)
    lite_bench.set(one, "token", 1)
    lite_bench.set(two, "token", 2)
    for form in ("jwt", "cwt"):
        served = lite_bench.lists.served("token", 1, form)
        token = read_status_list_token(served.content)
        assert served.media_type == f"application/statuslist+{form}"
        assert token.verify(KEY.public_key)
        assert token.uri == entry_at(f"{BASE}/status/token/1", "token", first)["status_list"]["uri"]
        assert dict(token.status_list().items()) == {first: 1, second: 2}
    with pytest.raises(NotFoundError):
        lite_bench.lists.served("token", 1, "vc")


def test_a_list_is_signed_anew_half_way_to_its_end(lite_bench: Bench) -> None:
    [one] = lite_bench.credentials(1)
    lite_bench.draw("revocation", one)
    lite_bench.lists.publish_due()
    lite_bench.clock.forward(hours=11, minutes=59)
    assert lite_bench.lists.due() == []
    lite_bench.clock.forward(minutes=1)
    assert lite_bench.lists.due() == [("revocation", 1)]


class TestServed:
    def test_a_list_is_published_when_it_is_asked_for_first(self, lite_bench: Bench) -> None:
        [one] = lite_bench.credentials(1)
        lite_bench.draw("revocation", one)
        served = lite_bench.lists.served("revocation", 1)
        assert served.publication == 1
        assert vc.verify(served.content, now=lite_bench.clock()).verified
        assert lite_bench.lists.served("revocation", 1) == served

    def test_a_change_is_served_within_the_interval_even_when_nobody_publishes(self, lite_bench: Bench) -> None:
        [one] = lite_bench.credentials(1)
        lite_bench.draw("revocation", one)
        lite_bench.lists.served("revocation", 1)
        lite_bench.set(one, "revocation")
        lite_bench.clock.forward(seconds=29)
        assert lite_bench.lists.served("revocation", 1).publication == 1
        lite_bench.clock.forward(seconds=1)
        assert lite_bench.lists.served("revocation", 1).publication == 2
        assert len(lite_bench.published("revocation")) == 1

    def test_a_change_of_a_process_whose_clock_is_ahead_does_not_wait(self, lite_bench: Bench) -> None:
        [one] = lite_bench.credentials(1)
        lite_bench.draw("revocation", one)
        lite_bench.lists.served("revocation", 1)
        lite_bench.clock.forward(hours=1)
        lite_bench.set(one, "revocation")
        lite_bench.clock.forward(hours=-1)
        assert lite_bench.lists.served("revocation", 1).publication == 2

    def test_a_list_that_ended_is_not_served(self, lite_bench: Bench) -> None:
        [one] = lite_bench.credentials(1)
        lite_bench.draw("revocation", one)
        lite_bench.lists.served("revocation", 1)
        lite_bench.clock.forward(days=3)
        assert lite_bench.lists.served("revocation", 1).valid_until > lite_bench.clock()

    @pytest.mark.parametrize(
        ("purpose", "number", "form"),
        [("revocation", 2, "vc"), ("revocation", 0, "vc"), ("revocation", -1, "vc"), ("revocation", 2**40, "vc"),
         ("revocation", 1, "jwt"), ("revocation", 1, "x"), ("other", 1, "vc"), ("", 1, "vc"), ("token", 1, "jwt")],
    )  # fmt: skip
    def test_other_lists_are_unknown(self, lite_bench: Bench, purpose: str, number: int, form: str) -> None:
        lite_bench.lists.publish()
        with pytest.raises(NotFoundError) as refused:
            lite_bench.lists.served(purpose, number, form)
        assert refused.value.code == "status_list.unknown"


class TestFiles:
    def test_files_are_what_is_served(self, lite_bench: Bench, tmp_path: Path) -> None:
        one, two = lite_bench.credentials(2)
        lite_bench.draw("revocation", one, two)
        lite_bench.draw("token", one)
        lite_bench.lists.publish_due(tmp_path / "status")
        names = {path.name: path.read_bytes() for path in (tmp_path / "status").iterdir()}
        assert set(names) == {"revocation-1.json", "token-1.jwt", "token-1.cwt"}
        assert names["token-1.cwt"] == lite_bench.lists.served("token", 1, "cwt").content
        assert names["revocation-1.json"] == lite_bench.lists.served("revocation", 1).content

    def test_files_follow_what_another_process_published(self, lite_bench: Bench, tmp_path: Path) -> None:
        [one] = lite_bench.credentials(1)
        lite_bench.draw("revocation", one)
        lite_bench.lists.publish_due(tmp_path)
        lite_bench.set(one, "revocation")
        lite_bench.lists.publish_due()
        path = tmp_path / "revocation-1.json"
        assert path.read_bytes() != lite_bench.lists.served("revocation", 1).content
        assert lite_bench.lists.write_files(tmp_path) == [path]
        assert path.read_bytes() == lite_bench.lists.served("revocation", 1).content
        assert lite_bench.lists.write_files(tmp_path) == []


@pytest.mark.parametrize(
    "texts", [(), ("one",), ("a", "b", "c"), tuple("abcde"), tuple(str(value) for value in range(2**17)), (1, 2)]
)
def test_messages_that_cannot_be_are_refused(texts: Any) -> None:
    with pytest.raises(ProblemError):
        StatusMessages(texts)


def test_an_entry_says_what_its_purpose_needs() -> None:
    entry = entry_at(f"{BASE}/status/message/1", "message", 7, MESSAGES)
    assert (entry["statusSize"], entry["statusReference"]) == (2, f"{BASE}/status-messages")
    assert [item["status"] for item in entry["statusMessage"]] == ["0x0", "0x1", "0x2", "0x3"]
    assert entry_at(f"{BASE}/status/refresh/1", "refresh", 7)["statusPurpose"] == "refresh"
    with pytest.raises(ProblemError):
        entry_at(f"{BASE}/status/message/1", "message", 7)


class TestAuthority:
    @pytest.fixture
    def world(self, make_world: Callable[..., World]) -> World:
        world = make_world(purposes=("revocation", "suspension", "refresh", "message"), messages=MESSAGES)
        world.import_rows(*world.family)
        return world

    def test_a_card_has_an_entry_of_each_purpose_and_verifies(self, world: World) -> None:
        [card] = world.issue(did.generate("P-256"), kind="household-member")
        entries = {entry["statusPurpose"]: entry for entry in card.document["credentialStatus"]}
        assert set(entries) == {"revocation", "suspension", "refresh", "message"}
        assert entries["message"]["statusMessage"][2] == {"status": "0x2", "message": "collect the card"}

    def status(self, world: World, card: Any) -> Any:
        from vc.status import FileStatusSource, StatusChecker

        files = FileStatusSource()
        for made in world.authority.publish():
            files._documents[made.url] = made.forms[0].content
        shown = vc.derive(card.document, selective_pointers=["/credentialSubject/name"])
        return vc.verify(shown, now=world.clock.now, status=StatusChecker(files))

    def test_refresh_and_message_warn_and_invalidate_nothing(self, world: World) -> None:
        [card] = world.issue(did.generate("P-256"), kind="household-member")
        assert self.status(world, card).verified
        world.authority.offer_refresh(card.reference)
        world.authority.set_message(card.reference, 2)
        world.clock.forward(seconds=1)
        verdict = self.status(world, card)
        assert verdict.verified
        said = {problem.code: problem.detail for problem in verdict.warnings}
        assert set(said) >= {"status.refresh", "status.message"}
        assert "collect the card" in said["status.message"]

    def test_what_cannot_be_said_is_refused(self, world: World, make_world: Callable[..., World]) -> None:
        [card] = world.issue(did.generate("P-256"), kind="household-member")
        world.authority.offer_refresh(card.reference)
        for call, code in (
            (lambda: world.authority.offer_refresh(card.reference), "credential.status"),
            (lambda: world.authority.set_message(card.reference, 0), "credential.status"),
            (lambda: world.authority.set_message(card.reference, 4), "credential.message"),
            (lambda: world.authority.set_message(card.reference, -1), "credential.message"),
        ):
            with pytest.raises(StateError) as refused:
                call()
            assert refused.value.code == code
        world.authority.revoke(card.reference)
        with pytest.raises(StateError) as refused:
            world.authority.set_message(card.reference, 1)
        assert refused.value.code == "credential.revoked"

    def test_one_token_status_follows_the_state_of_the_card(self, lite: World) -> None:
        [card] = lite.issue(did.generate("P-256"), kind="household-member")
        authority = lite.authority
        record = authority.database.run(lambda session: session.scalars(select(CredentialRecord.id)).one())
        authority.database.run(lambda session: draw(session, "token", record, random=system_random))

        def now() -> int:
            authority.status_lists.publish_due()
            token = read_status_list_token(authority.status_lists.served("token", 1, "jwt").content)
            return next((status for _, status in token.status_list().items()), 0)

        assert now() == 0
        authority.suspend(card.reference)
        assert now() == 2
        authority.resume(card.reference)
        assert now() == 0
        authority.suspend(card.reference)
        authority.revoke(card.reference)
        assert now() == 1


def test_a_database_of_version_1_keeps_its_statuses(database_url: str) -> None:
    bench = Bench(Database(database_url))
    credentials = bench.credentials(5)
    places = bench.draw("revocation", *credentials)
    bench.set(credentials[2], "revocation")
    with bench.database.transaction() as session:
        for table in ("status_change", "status_publication", "officer", "device_challenge"):
            session.execute(text(f"DROP TABLE {table}"))
        for column in ("bits", "state", "valid_until"):
            session.execute(text(f"ALTER TABLE status_list DROP COLUMN {column}"))
        if database_url.startswith("postgresql"):
            session.execute(text("ALTER TABLE status_entry ALTER COLUMN value TYPE BOOLEAN USING value::int::boolean"))
        session.execute(text("UPDATE schema_version SET version = 1"))
    bench.database.close()
    again = Bench(Database(database_url))
    [made] = again.lists.publish_due()
    assert made.set_bits == 1
    assert again.published("revocation") == {places[2]: 1}
    assert again.lists.differing() == []
    again.database.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 3), st.integers(0, 3)),
            st.just("publish"),
        ),
        max_size=30,
    )
)
def test_whatever_is_set_in_whatever_order_is_what_is_published(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    database = Database(tmp_path_factory.mktemp("lists") / "register.db")
    bench = Bench(database)
    credentials = bench.credentials(4)
    for purpose in KINDS:
        bench.draw(purpose, *credentials)
    for step in steps:
        if step == "publish":
            bench.lists.publish_due()
            assert bench.waiting() == 0
            continue
        purpose, which, value = step
        try:
            bench.set(credentials[which], purpose, value)
        except ProblemError as error:
            assert error.code in ("status.range", "status.purpose")
        assert bench.lists.differing() == []
    bench.lists.publish_due()
    assert bench.lists.differing() == [] and bench.waiting() == 0
    database.close()


_RUN = """
import json, os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
import did
from issuer import lifecycle
from issuer.authority import Authority
url, given = sys.argv[1], json.loads(sys.argv[2])
now = datetime.fromisoformat(given["now"])

def die(step):
    if step == given["step"]:
        os.kill(os.getpid(), signal.SIGKILL)

def authority():
    key = did.SoftwareKey.from_seed("P-256", b"the authority of the issuer's tests")
    return Authority(url, key, name="n", region="510000", base_url="https://sichuan.example", clock=lambda: now,
                     on_step=die)
"""


def run(url: str, given: dict[str, Any], program: str) -> int:
    process = subprocess.run(
        [sys.executable, "-c", _RUN + textwrap.dedent(program), url, json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.returncode in (0, -signal.SIGKILL), process.stderr
    return process.returncode


CHANGE = """
set_status = lifecycle.set_status
def setting(*arguments, **options):
    die("before the change")
    changed = set_status(*arguments, **options)
    die("changed")
    return changed
lifecycle.set_status = setting
with authority() as a:
    a.revoke(given["credential"])
    die("committed")
    a.status_lists.publish_due(Path(given["directory"]))
    die("published")
"""
STEPS = ["locked", "merged", "signed", "kept", "noted", "written"]


@pytest.mark.parametrize("step", ["before the change", "changed", "committed", *STEPS, "published"])
def test_a_process_killed_between_a_change_and_its_publication_loses_nothing(
    world: World, tmp_path: Path, step: str
) -> None:
    [card] = world.issue(did.generate("P-256"), kind="household-member")
    directory = tmp_path / "status"
    lists = world.authority.status_lists
    lists.publish_due(directory)
    world.clock.forward(seconds=5)
    options = {"now": world.clock.now.isoformat(), "credential": card.reference, "directory": str(directory)}
    assert run(world.url, {**options, "step": step}, CHANGE) == -signal.SIGKILL

    revoked = world.authority.credential(card.reference).state == "revoked"
    assert revoked is (step not in ("before the change", "changed"))
    due = lists.due()
    assert due == ([("revocation", 1)] if revoked and step != "published" else [])
    assert lists.differing() == []
    # The restarted process: what waits is published, and what is served and what is in the files says it.
    lists.publish_due(directory)
    lists.write_files(directory)
    served = lists.served("revocation", 1).content
    index = int(card.document["credentialStatus"][0]["statusListIndex"])
    shown = StatusList.decode(json.loads(served)["credentialSubject"]["encodedList"])
    assert dict(shown.items()) == ({index: 1} if revoked else {})
    assert (directory / "revocation-1.json").read_bytes() == served
    assert lists.differing() == [] and lists.due() == []
    assert world.authority.verify_audit().intact


_SETTING = """
import sys, time
from issuer.database import Database
from issuer.environment import system_clock
from issuer.status_indexes import set_status
database = Database(sys.argv[1])
for one in sys.argv[2].split(","):
    database.run(lambda session: set_status(session, int(one), "suspension", 1, at=system_clock()))
database.close()
"""


def test_changes_and_publications_at_the_same_time_lose_nothing(bench: Bench) -> None:
    credentials = bench.credentials(120)
    places = bench.draw("suspension", *credentials)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    url = bench.database.engine.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _SETTING, url, ",".join(map(str, part))], stderr=subprocess.PIPE, env=environment
        )
        for part in (credentials[::2], credentials[1::2])
    ]
    while any(process.poll() is None for process in processes):
        bench.lists.publish_due()
    for process in processes:
        assert process.communicate()[1] == b"" and process.returncode == 0
    bench.lists.publish_due()
    assert bench.published("suspension") == dict.fromkeys(places, 1)
    assert bench.waiting() == 0 and bench.lists.differing() == []


def test_a_list_is_opened_once_for_each_purpose(bench: Bench) -> None:
    with bench.database.transaction() as session:
        for purpose in KINDS:
            assert open_list(session, purpose).number == open_list(session, purpose).number == 1
            record = session.get_one(StatusListRecord, open_list(session, purpose).id)
            assert (record.purpose, record.bits, record.size) == (purpose, KINDS[purpose].bits, MINIMUM_ENTRIES)
