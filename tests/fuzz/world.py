"""Who signs what in the corpus: synthetic people and keys made from seeds, at one moment."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import did
import vc
from vc.cards import CARDS, models
from vc.cards.identifiers import LicenceIdentifier, identity_check_character
from vc.cards.model import to_credential
from vc.cards.portrait import digest_multibase
from vc.model import CREDENTIALS_V2
from vc.status import (
    StatusChecker,
    StatusList,
    StatusUnavailable,
    TokenStatusList,
    status_entry,
    status_list_credential,
)
from vc.status.status_list_token import issue_status_list_jwt

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
CHALLENGE = "n3Kx8pQ0vT5yR2mW"
DOMAIN = "https://hotel.cq.example"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
LIST_URL = "https://sc.example/status/revocation/1"
TOKEN_URL = "https://sc.example/status/token/1"
REVOKED = 7
GOOD = 94567

SUITES = {
    "eddsa-rdfc-2022": "Ed25519",
    "eddsa-jcs-2022": "Ed25519",
    "ecdsa-rdfc-2019": "P-256",
    "ecdsa-jcs-2019": "P-256",
    "ecdsa-sd-2023": "P-256",
    "bbs-2023": "BLS12-381-G2",
    "Ed25519Signature2020": "Ed25519",
}
DEVICE = did.SoftwareKey.from_seed("P-256", b"the device of the corpus")
THIEF = did.SoftwareKey.from_seed("P-256", b"a thief of the corpus")
ANCHOR = did.SoftwareKey.from_seed("Ed25519", b"the trust anchor of the corpus")
LICENSOR = did.SoftwareKey.from_seed("P-256", b"the authority of the corpus")
PORTRAIT = b"\xff\xd8\xff\xe0" + hashlib.sha256(b"portrait").digest() * 4
PERSON_NUMBER = "51019919900307425" + identity_check_character("51019919900307425")


@lru_cache(maxsize=16)
def issuer_of(suite: str) -> Any:
    """The key that issues under a cryptosuite; the authority's for the suite of cards."""
    return LICENSOR if suite == "ecdsa-sd-2023" else did.SoftwareKey.from_seed(SUITES[suite], suite.encode())


def credential(issuer: str, *, index: int = GOOD, **changes: Any) -> dict[str, Any]:
    """A credential with what readers ask for: dates, a status, claims of every JSON type."""
    return {
        "@context": [CREDENTIALS_V2, EXAMPLES],
        "id": "urn:uuid:6f1a0f3e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialStatus": status_entry(LIST_URL, index, "revocation"),
        "credentialSubject": {
            "id": DEVICE.did,
            "fullName": "王小明",
            "ageOver18": False,
            "rooms": 2,
            "height": 1.75,
            "languages": ["zh", "en"],
            "address": {"city": "成都", "street": "样例路1号"},
        },
        **changes,
    }


def card(*, index: int = GOOD, status: bool = True, device: str = DEVICE.did) -> dict[str, Any]:
    """A resident identity card, not yet signed, bound to a device."""
    home = models.Address(administrative_division="510104", address_text="四川省成都市锦江区样例路1号2栋3单元401室")
    agency = models.Agency(name="成都市公安局锦江区分局", administrative_division="510104")
    kind = CARDS["ResidentIdentityCardCredential"]
    made = models.ResidentIdentityCard(
        name="王小明",
        sex="1",
        ethnic_group="01",
        birth_date=date(1990, 3, 7),
        registered_address=home,
        citizen_identity_number=PERSON_NUMBER,
        portrait=models.Portrait(digest_multibase=digest_multibase(PORTRAIT), media_type="image/jpeg"),
        issuing_agency=agency,
        card_valid_from=date(2020, 5, 1),
        card_valid_until=date(2040, 5, 1),
        licence_identifier=str(LicenceIdentifier(kind.licence_type_code, "00000000FAKE00001U", "ID425", 1)),
    )
    entries = [status_entry(LIST_URL, index, "revocation")] if status else []
    return to_credential(made, issuer=LICENSOR.did, valid_from=date(2026, 5, 31), holder_did=device, status=entries)


def signed_card(*, index: int = GOOD, device: str = DEVICE.did) -> dict[str, Any]:
    """The card as the authority hands it out to a device, with its base proof."""
    made = card(index=index, device=device)
    definition = CARDS.of_credential(made)
    assert definition is not None
    return vc.issue(
        made,
        LICENSOR,
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=definition.mandatory_pointers(made),
        created=NOW,
    )


def status_credential(
    *, revoked: bool = True, day: datetime = NOW, signer: Any = LICENSOR, **more: Any
) -> dict[str, Any]:
    """A signed status list in which REVOKED is set, or nothing is."""
    bits = StatusList()
    if revoked:
        bits[REVOKED] = 1
    unsigned = status_list_credential(
        bits, id=LIST_URL, issuer=signer.did, purpose="revocation", valid_from=day - timedelta(hours=1),
        valid_until=day + timedelta(days=1), ttl=timedelta(minutes=5), **more,
    )  # fmt: skip
    return vc.issue(unsigned, signer, cryptosuite="ecdsa-rdfc-2019", created=day)


def status_token(*, revoked: bool = True, day: datetime = NOW, signer: Any = LICENSOR) -> str:
    """A status list token in which REVOKED is set, or nothing is."""
    statuses = TokenStatusList(1000)
    if revoked:
        statuses[REVOKED] = 1
    return issue_status_list_jwt(
        statuses, signer, uri=TOKEN_URL, issued_at=day - timedelta(hours=1), expires=day + timedelta(days=1)
    )


class Lists:
    """A source of status lists: ``documents`` by URL."""

    def __init__(self, documents: dict[str, bytes]) -> None:
        self.documents = documents

    def get(self, url: str) -> bytes:
        try:
            return self.documents[url]
        except KeyError:
            raise StatusUnavailable("not here") from None

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


@lru_cache(maxsize=16)
def status_checker(suite: str) -> StatusChecker:
    """A checker with the list of the issuer of that suite."""
    signer = issuer_of(suite)
    if suite == "bbs-2023":  # Its key signs no whole documents.
        return StatusChecker(Lists({LIST_URL: json.dumps(status_credential()).encode()}), same_issuer=lambda a, b: True)
    made = "eddsa-rdfc-2022" if SUITES[suite] == "Ed25519" else "ecdsa-rdfc-2019"
    bits = StatusList()
    bits[REVOKED] = 1
    unsigned = status_list_credential(
        bits, id=LIST_URL, issuer=signer.did, purpose="revocation", valid_from=NOW - timedelta(hours=1),
        valid_until=NOW + timedelta(days=1),
    )  # fmt: skip
    listed = vc.issue(unsigned, signer, cryptosuite=made, created=NOW)
    return StatusChecker(Lists({LIST_URL: json.dumps(listed).encode()}))
