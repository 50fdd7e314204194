"""What the cards' rules say of dates, by the register's facts: which follow which, and which day ends a validity.

They come from the card definitions, so that a new card brings its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from vc.cards.definition import CARDS, CardDefinition, CardSet

__all__ = ["dates_in_order", "long_term_flags"]


@cache
def dates_in_order(cards: CardSet = CARDS) -> tuple[tuple[str, ...], ...]:
    """Facts whose dates do not run backwards."""
    found: dict[tuple[str, ...], None] = {}
    for card in cards.values():
        facts = _facts_by_path(card)
        for rule in card.rules:
            match rule["rule"]:
                case "inOrder":
                    paths = rule["dates"]
                case "untilOrLongTerm":
                    paths = (rule["from"], rule["until"])
                case "validityByAge":
                    paths = (rule["birthDate"], rule["from"], rule["until"])
                case _:
                    continue
            found[tuple(facts[path] for path in paths if path in facts)] = None
    return tuple(found)


@cache
def long_term_flags(cards: CardSet = CARDS) -> Mapping[str, str]:
    """The fact of a card's last day -> the fact that says 长期 in its place. One of the two stands, never both."""
    found = {}
    for card in cards.values():
        facts = _facts_by_path(card)
        for rule in card.rules:
            if rule["rule"] == "untilOrLongTerm" and facts.keys() >= {rule["until"], rule["longTerm"]}:
                found[facts[rule["until"]]] = facts[rule["longTerm"]]
    return found


def _facts_by_path(card: CardDefinition) -> dict[str, str]:
    """Claim (``cardValidUntil``) or member of a node (``endorsement/endorsedUntil``) -> the fact that it states."""
    found: dict[str, str] = {}
    for claim in card.claims.values():
        if isinstance(claim.source, str):
            found[claim.term] = claim.source
        elif claim.source is not None:
            found |= {f"{claim.term}/{field}": fact for field, fact in claim.source.items()}
    return found
