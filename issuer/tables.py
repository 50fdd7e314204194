"""The tables of an authority's database (SQLAlchemy, typed): the register, applications, credentials, status, audit.

Plain columns that SQLite and PostgreSQL both have. What must never happen twice is a unique constraint here, not a
check in a program: a status index, a licence identifier, a successor of a credential.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, attribute_keyed_dict, deferred, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

__all__ = [
    "Application",
    "ApplicationCard",
    "AuditEntry",
    "AuditHead",
    "AuthorityRecord",
    "Base",
    "CardForm",
    "CardKind",
    "CredentialRecord",
    "Device",
    "DeviceChallenge",
    "Household",
    "LicenceRecord",
    "Membership",
    "Officer",
    "Person",
    "Portrait",
    "Proofing",
    "ProofingSubject",
    "ResidencePermit",
    "SchemaVersion",
    "StatusEntry",
    "StatusListRecord",
    "Suspension",
    "row_id",
]


class _Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive one is a programming error and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


row_id = BigInteger().with_variant(Integer, "sqlite")
"""The type of keys that the database counts."""
_Id = row_id


class Base(DeclarativeBase):
    """The mapping's base."""

    type_annotation_map = {datetime: _Moment(), dict[str, Any]: JSON(), list[Any]: JSON(), str: Text()}  # noqa: RUF012


class SchemaVersion(Base):
    """The version of these tables in this database: one row."""

    __tablename__ = "schema_version"
    id: Mapped[int] = mapped_column(Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False)
    version: Mapped[int]


class AuthorityRecord(Base):
    """Whose database this is: one row."""

    __tablename__ = "authority"
    id: Mapped[int] = mapped_column(Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False)
    did: Mapped[str]
    name: Mapped[str]
    region: Mapped[str] = mapped_column(String(6))
    base_url: Mapped[str]
    pepper: Mapped[bytes]
    """Keys the digests of identity numbers in rate limits."""
    created_at: Mapped[datetime]


# --- the population register ---------------------------------------------------------------------------------------


class Person(Base):
    """One resident. Dates are China's calendar; codes are those of the cards' code lists.

    Columns carry the names of the facts that card definitions ask for (``source``).
    """

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    citizen_identity_number: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str]
    sex: Mapped[str] = mapped_column(String(1))
    ethnic_group: Mapped[str] = mapped_column(String(2))
    birth_date: Mapped[date]
    registered_division: Mapped[str] = mapped_column(String(6))
    registered_address: Mapped[str]
    life_status: Mapped[str] = mapped_column(String(16), default="living")
    """living, deceased or emigrated."""
    phone: Mapped[str | None]
    card_issuing_agency: Mapped[str | None]
    card_issuing_agency_division: Mapped[str | None] = mapped_column(String(6))
    card_valid_from: Mapped[date | None]
    card_valid_until: Mapped[date | None]
    card_valid_long_term: Mapped[bool | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Everything else that a card may ask for, by fact name, as JSON values."""
    updated_at: Mapped[datetime]

    membership: Mapped[Membership | None] = relationship(back_populates="person")
    permit: Mapped[ResidencePermit | None] = relationship(back_populates="person")
    portrait: Mapped[Portrait | None] = relationship(back_populates="person")
    licences: Mapped[list[LicenceRecord]] = relationship(back_populates="person")


class Portrait(Base):
    """The photograph on a person's cards."""

    __tablename__ = "portrait"
    person_id: Mapped[int] = mapped_column(_Id, ForeignKey("person.id"), primary_key=True)
    media_type: Mapped[str]
    data: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    digest: Mapped[str]
    """``digestMultibase`` of the bytes."""

    person: Mapped[Person] = relationship(back_populates="portrait")


class Household(Base):
    """One household of the register. Its address is its own: a member's may differ for a while."""

    __tablename__ = "household"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    household_number: Mapped[str] = mapped_column(Text, unique=True)
    household_type: Mapped[str]
    registered_division: Mapped[str] = mapped_column(String(6))
    registered_address: Mapped[str]
    registration_authority: Mapped[str | None]
    registration_authority_division: Mapped[str | None] = mapped_column(String(6))
    household_issue_date: Mapped[date | None]
    address_changes: Mapped[list[Any] | None]
    updated_at: Mapped[datetime]

    members: Mapped[list[Membership]] = relationship(back_populates="household")


class Membership(Base):
    """That a person belongs to a household, and how they are related to its head (GB/T 4761). One household each."""

    __tablename__ = "membership"
    person_id: Mapped[int] = mapped_column(_Id, ForeignKey("person.id"), primary_key=True)
    household_id: Mapped[int] = mapped_column(_Id, ForeignKey("household.id"), index=True)
    relationship_to_head: Mapped[str] = mapped_column(String(2))

    person: Mapped[Person] = relationship(back_populates="membership")
    household: Mapped[Household] = relationship(back_populates="members")

    __table_args__ = (
        Index(
            "one_head_a_household",
            "household_id",
            unique=True,
            sqlite_where=text("relationship_to_head = '02'"),
            postgresql_where=text("relationship_to_head = '02'"),
        ),
    )


class ResidencePermit(Base):
    """A residence permit (Decree 663), with its newest endorsement."""

    __tablename__ = "residence_permit"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(_Id, ForeignKey("person.id"), unique=True)
    residence_permit_number: Mapped[str] = mapped_column(Text, unique=True)
    residence_division: Mapped[str] = mapped_column(String(6))
    residence_address: Mapped[str]
    permit_issuing_agency: Mapped[str | None]
    permit_issuing_agency_division: Mapped[str | None] = mapped_column(String(6))
    permit_issue_date: Mapped[date]
    endorsed_on: Mapped[date]
    endorsed_until: Mapped[date]
    continuous_residence_since: Mapped[date | None]
    updated_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="permit")


