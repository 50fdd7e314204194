"""Keys in PKCS#11 tokens: smart cards, security modules, SoftHSM. Named by ``pkcs11:`` URIs (RFC 7512).

    pkcs11:token=police;object=issuer-2026?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=fd:3

The module comes from ``module-path``, else from the environment (``LIANGZHENG_PKCS11_MODULE``); the PIN from
``pin-source``, else from the caller. A PIN in the URI is refused.
"""

from __future__ import annotations

from .keys import TokenKeyEntry, TokenSigner, generate, keys_in, open_signer, retire
from .uri import MODULE_VARIABLE, TokenUri

__all__ = [
    "MODULE_VARIABLE",
    "TokenKeyEntry",
    "TokenSigner",
    "TokenUri",
    "generate",
    "keys_in",
    "open_signer",
    "retire",
]
