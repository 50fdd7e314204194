"""Type metadata of SD-JWT VCs (SD-JWT VC sections 4 to 6): obtained, compared with its digest, applied.

``vct`` is a name; it need not lead anywhere. Metadata that nobody has is no failure, metadata that was changed is one.
What is checked: the digests of the document and of those that it extends, loops among these, the ``vct`` that a
document is about, and for every claim whether it may, must or must not be selectively disclosable.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..checks.envelope_profile import EnvelopeProfile
from ..needs import Steps, fetch
from ..parsing import Limits
from ..problems import Problem, ProblemError
from ..verdict import Judgement, Outcome
from .jws import read_json
from .reading import Envelope

__all__ = ["check_integrity", "integrity_of", "judge_type"]

MAX_EXTENDS: Final = 8
"""How many documents may extend one another."""

_LIMITS: Final = Limits(size=512 * 1024, depth=24, members=20_000)
_HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_MAX_CLAIMS: Final = 1_000
_MAX_VISITS: Final = 100_000
"""Steps that all paths of a document take together: a path of wildcards goes everywhere."""


def integrity_of(data: bytes) -> str:
    """The ``#integrity`` value of ``data`` (W3C Subresource Integrity, as SD-JWT VC section 6 uses it)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def check_integrity(data: bytes, integrity: Any) -> Problem | None:
    """Whether ``data`` fits ``integrity``: of several digests, one of the strongest kind has to be that of ``data``."""
    if not isinstance(integrity, str) or len(integrity) > 1_024:
        return Problem("type_metadata.integrity", "an integrity value is a short string")
    digests: dict[str, list[bytes]] = {}
    for token in integrity.split():
        name, _, text = token.partition("-")
        if name in _HASHES:
            try:
                digests.setdefault(name, []).append(base64.b64decode(text, validate=True))
            except binascii.Error:
                return Problem("type_metadata.integrity", "an integrity value that is not base64")
    if not digests:
        return Problem("type_metadata.integrity", f"no digest of a kind that is known: {', '.join(_HASHES)}")
    strongest = max(digests)
    actual = _HASHES[strongest](data).digest()
    if any(hmac.compare_digest(actual, digest) for digest in digests[strongest]):
        return None
    return Problem("type_metadata.integrity", "the type metadata is not what its digest says")


def judge_type(envelope: Envelope, profile: EnvelopeProfile) -> Steps[Judgement | None]:
    """What the type metadata says of a verified SD-JWT VC; None when there is none to be had."""
    claims = envelope.claims
    vct, integrity = claims["vct"], claims.get("vct#integrity")
    try:
        documents = yield from _chain(vct, integrity, profile)
        if not documents:
            return None
        problems = [problem for document in documents for problem in _rules(document, envelope)]
    except ProblemError as error:
        problem = error.problems[0]
        undecided = problem.code == "type_metadata.unavailable"
        return Judgement(Outcome.INDETERMINATE if undecided else Outcome.FAILED, (problem,))
    return Judgement(Outcome.FAILED if problems else Outcome.PASSED, tuple(problems))


def _chain(vct: str, integrity: Any, profile: EnvelopeProfile) -> Steps[list[dict[str, Any]]]:
    """The metadata of ``vct`` and of every type it extends."""
    documents: list[dict[str, Any]] = []
    seen: set[str] = set()
    wanted: Any = vct
    while wanted is not None:
        if not isinstance(wanted, str) or wanted in seen or len(seen) == MAX_EXTENDS:
            raise _problem("type_metadata.form", "the types extend one another in a loop, or too many of them")
        seen.add(wanted)
        data = yield from _obtain(wanted, profile)
        if data is None:
            if not documents:
                return []
            raise _problem("type_metadata.unavailable", "the metadata of the extended type is not known here")
        if integrity is not None:
            problem = check_integrity(data, integrity)
            if problem is not None:
                raise ProblemError(problem)
        document = _read(data)
        if document.get("vct", wanted) != wanted:
            raise _problem("type_metadata.mismatch", "the type metadata is about another type")
        documents.append(document)
        wanted, integrity = document.get("extends"), document.get("extends#integrity")
    return documents


def _obtain(vct: str, profile: EnvelopeProfile) -> Steps[bytes | None]:
    known = (profile.type_metadata or {}).get(vct)
    if known is not None or profile.type_metadata_source is None or not vct.startswith("https://"):
        return known
    answer = yield fetch(profile.type_metadata_source, vct)
    if not isinstance(answer, bytes):
        raise _problem("type_metadata.unavailable", f"the type metadata could not be obtained: {answer}"[:300])
    return answer


def _read(data: bytes) -> dict[str, Any]:
    try:
        document = read_json(data, "the type metadata", _LIMITS)
    except ProblemError as error:
        raise _problem("type_metadata.form", error.problems[0].detail) from None
    rules = document.get("claims", [])
    if not isinstance(rules, list) or len(rules) > _MAX_CLAIMS or not all(_is_rule(rule) for rule in rules):
        raise _problem("type_metadata.form", "the claims of type metadata are objects with a path")
    return document


def _is_rule(rule: Any) -> bool:
    path = rule.get("path") if isinstance(rule, Mapping) else None
    return (
        isinstance(path, list)
        and 0 < len(path) <= 16
        and all(step is None or isinstance(step, str) or (type(step) is int and step >= 0) for step in path)
    )


def _rules(document: Mapping[str, Any], envelope: Envelope) -> Iterator[Problem]:
    """SD-JWT VC section 4.6: what is mandatory, and what may be disclosed selectively."""
    parsed = envelope.sd_jwt
    assert parsed is not None
    disclosed = {place.pointer for place in parsed.revealed.places}
    budget = iter(range(_MAX_VISITS))
    for rule in document.get("claims", []):
        pointers = list(_matching(envelope.claims, rule["path"], "", budget))
        if rule.get("mandatory") is True and not pointers and not parsed.revealed.undisclosed:
            yield Problem("type_metadata.mismatch", f"the type requires a claim that is missing: {rule['path']}"[:200])
        selective = rule.get("sd")
        for pointer in pointers:
            if selective == "never" and pointer in disclosed:
                yield Problem("type_metadata.mismatch", "the type has this claim always shown", pointer)
            if selective == "always" and pointer not in disclosed:
                yield Problem("type_metadata.mismatch", "the type has this claim selectively disclosable", pointer)


def _matching(node: Any, path: list[Any], pointer: str, budget: Iterator[int]) -> Iterator[str]:
    """The JSON pointers that a claim path (SD-JWT VC section 4.6.1) selects; each step takes one of ``budget``."""
    if next(budget, None) is None:
        raise _problem("type_metadata.form", f"the paths of the type take more than {_MAX_VISITS:,} steps")
    if not path:
        yield pointer
        return
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        if isinstance(node, Mapping) and step in node:
            name = step.replace("~", "~0").replace("/", "~1")
            yield from _matching(node[step], rest, f"{pointer}/{name}", budget)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            if step is None or step == index:
                yield from _matching(item, rest, f"{pointer}/{index}", budget)


def _problem(code: str, detail: str) -> ProblemError:
    return ProblemError(Problem(code, detail))
