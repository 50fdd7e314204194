"""Typed models of the cards and their nodes, made by ``python -m vc.cards.generate`` from the definitions.

Attributes are the claims in snake_case; codes are the codes of the lists, derived claims are computed at issuance.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

__all__ = [
    "Address",
    "AddressChange",
    "Agency",
    "BlastingOperatorPermit",
    "DrivingLicence",
    "Endorsement",
    "HouseholdMember",
    "HouseholdRegister",
    "Move",
    "NamedParty",
    "Portrait",
    "ResidencePermit",
    "ResidentIdentityCard",
    "SecurityGuardCertificate",
    "VehicleLicence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A node of type Address."""

    administrative_division: str
    address_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChange:
    """A node of type AddressChange."""

    date: datetime.date
    address_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A node of type Agency."""

    name: str
    administrative_division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """A node of type Endorsement."""

    endorsed_on: datetime.date
    endorsed_until: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A node of type Move."""

    date: datetime.date
    from_: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedParty:
    """A node of type NamedParty."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """A node of type Portrait."""

    digest_multibase: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentIdentityCard:
    """居民身份证 · Resident identity card (``ResidentIdentityCardCredential``)."""

    name: str
    sex: str
    ethnic_group: str
    birth_date: datetime.date
    registered_address: Address
    citizen_identity_number: str
    portrait: Portrait
    issuing_agency: Agency
    card_valid_from: datetime.date
    card_valid_until: datetime.date | None = None
    card_validity_long_term: bool | None = None
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRegister:
    """居民户口簿（户） · Household register: household page (``HouseholdRegisterCredential``)."""

    household_number: str
    household_type: str
    head_of_household: NamedParty
    registered_address: Address
    member_count: int
    issuing_agency: Agency
    issue_date: datetime.date
    address_change: tuple[AddressChange, ...] = ()
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdMember:
    """居民户口簿（常住人口登记卡） · Household register: member page (``HouseholdMemberCredential``)."""

    household_number: str
    name: str
    relationship_to_head: str
    former_name: tuple[str, ...] = ()
    sex: str
    ethnic_group: str
    birth_date: datetime.date
    birth_place: str | None = None
    native_place: str | None = None
    other_local_address: Address | None = None
    citizen_identity_number: str
    height_cm: int | None = None
    blood_type: str | None = None
    education_level: str | None = None
    marital_status: str | None = None
    military_service_status: str | None = None
    workplace: str | None = None
    occupation: str | None = None
    moved_to_city: Move | None = None
    moved_to_address: Move | None = None
    registration_date: datetime.date
    issuing_agency: Agency
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidencePermit:
    """四川省居住证 · Residence permit (``ResidencePermitCredential``)."""

    name: str
    sex: str
    ethnic_group: str
    birth_date: datetime.date
    citizen_identity_number: str
    portrait: Portrait
    registered_address: Address
    residence_address: Address
    issuing_agency: Agency
    issue_date: datetime.date
    residence_permit_number: str
    endorsement: Endorsement
    continuous_residence_since: datetime.date | None = None
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivingLicence:
    """机动车驾驶证 · Driving licence (``DrivingLicenceCredential``)."""

    driving_licence_number: str
    name: str
    sex: str
    nationality: str
    address: str
    birth_date: datetime.date
    first_issue_date: datetime.date
    driving_class: tuple[str, ...]
    card_valid_from: datetime.date
    card_valid_until: datetime.date | None = None
    card_validity_long_term: bool | None = None
    file_number: str | None = None
    driving_record: str | None = None
    issuing_agency: Agency
    portrait: Portrait
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLicence:
    """机动车行驶证 · Vehicle licence (``VehicleLicenceCredential``)."""

    plate_number: str
    vehicle_type: str
    owner: NamedParty
    address: str
    use_character: str
    brand_model: str
    vehicle_identification_number: str
    engine_number: str
    registration_date: datetime.date
    issue_date: datetime.date
    seating_capacity: int | None = None
    total_mass_kg: int | None = None
    curb_mass_kg: int | None = None
    rated_load_kg: int | None = None
    outer_dimensions: str | None = None
    inspection_valid_until: str
    issuing_agency: Agency
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGuardCertificate:
    """保安员证 · Security guard certificate (``SecurityGuardCertificateCredential``)."""

    name: str
    sex: str
    birth_date: datetime.date
    citizen_identity_number: str
    portrait: Portrait
    certificate_number: str
    issuing_agency: Agency
    issue_date: datetime.date
    employer: NamedParty | None = None
    licence_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastingOperatorPermit:
    """爆破作业人员许可证 · Blasting operator permit (``BlastingOperatorPermitCredential``)."""

    name: str
    sex: str
    citizen_identity_number: str
    portrait: Portrait
    permit_number: str
    operator_category: str
    employer: NamedParty
    issuing_agency: Agency
    card_valid_from: datetime.date
    card_valid_until: datetime.date
    licence_identifier: str
