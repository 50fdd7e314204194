"""Cards as JSON-LD credentials with Data Integrity proofs: a base proof for the wallet, derived ones for counters.

What is shown is one presentation, signed by the device for one verifier. Every card has this format; it is the one that
scenarios, trust lists and screens read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import vc
from vc.model import identifier_of, is_presentation
from vc.needs import Steps
from vc.problems import Problem, ProblemError

from ..definition import CardDefinition, CardSet, Label
from ..display import claims_of
from ..shown import check_presentation_shown, check_shown
from .each import UNBOUND
from .protocol import CREDENTIALS, TOKEN, Chosen, Held, PendingCards, Unsecured, of_card

if TYPE_CHECKING:
    from contexts import ContextRegistry
    from did import Resolver, Signer
    from vc.verdict import Verdict
    from vc.verification import Expectations

__all__ = ["FORMAT"]

_UNKNOWN: Final = Problem("card.unknown", "the type names no card that is known here", "/type")


class _JsonLd:
    name = "ldp_vc"
    label = Label("JSON-LD", "JSON-LD")
    member = "verifiablePresentation"
    discloses_besides: tuple[tuple[Label, Label], ...] = ()
    device_signs: tuple[int | bytes, ...] = (64,)  # The two hashes of a Data Integrity proof with SHA-256.

    needs_certificates = False

    def signs_with(self, key_type: str) -> bool:
        return True

    def status_purposes(self, purposes: Sequence[str]) -> Sequence[str]:
        return [purpose for purpose in purposes if purpose != TOKEN]

    def published(self, card: CardDefinition) -> Mapping[str, bytes]:
        return {}

    def secure(self, card: Unsecured, signer: Signer) -> str:
        credential = _with_status(card.credential, list(card.status.values()))
        secured = vc.issue(
            credential,
            signer,
            cryptosuite=card.cryptosuite,
            mandatory_pointers=card.definition.mandatory_pointers(credential),
            now=card.now,
            random=card.random,
            contexts=card.contexts,
        )
        return json.dumps(secured, ensure_ascii=False, separators=(",", ":"))

    def open(self, held: str | Mapping[str, Any], cards: CardSet) -> Held:
        credential = _document(held)
        subject = credential.get("credentialSubject")
        device = subject.get("id") if isinstance(subject, Mapping) else None
        return Held(credential, device if isinstance(device, str) else None)

    def verify_held(
        self,
        held: str | Mapping[str, Any],
        *,
        now: datetime,
        resolver: Resolver | None,
        contexts: ContextRegistry,
    ) -> Verdict:
        # A base proof is checked by deriving a proof that shows everything.
        everything = vc.derive(_document(held), selective_pointers=["/credentialSubject"], contexts=contexts)
        return vc.verify(everything, now=now, resolver=resolver, contexts=contexts)

    def prepare(
        self,
        chosen: Sequence[Chosen],
        device_key: Signer,
        *,
        challenge: str,
        domain: str,
        lifetime: float,
        now: datetime,
        random: Callable[[int], bytes],
        contexts: ContextRegistry,
        cards: CardSet,
    ) -> PendingCards:
        from vc.presentation import prepare

        derived = [
            vc.derive(
                _document(one.held),
                selective_pointers=[one.definition.claims[term].pointer for term in one.terms],
                contexts=contexts,
            )
            for one in chosen
        ]
        pending = prepare(
            derived,
            device_key,
            challenge=challenge,
            domain=domain,
            expires_in=lifetime,
            now=now,
            random=random,
            contexts=contexts,
        )
        return PendingCards(
            (pending.data_to_sign,),
            tuple(frozenset(claims_of(credential)) for credential in derived),
            pending.key,
            lambda signatures: pending.complete(signatures[0]),
        )

    def read(self, value: object, cards: CardSet) -> _Presentation:
        if not isinstance(value, Mapping) or not is_presentation(value):
            raise ProblemError(Problem("message.form", "only presentations are verified at a counter"))
        return _Presentation(dict(value), cards)


class _Presentation:
    """A presentation with a proof."""

    format = _JsonLd.name

    def __init__(self, presentation: dict[str, Any], cards: CardSet) -> None:
        self.value = self.presentation = presentation
        self._cards = cards

    def challenges(self) -> Iterator[str]:
        for proof in self._proofs():
            if isinstance(proof.get("challenge"), str):
                yield proof["challenge"]

    def signatures(self) -> list[tuple[str, str]]:
        return [("proof", p["proofValue"]) for p in self._proofs() if isinstance(p.get("proofValue"), str)]

    def _proofs(self) -> list[dict[str, Any]]:
        proof = self.presentation.get("proof")
        return [item for item in (proof if isinstance(proof, list) else [proof]) if isinstance(item, dict)]

    def verification(self, expected: Expectations) -> Steps[Verdict]:
        from vc.verification import verification

        return (yield from verification(self.presentation, expected))

    def shape_problems(self) -> list[Problem]:
        problems = check_presentation_shown(self.presentation)
        for index, credential in enumerate(self.status_holders()):
            card = self._cards.of_credential(credential)
            problems += of_card(index, [_UNKNOWN] if card is None else check_shown(card, credential))
        return problems

    def binding_problems(self) -> list[Problem]:
        """Stricter than the data model: there is a holder, and every card names that holder's key as its subject."""
        holder = identifier_of(self.presentation.get("holder"))
        problems = []
        for index, credential in enumerate(self.status_holders()):
            subject = credential.get("credentialSubject")
            bound = subject.get("id") if isinstance(subject, Mapping) else None
            if holder is None or bound != holder:
                problems.append(Problem("holder.binding", UNBOUND, f"{CREDENTIALS}/{index}/credentialSubject/id"))
        return problems

    def status_holders(self) -> Sequence[Mapping[str, Any]]:
        value = self.presentation.get("verifiableCredential")
        return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]

    def documents(self) -> Sequence[str | bytes | Mapping[str, Any]]:
        return [self.presentation]


def _document(held: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(held, Mapping):
        return dict(held)
    from vc import parsing

    return parsing.loads(held)


def _with_status(credential: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The credential with its status where ``vc.cards.to_credential`` has it."""
    made: dict[str, Any] = {}
    for name, value in credential.items():
        if name == "credentialSchema" and entries:
            made["credentialStatus"] = [dict(entry) for entry in entries]
        made[name] = value
    return made


FORMAT: Final = _JsonLd()
