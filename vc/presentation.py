"""Presentations (VCDM 2.0 section 4.13): credentials shown together, signed by their holder for one verifier."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from contexts import CONTEXTS, ContextRegistry
from did.deferred import DeferredSigner

from .checks.environment import Environment
from .checks.secured import MAX_CREDENTIALS
from .inputs import JSON_STARTS, read_document
from .integrity.chain import proofs_of
from .integrity.members import ProofMembers, read_members
from .integrity.proof_value import encode_signature
from .integrity.suite import Trace, discloses, proof_problem
from .model import CREDENTIALS_V2, is_enveloped, validate
from .problems import Problem, ProblemError
from .securing import add_proof

if TYPE_CHECKING:
    from did import PublicKey, Signer

__all__ = ["PendingPresentation", "PresentArguments", "prepare", "present", "present_enveloped", "unfit_to_show"]


class PresentArguments(TypedDict, total=False):
    """The keyword arguments of ``present``, for functions that pass them on."""

    challenge: str | None
    domain: str | Sequence[str] | None
    expires_in: float | None
    cryptosuite: str | None
    now: datetime | None
    holder: str | None
    presentation_id: str | None
    nonce: str | None
    contexts: ContextRegistry
    random: Callable[[int], bytes]
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class PendingPresentation:
    """A presentation that waits for its signature: ``prepare`` made it, another place signs.

    ``data_to_sign`` is what the key signs: for ECDSA over P-256 with SHA-256 once more, as ``did.Signer.sign`` does.
    The presentation itself is not to be had before ``complete``.
    """

    data_to_sign: bytes
    key: PublicKey
    _presentation: Mapping[str, Any] = field(repr=False)

    def complete(self, signature: bytes) -> dict[str, Any]:
        """The presentation with its signature (``r || s`` for ECDSA, 64 bytes for Ed25519).

        Raises ProblemError (``proof.signature``) for one that is not the key's over ``data_to_sign``.
        """
        if not self.key.verify(signature, self.data_to_sign):
            raise proof_problem("proof.signature", "the signature is not the holder's over this presentation")
        proof = {**self._presentation["proof"], "proofValue": encode_signature(signature)}
        return {**self._presentation, "proof": proof}


def present(
    credentials: Sequence[bytes | str | Mapping[str, Any]] | Mapping[str, Any],
    signer: Signer,
    *,
    challenge: str | None = None,
    domain: str | Sequence[str] | None = None,
    expires_in: float | None = None,
    cryptosuite: str | None = None,
    now: datetime | None = None,
    holder: str | None = None,
    presentation_id: str | None = None,
    nonce: str | None = None,
    contexts: ContextRegistry = CONTEXTS,
    random: Callable[[int], bytes] = secrets.token_bytes,
    trace: Trace | None = None,
) -> dict[str, Any]:
    """A presentation of ``credentials``, signed by ``signer`` with the purpose ``authentication``.

    ``challenge`` and ``domain`` are the verifier's. The proof is created ``now`` (aware; by default the system's time)
    and, with ``expires_in`` (seconds), expires so much later. ``cryptosuite`` is by default the RDFC suite of the
    signer's key. ``holder`` is by default the signer's DID and can't be another.

    Returns a new document. Raises ProblemError with every problem found: a credential without a proof or with a base
    proof (which holds secrets of the issuer and the holder), the data model, a key that does not fit the suite.
    """
    documents = _credentials(credentials)
    holder = signer.did if holder is None else holder
    problems = [problem for index, document in enumerate(documents) for problem in unfit_to_show(document, index)]
    if holder != signer.did:
        detail = f"the signer speaks for {signer.did}, which is not the holder"
        problems.append(Problem("holder.controller", detail, "/holder"))
    presentation: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder,
    }
    if presentation_id is not None:
        presentation["id"] = presentation_id
    if documents:
        presentation["verifiableCredential"] = documents
    problems.extend(
        problem
        for problem in validate(presentation, kind="presentation", contexts=contexts)
        # A derived credential shows what was chosen; its subject may be among what was not.
        if problem.code != "model.subject"
    )
    if problems:
        raise ProblemError(*problems)
    created = datetime.now(UTC) if now is None else now
    return add_proof(
        presentation,
        signer,
        cryptosuite=cryptosuite,
        config={
            "created": created,
            "expires": None if expires_in is None else _end(created, expires_in),
            "proofPurpose": "authentication",
            "domain": domain,
            "challenge": challenge,
            "nonce": nonce,
        },
        options=None,
        env=Environment(contexts, lambda: created, random, one_reading=False),
        trace=trace,
    )


def prepare(
    credentials: Sequence[bytes | str | Mapping[str, Any]] | Mapping[str, Any],
    signer: Signer,
    **arguments: Unpack[PresentArguments],
) -> PendingPresentation:
    """The first half of ``present``, for a key that signs elsewhere: in a phone's keystore, in a token, in a browser.

    Takes what ``present`` takes. Of ``signer`` only the names and the public key are used: its ``sign`` is not called.
    Raises ProblemError as ``present`` does.
    """
    # Whole-document suites, which take these keys' presentations, put the signature into the proof value and nowhere
    # else; `complete` puts the true one there.
    awaited = DeferredSigner(signer)
    presentation = present(credentials, awaited, **arguments)
    (data_to_sign,) = awaited.asked
    return PendingPresentation(data_to_sign, signer.public_key, presentation)


def present_enveloped(
    credentials: Sequence[bytes | str | Mapping[str, Any]] | Mapping[str, Any] | str | bytes,
    signer: Signer,
    *,
    envelope: str = "vp+jwt",
    challenge: str | None = None,
    domain: str | Sequence[str] | None = None,
    expires_in: float | None = None,
    disclosable: Iterable[str] = (),
    now: datetime | None = None,
    holder: str | None = None,
    presentation_id: str | None = None,
    contexts: ContextRegistry = CONTEXTS,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> str | bytes:
    """A presentation of ``credentials`` in an envelope by ``signer`` (VC-JOSE-COSE section 3).

    ``credentials`` are envelopes (text, bytes) or credentials with proofs. ``envelope``: ``vp+jwt``, ``vp+sd-jwt`` or
    ``vp+cose``. ``challenge`` and ``domain`` become the claims ``nonce`` and ``aud``; with ``expires_in`` (seconds)
    the presentation ends so long after ``now``. ``holder`` is by default the signer's DID and can't be another.

    Returns text, of COSE bytes. Raises ProblemError as ``vc.present`` does.
    """
    from .envelope.issuing import as_document, check_shown, form_named, numeric_date, seal

    form = form_named(envelope, "presentation")
    many = [credentials] if isinstance(credentials, Mapping | bytes | bytearray | str) else credentials
    documents = [as_document(item) for item in many]
    holder = signer.did if holder is None else holder
    problems = [problem for index, item in enumerate(documents) for problem in unfit_to_show(item, index)]
    if holder != signer.did:
        detail = f"the signer speaks for {signer.did}, which is not the holder"
        problems.append(Problem("holder.controller", detail, "/holder"))
    created = numeric_date(datetime.now(UTC) if now is None else now)
    payload: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder,
    }
    if presentation_id is not None:
        payload["id"] = presentation_id
    if documents:
        payload["verifiableCredential"] = documents
    found = validate(payload, kind="presentation", contexts=contexts)
    problems += [problem for problem in found if problem.code != "model.subject"]
    if problems:
        raise ProblemError(*problems)
    payload["iat"] = created
    if expires_in is not None:
        payload["exp"] = created + _lifetime(expires_in)
    if challenge is not None:
        payload["nonce"] = challenge
    if domain is not None:
        payload["aud"] = domain if isinstance(domain, str) else list(domain)
    hide = tuple(disclosable)
    check_shown(form, hide, 0)
    return seal(form, payload, signer, disclosable=hide, random=random)


def _credentials(credentials: Any) -> list[dict[str, Any]]:
    if isinstance(credentials, Mapping | bytes | bytearray | str):
        credentials = [credentials]
    documents = [_as_document(credential) for credential in credentials]
    if len(documents) > MAX_CREDENTIALS:
        detail = f"{len(documents)} credentials; at most {MAX_CREDENTIALS} go into one presentation"
        raise ProblemError(Problem("parse.limit", detail, "/verifiableCredential"))
    return documents


def _as_document(credential: Any) -> dict[str, Any]:
    """A credential as an object; text or bytes of an envelope become an EnvelopedVerifiableCredential."""
    if isinstance(credential, str | bytes) and credential[:1] not in JSON_STARTS:
        from .envelope.issuing import as_document

        return as_document(credential)
    return read_document(credential)


def unfit_to_show(document: Mapping[str, Any], index: int) -> list[Problem]:
    """Why a credential can't be shown as it is."""
    if is_enveloped(document):
        from .envelope.issuing import unfit_envelope

        return unfit_envelope(document, f"/verifiableCredential/{index}")
    place = f"/verifiableCredential/{index}/proof"
    try:
        proofs = proofs_of(document)
    except ProblemError as error:
        return [problem.at(place) for problem in error.problems]
    problems: list[Problem] = []
    for proof in proofs:
        members = read_members(proof, place)
        if not isinstance(members, ProofMembers):
            problems.extend(members)
        elif discloses(members.suite) and members.suite.is_base_proof(proof):
            detail = "a base proof is never shown: derive what is to be disclosed first (vc.derive)"
            problems.append(Problem("proof.base", detail, place))
    return problems


def _end(created: datetime, seconds: float) -> datetime:
    if not 0 < seconds <= 10 * 366 * 86_400:
        raise ProblemError(Problem("proof.generation", "expires_in is a positive number of seconds", "/expires"))
    return created + timedelta(seconds=seconds)


def _lifetime(seconds: float) -> int:
    if not 1 <= seconds <= 10 * 366 * 86_400:
        raise ProblemError(Problem("proof.generation", "expires_in is a positive number of seconds", "/exp"))
    return int(seconds)
