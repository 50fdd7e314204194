"""The benchmark inputs, made here and the same at every run.

resident            18 claims, nested address, birth place and document (3 blank nodes), a language map, a set, a status
                    entry; a context of 40 terms
resident_portrait   the same with a 20 KB base64 portrait
alumni              a small credential
claims_N            N claims on one subject, every tenth a nested object
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

V2 = "https://www.w3.org/ns/credentials/v2"
RESIDENT = "https://example.org/contexts/resident-card/v1"
ALUMNI = "https://example.org/contexts/alumni/v1"
NUMBERED = "https://example.org/contexts/numbered/v1"
VOCABULARY = "https://example.org/vocab/resident#"
XSD = "http://www.w3.org/2001/XMLSchema#"

POINTERS: dict[str, dict[str, list[str]]] = {
    "resident": {
        "mandatory": ["/issuer", "/validFrom", "/validUntil", "/credentialStatus"],
        "selective": [
            "/credentialSubject/ageOver18",
            "/credentialSubject/nationality",
            "/credentialSubject/address/addressLocality",
        ],
    },
    "alumni": {"mandatory": ["/issuer", "/validFrom"], "selective": ["/credentialSubject/alumniOf"]},
}


def hideable(credential: Json, mandatory: list[str]) -> list[str]:
    """What ``vc.issue`` would add to the ``mandatory`` pointers: every implementation gets the same ones."""
    from vc.model.limiting import limiting_pointers  # Not at the top: peers read this file, too, where ours is not.

    return [pointer for pointer in limiting_pointers(credential) if pointer not in mandatory]


def _typed(term: str, datatype: str) -> Json:
    return {"@id": VOCABULARY + term, "@type": datatype}


def contexts() -> dict[str, Json]:
    """URL -> context document, for all but the W3C's."""
    base: Json = {"@protected": True, "id": "@id", "type": "@type"}
    identity = ["familyName", "givenName", "sex", "eyeColor", "occupation"]
    card = ["placeOfOrigin", "placeOfBirth", "issuingAuthority", "serialNumber", "permitClass", "remarks"]
    plain = identity + card
    person: Json = {term: VOCABULARY + term for term in plain}
    person |= {
        "fullName": {"@id": VOCABULARY + "fullName", "@container": "@language"},
        "nationality": {"@id": VOCABULARY + "nationality", "@container": "@set"},
        "personalNumber": _typed("personalNumber", VOCABULARY + "identifier"),
        "heightCm": _typed("heightCm", XSD + "integer"),
        "portrait": _typed("portrait", XSD + "base64Binary"),
        **{term: _typed(term, XSD + "date") for term in ("birthDate", "residentSince", "cardExpiry")},
        **{term: _typed(term, XSD + "boolean") for term in ("ageOver18", "ageOver65")},
        **{term: _typed(term, "@id") for term in ("address", "birthPlace", "cardDocument", "homepage")},
    }
    place_terms = ["streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry"]
    place = {**base, **{term: VOCABULARY + term for term in place_terms}}
    document = {
        **base,
        "documentNumber": VOCABULARY + "documentNumber",
        "documentKind": VOCABULARY + "documentKind",
        "issuedOn": _typed("issuedOn", XSD + "date"),
        "controlDigits": {"@id": VOCABULARY + "controlDigits", "@container": "@list"},
    }
    return {
        RESIDENT: {
            "@context": {
                **base,
                "ResidentCardCredential": VOCABULARY + "ResidentCardCredential",
                "Resident": {"@id": VOCABULARY + "Resident", "@context": {**base, **person}},
                "Place": {"@id": VOCABULARY + "Place", "@context": place},
                "CardDocument": {"@id": VOCABULARY + "CardDocument", "@context": document},
            }
        },
        ALUMNI: {
            "@context": {
                **base,
                "AlumniCredential": "https://example.org/vocab/alumni#AlumniCredential",
                "alumniOf": "https://example.org/vocab/alumni#alumniOf",
            }
        },
        NUMBERED: {
            "@context": {
                **base,
                "part": {"@id": "https://example.org/n#part", "@type": "@id"},
                **{f"claim{i}": f"https://example.org/n#claim{i}" for i in range(1000)},
            }
        },
    }


