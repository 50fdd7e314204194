"""Key types: one file a type, one table. A third party's type comes from ``liangzheng.key_types``."""

from __future__ import annotations

from .definition import KeyType, MethodForm, OpenKey, Sign, TokenKey, Verify, jwk_bytes, never
from .registry import (
    KEY_TYPES,
    PARSED_KEYS,
    by_jwk,
    by_public_code,
    by_secret_code,
    key_type,
    known_key_types,
    method_form,
    register,
    signs_with,
    type_of,
    verifier,
)

__all__ = [
    "KEY_TYPES",
    "PARSED_KEYS",
    "KeyType",
    "MethodForm",
    "OpenKey",
    "Sign",
    "TokenKey",
    "Verify",
    "by_jwk",
    "by_public_code",
    "by_secret_code",
    "jwk_bytes",
    "key_type",
    "known_key_types",
    "method_form",
    "never",
    "register",
    "signs_with",
    "type_of",
    "verifier",
]
