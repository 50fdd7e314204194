"""The two forms an answer comes in: a presentation of JSON-LD cards, or cards as SD-JWT VCs. Both are judged alike.

``read_answer`` tells them apart by the message's members; what an answer has to be is said by the request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from vc import parsing
from vc.cards import CardSet, check_claims_shown, check_presentation_shown, check_shown
from vc.cards import message as messages
from vc.cards.message import MAX_MESSAGE, Message
from vc.envelope.card_claims import card_of_vct
from vc.envelope.sd_jwt import confirmation_key
from vc.model import identifier_of, is_presentation
from vc.needs import Steps
from vc.problems import Problem, ProblemError
from vc.scenarios.request import SD_JWT, PresentationRequest
from vc.verdict import Check, Outcome, Verdict
from vc.verification import verification

from .replay import binding_keys, replay_keys

if TYPE_CHECKING:
    from vc.scenarios.answer import SdJwtAnswer
    from vc.verification import Expectations

__all__ = ["Answer", "credentials_of", "read_answer"]

_CREDENTIALS = "/verifiableCredential"
_UNKNOWN = Problem("card.unknown", "the type names no card that is known here", "/type")
_UNBOUND = "the card is not bound to the device that showed it"


class Answer(Protocol):
    """An answer that was read. Nothing of it is verified."""

    envelope: str | None
    """The form, as requests name it."""
    message: Message
    """The cards as JSON-LD credentials, and the attachments: what lists, scenarios and screens read."""

    def challenges(self) -> Iterator[str]:
        """The challenges that it says it answers."""
        ...

    def replay_keys(self, request: PresentationRequest) -> list[str]:
        """What makes it unique."""
        ...

    def verification(self, expected: Expectations) -> Steps[Verdict]:
        """The steps of ``vc.verification``; pointers are into ``message.presentation``."""
        ...

    def shape_problems(self, cards: CardSet) -> list[Problem]:
        """What the answer and each card in it lack, or have too much (``vc.cards.shown``)."""
        ...

    def binding_problems(self) -> list[Problem]:
        """Whether every card names the key of the one device that answered. Asked when all else is verified."""
        ...

    def status_holders(self) -> Sequence[Mapping[str, Any]]:
        """What ``StatusChecker.as_of`` takes, for each card."""
        ...


def read_answer(message: bytes | str | Mapping[str, Any] | Message) -> Answer:
    """Read a message (untrusted). Raises ProblemError."""
    if isinstance(message, Message):
        return _Presentation(message)
    if not isinstance(message, Mapping):
        if len(message) > MAX_MESSAGE:
            raise ProblemError(Problem("message.limit", f"a message has {MAX_MESSAGE} bytes at most"))
        message = parsing.loads(message)
    if "sdJwts" not in message:
        return _Presentation(messages.read(message))
    from vc.scenarios.answer import read

    return _SdJwts(read(message))


def credentials_of(message: Message) -> list[dict[str, Any]]:
    """The credentials of a message that have the form of one."""
    value = message.presentation.get("verifiableCredential")
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


class _Presentation:
    """A presentation with a proof. Raises ProblemError for another document."""

    envelope: str | None = None

    def __init__(self, message: Message) -> None:
        if not is_presentation(message.presentation):
            raise ProblemError(Problem("message.form", "only presentations are verified at a counter"))
        self.message = message

    def challenges(self) -> Iterator[str]:
        proof = self.message.presentation.get("proof")
        for item in proof if isinstance(proof, list) else [proof]:
            challenge = item.get("challenge") if isinstance(item, dict) else None
            if isinstance(challenge, str):
                yield challenge

    def replay_keys(self, request: PresentationRequest) -> list[str]:
        return replay_keys(request.domain, request.challenge, self.message.presentation)

    def verification(self, expected: Expectations) -> Steps[Verdict]:
        return (yield from verification(self.message.presentation, expected))

    def shape_problems(self, cards: CardSet) -> list[Problem]:
        problems = check_presentation_shown(self.message.presentation)
        for index, credential in enumerate(self.status_holders()):
            card = cards.of_credential(credential)
            problems += _at(index, [_UNKNOWN] if card is None else check_shown(card, credential))
        return problems

    def binding_problems(self) -> list[Problem]:
        """Stricter than the data model: there is a holder, and every card names that holder's key as its subject."""
        holder = identifier_of(self.message.presentation.get("holder"))
        problems = []
        for index, credential in enumerate(self.status_holders()):
            subject = credential.get("credentialSubject")
            bound = subject.get("id") if isinstance(subject, Mapping) else None
            if holder is None or bound != holder:
                place = f"{_CREDENTIALS}/{index}/credentialSubject/id"
                problems.append(Problem("holder.binding", _UNBOUND, place))
        return problems

    def status_holders(self) -> Sequence[Mapping[str, Any]]:
        return credentials_of(self.message)


