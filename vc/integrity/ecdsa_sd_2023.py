"""ecdsa-sd-2023 (vc-di-ecdsa 1.0 sections 3.4 to 3.6): selective disclosure with a signature for each statement.

The issuer signs the mandatory N-Quads as one, and each other N-Quad by itself, with a key made for this proof alone.
The holder takes out what is not to be shown. Blank nodes are named by HMAC, so that their names tell nothing about what
is hidden. Quads know the JSON pointers they come from, so nothing is skolemised or framed (``vc.linked_data``).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import did.multibase

from ..linked_data import Dataset, proof_configuration_lines, select_json_ld, to_dataset
from .disclosure import check_pointers, combine_pointers, grouped
from .proof_value import decode_components, encode_components, has_header
from .suite import DEFAULT_ENVIRONMENT, Environment, Trace, proof_problem

if TYPE_CHECKING:
    from did import PublicKey, Signer, VerificationMethod

__all__ = ["SUITE", "BaseProofValue", "DerivedProofValue", "EcdsaSd2023"]

_BASE_HEADER = b"\xd9\x5d\x00"
_DERIVED_HEADER = b"\xd9\x5d\x01"
_P256_PREFIX = b"\x80\x24"
_P256_KEY_LENGTH = 35
_SIGNATURE_LENGTH = 64
_HMAC_KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class BaseProofValue:
    """What a base proof carries (3.5.2, 3.5.3). It holds the HMAC key: for the holder's eyes only."""

    base_signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: list[bytes]
    mandatory_pointers: list[str]

    def serialize(self) -> str:
        """serializeBaseProofValue (3.5.2)."""
        components = [self.base_signature, self.public_key, self.hmac_key, self.signatures, self.mandatory_pointers]
        return encode_components(_BASE_HEADER, components)

    @classmethod
    def parse(cls, proof_value: str) -> BaseProofValue:
        """parseBaseProofValue (3.5.3). Raises ProblemError."""
        signature, key, hmac_key, signatures, pointers = decode_components(proof_value, _BASE_HEADER, 5)
        _check_bytes("baseSignature", signature, _SIGNATURE_LENGTH)
        _check_key(key)
        _check_bytes("hmacKey", hmac_key, _HMAC_KEY_LENGTH)
        _check_signatures(signatures)
        if type(pointers) is not list or not all(type(pointer) is str for pointer in pointers):
            raise proof_problem("proof.value", "mandatoryPointers is not a list of strings", "/proofValue")
        return cls(signature, key, hmac_key, signatures, pointers)


@dataclass(frozen=True, slots=True)
class DerivedProofValue:
    """What a derived proof carries (3.5.7, 3.5.8). ``label_map``: number of the canonical label -> HMAC digest."""

    base_signature: bytes
    public_key: bytes
    signatures: list[bytes]
    label_map: dict[int, bytes]
    mandatory_indexes: list[int]

    def serialize(self) -> str:
        """serializeDerivedProofValue (3.5.7), with the label map compressed (3.5.5)."""
        components = [
            self.base_signature,
            self.public_key,
            self.signatures,
            dict(sorted(self.label_map.items())),
            self.mandatory_indexes,
        ]
        return encode_components(_DERIVED_HEADER, components)

    @classmethod
    def parse(cls, proof_value: str) -> DerivedProofValue:
        """parseDerivedProofValue (3.5.8). Raises ProblemError."""
        signature, key, signatures, label_map, indexes = decode_components(proof_value, _DERIVED_HEADER, 5)
        _check_bytes("baseSignature", signature, _SIGNATURE_LENGTH)
        _check_key(key)
        _check_signatures(signatures)
        if (
            type(label_map) is not dict
            or not all(type(k) is int and k >= 0 and type(v) is bytes and len(v) == 32 for k, v in label_map.items())
            or len(set(label_map.values())) != len(label_map)
        ):
            detail = "labelMap does not map integers to distinct values of 32 bytes"
            raise proof_problem("proof.value", detail, "/proofValue")
        if type(indexes) is not list or not all(type(index) is int and index >= 0 for index in indexes):
            raise proof_problem("proof.value", "mandatoryIndexes is not a list of unsigned integers", "/proofValue")
        return cls(signature, key, signatures, label_map, indexes)

    def labels(self) -> dict[str, str]:
        """The label map as text (decompressLabelMap, 3.5.6): canonical label -> HMAC label."""
        return {f"c14n{number}": _label(digest) for number, digest in self.label_map.items()}


