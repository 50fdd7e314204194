"""The verifier's side of a scenario: do the credentials that were shown do the job?

Runs after verification (``vc.verify``): proofs, dates, status and the binding to the presenter's device are settled
there. Here: the right cards and claims, fresh enough, valid as cards, of the right region, belonging together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from vc.cards import CardDefinition, FieldDefinition, Label, claims_of
from vc.cards.calendar import day_of, parse_date, parse_moment
from vc.model import subject_of
from vc.problems import Problem

from .scenario import Scenario, ScenarioCard, Variant

__all__ = ["Assessment", "assess"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the scenario says of an answer.

    ``problems`` end it; ``warnings`` are for the person at the counter (``scenario.claim_absent`` with what to do,
    claims that nobody asked for). ``matched`` maps the scenario's card ids to indexes into the credentials.
    ``advice`` is what to do where a claim is absent. ``notice`` is the legal effect.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    matched: Mapping[str, int]
    advice: tuple[Label, ...]
    notice: Label
    regions: tuple[str, ...]

    @property
    def satisfied(self) -> bool:
        """Whether nothing stands against the answer."""
        return not self.problems


def assess(
    scenario: Scenario,
    credentials: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    variant: Variant = "min",
    status_as_of: Sequence[datetime | None] = (),
    skew: timedelta = timedelta(seconds=60),
) -> Assessment:
    """Judge the disclosed ``credentials``, in the order of the presentation. Never raises for their form.

    ``now`` is an aware datetime; ``status_as_of`` says for each credential when its status was found good (None or
    absent: it was not checked, so ``validFrom`` must be young enough).
    """
    credentials = [credential if isinstance(credential, Mapping) else {} for credential in credentials]
    problems: list[Problem] = []
    warnings: list[Problem] = []
    advice: list[Label] = []
    matched = _match(scenario, credentials, variant)
    problems += _missing_cards(scenario, matched)
    for index in range(len(credentials)):
        if index not in matched.values():
            detail = "the scenario does not ask for this card"
            warnings.append(Problem("scenario.card_extra", detail, f"/verifiableCredential/{index}"))
    for card_id, index in matched.items():
        card = scenario.card(card_id)
        if card is None:
            continue
        found = _Found(scenario, card, credentials[index], f"/verifiableCredential/{index}")
        checked = status_as_of[index] if index < len(status_as_of) else None
        problems += found.missing(variant) + found.stale(now, checked, skew) + found.invalid(day_of(now))
        problems += found.foreign()
        advice += found.advice(variant)
        warnings += found.absent() + found.unasked(variant)
    shown = {card_id: credentials[index] for card_id, index in matched.items()}
    for binding in scenario.bindings:
        problems += _BINDINGS[binding["rule"]](binding, shown)
    return Assessment(tuple(problems), tuple(warnings), matched, tuple(advice), scenario.notice, scenario.regions)


@dataclass(frozen=True, slots=True)
class _Found:
    """One credential in one place of the scenario."""

    scenario: Scenario
    card: ScenarioCard
    credential: Mapping[str, Any]
    place: str

    @property
    def definition(self) -> CardDefinition:
        return self.scenario.definitions[self.card.type]

    def missing(self, variant: Variant) -> list[Problem]:
        claims = claims_of(self.credential)
        problems = []
        for group in self.card.needed(variant):
            if not any(term in claims for term in group):
                advice = self.card.absent.get(group[0])
                detail = advice.en if advice else f"the scenario needs {' or '.join(group)}"
                problems.append(Problem("scenario.claim_missing", detail, f"{self.place}/credentialSubject/{group[0]}"))
        return problems

    def advice(self, variant: Variant) -> list[Label]:
        claims = claims_of(self.credential)
        asked = self.card.allowed(variant)
        return [label for term, label in self.card.absent.items() if term in asked and term not in claims]

    def absent(self) -> list[Problem]:
        claims = claims_of(self.credential)
        return [
            Problem("scenario.claim_absent", self.card.absent[term].en, f"{self.place}/credentialSubject/{term}")
            for term in self.card.optional
            if term not in claims and term in self.card.absent
        ]

    def unasked(self, variant: Variant) -> list[Problem]:
        always = {claim.term for claim in self.definition.claims.values() if claim.disclosure == "M"}
        asked = self.card.allowed(variant) | always
        return [
            Problem("scenario.claim_extra", "nobody asked for this claim", f"{self.place}/credentialSubject/{term}")
            for term in claims_of(self.credential)
            if term not in asked
        ]

    def stale(self, now: datetime, checked: datetime | None, skew: timedelta) -> list[Problem]:
        if checked is not None and now - checked <= self.scenario.freshness + skew:
            return []
        valid_from = parse_moment(self.credential.get("validFrom"))
        if valid_from is not None and now - valid_from <= self.scenario.freshness + skew:
            return []
        hours = int(self.scenario.freshness.total_seconds() // 3600)
        detail = f"issued more than {hours} hours ago, and its status was not checked within them"
        return [Problem("scenario.stale", detail, f"{self.place}/validFrom")]

    def invalid(self, today: date) -> list[Problem]:
        problems = []
        claims = claims_of(self.credential)
        for claim in self.definition.claims.values():
            value = claims.get(claim.term)
            inside = value if isinstance(value, Mapping) else {}
            dated: list[tuple[FieldDefinition, object, str]] = [(claim, value, claim.pointer)]
            dated += [(field, inside.get(field.term), f"{claim.pointer}/{field.term}") for field in claim.fields]
            for field, text, pointer in dated:
                detail = _outside(field, text, today)
                if detail:
                    problems.append(Problem("scenario.card_validity", detail, self.place + pointer))
        return problems

    def foreign(self) -> list[Problem]:
        province = claims_of(self.credential).get("issuingProvince")
        if province in self.scenario.regions:
            return []
        detail = "cards of this province do not count for this scenario"
        return [Problem("scenario.region", detail, f"{self.place}/credentialSubject/issuingProvince")]


def _outside(field: FieldDefinition, text: object, today: date) -> str:
    if field.validity is None or text is None:
        return ""
    if field.datatype == "yearMonth":
        last = parse_date(f"{text}-01")
        return "this is no month" if last is None else "it has ended" if last < today.replace(day=1) else ""
    day = parse_date(text)
    if day is None:
        return "this is no date"
    if field.validity == "from":
        return "it has not begun" if today < day else ""
    return "it has ended" if today > day else ""


def _match(scenario: Scenario, credentials: Sequence[Mapping[str, Any]], variant: Variant) -> dict[str, int]:
    """Give each place of the scenario the credential of its type that fits best, the most demanding place first."""
    types = [card.type if card else None for card in map(scenario.definitions.of_credential, credentials)]
    free = set(range(len(credentials)))
    matched: dict[str, int] = {}
    for card in sorted(scenario.cards, key=lambda c: -len(c.needed(variant))):
        candidates = [index for index in sorted(free) if types[index] == card.type]
        if candidates:
            best = min(candidates, key=lambda i: len(_Found(scenario, card, credentials[i], "").missing(variant)))
            matched[card.id] = best
            free.discard(best)
    return {card.id: matched[card.id] for card in scenario.cards if card.id in matched}


def _missing_cards(scenario: Scenario, matched: Mapping[str, int]) -> list[Problem]:
    problems = []
    alternatives = {card.any_of for card in scenario.cards if card.id in matched}
    reported: set[str] = set()
    for card in scenario.cards:
        if card.id in matched or card.optional_card or (card.any_of is not None and card.any_of in alternatives):
            continue
        if card.any_of is not None:
            if card.any_of in reported:
                continue
            reported.add(card.any_of)
        names = [c.type for c in scenario.cards if c is card or (c.any_of is not None and c.any_of == card.any_of)]
        detail = f"the scenario needs a {' or '.join(names)}"
        problems.append(Problem("scenario.card_missing", detail, "/verifiableCredential"))
    return problems


_Shown = Mapping[str, Mapping[str, Any]]


def _same_holder(binding: Mapping[str, Any], shown: _Shown) -> list[Problem]:
    """All these cards are bound to the same device key."""
    ids = [_subject_id(shown[card]) for card in binding["cards"] if card in shown]
    if len(ids) < 2 or (None not in ids and len(set(ids)) == 1):
        return []
    return [Problem("scenario.binding", "the cards are bound to different device keys", "/verifiableCredential")]


def _same_person(binding: Mapping[str, Any], shown: _Shown) -> list[Problem]:
    """These cards are about one person: the same device key, or the same identity number shown on each."""
    cards = [shown[card] for card in binding["cards"] if card in shown]
    numbers = [claims_of(card).get("citizenIdentityNumber") for card in cards]
    if None not in numbers:
        if all(number == numbers[0] for number in numbers):
            return []
    elif not _same_holder(binding, shown):
        return []
    return [Problem("scenario.binding", "the cards are not shown to be about one person", "/verifiableCredential")]


def _equal(binding: Mapping[str, Any], shown: _Shown) -> list[Problem]:
    """These claims (``card/term``) have the same value where both cards are shown."""
    named = [name.split("/", 1) for name in binding["claims"]]
    values = [claims_of(shown[card]).get(term) for card, term in named if card in shown]
    if len(values) < 2 or (values[0] is not None and all(value == values[0] for value in values)):
        return []
    detail = f"{' and '.join(binding['claims'])} differ"
    return [Problem("scenario.binding", detail, "/verifiableCredential")]


_BINDINGS: Mapping[str, Callable[[Mapping[str, Any], _Shown], list[Problem]]] = {
    "sameHolder": _same_holder,
    "samePerson": _same_person,
    "equal": _equal,
}


def _subject_id(credential: Mapping[str, Any]) -> str | None:
    subject = subject_of(credential)
    identifier = subject.get("id") if subject is not None else None
    return identifier if isinstance(identifier, str) else None
