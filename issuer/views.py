"""What an authority hands out: a card for a wallet, and a credential's record without personal data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from did import multibase
from vc.cards.formats import JSON_LD
from vc.cards.portrait import JPEG, digest_multibase

from .environment import rfc3339
from .lifecycle import open_causes
from .tables import CredentialRecord

__all__ = ["CredentialView", "IssuedCard", "credential_view", "issued_card"]


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A credential for a wallet: the secured document, and portraits beside it (digestMultibase -> JPEG bytes).

    ``envelopes`` has the same card in other formats (``vc.cards.formats``): name -> text.
    """

    reference: str
    card_type: str
    document: Mapping[str, Any] = field(repr=False)
    attachments: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    envelopes: Mapping[str, str] = field(repr=False, default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON: credential, attachments and envelopes, in the form that wallets add."""
        found = {
            "reference": self.reference,
            "type": self.card_type,
            "credential": dict(self.document),
            "attachments": {
                digest: {"mediaType": JPEG, "data": multibase.encode_base64url(content)}
                for digest, content in self.attachments.items()
            },
        }
        return {**found, "envelopes": dict(self.envelopes)} if self.envelopes else found


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A credential's record, without personal data."""

    reference: str
    card_type: str
    licence_version: int
    state: str
    causes: tuple[str, ...]
    valid_until: str
    device: str

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON."""
        return {
            "credential": self.reference,
            "type": self.card_type,
            "licenceVersion": self.licence_version,
            "state": self.state,
            "causes": list(self.causes),
            "validUntil": self.valid_until,
            "device": self.device,
        }


def issued_card(record: CredentialRecord) -> IssuedCard:
    """The card of a record whose document is kept, with the portrait that it names."""
    document: dict[str, Any] = json.loads(record.form(JSON_LD) or "{}")
    portrait = record.person.portrait
    claim = document.get("credentialSubject", {}).get("portrait")
    attachments = {}
    if claim is not None and portrait is not None and digest_multibase(portrait.data) == claim["digestMultibase"]:
        attachments[portrait.digest] = portrait.data
    envelopes = {name: kept.content for name, kept in record.forms.items() if name != JSON_LD}
    return IssuedCard(record.reference, record.card_type, document, attachments, envelopes)


def credential_view(session: Session, record: CredentialRecord) -> CredentialView:
    """The record as it stands."""
    return CredentialView(
        reference=record.reference,
        card_type=record.card_type,
        licence_version=record.licence_version,
        state=record.state,
        causes=tuple(sorted(open_causes(session, record))),
        valid_until=rfc3339(record.valid_until),
        device=record.device.did,
    )
