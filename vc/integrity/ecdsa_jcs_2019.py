"""ecdsa-jcs-2019 (vc-di-ecdsa 1.0 section 3.3): ECDSA over JCS canonical JSON; SHA-384 for P-384."""

from __future__ import annotations

from .whole_document import JCS, WholeDocumentSuite

__all__ = ["SUITE"]

SUITE = WholeDocumentSuite("ecdsa-jcs-2019", frozenset({"P-256", "P-384"}), JCS)
