"""Cards in the wallet: credentials with their issuer's (base) proof, and the portraits that belong to them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contexts import CONTEXTS, ContextRegistry
from did.timestamps import read_datetime
from vc.cards import CARDS, CardDefinition, CardSet, Label
from vc.cards.calendar import parse_moment
from vc.cards.display import DisplayedClaim, claims_of, display
from vc.cards.formats import FORMATS, JSON_LD
from vc.cards.identifiers import LicenceIdentifier
from vc.cards.model import check_credential
from vc.cards.portrait import check_portrait, digest_multibase
from vc.model import validity_period
from vc.problems import ProblemError

from .database import transaction
from .errors import CardRefused, CardUnknown
from .forms import check_form
from .keystore import system_clock
from .sealing import Random
from .usage_log import UsageLog
from .vault import Vault

if TYPE_CHECKING:
    from did import Resolver

__all__ = ["MAX_CARDS", "Card", "CardSource", "CardStore"]

MAX_CARDS = 100
_MAX_CREDENTIAL = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CardSource:
    """Where a card came from: the issuer's base URL, and the name that the issuer gave the card."""

    base_url: str
    reference: str


@dataclass(frozen=True, slots=True)
class Card:
    """One card. ``id`` names it in this wallet only; ``issuer_checked``: its issuer's key was not out of reach.

    ``source`` is None for a card that came as a file. ``forms`` are the same card in other formats
    (``vc.cards.formats``) that came along: name -> text.
    """

    id: str
    credential: Mapping[str, Any] = field(repr=False)
    definition: CardDefinition = field(repr=False)
    added: datetime
    issuer_checked: bool
    source: CardSource | None = None
    forms: Mapping[str, str] = field(repr=False, default_factory=dict)

    def held_as(self, name: str) -> str | Mapping[str, Any] | None:
        """The card in the format of that name; None where it did not come in it."""
        return self.credential if name == JSON_LD else self.forms.get(name)

    @property
    def definitions(self) -> CardSet:
        """Its definition, for what takes sets of them."""
        return CardSet({self.definition.type: self.definition})

    @property
    def type(self) -> str:
        """The credential type, such as ``ResidentIdentityCardCredential``."""
        return self.definition.type

    @property
    def title(self) -> Label:
        """The name of the card in both languages."""
        return self.definition.title

    @property
    def issuer(self) -> str:
        """The issuer's DID."""
        issuer = self.credential["issuer"]
        return str(issuer["id"] if isinstance(issuer, Mapping) else issuer)

    @property
    def claims(self) -> dict[str, Any]:
        """term -> value."""
        return claims_of(self.credential)

    @property
    def valid_from(self) -> datetime | None:
        """Start of the electronic credential's validity."""
        return parse_moment(self.credential.get("validFrom"))

    @property
    def valid_until(self) -> datetime | None:
        """End of the electronic credential's validity; None for one without an end."""
        return parse_moment(self.credential.get("validUntil"))

    def valid_at(self, now: datetime) -> bool:
        """Whether the electronic credential is within its validity."""
        return not validity_period(self.credential, now=now, skew=timedelta(0))

    def display(self, language: str = "zh") -> list[DisplayedClaim]:
        """Label and reading of each claim in ``zh`` or ``en``."""
        return display(self.credential, language, cards=self.definitions)


