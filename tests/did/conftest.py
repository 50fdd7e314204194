"""Fixtures of the tests about identifiers and keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from did.key_files import Argon2id

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="session")
def vectors() -> Path:
    return VECTORS


@pytest.fixture(scope="session")
def quick_kdf() -> Argon2id:
    """The weakest derivation that is accepted, so that tests don't take long."""
    return Argon2id(memory=19 * 1024, passes=2, lanes=1)
