"""ecdsa-sd-2023 (vc-di-ecdsa 1.0 sections 3.4 to 3.6): selective disclosure with a signature for each statement.

The issuer signs the mandatory N-Quads as one, and each other N-Quad by itself, with a key made for this proof alone.
The holder takes out what is not to be shown. Blank nodes are named by HMAC, so that their names tell nothing about what
is hidden. Quads know the JSON pointers they come from, so nothing is skolemised or framed (``vc.linked_data``).

Everything that depends on the kind of key (lengths, multicodec, hash) is taken from the key type, so that a suite for
another signature algorithm is another ``StatementSignatures``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import did.multibase
from did.errors import DidError, KeyTypeUnsupported
from did.key_types import key_type as type_named
from did.multicodec import encode_varint

from ..hashes import hash_named
from ..linked_data import select_json_ld, to_dataset
from .disclosure import (
    check_pointers,
    check_revealed,
    combine_pointers,
    disclosed,
    grouped,
    hmac_digests,
    proof_hash,
    refuse_base_proof,
    split,
)
from .proof_value import check_bytes, check_mandatory_pointers, decode_components, encode_components, has_header
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

__all__ = ["MAX_SIGNATURES", "SUITE", "BaseProofValue", "DerivedProofValue", "StatementSignatures"]

MAX_SIGNATURES = 8192
"""How many statements may have a signature of their own: each is some 0.1 ms of a verifier's time."""

_BASE_HEADER = b"\xd9\x5d\x00"
_DERIVED_HEADER = b"\xd9\x5d\x01"


class _Sizes(NamedTuple):
    """What a proof value looks like for one key type. Lengths are bytes."""

    key_type: str
    prefix: bytes
    key_length: int
    signature_length: int
    hash_name: str
    digest_length: int


@cache
def _sizes(key_type: str) -> _Sizes:
    """Raises ProblemError: a key type that is unknown or signs no documents, an unknown hash."""
    try:
        kind = type_named(key_type)
    except KeyTypeUnsupported as error:
        raise proof_problem("method.key_type", error.message) from None
    if not kind.proof_hash or not kind.signature_length:
        raise proof_problem("method.key_type", f"keys of type {kind.name} sign no documents")
    prefix, digest = encode_varint(kind.public_code), hash_named(kind.proof_hash)(b"").digest_size
    return _Sizes(kind.name, prefix, len(prefix) + kind.public_length, kind.signature_length, kind.proof_hash, digest)


class BaseProofValue(NamedTuple):
    """What a base proof carries (3.5.2, 3.5.3). It holds the HMAC key: for the holder's eyes only."""

    base_signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: list[bytes]
    mandatory_pointers: list[str]

    def serialize(self) -> str:
        """serializeBaseProofValue (3.5.2)."""
        return encode_components(_BASE_HEADER, list(self))

    @classmethod
    def parse(cls, proof_value: str, key_type: str = "P-256") -> BaseProofValue:
        """parseBaseProofValue (3.5.3). Raises ProblemError."""
        sizes = _sizes(key_type)
        signature, key, hmac_key, signatures, pointers = decode_components(proof_value, _BASE_HEADER, 5)
        check_bytes("baseSignature", signature, sizes.signature_length)
        _check_key(key, sizes)
        check_bytes("hmacKey", hmac_key, sizes.digest_length)
        _check_signatures(signatures, sizes)
        check_mandatory_pointers(pointers)
        return cls(signature, key, hmac_key, signatures, pointers)


class DerivedProofValue(NamedTuple):
    """What a derived proof carries (3.5.7, 3.5.8). ``label_map``: number of the canonical label -> HMAC digest."""

    base_signature: bytes
    public_key: bytes
    signatures: list[bytes]
    label_map: dict[int, bytes]
    mandatory_indexes: list[int]

    def serialize(self) -> str:
        """serializeDerivedProofValue (3.5.7), with the label map compressed (3.5.5)."""
        label_map = dict(sorted(self.label_map.items()))
        return encode_components(_DERIVED_HEADER, list(self._replace(label_map=label_map)))

    @classmethod
    def parse(cls, proof_value: str, key_type: str = "P-256") -> DerivedProofValue:
        """parseDerivedProofValue (3.5.8). Raises ProblemError."""
        sizes = _sizes(key_type)
        signature, key, signatures, label_map, indexes = decode_components(proof_value, _DERIVED_HEADER, 5)
        check_bytes("baseSignature", signature, sizes.signature_length)
        _check_key(key, sizes)
        _check_signatures(signatures, sizes)
        if (
            type(label_map) is not dict
            or not _are_unsigned(label_map)
            or not _are_bytes(label_map.values(), sizes.digest_length)
            or len({*label_map.values()}) != len(label_map)
        ):
            detail = f"labelMap does not map integers to distinct values of {sizes.digest_length} bytes"
            raise proof_problem("proof.value", detail, "/proofValue")
        if type(indexes) is not list or not _are_unsigned(indexes):
            raise proof_problem("proof.value", "mandatoryIndexes is not a list of unsigned integers", "/proofValue")
        return cls(signature, key, signatures, label_map, indexes)

    def labels(self) -> dict[str, str]:
        """The label map as text (decompressLabelMap, 3.5.6): canonical label -> HMAC label."""
        return {f"c14n{number}": _label(digest) for number, digest in self.label_map.items()}


