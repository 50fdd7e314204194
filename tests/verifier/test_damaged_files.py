"""The counter's files, damaged: the ledger and the trust list say so, and nothing is accepted meanwhile."""

from __future__ import annotations

import os
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

import did
import vc
from vc.problems import ProblemError
from verifier import trust_list_credential
from verifier.ledger import LedgerUnavailable, SqliteLedger
from verifier.trust_store import TrustStore

from ..mutations import damage, damages, other_files

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ANCHOR = did.SoftwareKey.from_seed("P-256", b"the anchor of damaged files")


def _ledger() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        ledger = SqliteLedger(path)
        with ledger.transaction() as statements:
            for number in range(50):
                statements.run("INSERT INTO used VALUES (?, ?)", (f"key {number}", 2_000_000_000))
        ledger.close()
        return path.read_bytes()


def _trust_list() -> bytes:
    import json

    unsigned = trust_list_credential(
        issuer=ANCHOR.did,
        issuers=[
            {
                "did": "did:web:a.example",
                "name": "n",
                "cardType": ["ResidentIdentityCardCredential"],
                "region": ["510000"],
            }
        ],
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=1),
    )
    return json.dumps(vc.issue(unsigned, ANCHOR, now=NOW)).encode()


LEDGER, TRUST = _ledger(), _trust_list()


@settings(max_examples=60, deadline=None)
@given(damages())
def test_a_damaged_ledger_is_unavailable_with_its_name_and_what_to_do(what: tuple[str, int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        path.write_bytes(damage(LEDGER, *what))
        ledger = SqliteLedger(path)
        try:
            with ledger.transaction() as statements:
                statements.rows("SELECT * FROM used")
                statements.run("INSERT OR REPLACE INTO used VALUES ('new', 1)")
            ledger.close()
        except LedgerUnavailable as error:
            assert "ledger.db" in str(error) and "备份" in str(error) and "put back a copy" in str(error)


@pytest.mark.parametrize("kind", ["text", "zeros", "another database", "header only"])
def test_another_file_in_the_ledger_s_place_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(other_files(tmp_path)[kind])
    with pytest.raises(LedgerUnavailable), SqliteLedger(path).transaction() as statements:
        statements.rows("SELECT * FROM nothing")


def test_a_folder_in_the_ledger_s_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable), SqliteLedger(tmp_path).transaction():
        pass


@settings(max_examples=60, deadline=None)
@given(damages())
def test_a_damaged_trust_list_is_refused_with_a_code(what: tuple[str, int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trust.json"
        path.write_bytes(damage(TRUST, *what))
        store = TrustStore(path, anchors=[ANCHOR.did])
        try:
            store.load(NOW)
        except ProblemError as error:
            assert error.problems[0].code


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_ledger_is_its_owner_s_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with SqliteLedger(tmp_path / "deep" / "ledger.db").transaction():
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "ledger.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700
    (tmp_path / "deep" / "ledger.db").chmod(0o644)
    with SqliteLedger(tmp_path / "deep" / "ledger.db").transaction(write=False):
        pass
    assert stat.S_IMODE((tmp_path / "deep" / "ledger.db").stat().st_mode) == 0o600
