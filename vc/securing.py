"""Issuing and deriving: from a credential to a secured one, and from a base proof to what its holder discloses."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from contexts import CONTEXTS, ContextRegistry
from did.errors import KeyTypeUnsupported
from did.key_types import key_type as type_named

from .inputs import read_document
from .integrity import CRYPTOSUITES, unknown_suite
from .integrity.chain import input_document, matching_proofs, proofs_of, without_proof
from .integrity.disclosure import check_pointers
from .integrity.members import ProofMembers, read_members
from .integrity.suite import Cryptosuite, Environment, SelectiveDisclosureSuite, Trace, discloses
from .integrity.whole_document import check_meaning
from .model import identifier_of, validate
from .model.limiting import limiting_pointers
from .problems import Problem, ProblemError

if TYPE_CHECKING:
    from did import BbsSigner, Signer

__all__ = ["IssueArguments", "add_proof", "default_cryptosuite", "derive", "issue", "timestamp"]


class IssueArguments(TypedDict, total=False):
    """The keyword arguments of ``issue`` that hold for many credentials alike, for functions that pass them on."""

    cryptosuite: str | None
    mandatory_pointers: Sequence[str]
    hideable: Sequence[str]
    created: datetime | Literal[False] | None
    expires: datetime | None
    proof_purpose: str
    proof_id: str | None
    previous_proof: str | Sequence[str] | None
    challenge: str | None
    domain: str | Sequence[str] | None
    nonce: str | None
    suite_options: Mapping[str, Any] | None
    now: datetime | None
    contexts: ContextRegistry


def issue(
    credential: bytes | bytearray | str | Mapping[str, Any],
    signer: Signer | BbsSigner,
    *,
    cryptosuite: str | None = None,
    mandatory_pointers: Sequence[str] = (),
    hideable: Sequence[str] = (),
    created: datetime | Literal[False] | None = None,
    expires: datetime | None = None,
    proof_purpose: str = "assertionMethod",
    proof_id: str | None = None,
    previous_proof: str | Sequence[str] | None = None,
    challenge: str | None = None,
    domain: str | Sequence[str] | None = None,
    nonce: str | None = None,
    suite_options: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    contexts: ContextRegistry = CONTEXTS,
    random: Callable[[int], bytes] = secrets.token_bytes,
    trace: Trace | None = None,
) -> dict[str, Any]:
    """Secure ``credential`` with a proof by ``signer`` (Data Integrity 1.0 section 4.2, or 4.3 for one more).

    ``credential`` is JSON bytes or text, or the parsed object.
    ``cryptosuite`` is a name of ``vc.integrity.CRYPTOSUITES``; by default the RDFC suite of the signer's key, bbs-2023
    for BLS12-381. ``mandatory_pointers`` (JSON pointers, RFC 6901) are for selective disclosure suites: what every
    derived proof shows, besides what ends, limits or binds the credential (``vc.model.limiting``: issuer, validFrom,
    validUntil, credentialStatus, credentialSchema, the subject's id...), which is always shown. ``hideable`` names the
    pointers of the latter that the holder may hide all the same. ``created`` (aware) is by default ``now``; False
    leaves it out, which is the default for bbs-2023, where it would tell credentials apart. ``previous_proof`` names
    earlier proofs of ``credential`` that this one is to cover. ``suite_options`` are described by the suite. ``now``
    (aware) is by default the system's time; ``random`` gives so many random bytes.

    Returns a new document; ``credential`` is not changed. When its contexts do not define the proof's terms
    (VCDM 1.1), the context that does is appended. Raises ProblemError with every problem found: the data model, an
    issuer the signer does not speak for, a key that does not fit the suite, pointers that match nothing, ``hideable``
    that names nothing which would be shown always.
    """
    document = read_document(credential)
    problems = validate(document, kind="credential", contexts=contexts)
    if not problems and identifier_of(document.get("issuer")) != signer.did:
        detail = f"the signer speaks for {signer.did}, which is not the issuer of the credential"
        problems.append(Problem("issuer.controller", detail, "/issuer"))
    if problems:
        raise ProblemError(*problems)
    return add_proof(
        document,
        signer,
        cryptosuite=cryptosuite,
        config={
            "id": proof_id,
            "created": created,
            "expires": expires,
            "proofPurpose": proof_purpose,
            "domain": domain,
            "challenge": challenge,
            "nonce": nonce,
            "previousProof": previous_proof,
        },
        options={**(suite_options or {}), **({"mandatory_pointers": mandatory_pointers} if mandatory_pointers else {})},
        hideable=hideable,
        env=Environment(contexts, _clock(now), random),
        trace=trace,
    )


def derive(
    secured: bytes | str | Mapping[str, Any],
    *,
    selective_pointers: Sequence[str] = (),
    cryptosuite: str | None = None,
    suite_options: Mapping[str, Any] | None = None,
    contexts: ContextRegistry = CONTEXTS,
    random: Callable[[int], bytes] = secrets.token_bytes,
    trace: Trace | None = None,
) -> dict[str, Any]:
    """Disclose chosen parts of a credential with a base proof (vc-di-ecdsa 3.6.6, vc-di-bbs 3.4.6).

    ``selective_pointers`` (JSON pointers, RFC 6901) say what to show besides what the issuer made mandatory.
    ``cryptosuite`` chooses among several base proofs. Returns a new document with the derived proof, which is the only
    proof in it. Raises ProblemError: pointers that match nothing (each is named), no base proof, an unusable one.
    """
    document = read_document(secured)
    suite, proof = _base_proof(document, cryptosuite)
    return suite.derive_proof(
        without_proof(document),
        proof,
        selective_pointers,
        env=Environment(contexts, random=random),
        options=suite_options,
        trace=trace,
    )


def add_proof(
    document: Mapping[str, Any],
    signer: Signer | BbsSigner,
    *,
    cryptosuite: str | None,
    config: Mapping[str, Any],
    options: Mapping[str, Any] | None,
    env: Environment,
    hideable: Sequence[str] = (),
    trace: Trace | None = None,
) -> dict[str, Any]:
    """``document`` with one more proof (Data Integrity 4.2 and 4.3). See ``issue`` for the arguments and errors.

    ``config`` has the proof's members as Python values; None leaves one out.
    """
    suite = _suite_for(signer, cryptosuite, options or hideable)
    if discloses(suite):
        options = _with_limiting(document, options or {}, hideable)
    secured = dict(document)
    earlier = proofs_of(document) if document.get("proof") is not None else []
    _inject_context(secured, suite, earlier)
    unsecured = without_proof(secured)
    full = _configuration(suite, signer, config, env)
    previous = full.get("previousProof")
    try:
        matching = matching_proofs([previous] if isinstance(previous, str) else previous, earlier) if previous else ()
    except ProblemError as error:
        raise ProblemError(Problem("proof.generation", error.problems[0].detail, "/previousProof")) from None
    if not suite.signs_statements:
        check_meaning(unsecured, full, env)  # The text would be signed with terms that mean nothing, or two things.
    signed = input_document(unsecured, matching)
    proof = suite.create_proof(signed, signer, full, env=env, options=options, trace=trace)  # type: ignore[arg-type]
    secured["proof"] = [*earlier, proof] if earlier else proof
    return secured


def default_cryptosuite(key_type: str) -> str:
    """The suite that is used for a key when none is named. Raises ProblemError for a key that no suite takes."""
    try:
        name = type_named(key_type).default_cryptosuite
    except KeyTypeUnsupported as error:
        raise ProblemError(Problem("method.key_type", error.message)) from None
    if not name:
        raise ProblemError(Problem("method.key_type", f"no cryptosuite takes keys of type {key_type}"))
    return name


def timestamp(when: datetime) -> str:
    """An aware datetime as a dateTimeStamp in UTC, ``2026-01-31T08:00:00Z``. Raises ValueError for a naive one."""
    if when.tzinfo is None or when.utcoffset() is None:
        raise ValueError("the time must have a time zone")
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(now: datetime | None) -> Callable[[], datetime]:
    return (lambda: datetime.now(UTC)) if now is None else (lambda: now)


def _with_limiting(document: Mapping[str, Any], options: Mapping[str, Any], hideable: Sequence[str]) -> dict[str, Any]:
    """``options`` whose mandatory pointers name what ends, limits or binds ``document``, but for what is hideable."""
    kept = limiting_pointers(document)
    mandatory = check_pointers(options.get("mandatory_pointers", ()))
    problems = []
    for pointer in check_pointers(hideable):
        if pointer not in kept:
            detail = f"{pointer!r:.200} is not one of the pointers that are shown always ({', '.join(kept)})"
            problems.append(Problem("pointer.hideable", detail))
        elif pointer in mandatory:
            problems.append(Problem("pointer.hideable", f"{pointer!r:.200} can't be both mandatory and hideable"))
    if problems:
        raise ProblemError(*problems)
    return {**options, "mandatory_pointers": [*dict.fromkeys([*mandatory, *(p for p in kept if p not in hideable)])]}


def _suite_for(signer: Signer | BbsSigner, cryptosuite: str | None, options: object) -> Cryptosuite:
    name = default_cryptosuite(signer.algorithm) if cryptosuite is None else cryptosuite
    suite = CRYPTOSUITES.get(name)
    if suite is None:
        raise ProblemError(Problem("proof.suite_unknown", unknown_suite(name)))
    if signer.algorithm not in suite.key_types:
        detail = f"{name} takes keys of type {', '.join(sorted(suite.key_types))}, not {signer.algorithm}"
        raise ProblemError(Problem("method.key_type", detail))
    if options and not discloses(suite):
        detail = f"{name} does not disclose selectively: it takes no mandatory pointers or suite options"
        raise ProblemError(Problem("proof.generation", detail))
    return suite


def _configuration(
    suite: Cryptosuite, signer: Signer | BbsSigner, config: Mapping[str, Any], env: Environment
) -> dict[str, Any]:
    """The proof configuration with its members in the usual order, checked as a verifier would."""
    created = config.get("created")
    if created is None and suite.writes_created:
        created = env.clock()
    expires = config.get("expires")
    domain = config.get("domain")
    previous = config.get("previousProof")
    members = {
        "type": suite.proof_type,
        "id": config.get("id"),
        "cryptosuite": suite.name if suite.proof_type == "DataIntegrityProof" else None,
        "created": timestamp(created) if isinstance(created, datetime) else None,
        "expires": timestamp(expires) if isinstance(expires, datetime) else None,
        "verificationMethod": signer.verification_method,
        "proofPurpose": config.get("proofPurpose"),
        "domain": domain if domain is None or isinstance(domain, str) else list(domain),
        "challenge": config.get("challenge"),
        "nonce": config.get("nonce"),
        "previousProof": previous if previous is None or isinstance(previous, str) else list(previous),
    }
    proof = {name: value for name, value in members.items() if value is not None}
    found = read_members({**proof, "proofValue": "z"}, "")
    if isinstance(found, ProofMembers):
        if found.created and found.expires and found.expires <= found.created:
            raise ProblemError(Problem("proof.expired", "the proof would expire before it is created", "/expires"))
        return proof
    raise ProblemError(*[Problem("proof.generation", problem.detail, problem.pointer) for problem in found])


def _inject_context(secured: dict[str, Any], suite: Cryptosuite, earlier: list[Any]) -> None:
    """Append the context of the proof's terms where the document has none (Data Integrity 2.4.2)."""
    value = secured.get("@context")
    contexts = value if isinstance(value, list) else [] if value is None else [value]
    if not contexts or any(context in contexts for context in suite.contexts):
        return
    if earlier:
        detail = f"the contexts do not define {suite.proof_type}, and adding one would break the proofs there are"
        raise ProblemError(Problem("proof.context", detail, "/@context"))
    secured["@context"] = [*contexts, suite.context]


def _base_proof(
    document: Mapping[str, Any], cryptosuite: str | None
) -> tuple[SelectiveDisclosureSuite, Mapping[str, Any]]:
    found: list[tuple[SelectiveDisclosureSuite, Mapping[str, Any]]] = []
    for index, proof in enumerate(proofs_of(document)):
        members = read_members(proof, f"/proof/{index}" if isinstance(document["proof"], list) else "/proof")
        if not isinstance(members, ProofMembers):
            raise ProblemError(*members)
        suite = members.suite
        if discloses(suite) and suite.is_base_proof(proof):
            found.append((suite, proof))
    if cryptosuite is not None:
        found = [item for item in found if item[0].name == cryptosuite]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(suite.name for suite, _ in found)
        detail = f"there are several base proofs ({names}): say which cryptosuite to derive with"
    else:
        detail = "there is no base proof of a selective disclosure suite to derive from"
    raise ProblemError(Problem("proof.form", detail, "/proof"))
