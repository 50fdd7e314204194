"""The BBS Signatures Interface: keys, signatures and proofs over octet strings.

draft-irtf-cfrg-bbs-signatures, sections "Key Generation Operations" and "BBS Signatures Interface".
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from .ciphersuites import ciphersuite
from .core import (
    Opening,
    Statement,
    calculate_b,
    check_indexes,
    core_proof_gen,
    core_proof_verify,
    core_verify,
    octets_to_proof,
    secret_scalar,
    signature_from_b,
)
from .curve import G2Point
from .errors import BbsError
from .interfaces import plain_interface

__all__ = ["key_gen", "proof_gen", "proof_verify", "sign", "sk_to_pk", "verify"]


def key_gen(key_material: bytes, key_info: bytes = b"", key_dst: bytes | None = None, *, suite: str = "SHA-256") -> int:
    """Derive a secret key, 0 < SK < r (KeyGen).

    ``key_material`` is at least 32 secret random octets; ``key_info`` (up to 65,535 octets) tells keys of the same
    material apart; ``key_dst`` defaults to ``ciphersuite_id || "KEYGEN_DST_"``. BbsError when a length is off.
    """
    if len(key_material) < 32:
        raise BbsError("bbs.key_invalid", "the key material needs at least 32 octets")
    if len(key_info) > 65535:
        raise BbsError("bbs.key_invalid", "the key info has at most 65,535 octets")
    chosen = ciphersuite(suite)
    dst = chosen.identifier + b"KEYGEN_DST_" if key_dst is None else key_dst
    scalar = chosen.hash_to_scalar(key_material + len(key_info).to_bytes(2, "big") + key_info, dst)
    if scalar.is_zero():
        raise BbsError("bbs.key_invalid", "this key material gives no key")
    return int(scalar)


def sk_to_pk(sk: int) -> bytes:
    """Return the public key W = SK * BP2 as 96 octets (SkToPk); BbsError unless 0 < SK < r."""
    return (G2Point() * secret_scalar(sk, code="bbs.key_invalid", what="the secret key")).to_compressed_bytes()


def sign(sk: int, pk: bytes, header: bytes = b"", messages: Sequence[bytes] = (), *, suite: str = "SHA-256") -> bytes:
    """Sign a header and messages; the signature is 80 octets and always the same for the same input (Sign).

    ``pk`` is ``sk_to_pk(sk)``. BbsError for a key out of range or too many messages.
    """
    secret = secret_scalar(sk, code="bbs.key_invalid", what="the secret key")
    interface = plain_interface(suite)
    scalars = interface.messages_to_scalars(messages)
    statement = Statement(interface, pk, header, len(scalars) + 1)
    statement.generators()
    domain = statement.domain()
    e = interface.hash_to_scalar(b"".join(scalar.to_be_bytes() for scalar in (secret, *scalars, domain)))
    return signature_from_b(secret, e, calculate_b(statement, scalars, domain))


def verify(
    pk: bytes, signature: bytes, header: bytes = b"", messages: Sequence[bytes] = (), *, suite: str = "SHA-256"
) -> bool:
    """Tell whether a signature over a header and messages is valid (Verify); False for anything malformed."""
    interface = plain_interface(suite)
    try:
        scalars = interface.messages_to_scalars(messages)
    except BbsError:
        return False
    return core_verify(Statement(interface, pk, header, len(scalars) + 1), signature, scalars)


def proof_gen(
    pk: bytes,
    signature: bytes,
    *,
    header: bytes = b"",
    presentation_header: bytes = b"",
    messages: Sequence[bytes] = (),
    disclosed_indexes: Sequence[int] = (),
    suite: str = "SHA-256",
    get_random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """Prove knowledge of a signature and disclose the messages at ``disclosed_indexes`` (ProofGen).

    Indexes count from 0 and ascend. ``get_random`` is for tests only. BbsError when the signature is malformed or is
    not one over these messages, or when an index does not fit.
    """
    interface = plain_interface(suite)
    scalars = interface.messages_to_scalars(messages)
    statement = Statement(interface, pk, header, len(scalars) + 1)
    opening = Opening.of(signature, scalars)
    return core_proof_gen(statement, opening, presentation_header, disclosed_indexes, get_random)


def proof_verify(
    pk: bytes,
    proof: bytes,
    *,
    header: bytes = b"",
    presentation_header: bytes = b"",
    disclosed_messages: Sequence[bytes] = (),
    disclosed_indexes: Sequence[int] = (),
    suite: str = "SHA-256",
) -> bool:
    """Tell whether a proof is valid for the disclosed messages at their indexes (ProofVerify); False if malformed."""
    interface = plain_interface(suite)
    try:
        if len(disclosed_messages) != len(disclosed_indexes):
            return False
        decoded = octets_to_proof(proof)
        count = len(disclosed_indexes) + len(decoded.commitments)
        check_indexes(disclosed_indexes, count)
        scalars = interface.messages_to_scalars(disclosed_messages)
        statement = Statement(interface, pk, header, count + 1)
        disclosed = list(zip(disclosed_indexes, scalars, strict=True))
        return core_proof_verify(statement, decoded, presentation_header, disclosed)
    except ValueError:
        return False