class CardStore:
    """The cards of one opened wallet."""

    def __init__(
        self,
        vault: Vault,
        log: UsageLog,
        device: str,
        *,
        clock: Callable[[], datetime] = system_clock,
        random: Random,
        definitions: CardSet = CARDS,
        contexts: ContextRegistry = CONTEXTS,
    ) -> None:
        self._vault = vault
        self._log = log
        self._device = device
        self._clock = clock
        self._random = random
        self._definitions = definitions
        self._contexts = contexts

    def all(self) -> list[Card]:
        """Every card, in the order in which they came in."""
        rows = self._vault.connection.execute("SELECT id, sealed FROM cards ORDER BY number").fetchall()
        return [self._read(card_id, sealed) for card_id, sealed in rows]

    def get(self, card_id: str) -> Card:
        """One card. Raises CardUnknown."""
        row = self._vault.connection.execute("SELECT id, sealed FROM cards WHERE id = ?", (card_id,)).fetchone()
        if row is None:
            raise CardUnknown(card_id)
        return self._read(*row)

    def attachments(self, card_id: str) -> dict[str, bytes]:
        """The pictures of one card: digestMultibase -> bytes. Raises CardUnknown."""
        row = self._vault.connection.execute("SELECT attachments FROM cards WHERE id = ?", (card_id,)).fetchone()
        if row is None:
            raise CardUnknown(card_id)
        kept = json.loads(self._vault.unseal(row[0], f"cards/{card_id}/attachments"))
        return {digest: base64.b64decode(data) for digest, data in kept.items()}

    def add(
        self,
        credential: Mapping[str, Any],
        attachments: Iterable[bytes] = (),
        *,
        source: CardSource | None = None,
        forms: Mapping[str, str] | None = None,
        resolver: Resolver | None = None,
    ) -> Card:
        """Take a card in. Raises CardRefused when it is not one for this device, in order, properly signed and new."""
        kept = list(attachments)
        with transaction(self._vault.connection) as connection:
            present = self.all()
            if len(present) >= MAX_CARDS:
                raise CardRefused(f"the wallet holds {MAX_CARDS} cards at most", f"卡包最多存放 {MAX_CARDS} 张卡")
            if any(card.credential == credential for card in present):
                raise CardRefused("this card is in the wallet already", "卡包中已有此卡")
            card = self._admit(credential, kept, self._random(4).hex(), source, forms or {}, resolver)
            connection.execute(
                "INSERT INTO cards (id, sealed, attachments) VALUES (?, ?, ?)", (card.id, *self._seal(card, kept))
            )
            self._log.append_in_transaction("card-added", card=_summary(card))
        return card

    def update(
        self,
        card_id: str,
        credential: Mapping[str, Any],
        attachments: Iterable[bytes] = (),
        *,
        source: CardSource | None = None,
        forms: Mapping[str, str] | None = None,
        resolver: Resolver | None = None,
    ) -> Card:
        """Put a newer version in the place of a card: both or neither. The id stays.

        Raises CardUnknown, or CardRefused for another kind of card or an older one, and as ``add`` does.
        """
        kept = list(attachments)
        with transaction(self._vault.connection) as connection:
            old = self.get(card_id)
            card = self._admit(credential, kept, card_id, source or old.source, forms or {}, resolver)
            if card.type != old.type or card.issuer != old.issuer:
                raise CardRefused("an update is of the same kind and issuer", "更新的卡须为同一种类、同一签发机关")
            if old.valid_from is not None and (card.valid_from is None or card.valid_from < old.valid_from):
                raise CardRefused("the card in the wallet is newer", "卡包中的卡更新")
            connection.execute(
                "UPDATE cards SET sealed = ?, attachments = ? WHERE id = ?", (*self._seal(card, kept), card_id)
            )
            self._log.append_in_transaction("card-updated", card=_summary(card))
        return card

    def remove(self, card_id: str) -> None:
        """Take a card out for good. Raises CardUnknown."""
        with transaction(self._vault.connection) as connection:
            card = self.get(card_id)
            connection.execute("DELETE FROM cards WHERE id = ?", (card_id,))
            self._log.append_in_transaction("card-removed", card=_summary(card))

    def previous(self, credential: Mapping[str, Any]) -> Card | None:
        """The card in the wallet of which ``credential`` is another version (same licence identifier), or None."""
        licence = _licence(credential)
        return next((card for card in self.all() if licence and _licence(card.credential) == licence), None)

    def personal(self) -> list[str]:
        """The identity numbers and birth dates on the cards, for the PIN rules."""
        terms = ("citizenIdentityNumber", "drivingLicenceNumber", "birthDate")
        found = [card.claims.get(term) for card in self.all() for term in terms]
        return [value for value in found if isinstance(value, str)]

    def _admit(
        self,
        credential: Mapping[str, Any],
        attachments: list[bytes],
        card_id: str,
        source: CardSource | None,
        forms: Mapping[str, str],
        resolver: Resolver | None,
    ) -> Card:
        definition = self._definitions.of_credential(credential)
        if definition is None:
            raise CardRefused("the wallet does not know this kind of card", "卡包不认识此类卡")
        subject = credential.get("credentialSubject")
        if not isinstance(subject, Mapping) or subject.get("id") != self._device:
            raise CardRefused("the card is bound to another device", "该卡绑定于另一设备")
        now = self._clock()
        checked = _check_proof(credential, now, resolver, self._contexts)
        for name, held in forms.items():
            checked = self._check_form(name, held, credential, now, resolver) and checked
        card = Card(card_id, dict(credential), definition, now, checked, source, dict(forms))
        problems = check_credential(credential, cards=self._definitions, complete=True)
        if problems:
            codes = ", ".join(f"{problem.code} {problem.pointer}" for problem in problems[:5])
            raise CardRefused(f"the card is not in order: {codes}", f"该卡内容有误：{codes}")
        if any(problem.code != "period.not_yet" for problem in validity_period(credential, now=now, skew=timedelta(0))):
            raise CardRefused("the card has expired", "该卡已过有效期")
        _check_attachments(card, attachments)
        return card

    def _check_form(
        self, name: str, held: str, credential: Mapping[str, Any], now: datetime, resolver: Resolver | None
    ) -> bool:
        form = FORMATS.asked_for(name)
        if form is None:
            raise CardRefused(f"the wallet does not know the format {name[:80]}", f"卡包不认识 {name[:80]} 形式")
        return check_form(
            form,
            held,
            credential,
            self._device,
            now=now,
            resolver=resolver,
            contexts=self._contexts,
            cards=self._definitions,
        )

    def _seal(self, card: Card, attachments: list[bytes]) -> tuple[bytes, bytes]:
        record: dict[str, Any] = {
            "credential": card.credential,
            "added": card.added.astimezone(UTC).isoformat(),
            "issuerChecked": card.issuer_checked,
        }
        if card.source is not None:
            record["source"] = [card.source.base_url, card.source.reference]
        if card.forms:
            record["forms"] = dict(card.forms)
        kept = {digest_multibase(content): base64.b64encode(content).decode() for content in attachments}
        return (
            self._vault.seal(json.dumps(record, ensure_ascii=False).encode(), f"cards/{card.id}"),
            self._vault.seal(json.dumps(kept).encode(), f"cards/{card.id}/attachments"),
        )

    def _read(self, card_id: str, sealed: bytes) -> Card:
        record = json.loads(self._vault.unseal(sealed, f"cards/{card_id}"))
        credential = record["credential"]
        definition = self._definitions.of_credential(credential)
        if definition is None:
            raise CardRefused("the wallet no longer knows this kind of card", "卡包不再支持此类卡")
        source = CardSource(*record["source"]) if "source" in record else None
        added = read_datetime(record["added"])
        return Card(
            card_id, credential, definition, added, bool(record["issuerChecked"]), source, record.get("forms", {})
        )


