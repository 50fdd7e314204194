"""What a request would make leave the wallet, said claim by claim before the holder agrees.

``consider`` judges the request by the scenario (never by what the request says of itself), picks the cards, and lists
exactly what would be shown: what always leaves with a card, what is asked for, what the card does not have.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vc.cards import Label
from vc.cards.display import text_of
from vc.cards.formats import FORMATS, CardFormat
from vc.problems import Problem, ProblemError
from vc.scenarios import (
    SCENARIOS,
    PresentationRequest,
    RequestedCard,
    RequestedClaim,
    Scenario,
    ScenarioSet,
    Variant,
    assess,
    check_request,
)

from .cards import Card
from .errors import RequestRefused

__all__ = ["Consent", "DisclosedCard", "DisclosedClaim", "Disclosure", "consider", "read_request"]

_MAX_COMBINATIONS = 2000


@dataclass(frozen=True, slots=True)
class DisclosedClaim:
    """One claim that would leave. ``optional``: the holder may leave it out (``term`` in ``Consent.without``).

    ``value`` is the claim as it stands on the card, ``text`` its reading. ``sensitive`` claims are agreed to one by
    one.
    """

    term: str
    label: Label
    value: Any = field(repr=False)
    text: Label = field(repr=False)
    sensitive: bool
    optional: bool

    @property
    def pointer(self) -> str:
        """The claim's JSON pointer in the credential."""
        return f"/credentialSubject/{self.term}"


