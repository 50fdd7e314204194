"""The preset dictionary of ``LZ1:`` payloads: what nearly every presentation of a card says, said once in advance.

RFC 1950 section 2.2 lets both sides of a zlib stream agree on bytes that matches may point into: here the CBOR of the
items below, one after the other, the likeliest last. It saves a quarter of a typical payload. It is frozen: other bytes
would need another header than ``LZ1:``. docs/qr.md says how other implementations get the bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import cbor2

__all__ = ["DICTIONARY"]

_SHA256 = "87ed8365111464f584256f59690a1263ffe42228b24f041fffb225aeff7a1578"

_TERMS = (
    "seatingCapacity inspectionValidUntil engineNumber vehicleIdentificationNumber brandModel useCharacter owner "
    "vehicleType plateNumber drivingRecord fileNumber drivingClass firstIssueDate drivingLicenceNumber "
    "nationality address employer operatorCategory permitNumber certificateNumber occupation workplace "
    "militaryServiceStatus educationLevel bloodType heightCm formerName otherLocalAddress nativePlace birthPlace "
    "registrationDate movedToCity movedToAddress from reason date addressChange memberCount householdType "
    "issueDate residencePermitNumber residenceAddress continuousResidenceSince endorsement endorsedOn "
    "endorsedUntil residentOfPrefecture registeredProvince registeredPrefecture issuingRegion licenceIdentifier "
    "ageOver14 ageOver16 ageOver20 ageOver22 ageOver60 ageOver65"
)
_TYPES = (
    "VehicleLicenceCredential Vehicle SecurityGuardCertificateCredential BlastingOperatorPermitCredential "
    "DrivingLicenceCredential ResidencePermitCredential eddsa-rdfc-2022 ecdsa-jcs-2019 bbs-2023 "
    "重庆市公安局 四川省公安厅 成都市公安局 分局 派出所"
)
_CLAIMS: dict[str, Any] = {
    "householdNumber": "510",
    "relationshipToHead": "02",
    "headOfHousehold": {"name": ""},
    "maritalStatus": "20",
    "name": "",
    "sex": "1",
    "ethnicGroup": "01",
    "birthDate": "19",
    "registeredAddress": {"administrativeDivision": "5101", "addressText": "四川省成都市市区县路街道号栋单元室"},
    "citizenIdentityNumber": "510199",
    "portrait": {"digestMultibase": "zQm", "mediaType": "image/jpeg"},
    "issuingAgency": {"name": "公安局", "administrativeDivision": "5101"},
    "cardValidFrom": "20",
    "cardValidUntil": "20",
    "cardValidityLongTerm": True,
    "ageOver18": True,
    "issuingProvince": "510000",
}
_CARDS = ("HouseholdRegister", "Household"), ("HouseholdMember", "HouseholdMember"), ("ResidentIdentityCard", "Person")


def _credential(card: str, subject: str) -> dict[str, Any]:
    method = "did:key:zDnae"
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://liangzheng.example/contexts/cards/v1"],
        "id": "urn:uuid:",
        "type": ["VerifiableCredential", f"{card}Credential"],
        "issuer": "did:web:",
        "validFrom": "2026-01-01T00:00:00+08:00",
        "validUntil": "2026-12-31T23:59:59+08:00",
        "credentialStatus": [
            {
                "id": f"https://.example/status/{purpose}/1#",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": "",
                "statusListCredential": f"https://.example/status/{purpose}/1",
            }
            for purpose in ("revocation", "suspension")
        ],
        "credentialSchema": {
            "id": f"https://liangzheng.example/schemas/v1/{card}Credential.json",
            "type": "JsonSchema",
        },
        "credentialSubject": {"id": method, "type": subject, **_CLAIMS},
        "proof": _proof("ecdsa-sd-2023", "assertionMethod", "u2V0B"),
    }


def _proof(cryptosuite: str, purpose: str, value: str) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": cryptosuite,
        "created": "2026-01-01T00:00:00Z",
        "expires": "2026-01-01T00:05:00Z",
        "verificationMethod": "did:key:zDnae",
        "proofPurpose": purpose,
        "domain": "https://",
        "challenge": "",
        "proofValue": value,
    }


def _build() -> bytes:
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "did:key:zDnae",
        "verifiableCredential": [_credential(card, subject) for card, subject in _CARDS],
        "proof": _proof("ecdsa-rdfc-2019", "authentication", "z"),
    }
    items = [_TERMS.split(), _TYPES.split(), {"verifiablePresentation": presentation, "attachments": {}}]
    return b"".join(cbor2.dumps(item) for item in items)


DICTIONARY = _build()
"""The bytes; both sides of a payload must have exactly these."""

if hashlib.sha256(DICTIONARY).hexdigest() != _SHA256:
    raise ImportError("the preset dictionary of LZ1: payloads is not the frozen one")
