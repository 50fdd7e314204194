"""The core operations of draft-irtf-cfrg-bbs-signatures, section "Core Operations", over scalars and points.

Where the draft computes two sums with the same answer, the cheaper one is taken: the pairing equation is
e(A, W) = e(B - A * e, BP2), so that the variable multiplication is in G1 and W stays as it was decoded; its right
side, blinded, is Bbar; T2 is one sum over P1, Q_1 and the generators.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .curve import (
    POINT_LENGTH,
    SCALAR_LENGTH,
    Base,
    G1Point,
    Scalar,
    multiply_fixed,
    multiply_sum,
    octets_to_point_g1,
    octets_to_pubkey,
    octets_to_scalar,
    octets_to_scalars,
    pairing_equal,
)
from .errors import BbsError
from .interfaces import MAX_MESSAGES, Interface, calculate_random_scalars

__all__ = [
    "PROOF_FLOOR",
    "SIGNATURE_LENGTH",
    "Opening",
    "Proof",
    "PseudonymPoints",
    "Statement",
    "calculate_b",
    "check_indexes",
    "core_proof_gen",
    "core_proof_verify",
    "core_verify",
    "octets_to_proof",
    "octets_to_signature",
    "secret_scalar",
    "signature_from_b",
]

SIGNATURE_LENGTH = POINT_LENGTH + SCALAR_LENGTH
PROOF_FLOOR = 3 * POINT_LENGTH + 4 * SCALAR_LENGTH
_PROOF_CEILING = PROOF_FLOOR + (MAX_MESSAGES + 2) * SCALAR_LENGTH

_ONE = Scalar(1)
_IDENTITY = G1Point.identity()


@dataclass(frozen=True, slots=True)
class Statement:
    """What a signature is over: the key, the header, and how many generators of each kind."""

    interface: Interface
    pk: bytes
    header: bytes
    count: int
    blind_count: int = 0

    def generators(self) -> list[Base]:
        """Return Q_1 and the message generators H_1, ..., H_L (blind ones included)."""
        return self.interface.create_generators(self.count, self.blind_count)

    def domain(self) -> Scalar:
        """Return the domain scalar; the generators must have been created."""
        return self.interface.calculate_domain(self.pk, self.count, self.blind_count, self.header)


@dataclass(frozen=True, slots=True)
class Opening:
    """What only the holder has: the decoded signature and every message scalar."""

    a: G1Point
    e: Scalar
    messages: list[Scalar]

    @classmethod
    def of(cls, signature: bytes, messages: list[Scalar]) -> Opening:
        """Decode the signature's octets; BbsError when they are malformed."""
        try:
            a, e = octets_to_signature(signature)
        except ValueError:
            raise BbsError("bbs.signature_invalid", "the BBS signature is malformed") from None
        return cls(a, e, messages)


