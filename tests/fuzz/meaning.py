"""What the readers of a document read in it. Two documents mean the same when every reader gets the same answer.

The answers are plain JSON: what is asked by name (who issued it, about whom, until when, for which challenge), as the
product's own readers and as the simplest software asks it (``document.get("validUntil")``), and the whole document by
its JSON names. Signature bytes and contexts are none. Entries of an array have no order in RDF, and none here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from vc.cards import claims_of
from vc.model import identifier_of, types_of

__all__ = ["Meaning", "answers", "differences", "nearest", "says_more"]

Meaning = Mapping[str, Any]

_SIGNATURES = frozenset({"proofValue", "jws"})
_SILENT = _SIGNATURES | {"@context"}
"""What says nothing by itself: a context gives the names their meaning, and what they then state is signed."""
_DATES = ("validFrom", "validUntil", "issuanceDate", "expirationDate", "exp", "nbf", "iat")
_PROOF = ("challenge", "domain", "expires", "created", "proofPurpose", "verificationMethod", "cryptosuite", "nonce")


def answers(document: Mapping[str, Any]) -> dict[str, Any]:
    """Every reader's answer, by the question. ``document`` is a credential or presentation, as a verdict gives it."""
    document = _each_proof_once(document)
    found: dict[str, Any] = {
        "issuer": identifier_of(document.get("issuer")) or document.get("iss"),
        "holder": identifier_of(document.get("holder")),
        "types": sorted(map(str, types_of(document))),
        "subjects": _plain([_identity(subject) for subject in _several(document.get("credentialSubject"))]),
        "status": _plain([document.get("credentialStatus"), document.get("status")]),
        "schema": _plain(document.get("credentialSchema")),
        "claims": _plain(claims_of(document)),
        "truth": _truth(document),
    }
    found.update({name: _plain(document.get(name)) for name in _DATES})
    for proof in _several(document.get("proof")):
        if isinstance(proof, Mapping):
            found.update({f"proof.{name}": _plain(proof.get(name)) for name in _PROOF})
    credentials = [c for c in _several(document.get("verifiableCredential")) if isinstance(c, Mapping)]
    found["credentials"] = sorted((answers(c) for c in credentials), key=_text)
    found["document"] = _plain(document)
    return json.loads(_text(found))


def differences(left: Meaning, right: Meaning) -> list[str]:
    """The questions that two documents answer differently."""
    return sorted(name for name in {*left, *right} if left.get(name) != right.get(name))


def nearest(found: Meaning, originals: Iterable[Meaning]) -> list[str]:
    """The questions answered differently from the original that differs least; none when one is equal."""
    return min((differences(found, original) for original in originals), key=len, default=["there is no original"])


def says_more(part: Any, whole: Any, pointer: str = "") -> str | None:
    """Where ``part`` says what ``whole`` does not (a JSON pointer); None when everything in it is in ``whole``."""
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        for name, value in part.items():
            if name in _SIGNATURES:
                continue
            if name not in whole:
                return f"{pointer}/{name}"
            deeper = says_more(value, whole[name], f"{pointer}/{name}")
            if deeper is not None:
                return deeper
        return None
    if isinstance(part, list) != isinstance(whole, list):
        alone, several = (whole, part) if isinstance(part, list) else (part, whole)
        if len(several) != 1 or bool(alone) is False:
            return pointer
        return says_more(several[0], alone, pointer) if several is part else says_more(alone, several[0], pointer)
    if isinstance(part, list) and isinstance(whole, list):
        for index, item in enumerate(part):
            if not any(says_more(item, other) is None for other in whole):
                return f"{pointer}/{index}"
        return None
    return None if _text(part) == _text(whole) else pointer


def _each_proof_once(document: Mapping[str, Any]) -> dict[str, Any]:
    """A proof that is there twice proves no more than once."""
    proofs = list({_text(_plain(proof)): proof for proof in _several(document.get("proof"))}.values())
    return {**document, "proof": proofs[0] if len(proofs) == 1 else proofs}


def _identity(subject: Any) -> Any:
    return subject.get("id") if isinstance(subject, Mapping) else subject


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _truth(value: Any) -> Any:
    """Whether ``if value:`` holds, for the value of each member."""
    if isinstance(value, list) and len(value) == 1:
        return _truth(value[0]) if isinstance(value[0], Mapping | list) else bool(value)
    if isinstance(value, Mapping) and value.keys() != {"id"}:
        return {str(name): [bool(item), _truth(item)] for name, item in value.items() if name not in _SILENT}
    return bool(value)


def _plain(value: Any) -> Any:
    """JSON with entries in one order and numbers in one spelling."""
    if isinstance(value, Mapping):
        if value.keys() == {"id"}:
            return value["id"]
        return {str(name): _plain(item) for name, item in value.items() if name not in _SILENT}
    if isinstance(value, list | tuple):
        return _plain(value[0]) if len(value) == 1 else sorted((_plain(item) for item in value), key=_text)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
