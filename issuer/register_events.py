"""Events of the register that no import file brings: a portrait, a death, an emigration."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from vc.cards.identifiers import citizen_identity_number
from vc.cards.portrait import JPEG, portrait_claim
from vc.problems import ProblemError

from . import lifecycle
from .audit import Act
from .errors import CardError, NotFoundError, RegisterError
from .hold_rules import RULES, LiftedBy
from .holds import lift, open_holds
from .tables import CredentialRecord, Device, Person, Portrait

__all__ = ["LIFE_STATUSES", "person_by_number", "set_life_status", "set_portrait"]

LIFE_STATUSES = ("living", "deceased", "emigrated")


def person_by_number(session: Session, number: str) -> Person:
    """The person with this citizen number. Raises NotFoundError: ``person.number`` (malformed), ``person.unknown``."""
    try:
        standard = citizen_identity_number(number)
    except ProblemError:
        raise NotFoundError("person.number", "公民身份号码格式不正确", "not a citizen identity number") from None
    person = session.scalars(select(Person).where(Person.citizen_identity_number == standard)).one_or_none()
    if person is None:
        raise NotFoundError("person.unknown", "登记中没有此人", "there is no such person in the register")
    return person


def set_portrait(act: Act, number: str, content: bytes) -> bool:
    """Set a person's portrait; False when it is the same already. Raises NotFoundError, CardError."""
    try:
        digest = portrait_claim(content)["digestMultibase"]
    except ValueError as error:
        raise CardError("portrait.form", "照片须为大小合适的 JPEG", f"not an acceptable portrait: {error}") from error
    person = person_by_number(act.session, number)
    if person.portrait is not None and person.portrait.digest == digest:
        return False
    if person.portrait is None:
        person.portrait = Portrait(media_type=JPEG, data=content, digest=digest)
    else:
        person.portrait.data, person.portrait.digest = content, digest
    act.note("register.portrait", f"person:{person.id}")
    return True


def set_life_status(act: Act, number: str, status: str) -> list[str]:
    """Note whether a person lives here; revoke all cards of who does not. Returns the references of the revoked."""
    if status not in LIFE_STATUSES:
        raise RegisterError("person.status", "人员状态取值有误", "the status is living, deceased or emigrated")
    person = person_by_number(act.session, number)
    person.life_status = status
    revoked = []
    if status != "living":
        # The devices first, as everywhere: transactions then never wait for each other in a ring.
        act.session.execute(select(Device.id).where(Device.person_id == person.id).with_for_update())
        query = select(CredentialRecord).where(
            CredentialRecord.person_id == person.id, CredentialRecord.state != "revoked"
        )
        for credential in act.session.scalars(query.with_for_update()).all():
            lifecycle.revoke(act, credential, status)
            revoked.append(credential.reference)
    else:
        for hold in open_holds(act.session, person.id):
            if RULES[hold.rule].lifted_by is LiftedBy.REGISTER:
                lift(act, hold)
    act.note("register.life_status", f"person:{person.id}", status=status)
    return revoked
