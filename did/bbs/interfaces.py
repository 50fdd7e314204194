"""The BBS Interfaces: an ``api_id`` with its generators, its map of messages to scalars and its domain.

The plain, the blind and the pseudonym interface differ in ``api_id`` only, and with it in every generator and every
hash: a signature of one never verifies under another.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

from .ciphersuites import EXPAND_LEN, Ciphersuite, ciphersuite
from .curve import Base, Scalar, fixed_base
from .errors import BbsError

__all__ = [
    "MAX_MESSAGES",
    "Interface",
    "blind_interface",
    "calculate_random_scalars",
    "plain_interface",
    "pseudonym_interface",
]

MAX_MESSAGES = 4096
"""Most messages, committed ones included, that one signature or proof may have."""

_PARTED = 128  # The first generators are kept in parts (see did.bbs.curve); sums over more gain nothing from it.
_MAX_OCTETS = 1 << 26  # Of a header, a presentation header or one message: far above any document accepted elsewhere.


class _Generators:
    """The growing list of generators of one api_id, kept for the life of the process (section "Generators").

    At most MAX_MESSAGES + 2 points are ever made. ``bases`` and ``octets`` only grow, under a lock, bases last:
    whoever sees a base finds its octets.
    """

    def __init__(self, suite: Ciphersuite, api_id: bytes) -> None:
        self.bases: list[Base] = []
        self.octets: list[bytes] = []
        self._suite = suite
        self._seed_dst = api_id + b"SIG_GENERATOR_SEED_"
        self._generator_dst = api_id + b"SIG_GENERATOR_DST_"
        self._value = suite.expand_message(api_id + b"MESSAGE_GENERATOR_SEED", self._seed_dst, EXPAND_LEN)
        self._lock = threading.Lock()

    def extend(self, count: int) -> None:
        if count > MAX_MESSAGES + 2:
            raise BbsError("bbs.too_large", f"a BBS signature has at most {MAX_MESSAGES} messages here")
        with self._lock:
            for index in range(len(self.bases) + 1, count + 1):
                self._value = self._suite.expand_message(
                    self._value + index.to_bytes(8, "big"), self._seed_dst, EXPAND_LEN
                )
                point = self._suite.hash_to_curve_g1(self._value, self._generator_dst)
                self.octets.append(point.to_compressed_bytes())
                self.bases.append(fixed_base(point, parted=index <= _PARTED))

    def first(self, count: int) -> list[Base]:
        if count > len(self.bases):
            self.extend(count)
        return self.bases[:count]


class Interface:
    """A BBS Interface of a ciphersuite (section "Defining New Interfaces")."""

    def __init__(self, suite: Ciphersuite, api_id: bytes) -> None:
        """Take the ciphersuite and the ``api_id``, from which every tag is made."""
        self.suite = suite
        self.api_id = api_id
        self.p1 = fixed_base(suite.p1)
        self._map_dst = api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_"
        self._hash_to_scalar_dst = api_id + b"H2S_"
        self._signer = _Generators(suite, api_id)
        self._blind = _Generators(suite, b"BLIND_" + api_id)

    def create_generators(self, count: int, blind_count: int = 0) -> list[Base]:
        """Return ``count`` generators (Q_1, H_1, ...) and after them ``blind_count`` blind ones (Q_2, J_1, ...)."""
        if not blind_count:
            return self._signer.first(count)
        return self._signer.first(count) + self._blind.first(blind_count)

    def create_blind_generators(self, count: int) -> list[Base]:
        """Return the first ``count`` generators of ``"BLIND_" || api_id``: Q_2, J_1, ..."""
        return self._blind.first(count)

    def messages_to_scalars(self, messages: Sequence[bytes]) -> list[Scalar]:
        """Map each message to a scalar (section "Messages to Scalars"); BbsError when there are too many."""
        if len(messages) > MAX_MESSAGES:
            raise BbsError("bbs.too_large", f"a BBS signature has at most {MAX_MESSAGES} messages here")
        expand, dst, scalar = self.suite.expand_message, self._map_dst, Scalar.from_be_bytes_mod_order
        return [scalar(expand(message, dst, EXPAND_LEN)) for message in messages]

    def hash_to_scalar(self, octets: bytes) -> Scalar:
        """Hash octets to a scalar under this interface's ``H2S_`` tag."""
        return self.suite.hash_to_scalar(octets, self._hash_to_scalar_dst)

    def calculate_domain(self, pk: bytes, count: int, blind_count: int, header: bytes) -> Scalar:
        """Distil key, generators, ``api_id`` and header into one scalar (section "Domain Calculation").

        ``count`` and ``blind_count`` say which generators, as in :meth:`create_generators`; they exist already.
        """
        if len(header) > _MAX_OCTETS:
            raise BbsError("bbs.too_large", "the header is too large")
        octets = self._signer.octets[:count] + self._blind.octets[:blind_count]
        length = (len(octets) - 1).to_bytes(8, "big")
        return self.hash_to_scalar(b"".join((pk, length, *octets, self.api_id, len(header).to_bytes(8, "big"), header)))

    def blind_generators_octets(self, count: int) -> bytes:
        """Return the first ``count`` blind generators, serialised one after another; they exist already."""
        return b"".join(self._blind.octets[:count])


@lru_cache(maxsize=8)
def plain_interface(suite: str) -> Interface:
    """Return the BBS Signatures Interface of a ciphersuite: ``ciphersuite_id || "H2G_HM2S_"``."""
    chosen = ciphersuite(suite)
    return Interface(chosen, chosen.identifier + b"H2G_HM2S_")


@lru_cache(maxsize=8)
def blind_interface(suite: str) -> Interface:
    """Return the Blind BBS Interface of a ciphersuite: ``ciphersuite_id || "BLIND_H2G_HM2S_"``."""
    chosen = ciphersuite(suite)
    return Interface(chosen, chosen.identifier + b"BLIND_H2G_HM2S_")


@lru_cache(maxsize=8)
def pseudonym_interface(suite: str) -> Interface:
    """Return the BBS Pseudonym Interface of a ciphersuite: ``ciphersuite_id || "H2G_HM2S_PSEUDONYM_"``."""
    chosen = ciphersuite(suite)
    return Interface(chosen, chosen.identifier + b"H2G_HM2S_PSEUDONYM_")


def random_scalar(get_random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Draw a scalar from 1 to r - 1 and return it as 32 octets: a ``prover_nym``, a ``signer_nym_entropy``."""
    while (scalar := calculate_random_scalars(1, get_random)[0]).is_zero():
        pass  # Once in 2^255 draws.
    return scalar.to_be_bytes()


def calculate_random_scalars(count: int, get_random: Callable[[int], bytes]) -> list[Scalar]:
    """Draw ``count`` independent scalars, 48 octets each, modulo r (section "Random Scalars").

    ``get_random`` is ``secrets.token_bytes``; only tests put a seeded source in its place ("Mocked Random Scalars").
    """
    return [Scalar.from_be_bytes_mod_order(get_random(EXPAND_LEN)) for _ in range(count)]
