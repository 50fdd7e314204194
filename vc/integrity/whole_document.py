"""The suites that sign a document as a whole (vc-di-eddsa 3.2 and 3.3, vc-di-ecdsa 3.2 and 3.3).

They differ in two ways only: the transformation (RDFC-1.0 or JCS) and the keys. The hash follows the key: SHA-384 for
P-384, in RDFC-1.0 as well as in hashing, SHA-256 for the others. What is signed is the hash of the proof configuration
followed by the hash of the document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..linked_data import canonical_bytes, check_configuration, check_terms, proof_configuration_bytes
from .jcs import jcs_of_doubles
from .proof_value import decode_signature, encode_signature
from .suite import DEFAULT_ENVIRONMENT, Environment, Trace, proof_problem

if TYPE_CHECKING:
    from contexts import ContextRegistry
    from did import Signer, VerificationMethod

__all__ = ["JCS", "RDFC", "Transformation", "WholeDocumentSuite", "check_meaning"]

HashName = Literal["sha256", "sha384"]

_HASHES: dict[str, tuple[HashName, Callable[[bytes], Any], int]] = {
    "Ed25519": ("sha256", hashlib.sha256, 64),
    "P-256": ("sha256", hashlib.sha256, 64),
    "P-384": ("sha384", hashlib.sha384, 96),
}
"""Key type -> name of the hash, the hash, length of a signature in bytes."""


class Transformation(Protocol):
    """How a document and a proof configuration become the bytes that are hashed."""

    def configuration(self, document: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
        """A new proof from ``config``, with what creation adds to it."""
        ...

    def unsecured(self, document: Mapping[str, Any], proof: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document that ``proof`` speaks about. Raises ProblemError when the two don't belong together."""
        ...

    def document_bytes(self, document: Mapping[str, Any], hash_name: HashName, env: Environment) -> bytes:
        """The canonical document."""
        ...

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: HashName, env: Environment
    ) -> bytes:
        """The canonical proof configuration (``proof`` without ``proofValue``)."""
        ...


class _Rdfc:
    """RDFC-1.0 (vc-di-eddsa 3.2.3 and 3.2.5): N-Quads; the configuration takes the document's contexts."""

    def configuration(self, document: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in config.items() if name != "@context"}

    def unsecured(self, document: Mapping[str, Any], proof: Mapping[str, Any]) -> Mapping[str, Any]:
        return document  # Whatever contexts the proof has, the document's take their place (section 3.2.5 step 4).

    def document_bytes(self, document: Mapping[str, Any], hash_name: HashName, env: Environment) -> bytes:
        return canonical_bytes(document, hash_name=hash_name, contexts=env.contexts, one_reading=True)

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: HashName, env: Environment
    ) -> bytes:
        context = document.get("@context")
        return proof_configuration_bytes(context, proof, hash_name=hash_name, contexts=env.contexts, one_reading=True)


class _Jcs:
    """JCS (vc-di-eddsa 3.3, vc-di-ecdsa 3.3): canonical JSON; the proof carries the document's contexts."""

    def configuration(self, document: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
        proof = dict(config)
        if "@context" in document:
            proof["@context"] = document["@context"]
        return proof

    def unsecured(self, document: Mapping[str, Any], proof: Mapping[str, Any]) -> Mapping[str, Any]:
        if "@context" not in proof:
            return document
        of_proof, of_document = proof["@context"], document.get("@context")
        if of_proof == of_document:
            return document
        first = of_proof if isinstance(of_proof, list) else [of_proof]
        values = of_document if isinstance(of_document, list) else [of_document]
        if values[: len(first)] != first:
            detail = "the document's @context does not start with the values of the proof's, in the same order"
            raise proof_problem("proof.context", detail, "/@context")
        return {**document, "@context": of_proof}

    def document_bytes(self, document: Mapping[str, Any], hash_name: HashName, env: Environment) -> bytes:
        return jcs_of_doubles(document)

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: HashName, env: Environment
    ) -> bytes:
        return jcs_of_doubles({name: value for name, value in proof.items() if name != "proofValue"})


RDFC: Transformation = _Rdfc()
JCS: Transformation = _Jcs()


def check_meaning(document: Mapping[str, Any], proof: Mapping[str, Any], contexts: ContextRegistry) -> None:
    """Make sure that a document and a proof over its JSON text mean something, and one thing only (docs/reading.md).

    ``document`` has no proof. A proof may name fewer contexts than the document has now (vc-di-eddsa 3.3.2): what was
    signed is the document with those, and what software reads is the document with all. So both have to state the
    same. Raises ProblemError: LinkedDataError for the document, any other for the proof.
    """
    check_terms(document, contexts=contexts, one_reading=True)
    signed = JCS.unsecured(document, proof)
    check_configuration(signed.get("@context"), proof, contexts=contexts)
    if signed is document:
        return
    check_terms(signed, contexts=contexts, one_reading=True)
    if canonical_bytes(signed, contexts=contexts) != canonical_bytes(document, contexts=contexts):
        detail = "the contexts that were added after signing give the document another meaning"
        raise proof_problem("proof.context", detail, "/@context")


@dataclass(frozen=True, slots=True)
class WholeDocumentSuite:
    """A suite that signs the document as a whole: a name, the keys it takes, and a transformation."""

    name: str
    key_types: frozenset[str]
    transformation: Transformation
    proof_type: str = "DataIntegrityProof"

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
        """See ``Cryptosuite``. This suite has no options."""
        proof = self.transformation.configuration(document, config)
        combined = self._combined_hash(document, proof, signer.algorithm, env, trace)
        signature = signer.sign(combined)
        proof["proofValue"] = encode_signature(signature)
        if trace is not None:
            trace |= {"sigHex": signature.hex(), "sigBTC58": proof["proofValue"]}
        return proof

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
        """See ``Cryptosuite``."""
        key = method.public_key
        signature = decode_signature(proof["proofValue"], _HASHES[key.key_type][2])
        document = self.transformation.unsecured(document, proof)
        combined = self._combined_hash(document, proof, key.key_type, env, trace)
        if trace is not None:
            trace |= {"sigHex": signature.hex(), "sigBTC58": proof["proofValue"]}
        if not key.verify(signature, combined):
            raise proof_problem("proof.signature", "the signature does not match the document and the proof's members")

    def _combined_hash(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        key_type: str,
        env: Environment,
        trace: Trace | None,
    ) -> bytes:
        hash_name, hash_of, _ = _HASHES[key_type]
        configuration = self.transformation.configuration_bytes(document, proof, hash_name, env)
        transformed = self.transformation.document_bytes(document, hash_name, env)
        proof_hash, document_hash = hash_of(configuration).digest(), hash_of(transformed).digest()
        combined: bytes = proof_hash + document_hash
        if trace is not None:
            trace |= {
                "canonDoc": transformed.decode(),
                "docHash": document_hash.hex(),
                "proofConfig": {
                    **{name: value for name, value in proof.items() if name != "proofValue"},
                    **({"@context": document["@context"]} if "@context" in document else {}),
                },
                "proofCanon": configuration.decode(),
                "proofHash": proof_hash.hex(),
                "combinedHash": combined.hex(),
            }
        return combined
