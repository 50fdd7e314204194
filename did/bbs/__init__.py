"""BBS signatures over BLS12-381: the core scheme, blind signatures and per-verifier pseudonyms.

Three interfaces over one set of core operations, each with its own ``api_id`` (so its own generators and domain):

- plain: :func:`sign`, :func:`verify`, :func:`proof_gen`, :func:`proof_verify` (draft-irtf-cfrg-bbs-signatures,
  decentralized-identity/bbs-signature a6a445d);
- blind: :func:`commit`, :func:`blind_sign`, :func:`blind_verify`, :func:`blind_proof_gen`, :func:`blind_proof_verify`
  (draft-irtf-cfrg-bbs-blind-signatures, BasileiosKal/blind-bbs-signatures 067d62e);
- pseudonym: :func:`commit_with_nym`, :func:`blind_sign_with_nym`, :func:`finalize_with_nym`,
  :func:`proof_gen_with_nym`, :func:`proof_verify_with_nym` (draft-kalos-bbs-per-verifier-linkability, a415ab2).

Each takes ``suite="SHA-256"`` or ``suite="SHAKE-256"``. Secret keys are integers (only ``did.keys`` holds them);
blinds, pseudonym secrets and entropy are 32 octets, big-endian. Operations that verify return False for whatever is
malformed; the others raise :class:`BbsError`.

What is decoded is checked: points are compressed, on the curve, in the subgroup and not the identity; scalars are in
1 .. r - 1; lengths fit exactly; indexes ascend. Messages are at most ``MAX_MESSAGES``. Generators are made once for
the process.

Side channels. Secret scalars (key, blinds, nonces, undisclosed messages) live in arkworks' field elements. In Python
they are only cut into octets of fixed length: nothing is looked up or branched on by them, and the tables there are (of
generators) are read as a whole. The secret key passes once through a Python integer, which is not constant time.
arkworks does not promise constant time either: its scalar multiplication, multi-scalar multiplication and inversion
look at the bits of the scalar. So whoever can time single operations of a signer or prover very finely, or shares its
cache, is not kept out by this package; a signer's key belongs on a machine of its own or behind a remote ``Signer``.
Constant in time are hashing (in the length of messages) and the comparison of challenges. Values are not wiped from
memory. Nonces and blinds come from the system's random source (``secrets``).
"""

from __future__ import annotations

from .blind import blind_proof_gen, blind_proof_verify, blind_sign, blind_sign_kalos01, blind_verify, commit
from .errors import BbsError
from .interfaces import MAX_MESSAGES, random_scalar
from .pseudonym import (
    blind_sign_with_nym,
    calculate_pseudonym,
    commit_with_nym,
    finalize_with_nym,
    nym_secret,
    proof_gen_with_nym,
    proof_verify_with_nym,
)
from .scheme import key_gen, proof_gen, proof_verify, sign, sk_to_pk, verify

__all__ = [
    "MAX_MESSAGES",
    "BbsError",
    "blind_proof_gen",
    "blind_proof_verify",
    "blind_sign",
    "blind_sign_kalos01",
    "blind_sign_with_nym",
    "blind_verify",
    "calculate_pseudonym",
    "commit",
    "commit_with_nym",
    "finalize_with_nym",
    "key_gen",
    "nym_secret",
    "proof_gen",
    "proof_gen_with_nym",
    "proof_verify",
    "proof_verify_with_nym",
    "random_scalar",
    "sign",
    "sk_to_pk",
    "verify",
]
