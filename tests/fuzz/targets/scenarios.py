"""What passes between a verifier and a wallet: requests, answers, messages; and the counter that judges them."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import vc
from vc.cards import CARDS, message
from vc.cards.formats import FORMATS
from vc.cards.formats.sd_jwt_vc import to_claims
from vc.problems import ProblemError
from vc.scenarios import SCENARIOS, PresentationRequest, assess, check_request
from verifier import ReplayGuard, RequestBook, TrustList, Verifier

from .. import mutators, world
from ..meaning import answers
from ..target import CORPUS, Target, Violation, refused

_SCENARIO = "hotel-check-in"
_VERIFIER = "did:web:hotel.cq.example"


@refused(ValueError)
def _loaded(data: bytes) -> Any:
    return json.loads(data)


@refused(ProblemError)
def _request(data: bytes) -> None:
    """A request that a wallet would put to its holder asks for nothing beyond the scenario, by the scenario's words."""
    found = PresentationRequest.from_dict(_loaded(data))
    if PresentationRequest.from_dict(found.to_dict()) != found:
        raise Violation("a request that is written again is another")
    if check_request(found, now=world.NOW):
        return
    scenario = SCENARIOS[found.scenario]
    for card in found.cards:
        known = scenario.card(card.id)
        allowed = set() if known is None else set(known.allowed("law"))
        if {claim.term for claim in card.claims} - allowed:
            raise Violation("a wallet would ask its holder for more than the scenario allows")


@refused(ProblemError)
def _message(data: bytes) -> None:
    found = message.read(data)
    if message.read(found.to_dict()).to_dict() != found.to_dict():
        raise Violation("a message that is written again is another")


def _credentials(found: message.Message) -> list[Any]:
    shown = found.presentation.get("verifiableCredential")
    return shown if isinstance(shown, list) else []


@refused(ProblemError)
def _answer(data: bytes) -> None:
    found = message.read(data)
    for scenario in SCENARIOS.values():
        assess(scenario, _credentials(found), now=world.NOW)


def _assess(data: bytes) -> None:
    """Judging never raises for a credential's form."""
    document = _loaded(data)
    for scenario in SCENARIOS.values():
        assess(scenario, [document], now=world.NOW)


@lru_cache(maxsize=1)
def _trust() -> TrustList:
    listed = (CORPUS / "trust-list" / "valid-list.json").read_bytes()
    return TrustList.load(listed, anchors={world.ANCHOR.did}, now=world.NOW)


def _counter(data: bytes) -> Any:
    """The counter's verdict on an answer to the one request it made; nothing that was not good may become so."""
    asked = PresentationRequest.from_dict(json.loads((CORPUS / "request" / "valid-hotel.json").read_bytes()))
    with tempfile.TemporaryDirectory() as folder:
        counter = Verifier(
            did=_VERIFIER,
            name="重庆样例酒店",
            domain=world.DOMAIN,
            trust=_trust(),
            requests=RequestBook(Path(folder, "verifier.db")),
            replay=ReplayGuard(Path(folder, "verifier.db")),
            status=world.status_checker("ecdsa-sd-2023"),
            clock=lambda: world.NOW,
            region="500000",
        )
        verdict = counter.verify(data, request=asked)
    if any(problem.code == "verification.internal" for problem in verdict.problems):
        raise Violation("the verification broke off")
    if not verdict.verified:
        return None
    return answers(verdict.document or {})


TARGETS = (
    Target("request", mutators.json_document, _request),
    Target("message", mutators.json_document, _message),
    Target("answer", mutators.json_document, _answer),
    Target("assess", mutators.json_document, _assess),
    Target("counter", mutators.json_document, _counter, signed=True),
)


def seeds() -> dict[str, dict[str, bytes]]:
    """The hotel's request, and answers: good, revoked, a thief's, for another counter."""
    asked = SCENARIOS[_SCENARIO].request(_VERIFIER, "重庆样例酒店", world.CHALLENGE, world.DOMAIN, world.NOW, "min")
    (wanted,) = [card for card in asked.cards if card.type == "ResidentIdentityCardCredential"]
    terms = [claim.term for claim in wanted.claims]
    base = world.signed_card()
    definition = CARDS[wanted.type]
    pointers = definition.selective_pointers([term for term in terms if term in base["credentialSubject"]])

    def shown(card: dict[str, Any], signer: Any = world.DEVICE, **changes: Any) -> bytes:
        options = {"challenge": world.CHALLENGE, "domain": world.DOMAIN, "expires_in": 300, "now": world.NOW, **changes}
        derived = vc.derive(card, selective_pointers=pointers)
        return mutators.dumps(message.build(vc.present([derived], signer, **options), [world.PORTRAIT]).to_dict())

    good, revoked = shown(base), shown(world.signed_card(index=world.REVOKED))
    claims = to_claims(world.card(status=False))
    sd_jwt = str(vc.issue_enveloped(claims, world.LICENSOR, envelope="dc+sd-jwt", holder_key=world.DEVICE.public_key))
    bound = vc.derive_enveloped(
        sd_jwt, ["/name"], signer=world.DEVICE, challenge=world.CHALLENGE, domain=world.DOMAIN, now=world.NOW
    )
    return {
        "request": {"valid-hotel.json": mutators.dumps(asked.to_dict())},
        "message": {"valid-card.json": good},
        "answer": {
            "valid-sd-jwt.json": mutators.dumps(
                message.build(FORMATS["dc+sd-jwt"].read([bound], CARDS), [world.PORTRAIT]).to_dict()
            )
        },
        "assess": {"valid-card.json": mutators.dumps(vc.derive(base, selective_pointers=pointers))},
        "counter": {
            "valid-card.json": good,
            "refused-revoked.json": revoked,
            "refused-stolen.json": shown(base, world.THIEF),
            "refused-elsewhere.json": shown(base, domain="https://elsewhere.example"),
            "refused-late.json": shown(base, now=world.NOW - timedelta(minutes=10)),
        },
    }
