"""Why doesn't a signature match? The known ways in which signers part from the specifications, tried one by one.

What is found is a diagnosis for people who mend signers, never a verdict: whatever it says, the document stays
unverified. All work is bounded: a few canonical forms of the document, and the signatures over them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from did import DidError, PublicKey, multibase

from .integrity.chain import proofs_of, without_proof
from .integrity.suite import Environment
from .integrity.whole_document import JCS, RDFC, Transformation
from .problems import ProblemError

__all__ = ["MAX_PROOFS", "Diagnosis", "diagnose"]

MAX_PROOFS: Final = 8
"""Proofs and envelopes that are looked into, at most."""
_MAX_DOCUMENT: Final = 256 * 1024
"""Bytes of a document (as JSON) that is looked into, at most: it is put into canonical form several times."""

_SIZES: Final = {"P-256": 32, "secp256k1": 32, "P-384": 48, "P-521": 66}
_HASHES: Final = ("sha256", "sha384", "sha512")
_SUITES: Final = {
    "eddsa-rdfc-2022": (RDFC, ("eddsa-jcs-2022",)),
    "eddsa-jcs-2022": (JCS, ("eddsa-rdfc-2022",)),
    "ecdsa-rdfc-2019": (RDFC, ("ecdsa-jcs-2019",)),
    "ecdsa-jcs-2019": (JCS, ("ecdsa-rdfc-2019",)),
    "Ed25519Signature2020": (RDFC, ()),
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the signer of the proof or envelope at ``pointer`` seems to have done: ``variant`` names it, ``detail`` and
    ``detail_zh`` say it for people.
    """

    pointer: str
    variant: str
    detail: str
    detail_zh: str

    def to_dict(self) -> dict[str, str]:
        """The diagnosis as JSON."""
        return {"pointer": self.pointer, "variant": self.variant, "detail": self.detail, "detailZh": self.detail_zh}


class _Variant(NamedTuple):
    name: str
    said: str
    said_zh: str


_SAID: Final = {
    name: _Variant(name, said, said_zh)
    for name, said, said_zh in (
        (
            "der-signature",
            "the signature is in DER form; r || s of fixed length is due",
            "签名为 DER 编码，应为定长 r || s",
        ),
        ("swapped-r-s", "r and s of the signature are swapped", "签名的 r 与 s 次序颠倒"),
        ("double-hash", "what is to be signed was hashed once more before signing", "签名前多做了一次哈希"),
        ("other-hash", "the signature was made with the hash of another curve", "签名采用了其他曲线的哈希"),
        (
            "other-document-hash",
            "document and proof were hashed as for another curve",
            "文档与证明采用了其他曲线的哈希",
        ),
        ("hashes-swapped", "the document's hash was put before the proof's", "文档哈希置于证明哈希之前"),
        (
            "sibling-suite",
            "it was signed as the sibling cryptosuite does (RDFC and JCS taken for each other)",
            "按同族的另一套件签名（RDFC 与 JCS 混淆）",
        ),
        (
            "proof-context",
            "the proof was signed with contexts of its own; the document's are due",
            "证明按其自带的上下文签名，应采用文档的上下文",
        ),
        (
            "no-proof-context",
            "the proof was signed without the document's @context in it",
            "证明签名时未含文档的 @context",
        ),
        (
            "direction-dropped",
            "@direction was left out when it was signed; it is due as an i18n datatype",
            "签名时略去了 @direction，应作为 i18n 数据类型",
        ),
        (
            "line-endings",
            "line endings in the text were changed after it was signed (CR LF and LF)",
            "签名后文本的换行符被更改（CR LF 与 LF）",
        ),
    )
}


def diagnose(document: Mapping[str, Any] | None, traces: list[Mapping[str, Any]], env: Environment) -> list[Diagnosis]:
    """The variants under which signatures would match that don't, at most one for each proof or envelope.

    ``traces`` are the values that ``vc.explain`` gives for each (``pointer``, the key, the signing input of an
    envelope); ``document`` is what has the proofs, None for an envelope. Never raises for untrusted input.
    """
    found = []
    for trace in traces[:MAX_PROOFS]:
        try:
            name = _of_envelope(trace) if "signingInput" in trace else _of_proof(document, trace, env)
        except (ProblemError, DidError, ValueError, TypeError, KeyError, RecursionError):
            continue
        if name:
            said = _SAID[name]
            found.append(Diagnosis(str(trace["pointer"]), name, said.said, said.said_zh))
    return found


def _key(trace: Mapping[str, Any]) -> PublicKey:
    return PublicKey.from_multikey(trace["verificationMethod"]["publicKeyMultibase"])


def _of_envelope(trace: Mapping[str, Any]) -> str | None:
    key = _key(trace)
    return _of_signature(key, bytes.fromhex(trace["signature"]), bytes.fromhex(trace["signingInput"]))


def _of_signature(key: PublicKey, signature: bytes, data: bytes) -> str | None:
    """The variant in which ``signature`` is one over ``data``; "" when it plainly is, None when in none."""
    if key.verify(signature, data):
        return ""
    for name, changed in _signatures(key, signature):
        if key.verify(changed, data):
            return name
    for hash_name in _HASHES:
        if key.verify(signature, hashlib.new(hash_name, data).digest()):
            return "double-hash"
    return "other-hash" if _verifies_with_other_hash(key, signature, data) else None


def _signatures(key: PublicKey, signature: bytes) -> Iterator[tuple[str, bytes]]:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    size = _SIZES.get(key.key_type)
    if size is None:
        return
    if len(signature) == 2 * size:
        yield "swapped-r-s", signature[size:] + signature[:size]
    try:
        r, s = decode_dss_signature(signature)
        yield "der-signature", r.to_bytes(size, "big") + s.to_bytes(size, "big")
    except (ValueError, OverflowError):
        return


