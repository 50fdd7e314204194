"""A verifier's request: which scenario, who asks, what for, and which claims. Untrusted on its way to the wallet.

    {"type": "PresentationRequest", "scenario": "hotel-check-in", "scenarioVersion": 1, "variant": "min",
     "verifier": {"id": "did:...", "name": "..."}, "purpose": {"zh": "...", "en": "..."},
     "challenge": "...", "domain": "...", "created": "...Z", "expires": "...Z",
     "cards": [{"id": "card", "type": "ResidentIdentityCardCredential",
                "claims": [{"pointer": "/credentialSubject/name", "term": "name", "label": {"zh": "...", "en": "..."},
                            "sensitive": false, "optional": false}]}]}

A card may have ``"optional": true`` (the job can be done without it) or ``"anyOf": name`` (one card of those with the
same name is enough). A claim may have ``"anyOf": name`` in the same sense; such claims are optional each by itself.
With ``"envelope": name`` the cards are wanted in the format of that name (``vc.cards.formats``), without it as JSON-LD.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from did.timestamps import read_datetime
from vc.cards import Label
from vc.cards.formats import FORMATS, MAX_SHOWN, CardFormat
from vc.problems import Problem, ProblemError

__all__ = ["MAX_CARDS", "MAX_CLAIMS", "PresentationRequest", "RequestedCard", "RequestedClaim"]

MAX_CARDS: Final = MAX_SHOWN
MAX_CLAIMS: Final = 64
_LONGEST: Final = timedelta(hours=1)
"""Validity of a request at most: a request is for somebody who stands at the counter."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}\Z")
_CONTROL = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class RequestedClaim:
    """One claim that is asked for; ``any_of`` names the group of which one claim is enough."""

    term: str
    label: Label
    sensitive: bool = False
    optional: bool = False
    any_of: str | None = None

    @property
    def pointer(self) -> str:
        """The claim's JSON pointer in the credential."""
        return f"/credentialSubject/{self.term}"


