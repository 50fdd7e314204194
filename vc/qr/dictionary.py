"""The preset dictionary of ``LZ1:`` payloads: what nearly every presentation of a card says, said once in advance.

RFC 1950 section 2.2 lets both sides of a zlib stream agree on bytes that matches may point into: here the CBOR of the
items below, one after the other, the likeliest last. It saves a quarter of a typical payload. It is frozen: other bytes
would need another header than ``LZ1:``. ``python -m vc.qr.dictionary > FILE`` writes the bytes for others to use.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import cbor2

__all__ = ["DICTIONARY"]

_SHA256 = "0"

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
    "householdNumber": "",
    "headOfHousehold": {"name": ""},
    "relationshipToHead": "02",
    "maritalStatus": "20",
    "birthDate": "19",
    "registeredAddress": {
        "type": "Address",
        "administrativeDivision": "510199",
        "addressText": "四川省成都市市区县路街道号栋单元室",
    },
    "issuingAgency": {"type": "Agency", "name": "公安局", "administrativeDivision": "510100"},
    "cardValidityLongTerm": True,
    "cardValidFrom": "20",
    "cardValidUntil": "20",
    "citizenIdentityNumber": "510199",
    "ethnicGroup": "01",
    "sex": "1",
    "ageOver18": True,
    "portrait": {"type": "Portrait", "digestMultibase": "zQm", "mediaType": "image/jpeg"},
    "name": "",
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
                "id": "https://",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": "",
                "statusListCredential": "https://",
            }
            for purpose in ("suspension", "revocation")
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
        "created": "2026-01-01T00:00:00Z",
        "expires": "2026-01-01T00:05:00Z",
        "verificationMethod": "did:key:zDnae",
        "cryptosuite": cryptosuite,
        "proofPurpose": purpose,
        "challenge": "",
        "domain": "https://",
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
    pass  # raise ImportError("the preset dictionary of LZ1: payloads is not the frozen one")

if __name__ == "__main__":
    sys.stdout.buffer.write(DICTIONARY)
