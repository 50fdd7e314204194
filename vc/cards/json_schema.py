"""The JSON Schema (draft 2020-12) of a card's credential, made from its definition.

It holds for a whole credential and for every disclosure of it: only what is always disclosed is required, but a node is
shown wholly or not at all. Which claims an issuer must state is in the definition (``vc.cards.rules`` checks it).
"""

from __future__ import annotations

import json
from typing import Any

from .codes import codes
from .context_document import VCDM
from .definition import CardDefinition, ClaimDefinition, FieldDefinition

__all__ = ["PATTERNS", "json_schema", "schema_bytes"]

PATTERNS = {
    "citizenIdentityNumber": "^[1-9][0-9]{16}[0-9X]$",
    "licenceIdentifier": r"^1\.2\.156\.3005\.2\.[0-9A-Z]{21}\.[0-9A-Z]{18}\.[0-9A-Z]{1,40}\.[0-9]{3}\.[0-9A-Z]$",
    "vehicleIdentificationNumber": "^[A-HJ-NPR-Z0-9]{17}$",
    "date": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "yearMonth": "^[0-9]{4}-(0[1-9]|1[0-2])$",
    "multibase": "^[zu][A-Za-z0-9_-]{1,200}$",
    "dateTimeStamp": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
}
"""The forms of values, as regular expressions that JSON Schema and Python read alike."""

_DIVISION = {"province": "^[0-9]{2}0000$", None: "^[0-9]{6}$"}


def json_schema(card: CardDefinition) -> dict[str, Any]:
    """The schema document of a card."""
    always = sorted(claim.term for claim in card.claims.values() if claim.disclosure == "M")
    properties: dict[str, Any] = {
        "id": {"type": "string", "maxLength": 2048},
        "type": {"enum": [card.subject_type, [card.subject_type]]},
    }
    properties.update({claim.term: _claim(claim) for claim in card.claims.values()})
    moment = {"type": "string", "pattern": PATTERNS["dateTimeStamp"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": card.schema_url,
        "title": f"{card.title.zh} · {card.title.en}",
        "type": "object",
        "properties": {
            "@context": {"const": [VCDM, card.context]},
            "type": {"const": ["VerifiableCredential", card.type]},
            "validFrom": moment,
            "validUntil": moment,
            "credentialSubject": {
                "type": "object",
                "properties": properties,
                "required": ["type", *always],
                "additionalProperties": False,
            },
        },
        "required": ["@context", "type", "issuer", "validFrom", "validUntil", "credentialSubject"],
    }


def schema_bytes(card: CardDefinition) -> bytes:
    """The schema document as the bytes that are kept."""
    return (json.dumps(json_schema(card), ensure_ascii=False, indent=2) + "\n").encode()


def _claim(claim: ClaimDefinition) -> dict[str, Any]:
    one = _node(claim) if claim.fields else _value(claim)
    one = {"title": f"{claim.label.zh} · {claim.label.en}", **one}
    return {"type": "array", "items": one, "minItems": 1, "maxItems": 100} if claim.many else one


def _node(claim: ClaimDefinition) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.term: _value(field) for field in claim.fields},
        "required": [field.term for field in claim.fields if field.required],
        "additionalProperties": False,
    }


def _value(field: FieldDefinition) -> dict[str, Any]:
    if field.datatype == "boolean":
        return {"type": "boolean"} if field.only is None else {"const": field.only}
    if field.datatype == "integer":
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
    if field.values:
        return {"enum": list(field.values)}
    if field.codes == "divisions":
        return {"type": "string", "pattern": _DIVISION.get(field.level, _DIVISION[None])}
    if field.codes is not None:
        return {"enum": sorted(codes(field.codes))}
    pattern = PATTERNS.get(field.format or field.datatype)
    if pattern is not None:
        return {"type": "string", "pattern": pattern}
    return {"type": "string", "minLength": 1, "maxLength": field.max_length}
