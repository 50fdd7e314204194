"""Scenarios: what a hotel, an internet cafe or a patrol may ask, as data.

The same scenario makes the request (``Scenario.request``), tells the wallet whether to consent (``check_request``) and
judges the answer (``assess``).
"""

from __future__ import annotations

from .assessment import Assessment, assess
from .consent import check_request
from .request import PresentationRequest, RequestedCard, RequestedClaim
from .scenario import LEGAL_EFFECT, SCENARIOS, Scenario, ScenarioCard, ScenarioSet, Variant, load

__all__ = [
    "LEGAL_EFFECT",
    "SCENARIOS",
    "Assessment",
    "PresentationRequest",
    "RequestedCard",
    "RequestedClaim",
    "Scenario",
    "ScenarioCard",
    "ScenarioSet",
    "Variant",
    "assess",
    "check_request",
    "load",
]
