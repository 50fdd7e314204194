"""Handing the cards of an application over to the device that proved its key: all in the caller's transaction."""

from __future__ import annotations

import hmac
from collections.abc import Collection

from sqlalchemy import select

from . import lifecycle
from .applications import REPLACEMENT, ApplicationState
from .audit import Act
from .errors import IssuerError, NotFoundError, OfferError, StateError
from .holds import check_holds, of_a_phone
from .issuance import Issuance
from .offers import may_collect
from .tables import Application, ApplicationCard, Device, Person
from .views import IssuedCard, issued_card

__all__ = ["hand_over"]


def hand_over(
    act: Act,
    application: Application,
    challenge: str | None,
    device_did: str,
    issuance: Issuance,
    envelopes: Collection[str] = (),
) -> tuple[list[IssuedCard], IssuerError | None]:
    """Issue what is pending to the device, or give its cards again to the device that has them.

    ``application`` is locked; ``challenge`` is what the device signed and is used up; ``envelopes`` are
    what it wants the cards in beside JSON-LD. A card that the register does not
    support is refused by itself; where nothing can be issued for what is wrong with this device or at this time, the
    application waits for another try. Returns the cards and the last refusal. Raises StateError, NotFoundError,
    OfferError for a device that is not admitted.
    """
    current = application.challenge
    if challenge is None or current is None or not hmac.compare_digest(current.encode(), challenge.encode()):
        raise StateError("application.challenge", "挑战值已更换", "the challenge was replaced meanwhile")
    application.challenge, application.challenge_expires = None, None
    if application.state == ApplicationState.ISSUED:
        return _again(act, application, device_did), None
    if application.person is None:
        raise NotFoundError("application.unknown", "没有这个申请", "there is no such application")
    if not may_collect(act.session, application, device_did):
        raise OfferError("offer.code_required", "这部手机尚未核验", "this phone is not shown to be the applicant's")
    device = _device(act, application.person, device_did)
    issuance.check_holder(application.person, device)
    if application.selector == REPLACEMENT and application.selected == str(device.id):
        raise StateError("device.same", "请使用新设备领取", "this is the old device: use the new one")
    application.device = device
    refused = _issue_pending(act, application, application.person, device, issuance, envelopes)
    if isinstance(refused, StateError) and not any(card.state == "issued" for card in application.cards):
        return [], refused
    issued = [issued_card(card.credential) for card in application.cards if card.credential is not None]
    if issued and application.selector == REPLACEMENT:
        _retire_replaced(act, application)
    application.state = ApplicationState.ISSUED if issued else ApplicationState.REFUSED
    event = "application.issued" if issued else "application.refused"
    act.note(event, f"application:{application.id}", cards=len(issued))
    return issued, refused


def _issue_pending(
    act: Act,
    application: Application,
    person: Person,
    device: Device,
    issuance: Issuance,
    envelopes: Collection[str],
) -> IssuerError | None:
    refusals: list[tuple[ApplicationCard, IssuerError]] = []
    replaced = int(application.selected) if application.selector == REPLACEMENT else None
    for card in application.cards:
        if card.state != "pending":
            continue
        try:
            with act.session.begin_nested():
                card.credential = issuance.issue(act, person, card.card_type, device, envelopes, replaced=replaced)
                card.state = "issued"
        except IssuerError as error:
            refusals.append((card, error))
    issued = any(card.state == "issued" for card in application.cards)
    for card, why in refusals:
        if issued or not isinstance(why, StateError):
            _refuse(act, card, why)
        else:
            act.session.refresh(card)
    # What another try may mend counts most: the application then stays open.
    reasons = sorted((why for _, why in refusals), key=lambda why: not isinstance(why, StateError))
    return reasons[0] if reasons else None


def _retire_replaced(act: Act, application: Application) -> None:
    """The cards are on the new phone: the old one's end in the same transaction."""
    old = act.session.get(Device, int(application.selected), with_for_update=True, populate_existing=True)
    if old is not None and old.person_id == application.person_id and old.state != "retired":
        lifecycle.retire_device(act, old)


def _again(act: Act, application: Application, device_did: str) -> list[IssuedCard]:
    if application.device is None or application.device.did != device_did:
        raise StateError(
            "application.device", "该申请已签发给另一设备", "the application's cards are on another device"
        )
    if application.device.state != "active":
        raise StateError("device.state", "设备已报失或注销", "the device is reported lost or retired")
    records = [card.credential for card in application.cards if card.credential is not None]
    for record in records:
        if record.forms:
            check_holds(act.session, record.person_id, record.card_type, passes=of_a_phone)
    return [issued_card(record) for record in records if record.forms]


def _device(act: Act, person: Person, did: str) -> Device:
    """The device's row, locked; made when the key is new."""
    query = select(Device).where(Device.did == did).with_for_update().execution_options(populate_existing=True)
    device = act.session.scalars(query).one_or_none()
    if device is None:
        device = Device(did=did, person_id=person.id, state="active", created_at=act.at)
        act.session.add(device)
        act.session.flush()
    return device


def _refuse(act: Act, card: ApplicationCard, error: IssuerError) -> None:
    act.session.refresh(card)
    card.state, card.reason = "refused", error.code
    act.note("card.refused", f"application:{card.application_id}", type=card.card_type, reason=error.code)
