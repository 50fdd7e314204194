"""The database: its schema and versions, what it refuses, and the audit log's chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from issuer import audit
from issuer.audit import Act
from issuer.database import GENESIS, SCHEMA_VERSION, Database
from issuer.errors import RegisterError
from issuer.tables import AuditEntry, Membership, Person, SchemaVersion

World = Any
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Any:
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def lite_database(tmp_path: Path) -> Any:
    made = Database(tmp_path / "register.db")
    yield made
    made.close()


def test_a_database_knows_its_schema_version(database: Database) -> None:
    with database.reading() as session:
        assert session.scalars(select(SchemaVersion.version)).one() == SCHEMA_VERSION


def test_a_newer_database_is_refused(database_url: str) -> None:
    database = Database(database_url)
    with database.transaction() as session:
        session.execute(text("UPDATE schema_version SET version = 99"))
    database.close()
    with pytest.raises(RegisterError) as refused:
        Database(database_url)
    assert refused.value.code == "register.version"


def test_sqlite_runs_with_wal_and_foreign_keys(lite_database: Database) -> None:
    with lite_database.reading() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert session.execute(text("PRAGMA busy_timeout")).scalar_one() == 30_000


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(Membership(person_id=1, household_id=1, relationship_to_head="02"))


def test_naive_moments_are_refused(lite_database: Database) -> None:
    with pytest.raises(StatementError), lite_database.transaction() as session:
        session.execute(select(Person).where(Person.updated_at == datetime(2026, 1, 1)))


BAD_URLS = ["mysql://localhost/x", "nonsense://", "oracle://x", "://", "sqlite+nothing:///x", "http://example.com/"]


@pytest.mark.parametrize("url", BAD_URLS)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(RegisterError) as refused:
        Database(url)
    assert refused.value.code == "register.url"


def test_an_unreachable_database_is_an_error_that_tells_no_password() -> None:
    with pytest.raises(RegisterError) as refused:
        Database("postgresql://someone:secret@127.0.0.1:1/none")
    assert refused.value.code == "register.unusable"
    assert "secret" not in f"{refused.value} {refused.value.zh}"


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 500], ids=["text", "damaged"]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(content)
    with pytest.raises(RegisterError) as refused:
        Database(path)
    assert refused.value.code == "register.damaged"
    assert path.read_bytes() == content


def test_a_place_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError):
        Database(tmp_path / "missing" / "register.db")


# --- audit ---------------------------------------------------------------------------------------------------------


def _log(database: Database, count: int = 5) -> None:
    for number in range(count):
        with database.transaction() as session:
            Act(session, NOW, "tester").note("event", f"thing:{number}", number=number, text="文字")


def test_the_chain_holds_from_the_first_entry_to_the_head(database: Database) -> None:
    _log(database)
    with database.reading() as session:
        report = audit.verify(session)
        assert report.intact and report.count == 5 and report.head == audit.head(session)[1]
        entries = audit.entries(session)
        assert [entry["seq"] for entry in entries] == [1, 2, 3, 4, 5]
        assert entries[0]["previous"] == GENESIS and entries[0]["details"] == {"number": 0, "text": "文字"}
        assert audit.verify(session, expected=(3, entries[2]["digest"])).intact
        assert [entry["seq"] for entry in audit.entries(session, subject="thing:2")] == [3]


def test_an_empty_log_is_intact(database: Database) -> None:
    with database.reading() as session:
        assert audit.verify(session) == audit.AuditReport(0, GENESIS)
        assert audit.verify(session, expected=(0, GENESIS)).intact


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_the_log(database: Database, statement: str) -> None:
    _log(database)
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as session:
        session.execute(text(statement))
    with database.reading() as session:
        assert audit.verify(session).intact


TAMPERED = {
    "another actor": ("UPDATE audit_entry SET actor = 'somebody else' WHERE seq = 3", 3, "digest"),
    "other details": ("""UPDATE audit_entry SET details = '{"number":9}' WHERE seq = 2""", 2, "digest"),
    "respaced details": ("UPDATE audit_entry SET details = details || ' ' WHERE seq = 2", 2, "digest"),
    "another time": ("UPDATE audit_entry SET at = '2020-01-01T00:00:00Z' WHERE seq = 1", 1, "digest"),
    "a deleted entry": ("DELETE FROM audit_entry WHERE seq = 3", 3, "missing"),
    "a deleted beginning": ("DELETE FROM audit_entry WHERE seq = 1", 1, "missing"),
    "a deleted end": ("DELETE FROM audit_entry WHERE seq = 5", 5, "head"),
    "a new end": ("UPDATE audit_head SET seq = 4", 6, "head"),
    "no text at all": ("UPDATE audit_entry SET details = '' WHERE seq = 4", 4, "digest"),
    "a broken chain": ("UPDATE audit_entry SET previous = digest WHERE seq = 4", 4, "previous"),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_around_the_triggers_is_found(lite_database: Database, tmp_path: Path, case: str) -> None:
    statement, broken_at, why = TAMPERED[case]
    _log(lite_database)
    raw = sqlite3.connect(tmp_path / "register.db")
    raw.execute("DROP TRIGGER audit_entry_UPDATE")
    raw.execute("DROP TRIGGER audit_entry_DELETE")
    raw.execute(statement)
    raw.commit()
    raw.close()
    with lite_database.reading() as session:
        report = audit.verify(session)
    assert (report.intact, report.broken_at, report.why) == (False, broken_at, why)


def test_a_cut_and_mended_log_is_found_by_the_head_noted_elsewhere(lite_database: Database, tmp_path: Path) -> None:
    _log(lite_database)
    with lite_database.reading() as session:
        noted = audit.head(session)
    raw = sqlite3.connect(tmp_path / "register.db")
    raw.execute("DROP TRIGGER audit_entry_DELETE")
    raw.execute("DELETE FROM audit_entry WHERE seq > 3")
    raw.execute("UPDATE audit_head SET seq = 3, digest = (SELECT digest FROM audit_entry WHERE seq = 3)")
    raw.commit()
    raw.close()
    with lite_database.reading() as session:
        assert audit.verify(session).intact
        report = audit.verify(session, expected=noted)
    assert (report.intact, report.broken_at, report.why) == (False, 5, "expected")


def test_details_that_are_no_json_are_refused_before_anything_is_written(lite_database: Database) -> None:
    with pytest.raises(Exception, match=r".") as refused, lite_database.transaction() as session:
        Act(session, NOW, "tester").note("event", thing=object())
    assert not isinstance(refused.value, IntegrityError)
    with lite_database.reading() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_every_step_of_a_card_is_in_the_log(make_world: Callable[..., World], database_url: str, device: Any) -> None:
    world = make_world(database_url)
    world.import_rows(*world.family)
    [card] = world.issue(device, kind="household-member")
    world.authority.suspend(card.reference)
    world.authority.resume(card.reference)
    world.authority.revoke(card.reference)
    world.authority.report_lost(device.did)
    world.authority.publish()
    events = [entry["event"] for entry in world.authority.audit_entries()]
    assert events == [
        "authority.created",
        "register.imported",
        "application.opened",
        "application.proved",
        "credential.issued",
        "application.issued",
        "credential.suspended",
        "hold.placed",
        "credential.resumed",
        "hold.lifted",
        "credential.revoked",
        "device.lost",
        "status_list.published",
        "status_list.published",
    ]
    of_card = world.authority.audit_entries(subject=f"credential:{card.reference}")
    assert [entry["event"].split(".")[1] for entry in of_card] == ["issued", "suspended", "resumed", "revoked"]
