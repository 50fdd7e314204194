"""The proof values of bbs-2023 (vc-di-bbs 3.3.1, 3.3.2, 3.3.6, 3.3.7): feature options, header bytes, CBOR components.

Followed is the text of the editor's draft of vc-di-bbs at e33bf8be5929 (2025-04-03). The proof values of its published
vectors for pseudonyms are older than that text in three points:

- ``signer_nym_entropy`` is a tagged bignum; the text forbids tags, so 32 bytes are written here;
- ``nym_domain`` is left out; in the text and here it comes before ``pseudonym``. A verifier of a proof without it has
  to say which domain it expects;
- both kinds of pseudonym proof have the header of ``holder_binding_pseudonym`` (08, 09). What a verifier computes is
  the same for both.

Both forms are read. A holder answers a base proof of the published form with a derived proof of that form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from did.bbs.interfaces import MAX_MESSAGES

from .proof_value import check_bytes, check_mandatory_pointers, decode_array, decode_base64url, encode_components
from .suite import proof_problem

__all__ = ["FEATURES", "BaseProofValue", "DerivedProofValue", "Feature", "is_base_header"]

_SIGNATURE_LENGTH = 80
_BBS_HEADER_LENGTH = 64
_PUBLIC_KEY_LENGTH = 96
_HMAC_KEY_LENGTH = 32
_SCALAR_LENGTH = 32
_POINT_LENGTH = 48
_MAX_INDEX = 1 << 32
_MAX_PRESENTATION_HEADER = 65536
_MAX_NYM_DOMAIN = 65536


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature option: its name, the header bytes of both proofs, and what the holder brings."""

    name: str
    base_header: bytes
    derived_header: bytes
    holder_binding: bool = False
    pseudonym: bool = False

    @property
    def committed(self) -> bool:
        """Whether the issuer signs a commitment of the holder's."""
        return self.holder_binding or self.pseudonym


FEATURES: Mapping[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("baseline", b"\xd9\x5d\x02", b"\xd9\x5d\x03"),
        Feature("anonymous_holder_binding", b"\xd9\x5d\x04", b"\xd9\x5d\x05", holder_binding=True),
        Feature("pseudonym", b"\xd9\x5d\x06", b"\xd9\x5d\x07", pseudonym=True),
        Feature("holder_binding_pseudonym", b"\xd9\x5d\x08", b"\xd9\x5d\x09", holder_binding=True, pseudonym=True),
    )
}
"""Name -> feature option (vc-di-bbs section 4, tables 2 and 4)."""

_BY_BASE_HEADER = {feature.base_header: feature for feature in FEATURES.values()}
_BY_DERIVED_HEADER = {feature.derived_header: feature for feature in FEATURES.values()}
_BASE_PREFIXES = tuple(encode_components(header, [])[:5] for header in _BY_BASE_HEADER)


def is_base_header(proof_value: object) -> bool:
    """Whether ``proof_value`` is base64url text that starts with the header of a base proof. Never raises."""
    return isinstance(proof_value, str) and proof_value[:5] in _BASE_PREFIXES


@dataclass(frozen=True, slots=True)
class BaseProofValue:
    """What a base proof carries. It holds the HMAC key: for the holder's eyes only.

    ``published_form`` is that of the published vectors for pseudonyms (see the module).
    """

    feature: Feature
    bbs_signature: bytes
    bbs_header: bytes
    public_key: bytes
    hmac_key: bytes
    mandatory_pointers: list[str]
    signer_nym_entropy: bytes | None = None
    published_form: bool = False

    def serialize(self) -> str:
        """serializeBaseProofValue (3.3.1)."""
        components: list[Any] = [
            self.bbs_signature,
            self.bbs_header,
            self.public_key,
            self.hmac_key,
            self.mandatory_pointers,
        ]
        header = self.feature.base_header
        if self.feature.pseudonym and self.published_form:
            header = FEATURES["holder_binding_pseudonym"].base_header
            components.append(int.from_bytes(self.signer_nym_entropy or b"", "big"))
        elif self.feature.pseudonym:
            components.append(self.signer_nym_entropy)
        return encode_components(header, components)

    @classmethod
    def parse(cls, proof_value: str) -> BaseProofValue:
        """parseBaseProofValue (3.3.2). Raises ProblemError (``proof.value``)."""
        data = decode_base64url(proof_value)
        feature = _BY_BASE_HEADER.get(data[:3])
        if feature is None:
            detail = f"the proof value starts with {data[:3].hex()!r}, which is no base proof of bbs-2023"
            raise proof_problem("proof.value", detail, "/proofValue")
        components = decode_array(data[3:], 6 if feature.pseudonym else 5)
        signature, header, public_key, hmac_key, pointers = components[:5]
        check_bytes("bbsSignature", signature, _SIGNATURE_LENGTH)
        check_bytes("bbsHeader", header, _BBS_HEADER_LENGTH)
        check_bytes("publicKey", public_key, _PUBLIC_KEY_LENGTH)
        check_bytes("hmacKey", hmac_key, _HMAC_KEY_LENGTH)
        check_mandatory_pointers(pointers)
        entropy = _entropy(components[5]) if feature.pseudonym else None
        published = feature.pseudonym and type(components[5]) is int
        return cls(feature, signature, header, public_key, hmac_key, pointers, entropy, published)


