"""A wallet of format 1, where a card's record had a member for its SD-JWT VC, is brought to the table of forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from holder import Wallet, vault
from holder.database import transaction

from .conftest import PIN, PORTRAIT, Clock, as_sd_jwt, household_page, identity_card, issued, request

SD_JWT = "dc+sd-jwt"


def to_format_1(wallet: Wallet) -> None:
    """Undo the table of forms."""
    kept = wallet._vault
    with transaction(kept.connection) as connection:
        for card_id, sealed in connection.execute("SELECT id, sealed FROM cards").fetchall():
            record = json.loads(kept.unseal(sealed, f"cards/{card_id}"))
            forms = record.pop("forms", {})
            if forms:
                record["sdJwt"] = forms[SD_JWT]
            again = kept.seal(json.dumps(record).encode(), f"cards/{card_id}")
            connection.execute("UPDATE cards SET sealed = ? WHERE id = ?", (again, card_id))
        connection.execute("UPDATE wallet SET format = 1")


def format_of(wallet: Wallet) -> int:
    (number,) = wallet._vault.connection.execute("SELECT format FROM wallet").fetchone()
    return int(number)


@pytest.fixture
def before(wallet: Wallet) -> list[dict[str, str]]:
    """The forms of the cards of a wallet that has format 1 again."""
    card, plain = issued(identity_card(), wallet.did), issued(household_page(), wallet.did)
    wallet.add(card, [PORTRAIT], forms={SD_JWT: as_sd_jwt(card, wallet.did)})
    wallet.add(plain)
    forms = [dict(card.forms) for card in wallet.list()]
    to_format_1(wallet)
    return forms


def test_every_card_keeps_its_forms_and_is_shown_in_them(
    before: list[dict[str, str]], open_wallet: Callable[..., Wallet], clock: Clock
) -> None:
    with open_wallet() as again:
        assert format_of(again) == 2
        assert [card.forms for card in again.list()] == before
        assert before[0].keys() == {SD_JWT}
        wanted = request("hotel-check-in", clock, "min", envelope=SD_JWT)
        assert "sdJwts" in again.present(wanted, lambda _: True, pin=PIN).to_dict()
    with open_wallet() as once_more:
        assert [card.forms for card in once_more.list()] == before


def test_a_migration_that_is_broken_off_leaves_the_wallet_as_it_was(
    before: list[dict[str, str]], open_wallet: Callable[..., Wallet], wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate = vault._MIGRATIONS[2]

    def fail(opened: Any) -> None:
        migrate(opened)
        raise RuntimeError("the machine stops")

    monkeypatch.setitem(vault._MIGRATIONS, 2, fail)
    with pytest.raises(RuntimeError):
        open_wallet()
    assert format_of(wallet) == 1
    monkeypatch.setitem(vault._MIGRATIONS, 2, migrate)
    with open_wallet() as again:
        assert [card.forms for card in again.list()] == before
