"""One good set of claims for every installed card, made of synthetic facts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from vc.cards import CARDS, CardDefinition, identifiers, portrait, to_credential

DAY = date(2026, 6, 1)
PHOTO = b"\xff\xd8\xff\xe0 a drawn face"
AGENCY = {"name": "成都市公安局锦江区分局", "administrativeDivision": "510104"}
HOME = {"administrativeDivision": "510104", "addressText": "四川省成都市锦江区迎春路1号"}
DWELLING = {"administrativeDivision": "511102", "addressText": "四川省乐山市市中区竹影街2号"}
NUMBER = "510199200002290018"  # a vector: born 2000-02-29, male
PERSON = {"name": "张三", "sex": "1", "ethnicGroup": "01", "birthDate": "2000-02-29", "citizenIdentityNumber": NUMBER}
PORTRAIT = portrait.portrait_claim(PHOTO)

CLAIMS: dict[str, dict[str, Any]] = {
    "ResidentIdentityCardCredential": {
        **PERSON,
        "registeredAddress": HOME,
        "portrait": PORTRAIT,
        "issuingAgency": AGENCY,
        "cardValidFrom": "2020-03-01",
        "cardValidUntil": "2030-03-01",
    },
    "HouseholdRegisterCredential": {
        "householdNumber": "510104000001",
        "householdType": "family",
        "headOfHousehold": {"name": "张三"},
        "registeredAddress": HOME,
        "memberCount": 3,
        "issuingAgency": AGENCY,
        "issueDate": "2015-05-05",
        "addressChange": [{"date": "2019-01-02", "addressText": HOME["addressText"]}],
    },
    "HouseholdMemberCredential": {
        **PERSON,
        "householdNumber": "510104000001",
        "relationshipToHead": "02",
        "formerName": ["张小三", "张晓三"],
        "birthPlace": "510203",
        "nativePlace": "500101",
        "otherLocalAddress": DWELLING,
        "heightCm": 172,
        "bloodType": "AB",
        "educationLevel": "20",
        "maritalStatus": "10",
        "militaryServiceStatus": "未服兵役",
        "workplace": "示例机械厂",
        "occupation": "工程师",
        "movedToCity": {"date": "2010-09-01", "from": "四川省乐山市", "reason": "升学"},
        "registrationDate": "2010-09-10",
        "issuingAgency": AGENCY,
    },
    "ResidencePermitCredential": {
        **PERSON,
        "portrait": PORTRAIT,
        "registeredAddress": HOME,
        "residenceAddress": DWELLING,
        "issuingAgency": {"name": "乐山市公安局市中区分局", "administrativeDivision": "511102"},
        "issueDate": "2024-03-05",
        "residencePermitNumber": "511102000001",
        "endorsement": {"endorsedOn": "2026-03-05", "endorsedUntil": "2027-03-04"},
        "continuousResidenceSince": "2023-08-01",
    },
    "DrivingLicenceCredential": {
        "drivingLicenceNumber": NUMBER,
        "name": "张三",
        "sex": "1",
        "nationality": "中国",
        "address": HOME["addressText"],
        "birthDate": "2000-02-29",
        "firstIssueDate": "2019-07-01",
        "drivingClass": ["C1", "D"],
        "cardValidFrom": "2025-07-01",
        "cardValidUntil": "2035-07-01",
        "issuingAgency": AGENCY,
        "portrait": PORTRAIT,
    },
    "VehicleLicenceCredential": {
        "plateNumber": "川A00000",
        "vehicleType": "小型轿车",
        "owner": {"name": "张三"},
        "address": HOME["addressText"],
        "useCharacter": "非营运",
        "brandModel": "示例牌 SL1000",
        "vehicleIdentificationNumber": "LZZ00000000000001",
        "engineNumber": "E000001",
        "registrationDate": "2022-02-02",
        "issueDate": "2022-02-03",
        "seatingCapacity": 5,
        "totalMassKg": 1800,
        "inspectionValidUntil": "2028-02",
        "issuingAgency": AGENCY,
    },
    "SecurityGuardCertificateCredential": {
        **{term: value for term, value in PERSON.items() if term != "ethnicGroup"},
        "portrait": PORTRAIT,
        "certificateNumber": "川公保0000001",
        "issuingAgency": {"name": "成都市公安局", "administrativeDivision": "510100"},
        "issueDate": "2022-02-03",
        "employer": {"name": "示例保安服务公司"},
    },
    "BlastingOperatorPermitCredential": {
        **{term: PERSON[term] for term in ("name", "sex", "citizenIdentityNumber")},
        "portrait": PORTRAIT,
        "permitNumber": "5100000001",
        "operatorCategory": "blaster",
        "employer": {"name": "示例爆破工程公司"},
        "issuingAgency": AGENCY,
        "cardValidFrom": "2024-01-01",
        "cardValidUntil": "2027-01-01",
    },
}
for _type, _claims in CLAIMS.items():
    _claims["licenceIdentifier"] = str(
        identifiers.LicenceIdentifier(
            CARDS[_type].licence_type_code, identifiers.PLACEHOLDER_ISSUERS["510000"], "2026000001"
        )
    )


@pytest.fixture
def claims() -> Callable[[str], dict[str, Any]]:
    """A fresh copy of the good claims of a card type."""
    return lambda card_type: copy.deepcopy(CLAIMS[card_type])


@pytest.fixture(params=sorted(CARDS))
def card(request: pytest.FixtureRequest) -> CardDefinition:
    """Each installed card."""
    return CARDS[request.param]


@pytest.fixture
def credential(card: CardDefinition, claims: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """An unsecured credential of ``card``."""
    return to_credential(
        claims(card.type), definition=card, issuer="did:example:issuer", valid_from=DAY, holder_did="did:example:device"
    )
