"""Keys and credentials that the tests of this package share. All persons are made up."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

import did

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

CREDENTIAL: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:0d2ae1f8-2a5b-4d54-9d3f-5f1c1c9a8d11",
    "type": ["VerifiableCredential", "ExampleCredential"],
    "issuer": {"id": "ISSUER", "name": "An authority"},
    "validFrom": "2026-01-01T00:00:00+08:00",
    "validUntil": "2036-01-01T00:00:00+08:00",
    "name": "An example",
    "credentialSubject": {
        "id": "SUBJECT",
        "type": "Person",
        "fullName": "王小明",
        "nicknames": ["Ming", "阿明"],
        "address": {"type": "Address", "city": "Chengdu", "street": {"line": ["1", "Renmin"], "number": "12"}},
        "degrees": [{"type": "Degree", "of": "Arts"}, {"type": "Degree", "of": "Law"}],
        "slash/and~tilde": "escaped",
    },
}


class World:
    """An issuer, a device, a stranger, each with a key of every type, and a credential for the device."""

    now = NOW

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], did.SoftwareKey] = {}

    def key(self, who: str, key_type: str = "P-256") -> did.SoftwareKey:
        pair = (who, key_type)
        if pair not in self._keys:
            self._keys[pair] = did.SoftwareKey.from_seed(key_type, who.encode())
        return self._keys[pair]

    def credential(self, issuer: did.SoftwareKey | None = None, **changes: Any) -> dict[str, Any]:
        credential = copy.deepcopy(CREDENTIAL)
        credential["issuer"]["id"] = (issuer or self.key("issuer")).did
        credential["credentialSubject"]["id"] = self.key("device").did
        credential.update(changes)
        return {name: value for name, value in credential.items() if value is not None}


@pytest.fixture(scope="session")
def world() -> World:
    return World()
