"""Pedersen commitments to messages, with their proof of correctness (draft-irtf-cfrg-bbs-blind-signatures).

Sections "Commitment Operations", "Core Commitment Computation" and "Core Commitment Verification".
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence

from .curve import (
    POINT_LENGTH,
    SCALAR_LENGTH,
    G1Point,
    Scalar,
    multiply_fixed,
    octets_to_point_g1,
    octets_to_scalars,
)
from .errors import BbsError
from .interfaces import MAX_MESSAGES, Interface, calculate_random_scalars

__all__ = ["committed_count", "core_commit", "deserialize_and_validate_commit"]

_FLOOR = POINT_LENGTH + 2 * SCALAR_LENGTH


def core_commit(
    interface: Interface, committed: Sequence[Scalar], get_random: Callable[[int], bytes]
) -> tuple[bytes, bytes]:
    """Commit to message scalars (CoreCommit).

    Returns ``commitment_with_proof`` (112 octets and 32 for each message) and the 32 octets of ``secret_prover_blind``.
    """
    generators = interface.create_blind_generators(len(committed) + 1)
    blind, s_tilde, *m_tilde = calculate_random_scalars(len(committed) + 2, get_random)
    commitment = multiply_fixed(generators, [blind, *committed])
    commitment_octets = commitment.to_compressed_bytes()
    challenge = _calculate_blind_challenge(
        interface, commitment_octets, multiply_fixed(generators, [s_tilde, *m_tilde]), len(generators)
    )
    scalars = [s_tilde + blind * challenge]
    scalars += [tilde + message * challenge for tilde, message in zip(m_tilde, committed, strict=True)]
    scalars.append(challenge)
    return commitment_octets + b"".join(scalar.to_be_bytes() for scalar in scalars), blind.to_be_bytes()


def committed_count(commitment_with_proof: bytes) -> int:
    """How many messages a commitment holds, from its length; BbsError when no commitment has that length."""
    count, rest = divmod(len(commitment_with_proof) - _FLOOR, SCALAR_LENGTH)
    if count < 0 or rest or count > MAX_MESSAGES:
        raise BbsError("bbs.commitment_invalid", "the commitment with proof has no possible length")
    return count


def deserialize_and_validate_commit(interface: Interface, commitment_with_proof: bytes) -> G1Point:
    """Decode a commitment and check its proof of correctness; BbsError when it is not a good one."""
    generators = interface.create_blind_generators(committed_count(commitment_with_proof) + 1)
    octets = commitment_with_proof[:POINT_LENGTH]
    try:
        scalars = octets_to_scalars(commitment_with_proof[POINT_LENGTH:])
        commitment = octets_to_point_g1(octets)
    except ValueError:
        raise BbsError("bbs.commitment_invalid", "the commitment is malformed") from None
    challenge = scalars.pop()
    commitment_bar = multiply_fixed(generators, scalars) - commitment * challenge
    expected = _calculate_blind_challenge(interface, octets, commitment_bar, len(generators))
    if not hmac.compare_digest(expected.to_be_bytes(), challenge.to_be_bytes()):
        raise BbsError("bbs.commitment_invalid", "the commitment's proof of correctness does not verify")
    return commitment


def _calculate_blind_challenge(interface: Interface, commitment: bytes, bar: G1Point, count: int) -> Scalar:
    """Hash the blind generators, the commitment and its blinded twin (section "Blind Challenge Calculation")."""
    head = (count - 1).to_bytes(8, "big") + interface.blind_generators_octets(count)
    return interface.hash_to_scalar(head + commitment + bar.to_compressed_bytes())
