"""The source text of ``vc/cards/models.py``: one typed dataclass for each card and each kind of node."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping

from .definition import CardDefinition, ClaimDefinition, FieldDefinition

__all__ = ["attribute", "class_name", "models_source"]

_HEAD = '''"""Typed models of the cards and their nodes, made by ``python -m vc.cards.generate`` from the definitions.

Attributes are the claims in snake_case; codes are the codes of the lists, derived claims are computed at issuance.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

__all__ = [
'''

_PYTHON = {
    "string": "str",
    "multibase": "str",
    "yearMonth": "str",
    "date": "datetime.date",
    "boolean": "bool",
    "integer": "int",
}


def attribute(term: str) -> str:
    """The Python attribute of a term: ``cardValidFrom`` -> ``card_valid_from``, ``from`` -> ``from_``."""
    name = re.sub(r"(?<=[a-z])([A-Z0-9]+)", lambda match: "_" + match.group(1), term).lower()
    name = re.sub(r"(\d)([a-z])", r"\1_\2", name)
    return name + "_" if keyword.iskeyword(name) else name


def class_name(card: CardDefinition) -> str:
    """The Python class of a card: its type without ``Credential``."""
    return card.type.removesuffix("Credential")


def models_source(cards: Mapping[str, CardDefinition]) -> str:
    """The whole module as text."""
    ordered = sorted(cards.values(), key=lambda card: card.licence_type_code)
    nodes = {claim.node: claim for card in ordered for claim in card.claims.values() if claim.node}
    names = sorted([class_name(card) for card in ordered] + [name for name in nodes if name])
    parts = [_HEAD + "".join(f'    "{name}",\n' for name in names) + "]\n"]
    for name in sorted(nodes):
        first = nodes[name]
        parts.append("\n".join(_dataclass(name, f"A node of type {name}.", first.fields)))
    for card in ordered:
        fields = [claim for claim in card.claims.values() if claim.derive is None]
        about = f"{card.title.zh} · {card.title.en} (``{card.type}``)."
        parts.append("\n".join(_dataclass(class_name(card), about, fields)))
    return "\n\n".join(parts)


def _dataclass(name: str, about: str, fields: Iterable[FieldDefinition]) -> Iterator[str]:
    yield f'@dataclass(frozen=True, slots=True, kw_only=True)\nclass {name}:\n    """{about}"""\n'
    for field in fields:
        kind = _kind(field)
        if field.required:
            yield f"    {attribute(field.term)}: {kind}"
        elif isinstance(field, ClaimDefinition) and field.many:
            yield f"    {attribute(field.term)}: {kind} = ()"
        else:
            yield f"    {attribute(field.term)}: {kind} | None = None"
    yield ""


def _kind(field: FieldDefinition) -> str:
    kind = field.node if isinstance(field, ClaimDefinition) and field.node else _PYTHON[field.datatype]
    return f"tuple[{kind}, ...]" if isinstance(field, ClaimDefinition) and field.many else kind
