"""Write the seeds of the corpus anew: ``python -m tests.fuzz.seeds``. Findings (``found-``) stay as they are."""

from __future__ import annotations

from types import ModuleType

from .target import CORPUS
from .targets import dids, envelopes, files, linked_data, parsing, proofs, scenarios, servers, status

__all__ = ["write"]


def write() -> int:
    """Make every seed; returns how many."""
    count = 0
    modules: tuple[ModuleType, ...] = (parsing, proofs, envelopes, status, dids, linked_data, scenarios, files, servers)
    for module in modules:
        for target, inputs in module.seeds().items():
            folder = CORPUS / target
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in inputs.items():
                (folder / name).write_bytes(data)
                count += 1
    return count


if __name__ == "__main__":
    print(f"{write()} seeds")
