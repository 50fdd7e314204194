"""The way of a card as SD-JWT VC through all three roles: issued, kept, shown, accepted, revoked, refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from holder import FileKeystore, Wallet
from liangzheng.cli import cli
from liangzheng.demo.world import PIN, World, build
from vc import qr
from vc.scenarios.answer import read
from verifier import Verifier

SD_JWT = "dc+sd-jwt"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with build(tmp_path) as made:
        made.sichuan.import_file(made.population.csv())
        yield made


def cards_in_both_forms(world: World) -> list[Any]:
    view = world.sichuan.apply(world.person.name, world.person.number, department="population")
    view = world.sichuan.prove(view.reference, world.phone.codes[view.reference])
    proof = world.wallet.prove_possession(str(view.challenge), str(view.domain), pin=PIN)
    cards = world.sichuan.issue(view.reference, proof, envelopes=[SD_JWT])
    for card in cards:
        world.wallet.add(card.document, card.attachments.values(), sd_jwt=card.envelopes[SD_JWT])
    return cards
