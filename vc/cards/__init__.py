"""The licences as data: definitions, code lists, identifiers, typed models, portraits, the message that carries them.

cards.CARDS["ResidentIdentityCardCredential"]        what a card is
cards.to_credential(model, issuer=..., ...)          typed model -> credential, with its derived claims
cards.from_credential(credential)                    and back
cards.display(credential, "zh")                      labels and values for people
cards.message.build(presentation, portraits)         what a wallet sends
"""

from __future__ import annotations

from . import calendar, codes, identifiers, message, models, portrait
from .context_document import register_contexts
from .definition import (
    CARDS,
    CardDefinition,
    CardSet,
    ClaimDefinition,
    DefinitionError,
    FieldDefinition,
    Label,
    definition,
    load,
    selective_pointers,
)
from .display import DisplayedClaim, claims_of, display, labels
from .enveloping import issue_enveloped
from .model import (
    check_credential,
    claims_from_record,
    from_claims,
    from_credential,
    model_class,
    to_claims,
    to_credential,
)
from .rules import check_household, derived_claims
from .schema_store import registered_schema
from .shown import check_claims_shown, check_presentation_shown, check_shown

__all__ = [
    "CARDS",
    "CardDefinition",
    "CardSet",
    "ClaimDefinition",
    "DefinitionError",
    "DisplayedClaim",
    "FieldDefinition",
    "Label",
    "calendar",
    "check_claims_shown",
    "check_credential",
    "check_household",
    "check_presentation_shown",
    "check_shown",
    "claims_from_record",
    "claims_of",
    "codes",
    "definition",
    "derived_claims",
    "display",
    "from_claims",
    "from_credential",
    "identifiers",
    "issue_enveloped",
    "labels",
    "load",
    "message",
    "model_class",
    "models",
    "portrait",
    "register_contexts",
    "registered_schema",
    "selective_pointers",
    "to_claims",
    "to_credential",
]
