"""The Blind BBS Interface: signatures over messages the signer does not see.

draft-irtf-cfrg-bbs-blind-signatures (BasileiosKal/blind-bbs-signatures 067d62e). The order of the signed messages is:
the signer's L messages, ``secret_prover_blind``, the M committed messages.

The published test vectors of that repository were made with the draft before it, draft-kalos-bbs-blind-signatures-01,
where the signer may blind the commitment again with ``signer_blind`` and hashes other octets to ``e``.
:func:`blind_sign` makes both; whoever verifies cannot tell them apart, but for ``signer_blind``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from .commitment import committed_count, core_commit, deserialize_and_validate_commit
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
from .curve import Scalar
from .errors import BbsError
from .interfaces import Interface, blind_interface

__all__ = ["blind_proof_gen", "blind_proof_verify", "blind_sign", "blind_sign_kalos01", "blind_verify", "commit"]


def commit(
    committed_messages: Sequence[bytes] = (),
    *,
    suite: str = "SHA-256",
    get_random: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[bytes, bytes]:
    """Commit to messages that the signer will not see (Commit).

    Returns ``(commitment_with_proof, secret_prover_blind)``: the first goes to the signer, the second (32 octets) is
    kept secret. ``get_random`` is for tests only.
    """
    interface = blind_interface(suite)
    return core_commit(interface, interface.messages_to_scalars(committed_messages), get_random)


def blind_sign(
    sk: int,
    pk: bytes,
    commitment_with_proof: bytes = b"",
    header: bytes = b"",
    messages: Sequence[bytes] = (),
    *,
    suite: str = "SHA-256",
) -> bytes:
    """Sign a header, messages and the messages committed to (BlindSign); 80 octets.

    ``commitment_with_proof`` may be empty: then there is nothing committed. BbsError when its proof does not verify.
    """
    secret = secret_scalar(sk, code="bbs.key_invalid", what="the secret key")
    interface = blind_interface(suite)
    scalars = interface.messages_to_scalars(messages)
    statement = signed_statement(interface, pk, header, len(scalars), commitment_with_proof)
    domain = statement.domain()
    b = calculate_b(statement, scalars, domain)
    if commitment_with_proof:
        b = b + deserialize_and_validate_commit(interface, commitment_with_proof)
    e = interface.hash_to_scalar(secret.to_be_bytes() + b.to_compressed_bytes())
    return signature_from_b(secret, e, b)


def blind_sign_kalos01(
    sk: int,
    pk: bytes,
    commitment_with_proof: bytes = b"",
    header: bytes = b"",
    messages: Sequence[bytes] = (),
    *,
    signer_blind: bytes | None = None,
    suite: str = "SHA-256",
) -> bytes:
    """Sign as draft-kalos-bbs-blind-signatures-01 did, with the signer's own optional blind (32 octets)."""
    secret = secret_scalar(sk, code="bbs.key_invalid", what="the secret key")
    interface = blind_interface(suite)
    scalars = interface.messages_to_scalars(messages)
    statement = signed_statement(interface, pk, header, len(scalars), commitment_with_proof)
    domain = statement.domain()
    blind = Scalar(0) if signer_blind is None else secret_scalar(signer_blind)
    octets = b"".join(scalar.to_be_bytes() for scalar in (*scalars, domain))
    head = secret.to_be_bytes() + commitment_with_proof + (signer_blind or b"")
    e = interface.hash_to_scalar(head + octets)
    b = calculate_b(statement, scalars, domain)
    if commitment_with_proof:
        commitment = deserialize_and_validate_commit(interface, commitment_with_proof)
        b = b + commitment + interface.create_blind_generators(1)[0][0] * blind
    return signature_from_b(secret, e, b)


def blind_verify(
    pk: bytes,
    signature: bytes,
    header: bytes = b"",
    messages: Sequence[bytes] = (),
    *,
    committed_messages: Sequence[bytes] = (),
    secret_prover_blind: bytes | None = None,
    signer_blind: bytes | None = None,
    suite: str = "SHA-256",
) -> bool:
    """Tell whether a blind signature is valid (Verify); False for anything malformed."""
    interface = blind_interface(suite)
    try:
        scalars = all_scalars(interface, messages, committed_messages, secret_prover_blind, signer_blind)
    except BbsError:
        return False
    statement = Statement(interface, pk, header, len(messages) + 1, len(committed_messages) + 1)
    return core_verify(statement, signature, scalars)


