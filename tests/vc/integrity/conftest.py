"""The published vectors, and keys made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import did

VECTORS = Path(__file__).parents[2] / "vectors"


class Case:
    """One folder of published values."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def json(self, name: str) -> Any:
        return json.loads((self.path / f"{name}.json").read_bytes(), object_hook=_map)

    def text(self, name: str) -> str:
        return (self.path / f"{name}.txt").read_text(encoding="utf-8")

    def line(self, name: str) -> str:
        return self.text(name).strip()


def _map(value: dict[str, Any]) -> Any:
    if value.get("dataType") == "Map":
        return {str(key): item for key, item in value["value"]}
    return value


@pytest.fixture(scope="session")
def case() -> Callable[[str], Case]:
    return lambda name: Case(VECTORS / name)


@pytest.fixture(scope="session")
def signer() -> Callable[..., did.SoftwareKey]:
    def make(secret: str, verification_method: str | None = None) -> did.SoftwareKey:
        key = did.SoftwareKey.from_multikey(secret)
        if verification_method is None:
            return key
        return key.with_controller(verification_method.partition("#")[0], verification_method)

    return make
