"""What an authority's status lists are for, and how many bits an entry of each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vc.cards.formats import TOKEN
from vc.problems import Problem, ProblemError
from vc.status import status_entry, status_reference

__all__ = ["KINDS", "PURPOSES", "TOKEN", "ListKind", "StatusMessages", "entry_at", "list_url"]

PURPOSES = ("revocation", "suspension")
"""The purposes of which every card has an entry."""


@dataclass(frozen=True, slots=True)
class ListKind:
    """The lists of one purpose. ``bits`` is an entry's size, ``final`` whether a status that was set stays set."""

    bits: int = 1
    final: bool = False


KINDS: Mapping[str, ListKind] = {
    "revocation": ListKind(final=True),
    "suspension": ListKind(),
    "refresh": ListKind(final=True),
    "message": ListKind(bits=2),
    TOKEN: ListKind(bits=2),
}
"""Purpose -> its lists. How many bits a message has is said by its texts (``StatusMessages``)."""


@dataclass(frozen=True, slots=True)
class StatusMessages:
    """The messages that a ``message`` status can have, in the order of the values; 0 is what it has at first.

    The number of messages is a power of two, 2 at least. ``reference`` is one or more URLs that explain them. Raises
    ProblemError (``status.malformed``).
    """

    texts: tuple[str, ...]
    reference: str | Sequence[str] | None = None

    def __post_init__(self) -> None:
        # Made once to be refused here, rather than when the first card is issued.
        if len(self.texts) < 2 or len(self.texts) & (len(self.texts) - 1):
            raise ProblemError(Problem("status.malformed", "the number of messages must be a power of two"))
        self.entry("https://issuer.example/status/message/1", 0)

    @property
    def bits(self) -> int:
        """The size of an entry."""
        return (len(self.texts) - 1).bit_length()

    def entry(self, url: str, position: int) -> dict[str, Any]:
        """A credential's status entry at ``position`` of the list ``url``."""
        return status_entry(url, position, "message", size=self.bits, messages=self.texts, reference=self.reference)


def list_url(base_url: str, purpose: str, number: int) -> str:
    """Where a list is found: ``<base>/status/revocation/1``."""
    return f"{base_url}/status/{purpose}/{number}"


def entry_at(url: str, purpose: str, position: int, messages: StatusMessages | None = None) -> dict[str, Any]:
    """What a credential says of its status: a ``credentialStatus`` entry, or a ``status`` claim for the purpose token.

    Raises ProblemError, for the purpose message without ``messages``, too.
    """
    if purpose == TOKEN:
        return status_reference(url, position)
    if purpose != "message":
        return status_entry(url, position, purpose)
    if messages is None:
        raise ProblemError(Problem("status.malformed", "there are no messages to choose from"))
    return messages.entry(url, position)
