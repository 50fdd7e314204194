"""From a typed model to a credential and back, with the derived claims and every consistency rule of the card.

    card = models.ResidentIdentityCard(name=..., birth_date=date(2000, 1, 31), ...)
    credential = to_credential(card, issuer="did:web:...", valid_from=now, holder_did=device.did, status=[...])
    from_credential(credential) == card

A card that is only data (no class in ``vc.cards.models``) gets its class from ``model_class``. ``claims_from_record``
makes a card's claims from a register's record by the definition's ``source``.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from vc.problems import Problem, ProblemError

from . import models
from .calendar import day_of, first_moment, last_moment, parse_date, parse_moment
from .context_document import VCDM
from .definition import CARDS, CardDefinition, CardSet, ClaimDefinition, FieldDefinition
from .display import claims_of
from .rules import check_derived, check_rules, date_at, derived_claims
from .typed_models import attribute, class_name
from .values import check_values

__all__ = [
    "check_credential",
    "claims_from_record",
    "from_claims",
    "from_credential",
    "model_class",
    "to_claims",
    "to_credential",
    "valid_until",
]

Claims = Mapping[str, Any]


def to_credential(
    card: object,
    *,
    issuer: str | Mapping[str, Any],
    valid_from: datetime.date,
    holder_did: str | None = None,
    status: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    definition: CardDefinition | None = None,
    credential_id: str | None = None,
) -> dict[str, Any]:
    """The unsecured credential (VCDM 2.0) of a card, with its derived claims as of the first day.

    ``card`` is a typed model, or the claims as a mapping together with ``definition``. ``valid_from`` is a day in China
    or an aware datetime; the credential begins at that day's first moment and lives for the card's lifetime, but never
    longer than the card itself. ``holder_did`` is the device key's DID, None for credentials bound in another way.

    Raises ProblemError with every problem of values, rules and validity, each with its JSON pointer.
    """
    definition = definition or _definition_of(type(card))
    stated = dict(card) if isinstance(card, Mapping) else to_claims(card)
    first = day_of(valid_from) if isinstance(valid_from, datetime.datetime) else valid_from
    claims = {**stated, **derived_claims(definition, stated, first)}
    problems = check_values(definition, claims) + check_rules(definition, claims)
    problems += check_derived(definition, stated, first)
    last = valid_until(definition, claims, first)
    if last < first:
        problems.append(
            Problem("card.validity", "the card itself has ended before the credential begins", "/validUntil")
        )
    problems += _not_yet(definition, claims, first)
    if problems:
        raise ProblemError(*problems)
    subject: dict[str, Any] = {} if holder_did is None else {"id": holder_did}
    subject["type"] = definition.subject_type
    subject.update({term: claims[term] for term in definition.claims if term in claims})
    credential: dict[str, Any] = {"@context": [VCDM, definition.context]}
    if credential_id is not None:
        credential["id"] = credential_id
    credential["type"] = ["VerifiableCredential", definition.type]
    credential["issuer"] = issuer if isinstance(issuer, str) else dict(issuer)
    credential["validFrom"] = first_moment(first)
    credential["validUntil"] = last_moment(last)
    if status:
        credential["credentialStatus"] = dict(status) if isinstance(status, Mapping) else [dict(e) for e in status]
    credential["credentialSchema"] = {"id": definition.schema_url, "type": "JsonSchema"}
    credential["credentialSubject"] = subject
    return credential


def from_credential(credential: Mapping[str, Any], *, cards: CardSet = CARDS) -> Any:
    """The typed model of a whole credential (not of a disclosure of some claims).

    Raises ProblemError with every problem: ``card.unknown``, ``card.form``, and those of values, rules and derived
    claims.
    """
    problems = check_credential(credential, cards=cards, complete=True)
    if problems:
        raise ProblemError(*problems)
    definition = cards.of_credential(credential)
    assert definition is not None
    return from_claims(definition, claims_of(credential))


def check_credential(credential: Mapping[str, Any], *, cards: CardSet = CARDS, complete: bool = False) -> list[Problem]:
    """What is wrong with a card credential, or with a disclosure of one when ``complete`` is False. Never raises.

    Codes: ``card.unknown``, ``card.form`` for contexts and subject type, those of ``check_values`` and ``check_rules``,
    ``card.inconsistent`` for derived claims.
    """
    definition = cards.of_credential(credential)
    if definition is None:
        return [Problem("card.unknown", "the type names no card that is known here", "/type")]
    problems = []
    if credential.get("@context") != [VCDM, definition.context]:
        problems.append(Problem("card.form", f"the contexts are {VCDM} and {definition.context}", "/@context"))
    subject = credential.get("credentialSubject")
    if not isinstance(subject, Mapping):
        return [*problems, Problem("card.form", "a card has one subject", "/credentialSubject")]
    if subject.get("type") not in (definition.subject_type, [definition.subject_type]):
        detail = f"the subject's type is {definition.subject_type}"
        problems.append(Problem("card.form", detail, "/credentialSubject/type"))
    claims = claims_of(credential)
    found = check_values(definition, claims, complete=complete)
    problems += found
    moment = parse_moment(credential.get("validFrom"))
    if moment is None:
        problems.append(Problem("card.form", "a card has validFrom with a time zone", "/validFrom"))
    elif not found:
        problems += check_rules(definition, claims, complete=complete)
        problems += check_derived(definition, claims, day_of(moment))
    return problems


def valid_until(definition: CardDefinition, claims: Claims, first: datetime.date) -> datetime.date:
    """The last day of a credential that begins on ``first``: its lifetime's end, or the card's own when sooner."""
    ends = [first + datetime.timedelta(days=definition.lifetime_days - 1)]
    ends += [day for path in definition.valid_until_not_after if (day := date_at(claims, path)) is not None]
    return min(ends)


def claims_from_record(definition: CardDefinition, record: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of a card from a register's record: column -> value, by the definition's ``source``.

    Dates may be ``date`` or text; None and empty values are left out, as is a node without any value. A claim that is
    true or absent is left out when false. Nothing is checked here: ``to_credential`` does.
    """
    claims: dict[str, Any] = {}
    for claim in definition.claims.values():
        if isinstance(claim.source, str):
            value = _plain(record.get(claim.source))
        elif claim.source is not None:
            fields = {field.term: _plain(record.get(claim.source.get(field.term, ""))) for field in claim.fields}
            value = {term: entry for term, entry in fields.items() if entry not in (None, "")}
        else:
            continue
        if value in (None, "", [], {}) or (claim.only is True and value is False):
            continue
        claims[claim.term] = value if not claim.many or isinstance(value, list) else [value]
    return claims


