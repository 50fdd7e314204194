"""What the tests of BBS share: the published fixtures and the mocked random scalars they were made with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from did.bbs.ciphersuites import ciphersuite

VECTORS = Path(__file__).parents[2] / "vectors"
SUITES = {"sha256": "SHA-256", "shake256": "SHAKE-256"}


def fixtures(family: str, kind: str) -> list[Any]:
    """(suite name, fixture) of every file of a kind, as pytest parameters."""
    found = []
    for short, suite in SUITES.items():
        for path in sorted((VECTORS / f"{family}-{short}").glob(f"{kind}*.json")):
            found.append(pytest.param(suite, json.loads(path.read_text()), id=f"{short}-{path.stem}"))
    assert found
    return found


def octets(value: str | None) -> bytes | None:
    return None if value is None else bytes.fromhex(value)


def mocked_random(suite: str, seed: bytes, dst: bytes, count: int) -> Callable[[int], bytes]:
    """Mocked Random Scalars of the draft, as a source that hands out 48 octets at a time, ``count`` times."""
    stream = ciphersuite(suite).expand_message(seed, dst, 48 * count)
    chunks = iter([stream[at : at + 48] for at in range(0, len(stream), 48)])

    def get_random(length: int) -> bytes:
        assert length == 48
        return next(chunks)

    return get_random
