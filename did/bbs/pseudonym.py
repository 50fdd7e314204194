"""BBS signatures with per-verifier pseudonyms (draft-kalos-bbs-per-verifier-linkability, a415ab2 of 2024-12-09).

The last signed message is ``nym_secret``, the sum of the holder's ``prover_nym`` and the signer's
``signer_nym_entropy``. A pseudonym is a point made from it and a context (a verifier's domain): the same holder is
recognised within one context and is unlinkable across contexts.

This is the draft that the published bbs-2023 vectors follow. Its ``api_id`` is ``ciphersuite_id ||
"H2G_HM2S_PSEUDONYM_"`` (the "blind" one its appendix repeats does not fit the vectors), and hash_to_curve_g1 takes the
``api_id`` as tag. Later drafts sign a vector of secrets and are not compatible.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from .blind import all_indexes, all_scalars, signed_statement
from .commitment import committed_count, core_commit, deserialize_and_validate_commit
from .core import (
    Opening,
    Statement,
    calculate_b,
    core_proof_gen,
    core_proof_verify,
    core_verify,
    octets_to_proof,
    secret_scalar,
    signature_from_b,
)
from .curve import G1Point, Scalar, multiply_sum, octets_to_point_g1
from .errors import BbsError
from .interfaces import Interface, calculate_random_scalars, pseudonym_interface

__all__ = [
    "blind_sign_with_nym",
    "calculate_pseudonym",
    "commit_with_nym",
    "finalize_with_nym",
    "nym_secret",
    "proof_gen_with_nym",
    "proof_verify_with_nym",
]

_BP1 = G1Point()
_IDENTITY = G1Point.identity()


def commit_with_nym(
    committed_messages: Sequence[bytes],
    prover_nym: bytes,
    *,
    suite: str = "SHA-256",
    get_random: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[bytes, bytes]:
    """Commit to messages and to the holder's part of the pseudonym secret, a random scalar in 32 octets (Commit).

    Returns ``(commitment_with_proof, secret_prover_blind)``: the first goes to the signer, the second is kept secret.
    """
    interface = pseudonym_interface(suite)
    nym = secret_scalar(prover_nym, what="prover_nym")
    return core_commit(interface, [*interface.messages_to_scalars(committed_messages), nym], get_random)


def blind_sign_with_nym(
    sk: int,
    pk: bytes,
    commitment_with_proof: bytes,
    header: bytes = b"",
    messages: Sequence[bytes] = (),
    *,
    signer_nym_entropy: bytes | None = None,
    suite: str = "SHA-256",
    get_random: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[bytes, bytes]:
    """Sign with a pseudonym secret (Blind Issuance); returns the signature and ``signer_nym_entropy`` (32 octets).

    ``signer_nym_entropy`` is drawn when it is not given; giving it is for issuing again under the same pseudonyms.
    BbsError when the commitment does not verify, or commits to nothing.
    """
    secret = secret_scalar(sk, code="bbs.key_invalid", what="the secret key")
    interface = pseudonym_interface(suite)
    if committed_count(commitment_with_proof) < 1:
        raise BbsError("bbs.commitment_invalid", "the commitment holds no pseudonym secret")
    if signer_nym_entropy is None:
        (entropy,) = calculate_random_scalars(1, get_random)
    else:
        entropy = secret_scalar(signer_nym_entropy, what="signer_nym_entropy")
    scalars = interface.messages_to_scalars(messages)
    statement = signed_statement(interface, pk, header, len(scalars), commitment_with_proof)
    domain = statement.domain()
    commitment = deserialize_and_validate_commit(interface, commitment_with_proof)
    nym_generator = interface.create_blind_generators(statement.blind_count)[-1][0]
    b = calculate_b(statement, scalars, domain) + commitment + nym_generator * entropy
    e = interface.hash_to_scalar(secret.to_be_bytes() + b.to_compressed_bytes())
    return signature_from_b(secret, e, b), entropy.to_be_bytes()


def finalize_with_nym(
    pk: bytes,
    signature: bytes,
    header: bytes,
    messages: Sequence[bytes],
    *,
    committed_messages: Sequence[bytes],
    prover_nym: bytes,
    signer_nym_entropy: bytes,
    secret_prover_blind: bytes,
    suite: str = "SHA-256",
) -> bytes:
    """Verify the signature and return ``nym_secret``, 32 octets (Verification and Finalization).

    BbsError (``bbs.signature_invalid``) when the signature is not one over all of this.
    """
    interface = pseudonym_interface(suite)
    nym = secret_scalar(prover_nym, what="prover_nym") + secret_scalar(signer_nym_entropy, what="signer_nym_entropy")
    scalars = _holder_scalars(interface, messages, committed_messages, secret_prover_blind, nym)
    statement = Statement(interface, pk, header, len(messages) + 1, len(committed_messages) + 2)
    if not core_verify(statement, signature, scalars):
        raise BbsError("bbs.signature_invalid", "the BBS signature is not one over these messages, header and key")
    return nym.to_be_bytes()


def nym_secret(prover_nym: bytes, signer_nym_entropy: bytes) -> bytes:
    """Return ``nym_secret``, the sum of the holder's and the signer's part modulo r, each 32 octets."""
    nym = secret_scalar(prover_nym, what="prover_nym") + secret_scalar(signer_nym_entropy, what="signer_nym_entropy")
    return nym.to_be_bytes()


def calculate_pseudonym(nym_secret: bytes, context_id: bytes, *, suite: str = "SHA-256") -> bytes:
    """Return the pseudonym of a secret in a context: hash_to_curve_g1(context_id) * nym_secret, 48 octets."""
    interface = pseudonym_interface(suite)
    nym = secret_scalar(nym_secret, what="nym_secret")
    return (_origin_point(interface, context_id) * nym).to_compressed_bytes()


def proof_gen_with_nym(
    pk: bytes,
    signature: bytes,
    *,
    nym_secret: bytes,
    context_id: bytes,
    header: bytes = b"",
    presentation_header: bytes = b"",
    messages: Sequence[bytes] = (),
    committed_messages: Sequence[bytes] = (),
    disclosed_indexes: Sequence[int] = (),
    disclosed_commitment_indexes: Sequence[int] = (),
    secret_prover_blind: bytes | None = None,
    suite: str = "SHA-256",
    get_random: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[bytes, bytes]:
    """Prove knowledge of a signature and show the pseudonym of a context (ProofGenWithPseudonym).

    Returns ``(proof, pseudonym)``, the pseudonym in 48 octets. ``get_random`` is for tests only. BbsError when the
    signature is not one over all of this, or when an index does not fit.
    """
    interface = pseudonym_interface(suite)
    nym = secret_scalar(nym_secret, what="nym_secret")
    scalars = _holder_scalars(interface, messages, committed_messages, secret_prover_blind, nym)
    statement = Statement(interface, pk, header, len(messages) + 1, len(committed_messages) + 2)
    indexes = all_indexes(disclosed_indexes, disclosed_commitment_indexes, len(messages), len(committed_messages))
    origin = _origin_point(interface, context_id)
    pseudonym = (origin * nym).to_compressed_bytes()

    def pseudonym_proof_init(blinding: Scalar) -> bytes:
        return pseudonym + origin.to_compressed_bytes() + (origin * blinding).to_compressed_bytes()

    opening = Opening.of(signature, scalars)
    proof = core_proof_gen(statement, opening, presentation_header, indexes, get_random, pseudonym=pseudonym_proof_init)
    return proof, pseudonym


def proof_verify_with_nym(
    pk: bytes,
    proof: bytes,
    *,
    pseudonym: bytes,
    context_id: bytes,
    header: bytes = b"",
    presentation_header: bytes = b"",
    signer_messages_count: int = 0,
    disclosed_messages: Sequence[bytes] = (),
    disclosed_committed_messages: Sequence[bytes] = (),
    disclosed_indexes: Sequence[int] = (),
    disclosed_committed_indexes: Sequence[int] = (),
    suite: str = "SHA-256",
) -> bool:
    """Tell whether a proof and its pseudonym are valid in a context (ProofVerifyWithPseudonym); False if malformed."""
    interface = pseudonym_interface(suite)
    length = signer_messages_count
    try:
        if len(disclosed_messages) != len(disclosed_indexes) or length < 0:
            return False
        if len(disclosed_committed_messages) != len(disclosed_committed_indexes):
            return False
        decoded = octets_to_proof(proof)
        blind_count = len(disclosed_indexes) + len(disclosed_committed_indexes) + len(decoded.commitments) - length
        if blind_count < 2:
            return False
        # The blind comes before the committed messages and nym_secret after them; neither is ever disclosed.
        indexes = all_indexes(disclosed_indexes, disclosed_committed_indexes, length, blind_count - 2)
        nym_point = octets_to_point_g1(pseudonym)
        if nym_point == _BP1:
            return False
        scalars = interface.messages_to_scalars([*disclosed_messages, *disclosed_committed_messages])
        origin = _origin_point(interface, context_id)

        def pseudonym_proof_verify_init(commitment: Scalar, challenge: Scalar) -> bytes:
            u = multiply_sum([origin, nym_point], [commitment, -challenge])
            if u == _IDENTITY:
                raise BbsError("bbs.pseudonym_invalid", "the pseudonym's proof is degenerate")
            return pseudonym + origin.to_compressed_bytes() + u.to_compressed_bytes()

        statement = Statement(interface, pk, header, length + 1, blind_count)
        disclosed = list(zip(indexes, scalars, strict=True))
        return core_proof_verify(
            statement, decoded, presentation_header, disclosed, pseudonym=pseudonym_proof_verify_init
        )
    except ValueError:
        return False


def _origin_point(interface: Interface, context_id: bytes) -> G1Point:
    """OP, the base point of a context's pseudonyms."""
    return interface.suite.hash_to_curve_g1(context_id, interface.api_id)


def _holder_scalars(
    interface: Interface,
    messages: Sequence[bytes],
    committed_messages: Sequence[bytes],
    secret_prover_blind: bytes | None,
    nym: Scalar,
) -> list[Scalar]:
    """What was signed, from the holder's side: messages, the blind, committed messages, the pseudonym secret."""
    if nym.is_zero():
        raise BbsError("bbs.pseudonym_invalid", "the pseudonym secret is zero")
    return [*all_scalars(interface, messages, committed_messages, secret_prover_blind, None), nym]
