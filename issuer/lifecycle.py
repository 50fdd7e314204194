"""The life of a credential after its issuance: suspended, resumed, revoked, its device lost and found.

A credential may be suspended for several causes at once and is suspended while one of them stands; lifting one never
lifts another. Revocation is final. Each step changes state, status bit and audit log in the caller's transaction.

What the authority decides is about the person and the kind of card: it concerns all their cards of that kind, and
leaves a hold (``issuer.holds``) that no new application goes around.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vc.cards.formats import TOKEN
from vc.problems import ProblemError
from vc.status import StatusType

from .audit import Act
from .environment import storable
from .errors import NotFoundError, StateError
from .guard_tables import Hold
from .hold_rules import (
    AUTHORITY_REVOKED,
    AUTHORITY_SUSPENDED,
    LOST_PHONE,
    RULES,
    LiftedBy,
    rule_of_revocation,
    rule_of_suspension,
)
from .holds import HoldView, hold_view, lift, of_a_phone, open_holds, place
from .status_indexes import set_status
from .tables import CardForm, CredentialRecord, Device, Person, Suspension

__all__ = [
    "DEVICE_LOST",
    "REVOCATION_REASONS",
    "SUSPENSION_CAUSES",
    "credential_of",
    "device_of",
    "lift_hold",
    "offer_refresh",
    "open_causes",
    "place_by_authority",
    "report_found",
    "report_lost",
    "resume",
    "retire_device",
    "revoke",
    "set_message",
    "suspend",
]

DEVICE_LOST = "device-lost"
_AUTHORITY = "authority-decision"

SUSPENSION_CAUSES = {
    "holder-request": ("本人申请", "the holder's request"),
    "authority-decision": ("机关决定", "the authority's decision"),
    "endorsement-lapsed": ("逾期未签注", "the endorsement lapsed"),
    DEVICE_LOST: ("设备遗失", "the device is lost"),
}
"""Cause -> (Chinese, English)."""

REVOCATION_REASONS = {
    "holder-request": ("本人申请", "the holder's request"),
    "authority-decision": ("机关决定", "the authority's decision"),
    "superseded": ("已换发新版本", "a new version was issued"),
    "register-changed": ("登记信息变更", "the register changed"),
    "deceased": ("死亡", "the holder died"),
    "emigrated": ("出国定居", "the holder emigrated"),
    DEVICE_LOST: ("设备遗失", "the device is lost"),
}
"""Reason -> (Chinese, English)."""


def credential_of(session: Session, reference: str) -> CredentialRecord:
    """The credential, locked until the transaction ends. Raises NotFoundError."""
    query = select(CredentialRecord).where(CredentialRecord.reference == reference).with_for_update()
    found = (
        session.scalars(query.execution_options(populate_existing=True)).one_or_none() if storable(reference) else None
    )
    if found is None:
        raise NotFoundError("credential.unknown", "没有这个凭证", "there is no such credential")
    return found


def device_of(session: Session, did: str) -> Device:
    """The device with this DID, locked until the transaction ends. Raises NotFoundError."""
    query = select(Device).where(Device.did == did).with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none() if storable(did) else None
    if found is None:
        raise NotFoundError("device.unknown", "没有登记这个设备", "no such device is registered")
    return found


def suspend(act: Act, credential: CredentialRecord, cause: str) -> None:
    """Suspend for ``cause``. Raises StateError when revoked, or suspended for this cause already.

    A lost device concerns all its cards: that cause is for ``report_lost`` alone. The authority's decision concerns all
    cards of the kind, on every phone.
    """
    _known(cause, {known: texts for known, texts in SUSPENSION_CAUSES.items() if known != DEVICE_LOST})
    _suspend(act, credential, cause)
    rule = rule_of_suspension(cause)
    if rule is not None:
        place(act, credential.person_id, credential.card_type, rule)
    if rule == AUTHORITY_SUSPENDED:
        for other in _same_kind(act.session, credential.person_id, credential.card_type):
            if cause not in open_causes(act.session, other):
                _suspend(act, other, cause)


def _suspend(act: Act, credential: CredentialRecord, cause: str) -> None:
    _not_revoked(credential)
    if cause in open_causes(act.session, credential):
        raise StateError(
            "credential.suspended", "凭证已因此原因暂停", "the credential is suspended for this cause already"
        )
    act.session.add(Suspension(credential_id=credential.id, cause=cause, since=act.at))
    credential.state = "suspended"
    _set_status(act, credential, "suspension", 1)
    act.session.flush()
    act.note("credential.suspended", _subject(credential), cause=cause)


def resume(
    act: Act,
    credential: CredentialRecord,
    cause: str | None = None,
    *,
    allow: Callable[[LiftedBy], None] = lambda lifted_by: None,
) -> bool:
    """Lift ``cause`` (or the only cause that stands); returns whether the credential is in use again.

    A lost device's cards come back with ``report_found`` only; a lapsed endorsement with the register. The authority's
    decision is lifted from every card of the kind, with its hold. ``allow`` is asked who lifts, and raises. Raises
    StateError when revoked, not suspended for this cause, or when several causes stand and none is named.
    """
    _not_revoked(credential)
    standing = open_causes(act.session, credential)
    if cause is None:
        if len(standing) > 1:
            raise StateError(
                "credential.causes",
                f"请指定要解除的原因：{'、'.join(sorted(standing))}",
                f"say which cause to lift: {', '.join(sorted(standing))}",
            )
        cause = next(iter(standing), "")
    if cause not in standing:
        raise StateError(
            "credential.not_suspended", "凭证未因此原因暂停", "the credential is not suspended for this cause"
        )
    if cause == DEVICE_LOST:
        raise StateError("device.lost", "设备找回后方可恢复", "the device has to be reported found")
    rule = rule_of_suspension(cause)
    allow(RULES[rule].lifted_by if rule is not None else LiftedBy.OFFICER)
    _lift(act, credential, standing, cause)
    if rule is not None:
        others = [
            other
            for other in _same_kind(act.session, credential.person_id, credential.card_type)
            if cause in open_causes(act.session, other)
        ]
        if rule == AUTHORITY_SUSPENDED:
            for other in others:
                _lift(act, other, open_causes(act.session, other), cause)
            others = []
        if not others:
            _lift_holds(act, credential.person_id, lambda hold: hold.rule == rule, credential.card_type)
    return credential.state == "active"


def lift_hold(act: Act, hold: Hold, *, allow: Callable[[LiftedBy], None] = lambda lifted_by: None) -> None:
    """Lift a hold (locked), and the suspensions that it was made with. ``allow`` is asked who lifts, and raises.

    Raises StateError for one that only an event lifts: a phone that is found or replaced, the register.
    """
    rule = RULES[hold.rule]
    if rule.lifted_by in (LiftedBy.PHONE, LiftedBy.REGISTER):
        raise StateError("hold.event", f"不能直接解除。{rule.todo_zh}", f"this is not lifted by hand. {rule.todo_en}")
    allow(rule.lifted_by)
    lift(act, hold)
    for credential in _same_kind(act.session, hold.person_id, hold.card_type):
        for cause in open_causes(act.session, credential):
            if rule_of_suspension(cause) == hold.rule:
                _lift(act, credential, open_causes(act.session, credential), cause)


def place_by_authority(act: Act, person: Person, card_type: str, cards: Collection[str], note: str = "") -> HoldView:
    """Hold back a kind of card from a person; the cards of it that they have are suspended. Raises StateError."""
    if card_type not in cards:
        raise StateError("application.selection", "没有这种证照", "there is no such kind of card")
    act.session.execute(select(Device.id).where(Device.person_id == person.id).with_for_update())
    for credential in _same_kind(act.session, person.id, card_type):
        if _AUTHORITY not in open_causes(act.session, credential):
            _suspend(act, credential, _AUTHORITY)
    return hold_view(place(act, person.id, card_type, AUTHORITY_SUSPENDED, note=note))


def revoke(act: Act, credential: CredentialRecord, reason: str) -> None:
    """Revoke for good. Raises StateError when it is revoked already.

    The authority's decision concerns all cards of the kind, on every phone.
    """
    _known(reason, REVOCATION_REASONS)
    _revoke(act, credential, reason)
    rule = rule_of_revocation(reason)
    if rule is not None:
        place(act, credential.person_id, credential.card_type, rule)
    if rule == AUTHORITY_REVOKED:
        for other in _same_kind(act.session, credential.person_id, credential.card_type):
            _revoke(act, other, reason)


def _revoke(act: Act, credential: CredentialRecord, reason: str) -> None:
    _not_revoked(credential)
    credential.state = "revoked"
    credential.revoked_at = act.at
    credential.revocation_reason = reason
    act.session.execute(delete(CardForm).where(CardForm.credential_id == credential.id))
    act.session.expire(credential, ["forms"])
    _set_status(act, credential, "revocation", 1)
    act.session.flush()
    act.note("credential.revoked", _subject(credential), reason=reason)


def offer_refresh(act: Act, credential: CredentialRecord) -> None:
    """Say that an updated credential is available (purpose ``refresh``), which is final and revokes nothing.

    Raises StateError when the credential is revoked, has no such entry, or says so already.
    """
    _not_revoked(credential)
    if not set_status(act.session, credential.id, "refresh", 1, at=act.at):
        raise StateError("credential.status", "凭证没有可设置的更新状态", "there is no refresh status to set")
    act.note("credential.refresh_offered", _subject(credential))


def set_message(act: Act, credential: CredentialRecord, value: int) -> None:
    """Choose the message (purpose ``message``) of a credential by its number; 0 is the first.

    Raises StateError when the credential is revoked, has no such entry, that message already, or there is no such
    message.
    """
    _not_revoked(credential)
    try:
        changed = set_status(act.session, credential.id, "message", value, at=act.at)
    except ProblemError:
        raise StateError("credential.message", "没有这个消息", "there is no such message") from None
    if not changed:
        raise StateError("credential.status", "凭证没有可设置的消息状态", "there is no message status to set")
    act.note("credential.message_set", _subject(credential), message=value)


def report_lost(act: Act, device: Device) -> list[CredentialRecord]:
    """Suspend every card of a lost device at once; returns them. Raises StateError when it is not in use."""
    if device.state != "active":
        raise StateError("device.state", "设备已不在使用", "the device is not in use")
    device.state, device.lost_at = "lost", act.at
    credentials = _unrevoked(act.session, device)
    for credential in credentials:
        _suspend(act, credential, DEVICE_LOST)
    for card_type in dict.fromkeys(credential.card_type for credential in credentials):
        place(act, device.person_id, card_type, LOST_PHONE, device_id=device.id)
    act.note("device.lost", f"device:{device.id}", cards=len(credentials))
    return credentials


def report_found(act: Act, device: Device) -> list[CredentialRecord]:
    """A lost device is back: lift that cause from its cards; returns those in use again. Raises StateError."""
    if device.state != "lost":
        raise StateError("device.state", "设备未报失", "the device is not reported lost")
    device.state, device.lost_at = "active", None
    resumed = []
    for credential in _unrevoked(act.session, device):
        standing = open_causes(act.session, credential)
        if DEVICE_LOST in standing and _lift(act, credential, standing, DEVICE_LOST):
            resumed.append(credential)
    _lift_of_phone(act, device)
    act.note("device.found", f"device:{device.id}", cards=len(resumed))
    return resumed


def retire_device(act: Act, device: Device) -> list[CredentialRecord]:
    """The holder confirms the loss: revoke every card of the device; returns them. Raises StateError."""
    if device.state == "retired":
        raise StateError("device.state", "设备已注销", "the device is retired already")
    device.state = "retired"
    credentials = _unrevoked(act.session, device)
    for credential in credentials:
        revoke(act, credential, DEVICE_LOST)
    _lift_of_phone(act, device)
    act.note("device.retired", f"device:{device.id}", cards=len(credentials))
    return credentials


def _lift_of_phone(act: Act, device: Device) -> None:
    _lift_holds(act, device.person_id, lambda hold: of_a_phone(hold) and hold.device_id == device.id)


def _lift_holds(act: Act, person_id: int, wanted: Callable[[Hold], bool], card_type: str | None = None) -> None:
    for hold in open_holds(act.session, person_id, card_type):
        if wanted(hold):
            lift(act, hold)


def _same_kind(session: Session, person_id: int, card_type: str) -> list[CredentialRecord]:
    """All cards of a kind that a person has, on every phone, locked."""
    query = (
        select(CredentialRecord)
        .where(
            CredentialRecord.person_id == person_id,
            CredentialRecord.card_type == card_type,
            CredentialRecord.state != "revoked",
        )
        .order_by(CredentialRecord.id)
        .with_for_update()
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _unrevoked(session: Session, device: Device) -> list[CredentialRecord]:
    query = (
        select(CredentialRecord)
        .where(CredentialRecord.device_id == device.id, CredentialRecord.state != "revoked")
        .order_by(CredentialRecord.id)
        .with_for_update()
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def open_causes(session: Session, credential: CredentialRecord) -> set[str]:
    """The causes for which a credential is suspended now."""
    query = select(Suspension.cause).where(Suspension.credential_id == credential.id, Suspension.lifted_at.is_(None))
    return set(session.scalars(query))


def _lift(act: Act, credential: CredentialRecord, standing: set[str], cause: str) -> bool:
    query = select(Suspension).where(
        Suspension.credential_id == credential.id, Suspension.cause == cause, Suspension.lifted_at.is_(None)
    )
    act.session.scalars(query).one().lifted_at = act.at
    active = standing == {cause}
    if active:
        credential.state = "active"
        _set_status(act, credential, "suspension", 0)
    act.session.flush()
    act.note("credential.resumed", _subject(credential), cause=cause, active=active)
    return active


_TOKEN_STATUS = {"active": StatusType.VALID, "suspended": StatusType.SUSPENDED, "revoked": StatusType.INVALID}


def _set_status(act: Act, credential: CredentialRecord, purpose: str, value: int) -> None:
    """Set a bit, and the status that says all in one where the credential has that, too."""
    set_status(act.session, credential.id, purpose, value, at=act.at)
    set_status(act.session, credential.id, TOKEN, int(_TOKEN_STATUS[credential.state]), at=act.at)


def _known(code: str, table: dict[str, tuple[str, str]]) -> None:
    if code not in table:
        raise StateError(
            "reason.unknown", f"原因须为：{'、'.join(table)}", f"the reason must be one of {', '.join(table)}"
        )


def _not_revoked(credential: CredentialRecord) -> None:
    if credential.state == "revoked":
        raise StateError("credential.revoked", "凭证已吊销", "the credential is revoked")


def _subject(credential: CredentialRecord) -> str:
    return f"credential:{credential.reference}"