def _check_proof(
    credential: Mapping[str, Any], now: datetime, resolver: Resolver | None, contexts: ContextRegistry
) -> bool:
    """Whether the issuer's signature holds over every claim; False when the issuer's key is out of reach.

    Raises CardRefused.
    """
    if len(json.dumps(credential)) > _MAX_CREDENTIAL:
        raise CardRefused(f"a card has {_MAX_CREDENTIAL} bytes at most", f"卡不得超过 {_MAX_CREDENTIAL} 字节")
    try:
        verdict = FORMATS[JSON_LD].verify_held(credential, now=now, resolver=resolver, contexts=contexts)
    except ProblemError as error:
        raise CardRefused(f"the card can't be shown selectively: {error}", f"该卡无法选择性出示：{error}") from None
    if not verdict.verified and not verdict.indeterminate:
        codes = ", ".join(problem.code for problem in verdict.problems)
        raise CardRefused(f"the card is not properly issued: {codes}", f"该卡未通过验证：{codes}")
    return verdict.verified


def _check_attachments(card: Card, attachments: list[bytes]) -> None:
    claim = card.claims.get("portrait")
    if claim is None and attachments:
        raise CardRefused("the card has no picture", "该卡没有照片")
    if claim is None:
        return
    problems = check_portrait(claim, attachments[0] if len(attachments) == 1 else None)
    if problems:
        raise CardRefused(f"the portrait does not fit: {problems[0].detail}", f"照片不符：{problems[0].detail}")


def _licence(credential: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """The licence without its version."""
    try:
        identifier = LicenceIdentifier.parse(claims_of(credential).get("licenceIdentifier"))
    except ProblemError:
        return None
    return identifier.type_code, identifier.issuer_code, identifier.serial


def _summary(card: Card) -> dict[str, str]:
    return {"id": card.id, "type": card.type, "issuer": card.issuer}
