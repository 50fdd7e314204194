"""What a card format states and does. Issuers, wallets and counters know formats by this alone.

The way of a card: ``secure`` makes it at the authority, ``open`` and ``verify_held`` take it into a wallet, ``prepare``
shows chosen claims of it up to the device key's signatures, ``read`` is what a counter makes of what was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from did import PublicKey
from vc.problems import Problem, ProblemError

from ..definition import CardDefinition, CardSet, Label

if TYPE_CHECKING:
    from contexts import ContextRegistry
    from did import Resolver, Signer
    from vc.needs import Steps
    from vc.verdict import Verdict
    from vc.verification import Expectations

__all__ = ["MAX_SHOWN", "TOKEN", "CardFormat", "Chosen", "Held", "PendingCards", "ShownCards", "Unsecured", "of_card"]

MAX_SHOWN: Final = 8
"""Cards that are asked for, and shown, at once."""

TOKEN: Final = "token"  # noqa: S105 - a purpose, no secret.
"""The status purpose of Token Status Lists, where one entry says valid, invalid or suspended."""

CREDENTIALS: Final = "/verifiableCredential"
"""Where the cards of an answer stand in its presentation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsecured:
    """A card to be secured. ``credential`` is its JSON-LD credential, without a status.

    ``status`` has the entries of the purposes that the format asked for: what a credential says of its status
    (``vc.status.status_entry``), for the purpose ``TOKEN`` a ``status`` claim. ``now`` is an aware datetime; ``random``
    gives so many random bytes; ``cryptosuite`` is that of the authority's proofs, for formats that have such;
    ``certificates`` (DER, the signer's first) are those of the authority's key.
    """

    credential: Mapping[str, Any] = field(repr=False)
    definition: CardDefinition
    device_key: PublicKey
    status: Mapping[str, Mapping[str, Any]]
    now: datetime
    random: Callable[[int], bytes]
    contexts: ContextRegistry
    cryptosuite: str | None = None
    certificates: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A card as its issuer handed it over, opened (untrusted): the JSON-LD credential that it stands for, the did:key
    of the device that it is bound to, and whether it was shown to somebody before, who could pass it on."""

    credential: dict[str, Any] = field(repr=False)
    device: str | None
    shown_before: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """One card that is to be shown: as its issuer handed it over, and the terms of the claims to show."""

    held: str | Mapping[str, Any] = field(repr=False)
    definition: CardDefinition
    terms: Sequence[str]


@dataclass(frozen=True, slots=True)
class PendingCards:
    """Cards that wait for signatures of the device key.

    ``data_to_sign`` is what it signs, in this order; ``terms`` are, card by card, the claims that leave. ``finish``
    makes the value of the message's member of signatures that were checked.
    """

    data_to_sign: tuple[bytes, ...] = field(repr=False)
    terms: tuple[frozenset[str], ...]
    public_key: PublicKey = field(repr=False)
    finish: Callable[[Sequence[bytes]], Any] = field(repr=False)

    def complete(self, signatures: Sequence[bytes]) -> Any:
        """What the message carries, once every signature is the device key's.

        Raises ProblemError (``proof.signature``), ValueError for another number of them.
        """
        pairs = list(zip(signatures, self.data_to_sign, strict=True))
        if not all(self.public_key.verify(signature, data) for signature, data in pairs):
            raise ProblemError(Problem("proof.signature", "the signature is not the device key's"))
        return self.finish(signatures)


class ShownCards(Protocol):
    """Cards as they were shown (untrusted), read. Nothing of them is verified.

    Pointers of problems are into ``presentation``.
    """

    @property
    def format(self) -> str:
        """The format's name."""
        ...

    @property
    def value(self) -> Any:
        """The value of the message's member, as JSON."""
        ...

    @property
    def presentation(self) -> dict[str, Any]:
        """A presentation of the JSON-LD credentials that the cards stand for: what lists, scenarios and screens read.
        Only JSON-LD's is what was signed."""
        ...

    def challenges(self) -> Iterator[str]:
        """The challenges that the cards say they answer."""
        ...

    def signatures(self) -> list[tuple[str, str]]:
        """What makes the answer unique, beside its challenge: kind and value of each of the device's signatures."""
        ...

    def verification(self, expected: Expectations) -> Steps[Verdict]:
        """The steps of ``vc.verification``, of all cards as one. Without the device's signature nothing is verified."""
        ...

    def shape_problems(self) -> list[Problem]:
        """What the answer and each card in it lack, or have too much (``vc.cards.shown``)."""
        ...

    def binding_problems(self) -> list[Problem]:
        """Whether every card names the key of the one device that answered. Asked when all else is verified."""
        ...

    def status_holders(self) -> Sequence[Mapping[str, Any]]:
        """What ``vc.status.StatusChecker.as_of`` takes, for each card."""
        ...

    def documents(self) -> Sequence[str | bytes | Mapping[str, Any]]:
        """Each card by itself, as ``vc.explain`` takes it."""
        ...


