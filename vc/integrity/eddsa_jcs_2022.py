"""eddsa-jcs-2022 (vc-di-eddsa 1.0 section 3.3): Ed25519 over JCS canonical JSON."""

from __future__ import annotations

from .whole_document import JCS, WholeDocumentSuite

__all__ = ["SUITE"]

SUITE = WholeDocumentSuite("eddsa-jcs-2022", frozenset({"Ed25519"}), JCS)
