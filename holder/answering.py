"""From a request and the holder's consent to what waits for the device key: derived cards, portraits, the log's entry.

In whatever format is asked for. What leaves is compared with what was agreed, and is in the log before it is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from contexts import ContextRegistry
from vc.cards import CardSet
from vc.cards.formats import FORMATS, JSON_LD, CardFormat, Chosen
from vc.scenarios import PresentationRequest, ScenarioSet

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

__all__ = ["LIFETIME_SECONDS", "Answering", "Ask"]

LIFETIME_SECONDS: Final = 300
"""How long an answer lives."""

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
    definitions: CardSet = field(repr=False)
    scenarios: ScenarioSet = field(repr=False)
    contexts: ContextRegistry = field(repr=False)
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
        """An answer in the format that is asked for, up to its signatures; and the key that ``unlock`` gave for the
        PIN."""
        read, chosen, sealing_key = self._agreed(request, ask, choose, unlock)
        pending = self._prepared(
            read.format,
            [(card.card, [claim.term for claim in claims]) for card, claims in chosen],
            read.challenge,
            read.domain,
        )
        cards = [_shown(card, claims) for card, claims in chosen]
        self.log.append("presented", **_about(read), challenge=read.challenge, cards=cards)
        return pending, sealing_key

    def prepare_shown(self, card: Card, terms: Sequence[str], challenge: str, domain: str) -> PendingMessage:
        """Claims of one card as JSON-LD, without a request, up to the signature."""
        pending = self._prepared(FORMATS[JSON_LD], [(card, terms)], challenge, domain)
        self.log.append("shown", cards=[{"id": card.id, "type": card.type, "claims": sorted(terms)}])
        return pending

    def _prepared(
        self, form: CardFormat, chosen: Sequence[tuple[Card, Sequence[str]]], challenge: str, domain: str
    ) -> PendingMessage:
        """The cards with these claims and no others. Raises DisclosureMismatch rather than show more."""
        now = self.clock()
        pending = form.prepare(
            [Chosen(card.held_as(form.name) or "", card.definition, terms) for card, terms in chosen],
            self.device_key,
            challenge=challenge,
            domain=domain,
            lifetime=LIFETIME_SECONDS,
            now=now,
            random=self.random,
            contexts=self.contexts,
            cards=self.definitions,
        )
        if not all(_looks_like(data, form.device_signs) for data in pending.data_to_sign):
            raise DisclosureMismatch
        for (card, terms), leaving in zip(chosen, pending.terms, strict=True):
            always = {claim.term for claim in card.definition.claims.values() if claim.disclosure == "M"}
            if not set(terms) <= leaving or not leaving <= {*terms} | always:
                raise DisclosureMismatch
        attachments = {
            digest: content
            for card, terms in chosen
            if "portrait" in terms
            for digest, content in self.cards.attachments(card.id).items()
        }
        expires = now.replace(microsecond=0) + timedelta(seconds=LIFETIME_SECONDS)
        return PendingMessage(form, pending, attachments, self.definitions, expires)

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
        self, request: _Request, ask: Ask, choose: Mapping[str, str] | None, unlock: Callable[[], bytes]
    ) -> tuple[PresentationRequest, _Chosen, bytes]:
        """What the holder agreed to show, and the key that the PIN opens."""
        disclosure = self.consider(request, choose)
        answer = ask(disclosure)
        answer = Consent(answer) if isinstance(answer, bool) else answer
        if not answer.agreed or not answer.apply(disclosure):
            self.log.append("declined", **_about(disclosure.request))
            raise ConsentRefused
        return disclosure.request, answer.apply(disclosure), unlock()


_BASE64URL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _looks_like(data: bytes, forms: Sequence[int | bytes]) -> bool:
    """Whether bytes are such as the format says that device keys sign for it."""
    for form in forms:
        if isinstance(form, int):
            if len(data) == form:
                return True
        elif data.startswith(form) and len(data) > len(form) and not data[len(form) :].translate(None, _BASE64URL):
            return True
    return False


def _about(request: PresentationRequest) -> dict[str, Any]:
    """What the log says of a request."""
    verifier = {"id": request.verifier_id, "name": request.verifier_name}
    return {"scenario": request.scenario, "variant": request.variant, "verifier": verifier}


def _shown(card: DisclosedCard, claims: tuple[DisclosedClaim, ...]) -> dict[str, Any]:
    return {"id": card.card.id, "type": card.card.type, "claims": [claim.term for claim in claims]}