class EcdsaSd2023:
    """The suite. Options of ``create_proof``: ``mandatory_pointers`` (list of JSON pointers)."""

    name = "ecdsa-sd-2023"
    proof_type = "DataIntegrityProof"
    key_types = frozenset({"P-256"})

    def is_base_proof(self, proof: Mapping[str, Any]) -> bool:
        """See ``SelectiveDisclosureSuite``."""
        return has_header(proof.get("proofValue"), _BASE_HEADER)

    def mandatory_pointers(self, proof: Mapping[str, Any]) -> list[str]:
        """See ``SelectiveDisclosureSuite``."""
        return BaseProofValue.parse(proof["proofValue"]).mandatory_pointers

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
        """A base proof (3.6.1 to 3.6.5)."""
        from did import SoftwareKey, generate

        pointers = check_pointers((options or {}).get("mandatory_pointers", ()))
        proof = {name: value for name, value in config.items() if name != "@context"}
        proof_hash = _proof_hash(document, proof, env, trace)
        dataset = to_dataset(document, contexts=env.contexts, provenance=True)
        hmac_key = env.random(_HMAC_KEY_LENGTH)
        relabelled = dataset.relabel(_texts(_hmac_digests(dataset, hmac_key, trace)))
        lines = relabelled.lines
        mandatory = relabelled.select(pointers)
        rest = sorted(set(range(len(lines))).difference(mandatory))
        mandatory_hash = _hash_of_lines(lines, mandatory)
        # With a random source of the caller's, the signatures have to come out the same each time as well.
        key: SoftwareKey = generate("P-256", random=env.random, deterministic=env.random is not secrets.token_bytes)
        public_key = _P256_PREFIX + key.public_key.raw
        signatures = [key.sign(lines[index].encode()) for index in rest]
        base_signature = signer.sign(proof_hash + public_key + mandatory_hash)
        proof["proofValue"] = BaseProofValue(base_signature, public_key, hmac_key, signatures, pointers).serialize()
        if trace is not None:
            trace["addBaseDocHMACCanon"] = lines
            trace["addBaseTransform"] = {
                "mandatoryPointers": pointers,
                "mandatory": {str(index): lines[index] for index in mandatory},
                "nonMandatory": {str(index): lines[index] for index in rest},
                "hmacKeyString": hmac_key.hex(),
            }
            trace["addHashData"] = {"proofHash": proof_hash.hex(), "mandatoryHash": mandatory_hash.hex()}
            trace["addRawBaseSignatureInfo"] = {
                "baseSignature": base_signature.hex(),
                "publicKey": key.public_key.to_multikey(),
                "signatures": [signature.hex() for signature in signatures],
                "mandatoryPointers": pointers,
            }
        return proof

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
        """A derived document (3.6.6 with createDisclosureData, 3.5.4)."""
        base = BaseProofValue.parse(proof["proofValue"])
        selective = check_pointers(selective_pointers)
        pointers = combine_pointers(base.mandatory_pointers, selective)
        dataset = to_dataset(document, contexts=env.contexts, provenance=True)
        digests = _hmac_digests(dataset, base.hmac_key, trace)
        relabelled = dataset.relabel(_texts(digests))
        groups = grouped(relabelled, base.mandatory_pointers, selective)
        if len(base.signatures) != len(relabelled.lines) - len(groups.mandatory):
            detail = (
                f"the base proof has {len(base.signatures)} signatures for "
                f"{len(relabelled.lines) - len(groups.mandatory)} statements: it belongs to another document"
            )
            raise proof_problem("proof.signature", detail)
        positions = groups.positions_among_non_mandatory()
        signatures = [base.signatures[position] for position in positions]
        mandatory_indexes = groups.mandatory_among_combined()
        canonical = relabelled.canonicalize(groups.combined)
        label_map = {int(label[4:]): digests[node] for node, label in canonical.labels.items()}
        derived = DerivedProofValue(base.base_signature, base.public_key, signatures, label_map, mandatory_indexes)
        revealed = select_json_ld(document, pointers) or {}
        if trace is not None:
            _trace_derivation(trace, base, derived, revealed)
            trace["derivedGroupIndexes"] = groups.to_dict(len(relabelled.lines))
            trace["derivedAdjMandatoryIndexes"] = {"adjMandatoryIndexes": mandatory_indexes}
            trace["derivedAdjSignatures"] = {
                "adjSignatureIndexes": positions,
                "filteredSignatures": [signature.hex() for signature in signatures],
            }
        return {**revealed, "proof": {**proof, "proofValue": derived.serialize()}}

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
        """Verify a derived proof (3.6.7 with createVerifyData, 3.5.9)."""
        from did import PublicKey

        if self.is_base_proof(proof):
            detail = "this is a base proof, made for the holder; a verifier gets a proof derived from it"
            raise proof_problem("proof.base", detail, "/proofValue")
        value = DerivedProofValue.parse(proof["proofValue"])
        statement_key = _statement_key(PublicKey, value.public_key)
        proof_hash = _proof_hash(document, proof, env, trace)
        lines = _disclosed_lines(document, value, env)
        mandatory = set(value.mandatory_indexes)
        if len(mandatory) != len(value.mandatory_indexes) or (mandatory and max(mandatory) >= len(lines)):
            detail = "mandatoryIndexes repeats an index or goes beyond the document's statements"
            raise proof_problem("proof.value", detail, "/proofValue")
        statements = [line for index, line in enumerate(lines) if index not in mandatory]
        mandatory_hash = _hash_of_lines(lines, sorted(mandatory))
        if trace is not None:
            _trace_verification(trace, value, lines, statements, (proof_hash, mandatory_hash))
        if len(statements) != len(value.signatures):
            detail = f"the proof has {len(value.signatures)} signatures for {len(statements)} statements"
            raise proof_problem("proof.signature", detail)
        if not method.public_key.verify(value.base_signature, proof_hash + value.public_key + mandatory_hash):
            detail = "the base signature does not match the mandatory statements and the proof's members"
            raise proof_problem("proof.signature", detail)
        verify = statement_key.verify
        for signature, statement in zip(value.signatures, statements, strict=True):
            if not verify(signature, statement.encode()):
                raise proof_problem("proof.signature", "the signature of a disclosed statement does not match it")


