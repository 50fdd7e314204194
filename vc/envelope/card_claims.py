"""The cards as SD-JWT VCs: the same card model, beside the JSON-LD form, bound to the same device key.

The claims of a card stand at the top of the payload under their terms. What the JSON-LD credential says of itself
becomes the registered claims: ``issuer`` → ``iss`` (and ``issuer``, when it is an object), ``validFrom`` → ``nbf``,
``validUntil`` → ``exp``, ``id`` → ``jti``, the subject's ``id`` → ``sub``; ``credentialStatus`` stays what it is.
``to_credential`` is the way back, so that ``vc.cards.from_credential`` gives the same model for either form.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ..cards import CARDS, CardDefinition, claims_of
from ..cards.calendar import CHINA
from ..cards.context_document import VCDM
from ..model import identifier_of, moment
from ..problems import Problem, ProblemError
from .jws import dumps

__all__ = ["card_of_vct", "definition_of", "disclosable", "to_claims", "to_credential", "type_metadata", "vct_of"]

_REGISTERED: Final = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "vct", "vct#integrity", "status", "issuer"}
    | {"credentialStatus"}
)


def vct_of(card: CardDefinition) -> str:
    """The type of a card's SD-JWT VC: a URL beside the card's context, with the same version."""
    base, version = card.context.rsplit("/", 1)
    return f"{base.split('/contexts/', 1)[0]}/credentials/{version}/{card.type}"


def card_of_vct(vct: object) -> CardDefinition | None:
    """The card that a ``vct`` names, or None."""
    return _by_vct().get(vct) if isinstance(vct, str) else None


def definition_of(credential: Mapping[str, Any]) -> CardDefinition:
    """The card of a credential. Raises ProblemError (card.unknown)."""
    card = CARDS.of_credential(credential)
    if card is None:
        raise ProblemError(Problem("card.unknown", "the type names no card that is known here", "/type"))
    return card


def to_claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a card's SD-JWT VC, without ``iat`` and ``cnf``, from its unsecured JSON-LD credential.

    Raises ProblemError: not a card, more than one subject, a date that can't be read.
    """
    card = definition_of(credential)
    subject = credential.get("credentialSubject")
    issuer = identifier_of(credential.get("issuer"))
    if not isinstance(subject, Mapping) or issuer is None:
        raise ProblemError(Problem("card.form", "a card has an issuer and one subject", "/credentialSubject"))
    claims: dict[str, Any] = {"vct": vct_of(card), "iss": issuer}
    if isinstance(credential["issuer"], Mapping):
        claims["issuer"] = dict(credential["issuer"])
    for member, name in (("validFrom", "nbf"), ("validUntil", "exp")):
        if member in credential:
            claims[name] = _seconds(credential[member], member)
    for name, value in (("jti", credential.get("id")), ("sub", subject.get("id"))):
        if value is not None:
            claims[name] = value
    if "credentialStatus" in credential:
        claims["credentialStatus"] = credential["credentialStatus"]
    claims.update(claims_of(credential))
    return claims


def to_credential(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON-LD credential (unsecured) that the processed payload of a card's SD-JWT VC stands for.

    For reading the claims of either form in one way; it is not what was signed. Raises ProblemError: ``card.unknown``,
    ``envelope.claims`` for a time that is none and for an ``issuer`` who is not ``iss``, whose key signed.
    """
    card = card_of_vct(claims.get("vct"))
    if card is None:
        raise ProblemError(Problem("card.unknown", "the vct names no card that is known here", "/vct"))
    credential: dict[str, Any] = {"@context": [VCDM, card.context]}
    if "jti" in claims:
        credential["id"] = claims["jti"]
    credential["type"] = ["VerifiableCredential", card.type]
    credential["issuer"] = claims.get("issuer", claims.get("iss"))
    if identifier_of(credential["issuer"]) != claims.get("iss"):
        raise ProblemError(Problem("envelope.claims", "the issuer is not the one who signed (iss)", "/issuer"))
    for name, member in (("nbf", "validFrom"), ("exp", "validUntil")):
        if name in claims:
            credential[member] = _text(claims[name], name)
    if "credentialStatus" in claims:
        credential["credentialStatus"] = claims["credentialStatus"]
    credential["credentialSchema"] = {"id": card.schema_url, "type": "JsonSchema"}
    subject: dict[str, Any] = {"id": claims["sub"]} if "sub" in claims else {}
    subject["type"] = card.subject_type
    subject.update({term: claims[term] for term in card.claims if term in claims})
    credential["credentialSubject"] = subject
    return credential


def disclosable(card: CardDefinition, claims: Mapping[str, Any]) -> list[str]:
    """JSON pointers of what is selectively disclosable: the claims that are not always shown."""
    return [f"/{claim.term}" for claim in card.claims.values() if claim.disclosure != "M" and claim.term in claims]


@cache
def type_metadata(card: CardDefinition) -> bytes:
    """The type metadata (SD-JWT VC section 4) of a card, as published; ``integrity_of`` gives its digest."""
    entries = []
    for claim in card.claims.values():
        display = [{"locale": "zh-CN", "label": claim.label.zh}, {"locale": "en", "label": claim.label.en}]
        selective = "never" if claim.disclosure == "M" else "always"
        entries.append({"path": [claim.term], "display": display, "sd": selective})
    document = {
        "vct": vct_of(card),
        "name": card.title.en,
        "display": [{"locale": "zh-CN", "name": card.title.zh}, {"locale": "en", "name": card.title.en}],
        "claims": entries,
    }
    return dumps(document)


@cache
def _by_vct() -> dict[str, CardDefinition]:
    found = {vct_of(card): card for card in CARDS.every()}
    for card in CARDS.every():
        if not _REGISTERED.isdisjoint(card.claims):
            raise ValueError(f"{card.type} has a claim whose name is registered for SD-JWT VCs")
    return found


def _seconds(value: Any, member: str) -> int:
    try:
        return moment(value).seconds
    except ValueError:
        raise ProblemError(Problem("model.date_time", f"{member} is not a date and time", "/" + member)) from None


def _text(when: Any, name: str) -> str:
    try:
        if type(when) is bool:
            raise TypeError
        return datetime.datetime.fromtimestamp(when, CHINA).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        raise ProblemError(
            Problem("envelope.claims", f"{name} is a number of seconds since 1970", "/" + name)
        ) from None