class _SdJwts:
    """Cards as SD-JWT VCs, each with a key binding of its own."""

    envelope: str | None = SD_JWT

    def __init__(self, answer: SdJwtAnswer) -> None:
        self._answer = answer
        self.message = answer.as_message()

    def challenges(self) -> Iterator[str]:
        for parsed in self._answer.parsed:
            if parsed.binding is not None:
                yield parsed.binding.nonce

    def replay_keys(self, request: PresentationRequest) -> list[str]:
        bindings = [parsed.binding for parsed in self._answer.parsed if parsed.binding is not None]
        return binding_keys(request.domain, request.challenge, [binding.jws.signature for binding in bindings])

    def verification(self, expected: Expectations) -> Steps[Verdict]:
        verdicts = []
        for index, text in enumerate(self._answer.sd_jwts):
            verdict = yield from verification(text, expected)
            verdicts.append(_placed(verdict, f"{_CREDENTIALS}/{index}"))
        return Verdict(
            all(verdict.verified for verdict in verdicts),
            tuple(check for verdict in verdicts for check in verdict.checks),
            tuple(problem for verdict in verdicts for problem in verdict.problems),
            tuple(problem for verdict in verdicts for problem in verdict.warnings),
            self.message.presentation,
            _traces(verdicts) if expected.explain else None,
        )

    def shape_problems(self, cards: CardSet) -> list[Problem]:
        problems: list[Problem] = []
        for index, claims in enumerate(self._answer.claims):
            card = card_of_vct(claims.get("vct"))
            problems += _at(index, [_UNKNOWN] if card is None else check_claims_shown(card, claims))
        return problems

    def binding_problems(self) -> list[Problem]:
        """Every card's key (``cnf``) is the one it names as its subject, and all cards are of one device."""
        device = _device_of(self._answer.claims[0])
        problems = []
        for index, claims in enumerate(self._answer.claims):
            if device is None or claims.get("sub") != device or _device_of(claims) != device:
                place = f"{_CREDENTIALS}/{index}/credentialSubject/id"
                problems.append(Problem("holder.binding", _UNBOUND, place))
        return problems

    def status_holders(self) -> Sequence[Mapping[str, Any]]:
        return self._answer.claims


def _at(index: int, problems: list[Problem]) -> list[Problem]:
    """Problems of one card, with pointers into the presentation."""
    return [p.at(f"{_CREDENTIALS}/{index}{p.pointer}") for p in problems]


def _device_of(claims: Mapping[str, Any]) -> str | None:
    """The did:key of the key that a card is bound to; None where it names none."""
    try:
        return f"did:key:{confirmation_key(claims).to_multikey()}"
    except ProblemError:
        return None


def _placed(verdict: Verdict, place: str) -> Verdict:
    """A verdict on one card as part of that on the whole answer. Without a key binding that holds there is no card."""
    checks = [replace(check, pointer=place + check.pointer) for check in verdict.checks]
    problems = [p.at(place + p.pointer) for p in verdict.problems]
    bound = any(check.name == "holder_binding" and check.outcome is Outcome.PASSED for check in verdict.checks)
    if verdict.verified and not bound:
        checks.append(Check("holder_binding", Outcome.FAILED, place, _UNBOUND))
        problems.append(Problem("holder.binding", _UNBOUND, place))
    warnings = [p.at(place + p.pointer) for p in verdict.warnings]
    return Verdict(
        verdict.verified and bound, tuple(checks), tuple(problems), tuple(warnings), verdict.document, verdict.trace
    )


def _traces(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    proofs = [
        {**trace, "pointer": f"{_CREDENTIALS}/{index}{trace.get('pointer', '')}"}
        for index, verdict in enumerate(verdicts)
        for trace in (verdict.trace or {}).get("proofs", ())
    ]
    return {"contexts": {}, "proofs": proofs}
