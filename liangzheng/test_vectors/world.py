"""What the vectors are made of: keys and random bytes from a seed, one moment, and synthetic people's cards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from did import SoftwareKey
from issuer.portraits import draw_portrait
from issuer.synthetic import generate
from vc.cards import CARDS, CardDefinition, to_credential
from vc.cards.calendar import day_of
from vc.cards.identifiers import PLACEHOLDER_ISSUERS, LicenceIdentifier
from vc.cards.model import claims_from_record
from vc.cards.portrait import portrait_claim
from vc.status import status_entry

__all__ = ["CHALLENGE", "DOMAIN", "PURPOSES", "STATUS_URL", "World"]

CHALLENGE, DOMAIN = "c2lkZS1ieS1zaWRlLXdpdGgtdXM", "hotel.chongqing.example"
STATUS_URL = "https://licences.sichuan.example/status/{purpose}/1"
PURPOSES = ("revocation", "suspension")
_CARDS = (
    "ResidentIdentityCardCredential",
    "HouseholdRegisterCredential",
    "HouseholdMemberCredential",
    "ResidencePermitCredential",
)


@dataclass
class World:
    """Everything that is drawn from ``seed``, at the moment ``now``. The same seed and moment make the same bytes."""

    seed: str
    now: datetime
    _drawn: int = field(default=0, repr=False)

    def random(self, count: int) -> bytes:
        """Bytes that follow from the seed: for vectors only, they protect nothing."""
        self._drawn += 1
        return hashlib.shake_256(f"liangzheng vectors {self.seed} {self._drawn}".encode()).digest(count)

    def key(self, name: str, key_type: str = "P-256") -> SoftwareKey:
        """The key called ``name``; ``SoftwareKey.from_seed`` says how it follows from the seed."""
        return SoftwareKey.from_seed(key_type, f"{self.seed} {name}".encode())

    def record(self) -> Mapping[str, Any]:
        """A synthetic head of household with a residence permit, as the register knows them, and their portrait."""
        rows = generate(600, seed=self.seed, today=day_of(self.now)).register("510000")
        for row in rows:
            if row.get("residence_permit_number") and row.get("relationship_to_head") == "02":
                number = str(row["citizen_identity_number"])
                age = self.now.year - int(number[6:10])
                claim = portrait_claim(draw_portrait(number, sex="12"[int(number[16]) % 2 == 0], age=age))
                portrait = {"portrait_digest": claim["digestMultibase"], "portrait_media_type": claim["mediaType"]}
                members = sum(other.get("household_number") == row["household_number"] for other in rows)
                household = {"head_name": row["name"], "member_count": members}
                return {**row, **portrait, **household}
        raise LookupError("this seed draws nobody with all cards: take another")

    def cards(self, holder: str, issuer: str) -> Iterator[tuple[CardDefinition, dict[str, Any]]]:
        """The unsecured credentials of that person, each with a status entry for revocation and for suspension."""
        record = self.record()
        for index, card_type in enumerate(_CARDS):
            card = CARDS[card_type]
            identifier = LicenceIdentifier(card.licence_type_code, PLACEHOLDER_ISSUERS["510000"], f"20260000{index:02}")
            claims = claims_from_record(card, {**record, "licence_identifier": str(identifier)})
            yield card, self.credential(card, claims, holder, issuer, index)

    def credential(
        self, card: CardDefinition, claims: Mapping[str, Any], holder: str, issuer: str, index: int
    ) -> dict[str, Any]:
        """One unsecured credential, valid from the day before ``now``."""
        return to_credential(
            claims,
            definition=card,
            issuer=issuer,
            valid_from=self.now - timedelta(days=1),
            holder_did=holder,
            status=[status_entry(STATUS_URL.format(purpose=purpose), index, purpose) for purpose in PURPOSES],
        )