SUITE = EcdsaSd2023()


def _proof_hash(document: Mapping[str, Any], proof: Mapping[str, Any], env: Environment, trace: Trace | None) -> bytes:
    context = document.get("@context")
    canonical = proof_configuration_lines(context, proof, contexts=env.contexts)
    proof_hash = hashlib.sha256(canonical.encode()).digest()
    if trace is not None:
        trace["addProofConfig"] = {k: v for k, v in proof.items() if k != "proofValue"} | {"@context": context}
        trace["addProofConfigCanon"] = canonical
        trace["proofHash"] = proof_hash.hex()
    return proof_hash


def _hmac_digests(dataset: Dataset, hmac_key: bytes, trace: Trace | None) -> dict[str, bytes]:
    """Blank node -> HMAC-SHA-256 of its canonical label (3.4.4)."""
    canonical = dataset.canonicalize()
    if trace is not None:
        trace["addBaseDocCanon"] = canonical.lines
    return {node: hmac.digest(hmac_key, label.encode(), "sha256") for node, label in canonical.labels.items()}


def _texts(digests: Mapping[str, bytes]) -> dict[str, str]:
    return {node: _label(digest) for node, digest in digests.items()}


def _label(digest: bytes) -> str:
    return did.multibase.encode(digest, "u")


