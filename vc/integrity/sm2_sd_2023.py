"""sm2-sd-2023: selective disclosure with an SM2 signature for each statement. Experimental, as ``sm2_2023`` is.

It is ecdsa-sd-2023 (vc-di-ecdsa 1.0 section 3.4) with SM2 for ECDSA and SM3 for SHA-256, HMAC included; the header of
the proof values is the same (d9 5d 00 and d9 5d 01), as the public precedent has it (github.com/Instun).
"""

from __future__ import annotations

from .ecdsa_sd_2023 import StatementSignatures
from .sm2_2023 import KEY_TYPE

__all__ = ["SUITE"]

SUITE = StatementSignatures("sm2-sd-2023", KEY_TYPE, most_signatures=1536)