@dataclass(frozen=True, slots=True)
class StatementSignatures:
    """A suite of this kind: its name, and the one key type of the issuer's key and of the proof's own key.

    Options of ``create_proof``: ``mandatory_pointers`` (list of JSON pointers).
    """

    name: str
    key_type: str
    most_signatures: int = MAX_SIGNATURES
    """How many statements may have a signature of their own: fewer than usual, where each takes a verifier longer."""
    proof_type: str = "DataIntegrityProof"
    contexts: tuple[str, ...] = DATA_INTEGRITY_CONTEXTS
    context: str = DATA_INTEGRITY_CONTEXT
    selective: bool = True
    signs_statements: bool = True
    writes_created: bool = True
    key_types: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_types", frozenset({self.key_type}))

    def is_base_proof(self, proof: Mapping[str, Any]) -> bool:
        """See ``SelectiveDisclosureSuite``."""
        return has_header(proof.get("proofValue"), _BASE_HEADER)

    def mandatory_pointers(self, proof: Mapping[str, Any]) -> list[str]:
        """See ``SelectiveDisclosureSuite``."""
        return BaseProofValue.parse(proof["proofValue"], self.key_type).mandatory_pointers

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
        from did import SoftwareKey

        sizes = _sizes(self.key_type)
        pointers = check_pointers((options or {}).get("mandatory_pointers", ()))
        proof = {name: value for name, value in config.items() if name != "@context"}
        configuration_hash = proof_hash(document, proof, env, trace, sizes.hash_name)
        dataset = to_dataset(document, contexts=env.contexts, provenance=True, one_reading=True)
        hmac_key = env.random(sizes.digest_length)
        relabelled = dataset.relabel(_texts(hmac_digests(dataset, hmac_key, trace, sizes.hash_name)))
        mandatory = relabelled.select(pointers)
        mandatory_hash, statements = split(relabelled.encoded, mandatory, sizes.hash_name)
        if len(statements) > self.most_signatures:
            most = self.most_signatures
            detail = f"{len(statements)} statements aren't mandatory; at most {most} get a signature each"
            raise proof_problem("proof.generation", detail)
        point, signatures = SoftwareKey.sign_once(statements, key_type=self.key_type, random=env.random)
        public_key = sizes.prefix + point
        base_signature = did.sign_checked(signer, configuration_hash + public_key + mandatory_hash)
        value = BaseProofValue(base_signature, public_key, hmac_key, signatures, pointers)
        proof["proofValue"] = value.serialize()
        if trace is not None:
            _trace_creation(trace, value, relabelled.lines, mandatory, (configuration_hash, mandatory_hash))
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
        base, sizes = BaseProofValue.parse(proof["proofValue"], self.key_type), _sizes(self.key_type)
        selective = check_pointers(selective_pointers)
        pointers = combine_pointers(base.mandatory_pointers, selective)
        dataset = to_dataset(document, contexts=env.contexts, provenance=True, one_reading=True)
        digests = hmac_digests(dataset, base.hmac_key, trace, sizes.hash_name)
        relabelled = dataset.relabel(_texts(digests))
        groups = grouped(relabelled, base.mandatory_pointers, selective)
        statements = len(relabelled.encoded) - len(groups.mandatory)
        if len(base.signatures) != statements:
            detail = (
                f"the base proof has {len(base.signatures)} signatures for {statements} statements: "
                "it belongs to another document"
            )
            raise proof_problem("proof.signature", detail)
        positions = groups.positions_among_non_mandatory()
        signatures = [base.signatures[position] for position in positions]
        mandatory_indexes = groups.mandatory_among_combined()
        canonical = relabelled.canonicalize(groups.combined, sizes.hash_name)
        label_map = {int(label[4:]): digests[node] for node, label in canonical.labels.items()}
        derived = DerivedProofValue(base.base_signature, base.public_key, signatures, label_map, mandatory_indexes)
        revealed = select_json_ld(document, pointers) or {}
        shown = [relabelled.encoded[index] for index in groups.combined]
        check_revealed(revealed, derived.labels(), shown, env, sizes.hash_name)
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
        refuse_base_proof(self, proof)
        value, sizes = DerivedProofValue.parse(proof["proofValue"], self.key_type), _sizes(self.key_type)
        if len(value.signatures) > self.most_signatures:
            detail = f"the proof has {len(value.signatures)} signatures; at most {self.most_signatures} are verified"
            raise proof_problem("proof.value", detail, "/proofValue")
        verify = _statement_verifier(value.public_key[len(sizes.prefix) :], sizes)
        configuration_hash = proof_hash(document, proof, env, trace, sizes.hash_name)
        relabelled = disclosed(document, value.labels(), env, sizes.hash_name)
        lines = relabelled.encoded
        mandatory = set(value.mandatory_indexes)
        if len(mandatory) != len(value.mandatory_indexes) or (mandatory and max(mandatory) >= len(lines)):
            detail = "mandatoryIndexes repeats an index or goes beyond the document's statements"
            raise proof_problem("proof.value", detail, "/proofValue")
        mandatory_hash, statements = split(lines, sorted(mandatory), sizes.hash_name)
        if trace is not None:
            _trace_verification(trace, value, relabelled.lines, (configuration_hash, mandatory_hash))
        if len(statements) != len(value.signatures):
            detail = f"the proof has {len(value.signatures)} signatures for {len(statements)} statements"
            raise proof_problem("proof.signature", detail)
        if not method.public_key.verify(value.base_signature, configuration_hash + value.public_key + mandatory_hash):
            detail = "the base signature does not match the mandatory statements and the proof's members"
            raise proof_problem("proof.signature", detail)
        for signature, statement in zip(value.signatures, statements, strict=True):
            if not verify(signature, statement):
                raise proof_problem("proof.signature", "the signature of a disclosed statement does not match it")


