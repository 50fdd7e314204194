"""Ed25519Signature2020 (vc-di-eddsa 1.0 appendix A): older than ``DataIntegrityProof``, for peers with VCDM 1.1.

It is eddsa-rdfc-2022 with its name in the proof's ``type`` and without ``cryptosuite``. The document's contexts have to
define its terms (https://w3id.org/security/suites/ed25519-2020/v1).
"""

from __future__ import annotations

from .whole_document import RDFC, WholeDocumentSuite

__all__ = ["SUITE"]

_CONTEXT = "https://w3id.org/security/suites/ed25519-2020/v1"

SUITE = WholeDocumentSuite(
    "Ed25519Signature2020",
    frozenset({"Ed25519"}),
    RDFC,
    proof_type="Ed25519Signature2020",
    contexts=(_CONTEXT,),
    context=_CONTEXT,
)
