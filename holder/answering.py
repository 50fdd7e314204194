"""From a request and the holder's consent to what waits for the device key: derived cards, portraits, the log's entry.

In either form: a presentation of JSON-LD cards, or cards as SD-JWTs. What leaves is compared with what was agreed, and
is in the log before it is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from vc.problems import Problem
from vc.scenarios import PresentationRequest, ScenarioSet
from vc.scenarios.request import SD_JWT

from .cards import Card, CardStore
from .consent import Consent, DisclosedCard, DisclosedClaim, Disclosure, consider, read_request
from .errors import ConsentRefused, DisclosureMismatch, RequestRefused
from .pending import PendingMessage
from .sealing import Random
from .usage_log import UsageLog

if TYPE_CHECKING:
    from vc.presentation import PendingPresentation

    from .device import DeviceKey
    from .remote_key import RemoteDeviceKey
    from .sd_jwts import PendingSdJwts

__all__ = ["LIFETIME_SECONDS", "Answering", "Ask", "derive_exactly"]

LIFETIME_SECONDS: Final = 300
"""How long a presentation lives."""

Ask = Callable[[Disclosure], Consent | bool]
"""What asks the holder."""

_Request = PresentationRequest | Mapping[str, Any]
_Chosen = tuple[tuple[DisclosedCard, tuple[DisclosedClaim, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The answers of one opened wallet. The methods are described where ``Wallet`` has them."""

    cards: CardStore = field(repr=False)
    log: UsageLog = field(repr=False)
    device_key: DeviceKey | RemoteDeviceKey
    scenarios: ScenarioSet = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    random: Random = field(repr=False)

    def consider(self, request: _Request, choose: Mapping[str, str] | None) -> Disclosure:
        """What would leave. Raises RequestRefused, which is written into the log."""
        about: dict[str, Any] = {}
        try:
            read = read_request(request)
            about = _about(read)
            return consider(read, self.cards.all(), now=self.clock(), choose=choose, scenarios=self.scenarios)
        except RequestRefused as error:
            reasons = sorted({problem.code for problem in error.problems})
            self.log.append("request-refused", **about, reasons=reasons)
            raise

    def prepare(
        self, request: _Request, ask: Ask, choose: Mapping[str, str] | None, unlock: Callable[[], bytes]
    ) -> tuple[PendingMessage, bytes]:
        """A presentation up to its signature, and the key that ``unlock`` gave for the PIN."""
        read, chosen, sealing_key = self._agreed(request, ask, choose, unlock, None)
        derived = [derive_exactly(card.card, [claim.term for claim in claims]) for card, claims in chosen]
        attachments = self._portraits(chosen)
        self._log_presented(read, chosen)
        return PendingMessage(self.presentation(derived, read.challenge, read.domain), attachments), sealing_key

    def prepare_sd_jwts(
        self, request: _Request, ask: Ask, choose: Mapping[str, str] | None, unlock: Callable[[], bytes]
    ) -> tuple[PendingSdJwts, bytes]:
        """Cards as SD-JWTs up to the signatures of their key bindings."""
        from .sd_jwts import prepare_sd_jwts

        read, chosen, sealing_key = self._agreed(request, ask, choose, unlock, SD_JWT)
        pending = prepare_sd_jwts(
            [(card.card, [claim.term for claim in claims]) for card, claims in chosen],
            self.device_key,
            challenge=read.challenge,
            domain=read.domain,
            now=self.clock(),
            attachments=self._portraits(chosen),
        )
        self._log_presented(read, chosen)
        return pending, sealing_key

    def presentation(self, derived: Sequence[dict[str, Any]], challenge: str, domain: str) -> PendingPresentation:
        """A presentation by this device that waits for its signature."""
        from vc.presentation import prepare

        return prepare(
            derived,
            self.device_key,
            challenge=challenge,
            domain=domain,
            expires_in=LIFETIME_SECONDS,
            now=self.clock(),
            random=self.random,
        )

    def _agreed(
        self,
        request: _Request,
        ask: Ask,
        choose: Mapping[str, str] | None,
        unlock: Callable[[], bytes],
        envelope: str | None,
    ) -> tuple[PresentationRequest, _Chosen, bytes]:
        """What the holder agreed to show, and the key that the PIN opens."""
        disclosure = self.consider(request, choose)
        read = disclosure.request
        answer = ask(disclosure)
        answer = Consent(answer) if isinstance(answer, bool) else answer
        if not answer.agreed or not answer.apply(disclosure):
            self.log.append("declined", **_about(read))
            raise ConsentRefused
        if read.envelope != envelope:
            detail = f"the request wants the cards as {read.envelope or 'JSON-LD'}"
            raise RequestRefused(Problem("request.form", detail, "/envelope"))
        return read, answer.apply(disclosure), unlock()

    def _portraits(self, chosen: _Chosen) -> dict[str, bytes]:
        return {
            digest: content
            for card, claims in chosen
            if any(claim.term == "portrait" for claim in claims)
            for digest, content in self.cards.attachments(card.card.id).items()
        }

    def _log_presented(self, read: PresentationRequest, chosen: _Chosen) -> None:
        cards = [_shown(card, claims) for card, claims in chosen]
        self.log.append("presented", **_about(read), challenge=read.challenge, cards=cards)


def derive_exactly(card: Card, terms: Sequence[str]) -> dict[str, Any]:
    """The card with these claims and no others; fails rather than show more."""
    from vc import derive
    from vc.cards.display import claims_of

    pointers = [card.definition.claims[term].pointer for term in terms]
    derived = derive(card.credential, selective_pointers=pointers)
    always = {claim.term for claim in card.definition.claims.values() if claim.disclosure == "M"}
    shown, wanted = set(claims_of(derived)), set(terms)
    if not wanted <= shown or not shown <= wanted | always:
        raise DisclosureMismatch
    return derived


def _about(request: PresentationRequest) -> dict[str, Any]:
    """What the log says of a request."""
    verifier = {"id": request.verifier_id, "name": request.verifier_name}
    return {"scenario": request.scenario, "variant": request.variant, "verifier": verifier}


def _shown(card: DisclosedCard, claims: tuple[DisclosedClaim, ...]) -> dict[str, Any]:
    return {"id": card.card.id, "type": card.card.type, "claims": [claim.term for claim in claims]}
