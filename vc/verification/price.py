"""What the proofs of a document, or of a presentation and its credentials, may cost together, known before any is paid.

Counted in units of some 10 µs on an ordinary machine, from the documents alone: neither luck nor the machine changes
the answer. One canonicalization a document is what it may have anyhow (``vc.parsing`` bounds its members); further ones
and signatures come out of an allowance that grows with what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from ..integrity.suite import discloses
from ..integrity.whole_document import JCS, WholeDocumentSuite
from ..problems import Problem

if TYPE_CHECKING:
    from .proofs import SecuredDocument

__all__ = ["DEFAULT_SIZE", "allowance", "too_dear"]

_SMALL: Final = 64 * 1024
DEFAULT_SIZE: Final = _SMALL
"""The size that is assumed for documents in an envelope: they are not written as JSON for this."""
_SIGNATURES: Final = {"Ed25519": 12, "P-256": 12, "P-384": 60, "BLS12-381-G2": 400, "SM2": 65}
_STATEMENTS: Final = {"SM2": 5}
"""How much dearer than P-256 the signatures of single statements are, by the key of their suite."""
_OWN_HASH: Final = frozenset({"P-384", "SM2"})
"""Keys whose suites canonicalise with another hash than SHA-256: what they need of a document no other proof shares."""
_DEAREST: Final = 400
_MOST: Final = 200_000


def allowance(size: int) -> int:
    """The units that the proofs in ``size`` bytes may take: some 60 ms of them for 64 KiB, 2 s for 1 MiB and more."""
    return min(_MOST, 2048 + min(size, _SMALL) // 16 + max(0, size - _SMALL) // 4)


def too_dear(items: Sequence[SecuredDocument], size: int) -> Problem | None:
    """The problem with proofs that would take more than their allowance; None for others.

    ``items`` are the documents with the proofs that were read and their methods as far as found, ``size`` the bytes of
    all of them together. A single proof is not counted: its suite bounds what one may ask for.
    """
    if len(items) == 1 and len(items[0].members) < 2:
        return None
    asked, most = 0, allowance(size)
    for item in items:
        asked += _units(item)
        if asked > most:
            detail = f"the proofs ask for more work than may be spent on {size:,} bytes"
            return Problem("proof.limit", detail)
    return None


def _units(item: SecuredDocument) -> int:
    signatures = 0
    inputs: set[tuple[Any, ...]] = set()
    key_types = [method.public_key.key_type for method in item.methods]
    for index, members in enumerate(item.members):
        key_type = key_types[index] if len(key_types) == len(item.members) else ""
        signatures += _SIGNATURES.get(key_type, _DEAREST)
        suite = members.suite
        if discloses(suite):
            # A signature or a scalar for each statement that is shown or hidden.
            dearer = max(_STATEMENTS.get(name, 1) for name in suite.key_types)
            signatures += len(members.proof["proofValue"]) // 7 * dearer
            kind: object = "disclosed"
        else:
            kind = suite.transformation if isinstance(suite, WholeDocumentSuite) else suite.name
        context = orjson.dumps(members.proof.get("@context")) if kind is JCS else b""
        inputs.add((kind, key_type if key_type in _OWN_HASH else "", tuple(members.previous), context))
    if len(inputs) < 2:
        return signatures
    text = orjson.dumps(item.unsecured)
    weight = text.count(b",") + text.count(b"[") + text.count(b"{") + len(text) // 64
    return signatures + (len(inputs) - 1) * weight