def _hash_of_lines(lines: Sequence[str], indexes: Sequence[int]) -> bytes:
    return hashlib.sha256("".join([lines[index] for index in indexes]).encode()).digest()


def _disclosed_lines(document: Mapping[str, Any], value: DerivedProofValue, env: Environment) -> list[str]:
    """The document's N-Quads under the labels of the proof, sorted (3.5.9 steps 3 to 6)."""
    dataset = to_dataset(document, contexts=env.contexts)
    canonical = dataset.canonicalize()
    labels = value.labels()
    if labels.keys() != set(canonical.labels.values()):
        detail = f"labelMap names {len(labels)} blank nodes, not those of the document ({len(canonical.labels)})"
        raise proof_problem("proof.value", detail, "/proofValue")
    return dataset.relabel({node: labels[label] for node, label in canonical.labels.items()}).lines


def _statement_key(kind: type[PublicKey], multikey: bytes) -> PublicKey:
    from did import DidError

    try:
        return kind("P-256", multikey[len(_P256_PREFIX) :])
    except DidError as error:
        raise proof_problem("proof.value", f"publicKey is no P-256 key: {error}", "/proofValue") from None


def _check_bytes(name: str, value: object, length: int) -> None:
    if type(value) is not bytes or len(value) != length:
        raise proof_problem("proof.value", f"{name} is not a byte string of {length} bytes", "/proofValue")


def _check_key(value: object) -> None:
    _check_bytes("publicKey", value, _P256_KEY_LENGTH)
    if not isinstance(value, bytes) or not value.startswith(_P256_PREFIX):
        raise proof_problem("proof.value", "publicKey is not a P-256 Multikey", "/proofValue")


def _check_signatures(value: object) -> None:
    if type(value) is not list or not all(type(item) is bytes and len(item) == _SIGNATURE_LENGTH for item in value):
        detail = f"signatures is not a list of byte strings of {_SIGNATURE_LENGTH} bytes"
        raise proof_problem("proof.value", detail, "/proofValue")


def _trace_derivation(
    trace: Trace, base: BaseProofValue, derived: DerivedProofValue, revealed: Mapping[str, Any]
) -> None:
    key = _multikey(base.public_key)
    signatures = [signature.hex() for signature in base.signatures]
    trace["derivedRecoveredBaseData"] = {
        "baseSignature": base.base_signature.hex(),
        "proofPublicKey": key,
        "hmacKey": base.hmac_key.hex(),
        "signatures": signatures,
        "mandatoryPointers": base.mandatory_pointers,
    }
    trace["derivedDisclosureData"] = {
        "baseSignature": derived.base_signature.hex(),
        "publicKey": key,
        "signatures": [signature.hex() for signature in derived.signatures],
        "labelMap": derived.labels(),
        "mandatoryIndexes": derived.mandatory_indexes,
    }
    trace["derivedUnsignedReveal"] = revealed


def _trace_verification(
    trace: Trace,
    value: DerivedProofValue,
    lines: list[str],
    statements: list[str],
    hashes: tuple[bytes, bytes],
) -> None:
    key = _multikey(value.public_key)
    signatures = [signature.hex() for signature in value.signatures]
    trace["verifyDerivedProofValue"] = {
        "baseSignature": value.base_signature.hex(),
        "publicKey": key,
        "signatures": signatures,
        "labelMap": value.labels(),
        "mandatoryIndexes": value.mandatory_indexes,
    }
    trace["verifyNQuads"] = lines
    trace["verifyCreateVerifyData"] = {
        "baseSignature": value.base_signature.hex(),
        "proofHash": hashes[0].hex(),
        "publicKey": key,
        "signatures": signatures,
        "nonMandatory": statements,
        "mandatoryHash": hashes[1].hex(),
    }


def _multikey(encoded: bytes) -> str:
    return did.multibase.encode(encoded, "z")
