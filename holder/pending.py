"""An answer to a verifier that waits for signatures of a device key elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from vc.cards import CardSet
from vc.cards.formats import CardFormat, PendingCards
from vc.cards.message import Message, build

__all__ = ["PendingMessage"]


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """Consent and PIN were given, the claims are chosen; only the device key's signatures are missing.

    ``expires`` is when the answer ends (aware).
    """

    format: CardFormat
    cards: PendingCards = field(repr=False)
    attachments: Mapping[str, bytes] = field(repr=False)
    definitions: CardSet = field(repr=False)
    expires: datetime

    @property
    def data_to_sign(self) -> tuple[bytes, ...]:
        """What the device key signs: in some formats once for all cards, in some once for each."""
        return self.cards.data_to_sign

    def complete(self, signatures: Sequence[bytes]) -> Message:
        """The message, once every signature is the device key's.

        Raises ProblemError (``proof.signature``), ValueError for another number of signatures.
        """
        return build(self.format.read(self.cards.complete(signatures), self.definitions), self.attachments)
