"""How a wallet keeps its cards up to date: a challenge for its device, and updates of what the device holds.

A wallet may have missed an answer: asking to update a card that a newer version took the place of gives that version.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from . import lifecycle
from .audit import Act
from .environment import storable, token
from .errors import DeviceError, IssuerError, NotFoundError, StateError
from .forms import check_forms
from .issuance import UpdateKind
from .possession import device_of_presentation
from .tables import CredentialRecord, Device, DeviceChallenge
from .views import IssuedCard, issued_card

if TYPE_CHECKING:
    from .authority import Authority

__all__ = ["MAX_UPDATES", "Collecting", "UpdateOutcome"]

MAX_UPDATES = 16
_LIFETIME = timedelta(minutes=10)
_MAX_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What became of one card: a kind of update with the new version if there is one, or why it was refused."""

    reference: str
    kind: UpdateKind | None
    card: IssuedCard | None = None
    refused: IssuerError | None = None


class Collecting:
    """The wallets' side of one authority, beyond applications."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def challenge(self, device: str) -> tuple[str, datetime]:
        """A challenge for a device (its did:key) and until when it is good; an older one ends.

        An unknown device gets one as well, that nothing can be done with: who asks learns nothing.
        """
        value = token(self._authority.random, 32)

        def work(act: Act) -> datetime:
            expires = act.at + _LIFETIME
            found = act.session.scalars(select(Device).where(Device.did == device)) if storable(device) else None
            known = found.one_or_none() if found is not None else None
            if known is not None:
                act.session.merge(DeviceChallenge(device_id=known.id, challenge=value, expires_at=expires))
            return expires

        return value, self._authority.act("wallet", work)

    def update(
        self, references: Sequence[str], presentation: Mapping[str, Any], *, envelopes: Collection[str] = ()
    ) -> list[UpdateOutcome]:
        """Update cards of the device that signed ``presentation`` (untrusted) over its challenge.

        A card that is wanted in ``envelopes`` it does not have is renewed. Raises DeviceError when possession is not
        proved, StateError for too many cards, an unknown envelope, or a challenge used or over.
        """
        if len(references) > MAX_UPDATES:
            raise StateError("update.limit", f"一次最多更新 {MAX_UPDATES} 张", f"at most {MAX_UPDATES} cards at once")
        wanted = check_forms(envelopes, self._authority.signer, self._authority.certificates)
        device = self._prove(presentation)
        return [self._update(reference, device, wanted) for reference in dict.fromkeys(references)]

    def _prove(self, presentation: Mapping[str, Any]) -> str:
        holder = presentation.get("holder")
        claimed = holder if isinstance(holder, str) and storable(holder) else ""
        with self._authority.database.reading() as session:
            query = select(DeviceChallenge).join(Device, DeviceChallenge.device_id == Device.id)
            row = session.scalars(query.where(Device.did == claimed)).one_or_none()
            expected = row.challenge if row is not None and row.expires_at > self._authority.clock() else None
            device_id = row.device_id if row is not None else 0
        if expected is None:
            raise StateError("device.challenge", "请先获取挑战值", "ask for a challenge first")
        proved = device_of_presentation(
            presentation,
            challenge=expected,
            domain=self._authority.base_url,
            resolver=self._authority.resolver,
            now=self._authority.clock(),
        )
        if not hmac.compare_digest(proved.encode(), claimed.encode()):
            raise DeviceError("device.possession", "设备未能证明持有密钥", "the device did not prove its key")

        def use(act: Act) -> bool:
            used = delete(DeviceChallenge).where(
                DeviceChallenge.device_id == device_id, DeviceChallenge.challenge == expected
            )
            return act.session.execute(used.returning(DeviceChallenge.device_id)).one_or_none() is not None

        if not self._authority.act("wallet", use):
            raise StateError("device.challenge", "挑战值已使用", "the challenge is used up: ask for a new one")
        return proved

    def _update(self, reference: str, device: str, envelopes: Collection[str]) -> UpdateOutcome:
        def work(act: Act) -> UpdateOutcome:
            query = select(CredentialRecord).join(Device, CredentialRecord.device_id == Device.id)
            query = query.where(CredentialRecord.reference == reference, Device.did == device)
            record = act.session.scalars(query).one_or_none() if storable(reference) else None
            if record is None:
                raise NotFoundError("credential.unknown", "没有这个凭证", "there is no such credential")
            lifecycle.device_of(act.session, device)
            newest = lifecycle.credential_of(act.session, _newest(act, record).reference)
            if newest.state == "revoked" and newest.revocation_reason != "superseded":
                return UpdateOutcome(reference, UpdateKind.REVOKED)
            updated = self._authority.issuance.update(act, newest, envelopes)
            current = updated.credential
            if updated.kind is UpdateKind.UNCHANGED and current.reference != reference:
                return UpdateOutcome(reference, UpdateKind.CHANGED, issued_card(current))
            fresh = updated.kind in (UpdateKind.CHANGED, UpdateKind.RENEWED)
            return UpdateOutcome(reference, updated.kind, issued_card(current) if fresh else None)

        try:
            return self._authority.act("wallet", work)
        except IssuerError as error:
            return UpdateOutcome(reference, None, refused=error)


def _newest(act: Act, record: CredentialRecord) -> CredentialRecord:
    """The last version that took the card's place, on the same device."""
    for _ in range(_MAX_VERSIONS):
        query = select(CredentialRecord).where(CredentialRecord.supersedes_id == record.id)
        successor = act.session.scalars(query).one_or_none()
        if successor is None:
            break
        record = successor
    return record
