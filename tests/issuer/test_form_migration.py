"""A database from before the table of issued forms: every card keeps its forms, whatever version it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

import did
from issuer import form_migration
from issuer.database import SCHEMA_VERSION, Database
from issuer.tables import CardForm, CredentialRecord

World = Any
SD_JWT = "dc+sd-jwt"


def to_version_5(database: Database) -> None:
    """Undo the table of forms."""
    with database.transaction() as session:
        for column in ("document", "sd_jwt"):
            session.execute(text(f"ALTER TABLE credential ADD COLUMN {column} TEXT"))
        for column, name in (("document", "ldp_vc"), ("sd_jwt", SD_JWT)):
            session.execute(
                text(
                    f"UPDATE credential SET {column} = (SELECT content FROM card_form WHERE format = :name"
                    " AND card_form.credential_id = credential.id)"
                ),
                {"name": name},
            )
        session.execute(text("DROP TABLE card_form"))
        session.execute(text("UPDATE schema_version SET version = 5"))


def forms(database: Database) -> dict[tuple[str, str], tuple[str, str]]:
    """(reference, format) -> (content, sha256)."""
    with database.reading() as session:
        query = select(CredentialRecord.reference, CardForm).join(CardForm)
        return {(reference, kept.format): (kept.content, kept.sha256) for reference, kept in session.execute(query)}


@pytest.mark.parametrize("at_once", [1, 500])
def test_a_database_of_version_5_keeps_every_form_of_every_card(
    make_world: Callable[..., World], database_url: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(form_migration, "_AT_ONCE", at_once)
    world = make_world(database_url)
    world.import_rows(*world.family)
    phones = [did.generate("P-256") for _ in range(3)]
    [both] = world.issue(phones[0], kind="household-member", envelopes=[SD_JWT])
    [plain] = world.issue(phones[1], kind="household-member")
    [gone] = world.issue(phones[2], kind="household-member", envelopes=[SD_JWT])
    world.authority.revoke(gone.reference)
    before = forms(world.authority.database)
    assert before.keys() == {(both.reference, "ldp_vc"), (both.reference, SD_JWT), (plain.reference, "ldp_vc")}
    to_version_5(world.authority.database)
    world.authority.close()

    again = make_world(database_url)
    database: Database = again.authority.database
    assert database.run(lambda s: s.execute(text("SELECT version FROM schema_version")).scalar_one()) == SCHEMA_VERSION
    assert forms(database) == before
    assert all(hashlib.sha256(content.encode()).hexdigest() == digest for content, digest in before.values())
    with database.reading() as session:
        columns = {column["name"] for column in inspect(session.connection()).get_columns("credential")}
    assert not columns & {"document", "sd_jwt"}
    # A card keeps its forms when it is updated, and gets no others.
    again.import_rows({**again.family[0], "职业": "教师"})
    for old, kept in ((both, {SD_JWT}), (plain, set())):
        _, new = again.authority.update(old.reference)
        assert new is not None and set(new.envelopes) == kept


def test_a_database_of_version_3_issues_other_forms_and_keeps_its_cards(
    make_world: Callable[..., World], database_url: str
) -> None:
    world = make_world(database_url)
    world.import_rows(*world.family)
    [old] = world.issue(did.generate("P-256"), kind="household-member")
    to_version_5(world.authority.database)
    with world.authority.database.transaction() as session:
        session.execute(text("ALTER TABLE credential DROP COLUMN sd_jwt"))
        session.execute(text("UPDATE schema_version SET version = 3"))
    world.authority.close()

    again = make_world(database_url)
    assert again.authority.credential(old.reference).state == "active"
    assert forms(again.authority.database).keys() == {(old.reference, "ldp_vc")}
    [card] = again.issue(did.generate("P-256"), "李娜", again.li_na, envelopes=[SD_JWT], kind="household-member")
    assert card.envelopes.keys() == {SD_JWT}


def test_a_migration_that_is_broken_off_leaves_the_database_as_it_was(
    make_world: Callable[..., World], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(database_url)
    world.import_rows(*world.family)
    world.issue(did.generate("P-256"), kind="household-member", envelopes=[SD_JWT])
    before = forms(world.authority.database)
    to_version_5(world.authority.database)
    world.authority.close()

    moved = form_migration._move

    def fail(connection: Any, column: str, name: str) -> None:
        moved(connection, column, name)
        if column == "sd_jwt":
            raise RuntimeError("the machine stops")

    monkeypatch.setattr(form_migration, "_move", fail)
    with pytest.raises(RuntimeError):
        Database(database_url)
    monkeypatch.setattr(form_migration, "_move", moved)
    again = Database(database_url)
    assert forms(again) == before
    again.close()
