"""The document in an envelope, and whether the claims around it say the same.

VC-JOSE-COSE section 3.1.3; for VC-JWT, VCDM 1.1 section 6.3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..model import CREDENTIALS_V1, CREDENTIALS_V2, identifier_of
from ..problems import Problem
from .profile import EnvelopeProfile
from .reading import Envelope
from .sd_jwt import seconds

__all__ = ["CLAIMS", "claim_problems", "document_of", "enveloped_object"]

CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
"""Claims about the envelope that may stand beside the members of the document (RFC 7519, RFC 7800)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SECONDS: Final = 10**11
_NEVER_HIDDEN: Final = ("iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status")
_NEVER_HIDDEN_MEMBERS: Final = frozenset({"exp", "nbf", "cnf", "validUntil", "credentialStatus", "aud", "nonce"})
_DATES_1_1: Final = (("nbf", "issuanceDate"), ("exp", "expirationDate"))


def enveloped_object(text: str, media_type: str, kind: str = "credential") -> dict[str, Any]:
    """``text`` as an EnvelopedVerifiableCredential or -Presentation (VCDM 2.0 section 4.13)."""
    what = "EnvelopedVerifiableCredential" if kind == "credential" else "EnvelopedVerifiablePresentation"
    return {"@context": CREDENTIALS_V2, "type": what, "id": f"data:{media_type},{text}"}


def document_of(envelope: Envelope) -> dict[str, Any]:
    """The credential or presentation, without the claims about the envelope; the claims of an SD-JWT VC."""
    claims = envelope.claims
    if not envelope.form.data_model:
        return claims
    if envelope.version_1_1:
        return _document_1_1(envelope)
    if CLAIMS.isdisjoint(claims):
        return claims
    return {name: value for name, value in claims.items() if name not in CLAIMS}


def claim_problems(envelope: Envelope, document: Mapping[str, Any], profile: EnvelopeProfile) -> list[Problem]:
    """What is wrong with the claims: their types, and where they contradict the document (``envelope.claims``)."""
    problems = _types(envelope.claims)
    if not envelope.form.data_model:
        return problems + _sd_jwt_vc(envelope)
    hidden = _hidden(envelope) & _NEVER_HIDDEN_MEMBERS
    problems += [_problem(name, f"{name} is never disclosed selectively") for name in sorted(hidden)]
    if "proof" in document:
        problems.append(Problem("envelope.claims", "a document in an envelope has no proof of its own", "/proof"))
    if envelope.version_1_1:
        problems += _frame_1_1(envelope, document, profile)
    elif envelope.claims.keys() & {"vc", "vp"}:
        detail = "the payload of the envelope is the document: there are no vc and vp claims"
        problems.append(Problem("envelope.claims", detail))
    return problems + _contradictions(envelope, document)


