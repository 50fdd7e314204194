"""The two documents of a status list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vc import ProblemError, canonicalize
from vc.model import validate
from vc.status import StatusList, status_entry, status_list_credential

URL = "https://issuer.example/status/1"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_an_entry_names_the_list_and_the_index_as_text() -> None:
    assert status_entry(URL, 94567, "revocation") == {
        "id": URL + "#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": URL,
    }


def test_an_entry_of_several_bits_lists_its_messages() -> None:
    entry = status_entry(URL, 5, "message", size=2, messages=["a", "b", "c", "d"], reference="https://issuer.example/m")
    assert entry["statusSize"] == 2
    assert entry["statusMessage"][3] == {"status": "0x3", "message": "d"}
    assert entry["statusReference"] == "https://issuer.example/m"


@pytest.mark.parametrize(
    "arguments",
    [
        {"status_list_credential": "not a url"},
        {"index": -1},
        {"purpose": ""},
        {"size": 0},
        {"size": 2},
        {"size": 2, "messages": ["a", "b", "c"]},
        {"size": 17, "messages": ["a"] * 2**17},
        {"reference": "x"},
        {"reference": []},
        {"id": URL},
        {"id": "x"},
    ],
)
def test_a_malformed_entry_is_not_made(arguments: dict[str, Any]) -> None:
    with pytest.raises(ProblemError):
        status_entry(**{"status_list_credential": URL, "index": 5, "purpose": "revocation", **arguments})


def make(**changes: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"id": URL, "issuer": "did:example:1", "purpose": "revocation", "valid_from": NOW}
    return status_list_credential(StatusList(), **{**options, **changes})


def test_the_list_credential_conforms_and_all_its_terms_are_defined() -> None:
    document = make(valid_until=NOW + timedelta(days=1), ttl=timedelta(minutes=5), purpose=["revocation", "suspension"])
    assert validate(document) == []
    assert document["credentialSubject"]["ttl"] == 300_000
    assert document["validUntil"] == "2026-11-02T00:00:00Z"
    assert "credentials/status#encodedList" in canonicalize(document)


@pytest.mark.parametrize(
    "changes",
    [{"id": "x"}, {"purpose": []}, {"purpose": ""}, {"ttl": timedelta(0)}, {"ttl": timedelta(seconds=-1)}],
)
def test_a_malformed_list_credential_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ProblemError):
        make(**changes)


def test_dates_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        make(valid_from=datetime(2026, 11, 1))
