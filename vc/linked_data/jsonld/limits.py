"""What a document may have at most, in units that do not depend on the machine."""

from __future__ import annotations

from typing import Final

__all__ = ["CHAIN", "CONTEXT_WORK", "DEPTH", "NODES", "RDFC_WORK"]

DEPTH: Final = 100
"""How deep objects and arrays may be nested."""

NODES: Final = 100_000
"""How many node objects and list entries a document may have."""

CONTEXT_WORK: Final = 200_000
"""What the contexts a document brings, and those of its types, may cost: terms copied, and ten times those defined."""

RDFC_WORK: Final = 30_000
"""How many related blank nodes Hash N-Degree Quads may look at, over all its calls and permutations."""

CHAIN: Final = 200
"""How far Hash N-Degree Quads may follow blank nodes that look alike from one to the next."""
