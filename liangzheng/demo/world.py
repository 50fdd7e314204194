"""Who takes part: two authorities, a phone, a hotel, an internet cafe and a property registry, and one clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import did
import vc
from holder import FileKeystore, Wallet
from issuer.authority import Authority, IssuedCard
from issuer.portraits import draw_portrait
from issuer.proofing import CodeDelivery
from issuer.synthetic import Population, generate, to_csv
from vc.cards import CARDS
from vc.cards.calendar import day_of
from vc.status import FileStatusSource, StatusChecker
from verifier import ReplayGuard, RequestBook, TrustList, Verifier, trust_list_credential

__all__ = ["PIN", "Clock", "Person", "World", "build"]

PIN = "503917"
SICHUAN, CHONGQING = "510000", "500000"


@dataclass
class Clock:
    """The one clock of the story. It can be moved, so that five minutes need no waiting."""

    moved: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def pass_seconds(self, seconds: int) -> None:
        """Let time go by."""
        self.moved += timedelta(seconds=seconds)


@dataclass
class Phone:
    """Text messages arrive here: one-time codes."""

    codes: dict[str, str] = field(default_factory=dict)

    def deliver(self, delivery: CodeDelivery) -> None:
        """Keep the newest code of an application."""
        self.codes[delivery.reference] = delivery.code


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the register: who the story is about."""

    name: str
    number: str


@dataclass
class World:
    """Everybody and everything in the story."""

    clock: Clock
    folder: Path
    phone: Phone
    population: Population
    sichuan: Authority
    chongqing: Authority
    person: Person
    wallet: Wallet
    trust: TrustList
    status: FileStatusSource

    def apply(self, **what: str) -> list[IssuedCard]:
        """Apply, prove who applies, prove the device, and put the cards into the wallet."""
        view = self.sichuan.apply(self.person.name, self.person.number, **what)
        view = self.sichuan.prove(view.reference, self.phone.codes[view.reference])
        proof = self.wallet.prove_possession(str(view.challenge), str(view.domain), pin=PIN)
        cards = self.sichuan.issue(view.reference, proof)
        for card in cards:
            self.wallet.add(card.document, card.attachments.values())
        return cards

    def publish(self) -> int:
        """Publish the status lists and carry them to the verifiers, as a daily download would. Returns how many."""
        lists = self.sichuan.publish(self.folder / "status")
        self.status.update([published.path for published in lists if published.path is not None])
        return len(lists)

    def verifier(self, name: str, region: str, domain: str) -> Verifier:
        """A verifier with its own key and its own database; it has no network."""
        database = self.folder / f"{domain}.db"
        return Verifier(
            did=did.generate("P-256").did,
            name=name,
            domain=domain,
            region=region,
            trust=self.trust,
            replay=ReplayGuard(database),
            requests=RequestBook(database),
            status=StatusChecker(self.status),
            clock=self.clock,
        )


@contextmanager
def build(folder: Path) -> Iterator[World]:
    """The world as it is before the story: registers made, nothing imported."""
    clock, phone = Clock(), Phone()
    today = day_of(clock())
    population = generate(600, seed="liangzheng demo", today=today)
    keys = {region: did.generate("P-256") for region in (SICHUAN, CHONGQING)}

    def authority(region: str, name: str, host: str) -> Authority:
        return Authority(
            folder / f"{region}.db",
            keys[region],
            name=name,
            region=region,
            base_url=f"https://{host}",
            channel=phone,
            clock=clock,
        )

    with (
        authority(SICHUAN, "四川省公安厅（示例）", "licences.sichuan.example") as sichuan,
        authority(CHONGQING, "重庆市公安局（示例）", "licences.chongqing.example") as chongqing,
    ):
        person = _somebody(population)
        keystore = FileKeystore(folder / "device" / "keystore.db", clock=clock)
        with Wallet.create(folder / "wallet" / "wallet.db", PIN, keystore, clock=clock) as wallet:
            trust = _trust_list([sichuan, chongqing], clock)
            yield World(clock, folder, phone, population, sichuan, chongqing, person, wallet, trust, FileStatusSource())


def import_registers(world: World) -> tuple[Any, Any]:
    """Both authorities import their people from CSV files; the person of the story gets a portrait."""
    reports = []
    for authority, encoding in ((world.sichuan, "utf-8"), (world.chongqing, "gb18030")):
        content = to_csv(world.population.register(authority.region), encoding=encoding)
        path = world.folder / f"people-{authority.region}.csv"
        path.write_bytes(content)
        reports.append(authority.import_file(path))
    number = world.person.number
    sex, birth_year = ("1" if int(number[16]) % 2 else "2"), int(number[6:10])
    portrait = draw_portrait(number, sex=sex, age=world.clock().year - birth_year)
    world.sichuan.set_portrait(number, portrait)
    return reports[0], reports[1]


def _somebody(population: Population) -> Person:
    """An adult head of household of Sichuan who also has a residence permit of Sichuan: all cards are due."""
    for row in population.register(SICHUAN):
        due = row.get("residence_permit_number") and row.get("relationship_to_head") == "02"
        if due and row.get("household_number") and _adult(row):
            return Person(str(row["name"]), str(row["citizen_identity_number"]))
    raise LookupError("the synthetic register has nobody with all cards")


def _adult(row: Mapping[str, Any]) -> bool:
    return int(str(row["citizen_identity_number"])[6:10]) < datetime.now(UTC).year - 25


def _trust_list(authorities: list[Authority], clock: Clock) -> TrustList:
    """Both authorities are trusted with every card for their own province, by an anchor that verifiers know."""
    anchor = did.generate("P-256")
    now = clock()
    unsigned = trust_list_credential(
        issuer=anchor.did,
        issuers=[
            {"did": one.did, "name": one.name, "cardType": sorted(CARDS), "region": [one.region]} for one in authorities
        ],
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=30),
    )
    signed = vc.issue(unsigned, anchor, cryptosuite="ecdsa-rdfc-2019")
    return TrustList.load(signed, anchors=[anchor.did], now=now)
