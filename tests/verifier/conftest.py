"""A counter in Chongqing, an authority in Sichuan, a phone, and the trust list that joins them."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import vc
from did import SoftwareKey
from vc.cards import CARDS, models
from vc.cards.identifiers import LicenceIdentifier, identity_check_character
from vc.cards.message import build
from vc.cards.model import to_credential
from vc.cards.portrait import digest_multibase
from vc.scenarios import PresentationRequest
from vc.status import StatusChecker, StatusList, StatusUnavailable, status_entry, status_list_credential
from verifier import ReplayGuard, RequestBook, TrustList, Verifier, trust_list_credential

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)
ANCHOR = SoftwareKey.from_seed("Ed25519", b"trust anchor of the tests of the verifier")
SICHUAN = SoftwareKey.from_seed("P-256", b"Sichuan in the tests of the verifier")
PHONE = SoftwareKey.from_seed("P-256", b"phone in the tests of the verifier")
HOTEL = "did:web:hotel.cq.example"
DOMAIN = "https://hotel.cq.example"
PORTRAIT = b"\xff\xd8\xff\xe0" + hashlib.sha256(b"portrait").digest() * 40
LISTS = {purpose: f"https://sc.example/status/{purpose}/1" for purpose in ("revocation", "suspension")}
INDEX = 94567
AGENCY = models.Agency(name="成都市公安局锦江区分局", administrative_division="510104")
ADDRESS = models.Address(administrative_division="510104", address_text="四川省成都市锦江区样例路1号2栋3单元401室")


def number(birth: date, sequence: int) -> str:
    digits = f"510199{birth:%Y%m%d}{sequence:03}"
    return digits + identity_check_character(digits)


def licence(card_type: str, serial: str) -> str:
    return str(LicenceIdentifier(CARDS[card_type].licence_type_code, "00000000FAKE00001U", serial, 1))


def identity_card(name: str = "王小明", birth: date = date(1990, 3, 7), **change: Any) -> models.ResidentIdentityCard:
    fields: dict[str, Any] = {
        "name": name,
        "sex": "1",
        "ethnic_group": "01",
        "birth_date": birth,
        "registered_address": ADDRESS,
        "citizen_identity_number": number(birth, 425),
        "portrait": models.Portrait(digest_multibase=digest_multibase(PORTRAIT), media_type="image/jpeg"),
        "issuing_agency": AGENCY,
        "card_valid_from": date(2020, 5, 1),
        "card_valid_until": date(2040, 5, 1),
        "licence_identifier": licence("ResidentIdentityCardCredential", "ID425"),
    }
    return models.ResidentIdentityCard(**{**fields, **change})


def household_page(household: str = "510104000123", head: str = "王小明") -> models.HouseholdRegister:
    return models.HouseholdRegister(
        household_number=household,
        household_type="family",
        head_of_household=models.NamedParty(name=head),
        registered_address=ADDRESS,
        member_count=3,
        issuing_agency=AGENCY,
        issue_date=date(2015, 6, 1),
        licence_identifier=licence("HouseholdRegisterCredential", "HR1"),
    )


def member_page(household: str = "510104000123", birth: date = date(1990, 3, 7)) -> models.HouseholdMember:
    return models.HouseholdMember(
        household_number=household,
        name="王小明",
        relationship_to_head="02",
        sex="1",
        ethnic_group="01",
        birth_date=birth,
        citizen_identity_number=number(birth, 425),
        marital_status="20",
        registration_date=date(2015, 6, 1),
        issuing_agency=AGENCY,
        licence_identifier=licence("HouseholdMemberCredential", "HM425"),
    )


def issued(
    card: object,
    *,
    issuer: SoftwareKey = SICHUAN,
    device: str = PHONE.did,
    day: date = date(2026, 11, 23),
    status: bool = True,
    **change: Any,
) -> dict[str, Any]:
    """The card as an authority hands it to a phone; ``change`` replaces members before it is signed."""
    entries = [status_entry(url, INDEX, purpose) for purpose, url in LISTS.items()] if status else None
    credential = to_credential(card, issuer=issuer.did, valid_from=day, holder_did=device, status=entries)
    definition = CARDS.of_credential(credential)
    assert definition is not None
    for member, value in change.items():
        if member in credential:
            credential[member] = value
        else:
            credential["credentialSubject"][member] = value
    return vc.issue(
        credential,
        issuer,
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=definition.mandatory_pointers(credential),
        created=datetime(2026, 11, 22, 16, tzinfo=UTC),
    )


@dataclass
class Lists:
    """The status lists of Sichuan (or of ``issuer``), signed when they are asked for."""

    clock: Callable[[], datetime]
    issuer: SoftwareKey = SICHUAN
    set: dict[str, list[int]] = field(default_factory=dict)
    published: timedelta = timedelta(minutes=1)
    offline: bool = False

    def get(self, url: str) -> bytes:
        if self.offline:
            raise StatusUnavailable("out of reach")
        purpose = next(purpose for purpose, known in LISTS.items() if known == url)
        bits = StatusList()
        for index in self.set.get(purpose, []):
            bits[index] = 1
        document = status_list_credential(
            bits,
            id=url,
            issuer=self.issuer.did,
            purpose=purpose,
            valid_from=self.clock() - self.published,
            valid_until=self.clock() + timedelta(days=1),
            ttl=timedelta(minutes=5),
        )
        return json.dumps(vc.issue(document, self.issuer, now=self.clock())).encode()

    async def get_async(self, url: str) -> bytes:
        return self.get(url)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


ISSUERS: list[dict[str, Any]] = [
    {"did": SICHUAN.did, "name": "四川省公安厅（样例）", "cardType": sorted(CARDS), "region": ["510000"]},
]


def trust_document(
    *,
    signer: SoftwareKey = ANCHOR,
    issuers: list[dict[str, Any]] | None = None,
    verifiers: list[dict[str, Any]] | None = None,
    valid_from: datetime = NOW - timedelta(days=1),
    valid_until: datetime = NOW + timedelta(days=30),
) -> dict[str, Any]:
    document = trust_list_credential(
        issuer=signer.did,
        issuers=ISSUERS if issuers is None else issuers,
        verifiers=verifiers or [],
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return vc.issue(document, signer, now=valid_from)


def trust_list(**options: Any) -> TrustList:
    return TrustList.load(trust_document(**options), anchors=[ANCHOR.did], now=NOW)


@dataclass
class World:
    """A counter and everything around it."""

    path: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.lists = Lists(self.clock)

    def counter(self, **options: Any) -> Verifier:
        defaults: dict[str, Any] = {
            "did": HOTEL,
            "name": "重庆样例酒店",
            "domain": DOMAIN,
            "region": "500000",
            "trust": trust_list(),
            "replay": ReplayGuard(self.path / "verifier.db"),
            "requests": RequestBook(self.path / "verifier.db"),
            "status": StatusChecker(self.lists),
            "clock": self.clock,
        }
        return Verifier(**{**defaults, **options})

    def answer(
        self,
        request: PresentationRequest,
        *cards: dict[str, Any],
        phone: SoftwareKey = PHONE,
        without: set[str] = frozenset(),  # type: ignore[assignment]
        extra: tuple[str, ...] = (),
        **change: Any,
    ) -> dict[str, Any]:
        """The message of a wallet that shows ``cards`` for ``request``; ``change`` replaces arguments of vc.present."""
        derived = []
        for card in cards or (issued(identity_card()),):
            definition = CARDS.of_credential(card)
            assert definition is not None
            asked = next((entry for entry in request.cards if entry.type == definition.type), None)
            terms = [claim.term for claim in asked.claims] if asked else []
            shown = [term for term in [*terms, *extra] if term in card["credentialSubject"] and term not in without]
            derived.append(vc.derive(card, selective_pointers=definition.selective_pointers(shown)))
        options: dict[str, Any] = {
            "challenge": request.challenge,
            "domain": request.domain,
            "expires_in": 300,
            "now": self.clock(),
        }
        presentation = vc.present(derived, phone, **{**options, **change})
        return build(presentation, [PORTRAIT]).to_dict()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def counter(world: World) -> Verifier:
    return world.counter()


def outcomes(verdict: vc.Verdict) -> dict[str, str]:
    """Check name -> outcome; of several checks of one name the worst."""
    order = ["not applicable", "passed", "indeterminate", "failed"]
    result: dict[str, str] = {}
    for check in verdict.checks:
        result[check.name] = max(result.get(check.name, "not applicable"), check.outcome.value, key=order.index)
    return result


def codes(verdict: vc.Verdict) -> list[str]:
    return [problem.code for problem in verdict.problems]


def tampered(message: dict[str, Any], edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """A copy of the message after ``edit``."""
    result = copy.deepcopy(message)
    edit(result)
    return result