def _resident() -> Json:
    return {
        "@context": [V2, RESIDENT],
        "id": "urn:uuid:5b1f3c1e-6d0c-4a9a-9c0b-2f6f0d6f8a10",
        "type": ["VerifiableCredential", "ResidentCardCredential"],
        "name": "Resident card",
        "description": "Card of a resident of the town of Example.",
        "issuer": "ISSUER",
        "validFrom": "2024-03-01T00:00:00Z",
        "validUntil": "2034-03-01T00:00:00Z",
        "credentialStatus": {
            "id": "https://issuer.example/status/3#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": "https://issuer.example/status/3",
        },
        "credentialSubject": {
            "id": "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH",
            "type": "Resident",
            "familyName": "Żółkiewska",
            "givenName": "Maria",
            "fullName": {"en": "Maria Zolkiewska", "zh": "玛丽亚"},
            "sex": "F",
            "birthDate": "1987-11-04",
            "nationality": ["PL", "CH"],
            "eyeColor": "green",
            "heightCm": "171",
            "ageOver18": True,
            "ageOver65": False,
            "personalNumber": "87110412345",
            "placeOfOrigin": "Example BE",
            "residentSince": "2012-06-15",
            "permitClass": "C",
            "occupation": "Engineer",
            "address": {
                "type": "Place",
                "streetAddress": 'Hauptstrasse 12 "Hof"',
                "postalCode": "3000",
                "addressLocality": "Example",
                "addressRegion": "BE",
                "addressCountry": "CH",
            },
            "birthPlace": {"type": "Place", "addressLocality": "Gdańsk", "addressCountry": "PL"},
            "cardDocument": {
                "type": "CardDocument",
                "documentNumber": "E1234567",
                "documentKind": "resident-permit",
                "issuedOn": "2024-03-01",
            },
        },
    }


def _portrait() -> str:
    blocks = b"".join(hashlib.sha256(str(32 * i).encode()).digest() for i in range(480))
    return base64.b64encode(blocks).decode()


def _claims(count: int) -> Json:
    subject: Json = {"id": "did:example:abcdefgh"}
    parts: list[Json] = []
    for i in range(count):
        if i % 10 == 9:
            parts.append({f"claim{i}": f"value {i}"})
        else:
            subject[f"claim{i}"] = f"value {i}"
    subject["part"] = parts
    return {
        "@context": [V2, NUMBERED],
        "type": ["VerifiableCredential"],
        "issuer": "ISSUER",
        "credentialSubject": subject,
    }


def document(name: str) -> Json:
    """The input ``name``; its ``issuer`` is the text ISSUER."""
    if name.startswith("claims_"):
        return _claims(int(name.removeprefix("claims_")))
    if name == "alumni":
        return {
            "@context": [V2, ALUMNI],
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "type": ["VerifiableCredential", "AlumniCredential"],
            "name": "Alumni Credential",
            "description": "A minimum viable example of an Alumni Credential.",
            "issuer": "ISSUER",
            "validFrom": "2023-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
        }
    resident = _resident()
    if name == "resident_portrait":
        resident["credentialSubject"]["portrait"] = _portrait()
    return resident


def variants(name: str, issuer: str, count: int = 32) -> list[Json]:
    """``count`` different instances of an input, so that nothing can be remembered for one document."""
    made = []
    for i in range(count):
        one = copy.deepcopy(document(name))
        one["issuer"] = issuer
        if "id" in one:
            one["id"] = one["id"][:-4] + str(1000 + i)
        subject = one["credentialSubject"]
        for term in ("givenName", "alumniOf"):
            if term in subject:
                subject[term] += str(i)
        if "address" in subject:
            subject["address"]["streetAddress"] += str(i)
        made.append(one)
    return made


def variants_1_1(name: str, issuer: str, count: int = 32) -> list[Json]:
    """The same as credentials of VCDM 1.1, without what that does not have."""
    made = variants(name, issuer, count)
    for one in made:
        one["@context"] = ["https://www.w3.org/2018/credentials/v1", *one["@context"][1:]]
        one["issuanceDate"] = one.pop("validFrom")
        for member in ("name", "description", "validUntil", "credentialStatus"):
            one.pop(member, None)
    return made


NAMES = ("alumni", "resident", "resident_portrait", "claims_10", "claims_100", "claims_500", "claims_1000")


def write(folder: Path) -> None:
    """Write the inputs as JSON for peers that are not written in Python."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = {name: document(name) for name in NAMES} | {"contexts": contexts(), "pointers": POINTERS}
    for name, value in everything.items():
        (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
