"""A wallet with an injected clock, made with the least Argon2id that is accepted, so that tests are quick."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import vc
from did import PublicKey, SoftwareKey
from did.key_files import Argon2id
from holder import FileKeystore, Wallet
from vc.cards import CARDS, models
from vc.cards.calendar import age_on
from vc.cards.formats.sd_jwt_vc import to_claims
from vc.cards.identifiers import LicenceIdentifier, identity_check_character
from vc.cards.model import to_credential
from vc.cards.portrait import portrait_claim
from vc.cards.typed_models import attribute
from vc.scenarios import SCENARIOS, Variant
from vc.status import status_entry

PIN = "831702"
COST = Argon2id(memory=19 * 1024, passes=2, lanes=1)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keystore(tmp_path: Path, clock: Clock) -> FileKeystore:
    return FileKeystore(tmp_path / "device" / "device.keystore", clock=clock)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wallet" / "wallet.db"


@pytest.fixture
def wallet(path: Path, keystore: FileKeystore, clock: Clock) -> Iterator[Wallet]:
    with Wallet.create(path, PIN, keystore, cost=COST, clock=clock) as made:
        yield made


@pytest.fixture
def open_wallet(path: Path, clock: Clock, wallet: Wallet, keystore: FileKeystore) -> Callable[..., Wallet]:
    """Opens the wallet once more, as another process would."""

    def opened(pin: str = PIN, using: FileKeystore | None = None) -> Wallet:
        return Wallet.open(path, pin, using or keystore, clock=clock)

    return opened


# The people, cards and issuers of these tests. Numbers lie in a district that was never allocated.

ISSUER = SoftwareKey.from_seed("P-256", b"issuer of the holder's tests")
PORTRAIT = b"\xff\xd8\xff\xe0" + hashlib.sha256(b"portrait").digest() * 40
ADDRESS = models.Address(administrative_division="510104", address_text="四川省成都市锦江区样例路1号2栋3单元401室")
AGENCY = models.Agency(name="成都市公安局锦江区分局", administrative_division="510104")


def number(birth: date, sequence: int) -> str:
    digits = f"510199{birth:%Y%m%d}{sequence:03}"
    return digits + identity_check_character(digits)


def licence(card_type: str, serial: str, version: int = 1) -> str:
    return str(LicenceIdentifier(CARDS[card_type].licence_type_code, "00000000FAKE00001U", serial, version))


def identity_card(
    name: str = "王小明", birth: date = date(1990, 3, 7), sequence: int = 425, version: int = 1
) -> models.ResidentIdentityCard:
    long_term = age_on(birth, date(2020, 5, 1)) >= 46
    return models.ResidentIdentityCard(
        name=name,
        sex="1" if sequence % 2 else "2",
        ethnic_group="01",
        birth_date=birth,
        registered_address=ADDRESS,
        citizen_identity_number=number(birth, sequence),
        portrait=models.Portrait(**{attribute(k): v for k, v in portrait_claim(PORTRAIT).items()}),
        issuing_agency=AGENCY,
        card_valid_from=date(2020, 5, 1),
        card_valid_until=None if long_term else date(2040 if age_on(birth, date(2020, 5, 1)) >= 26 else 2030, 5, 1),
        card_validity_long_term=True if long_term else None,
        licence_identifier=licence("ResidentIdentityCardCredential", f"ID{sequence}", version),
    )


def member_page(
    name: str = "王小明", birth: date = date(1990, 3, 7), sequence: int = 425, household: str = "510104000123"
) -> models.HouseholdMember:
    return models.HouseholdMember(
        household_number=household,
        name=name,
        relationship_to_head="02",
        sex="1" if sequence % 2 else "2",
        ethnic_group="01",
        birth_date=birth,
        citizen_identity_number=number(birth, sequence),
        marital_status="20",
        registration_date=date(2015, 6, 1),
        issuing_agency=AGENCY,
        licence_identifier=licence("HouseholdMemberCredential", f"HM{sequence}"),
    )


def household_page(household: str = "510104000123", head: str = "王小明") -> models.HouseholdRegister:
    return models.HouseholdRegister(
        household_number=household,
        household_type="family",
        head_of_household=models.NamedParty(name=head),
        registered_address=ADDRESS,
        member_count=3,
        issuing_agency=AGENCY,
        issue_date=date(2015, 6, 1),
        licence_identifier=licence("HouseholdRegisterCredential", "HR" + household),
    )


def residence_permit(birth: date = date(1990, 3, 7), sequence: int = 425) -> models.ResidencePermit:
    card = identity_card(birth=birth, sequence=sequence)
    return models.ResidencePermit(
        name=card.name,
        sex=card.sex,
        ethnic_group=card.ethnic_group,
        birth_date=card.birth_date,
        citizen_identity_number=card.citizen_identity_number,
        portrait=card.portrait,
        registered_address=ADDRESS,
        residence_address=models.Address(administrative_division="511102", address_text="四川省乐山市市中区样例街5号"),
        issuing_agency=models.Agency(name="乐山市公安局市中区分局", administrative_division="511102"),
        issue_date=date(2026, 1, 10),
        residence_permit_number="JZ0001",
        endorsement=models.Endorsement(endorsed_on=date(2026, 1, 10), endorsed_until=date(2027, 1, 9)),
        licence_identifier=licence("ResidencePermitCredential", f"RP{sequence}"),
    )


def issued(
    card: object, device: str, *, day: date = date(2026, 11, 23), issuer: SoftwareKey = ISSUER, **change: object
) -> dict[str, Any]:
    """The card as an issuing authority hands it to a device; ``change`` replaces members before it is signed."""
    status = [
        status_entry(f"https://sc.example/status/{purpose}/1", 94567, purpose)
        for purpose in ("revocation", "suspension")
    ]
    credential = to_credential(card, issuer=issuer.did, valid_from=day, holder_did=device, status=status)
    definition = CARDS.of_credential(credential)
    assert definition is not None
    credential.update(change)
    return vc.issue(
        credential,
        issuer,
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=definition.mandatory_pointers(credential),
        created=datetime(2026, 11, 23, 0, 0, 0, tzinfo=UTC),
    )


STATUS = {"status_list": {"idx": 94567, "uri": "https://sc.example/status/token/1"}}


def as_sd_jwt(credential: dict[str, Any], device: str, *, issuer: SoftwareKey = ISSUER, **change: Any) -> str:
    """The card as an authority makes it an SD-JWT VC beside its JSON-LD form; ``change`` replaces claims."""
    unsecured = {name: value for name, value in credential.items() if name not in ("proof", "credentialStatus")}
    claims = {**to_claims(unsecured), "status": STATUS, **change}
    key = PublicKey.from_multikey(device.removeprefix("did:key:"))
    definition = CARDS.of_credential(credential)
    assert definition is not None
    hidden = [f"/{c.term}" for c in definition.claims.values() if c.disclosure != "M" and c.term in claims]
    return str(vc.issue_enveloped(claims, issuer, envelope="dc+sd-jwt", disclosable=hidden, holder_key=key))


def request(scenario: str, clock: Clock, variant: Variant = "min", **change: Any) -> dict[str, Any]:
    """The request of a verifier; ``change`` replaces members."""
    made = SCENARIOS[scenario].request(
        "did:web:hotel.cq.example", "重庆样例酒店", "n3Kx8pQ0vT5yR2mW", "https://hotel.cq.example", clock.now, variant
    )
    return {**made.to_dict(), **change}


@pytest.fixture
def stocked(wallet: Wallet) -> Wallet:
    """A wallet with an identity card, a household page and the holder's member page."""
    wallet.add(issued(identity_card(), wallet.did), [PORTRAIT])
    wallet.add(issued(household_page(), wallet.did))
    wallet.add(issued(member_page(), wallet.did))
    return wallet