@dataclass(frozen=True, slots=True)
class Proof:
    """A decoded proof: (Abar, Bbar, D, e^, r1^, r3^, commitments, challenge)."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    e_hat: Scalar
    r1_hat: Scalar
    r3_hat: Scalar
    commitments: list[Scalar]
    challenge: Scalar
    points: bytes


PseudonymPoints = Callable[[Scalar], bytes]
"""Given the blinding scalar of the last undisclosed message, the octets of (Pseudonym, OP, Ut)."""


def secret_scalar(value: int | bytes, *, code: str = "bbs.scalar_invalid", what: str = "the scalar") -> Scalar:
    """Return a scalar with 0 < value < r from an int or 32 octets; BbsError that does not repeat the value."""
    try:
        return octets_to_scalar(value if isinstance(value, bytes) else value.to_bytes(SCALAR_LENGTH, "big"))
    except (ValueError, OverflowError):
        raise BbsError(code, f"{what} is not in the range from 1 to r - 1") from None


def octets_to_signature(octets: bytes) -> tuple[G1Point, Scalar]:
    """Decode (A, e) from 80 octets; ValueError when anything about them is wrong."""
    if len(octets) != SIGNATURE_LENGTH:
        raise ValueError("a signature has 80 octets")
    return octets_to_point_g1(octets[:POINT_LENGTH]), octets_to_scalar(octets[POINT_LENGTH:])


def octets_to_proof(octets: bytes) -> Proof:
    """Decode a proof; ValueError when a point is not in G1, a scalar is out of range, or the length is off."""
    if not PROOF_FLOOR <= len(octets) <= _PROOF_CEILING:
        raise ValueError("the proof is too short or too long")
    first, second, third = POINT_LENGTH, 2 * POINT_LENGTH, 3 * POINT_LENGTH
    scalars = octets_to_scalars(octets[third:])  # Cheaper than points, so looked at before them.
    return Proof(
        octets_to_point_g1(octets[:first]),
        octets_to_point_g1(octets[first:second]),
        octets_to_point_g1(octets[second:third]),
        scalars[0],
        scalars[1],
        scalars[2],
        scalars[3:-1],
        scalars[-1],
        octets[:third],
    )


def check_indexes(indexes: Sequence[int], count: int) -> None:
    """Refuse indexes that are not ascending without repeats in 0 .. count - 1; BbsError."""
    last = -1
    for index in indexes:
        if isinstance(index, bool) or not isinstance(index, int) or not last < index < count:
            raise BbsError("bbs.index_invalid", "disclosed indexes must ascend, without repeats, within the messages")
        last = index


def calculate_b(statement: Statement, messages: Sequence[Scalar], domain: Scalar) -> G1Point:
    """Return B = P1 + Q_1 * domain + H_1 * msg_1 + ... over as many generators as there are messages."""
    generators = statement.generators()[: len(messages) + 1]
    return statement.interface.p1[0] + multiply_fixed(generators, [domain, *messages])


def signature_from_b(sk: Scalar, e: Scalar, b: G1Point) -> bytes:
    """Return the octets of (A, e) with A = B * (1 / (SK + e))."""
    divisor = sk + e
    if divisor.is_zero() or e.is_zero() or b == _IDENTITY:
        raise BbsError("bbs.signature_invalid", "this input has no signature under this key")
    return (b * divisor.inverse()).to_compressed_bytes() + e.to_be_bytes()


def core_verify(statement: Statement, signature: bytes, messages: Sequence[Scalar]) -> bool:
    """Tell whether a signature over message scalars is valid (CoreVerify); False for malformed octets."""
    try:
        a, e = octets_to_signature(signature)
        w = octets_to_pubkey(statement.pk)
        statement.generators()
        b = calculate_b(statement, messages, statement.domain())
    except ValueError:
        return False
    return pairing_equal(a, w, b - a * e)


class _Verified:
    """Signatures this process has verified before making a proof of them, as digests; the last 1,024.

    A wallet makes many proofs from one credential. The pairing check has the same answer each time, so its yes is
    remembered, by the hash of everything it depends on. A no is not.
    """

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, pk: bytes, opening: Opening, b: G1Point, keyed: G1Point) -> bool:
        """Tell whether e(A, W) = e(``keyed``, BP2), where ``keyed`` is B - A * e."""
        w = octets_to_pubkey(pk)
        parts = (pk, opening.a.to_compressed_bytes(), opening.e.to_be_bytes(), b.to_compressed_bytes())
        digest = hashlib.sha256(b"".join(parts)).digest()
        with self._lock:
            if digest in self._digests:
                self._digests.move_to_end(digest)
                return True
        if not pairing_equal(opening.a, w, keyed):
            return False
        with self._lock:
            self._digests[digest] = None
            if len(self._digests) > 1024:
                self._digests.popitem(last=False)
        return True


_VERIFIED = _Verified()


def _challenge(
    statement: Statement,
    disclosed: Sequence[tuple[int, Scalar]],
    points: bytes,
    domain: Scalar,
    presentation_header: bytes,
) -> Scalar:
    """ProofChallengeCalculate: ``points`` are (Abar, Bbar, D, T1, T2) and, with a pseudonym, its three."""
    parts = [len(disclosed).to_bytes(8, "big")]
    for index, message in disclosed:
        parts.append(index.to_bytes(8, "big"))
        parts.append(message.to_be_bytes())
    parts += (points, domain.to_be_bytes(), len(presentation_header).to_bytes(8, "big"), presentation_header)
    return statement.interface.hash_to_scalar(b"".join(parts))


def core_proof_gen(
    statement: Statement,
    opening: Opening,
    presentation_header: bytes,
    disclosed_indexes: Sequence[int],
    get_random: Callable[[int], bytes],
    *,
    pseudonym: PseudonymPoints | None = None,
) -> bytes:
    """Make a proof of knowledge of a signature (CoreProofGen; with ``pseudonym``, CoreProofGenWithPseudonym).

    ``opening.messages`` has a scalar for each generator but Q_1. Raises BbsError for indexes that do not fit, or when
    the signature is not one over these messages: a proof of it would verify nowhere, and would let an issuer and a
    verifier who work together tell its holder from others.
    """
    messages = opening.messages
    check_indexes(disclosed_indexes, len(messages) if pseudonym is None else len(messages) - 1)
    shown = set(disclosed_indexes)
    hidden = [index for index in range(len(messages)) if index not in shown]
    r1, r2, e_tilde, r1_tilde, r3_tilde, *m_tilde = calculate_random_scalars(5 + len(hidden), get_random)
    generators = statement.generators()
    domain = statement.domain()

    # ProofInit
    b = statement.interface.p1[0] + multiply_fixed(generators, [domain, *messages])
    keyed = b - opening.a * opening.e  # A * SK, when the signature is valid.
    if not _VERIFIED.check(statement.pk, opening, b, keyed):
        raise BbsError("bbs.signature_invalid", "the BBS signature is not one over these messages, header and key")
    r1_r2 = r1 * r2
    d = b * r2
    a_bar = opening.a * r1_r2
    b_bar = keyed * r1_r2  # D * r1 - Abar * e
    t1 = multiply_sum([a_bar, d], [e_tilde, r1_tilde])
    t2 = d * r3_tilde + multiply_fixed([generators[index + 1] for index in hidden], m_tilde)

    points = b"".join(point.to_compressed_bytes() for point in (a_bar, b_bar, d))
    hashed = points + t1.to_compressed_bytes() + t2.to_compressed_bytes()
    if pseudonym is not None:
        hashed += pseudonym(m_tilde[-1])
    disclosed = [(index, messages[index]) for index in disclosed_indexes]
    challenge = _challenge(statement, disclosed, hashed, domain, presentation_header)

    # ProofFinalize
    scalars = [e_tilde + opening.e * challenge, r1_tilde - r1 * challenge, r3_tilde - r2.inverse() * challenge]
    scalars += [tilde + messages[index] * challenge for tilde, index in zip(m_tilde, hidden, strict=True)]
    scalars.append(challenge)
    return points + b"".join(scalar.to_be_bytes() for scalar in scalars)


def core_proof_verify(
    statement: Statement,
    proof: Proof,
    presentation_header: bytes,
    disclosed: Sequence[tuple[int, Scalar]],
    *,
    pseudonym: Callable[[Scalar, Scalar], bytes] | None = None,
) -> bool:
    """Tell whether a decoded proof is valid (CoreProofVerify; with ``pseudonym``, the variant with pseudonym).

    ``disclosed`` holds (index, message scalar), checked by the caller to ascend and to leave exactly as many messages
    as the proof has commitments. ``pseudonym`` gets the last commitment and the challenge, and returns the octets of
    (Pseudonym, OP, Uv). Raises ValueError for a public key that is none.
    """
    w = octets_to_pubkey(statement.pk)
    generators = statement.generators()
    domain = statement.domain()
    challenge = proof.challenge

    # ProofVerifyInit
    t1 = multiply_sum([proof.b_bar, proof.a_bar, proof.d], [challenge, proof.e_hat, proof.r1_hat])
    shown = dict(disclosed)
    commitments = iter(proof.commitments)
    scalars = [challenge, domain * challenge]
    for index in range(len(generators) - 1):
        message = shown.get(index)
        scalars.append(next(commitments) if message is None else message * challenge)
    t2 = proof.d * proof.r3_hat + multiply_fixed([statement.interface.p1, *generators], scalars)

    hashed = proof.points + t1.to_compressed_bytes() + t2.to_compressed_bytes()
    if pseudonym is not None:
        hashed += pseudonym(proof.commitments[-1], challenge)
    expected = _challenge(statement, disclosed, hashed, domain, presentation_header)
    if not hmac.compare_digest(expected.to_be_bytes(), challenge.to_be_bytes()):
        return False
    return pairing_equal(proof.a_bar, w, proof.b_bar)
