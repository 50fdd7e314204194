"""sm2-2023: SM2 with SM3 over RDFC-1.0 canonical N-Quads. Experimental: no specification registers it.

Name, keys and the form of the proof are those of the one public precedent (github.com/Instun/sm2-2023-cryptosuite); the
hash is SM3 throughout, and a signature counts the signer's identity in (GB/T 32918.2). What of that the precedent's own
code does otherwise is in docs/national.md.

Absent, with one message that says why, where this machine's libcrypto or hashlib has no SM2 or SM3.
"""

from __future__ import annotations

import hashlib

from did.libcrypto import LibcryptoMissing, sm2_missing

from .whole_document import RDFC, WholeDocumentSuite

__all__ = ["KEY_TYPE", "SUITE"]

KEY_TYPE = "SM2"

_missing = sm2_missing()
if _missing is None and "sm3" not in hashlib.algorithms_available:
    _missing = LibcryptoMissing("this Python's hashlib has no SM3")
if _missing is not None:
    raise _missing

SUITE = WholeDocumentSuite("sm2-2023", frozenset({KEY_TYPE}), RDFC)
