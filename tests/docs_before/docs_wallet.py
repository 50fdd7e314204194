# What docs/wallet.md takes for granted: an authority that answers a device with a card, and a hotel's request.
import hashlib
from datetime import UTC, date, datetime

import did
import vc
from vc.cards import CARDS, models
from vc.cards.identifiers import LicenceIdentifier, identity_check_character
from vc.cards.model import to_credential
from vc.cards.portrait import digest_multibase
from vc.scenarios import SCENARIOS

pin, challenge, domain = "831702", "mJ4cXqDyu0b9Zk8a", "https://authority.example"
_authority = did.generate("P-256")


def hand_in(proof):
    """The authority's side: the card of the device that signed the challenge, and the portrait that goes with it."""
    assert vc.verify(proof, challenge=challenge, domain=domain).verified
    portrait = b"\xff\xd8\xff\xe0" + hashlib.sha256(b"portrait").digest() * 40
    digits = "51019919900307425"
    definition = CARDS["ResidentIdentityCardCredential"]
    card = models.ResidentIdentityCard(
        name="王小明",
        sex="1",
        ethnic_group="01",
        birth_date=date(1990, 3, 7),
        registered_address=models.Address(administrative_division="510104", address_text="四川省成都市锦江区样例路1号"),
        citizen_identity_number=digits + identity_check_character(digits),
        portrait=models.Portrait(digest_multibase=digest_multibase(portrait), media_type="image/jpeg"),
        issuing_agency=models.Agency(name="成都市公安局锦江区分局", administrative_division="510104"),
        card_valid_from=date(2020, 5, 1),
        card_valid_until=date(2040, 5, 1),
        licence_identifier=str(LicenceIdentifier(definition.licence_type_code, "00000000FAKE00001U", "ID425", 1)),
    )
    unsecured = to_credential(
        card, issuer=_authority.did, valid_from=datetime.now(UTC).date(), holder_did=proof["holder"], status=[]
    )
    pointers = definition.mandatory_pointers(unsecured)
    return vc.issue(unsecured, _authority, cryptosuite="ecdsa-sd-2023", mandatory_pointers=pointers), portrait


request = SCENARIOS["hotel-check-in"].request(
    "did:web:hotel.example", "示例旅馆", "n3Kx8pQ0vT5yR2mW", "https://hotel.example", datetime.now(UTC), "min"
)
