"""The floor: what the unavoidable primitives cost from Python, from OpenSSL and arkworks, in the same run."""

from __future__ import annotations

import hashlib
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from benchmarks.timing import bench

FLOOR, ONE, MESSAGE = "floor", [0], os.urandom(64)


def signatures() -> None:
    """Ed25519, P-256 and P-384: sign, verify, make a key, read a compressed key."""
    edwards = ed25519.Ed25519PrivateKey.generate()
    signature, public = edwards.sign(MESSAGE), edwards.public_key()
    bench(FLOOR, "primitive", "sign", "Ed25519", ONE, lambda _: edwards.sign(MESSAGE))
    bench(FLOOR, "primitive", "verify", "Ed25519", ONE, lambda _: public.verify(signature, MESSAGE))
    for name, curve, digest in (("P-256", ec.SECP256R1(), hashes.SHA256()), ("P-384", ec.SECP384R1(), hashes.SHA384())):
        _ecdsa(name, curve, ec.ECDSA(digest))
    text = os.urandom(5700)
    bench(FLOOR, "primitive", "hash", "SHA-256 of 5.7 KB", ONE, lambda _: hashlib.sha256(text).digest())


def _ecdsa(name: str, curve: ec.EllipticCurve, algorithm: ec.ECDSA) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(curve)
    signature, public = key.sign(MESSAGE, algorithm), key.public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    bench(FLOOR, "primitive", "sign", name, ONE, lambda _: key.sign(MESSAGE, algorithm))
    bench(FLOOR, "primitive", "verify", name, ONE, lambda _: public.verify(signature, MESSAGE, algorithm))
    bench(FLOOR, "primitive", "make-key", name, ONE, lambda _: ec.generate_private_key(curve))
    load = ec.EllipticCurvePublicKey.from_encoded_point
    bench(FLOOR, "primitive", "read-key", name, ONE, lambda _: load(curve, point))


def pairings() -> None:
    """BLS12-381: pairing check, multiplication, decompression, sums of many products."""
    from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

    def scalar() -> Scalar:
        return Scalar.from_le_bytes(os.urandom(31) + b"\0")

    g, h = G1Point(), G2Point()
    by, compressed = scalar(), (g * scalar()).to_compressed_bytes()
    bench(FLOOR, "primitive", "pairing-check", "BLS12-381", ONE, lambda _: GT.pairing_check([g, -g], [h, h]))
    bench(FLOOR, "primitive", "multiply", "BLS12-381 G1", ONE, lambda _: g * by)
    bench(FLOOR, "primitive", "decompress", "BLS12-381 G1", ONE, lambda _: G1Point.from_compressed_bytes(compressed))
    for count in (3, 5, 11, 30, 38, 41):
        points, scalars = [g * scalar() for _ in range(count)], [scalar() for _ in range(count)]
        bench(
            FLOOR,
            "primitive",
            "sum",
            f"{count} products",
            ONE,
            lambda _, p=points, s=scalars: G1Point.multiexp_unchecked(p, s),
        )


if __name__ == "__main__":
    signatures()
    pairings()
