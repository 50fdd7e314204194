"""Databases, a clock that tests own, and an authority with a family in its register."""

from __future__ import annotations

import csv
import io
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

import did
import vc
from issuer.authority import Authority, IssuedCard
from issuer.proofing import CodeDelivery
from vc.cards.identifiers import identity_check_character

POSTGRES = os.environ.get("LIANGZHENG_TEST_POSTGRES")
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4


@dataclass
class OwnClock:
    """A clock that moves when a test moves it."""

    now: datetime = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Outbox:
    """Keeps one-time codes instead of sending them."""

    sent: list[CodeDelivery] = field(default_factory=list)

    def deliver(self, delivery: CodeDelivery) -> None:
        self.sent.append(delivery)


def number(birth: str, sequence: int, division: str = "510199") -> str:
    """A synthetic citizen identity number with a right check character."""
    digits = f"{division}{birth}{sequence:03d}"
    return digits + identity_check_character(digits)


ZHANG_WEI = number("19850214", 11)
LI_NA = number("19870630", 22)
ZHANG_XIAOMING = number("20120101", 13)

_AGENCY = {"签发机关": "成都市公安局锦江区分局", "签发机关行政区划": "510104"}
_HOUSEHOLD = {
    "户号": "510104000001",
    "户别": "家庭户",
    "户口登记机关": "成都市公安局锦江区分局春熙路派出所",
    "户口登记机关行政区划": "510104",
    "户口簿签发日期": "2019-01-01",
}
_HOME = {"民族": "汉", "户籍行政区划": "510104", "户籍住址": "四川省成都市锦江区示例路1号", "登记日期": "2012-02-01"}

FAMILY: list[dict[str, str]] = [
    {"公民身份号码": ZHANG_WEI, "姓名": "张伟", **_HOME, **_HOUSEHOLD, "与户主关系": "户主", "联系电话": "13800000001",
     **_AGENCY, "证件有效期起": "2020-05-01", "证件有效期止": "2040-05-01"},
    {"公民身份号码": LI_NA, "姓名": "李娜", **_HOME, **_HOUSEHOLD, "与户主关系": "妻", "联系电话": "13800000002",
     **_AGENCY, "证件有效期起": "2020-05-01", "证件有效期止": "2040-05-01",
     "居住证编号": "JZ0001", "居住地行政区划": "510107", "居住地住址": "四川省成都市武侯区示例街2号",
     "居住证签发机关": "成都市公安局武侯区分局", "居住证签发机关行政区划": "510107",
     "居住证签发日期": "2025-06-01", "签注日期": "2025-06-01", "签注有效期至": "2026-05-31"},
    {"公民身份号码": ZHANG_XIAOMING, "姓名": "张小明", **_HOME, **_HOUSEHOLD, "与户主关系": "长子"},
]  # fmt: skip

LICENCES: dict[str, str] = {
    "nationality": "中国", "first_issue_date": "2015-06-18", "driving_classes": "C1、D",
    "driving_valid_from": "2021-06-18", "driving_valid_until": "2031-06-18", "file_number": "510100123456",
    "driving_issuing_agency": "成都市公安局交通警察支队", "driving_issuing_agency_division": "510100",
    "plate_number": "川A·F1234", "vehicle_type": "小型轿车", "owner_name": "张伟", "owner_address": "示例路1号",
    "use_character": "非营运", "brand_model": "示例牌 SL7150", "vehicle_identification_number": "LSVAA49J132047371",
    "engine_number": "E2047371", "vehicle_registration_date": "2019-08-09", "vehicle_issue_date": "2019-08-12",
    "inspection_valid_until": "2027-08", "vehicle_issuing_agency": "成都市公安局交通警察支队",
    "vehicle_issuing_agency_division": "510100",
    "guard_certificate_number": "川A2019000321", "guard_issuing_agency": "成都市公安局",
    "guard_issuing_agency_division": "510100", "guard_issue_date": "2019-05-20", "guard_employer": "示例保安公司",
    "blasting_permit_number": "5100001234567", "operator_category": "爆破员", "blasting_employer": "示例爆破公司",
    "blasting_issuing_agency": "成都市公安局", "blasting_issuing_agency_division": "510100",
    "blasting_valid_from": "2025-03-01", "blasting_valid_until": "2028-02-28",
}  # fmt: skip
"""What other departments hold on somebody: the facts of the four cards that the population register has none of."""


