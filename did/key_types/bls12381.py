"""BLS12-381 with the public key in G2: BBS signatures over lists of messages (``did.bbs``); no signature over bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import KeyInvalid
from .definition import KeyType, MethodForm, OpenKey, Verify, never

__all__ = ["BLS12_381_G2"]

_ORDER: Final = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


class _Messages:
    """See ``MessageSigner``."""

    __slots__ = ("_public", "_scalar")

    def __init__(self, scalar: int, public: bytes) -> None:
        self._scalar, self._public = scalar, public

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        from .. import bbs

        return bbs.sign(self._scalar, self._public, header, messages)

    def blind_sign_messages(self, commitment_with_proof: bytes, header: bytes, messages: Sequence[bytes]) -> bytes:
        from .. import bbs

        return bbs.blind_sign(self._scalar, self._public, commitment_with_proof, header, messages)

    def blind_sign_messages_with_nym(
        self,
        commitment_with_proof: bytes,
        header: bytes,
        messages: Sequence[bytes],
        *,
        signer_nym_entropy: bytes | None = None,
    ) -> tuple[bytes, bytes]:
        from .. import bbs

        return bbs.blind_sign_with_nym(
            self._scalar,
            self._public,
            commitment_with_proof,
            header,
            messages,
            signer_nym_entropy=signer_nym_entropy,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bls12381G2(KeyType):
    def verifier(self, raw: bytes) -> Verify:
        """On the curve, in the subgroup, not the identity (BBS draft section 4.2.4)."""
        try:
            from py_arkworks_bls12381 import G2Point
        except ModuleNotFoundError as error:
            raise KeyInvalid("BLS12-381 keys need the extra 'bbs': pip install 'liangzheng[bbs]'") from error
        if not raw[0] & 0x80 or raw[0] & 0x40:
            raise KeyInvalid("BLS12-381 G2 public key that isn't a compressed point, or is the identity")
        try:
            point = G2Point.from_compressed_bytes(raw)
        except Exception as error:
            raise KeyInvalid("BLS12-381 G2 public key that isn't a point of the group") from error
        if bytes(point.to_compressed_bytes()) != raw:
            raise KeyInvalid("BLS12-381 G2 public key that isn't encoded canonically")
        return never

    def open(self, secret: bytes, *, deterministic: bool = True) -> OpenKey:
        from .. import bbs

        scalar = int.from_bytes(secret, "big")
        if not 0 < scalar < _ORDER:
            raise KeyInvalid(f"a secret {self.name} key that is zero or not below the group order")
        public = bbs.sk_to_pk(scalar)
        return OpenKey(public, messages=_Messages(scalar, public))

    def secret_from(self, material: bytes) -> bytes:
        from .. import bbs

        return bbs.key_gen(material).to_bytes(self.secret_length, "big")


BLS12_381_G2: Final = _Bls12381G2(
    name="BLS12-381-G2",
    public_code=0xEB,
    secret_code=0x130A,
    public_length=96,
    secret_length=32,
    jwk_kty="OKP",
    jwk_curve="BLS12381G2",
    proof_hash="sha256",
    default_cryptosuite="bbs-2023",
    method_forms=(
        MethodForm(
            "Bls12381G2Key2020",
            ("publicKeyBase58",),
            "publicKeyBase58",
            "https://w3id.org/security/suites/bls12381-2020/v1",
            experimental=True,
        ),
    ),
)