@dataclass(frozen=True, slots=True)
class DisclosedCard:
    """One card that would be shown. ``place`` is its id in the scenario, ``always`` leaves whatever is chosen.

    ``absent`` are labels of claims that were asked for and that the card does not have.
    """

    place: str
    card: Card
    always: tuple[tuple[Label, Label], ...]
    claims: tuple[DisclosedClaim, ...]
    absent: tuple[Label, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything that would leave for one request, and to whom."""

    request: PresentationRequest
    scenario: Scenario
    cards: tuple[DisclosedCard, ...]

    @property
    def sensitive(self) -> tuple[tuple[DisclosedCard, DisclosedClaim], ...]:
        """The claims that are agreed to one by one."""
        return tuple((card, claim) for card in self.cards for claim in card.claims if claim.sensitive)

    def to_dict(self) -> dict[str, Any]:
        """The disclosure as JSON, values included: for the holder's own screen."""
        return {
            "scenario": self.request.scenario,
            "variant": self.request.variant,
            "verifier": {"id": self.request.verifier_id, "name": self.request.verifier_name},
            "purpose": _bilingual(self.scenario.purpose),
            "cards": [
                {
                    "place": card.place,
                    "card": card.card.id,
                    "type": card.card.type,
                    "optional": card.optional,
                    "always": [{"label": _bilingual(label), "text": _bilingual(text)} for label, text in card.always],
                    "claims": [
                        {
                            "pointer": claim.pointer,
                            "label": _bilingual(claim.label),
                            "value": claim.value,
                            "text": _bilingual(claim.text),
                            "sensitive": claim.sensitive,
                            "optional": claim.optional,
                        }
                        for claim in card.claims
                    ],
                    "absent": [_bilingual(label) for label in card.absent],
                }
                for card in self.cards
            ],
            "notice": _bilingual(self.scenario.notice),
        }


@dataclass(frozen=True, slots=True)
class Consent:
    """The holder's answer. ``without`` names what is left out: ``place/term`` of claims, ``place`` of whole cards."""

    agreed: bool
    without: frozenset[str] = field(default_factory=frozenset)

    def apply(self, disclosure: Disclosure) -> tuple[tuple[DisclosedCard, tuple[DisclosedClaim, ...]], ...]:
        """The cards and claims that leave. Leaving out what is not optional is a refusal, not a smaller answer.

        Raises ValueError for that, and for names that the disclosure does not have.
        """
        unknown = set(self.without)
        result = []
        for card in disclosure.cards:
            if card.place in self.without and card.optional:
                unknown.discard(card.place)
                unknown.difference_update(f"{card.place}/{claim.term}" for claim in card.claims)
                continue
            left_out = {c.term for c in card.claims if c.optional and f"{card.place}/{c.term}" in self.without}
            unknown.difference_update(f"{card.place}/{term}" for term in left_out)
            result.append((card, tuple(claim for claim in card.claims if claim.term not in left_out)))
        if unknown:
            raise ValueError(f"not optional, or not part of the request: {', '.join(sorted(unknown))}")
        return tuple(result)


def read_request(request: PresentationRequest | Mapping[str, Any]) -> PresentationRequest:
    """A request, read strictly when it is JSON. Raises RequestRefused (``request.form``)."""
    if isinstance(request, PresentationRequest):
        return request
    try:
        return PresentationRequest.from_dict(request)
    except ProblemError as error:
        raise RequestRefused(*error.problems) from None


def consider(
    request: PresentationRequest,
    cards: Sequence[Card],
    *,
    now: datetime,
    choose: Mapping[str, str] | None = None,
    scenarios: ScenarioSet = SCENARIOS,
) -> Disclosure:
    """What would leave for ``request`` from ``cards``.

    ``choose`` maps a card's place in the scenario to the id of the card to show; without it, of several cards that fit
    the newest that belong together are taken. Raises RequestRefused.
    """
    problems = check_request(request, now=now, scenarios=scenarios)
    if problems:
        raise RequestRefused(*problems)
    scenario = scenarios[request.scenario]
    form = FORMATS.asked_for(request.envelope)
    if form is None:
        raise RequestRefused(Problem("request.form", "the wallet does not know this form of answer", "/envelope"))
    candidates = _candidates(request, form, cards, now, choose or {})
    chosen = _together(scenario, request, candidates, now)
    places = {card.id: card for card in request.cards}
    shown = [_disclosed(places[place], card, form) for place, card in chosen.items()]
    return Disclosure(request, scenario, tuple(shown))


def _candidates(
    request: PresentationRequest, form: CardFormat, cards: Sequence[Card], now: datetime, choose: Mapping[str, str]
) -> dict[str, list[Card]]:
    """place -> the cards that could stand there, the newest first; places that stay empty are left out."""
    found: dict[str, list[Card]] = {}
    for index, wanted in enumerate(request.cards):
        of_type = [card for card in cards if card.type == wanted.type and card.valid_at(now)]
        of_type = [card for card in of_type if card.held_as(form.name) is not None]
        if wanted.id in choose:
            of_type = [card for card in of_type if card.id == choose[wanted.id]]
        complete = [card for card in of_type if not _lacking(wanted, card)]
        if complete:
            found[wanted.id] = sorted(complete, key=lambda card: card.valid_from or card.added, reverse=True)
        elif not wanted.optional and wanted.any_of is None:
            raise RequestRefused(*_why_not(wanted, of_type, index, request.envelope))
    for group in {wanted.any_of for wanted in request.cards} - {None}:
        members = [wanted for wanted in request.cards if wanted.any_of == group]
        able = [wanted.id for wanted in members if wanted.id in found]
        if not able:
            names = " or ".join(wanted.type for wanted in members)
            raise RequestRefused(Problem("scenario.card_missing", f"the wallet has no valid {names}", "/cards"))
        keep = next((place for place in able if place in choose), able[0])
        for place in able:
            if place != keep:
                del found[place]
    return found


def _why_not(wanted: RequestedCard, of_type: list[Card], index: int, envelope: str | None) -> list[Problem]:
    if not of_type:
        detail = f"the wallet has no valid {wanted.type}" + (f" as {envelope}" if envelope else "")
        return [Problem("scenario.card_missing", detail, f"/cards/{index}")]
    return [
        Problem("scenario.claim_missing", f"the card does not have {' or '.join(group)}", f"/cards/{index}/claims")
        for group in _lacking(wanted, of_type[0])
    ]


def _lacking(wanted: RequestedCard, card: Card) -> list[tuple[str, ...]]:
    """The claims (or groups of which one is enough) that must be shown and that the card does not have."""
    claims = card.claims
    single = [(claim.term,) for claim in wanted.claims if not claim.optional and claim.any_of is None]
    names = dict.fromkeys(claim.any_of for claim in wanted.claims if claim.any_of is not None)
    groups = [tuple(claim.term for claim in wanted.claims if claim.any_of == name) for name in names]
    return [group for group in single + groups if not any(term in claims for term in group)]


def _together(
    scenario: Scenario, request: PresentationRequest, candidates: Mapping[str, list[Card]], now: datetime
) -> dict[str, Card]:
    """One card for each place, so that they belong together as the scenario wants (the same person, household)."""
    places = [card.id for card in request.cards if card.id in candidates]
    variant: Variant = "law" if request.variant == "law" else "min"
    for combination in itertools.islice(itertools.product(*(candidates[place] for place in places)), _MAX_COMBINATIONS):
        if len({card.id for card in combination}) != len(combination):
            continue
        verdict = assess(scenario, [card.credential for card in combination], now=now, variant=variant)
        if not any(problem.code == "scenario.binding" for problem in verdict.problems):
            return dict(zip(places, combination, strict=True))
    detail = "no cards of the wallet belong together as the scenario wants"
    raise RequestRefused(Problem("scenario.binding", detail, "/cards"))


def _disclosed(wanted: RequestedCard, card: Card, form: CardFormat) -> DisclosedCard:
    claims = card.claims
    known = card.definition.claims
    shown = [claim for claim in _one_of_each(wanted.claims, claims) if known[claim.term].disclosure != "M"]
    grouped = {claim.any_of for claim in wanted.claims if claim.any_of is not None and claim.term in claims}
    return DisclosedCard(
        place=wanted.id,
        card=card,
        always=(*_always(card), *form.discloses_besides),
        claims=tuple(
            DisclosedClaim(
                term=claim.term,
                label=known[claim.term].label,
                value=claims[claim.term],
                text=_text(card, claim.term),
                sensitive=known[claim.term].sensitive,
                optional=claim.optional and claim.any_of is None,
            )
            for claim in shown
        ),
        absent=tuple(
            known[claim.term].label
            for claim in wanted.claims
            if claim.term not in claims and claim.any_of not in grouped
        ),
        optional=wanted.optional,
    )


def _one_of_each(wanted: Iterable[RequestedClaim], claims: Mapping[str, Any]) -> Iterator[RequestedClaim]:
    """The claims to show: of a group of which one is enough, the first that the card has and no other."""
    taken: set[str] = set()
    for claim in wanted:
        if claim.term not in claims or claim.any_of in taken:
            continue
        if claim.any_of is not None:
            taken.add(claim.any_of)
        yield claim


_ENVELOPE: Mapping[str, tuple[Label, Callable[[Any], str]]] = {
    "issuer": (Label("签发方", "Issuer"), lambda value: str(value["id"] if isinstance(value, Mapping) else value)),
    "validFrom": (Label("电子证照有效期起", "Electronic licence valid from"), str),
    "validUntil": (Label("电子证照有效期止", "Electronic licence valid until"), str),
    "credentialStatus": (Label("状态查询编号（可关联各次出示）", "Status entry (links presentations)"), lambda _: ""),
}


def _bilingual(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _always(card: Card) -> Iterator[tuple[Label, Label]]:
    """Label and reading of what leaves with the card whatever is chosen."""
    yield Label("证照种类", "Kind of card"), card.title
    for member, (label, read) in _ENVELOPE.items():
        if member in card.credential:
            text = read(card.credential[member])
            yield label, Label(text, text)
    device = str(card.credential["credentialSubject"].get("id", ""))
    yield Label("设备标识（可关联各次出示）", "Device identifier (links presentations)"), Label(device, device)
    for term, claim in card.definition.claims.items():
        if claim.disclosure == "M" and term in card.claims:
            yield claim.label, _text(card, term)


def _text(card: Card, term: str) -> Label:
    claim, value = card.definition.claims[term], card.claims[term]
    return Label(text_of(claim, value, "zh"), text_of(claim, value, "en"))