SUITE = StatementSignatures("ecdsa-sd-2023", "P-256")


def _texts(digests: Mapping[str, bytes]) -> dict[str, str]:
    return {node: _label(digest) for node, digest in digests.items()}


def _label(digest: bytes) -> str:
    return did.multibase.encode(digest, "u")


def _statement_verifier(point: bytes, sizes: _Sizes) -> Callable[[bytes, bytes], bool]:
    """``verify(signature, statement) -> bool``, which never raises, of the key that signed the statements."""
    from did.key_types import verifier

    try:
        return verifier(sizes.key_type, point)
    except DidError as error:
        detail = f"publicKey is no {sizes.key_type} key: {error}"
        raise proof_problem("proof.value", detail, "/proofValue") from None


def _check_key(value: object, sizes: _Sizes) -> None:
    check_bytes("publicKey", value, sizes.key_length)
    if not isinstance(value, bytes) or not value.startswith(sizes.prefix):
        raise proof_problem("proof.value", f"publicKey is not a {sizes.key_type} Multikey", "/proofValue")


def _check_signatures(value: object, sizes: _Sizes) -> None:
    if type(value) is not list or not _are_bytes(value, sizes.signature_length):
        detail = f"signatures is not a list of byte strings of {sizes.signature_length} bytes"
        raise proof_problem("proof.value", detail, "/proofValue")
    if len(value) > MAX_SIGNATURES:
        detail = f"the proof has {len(value)} signatures; at most {MAX_SIGNATURES} are verified"
        raise proof_problem("proof.value", detail, "/proofValue")


def _are_bytes(values: Collection[Any], length: int) -> bool:
    return not values or ({*map(type, values)} == {bytes} and {*map(len, values)} == {length})


def _are_unsigned(values: Collection[Any]) -> bool:
    return not values or ({*map(type, values)} == {int} and min(values) >= 0)


def _trace_creation(
    trace: Trace, value: BaseProofValue, lines: list[str], mandatory: Sequence[int], hashes: tuple[bytes, bytes]
) -> None:
    trace["addBaseDocHMACCanon"] = lines
    shown = set(mandatory)
    trace["addBaseTransform"] = {
        "mandatoryPointers": value.mandatory_pointers,
        "mandatory": {str(index): lines[index] for index in mandatory},
        "nonMandatory": {str(index): line for index, line in enumerate(lines) if index not in shown},
        "hmacKeyString": value.hmac_key.hex(),
    }
    trace["addHashData"] = {"proofHash": hashes[0].hex(), "mandatoryHash": hashes[1].hex()}
    trace["addRawBaseSignatureInfo"] = {
        "baseSignature": value.base_signature.hex(),
        "publicKey": _multikey(value.public_key),
        "signatures": [signature.hex() for signature in value.signatures],
        "mandatoryPointers": value.mandatory_pointers,
    }


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
    hashes: tuple[bytes, bytes],
) -> None:
    key = _multikey(value.public_key)
    signatures = [signature.hex() for signature in value.signatures]
    mandatory = set(value.mandatory_indexes)
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
        "nonMandatory": [line for index, line in enumerate(lines) if index not in mandatory],
        "mandatoryHash": hashes[1].hex(),
    }


def _multikey(encoded: bytes) -> str:
    return did.multibase.encode(encoded, "z")