@dataclass(frozen=True, slots=True)
class RequestedCard:
    """One card that is asked for; ``id`` is its place in the scenario."""

    id: str
    type: str
    claims: tuple[RequestedClaim, ...]
    optional: bool = False
    any_of: str | None = None


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """What a verifier asks. ``created`` and ``expires`` are aware datetimes.

    ``envelope`` names the format that the cards are wanted in; None is JSON-LD.
    """

    scenario: str
    scenario_version: int
    variant: str
    verifier_id: str
    verifier_name: str
    purpose: Label
    challenge: str
    domain: str
    created: datetime
    expires: datetime
    cards: tuple[RequestedCard, ...]
    envelope: str | None = None

    @property
    def format(self) -> CardFormat:
        """The format that the cards are wanted in. KeyError for one that is not known here: none was read so."""
        found = FORMATS.asked_for(self.envelope)
        if found is None:
            raise KeyError(self.envelope)
        return found

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON."""
        document = {
            "type": "PresentationRequest",
            "scenario": self.scenario,
            "scenarioVersion": self.scenario_version,
            "variant": self.variant,
            "verifier": {"id": self.verifier_id, "name": self.verifier_name},
            "purpose": _label_dict(self.purpose),
            "challenge": self.challenge,
            "domain": self.domain,
            "created": _moment_text(self.created),
            "expires": _moment_text(self.expires),
            "cards": [_card_dict(card) for card in self.cards],
        }
        return document if self.envelope is None else {**document, "envelope": self.envelope}

    @classmethod
    def from_dict(cls, data: object) -> PresentationRequest:
        """Read a request strictly: exactly these members, of these forms, within limits.

        Raises ProblemError with every problem (``request.form``) and its JSON pointer.
        """
        reader = _Reader()
        top = reader.members(
            data,
            "",
            {"type", "scenario", "scenarioVersion", "variant", "verifier", "purpose"}
            | {"challenge", "domain", "created", "expires", "cards"},
            frozenset({"envelope"}),
        )
        verifier = reader.members(top.get("verifier"), "/verifier", {"id", "name"})
        if top.get("type") != "PresentationRequest":
            reader.problem("the type must be PresentationRequest", "/type")
        if top.get("variant") not in ("min", "law"):
            reader.problem("the variant is min or law", "/variant")
        request = cls(
            scenario=reader.name(top.get("scenario"), "/scenario"),
            scenario_version=reader.count(top.get("scenarioVersion"), "/scenarioVersion"),
            variant=str(top.get("variant")),
            verifier_id=reader.text(verifier.get("id"), "/verifier/id", 2048),
            verifier_name=reader.text(verifier.get("name"), "/verifier/name", 100),
            purpose=reader.label(top.get("purpose"), "/purpose"),
            challenge=reader.text(top.get("challenge"), "/challenge", 256),
            domain=reader.text(top.get("domain"), "/domain", 256),
            created=reader.moment(top.get("created"), "/created"),
            expires=reader.moment(top.get("expires"), "/expires"),
            cards=reader.cards(top.get("cards")),
            envelope=reader.envelope(top["envelope"], "/envelope") if "envelope" in top else None,
        )
        if not request.verifier_id.startswith("did:"):
            reader.problem("the verifier's id must be a DID", "/verifier/id")
        if len(request.challenge) < 16:
            reader.problem("a challenge has 16 characters at least", "/challenge")
        if not timedelta(0) < request.expires - request.created <= _LONGEST:
            reader.problem("expires must follow created, by an hour at most", "/expires")
        reader.finish()
        return request

    def check_time(self, now: datetime, skew: timedelta = timedelta(seconds=60)) -> list[Problem]:
        """``request.expired`` when ``now`` (aware) is not between ``created`` and ``expires``, within ``skew``."""
        if now < self.created - skew:
            return [Problem("request.expired", "the request was made in the future", "/created")]
        if now >= self.expires + skew:
            return [Problem("request.expired", "the request has expired: ask for a new one", "/expires")]
        return []


class _Reader:
    """Collects every problem instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, detail: str, pointer: str) -> None:
        if len(self.problems) < 50:
            self.problems.append(Problem("request.form", detail, pointer))

    def finish(self) -> None:
        if self.problems:
            raise ProblemError(*self.problems)

    def members(
        self, value: object, pointer: str, required: set[str], optional: frozenset[str] = frozenset()
    ) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.problem("must be an object", pointer)
            return {}
        for name in sorted(required - set(value)):
            self.problem(f"the member {name} is missing", pointer)
        unknown = [str(name)[:60] for name in value if name not in required and name not in optional]
        if unknown:
            self.problem(f"there is no such member: {', '.join(unknown[:5])}", pointer)
        return value

    def text(self, value: object, pointer: str, longest: int) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > longest or _CONTROL.search(value):
            self.problem(f"must be a text of 1 to {longest} printable characters", pointer)
            return ""
        return value

    def name(self, value: object, pointer: str) -> str:
        if not isinstance(value, str) or not _NAME.match(value):
            self.problem("must be a name of letters, digits and hyphens", pointer)
            return ""
        return value

    def count(self, value: object, pointer: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 10**6:
            self.problem("must be a whole number from 1", pointer)
            return 0
        return value

    def flag(self, value: object, pointer: str) -> bool:
        if not isinstance(value, bool):
            self.problem("must be true or false", pointer)
            return False
        return value

    def label(self, value: object, pointer: str) -> Label:
        members = self.members(value, pointer, {"zh", "en"})
        return Label(
            zh=self.text(members.get("zh"), pointer + "/zh", 200), en=self.text(members.get("en"), pointer + "/en", 200)
        )

    def envelope(self, value: object, pointer: str) -> str:
        if value is None or FORMATS.asked_for(value) is None:
            known = ", ".join(known.name for known in FORMATS.beside())
            self.problem(f"cards come in the envelope {known}, or as JSON-LD without this member", pointer)
        return str(value)

    def moment(self, value: object, pointer: str) -> datetime:
        try:
            return read_datetime(value)
        except ValueError:
            self.problem("must be a date and time with a time zone, such as 2026-01-31T08:00:00Z", pointer)
            return datetime(2000, 1, 1, tzinfo=UTC)

    def array(self, value: object, pointer: str, longest: int) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= longest:
            self.problem(f"must be an array of 1 to {longest} entries", pointer)
            return []
        return value

    def cards(self, value: object) -> tuple[RequestedCard, ...]:
        cards = []
        for index, entry in enumerate(self.array(value, "/cards", MAX_CARDS)):
            pointer = f"/cards/{index}"
            members = self.members(entry, pointer, {"id", "type", "claims"}, frozenset({"optional", "anyOf"}))
            claims = self.array(members.get("claims"), pointer + "/claims", MAX_CLAIMS)
            cards.append(
                RequestedCard(
                    id=self.name(members.get("id"), pointer + "/id"),
                    type=self.name(members.get("type"), pointer + "/type"),
                    claims=tuple(self.claim(claim, f"{pointer}/claims/{i}") for i, claim in enumerate(claims)),
                    optional=self.flag(members.get("optional", False), pointer + "/optional"),
                    any_of=self.name(members["anyOf"], pointer + "/anyOf") if "anyOf" in members else None,
                )
            )
            if len({claim.term for claim in cards[-1].claims}) != len(cards[-1].claims):
                self.problem("a claim stands twice", pointer + "/claims")
        if len({card.id for card in cards}) != len(cards):
            self.problem("two cards have the same id", "/cards")
        return tuple(cards)

    def claim(self, value: object, pointer: str) -> RequestedClaim:
        required = {"pointer", "term", "label", "sensitive", "optional"}
        members = self.members(value, pointer, required, frozenset({"anyOf"}))
        claim = RequestedClaim(
            term=self.name(members.get("term"), pointer + "/term"),
            label=self.label(members.get("label"), pointer + "/label"),
            sensitive=self.flag(members.get("sensitive"), pointer + "/sensitive"),
            optional=self.flag(members.get("optional"), pointer + "/optional"),
            any_of=self.name(members["anyOf"], pointer + "/anyOf") if "anyOf" in members else None,
        )
        if members.get("pointer") != claim.pointer:
            self.problem("the pointer must be that of the term", pointer + "/pointer")
        return claim


def _card_dict(card: RequestedCard) -> dict[str, Any]:
    result: dict[str, Any] = {"id": card.id, "type": card.type}
    if card.optional:
        result["optional"] = True
    if card.any_of is not None:
        result["anyOf"] = card.any_of
    return {**result, "claims": [_claim_dict(claim) for claim in card.claims]}


def _claim_dict(claim: RequestedClaim) -> dict[str, Any]:
    result: dict[str, Any] = {
        "pointer": claim.pointer,
        "term": claim.term,
        "label": _label_dict(claim.label),
        "sensitive": claim.sensitive,
        "optional": claim.optional,
    }
    return result if claim.any_of is None else {**result, "anyOf": claim.any_of}


def _label_dict(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
