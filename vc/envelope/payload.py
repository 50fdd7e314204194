"""The document in an envelope, and whether the claims around it say the same.

VC-JOSE-COSE section 3.1.3; for VC-JWT, VCDM 1.1 section 6.3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..checks.envelope_policies import VCDM2_IN_VC_CLAIM, allowing
from ..checks.envelope_profile import EnvelopeProfile
from ..model import CREDENTIALS_V1, CREDENTIALS_V2
from ..problems import Problem
from .agreement import MAX_SECONDS, agreement_problems, hidden_problems, timestamp
from .reading import Envelope
from .sd_jwt import seconds

__all__ = ["CLAIMS", "claim_problems", "document_of", "enveloped_object"]

CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
"""Claims about the envelope that may stand beside the members of the document (RFC 7519, RFC 7800)."""

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
    if problems:
        return problems
    problems += hidden_problems(envelope)
    if not envelope.form.data_model:
        return problems + _sd_jwt_vc(envelope) + agreement_problems(envelope, document)
    if "proof" in document:
        problems.append(Problem("envelope.claims", "a document in an envelope has no proof of its own", "/proof"))
    if envelope.version_1_1:
        problems += _frame_1_1(envelope, document, profile)
    elif envelope.claims.keys() & {"vc", "vp"}:
        detail = "the payload of the envelope is the document: there are no vc and vp claims"
        problems.append(Problem("envelope.claims", detail))
    return problems + agreement_problems(envelope, document)


def _types(claims: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for name in ("iss", "sub", "jti", "nonce"):
        if name in claims and not isinstance(claims[name], str):
            problems.append(_problem(name, f"{name} is a string"))
    for name in ("iat", "nbf", "exp"):
        if name in claims and (seconds(claims[name]) is None or abs(claims[name]) > MAX_SECONDS):
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
    if "status" in envelope.claims and not isinstance(envelope.claims["status"], Mapping):
        problems.append(_problem("status", "status is an object"))
    return problems


def _document_1_1(envelope: Envelope) -> dict[str, Any]:
    """The ``vc`` or ``vp`` claim with what VCDM 1.1 takes from the other claims.

    Where both a claim and a member are stated, ``agreement_problems`` compares them.
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
        issuer = document.setdefault("issuer", claims["iss"])
        if isinstance(issuer, Mapping) and "id" not in issuer:
            document["issuer"] = {"id": claims["iss"], **issuer}
    subject = document.get("credentialSubject")
    one = subject[0] if isinstance(subject, list) and len(subject) == 1 else subject
    if isinstance(one, Mapping) and isinstance(claims.get("sub"), str) and "id" not in one:
        filled = {"id": claims["sub"], **one}
        document["credentialSubject"] = [filled] if isinstance(subject, list) else filled
    if _is_1_1(document):
        for claim, member in _DATES_1_1:
            when = seconds(claims.get(claim))
            if when is not None and abs(when) <= MAX_SECONDS:
                document.setdefault(member, timestamp(when))
    return document


def _frame_1_1(envelope: Envelope, document: Mapping[str, Any], profile: EnvelopeProfile) -> list[Problem]:
    if not document:
        return [Problem("envelope.claims", "the vc or vp claim of a VCDM 1.1 JWT holds the document")]
    if not _is_1_1(document) and not profile.accepts_claims_around_2_0:
        detail = "vc and vp claims hold documents of VCDM 1.1; one of 2.0 is the payload itself (typ vc+jwt, vp+jwt)"
        return [Problem("envelope.claims", detail + allowing(VCDM2_IN_VC_CLAIM))]
    return []


def _is_1_1(document: Mapping[str, Any]) -> bool:
    context = document.get("@context")
    return context == CREDENTIALS_V1 or (isinstance(context, list) and context[:1] == [CREDENTIALS_V1])


def _problem(name: str, detail: str) -> Problem:
    return Problem("envelope.claims", detail, "/" + name)
