"""The licences as data: definitions, code lists, identifiers, typed models, portraits, the message that carries them.

cards.CARDS["ResidentIdentityCardCredential"]        what a card is
cards.to_credential(model, issuer=..., ...)          typed model -> credential, with its derived claims
cards.from_credential(credential)                    and back
cards.display(credential, "zh")                      labels and values for people
cards.message.build(presentation, portraits)         what a wallet sends
"""

from __future__ import annotations

from . import message, portrait
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

__all__ = [
    "CARDS",
    "CardDefinition",
    "CardSet",
    "ClaimDefinition",
    "DefinitionError",
    "DisplayedClaim",
    "FieldDefinition",
    "Label",
    "claims_of",
    "definition",
    "display",
    "labels",
    "load",
    "message",
    "portrait",
    "selective_pointers",
]
