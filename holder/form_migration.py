"""What brings a wallet of format 1 to format 2: a card's record has a table of its forms, not a member for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .vault import Vault

__all__ = ["to_forms"]

_BEFORE = {"sdJwt": "dc+sd-jwt"}
"""Member of a record of format 1 -> the format's name."""


def to_forms(vault: Vault) -> None:
    """Rewrite every card's record, in the caller's transaction."""
    for card_id, sealed in vault.connection.execute("SELECT id, sealed FROM cards").fetchall():
        record = json.loads(vault.unseal(sealed, f"cards/{card_id}"))
        forms = {name: record.pop(member) for member, name in _BEFORE.items() if member in record}
        if forms:
            record["forms"] = forms
            again = vault.seal(json.dumps(record, ensure_ascii=False).encode(), f"cards/{card_id}")
            vault.connection.execute("UPDATE cards SET sealed = ? WHERE id = ?", (again, card_id))
