"""What follows from what in the register, as data: an entry that another entry brings along.

Whoever changes the register (an import, a correction at the desk, the API) goes through ``issuer.import_rows``, which
asks here; so the same follows whichever way an entry came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .register import HEAD
from .tables import Household, Person

__all__ = ["CONSEQUENCES", "Consequence", "following"]


@dataclass(frozen=True, slots=True)
class Consequence:
    """The household of a person who is ``relationship`` in it has the person's ``facts``."""

    facts: tuple[str, ...]
    relationship: str


CONSEQUENCES = (
    # The booklet's first page shows where its head is registered.
    Consequence(("registered_division", "registered_address"), HEAD),
)


def following(person: Person) -> Iterator[tuple[Household, dict[str, Any]]]:
    """What a person's household has to say, given what the register says of the person."""
    if person.membership is None:
        return
    for consequence in CONSEQUENCES:
        if person.membership.relationship_to_head == consequence.relationship:
            yield person.membership.household, {fact: getattr(person, fact) for fact in consequence.facts}
