"""The wallet's side of a scenario: is this request allowed to ask what it asks?"""

from __future__ import annotations

from datetime import datetime, timedelta

from vc.problems import Problem

from .request import PresentationRequest, RequestedCard
from .scenario import SCENARIOS, Scenario, ScenarioSet, Variant

__all__ = ["check_request"]


def check_request(
    request: PresentationRequest,
    *,
    now: datetime,
    skew: timedelta = timedelta(seconds=60),
    scenarios: ScenarioSet = SCENARIOS,
) -> list[Problem]:
    """Why a wallet must refuse the request; empty when it may ask its holder for consent.

    ``scenario.unknown`` and ``scenario.version`` for a scenario that the wallet does not know; ``request.excess`` for
    every card and claim beyond the scenario's column (``law`` at most); ``request.form`` for texts that differ from
    the scenario's; ``request.expired``.
    """
    scenario = scenarios.get(request.scenario)
    if scenario is None:
        return [Problem("scenario.unknown", "the wallet does not know this scenario", "/scenario")]
    if request.scenario_version != scenario.version:
        detail = f"the wallet knows version {scenario.version} of this scenario"
        return [Problem("scenario.version", detail, "/scenarioVersion")]
    problems = request.check_time(now, skew)
    if request.purpose != scenario.purpose:
        problems.append(Problem("request.form", "the purpose is not the scenario's", "/purpose"))
    if request.variant not in scenario.variants():
        problems.append(Problem("request.excess", "the scenario has no such variant", "/variant"))
    variant: Variant = "law" if request.variant == "law" else "min"
    for index, card in enumerate(request.cards):
        problems += _check_card(card, scenario, variant, f"/cards/{index}")
    return problems


def _check_card(card: RequestedCard, scenario: Scenario, variant: Variant, pointer: str) -> list[Problem]:
    allowed = scenario.card(card.id)
    if allowed is None or allowed.type != card.type:
        return [Problem("request.excess", "the scenario does not ask for this card", pointer)]
    terms = allowed.allowed(variant)
    definition = scenario.definitions[card.type]
    problems = []
    for index, claim in enumerate(card.claims):
        place = f"{pointer}/claims/{index}"
        if claim.term not in terms:
            problems.append(Problem("request.excess", f"the scenario does not allow {claim.term}", place))
            continue
        known = definition.claims[claim.term]
        if claim.label != known.label or claim.sensitive != known.sensitive:
            problems.append(Problem("request.form", "the label is not the card's", place))
    return problems
