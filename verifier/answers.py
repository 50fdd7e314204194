"""An answer to a request: the message, and its cards as their format reads them. All formats are judged alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from vc.cards import CARDS, CardSet
from vc.cards import message as messages
from vc.cards.formats import ShownCards
from vc.cards.message import Message

__all__ = ["Answer", "credentials_of", "read_answer"]


class Answer(NamedTuple):
    """An answer that was read. Nothing of it is verified.

    ``message`` has the cards as JSON-LD credentials, and the attachments: what lists, scenarios and screens read.
    """

    message: Message
    cards: ShownCards


def read_answer(message: bytes | str | Mapping[str, Any] | Message, cards: CardSet = CARDS) -> Answer:
    """Read a message (untrusted) of any format. Raises ProblemError."""
    read = message if isinstance(message, Message) else messages.read(message, cards)
    return Answer(read, read.shown(cards))


def credentials_of(message: Message) -> list[dict[str, Any]]:
    """The credentials of a message that have the form of one."""
    value = message.presentation.get("verifiableCredential")
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