@dataclass(frozen=True, slots=True)
class DerivedProofValue:
    """What a derived proof carries. ``label_map``: number of the canonical label -> number of the shuffled label.

    ``length_bbs_messages`` and, with pseudonyms, ``nym_domain`` and ``pseudonym`` are None where the feature has none;
    ``nym_domain`` is also None in proofs in the form of the published vectors.
    """

    feature: Feature
    bbs_proof: bytes
    label_map: dict[int, int]
    mandatory_indexes: list[int]
    selective_indexes: list[int]
    presentation_header: bytes
    nym_domain: str | None = None
    pseudonym: bytes | None = None
    length_bbs_messages: int | None = None

    def serialize(self) -> str:
        """serializeDerivedProofValue (3.3.6), with the label map compressed (3.3.4)."""
        components: list[Any] = [
            self.bbs_proof,
            dict(sorted(self.label_map.items())),
            self.mandatory_indexes,
            self.selective_indexes,
            self.presentation_header,
        ]
        if self.feature.pseudonym:
            if self.nym_domain is not None:
                components.append(self.nym_domain)
            components.append(self.pseudonym)
        if self.feature.committed:
            components.append(self.length_bbs_messages)
        return encode_components(self.feature.derived_header, components)

    @classmethod
    def parse(cls, proof_value: str) -> DerivedProofValue:
        """parseDerivedProofValue (3.3.7). Raises ProblemError (``proof.value``)."""
        data = decode_base64url(proof_value)
        feature = _BY_DERIVED_HEADER.get(data[:3])
        if feature is None:
            detail = f"the proof value starts with {data[:3].hex()!r}, which is no derived proof of bbs-2023"
            raise proof_problem("proof.value", detail, "/proofValue")
        components = decode_array(data[3:], _derived_counts(feature))
        proof, label_map, mandatory, selective, presentation_header, *more = components
        check_bytes("bbsProof", proof)
        _check_label_map(label_map)
        _check_indexes("mandatoryIndexes", mandatory)
        _check_indexes("selectiveIndexes", selective)
        if any(first >= second for first, second in pairwise(selective)):
            raise proof_problem("proof.value", "selectiveIndexes do not ascend", "/proofValue")
        check_bytes("presentationHeader", presentation_header)
        if len(presentation_header) > _MAX_PRESENTATION_HEADER:
            detail = f"presentationHeader has more than {_MAX_PRESENTATION_HEADER} bytes"
            raise proof_problem("proof.value", detail, "/proofValue")
        length = more.pop() if feature.committed else None
        if feature.committed and (type(length) is not int or not 0 <= length <= MAX_MESSAGES):
            detail = f"lengthBBSMessages is not an integer from 0 to {MAX_MESSAGES}"
            raise proof_problem("proof.value", detail, "/proofValue")
        pseudonym = more.pop() if feature.pseudonym else None
        if feature.pseudonym:
            check_bytes("pseudonym", pseudonym, _POINT_LENGTH)
        nym_domain = more.pop() if more else None
        if nym_domain is not None and (type(nym_domain) is not str or len(nym_domain) > _MAX_NYM_DOMAIN):
            raise proof_problem("proof.value", "nym_domain is not a string, or is too long", "/proofValue")
        return cls(feature, proof, label_map, mandatory, selective, presentation_header, nym_domain, pseudonym, length)

    def labels(self) -> dict[str, str]:
        """The label map as text (decompressLabelMap, 3.3.5): canonical label -> shuffled label."""
        return {f"c14n{number}": f"b{shuffled}" for number, shuffled in self.label_map.items()}


def _derived_counts(feature: Feature) -> tuple[int, ...]:
    """How many components a derived proof may have; the last is the vectors' form without nym_domain."""
    if feature.pseudonym:
        return (8, 7)
    return (6,) if feature.committed else (5,)


def _entropy(value: object) -> bytes:
    if type(value) is int and 0 <= value < 1 << 256:
        return value.to_bytes(_SCALAR_LENGTH, "big")
    check_bytes("signer_nym_entropy", value, _SCALAR_LENGTH)
    return bytes(value)  # type: ignore[call-overload, no-any-return]


def _check_label_map(value: object) -> None:
    if (
        type(value) is not dict
        or not all(type(number) is int and 0 <= number < _MAX_INDEX for entry in value.items() for number in entry)
        or len(set(value.values())) != len(value)
    ):
        detail = "labelMap does not map unsigned integers to distinct unsigned integers"
        raise proof_problem("proof.value", detail, "/proofValue")


def _check_indexes(name: str, value: object) -> None:
    if (
        type(value) is not list
        or not all(type(index) is int and 0 <= index < _MAX_INDEX for index in value)
        or len(set(value)) != len(value)
    ):
        raise proof_problem("proof.value", f"{name} is not a list of distinct unsigned integers", "/proofValue")
