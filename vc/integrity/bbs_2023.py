"""bbs-2023 (vc-di-bbs, editor's draft e33bf8be5929): selective disclosure that cannot be linked.

The issuer signs the mandatory N-Quads as part of a header and each other N-Quad as a BBS message (``did.bbs``, SHA-256
suite). The holder shows some messages and proves knowledge of the signature: two presentations have nothing in common
but what is shown. Blank nodes are named ``b0, b1...`` in an order shuffled by HMAC.

Four feature options (vc-di-bbs section 4). Beyond ``baseline`` the holder first makes a commitment (:func:`commit`),
of which the issuer learns nothing:

- ``anonymous_holder_binding``: only who knows ``holder_secret`` can derive;
- ``pseudonym``: a derived proof shows a pseudonym, the same whenever the same ``nym_domain`` is used, else unlinkable;
- ``holder_binding_pseudonym``: both.

What is secret (``holder_secret``, ``prover_nym``, ``secret_prover_blind``) stays in the wallet and in no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import did.bbs
import did.multibase
from did.bbs import BbsError
from did.checked_signing import sign_messages_checked

from ..linked_data import Dataset, select_json_ld, to_dataset
from . import bbs_2023_trace as traces
from .bbs_2023_options import CreateOptions, DeriveOptions, VerifyOptions
from .bbs_2023_proof_value import BaseProofValue, DerivedProofValue, is_base_header
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
from .suite import (
    DATA_INTEGRITY_CONTEXT,
    DATA_INTEGRITY_CONTEXTS,
    DEFAULT_ENVIRONMENT,
    Environment,
    Trace,
    proof_problem,
)

if TYPE_CHECKING:
    from did import BbsSigner, Signer, VerificationMethod

__all__ = ["SUITE", "BaseProofValue", "Bbs2023", "DerivedProofValue", "commit"]

_HMAC_KEY_LENGTH = 32


class Bbs2023:
    """The suite.

    Options of ``create_proof``: ``mandatory_pointers`` (list of JSON pointers), ``feature_option`` (default
    ``"baseline"``), ``commitment_with_proof`` (bytes, from the holder; needed beyond baseline),
    ``signer_nym_entropy`` (32 bytes; drawn when absent, given only to issue again under the same pseudonyms) and
    ``published_form`` (True: write pseudonym proofs as the published vectors have them, see ``bbs_2023_proof_value``).

    Options of ``derive_proof``: ``presentation_header`` (bytes, bound into the proof: the place for a verifier's nonce
    and audience), and as the base proof's feature needs them ``holder_secret`` (bytes), ``prover_nym`` (32 bytes),
    ``secret_prover_blind`` (32 bytes) and ``nym_domain`` (text).

    Options of ``verify_proof``, what the verifier expects: ``presentation_header`` (bytes) and ``nym_domain`` (text).
    """

    name = "bbs-2023"
    proof_type = "DataIntegrityProof"
    key_types = frozenset({"BLS12-381-G2"})
    contexts = DATA_INTEGRITY_CONTEXTS
    context = DATA_INTEGRITY_CONTEXT
    selective = True
    signs_statements = True
    writes_created = False  # It would tell credentials of one day from those of another.

    def is_base_proof(self, proof: Mapping[str, Any]) -> bool:
        """See ``SelectiveDisclosureSuite``."""
        return is_base_header(proof.get("proofValue"))

    def mandatory_pointers(self, proof: Mapping[str, Any]) -> list[str]:
        """See ``SelectiveDisclosureSuite``."""
        return BaseProofValue.parse(proof["proofValue"]).mandatory_pointers

    def create_proof(
        self,
        document: Mapping[str, Any],
        signer: Signer | BbsSigner,
        config: Mapping[str, Any],
        *,
        env: Environment = DEFAULT_ENVIRONMENT,
        options: Mapping[str, Any] | None = None,
        trace: Trace | None = None,
    ) -> dict[str, Any]:
        """A base proof (3.4.1 to 3.4.5)."""
        wanted = CreateOptions.read(options or {})
        proof = {name: value for name, value in config.items() if name != "@context"}
        configuration_hash = proof_hash(document, proof, env, trace)
        dataset = to_dataset(document, contexts=env.contexts, provenance=True, one_reading=True)
        hmac_key = env.random(_HMAC_KEY_LENGTH)
        relabelled = dataset.relabel(_shuffled_labels(dataset, hmac_key, trace))
        mandatory = relabelled.select(wanted.mandatory_pointers)
        mandatory_hash, messages = split(relabelled.encoded, mandatory)
        header = configuration_hash + mandatory_hash
        signature, entropy = _sign(signer, wanted, header, messages, env)
        value = BaseProofValue(
            wanted.feature,
            signature,
            header,
            signer.public_key.raw,
            hmac_key,
            wanted.mandatory_pointers,
            entropy,
            wanted.published_form,
        )
        proof["proofValue"] = value.serialize()
        if trace is not None:
            traces.base_proof(trace, value, relabelled.lines, mandatory)
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
        """A derived document (3.4.6 with createDisclosureData, 3.3.3).

        Refuses (``proof.signature``) a base proof that is not one over this document and these holder's values.
        """
        base = BaseProofValue.parse(proof["proofValue"])
        wanted = DeriveOptions.read(options or {}, base.feature)
        selective = check_pointers(selective_pointers)
        pointers = combine_pointers(base.mandatory_pointers, selective)
        dataset = to_dataset(document, contexts=env.contexts, provenance=True, one_reading=True)
        labels = _shuffled_labels(dataset, base.hmac_key, trace)
        relabelled = dataset.relabel(labels)
        groups = grouped(relabelled, base.mandatory_pointers, selective)
        mandatory_hash, messages = split(relabelled.encoded, groups.mandatory)
        if base.bbs_header != proof_hash(document, proof, env, trace) + mandatory_hash:
            raise proof_problem("proof.signature", "the base proof belongs to another document or proof")
        selective_indexes = groups.positions_among_non_mandatory()
        bbs_proof, pseudonym = _prove(base, wanted, messages, selective_indexes, env)
        canonical = relabelled.canonicalize(groups.combined)
        value = DerivedProofValue(
            base.feature,
            bbs_proof,
            {int(canon[4:]): int(labels[node][1:]) for node, canon in canonical.labels.items()},
            groups.mandatory_among_combined(),
            selective_indexes,
            wanted.presentation_header,
            None if base.published_form else wanted.nym_domain,
            pseudonym,
            len(messages) if base.feature.committed else None,
        )
        revealed = select_json_ld(document, pointers) or {}
        check_revealed(revealed, value.labels(), [relabelled.encoded[index] for index in groups.combined], env)
        if trace is not None:
            traces.derivation(trace, base, value, groups.to_dict(len(relabelled.lines)), revealed)
        return {**revealed, "proof": {**proof, "proofValue": value.serialize()}}

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
        """Verify a derived proof (3.4.7 with createVerifyData, 3.3.8)."""
        refuse_base_proof(self, proof)
        value = DerivedProofValue.parse(proof["proofValue"])
        nym_domain = VerifyOptions.read(options or {}).check(value)
        configuration_hash = proof_hash(document, proof, env, trace)
        relabelled = disclosed(document, value.labels(), env)
        lines = relabelled.encoded
        if value.mandatory_indexes and max(value.mandatory_indexes) >= len(lines):
            detail = "mandatoryIndexes goes beyond the document's statements"
            raise proof_problem("proof.value", detail, "/proofValue")
        mandatory_hash, messages = split(lines, sorted(value.mandatory_indexes))
        if trace is not None:
            traces.verification(trace, value, relabelled.lines, (configuration_hash, mandatory_hash))
        if len(messages) != len(value.selective_indexes):
            detail = f"the proof has {len(value.selective_indexes)} selective indexes for {len(messages)} statements"
            raise proof_problem("proof.signature", detail)
        if not _verify(method.public_key.raw, value, nym_domain, configuration_hash + mandatory_hash, messages):
            detail = "the BBS proof does not match the disclosed statements and the proof's members"
            raise proof_problem("proof.signature", detail)


SUITE = Bbs2023()


def commit(
    feature_option: str,
    *,
    holder_secret: bytes | None = None,
    prover_nym: bytes | None = None,
    env: Environment = DEFAULT_ENVIRONMENT,
) -> tuple[bytes, bytes]:
    """The holder's first step for a credential with a feature option beyond baseline (vc-di-bbs 3.5.1 to 3.5.3).

    ``holder_secret`` (at least 32 random bytes) and ``prover_nym`` (32 bytes, a scalar from 1 to r - 1; see
    ``did.bbs.random_scalar``) as the feature needs them. Returns ``(commitment_with_proof, secret_prover_blind)``: the
    first goes to the issuer, the second is kept with the secrets. Raises ProblemError (``proof.generation``).
    """
    wanted = DeriveOptions.read_secrets(feature_option, holder_secret, prover_nym)
    try:
        if wanted.prover_nym is not None:
            return did.bbs.commit_with_nym(wanted.committed_messages, wanted.prover_nym, get_random=env.random)
        return did.bbs.commit(wanted.committed_messages, get_random=env.random)
    except BbsError as error:
        raise proof_problem("proof.generation", str(error)) from None


def _shuffled_labels(dataset: Dataset, hmac_key: bytes, trace: Trace | None) -> dict[str, str]:
    """Blank node -> ``b`` and its place among the HMACs of all canonical labels, as text (3.2.1)."""
    digests = {
        node: did.multibase.encode(digest, "u") for node, digest in hmac_digests(dataset, hmac_key, trace).items()
    }
    places = {digest: place for place, digest in enumerate(sorted(digests.values()))}
    return {node: f"b{places[digest]}" for node, digest in digests.items()}


def _sign(
    signer: Signer | BbsSigner, wanted: CreateOptions, header: bytes, messages: list[bytes], env: Environment
) -> tuple[bytes, bytes | None]:
    """The BBS signature and, with pseudonyms, ``signer_nym_entropy`` (3.4.5 step 4)."""
    if signer.algorithm not in SUITE.key_types or not hasattr(signer, "sign_messages"):
        raise proof_problem("proof.generation", "bbs-2023 signs with a key of type BLS12-381-G2")
    signer = cast("BbsSigner", signer)
    commitment = wanted.commitment_with_proof
    try:
        if not wanted.feature.committed or commitment is None:
            return sign_messages_checked(signer, header, messages), None
        if not wanted.feature.pseudonym:
            return signer.blind_sign_messages(commitment, header, messages), None
        entropy = wanted.signer_nym_entropy or did.bbs.random_scalar(env.random)
        return signer.blind_sign_messages_with_nym(commitment, header, messages, signer_nym_entropy=entropy)
    except BbsError as error:
        raise proof_problem("proof.generation", str(error)) from None


def _prove(
    base: BaseProofValue, wanted: DeriveOptions, messages: list[bytes], indexes: list[int], env: Environment
) -> tuple[bytes, bytes | None]:
    """The BBS proof and, with pseudonyms, the pseudonym (3.3.3 step 9)."""
    given: dict[str, Any] = {
        "header": base.bbs_header,
        "presentation_header": wanted.presentation_header,
        "messages": messages,
        "disclosed_indexes": indexes,
        "get_random": env.random,
    }
    if base.feature.committed:
        given["committed_messages"] = wanted.committed_messages
        given["secret_prover_blind"] = wanted.secret_prover_blind
    try:
        if base.feature.pseudonym:
            return did.bbs.proof_gen_with_nym(
                base.public_key,
                base.bbs_signature,
                nym_secret=did.bbs.nym_secret(wanted.prover_nym or b"", base.signer_nym_entropy or b""),
                context_id=(wanted.nym_domain or "").encode(),
                **given,
            )
        prove = did.bbs.blind_proof_gen if base.feature.committed else did.bbs.proof_gen
        return prove(base.public_key, base.bbs_signature, **given), None
    except BbsError as error:
        code = "proof.signature" if error.code in ("bbs.signature_invalid", "bbs.key_invalid") else "proof.generation"
        raise proof_problem(code, str(error)) from None


def _verify(
    public_key: bytes, value: DerivedProofValue, nym_domain: str | None, header: bytes, messages: list[bytes]
) -> bool:
    given: dict[str, Any] = {
        "header": header,
        "presentation_header": value.presentation_header,
        "disclosed_messages": messages,
        "disclosed_indexes": value.selective_indexes,
    }
    if not value.feature.committed:
        return did.bbs.proof_verify(public_key, value.bbs_proof, **given)
    given["signer_messages_count"] = value.length_bbs_messages
    if not value.feature.pseudonym:
        return did.bbs.blind_proof_verify(public_key, value.bbs_proof, **given)
    if value.pseudonym is None or nym_domain is None:
        return False
    return did.bbs.proof_verify_with_nym(
        public_key, value.bbs_proof, pseudonym=value.pseudonym, context_id=nym_domain.encode(), **given
    )
