"""The three web applications with a made-up register, on loopback: what ``liangzheng serve all`` starts.

Everything is kept in one folder, so that a restart goes on where it was: the authority's register and key, the wallets,
the counter. It is a demonstration: the key's password lies beside the key, and one-time codes are shown on a page.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import did
import vc
from did.fetcher import Fetcher
from did.private_files import private_folder
from holder.web import create_app as create_wallet
from issuer.authority import Authority
from issuer.environment import system_clock
from issuer.officers import Officers, Role
from issuer.portraits import draw_portrait
from issuer.status_http import publishing
from issuer.status_publisher import StatusPublisher
from issuer.synthetic import generate, to_csv
from issuer.web import Messages
from issuer.web import create_app as create_portal
from vc.cards.calendar import day_of
from verifier import Home, Settings, trust_list_credential
from verifier.web import create_app as create_counter
from webshell import FileSessions

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Applications", "open_applications"]

REGION = "510000"
_PEOPLE = 240
_TRUST_DAYS = 90


@dataclass(frozen=True)
class Applications:
    """The applications and where they are to be served: name -> application. ``accounts`` is a file for officers."""

    portal: web.Application
    wallet: web.Application
    counter: web.Application
    somebody: tuple[str, str]
    accounts: Path


@contextmanager
def open_applications(
    home: Path,
    origins: Mapping[str, str],
    *,
    signer: did.Signer | None = None,
    clock: Callable[[], datetime] = system_clock,
) -> Iterator[Applications]:
    """The applications kept in ``home`` (made on the first start), for ``origins``: issuer, holder and verifier.

    ``signer`` is the authority's key, such as one in a token; by default one is made and kept in ``home``. ``clock`` is
    the time for all three. Raises OSError, and issuer.errors.RegisterError when the folder was made for
    other origins.
    """
    private_folder(home)
    messages = Messages()
    sessions = FileSessions(home / "issuer-sessions.db")
    try:
        with _authority(home / "issuer", origins["issuer"], messages, clock, signer) as authority:
            somebody = _people(authority, home / "somebody.txt")
            accounts = _officers(authority, home / "officers.txt")
            counter_home = _counter(home / "verifier", origins["verifier"], authority, clock())
            portal = create_portal(
                authority, secret=_secret(home / "issuer-secret"), sessions=sessions, messages=messages
            )
            portal.cleanup_ctx.append(publishing(StatusPublisher(authority.status_lists)))
            yield Applications(
                portal=portal,
                wallet=create_wallet(
                    home / "holder", origin=origins["holder"], secret=_secret(home / "holder-secret"), clock=clock
                ),
                counter=create_counter(
                    counter_home,
                    origin=origins["verifier"],
                    fetcher=Fetcher(allow_loopback=True, clock=lambda: clock().timestamp()),
                    clock=clock,
                ),
                somebody=somebody,
                accounts=accounts,
            )
    finally:
        sessions.close()


def _authority(
    home: Path, origin: str, messages: Messages, clock: Callable[[], datetime], signer: did.Signer | None
) -> Authority:
    private_folder(home)
    if signer is None:
        key_file, password = home / "authority.key", _secret(home / "password").hex()
        if not key_file.exists():
            did.save(did.generate("P-256"), key_file, password)
        signer = did.load(key_file, password)
    return Authority(
        home / "register.db",
        signer,
        name="四川省公安厅（示例）",
        region=REGION,
        base_url=origin,
        channel=messages,
        clock=clock,
    )


def _people(authority: Authority, kept: Path) -> tuple[str, str]:
    """Import made-up people on the first start; returns name and number of one who can claim every card.

    Who that is stays in ``kept``: on another day others would be made up.
    """
    if not kept.exists():
        today = day_of(authority.clock())
        rows = list(generate(_PEOPLE, seed="liangzheng serve", today=today).register(REGION))
        authority.import_file(to_csv(rows))
        for row in rows:
            number = str(row["citizen_identity_number"])
            sex = "1" if int(number[16]) % 2 else "2"
            authority.set_portrait(number, draw_portrait(number, sex=sex, age=today.year - int(number[6:10])))
        partners = (row for row in rows if row.get("relationship_to_head") == "02")
        chosen = next((row for row in partners if row.get("residence_permit_number")), None)
        if chosen is None:
            raise LookupError("nobody has every card")
        licences = _other_licences(str(chosen["name"]), str(chosen["citizen_identity_number"]), today)
        if authority.import_file(licences).updated != 1:
            raise LookupError("the other licences were not imported")
        _write_private(kept, f"{chosen['name']} {chosen['citizen_identity_number']}\n".encode())
    name, _, number = kept.read_text(encoding="utf-8").strip().rpartition(" ")
    return name, number


def _other_licences(name: str, number: str, today: date) -> bytes:
    """A file with the facts of the four cards that the synthetic population has none of, for one person."""

    def day(years: int) -> str:
        return date(today.year + years, 1, 15).isoformat()

    agency, division = "成都市公安局", "510100"
    facts = {
        "citizen_identity_number": number,
        "name": name,
        "nationality": "中国",
        "first_issue_date": day(-6),
        "driving_classes": "C1",
        "driving_valid_from": day(-1),
        "driving_valid_until": day(9),
        "driving_issuing_agency": f"{agency}交通警察支队",
        "driving_issuing_agency_division": division,
        "plate_number": "川A·S0000",
        "vehicle_type": "小型轿车",
        "owner_name": name,
        "owner_address": "示例路1号",
        "use_character": "非营运",
        "brand_model": "示例牌 SL1000",
        "vehicle_identification_number": "LZZ00000000000001",
        "engine_number": "E0000001",
        "vehicle_registration_date": day(-3),
        "vehicle_issue_date": day(-3),
        "inspection_valid_until": day(1)[:7],
        "vehicle_issuing_agency": f"{agency}交通警察支队",
        "vehicle_issuing_agency_division": division,
        "guard_certificate_number": "川A0000000001",
        "guard_issuing_agency": agency,
        "guard_issuing_agency_division": division,
        "guard_issue_date": day(-2),
        "guard_employer": "示例保安公司",
        "blasting_permit_number": "5100000000001",
        "operator_category": "爆破员",
        "blasting_employer": "示例爆破公司",
        "blasting_issuing_agency": agency,
        "blasting_issuing_agency_division": division,
        "blasting_valid_from": day(-1),
        "blasting_valid_until": day(2),
    }
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(facts), list(facts.values())])
    return text.getvalue().encode()


def _officers(authority: Authority, accounts: Path) -> Path:
    """One officer of each role on the first start; their passwords are written to ``accounts``."""
    if not accounts.exists():
        officers = Officers(authority)
        lines = []
        for role, name in ((Role.CLERK, "示例民警"), (Role.SUPERVISOR, "示例主管"), (Role.AUDITOR, "示例审计员")):
            password = secrets.token_urlsafe(12)
            officers.add(role.value, name, role, password)
            lines.append(f"{role.value} {password}\n")
        _write_private(accounts, "".join(lines).encode())
    return accounts


def _counter(home: Path, origin: str, authority: Authority, now: datetime) -> Home:
    """A counter of a hotel in Chongqing that trusts the authority, by a list signed on the first start."""
    kept = Home(home)
    if not (home / "settings.json").exists():
        anchor = did.generate("P-256")
        kept.write_settings(Settings(did.generate("P-256").did, "重庆示例旅馆", origin, "500000", (anchor.did,)))
        unsigned = trust_list_credential(
            issuer=anchor.did,
            issuers=[
                {
                    "did": authority.did,
                    "name": authority.name,
                    "cardType": sorted(authority.cards),
                    "region": [authority.region],
                }
            ],
            valid_from=now - timedelta(days=1),
            valid_until=now + timedelta(days=_TRUST_DAYS),
        )
        kept.trust(kept.resolver()).install(json.dumps(vc.issue(unsigned, anchor, now=now)).encode(), now)
    return kept


def _secret(path: Path) -> bytes:
    """32 random bytes kept in a file that only its owner reads."""
    if not path.exists():
        _write_private(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)