def to_csv(rows: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    """Rows (header -> text) as a CSV file."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


@dataclass
class World:
    """An authority, its clock and outbox, and short ways to get things done in tests."""

    authority: Authority
    clock: OwnClock
    outbox: Outbox
    url: str

    zhang_wei = ZHANG_WEI
    li_na = LI_NA
    zhang_xiaoming = ZHANG_XIAOMING
    jpeg = JPEG
    number = staticmethod(number)
    to_csv = staticmethod(to_csv)

    @property
    def family(self) -> list[dict[str, str]]:
        """The rows of the family: a head, his wife (who has a residence permit), their son."""
        return [dict(row) for row in FAMILY]

    def license_li_na(self) -> None:
        """Give Li Na, who has every card of the population register, the facts of all other cards, too."""
        report = self.import_rows({"citizen_identity_number": LI_NA, "name": "李娜", **LICENCES})
        assert (report.updated, report.problems) == (1, [])

    def import_rows(self, *rows: dict[str, str]) -> Any:
        return self.authority.import_file(to_csv(list(rows)))

    def proved(self, name: str, citizen_number: str, **selection: str) -> Any:
        """A proved application, with the device's challenge."""
        application = self.authority.apply(name, citizen_number, **selection)
        return self.authority.prove(application.reference, self.outbox.sent[-1].code)

    def possession(self, application: Any, device: did.SoftwareKey) -> dict[str, Any]:
        return vc.present([], device, challenge=application.challenge, domain=application.domain, now=self.clock.now)

    def issue(
        self,
        device: did.SoftwareKey,
        name: str = "张伟",
        citizen_number: str = ZHANG_WEI,
        *,
        envelopes: Sequence[str] = (),
        **selection: str,
    ) -> list[IssuedCard]:
        application = self.proved(name, citizen_number, **(selection or {"kind": "resident-identity-card"}))
        return self.authority.issue(application.reference, self.possession(application, device), envelopes=envelopes)

    def collect(self, view: Any, device: did.SoftwareKey) -> list[IssuedCard]:
        """The cards of an offer for a device, with the code that went to the registered phone if it needs one."""
        asked = self.authority.offers.ask(view.reference, device.did)
        code = self.outbox.sent[-1].code if asked.sent else None
        fresh = self.authority.challenge(view.reference)
        return self.authority.issue(view.reference, self.possession(fresh, device), code=code)

    def bits(self) -> dict[str, set[int]]:
        """What is set in the published lists, by URL."""
        from vc.status import StatusList

        found = {}
        for published in self.authority.publish():
            bits = StatusList.decode(published.document["credentialSubject"]["encodedList"])
            found[published.url] = {index for index, _ in bits.items()}
        return found


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A fresh PostgreSQL database."""
    if POSTGRES is None:
        pytest.skip("LIANGZHENG_TEST_POSTGRES is not set: no PostgreSQL server to test with")
    name = f"liangzheng_{uuid.uuid4().hex}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture(scope="session")
def authority_key() -> did.SoftwareKey:
    return did.SoftwareKey.from_seed("P-256", b"the authority of the issuer's tests")


@pytest.fixture
def device() -> did.SoftwareKey:
    return did.generate("P-256")


@pytest.fixture
def make_world(tmp_path: Path, authority_key: did.SoftwareKey) -> Iterator[Callable[..., World]]:
    """Makes authorities; each is closed at the end."""
    made: list[World] = []

    def make(url: str | None = None, **options: Any) -> World:
        clock, outbox = OwnClock(), Outbox()
        url = url or f"sqlite:///{tmp_path / 'register.db'}"
        settings = {"name": "四川省公安厅", "region": "510000", "base_url": "https://sichuan.example/", **options}
        authority = Authority(url, settings.pop("signer", authority_key), channel=outbox, clock=clock, **settings)
        made.append(World(authority, clock, outbox, url))
        return made[-1]

    yield make
    for world in made:
        world.authority.close()


@pytest.fixture
def world(make_world: Callable[..., World], database_url: str) -> World:
    """An authority on each kind of database, with a family of three in the register."""
    made = make_world(database_url)
    made.import_rows(*FAMILY)
    for person in (ZHANG_WEI, LI_NA):
        made.authority.set_portrait(person, JPEG)
    return made


@pytest.fixture
def lite(make_world: Callable[..., World]) -> World:
    """The same on SQLite only, for what does not depend on the database."""
    made = make_world()
    made.import_rows(*FAMILY)
    for person in (ZHANG_WEI, LI_NA):
        made.authority.set_portrait(person, JPEG)
    return made
