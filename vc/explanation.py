"""Explanations for interoperability testers: every intermediate value of proofs and envelopes, where two part ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from .diagnosis import diagnose
from .envelope.explaining import explain_envelopes
from .envelope.reading import is_envelope
from .inputs import read_document
from .integrity.chain import proofs_of, without_proof
from .integrity.members import ProofMembers, read_members
from .integrity.suite import discloses
from .problems import ProblemError
from .verification import Expectations, PolicyArguments, VerificationPolicy, verify

__all__ = ["Difference", "explain", "first_difference"]


def explain(
    document: bytes | str | Mapping[str, Any],
    policy: VerificationPolicy | None = None,
    **stated: Unpack[PolicyArguments],
) -> dict[str, Any]:
    """What verification computes on the way, as JSON; ``policy`` and keyword arguments are those of ``vc.verify``.

    ``document`` has proofs or is an envelope, as for ``vc.verify``. ``contexts`` maps each context URL to its SHA-256
    digest (null for an unknown one). ``proofs`` has an object for each proof: its JSON pointer, the verification method
    as resolved and why it was allowed, canonical N-Quads or JSON of document and proof options, hashes, and, for
    selective disclosure, labels, groups and signatures; the names are those of the specifications' test vectors, bytes
    are lower-case hex. A base proof, which no verifier accepts, is explained by deriving from it with everything
    disclosed. Each envelope stands there, too, with the values that ``vc.envelope.explaining`` names. ``verdict`` is
    how verification ended. Where a signature doesn't match, ``diagnoses`` names the known variants under which it would
    (``vc.diagnosis``): what its signer seems to have done, and no verdict.

    Raises ProblemError when ``document`` is neither a JSON object nor an envelope of which anything can be read.
    """
    enveloped = is_envelope(document)
    parsed: Any = document if enveloped else read_document(document)
    expectations: PolicyArguments = {**(policy.stated if policy is not None else {}), **stated, "explain": True}
    envelopes = explain_envelopes(parsed, Expectations(**expectations))
    verdict = verify(parsed, **expectations)
    result = dict(verdict.trace or {"contexts": {}, "proofs": []})
    bases = [] if enveloped else _base_proofs(parsed, expectations)
    places = {trace["pointer"] for trace in (*bases, *envelopes)}
    proofs = [*(trace for trace in result["proofs"] if trace["pointer"] not in places), *bases]
    result["proofs"] = [*envelopes, *proofs] if enveloped else [*proofs, *envelopes]
    summary = verdict.to_dict()
    summary.pop("trace", None)
    result["verdict"] = summary
    if not verdict.verified and not _SIGNATURES.isdisjoint(problem.code for problem in verdict.problems):
        environment = Expectations(**expectations).environment
        found = diagnose(None if enveloped else parsed, result["proofs"], environment)
        result["diagnoses"] = [diagnosis.to_dict() for diagnosis in found]
    return result


_SIGNATURES = frozenset({"proof.signature", "proof.value", "envelope.signature", "jsonld.undefined_term"})


def _base_proofs(document: dict[str, Any], expectations: PolicyArguments) -> list[dict[str, Any]]:
    """The values of each base proof of a selective disclosure suite, from deriving and verifying what was derived."""
    traces: list[dict[str, Any]] = []
    env = Expectations(**expectations).environment
    try:
        proofs = proofs_of(document)
    except ProblemError:
        return []
    many = isinstance(document["proof"], list)
    for index, proof in enumerate(proofs):
        place = f"/proof/{index}" if many else "/proof"
        members = read_members(proof, place)
        if not isinstance(members, ProofMembers) or not discloses(members.suite):
            continue
        if not members.suite.is_base_proof(proof):
            continue
        trace: dict[str, Any] = {}
        unsecured = without_proof(document)
        pointers = [f"/{name}" for name in _pointer_tokens(unsecured)]
        try:
            derived = members.suite.derive_proof(unsecured, proof, pointers, env=env, trace=trace)
        except ProblemError as error:
            trace["problems"] = [problem.to_dict() for problem in error.problems]
        else:
            for of_derived in (verify(derived, **expectations).trace or {}).get("proofs", ()):
                trace = {**of_derived, **trace}
        traces.append({**trace, "pointer": place, "cryptosuite": members.suite.name})
    return traces


def _pointer_tokens(document: Mapping[str, Any]) -> list[str]:
    return [name.replace("~", "~0").replace("/", "~1") for name in document if name != "@context"]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first value in which two explanations differ: its name, where in it, and both values (None: absent)."""

    name: str
    place: str
    ours: Any
    theirs: Any

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {"name": self.name, "place": self.place, "ours": self.ours, "theirs": self.theirs}


_LAST = ("verdict", "sigHex", "sigBTC58", "baseSignature", "signatures", "keyBinding", "signature")
_COMPUTED_FIRST = (
    "contexts",
    "canonDoc",
    "docHash",
    "addBaseDocCanon",
    "addBaseDocHMACCanon",
    "verifyNQuads",
    "proofConfig",
    "proofCanon",
    "addProofConfig",
    "addProofConfigCanon",
    "proofHash",
    "combinedHash",
    "addBaseTransform",
    "addHashData",
    # Of envelopes: what is said before how, as the salts of an SD-JWT are others each time.
    "envelope",
    "header",
    "unprotected",
    "claims",
    "digestAlgorithm",
    "payload",
    "disclosures",
    "undisclosed",
    "signingInput",
    "signingInputHash",
)


def first_difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Difference | None:
    """The first intermediate value, in the order of computation, in which two explanations differ; None if in none.

    Both are results of ``explain``. A canonical text is compared line by line; ``place`` says where inside the value.
    """
    found = _differ("contexts", ours.get("contexts"), theirs.get("contexts"))
    if found is not None:
        return found
    first, second = ours.get("proofs", []), theirs.get("proofs", [])
    for index in range(max(len(first), len(second))):
        one = first[index] if index < len(first) else None
        two = second[index] if index < len(second) else None
        if one is None or two is None:
            return Difference("proofs", f"/{index}", one and one["pointer"], two and two["pointer"])
        names = sorted({*one, *two} - {"pointer"}, key=_order)
        for name in names:
            found = _differ(name, one.get(name), two.get(name))
            if found is not None:
                return found
    return None


def _order(name: str) -> tuple[int, str]:
    if name in _COMPUTED_FIRST:
        return _COMPUTED_FIRST.index(name), name
    return (len(_COMPUTED_FIRST) + (name in _LAST), name)


def _differ(name: str, ours: Any, theirs: Any, place: str = "") -> Difference | None:
    if ours == theirs:
        return None
    if isinstance(ours, str) and isinstance(theirs, str) and "\n" in ours + theirs:
        # Not splitlines: a literal may hold U+0085 or U+2028.
        ours, theirs = ours.split("\n"), theirs.split("\n")
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            found = _differ(name, ours.get(key), theirs.get(key), f"{place}/{key}")
            if found is not None:
                return found
    if isinstance(ours, list) and isinstance(theirs, list):
        for index in range(max(len(ours), len(theirs))):
            one = ours[index] if index < len(ours) else None
            two = theirs[index] if index < len(theirs) else None
            found = _differ(name, one, two, f"{place}/{index}")
            if found is not None:
                return found
    return Difference(name, place, ours, theirs)
