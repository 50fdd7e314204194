"""What a place may ask, as data: data/*.json, one file a scenario.

``min`` is the smallest request that does the job, ``law`` what a present rule lets the place record in addition. A
claim list names terms; a list inside it means that one of those terms is enough (``["cardValidUntil",
"cardValidityLongTerm"]``). ``optional`` claims may be absent, and ``absent`` says what their absence means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from vc.cards import CARDS, CardDefinition, CardSet, Label
from vc.cards.definition import DefinitionError

from .request import PresentationRequest, RequestedCard, RequestedClaim

__all__ = ["LEGAL_EFFECT", "SCENARIOS", "Scenario", "ScenarioCard", "ScenarioSet", "Variant", "load"]

Variant = Literal["min", "law"]

LEGAL_EFFECT = Label(
    zh="经核验，所示信息在本地区、本场景内与实体证件所载信息具有同等效力；电子证照不在一般意义上替代实体证件。",
    en="Once verified, the data shown counts as the data on the physical card within this region and for this "
    "scenario; the electronic licence does not replace the physical card in general.",
)
"""The notice that a wallet shows and that a verifier's result carries."""


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """One card that a scenario asks for.

    ``minimum``, ``law`` and ``optional`` hold groups of terms: one term of each group is needed. ``law`` is None where
    no rule gives the place more than the minimum. ``optional_card``: the job can be done without this card;
    ``any_of``: one card of those with the same name is enough. ``absent`` maps a term to what its absence means.
    """

    id: str
    type: str
    minimum: tuple[tuple[str, ...], ...]
    law: tuple[tuple[str, ...], ...] | None
    optional: tuple[str, ...]
    optional_card: bool
    any_of: str | None
    absent: Mapping[str, Label]

    def needed(self, variant: Variant) -> tuple[tuple[str, ...], ...]:
        """The groups of terms that must be shown."""
        return self.minimum + ((self.law or ()) if variant == "law" else ())

    def allowed(self, variant: Variant = "law") -> frozenset[str]:
        """Every term that the place may ask for at most."""
        return frozenset(term for group in self.needed(variant) for term in group) | frozenset(self.optional)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one kind of place may ask and how it judges the answer.

    ``freshness`` is the greatest age of a credential's ``validFrom`` or of its status. ``regions`` are the provinces in
    which and from which cards count. ``verifier_class`` (``police``) limits who may ask. ``bindings`` say how several
    cards belong together (see ``vc.scenarios.assessment``).
    """

    id: str
    version: int
    title: Label
    purpose: Label
    freshness: timedelta
    regions: tuple[str, ...]
    verifier_class: str | None
    cards: tuple[ScenarioCard, ...]
    bindings: tuple[Mapping[str, Any], ...]
    notice: Label
    definitions: CardSet

    def variants(self) -> tuple[Variant, ...]:
        """``min``, and ``law`` where a rule gives the place more (or says that the minimum is what it records)."""
        return ("min", "law") if any(card.law is not None for card in self.cards) else ("min",)

    def card(self, card_id: str) -> ScenarioCard | None:
        """The card with this identifier within the scenario."""
        return next((card for card in self.cards if card.id == card_id), None)

    def request(
        self,
        verifier_did: str,
        verifier_name: str,
        challenge: str,
        domain: str,
        now: datetime,
        variant: Variant = "min",
        *,
        lifetime: timedelta = timedelta(seconds=300),
        envelope: str | None = None,
    ) -> PresentationRequest:
        """The request of this scenario. ``now`` is an aware datetime; ``envelope`` the format wanted of the cards.

        Raises ValueError for a variant that the scenario does not have, ProblemError for unusable texts.
        """
        if variant not in self.variants():
            raise ValueError(f"the scenario {self.id} has no variant {variant!r}")
        request = PresentationRequest(
            scenario=self.id,
            scenario_version=self.version,
            variant=variant,
            verifier_id=verifier_did,
            verifier_name=verifier_name,
            purpose=self.purpose,
            challenge=challenge,
            domain=domain,
            created=now.replace(microsecond=0),
            expires=now.replace(microsecond=0) + lifetime,
            cards=tuple(_requested(card, self.definitions[card.type], variant) for card in self.cards),
            envelope=envelope,
        )
        return PresentationRequest.from_dict(request.to_dict())


@dataclass(frozen=True)
class ScenarioSet(Mapping[str, Scenario]):
    """The scenarios of one folder: identifier -> scenario."""

    scenarios: Mapping[str, Scenario]

    def __repr__(self) -> str:
        return f"<ScenarioSet of {len(self.scenarios)} scenarios>"  # It stands in signatures, as a default.

    def __getitem__(self, key: str) -> Scenario:
        return self.scenarios[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scenarios)

    def __len__(self) -> int:
        return len(self.scenarios)

    def __hash__(self) -> int:
        return id(self)


def load(folder: Path | str, *, cards: CardSet = CARDS, scenarios: Mapping[str, Scenario] | None = None) -> ScenarioSet:
    """Read the scenarios of a folder (``*.json``), which ask for ``cards``; ``scenarios`` are kept beside them.

    Raises DefinitionError naming the file.
    """
    found: dict[str, Scenario] = dict(scenarios or {})
    for path in sorted(Path(folder).glob("*.json")):
        try:
            scenario = _scenario(json.loads(path.read_bytes()), cards)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"misses {error}" if isinstance(error, KeyError) else str(error)
            raise DefinitionError(f"{path.name}: {reason}") from error
        if scenario.id in found:
            raise DefinitionError(f"{path.name}: the scenario {scenario.id} is defined already")
        found[scenario.id] = scenario
    return ScenarioSet(found)


def _requested(card: ScenarioCard, definition: CardDefinition, variant: Variant) -> RequestedCard:
    claims = [
        _claim(definition, term, optional=len(group) > 1, any_of=group[0] if len(group) > 1 else None)
        for group in card.needed(variant)
        for term in group
    ]
    claims += [_claim(definition, term, optional=True, any_of=None) for term in card.optional]
    return RequestedCard(
        id=card.id, type=card.type, optional=card.optional_card, any_of=card.any_of, claims=tuple(claims)
    )


def _claim(definition: CardDefinition, term: str, *, optional: bool, any_of: str | None) -> RequestedClaim:
    claim = definition.claims[term]
    return RequestedClaim(term=term, label=claim.label, sensitive=claim.sensitive, optional=optional, any_of=any_of)


def _scenario(data: dict[str, Any], definitions: CardSet) -> Scenario:
    cards = tuple(_scenario_card(entry, definitions) for entry in data["cards"])
    if len({card.id for card in cards}) != len(cards):
        raise ValueError("two cards have the same id")
    return Scenario(
        id=data["id"],
        version=int(data["version"]),
        title=_label(data["title"]),
        purpose=_label(data["purpose"]),
        freshness=timedelta(hours=data["freshnessHours"]),
        regions=tuple(data["regions"]),
        verifier_class=data.get("verifierClass"),
        cards=cards,
        bindings=tuple(data.get("bindings", ())),
        notice=_label(data["notice"]) if "notice" in data else LEGAL_EFFECT,
        definitions=definitions,
    )


def _scenario_card(data: dict[str, Any], definitions: CardSet) -> ScenarioCard:
    definition = definitions[data["type"]]
    card = ScenarioCard(
        id=data["id"],
        type=data["type"],
        minimum=_groups(data["min"]),
        law=_groups(data["law"]) if "law" in data else None,
        optional=tuple(data.get("optional", ())),
        optional_card=bool(data.get("optionalCard", False)),
        any_of=data.get("anyOf"),
        absent={term: _label(label) for term, label in data.get("absent", {}).items()},
    )
    unknown = sorted(card.allowed() - set(definition.claims))
    if unknown:
        raise ValueError(f"{data['type']} has no claim {unknown[0]!r}")
    return card


def _groups(terms: list[Any]) -> tuple[tuple[str, ...], ...]:
    return tuple((term,) if isinstance(term, str) else tuple(term) for term in terms)


def _label(data: Mapping[str, Any]) -> Label:
    return Label(zh=str(data["zh"]), en=str(data["en"]))


SCENARIOS = load(Path(__file__).parent / "data")
"""The scenarios that are installed with this package."""