class LicenceRecord(Base):
    """A licence of any other department: the facts of its card that the tables above do not hold, as JSON values.

    So a new kind of card needs a definition and rows here, no new table.
    """

    __tablename__ = "licence_record"
    person_id: Mapped[int] = mapped_column(_Id, ForeignKey("person.id"), primary_key=True)
    card_type: Mapped[str] = mapped_column(Text, primary_key=True)
    facts: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="licences")


class CardKind(Base):
    """A kind of card that this authority issues. The definition itself is data of the library."""

    __tablename__ = "card_kind"
    card_type: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str]
    department: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)


# --- applications --------------------------------------------------------------------------------------------------


class Device(Base):
    """A wallet's device, known by its key's DID. It belongs to one person for good."""

    __tablename__ = "device"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    did: Mapped[str] = mapped_column(Text, unique=True)
    person_id: Mapped[int] = mapped_column(_Id, ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="active")
    """active, lost (its cards are suspended) or retired (its cards are revoked)."""
    created_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class DeviceChallenge(Base):
    """The challenge that a device signs to update its cards: one at a time, good once."""

    __tablename__ = "device_challenge"
    device_id: Mapped[int] = mapped_column(_Id, ForeignKey("device.id"), primary_key=True)
    challenge: Mapped[str]
    expires_at: Mapped[datetime]