def to_claims(card: object) -> dict[str, Any]:
    """The claims that a typed model states, as JSON values in the order of the definition; None is left out."""
    definition = _definition_of(type(card))
    claims: dict[str, Any] = {}
    for claim in definition.claims.values():
        if claim.derive is None:
            value = getattr(card, attribute(claim.term))
            if value is not None and value != ():
                claims[claim.term] = [_json(claim, v) for v in value] if claim.many else _json(claim, value)
    return claims


def from_claims(definition: CardDefinition, claims: Claims) -> Any:
    """The typed model for claims that have been checked; derived claims are not part of it."""
    values: dict[str, Any] = {}
    for claim in definition.claims.values():
        if claim.derive is None and claim.term in claims:
            value = claims[claim.term]
            values[attribute(claim.term)] = (
                tuple(_python(definition, claim, v) for v in value) if claim.many else _python(definition, claim, value)
            )
    return model_class(definition)(**values)


@cache
def model_class(definition: CardDefinition) -> type[Any]:
    """The class of a card's typed models: of ``vc.cards.models``, or made from a definition that is only data."""
    found = _written(definition, class_name(definition))
    if found is None:
        found = _dataclass(class_name(definition), [c for c in definition.claims.values() if c.derive is None])
    _DEFINITIONS[found] = definition
    return found


@cache
def _node_class(definition: CardDefinition, term: str) -> type[Any]:
    claim = definition.claims[term]
    return _written(definition, claim.node or "") or _dataclass(claim.node or "", claim.fields)


def _written(definition: CardDefinition, name: str) -> type[Any] | None:
    """The class of that name in ``vc.cards.models``, when the definition is an installed one."""
    found: type[Any] | None = getattr(models, name, None) if CARDS.get(definition.type) is definition else None
    return found


_DEFINITIONS: dict[type[Any], CardDefinition] = {}


def _definition_of(cls: type[Any]) -> CardDefinition:
    if cls not in _DEFINITIONS:
        for definition in CARDS.values():
            model_class(definition)
    if cls not in _DEFINITIONS:
        raise TypeError(f"{cls.__name__} is no model of a card; claims as a mapping need definition=")
    return _DEFINITIONS[cls]


def _dataclass(name: str, fields: Sequence[FieldDefinition]) -> type[Any]:
    members: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in fields:
        many = isinstance(field, ClaimDefinition) and field.many
        if field.required:
            members.append((attribute(field.term), Any))
        else:
            members.append((attribute(field.term), Any, dataclasses.field(default=() if many else None)))
    return dataclasses.make_dataclass(name, members, frozen=True, slots=True, kw_only=True)


def _json(field: FieldDefinition, value: Any) -> Any:
    if isinstance(field, ClaimDefinition) and field.fields:
        members = {inner.term: getattr(value, attribute(inner.term), None) for inner in field.fields}
        return {term: _plain(entry) for term, entry in members.items() if entry is not None}
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return day_of(value).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items() if entry not in (None, "")}
    return value


def _python(definition: CardDefinition, field: FieldDefinition, value: Any) -> Any:
    if isinstance(field, ClaimDefinition) and field.fields:
        members = {f.term: f for f in field.fields}
        cls = _node_class(definition, field.term)
        return cls(**{attribute(term): _python(definition, members[term], v) for term, v in value.items()})
    return parse_date(value) if field.datatype == "date" else value


def _not_yet(definition: CardDefinition, claims: Claims, first: datetime.date) -> list[Problem]:
    """A credential does not begin before its holder's birth or before the card itself is valid."""
    problems = []
    for claim in definition.claims.values():
        day = date_at(claims, claim.term)
        if day is not None and day > first and (claim.validity == "from" or claim.term == "birthDate"):
            problems.append(Problem("card.validity", "it is after the credential's first day", claim.pointer))
    return problems
