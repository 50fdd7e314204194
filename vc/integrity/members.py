"""The members of a proof (Data Integrity 1.0 section 2.1), read strictly before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model import Moment, is_url, moment, what_is_wrong
from ..problems import Problem
from ..superseded import superseded
from . import CRYPTOSUITES, unknown_suite, unloaded_suite
from .suite import Cryptosuite

__all__ = ["ProofMembers", "read_members"]

_MAX_TEXT = 65536


@dataclass(slots=True)
class ProofMembers:
    """The members that the verification pipeline looks at, checked for form. ``proof`` is the proof itself."""

    proof: Mapping[str, Any]
    suite: Cryptosuite
    verification_method: str
    purpose: str
    created: Moment | None
    expires: Moment | None
    challenge: str | None
    domains: list[str] | None
    previous: list[str]


def read_members(proof: Any, pointer: str) -> ProofMembers | list[Problem]:
    """The members of ``proof``, or everything that is wrong with their form (codes ``proof.*``).

    ``pointer`` is where the proof stands in the document.
    """
    if not isinstance(proof, dict):
        return [Problem("proof.form", "a proof must be an object", pointer)]
    problems: list[Problem] = []
    values = proof.values()
    if None in values or [] in values:  # JSON-LD drops such a member: nothing would sign it.
        problems.append(Problem("proof.form", "every member of a proof must have a value", pointer))
    suite = _suite(proof, pointer, problems)
    needed = ("verificationMethod", "proofPurpose", "proofValue")
    # What a suite that is not known writes elsewhere than in proofValue is not missing.
    for name in needed if suite is not None else ():
        value = proof.get(name)
        if not value or value.__class__ is not str:
            what = f"{name} must be a string" if name in proof else f"the proof has no {name}"
            problems.append(Problem("proof.form", what, pointer))
    for name in ("challenge", "nonce"):
        if name in proof and (not isinstance(proof[name], str) or len(proof[name]) > _MAX_TEXT):
            problems.append(Problem("proof.form", f"{name} must be a string", f"{pointer}/{name}"))
    if "id" in proof and not is_url(proof["id"]):
        problems.append(Problem("proof.form", "id must be a URL", f"{pointer}/id"))
    created = _moment(proof, "created", pointer, problems) if "created" in proof else None
    expires = _moment(proof, "expires", pointer, problems) if "expires" in proof else None
    domains = _strings(proof, "domain", pointer, problems) if "domain" in proof else None
    previous = _strings(proof, "previousProof", pointer, problems) if "previousProof" in proof else None
    if problems or suite is None:
        return problems
    return ProofMembers(
        proof,
        suite,
        proof["verificationMethod"],
        proof["proofPurpose"],
        created,
        expires,
        proof.get("challenge"),
        domains,
        previous or [],
    )


def _suite(proof: Mapping[str, Any], pointer: str, problems: list[Problem]) -> Cryptosuite | None:
    """The suite that ``type`` and ``cryptosuite`` name."""
    kind = proof.get("type")
    if not isinstance(kind, str):
        what = "type must be a string" if "type" in proof else "the proof has no type"
        problems.append(Problem("proof.form", what, pointer))
        return None
    name = proof.get("cryptosuite") if kind == "DataIntegrityProof" else kind
    if not isinstance(name, str):
        what = "cryptosuite must be a string" if "cryptosuite" in proof else "the proof has no cryptosuite"
        problems.append(Problem("proof.form", what, pointer))
        return None
    suite = CRYPTOSUITES.get(name)
    if suite is None or suite.proof_type != kind:
        place = f"{pointer}/cryptosuite" if kind == "DataIntegrityProof" else f"{pointer}/type"
        wrong = f"{name!r} is not the cryptosuite of proofs of type {kind[:80]!r}"
        unloaded = unloaded_suite(name) if suite is None else None
        if unloaded is not None:
            problems.append(unloaded.at(place))
            return None
        old = superseded("suite", name)
        detail = wrong if suite is not None else old.sentence if old is not None else unknown_suite(name)
        detail_zh = old.sentence_zh if suite is None and old is not None else ""
        problems.append(Problem("proof.suite_unknown", detail, place, detail_zh))
        return None
    return suite


def _moment(proof: Mapping[str, Any], name: str, pointer: str, problems: list[Problem]) -> Moment | None:
    try:
        return moment(proof[name])
    except ValueError:
        reason, reason_zh = what_is_wrong(proof[name])
        detail, detail_zh = f"{name} must be a dateTimeStamp: {reason}", f"{name} 应为带时区的日期时间：{reason_zh}"
        code = "proof.created" if name == "created" else "proof.form"
        problems.append(Problem(code, detail, f"{pointer}/{name}", detail_zh))
        return None


def _strings(proof: Mapping[str, Any], name: str, pointer: str, problems: list[Problem]) -> list[str] | None:
    """A member that holds a string or a list of them."""
    value = proof[name]
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) and item and len(item) <= _MAX_TEXT for item in values):
        problems.append(Problem("proof.form", f"{name} must be a string or a list of strings", f"{pointer}/{name}"))
        return None
    return values
