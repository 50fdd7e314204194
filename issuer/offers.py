"""Whom the cards of an offer may go to.

An offer is a symbol on a screen: whoever photographs it holds it. So the symbol alone collects nothing. The device that
wants the cards must be the applicant's:

* it is known already: in use, and the same person's (for what the applicant opened, not for what an officer did), or
* it gives the code that went to the registered phone (``IdentityProofing``, with its limits), or
* for what an officer opened at the desk: another officer, with the person before them, admits it.

An officer alone therefore issues nothing, and an officer who changed somebody's registered phone can't use its codes.
A device that was admitted stays admitted: what fails afterwards can be tried again without another code.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from .applications import Applications, ApplicationState
from .audit import Act
from .environment import storable
from .errors import DeviceError, OfferError, RateLimitError, StateError
from .proofing import IdentityProofing, ProofingRequest
from .tables import Application, AuditEntry, Device

__all__ = ["CodeAsked", "Offers", "admit_by_officer", "may_collect"]

_T = TypeVar("_T")
_REMEMBERED = timedelta(days=30)
"""How long an officer who changed a phone is kept from its codes."""


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """What a device has to bring: ``needed`` says whether anything; ``sent`` whether a code is on its way.

    Where a code is needed and none can be sent, a second officer admits the device.
    """

    needed: bool
    sent: bool = False


class ActAs(Protocol):
    """Does work in one transaction as an actor (``Authority.act``)."""

    def __call__(self, actor: str, work: Callable[[Act], _T]) -> _T:
        """The result of the work."""
        ...


class Offers:
    """The offers of one authority. ``act`` runs work in a transaction as an actor."""

    def __init__(self, applications: Applications, proofing: IdentityProofing, act: ActAs) -> None:
        self._applications = applications
        self._proofing = proofing
        self._act = act

    def ask(self, reference: str, device: str) -> CodeAsked:
        """A device (did:key, nothing proved yet) wants an offer's cards: what it has to bring; sends the code.

        A code that is on its way is not followed by another. Raises NotFoundError, StateError, DeviceError,
        RateLimitError.
        """
        if not storable(device) or not device.startswith("did:key:"):
            raise DeviceError("device.key", "设备密钥须为 did:key", "the device's key must be a did:key")

        def look(act: Act) -> tuple[ProofingRequest, bool, bool] | None:
            application = self._locked(act.session, reference)
            if may_collect(act.session, application, device):
                return None
            application.asking = device
            sent = application.code_until is not None and application.code_until > act.at
            request = self._applications.proofing_request(application)
            if not _code_counts(act, application):
                request, sent = replace(request, phone=None), False
            return request, sent, application.opened_by is not None

        found = self._act("wallet", look)
        if found is None:
            return CodeAsked(needed=False)
        request, sent, at_desk = found
        if sent or not request.registered or request.phone is None:
            return CodeAsked(needed=True, sent=sent)
        try:
            self.send(reference, request)
        except RateLimitError:
            if not at_desk:
                raise
            return CodeAsked(needed=True)  # Another officer can still admit the device.
        return CodeAsked(needed=True, sent=True)

    def send(self, reference: str, request: ProofingRequest | None = None) -> None:
        """Send a code for an offer; one that was sent before ends. Raises as ``ask``."""
        if request is None:
            request = self._act(
                "resident", lambda act: self._applications.proofing_request(self._locked(act.session, reference))
            )
        until = self._proofing.start(request)

        def note(act: Act) -> None:
            self._locked(act.session, reference).code_until = until

        self._act("authority", note)

    def admit(self, reference: str, device: str, code: str | None) -> None:
        """Whether the device (proved) may have an offer's cards; with the right code it is admitted for good.

        Does nothing for an application that the applicant proved by itself. Raises OfferError, RateLimitError.
        """
        if self._is_open(reference, device):
            return
        if code is None:
            asked = self.ask(reference, device)
            if not asked.needed:
                return
            if not asked.sent:
                raise _officer_required()
            raise OfferError(
                "offer.code_required",
                "新手机领取需要验证码，已发送到登记的手机",
                "a new phone needs the code that was sent to the registered phone",
            )
        request = self._request_of_code(reference)
        if not self._proofing.check(request, code):
            raise OfferError("offer.code_wrong", "验证码不正确或已失效", "the code is wrong or no longer valid")

        def admitted(act: Act) -> None:
            application = self._locked(act.session, reference)
            application.admitted, application.admitted_by, application.asking = device, "applicant", None
            act.note("application.admitted", f"application:{application.id}", by="code")

        self._act("applicant", admitted)

    def _is_open(self, reference: str, device: str) -> bool:
        def look(act: Act) -> bool:
            application = self._applications.find(act.session, reference)
            # One that is issued already gives its cards to its own device only (``issuer.handover``).
            waiting = application.state == ApplicationState.AWAITING_DEVICE
            return not waiting or may_collect(act.session, application, device)

        return self._act("wallet", look)

    def _request_of_code(self, reference: str) -> ProofingRequest:
        def look(act: Act) -> ProofingRequest:
            application = self._locked(act.session, reference)
            if not _code_counts(act, application):
                raise _officer_required()
            return self._applications.proofing_request(application)

        return self._act("wallet", look)

    def _locked(self, session: Session, reference: str) -> Application:
        return self._applications.locked(session, reference, ApplicationState.AWAITING_DEVICE)


def may_collect(session: Session, application: Application, device: str) -> bool:
    """Whether the cards of an application may go to a device that proved its key."""
    if not application.offered:
        return True
    if application.admitted is not None:
        return hmac.compare_digest(application.admitted.encode(), device.encode())
    if application.opened_by is not None:
        return False
    known = select(Device.id).where(
        Device.did == device, Device.person_id == application.person_id, Device.state == "active"
    )
    return session.execute(known).first() is not None


def admit_by_officer(act: Act, application: Application, device: str) -> None:
    """A second officer admits the device that asks for what another opened (locked). Raises StateError."""
    if application.opened_by is None or not act.actor.startswith("officer:"):
        raise StateError("offer.applicant", "该申请由本人凭验证码领取", "the applicant collects this with a code")
    if act.actor == application.opened_by:
        raise OfferError(
            "offer.same_officer",
            "须由另一名民警确认，受理人不能自行确认",
            "another officer has to confirm it, not the one who opened it",
        )
    if application.asking is None or not hmac.compare_digest(application.asking.encode(), device.encode()):
        raise StateError("offer.device", "请求领取的手机已变更，请重新核对", "another phone asks by now: look again")
    application.admitted, application.admitted_by, application.asking = device, act.actor, None
    act.session.flush()
    act.note("application.admitted", f"application:{application.id}", by="officer", openedBy=application.opened_by)


def _officer_required() -> OfferError:
    return OfferError(
        "offer.officer_required",
        "须由第二名民警在窗口确认这部手机",
        "a second officer has to confirm this phone at the desk",
    )


def _code_counts(act: Act, application: Application) -> bool:
    """Whether the registered phone speaks for the applicant: not when the opening officer changed it lately."""
    if application.opened_by is None:
        return True
    query = select(AuditEntry.at, AuditEntry.details).where(
        AuditEntry.subject == f"person:{application.person_id}",
        AuditEntry.actor == application.opened_by,
        AuditEntry.event == "register.corrected",
    )
    since = (act.at - _REMEMBERED).strftime("%Y-%m-%dT%H:%M:%SZ")
    return not any(
        at >= since and "phone" in json.loads(details).get("facts", []) for at, details in act.session.execute(query)
    )