def blind_proof_gen(
    pk: bytes,
    signature: bytes,
    *,
    header: bytes = b"",
    presentation_header: bytes = b"",
    messages: Sequence[bytes] = (),
    committed_messages: Sequence[bytes] = (),
    disclosed_indexes: Sequence[int] = (),
    disclosed_commitment_indexes: Sequence[int] = (),
    secret_prover_blind: bytes | None = None,
    signer_blind: bytes | None = None,
    suite: str = "SHA-256",
    get_random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """Prove knowledge of a blind signature (BlindProofGen).

    Both lists of indexes count from 0, in ``messages`` and in ``committed_messages``. ``get_random`` is for tests
    only. BbsError when the signature is not one over all of this, or when an index does not fit.
    """
    interface = blind_interface(suite)
    scalars = all_scalars(interface, messages, committed_messages, secret_prover_blind, signer_blind)
    indexes = all_indexes(disclosed_indexes, disclosed_commitment_indexes, len(messages), len(committed_messages))
    statement = Statement(interface, pk, header, len(messages) + 1, len(committed_messages) + 1)
    return core_proof_gen(statement, Opening.of(signature, scalars), presentation_header, indexes, get_random)


def blind_proof_verify(
    pk: bytes,
    proof: bytes,
    *,
    header: bytes = b"",
    presentation_header: bytes = b"",
    signer_messages_count: int = 0,
    disclosed_messages: Sequence[bytes] = (),
    disclosed_committed_messages: Sequence[bytes] = (),
    disclosed_indexes: Sequence[int] = (),
    disclosed_committed_indexes: Sequence[int] = (),
    suite: str = "SHA-256",
) -> bool:
    """Tell whether a proof of a blind signature is valid (BlindProofVerify); False for anything malformed.

    ``signer_messages_count`` is the draft's L: how many messages, shown or not, the signer knew.
    """
    interface = blind_interface(suite)
    length = signer_messages_count
    try:
        if len(disclosed_messages) != len(disclosed_indexes) or length < 0:
            return False
        if len(disclosed_committed_messages) != len(disclosed_committed_indexes):
            return False
        decoded = octets_to_proof(proof)
        blind_count = len(disclosed_indexes) + len(disclosed_committed_indexes) + len(decoded.commitments) - length
        if blind_count < 1:
            return False
        indexes = all_indexes(disclosed_indexes, disclosed_committed_indexes, length, blind_count - 1)
        scalars = interface.messages_to_scalars([*disclosed_messages, *disclosed_committed_messages])
        statement = Statement(interface, pk, header, length + 1, blind_count)
        disclosed = list(zip(indexes, scalars, strict=True))
        return core_proof_verify(statement, decoded, presentation_header, disclosed)
    except ValueError:
        return False


def signed_statement(
    interface: Interface, pk: bytes, header: bytes, count: int, commitment_with_proof: bytes
) -> Statement:
    """What the signer signs: Q_2 is in the domain even when nothing is committed. The generators get created."""
    blind_count = committed_count(commitment_with_proof) + 1 if commitment_with_proof else 1
    statement = Statement(interface, pk, header, count + 1, blind_count)
    statement.generators()
    return statement


def all_scalars(
    interface: Interface,
    messages: Sequence[bytes],
    committed_messages: Sequence[bytes],
    secret_prover_blind: bytes | None,
    signer_blind: bytes | None,
) -> list[Scalar]:
    """The scalars in the order they are signed: messages, the blind (0 without a commitment), committed messages."""
    blind = Scalar(0)
    for part, what in ((secret_prover_blind, "the prover's blind"), (signer_blind, "the signer's blind")):
        if part is not None:
            blind = blind + secret_scalar(part, what=what)
    signer = interface.messages_to_scalars(messages)
    return [*signer, blind, *interface.messages_to_scalars(committed_messages)]


def all_indexes(
    disclosed: Sequence[int], disclosed_committed: Sequence[int], length: int, committed_length: int
) -> list[int]:
    """Indexes among all signed messages; the blind at index ``length`` is never among them."""
    check_indexes(disclosed, length)
    check_indexes(disclosed_committed, committed_length)
    return [*disclosed, *(index + length + 1 for index in disclosed_committed)]
