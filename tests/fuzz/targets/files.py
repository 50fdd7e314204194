"""Files: tables to import, card files, key files, wallets and their keystores."""

from __future__ import annotations

import io
import random
import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path

import did
from did.key_files import Argon2id, decrypt, encrypt
from holder import FileKeystore, Wallet
from holder.card_files import read_card_files
from holder.errors import HolderError
from issuer.errors import ImportFileError
from issuer.imports import read_people
from vc.problems import ProblemError

from .. import mutators, world
from ..target import CORPUS, Target, Violation, refused

PIN = "831702"
_COST = Argon2id(memory=19 * 1024, passes=2, lanes=1)
_PASSWORD = "synthetic"


@refused(ImportFileError)
def _table(data: bytes) -> None:
    parsed = read_people(data, today=date(2026, 6, 1))
    for problem in parsed.problems:
        if not problem.zh or not problem.en:
            raise Violation("a row is refused without a reason")


@refused(ProblemError)
def _card_file(data: bytes) -> None:
    read_card_files(data)


@refused(did.KeyFileError)
def _key_file(data: bytes) -> None:
    key = decrypt(data, _PASSWORD)
    if key.public_key != _key().public_key:
        raise Violation("a changed key file opens, with another key")


@lru_cache(maxsize=1)
def _key() -> did.SoftwareKey:
    return did.SoftwareKey.from_seed("Ed25519", b"the key in the file of the corpus")


@refused(HolderError)
def _wallet(data: bytes) -> None:
    """A changed wallet beside the keystore it belongs to."""
    _open(data, (CORPUS / "keystore" / "valid-keystore.db").read_bytes())


@refused(HolderError)
def _keystore(data: bytes) -> None:
    """A changed keystore beside its wallet."""
    _open((CORPUS / "wallet" / "valid-wallet.db").read_bytes(), data)


def _open(wallet: bytes, keystore: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place, beside = Path(folder, "wallet.db"), Path(folder, "device.keystore")
        place.write_bytes(wallet)
        beside.write_bytes(keystore)
        with Wallet.open(place, PIN, FileKeystore(beside, clock=lambda: world.NOW), clock=lambda: world.NOW) as opened:
            for card in opened.list():
                opened.show(card.id)
                opened.attachments(card.id)
            opened.log.entries()
            opened.log.check()


TARGETS = (
    Target("table", mutators.workbook, _table),
    Target("card-file", mutators.json_document, _card_file),
    Target("key-file", mutators.compact, _key_file),
    Target("wallet", mutators.database, _wallet),
    Target("keystore", mutators.database, _keystore),
)


def seeds() -> dict[str, dict[str, bytes]]:
    """A CSV in both encodings, a workbook, a card file, a key file, a wallet and its keystore."""
    import openpyxl

    rows = [
        ["公民身份号码", "姓名", "民族", "户籍行政区划", "户籍住址", "登记日期", "联系电话"],
        [world.PERSON_NUMBER, "王小明", "汉", "510104", "四川省成都市锦江区示例路1号", "2012-02-01", "13800000001"],
    ]
    csv = "".join(",".join(row) + "\r\n" for row in rows)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A4:B5")
    out = io.BytesIO()
    book.save(out)
    card = world.signed_card()
    drawn = random.Random("the wallet of the corpus")
    with tempfile.TemporaryDirectory() as folder:
        place, beside = Path(folder, "wallet.db"), Path(folder, "device.keystore")
        keystore = FileKeystore(beside, clock=lambda: world.NOW, random=drawn.randbytes)
        with Wallet.create(place, PIN, keystore, cost=_COST, clock=lambda: world.NOW, random=drawn.randbytes) as made:
            made.add(world.signed_card(device=made.did), [world.PORTRAIT])
        files = {
            "wallet": {"valid-wallet.db": place.read_bytes()},
            "keystore": {"valid-keystore.db": beside.read_bytes()},
        }
    return {
        "table": {
            "valid-utf-8.csv": csv.encode(),
            "valid-gb18030.csv": csv.encode("gb18030"),
            "valid-workbook.xlsx": out.getvalue(),
        },
        "card-file": {"valid-card.json": mutators.dumps({"cards": [{"credential": card, "attachments": {}}]})},
        "key-file": {"valid-key.jwe": encrypt(_key(), _PASSWORD, kdf=_COST)},
        **files,
    }
