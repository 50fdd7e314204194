"""The suites that sign a document as a whole (vc-di-eddsa 3.2 and 3.3, vc-di-ecdsa 3.2 and 3.3).

They differ in two ways only: the transformation (RDFC-1.0 or JCS) and the keys. The hash follows the key
(``KeyType.proof_hash``: SHA-384 for P-384, SHA-256 for the others) unless a suite names its own, in RDFC-1.0 as well as
in hashing. What is signed is the hash of the proof configuration followed by the hash of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from did import sign_checked
from did.errors import KeyTypeUnsupported
from did.key_types import key_type

from ..hashes import Hash, hash_named
from ..linked_data import canonical_bytes, check_json, check_terms, proof_configuration_bytes
from ..linked_data.templates.proof_options import check_configuration
from .jcs import jcs_of_doubles
from .proof_value import decode_signature, encode_signature
from .suite import (
    DATA_INTEGRITY_CONTEXT,
    DATA_INTEGRITY_CONTEXTS,
    DEFAULT_ENVIRONMENT,
    Environment,
    Trace,
    proof_problem,
)

if TYPE_CHECKING:
    from did import Signer, VerificationMethod

__all__ = ["JCS", "RDFC", "Transformation", "WholeDocumentSuite", "check_meaning"]


class Transformation(Protocol):
    """How a document and a proof configuration become the bytes that are hashed.

    ``signs_statements`` is the fact of that name of the suites that use it (``Cryptosuite``).
    """

    @property
    def signs_statements(self) -> bool: ...

    def configuration(self, document: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
        """A new proof from ``config``, with what creation adds to it."""
        ...

    def unsecured(self, document: Mapping[str, Any], proof: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document that ``proof`` speaks about. Raises ProblemError when the two don't belong together."""
        ...

    def document_bytes(self, document: Mapping[str, Any], hash_name: str, env: Environment) -> bytes:
        """The canonical document."""
        ...

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: str, env: Environment
    ) -> bytes:
        """The canonical proof configuration (``proof`` without ``proofValue``)."""
        ...


class _Rdfc:
    """RDFC-1.0 (vc-di-eddsa 3.2.3 and 3.2.5): N-Quads; the configuration takes the document's contexts."""

    signs_statements = True

    def configuration(self, document: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in config.items() if name != "@context"}

    def unsecured(self, document: Mapping[str, Any], proof: Mapping[str, Any]) -> Mapping[str, Any]:
        return document  # Whatever contexts the proof has, the document's take their place (section 3.2.5 step 4).

    def document_bytes(self, document: Mapping[str, Any], hash_name: str, env: Environment) -> bytes:
        contexts, one_reading = env.contexts, env.one_reading
        return canonical_bytes(document, hash_name=hash_name, contexts=contexts, one_reading=one_reading)

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: str, env: Environment
    ) -> bytes:
        context = document.get("@context")
        return proof_configuration_bytes(context, proof, hash_name=hash_name, contexts=env.contexts, one_reading=True)


class _Jcs:
    """JCS (vc-di-eddsa 3.3, vc-di-ecdsa 3.3): canonical JSON; the proof carries the document's contexts."""

    signs_statements = False

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

    def document_bytes(self, document: Mapping[str, Any], hash_name: str, env: Environment) -> bytes:
        return jcs_of_doubles(document)

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: str, env: Environment
    ) -> bytes:
        return jcs_of_doubles({name: value for name, value in proof.items() if name != "proofValue"})


RDFC: Transformation = _Rdfc()
JCS: Transformation = _Jcs()


