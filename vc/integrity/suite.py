"""What a cryptosuite is (Data Integrity 1.0 section 3.1 and 5): the protocols every file of this package follows.

A suite is stateless. It gets documents as plain dicts and never changes them. It says what is wrong by raising
``ProblemError`` (one ``proof.*`` problem) or ``LinkedDataError``; the pipeline turns either into a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from ..checks.environment import DEFAULT_ENVIRONMENT, Environment, Kept
from ..problems import Problem, ProblemError

if TYPE_CHECKING:
    from did import Signer, VerificationMethod

__all__ = [
    "DATA_INTEGRITY_CONTEXT",
    "DATA_INTEGRITY_CONTEXTS",
    "DEFAULT_ENVIRONMENT",
    "Cryptosuite",
    "Environment",
    "Kept",
    "SelectiveDisclosureSuite",
    "Trace",
    "discloses",
    "proof_problem",
]

Trace = dict[str, Any]
"""Intermediate values by name, as JSON: names as in the specifications' test vectors, bytes as lower-case hex."""


DATA_INTEGRITY_CONTEXT = "https://w3id.org/security/data-integrity/v2"
"""What is appended to a document whose contexts don't define the terms of a ``DataIntegrityProof``."""

DATA_INTEGRITY_CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    DATA_INTEGRITY_CONTEXT,
    "https://w3id.org/security/data-integrity/v1",
)
"""The contexts that define the terms of a ``DataIntegrityProof``; the one that most documents have comes first."""


class Cryptosuite(Protocol):
    """One cryptosuite: everything that others have to know of it, and how a proof is made and checked.

    Nobody asks for a suite by its name or class to find out how it behaves: it says so here
    (docs/adding-a-cryptosuite.md).
    """

    @property
    def name(self) -> str:
        """The value of ``cryptosuite``, or of the proof's ``type`` for the suites that are older."""
        ...

    @property
    def proof_type(self) -> str:
        """The proof's ``type``: ``DataIntegrityProof``, but for the suites that are older than it."""
        ...

    @property
    def key_types(self) -> frozenset[str]:
        """The key types (``did.PublicKey.key_type``) it signs with."""
        ...

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of which a document needs one, so that the proof's own terms are defined."""
        ...

    @property
    def context(self) -> str:
        """The one of ``contexts`` that is appended where a document has none of them."""
        ...

    @property
    def selective(self) -> bool:
        """Whether it discloses selectively: then it is a ``SelectiveDisclosureSuite``, and takes options."""
        ...

    @property
    def signs_statements(self) -> bool:
        """Whether the RDF statements of a document are signed, so that a term without a meaning can't be. For a suite
        that signs the JSON text the caller has to look at the terms.
        """
        ...

    @property
    def writes_created(self) -> bool:
        """Whether a proof says when it was made, unless it is told not to."""
        ...

    def create_proof(
        self,
        document: Mapping[str, Any],
        signer: Signer,
        config: Mapping[str, Any],
        *,
        env: Environment = DEFAULT_ENVIRONMENT,
        options: Mapping[str, Any] | None = None,
        trace: Trace | None = None,
    ) -> dict[str, Any]:
        """The proof over ``document`` (Data Integrity section 4.2, "create proof" of the suite).

        ``document`` has no ``proof`` member, but for the earlier proofs that a chain binds. ``config`` is the proof
        without ``proofValue``: type, cryptosuite, verificationMethod, proofPurpose, created... ``options`` are the
        suite's own (each suite documents its names). Intermediate values go into ``trace`` when it is given.

        Returns a new proof dict with ``proofValue``. Raises ProblemError or LinkedDataError for unusable input.
        """
        ...

    def verify_proof(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        method: VerificationMethod,
        *,
        env: Environment = DEFAULT_ENVIRONMENT,
        options: Mapping[str, Any] | None = None,
        trace: Trace | None = None,
    ) -> None:
        """Check ``proof`` over ``document`` (without ``proof``, but for earlier proofs of a chain) with ``method``.

        The pipeline has checked before: the proof's ``type`` and ``cryptosuite`` are this suite's, ``proofValue`` is
        a string, ``created`` and ``expires`` are dateTimeStamps, the method is listed for the purpose and its key is
        one of ``key_types``. ``options`` are what the verifier expects of proofs of particular suites; a suite reads
        its own and leaves the others alone.

        Returns None for a good proof, raises ProblemError or LinkedDataError for a bad one.
        """
        ...


class SelectiveDisclosureSuite(Cryptosuite, Protocol):
    """A suite with two kinds of proof: a base proof for the holder, and proofs derived from it for verifiers.

    ``create_proof`` makes a base proof and reads ``options["mandatory_pointers"]`` (JSON pointers, RFC 6901);
    ``verify_proof`` takes derived proofs only and refuses a base proof with the problem ``proof.base``.
    """

    def is_base_proof(self, proof: Mapping[str, Any]) -> bool:
        """Whether ``proof`` (untrusted) carries the header of a base proof. Never raises."""
        ...

    def mandatory_pointers(self, proof: Mapping[str, Any]) -> list[str]:
        """The mandatory pointers that a base proof carries. Raises ProblemError for an unusable proof."""
        ...

    def derive_proof(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        selective_pointers: Sequence[str],
        *,
        env: Environment = DEFAULT_ENVIRONMENT,
        options: Mapping[str, Any] | None = None,
        trace: Trace | None = None,
    ) -> dict[str, Any]:
        """The derived document (reveal document with the derived proof as its ``proof``).

        ``document`` has no ``proof``; ``proof`` is the base proof. Raises ProblemError (``pointer.no_match`` for each
        pointer that selects nothing, ``proof.*`` for an unusable base proof) or LinkedDataError.
        """
        ...


def discloses(suite: Cryptosuite | None) -> TypeGuard[SelectiveDisclosureSuite]:
    """Whether a suite is one of selective disclosure."""
    return suite is not None and suite.selective


def proof_problem(code: str, detail: str, pointer: str = "") -> ProblemError:
    """The error to raise for one problem with a proof. ``pointer`` is relative to the proof."""
    return ProblemError(Problem(code, detail, pointer))
