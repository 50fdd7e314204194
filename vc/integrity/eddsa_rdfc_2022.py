"""eddsa-rdfc-2022 (vc-di-eddsa 1.0 section 3.2): Ed25519 over RDFC-1.0 canonical N-Quads."""

from __future__ import annotations

from .whole_document import RDFC, WholeDocumentSuite

__all__ = ["SUITE"]

SUITE = WholeDocumentSuite("eddsa-rdfc-2022", frozenset({"Ed25519"}), RDFC)