def check_meaning(document: Mapping[str, Any], proof: Mapping[str, Any], env: Environment) -> None:
    """Make sure that a document and a proof over its JSON text mean something, and one thing only (docs/reading.md).

    ``document`` has no proof. A proof may name fewer contexts than the document has now (vc-di-eddsa 3.3.2): what was
    signed is the document with those, and what software reads is the document with all. So both have to state the
    same. Raises ProblemError: LinkedDataError for the document, any other for the proof.
    """
    contexts = env.contexts
    signed = JCS.unsecured(document, proof)
    if signed is document and env.one_reading and env.kept is None:
        check_json(signed, proof, contexts=contexts)  # The usual case at once.
        return
    of_signed = b"" if signed is document else orjson.dumps(signed["@context"])
    env.once(
        document,
        ("terms", of_signed),
        lambda: check_terms(signed, contexts=contexts, one_reading=env.one_reading),
    )
    if not env.one_reading:
        return
    check_configuration(signed.get("@context"), proof, contexts=contexts)
    if signed is not document:
        env.once(document, ("added contexts", of_signed), lambda: _check_added_contexts(signed, document, env))


def _check_added_contexts(signed: Mapping[str, Any], document: Mapping[str, Any], env: Environment) -> None:
    contexts = env.contexts
    check_terms(document, contexts=contexts, one_reading=True)
    if canonical_bytes(signed, contexts=contexts) != canonical_bytes(document, contexts=contexts):
        detail = "the contexts that were added after signing give the document another meaning"
        raise proof_problem("proof.context", detail, "/@context")


@dataclass(frozen=True, slots=True)
class WholeDocumentSuite:
    """A suite that signs the document as a whole: a name, the keys it takes, and a transformation.

    ``hash_name`` (hashlib's) is "" where the hash is that of the key type.
    """

    name: str
    key_types: frozenset[str]
    transformation: Transformation
    hash_name: str = ""
    proof_type: str = "DataIntegrityProof"
    contexts: tuple[str, ...] = DATA_INTEGRITY_CONTEXTS
    context: str = DATA_INTEGRITY_CONTEXT
    writes_created: bool = True

    @property
    def selective(self) -> bool:
        """False: all of the document is shown, or nothing."""
        return False

    @property
    def signs_statements(self) -> bool:
        """As its transformation has it."""
        return self.transformation.signs_statements

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
        hashing = _hashing(self.hash_name, signer.algorithm)
        combined = self._combined_hash(document, proof, hashing, env, trace)
        signature = sign_checked(signer, combined)
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
        hashing = _hashing(self.hash_name, key.key_type)
        signature = decode_signature(proof["proofValue"], hashing.signature_length)
        document = self.transformation.unsecured(document, proof)
        combined = self._combined_hash(document, proof, hashing, env, trace)
        if trace is not None:
            trace |= {"sigHex": signature.hex(), "sigBTC58": proof["proofValue"]}
        if not key.verify(signature, combined):
            raise proof_problem("proof.signature", "the signature does not match the document and the proof's members")

    def _combined_hash(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        hashing: _Hashing,
        env: Environment,
        trace: Trace | None,
    ) -> bytes:
        hash_name, hash_of, _ = hashing
        configuration = self.transformation.configuration_bytes(document, proof, hash_name, env)
        transformation = self.transformation
        if env.kept is None:
            transformed = transformation.document_bytes(document, hash_name, env)
        else:
            transformed = env.once(
                document, (transformation, hash_name), lambda: transformation.document_bytes(document, hash_name, env)
            )
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


class _Hashing(NamedTuple):
    """The name of the hash, the hash, and the length of a signature in bytes."""

    name: str
    hash_of: Hash
    signature_length: int


@cache
def _hashing(hash_name: str, key_type_name: str) -> _Hashing:
    """How a suite with ``hash_name`` hashes for keys of that type. Raises ProblemError: a key type that is unknown or
    that signs no documents (``method.key_type``), an unknown hash (``proof.hash_unknown``).
    """
    try:
        kind = key_type(key_type_name)
    except KeyTypeUnsupported as error:
        raise proof_problem("method.key_type", error.message) from None
    name = hash_name or kind.proof_hash
    if not name or not kind.signature_length:
        raise proof_problem("method.key_type", f"keys of type {kind.name} sign no documents")
    return _Hashing(name, hash_named(name), kind.signature_length)
