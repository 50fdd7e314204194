"""What bbs-2023 is told beyond the document: options of issuing, deriving and verifying, read strictly."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from did.bbs import BbsError
from did.bbs.commitment import committed_count

from .bbs_2023_proof_value import FEATURES, DerivedProofValue, Feature
from .disclosure import check_pointers
from .suite import proof_problem

__all__ = ["CreateOptions", "DeriveOptions", "VerifyOptions"]

_SCALAR_LENGTH = 32
_MAX_BYTES = 65536


@dataclass(frozen=True, slots=True)
class CreateOptions:
    """Options of a base proof."""

    feature: Feature
    mandatory_pointers: list[str]
    commitment_with_proof: bytes | None
    signer_nym_entropy: bytes | None
    published_form: bool

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> CreateOptions:
        """Raises ProblemError (``proof.generation``, ``pointer.form``) for what is missing, unfit or unknown."""
        names = {"mandatory_pointers", "feature_option", "commitment_with_proof", "signer_nym_entropy"}
        _only(options, names | {"published_form"}, "issuing")
        feature = _feature(options.get("feature_option", "baseline"))
        commitment = _bytes(options, "commitment_with_proof")
        entropy = _bytes(options, "signer_nym_entropy", _SCALAR_LENGTH)
        _fits(feature, "commitment_with_proof", given=commitment is not None, wanted=feature.committed)
        if commitment is not None:
            _check_commitment(feature, commitment)
        if entropy is not None and not feature.pseudonym:
            _fits(feature, "signer_nym_entropy", given=True, wanted=False)
        published = options.get("published_form", False) is True
        return cls(feature, check_pointers(options.get("mandatory_pointers", ())), commitment, entropy, published)


@dataclass(frozen=True, slots=True)
class DeriveOptions:
    """Options of a derived proof. It holds the holder's secrets, so its ``repr`` shows nothing."""

    presentation_header: bytes
    holder_secret: bytes | None
    prover_nym: bytes | None
    secret_prover_blind: bytes | None
    nym_domain: str | None

    @classmethod
    def read(cls, options: Mapping[str, Any], feature: Feature) -> DeriveOptions:
        """Raises ProblemError (``proof.generation``) for what is missing, unfit or unknown."""
        secret_names = {"holder_secret", "prover_nym", "secret_prover_blind"}
        _only(options, secret_names | {"presentation_header", "nym_domain"}, "deriving")
        wanted = cls(
            _bytes(options, "presentation_header") or b"",
            _bytes(options, "holder_secret"),
            _bytes(options, "prover_nym", _SCALAR_LENGTH),
            _bytes(options, "secret_prover_blind", _SCALAR_LENGTH),
            _text(options, "nym_domain"),
        )
        blind = wanted.secret_prover_blind is not None
        _fits(feature, "secret_prover_blind", given=blind, wanted=feature.committed)
        _fits(feature, "prover_nym", given=wanted.prover_nym is not None, wanted=feature.pseudonym)
        _fits(feature, "nym_domain", given=wanted.nym_domain is not None, wanted=feature.pseudonym)
        if not (feature.holder_binding and feature.pseudonym and wanted.holder_secret is None):
            # The published vectors mark a plain pseudonym as one with holder binding; the signature decides there.
            _fits(feature, "holder_secret", given=wanted.holder_secret is not None, wanted=feature.holder_binding)
        return wanted

    @classmethod
    def read_secrets(cls, feature_option: Any, holder_secret: Any, prover_nym: Any) -> DeriveOptions:
        """The secrets a commitment is made of. Raises ProblemError (``proof.generation``)."""
        feature = _feature(feature_option)
        given = {"holder_secret": holder_secret, "prover_nym": prover_nym}
        if not feature.committed:
            raise proof_problem("proof.generation", "the feature option 'baseline' takes no commitment")
        secret, nym = _bytes(given, "holder_secret"), _bytes(given, "prover_nym", _SCALAR_LENGTH)
        _fits(feature, "holder_secret", given=secret is not None, wanted=feature.holder_binding)
        _fits(feature, "prover_nym", given=nym is not None, wanted=feature.pseudonym)
        return cls(b"", secret, nym, None, None)

    @property
    def committed_messages(self) -> list[bytes]:
        """The messages of the commitment: the holder secret, if there is one."""
        return [] if self.holder_secret is None else [self.holder_secret]

    def __repr__(self) -> str:
        return "<DeriveOptions>"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What a verifier expects of a derived proof."""

    presentation_header: bytes | None
    nym_domain: str | None

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> VerifyOptions:
        """Raises ProblemError (``proof.generation``) for an option of the wrong kind."""
        return cls(_bytes(options, "presentation_header"), _text(options, "nym_domain"))

    def check(self, value: DerivedProofValue) -> str | None:
        """The domain under which to check the pseudonym. Raises ProblemError where the proof is not as expected."""
        header = self.presentation_header
        if header is not None and not hmac.compare_digest(header, value.presentation_header):
            detail = "the proof is not bound to the presentation header that the verifier asked for"
            raise proof_problem("proof.challenge", detail, "/proofValue")
        if not value.feature.pseudonym:
            if self.nym_domain is not None:
                detail = "the verifier asked for a pseudonym, the proof shows none"
                raise proof_problem("proof.domain", detail, "/proofValue")
            return None
        if self.nym_domain is not None and value.nym_domain not in (None, self.nym_domain):
            detail = "the pseudonym is for another domain than the verifier's"
            raise proof_problem("proof.domain", detail, "/proofValue")
        if value.nym_domain is None and self.nym_domain is None:
            detail = "the proof does not name the domain of its pseudonym: the verifier has to say which it expects"
            raise proof_problem("proof.domain", detail, "/proofValue")
        return self.nym_domain if value.nym_domain is None else value.nym_domain


def _feature(name: Any) -> Feature:
    feature = FEATURES.get(name) if isinstance(name, str) else None
    if feature is None:
        detail = f"there is no feature option {str(name)[:80]!r}: use one of {', '.join(FEATURES)}"
        raise proof_problem("proof.generation", detail)
    return feature


def _fits(feature: Feature, name: str, *, given: bool, wanted: bool) -> None:
    if given != wanted:
        what = "needs" if wanted else "takes no"
        raise proof_problem("proof.generation", f"the feature option {feature.name!r} {what} {name}")


def _check_commitment(feature: Feature, commitment: bytes) -> None:
    """The commitment holds one message for each secret of the feature: else the holder could leave its secret out."""
    expected = feature.holder_binding + feature.pseudonym
    try:
        count = committed_count(commitment)
    except BbsError as error:
        raise proof_problem("proof.generation", str(error)) from None
    if count != expected:
        detail = f"the commitment holds {count} messages; the feature option {feature.name!r} has {expected}"
        raise proof_problem("proof.generation", detail)


def _only(options: Mapping[str, Any], known: Collection[str], what: str) -> None:
    unknown = [str(name)[:80] for name in options if name not in known]
    if unknown:
        detail = f"{what} with bbs-2023 has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        raise proof_problem("proof.generation", detail)


def _bytes(options: Mapping[str, Any], name: str, length: int | None = None) -> bytes | None:
    value = options.get(name)
    if value is None:
        return None
    if not isinstance(value, bytes) or len(value) > _MAX_BYTES or length not in (None, len(value)):
        what = f"at most {_MAX_BYTES} bytes" if length is None else f"{length} bytes"
        raise proof_problem("proof.generation", f"the option {name} has to be {what}")
    return value


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value or len(value) > _MAX_BYTES or not _is_unicode(value):
        raise proof_problem("proof.generation", f"the option {name} has to be a text that is not empty")
    return value


def _is_unicode(text: str) -> bool:
    """Whether there is no lone surrogate in the text, which UTF-8 could not carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
