"""What the proofs of a document, or of a presentation and its credentials, may cost together, known before any is paid.

Counted in units of some 10 µs on an ordinary machine, from the documents alone: neither luck nor the machine changes
the answer. One canonicalization a document is what it may have anyhow (``vc.parsing`` bounds its members); further ones
and signatures come out of an allowance that grows with what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..checks.secured import SecuredDocument
from ..problems import Problem

__all__ = ["DEFAULT_SIZE", "allowance", "too_dear"]

_SMALL: Final = 64 * 1024
DEFAULT_SIZE: Final = _SMALL
"""The size that is assumed for documents in an envelope: they are not written as JSON for this."""
_MOST: Final = 200_000


def allowance(size: int) -> int:
    """The units that the proofs in ``size`` bytes may take: some 60 ms of them for 64 KiB, 2 s for 1 MiB and more."""
    return min(_MOST, 2048 + min(size, _SMALL) // 16 + max(0, size - _SMALL) // 4)


def too_dear(items: Sequence[SecuredDocument], size: int) -> Problem | None:
    """The problem with proofs that would take more than their allowance; None for others.

    ``items`` are the documents with the proofs that were read and their methods as far as found, ``size`` the bytes of
    all of them together. A document by itself counts only what its own way of securing does not bound.
    """
    asked, alone = 0, len(items) == 1
    for item in items:
        asked += item.work(alone=alone)
        if asked and asked > allowance(size):
            detail = f"the proofs ask for more work than may be spent on {size:,} bytes"
            return Problem("proof.limit", detail)
    return None