class CardFormat(Protocol):
    """One format: everything that others have to know of it. Nobody asks for a format by its name or class to find out
    how it behaves (docs/adding-a-card-format.md)."""

    @property
    def name(self) -> str:
        """As requests (``envelope``), offers, files and databases name it: its media type without ``application/``,
        or the format identifier of OpenID4VCI."""
        ...

    @property
    def label(self) -> Label:
        """Its name for people."""
        ...

    @property
    def member(self) -> str:
        """The member of a message that carries cards in this format."""
        ...

    @property
    def discloses_besides(self) -> tuple[tuple[Label, Label], ...]:
        """Label and reading of what leaves with a card in this format whatever is chosen, beside what every card
        shows: what links presentations, above all."""
        ...

    @property
    def device_signs(self) -> tuple[int | bytes, ...]:
        """How the bytes that a device key signs to show cards look: their length, or the JWS header with its dot that
        they begin with (base64url follows). A device signs nothing else for this: no format's bytes may be those of
        another purpose of the key."""
        ...

    @property
    def needs_certificates(self) -> bool:
        """Whether the issuer's key is named by its certificates: an authority that has none does not offer it."""
        ...

    def signs_with(self, key_type: str) -> bool:
        """Whether an authority's key of this type (``did.PublicKey.key_type``) can secure cards in it."""
        ...

    def status_purposes(self, purposes: Sequence[str]) -> Sequence[str]:
        """The purposes of which a card needs a status entry, where ``purposes`` are those of the authority's cards.
        Forms of one card that need the same purpose share its entry, as they share their fate and their device."""
        ...

    def published(self, card: CardDefinition) -> Mapping[str, bytes]:
        """What its issuers publish of a kind of card: URL -> JSON. Usually nothing."""
        ...

    def secure(self, card: Unsecured, signer: Signer) -> str:
        """The card, secured by the authority. Raises ProblemError."""
        ...

    def open(self, held: str | Mapping[str, Any], cards: CardSet) -> Held:
        """A card as its issuer handed it over (untrusted). Raises ProblemError."""
        ...

    def verify_held(
        self,
        held: str | Mapping[str, Any],
        *,
        now: datetime,
        resolver: Resolver | None,
        contexts: ContextRegistry,
    ) -> Verdict:
        """Whether its issuer's signature holds over every claim. Raises ProblemError for what can't be shown in
        part."""
        ...

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
        """The cards with the chosen claims shown, for one verifier, up to the signatures of the device key.

        Of ``device_key`` only the names and the public key are used. ``lifetime`` is how many seconds they count.
        Raises ProblemError.
        """
        ...

    def read(self, value: object, cards: CardSet) -> ShownCards:
        """The value of a message's member (untrusted), of MAX_SHOWN cards at most.

        Raises ProblemError, with pointers into the value.
        """
        ...


def of_card(index: int, problems: Sequence[Problem]) -> list[Problem]:
    """Problems of one card, with pointers into the presentation."""
    return [p.at(f"{CREDENTIALS}/{index}{p.pointer}") for p in problems]
