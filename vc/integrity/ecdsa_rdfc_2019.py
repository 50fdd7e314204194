"""ecdsa-rdfc-2019 (vc-di-ecdsa 1.0 section 3.2): ECDSA over RDFC-1.0 canonical N-Quads.

P-256 goes with SHA-256, P-384 with SHA-384: in RDFC-1.0, in hashing and in signing.
"""

from __future__ import annotations

from .whole_document import RDFC, WholeDocumentSuite

__all__ = ["SUITE"]

SUITE = WholeDocumentSuite("ecdsa-rdfc-2019", frozenset({"P-256", "P-384"}), RDFC)