def _types(claims: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for name in ("iss", "sub", "jti", "nonce"):
        if name in claims and not isinstance(claims[name], str):
            problems.append(_problem(name, f"{name} is a string"))
    for name in ("iat", "nbf", "exp"):
        if name in claims and (seconds(claims[name]) is None or abs(claims[name]) > _MAX_SECONDS):
            problems.append(_problem(name, f"{name} is a number of seconds since 1970"))
    audience = claims.get("aud", "")
    if not isinstance(audience, str) and not (
        isinstance(audience, list) and audience and all(isinstance(item, str) for item in audience)
    ):
        problems.append(_problem("aud", "aud is a string, or a list of strings"))
    if "cnf" in claims and not isinstance(claims["cnf"], Mapping):
        problems.append(_problem("cnf", "cnf is an object"))
    return problems


def _sd_jwt_vc(envelope: Envelope) -> list[Problem]:
    """SD-JWT VC section 2.2."""
    problems = []
    vct = envelope.claims.get("vct")
    if not isinstance(vct, str) or not vct:
        problems.append(_problem("vct", "an SD-JWT VC names its type (vct)"))
    hidden = _hidden(envelope)
    if not hidden.isdisjoint(_NEVER_HIDDEN):
        wrong = [name for name in _NEVER_HIDDEN if name in hidden]
        problems += [_problem(name, f"{name} is never disclosed selectively") for name in wrong]
    if "status" in envelope.claims and not isinstance(envelope.claims["status"], Mapping):
        problems.append(_problem("status", "status is an object"))
    named = identifier_of(envelope.claims.get("issuer"))
    if named is not None and named != envelope.claims.get("iss", named):  # Somebody might read it and believe it.
        problems.append(_problem("issuer", "the issuer that is named is not iss, who signed"))
    return problems


def _hidden(envelope: Envelope) -> set[str]:
    """What was disclosed selectively, by pointer without its slash: an end that could be hidden is none."""
    if envelope.sd_jwt is None:
        return set()
    revealed = envelope.sd_jwt.revealed
    if revealed.at_top:
        return {str(item[1]) for item in revealed.at_top}
    return {place.pointer[1:] for place in revealed.places}


def _contradictions(envelope: Envelope, document: Mapping[str, Any]) -> list[Problem]:
    claims = envelope.claims
    member = "holder" if envelope.kind == "presentation" else "issuer"
    problems = []
    if "iss" in claims and member in document and identifier_of(document[member]) != claims["iss"]:
        problems.append(_problem("iss", f"iss is not the {member}"))
    if "jti" in claims and document.get("id", claims["jti"]) != claims["jti"]:
        problems.append(_problem("jti", "jti is not the id"))
    subject = document.get("credentialSubject")
    named = subject.get("id") if envelope.kind == "credential" and isinstance(subject, Mapping) else None
    if "sub" in claims and named not in (None, claims["sub"]):
        problems.append(_problem("sub", "sub is not the id of the credentialSubject"))
    return problems


def _document_1_1(envelope: Envelope) -> dict[str, Any]:
    """The ``vc`` or ``vp`` claim with what VCDM 1.1 takes from the other claims.

    Where both ``nbf`` and ``issuanceDate`` (or ``exp`` and ``expirationDate``) are stated, either one ends the matter.
    """
    claims = envelope.claims
    presentation = envelope.kind == "presentation"
    inner = claims.get("vp" if presentation else "vc")
    if not isinstance(inner, Mapping):
        return {}
    document = dict(inner)
    if isinstance(claims.get("jti"), str):
        document.setdefault("id", claims["jti"])
    if presentation:
        if isinstance(claims.get("iss"), str):
            document.setdefault("holder", claims["iss"])
        if "verifiableCredential" in document:
            value = document["verifiableCredential"]
            values = value if isinstance(value, list) else [value]
            document["verifiableCredential"] = [
                enveloped_object(item, "application/jwt") if isinstance(item, str) else item for item in values
            ]
        return document
    if isinstance(claims.get("iss"), str):
        document.setdefault("issuer", claims["iss"])
    subject = document.get("credentialSubject")
    if isinstance(subject, Mapping) and isinstance(claims.get("sub"), str):
        document["credentialSubject"] = {"id": claims["sub"], **subject}
    if _is_1_1(document):
        for claim, member in _DATES_1_1:
            when = seconds(claims.get(claim))
            if when is not None and abs(when) <= _MAX_SECONDS:
                document.setdefault(member, _timestamp(when))
    return document


def _frame_1_1(envelope: Envelope, document: Mapping[str, Any], profile: EnvelopeProfile) -> list[Problem]:
    claims = envelope.claims
    problems = []
    other = claims.keys() & {"@context", "credentialSubject", "verifiableCredential"}
    if not document or other:
        problems.append(Problem("envelope.claims", "the vc or vp claim of a VCDM 1.1 JWT holds the document"))
    elif not _is_1_1(document) and not profile.accepts_claims_around_2_0:
        detail = "vc and vp claims hold documents of VCDM 1.1; one of 2.0 is the payload itself (typ vc+jwt, vp+jwt)"
        problems.append(Problem("envelope.claims", detail))
    return problems


def _is_1_1(document: Mapping[str, Any]) -> bool:
    context = document.get("@context")
    return context == CREDENTIALS_V1 or (isinstance(context, list) and context[:1] == [CREDENTIALS_V1])


def _timestamp(when: float) -> str:
    try:
        return (_EPOCH + timedelta(seconds=int(when // 1))).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return ""


def _problem(name: str, detail: str) -> Problem:
    return Problem("envelope.claims", detail, "/" + name)
