"""The P-256 key that is made for one ecdsa-sd-2023 proof, signs each of its statements, and is forgotten."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from did.curves import ecdsa_parts, elliptic_curve, verifier
from did.errors import DidError

from .suite import proof_problem

__all__ = ["sign_statements", "statement_verifier"]

_KEY_TYPE = "P-256"
_COORDINATE = 32


def sign_statements(statements: Sequence[bytes], random: Callable[[int], bytes]) -> tuple[bytes, list[bytes]]:
    """A new key's compressed point (33 bytes), and its signatures (``r || s``) over the statements, in order.

    With the system's random source, OpenSSL makes the key and its nonces, and no private byte is ever a Python object.
    With a random source of the caller's the key is made of it and the signatures are deterministic: they have to come
    out the same each time as well.
    """
    if random is not secrets.token_bytes:
        from did import generate

        key = generate(_KEY_TYPE, random=random)
        return key.public_key.raw, [key.sign(statement) for statement in statements]
    generate_private_key, point, algorithm = _openssl()
    handle = generate_private_key(elliptic_curve(_KEY_TYPE)[0])
    sign, sha256 = handle.sign, hashlib.sha256
    signatures = [ecdsa_parts(sign(sha256(each).digest(), algorithm), _COORDINATE) for each in statements]
    return handle.public_key().public_bytes(*point), signatures


def statement_verifier(point: bytes) -> Callable[[bytes, bytes], bool]:
    """``verify(signature, statement) -> bool``, which never raises, of a compressed point.

    Raises ProblemError (``proof.value``) for bytes that are no point.
    """
    try:
        return verifier(_KEY_TYPE, point)
    except DidError as error:
        raise proof_problem("proof.value", f"publicKey is no P-256 key: {error}", "/proofValue") from None


@cache
def _openssl() -> tuple[Callable[..., Any], tuple[Any, Any], Any]:
    """What makes a key, how its point is written, and ECDSA over a SHA-256 digest."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    form = (Encoding.X962, PublicFormat.CompressedPoint)
    return ec.generate_private_key, form, ec.ECDSA(Prehashed(SHA256()))