def _verifies_with_other_hash(key: PublicKey, signature: bytes, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    size = _SIZES.get(key.key_type)
    if size is None or len(signature) != 2 * size:
        return False
    curves: dict[str, ec.EllipticCurve] = {
        "P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(), "secp256k1": ec.SECP256K1(),
    }  # fmt: skip
    point = ec.EllipticCurvePublicKey.from_encoded_point(curves[key.key_type], key.raw)
    der = utils.encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    for algorithm in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        try:
            point.verify(der, data, ec.ECDSA(algorithm))
        except InvalidSignature:
            continue
        return True
    return False


def _of_proof(document: Mapping[str, Any] | None, trace: Mapping[str, Any], env: Environment) -> str | None:
    holder, proof = _placed(document, str(trace["pointer"]))
    if holder is None or proof is None or len(orjson.dumps(holder)) > _MAX_DOCUMENT:
        return None
    name = proof.get("cryptosuite") if proof.get("type") == "DataIntegrityProof" else proof.get("type")
    if name not in _SUITES:
        return None
    key = _key(trace)
    signature = multibase.decode(proof["proofValue"]) if _is_base58(proof) else _base64(proof["proofValue"])
    transformation, siblings = _SUITES[name]
    usual = "sha384" if key.key_type == "P-384" else "sha256"
    attempt = _Attempt(key, signature, env)
    unsecured = without_proof(holder)
    first = attempt.signed(transformation, unsecured, proof, usual)
    if first is not None:
        return first or None
    for variant, changed_document, changed_proof, way in _variants(transformation, siblings, unsecured, proof):
        if attempt.signed(way, changed_document, changed_proof, usual) == "":
            return variant
    for other in _HASHES:
        if other != usual and attempt.signed(transformation, unsecured, proof, other) == "":
            return "other-document-hash"
    return None


def _variants(
    transformation: Transformation, siblings: tuple[str, ...], document: dict[str, Any], proof: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], Any]]:
    """Document, proof and transformation as signers are known to have taken them, with the variant's name."""
    other = JCS if transformation is RDFC else RDFC
    yield "sibling-suite", document, proof, other
    for sibling in siblings:
        yield "sibling-suite", document, {**proof, "cryptosuite": sibling}, other
        yield "sibling-suite", document, {**proof, "cryptosuite": sibling}, transformation
    if "@context" in proof and transformation is RDFC:
        yield "proof-context", document, proof, _WithOwnContext()
    if transformation is JCS:
        bare = {name: value for name, value in proof.items() if name != "@context"}
        yield (
            ("no-proof-context" if "@context" in proof else "proof-context"),
            document,
            (bare if "@context" in proof else {**proof, "@context": document.get("@context")}),
            JCS,
        )
    undirected = _changed(document, lambda text: text, drop="@direction")
    if undirected != document:
        yield "direction-dropped", undirected, proof, transformation
    for ending in (
        lambda text: text.replace("\r\n", "\n"),
        lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    ):
        altered = _changed(document, ending)
        if altered != document:
            yield "line-endings", altered, proof, transformation


class _WithOwnContext:
    """RDFC with the proof's own contexts for its configuration."""

    def document_bytes(self, document: Mapping[str, Any], hash_name: str, env: Environment) -> bytes:
        return RDFC.document_bytes(document, hash_name, env)

    def configuration_bytes(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: str, env: Environment
    ) -> bytes:
        own = {name: value for name, value in proof.items() if name != "@context"}
        return RDFC.configuration_bytes({**document, "@context": proof["@context"]}, own, hash_name, env)


class _Attempt:
    """One proof's key and signature, against what may have been signed."""

    def __init__(self, key: PublicKey, signature: bytes, env: Environment) -> None:
        self._key = key
        self._signature = signature
        self._env = env

    def signed(
        self, transformation: Any, document: Mapping[str, Any], proof: Mapping[str, Any], hash_name: str
    ) -> str | None:
        """The variant of the signature under which it was made over these; "" for the plain way, None for none."""
        try:
            configuration = transformation.configuration_bytes(document, proof, hash_name, self._env)
            transformed = transformation.document_bytes(document, hash_name, self._env)
        except ProblemError:
            return None
        of_proof, of_document = (hashlib.new(hash_name, data).digest() for data in (configuration, transformed))
        found = _of_signature(self._key, self._signature, of_proof + of_document)
        if found is None and self._key.verify(self._signature, of_document + of_proof):
            return "hashes-swapped"
        return found


def _placed(document: Mapping[str, Any] | None, pointer: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The document that has the proof at ``pointer``, and the proof."""
    before, found, index = pointer.rpartition("/proof")
    if document is None or not found:
        return None, None
    holder: Any = document
    for token in before.split("/")[1:]:
        holder = holder[int(token)] if isinstance(holder, list) else holder[token]
    proof = proofs_of(holder)[int(index[1:]) if index else 0]
    return (dict(holder), dict(proof)) if isinstance(proof, Mapping) else (None, None)


def _changed(value: Any, text: Callable[[str], str], drop: str = "") -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_changed(item, text, drop) for item in value]
    if isinstance(value, Mapping):
        return {name: _changed(item, text, drop) for name, item in value.items() if not drop or name != drop}
    return value


def _is_base58(proof: Mapping[str, Any]) -> bool:
    return isinstance(proof.get("proofValue"), str) and proof["proofValue"][:1] in ("z", "u")


def _base64(text: Any) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, TypeError):
        raise ValueError("not base64url") from None
