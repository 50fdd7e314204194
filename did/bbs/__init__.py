"""BBS signatures over BLS12-381: the core scheme, blind signatures and per-verifier pseudonyms.

Three interfaces over one set of core operations, each with its own ``api_id`` (so its own generators and domain):

- plain: :func:`sign`, :func:`verify`, :func:`proof_gen`, :func:`proof_verify` (draft-irtf-cfrg-bbs-signatures);
- blind: :func:`commit`, :func:`blind_sign`, :func:`blind_verify`, :func:`blind_proof_gen`, :func:`blind_proof_verify`
  (draft-irtf-cfrg-bbs-blind-signatures);
- pseudonym: :func:`commit_with_nym`, :func:`blind_sign_with_nym`, :func:`finalize_with_nym`,
  :func:`proof_gen_with_nym`, :func:`proof_verify_with_nym` (draft-kalos-bbs-per-verifier-linkability).
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "blind_sign",
    "blind_sign_with_nym",
    "key_gen",
    "sign",
    "sk_to_pk",
    "verify",
]


def key_gen(
    key_material: bytes, key_info: bytes = b"", key_dst: bytes | None = None, *, suite: str = "SHA-256"
) -> int:
    """Derive a secret key (0 < SK < r) from at least 32 secret octets."""
    raise NotImplementedError


def sk_to_pk(sk: int) -> bytes:
    """Return the 96-octet compressed public key of a secret key."""
    raise NotImplementedError


def sign(sk: int, pk: bytes, header: bytes, messages: Sequence[bytes], *, suite: str = "SHA-256") -> bytes:
    """Sign a header and messages; 80 octets."""
    raise NotImplementedError


def verify(pk: bytes, signature: bytes, header: bytes, messages: Sequence[bytes], *, suite: str = "SHA-256") -> bool:
    """Tell whether a signature is valid; False for anything malformed."""
    raise NotImplementedError


def blind_sign(
    sk: int,
    pk: bytes,
    commitment_with_proof: bytes,
    header: bytes,
    messages: Sequence[bytes],
    *,
    suite: str = "SHA-256",
) -> bytes:
    """Sign messages together with the ones committed to; 80 octets."""
    raise NotImplementedError


def blind_sign_with_nym(
    sk: int,
    pk: bytes,
    commitment_with_proof: bytes,
    header: bytes,
    messages: Sequence[bytes],
    *,
    signer_nym_entropy: bytes | None = None,
    suite: str = "SHA-256",
) -> tuple[bytes, bytes]:
    """Sign with a pseudonym secret; the 80-octet signature and the 32-octet signer_nym_entropy."""
    raise NotImplementedError
