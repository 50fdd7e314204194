"""The intermediate values of bbs-2023, named and shaped as in the test vectors of vc-di-bbs (appendix A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .bbs_2023_proof_value import BaseProofValue, DerivedProofValue
from .suite import Trace

__all__ = ["base_proof", "derivation", "verification"]


def base_proof(trace: Trace, value: BaseProofValue, lines: list[str], mandatory: Sequence[int]) -> None:
    """What an issuer computes."""
    shown = set(mandatory)
    trace["addBaseDocHMACCanon"] = lines
    trace["addBaseTransform"] = {
        "mandatoryPointers": value.mandatory_pointers,
        "mandatory": {str(index): lines[index] for index in mandatory},
        "nonMandatory": {str(index): line for index, line in enumerate(lines) if index not in shown},
        "hmacKeyString": value.hmac_key.hex(),
    }
    trace["addHashData"] = {"proofHash": value.bbs_header[:32].hex(), "mandatoryHash": value.bbs_header[32:].hex()}
    trace["addRawBaseSignatureInfo"] = _base(value)
    if value.signer_nym_entropy is not None:
        trace["addRawBaseSignatureInfo"]["signerNymEntropyHex"] = value.signer_nym_entropy.hex()


def derivation(
    trace: Trace,
    base: BaseProofValue,
    value: DerivedProofValue,
    groups: Mapping[str, list[int]],
    revealed: Mapping[str, Any],
) -> None:
    """What a holder computes; none of the holder's secrets are in it."""
    trace["derivedRecoveredBaseData"] = _base(base)
    if base.signer_nym_entropy is not None:
        trace["derivedRecoveredBaseData"]["signerNymEntropy"] = base.signer_nym_entropy.hex()
    trace["derivedGroupIndexes"] = dict(groups)
    trace["derivedAdjIndexes"] = {
        "adjMandatoryIndexes": value.mandatory_indexes,
        "adjSelectiveIndexes": value.selective_indexes,
    }
    trace["derivedDisclosureData"] = _derived(value, "adjSelectiveIndexes")
    trace["derivedUnsignedReveal"] = dict(revealed)


def verification(trace: Trace, value: DerivedProofValue, lines: list[str], hashes: tuple[bytes, bytes]) -> None:
    """What a verifier computes."""
    mandatory = set(value.mandatory_indexes)
    trace["verifyDerivedProofValue"] = _derived(value, "adjSelectedIndexes")
    trace["verifyNQuads"] = lines
    trace["verifyCreateVerifyData"] = {
        "bbsProof": value.bbs_proof.hex(),
        "proofHash": hashes[0].hex(),
        "mandatoryHash": hashes[1].hex(),
        "selectiveIndexes": value.selective_indexes,
        "presentationHeader": value.presentation_header.hex(),
        "nonMandatory": [line for index, line in enumerate(lines) if index not in mandatory],
    }


def _base(value: BaseProofValue) -> dict[str, Any]:
    return {
        "bbsSignature": value.bbs_signature.hex(),
        "bbsHeader": value.bbs_header.hex(),
        "publicKey": value.public_key.hex(),
        "hmacKey": value.hmac_key.hex(),
        "mandatoryPointers": value.mandatory_pointers,
        "featureOption": value.feature.name,
    }


def _derived(value: DerivedProofValue, selective: str) -> dict[str, Any]:
    members: dict[str, Any] = {
        "bbsProof": value.bbs_proof.hex(),
        "labelMap": value.labels(),
        "mandatoryIndexes": value.mandatory_indexes,
        selective: value.selective_indexes,
        "presentationHeader": value.presentation_header.hex(),
        "featureOption": value.feature.name,
    }
    if value.nym_domain is not None:
        members["nymDomain"] = value.nym_domain
    if value.pseudonym is not None:
        members["pseudonym"] = value.pseudonym.hex()
    if value.length_bbs_messages is not None:
        members["lengthBBSMessages"] = value.length_bbs_messages
    return members