class Application(Base):
    """One application, for a kind of card or for all of a department."""

    __tablename__ = "application"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    person_id: Mapped[int | None] = mapped_column(_Id, ForeignKey("person.id"), index=True)
    """None when name and number were not those of one resident; such an application is never proved."""
    subject: Mapped[str] = mapped_column(Text, index=True)
    """Keyed digest of the number applied with, for limits by person."""
    selector: Mapped[str] = mapped_column(String(12))
    selected: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    challenge: Mapped[str | None]
    challenge_expires: Mapped[datetime | None]
    device_id: Mapped[int | None] = mapped_column(_Id, ForeignKey("device.id"))
    opened_by: Mapped[str | None]
    """The officer who opened it at the desk; None when the applicant did."""
    offered: Mapped[bool] = mapped_column(default=False)
    """Opened without a proof of its own and shown as a symbol, which anybody may photograph: see ``issuer.offers``."""
    asking: Mapped[str | None]
    """The device (did:key) that wants the cards of an offer and is not admitted yet."""
    code_until: Mapped[datetime | None]
    """Until when the code that was sent for the offer is good."""
    admitted: Mapped[str | None]
    """The device that an offer's cards may go to: proved to be the applicant's."""
    admitted_by: Mapped[str | None]
    """Who proved it: ``applicant`` by the code, or the second officer."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship()
    device: Mapped[Device | None] = relationship()
    cards: Mapped[list[ApplicationCard]] = relationship(back_populates="application", order_by="ApplicationCard.id")


class ApplicationCard(Base):
    """One card of an application and what became of it."""

    __tablename__ = "application_card"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(_Id, ForeignKey("application.id"), index=True)
    card_type: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    """pending, issued or refused."""
    reason: Mapped[str | None]
    credential_id: Mapped[int | None] = mapped_column(_Id, ForeignKey("credential.id"))

    application: Mapped[Application] = relationship(back_populates="cards")
    credential: Mapped[CredentialRecord | None] = relationship()

    __table_args__ = (UniqueConstraint("application_id", "card_type"),)


class Proofing(Base):
    """One one-time code: kept as a slow salted hash, good for a few tries and minutes."""

    __tablename__ = "proofing"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(_Id, ForeignKey("application.id"), index=True)
    subject: Mapped[str] = mapped_column(Text, index=True)
    salt: Mapped[bytes]
    code_hash: Mapped[bytes]
    attempts: Mapped[int] = mapped_column(default=0)
    used: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ProofingSubject(Base):
    """A row to lock while the limits of one person are counted."""

    __tablename__ = "proofing_subject"
    subject: Mapped[str] = mapped_column(Text, primary_key=True)


# --- credentials and their status ----------------------------------------------------------------------------------


class CredentialRecord(Base):
    """A credential that was issued."""

    __tablename__ = "credential"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    """How the authority and the wallet name it; not in the credential, where it would link presentations."""
    card_type: Mapped[str]
    person_id: Mapped[int] = mapped_column(_Id, ForeignKey("person.id"), index=True)
    device_id: Mapped[int] = mapped_column(_Id, ForeignKey("device.id"), index=True)
    licence_identifier: Mapped[str] = mapped_column(Text, unique=True)
    licence_serial: Mapped[str] = mapped_column(Text, index=True)
    licence_version: Mapped[int]
    supersedes_id: Mapped[int | None] = mapped_column(_Id, ForeignKey("credential.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    """active, suspended or revoked."""
    issued_at: Mapped[datetime]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    claims_digest: Mapped[str]
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]

    device: Mapped[Device] = relationship()
    person: Mapped[Person] = relationship()
    status_entries: Mapped[list[StatusEntry]] = relationship(back_populates="credential")
    suspensions: Mapped[list[Suspension]] = relationship(back_populates="credential")
    forms: Mapped[dict[str, CardForm]] = relationship(
        collection_class=attribute_keyed_dict("format"), cascade="all, delete-orphan"
    )
    """By the name of their format; none once it is revoked."""

    def form(self, name: str) -> str | None:
        """The card in that format, or None where it was not issued in it, or is revoked."""
        kept = self.forms.get(name)
        return None if kept is None else kept.content


class CardForm(Base):
    """A credential in one of the formats (``vc.cards.formats``) that it was issued in.

    Kept for the device to collect again after a lost answer, and erased at revocation.
    """

    __tablename__ = "card_form"
    credential_id: Mapped[int] = mapped_column(_Id, ForeignKey("credential.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    """Of ``content`` as UTF-8, in hexadecimal; the audit log has it, too."""


class Suspension(Base):
    """One cause for which a credential is suspended. It is suspended while any cause stands."""

    __tablename__ = "suspension"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    credential_id: Mapped[int] = mapped_column(_Id, ForeignKey("credential.id"), index=True)
    cause: Mapped[str]
    since: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    credential: Mapped[CredentialRecord] = relationship(back_populates="suspensions")

    __table_args__ = (
        Index(
            "one_open_suspension_a_cause",
            "credential_id",
            "cause",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )


class StatusListRecord(Base):
    """One status list: a purpose and a running number."""

    __tablename__ = "status_list"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(12))
    number: Mapped[int]
    size: Mapped[int]
    closed: Mapped[bool] = mapped_column(default=False)
    """No more indexes are drawn from it; it is still published."""
    bits: Mapped[int] = mapped_column(default=1)
    """How many bits an entry has (statusSize)."""
    state: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    """All entries, packed as they were published last; None when nothing was ever set. What changed since is in
    ``status_change``: a publication reads these two, never the entries."""
    publication: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    """Until when the last publication counts."""

    __table_args__ = (UniqueConstraint("purpose", "number"),)


class StatusEntry(Base):
    """An index that was drawn, for good, and its status."""

    __tablename__ = "status_entry"
    list_id: Mapped[int] = mapped_column(_Id, ForeignKey("status_list.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    credential_id: Mapped[int] = mapped_column(_Id, ForeignKey("credential.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    value: Mapped[int] = mapped_column(default=0)

    credential: Mapped[CredentialRecord] = relationship(back_populates="status_entries")
    status_list: Mapped[StatusListRecord] = relationship()

    __table_args__ = (UniqueConstraint("credential_id", "purpose"),)


# --- audit ---------------------------------------------------------------------------------------------------------


class AuditEntry(Base):
    """One entry of the audit log. Triggers refuse to change or delete one."""

    __tablename__ = "audit_entry"
    seq: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=False)
    at: Mapped[str]
    actor: Mapped[str]
    event: Mapped[str]
    subject: Mapped[str]
    details: Mapped[str]
    previous: Mapped[str]
    digest: Mapped[str]


class AuditHead(Base):
    """The end of the audit chain; locked by whoever appends."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(_Id)
    digest: Mapped[str]


# --- officers ------------------------------------------------------------------------------------------------------


class Officer(Base):
    """An account of the authority's desk. The password is kept as an Argon2id hash."""

    __tablename__ = "officer"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    username: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(12))
    """clerk, supervisor or auditor."""
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
