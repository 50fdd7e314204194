"""What a verified presentation counts for: the scenario, the region, the cards, and what it does not replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from did.timestamps import read_datetime
from vc.cards import CardSet, Label
from vc.cards.codes import division
from vc.scenarios import PresentationRequest, Scenario
from vc.verdict import Verdict

__all__ = ["CounterVerdict", "Effect"]


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one successful verification.

    ``regions`` are (code, name) of the provinces where it counts, ``cards`` (credential type, title) of what was shown,
    ``at`` the time of verification, ``notice`` the statement for people.
    """

    scenario: str
    title: Label
    variant: str
    regions: tuple[tuple[str, str], ...]
    cards: tuple[tuple[str, Label], ...]
    at: datetime
    notice: Label

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        request: PresentationRequest,
        credentials: Iterable[Mapping[str, Any]],
        at: datetime,
        cards: CardSet,
    ) -> Effect:
        """The effect of ``credentials`` (of ``cards``) for ``scenario``, verified ``at`` that time."""
        shown = [card for card in map(cards.of_credential, credentials) if card is not None]
        return cls(
            scenario=scenario.id,
            title=scenario.title,
            variant=request.variant,
            regions=tuple((code, division(code).full_name) for code in scenario.regions),
            cards=tuple((card.type, card.title) for card in shown),
            at=at,
            notice=scenario.notice,
        )

    def to_dict(self) -> dict[str, Any]:
        """The effect as JSON."""
        return {
            "scenario": self.scenario,
            "title": _label(self.title),
            "variant": self.variant,
            "regions": [{"code": code, "name": name} for code, name in self.regions],
            "cards": [{"type": kind, "title": _label(title)} for kind, title in self.cards],
            "verifiedAt": self.at.isoformat(),
            "notice": _label(self.notice),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Effect:
        """The effect that ``to_dict`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            scenario=value["scenario"],
            title=Label(value["title"]["zh"], value["title"]["en"]),
            variant=value["variant"],
            regions=tuple((region["code"], region["name"]) for region in value["regions"]),
            cards=tuple((card["type"], Label(card["title"]["zh"], card["title"]["en"])) for card in value["cards"]),
            at=read_datetime(value["verifiedAt"]),
            notice=Label(value["notice"]["zh"], value["notice"]["en"]),
        )


@dataclass(frozen=True, slots=True)
class CounterVerdict(Verdict):
    """A verdict for the person at the counter.

    ``effect`` is None unless verified. ``advice`` says what to do where a claim is absent. ``portraits`` are the
    pictures that came along and whose digests were checked: JSON pointer of the claim -> JPEG, only when verified.
    ``challenge`` is the one that the answer says it answers.
    """

    effect: Effect | None = None
    advice: tuple[Label, ...] = ()
    portraits: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    challenge: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON, with its effect and advice; the portraits are left out."""
        result = Verdict.to_dict(self)
        result["effect"] = None if self.effect is None else self.effect.to_dict()
        result["advice"] = [_label(label) for label in self.advice]
        return result


def _label(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
