"""Making a card's credential: register rows, status indexes, proof, record and audit entry in one transaction.

A card is issued to a device key: the key's did:key is the subject's id. By default it has an ecdsa-sd-2023 base proof
whose mandatory pointers are the card's always-disclosed claims. An update issues the next version and revokes the one
before it in the same transaction. When the device asks for them, the card has other forms, too (``issuer.forms``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import rfc8785
from sqlalchemy import select

from contexts import CONTEXTS, ContextRegistry
from did import Signer
from did.timestamps import read_datetime
from vc.cards.calendar import day_of
from vc.cards.definition import CARDS, CardDefinition, CardSet
from vc.cards.formats import FORMATS, JSON_LD
from vc.cards.identifiers import LicenceIdentifier
from vc.cards.model import claims_from_record, to_credential, valid_until
from vc.cards.rules import date_at, derived_claims
from vc.problems import ProblemError

from . import lifecycle
from .audit import Act
from .environment import Random, below
from .errors import CardError, StateError
from .forms import secured_as
from .holds import about_phone, check_holds, of_a_phone
from .register import facts, in_region, missing_facts
from .signing import key_needed
from .status_indexes import LIST_SIZE, draw
from .status_purposes import PURPOSES, StatusMessages, entry_at, list_url
from .tables import CardForm, CredentialRecord, Device, Person

__all__ = ["Issuance", "UpdateKind", "Updated"]

_SERIAL_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SERIAL_LENGTH = 16
_ENDORSEMENT = "endorsement/endorsedUntil"
LAPSED = "endorsement-lapsed"


class UpdateKind(StrEnum):
    """What an update did."""

    UNCHANGED = "unchanged"
    """The register says the same and the credential lives long enough."""
    CHANGED = "changed"
    """A new version with other claims; the old one is revoked."""
    RENEWED = "renewed"
    """A new version with the same claims, because the old one was near its end; the old one is revoked."""
    SUSPENDED = "suspended"
    """The yearly endorsement lapsed: suspended until it is endorsed again."""
    REVOKED = "revoked"
    """The holder died or emigrated."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did, and the credential that counts now."""

    kind: UpdateKind
    credential: CredentialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """How an authority issues: its signer, region, issuer's code of GB/T 36904, suite, randomness."""

    signer: Signer
    base_url: str
    region: str
    issuer_code: str
    random: Random
    cryptosuite: str = "ecdsa-sd-2023"
    list_size: int = LIST_SIZE
    purposes: tuple[str, ...] = PURPOSES
    """What each card has a status entry for: revocation and suspension; refresh and message when they are wanted."""
    messages: StatusMessages | None = None
    cards: CardSet = CARDS
    contexts: ContextRegistry = CONTEXTS
    certificates: Sequence[bytes] = ()
    on_step: Callable[[str], None] = lambda step: None
    """Called with the name of each step that was done; for tests that end the process in the middle."""

    def issue(
        self,
        act: Act,
        person: Person,
        card_type: str,
        device: Device,
        envelopes: Collection[str] = (),
        *,
        replaced: int | None = None,
    ) -> CredentialRecord:
        """Issue a card to a device (whose row the caller has locked), version 1 of a new licence.

        ``envelopes`` are what it is issued in beside its JSON-LD form; ``replaced`` is the id of the device whose place
        this one takes, which may be lost. Raises CardError when the register does not support the card, HoldError when
        the authority holds it back, StateError when the device is not in use, is somebody else's, or holds this card
        already.
        """
        definition = self.cards[card_type]
        self.check_holder(person, device)
        check_holds(act.session, person.id, card_type, passes=lambda hold: about_phone(hold, replaced))
        held = select(CredentialRecord.id).where(
            CredentialRecord.device_id == device.id,
            CredentialRecord.card_type == card_type,
            CredentialRecord.state != "revoked",
            CredentialRecord.valid_until > act.at,
        )
        if act.session.execute(held.limit(1)).first():
            raise StateError(
                "card.issued", "该设备已有此证照，请使用更新", "the device holds this card already: update it"
            )
        claims = self._claims(person, definition)
        if self._lapsed(definition, claims, act.at):
            raise CardError("card.lapsed", "签注已过期，请先办理签注", "the endorsement lapsed: have it renewed first")
        return self._make(act, person, device, definition, claims, None, envelopes)

    def update(self, act: Act, credential: CredentialRecord, envelopes: Collection[str] = ()) -> Updated:
        """Bring a credential (locked, as is its device) in line with the register.

        The new version is in the same forms and in ``envelopes``; a credential that is not in these is renewed. Raises
        StateError when it is revoked or superseded, suspended for another cause than a lapsed endorsement, or its
        device is not in use; CardError when the register no longer supports the card.
        """
        definition = self.cards[credential.card_type]
        person, device = credential.person, credential.device
        if credential.state == "revoked":
            raise StateError("credential.revoked", "凭证已吊销", "the credential is revoked")
        if person.life_status != "living":
            lifecycle.revoke(act, credential, person.life_status)
            return Updated(UpdateKind.REVOKED, credential)
        self.check_holder(person, device)
        causes = lifecycle.open_causes(act.session, credential)
        if causes - {LAPSED}:
            raise StateError(
                "credential.suspended", "凭证已暂停，请先恢复", "the credential is suspended: resume it first"
            )
        check_holds(act.session, person.id, definition.type, passes=of_a_phone)
        claims = self._claims(person, definition)
        if self._lapsed(definition, claims, act.at):
            if LAPSED not in causes:
                lifecycle.suspend(act, credential, LAPSED)
            return Updated(UpdateKind.SUSPENDED, credential)
        changed = _claims_digest(definition, claims, act.at) != credential.claims_digest
        present = credential.forms.keys() - {JSON_LD}
        wanted = {*present, *envelopes}
        due = _due(credential, definition, claims, act.at) or not wanted <= present
        if not changed and not causes and not due:
            return Updated(UpdateKind.UNCHANGED, credential)
        successor = self._make(act, person, device, definition, claims, credential, wanted)
        lifecycle.revoke(act, credential, "superseded")
        return Updated(UpdateKind.CHANGED if changed else UpdateKind.RENEWED, successor)

    # --- inside ----------------------------------------------------------------------------------------------------

    def check_holder(self, person: Person, device: Device) -> None:
        """Raises StateError when the device is not in use or somebody else's."""
        if device.state != "active":
            raise StateError("device.state", "设备已报失或注销", "the device is reported lost or retired")
        if device.person_id != person.id:
            raise StateError("device.owner", "设备密钥已绑定他人", "the device's key is bound to somebody else")

    def _claims(self, person: Person, definition: CardDefinition) -> dict[str, Any]:
        if missing_facts(person, definition):
            raise CardError("register.no_record", "登记信息中没有该证照", "the register holds no such card")
        claims = claims_from_record(definition, facts(person, definition))
        agency = claims.get("issuingAgency", {}).get("administrativeDivision", "")
        if not in_region(agency, self.region):
            raise CardError(
                "card.region", "签发机关不在本地区", "the card's agency lies outside this authority's region"
            )
        return claims

    def _lapsed(self, definition: CardDefinition, claims: Mapping[str, Any], now: datetime) -> bool:
        if _ENDORSEMENT not in definition.valid_until_not_after:
            return False
        until = date_at(claims, _ENDORSEMENT)
        return until is not None and until < day_of(now)

    @key_needed
    def _make(
        self,
        act: Act,
        person: Person,
        device: Device,
        definition: CardDefinition,
        claims: dict[str, Any],
        previous: CredentialRecord | None,
        envelopes: Collection[str],
    ) -> CredentialRecord:
        licence = self._licence(definition, previous)
        record = CredentialRecord(
            reference=_serial(self.random, 24),
            card_type=definition.type,
            person=person,
            device=device,
            licence_identifier=str(licence),
            licence_serial=licence.serial,
            licence_version=licence.version,
            supersedes_id=previous.id if previous else None,
            state="active",
            issued_at=act.at,
            valid_from=act.at,
            valid_until=act.at,
            claims_digest=_claims_digest(definition, claims, act.at),
            forms={},
        )
        act.session.add(record)
        act.session.flush()
        self.on_step("record")
        forms = [FORMATS[name] for name in (JSON_LD, *sorted(envelopes))]
        asked = {form.name: form.status_purposes(self.purposes) for form in forms}
        drawn = dict.fromkeys(purpose for purposes in asked.values() for purpose in purposes)
        entries = {purpose: self._status(act, purpose, record.id) for purpose in drawn}
        self.on_step("indexes")
        unsecured = self._credential(definition, {**claims, "licenceIdentifier": str(licence)}, device, act.at)
        record.valid_from, record.valid_until = (
            read_datetime(unsecured[member]) for member in ("validFrom", "validUntil")
        )
        for form in forms:
            content = secured_as(
                form,
                unsecured,
                definition,
                self.signer,
                device_did=device.did,
                status={purpose: entries[purpose] for purpose in asked[form.name]},
                now=act.at,
                random=self.random,
                contexts=self.contexts,
                cryptosuite=self.cryptosuite,
                certificates=self.certificates,
            )
            digest = hashlib.sha256(content.encode()).hexdigest()
            record.forms[form.name] = CardForm(format=form.name, content=content, sha256=digest)
            self.on_step("proof" if form.name == JSON_LD else "envelope")
        act.session.flush()
        act.note(
            "credential.issued",
            f"credential:{record.reference}",
            type=definition.type,
            version=licence.version,
            device=device.id,
            validUntil=unsecured["validUntil"],
            supersedes=previous.reference if previous else None,
            sha256=record.forms[JSON_LD].sha256,
            **({"forms": {name: record.forms[name].sha256 for name in sorted(envelopes)}} if envelopes else {}),
        )
        self.on_step("audit")
        return record

    def _licence(self, definition: CardDefinition, previous: CredentialRecord | None) -> LicenceIdentifier:
        if previous is not None:
            return LicenceIdentifier.parse(previous.licence_identifier).next_version()
        serial = _serial(self.random, _SERIAL_LENGTH)
        return LicenceIdentifier(definition.licence_type_code, self.issuer_code, serial)

    def _status(self, act: Act, purpose: str, credential_id: int) -> dict[str, Any]:
        bits = self.messages.bits if self.messages is not None and purpose == "message" else None
        status_list, position = draw(
            act.session, purpose, credential_id, random=self.random, size=self.list_size, bits=bits
        )
        return entry_at(list_url(self.base_url, purpose, status_list.number), purpose, position, self.messages)

    def _credential(
        self,
        definition: CardDefinition,
        claims: Mapping[str, Any],
        device: Device,
        now: datetime,
    ) -> dict[str, Any]:
        try:
            return to_credential(
                claims,
                issuer=self.signer.did,
                valid_from=now,
                holder_did=device.did,
                definition=definition,
            )
        except ProblemError as error:
            where = "; ".join(f"{problem.pointer} {problem.code}" for problem in error.problems[:5])
            raise CardError(
                error.code,
                f"登记信息不符合证照规则（{where}）",
                f"the register's facts break the card's rules ({where})",
            ) from error


def _serial(random: Random, length: int) -> str:
    return "".join(_SERIAL_ALPHABET[below(random, len(_SERIAL_ALPHABET))] for _ in range(length))


def _claims_digest(definition: CardDefinition, claims: Mapping[str, Any], now: datetime) -> str:
    """The digest of what the card would say today, without the licence identifier, which each version changes."""
    said = {**claims, **derived_claims(definition, claims, day_of(now))}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def _due(credential: CredentialRecord, definition: CardDefinition, claims: Mapping[str, Any], now: datetime) -> bool:
    """Whether the credential is in the last quarter of its life and a new one would live longer."""
    left = credential.valid_until - now
    last = valid_until(definition, claims, day_of(now))
    return left < timedelta(days=definition.lifetime_days) / 4 and last > day_of(credential.valid_until)
